"""Reads notebooks, believing nothing about them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError

ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")

_NO_WORD = re.compile(r"[^\w .+#-]")


@dataclass(frozen=True)
class Notebook:
    """The code cells of a notebook: their sources, where they stood, and nbgrader's `grade_id`s."""

    cells: tuple[str, ...]
    positions: tuple[int, ...]
    grade_ids: tuple[str, ...]


def notebook_of(content: bytes, path: Path) -> Notebook:
    """Return the code cells of a notebook; nothing is opened, `path` only names it in errors.

    Raises:
        SubmissionError: it is no notebook, too old or not Python.
    """
    document = parse_notebook(content, path)
    cells = [
        (position, source_of(cell))
        for position, cell in enumerate(document["cells"])
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    return Notebook(
        tuple(source for _, source in cells),
        tuple(index for index, _ in cells),
        tuple(grade_id(document["cells"][index]) for index, _ in cells),
    )


def parse_notebook(content: bytes, path: Path) -> dict[str, Any]:
    """Return the notebook as a dictionary that has a list under `cells`.

    Raises:
        SubmissionError: it is no notebook, too old, or in another language than Python.
    """
    if content.startswith(ARCHIVES):
        raise SubmissionError(f"{path} is an archive. Unpack it and hand in the notebook in it.")
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        what = "is empty" if not content.strip() else "is damaged: its text is not valid JSON"
        raise SubmissionError(
            f"{path} {what}. Open it in Jupyter, save it and hand it in again."
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("nbformat"), int):
        raise SubmissionError(f"{path} is not a notebook: hand in the .ipynb file itself.")
    if document["nbformat"] != 4:
        raise SubmissionError(
            f"{path} is in notebook format {document['nbformat']}; format 4 is needed. "
            "Open it in a current Jupyter and save it again."
        )
    if not isinstance(document.get("cells"), list):
        raise SubmissionError(f"{path} has no cells: it is damaged. Hand it in again.")
    language = _language(document.get("metadata"))
    if not language.lower().startswith(("python", "ipython")):
        raise SubmissionError(f"{path} is a notebook for {language}, not for Python.")
    return document


def _language(metadata: Any) -> str:
    """Return the language a notebook says it is in; Python when it does not say."""
    metadata = metadata if isinstance(metadata, dict) else {}
    for section, key in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(section)
        if isinstance(part, dict) and isinstance(part.get(key), str) and part[key]:
            return _NO_WORD.sub("", part[key])[:40]
    return "python"


def grade_id(cell: dict[str, Any]) -> str:
    """Return nbgrader's `grade_id` of a cell, "" if it has none."""
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    found = grading.get("grade_id") if isinstance(grading, dict) else None
    return found if isinstance(found, str) else ""


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's source, which may be text or a list of lines, with line ends as in Unix."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""
