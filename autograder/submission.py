"""Finds submissions and reads their notebooks, each one once."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dateutil.parser import parse as parse_date
from dateutil.tz import gettz

from autograder.beside import CHECKPOINTS, FilesBeside, files_beside, subfolders
from autograder.choice import ANSWERED, Choice, Offered, choose, progress_of
from autograder.errors import SubmissionError
from autograder.file_names import folded, notebook_stem, without_copy_marks
from autograder.files import read_file
from autograder.notebook import (
    Notebook,
    notebooks_in,
    parse_notebook,
    read_content,
    read_notebook,
)
from autograder.recognition import recognized

if TYPE_CHECKING:
    from autograder.course import Assignment

TIMESTAMP = "timestamp.txt"
MAX_TIMESTAMP = 200  # bytes
COLLECTED = "collected.json"
MAX_COLLECTED = 10_000  # bytes
LATE = (
    "It was submitted late, and the time is not known. Write the time into timestamp.txt beside "
    "it and grade it again, or deduct points manually."
)

CHECKPOINT = re.compile(r"-checkpoint(?=\.ipynb$)", re.IGNORECASE)

_ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z_]+)*")


@dataclass(frozen=True)
class Submission:
    """One notebook to grade.

    `note` describes something unusual, such as a renamed file. `submitted` is the time of
    submission, None if it is not known. `review_reason` says why a person should review it,
    regardless of its tests. `folder` is the folder that is the student's alone, None if there is
    none; files in it that match a pattern in `takes` are handed to the notebook's code.

    The file is read and parsed on first use, only once.
    """

    student: str
    path: Path
    note: str = ""
    submitted: datetime | None = None
    review_reason: str = ""
    folder: Path | None = None
    takes: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        """The student's own folder, or else the notebook's."""
        return self.path.parent if self.folder is None else self.folder

    @property
    def notebook(self) -> Notebook:
        """The notebook.

        Raises:
            SubmissionError: it is missing, unreadable, not a notebook, too old or not Python.
        """
        loaded = self.loaded
        if isinstance(loaded, SubmissionError):
            raise loaded.with_traceback(None)
        return loaded

    @cached_property
    def loaded(self) -> Notebook | SubmissionError:
        """The notebook, or the error if it cannot be read."""
        content = self._content
        if isinstance(content, SubmissionError):
            return content
        try:
            return parse_notebook(content, self.path)
        except SubmissionError as error:
            return error
        finally:
            self.__dict__.pop("_content", None)  # no longer needed: the notebook replaces it

    @cached_property
    def beside(self) -> FilesBeside:
        """The other files that the student submitted, read once."""
        return FilesBeside() if self.folder is None else files_beside(self.folder, self.takes)

    @property
    def digest(self) -> str:
        """A digest of the file, or of the error if it cannot be read, and of those beside it."""
        content = self._content
        if isinstance(content, SubmissionError):  # the same path can be spelled in several ways
            content = str(content).replace(str(self.path), "").encode("utf-8", "replace")
        digest = hashlib.sha256(content)
        for name, taken in self.beside.taken.items():
            digest.update(f"\0{name}\0{len(taken)}\0".encode("utf-8", "replace") + taken)
        names = "\0".join((*self.beside.refused, *self.beside.left))
        digest.update(names.encode("utf-8", "replace"))
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        content = self._content
        return 0 if isinstance(content, SubmissionError) else len(content)

    @cached_property
    def _content(self) -> bytes | SubmissionError:
        try:
            return read_content(self.path)
        except SubmissionError as error:
            return error

    def release(self) -> None:
        """Free the contents; the next use reads the file again."""
        for name in ("loaded", "beside", "_content"):
            self.__dict__.pop(name, None)

    def __getstate__(self) -> dict[str, Any]:
        _ = self.beside  # which another machine could not read
        return {name: value for name, value in self.__dict__.items() if name != "_content"}


@dataclass(frozen=True)
class Collected:
    """The file that `autograder collect` writes beside a submission.

    `source` is the platform, `name` the file's name there. `order` increases with each submission
    of a student on the same platform; 0 means unknown. `late` says whether the platform marked it
    late.
    """

    source: str
    name: str = ""
    order: int = 0
    late: bool = False

    def to_bytes(self) -> bytes:
        """Return the contents of the file."""
        return (json.dumps(asdict(self), ensure_ascii=False) + "\n").encode()


def read_collected(folder: Path) -> Collected | None:
    """Read the file that `collect` wrote to a submission's folder; None if it is not valid."""
    try:
        found = json.loads(read_file(folder / COLLECTED, MAX_COLLECTED).decode())
        order = found["order"]
        return Collected(
            str(found["source"]),
            str(found["name"]),
            order if type(order) is int else 0,
            found["late"] is True,
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):  # students may write one too
        return None


def find_submissions(
    paths: Sequence[Path], assignment: Assignment
) -> tuple[list[Submission], list[str]]:
    """Find the submissions at some paths.

    A path is a notebook, a folder of notebooks, or a folder in nbgrader's layout,
    `<student>/<assignment>/<notebook>.ipynb`. In that layout the student is the folder's name,
    elsewhere the notebook's stem.

    Returns:
        the submissions, sorted by student, and a message for each path without submissions.
    """
    (submissions,), problems = find_by_assignment(paths, [assignment])
    return submissions, problems


