"""Prepares a student's folder before nbgrader converts it."""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from autograder.course import Assignment, Course, find_course, load_course
from autograder.errors import SubmissionError
from autograder.grading.batch import empty_record
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader.gradebook import GradeWriter
from autograder.integrations.nbgrader.registration import is_registered
from autograder.reports.feedback_page import write_feedback
from autograder.submission import TIMESTAMP, Submission, in_students_folder, others_in

# What nbgrader is working on: the student's folder, the notebook's name, the submission.
_loaded: dict[tuple[Path, str], Submission] = {}


def prepare_submission(notebooks: list[str]) -> None:
    """Prepare a student's folder, given the notebooks that nbgrader is about to convert.

    Raises:
        AutograderError: the course cannot be read.
        OSError: the folder cannot be repaired.
    """
    if not notebooks:
        return
    folder = Path(os.path.abspath(notebooks[0])).parent
    course = load_course(find_course(folder.parent.parent))
    if not course.in_folder(folder.name):
        return
    parts = course.parts(folder.name)
    replace_links(folder)
    notebooks[:] = [path for path in notebooks if Path(path).is_file()]
    _loaded.clear()
    for ours in parts:
        accept_renamed(folder, ours, notebooks)
        note_unreadable(folder, course, ours)


def replace_links(folder: Path) -> None:
    """Replace each link, pipe or device by a text file: nbgrader would copy its target."""
    for path in (folder.parent, folder):  # of the student, of the assignment
        if path.is_symlink():
            note = _note(path)
            path.unlink()
            folder.mkdir(parents=True)
            (folder / "link.txt").write_text(note, encoding="utf-8", errors="replace")
    for parent, folders, files in os.walk(folder):
        if not os.access(parent, os.W_OK | os.X_OK):
            os.chmod(parent, os.stat(parent).st_mode | stat.S_IRWXU)
        for name in (*folders, *files):
            path = Path(parent, name)
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                note = _note(path)
                path.unlink()
                if name == TIMESTAMP:  # nbgrader would parse the text as a time
                    path = path.with_name("link.txt")
                path.write_text(note, encoding="utf-8", errors="replace")


def _note(path: Path) -> str:
    if path.is_symlink():
        return f"This was a link to {os.readlink(path)}. It was not followed.\n"
    return "This was not an ordinary file. It was not read.\n"


def accept_renamed(folder: Path, assignment: Assignment, notebooks: list[str]) -> None:
    """Give a renamed notebook a second name, the one that nbgrader expects.

    A hard link, so that later steps can still tell that it was renamed.
    """
    expected = folder / f"{assignment.notebook}.ipynb"
    found = in_students_folder(folder, assignment).path
    if found != expected and found.is_file() and not expected.exists():
        try:
            os.link(found, expected)
        except OSError:  # not every file system has hard links
            shutil.copyfile(found, expected)
        notebooks += [str(Path(path).with_name(expected.name)) for path in notebooks[:1]]


def note_unreadable(folder: Path, course: Course, assignment: Assignment) -> None:
    """Mark an unreadable notebook for manual grading, because nbgrader will fail on it.

    Its feedback page says what is wrong. Before the assignment is generated, nbgrader fails on all.
    """
    submission = in_students_folder(folder, assignment)
    _loaded[folder, assignment.notebook] = submission
    if not submission.path.exists() and not others_in(folder, assignment):
        return
    error = submission.loaded
    if isinstance(error, SubmissionError) and is_registered(course, assignment):
        result = GradingResult(empty_record(submission, assignment, str(error)))
        with GradeWriter(course, assignment) as writer:
            writer.write(submission, result)
        with suppress(OSError):  # the gradebook entry counts, even without a page
            write_feedback(result, assignment, course.folder("feedback"))


def loaded_submission(folder: Path, assignment: Assignment) -> Submission:
    """Return the submission in a student's folder, which has been loaded if it was prepared."""
    known = _loaded.get((folder, assignment.notebook))
    return known or in_students_folder(folder, assignment)
