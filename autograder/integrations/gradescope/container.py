"""Grades a submission inside Gradescope's container.

`python -m autograder.integrations.gradescope.container FOLDER`, as `run_autograder` calls it.
"""

import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from autograder.course import Assignment, Course, load_course
from autograder.errors import AutograderError
from autograder.files import write_whole
from autograder.grading.batch import grade_batch, prepare, record_of
from autograder.grading.result import GradingResult
from autograder.grading.session import Attempt
from autograder.integrations.gradescope.memory import fitting
from autograder.integrations.gradescope.metadata import Metadata, read_metadata, with_due_dates
from autograder.integrations.gradescope.results import failure, results, to_bytes
from autograder.record import GRADER_ERROR, Record, by_task
from autograder.reports.feedback_page import pictures_of
from autograder.reports.presentation import OURS
from autograder.reports.summary import findings, progress_line, reviews
from autograder.reports.text import points
from autograder.sandbox.isolation_report import isolation_report
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission, candidates

RESULTS = "results/results.json"
SKIPPED = ("__MACOSX", "__pycache__")
NOT_FINISHED = (
    "Grading did not finish: these are the results so far. Ask your instructor to run the "
    "autograder again."
)
KEPT = "You see the result of your previous submission."


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
        click.echo(str(error) if isinstance(error, AutograderError) else traceback.format_exc())
        grader_error = True
        document = failure(Record(metadata.student, "", "", 0.0, error=GRADER_ERROR))
    if grader_error and metadata.earlier is not None:
        document = metadata.earlier | {"output": f"{OURS}\n{KEPT}", "output_format": "text"}
    write_whole(root / RESULTS, to_bytes(document))


def find_submission(folder: Path, assignment: Assignment, metadata: Metadata) -> Submission:
    """Return the submitted notebook: the one with the right name, or else the only one.

    It may be in a folder, as in a zip file that Gradescope unpacks. Links are not followed.
    """
    expected = folder / f"{assignment.notebook}.ipynb"
    found = sorted(_notebooks(folder), key=lambda path: (len(path.parts), path))
    named = [path for path in found if path.name == expected.name]
    renamed = candidates(found, assignment)
    path, note = expected, ""
    if named:
        path = named[0]
        if len(named) > 1:
            note = f"of {len(named)} notebooks, this one counts: {path.relative_to(folder)}"
    elif len(renamed) == 1:
        path, note = renamed[0], f"renamed: {renamed[0].name}"
    return Submission(metadata.student, path, note, metadata.submitted)


def _notebooks(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and name[0] != "."]
        for name in names:
            path = Path(parent, name)
            if name.endswith(".ipynb") and name[0] != "." and not path.is_symlink():
                yield path


def _grade(
    course: Course, assignment: Assignment, submission: Submission, results_file: Path
) -> GradingResult:
    with WarmProcess(assignment.preload) as warm:
        isolation = str(
            isolation_report(course, assignment, warm)
        )  # now its process has its memory
        assignment = fitting(assignment)
        context = prepare(course, assignment)

        def write_so_far(attempt: Attempt) -> None:
            tasks = by_task(attempt.results, [(t.name, t.points) for t in assignment.tasks])
            reached = tuple(task for task in tasks if task.tests)
            record = record_of(attempt, reached, assignment, isolation)
            write_whole(results_file, to_bytes(results(record, assignment, notice=NOT_FINISHED)))

        (graded,) = grade_batch([submission], context, warm, on_test_finished=write_so_far)
        return graded


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
