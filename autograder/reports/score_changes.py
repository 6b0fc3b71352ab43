"""Reports what regrading changes: whose score, by how much, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder.record import Record, TaskScore, tidy
from autograder.reports.text import one_line, points, words

NOW = {
    "passed": "passing now",
    "failed": "failing now",
    "skipped": "not reached now",
    "error": "grader errors now",
}


@dataclass(frozen=True)
class GradebookScore:
    """A task in nbgrader's gradebook: the points of its tests, and points given by hand."""

    automatic: float | None
    by_hand: float | None = None


@dataclass(frozen=True)
class Change:
    """A submission before and after regrading: its records, and the gradebook's score of each task.

    `causes` names what has changed since the first record: the tests, the notebook, a library.
    """

    before: Record | None
    after: Record
    gradebook: Mapping[str, GradebookScore]
    causes: Sequence[str]

    @property
    def score_before(self) -> float | None:
        """The score before, from the record, else from the gradebook; None if neither has one."""
        if self.before is not None:
            return self.before.score
        scores = [s.automatic for s in self.gradebook.values() if s.automatic is not None]
        return sum(scores) if scores and len(scores) == len(self.gradebook) else None

    @property
    def differs(self) -> bool:
        """Whether the score or the late penalty has changed or is new."""
        return tidy(self.score_before) != tidy(self.after.score) or self._penalty_changed

    @property
    def _penalty_changed(self) -> bool:
        return self.before is not None and self.before.late_penalty != self.after.late_penalty

    def reasons(self) -> list[str]:
        """Say what differs, task by task."""
        said = [self.after.problem] if self.after.problem else []
        if self.score_before is None:
            said.append("not graded before")
        for task in self.after.tasks:
            old = self._points_before(task)
            if old is not None and tidy(old) != tidy(task.score):
                tests = ", ".join(self._tests(task)) or "graded by nbgrader before"
                said.append(f"{task.name} {points(old)} → {points(task.score)}: {tests}")
            by_hand = self._in_gradebook(task).by_hand
            if by_hand is not None:
                said.append(f"{task.name}: {points(by_hand)} given by hand, which stay")
        if self._penalty_changed and self.before is not None:
            old, new = self.before.late_penalty, self.after.late_penalty
            said.append(f"lateness costs {points(new)}, not {points(old)}")
        return said

    def _in_gradebook(self, task: TaskScore) -> GradebookScore:
        return self.gradebook.get(task.name, GradebookScore(None))

    def _points_before(self, task: TaskScore) -> float | None:
        if self.before is None:
            return self._in_gradebook(task).automatic
        return next((old.score for old in self.before.tasks if old.name == task.name), 0.0)

    def _tests(self, task: TaskScore) -> list[str]:
        """Say which tests have another outcome, grouped by the kind of change."""
        if self.before is None:
            return []
        tests = (test for old in self.before.tasks for test in old.tests)
        outcomes = {test.name: (test.outcome, test.max_points) for test in tests}
        alike: dict[str, list[str]] = {}
        for test in task.tests:
            outcome, worth = outcomes.get(test.name, ("", test.max_points))
            now = NOW[test.outcome] if outcome else f"new, and {NOW[test.outcome]}"
            if outcome != test.outcome:
                alike.setdefault(now, []).append(words(test.name))
            elif worth != test.max_points:
                alike.setdefault("worth other points", []).append(words(test.name))
        return [f"{what}: {', '.join(names)}" for what, names in alike.items()]


def changes_table(changes: Sequence[Change]) -> Table:
    """Return the table of changes: students, scores before and after, and why."""
    result = Table(box=SIMPLE_HEAD, pad_edge=False)
    result.add_column("student", overflow="fold")
    for heading in ("before", "after", "change"):
        result.add_column(heading, justify="right", no_wrap=True)
    result.add_column("why", overflow="fold")
    for change in changes:
        before, after = change.score_before, change.after.score
        difference = "" if before is None or after is None else f"{after - before:+.4g}"
        result.add_row(
            Text(one_line(change.after.student, 40)),
            Text(points(before)),
            Text(points(after), "bold"),
            Text(difference),
            Text("; ".join(one_line(reason, 300) for reason in change.reasons())),
        )
    return result


def causes(changes: Sequence[Change]) -> str:
    """Say what has changed since the submissions were graded."""
    named = dict.fromkeys(cause for change in changes for cause in change.causes)
    return f"Changed since: {', '.join(named)}." if named else ""
