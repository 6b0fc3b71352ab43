"""The command `autograder`. What a command needs is imported when it runs."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder import __version__
from autograder.errors import AutograderError, GradebookError, UsageError
from autograder.export import FORMATS
from autograder.files import is_inside
from autograder.report.text import quiet
from autograder.selfcheck.command import check
from autograder.terminal import (
    BAD_INPUT,
    FAULT,
    GRADED,
    UNDER,
    completion,
    debug_option,
    printable,
    run,
)

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.again import Again
    from autograder.course import Assignment, Course
    from autograder.grading.chunk import Graded
    from autograder.grading.run import Grading
    from autograder.scorecard import Record
    from autograder.submission import Submission
    from autograder.verify.command import Verification


REPORTS = ("github", "classroom", "classroom50", "json", "junit")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with a status that scripts can rely on."""
    run(
        cli,
        arguments,
        "Interrupted. What was graded so far is kept; run the command again to go on.",
        "this is a fault of the grader, not of a submission",
    )


def _assignment_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete names of assignments in the shell."""
    try:
        names = _load_course(context.params.get("course_file")).assignments
    except AutograderError:
        return []
    return [name for name in names if name.startswith(incomplete)]


assignment_option = click.option(
    "-a",
    "--assignment",
    metavar="NAME",
    shell_complete=_assignment_names,
    help="The assignment; needed only when there are several.",
)
jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Submissions graded at the same time. [default: the processors of this machine]",
)
output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write. [default: standard output, or a name that says what it is]",
)
course_option = click.option(
    "--course",
    "course_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The course to use instead of the nearest course.yml.",
)


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command has."""
    command.__doc__ = (command.__doc__ or "").replace("\\b\n", "\b\n")  # lines stay lines
    return course_option(debug_option(command))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Grade machine-learning assignments: honestly, fast, and with feedback that teaches.

    Commands look for course.yml in the current folder and the folders above it.
    """


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@assignment_option
@jobs_option
@click.option(
    "--dask",
    "dask_address",
    metavar="ADDRESS",
    help="Grade on the Dask cluster of this scheduler, tcp://host:8786; `local` starts one here "
    "with --jobs workers. Needs the extra [dask].",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a JSON object a line, one for each submission.",
)
@click.option(
    "--junit",
    "junit_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results as JUnit XML, for CI.",
)
@click.option(
    "--feedback",
    "feedback_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a page for each student, <student>/<assignment>.html.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0),
    metavar="POINTS",
    help="Exit with status 1 when a submission has fewer points.",
)
@click.option("--force", is_flag=True, help="Grade also what has not changed since it was graded.")
@click.option("-v", "--verbose", is_flag=True, help="Show what was found wrong in each submission.")
@common_options
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    jobs: int | None,
    dask_address: str | None,
    json_file: Path | None,
    junit_file: Path | None,
    feedback_folder: Path | None,
    fail_under: float | None,
    force: bool,
    verbose: bool,
    course_file: Path | None,
) -> int:
    r"""Grade submissions.

    Each PATH is a notebook, a folder of notebooks, or a folder in nbgrader's layout
    (<student>/<assignment>/<notebook>.ipynb). Without a PATH, the course's submitted/ is graded.
    Grades of what is in submitted/ are also written to nbgrader's gradebook, and pages to
    feedback/. What has been graded is graded again only if something it depends on has changed.

    \b
    Exit status: 0 graded, 1 a score under --fail-under, 2 bad input or
    configuration, 3 a fault of the grader.
    """
    from autograder.again import Again

    course = _load_course(course_file)
    chosen = course.assignment(assignment)
    submissions, problems = _find(paths, course, chosen)
    chosen = _with_granted(course, chosen, submissions)
    again = Again(course, chosen, submissions)
    known = {} if force else again.unchanged(feedback_folder)
    waiting = [submission for submission in submissions if submission.path not in known]

    records: list[Record] = []
    not_written = None
    try:
        with (
            _grading(course, chosen, waiting, jobs, dask_address) as results,
            _json_lines(json_file) as write_json,
            _writer(course, chosen, waiting, again, feedback_folder) as write,
        ):
            for submission in submissions:
                result = None if submission.path in known else next(results)
                record = known[submission.path] if result is None else result.record
                with _writing(json_file):
                    write_json(record)
                if result is not None:
                    write(submission, result)
                records.append(record)
    except GradebookError as error:
        not_written = error  # what was graded is shown first
    if junit_file is not None:
        from autograder.report.junit import write_junit

        with _writing(junit_file):
            write_junit(junit_file, records)
    if records:
        _show(records, chosen, verbose)
    if known:
        click.echo(_unchanged(len(known), len(submissions)), err=True)
    if not_written is not None:
        raise not_written
    return _status(records, bool(problems), fail_under)


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@assignment_option
@click.option("--dry-run", is_flag=True, help="Write nothing: only show what would change.")
@jobs_option
@common_options
def regrade(
    paths: tuple[Path, ...],
    assignment: str | None,
    dry_run: bool,
    jobs: int | None,
    course_file: Path | None,
) -> int:
    r"""Grade everything again and show whose score changes, by how much and why.

    Each PATH is as for grade. Scores before are those of the records that `grade` keeps, or else
    those in nbgrader's gradebook. Points that were given by hand stay.

    \b
    Exit status: 0 graded, 2 bad input or configuration, 3 a fault of the grader.
    """
    from autograder.again import Again
    from autograder.report.changes import causes, changes_table

    course = _load_course(course_file)
    chosen = course.assignment(assignment)
    submissions, problems = _find(paths, course, chosen)
    chosen = _with_granted(course, chosen, submissions)
    again = Again(course, chosen, submissions)
    changes, records = [], []
    with (
        _grading(course, chosen, submissions, jobs) as results,
        _writer(course, chosen, [] if dry_run else submissions, again, None) as write,
    ):
        for submission in submissions:
            result = next(results)
            changes.append(again.change(submission, result.record))
            records.append(result.record)
            if not dry_run:
                write(submission, result)
    changed = [change for change in changes if change.is_one]
    if changed:
        _console().print(changes_table(changed))
    same = len(changes) - len(changed)
    click.echo(f"{same} of {len(changes)} keep their score. {causes(changed)}".rstrip())
    if dry_run:
        click.echo("Nothing was written: without --dry-run, this is what is graded.")
    return _status(records, bool(problems), None)


@cli.command()
@click.argument("assignment", required=False, shell_complete=_assignment_names)
@click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    default="csv",
    help="A table; Canvas's or Moodle's own file, filled in; Gradescope's results.json; or the "
    "records. [default: csv]",
)
@click.option(
    "--into",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that Canvas or Moodle exported. It is read; --output is written.",
)
@click.option("--column", metavar="NAME", help="The assignment's name in Canvas. [default: title]")
@output_option
@common_options
def export(
    assignment: str | None,
    style: str,
    into: Path | None,
    column: str | None,
    output: Path | None,
    course_file: Path | None,
) -> int:
    """Export the grades of ASSIGNMENT, with what lateness costs taken off.

    Grades are those in nbgrader's gradebook, with points given by hand, or else those of the
    records that `grade` keeps. Canvas and Moodle get back their own file: students are matched by
    e-mail, login, number or name, exactly, and whoever is not found is named.
    """
    from autograder.export.command import export as export_grades
    from autograder.files import write_whole

    course = _load_course(course_file)
    exported = export_grades(course, course.assignment(assignment), style, into, column)
    if output is None:
        sys.stdout.buffer.write(exported.content)
    else:
        with _writing(output):
            write_whole(output, exported.content)
    for note in exported.notes:
        click.echo(quiet(note), err=True)
    return GRADED


@cli.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@assignment_option
@click.option(
    "--roster",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What Canvas exports under Grades, or the worksheet of Moodle's assignment: folders are "
    "called by login or e-mail, and with Moodle's it is known when something was handed in.",
)
@common_options
def collect(
    files: tuple[Path, ...], assignment: str | None, roster: Path | None, course_file: Path | None
) -> int:
    r"""Put what students handed in elsewhere into submitted/, and say what has no place there.

    Each FILE is a zip in which Canvas, Moodle or Gradescope gives all submissions, as it was
    downloaded, or a folder into which one was unpacked. Of each student the last submission is
    taken; one in submitted/ is replaced only by a later one, and kept in .replaced beside it.

    \b
    Exit status: 0 everything placed, 1 something could not be placed or read,
    2 bad input or configuration.
    """
    from autograder.collect.command import collect as collect_files

    course = _load_course(course_file)
    with _writing(course.folder("submitted")):
        collected = collect_files(course, course.assignment(assignment), files, roster)
    for note in collected.notes:
        click.echo(printable(quiet(note)))
    click.echo(collected.summary)
    for problem in collected.problems:
        click.echo(printable(f"  {quiet(problem)}"))
    return UNDER if collected.problems else GRADED


@cli.command()
@click.argument("file", metavar="RECORDS", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", *REPORTS]),
    default="text",
    help="The table and what was found; or for a job on GitHub, a JUnit reader, a gradebook. "
    "[default: text]",
)
@click.option(
    "--notebook",
    metavar="PATH",
    default="",
    help="The notebook's path in the repository, for remarks beside it.",
)
@click.option(
    "--artifact", metavar="NAME", default="", help="What the artifact with the page is called."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write. [default: standard output]",
)
@common_options
def report(
    file: Path,
    style: str,
    notebook: str,
    artifact: str,
    output: Path | None,
    course_file: Path | None,
) -> int:
    """Report what is in RECORDS, the file that `grade --json` wrote.

    With --format github, all that a job can show: the log, remarks beside the student's own lines,
    the job's summary and the step's outputs. Students see what the course's `feedback` lets them.
    """
    from autograder.ci.formats import rendered
    from autograder.ci.github import show_on_github
    from autograder.files import write_whole
    from autograder.report.jsonl import read_records

    records = read_records(file)
    course = _load_course(course_file)
    assignment = course.assignment(records[0].assignment)
    if style == "text":
        _show(records, assignment, verbose=True)
        return GRADED
    if style == "github":
        shown = show_on_github(records, course, assignment, os.environ, notebook, artifact)
        content = shown.encode("utf-8", "replace")
    else:
        content = rendered(records, style, assignment.feedback)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        with _writing(output):
            write_whole(output, content)
    return GRADED


@cli.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@assignment_option
@click.option(
    "--student", metavar="NAME", help="Who hands it in. [default: whose repository it is]"
)
@click.option(
    "--time",
    "submitted",
    metavar="TIME",
    help="When it was handed in, ISO 8601. [default: when GitHub received the push, or now]",
)
@common_options
def receive(
    notebook: Path,
    folder: Path,
    assignment: str | None,
    student: str | None,
    submitted: str | None,
    course_file: Path | None,
) -> int:
    """Lay a pushed NOTEBOOK into FOLDER as nbgrader would: by student and assignment, with a time.

    For CI, in the student's repository. Prints the folder that `autograder grade` is to be given.
    """
    from autograder.ci.event import pushed_at, read_event, student_of
    from autograder.ci.receive import receive as lay

    event = read_event(os.environ)
    try:
        time = datetime.fromisoformat(submitted) if submitted else pushed_at(event, _now())
    except ValueError:
        raise UsageError(f"{submitted!r} is no time: write it as 2026-12-14T23:59:00Z.") from None
    chosen = _load_course(course_file).assignment(assignment)
    who = student or student_of(event, os.environ)
    with _writing(folder):
        laid = lay(notebook, folder, chosen, who, time if time.tzinfo else time.replace(tzinfo=UTC))
    click.echo(laid)
    return GRADED


@cli.group(context_settings={"help_option_names": ["-h", "--help"]})
def template() -> None:
    """Write files that a repository begins with."""


@template.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--grader",
    required=True,
    metavar="OWNER/REPO[@REF]",
    help="Your copy of this kit on GitHub, and a branch, tag or commit of it. [default REF: main]",
)
@click.option(
    "--course",
    "course_repository",
    metavar="OWNER/REPO",
    help="A private repository with course.yml and hidden suites, read with a deploy key.",
)
@assignment_option
@click.option(
    "--course-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The course to use instead of the nearest course.yml.",
)
@debug_option
def github(
    folder: Path,
    grader: str,
    course_repository: str | None,
    assignment: str | None,
    course_file: Path | None,
) -> int:
    """Write the repository that students start from on GitHub into FOLDER.

    The release version of the notebook, the workflow that grades each push, what the notebook
    needs, and a page that explains it. Nothing that is there already is changed.
    """
    from autograder.template.github import student_repository
    from autograder.template.write import write_files

    course = _load_course(course_file)
    chosen = course.assignment(assignment)
    files = student_repository(course, chosen, grader, course_repository)
    with _writing(folder):
        write_files(folder, files)
    for name in files:
        click.echo(f"{folder / name}")
    return GRADED


cli.add_command(course_option(check))


@cli.command()
@click.argument("assignment", required=False, shell_complete=_assignment_names)
@common_options
def validate(assignment: str | None, course_file: Path | None) -> int:
    """Check course, notebooks and suites against each other.

    The source notebook must get full points, the release version none, and the release version
    must be the one that nbgrader makes from the source. Checks all assignments, or ASSIGNMENT.
    """
    from autograder.validate import validate_assignment

    course = _load_course(course_file)
    names = list(course.assignments) if assignment is None else [assignment]
    for name in names:
        for line in validate_assignment(course, course.assignment(name)):
            click.echo(line)
    return GRADED


@cli.command()
@click.argument("assignment", required=False, shell_complete=_assignment_names)
@click.option(
    "--mutants",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Also change the reference solution at random, N times.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "html"]),
    default="text",
    help="Print the matrix as text, or as a page.",
)
@jobs_option
@common_options
def verify(
    assignment: str | None, mutants: int, style: str, jobs: int | None, course_file: Path | None
) -> int:
    r"""Test the tests: send submissions with known results through them.

    The reference solution and every accepted way to write it must get full points, an empty one
    none; every known mistake must lose exactly its points and be named; no attack may gain a
    point; every test must catch something that no other of its task does; two runs must agree.

    \b
    Exit status: 0 all of that holds, 1 something does not.
    """
    from autograder.verify.command import verify_assignment
    from autograder.verify.matrix import page

    course = _load_course(course_file)
    chosen = course.assignment(assignment)
    with _bar("verifying") as progress:
        found = verify_assignment(course, chosen, mutants, jobs or _processors(), progress)
    if style == "html":
        title = f"{chosen.name}: what the tests catch"
        click.echo(page(found.rows, found.tasks, title, found.summary, found.problems), nl=False)
    else:
        _show_matrix(found)
    return UNDER if found.problems else GRADED


@cli.command()
@click.argument("assignment", required=False, shell_complete=_assignment_names)
@common_options
def release(assignment: str | None, course_file: Path | None) -> int:
    """Make the release version of an assignment, in assignments/, with nbgrader.

    Makes all assignments, or ASSIGNMENT. Needs the extra [nbgrader].
    """
    from autograder.nbgrader.release import release_assignment

    course = _load_course(course_file)
    names = list(course.assignments) if assignment is None else [assignment]
    for name in names:
        path = release_assignment(course, course.assignment(name))
        click.echo(f"{_relative(path)}: made from the source notebook.")
    return GRADED


@cli.command()
@click.argument("assignment")
@click.option("--notebook", metavar="NAME", help="Which notebook, if the assignment has several.")
@click.option("--suite", metavar="FOLDER", help="Where its tests are. [default: suites/ASSIGNMENT]")
@debug_option
def adopt(assignment: str, notebook: str | None, suite: str | None) -> int:
    """Write the course.yml of an nbgrader course that is there already.

    Tasks, points and cells are taken from the source notebook of ASSIGNMENT, folders and
    gradebook from nbgrader's configuration. Run it where you run nbgrader.
    """
    from autograder.nbgrader.adopt import LINES
    from autograder.nbgrader.adopt import adopt as write_course

    file = write_course(Path.cwd(), assignment, notebook, suite)
    click.echo(f"{_relative(file)}: made from the source notebook of {assignment}.")
    click.echo(f"Now put these two lines at the end of nbgrader_config.py:\n\n{LINES}")
    click.echo("and see with `autograder validate` whether everything fits.")
    return GRADED


@cli.group()
def package() -> None:
    """Pack an assignment for where it is to be graded or checked."""


@package.command("gradescope")
@click.argument("assignment", required=False, shell_complete=_assignment_names)
@output_option
@common_options
def package_gradescope(
    assignment: str | None, output: Path | None, course_file: Path | None
) -> int:
    """Make the zip file that Gradescope takes as the autograder of ASSIGNMENT.

    It holds the suite and the seed: keep it from students. Upload it under Configure Autograder.
    """
    from autograder.files import write_whole
    from autograder.package.gradescope import package as pack

    course = _load_course(course_file)
    chosen = course.assignment(assignment)
    content = pack(course, chosen)
    output = output or Path(f"{chosen.name}-gradescope.zip")
    with _writing(output):
        write_whole(output, content)
    click.echo(
        f"{output}: {len(content) / 1e6:.1f} MB. In Gradescope the assignment is worth "
        f"{chosen.max_score:g} points."
    )
    return GRADED


@cli.command()
@click.argument("assignment", required=False, shell_complete=_assignment_names)
@common_options
def doctor(assignment: str | None, course_file: Path | None) -> int:
    r"""Try out whether student code is confined on this machine.

    A real child process tries each thing that student code must not do.

    \b
    Exit status: 0 everything was stopped, 2 something was not.
    """
    from rich.console import Console

    from autograder.report.summary import confinement_table
    from autograder.sandbox.probe import FORBIDDEN, mechanisms, probe, reason, refuses, secrets
    from autograder.sandbox.warm import WarmProcess

    course = _load_course(course_file)
    chosen = course.assignment(assignment or next(iter(course.assignments)))
    with WarmProcess(chosen.preload) as warm:
        held = probe(warm, secrets(course, chosen))
    rows = [(what, held.stopped[name]) for name, what in FORBIDDEN.items()]
    Console().print(confinement_table(rows))
    click.echo(f"confined by: {mechanisms()}")
    if held.complete:
        return GRADED
    click.echo(f"not everything was stopped: {reason()}")
    demand = "refuses to grade" if refuses(course, held) else "grades nevertheless"
    click.echo(f"isolation: {course.isolation} in {course.file} {demand} here")
    return BAD_INPUT


@package.command()
@click.argument("assignment", required=False, shell_complete=_assignment_names)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to put it. [default: the current folder]",
)
@common_options
def students(assignment: str | None, folder: Path, course_file: Path | None) -> int:
    """Make the students' kit: a wheel with `autograder check` and the public tests.

    For all assignments that have public tests, or for ASSIGNMENT. Hidden tests, solutions and
    whatever else `check` does not need are not in it. Students install the file with pip.
    """
    from autograder.files import write_whole
    from autograder.package.student import students_wheel

    course = _load_course(course_file)
    names = list(course.assignments) if assignment is None else [assignment]
    name, content = students_wheel(course, [course.assignment(name) for name in names])
    with _writing(folder / name):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, content)
    click.echo(f"{_relative(folder / name)}: {len(content) // 1024} KB, for students to install.")
    return GRADED


cli.add_command(completion)


def _find(
    paths: Sequence[Path], course: Course, assignment: Assignment
) -> tuple[list[Submission], list[str]]:
    """Return what is to be graded, and say which paths stand for nothing."""
    from autograder.submission import find_submissions, require

    submissions, problems = find_submissions(paths or [course.folder("submitted")], assignment)
    require(submissions, problems)
    for problem in problems:
        click.echo(f"autograder: {quiet(problem)}", err=True)
    return submissions, problems


def _with_granted(
    course: Course, assignment: Assignment, submissions: Sequence[Submission]
) -> Assignment:
    """Return the assignment with the time that nbgrader's gradebook gives to students."""
    if not _any_inside(course, submissions):
        return assignment
    try:
        from autograder.nbgrader.held import granted
    except ImportError:  # no extra, no gradebook
        return assignment
    return assignment.with_granted(granted(course, assignment))


