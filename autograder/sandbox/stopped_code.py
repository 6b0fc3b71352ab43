"""Finds out where code was when its time was used up: in a loop that may be endless, or not."""

import ast
import contextlib
import os
import re
import signal
import warnings
from collections.abc import Sequence

from autograder.sandbox.execution_errors import SourceLocation
from autograder.sandbox.warm_process import Child

WAIT_SECONDS = 5.0  # for the answer, which takes a moment on a busy machine
MAX_BYTES = 1 << 16
COMPLETE = re.compile(rb"in run_code\n|in _carry_out\n|in _run_module_as_main\n|  \.\.\.\n")
"""The end of what student code called, or of what is shown of a deep stack."""
ENDLESS_ITERATORS = {"count", "cycle", "repeat", "iter"}


def stopped_at(child: Child, cells: Sequence[str]) -> list[SourceLocation]:
    """Return the lines of the notebook that a child is at, innermost first.

    The child's interpreter writes its stack to the wire when it gets SIGUSR1. What a child says of
    itself is only shown to its author. After this, the wire can no longer be used.
    """
    text = b""
    with contextlib.suppress(OSError):
        os.kill(child.pid, signal.SIGUSR1)
        child.wire.settimeout(WAIT_SECONDS)
        while len(text) < MAX_BYTES and not COMPLETE.search(text):
            if not (part := child.wire.recv(1 << 12)):
                break
            text += part
    found = re.findall(r'File "<cell (\d{1,5})>", line (\d{1,6})', text.decode("utf-8", "replace"))
    return [
        SourceLocation(int(cell), int(line), _line(cells[int(cell) - 1], int(line)))
        for cell, line in found
        if 1 <= int(cell) <= len(cells)
    ]


def endless_loop(lines: Sequence[SourceLocation], cells: Sequence[str]) -> SourceLocation | None:
    """Return the outermost loop around the lines of a stack that need not end, None without one.

    Code in an endless loop is in it whenever it is stopped, unlike in what the loop calls.
    """
    found = (_loop_around(line, cells[line.cell - 1]) for line in reversed(lines))
    return next(filter(None, found), None)


def _loop_around(location: SourceLocation, cell: str) -> SourceLocation | None:
    loops = []
    with (
        contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        loops = [
            node.lineno
            for node in ast.walk(ast.parse(cell))
            if isinstance(node, ast.While | ast.For) and _may_be_endless(node)
            if node.lineno <= location.line <= (node.end_lineno or node.lineno)
        ]
    return SourceLocation(location.cell, min(loops), _line(cell, min(loops))) if loops else None


def _may_be_endless(loop: ast.While | ast.For) -> bool:
    if isinstance(loop, ast.While):
        return True
    called = loop.iter.func if isinstance(loop.iter, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in ENDLESS_ITERATORS


def _line(cell: str, number: int) -> str:
    lines = cell.splitlines()
    return lines[number - 1].strip()[:200] if 1 <= number <= len(lines) else ""
