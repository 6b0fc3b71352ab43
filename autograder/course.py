"""Models of `course.yml`, and the function that reads and checks it.

`python -m autograder.course` prints the JSON Schema that editors use to complete the file.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from autograder.beside import files_named
from autograder.errors import CourseError, UsageError
from autograder.notebook import DEFINITION, course_notebook
from autograder.recognition import Marks, recognized
from autograder.record import Place
from autograder.suites import PRELOAD, PUBLIC_SEED, SUITES
from autograder.task_cells import tasks_in

FILE_NAME = "course.yml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C: ten times as fast

FolderKind = Literal["source", "release", "submitted", "autograded", "feedback"]
Feedback = Literal["full", "hints", "score"]
Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
Positive = Annotated[float, Field(gt=0)]
Name = Annotated[str, Field(pattern=r"^[\w-]+$")]
"""Letters, digits, `_` and `-`, as in nbgrader's `grade_id`."""
Title = Annotated[str, Field(pattern=r"^\w([\w .,()&'-]*[\w)])?$")]
"""A name for a file or folder that nbgrader accepts: `Problem Set 1`."""
Folder = Annotated[str, Field(pattern=r"^\w([\w ./-]*\w)?$")]
"""A folder's path, relative to course.yml."""

FilePattern = Annotated[str, Field(pattern=r"^[^./\\][^\\]*$")]
"""A file's name, or a pattern such as `*.csv`."""


class Model(BaseModel):
    """The base of all models: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Late(Model):
    """The late penalty."""

    grace: timedelta = timedelta(0)
    """Time after the due date without a penalty, as an ISO 8601 duration such as PT15M."""
    penalty_per_day: Annotated[float, Field(ge=0, le=1)] = 0
    """Share of the earned points to deduct for each day begun after the due date: 0.1 is 10 %."""
    max_penalty: Annotated[float, Field(ge=0, le=1)] = 1
    """The largest share of the earned points to deduct."""


class Extension(Model):
    """An extension for one student."""

    student: Annotated[str, Field(min_length=1)]
    """The name of the student's folder in submitted/; upper and lower case do not matter."""
    due: AwareDatetime
    """The student's own due date, with a time zone; grace and penalty count from it."""


class TaskLimits(Model):
    """Limits that a task has instead of the assignment's."""

    request_seconds: Positive | None = None
    """Processor time for one call from a test of the task."""


class Task(Model):
    """One graded part of an assignment."""

    name: Name
    """The task's name in suites and reports."""
    points: Positive
    """The task's points, the sum over its tests; must equal the points of its test cell."""
    solution: Name | None = None
    """The `grade_id` of the cell that students fill in, if there is one."""
    tests: Name
    """The `grade_id` of the cell with the visible tests."""
    limits: TaskLimits = TaskLimits()


class Limits(Model):
    """Limits on what a submission may use while it is graded.

    Seconds are processor time of the submission's own process, so that a busy machine changes no
    grade. Ten times as much time may pass, for code that waits.
    """

    notebook_seconds: Positive = 60
    """Processor time for all cells together."""
    cell_seconds: Positive = 10
    """Processor time for one cell; a cell that uses more is stopped, and keeps what it defined."""
    request_seconds: Positive = 4
    """Processor time for one call from a test."""
    cpu_seconds: Annotated[int, Field(gt=0)] = 120
    """Processor time of one process; a submission whose process ends gets a new one."""
    memory_mb: Annotated[int, Field(ge=256)] = 2048
    """Memory in addition to that of the preloaded modules."""
    output_kb: Annotated[int, Field(ge=1, le=4096)] = 4096
    """Text and images in the notebook's output; the rest is cut off."""
    file_mb: Annotated[int, Field(ge=1)] = 64
    """The largest file in the scratch folder."""


