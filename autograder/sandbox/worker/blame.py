"""Says when an exception is not the student's fault, but the suite's or the sandbox's.

Support code works with what the student's code gives it, so an exception there can be either's.
With a line of the student in the traceback it is the student's. Without one it is the suite's

- for certain, if no value can cause it: a name, a module or an attribute of a module that is not
  there, used in the support code itself;
- otherwise, if none of the student's objects was among what the support code was called with.

In all other cases the student's object is to blame, as a `forward` is that returns None, and so is
a student who replaced a module.
"""

import contextlib
import re
import sys
import traceback
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

from autograder.sandbox.worker.items import name_of
from autograder.sandbox.worker.kinds import KINDS

SUPPORT_FILE = "<support {}>"
SUPPORT = re.compile(r"<support (.+)>")
CELL = re.compile(r"<cell \d+>")
LIBRARY = re.compile(r"[/\\](?:site|dist)-packages[/\\](?!IPython)")
NO_ATTRIBUTE = re.compile(r"(?:partially initialized )?module '[\w.]+' has no attribute")
PLAIN = (type(None), bool, int, float, complex, str, bytes, slice, ModuleType)
MAX_DEPTH = 3

Frames = list[tuple[FrameType, int]]


def blame(error: BaseException) -> dict[str, Any]:
    """Return "support", a line of support code at fault, and "refused", as far as they apply."""
    frames = list(traceback.walk_tb(error.__traceback__))
    found: dict[str, Any] = {}
    with contextlib.suppress(Exception):  # of a hostile object among the parameters
        if line := _support_line(error, frames):
            found["support"] = line
    if isinstance(error, PermissionError) and _is_in_library(frames):
        found["refused"] = True
    return found


def _support_line(error: BaseException, frames: Frames) -> dict[str, Any] | None:
    if isinstance(error, SyntaxError) and (match := SUPPORT.fullmatch(str(error.filename))):
        return {"file": match[1], "line": error.lineno or 0, "certain": True}
    files = [frame.f_code.co_filename for frame, _ in frames]
    inside = [index for index, file in enumerate(files) if SUPPORT.fullmatch(file)]
    if not inside or any(map(CELL.fullmatch, files)):
        return None
    if _imports_what_is_no_module(frames[inside[-1]][0]):
        return None
    certain = _is_certain(error, frames[inside[-1] + 1 :])
    if not certain and any(map(_is_foreign, _parameters(frames[inside[0]][0]))):
        return None
    match = SUPPORT.fullmatch(files[inside[-1]])
    assert match is not None
    return {"file": match[1], "line": frames[inside[-1]][1], "certain": certain}


def _imports_what_is_no_module(frame: FrameType) -> bool:
    """Say whether support code has imported something that the student put in a module's place."""
    modules = list(sys.modules.values())
    names = (value for value in frame.f_globals.values() if not isinstance(value, ModuleType))
    return any(value is module for value in names for module in modules if module is not None)


def _is_certain(error: BaseException, beyond: Frames) -> bool:
    """Say whether no value can have caused an exception; `beyond` are the frames called from it."""
    codes = [frame.f_code for frame, _ in beyond]
    if isinstance(error, AttributeError):  # torch has a function for what a module lacks
        return NO_ATTRIBUTE.match(str(error)) is not None and (
            isinstance(error.obj, ModuleType) or [code.co_name for code in codes] == ["__getattr__"]
        )
    importing = all(code.co_filename.startswith("<frozen importlib") for code in codes)
    return importing and isinstance(error, NameError | ImportError)


def _parameters(frame: FrameType) -> Iterator[Any]:
    """Yield what the function of a frame was called with."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)  # *args and **kwargs
    return (frame.f_locals.get(name) for name in code.co_varnames[:count])


def _is_foreign(value: Any, depth: int = 0) -> bool:
    """Say whether a value may be the student's object: neither plain data nor support code's."""
    kind = type(value)
    if kind in PLAIN or (hasattr(kind, "dtype") and hasattr(kind, "shape")) or depth > MAX_DEPTH:
        return False
    if kind in (list, tuple, set) or hasattr(kind, "_fields"):
        return any(_is_foreign(item, depth + 1) for item in value)
    if kind is dict:
        return any(_is_foreign(item, depth + 1) for item in value.values())
    if name_of(kind) in KINDS:
        return False
    if isinstance(value, type):
        return not _is_support(value)
    if hasattr(value, "__code__"):
        return SUPPORT.fullmatch(value.__code__.co_filename) is None
    if not _is_support(kind):
        return True
    return any(_is_foreign(item, depth + 1) for item in vars(value).values())


def _is_support(kind: type) -> bool:
    """Say whether support code defines a class."""
    codes = (getattr(member, "__code__", None) for member in vars(kind).values())
    return any(code is not None and SUPPORT.fullmatch(code.co_filename) for code in codes)


def _is_in_library(frames: Frames) -> bool:
    """Say whether a library, called by the student or not, raised an exception."""
    files = [frame.f_code.co_filename for frame, _ in frames]
    last = max((index for index, file in enumerate(files) if CELL.fullmatch(file)), default=-1)
    return any(map(LIBRARY.search, files[last + 1 :]))