def _any_inside(course: Course, submissions: Sequence[Submission]) -> bool:
    """Say whether some of the submissions are in the course's submitted/."""
    folder = course.folder("submitted")
    return any(is_inside(submission.path, folder) for submission in submissions)


@contextmanager
def _grading(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Submission],
    jobs: int | None,
    dask_address: str | None = None,
) -> Iterator[Iterator[Graded]]:
    """Grade submissions while the context lasts, here or on a cluster, showing how far it is."""
    if not submissions:
        yield iter(())
        return
    start = _grading_here_or_at(dask_address)
    with (
        start(submissions, course, assignment, jobs or _processors()) as results,
        closing(_with_progress(results, len(submissions))) as shown,
    ):
        yield shown


def _grading_here_or_at(dask_address: str | None) -> Grading:
    """Return what grades: processes of this machine, or a Dask cluster."""
    if dask_address is None:
        from autograder.grading.run import grading

        return grading
    from autograder.grading.cluster import grading_at

    return grading_at(dask_address)


@contextmanager
def _writer(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Submission],
    again: Again,
    feedback: Path | None,
) -> Iterator[Callable[[Submission, Graded], None]]:
    """Return a function that writes a grade, a page and, when that is done, the record."""
    with _gradebook(course, assignment, submissions) as write_grade:

        def write(submission: Submission, result: Graded) -> None:
            from autograder.grading.feedback import write_feedback

            write_grade(result)
            pages = again.pages(submission, feedback)
            if pages is not None:
                with _writing(pages):
                    write_feedback(result, assignment, pages)
            if result.settled:
                again.keep(submission, result.record, feedback)

        yield write
    if again.problem:
        click.echo(f"Everything will be graded again next time: {again.problem}.", err=True)


