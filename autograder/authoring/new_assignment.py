"""Writes a new assignment, in a course or in a new one: a notebook, a suite and their entry."""

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.authoring.course_entry import with_entry
from autograder.authoring.notebook_script import notebook_from
from autograder.course import FILE_NAME, Assignment, Course, Folders, find_course, load_course
from autograder.errors import CourseError, UsageError
from autograder.files import write_whole

NAME = re.compile(r"[A-Za-z]\w*(-\w+)*", re.ASCII)
CONFIGURATION, IGNORED = "nbgrader_config.py", ".gitignore"
TIME_LEFT = timedelta(days=14)  # until the due date
PRELOAD = {
    "numpy": ("numpy",),
    "torch": ("torch",),
    "sklearn": ("sklearn.datasets", "sklearn.linear_model", "sklearn.pipeline"),
}
"""The modules that the notebook of each kind imports."""


@dataclass(frozen=True)
class NewAssignment:
    """A new assignment: its course, the files that are new, and what git should ignore.

    `to_ignore` are lines for a .gitignore that was there before.
    """

    course: Course
    assignment: Assignment
    written: tuple[Path, ...]
    to_ignore: str = ""


def write_assignment(name: str, kind: str, file: Path | None, folder: Path) -> NewAssignment:
    """Write a new assignment of a kind of `PRELOAD`; without a course, also the course.

    Args:
        name: its name.
        kind: the library that it uses.
        file: the course.yml; by default, the nearest in `folder` or above it.
        folder: where a new course is written.

    Raises:
        UsageError: the name cannot be used, or a file exists already; nothing is written.
        CourseError: the course.yml is wrong or cannot be extended.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of an assignment: use letters, digits, _ and -, and "
            "begin with a letter, as in logistic_regression."
        )
    file = file or _nearest(folder)
    root = folder.resolve() if file is None else file.resolve().parent
    words = {
        "name": name,
        "title": re.sub(r"[-_]+", " ", name).strip().capitalize(),
        "due": _due(datetime.now().astimezone()),
        "preload": f"[{', '.join(PRELOAD[kind])}]",
    }
    entry = _filled("entry.yml", words)
    if file is None:
        text, folders = _new_course(root, entry), Folders()
    else:
        text, folders = _extended(file, name, entry)
    if name in folders.model_dump().values():
        raise UsageError(f"{name} is a folder of nbgrader's: give the assignment another name.")
    files = {
        root / folders.source / name / f"{name}.ipynb": notebook_from(
            _filled(f"{kind}/notebook.py", words)
        ),
        root / name / f"test_{name}.py": _filled(f"{kind}/suite.py", words).encode(),
    }
    to_ignore = ""
    if file is None:
        ignored = _filled("gitignore", {})
        files[root / CONFIGURATION] = _filled(CONFIGURATION, {}).encode()
        if os.path.lexists(root / IGNORED):
            to_ignore = ignored
        else:
            files[root / IGNORED] = ignored.encode()
        files[root / FILE_NAME] = text.encode()
    _refuse_existing([*files])
    if file is not None:
        files[file] = text.encode()
    for path, content in files.items():
        _write(path, content)
    course = load_course(file or root / FILE_NAME)
    written = tuple(path for path in files if path != file)
    return NewAssignment(course, course.assignment(name), written, to_ignore)


def _nearest(folder: Path) -> Path | None:
    try:
        return find_course(folder)
    except CourseError:
        return None


def _new_course(root: Path, entry: str) -> str:
    """Return the course.yml of a new course, named after its folder, with a seed of its own."""
    course = re.sub(r"\W+", "_", root.name).strip("_") or "course"
    return _filled("course.yml", {"course": course, "seed": token_hex(16), "entry": entry})


def _extended(file: Path, name: str, entry: str) -> tuple[str, Folders]:
    """Return a course.yml with one more assignment, and the course's folders.

    Raises:
        UsageError: it has an assignment of that name.
        CourseError: it is wrong, or cannot be extended.
    """
    course = load_course(file)
    if name in course.assignments:
        where = course.where("assignments", name)
        raise UsageError(
            f"{where}: there is this assignment already. Choose another name, or go on with "
            f"`autograder release {name}` and `autograder validate {name}`."
        )
    return with_entry(file.read_bytes().decode(), entry, file), course.folders


def _refuse_existing(paths: list[Path]) -> None:
    existing = [str(path) for path in paths if os.path.lexists(path)]
    if existing:
        verb = "exists" if len(existing) == 1 else "exist"
        hint = "choose another name, or move it away first"
        if CONFIGURATION in {Path(path).name for path in existing}:
            hint = "`autograder adopt` brings the kit into a course of nbgrader's"
        raise UsageError(f"{', '.join(existing)} {verb} already. Nothing was written: {hint}.")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None


def _due(now: datetime) -> str:
    """Return a due date in course.yml: the end of a day, in the time zone of this machine."""
    day = (now + TIME_LEFT).replace(hour=23, minute=59, second=0, microsecond=0)
    return day.isoformat(sep=" ")


def _filled(template: str, words: dict[str, str]) -> str:
    """Return a template in `templates/`, given by its path without `.j2`, filled in."""
    environment = Environment(  # noqa: S701 - what it writes is not HTML
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["yaml"] = _as_yaml
    return environment.get_template(f"{template}.j2").render(words)


def _as_yaml(value: Any) -> str:
    """Return a value as YAML writes it in a line, in quotes where it needs them."""
    return yaml.safe_dump(value, allow_unicode=True).splitlines()[0]
