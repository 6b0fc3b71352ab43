"""Tells to which assignment a notebook belongs."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.file_names import letters, notebook_stem, without_copy_marks
from autograder.notebook import DEFINITION, Notebook, read_notebook


@dataclass(frozen=True)
class Marks:
    """What tells an assignment's notebook from others.

    `name` is the assignment's name, `folder` that of the folder it is submitted in, by default the
    same, and `notebook` the notebook's. `cells` are the `grade_id` of its graded cells, and
    `functions` the names of the functions and classes that students write.
    """

    name: str
    notebook: str
    cells: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    folder: str = ""


def recognized(notebook: Path, marks: Iterable[Marks]) -> str | None:
    """Return the name of the assignment to which a notebook belongs, None if nobody can tell.

    The folder says so, or else the notebook's name, whatever marks of a copy it has, or else its
    graded cells, or else what it defines.
    """
    marks = list(marks)
    folder = notebook.absolute().parent.name
    plain = letters(without_copy_marks(notebook_stem(notebook.name) or ""))
    marks = [one for one in marks if (one.folder or one.name) == folder] or marks
    if len(marks) == 1:
        return marks[0].name
    told = [one for one in marks if letters(one.notebook) == plain]
    if len(told) == 1:
        return told[0].name
    try:
        read = read_notebook(notebook)
    except (SubmissionError, OSError):
        return None
    cells = [one.cells for one in marks]
    found = _only_best(marks, {*read.grade_ids}, cells)
    return found or recognized_by_names(defined_in(read), marks)


def recognized_by_names(names: AbstractSet[str], marks: Sequence[Marks]) -> str | None:
    """Return the name of the assignment that asks for the most of these functions and classes."""
    return _only_best(marks, names, [one.functions for one in marks])


def defined_in(notebook: Notebook) -> set[str]:
    """Return the names of the functions and classes that a notebook defines."""
    return {name for cell in notebook.cells for name in DEFINITION.findall(cell)}


def _only_best(
    marks: Sequence[Marks], found: AbstractSet[str], wanted: Sequence[frozenset[str]]
) -> str | None:
    """Return the assignment of which most is found; None if there is none, or several."""
    counts = [len(found & some) for some in wanted]
    most = max(counts, default=0)
    return marks[counts.index(most)].name if most and counts.count(most) == 1 else None
