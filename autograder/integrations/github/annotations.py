"""Remarks beside a student's own code, where GitHub shows the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.course import Feedback
from autograder.integrations.github.markdown import cut
from autograder.integrations.github.source_lines import Lines, line_of
from autograder.integrations.github.workflow_commands import Annotation
from autograder.record import Record, TaskScore
from autograder.reports.notation import points
from autograder.reports.presentation import present_task, submission_messages

MOST = 10  # of a kind in a step; GitHub drops the others
LONGEST = 3000


@dataclass(frozen=True)
class Pushed:
    """A notebook as it lies in the repository.

    `lines` are the lines of its file in which the lines of its code cells stand; `cells` the
    number of the cell, from 1, in which the student wrote a task.
    """

    file: str
    lines: Lines = ()
    cells: Mapping[str, int] | None = None


def remarks(record: Record, pushed: Pushed, level: Feedback) -> list[Annotation]:
    """Return what to say beside the notebook: the score, and what cost points, the most first.

    What only follows from something else is left to the summary. A finding stands at the line
    that raised an exception, or else where the student's cell of that task begins; what is in
    nobody's cell is left to the summary as well.
    """
    total = f"{points(record.score)} of {points(record.max_score)} points"
    sentences = list(submission_messages(record, level))
    if record.error is not None or record.grader_error:
        return [Annotation("error", total, "\n".join(sentences), pushed.file, 1)]
    tasks = (f"{t.name}: {points(t.score)} of {points(t.max_score)}" for t in record.tasks)
    notice = Annotation("notice", total, "\n".join([*sentences, *tasks]), pushed.file, 1)
    if level == "score":
        return [notice]
    by_loss = sorted(record.tasks, key=lambda task: task.score - task.max_score)
    found = [note for task in by_loss for note in _of_task(task, pushed)]
    return [notice, *found]


def at_most(notes: Sequence[Annotation]) -> list[Annotation]:
    """Return as many remarks of each kind as GitHub shows; the last one says how many are left."""
    kept = []
    for kind in ("error", "warning", "notice"):
        same = [note for note in notes if note.kind == kind]
        if len(same) > MOST:
            left = len(same) - MOST + 1
            more = f"The job summary has {left} more remarks like these."
            same = [*same[: MOST - 1], Annotation(same[0].kind, "More", more, same[0].file, 1)]
        kept += same
    return kept


def _of_task(task: TaskScore, pushed: Pushed) -> list[Annotation]:
    places = {
        t.message: t.place for t in task.tests if t.place is not None and t.outcome == "failed"
    }
    first = next(iter(places.values()), None)
    notes = []
    follows = {finding.text for finding in task.explained if not finding.misconception}
    for advice in present_task(task, "hints").advice:
        text = advice.text
        place = places.get(text) or (first if task.explained else None)
        own = (pushed.cells or {}).get(task.name)
        if advice.mark or text in follows or (place is None and own is None):
            continue
        cell, line = (place[0], place[1]) if place is not None else (own or 1, 1)
        where = f"cell {cell}, line {line}"
        title = f"{task.name}: {points(task.score)} of {points(task.max_score)} points, {where}"
        message = "\n".join(part.strip() for part in cut(text, LONGEST).split("\n"))
        notes.append(
            Annotation("error", title, message, pushed.file, line_of(pushed.lines, cell, line))
        )
    return notes