def _unchanged(known: int, total: int) -> str:
    """Say how many were not graded again."""
    if known == total:
        return f"Nothing has changed: {known} keep their grade. --force grades them again."
    return f"{known} of {total} unchanged: they keep their grade. --force grades them again."


def _load_course(file: Path | None) -> Course:
    from autograder.course import find_course, load_course

    return load_course(file if file is not None else find_course(Path.cwd()))


def _now() -> datetime:
    return datetime.now(UTC)


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@contextmanager
def _writing(file: Path | None) -> Iterator[None]:
    """Turn a failure to write into a sentence."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from None


@contextmanager
def _json_lines(file: Path | None) -> Iterator[Callable[[Record], None]]:
    """Open the file for records, and return a function that writes one."""
    from autograder.report.jsonl import write_record

    if file is None:
        yield _write_nothing
        return
    with _writing(file):
        stream = file.open("w", encoding="utf-8")
    try:
        yield lambda record: write_record(stream, record)
    finally:
        with suppress(OSError):  # said already: each record is flushed when it is written
            stream.close()


def _with_progress(results: Iterator[Graded], total: int) -> Generator[Graded]:
    """Pass results on, showing a live bar on a terminal and plain lines elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    from autograder.report.summary import progress_line

    console = Console(stderr=True)
    if not console.is_terminal:
        for done, result in enumerate(results, 1):
            click.echo(progress_line(result.record, done, total), err=True)
            yield result
        return
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeLeft())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=total)
        for result in results:
            progress.advance(bar)
            yield result


