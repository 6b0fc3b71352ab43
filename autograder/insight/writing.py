"""Writes what the records of a class show: the page, and the numbers as JSON and CSV."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course, hidden_seed
from autograder.errors import UsageError
from autograder.files import write_whole
from autograder.insight.data import as_csv, as_json
from autograder.insight.gathered import Gathered
from autograder.insight.overview import Insight, insight
from autograder.insight.page import everybody, insight_page
from autograder.insight.pseudonyms import pseudonyms
from autograder.insight.student_code import StudentCode
from autograder.reports.text import one_line, plain

FOLDER = "insight"  # beside course.yml


@dataclass(frozen=True)
class Place:
    """Where a page goes, and what is at hand beside the records.

    Without a course there are no titles, links and excerpts. `feedback` is the folder with the
    students' pages, by default the course's.
    """

    page: Path
    course: Course | None = None
    assignment: Assignment | None = None
    feedback: Path | None = None

    def page_of(self, student: str) -> Path | None:
        """Return the path of a student's page, which may not exist."""
        if self.course is None or self.assignment is None:
            return None
        folder = self.feedback or self.course.folder("feedback")
        return self.assignment.page_of(student, folder)


def default_page(root: Path, assignment: str) -> Path:
    """Return where the page of an assignment is, below the folder of the course.

    Raises:
        UsageError: the name, which a record may have from anywhere, would lead elsewhere.
    """
    name = f"{assignment}.html"
    if Path(name).name != name or plain(name) != name:
        raise UsageError(f"{one_line(assignment)!r} is no name of an assignment.")
    return root / FOLDER / name


def insight_at(place: Place, found: Gathered, before: Mapping[str, Any] | None = None) -> Insight:
    """Return what records show, with all that is at hand."""
    title = place.assignment.title if place.assignment else ""
    return insight(found, StudentCode(place.course, place.assignment), title, before)


def write_insight(
    place: Place,
    found: Insight,
    *,
    anonymous: bool = False,
    watched: bool = False,
    json_file: Path | None = None,
    csv_file: Path | None = None,
) -> None:
    """Write the page, and the other files that are asked for.

    Args:
        place: where the page goes.
        found: what to write.
        anonymous: whether names are left out.
        watched: whether the page reloads itself.
        json_file: the file for the numbers as JSON.
        csv_file: the same as CSV.

    Raises:
        OSError: one of them cannot be written.
    """
    students = [row.student for row in found.rows]
    hidden = pseudonyms(students, hidden_seed(place.course) if place.course else "")
    folder = place.page.parent
    who = everybody(students, hidden, place.page_of, folder, anonymous=anonymous)
    folder.mkdir(parents=True, exist_ok=True)
    page = insight_page(found, who, watched=watched)
    write_whole(place.page, page.encode("utf-8", "replace"))
    if json_file is None and csv_file is None:
        return
    names = hidden if anonymous else {student: student for student in students}
    data = as_json(found, names, anonymous=anonymous)
    if json_file is not None:
        write_whole(json_file, (json.dumps(data, indent=1) + "\n").encode("ascii"))
    if csv_file is not None:
        write_whole(csv_file, as_csv(data))


def read_insight(file: Path) -> Mapping[str, Any]:
    """Read what `insight --json` wrote.

    Raises:
        UsageError: it cannot be read, or is something else.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or "tests" not in data or "mistakes" not in data:
        raise UsageError(f"{file} is not what `autograder insight --json` writes.")
    return data
