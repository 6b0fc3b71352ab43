"""One pytest session for many submissions; outcomes show who caused a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import Assignment, load_course
from autograder.errors import CourseError
from autograder.grading.batch import GradingContext, grade_batch
from autograder.grading.outcomes import outcome_of
from autograder.grading.session import Attempt, TestSession
from autograder.grading.suite_run import collect_suite
from autograder.record import Record
from autograder.record_json import record_from_json
from autograder.sandbox.execution_errors import ProcessCrashed, StudentError, TimedOut
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission, in_students_folder
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.testing import Mismatch
from tests.conftest import ROOT, context_of, write_notebook

COURSE = """\
course: own
isolation: best-effort
assignments:
  own:
    notebook: own
    tasks: [{name: double, points: 3, tests: test_double}]
    limits: {request_seconds: 0.1}
    preload: [json]
"""


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "passed"),
        (Mismatch("no"), "failed"),
        (AssertionError("no"), "failed"),
        (StudentError("ValueError", "no", None), "failed"),
        (TimedOut(1, "one call", 1), "failed"),
        (ProcessCrashed("it crashed"), "failed"),
        (pytest.skip.Exception("later"), "skipped"),
        (ValueError("ours"), "error"),
        (KeyError("ours"), "error"),
    ],
)
def test_an_exception_shows_who_caused_the_failure(
    error: BaseException | None, outcome: str
) -> None:
    assert outcome_of(error)[0] == outcome


def test_what_pytest_adds_to_an_assertion_is_not_shown() -> None:
    error = AssertionError("Look again.\nassert 3 == 75.0")
    assert outcome_of(error) == ("failed", "Look again.")


def own_course(folder: Path, tests: str) -> GradingContext:
    """Make a course of one assignment with its own suite."""
    (folder / "course.yml").write_text(COURSE)
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "test_double.py").write_text("import pytest\n" + tests)
    course = load_course(folder / "course.yml")
    return GradingContext(course, course.assignment(None), seed="")


def test_a_suite_outside_the_kit_is_graded_with(tmp_path: Path) -> None:
    context = own_course(
        tmp_path,
        "from autograder.testing import assert_close, task\n"
        "@task('double', points=2)\n"
        "def test_two(student):\n    '''Two is doubled.'''\n    assert_close(student.double(2), 4)\n"
        "@task('double', points=1)\n"
        "def test_fault(student):\n    raise RuntimeError('a mistake in the suite')\n",
    )
    assert collect_suite(context.assignment).points == {"double": 3}
    path = write_notebook(tmp_path / "a.ipynb", ["def double(x):\n    return 2 * x"])
    with WarmProcess(context.assignment.preload) as warm:
        (graded,) = grade_batch([Submission("a", path)], context, warm)
    assert [test.outcome for test in graded.record.tasks[0].tests] == ["passed", "error"]
    assert graded.record.grader_error
    assert graded.record.score is None
    assert "a mistake in the suite" in str(graded.record.as_json()["error"])


def test_a_suite_that_cannot_be_collected_is_a_course_error(tmp_path: Path) -> None:
    context = own_course(tmp_path, "import no_such_module\n")
    with pytest.raises(CourseError, match="no_such_module"):
        collect_suite(context.assignment)


def test_ctrl_c_ends_the_run_and_no_record_is_made_of_a_part(tmp_path: Path) -> None:
    context = own_course(tmp_path, "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        collect_suite(context.assignment)


def test_a_test_that_asks_for_nothing_does_not_spoil_the_next(tmp_path: Path) -> None:
    context = own_course(
        tmp_path,
        "@pytest.mark.task('double', points=1)\n"
        "def test_sets(student):\n    student.Thing().missing = 1\n    assert False, 'not this'\n"
        "@pytest.mark.task('double', points=2)\n"
        "def test_two(student):\n    assert student.double(2) == 4\n",
    )
    cells = ["class Thing:\n    __slots__ = ()", "def double(x):\n    return 2 * x"]
    path = write_notebook(tmp_path / "a.ipynb", cells)
    with WarmProcess(context.assignment.preload) as warm:
        (graded,) = grade_batch([Submission("a", path)], context, warm)
    assert [test.outcome for test in graded.record.tasks[0].tests] == ["failed", "passed"]


WAITS = "import threading\ndef double(x):\n    threading.Event().wait()"
LOOPS = "def double(x):\n    while True: pass"
NEVER = "def never():\n    while True: pass\ndef call(function):\n    function(1)\n"


@pytest.mark.parametrize(
    ("code", "test", "reason"),
    [
        (WAITS, "student.double(2)", "processor time used: it waits"),
        (LOOPS, "student.double(2)", ""),
        (LOOPS, "student.load(SUPPORT).never()", "A calculation in the tests themselves"),
        (LOOPS, "student.load(SUPPORT).call(student.double)", ""),
        ("raise SystemExit\nx = 1", "student.double(2)", ""),
    ],
)
def test_a_timeout_that_the_student_may_not_have_caused_needs_review(
    tmp_path: Path, code: str, test: str, reason: str
) -> None:
    (tmp_path / "support.py").write_text(NEVER)
    context = own_course(
        tmp_path,
        f"from pathlib import Path\nSUPPORT = Path({str(tmp_path)!r}, 'support.py')\n"
        f"@pytest.mark.task('double', points=3)\ndef test_two(student):\n    {test}\n",
    )
    path = write_notebook(tmp_path / "a.ipynb", [code])
    with WarmProcess(context.assignment.preload) as warm:
        (graded,) = grade_batch([Submission("a", path)], context, warm)
    (task,) = graded.record.tasks
    assert task.score == 0
    assert reason in task.review
    assert (task.review == "") == (reason == "")


@pytest.mark.slow
def test_each_timeout_after_one_without_processor_time_needs_review(tmp_path: Path) -> None:
    context = own_course(
        tmp_path,
        "@pytest.mark.task('double', points=1)\ndef test_one(student):\n    student.double(1)\n"
        "@pytest.mark.task('double', points=2)\ndef test_two(student):\n    student.double(2)\n",
    )
    path = write_notebook(tmp_path / "a.ipynb", [WAITS])
    with WarmProcess(context.assignment.preload) as warm:
        (graded,) = grade_batch([Submission("a", path)], context, warm)
    reasons = [test.review_reason for test in graded.record.tasks[0].tests]
    assert len(reasons) == 2
    assert all("processor time used: it waits" in review_reason for review_reason in reasons)


def test_spoilers_come_last_and_attempts_one_after_the_other(assignment: Assignment) -> None:
    from autograder.grading.suite_run import run_session

    attempts = [Attempt(Submission(name, Path()), ()) for name in ("a", "b")]
    order: list[tuple[str, bool]] = []

    class Spy(TestSession):
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            for item in session.items:
                student = item.callspec.params["attempt"].submission.student  # type: ignore[attr-defined]
                order.append((student, item.get_closest_marker("spoiler") is not None))

    run_session(Spy(assignment, attempts, "", None), "--collect-only")
    assert order == sorted(order)
    assert len(order) == 38


def pytest_on(notebook: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "autograder/suites/linear_regression", "-p",
         "no:cacheprovider", "--submission", str(notebook), *options],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_pytest_itself_runs_a_suite_on_a_notebook(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "good.ipynb", ACCEPTED[0].cells())
    done = pytest_on(path, "-k", "gradients", "-q")
    assert "4 passed" in done.stdout
    assert done.returncode == 0


@pytest.mark.slow
def test_pytest_stops_at_the_first_failure_and_shows_the_message(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "empty.ipynb", ["x = 1"])
    done = pytest_on(path, "-x", "-q", "-k", "headline")
    assert "polynomial_gradients" in done.stdout
    assert done.returncode == 1


def test_pytest_says_what_is_wrong_with_a_notebook(tmp_path: Path) -> None:
    done = pytest_on(tmp_path / "missing.ipynb")
    assert "missing.ipynb is missing" in done.stderr
    assert "Traceback" not in done.stderr


GIVEN = """\
course: own
isolation: best-effort
assignments:
  own:
    takes: ["*"]
    files: [houses.csv, helpers.py]
    tasks:
      - {name: slow, points: 3, tests: test_slow, limits: {request_seconds: 2}}
      - {name: files, points: 3, tests: test_files}
    limits: {request_seconds: 0.1}
    preload: [json]
