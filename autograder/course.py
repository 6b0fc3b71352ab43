"""The course: what `course.yml` says, as frozen models.

`python -m autograder.course` prints the JSON Schema by which editors complete the file.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from autograder.errors import CourseError, UsageError
from autograder.suites import PRELOAD, SUITES

FILE_NAME = "course.yml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, ten times as fast

FolderKind = Literal["source", "release", "submitted", "autograded", "feedback"]
Feedback = Literal["full", "hints", "score"]
Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
Positive = Annotated[float, Field(gt=0)]
Name = Annotated[str, Field(pattern=r"^[\w-]+$")]
"""A word, as nbgrader's `grade_id`s are."""
Title = Annotated[str, Field(pattern=r"^\w([\w .,()&'-]*[\w)])?$")]
"""What a file or folder can be called, and nbgrader accepts: `Problem Set 1`."""
Folder = Annotated[str, Field(pattern=r"^\w([\w ./-]*\w)?$")]
"""A folder's path from course.yml."""


class Model(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Late(Model):
    """What a late submission loses."""

    grace: timedelta = timedelta(0)
    """Time after the due date that costs nothing, as an ISO 8601 duration such as PT15M."""
    penalty_per_day: Annotated[float, Field(ge=0, le=1)] = 0
    """Part of the points that each day begun after the due date costs: 0.1 is a tenth."""
    max_penalty: Annotated[float, Field(ge=0, le=1)] = 1
    """The largest part of the points that lateness may cost."""


class Extension(Model):
    """More time for one student."""

    student: Annotated[str, Field(min_length=1)]
    """The student, as submitted/ names them; in capital or small letters."""
    due: AwareDatetime
    """The student's own due date, with its time zone; grace and penalties count from it."""


class Task(Model):
    """One graded piece of work in an assignment."""

    name: Name
    """What suites and reports call it."""
    points: Positive
    """Points of all its tests together; the same as on its test cell."""
    solution: Name | None = None
    """The `grade_id` of the cell that the student fills in, if there is one."""
    tests: Name
    """The `grade_id` of the notebook's cell with the visible tests."""


class Limits(Model):
    """What a submission may use while it is graded.

    Each time it uses up the time of a cell or a call, the next ones get half as much.
    """

    notebook_seconds: Positive = 60
    """Wall time for all cells together."""
    cell_seconds: Positive = 10
    """Wall time for one cell; a cell that takes longer is stopped and left out."""
    request_seconds: Positive = 4
    """Wall time for one call that a test makes."""
    cpu_seconds: Annotated[int, Field(gt=0)] = 120
    """Processor time of the submission's process."""
    memory_mb: Annotated[int, Field(ge=256)] = 2048
    """Memory on top of what the imported modules take."""
    output_kb: Annotated[int, Field(ge=1, le=4096)] = 4096
    """Text and images that the notebook may show; the rest is cut off."""
    file_mb: Annotated[int, Field(ge=1)] = 64
    """The largest file that may be written to the scratch folder."""


class Assignment(Model):
    """One assignment: a notebook, its tasks and the suite that tests them."""

    title: str = ""
    """What people read."""
    notebook: Title
    """The notebook's name, without `.ipynb`."""
    suite: str = ""
    """The folder of its pytest suite: a path from course.yml, or the name of a suite that comes
    with the kit. Left out: the assignment's name."""
    due: AwareDatetime | None = None
    """The due date, with its time zone."""
    late: Late = Late()
    extensions: tuple[Extension, ...] | None = None
    """Students who have more time. Left out: those whom nbgrader's gradebook gives more."""
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]
    limits: Limits = Limits()
    preload: tuple[str, ...] = PRELOAD
    """Modules that are imported once, before any submission is run."""
    feedback: Feedback = "full"
    """How much students read: `score`, the points of each task; `hints`, also what went wrong;
    `full`, also every test, and pictures."""
    visibility: dict[Name, Visibility] = {}
    """On Gradescope, when students see the result of a task or a test, by its name; what is not
    named is visible at once."""

    _name: str = PrivateAttr(default="")
    _suite_folder: Path = PrivateAttr(default=Path())
    _neighbours: frozenset[str] = PrivateAttr(default=frozenset())
    _granted: Mapping[str, timedelta] = PrivateAttr(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self._name, self._suite_folder))

    @property
    def name(self) -> str:
        """The assignment's name: its key in course.yml."""
        return self._name

    def due_of(self, student: str) -> datetime | None:
        """Return when a student has to hand in, None if there is no due date."""
        if self.extensions is None:
            return self.due and self.due + self._granted.get(student, timedelta(0))
        own = {e.student: e.due for e in self.extensions}
        alike = {name.casefold(): due for name, due in own.items()}
        return own.get(student) or alike.get(student.casefold(), self.due)

    def with_granted(self, granted: Mapping[str, timedelta]) -> Assignment:
        """Return the assignment with more time, granted elsewhere, for some students.

        It counts where course.yml says nothing about extensions.
        """
        copy = self.model_copy()
        copy._granted = dict(granted)
        return copy

    @property
    def suite_folder(self) -> Path:
        """The folder that holds its pytest suite."""
        return self._suite_folder

    @property
    def neighbours(self) -> frozenset[str]:
        """Other notebooks of the same assignment, which nbgrader grades without the kit."""
        return self._neighbours

    @property
    def max_score(self) -> float:
        """Points of all tasks together."""
        return sum(task.points for task in self.tasks)


