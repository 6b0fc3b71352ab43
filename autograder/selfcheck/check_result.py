"""The result of a student's own check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.grading.attempt import Attempt
from autograder.record import TestResult


@dataclass(frozen=True, repr=False)
class Checked:
    """The public tests and their outcomes, in the order of the assignment.

    A notebook shows it as a table, a terminal as text.

    Args:
        assignment: its name.
        tests: those that were run; the last one was interrupted if the student stopped the check.
        attempt: what the tests observed.
        to_do: the names of the tests whose part is not filled in yet.
        note: what else the student should know, such as that the check was stopped.
        stopped: whether the student stopped it.
        findings: the known mistakes of each task, shown instead of its tests' messages.
    """

    assignment: str
    tests: tuple[TestResult, ...]
    attempt: Attempt
    to_do: frozenset[str] = frozenset()
    note: str = ""
    stopped: bool = False
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that the tests belong to."""
        return tuple(dict.fromkeys(test.task for test in self.tests))

    @property
    def passed(self) -> int:
        """How many tests pass."""
        return sum(test.outcome == "passed" for test in self.tests)

    @property
    def complete(self) -> bool:
        """Whether there are tests and all of them pass."""
        return bool(self.tests) and self.passed == len(self.tests)

    @property
    def grader_error(self) -> bool:
        """Whether a test failed through no fault of the student."""
        return any(test.outcome == "error" for test in self.tests)

    def __repr__(self) -> str:
        from autograder.selfcheck.check_table import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from autograder.selfcheck.check_table import as_html

        return as_html(self)
