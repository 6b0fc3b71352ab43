"""Finds the line of a notebook's file that a line of a cell is in.

A notebook is JSON, and GitHub shows it line by line. One pass over its tokens takes the same time
for a file of any depth, and needs no valid JSON.
"""

import json
import re
from collections.abc import Sequence

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[\[\]{}]', re.DOTALL)  # a string, a key, a bracket
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CELLS = ["cells", None]  # a path in the document: keys of objects, None for lists
_SOURCE = ([*_CELLS, "source"], [*_CELLS, "source", None])
_TYPE = [*_CELLS, "cell_type"]

Lines = tuple[tuple[int, ...], ...]


def line_of(lines: Lines, cell: int, line: int) -> int:
    """Return the line of the file, 1 if it is not known.

    Args:
        lines: of the file, from `lines_of_cells`.
        cell: the number of a code cell, from 1.
        line: the number of a line in it, from 1.
    """
    if not 1 <= cell <= len(lines) or not lines[cell - 1]:
        return 1
    found = lines[cell - 1]
    return found[min(max(line, 1), len(found)) - 1]


def lines_of_cells(text: str) -> Lines:
    """Return, for each code cell of a notebook, the lines of the file in which its lines are."""
    cells: list[tuple[int, ...]] = []
    pieces: list[tuple[str, int]] = []  # strings of the current cell's source, and their lines
    kind = ""
    path: list[str | None] = []  # compared as a whole: lists of other lengths differ at once
    number, seen = 1, 0
    for token in _TOKEN.finditer(text):
        number += text.count("\n", seen, token.start())
        seen = token.start()
        string, colon = token.groups()
        if string is None and token[0] in "{[":
            if path == _CELLS:
                pieces, kind = [], ""
            path.append(None)
        elif string is None:
            del path[-1:]
            if kind == "code" and path == _CELLS:
                cells.append(_lines(pieces))
        elif colon:
            path[-1:] = [_string(string)]
        elif path in _SOURCE:
            pieces.append((_string(string), number))
        elif path == _TYPE:
            kind = _string(string)
    return tuple(cells)


def _string(word: str) -> str:
    """Return the value of a JSON string, "" if it is not valid."""
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return ""


def _lines(pieces: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """Return the line of the file for each line of a cell, given the strings of its source."""
    found: list[int] = []
    begins = True
    for text, number in pieces:
        for part in _LINE.findall(text.replace("\r\n", "\n").replace("\r", "\n")):
            if begins:
                found.append(number)
            begins = part.endswith("\n")
    return tuple(found)
