"""Selects, among the files that a student submitted, the notebooks of the assignment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.course import Assignment
from autograder.choice import by_notebook

SHOWN = 5  # files that a message names


@dataclass(frozen=True)
class File:
    """A submitted file: its path in the download, and the name that the student gave it.

    `inner` is the path in the student's own zip, if `path` is one.
    """

    path: str
    name: str
    order: int = 0
    inner: str = ""

    @property
    def stem(self) -> str:
        """The name without folders and extension."""
        return PurePosixPath(self.name).stem

    @property
    def extension(self) -> str:
        """The extension of the name in lower case, such as `.ipynb`."""
        return PurePosixPath(self.name).suffix.casefold()


@dataclass(frozen=True)
class Selection:
    """The selected files, by the names of the course's notebooks; or why there are none.

    `earlier` are notebooks that the student replaced, `others` what else was submitted.
    """

    notebooks: Mapping[str, File] = field(default_factory=dict)
    earlier: tuple[File, ...] = ()
    others: tuple[File, ...] = ()
    problem: str = ""


def select(files: Sequence[File], assignment: Assignment) -> Selection:
    """Select the notebook named like the assignment's, or else the only one; and its neighbours."""
    notebooks = [file for file in files if file.extension == ".ipynb"]
    groups = by_notebook(dict.fromkeys(file.stem for file in notebooks), assignment)
    known = {assignment.notebook, *assignment.neighbours}
    if assignment.notebook not in groups and len(groups.keys() - known) > 1:
        return Selection(problem=_ambiguous(notebooks, assignment))
    selected: dict[str, File] = {}
    earlier: list[File] = []
    for name in sorted(known & groups.keys()):
        same = [file for file in notebooks if file.stem in groups[name]]
        newest = _newest(same, name)
        if len(set(newest)) > 1:
            return Selection(problem=_ambiguous(newest, assignment))
        selected[name] = newest[0]
        earlier += [file for file in same if file not in newest]
    used = {*selected.values(), *earlier}
    others = tuple(file for file in files if file not in used)
    if assignment.notebook in selected:
        return Selection(selected, tuple(earlier), others)
    names = f": {listed(others)}" if others else ""
    return Selection(others=others, problem=f"submitted no notebook{names}")


def _newest(files: Sequence[File], name: str) -> list[File]:
    """Return the file that was submitted last; several if that is not known."""
    last = max(file.order for file in files)
    newest = [file for file in files if file.order == last]
    exact = [file for file in newest if file.stem.casefold() == name.casefold()]
    return exact or newest


def _ambiguous(files: Sequence[File], assignment: Assignment) -> str:
    return (
        f"submitted several notebooks, and it is unclear which is {assignment.notebook}: "
        f"{listed(files)}"
    )


def listed(files: Iterable[File]) -> str:
    """Return the names of the first files, and how many more there are."""
    names = sorted(file.name for file in files)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
