"""Packs an assignment, its suite and the kit into the zip file that Gradescope wants."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import yaml

from autograder.course import Assignment, Course, Folders, hidden_seed
from autograder.files import zipped
from autograder.grading.consistency import notebook_file
from autograder.grading.pool import prepare
from autograder.integrations.gradescope import container as runtime
from autograder.integrations.requirements import distributions, release
from autograder.notebook import notebook_of
from autograder.suites import SUITES

KIT = "ml-autograder"
PROGRAMS = ("setup.sh", "run_autograder")


def package(course: Course, assignment: Assignment) -> bytes:
    """Return the zip file: scripts, pinned requirements, the kit, the course.

    The course is cut down to the assignment. Its seed is the one used here, so that the scores
    are the same there.

    Raises:
        CourseError: course.yml, suite and notebook do not fit.
    """
    prepare(course, assignment)
    files = (*_scripts(), *_requirements(course, assignment), *_kit(), *_course(course, assignment))
    return zipped(files, PROGRAMS)


def _scripts() -> Iterator[tuple[str, bytes]]:
    folder = Path(runtime.__file__).parent
    for name in PROGRAMS:
        yield name, (folder / name).read_bytes()


def _requirements(course: Course, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Yield what kit, suite and notebook need, and the Python that the versions were chosen for."""
    yield "python-version", f"{sys.version_info.major}.{sys.version_info.minor}\n".encode()
    versions = pinned(KIT)
    for name in distributions(_sources(course, assignment), assignment.preload) - {KIT}:
        versions |= {_plain(name): release(name)} | pinned(name)
    pins = sorted(f"{name}=={version}" for name, version in versions.items())
    yield "requirements.txt", "".join(f"{pin}\n" for pin in pins).encode()


def _sources(course: Course, assignment: Assignment) -> Iterator[str]:
    """Yield the code of the source notebook, and of the suite if it is the course's own."""
    notebook = notebook_file(course, assignment)
    if notebook.exists():
        yield from notebook_of(notebook.read_bytes(), notebook).cells
    if not assignment.suite_folder.is_relative_to(SUITES):
        for path in _files(assignment.suite_folder):
            if path.suffix == ".py":
                yield path.read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, str]:
    """Return the versions of all that a distribution needs, as they are installed here.

    Parts that belong to another system or another Python are not here, and not needed there.
    """
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        try:
            installed = distribution(waiting.pop())
        except PackageNotFoundError:
            continue
        wanted = [line for line in installed.requires or () if "extra ==" not in line]
        for line in wanted:
            required = _plain(re.split(r"[^\w.-]", line, maxsplit=1)[0])
            if required not in found and (version := release(required)):
                found[required] = version
                waiting.append(required)
    return found


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _kit() -> Iterator[tuple[str, bytes]]:
    folder = SUITES.parent
    for path in _files(folder):
        yield f"kit/autograder/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _course(course: Course, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Yield course.yml, the suite if it is the course's own, and the source notebook."""
    described: dict[str, Any] = course.model_dump(mode="json", exclude_defaults=True)
    mine = assignment.model_dump(mode="json", exclude_defaults=True)
    suite = assignment.suite_folder
    if suite.is_relative_to(SUITES):
        mine["suite"] = suite.relative_to(SUITES).as_posix()
    else:
        mine["suite"] = f"suites/{suite.name}"
        for path in _files(suite):
            name = path.relative_to(suite).as_posix()
            yield f"course/{mine['suite']}/{name}", path.read_bytes()
    described.pop("gradebook", None)
    described.pop("folders", None)
    described |= {"seed": hidden_seed(course), "assignments": {assignment.name: mine}}
    yield "course/course.yml", yaml.safe_dump(described, allow_unicode=True).encode()
    notebook = notebook_file(course, assignment)
    if notebook.exists():
        source = Folders().source
        yield f"course/{source}/{assignment.name}/{notebook.name}", notebook.read_bytes()


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, without what Python makes of them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
