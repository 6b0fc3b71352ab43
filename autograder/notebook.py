"""Reads and parses untrusted notebooks."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.beside import others_in_words
from autograder.errors import CourseError, SubmissionError
from autograder.file_names import notebook_stem
from autograder.files import NotAFileError, TooLargeError, read_file

ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")

MAX_MARKS = 5_000_000  # of `[{,:` in a file: each value in JSON takes time and memory
MAX_CELLS = 2_000
MAX_CODE = 4 << 20  # characters of all code cells
DEFINITION = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)
SHOWN = 5  # files that a message names

_NOT_A_LANGUAGE = re.compile(r"[^\w .+#-]")


@dataclass(frozen=True)
class Notebook:
    """A parsed notebook: the whole document, and its code cells.

    `cells` are the sources of the code cells, `positions` their indices among all cells, and
    `grade_ids` their nbgrader identifiers ("" for none). `python` is the version that it was
    written with, (0, 0) if it does not say; `oddities` are what is wrong with its form. Pickling
    drops the document.
    """

    document: dict[str, Any] = field(repr=False, compare=False)
    cells: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    grade_ids: tuple[str, ...] = ()
    python: tuple[int, int] = (0, 0)
    oddities: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"document": {}}


def read_notebook(path: Path) -> Notebook:
    """Read a submitted notebook.

    Raises:
        SubmissionError: it is missing, unreadable, not a notebook, too old or not Python.
    """
    return parse_notebook(read_content(path), path)


def read_content(path: Path) -> bytes:
    """Return the contents of a submitted file.

    Raises:
        SubmissionError: it is missing, a link, too large or unreadable.
    """
    if path.is_symlink():
        raise SubmissionError(f"{path} is a link to another file. Submit the notebook itself.")
    try:
        return read_file(path)
    except NotAFileError:
        raise SubmissionError(f"{path} is missing or not a file.{_instead(path)}") from None
    except TooLargeError as error:
        raise SubmissionError(
            f"{path} is larger than {error.limit >> 20} MB. Clear its outputs and save it."
        ) from None
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror}.") from None


def _instead(path: Path) -> str:
    """Return a sentence on what a folder has instead of a notebook, "" if it has nothing."""
    notebooks = [other.name for other in notebooks_in(path.parent) if other != path]
    if len(notebooks) == 1:
        return f" The folder has another notebook, {notebooks[0]}."
    if notebooks:
        shown = ", ".join(notebooks[:SHOWN])
        return f" The folder has {len(notebooks)} other notebooks: keep one ({shown})."
    others = others_in_words(path.parent)
    return f" This folder has only {others}: submit the .ipynb file." if others else ""


def notebooks_in(folder: Path) -> list[Path]:
    """Return the notebooks in a folder, except hidden files."""
    return [path for path in sorted(folder.glob("*")) if notebook_stem(path.name) is not None]


def parse_notebook(content: bytes, path: Path) -> Notebook:
    """Parse the contents of a notebook; `path` is only used in error messages.

    Raises:
        SubmissionError: it is not a notebook, too old or not Python.
    """
    document = _parse_document(content, path)
    document["cells"] = _with_code_answers(document["cells"])
    cells = [(at, cell) for at, cell in enumerate(document["cells"]) if _is_code(cell)]
    sources = tuple(source_of(cell) for _, cell in cells)
    if sum(map(len, sources)) > MAX_CODE:
        raise SubmissionError(
            f"{path} has more than {MAX_CODE >> 20} MB of code. Read large data from a file."
        )
    return Notebook(
        document,
        sources,
        tuple(position for position, _ in cells),
        tuple(grade_id(cell) for _, cell in cells),
        _python(document.get("metadata")),
        tuple(_oddities(document["cells"], [cell for _, cell in cells])),
    )


def course_notebook(path: Path) -> Notebook:
    """Return one of the instructor's notebooks, cached until the file changes.

    Raises:
        CourseError: it cannot be read.
    """
    try:
        status = path.stat()
        return _course_notebook(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    except SubmissionError as error:
        raise CourseError(str(error)) from None


@lru_cache(maxsize=16)
def _course_notebook(path: Path, _modified: int, _size: int) -> Notebook:
    return parse_notebook(path.read_bytes(), path)


def _parse_document(content: bytes, path: Path) -> dict[str, Any]:
    """Return the notebook as a dictionary; its `cells` are a list."""
    if content.startswith(ARCHIVES):
        raise SubmissionError(f"{path} is an archive. Unpack it and submit the notebook in it.")
    if sum(map(content.count, (b"[", b"{", b",", b":", b":"))) > MAX_MARKS:  # keys count twice
        raise SubmissionError(
            f"{path} is too large: it holds millions of values. Clear its outputs and save it."
        )
    try:
        document = json.loads(content.decode(json.detect_encoding(content)))
    except (ValueError, RecursionError):
        if notebook_stem(path.name) is None:
            raise SubmissionError(
                f"{path} is not a notebook: submit the .ipynb file itself."
            ) from None
        what = "is empty" if not content.strip() else "is damaged: its text is not valid JSON"
        raise SubmissionError(
            f"{path} {what}. Open it in Jupyter, save it and submit it again."
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("nbformat"), int):
        raise SubmissionError(f"{path} is not a notebook: submit the .ipynb file itself.")
    if document["nbformat"] != 4:
        raise SubmissionError(
            f"{path} is in notebook format {document['nbformat']}; format 4 is needed. "
            "Open it in a current Jupyter and save it again."
        )
    if not isinstance(document.get("cells"), list):
        raise SubmissionError(f"{path} has no cells: it is damaged. Submit it again.")
    if len(document["cells"]) > MAX_CELLS:
        raise SubmissionError(
            f"{path} has more than {MAX_CELLS:,} cells. Remove those without use."
        )
    language = _language(document.get("metadata"))
    if not language.lower().startswith(("python", "ipython")):
        raise SubmissionError(f"{path} is a notebook for {language}, not for Python.")
    return document


def _with_code_answers(cells: list[Any]) -> list[Any]:
    """Return cells, with answers that have become text as code again.

    A slip of the keyboard (`r`, `m`) does that in Jupyter. An answer that was set aside stays text:
    a code cell has its `grade_id`, or defines the same names.
    """
    code = [cell for cell in cells if _is_code(cell)]
    names = {name for cell in code for name in DEFINITION.findall(source_of(cell))}
    grade_ids = {grade_id(cell) for cell in code}
    found = {grade_id(cell): at for at, cell in enumerate(cells) if _was_code_answer(cell)}
    cells = list(cells)
    for name, at in found.items():
        defined = DEFINITION.findall(source_of(cells[at]))
        if name not in grade_ids and names.isdisjoint(defined):
            cells[at] = cells[at] | {"cell_type": "code"}
    return cells


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _was_code_answer(cell: Any) -> bool:
    """Say whether a cell is text, but came as an answer in code."""
    if not isinstance(cell, dict) or _is_code(cell) or not grade_id(cell):
        return False
    grading = cell["metadata"]["nbgrader"]
    expected = "markdown" if grading.get("grade") else "code"  # graded by hand, it may be text
    return bool(grading.get("solution")) and grading.get("cell_type", expected) == "code"


def _oddities(cells: list[Any], code: list[Any]) -> Iterator[str]:
    """Say what keeps the code of a notebook from being found."""
    if not code:
        yield "the notebook has no code cells" if cells else "the notebook has no cells"
    if not all(isinstance(cell, dict) for cell in cells):
        yield "some of the notebook's cells are damaged and were ignored"
    for number, cell in enumerate(code, 1):
        source = cell.get("source")
        lines = source if isinstance(source, list) else [source]
        if not all(isinstance(line, str) for line in lines):
            yield f"the text of cell {number} is damaged and was ignored"


def _python(metadata: Any) -> tuple[int, int]:
    """Return the version of Python in a notebook's metadata, (0, 0) if there is none."""
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    text = info.get("version") if isinstance(info, dict) else None
    found = re.match(r"(\d{1,2})\.(\d{1,3})", text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _language(metadata: Any) -> str:
    """Return the language in a notebook's metadata, by default Python."""
    metadata = metadata if isinstance(metadata, dict) else {}
    for section, key in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(section)
        if isinstance(part, dict) and isinstance(part.get(key), str) and part[key]:
            return _NOT_A_LANGUAGE.sub("", part[key])[:40]
    return "python"


def grade_id(cell: dict[str, Any]) -> str:
    """Return nbgrader's `grade_id` of a cell, "" if it has none."""
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    found = grading.get("grade_id") if isinstance(grading, dict) else None
    return found if isinstance(found, str) else ""


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's source as one string with Unix line endings."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    text = source.encode("utf-8", "replace").decode()  # without halves of surrogate pairs
    return text.replace("\r\n", "\n").replace("\r", "\n")