class Assignment(Model):
    """One assignment: a notebook, its tasks and the suite that tests them."""

    title: str = ""
    """The title in reports and feedback."""
    notebook: Title = ""
    """The notebook's name, without `.ipynb`. Default: the assignment's name."""
    notebooks: tuple[Title, ...] = ()
    """The notebooks of an assignment that has several: each is graded on its own, and their points
    are added up. Commands call them `<assignment>.<notebook>`."""
    suite: str = ""
    """The folder of its pytest suite: a path relative to course.yml, or the name of a suite that
    comes with the kit. Default: the assignment's name; if there is none, the test cells of the
    source notebook are the tests."""
    due: AwareDatetime | None = None
    """The due date, with a time zone."""
    late: Late = Late()
    extensions: tuple[Extension, ...] | None = None
    """Extensions for single students. Default: those in nbgrader's gradebook."""
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)] = ()
    """The graded parts. Default: the test cells of the notebook that have points."""
    limits: Limits = Limits()
    preload: tuple[str, ...] = PRELOAD
    """Modules to import once, before any submission runs."""
    modules: tuple[str, ...] = ()
    """Modules that students may use besides these; `autograder validate` says which are not
    installed."""
    takes: tuple[FilePattern, ...] = ()
    """Files that students may hand in beside the notebook, for its code to use: `helpers.py`,
    `"*.csv"`. 50 files with 16 MB in all; none may hide an installed module."""
    files: tuple[FilePattern, ...] = ()
    """Files beside the source notebook that its code uses, data or modules: `houses.csv`,
    `"images/*.png"`. Each submission finds them beside the notebook when it is graded, and
    students get them with the release version."""
    feedback: Feedback = "full"
    """What students see: `score` shows the points of each task, `hints` also what went wrong,
    `full` also every test and pictures."""
    judged: dict[Name, Place] = {}
    """Where test cells run if there is no suite, by their tasks: `outside` the process of the
    student's code, or `inside` it. Default: outside, where the source notebook runs the same."""
    visibility: dict[Name, Visibility] = {}
    """When students see the result of a task or test on Gradescope, by its name. Default: at
    once."""

    _name: str = PrivateAttr(default="")
    _folder: str = PrivateAttr(default="")
    _cells_of_others: frozenset[str] = PrivateAttr(default=frozenset())
    _suite_folder: Path = PrivateAttr(default=Path())
    _neighbours: frozenset[str] = PrivateAttr(default=frozenset())
    _release_file: Path = PrivateAttr(default=Path())
    _home: Path | None = PrivateAttr(default=None)
    _tasks_file: Path | None = PrivateAttr(default=None)
    _problem: str = PrivateAttr(default="")
    _granted: Mapping[str, timedelta] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _one_way_to_name_notebooks(self) -> Assignment:
        """Refuse what concerns one notebook where there are several."""
        for key in ("notebook", "tasks", "suite"):
            if self.notebooks and getattr(self, key):
                raise ValueError(
                    f"`{key}` is about one notebook: it cannot stand beside `notebooks`"
                )
        if len(set(self.notebooks)) < len(self.notebooks):
            raise ValueError("`notebooks` has a notebook twice")
        return self

    def __hash__(self) -> int:
        return hash((self._name, self._suite_folder))

    @property
    def name(self) -> str:
        """The assignment's name: its key in course.yml, and if it has several, the notebook's."""
        return self._name

    @property
    def folder(self) -> str:
        """The name of its folder, of nbgrader's assignment, and its key in course.yml."""
        return self._folder

    def due_of(self, student: str) -> datetime | None:
        """Return a student's due date, None if there is none."""
        if self.extensions is None:
            return self.due and self.due + self._granted.get(student, timedelta(0))
        own = {e.student: e.due for e in self.extensions}
        alike = {name.casefold(): due for name, due in own.items()}
        return own.get(student) or alike.get(student.casefold(), self.due)

    def with_granted(self, granted: Mapping[str, timedelta]) -> Assignment:
        """Return the assignment with extra time for some students, by name.

        The extra time only counts if course.yml has no `extensions`.
        """
        copy = self.model_copy()
        copy._granted = dict(granted)
        return copy

    @property
    def suite_folder(self) -> Path:
        """The folder of its pytest suite."""
        return self._suite_folder

    @property
    def has_suite(self) -> bool:
        """Whether it has a suite; if not, the test cells of its source notebook are its tests."""
        return any(self._suite_folder.glob("test_*.py"))

    @property
    def neighbours(self) -> frozenset[str]:
        """The other notebooks in its folder, whoever grades them."""
        return self._neighbours

    @property
    def left_to_nbgrader(self) -> frozenset[str]:
        """The other notebooks in its folder that are not in course.yml."""
        return self._neighbours.difference(self.notebooks)

    def is_ours(self, cells: Iterable[str]) -> bool:
        """Tell whether a notebook of an unknown name may be this one, by its cells' `grade_id`.

        Only the other notebooks that course.yml names in the same folder are considered.
        """
        found, own = set(cells), {cell for t in self.tasks for cell in (t.solution, t.tests)}
        return not self.notebooks or len(found & own) > len(found & self._cells_of_others)

    @property
    def release_file(self) -> Path:
        """The path of the release version, which may be missing."""
        return self._release_file

    @property
    def tasks_file(self) -> Path | None:
        """The notebook that the tasks were taken from; None if they are those of course.yml."""
        return self._tasks_file

    @property
    def marks(self) -> Marks:
        """What tells its notebook from those of other assignments."""
        solutions = {task.solution for task in self.tasks if task.solution}
        cells = solutions | {task.tests for task in self.tasks}
        written: set[str] = set()
        with suppress(CourseError):
            notebook = course_notebook((self._home or Path()) / f"{self.notebook}.ipynb")
            for cell, source in zip(notebook.grade_ids, notebook.cells, strict=True):
                written.update(DEFINITION.findall(source) if cell in solutions else ())
        return Marks(
            self.name, self.notebook, frozenset(cells), frozenset(written), folder=self.folder
        )

    @property
    def given_files(self) -> Mapping[str, bytes]:
        """The files that `files` names, by their paths beside the source notebook."""
        return {} if self._home is None else files_named(self._home, self.files)

    def page_of(self, student: str, folder: Path) -> Path:
        """Return where a student's page is, below the folder of all pages."""
        return folder / student / f"{self.name}.html"

    @property
    def max_score(self) -> float:
        """Points of all tasks together."""
        return sum(task.points for task in self.tasks)