"""
USES_FILES = """
import os, stat, time
import helpers

def read():
    return open("houses.csv").read() + helpers.NAME + open("own.csv").read()

def may_write():
    return bool(os.stat("houses.csv").st_mode & stat.S_IWUSR)

def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return 1
"""
TESTS_OF_BOTH = """
from autograder.testing import task

@task("files", points=1)
def test_read(student):
    assert student.read() == "given, given, submitted"

@task("files", points=1)
def test_may_write(student):
    assert not student.may_write()

@task("files", points=1)
def test_usual(student):
    assert student.work(0.5) == 1

@task("slow", points=1)
def test_of_task(student):
    assert student.work(0.5) == 1

@task("slow", points=2, seconds=0.2)
def test_of_its_own(student):
    assert student.work(0.5) == 1
"""


def graded_with_files(folder: Path) -> Record:
    """Grade a submission that brings files of the same names as the assignment's."""
    home, own = folder / "solutions/own", folder / "submitted/ada/own"
    write_notebook(home / "own.ipynb", [])
    write_notebook(own / "own.ipynb", [USES_FILES])
    (home / "houses.csv").write_text("given, ")
    (home / "helpers.py").write_text("NAME = 'given, '")
    for name in ("houses.csv", "own.csv"):
        (own / name).write_text("submitted")
    (own / "helpers").mkdir()
    (own / "helpers/__init__.py").write_text("NAME = 'submitted'")
    (folder / "own").mkdir()
    (folder / "own/test_both.py").write_text(TESTS_OF_BOTH)
    (folder / "course.yml").write_text(GIVEN)
    course = load_course(folder / "course.yml")
    assignment = course.assignment(None)
    with WarmProcess(assignment.preload) as warm:
        (graded,) = grade_batch(
            [in_students_folder(own, assignment)], context_of(course, assignment, seed=""), warm
        )
    return graded.record


