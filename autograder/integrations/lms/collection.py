"""`autograder collect`: from downloads to submitted/, with a word on everybody who is left over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import GradebookError
from autograder.integrations.gradescope import bulk_export as gradescope
from autograder.integrations.lms import moodle
from autograder.integrations.lms.archive import UnreadableError, open_source
from autograder.integrations.lms.people import Person, Roster
from autograder.integrations.lms.placement import REPLACED, What, place, placing
from autograder.integrations.lms.plan import HandIn, Plan, plan
from autograder.integrations.lms.roster import due_zone, read_roster
from autograder.integrations.lms.student_folders import existing_folders, folders

WORDS = {
    "new": "new",
    "replaced": "replaced",
    "unchanged": "unchanged",
    "kept": "older than what is there",
}


@dataclass
class Collection:
    """What was collected: a summary, what to know about it, and what could not be placed."""

    summary: str = ""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def collect(
    course: Course, assignment: Assignment, paths: Sequence[Path], roster_file: Path | None = None
) -> Collection:
    """Place what students handed in, as it is in downloads of Canvas, Moodle or Gradescope.

    Args:
        course: the course.
        assignment: the assignment that it was handed in for.
        paths: zips as they were downloaded, or folders into which they were unpacked.
        roster_file: Canvas's gradebook export, or the grading worksheet of Moodle's assignment.

    Raises:
        UsageError: a file is not what it should be.
        OSError: submitted/ cannot be written.
    """
    zone = due_zone(assignment.due)
    roster = Roster() if roster_file is None else read_roster(roster_file, zone)
    with ExitStack() as opened:
        sources = [opened.enter_context(open_source(path)) for path in paths]
        made = plan(sources, roster, assignment)
        counts, placed = _place(course, assignment, roster, made)
    notes = [*made.notes, *_about_times(made, assignment, roster), *_register(course, placed)]
    return Collection(_summary(counts, made), notes, made.problems)


def _place(
    course: Course, assignment: Assignment, roster: Roster, made: Plan
) -> tuple[Counter[What], dict[str, Person]]:
    """Place what is planned; return what became of it, and whose folders are whose."""
    submitted = course.folder("submitted")
    others = [row.person for row in roster.rows]
    people = [handed_in.person for handed_in in made.handed_in.values()]
    names = folders(people, others, existing_folders(submitted))
    counts: Counter[What] = Counter()
    placed: dict[str, Person] = {}
    with placing(submitted) as scratch:
        for key, handed_in in made.handed_in.items():
            if key not in names:
                made.problems.append(_no_folder(handed_in))
                continue
            folder = submitted / names[key] / assignment.name
            try:
                what = place(handed_in, folder, assignment, scratch)
            except UnreadableError as error:
                made.problems.append(f"{handed_in.name}: the file that was handed in {error}.")
            except OSError as error:
                made.problems.append(f"{handed_in.name}: {folder}: {error.strerror}.")
            else:
                counts[what] += 1
                _say(what, handed_in, folder, assignment, made)
                if what not in ("link", "unclear"):
                    placed[names[key]] = handed_in.person
    return counts, placed


def _say(what: What, handed_in: HandIn, folder: Path, assignment: Assignment, made: Plan) -> None:
    """Say what became of a submission, if it is worth a word."""
    name, student = handed_in.name, folder.parent.name
    if what == "link":
        made.problems.append(
            f"{name}: submitted/{student} is a link, or leads to one: nothing was placed there."
        )
    elif what == "unclear":
        made.problems.append(
            f"{name}: another submission is in submitted/{student} already, and nobody can tell "
            "which is the later one. It stays; remove it to take this one."
        )
    elif what == "kept":
        made.notes.append(f"{name}: what is in submitted/{student} is newer, and stays.")
    elif what == "replaced":
        made.notes.append(f"{name}: replaced; the one before is in {student}/{REPLACED}.")
    if what != "link" and handed_in.about.late and assignment.due is not None:
        made.notes.append(
            f"{name}: is marked late, and nothing says how late. Write the time into "
            f"submitted/{student}/{assignment.name}/timestamp.txt; until then, grading marks it "
            "for a person to look at."
        )


def _no_folder(handed_in: HandIn) -> str:
    shown = ", ".join(handed_in.person.ids)
    return (
        f"{handed_in.name}: has no name of their own that a folder can have ({shown}): not placed."
    )


def _about_times(made: Plan, assignment: Assignment, roster: Roster) -> list[str]:
    """Say what is not known about times, and in which zone others were read."""
    if assignment.due is None:
        return []
    places = Counter(
        handed_in.about.source
        for handed_in in made.handed_in.values()
        if handed_in.when is None and not handed_in.about.late
    )
    notes = []
    for lms in (moodle.PLACE, gradescope.PLACE):
        if places[lms]:
            hint = lms == moodle.PLACE and not roster.rows
            notes.append(
                f"{lms}: of {places[lms]} submissions no time is known, and they count as "
                "handed in on time."
                + hint
                * " The worksheet of the assignment has the times: give it with --roster."
            )
    if any(row.when for row in roster.rows):
        notes.append(f"Times of the worksheet were read as {assignment.due:%Z}, the zone of `due`.")
    return notes


def _register(course: Course, placed: dict[str, Person]) -> list[str]:
    """Let nbgrader's gradebook know names and addresses, if nbgrader is there."""
    known = {name: person for name, person in placed.items() if _says_more(name, person)}
    if not known:
        return []
    try:
        from autograder.integrations.nbgrader.student_names import register_students
    except ImportError:
        return []
    try:
        register_students(
            course, {n: (p.first, p.last, p.email, p.lms_id) for n, p in known.items()}
        )
    except GradebookError as error:
        return [f"Names are not in the gradebook: {error}"]
    return []


def _says_more(folder: str, person: Person) -> bool:
    return bool(person.first or person.email or person.lms_id not in ("", folder))


def _summary(counts: Counter[What], made: Plan) -> str:
    """Say how many were placed, and how."""
    total = sum(counts[what] for what in ("new", "replaced", "unchanged", "kept"))
    parts = [f"{counts[what]} {WORDS[what]}" for what in WORDS if counts[what]]  # type: ignore[index]
    left = len(made.problems)
    ending = f" {left} could not be placed or read:" if left else ""
    return f"{total} collected: {', '.join(parts) or 'nothing'}.{ending}"