class Folders(Model):
    """nbgrader's folders, beside course.yml; `nbgrader_config.py` need not name them."""

    source: Folder = "solutions"
    """The instructor's source notebooks."""
    release: Folder = "assignments"
    """The release versions, which students get."""
    submitted: Folder = "submitted"
    """What students handed in."""
    autograded: Folder = "autograded"
    """Submissions with results."""
    feedback: Folder = "feedback"
    """The pages that students get."""


class Course(Model):
    """A course and its assignments."""

    course: Title
    """The course's short name, as nbgrader's `course_id`."""
    seed: int | str = 0
    """Hidden inputs are drawn from it, the same for every student. Keep it to yourself; the
    environment variable AUTOGRADER_SEED replaces it."""
    isolation: Literal["required", "best-effort"] = "required"
    """`required` refuses to grade where student code cannot be confined; `best-effort` grades
    with what the machine offers, and every record says what that was."""
    gradebook: str = "sqlite:///gradebook.db"
    """nbgrader's gradebook, as an SQLAlchemy URL; a relative path counts from course.yml."""
    folders: Folders = Folders()
    assignments: Annotated[dict[Title, Assignment], Field(min_length=1)]

    _file: Path = PrivateAttr(default=Path(FILE_NAME))

    @property
    def file(self) -> Path:
        """The file it was read from."""
        return self._file

    @property
    def root(self) -> Path:
        """The folder of course.yml."""
        return self._file.parent

    def folder(self, kind: FolderKind) -> Path:
        """Return where one of nbgrader's folders is."""
        return self.root / str(getattr(self.folders, kind))

    def notebook_file(self, assignment: Assignment, kind: FolderKind = "source") -> Path:
        """Return where an assignment's notebook is: the source, or the release version."""
        return self.folder(kind) / assignment.name / f"{assignment.notebook}.ipynb"

    @property
    def gradebook_url(self) -> str:
        """The gradebook's URL with an absolute path."""
        return self.absolute_url(self.gradebook)

    @property
    def gradebook_name(self) -> str:
        """The gradebook as messages name it."""
        return without_password(self.gradebook)

    def absolute_url(self, url: str) -> str:
        """Return a database's URL, for SQLite with a path that counts from course.yml."""
        prefix = "sqlite:///"
        if url.startswith(prefix):
            return prefix + str(self.root / url.removeprefix(prefix))
        return url

    def where(self, *location: str | int) -> str:
        """Return the file, line and key of something in course.yml, to begin a message with."""
        tree = yaml.compose(self.file.read_text(encoding="utf-8"), Loader=LOADER)
        key = ".".join(str(part) for part in location)
        return f"{self.file}, line {_line(tree, location)}: {key}"

    def assignment(self, name: str | None) -> Assignment:
        """Return an assignment by name; without a name, the only one.

        Raises:
            UsageError: there is no such assignment, or several and none was named.
        """
        names = ", ".join(self.assignments)
        if name is None and len(self.assignments) > 1:
            raise UsageError(f"{self.file} has several assignments: choose one of {names}.")
        name = name if name is not None else next(iter(self.assignments))
        if name not in self.assignments:
            raise UsageError(f"{self.file} has no assignment {name!r}: it has {names}.")
        return self.assignments[name]


