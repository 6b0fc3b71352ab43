"""Finds in downloads the last submission of each student, and reports what cannot be collected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from autograder.course import Assignment
from autograder.integrations.download import SubmittedFile
from autograder.integrations.gradescope.bulk_export import PLATFORM as GRADESCOPE
from autograder.integrations.lms.archive import Source, UnreadableError, open_inner
from autograder.integrations.lms.people import Person, Roster, folded
from autograder.integrations.lms.platforms import platform_of
from autograder.integrations.lms.selection import File, Selection, listed, select
from autograder.submission import Collected


@dataclass(frozen=True)
class DownloadedSubmission:
    """One submission of a student; `name` is the student in messages."""

    person: Person
    name: str
    source: Source
    notebooks: Mapping[str, File]
    origin: Collected
    when: datetime | None = None

    def load(self) -> dict[str, bytes]:
        """Read the notebooks. They are not kept: those of a whole class do not fit into memory.

        Raises:
            UnreadableError: one is damaged or too large.
        """
        files = self.notebooks.items()
        return {name: self.source.read(file.path, file.inner) for name, file in files}

    def is_later_than(self, origin: Collected | None, when: datetime | None) -> bool | None:
        """Return whether it was submitted later than another one; None if that is not known."""
        if self.when is not None and when is not None:
            return self.when > when
        orders = self.origin.order, origin.order if origin is not None else 0
        if origin is None or origin.source != self.origin.source or not all(orders):
            return None
        return None if orders[0] == orders[1] else orders[0] > orders[1]


@dataclass
class Plan:
    """The submissions to write, by student, and sentences on what is wrong or worth knowing."""

    submissions: dict[str, DownloadedSubmission] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, new: DownloadedSubmission) -> None:
        """Add a submission, if it is the student's last."""
        old = self.submissions.get(new.person.key)
        if old is not None and old.load() != new.load():
            is_later = new.is_later_than(old.origin, old.when)
            if is_later is None:
                self.problems.append(
                    f"{new.name}: is in several downloads, and it is unclear which is later. "
                    f"{old.origin.name} was collected, {new.origin.name} was not."
                )
                return
            earlier, new = (old, new) if is_later else (new, old)
            self.notes.append(f"{new.name}: submitted again; earlier: {earlier.origin.name}.")
        self.submissions[new.person.key] = new


@dataclass
class _Student:
    """The files of a student in one download."""

    person: Person
    files: list[File] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    when: datetime | None = None
    late: bool = False
    refused: list[str] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The student in messages."""
        label = self.person.name or next(iter(self.labels), "")
        first = self.person.ids[0]
        return f"{first} ({label})" if label and label != first else first

    def add(self, file: SubmittedFile, path: str, note: str, refused: str) -> None:
        """Add a file, or the reason why it is refused."""
        self.labels.add(file.label)
        self.accounts.add(folded(file.student))
        self.notes |= {note: None} if note else {}
        if refused:
            self.refused.append(f"{file.name} {refused}")
            return
        when = self.person.when or file.when
        if when is not None and self.when is not None and when != self.when:
            if when < self.when:  # Gradescope: several submissions of one student
                return
            self.files.clear()
        self.when = when or self.when
        self.late |= file.late
        self.files.append(File(path, file.name, file.order))


def plan(sources: Iterable[Source], roster: Roster, assignment: Assignment) -> Plan:
    """Find the last submission of each student.

    Raises:
        UsageError: a download does not come from a known platform.
    """
    made = Plan()
    for source in sources:
        platform, students = _students(source, roster, made)
        for student in students:
            submission = _submission(student, source, platform, assignment, made)
            if submission is not None:
                made.add(submission)
    return made


def _students(source: Source, roster: Roster, made: Plan) -> tuple[str, Sequence[_Student]]:
    """Return the platform of a download, and its students with their files."""
    platform = platform_of(source)
    students: dict[str, _Student] = {}
    for path in [*source.readers, *source.refused]:
        parsed = platform.parse(path)
        if isinstance(parsed, str):
            reason = source.refused.get(path, parsed)
            made.problems.append(f"{source.label}: {path} {reason}.")
            continue
        for file in parsed:
            found = platform.identify(file, roster)
            if isinstance(found, str):
                made.problems.append(f"{source.label}: {file.label or path} {found}: {path}.")
                continue
            for person, note in found:
                student = students.setdefault(person.key, _Student(person))
                student.add(file, path, note, source.refused.get(path, ""))
    return platform.name, list(students.values())


def _submission(
    student: _Student, source: Source, platform: str, assignment: Assignment, made: Plan
) -> DownloadedSubmission | None:
    """Return a student's submission, None if it is unclear or cannot be read."""
    names = student.accounts if platform == GRADESCOPE else student.labels
    if len(names) > 1:  # perhaps somebody whose chosen name looks like another's
        shown = ", ".join(sorted(names))
        made.problems.append(f"{student.name}: has several names ({shown}); not collected.")
        return None
    refused = [f"{student.name}: {text}." for text in student.refused]
    try:
        selection = _select(student.files, source, assignment)
        if selection.problem:
            made.problems += refused or [f"{student.name}: {selection.problem}."]
            return None
        order = max((file.order for file in student.files), default=0) or source.order
        late = student.late and student.when is None
        notebooks = selection.notebooks
        origin = Collected(platform, notebooks[assignment.notebook].name, order, late)
        submission = DownloadedSubmission(
            student.person, student.name, source, notebooks, origin, student.when
        )
        submission.load()  # reports now what cannot be read
    except UnreadableError as error:
        made.problems.append(f"{student.name}: the submitted file {error}.")
        return None
    made.problems += refused
    notes = list(student.notes)
    if selection.earlier:
        notes.append(f"submitted again; earlier: {listed(selection.earlier)}")
    if selection.others:
        notes.append(f"also submitted, not collected: {listed(selection.others)}")
    made.notes += [f"{student.name}: {note}." for note in notes]
    return submission


def _select(files: Sequence[File], source: Source, assignment: Assignment) -> Selection:
    """Select a student's notebooks, in the only zip among the files if there are no others."""
    selection = select(files, assignment)
    zips = [file for file in selection.others if file.extension == ".zip"]
    if not selection.problem or len(zips) != 1:
        return selection
    path, name = zips[0].path, zips[0].name
    inside = open_inner(source.read(path), name).readers
    return select([File(path, f"{name}/{inner}", inner=inner) for inner in inside], assignment)
