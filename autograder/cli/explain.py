"""`autograder explain`: make a failure that nothing explains a known mistake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import assignment_option, common_options, find_and_load
from autograder.cli.runner import OK
from autograder.cli.terminal import relative, write_out
from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.insight.groups import Group

NAME = re.compile(r"[a-z][a-z0-9_]*")
TEMPLATE = """\
# What students read who make this mistake, in three lines: what their code does, what is wrong
# with that, and where to look. Never the solution. Lines that begin with # are left out.
"""


@click.command()
@click.argument("which", metavar="GROUP|STUDENT")
@click.option("--name", required=True, help="The name of the mistake, such as squared_bias.")
@click.option("--task", "task", metavar="TASK", help="The task, if a student fails several.")
@click.option("--text", help="What students read, instead of opening an editor.")
@assignment_option("the only one")
@common_options
def explain(
    which: str,
    name: str,
    task: str | None,
    text: str | None,
    assignment: str | None,
    course_file: Path | None,
) -> int:
    """Make a failure that nothing explains yet a known mistake.

    GROUP is the number of a group on the page of `autograder insight`, STUDENT the name of one of
    its students. The shortest code of the group goes to the suite's folder explained/, without
    comments. The next grading names the mistake to all who make it, and no score changes.
    """
    from autograder.diagnosis.explained import FOLDER, explained_mistake, file_of, load_mistakes
    from autograder.insight.gathered import gathered
    from autograder.insight.groups import groups
    from autograder.insight.student_code import StudentCode
    from autograder.integrations.final_grades import class_records
    from autograder.source_notebook import SourceNotebook

    course = find_and_load(course_file)
    ours = course.assignment(assignment)
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a mistake: use a-z, 0-9 and _.")
    source = SourceNotebook(course, ours).solution
    solution, known = load_mistakes(ours.suite_folder, source.code if source else "")
    if not solution:
        raise UsageError(f"{ours.name} has no source notebook: there is nothing to compare with.")
    if name in {mistake.name for mistake in known}:
        raise UsageError(f"There is a mistake called {name} already: choose another name.")
    found = gathered(ours.name, class_records(course, ours))
    group = _chosen(groups(found), which, task)
    code = StudentCode(course, ours).shortest(
        (found.by_student[student] for student in group.students), group.task
    )
    if not code:
        raise UsageError(f"There is no code for {group.task} in the notebooks of the group.")
    words = text if text is not None else _edited()
    if not words.strip():
        raise UsageError("Nothing was written: a mistake needs words that students read.")
    content = file_of(group.task, found.failed_by_all(group.students), words, code)
    file = ours.suite_folder / FOLDER / f"{name}.py"
    explained_mistake(name, content, solution, str(file))  # it can be used
    file.parent.mkdir(parents=True, exist_ok=True)
    write_out(file, content.encode("utf-8", "replace"))
    count = len(group.students)
    click.echo(
        f"Written: {relative(file)}, of {count} student{'s' * (count > 1)}. Read it, then run "
        "`autograder grade`, which names the mistake, and `autograder verify`, which tests it."
    )
    return OK


def _chosen(found: Sequence[Group], which: str, task: str | None) -> Group:
    """Return the group with a number, or that of a student."""
    from autograder.insight.groups import shared

    if which.isdecimal():
        numbered = shared(found)
        if not 0 < int(which) <= len(numbered):
            raise UsageError(f"There is no group {which}: the groups are 1 to {len(numbered)}.")
        return numbered[int(which) - 1]
    own = [one for one in found if which in one.students and task in (None, one.task)]
    if not own:
        raise UsageError(f"{which} has no failure that is not explained yet.")
    if len(own) > 1:
        tasks = ", ".join(one.task for one in own)
        raise UsageError(f"{which} has several: choose one with --task: {tasks}.")
    return own[0]


def _edited() -> str:
    """Return what somebody wrote in an editor."""
    lines = (click.edit(TEMPLATE) or "").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))