def without_password(url: str) -> str:
    """Return a database's URL as it can be shown."""
    hidden = re.sub(r"^([^:/]+://[^:/]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return re.sub(r"(password=)[^&]*", r"\1***", hidden)


def hidden_seed(course: Course) -> str:
    """Return the seed of hidden inputs: AUTOGRADER_SEED, or what course.yml says.

    CI sets a variable to nothing where its secret is not there.
    """
    return os.environ.get("AUTOGRADER_SEED") or str(course.seed)


def find_course(start: Path) -> Path:
    """Return the nearest course.yml in a folder or the folders above it.

    Raises:
        CourseError: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise CourseError(
        f"There is no {FILE_NAME} in {start.resolve()} or above it. "
        "Go to the course's folder, or name the file with --course."
    )


def load_course(file: Path) -> Course:
    """Read and check a course.yml.

    Raises:
        CourseError: it cannot be read, or something in it is wrong; the message names the
            file, the line and the key of everything that is.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{file} cannot be read: {error}.") from None
    try:
        tree = yaml.compose(text, Loader=LOADER)
        _refuse_repeated_keys(tree, file)
        data = yaml.load(text, Loader=LOADER)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "something that is not YAML"
        raise CourseError(f"{file}{line}: {problem}. Check the indentation and quotes.") from None
    except (ValueError, TypeError, RecursionError) as error:  # an impossible date, for one
        raise CourseError(f"{file}: {error}. Check the values and quotes.") from None
    if not isinstance(data, dict):
        raise CourseError(f"{file} is empty or not a list of keys; see docs/author/course.md.")
    try:
        course = Course.model_validate(data)
    except ValidationError as error:
        lines = [_explain(file, tree, problem) for problem in error.errors()]
        raise CourseError("\n".join(lines)) from None
    course._file = file.resolve()
    for name, assignment in course.assignments.items():
        assignment._name = name
        assignment._suite_folder = _find_suite(course, assignment, tree)
        stems = {path.stem for path in (course.folder("source") / name).glob("*.ipynb")}
        assignment._neighbours = frozenset(stems - {assignment.notebook})
    return course


def _find_suite(course: Course, assignment: Assignment, tree: Any) -> Path:
    name = assignment.suite or assignment.name
    for folder in (course.root / name, SUITES / name):
        if any(folder.glob("test_*.py")):
            return folder.resolve()
    line = _line(tree, ("assignments", assignment.name, "suite"))
    raise CourseError(
        f"{course.file}, line {line}: assignments.{assignment.name}.suite: there are no "
        f"test_*.py files in {course.root / name}, and the kit has no suite called {name!r}."
    )


def _explain(file: Path, tree: Any, problem: Any) -> str:
    """Say in a sentence what pydantic found, where in the file."""
    location = tuple(problem["loc"])
    key = ".".join(str(part) for part in location)
    kind, line = problem["type"], _line(tree, location)
    if kind == "extra_forbidden":
        text = "this key is not known. Check its spelling and indentation"
    elif kind == "missing":
        text = "this key is missing"
    else:
        text = problem["msg"][0].lower() + problem["msg"][1:]
        if not isinstance(problem["input"], dict | list):
            text += f", but it is {problem['input']!r}"
    return f"{file}, line {line}: {key}: {text}."


def _line(tree: Any, location: tuple[Any, ...]) -> int:
    """Return the line of a key, or of the nearest thing above it that is in the file."""
    node, line = tree, tree.start_mark.line
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(part)]
            if not found:
                break
            key, node = found[-1]
            line = key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return int(line) + 1


def _refuse_repeated_keys(node: Any, file: Path) -> None:
    """Refuse a key that is given twice: YAML would silently take the last."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(item, file)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise CourseError(f"{file}, line {line}: {key.value}: this key is given twice.")
            seen.add(key.value)
            _refuse_repeated_keys(value, file)


def schema() -> str:
    """Return the JSON Schema of course.yml as text."""
    described = Course.model_json_schema(mode="validation")
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
