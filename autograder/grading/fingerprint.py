"""Fingerprints: digests of everything a grade depends on. Equal fingerprints mean equal grades.

The environment is the part that must be the same on every machine of a cluster.
"""

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from autograder import __version__
from autograder.course import Assignment, Course, hidden_seed
from autograder.diagnosis.explained import FOLDER, explained_files
from autograder.grading.completed_tests import kept_tests
from autograder.submission import Submission
from autograder.suites import SUITES

LIBRARIES = ("torch", "numpy", "scikit-learn", "pandas")

Environment = Mapping[str, str]
"""The version or digest of each component that must be the same."""


@dataclass(frozen=True)
class Fingerprint:
    """Digests of all inputs of a record; `DESCRIPTIONS` names each in words.

    `explained` has one for each task in which somebody explained a mistake on a submission.
    """

    submission: str
    course: str
    notebook: str
    suite: str
    kit: str
    libraries: str
    explained: Mapping[str, str]

    def changes(self, later: "Fingerprint") -> tuple[str, ...]:
        """Describe the inputs that differ in a later fingerprint."""
        return tuple(
            DESCRIPTIONS[part.name]
            for part in fields(self)
            if getattr(self, part.name) != getattr(later, part.name)
        )


DESCRIPTIONS = {
    "submission": "the submission or its due date",
    "course": "course.yml",
    "notebook": "the source notebook or a file beside it",
    "suite": "the tests",
    "kit": "the grader",
    "libraries": "Python or its libraries",
    "explained": "what was explained",
}


def fingerprint_of_course(course: Course, assignment: Assignment) -> Fingerprint:
    """Return the fingerprint of course, suite and grader; its `submission` is empty."""
    rules = {
        "assignment": assignment.model_dump(mode="json", exclude={"due", "extensions"}),
        "neighbours": sorted(assignment.neighbours),
        "isolation": course.isolation,
        "seed": hidden_seed(course),
    }
    return Fingerprint(
        submission="",
        course=_digest(rules),
        notebook=_notebook_digest(course, assignment),
        suite=_digest_of_files(
            (name, path)
            for name, path in files_of(assignment.suite_folder)
            if not name.startswith(f"{FOLDER}/")
        ),
        kit=kit_digest(),
        libraries=_digest([sys.version, platform.platform(), *installed()]),
        explained={
            task: _digest_of_files((file.name, file) for file in files)
            for task, files in explained_files(assignment.suite_folder).items()
        },
    )


def _notebook_digest(course: Course, assignment: Assignment) -> str:
    """Return a digest of the source notebook and the files beside it, "" if it is missing.

    Where nbgrader has completed its test cells, those count, too.
    """
    source, completed = course.notebook_file(assignment), kept_tests(course, assignment)
    own = Submission("", source).digest if source.exists() else ""
    given = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in assignment.given_files.items()
    }
    return _digest([own, given, completed]) if given or completed else own


def with_submission(
    course: Fingerprint, submission: Submission, due: datetime | None
) -> Fingerprint:
    """Return the fingerprint of a submission; reads its file as bytes and runs nothing.

    Args:
        course: the fingerprint of course, suite and grader.
        submission: the submission.
        due: the student's own due date.
    """
    times = [time and time.isoformat() for time in (submission.submitted, due)]
    inputs = [
        submission.student,
        submission.note,
        submission.review_reason,
        *times,
        submission.digest,
    ]
    return replace(course, submission=_digest(inputs))


def installed() -> list[str]:
    """Return the importable packages, with their versions.

    Those that setuptools has within itself are importable only once it has been imported.
    """
    paths = map(Path, sys.path)
    folders = [path for path in paths if path.is_dir() and path.name != "_vendor"]
    return sorted({info.name for folder in folders for info in folder.glob("*.dist-info")})


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


@cache
def environment(suite: str) -> Environment:
    """Return the environment of this process; `suite` is the name of a suite of the kit, or "".

    Cached, because a process keeps using the versions that it has imported.
    """
    found = {"autograder": f"{__version__} ({kit_digest()})"}
    if suite:
        found[f"suite {suite}"] = suite_digest(SUITES / suite)
    found["Python"] = platform.python_version()
    return found | {name: _version(name) for name in LIBRARIES}


def differences(there: Environment, here: Environment) -> str:
    """Describe how the environment of another process differs, "" if it does not."""
    names = dict.fromkeys((*here, *there))
    return "; ".join(
        f"{name} is {there.get(name, 'missing')} there and {here.get(name, 'missing')} here"
        for name in names
        if there.get(name) != here.get(name)
    )


def kit_digest() -> str:
    """Return a digest of the kit's modules and templates, without its suites."""
    return _digest_of_files(
        (name, path)
        for name, path in files_of(SUITES.parent)
        if path.suffix in (".py", ".j2") and not path.is_relative_to(SUITES)
    )


def suite_digest(suite: Path) -> str:
    """Return a digest of everything in a suite's folder."""
    return _digest_of_files(files_of(suite))


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the relative name and path of each file in a folder, except hidden and cached ones."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith((".", "__pycache__")) for part in name.parts)
        if path.is_file() and not hidden:
            yield name.as_posix(), path


def _digest_of_files(files: Iterable[tuple[str, Path]]) -> str:
    whole = hashlib.sha256()
    for name, path in files:
        content = path.read_bytes()
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:16]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"
