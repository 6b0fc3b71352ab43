"""Recognizes the platform that a download or a roster comes from: Canvas, Moodle or Gradescope."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from autograder.errors import UsageError
from autograder.integrations.gradescope import bulk_export as gradescope
from autograder.integrations.lms import canvas, moodle
from autograder.integrations.lms.archive import Source, UnreadableError
from autograder.integrations.lms.people import Identified, Person, Roster, folded, split_name
from autograder.integrations.platform_data import SubmittedFile
from autograder.reports.table import read_table


@dataclass(frozen=True)
class Platform:
    """How to understand a platform's download.

    `parse` returns the file that a path stands for, for each student it belongs to; `identify`
    the students of a file. Both may say instead why there is none.
    """

    name: str
    parse: Callable[[str], Sequence[SubmittedFile] | str]
    identify: Callable[[SubmittedFile, Roster], Identified | str]


CANVAS = Platform(canvas.PLATFORM, canvas.parse, canvas.identify)
MOODLE = Platform(moodle.PLATFORM, moodle.parse, moodle.identify)


def platform_of(source: Source) -> Platform:
    """Return the platform that a download comes from.

    Raises:
        UsageError: it is not recognized.
    """
    root = _export_root(source.readers)
    if root is not None:
        return _gradescope(source, root)
    found = [_lms_of(path) for path in (*source.readers, *source.refused)]
    for platform in (CANVAS, MOODLE):
        if found.count(platform) * 2 > len(found) - found.count(None):
            return platform
    raise UsageError(
        f"{source.label} is not named as the downloads of Canvas, Moodle or Gradescope are. Pass "
        "the file as it was downloaded: in Canvas and Moodle, `Download (all) submissions`; in "
        "Gradescope, `Export Submissions`."
    )


def _gradescope(source: Source, root: str) -> Platform:
    path = root + gradescope.METADATA
    try:
        metadata = gradescope.read_metadata(source.read(path))
    except (UnreadableError, ValueError) as error:
        raise UsageError(
            f"{source.label}: {path} cannot be read: {error}. Export the submissions from "
            "Gradescope again."
        ) from None
    return Platform(gradescope.PLATFORM, gradescope.Export(root, metadata).parse, _identify)


def _identify(file: SubmittedFile, roster: Roster) -> Identified:
    """Return the student of a file by any identity that a roster may have, of any platform."""
    ids = (file.student, *file.also)
    email = file.student if "@" in file.student else ""
    for name in ids:
        people = roster.by_identity.get(folded(name), ())
        if len(people) == 1:
            (found,) = people
            all_ids = tuple(dict.fromkeys((*found.ids, *ids)))
            person = replace(found, ids=all_ids, email=found.email or email)
            note = f"is called {file.label!r} in the download and was identified by {name!r}"
            known = not found.name or found.is_called(file.label)
            return [(person, "" if known else note)]
    key = f"{gradescope.PLATFORM} {folded(ids[0])}"
    return [(Person(key, ids, *split_name(file.label), email), "")]


def _export_root(paths: Iterable[str]) -> str | None:
    """Return the folder of Gradescope's metadata, with `/`, if everything else is below it.

    A student's own file of that name is in the student's folder, beside which there are others.
    """
    found = (path for path in paths if path.rpartition("/")[2] == gradescope.METADATA)
    path = min(found, key=len, default=None)
    if path is None or moodle.naming_start(path) is not None:
        return None
    root = path.removesuffix(gradescope.METADATA)
    return root if all(path.startswith(root) for path in paths) else None


def _lms_of(path: str) -> Platform | None:
    """Return the LMS whose naming begins first in a path: students choose what comes after it."""
    found = ((moodle.naming_start(path), MOODLE), (canvas.naming_start(path), CANVAS))
    starts = [(start, platform) for start, platform in found if start is not None]
    return min(starts, key=lambda pair: pair[0])[1] if starts else None


def read_roster(path: Path, zone: tzinfo) -> Roster:
    """Read a roster; the times in Moodle's have no zone and are read in `zone`.

    Raises:
        UsageError: it is neither Canvas's nor Moodle's.
    """
    table = read_table(path)
    if table.column("Student") is not None and table.column("ID") is not None:
        return Roster(canvas.PLATFORM, tuple(canvas.people_in(table)))
    if "Identifier" in moodle.columns(table):
        return Roster(moodle.PLATFORM, tuple(moodle.people_in(table, zone)))
    raise UsageError(
        f"{path} is not a roster. Pass what Canvas exports under Grades (columns Student and ID), "
        "or the grading worksheet of the Moodle assignment (its first column has Participant 123); "
        f"its columns are {', '.join(table.headings)}."
    )
