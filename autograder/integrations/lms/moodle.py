"""Moodle: file names in its download, the grading worksheet as a roster, and grades in that file.

Moodle makes a folder for each participant and kind of submission, `<full name>_<number>_assign…`,
with or without `_` at the end, or puts all files side by side with that in front of their names
(`mod/assign/classes/downloader.php`): `Ada Lovelace_123_assignsubmission_file_/hw.ipynb`. The
number is that of the worksheet's `Participant 123`. A full name has no `_`; in an anonymous
assignment it is `Participant`, in a group assignment the group's name, with the group's number. The
times in the archive are those of the download; the times of submission are in the worksheet.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.integrations.lms.gradebook_file import Filled, check_points, fill, read_export
from autograder.integrations.lms.people import Identified, Person, Roster, letters, split_name
from autograder.integrations.platform_data import Grade, SubmittedFile
from autograder.reports.table import Table

PLATFORM = "Moodle"
FOLDER = re.compile(
    r"(?P<label>.*?)(_(?P<number>[0-9]{1,18}))?_assignsubmission_(?P<kind>[a-z]+)(_(?P<name>.*))?"
)
IDENTITIES = ("Email address", "Username", "ID number", "Full name")
PARTICIPANT = "Participant "
MONTHS = (
    "january jan januar janvier enero gennaio janeiro januari",
    "february feb februar février febrero febbraio fevereiro februari",
    "march mar märz mars marzo março maart",
    "april apr avril abril aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug août agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember décembre diciembre dicembre dezembro",
)
NUMBER = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}

_LAST_NUMBER = re.compile(r"[0-9]{1,18}$")
_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([ap])\.?m\b)?", re.IGNORECASE)
_YEAR = re.compile(r"\b(\d{4})\b")
_DAY = re.compile(r"\b(\d{1,2})\b")
_WORD = re.compile(r"[^\W\d_]+")


def parse(path: str) -> Sequence[SubmittedFile] | str:
    """Return the file that a path in a download stands for, or why it is not a submitted file."""
    start, found = _participant_folder(path)
    if found is None:
        return "is not named as Moodle names files"
    below = path[start + len(found[0]) + 1 :]
    name = "/".join(filter(None, (found["name"], below)))
    if found["kind"] == "onlinetext":
        return "is text typed into Moodle"
    if found["kind"] != "file" or not name:
        return "is not a submitted file"
    return [SubmittedFile(found["number"] or "", name, found["label"])]


def naming_start(path: str) -> int | None:
    """Return where Moodle's naming begins in a path, None if it is not Moodle's."""
    start, found = _participant_folder(path)
    return None if found is None else start + len(found["label"])


def _participant_folder(path: str) -> tuple[int, re.Match[str] | None]:
    """Return where the first part of a path that names a participant begins, and its match."""
    start = 0
    for part in path.split("/"):
        if found := FOLDER.fullmatch(part):
            return start, found
        start += len(part) + 1
    return start, None


def people_in(table: Table, zone: tzinfo) -> Iterator[Person]:
    """Yield the participants in a grading worksheet; its times are in `zone`."""
    for row in table.rows:
        participant = _participant(table, row)
        number = participant.removeprefix(PARTICIPANT)
        if not number.isdecimal():
            continue
        first, last = split_name(table.cell(row, "Full name"))
        email = table.cell(row, "Email address")
        others = table.cell(row, "Username"), table.cell(row, "ID number")
        ids = tuple(dict.fromkeys(filter(None, (email, *others, participant))))
        group = table.cell(row, "Group")
        when = read_time(table.cell(row, "Last modified (submission)"), zone)
        yield Person(f"{PLATFORM} {number}", ids, first, last, email, group=group, when=when)


def _participant(table: Table, row: Sequence[str]) -> str:
    """Return a row's identifier in English: `Teilnehmer/in12` is `Participant 12`."""
    identifier = table.cell(row, "Identifier")
    number = _LAST_NUMBER.search(identifier)
    return identifier if number is None else PARTICIPANT + number[0]


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """Return a time such as `Monday, 14 December 2026, 11:59 PM`, None if it cannot be read.

    The month must be named, in a language listed in MONTHS: 5/12 is ambiguous.
    """
    months = {NUMBER[w] for word in _WORD.findall(text) if (w := word.casefold()) in NUMBER}
    clock = _CLOCK.search(text)
    rest = _CLOCK.sub(" ", text, count=1)
    year, days = _YEAR.search(rest), _DAY.findall(rest)
    if clock is None or year is None or len(days) != 1 or len(months) != 1:
        return None
    hour, half = int(clock[1]), (clock[4] or "").lower()
    if half:
        hour = hour % 12 + 12 * (half == "p")
    try:
        return datetime(
            int(year[1]), months.pop(), int(days[0]), hour, int(clock[2]), int(clock[3] or 0),
            tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None


def identify(file: SubmittedFile, roster: Roster) -> Identified | str:
    """Return the students of a file, several for a group's; or why they are not known."""
    key = f"{PLATFORM} {file.student}"
    person = roster.by_key.get(key)
    if person is not None and (not person.name or person.is_called(file.label)):
        return [(person, "")]
    group = [p for p in roster.people if p.group and letters(p.group) == letters(file.label)]
    if group:
        return [(member, "") for member in group]
    if person is not None:
        return f"is {person.name} in the roster; not collected, as this may be a group"
    if not file.student:
        return "is a group without a number; pass Moodle's grading worksheet with --roster"
    person = Person(key, (PARTICIPANT + file.student,), *split_name(file.label))
    return [(person, "is not in the roster" if roster.platform == PLATFORM else "")]


def fill_moodle(path: Path, grades: Sequence[Grade]) -> Filled:
    """Fill grades into the offline grading worksheet of an assignment.

    Raises:
        UsageError: it is not such a worksheet, or the assignment has other points.
    """
    table = read_export(path, ("Identifier", "Grade"), "the grading worksheet of Moodle")
    column = table.column("Grade")
    assert column is not None
    for row in table.rows:
        check_points(table.cell(row, "Maximum Grade"), grades, path)
    identities = [
        [*(table.cell(row, heading) for heading in IDENTITIES), _participant(table, row)]
        for row in table.rows
    ]
    return fill(table, table.rows, identities, grades, column)
