"""Annotations at the lines of a student's notebook on GitHub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.course import Feedback
from autograder.integrations.github.job_summary import cut
from autograder.integrations.github.source_lines import Lines, line_of
from autograder.record import Record, TaskScore
from autograder.reports.presentation import present_task, submission_messages
from autograder.reports.text import points, quiet

MOST = 10  # of a kind in a step; GitHub drops the rest
LONGEST = 3000


@dataclass(frozen=True)
class Annotation:
    """A message at a line of a file in the repository."""

    kind: Literal["error", "notice"]
    title: str
    message: str
    file: str
    line: int


@dataclass(frozen=True)
class PushedNotebook:
    """A notebook in the repository.

    `lines` has the line of its file for each line of its code cells; `cells` the number of the
    cell, from 1, with the student's answer to a task.
    """

    file: str
    lines: Lines = ()
    cells: Mapping[str, int] | None = None


def annotate(record: Record, pushed: PushedNotebook, level: Feedback) -> list[Annotation]:
    """Return annotations with the score and what cost points, the most costly first.

    A finding is annotated at the line that raised an exception, or else where the student's cell of
    that task begins. Consequences of other findings, and what is in no cell, are only in the
    summary.
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
    return [notice, *(note for task in by_loss for note in _of_task(task, pushed))]


def limited(notes: Sequence[Annotation]) -> list[Annotation]:
    """Return as many annotations of each kind as GitHub shows; the last one counts the rest."""
    kept = []
    for kind in ("error", "notice"):
        same = [note for note in notes if note.kind == kind]
        if len(same) > MOST:
            left = len(same) - MOST + 1
            more = f"See the job summary for {left} more."
            same = [*same[: MOST - 1], Annotation(same[0].kind, "More", more, same[0].file, 1)]
        kept += same
    return kept


def _of_task(task: TaskScore, pushed: PushedNotebook) -> list[Annotation]:
    failed = (test for test in task.tests if test.outcome == "failed")
    raised = {t.message: t.source_location for t in failed if t.source_location is not None}
    first = next(iter(raised.values()), None)
    answer = (pushed.cells or {}).get(task.name)
    beginning = None if answer is None else (answer, 1, "")
    consequences = {finding.text for finding in task.explained if not finding.misconception}
    found = []
    for advice in present_task(task, "hints").advice:
        where = raised.get(advice.text) or (first if task.explained else None) or beginning
        if where is None or advice.mark or advice.text in consequences:
            continue
        cell, line, _ = where
        score = f"{points(task.score)} of {points(task.max_score)} points"
        title = f"{task.name}: {score}, cell {cell}, line {line}"
        message = "\n".join(part.strip() for part in cut(advice.text, LONGEST).split("\n"))
        in_file = line_of(pushed.lines, cell, line)
        found.append(Annotation("error", title, message, pushed.file, in_file))
    return found


def command(annotation: Annotation) -> str:
    """Return the workflow command of an annotation, on one line."""
    title = quiet(annotation.title)
    properties = {"file": annotation.file, "line": str(annotation.line), "title": title}
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{annotation.kind} {joined}::{_data(quiet(annotation.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
