"""The questions that tell a mutant from the reference: the suite's own, and edge inputs of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from autograder.authoring.verification.dialogs import Dialog, dialogs_of
from autograder.authoring.verification.edges import Edge, edges
from autograder.course import Assignment
from autograder.grading.reference import Reference
from autograder.grading.replays import Begin, Replays
from autograder.grading.suite_run import run_session

SEEDS = 50  # besides the course's own
FIRST_SEEDS = 2  # that are asked before edge inputs
MOST_EDGES = 40  # of a scene
MOST_ALIKE = 2  # scenes that differ in their inputs only
TOGETHER = 25  # dialogs that are put at once


@dataclass(frozen=True, eq=False)
class Script:
    """Dialogs that are put together: with edge inputs, or as the suite asks with another seed.

    `seed` is the number of that seed, 0 for edge inputs.
    """

    edges: tuple[Edge, ...]
    seed: int = 0

    @property
    def dialogs(self) -> list[Dialog]:
        """The dialogs."""
        return [edge.dialog for edge in self.edges]


class Scripts:
    """Makes scripts of what a suite asks of the reference.

    Args:
        assignment: the assignment whose suite asks.
        seed: the course's seed.
        begin: starts the process that runs the reference solution.
        code: the code of the reference solution.
        reference: what answers for it in tests.
    """

    def __init__(
        self,
        assignment: Assignment,
        seed: str,
        begin: Begin,
        code: str,
        reference: Reference | None,
    ) -> None:
        self._assignment, self._seed, self._begin = assignment, seed, begin
        self._code, self._reference = code, reference
        self.own = self.dialogs(0)

    def __iter__(self) -> Iterator[Script]:
        """Yield all scripts: a few seeds first, then edge inputs, then the other seeds."""
        for seed in range(1, FIRST_SEEDS + 1):
            yield self._of_seed(seed)
        made = (
            edge
            for scene in self._scenes()
            for edge in islice(edges(scene, self._code), MOST_EDGES)
        )
        while some := tuple(islice(made, TOGETHER)):
            yield Script(some)
        for seed in range(FIRST_SEEDS + 1, SEEDS + 1):
            yield self._of_seed(seed)

    def dialogs(self, seed: int) -> list[Dialog]:
        """Return what the suite asks with the course's seed, 0, or with another one."""
        text = seed_text(self._seed, seed)
        begin, reference = self._begin, self._reference
        replays = Replays(self._assignment, text, begin, run_session, self._code, reference)
        return dialogs_of(replays.recording)

    def _of_seed(self, seed: int) -> Script:
        return Script(tuple(Edge("", dialog, dialog) for dialog in self.dialogs(seed)), seed)

    def _scenes(self) -> Iterator[Dialog]:
        """Yield the scenes of the suite's questions, few of each form."""
        seen = Counter[Any]()
        for dialog in self.own:
            for scene in dialog.scenes():
                seen[scene.form] += 1
                if seen[scene.form] <= MOST_ALIKE:
                    yield scene


def seed_text(seed: str, number: int) -> str:
    """Return the course's seed, or another one that is made of it."""
    return f"{seed}, seed {number}" if number else seed
