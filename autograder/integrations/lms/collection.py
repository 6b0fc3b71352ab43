"""`autograder collect`: copies submissions from downloads into submitted/."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import GradebookError
from autograder.integrations.gradescope.bulk_export import PLATFORM as GRADESCOPE
from autograder.integrations.lms.archive import UnreadableError, open_source
from autograder.integrations.lms.downloaded_submissions import (
    Collection,
    DownloadedSubmission,
    last_submissions,
)
from autograder.integrations.lms.moodle import PLATFORM as MOODLE
from autograder.integrations.lms.people import Person, Roster, assign_folders, folded
from autograder.integrations.lms.platforms import read_roster
from autograder.integrations.lms.submitted_folder import (
    REPLACED,
    Outcome,
    scratch_folder,
    write_submission,
)

COUNTED: Mapping[Outcome, str] = {
    "new": "new",
    "replaced": "replaced",
    "unchanged": "unchanged",
    "kept": "older than the existing one",
}
MESSAGES: Mapping[Outcome, str] = {
    "kept": "the submission in {folder} is newer, and was kept.",
    "replaced": f"replaced; the earlier submission is in {{folder}}/{REPLACED}.",
    "link": "{folder} is a link, or leads to one; nothing was written there.",
    "unclear": "{folder} has another submission, and it is unclear which is later. The existing "
    "one was kept; remove it to collect this one.",
}


def collect(
    course: Course, assignment: Assignment, paths: Sequence[Path], roster_file: Path | None = None
) -> Collection:
    """Copy submissions from downloads of Canvas, Moodle or Gradescope into submitted/.

    A download is a zip, or a folder into which one was unpacked; the roster is Canvas's gradebook
    export, or the grading worksheet of the Moodle assignment.

    Raises:
        UsageError: a file is not what it should be.
        OSError: submitted/ cannot be written.
    """
    zone = (assignment.due or datetime.now().astimezone()).tzinfo
    assert zone is not None
    roster = Roster() if roster_file is None else read_roster(roster_file, zone)
    with ExitStack() as stack:
        sources = [stack.enter_context(open_source(path)) for path in paths]
        collection = last_submissions(sources, roster, assignment)
        owners = _write(course, assignment, roster, collection)
    collection.notes += _time_notes(collection, assignment, roster) + _register(course, owners)
    return collection


def _write(
    course: Course, assignment: Assignment, roster: Roster, collection: Collection
) -> dict[str, Person]:
    """Write the submissions, sum up what was done, and return the owners of the folders."""
    submitted = course.folder("submitted")
    counts: Counter[Outcome] = Counter()
    owners: dict[str, Person] = {}
    with scratch_folder(submitted) as scratch:
        people = [submission.person for submission in collection.submissions.values()]
        existing = {folded(path.name): path.name for path in sorted(submitted.iterdir())}
        names = assign_folders(people, roster.people, existing)
        for key, submission in collection.submissions.items():
            if key not in names:
                ids = ", ".join(submission.person.ids)
                collection.problems.append(
                    f"{submission.name}: has no unique name that can be a folder's ({ids}); not "
                    "collected."
                )
                continue
            folder = submitted / names[key] / assignment.folder
            try:
                outcome = write_submission(submission, folder, assignment, scratch)
            except UnreadableError as error:
                collection.problems.append(f"{submission.name}: the submitted file {error}.")
            except OSError as error:
                collection.problems.append(f"{submission.name}: {folder}: {error.strerror}.")
            else:
                counts[outcome] += 1
                _report(outcome, submission, names[key], assignment, collection)
                if outcome in COUNTED:
                    owners[names[key]] = submission.person
    collection.summary = _summary(counts, len(collection.problems))
    return owners


def _report(
    outcome: Outcome,
    submission: DownloadedSubmission,
    student: str,
    assignment: Assignment,
    collection: Collection,
) -> None:
    """Report the outcome of a submission, if it is worth a sentence."""
    folder = f"submitted/{student}"
    if outcome in MESSAGES:
        lines = collection.notes if outcome in COUNTED else collection.problems
        lines.append(f"{submission.name}: {MESSAGES[outcome].format(folder=folder)}")
    if outcome != "link" and submission.origin.late and assignment.due is not None:
        collection.notes.append(
            f"{submission.name}: marked late, but it is not known how late. Write the time into "
            f"{folder}/{assignment.folder}/timestamp.txt; until then, grading marks the submission "
            "for manual review."
        )


def _time_notes(collection: Collection, assignment: Assignment, roster: Roster) -> list[str]:
    """Return notes on times that are not known, and on the time zone of the others."""
    if assignment.due is None:
        return []
    unknown = Counter(
        submission.origin.source
        for submission in collection.submissions.values()
        if submission.when is None and not submission.origin.late
    )
    notes = []
    for platform in filter(unknown.get, (MOODLE, GRADESCOPE)):
        note = (
            f"{platform}: {unknown[platform]} submissions have no known time, and count as "
            "submitted on time."
        )
        if platform == MOODLE and not roster.people:
            note += " The assignment's grading worksheet has the times; pass it with --roster."
        elif platform == MOODLE and not any(person.when for person in roster.people):
            note += " The worksheet has no times that could be read; download it in English."
        notes.append(note)
    if any(person.when for person in roster.people):
        notes.append(
            f"Times in the worksheet were read as {assignment.due:%Z}, the time zone of `due`."
        )
    return notes


def _register(course: Course, owners: Mapping[str, Person]) -> list[str]:
    """Add names and addresses to nbgrader's gradebook, if nbgrader is installed."""
    known = {
        folder: (person.first, person.last, person.email, person.lms_id)
        for folder, person in owners.items()
        if person.first or person.email or person.lms_id not in ("", folder)
    }
    if not known:
        return []
    try:
        from autograder.integrations.nbgrader.registration import register_students
    except ImportError:
        return []
    try:
        register_students(course, known)
    except GradebookError as error:
        return [f"Names were not added to the gradebook: {error}"]
    return []


def _summary(counts: Counter[Outcome], problems: int) -> str:
    total = sum(counts[outcome] for outcome in COUNTED)
    parts = [f"{counts[outcome]} {text}" for outcome, text in COUNTED.items() if counts[outcome]]
    ending = f" {problems} could not be collected or read:" if problems else ""
    return f"{total} collected: {', '.join(parts) or 'nothing'}.{ending}"