def find_by_assignment(
    paths: Sequence[Path], assignments: Sequence[Assignment]
) -> tuple[list[list[Submission]], list[str]]:
    """Find the submissions at some paths, as `find_submissions` does, for several assignments.

    Outside of nbgrader's layout, a notebook's name and cells say to which of them it belongs.

    Returns:
        the submissions of each assignment, sorted by student, and a message for each path without
        submissions, and for each notebook of which nobody can tell where it belongs.
    """
    found = [dict[Path, Submission]() for _ in assignments]
    problems: list[str] = []
    for path in paths:
        folders = [_folders(path, one) for one in assignments]
        loose = [] if any(folders) else notebooks_in(path) if path.is_dir() else [path]
        owners = _owners(loose, assignments)
        for assignment, known, some in zip(assignments, found, folders, strict=True):
            here = [in_students_folder(folder, assignment) for folder in some]
            ours = [one for one in loose if owners[one] == assignment.name]
            here += _named_by_files(ours) if path.is_dir() else _single(ours, assignment)
            known.update((submission.path.absolute(), submission) for submission in here)
        problems += _problems(path, assignments, any(folders), owners)
    return [sorted(one.values(), key=lambda s: (s.student, str(s.path))) for one in found], problems


def _folders(path: Path, assignment: Assignment) -> list[Path]:
    """Return the folders of an assignment that a path leads to: one for each student."""
    folders = [path]
    if path.name != assignment.folder:
        folders = sorted(path.glob(f"*/{assignment.folder}")) or [path / assignment.folder]
    return [folder for folder in folders if folder.is_dir()]


def _owners(notebooks: list[Path], assignments: Sequence[Assignment]) -> dict[Path, str | None]:
    """Return to which assignment each notebook belongs, None if nobody can tell.

    If there is only one, it is that one; and if all others in a folder belong to the same, so does
    one that cannot be read.
    """
    if len(assignments) == 1:
        return dict.fromkeys(notebooks, assignments[0].name)
    marks = [one.marks for one in assignments]
    found = {one: recognized(one, marks) for one in notebooks}
    known = {*found.values()} - {None}
    common = known.pop() if len(known) == 1 else None
    return {one: owner or common for one, owner in found.items()}


def _problems(
    path: Path, assignments: Sequence[Assignment], has_folders: bool, owners: dict[Path, str | None]
) -> Iterator[str]:
    """Say what cannot be graded at a path."""
    if not path.exists():
        yield f"{path}: there is no such file or folder."
    elif not has_folders and not owners:
        folders = ", ".join(f"<student>/{one.folder}/{one.notebook}.ipynb" for one in assignments)
        yield (
            f"{path}: there are no notebooks here. Expected notebooks (*.ipynb), or folders "
            f"{folders}."
        )
    else:
        for notebook in (one for one, owner in owners.items() if owner is None):
            yield (
                f"{notebook} is not graded: neither its name nor its cells say to which assignment "
                "it belongs. Choose one with --assignment."
            )
    yield from dict.fromkeys(text for one in assignments for text in _elsewhere(path, one))


def _single(notebooks: list[Path], assignment: Assignment) -> Iterator[Submission]:
    """Yield the submissions of notebooks that were named one by one."""
    for path in filter(Path.exists, notebooks):
        folder = _absolute(path).parent
        if folder.name == assignment.folder and folder.parent.name:
            yield _submission(folder, path, assignment)
        else:
            yield from _named_by_files([path])


def _named_by_files(notebooks: Iterable[Path]) -> Iterator[Submission]:
    """Yield submissions named as their files without the ending, or with it if the name is taken.

    `ada.ipynb` is ada's, whoever submits `ada.ipynb.txt` beside it.
    """
    taken = {"", ".", ".."}
    for path in sorted(notebooks, key=lambda path: path.name != f"{path.stem}.ipynb"):
        stem = notebook_stem(path.name) or path.stem
        yield Submission(path.name if stem in taken else stem, path)
        taken.add(stem)


def _elsewhere(path: Path, assignment: Assignment) -> Iterator[str]:
    """Say which students' notebooks are not in the assignment's folder, and so not graded."""
    if not path.is_dir() or path.name == assignment.folder or (path / assignment.folder).is_dir():
        return
    for folder in sorted(path.glob("*/")):
        if folder.name.startswith(".") or (folder / assignment.folder).is_dir():
            continue
        for parent in (folder, *sorted(folder.glob("*/"))):
            alike = folded(parent.name) == folded(assignment.folder)
            for notebook in [] if parent.is_symlink() else notebooks_in(parent):
                plain = without_copy_marks(notebook_stem(notebook.name) or "")
                if (parent == folder and plain == folded(assignment.notebook)) or alike:
                    yield (
                        f"{notebook} is not graded: it belongs into {folder / assignment.folder}. "
                        "Move it there."
                    )


