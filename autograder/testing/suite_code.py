"""Looks at the code of a suite that is running: whether it is a suite's, and what it asks."""

import ast
import linecache
import os
import re
from types import FrameType
from typing import Any, get_args

LIBRARY = re.compile(r"[/\\](?:site|dist)-packages[/\\]")
STDLIB = os.path.dirname(os.__file__) + os.sep


def suite_frame(frame: FrameType | None) -> FrameType | None:
    """Return a frame, or the one that called Python's `abc`, if it runs code of a suite.

    That is code which belongs neither to Python, nor to a library, nor to the kit.
    """
    while frame is not None and frame.f_code.co_filename.startswith("<frozen "):
        frame = frame.f_back
    if frame is None:
        return None
    module, file = str(frame.f_globals.get("__name__")), frame.f_code.co_filename
    if module.startswith("autograder."):
        return frame if module.startswith("autograder.suites.") else None
    return None if file.startswith(STDLIB) or LIBRARY.search(file) else frame


def classes_asked(frame: FrameType) -> list[type]:
    """Return the classes in the call of `isinstance` that a frame is in, none if it is in none."""
    where = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    try:
        tree = ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
    except SyntaxError:
        return []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="isinstance"), args=[_, kinds]) if where == (
                node.lineno, node.end_lineno, node.col_offset, node.end_col_offset,
            ):  # fmt: skip
                code = compile(ast.Expression(kinds), "<isinstance>", "eval")
                return _flat(eval(code, frame.f_globals, frame.f_locals))  # noqa: S307 (the suite's own)
    return []


def _flat(kinds: Any) -> list[type]:
    if isinstance(kinds, type):
        return [kinds]
    parts = kinds if isinstance(kinds, tuple) else get_args(kinds)
    return [kind for part in parts for kind in _flat(part)]