@pytest.fixture(scope="module")
def record_with_files(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return graded_with_files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def with_files(record_with_files: Record) -> dict[str, tuple[str, str]]:
    """Return the outcome and the message of each test."""
    tests = (test for task in record_with_files.tasks for test in task.tests)
    return {test.name: (test.outcome, test.message) for test in tests}


def test_code_finds_the_files_of_the_assignment_and_its_own_beside_them(
    with_files: dict[str, tuple[str, str]],
) -> None:
    assert with_files["test_read"] == ("passed", "")


def test_the_files_of_the_assignment_are_read_only(
    with_files: dict[str, tuple[str, str]],
) -> None:
    assert with_files["test_may_write"] == ("passed", "")


def test_a_task_and_a_test_may_have_more_or_less_time(
    with_files: dict[str, tuple[str, str]],
) -> None:
    assert with_files["test_of_task"] == ("passed", "")
    assert with_files["test_usual"][0] == with_files["test_of_its_own"][0] == "failed"
    assert "may use 0.1 s of processor" in with_files["test_usual"][1]
    assert "may use 0.2 s of processor" in with_files["test_of_its_own"][1]


def test_the_processor_time_of_a_test_is_known_if_its_code_was_not_stopped(
    record_with_files: Record,
) -> None:
    used = record_with_files.test_seconds
    assert {*used} == {"test_read", "test_may_write", "test_of_task"}
    assert used["test_of_task"] >= 0.4 > used["test_read"]
    written = record_with_files.as_json()
    assert record_from_json(written).as_json() == written