def in_students_folder(folder: Path, assignment: Assignment) -> Submission:
    """Return the submission in a student's folder, also if the notebook was renamed.

    If the folder itself has none with answers, it may be in a folder below, or be the copy that
    Jupyter keeps there.
    """
    if folder.is_symlink() or folder.parent.is_symlink():
        student = _absolute(folder).parent.name
        return Submission(student, folder if folder.is_symlink() else folder.parent)
    return found_in(folder, assignment)


def found_in(folder: Path, assignment: Assignment) -> Submission:
    """Return the submission in a folder of which only the links in it are not trusted."""
    expected = folder / f"{assignment.notebook}.ipynb"
    below, checkpoints = _below(folder)
    found = _choose([notebooks_in(folder), below, checkpoints], expected, assignment)
    if found.chosen is None:
        return _submission(folder, expected, assignment)
    reasons, notes = [], []
    path, shown = found.chosen.key, found.chosen.key.relative_to(folder).as_posix()
    if path in checkpoints:
        notes.append(f"only a copy that Jupyter keeps has answers, and it was graded: {shown}")
        reasons.append(f"Only a copy that Jupyter keeps, {shown}, has answers: it may be old.")
    elif path != expected:
        if path.name != expected.name:
            notes.append(f"renamed: {path.name}")
        elif found.alike:
            notes.append(f"of {found.alike + 1} notebooks, this one counts: {shown}")
    if found.empty:
        names = _names(found.empty, folder)
        notes.append(f"without answers and not graded: {names}")
    if found.rivals:
        names = _names(found.rivals, folder)
        notes.append(f"of several notebooks, {shown} was graded, not {names}")
        reasons.append(f"Of several notebooks with answers, {shown} was graded, not {names}.")
    return _submission(folder, path, assignment, "; ".join(notes), " ".join(reasons))


def _choose(places: Sequence[list[Path]], expected: Path, assignment: Assignment) -> Choice:
    """Choose a notebook in the first place that has any, or else one with answers further on."""
    if any(path != expected and _same(path, expected) for place in places for path in place):
        places[0].remove(expected)  # a second name, given when nbgrader's folder was prepared
    found = Choice()
    offered = [[_offered(path) for path in place] for place in places if place]
    for number, some in enumerate(offered, 1):
        choice = choose(some, assignment)
        if number == 1:
            found = choice
        elif choice.chosen and progress_of(choice.chosen, assignment) == ANSWERED:
            passed_over = [found.chosen] if found.chosen else []
            return replace(choice, empty=(*choice.empty, *passed_over))
        if found.chosen is None or len(offered) == number:
            break
        if progress_of(found.chosen, assignment) == ANSWERED:
            break
    return found


def _offered(path: Path) -> Offered:
    return Offered(CHECKPOINT.sub("", path.name), partial(read_notebook, path), path)


def _names(some: Iterable[Offered], folder: Path) -> str:
    return ", ".join(sorted(one.key.relative_to(folder).as_posix() for one in some))


def _below(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the notebooks in the folders below one, and the copies that Jupyter keeps."""
    below: list[Path] = []
    checkpoints: list[Path] = []
    for parent, files in subfolders(folder):
        found = [parent / name for name in files if notebook_stem(name) is not None]
        inside = parent.relative_to(folder).parts
        if inside[-1:] == (CHECKPOINTS,):
            checkpoints += found
        elif inside and not any(part.startswith(".") for part in inside):
            below += found
    return below, checkpoints


def others_in(folder: Path, assignment: Assignment) -> list[str]:
    """Return the files in a student's folder, except notebooks with names of the course."""
    known = {f"{name}.ipynb" for name in (assignment.notebook, *assignment.neighbours)}
    notebooks = [path.name for path in notebooks_in(folder) if path.name not in known]
    return [*notebooks, *files_beside(folder, ()).left]


def _same(one: Path, other: Path) -> bool:
    """Tell whether two paths are names of the same file."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _submission(
    folder: Path, path: Path, assignment: Assignment, note: str = "", reason: str = ""
) -> Submission:
    """Return a submission with the time of submission from the student's folder."""
    submitted = timestamp(folder)
    if submitted is None and assignment.due is not None:
        collected = read_collected(folder)
        late = LATE if collected is not None and collected.late else ""
        reason = " ".join(filter(None, (late, reason)))
    student = _absolute(folder).parent.name
    return Submission(student, path, note, submitted, reason, folder, assignment.takes)


def timestamp(folder: Path) -> datetime | None:
    """Return the time in timestamp.txt, in UTC; None if there is no valid one."""
    try:
        text = read_file(folder / TIMESTAMP, MAX_TIMESTAMP).decode().strip()
        day, _, zone = text.rpartition(" ")
        known = gettz(zone) if " " in day and _ZONE.fullmatch(zone) else None
        found: datetime = parse_date(text if known is None else day)
        return (found if found.tzinfo else found.replace(tzinfo=known or UTC)).astimezone(UTC)
    except Exception:  # students can write this file, and the parser fails in many ways
        return None


def _absolute(path: Path) -> Path:
    """Return an absolute path without `..`, without resolving links."""
    return Path(os.path.abspath(path))
