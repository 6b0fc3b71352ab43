"""Finds in downloads the last submission of each student, and reports what cannot be collected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from autograder.course import Assignment
from autograder.integrations.gradescope.bulk_export import PLATFORM as GRADESCOPE
from autograder.integrations.lms.archive import Source, UnreadableError, open_inner
from autograder.integrations.lms.people import Person, Roster, folded
from autograder.integrations.lms.platforms import Platform, platform_of
from autograder.integrations.lms.selection import File, Selection, listed, select
from autograder.integrations.platform_data import SubmittedFile
from autograder.submission import Collected


@dataclass(frozen=True)
class DownloadedSubmission:
    """One submission of a student; `name` is the student in messages.

    `files` has the notebooks, and other files that the notebook may use, by the names they get.
    """

    person: Person
    name: str
    source: Source
    files: Mapping[str, File]
    origin: Collected
    when: datetime | None = None

    def load(self) -> dict[str, bytes]:
        """Read the files. They are not kept: those of a whole class do not fit into memory.

        Raises:
            UnreadableError: one is damaged or too large.
        """
        files = self.files.items()
        return {name: self.source.read(file.path, file.inner) for name, file in files}

    def is_later_than(self, origin: Collected | None, when: datetime | None) -> bool | None:
        """Return whether it was submitted later than another one; None if that is not known."""
        if self.when is not None and when is not None:
            return self.when > when
        if origin is None or origin.source != self.origin.source:
            return None
        own, other = self.origin.order, origin.order
        return own > other if own and other and own != other else None


@dataclass
class Collection:
    """What is collected: submissions by student, a summary, and sentences for the instructor.

    `notes` are worth knowing, `problems` say what could not be collected.
    """

    submissions: dict[str, DownloadedSubmission] = field(default_factory=dict)
    summary: str = ""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

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
    """A student in one download: the paths and names of the files, and what is unusual."""

    person: Person
    files: list[tuple[str, SubmittedFile]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The student in messages."""
        label = self.person.name or self.files[0][1].label
        first = self.person.ids[0]
        return f"{first} ({label})" if label and label != first else first

    def last_files(self, source: Source) -> tuple[list[tuple[str, SubmittedFile]], datetime | None]:
        """Return the files that can be read, and the time of submission if it is known.

        In Gradescope a student may have several submissions: the files are those of the last.
        """
        files = [(path, file) for path, file in self.files if path in source.readers]
        if self.person.when is not None:
            return files, self.person.when
        when = max((file.when for _, file in files if file.when is not None), default=None)
        return [(path, file) for path, file in files if file.when in (None, when)], when


def last_submissions(
    sources: Iterable[Source], roster: Roster, assignment: Assignment
) -> Collection:
    """Find the last submission of each student.

    Raises:
        UsageError: a download does not come from a known platform.
    """
    collection = Collection()
    for source in sources:
        platform = platform_of(source)
        for student in _students(source, platform, roster, collection.problems):
            _add_submission(student, source, platform.name, assignment, collection)
    return collection


def _students(
    source: Source, platform: Platform, roster: Roster, problems: list[str]
) -> Iterable[_Student]:
    """Return the students of a download with their files."""
    students: dict[str, _Student] = {}
    for path in [*source.readers, *source.refused]:
        parsed = platform.parse(path)
        if isinstance(parsed, str):
            problems.append(f"{source.label}: {path} {source.refused.get(path, parsed)}.")
            continue
        for file in parsed:
            found = platform.identify(file, roster)
            if isinstance(found, str):
                problems.append(f"{source.label}: {file.label or path} {found}: {path}.")
                continue
            for person, note in found:
                student = students.setdefault(person.key, _Student(person))
                student.files.append((path, file))
                student.notes.append(note)
    return students.values()


def _add_submission(
    student: _Student, source: Source, platform: str, assignment: Assignment, found: Collection
) -> None:
    """Add a student's submission, or report why it is unclear or cannot be read."""
    names = {
        folded(file.student) if platform == GRADESCOPE else file.label for _, file in student.files
    }
    if len(names) > 1:  # perhaps somebody whose chosen name looks like another's
        shown = ", ".join(sorted(names))
        found.problems.append(f"{student.name}: has several names ({shown}); not collected.")
        return
    refused = [
        f"{student.name}: {file.name} {source.refused[path]}."
        for path, file in student.files
        if path in source.refused
    ]
    files, when = student.last_files(source)
    try:
        selection = _select([File(p, f.name, f.order) for p, f in files], source, assignment)
        if selection.problem:
            found.problems += refused or [f"{student.name}: {selection.problem}."]
            return
        order = max(file.order for _, file in files) or source.order
        late = when is None and any(file.late for _, file in files)
        assert selection.notebook is not None
        origin = Collected(platform, selection.notebook.name, order, late)
        submission = DownloadedSubmission(
            student.person, student.name, source, selection.files, origin, when
        )
        submission.load()  # reports now what cannot be read
    except UnreadableError as error:
        found.problems.append(f"{student.name}: the submitted file {error}.")
        return
    found.problems += refused
    notes = list(dict.fromkeys(filter(None, student.notes)))
    if selection.earlier:
        notes.append(f"submitted again; earlier: {listed(selection.earlier)}")
    if selection.others:
        notes.append(f"also submitted, not collected: {listed(selection.others)}")
    found.notes += [f"{student.name}: {note}." for note in notes]
    found.add(submission)


def _select(files: Sequence[File], source: Source, assignment: Assignment) -> Selection:
    """Select a student's notebooks, in the only zip among the files if there are no others."""

    def read(file: File) -> bytes:
        return source.read(file.path, file.inner)

    selection = select(files, assignment, read)
    zips = [file for file in selection.others if file.extension == ".zip"]
    if not selection.problem or len(zips) != 1:
        return selection
    path, name = zips[0].path, zips[0].name
    inside = open_inner(source.read(path), name).readers
    files = [File(path, f"{name}/{inner}", inner=inner) for inner in inside]
    return select(files, assignment, read)
