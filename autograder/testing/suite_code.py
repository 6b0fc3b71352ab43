"""Says whether code that is running belongs to a suite."""

import os
import re
from types import FrameType

LIBRARY = re.compile(r"[/\\](?:site|dist)-packages[/\\]")
STDLIB = os.path.dirname(os.__file__) + os.sep


def is_suite(frame: FrameType | None) -> bool:
    """Tell whether a frame, or the one that called Python's `abc`, runs code of a suite.

    That is code which belongs neither to Python, nor to a library, nor to the kit.
    """
    while frame is not None and frame.f_code.co_filename.startswith("<frozen "):
        frame = frame.f_back
    if frame is None:
        return False
    module, file = str(frame.f_globals.get("__name__")), frame.f_code.co_filename
    if module.startswith("autograder."):
        return module.startswith("autograder.suites.")
    return not (file.startswith(STDLIB) or LIBRARY.search(file))
