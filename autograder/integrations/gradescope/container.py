"""Grades a submission inside Gradescope's container.

`python -m autograder.integrations.gradescope.container FOLDER`, as `run_autograder` calls it.
"""

import sys
import traceback
from dataclasses import replace
from pathlib import Path

import click

from autograder.course import Assignment, Course, load_course
from autograder.errors import AutograderError
from autograder.files import write_whole
from autograder.grading.batch import grade_batch, prepare, record_of
from autograder.grading.result import GradingResult
from autograder.grading.session import Attempt
from autograder.integrations.gradescope.metadata import Metadata, read_metadata, with_due_dates
from autograder.integrations.gradescope.results import failure, results, to_bytes
from autograder.record import GRADER_ERROR, Record, by_task
from autograder.reports.feedback_page import pictures_of
from autograder.reports.presentation import OURS
from autograder.reports.summary import findings, progress_line, reviews
from autograder.reports.text import points, quiet
from autograder.sandbox.isolation_report import isolation_report
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission, found_in

RESULTS = "results/results.json"
NOT_FINISHED = (
    "Grading did not finish: these are the results so far. Ask your instructor to run the "
    "autograder again."
)
KEPT = "You see the result of your previous submission."

SPARE_MEMORY = 64 << 20  # bytes, for the grader itself
LEAST_MEMORY = 96 << 20  # with less, correct answers would fail
CONTROL = Path("/sys/fs/cgroup")
# Of each version of control groups: its folder, the file with the limit, and the line of
# memory.stat that leaves out caches.
VERSIONS = (
    ("", "memory.max", "anon"),
    ("memory", "memory.limit_in_bytes", "total_rss"),
)


def run(root: Path) -> None:
    """Grade the submission below `root`, Gradescope's /autograder, and write results.json.

    It is always written. Errors are printed, which Gradescope shows to instructors.
    """
    metadata = read_metadata(root / "submission_metadata.json")
    try:
        course = load_course(root / "source" / "course" / "course.yml")
        assignment = with_due_dates(course.assignment(None), metadata)
        submission = find_submission(root / "submission", assignment, metadata)
        graded = _grade(course, assignment, submission, root / RESULTS)
        _print_for_instructors(graded.record)
        more = _comparison(graded.record, metadata)
        document = results(graded.record, assignment, pictures_of(graded, assignment), more)
        grader_error = graded.record.grader_error
    except Exception as error:
        reason = str(error) if isinstance(error, AutograderError) else traceback.format_exc()
        click.echo(quiet(reason))
        grader_error = True
        document = failure(Record(metadata.student, "", "", 0.0, error=GRADER_ERROR))
    if grader_error and metadata.earlier is not None:
        document = metadata.earlier | {"output": f"{OURS}\n{KEPT}", "output_format": "text"}
    write_whole(root / RESULTS, to_bytes(document))


def find_submission(folder: Path, assignment: Assignment, metadata: Metadata) -> Submission:
    """Return the submitted notebook: the one with the right name, or else the only one.

    It may be in a folder, as in a zip file that Gradescope unpacks. Links are not followed.
    """
    found = found_in(folder, assignment)
    return replace(found, student=metadata.student, submitted=metadata.submitted)


def _grade(
    course: Course, assignment: Assignment, submission: Submission, results_file: Path
) -> GradingResult:
    with WarmProcess(assignment.preload) as warm:
        isolation = str(isolation_report(course, assignment, warm))
        assignment = within_memory_left(assignment)  # now that the warm process has its own
        context = prepare(course, assignment)

        def write_so_far(attempt: Attempt) -> None:
            tasks = by_task(attempt.results, [(t.name, t.points) for t in assignment.tasks])
            reached = tuple(task for task in tasks if task.tests)
            record = record_of(attempt, reached, assignment, isolation)
            write_whole(results_file, to_bytes(results(record, assignment, notice=NOT_FINISHED)))

        (graded,) = grade_batch([submission], context, warm, on_test_finished=write_so_far)
        return graded


def within_memory_left(assignment: Assignment) -> Assignment:
    """Return the assignment with a limit on memory that fits into this container.

    A container that runs out of memory is killed with all results. A submission that stays below
    that gets a MemoryError of its own.
    """
    left = memory_left()
    if left is None or (assignment.limits.memory_mb << 20) <= left - SPARE_MEMORY:
        return assignment
    memory_mb = max(left - SPARE_MEMORY, LEAST_MEMORY) >> 20
    limits = assignment.limits.model_copy(update={"memory_mb": memory_mb})
    return assignment.model_copy(update={"limits": limits})


def memory_left() -> int | None:
    """Return the bytes of memory that this container has left, None if it has no limit."""
    for kind, limit, resident in VERSIONS:
        own = CONTROL / kind / _own_group(kind)
        for group in (own, CONTROL / kind):  # inside a container, its own is the root
            try:
                most = int((group / limit).read_text(encoding="ascii"))
                lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
            except (OSError, ValueError):  # "max" is no number
                continue
            used = dict(line.split() for line in lines if line.count(" ") == 1)
            return most - int(used.get(resident, 0)) if most < 1 << 60 else None
    return None


def _own_group(kind: str) -> str:
    """Return the path of this process's control group."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    groups = (line.split(":", 2) for line in lines)
    return next((path.lstrip("/") for _, names, path in groups if names == kind), "")


def _comparison(record: Record, metadata: Metadata) -> list[str]:
    """Return a sentence that compares with the previous submission, if there is one."""
    if metadata.score_before is None or record.score is None:
        return []
    before, now = points(metadata.score_before), points(record.total)
    return [f"Your previous submission had {before} points; this one has {now}."]


def _print_for_instructors(record: Record) -> None:
    click.echo(progress_line(record, 1, 1))
    click.echo(findings(record), nl=False)
    for line in (*reviews([record]), f"isolation: {record.isolation or 'nothing was run'}"):
        click.echo(line)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
