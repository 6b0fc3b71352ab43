"""Canvas: file names in its download, its gradebook export as a roster, and grades in that file.

Canvas writes `<name>[_LATE]_<user id>_<file id>_<file name>` (`lib/content_zipper.rb`), such as
`lovelaceada_LATE_101_2002_linear_regression-1.ipynb`. The name is the sortable one, in lower case,
without spaces and punctuation; in a group assignment it is the group's. An anonymous assignment has
`[LATE_]anon_<code>` in place of name and user. Only the last of several attempts is there; a file
name that was used before gets -1, -2. File ids grow, so they tell which of two files was submitted
later, but not when: the times in the archive are those of the download.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.integrations.lms.gradebook_file import Filled, check_points, fill, read_export
from autograder.integrations.lms.people import Identified, Person, Roster, folded, split_name
from autograder.integrations.platform_data import Grade, SubmittedFile
from autograder.reports.table import Table

PLATFORM = "Canvas"
FILE = re.compile(
    r"(?P<label>[\w-]*?)(?P<late>_late)?_(?P<user>[0-9]{1,18})_(?P<file>[0-9]{1,18})_(?P<name>.+)",
    re.IGNORECASE,
)
ANONYMOUS = re.compile(
    r"(?P<late>late_)?(?P<user>anon_[A-Za-z0-9]{5})_(?P<file>[0-9]{1,18})_(?P<name>.+)",
    re.IGNORECASE,
)
TYPED = re.compile(r"[\w-]*_[A-Za-z0-9]+_(?P<what>text|link)\.html", re.IGNORECASE)
NOT_A_FILE = {"text": "is text typed into Canvas", "link": "is a link, submitted in Canvas"}
IDENTITIES = ("SIS Login ID", "SIS User ID", "ID", "Email", "Integration ID", "Student")


def parse(path: str) -> Sequence[SubmittedFile] | str:
    """Return the file that a path in a download stands for, or why it is not a submitted file."""
    name = path.rpartition("/")[2]
    found = _match(name)
    if found is None:
        typed = TYPED.fullmatch(name)
        return NOT_A_FILE[typed["what"].lower()] if typed else "is not named as Canvas names files"
    label = found.groupdict().get("label") or ""
    order, late = int(found["file"]), found["late"] is not None
    return [SubmittedFile(found["user"], found["name"], label, order=order, late=late)]


def naming_start(path: str) -> int | None:
    """Return where Canvas's naming begins in a path, None if it is not Canvas's."""
    folder, slash, name = path.rpartition("/")
    found, start = _match(name), len(folder) + len(slash)
    if found is not None:
        return start + found.start("user")
    return start if TYPED.fullmatch(name) else None


def _match(name: str) -> re.Match[str] | None:
    return ANONYMOUS.fullmatch(name) or FILE.fullmatch(name)


def people_in(table: Table) -> Iterator[Person]:
    """Yield the students in a gradebook export."""
    for row in table.rows:
        number = table.cell(row, "ID")
        if not number.isdecimal():  # the row with the points possible
            continue
        last, comma, first = (part.strip() for part in table.cell(row, "Student").partition(","))
        if not comma:
            first, last = split_name(last)
        login, sis_id, email = (
            table.cell(row, h) for h in ("SIS Login ID", "SIS User ID", "Email")
        )
        ids = tuple(dict.fromkeys(filter(None, (login, sis_id, number))))
        email = email or (login if "@" in login else "")
        yield Person(f"{PLATFORM} {number}", ids, first, last, email, number)


def identify(file: SubmittedFile, roster: Roster) -> Identified:
    """Return the student of a file."""
    key = f"{PLATFORM} {folded(file.student)}"
    person = roster.by_key.get(key)
    if person is not None:
        note = f"is called {file.label!r} in the download; of a group, only one member is known"
        return [(person, "" if person.is_called(file.label) else note)]
    if file.student.isdecimal():
        person = Person(key, (file.student,), lms_id=file.student)
        return [(person, "is not in the roster" if roster.platform == PLATFORM else "")]
    note = "is anonymous; Canvas's gradebook does not have this name"
    return [(Person(key, (file.student,)), note)]


def fill_canvas(path: Path, grades: Sequence[Grade], title: str) -> Filled:
    """Fill grades into a gradebook export, in the assignment's column `Title (123)`.

    Raises:
        UsageError: it is not such an export, or has no such assignment or other points.
    """
    table = read_export(path, ("Student", "ID"), "the export of Canvas's gradebook")
    pattern = re.compile(rf"{re.escape(title)}( \(\d+\))?", re.IGNORECASE)
    columns = [i for i, name in enumerate(table.headings) if pattern.fullmatch(name.strip())]
    if len(columns) != 1:
        found = "several columns" if columns else "no column"
        raise UsageError(
            f"{path} has {found} for an assignment called {title!r}. Create it in Canvas, or name "
            "the column with --column."
        )
    rows = []
    for row in table.rows:
        student = table.cell(row, "Student")
        if student == "Points Possible":
            check_points(row[columns[0]], grades, path)
        elif student != "Student, Test":
            rows.append(row)
    identities = [[table.cell(row, heading) for heading in IDENTITIES] for row in rows]
    return fill(table, rows, identities, grades, columns[0])
