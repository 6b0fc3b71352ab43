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
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.errors import UsageError
from autograder.integrations.lms.gradebook_file import Filled, check_points, fill
from autograder.integrations.lms.moodle_worksheet import Columns, cell, columns_of
from autograder.integrations.lms.people import Identified, Person, Roster, letters, split_name
from autograder.integrations.platform_data import Grade, SubmittedFile
from autograder.reports.table import Table, read_table

PLATFORM = "Moodle"
FOLDER = re.compile(
    r"(?P<label>.*?)(_(?P<number>[0-9]{1,18}))?_assignsubmission_(?P<kind>[a-z]+)(_(?P<name>.*))?"
)
IDENTITIES = ("Email address", "Username", "ID number", "Full name")
PARTICIPANT = "Participant "
MONTHS = (
    (
        "january jan januar janvier enero gennaio janeiro januari stycznia ledna января січня "
        "tammikuuta ocak ιανουαρίου gener xaneiro ianuarie urtarrila يناير ינואר בינואר"
    ),
    (
        "february feb februar février febrero febbraio fevereiro februari lutego února февраля "
        "лютого helmikuuta şubat φεβρουαρίου febrer febreiro februarie otsaila فبراير פברואר "
        "בפברואר"
    ),
    (
        "march mar märz mars marzo março maart marca března марта березня marts maaliskuuta "
        "mart μαρτίου març martie martxoa مارس מרץ במרץ"
    ),
    (
        "april apr avril abril aprile kwietnia dubna апреля квітня huhtikuuta nisan απριλίου "
        "aprilie apirila أبريل אפריל באפריל"
    ),
    (
        "may mai mayo maggio maio mei maja května мая травня maj toukokuuta mayıs μαΐου maig "
        "maiatza مايو מאי במאי"
    ),
    (
        "june jun juni juin junio giugno junho czerwca června июня червня kesäkuuta haziran "
        "ιουνίου juny xuño iunie ekaina يونيو יוני ביוני"
    ),
    (
        "july jul juli juillet julio luglio julho lipca července июля липня heinäkuuta temmuz "
        "ιουλίου juliol xullo iulie uztaila يوليو יולי ביולי"
    ),
    (
        "august aug août agosto augustus sierpnia srpna августа серпня augusti elokuuta ağustos "
        "αυγούστου agost abuztua أغسطس אוגוסט באוגוסט"
    ),
    (
        "september sep sept septembre septiembre settembre setembro września září сентября "
        "вересня syyskuuta eylül σεπτεμβρίου setembre septembrie iraila سبتمبر ספטמבר בספטמבר"
    ),
    (
        "october oct oktober octobre octubre ottobre outubro października října октября жовтня "
        "lokakuuta ekim οκτωβρίου octombrie urria أكتوبر אוקטובר באוקטובר"
    ),
    (
        "november nov novembre noviembre novembro listopadu ноября листопада marraskuuta kasım "
        "νοεμβρίου noiembrie azaroa نوفمبر נובמבר בנובמבר"
    ),
    (
        "december dec dezember décembre diciembre dicembre dezembro grudnia prosince декабря "
        "грудня desember joulukuuta aralık δεκεμβρίου desembre decembro decembrie abendua "
        "ديسمبر דצמבר בדצמבר"
    ),
)
NUMBER = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}

_LAST_NUMBER = re.compile(r"[0-9]{1,18}$")
_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([^\W\d]{1,3})\b)?")
_TOKEN = re.compile(r"[^\W\d](?:[^\W\d]|\.(?=\w))*")
_HALVES = {  # hours to add
    **dict.fromkeys(("am", "a.m", "오전", "上午", "午前", "ص", "πμ", "π.μ", "öö"), 0),
    **dict.fromkeys(("pm", "p.m", "오후", "下午", "午後", "م", "μμ", "μ.μ", "ös"), 12),
}
_AFTER_CLOCK = ("a", "p", "π", "μ", "h", "uhr", *_HALVES)  # what may stand there
_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
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


def columns(table: Table) -> Columns:
    """Return the columns of a grading worksheet; without `Identifier`, it is none."""
    return columns_of(table, lambda text: read_time(text, UTC))


def people_in(table: Table, zone: tzinfo) -> Iterator[Person]:
    """Yield the participants in a grading worksheet; its times are in `zone`."""
    found = columns(table)
    for row in table.rows:
        participant = _participant(row, found)
        number = participant.removeprefix(PARTICIPANT)
        if not number.isdecimal():
            continue
        first, last = split_name(cell(row, found, "Full name"))
        email = cell(row, found, "Email address")
        others = cell(row, found, "Username"), cell(row, found, "ID number")
        ids = tuple(dict.fromkeys(filter(None, (email, *others, participant))))
        group = cell(row, found, "Group")
        when = read_time(cell(row, found, "Last modified (submission)"), zone)
        yield Person(f"{PLATFORM} {number}", ids, first, last, email, group=group, when=when)


def _participant(row: Sequence[str], found: Columns) -> str:
    """Return a row's identifier in English: `Teilnehmer/in12` is `Participant 12`."""
    identifier = cell(row, found, "Identifier")
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
    halves = {_HALVES[w] for word in _TOKEN.findall(text) if (w := word.casefold()) in _HALVES}
    if date := _DATE.search(rest):
        year, months, days = date, {int(date[2])}, [date[3]]
    if clock is None or year is None or len(days) != 1 or len(months) != 1 or len(halves) > 1:
        return None
    hour = int(clock[1])
    if hour <= 12 and (clock[4] or "h").casefold() not in _AFTER_CLOCK:
        return None  # perhaps the half of the day, in another language
    for half in halves:
        hour = hour % 12 + half
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
    table = read_table(path)
    found = columns(table)
    for heading in ("Identifier", "Grade"):
        if heading not in found:
            raise UsageError(
                f"{path} has no column {heading!r} that is recognized among "
                f"{', '.join(table.headings)}. Pass the grading worksheet of Moodle; if it is one, "
                "download it again with Moodle's language set to English."
            )
    for row in table.rows:
        check_points(cell(row, found, "Maximum Grade"), grades, path)
    identities = [
        [*(cell(row, found, heading) for heading in IDENTITIES), _participant(row, found)]
        for row in table.rows
    ]
    return fill(table, table.rows, identities, grades, found["Grade"])
