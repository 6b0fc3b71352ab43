"""Chooses, of what a student handed in, the notebooks that belong to the assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.course import Assignment
from autograder.submission import without_mark


@dataclass(frozen=True)
class File:
    """A file that was handed in: where it is in the download, and what the student called it."""

    path: str
    name: str
    order: int = 0

    @property
    def stem(self) -> str:
        """The name without folders and ending."""
        return PurePosixPath(self.name).stem

    @property
    def ending(self) -> str:
        """The ending of the name, such as `.ipynb`."""
        return PurePosixPath(self.name).suffix.casefold()


@dataclass(frozen=True)
class Choice:
    """The files to take, by the names of the course's notebooks; or why none is taken.

    `earlier` are notebooks that the student replaced, `others` what else was handed in.
    """

    notebooks: Mapping[str, File] = field(default_factory=dict)
    earlier: tuple[File, ...] = ()
    others: tuple[File, ...] = ()
    problem: str = ""


def choose(files: Sequence[File], assignment: Assignment) -> Choice:
    """Choose among a student's files: the one called like the notebook, or else the only one."""
    notebooks = [file for file in files if file.ending == ".ipynb"]
    others = [file for file in files if file.ending != ".ipynb"]
    names = {name.casefold(): name for name in (assignment.notebook, *assignment.neighbours)}
    groups: dict[str, list[File]] = {}
    for file in notebooks:
        groups.setdefault(_called(file, names), []).append(file)
    if assignment.notebook not in groups:
        strange = [name for name in groups if name not in names.values()]
        if len(strange) > 1:
            return Choice(problem=_several(notebooks, assignment))
        if strange:
            groups[assignment.notebook] = groups.pop(strange[0])
    chosen, earlier = {}, []
    for name in sorted(names.values()):
        best = _newest(groups.pop(name, []), name)
        if len({file.path for file in best}) > 1:
            return Choice(problem=_several(best, assignment))
        if best:
            chosen[name] = best[0]
            earlier += [f for f in notebooks if _called(f, names) == name and f not in best]
    taken = {*chosen.values(), *earlier}
    others += [file for file in notebooks if file not in taken]
    if assignment.notebook not in chosen:
        return Choice(others=tuple(others), problem=_nothing(others))
    return Choice(chosen, tuple(earlier), tuple(others))


def archives(choice: Choice) -> list[File]:
    """Return the zips among what was handed in without a notebook."""
    return [file for file in choice.others if file.ending == ".zip"]


def _called(file: File, names: Mapping[str, str]) -> str:
    """Return which of the course's notebooks a file is, or else its own name."""
    stem = file.stem.casefold()
    plain = without_mark(stem)
    return names.get(stem) or names.get(plain) or plain


def _newest(files: Sequence[File], name: str) -> list[File]:
    """Return the file that came last; several if that is not known."""
    last = max((file.order for file in files), default=0)
    newest = [file for file in files if file.order == last]
    exact = [file for file in newest if file.stem.casefold() == name.casefold()]
    return exact or newest


def _several(files: Sequence[File], assignment: Assignment) -> str:
    names = ", ".join(sorted(file.name for file in files)[:5])
    return (
        f"handed in several notebooks, and it is not clear which is {assignment.notebook}: {names}"
    )


def _nothing(others: Sequence[File]) -> str:
    names = ", ".join(sorted(file.name for file in others)[:5])
    return f"handed in no notebook: {names}" if names else "handed in no notebook"