def _show(records: Sequence[Record], assignment: Assignment, verbose: bool) -> None:
    """Print the table, and with -v what was found wrong in each submission."""
    from autograder.report.summary import findings, reviews, table

    _console().print(table(records, assignment))
    for line in reviews(records):
        click.echo(printable(line))
    if verbose:
        for record in records:
            click.echo(findings(record), nl=False)


def _show_matrix(found: Verification) -> None:
    """Print the matrix, what was found, and what does not hold."""
    from autograder.verify.matrix import legend, table

    _console().print(table(found.rows, found.tasks))
    click.echo(legend(found.tasks))
    for line in found.summary:
        click.echo(line)
    for problem in found.problems:
        click.echo(f"✗ {quiet(problem)}")
    click.echo("Not everything holds." if found.problems else "Everything holds.")


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal for something of unknown length, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn(what), TextColumn("{task.completed:.0f} done"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        bar = p.add_task("", total=None)
        yield lambda count: p.advance(bar, count)


def _console() -> Console:
    """Return standard output for tables, of a fixed width when nobody looks."""
    from rich.console import Console

    console = Console(soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=120)
    return console


@contextmanager
def _gradebook(
    course: Course, assignment: Assignment, submissions: Sequence[Submission]
) -> Iterator[Callable[[Graded], None]]:
    """Return a function that writes a grade of what is in submitted/ to nbgrader's gradebook."""
    folder = course.folder("submitted")
    if not _any_inside(course, submissions):
        yield _write_nothing
        return
    try:
        from autograder.nbgrader.gradebook import GradeWriter
    except ImportError:
        click.echo("The gradebook is not written: install the extra [nbgrader].", err=True)
        yield _write_nothing
        return
    with GradeWriter(course, assignment) as writer:
        yield lambda result: writer.write(result) if is_inside(result.path, folder) else None
    click.echo(f"{writer.written} grades written to {course.gradebook_name}.", err=True)
    for name in sorted(assignment.neighbours):
        click.echo(
            f"{name}.ipynb is not in {course.file.name}: `nbgrader autograde "
            f"{shlex.quote(assignment.name)} --notebook={shlex.quote(name)}` grades it.",
            err=True,
        )


def _write_nothing(result: Graded | Record) -> None:
    """Write nothing: nobody asked for it."""


def _status(records: Sequence[Record], problems: bool, fail_under: float | None) -> int:
    if any(record.fault for record in records):
        return FAULT
    if problems or all(record.status == "failed" for record in records):
        return BAD_INPUT
    if fail_under is not None and any((record.score or 0) < fail_under for record in records):
        return UNDER
    return GRADED
