"""Adds an assignment to a course.yml and leaves the rest as it is, comments included."""

from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

from autograder.course import LOADER
from autograder.errors import CourseError


def with_entry(text: str, entry: str, file: Path) -> str:
    """Return the text of a course.yml with one more assignment below the others.

    Args:
        text: the text of a valid course.yml.
        entry: the new assignment: its name, and below it, indented, its keys.
        file: the file, for messages.

    Raises:
        CourseError: the assignments are not written one below the other.
    """
    tree: Any = yaml.compose(text, Loader=LOADER)
    assignments = next(value for key, value in tree.value if key.value == "assignments")
    column = assignments.value[0][0].start_mark.column
    lines = text.splitlines(keepends=True)
    end = _last_line(assignments) + 1
    while end < len(lines) and _is_comment(lines[end], column):
        end += 1
    if lines[end - 1 : end] and not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    newline = "\r\n" if "\r\n" in text else "\n"
    added = f"\n{indent(entry, ' ' * column)}".replace("\n", newline)
    changed = "".join([*lines[:end], added, *lines[end:]])
    if assignments.flow_style or not _adds(text, changed):
        raise CourseError(
            f"{file} cannot be extended. Add this below its `assignments:`\n\n{entry}"
        )
    return changed


def _last_line(node: Any) -> int:
    """Return the last line of what a node says, from 0, without comments below it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return max(max(_last_line(key), _last_line(value)) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return max(map(_last_line, node.value))
    begin, end = node.start_mark, node.end_mark
    is_block = end.column == 0 and end.line > begin.line  # of text: it ends where the next begins
    return int(end.line) - int(is_block)


def _is_comment(line: str, column: int) -> bool:
    """Tell whether a line is a comment that belongs to the entry above it."""
    inner = line.lstrip(" ")
    return inner.startswith("#") and len(line) - len(inner) > column


def _adds(before: str, after: str) -> bool:
    """Tell whether a text has one more assignment than another, and all that the other has."""
    try:
        old, new = (yaml.load(text, Loader=LOADER) for text in (before, after))  # noqa: S506
        *others, _ = new["assignments"].items()
    except (yaml.YAMLError, ValueError, TypeError, AttributeError):
        return False
    return bool(new | {"assignments": dict(others)} == old)
