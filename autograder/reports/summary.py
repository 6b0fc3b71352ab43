"""What the terminal shows of a run: a line for each submission, and tables at the end."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder.course import Assignment
from autograder.record import Record, TaskScore
from autograder.reports.presentation import how_stopped, is_not_filled_in, late
from autograder.reports.text import one_line, points, quiet, words


def headline(record: Record) -> str:
    """Say in a few words what happened to a submission."""
    if record.error is not None:
        return one_line(record.problem, 90)
    if record.grader_error:
        return "the grader failed: grade it again"
    lost = [task for task in record.tasks if task.score < task.max_score]
    missing = [task.name for task in lost if is_not_filled_in(task)]
    complaints = [_complaint(task) for task in lost if task.name not in missing]
    if missing:
        complaints.insert(0, f"not filled in: {', '.join(missing)}")
    text = "; ".join(filter(None, complaints)) or "everything right"
    return one_line("; ".join(filter(None, (record.note, late(record), text))), 90)


def reviews(records: Sequence[Record]) -> list[str]:
    """Return a line for each task that a person should review, or unreadable submission."""
    lines = []
    for record in records:
        found = [f"{task.name}: {task.review}" for task in record.tasks if task.review]
        found += [record.problem] if record.problem and not record.grader_error else []
        student = one_line(record.student, 40)
        lines += [f"{student}: {one_line(text, 200)}" for text in found]
    return ["To review by hand:", *(f"  {line}" for line in lines)] if lines else []


def _complaint(task: TaskScore) -> str:
    """Say in a word or two what went wrong in a task, "" if it only waits for another."""
    if all(test.outcome == "skipped" for test in task.tests):
        return ""
    if task.misconceptions:
        return f"{task.name}: {', '.join(map(words, task.misconceptions))}"
    if task.explained:
        return ""  # it follows from another
    if stopped := how_stopped(task):
        return f"{task.name} {stopped}"
    failed = [test for test in task.tests if test.outcome != "passed"]
    if len(failed) == len(task.tests):
        return f"{task.name} wrong"
    return f"{task.name}: {', '.join(words(test.name) for test in failed)}"


def table(records: Sequence[Record], assignment: Assignment) -> Table:
    """Return the table of a class: students, tasks, totals, and what happened."""
    result = Table(box=SIMPLE_HEAD, pad_edge=False)
    result.add_column("student", overflow="fold")
    for task in assignment.tasks:
        result.add_column(f"{task.name}\n/ {points(task.points)}", justify="right", no_wrap=True)
    result.add_column(f"total\n/ {points(assignment.max_score)}", justify="right", no_wrap=True)
    result.add_column("what happened", overflow="fold")
    for record in records:
        scores = {task.name: points(task.score) for task in record.tasks}
        style = "red" if record.status == "failed" else ""
        result.add_row(
            Text(one_line(record.student, 40)),
            *(scores.get(task.name, "–") for task in assignment.tasks),
            Text(points(record.score), "bold"),
            Text(headline(record)),
            style=style,
        )
    return result


def totals(graded: Sequence[tuple[Assignment, Sequence[Record]]]) -> Table:
    """Return the table of an assignment with several notebooks: their points and the sums.

    Args:
        graded: each notebook with its records.
    """
    result = Table(box=SIMPLE_HEAD, pad_edge=False)
    result.add_column("student", overflow="fold")
    for one, _ in graded:
        result.add_column(f"{one.notebook}\n/ {points(one.max_score)}", justify="right")
    most = sum(one.max_score for one, _ in graded)
    result.add_column(f"total\n/ {points(most)}", justify="right", no_wrap=True)
    by_student = [{record.student: record for record in records} for _, records in graded]
    for student in dict.fromkeys(record.student for _, records in graded for record in records):
        found = [records.get(student) for records in by_student]
        scores = [0.0 if record is None else record.score for record in found]
        whole = None if None in scores else sum(score or 0.0 for score in scores)
        result.add_row(
            Text(one_line(student, 40)), *map(points, scores), Text(points(whole), "bold")
        )
    return result


def progress_line(record: Record, done: int, total: int) -> str:
    """Return one submission's result on one line, for logs."""
    score = f"{points(record.score)}/{points(record.max_score)}"
    return f"[{done}/{total}] {one_line(record.student, 40)}: {score}  {headline(record)}"


def findings(record: Record) -> str:
    """Return the findings of a submission as indented text, "" if there are none."""
    lines = [] if record.error is None else [f"  {quiet(record.error)}"]
    for task in record.tasks:
        for finding in task.findings:
            first, *rest = quiet(finding).split("\n")
            lines += [f"  {task.name}: {first}", *(f"    {line.strip()}" for line in rest)]
    return "\n".join([one_line(record.student, 40), *lines, "", ""]) if lines else ""