class Folders(Model):
    """nbgrader's folders. Relative paths are resolved against course.yml.

    They need not be set in `nbgrader_config.py`.
    """

    source: Folder = "solutions"
    """Source notebooks of the instructor."""
    release: Folder = "assignments"
    """Release versions for students."""
    submitted: Folder = "submitted"
    """Submissions."""
    autograded: Folder = "autograded"
    """Graded submissions."""
    feedback: Folder = "feedback"
    """Feedback pages for students."""


class Course(Model):
    """A course and its assignments."""

    course: Title
    """The course's short name, nbgrader's `course_id`."""
    seed: int | str = 0
    """The seed of hidden inputs, which are the same for every student. Keep it secret. The
    environment variable AUTOGRADER_SEED overrides it."""
    isolation: Literal["required", "best-effort"] = "required"
    """`required` refuses to grade if student code cannot be confined. `best-effort` grades with
    the isolation that the machine offers, and every record names it."""
    gradebook: str = "sqlite:///gradebook.db"
    """nbgrader's gradebook, as an SQLAlchemy URL. Relative paths are resolved against
    course.yml."""
    folders: Folders = Folders()
    insight: bool = True
    """Whether grading a class writes a page about it, `insight/<assignment>.html`."""
    assignments: Annotated[dict[Title, Assignment], Field(min_length=1)]

    _file: Path = PrivateAttr(default=Path(FILE_NAME))

    @property
    def file(self) -> Path:
        """The path of course.yml, or of the file that replaces it."""
        return self._file

    @property
    def root(self) -> Path:
        """The folder of course.yml."""
        return self._file.parent

    def folder(self, kind: FolderKind) -> Path:
        """Return the path of one of nbgrader's folders."""
        return self.root / str(getattr(self.folders, kind))

    def notebook_file(self, assignment: Assignment, kind: FolderKind = "source") -> Path:
        """Return the path of an assignment's source notebook or release version."""
        return self.folder(kind) / assignment.folder / f"{assignment.notebook}.ipynb"

    @property
    def gradebook_url(self) -> str:
        """The gradebook's URL with an absolute path."""
        return self.absolute_url(self.gradebook)

    @property
    def gradebook_name(self) -> str:
        """The gradebook's URL for messages, without its password."""
        return without_password(self.gradebook)

    def absolute_url(self, url: str) -> str:
        """Return a database's URL, with an absolute path for SQLite."""
        prefix = "sqlite:///"
        if url.startswith(prefix):
            return prefix + str(self.root / url.removeprefix(prefix))
        return url

    def where(self, *location: str | int) -> str:
        """Return the file, line and key of an entry in course.yml, to start a message with."""
        tree = yaml.compose(self.file.read_text(encoding="utf-8"), Loader=LOADER)
        return _where(self.file, tree, location)

    @property
    def ready_assignments(self) -> list[Assignment]:
        """The assignments that have a suite and tasks."""
        return [one for one in self.assignments.values() if not one._problem]

    def where_tasks(self, assignment: Assignment, *location: str | int) -> str:
        """Return where tasks are given, or a key of one, to start a message with."""
        if assignment.tasks_file is None:
            return self.where("assignments", assignment.folder, "tasks", *location)
        if not location:
            return str(assignment.tasks_file)
        return f"{assignment.tasks_file}, cell {assignment.tasks[int(location[0])].tests!r}"

    def assignment(self, name: str | None) -> Assignment:
        """Return an assignment by name; without a name, the only one.

        Raises:
            UsageError: there is no such assignment, or the name is missing and there are several.
            CourseError: it is not ready: it has no suite, or no notebook to take its tasks from.
        """
        names = ", ".join(self.assignments)
        if name is None and len(self.assignments) > 1:
            raise UsageError(f"{self.file} has several assignments: choose one of {names}.")
        name = name if name is not None else next(iter(self.assignments))
        if several := [one.name for one in self.in_folder(name)][1:]:
            first = next(one.name for one in self.in_folder(name))
            raise UsageError(
                f"{name} has several notebooks: choose one of {', '.join((first, *several))}."
            )
        (found,) = self.parts(name)
        return found

    def parts(self, name: str | None) -> list[Assignment]:
        """Return an assignment by name: one for each of its notebooks; without a name, the only.

        Raises:
            UsageError: there is no such assignment, or the name is missing and there are several.
            CourseError: one of its notebooks is not ready.
        """
        folders = {one.folder: None for one in self.assignments.values()}
        if name is None and len(folders) > 1:
            raise UsageError(
                f"{self.file} has several assignments: choose one of {', '.join(folders)}."
            )
        name = name if name is not None else next(iter(folders))
        found = self.in_folder(name) or [o for o in self.assignments.values() if o.name == name]
        if not found:
            names = ", ".join(self.assignments)
            raise UsageError(f"{self.file} has no assignment {name!r}: it has {names}.")
        if problems := [one._problem for one in found if one._problem]:
            raise CourseError("\n".join(problems))
        return found

    def in_folder(self, folder: str) -> list[Assignment]:
        """Return the assignments of a folder of the course, one for each notebook."""
        return [one for one in self.assignments.values() if one.folder == folder]

    def assignment_of(self, notebook: Path, name: str | None = None) -> Assignment:
        """Return an assignment by name; without a name, the one to which a notebook belongs.

        Raises:
            UsageError: there is no such assignment, or nobody can tell.
            CourseError: it is not ready.
        """
        if name is None and len(self.assignments) > 1:
            name = recognized(notebook, [one.marks for one in self.ready_assignments])
        if name is None and len(self.assignments) > 1:
            raise UsageError(
                f"{notebook}: neither its name nor its cells say to which assignment it belongs. "
                f"Choose one with --assignment: {', '.join(self.assignments)}."
            )
        return self.assignment(name)


