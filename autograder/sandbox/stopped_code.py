"""Finds out where code was when its time was used up: in a loop that may be endless, or not."""

import ast
import contextlib
import os
import re
import signal
import time
import warnings
from collections.abc import Sequence
from functools import lru_cache

from autograder.sandbox.execution_errors import SourceLocation, line_of
from autograder.sandbox.warm_process import Child

WAIT_SECONDS = 5.0  # for the answer, which takes a moment on a busy machine
MAX_BYTES = 1 << 16
MAX_CELL = 100_000  # characters of a cell in which loops are looked for
LONGEST_END = 32  # bytes that COMPLETE matches
COMPLETE = re.compile(rb"in run_code\n|in _carry_out\n|in _run_module_as_main\n|  \.\.\.\n")
"""The end of what student code called, or of what is shown of a deep stack."""
ENDLESS_ITERATORS = {"count", "cycle", "repeat", "iter"}

Line = tuple[int, int]
"""A cell and a line in it, both from 1."""


def stopped_at(child: Child, cells: Sequence[str]) -> list[Line]:
    """Return the lines of the notebook that a child is at, innermost first.

    The child's interpreter writes its stack to the wire when it gets SIGUSR1. What a child says of
    itself is only shown to its author. After this, the wire can no longer be used.
    """
    text = bytearray()
    deadline = time.monotonic() + WAIT_SECONDS
    searched = 0
    with contextlib.suppress(OSError):
        os.kill(child.pid, signal.SIGUSR1)
        while len(text) < MAX_BYTES and not COMPLETE.search(text, max(searched - LONGEST_END, 0)):
            searched = len(text)
            child.wire.settimeout(max(deadline - time.monotonic(), 0.001))
            if not (part := child.wire.recv(1 << 12)):
                break
            text += part
    found = re.findall(r'File "<cell (\d{1,5})>", line (\d{1,6})', text.decode("utf-8", "replace"))
    lines = dict.fromkeys((int(cell), int(line)) for cell, line in found)
    return [(cell, line) for cell, line in lines if 1 <= cell <= len(cells)]


def location(line: Line, cells: Sequence[str]) -> SourceLocation:
    """Return a line of the notebook with its text."""
    cell, number = line
    return SourceLocation(cell, number, line_of(cells[cell - 1], number))


def endless_loop(lines: Sequence[Line], cells: Sequence[str]) -> SourceLocation | None:
    """Return the outermost loop around the lines of a stack that need not end, None without one.

    Code in an endless loop is in it whenever it is stopped, unlike in what the loop calls.
    """
    for cell, line in reversed(lines):
        for first, last in _loops(cells[cell - 1]):
            if first <= line <= last:
                return location((cell, first), cells)
    return None


@lru_cache
def _loops(cell: str) -> list[tuple[int, int]]:
    """Return the first and last lines of the loops in a cell that need not end, in order."""
    if len(cell) > MAX_CELL:
        return []
    with (
        contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        return sorted(
            (node.lineno, node.end_lineno or node.lineno)
            for node in ast.walk(ast.parse(cell))
            if isinstance(node, ast.While | ast.For) and _may_be_endless(node)
        )
    return []


def _may_be_endless(loop: ast.While | ast.For) -> bool:
    if isinstance(loop, ast.While):
        return True
    called = loop.iter.func if isinstance(loop.iter, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in ENDLESS_ITERATORS
