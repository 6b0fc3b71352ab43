"""The reference solution of `linear_regression`, its known mistakes, and what may surround it."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.authoring.verification.cases import library_of
from autograder.authoring.verification.surroundings import surrounded
from autograder.course import load_course
from tests.conftest import ROOT

COURSE = load_course(ROOT / "course.yml")
SOLUTION, LIBRARY = library_of(COURSE, COURSE.assignments["linear_regression"])


@dataclass(frozen=True)
class Rendered:
    """What the kit makes of a solution: its name and its cells."""

    name: str
    sources: tuple[str, ...]

    def cells(self) -> list[str]:
        return list(self.sources)


SURROUNDED = [Rendered(name, tuple(cells)) for name, cells in surrounded(SOLUTION)]
