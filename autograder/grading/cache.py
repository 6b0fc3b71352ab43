"""Caches records beside course.yml, so that unchanged submissions are not regraded."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.files import write_whole
from autograder.grading.fingerprint import Fingerprint, fingerprint_of_course, with_submission
from autograder.grading.records_folder import records_folder
from autograder.record import Record
from autograder.record_json import record_from_json
from autograder.submission import Submission

MAX_OUTDATED = 200  # outdated lines before the file is rewritten


@dataclass(frozen=True)
class CacheEntry:
    """A record, the fingerprint of its inputs, and the path of its page ("" for none)."""

    path: str
    fingerprint: Fingerprint
    record: Record
    page: str = ""

    def holds(self, found: Fingerprint) -> bool:
        """Say whether grading a submission with this fingerprint would only repeat the record.

        What was explained since changes nothing where all tests of its task passed.
        """
        if replace(self.fingerprint, explained=found.explained) != found:
            return False
        then, now = self.fingerprint.explained, found.explained
        failed = [task.name for task in self.record.tasks if task.outcome != "passed"]
        return all(then.get(task) == now.get(task) for task in ("", *failed))

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
    """The cached records of an assignment, by the paths of the submissions.

    The file has a line for each record; the last line of a submission counts. A line is appended
    as soon as a submission has been graded, so an interrupted run loses no results. Unreadable
    lines are ignored.

    The file is in `.autograder` beside course.yml, or in the folder named by the environment
    variable AUTOGRADER_RECORDS.
    """

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self.file = records_folder(course) / f"{assignment.name}.jsonl"
        self.problem = ""
        self._course, self._assignment = course, assignment
        self._entries = self._read()

    @cached_property
    def _course_fingerprint(self) -> Fingerprint:
        return fingerprint_of_course(self._course, self._assignment)

    def entry(self, submission: Submission) -> CacheEntry | None:
        """Return the entry of a submission, current or outdated."""
        return self._entries.get(_key(submission))

    def fingerprint(self, submission: Submission) -> Fingerprint:
        """Return the current fingerprint of a submission."""
        due = self._assignment.due_of(submission.student)
        return with_submission(self._course_fingerprint, submission, due)

    def unchanged(
        self, submission: Submission, found: Fingerprint, page: Path | None
    ) -> Record | None:
        """Return the record of a submission if regrading would only repeat it.

        Args:
            submission: the submission; its path may be written differently than before.
            found: its current fingerprint.
            page: the page that must exist, if any.
        """
        entry = self.entry(submission)
        if entry is None or not entry.holds(found):
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
            submission: the graded submission.
            found: its fingerprint before grading.
            record: its record.
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
        if len(lines) > len(entries) + MAX_OUTDATED:
            entries = {path: entry for path, entry in entries.items() if os.path.exists(path)}
            with suppress(OSError):  # the file only stays longer than necessary
                content = "".join(entry.to_line() for entry in entries.values())
                write_whole(self.file, content.encode("ascii"))
        return entries


def _key(submission: Submission) -> str:
    return os.path.abspath(submission.path)