def without_password(url: str) -> str:
    """Return a database's URL with its password masked."""
    hidden = re.sub(r"^([^:/]+://[^:/]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return re.sub(r"(password=)[^&]*", r"\1***", hidden)


def hidden_seed(course: Course) -> str:
    """Return the seed of hidden inputs: AUTOGRADER_SEED, or else that of course.yml.

    An empty variable counts as unset: CI sets it to "" if the secret is missing.
    """
    return os.environ.get("AUTOGRADER_SEED") or str(course.seed)


# The default, that of the course that comes with the kit, and that of public tests.
PUBLISHED_SEEDS = ("0", "2026", PUBLIC_SEED)


def seed_warning(course: Course) -> str:
    """Return a warning if everybody can know the seed of hidden inputs, "" if not."""
    if (seed := hidden_seed(course)) not in PUBLISHED_SEEDS:
        return ""
    return (
        f"WARNING: the seed {seed} is published, so the hidden inputs are no secret: set `seed` in "
        f"{course.file.name} or AUTOGRADER_SEED to a random text of your own."
    )


def find_course(start: Path) -> Path:
    """Return the nearest course.yml in a folder or the folders above it.

    Raises:
        CourseError: no folder has one.
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
        CourseError: the file cannot be read or is wrong; the message has the file, line and key
            of each problem.
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
    except (ValueError, TypeError, RecursionError) as error:  # an impossible date, for example
        raise CourseError(f"{file}: {error}. Check the values and quotes.") from None
    if not isinstance(data, dict):
        raise CourseError(f"{file} is empty or not a list of keys; see docs/author/course.md.")
    try:
        course = Course.model_validate(data)
    except ValidationError as error:
        lines = [_explain(file, tree, problem) for problem in error.errors()]
        raise CourseError("\n".join(lines)) from None
    course._file = file.resolve()
    described = dict(course.assignments)
    course.assignments.clear()
    for folder, assignment in described.items():
        parts = [
            _completed(course, folder, assignment, notebook, tree)
            for notebook in assignment.notebooks or [assignment.notebook or folder]
        ]
        _tell_apart(parts)
        course.assignments.update((part.name, part) for part in parts)
    if len(course.assignments) < sum(len(one.notebooks) or 1 for one in described.values()):
        raise CourseError(f"{file}: two assignments have the same name, `<assignment>.<notebook>`.")
    return course


def _tell_apart(parts: Sequence[Assignment]) -> None:
    """Tell each notebook of an assignment which cells the others have."""
    cells = [{cell for t in part.tasks for cell in (t.solution, t.tests) if cell} for part in parts]
    for index, part in enumerate(parts):
        part._cells_of_others = frozenset().union(*cells[:index], *cells[index + 1 :])


def _completed(
    course: Course, folder: str, assignment: Assignment, notebook: str, tree: Any
) -> Assignment:
    """Return an assignment with what course.yml leaves to its name, its notebook and its suite.

    What is not there yet is a problem of this assignment alone.
    """
    own = assignment.model_copy(update={"notebook": notebook})
    name = f"{folder}.{notebook}" if assignment.notebooks else folder
    own._name, own._folder, problems = name, folder, []
    source, own._release_file = course.notebook_file(own), course.notebook_file(own, "release")
    given = source if source.exists() or not own.release_file.exists() else own.release_file
    own._home = given.parent
    own._neighbours = frozenset({path.stem for path in source.parent.glob("*.ipynb")}) - {
        source.stem
    }
    own._suite_folder = _suite_folder(course, own)
    if not own.has_suite and (own.suite or not source.exists()):
        where = _where(course.file, tree, ("assignments", folder, "suite"))
        problems.append(
            f"{where}: there are no test_*.py files "
            f"in {own.suite_folder}, and the kit has no suite called {own.suite or name!r}. "
            + ("Write one, or name its folder." if own.suite else _NO_TESTS.format(source))
        )
    if not own.tasks:
        try:
            own = own.model_copy(update={"tasks": _tasks_of(given)})
            own._tasks_file = given
        except CourseError as error:
            where = _where(course.file, tree, ("assignments", folder))
            problems.append(f"{where}: there are no `tasks`, and none in the notebook: {error}")
    own._problem = "\n".join(problems)
    return own


_NO_TESTS = "Write one, or name its folder; or put the source notebook with its test cells at {}."


def _suite_folder(course: Course, assignment: Assignment) -> Path:
    """Return the folder with an assignment's suite, or where it should be."""
    name = assignment.suite or assignment.name
    for folder in (course.root / name, SUITES / name):
        if any(folder.glob("test_*.py")):
            return folder.resolve()
    return course.root / name


def _tasks_of(path: Path) -> tuple[Task, ...]:
    """Return the tasks that a notebook's test cells make.

    Raises:
        CourseError: it cannot be read, or has no such cells.
    """
    found = []
    for task in tasks_in(course_notebook(path), path):
        try:
            found.append(Task.model_validate(task))
        except ValidationError as error:
            (first, *_) = error.errors()
            raise CourseError(
                f"{path}: the cell {task['tests']!r}: {first['loc'][0]}: {first['msg']}."
            ) from None
    return tuple(found)


def _explain(file: Path, tree: Any, problem: Any) -> str:
    """Describe a problem that pydantic found, with file, line and key."""
    if problem["type"] == "extra_forbidden":
        text = "this key is not known. Check its spelling and indentation"
    elif problem["type"] == "missing":
        text = "this key is missing"
    else:
        text = problem["msg"][0].lower() + problem["msg"][1:]
        if not isinstance(problem["input"], dict | list):
            text += f", but it is {problem['input']!r}"
    return f"{_where(file, tree, problem['loc'])}: {text}."


def _where(file: Path, tree: Any, location: tuple[str | int, ...]) -> str:
    """Return the file, the line and the key; the line may be that of the nearest ancestor."""
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
    return f"{file}, line {line + 1}: {'.'.join(map(str, location))}"


def _refuse_repeated_keys(node: Any, file: Path) -> None:
    """Reject a repeated key: YAML would silently use the last one."""
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
