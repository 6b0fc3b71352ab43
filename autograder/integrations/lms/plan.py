"""Makes out of downloads what each student handed in last, and says who is left over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from autograder.collected import Collected
from autograder.course import Assignment
from autograder.integrations.download import Parsed
from autograder.integrations.gradescope import bulk_export as gradescope
from autograder.integrations.lms.archive import Source, UnreadableError, open_inner
from autograder.integrations.lms.detection import scheme_of
from autograder.integrations.lms.people import Match, Person, Roster, who
from autograder.integrations.lms.safe_names import folded
from autograder.integrations.lms.selection import Choice, File, archives, choose


@dataclass(frozen=True)
class HandIn:
    """What a student handed in at one time, and what is known about it.

    `name` is the student as sentences name them; `load` reads the notebooks, by their names.
    """

    person: Person
    name: str
    load: Callable[[], Mapping[str, bytes]]
    about: Collected
    when: datetime | None = None


@dataclass
class Plan:
    """What is to be placed, what could not be, and what else to say, as sentences."""

    handed_in: dict[str, HandIn] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Student:
    """What one download has of a student."""

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
        """The student as sentences name them."""
        label = self.person.name or next(iter(self.labels), "")
        first = self.person.ids[0]
        return f"{first} ({label})" if label and label != first else first


def plan(sources: Iterable[Source], roster: Roster, assignment: Assignment) -> Plan:
    """Find, in downloads, the last that each student handed in.

    Raises:
        UsageError: a download is not named as those of any place that is known.
    """
    made = Plan()
    for source in sources:
        place, students = _students(source, roster, made)
        for student in students:
            handed_in = _hand_in(student, source, place, assignment, made)
            if handed_in is not None:
                _keep_later(handed_in, made)
    return made


def later(new: HandIn, about: Collected | None, when: datetime | None) -> bool | None:
    """Say whether something was handed in later than what is known; None if nobody can tell."""
    if new.when is not None and when is not None:
        return new.when > when
    if about is None or about.source != new.about.source or not (about.order and new.about.order):
        return None
    return None if about.order == new.about.order else new.about.order > about.order


def _students(source: Source, roster: Roster, made: Plan) -> tuple[str, Sequence[_Student]]:
    """Return the students of a download with their files."""
    scheme = scheme_of(source)
    students: dict[str, _Student] = {}
    for path in [*source.readers, *source.refused]:
        parsed = scheme.parse(path)
        if isinstance(parsed, str):
            reason = source.refused.get(path, parsed)
            made.problems.append(f"{source.label}: {path} {reason}.")
            continue
        for file in parsed:
            known = who(file, scheme.place, roster)
            if isinstance(known, str):
                made.problems.append(f"{source.label}: {file.label or path} {known}: {path}.")
                continue
            for one in known:
                student = students.setdefault(one.person.key, _Student(one.person))
                _add(student, file, one, path, source.refused.get(path, ""))
    return scheme.place, list(students.values())


def _add(student: _Student, file: Parsed, known: Match, path: str, refused: str) -> None:
    """Add a file to what a student handed in."""
    student.labels.add(file.label)
    student.accounts.add(folded(file.student))
    if known.note:
        student.notes[known.note] = None
    when = known.when or file.when
    if refused:
        student.refused.append(f"{file.name} {refused}")
        return
    if when is not None and student.when is not None and when != student.when:
        if when < student.when:  # Gradescope: several submissions of one student
            return
        student.files.clear()
    student.when = when or student.when
    student.late |= file.late
    student.files.append(File(path, file.name, file.order))


def _hand_in(
    student: _Student, source: Source, place: str, assignment: Assignment, made: Plan
) -> HandIn | None:
    """Return what a student handed in, None if that cannot be said or read."""
    problems = [f"{student.name}: {text}." for text in student.refused]
    different = student.accounts if place == gradescope.PLACE else student.labels
    if len(different) > 1:  # perhaps somebody who calls themselves like another
        names = ", ".join(sorted(different))
        made.problems.append(f"{student.name}: is under several names, {names}: not placed.")
        return None
    choice = choose(student.files, assignment)
    try:
        reopen, choice = _opened(choice, source, assignment)
        if choice.problem:
            made.problems += problems or [f"{student.name}: {choice.problem}."]
            return None
        load = partial(_load, reopen, choice)
        load()  # what cannot be read is said here
    except UnreadableError as error:
        made.problems.append(f"{student.name}: the file that was handed in {error}.")
        return None
    made.problems += problems
    made.notes += [f"{student.name}: {note}." for note in student.notes]
    made.notes += _said(student, choice)
    main = choice.notebooks[assignment.notebook]
    order = max((file.order for file in student.files), default=0) or source.order
    about = Collected(place, main.name, order, student.late and student.when is None)
    return HandIn(student.person, student.name, load, about, student.when)


def _load(reopen: Callable[[], Source], choice: Choice) -> Mapping[str, bytes]:
    source = reopen()
    return {name: source.read(file.path) for name, file in choice.notebooks.items()}


def _opened(
    choice: Choice, source: Source, assignment: Assignment
) -> tuple[Callable[[], Source], Choice]:
    """Return what opens the place of the chosen notebooks: the download, or the only zip in it.

    A zip is opened each time: those of a whole class do not fit into memory.
    """
    zips = archives(choice) if choice.problem else []
    if len(zips) != 1:
        return lambda: source, choice

    def reopen() -> Source:
        return open_inner(source.read(zips[0].path), zips[0].name)

    files = [File(path, f"{zips[0].name}/{path}") for path in reopen().readers]
    return reopen, choose(files, assignment)


def _said(student: _Student, choice: Choice) -> Iterable[str]:
    """Say what was handed in and is not placed."""
    if choice.earlier:
        names = ", ".join(file.name for file in choice.earlier)
        yield f"{student.name}: handed in again; earlier: {names}."
    if choice.others:
        names = ", ".join(sorted(file.name for file in choice.others)[:5])
        more = f" and {len(choice.others) - 5} more" if len(choice.others) > 5 else ""
        yield f"{student.name}: also handed in, not placed: {names}{more}."


def _keep_later(new: HandIn, made: Plan) -> None:
    """Keep, of what a student handed in at several times, the last."""
    key = new.person.key
    old = made.handed_in.get(key)
    if old is not None and old.load() != new.load():
        is_later = later(new, old.about, old.when)
        if is_later is None:
            made.problems.append(
                f"{new.name}: is in several downloads, and nobody can tell which is the later one: "
                f"{old.about.name} was taken, {new.about.name} was not."
            )
            return
        first, last = (old, new) if is_later else (new, old)
        made.notes.append(f"{new.name}: handed in again; earlier: {first.about.name}.")
        new = last
    made.handed_in[key] = new
