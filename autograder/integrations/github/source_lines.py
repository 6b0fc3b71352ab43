"""Finds the line of a notebook's file in which a line of a cell stands.

A notebook is JSON, and services show it line by line. Only strings, brackets and commas are
looked at, in one pass: a file of any depth and size takes no more than that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CELL = ("cells", None)  # a place in the document: keys of objects, None for elements of lists
_SOURCE = (*_CELL, "source")
_TYPE = (*_CELL, "cell_type")

Lines = tuple[tuple[int, ...], ...]


def line_of(lines: Lines, cell: int, line: int) -> int:
    """Return the line of the file, 1 where nothing is known.

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
    """Return, for each code cell of a notebook, the lines of the file in which its lines stand."""
    cells: list[tuple[int, ...]] = []
    pieces: list[tuple[str, int]] = []  # strings of the present cell's source, and their lines
    kind = ""
    keys: list[str | None] = []  # where the present token stands
    opened: list[str] = []
    key, expects_key = None, False
    number, seen = 1, 0
    for token in _TOKEN.finditer(text):
        number += text.count("\n", seen, token.start())
        seen = token.start()
        word = token[0]
        if word in "{[":
            keys.append(None if opened and opened[-1] == "[" else key)
            opened.append(word)
            expects_key, key = word == "{", None
            if _is_cell(keys):
                pieces, kind = [], ""
        elif word in "}]":
            if word == "}" and kind == "code" and _is_cell(keys):
                cells.append(_lines(pieces))
            if opened:
                keys.pop()
                opened.pop()
            expects_key = False
        elif word == ",":
            expects_key = bool(opened) and opened[-1] == "{"
        elif word == ":":
            expects_key = False
        elif expects_key:
            key = _string(word)
        elif len(opened) in (3, 4):
            inside = tuple(keys[1:]) if opened[-1] == "[" else (*keys[1:], key)
            if inside == _SOURCE:
                pieces.append((_string(word), number))
            elif inside == _TYPE:
                kind = _string(word)
    return tuple(cells)


def _is_cell(keys: Sequence[str | None]) -> bool:
    """Say whether a bracket there is a cell's; however deep it is, that takes no longer."""
    return len(keys) == 1 + len(_CELL) and tuple(keys[1:]) == _CELL


def _string(word: str) -> str:
    """Return what a JSON string stands for, "" for anything else."""
    try:
        found = json.loads(word, strict=False)
    except (ValueError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def _lines(pieces: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """Return where each line of a cell begins, given the strings it is made of."""
    found: list[int] = []
    begins = True
    for text, number in pieces:
        for part in _LINE.findall(text.replace("\r\n", "\n").replace("\r", "\n")):
            if begins:
                found.append(number)
            begins = part.endswith("\n")
    return tuple(found)
