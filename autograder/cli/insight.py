"""`autograder insight`: show what a class has understood."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.cli.options import common_options, file_option, find_and_load
from autograder.cli.runner import OK, writing
from autograder.cli.terminal import relative
from autograder.errors import AutograderError, CourseError, UsageError, described
from autograder.reports.text import one_line

if TYPE_CHECKING:
    from autograder.cli.grading_run import GradingRun
    from autograder.course import Course
    from autograder.insight.gathered import Gathered
    from autograder.record import Record

SECONDS = 2.0  # between two looks at the records


@click.command()
@click.argument("which", metavar="WHAT", nargs=-1)
@file_option("-o", "--output", help="The page to write. [default: insight/<assignment>.html]")
@file_option("--json", "json_file", help="Write the numbers as JSON, too.")
@file_option("--csv", "csv_file", help="Write the numbers as a table, too.")
@file_option(
    "--compare",
    "before_file",
    help="What --json wrote in another term: show which tests and mistakes became rarer or "
    "commoner.",
)
@click.option("--pseudonyms", is_flag=True, help="Leave out names, and texts that may have some.")
@click.option("--watch", is_flag=True, help="Renew the page while a class is graded, until Ctrl-C.")
@common_options
def insight(
    which: tuple[str, ...],
    output: Path | None,
    json_file: Path | None,
    csv_file: Path | None,
    before_file: Path | None,
    pseudonyms: bool,
    watch: bool,
    course_file: Path | None,
) -> int:
    """Show what a class has understood, on a page for the instructor.

    The page has the scores, known mistakes, failures that nothing explains yet, tests to look at
    and students to look at. WHAT is an assignment, by default each: the page is made of the records
    that `grade` keeps for the submissions in submitted/. Or WHAT are files that `grade --json`
    wrote, ending in .jsonl; these need no course.
    """
    from autograder.insight.writing import read_insight

    files = [Path(name) for name in which if name.endswith(".jsonl") or Path(name).is_file()]
    if len(files) < len(which) and (files or len(which) > 1):
        raise UsageError("Give one assignment, or files with records that end in .jsonl.")
    course = _course_if_any(course_file) if files else find_and_load(course_file)
    before = None if before_file is None else read_insight(before_file)

    def write(*, watched: bool = False) -> list[Path]:
        found = _in_files(files) if course is None or files else _in_course(course, which)
        if len(found) > 1 and (output or json_file or csv_file):
            names = ", ".join(one.assignment for one in found)
            raise UsageError(f"There are records of several assignments: choose one of {names}.")
        return [
            _write(one, course, output, before, pseudonyms, watched, json_file, csv_file)
            for one in found
        ]

    if watch:
        _watch(lambda: write(watched=True), files or _caches(course))
    for page in write():
        click.echo(f"Written: {relative(page)}")
    return OK


def _write(
    found: Gathered,
    course: Course | None,
    output: Path | None,
    before: Mapping[str, Any] | None,
    anonymous: bool,
    watched: bool,
    json_file: Path | None,
    csv_file: Path | None,
) -> Path:
    """Write the page of one assignment, and return its path."""
    from autograder.insight.writing import Place, default_page, insight_at, write_insight

    root = Path.cwd() if course is None else course.root
    known = None if course is None else course.assignments.get(found.assignment)
    page = output or default_page(root, found.assignment)
    place = Place(page, course if known else None, known)
    with writing(page):
        write_insight(
            place,
            insight_at(place, found, before),
            anonymous=anonymous,
            watched=watched,
            json_file=json_file,
            csv_file=csv_file,
        )
    return page


def _course_if_any(file: Path | None) -> Course | None:
    """Return the course, None if there is none: records are enough."""
    try:
        return find_and_load(file)
    except CourseError:
        if file is not None:
            raise
        return None


def _in_files(files: Sequence[Path]) -> list[Gathered]:
    """Return the classes in files with records, read one by one."""
    from autograder.insight.gathered import Gathered
    from autograder.record_json import each_record

    found: dict[str, Gathered] = {}
    for file in files:
        for record in each_record(file):
            if record.assignment not in found:
                found[record.assignment] = Gathered(record.assignment)
            found[record.assignment].add(record)
    return list(found.values())


def _in_course(course: Course, names: Sequence[str]) -> list[Gathered]:
    """Return the classes in the records that grading keeps, of one assignment or of all."""
    from autograder.insight.gathered import gathered
    from autograder.integrations.final_grades import class_records

    parts = course.parts(names[0]) if names else course.ready_assignments
    records = {part.name: class_records(course, part) for part in parts}
    if not any(records.values()):
        which = names[0] if names else course.file.name
        raise UsageError(
            f"{which}: there are no records of submissions in submitted/. Run `autograder grade` "
            "first, or give files that `autograder grade --json` wrote."
        )
    return [gathered(name, some) for name, some in records.items() if some]


def _caches(course: Course | None) -> list[Path]:
    """Return the files in which grading keeps its records."""
    from autograder.grading.records_folder import records_folder

    assert course is not None
    return [records_folder(course) / f"{name}.jsonl" for name in course.assignments]


def _watch(
    write: Callable[[], object],
    files: Iterable[Path],
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Write whenever one of the files has changed, until Ctrl-C."""
    files, before = list(files), None
    click.echo("Renewing the page while records change. Press Ctrl-C to end.", err=True)
    try:
        while True:
            state = [(f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists()]
            if state != before:
                before = state
                try:
                    write()
                except AutograderError as error:  # no record yet, or half of one
                    click.echo(f"Waiting: {one_line(str(error))}", err=True)
            pause(SECONDS)
    except KeyboardInterrupt:
        click.echo("", err=True)


def renew_page(run: GradingRun, graded: Sequence[Record]) -> None:
    """Write the page of the class in submitted/ after grading; if that fails, say so."""
    from autograder.insight.gathered import gathered
    from autograder.insight.writing import Place, default_page, insight_at, write_insight

    assignment = run.assignment
    page = default_page(run.course.root, assignment.name)
    place = Place(page, run.course, assignment, run.feedback)
    try:
        found = gathered(assignment.name, run.records_of_class(graded))
        if not found.rows:
            return
        write_insight(place, insight_at(place, found))
    except Exception as error:  # grades count without it
        why = error.strerror if isinstance(error, OSError) else described(error)
        click.echo(f"autograder: {relative(page)} cannot be written: {why}", err=True)
    else:
        click.echo(f"What the class has understood: {relative(page)}", err=True)
