"""`autograder regrade`: regrade everything and show whose score changes."""

from pathlib import Path

import click

from autograder.cli.grading_run import find_runs
from autograder.cli.insight import renew_page
from autograder.cli.options import assignment_option, common_options, find_and_load, jobs_option
from autograder.cli.terminal import console


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@assignment_option("all that have submissions")
@click.option("--dry-run", is_flag=True, help="Only show what would change; write nothing.")
@jobs_option
@common_options
def regrade(
    paths: tuple[Path, ...],
    assignment: str | None,
    dry_run: bool,
    jobs: int | None,
    course_file: Path | None,
) -> int:
    r"""Regrade everything and show whose score changes, by how much and why.

    PATHS are those of `grade`. Previous scores come from the cache of `grade`, or else from
    nbgrader's gradebook. Manual points are kept.

    \b
    Exit status: 0 graded, 2 bad input or configuration, 3 a grader error.
    """
    from autograder.reports.score_changes import causes, changes_table

    course = find_and_load(course_file)
    found = find_runs(course, assignment, paths)
    records = []
    for run in found.runs:
        changes = []
        with (
            run.results(run.submissions, jobs, written=not dry_run) as results,
            run.writer([] if dry_run else run.submissions) as write,
        ):
            for submission in run.submissions:
                result = next(results)
                changes.append(run.previous.change(submission, result.record))
                if not dry_run:
                    write(submission, result)
                submission.release()
        changed = [change for change in changes if change.differs]
        if len(found.runs) > 1:
            click.echo(f"{run.assignment.name}:")
        if changed:
            console().print(changes_table(changed))
        same = len(changes) - len(changed)
        click.echo(f"{same} of {len(changes)} keep their score. {causes(changed)}".rstrip())
        records += [change.after for change in changes]
        if course.insight and not dry_run:
            renew_page(run, [change.after for change in changes])
    if dry_run:
        click.echo("Nothing was written. Run without --dry-run to write these grades.")
    return found.exit_status(records)
