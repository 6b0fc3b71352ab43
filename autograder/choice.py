"""Chooses, among the notebooks that a student submitted, the one to grade."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.errors import CourseError, SubmissionError
from autograder.file_names import folded, letters, notebook_stem, without_copy_marks
from autograder.notebook import DEFINITION, Notebook, course_notebook, grade_id, source_of

if TYPE_CHECKING:
    from autograder.course import Assignment

UNCHANGED, CHANGED, ANSWERED = range(3)
MOST = 20  # notebooks of one student that are read


@dataclass(frozen=True)
class Offered:
    """A submitted notebook: its name, and how to read it.

    `key` is whatever the caller knows it by.
    """

    name: str
    read: Callable[[], Notebook] = field(repr=False, compare=False)
    key: Any = None

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return notebook_stem(self.name) or self.name


@dataclass(frozen=True)
class Choice:
    """The notebook to grade, None if nobody can tell.

    `rivals` are others with answers, which the student may have meant instead; `empty` are those of
    the assignment's name that were passed over because they have no answers.
    `alike` is how many others were as good by name and answers.
    """

    chosen: Offered | None = None
    rivals: tuple[Offered, ...] = ()
    empty: tuple[Offered, ...] = ()
    alike: int = 0


def choose(offered: Sequence[Offered], assignment: Assignment) -> Choice:
    """Choose the notebook to grade among those that one student submitted at the same time.

    Those with the assignment's name come first, copies included; but one with answers comes before
    one without. Of several with different answers, the one with exactly the right name is chosen.
    """
    groups = by_notebook([one.stem for one in offered], assignment)
    neighbours = {stem for name in assignment.neighbours for stem in groups.get(name, ())}
    ours = groups.get(assignment.notebook, ())
    known = {stem for name in _names(assignment) for stem in groups.get(name, ())}
    possible = [
        one
        for one in offered
        if one.stem not in neighbours and (one.stem in known or _is_ours(one, assignment))
    ]
    possible = sorted(possible, key=lambda one: one.stem not in ours)[:MOST]
    if len(possible) < 2:
        return Choice(possible[0] if possible else None)
    progress = {one: progress_of(one, assignment) for one in possible}
    named = [one for one in possible if one.stem in ours]
    best = max(progress[one] for one in named or possible)
    contenders = [one for one in named or possible if progress[one] == best]
    answered = [one for one in possible if progress[one] == ANSWERED]
    if best < ANSWERED and answered:
        contenders, best = answered, ANSWERED
    exact = [one for one in contenders if folded(one.stem) == folded(assignment.notebook)]
    same = named and best > UNCHANGED and not _others_than(contenders[0], contenders)
    if not exact and len(contenders) != 1 and not same:
        return Choice()
    chosen = min(exact or contenders, key=lambda one: (len(one.name), one.name))
    rivals = answered if best == ANSWERED else contenders if best == CHANGED else []
    empty = [one for one in named if progress[one] < best == ANSWERED]
    alike = len(exact or contenders) - 1
    return Choice(chosen, tuple(_others_than(chosen, rivals)), tuple(empty), alike)


def by_notebook(stems: Iterable[str], assignment: Assignment) -> dict[str, list[str]]:
    """Group the names of submitted notebooks by the course notebook that they belong to.

    The marks of a copy, case and punctuation do not matter. If no notebook has the assignment's
    name, but all unknown names are the same, those notebooks belong to the assignment, unless
    course.yml has other notebooks that they may be.
    """
    known = _names(assignment)
    exact = {folded(name): name for name in known}
    alike = {letters(name): name for name in known}
    groups: dict[str, list[str]] = {}
    for stem in stems:
        plain = without_copy_marks(stem)
        name = exact.get(folded(stem)) or exact.get(plain) or alike.get(letters(plain)) or plain
        groups.setdefault(name, []).append(stem)
    unknown = [name for name in groups if name not in known]
    if assignment.notebook not in groups and len(unknown) == 1 and not assignment.notebooks:
        groups[assignment.notebook] = groups.pop(unknown[0])
    return groups


def _names(assignment: Assignment) -> tuple[str, ...]:
    """Return the names of the notebooks in the assignment's folder, its own first."""
    return assignment.notebook, *assignment.neighbours


def _is_ours(one: Offered, assignment: Assignment) -> bool:
    """Tell whether a notebook of an unknown name may be the assignment's."""
    if not assignment.notebooks:
        return True
    try:
        return assignment.is_ours(one.read().grade_ids)
    except (SubmissionError, OSError):
        return False


def progress_of(one: Offered, assignment: Assignment) -> int:
    """Return whether a notebook has answers, other changes, or none, compared with the release.

    One that cannot be read has none; without a release version, every other one counts as changed.
    """
    try:
        cells = _cells(one.read())
    except (SubmissionError, OSError):
        return UNCHANGED
    try:
        released = _cells(course_notebook(assignment.release_file))
    except CourseError:
        return CHANGED if any(text for _, text in cells) else UNCHANGED
    known = {"".join(text.split()) for _, text in released}
    new = [(name, text) for name, text in cells if "".join(text.split()) not in {*known, ""}]
    wanted = {task.solution for task in assignment.tasks} - {None}
    solutions = [text for name, text in released if name in wanted]
    defined = {name for text in solutions for name in DEFINITION.findall(text)}
    for name, text in new:
        ours = name in wanted or defined.intersection(DEFINITION.findall(text))
        if ours and not _is_stub(text):  # that of another version of the release
            return ANSWERED
    return CHANGED if new else UNCHANGED


def _is_stub(text: str) -> bool:
    """Tell whether nothing is filled in: there are only empty functions, and no other code."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting: list[ast.stmt] = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    while waiting:
        match waiting.pop():
            case (
                ast.FunctionDef(body=body)
                | ast.AsyncFunctionDef(body=body)
                | ast.ClassDef(body=body)
            ):
                waiting += body
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case ast.Raise(exc=exc) if exc and "NotImplementedError" in ast.unparse(exc):
                pass
            case _:
                return False
    return True


def _cells(notebook: Notebook) -> list[tuple[str, str]]:
    """Return the `grade_id` and the text of each cell, of whatever type."""
    cells = [cell for cell in notebook.document["cells"] if isinstance(cell, dict)]
    return [(grade_id(cell), source_of(cell)) for cell in cells]


def _others_than(chosen: Offered, some: Iterable[Offered]) -> list[Offered]:
    """Return those whose code differs from that of the chosen one."""
    others = [one for one in some if one != chosen]
    return [one for one in others if _code(one) != _code(chosen)] if others else []


def _code(one: Offered) -> tuple[str, ...]:
    try:
        return one.read().cells
    except (SubmissionError, OSError):
        return ()
