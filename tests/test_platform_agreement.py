"""nbgrader, `autograder grade`, GitHub and Gradescope agree on the sample class: the same points,
findings and pages.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Course
from autograder.integrations.gradescope.autograder_zip import package
from autograder.integrations.gradescope.results import results
from autograder.record import Record
from autograder.record_json import TIMELESS, read_records
from tests.conftest import ROOT, write_course
from tests.formats import check_gradescope
from tests.integrations.github.runner import Job, Runner, commit
from tests.integrations.gradescope.container import Container, container
from tests.integrations.nbgrader.commands import NAME, grades, run

pytestmark = pytest.mark.slow  # the runner of workflows, and Gradescope's container

CLASS = ROOT / "examples" / "submitted"
STUDENTS = ("amara", "chloe", "kenji")  # right, partly wrong, unreadable
OF_THE_PLATFORM = ("notebook", *TIMELESS)  # where the notebook was, how long grading took


def make_course(folder: Path) -> Path:
    """Return a course in which the sample class has submitted."""
    folder.mkdir(parents=True)
    write_course(folder)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    for student in STUDENTS:
        shutil.copytree(CLASS / student / NAME, folder / "submitted" / student / NAME)
    return folder


@dataclass(frozen=True)
class Graded:
    """What `autograder grade` says of the class."""

    course: Path
    records: dict[str, Record]

    def page(self, student: str) -> bytes:
        return (self.course / "feedback" / student / f"{NAME}.html").read_bytes()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    course = make_course(tmp_path_factory.mktemp("platforms") / "course")
    run(course, "autograder", "grade", "--json", "records.jsonl")
    return Graded(course, {r.student: r for r in read_records(course / "records.jsonl")})


def notebook_of(student: str) -> Path:
    (path,) = (CLASS / student / NAME).glob("*.ipynb")
    return path


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a record says, without what depends on the platform."""
    path = record["notebook"]
    same = {key: value for key, value in record.items() if key not in OF_THE_PLATFORM}
    return same | {"error": record["error"] and record["error"].replace(path, "It")}


def test_everybody_is_graded(graded: Graded) -> None:
    assert sorted(graded.records) == sorted(STUDENTS)
    assert {graded.records[name].score for name in ("amara", "chloe", "kenji")} == {100, 80, 0}


def test_nbgrader(graded: Graded, tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    run(course, "nbgrader", "generate_assignment", NAME)
    run(course, "nbgrader", "autograde", NAME, status=1)  # kenji's notebook is damaged
    assert grades(course) == grades(graded.course)
    for student in STUDENTS:
        page = course / "feedback" / student / f"{NAME}.html"
        assert page.read_bytes() == graded.page(student), student


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "repository"
    run(
        ROOT,
        "autograder",
        "template",
        "github",
        str(folder),
        "-a",
        NAME,
        "--grader",
        "owner/kit@v1",
    )
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return where the first job installed the kit, for those after it."""
    return []


def job_of(student: str, template: Path, folder: Path, installed: list[Path]) -> Job:
    """Return the job that a push of a student's notebook starts."""
    pushed = shutil.copytree(template, folder / "pushed")
    source = notebook_of(student)
    (pushed / f"{NAME}.ipynb").unlink()
    shutil.copy(source, pushed / source.name)
    commit(pushed)
    owner = {"login": student, "type": "User"}
    event = {"repository": {"pushed_at": 1796000000, "owner": owner}}
    runner = Runner(folder / "machine", pushed, event, installed=next(iter(installed), None))
    job = runner.run_workflow()
    installed.append((runner.temp / "autograder").resolve())
    return job


@pytest.mark.parametrize("student", STUDENTS)
def test_github(
    student: str, graded: Graded, template: Path, tmp_path: Path, installed: list[Path]
) -> None:
    job = job_of(student, template, tmp_path, installed)
    (record,) = read_records(job.artifacts["feedback-data"] / "records.jsonl")
    assert plain(record.as_json()) == plain(graded.records[student].as_json())
    page = job.artifacts["feedback"] / student / f"{NAME}.html"
    assert page.read_bytes() == graded.page(student)
    assert job.outputs["score"] == f"{record.score:g}"
    for task in record.tasks:
        for finding in task.findings:
            assert finding.split("\n")[0] in job.log


@pytest.fixture(scope="module")
def gradescope(
    tmp_path_factory: pytest.TempPathFactory, course: Course, assignment: Assignment
) -> Container:
    root = tmp_path_factory.mktemp("gradescope") / "autograder"
    return container(root, package(course, assignment))


@pytest.mark.parametrize("student", STUDENTS)
def test_gradescope(
    student: str, graded: Graded, gradescope: Container, assignment: Assignment
) -> None:
    source = notebook_of(student)
    gradescope.submit(source, source.name)
    found, _ = gradescope.grade(created="2026-11-30T12:00:00+01:00", users=(student,))
    expected = graded.records[student]
    check_gradescope(json.dumps(found).encode(), expected)
    assert found["tests"] == results(expected, assignment)["tests"]
    assert found["score"] == expected.score
    if expected.error:
        assert found["output"] == expected.problem
