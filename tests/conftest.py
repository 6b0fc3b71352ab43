"""Fixtures and helpers for all tests: the course, a warm process, notebooks, the command."""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.course import Assignment, Course, load_course
from autograder.grading.batch import GradingContext, grade_batch
from autograder.grading.explainer import Explainer, explainer
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader.warm_grading import forget_suite
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker import landlock, seccomp
from autograder.source_notebook import Solution, SourceNotebook
from autograder.submission import Submission
from tests.authoring.student_kit.kit import install

if TYPE_CHECKING:
    from tests.corpus.attacked import Outcome

ROOT = Path(__file__).parent.parent
COURSE_OF_ONE = (ROOT / "course.yml").read_text("utf-8").partition("\n  logistic_regression:\n")[0]
"""The kit's course.yml with its first assignment, `linear_regression`, alone."""


def write_course(folder: Path) -> None:
    """Write a course.yml with `linear_regression` alone."""
    (folder / "course.yml").write_text(COURSE_OF_ONE, "utf-8")


def write_registered_course(folder: Path) -> None:
    """Write a course with `linear_regression` alone, its source, and a gradebook that knows it."""
    write_course(folder)
    shutil.copytree(
        ROOT / "solutions" / "linear_regression", folder / "solutions/linear_regression"
    )
    (folder / "gradebook.db").write_bytes(_gradebook())


@functools.cache
def _gradebook() -> bytes:
    """Return a gradebook with `linear_regression`; nbgrader takes seconds to register it."""
    from autograder.integrations.nbgrader.registration import release_assignment

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_course(folder)
        shutil.copytree(ROOT / "solutions", folder / "solutions")
        course = load_course(folder / "course.yml")
        release_assignment(course, course.assignment(None))
        return (folder / "gradebook.db").read_bytes()


def context_of(course: Course, assignment: Assignment, seed: str = "test") -> GradingContext:
    """Return what grading needs to know: here, the source notebook's solution."""
    solution = SourceNotebook(course, assignment).solution
    return GradingContext(course, assignment, seed, solution=solution)


WriteNotebook = Callable[..., Path]
GradeCells = Callable[..., list[GradingResult]]


