"""Caches records beside course.yml, so that only what has changed is graded again."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.files import write_whole
from autograder.grading.fingerprint import Fingerprint, fingerprint_of_course, with_submission
from autograder.record import Record
from autograder.record_json import record_from_json
from autograder.submission import Submission

FOLDER = "AUTOGRADER_RECORDS"  # in the environment: the folder of the cache
SPARE = 200  # outdated lines before the file is written anew


@dataclass(frozen=True)
class CacheEntry:
    """A record, what it was made from, and the page that was written of it ("" for none)."""

    path: str
    fingerprint: Fingerprint
    record: Record
    page: str = ""

    def to_line(self) -> str:
        """Return the entry as a line of the cache; the record as `--json` writes it."""
        entry = {
            "path": self.path,
            "fingerprint": asdict(self.fingerprint),
            "record": self.record.as_json(),
            "page": self.page,
        }
        return json.dumps(entry) + "\n"


class ResultCache:
    """The records of an assignment that were cached, by the paths of the submissions.

    The file has a line for each record; the last one counts. A line is written when a submission
    has been graded, so what was graded before an interruption is known afterwards. A line that
    cannot be read is ignored.

    The file is in `.autograder` beside course.yml, or in the folder that the environment variable
    AUTOGRADER_RECORDS names.
    """

    def __init__(self, course: Course, assignment: Assignment) -> None:
        folder = os.environ.get(FOLDER) or course.root / ".autograder"
        self.file = Path(folder, f"{assignment.name}.jsonl")
        self.problem = ""
        self._course, self._assignment = course, assignment
        self._entries = self._read()

    @cached_property
    def _judges(self) -> Fingerprint:
        return fingerprint_of_course(self._course, self._assignment)

    def entry(self, submission: Submission) -> CacheEntry | None:
        """Return the entry of a submission, whatever has changed since."""
        return self._entries.get(_key(submission))

    def fingerprint(self, submission: Submission) -> Fingerprint:
        """Return the present fingerprint of a submission."""
        due = self._assignment.due_of(submission.student)
        return with_submission(self._judges, submission, due)

    def unchanged(
        self, submission: Submission, found: Fingerprint, page: Path | None
    ) -> Record | None:
        """Return the record of a submission if grading it again would only repeat it.

        Args:
            submission: it may be named from another folder than before.
            found: its present fingerprint.
            page: the page that has to exist, if any.
        """
        entry = self.entry(submission)
        if entry is None or entry.fingerprint != found:
            return None
        if page is not None and (entry.page != os.path.abspath(page) or not page.exists()):
            return None
        old, new = entry.record.notebook, str(submission.path)
        error = entry.record.error
        return replace(entry.record, notebook=new, error=error and error.replace(old, new))

    def add(
        self, submission: Submission, found: Fingerprint, record: Record, page: Path | None
    ) -> None:
        """Cache a record.

        Args:
            submission: what was graded.
            found: its fingerprint before it was graded.
            record: what grading gave.
            page: the page that was written, if any.
        """
        entry = CacheEntry(_key(submission), found, record, os.path.abspath(page) if page else "")
        self._entries[entry.path] = entry
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.file.open("a", encoding="ascii") as stream:
                stream.write(entry.to_line())
        except OSError as error:
            self.problem = f"{self.file} cannot be written: {error.strerror}"

    def _read(self) -> dict[str, CacheEntry]:
        try:
            lines = self.file.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            return {}
        newest = {}
        for line in lines:
            with suppress(ValueError, TypeError, KeyError):
                found = json.loads(line)
                newest[found["path"]] = found
        entries = {}
        for path, found in newest.items():
            with suppress(ValueError, TypeError, KeyError):
                record = record_from_json(found["record"])
                fingerprint = Fingerprint(**found["fingerprint"])
                entries[path] = CacheEntry(path, fingerprint, record, found["page"])
        if len(lines) > len(entries) + SPARE:
            entries = {path: entry for path, entry in entries.items() if os.path.exists(path)}
            with suppress(OSError):  # it is only longer than it need be
                content = "".join(entry.to_line() for entry in entries.values())
                write_whole(self.file, content.encode("ascii"))
        return entries


def _key(submission: Submission) -> str:
    return os.path.abspath(submission.path)
