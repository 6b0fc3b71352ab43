"""Packs an assignment, its suite and the kit into an autograder for Gradescope, a zip file."""

import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import yaml

from autograder.course import Assignment, Course, Folders, hidden_seed
from autograder.files import zipped
from autograder.grading.batch import prepare
from autograder.grading.completed_tests import completed_tests, with_tests
from autograder.integrations.requirements import distributions, installed_version, normalised_name
from autograder.notebook import parse_notebook
from autograder.suites import SUITES

KIT = "ml-autograder"
PROGRAMS = ("setup.sh", "run_autograder")


def package(course: Course, assignment: Assignment) -> bytes:
    """Return the zip file: scripts, pinned requirements, the kit, the course.

    The course has only the assignment, and this course's seed, so that scores are the same.

    Raises:
        CourseError: course.yml, suite and notebook do not match.
    """
    prepare(course, assignment)
    folder = Path(__file__).parent
    scripts = ((name, (folder / name).read_bytes()) for name in PROGRAMS)
    kit = _packed(SUITES.parent, "kit/autograder")
    files = (*scripts, *_requirements(course, assignment), *kit, *_course(course, assignment))
    return zipped(files, PROGRAMS)


def _requirements(course: Course, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Yield the libraries of kit, suite and notebook, and the Python version of this machine."""
    yield "python-version", f"{sys.version_info.major}.{sys.version_info.minor}\n".encode()
    versions = pinned(KIT)
    for name in distributions(_sources(course, assignment), assignment.preload) - {KIT}:
        versions |= {normalised_name(name): installed_version(name)} | pinned(name)
    pins = sorted(f"{name}=={version}" for name, version in versions.items())
    yield "requirements.txt", "".join(f"{pin}\n" for pin in pins).encode()


def _sources(course: Course, assignment: Assignment) -> Iterator[str]:
    """Yield the code of notebook and modules, and of the suite if it is the course's own."""
    notebook = course.notebook_file(assignment)
    if notebook.exists():
        yield from parse_notebook(notebook.read_bytes(), notebook).cells
    for name, content in assignment.given_files.items():
        if name.endswith(".py"):
            yield content.decode("utf-8", "replace")
    if not assignment.suite_folder.is_relative_to(SUITES):
        for path in _files(assignment.suite_folder):
            if path.suffix == ".py":
                yield path.read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, str]:
    """Return the installed versions of all that a distribution requires.

    What it requires on other systems or Python versions is not installed, and not needed.
    """
    found: dict[str, str] = {}
    waiting = [name]
    for distribution in waiting:
        for line in requires(distribution) or ():
            required = normalised_name(line)
            version = installed_version(required)
            if version and required not in found and "extra ==" not in line:
                found[required] = version
                waiting.append(required)
    return found


def _packed(folder: Path, target: str) -> Iterator[tuple[str, bytes]]:
    for path in _files(folder):
        yield f"{target}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _course(course: Course, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Yield course.yml, the suite if it is the course's own, the source notebook and its files."""
    described: dict[str, Any] = course.model_dump(
        mode="json", exclude_defaults=True, exclude={"gradebook", "folders"}
    )
    mine = assignment.model_dump(mode="json", exclude_defaults=True, exclude={"notebooks"})
    suite = assignment.suite_folder
    if suite.is_relative_to(SUITES):
        mine["suite"] = suite.relative_to(SUITES).as_posix()
    elif assignment.has_suite:
        mine["suite"] = f"suites/{suite.name}"
        yield from _packed(suite, f"course/{mine['suite']}")
    described |= {"seed": hidden_seed(course), "assignments": {assignment.name: mine}}
    yield "course/course.yml", yaml.safe_dump(described, allow_unicode=True).encode()
    notebook = course.notebook_file(assignment)
    if notebook.exists():
        name = f"{Folders().source}/{assignment.name}/{notebook.name}"
        completed = completed_tests(course, assignment)
        content = with_tests(notebook, completed) if completed else notebook.read_bytes()
        yield f"course/{name}", content
    for name, content in assignment.given_files.items():
        yield f"course/{Folders().source}/{assignment.name}/{name}", content


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, without compiled ones."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
