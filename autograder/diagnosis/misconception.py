"""Known mistakes in an assignment, each written as a change to its reference solution."""

import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import ModuleType

from autograder.errors import CourseError

SOLUTION = "solution.py"
LIBRARY = "misconceptions.py"

Change = tuple[tuple[str, str], ...]
"""Replacements in the reference solution, (old, new), made one after the other."""


@dataclass(frozen=True)
class Misconception:
    """A mistake that students make, and what they read about it.

    Args:
        name: what instructors read in tables.
        task: the task it belongs to.
        ways: the changes that make it; several if they behave differently.
        happened: what the student's code did.
        why: what is wrong with that.
        look: where to look, never the solution.
        loses: the tests that it fails, without `test_`, separated by spaces.
        rank: in the kit's library, how common it is: 1 in every class, 2 in most, 3 now and then.
    """

    name: str
    task: str
    ways: tuple[Change, ...]
    happened: str
    why: str
    look: str
    loses: str = ""
    rank: int = 0

    @property
    def text(self) -> str:
        """What the student reads."""
        return "\n".join(part for part in (self.happened, self.why, self.look) if part)

    @property
    def failing(self) -> frozenset[str]:
        """The names of the tests that it fails."""
        return frozenset(f"test_{name}" for name in self.loses.split())


@dataclass(frozen=True)
class Variant:
    """A wrong solution: its code, the misconceptions in it, and their changes to the reference."""

    misconceptions: tuple[Misconception, ...]
    source: str
    change: Change = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each of its misconceptions."""
        return tuple(m.name for m in self.misconceptions)

    @property
    def name(self) -> str:
        """The names of its misconceptions."""
        return " + ".join(self.names)

    @property
    def rank(self) -> int:
        """How rare it is: the rank of its rarest misconception."""
        return max(one.rank for one in self.misconceptions)

    @property
    def task(self) -> str:
        """The task it belongs to."""
        return self.misconceptions[0].task

    @property
    def failing(self) -> frozenset[str]:
        """The names of the tests that its misconceptions fail."""
        return frozenset().union(*(m.failing for m in self.misconceptions))


def applied(source: str, change: Change) -> str | None:
    """Return the changed code; None if the old text is not there exactly once."""
    for old, new in change:
        if source.count(old) != 1:
            return None
        source = source.replace(old, new)
    return source


def singles(solution: str, library: Sequence[Misconception]) -> list[Variant]:
    """Return each misconception alone, in each of its ways.

    Raises:
        CourseError: a change does not apply to the solution.
    """
    found = []
    for misconception in library:
        for change in misconception.ways:
            source = applied(solution, change)
            if source is None:
                raise CourseError(
                    f"{LIBRARY}: the misconception {misconception.name!r} replaces text that is "
                    f"not in the reference solution exactly once: {change!r}."
                )
            found.append(Variant((misconception,), source, change))
    return found


def pairs(solution: str, library: Sequence[Misconception]) -> Iterator[Variant]:
    """Return the plausible pairs: two misconceptions of a task that change different places."""
    firsts = [Variant((one,), "", one.ways[0]) for one in library]
    for one, other in combinations(firsts, 2):
        if one.task == other.task and (pair := pair_of(solution, one, other)) is not None:
            yield pair


def pair_of(solution: str, one: Variant, other: Variant) -> Variant | None:
    """Return both of two misconceptions, None if they are the same or change the same place.

    They change different places if they give the same code whichever is applied first.
    """
    change = one.change + other.change
    source = applied(solution, change)
    if source is None or one.misconceptions == other.misconceptions:
        return None
    if source != applied(solution, other.change + one.change) or not _is_python(source):
        return None
    return Variant((*one.misconceptions, *other.misconceptions), source, change)


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def load_library(suite: Path, solution: str = "") -> tuple[str, tuple[Misconception, ...]]:
    """Return the reference solution and the misconceptions of a suite; "" and () without them.

    Args:
        suite: its folder.
        solution: the reference solution, if the suite has none of its own.

    Raises:
        CourseError: the misconceptions cannot be imported or are not defined.
    """
    if (suite / SOLUTION).exists():
        solution = (suite / SOLUTION).read_text(encoding="utf-8")
    if not solution or not (suite / LIBRARY).exists():
        return solution, ()
    module = suite_module(suite, LIBRARY.removesuffix(".py"))
    if not hasattr(module, "MISCONCEPTIONS"):
        raise CourseError(f"{suite / LIBRARY} has no tuple MISCONCEPTIONS.")
    return solution, tuple(module.MISCONCEPTIONS)


def suite_module(suite: Path, name: str) -> ModuleType:
    """Import a module of a suite, in whichever folder the suite is.

    Raises:
        CourseError: it cannot be imported.
    """
    package = f"autograder_suite_{abs(hash(suite)):x}"
    try:
        if package not in sys.modules:
            spec = importlib.util.spec_from_file_location(
                package, suite / "__init__.py", submodule_search_locations=[str(suite)]
            )
            assert spec is not None
            sys.modules[package] = importlib.util.module_from_spec(spec)
        return importlib.import_module(f"{package}.{name}")
    except Exception as error:
        raise CourseError(
            f"{suite / name}.py cannot be imported: {type(error).__name__}: {error}"
        ) from error