@pytest.fixture(scope="session", autouse=True)
def _records_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Store cached records outside the repository."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_RECORDS", str(tmp_path_factory.mktemp("records")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_works() -> Iterator[None]:
    """Handle SIGINT, here and in every process that tests start, even if this run ignores it.

    Background runs ignore it (`nohup`, many CI systems), and child processes inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


# Modules that look at the same corpora, which are graded once.
CORPORA = ("tests/test_attacks.py", "tests/test_hostile_inputs.py", "integrations/test_formats.py")
# Modules that explain the same mistakes, whose signatures are learned once.
EXPLAINED = (
    "suites/test_linear_regression.py",
    "reports/test_feedback_levels.py",
    "diagnosis/test_exception_advice.py",
)
SHARED = (CORPORA, EXPLAINED)
# Modules that take longest come first, so that at the end none keeps one process alone.
LONGEST = (
    *CORPORA,
    "integrations/nbgrader/test_commands.py",
    *EXPLAINED,
    "suites/test_findings.py",
    "sandbox/test_student_process.py",
    "authoring/test_adoption.py",
    "cli/test_cli.py",
    "authoring/student_kit/test_student.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest."""
    items.sort(key=lambda item: not str(item.path).endswith(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run the tests of a module in one process, because they share what is graded for them.

    So do the tests of modules that share a corpus or signatures.
    """
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class ModuleScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return next((shared[0] for shared in SHARED if file.endswith(shared)), file)

    config.option.loadscopereorder = False  # not those with most tests first
    return ModuleScheduling(config, log)


@pytest.fixture(scope="session")
def course() -> Course:
    """Return the kit's course, with `linear_regression` alone."""
    loaded = load_course(ROOT / "course.yml")
    for other in [name for name in loaded.assignments if name != "linear_regression"]:
        del loaded.assignments[other]
    return loaded


@pytest.fixture(scope="session")
def assignment(course: Course) -> Assignment:
    return course.assignment("linear_regression")


@pytest.fixture(scope="session")
def warm(assignment: Assignment) -> Iterator[WarmProcess]:
    with WarmProcess(assignment.preload) as process:
        yield process


@dataclass(frozen=True)
class StudentsKit:
    """The students' kit of this course: its wheel, and a Python that has it installed."""

    wheel: Path
    python: Path


@pytest.fixture(scope="session")
def students_kit(course: Course, tmp_path_factory: pytest.TempPathFactory) -> StudentsKit:
    """Build the students' kit and install it, once for all tests."""
    from autograder.authoring.student_kit.kit import students_wheel

    folder = tmp_path_factory.mktemp("students")
    name, content = students_wheel(course, list(course.assignments.values()))
    (folder / name).write_bytes(content)
    return StudentsKit(folder / name, install(folder / name, folder / "installed"))


def notebook(cells: Sequence[str | dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """Return a notebook as a dictionary; each cell is given as its code or as a dictionary."""
    whole = [
        {
            "cell_type": "code",
            "id": f"cell-{index}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": cell,
        }
        if isinstance(cell, str)
        else cell
        for index, cell in enumerate(cells)
    ]
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": whole} | fields


def write_notebook(path: Path, cells: Sequence[str | dict[str, Any]], **fields: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(cells, **fields)), encoding="utf-8")
    return path


def with_few_pictures(document: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook of the course whose training draws three pictures instead of thirty."""
    cells = [
        cell | {"source": "".join(cell["source"]).replace("range(30)", "range(3)")}
        if "clear_output(" in "".join(cell["source"])
        else cell
        for cell in document["cells"]
    ]
    return document | {"cells": cells}


def hand_in(folder: Path, *students: str) -> None:
    """Copy what some of the sample class submitted into a folder, with few pictures."""
    for student in students:
        shutil.copytree(ROOT / "examples" / "submitted" / student, folder / student)
        for path in (folder / student).rglob("*.ipynb"):
            with contextlib.suppress(json.JSONDecodeError):  # kenji's is damaged
                path.write_text(json.dumps(with_few_pictures(json.loads(path.read_text()))))


class GradedOnDemand(dict[str, Record]):
    """The records of notebooks by name; each is graded when a test first looks at it.

    Args:
        notebooks: the paths by name.
        context_of: returns what a notebook is graded with.
        warm: the process that forks a child for each.
    """

    def __init__(
        self,
        notebooks: Mapping[str, Path],
        context_of: Callable[[str], GradingContext],
        warm: WarmProcess,
    ) -> None:
        self._notebooks, self._context_of, self._warm = notebooks, context_of, warm

    def __missing__(self, name: str) -> Record:
        submission = Submission(name, self._notebooks[name])
        (graded,) = grade_batch([submission], self._context_of(name), self._warm)
        self[name] = graded.record
        return graded.record


def every_fifth(cases: Sequence[Any]) -> list[Any]:
    """Return parameters of which four fifths are left to the slow tests."""
    slow = pytest.mark.slow
    return [pytest.param(case, marks=[slow] if n % 5 else []) for n, case in enumerate(cases)]


def take_landlock_away() -> None:
    """Make this process and its children behave as on a kernel without Landlock."""
    answer = seccomp.ERRNO | errno.ENOSYS
    code = b"".join(
        [
            seccomp.instruction(seccomp.LOAD, seccomp.NUMBER),
            seccomp.instruction(seccomp.EQUAL, landlock.CREATE_RULESET, 0, 1),
            seccomp.instruction(seccomp.RETURN, answer),
            seccomp.instruction(seccomp.RETURN, seccomp.ALLOW),
        ]
    )
    seccomp.install(code)


@pytest.fixture
def grade_cells(
    tmp_path: Path, course: Course, assignment: Assignment, warm: WarmProcess
) -> GradeCells:
    """Return a function that grades submissions, each given as a list of cells."""

    def grade(**submissions: Sequence[str]) -> list[GradingResult]:
        paths = [write_notebook(tmp_path / f"{n}.ipynb", c) for n, c in submissions.items()]
        submitted = [Submission(p.stem, p) for p in paths]
        return grade_batch(submitted, context_of(course, assignment), warm)

    return grade


class SharedWarmProcess:
    """Replaces a new warm process with the one that all tests share."""

    shared: WarmProcess

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = modules

    def __enter__(self) -> WarmProcess:
        return self.shared

    def __exit__(self, *_: object) -> None:
        """Keep it running for the next test."""


_explainers: dict[tuple[str, ...], Explainer] = {}


def shared_explainer(
    assignment: Assignment, seed: str, warm: WarmProcess, solution: Solution | None
) -> Explainer:
    """Return one explainer for a suite of the kit, whichever copies of the course are graded."""
    if ROOT not in assignment.suite_folder.parents:
        return explainer(assignment, seed, warm, solution)
    used = assignment.model_dump_json(include={"tasks", "limits"})
    key = str(assignment.suite_folder), used, seed, str(solution is None)
    if key not in _explainers:
        _explainers[key] = explainer(assignment, seed, warm, solution)
    return _explainers[key]


Command = Callable[..., str]


@pytest.fixture(scope="session")
def command(warm: WarmProcess) -> Command:
    """Return a function that runs `autograder` in a folder, in this process.

    It also grades in this process, with the shared warm process. That takes a tenth of the time of
    a new command, which other tests start.
    """
    from autograder.cli.main import main

    shared = type("Shared", (SharedWarmProcess,), {"shared": warm})

    def run(folder: Path, *arguments: str, status: int = 0) -> str:
        own_jobs = ["-j", "1"] if arguments[0] in ("grade", "regrade", "verify") else []
        written = io.BytesIO()
        output = io.TextIOWrapper(written, "utf-8", newline="", write_through=True)
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
            pytest.raises(SystemExit) as ended,
        ):
            for module in (
                "grading.pool",
                "authoring.validation",
                "authoring.verification.cases",
                "authoring.verification.survivors",
            ):
                patch.setattr(f"autograder.{module}.WarmProcess", shared)
            patch.setattr("autograder.grading.batch.explainer", shared_explainer)
            patch.chdir(folder)
            main([*arguments, *own_jobs])
        forget_suite(folder)  # the next command imports it again
        assert (ended.value.code or 0) == status, written.getvalue().decode()
        return written.getvalue().decode()

    return run


@pytest.fixture(scope="session")
def attacked(command: Command) -> Iterator[Outcome]:
    """Grade some of the attacks that do not take long, once for all tests."""
    from tests.corpus.attacked import HONEST, QUICK, graded_with_attackers, listening, new_class

    folder = Path(f"/tmp/autograder-attacks-{os.getpid()}")
    with listening() as canary, new_class(folder) as classroom:
        assert classroom is not None
        yield graded_with_attackers(classroom, canary, QUICK, HONEST[::5], 1, command)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    """Grade the corpus of hostile notebooks, once for all tests; return the course's folder."""
    from tests.corpus.hostile import grade_hostile

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_ACTIONS", "true")
        return grade_hostile(tmp_path_factory.mktemp("hostile") / "course", command)
