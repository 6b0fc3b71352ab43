"""The explainer: whatever it is given, it explains what it can and never falls over."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course import Assignment, Course, load_course
from autograder.diagnosis import matching
from autograder.diagnosis.matching import Signature
from autograder.diagnosis.misconception import pairs
from autograder.diagnosis.observations import Observation, Trace
from autograder.errors import CourseError
from autograder.grading.batch import grade_batch
from autograder.grading.explainer import Explainer
from autograder.grading.explainer import explainer as explainer_of
from autograder.grading.result import GradingResult
from autograder.grading.session import Attempt
from autograder.grading.suite_run import run_session
from autograder.record import Outcome, TaskScore, by_task
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Ref, Tensor
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from tests.conftest import context_of, write_notebook
from tests.corpus import reference
from tests.testing.test_hostile_answers import HostileSession

SEED = "test"
KINDS = ("number", "numbers", "values", "array", "weak", "raised", "unknown")


def tensor(contents: Any, dtype: str = "float32", kind: str = "torch") -> Tensor:
    data = np.asarray(contents, dtype)
    return Tensor(kind, dtype, data.shape, data.tobytes())


HOSTILE: dict[str, Any] = {
    "huge": tensor(np.zeros((1500, 1500))),
    "nan": tensor([[math.nan, math.inf], [-math.inf, 1e38]]),
    "large": tensor([1.7e308, -1.7e308], "float64"),
    "text": "75.0",
    "bytes": b"\xff\x00",
    "nested": [[[[1.0], 2.0], (3.0, [[]])], {"w": [None]}],
    "deep": json.loads("[" * 40 + "0.0" + "]" * 40),
    "whole": tensor([1, 2], "int64"),
    "half": tensor([1.0, 2.0], "float16"),
    "complex": tensor([1j, 2.0], "complex64"),
    "complexes": [tensor(1j, "complex128"), tensor(1.0)],
    "empty": tensor([]),
    "no rows": tensor(np.zeros((0, 2))),
    "flags": tensor([True, False], "bool"),
    "flag": True,
    "nothing": None,
    "large number": 2**62,
    "object": Ref(3, "__main__.Evil\n", callable=False),
    "dictionary": {"w": tensor([1.0])},
    "empty list": [],
    "of NumPy": tensor([1.0, 2.0], kind="numpy"),
}


@pytest.fixture(scope="module")
def explainer(course: Course, assignment: Assignment, warm: WarmProcess) -> Explainer:
    return explainer_of(assignment, SEED, warm, SourceNotebook(course, assignment).solution)


@pytest.fixture(scope="module")
def attempts(assignment: Assignment, explainer: Explainer) -> list[Attempt]:
    """Return the attempts of hostile processes after a test session."""
    attempts = [Attempt(Submission(str(number), Path()), ()) for number in range(40)]
    run_session(HostileSession(assignment, attempts, SEED, reference=explainer.reference))
    return attempts


def tasks_of(attempt: Attempt, assignment: Assignment) -> tuple[TaskScore, ...]:
    return by_task(attempt.results, [(task.name, task.points) for task in assignment.tasks])


def failed(tasks: tuple[TaskScore, ...], outcomes: Iterator[Outcome]) -> tuple[TaskScore, ...]:
    """Return the same tests with other outcomes."""
    return tuple(
        replace(t, tests=tuple(replace(test, outcome=next(outcomes)) for test in t.tests))
        for t in tasks
    )


@pytest.mark.slow
def test_traces_of_hostile_answers_are_explained_or_not(
    explainer: Explainer, attempts: list[Attempt], assignment: Assignment
) -> None:
    for attempt in attempts:
        tasks = tasks_of(attempt, assignment)
        explained = explainer.explain(tasks, attempt.traces)
        assert [replace(task, explained=()) for task in explained] == list(tasks)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", HOSTILE.values(), ids=list(HOSTILE))
def test_no_answer_makes_the_explanation_fall_over(
    answer: Any,
    kind: Any,
    explainer: Explainer,
    attempts: list[Attempt],
    assignment: Assignment,
) -> None:
    value = (str(answer)[:20], str(answer)[:20]) if kind == "raised" else answer
    tasks = failed(tasks_of(attempts[0], assignment), iter(["failed"] * 20))
    traces = {test.name: (Observation(kind, value),) * 2 for task in tasks for test in task.tests}
    explained = explainer.explain(tasks, traces)
    if kind not in ("weak", "unknown"):
        named = {name for task in explained for name in task.misconceptions}
        nothing_returned = {"gradients_not_returned", "prediction_not_returned"}
        assert named <= {"point_for_gradient", "loss_as_text"} | nothing_returned


@given(st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_combination_of_outcomes_and_answers_does_either(
    explainer: Explainer, attempts: list[Attempt], assignment: Assignment, data: st.DataObject
) -> None:
    tasks = tasks_of(attempts[0], assignment)
    outcomes: st.SearchStrategy[Outcome] = st.sampled_from(get_args(Outcome))
    tasks = failed(tasks, iter(data.draw(st.lists(outcomes, min_size=20, max_size=20))))
    seen = st.builds(
        Observation,
        st.sampled_from([kind for kind in KINDS if kind != "raised"]),
        st.sampled_from(list(HOSTILE.values())),
    )
    names = [test.name for task in tasks for test in task.tests]
    some = data.draw(st.sets(st.sampled_from(names)))
    trace = st.lists(seen, max_size=4).map(tuple)
    traces: dict[str, Trace] = {name: data.draw(trace) for name in sorted(some)}
    assert len(explainer.explain(tasks, traces)) == len(tasks)


def test_right_work_costs_no_explanation(attempts: list[Attempt], assignment: Assignment) -> None:
    def begin(_: object) -> StudentProcess:
        raise AssertionError

    idle = Explainer(assignment, SEED, begin, run_session)
    tasks = failed(tasks_of(attempts[0], assignment), iter(["passed"] * 20))
    assert idle.explain(tasks, {}) == tasks


def test_what_is_not_filled_in_costs_no_explanation(
    attempts: list[Attempt], assignment: Assignment
) -> None:
    def begin(_: object) -> StudentProcess:
        raise AssertionError

    idle = Explainer(assignment, SEED, begin, run_session)
    tasks = failed(tasks_of(attempts[0], assignment), iter(["failed"] * 20))
    missing = (Observation("raised", ("NotImplementedError", "")),)
    assert idle.explain(tasks, {t.name: missing for task in tasks for t in task.tests}) == tasks


def test_mistakes_are_narrowed_down_by_the_failed_test_that_takes_least(
    explainer: Explainer,
    attempts: list[Attempt],
    assignment: Assignment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = next(t for t in tasks_of(attempts[0], assignment) if t.name == "step")
    outcomes: list[Outcome] = ["passed"]
    outcomes += ["failed"] * 20
    (task,) = failed((step,), iter(outcomes))
    asked: list[str] = []

    def complete(signatures: Sequence[Signature], test: str) -> None:
        asked.append(test)
        for one in signatures:
            one.traces.setdefault(test, ())

    quickest = step.tests[-1].name
    monkeypatch.setattr(explainer._replays, "seconds", lambda test: float(test != quickest))
    monkeypatch.setattr(explainer._replays, "complete", complete)
    monkeypatch.setattr(matching, "fits", lambda *_: True)
    next(explainer.candidates(task, {}))
    assert (asked[0], asked[-1]) == (quickest, step.tests[0].name)


def test_a_time_limit_is_not_explained_by_a_mistake(
    explainer: Explainer, attempts: list[Attempt], assignment: Assignment
) -> None:
    tasks = failed(tasks_of(attempts[0], assignment), iter(["failed"] * 20))
    assert explainer.explain(tasks, {}) == tasks


def test_a_pair_shows_both_of_its_mistakes_or_not(
    explainer: Explainer, assignment: Assignment
) -> None:
    found = {pair.name: pair for pair in pairs(reference.SOLUTION, reference.LIBRARY)}
    assert explainer.shows_both(found["bias_subtracted + averaged_over_features"])
    assert not explainer.shows_both(found["no_bias + elementwise"])


# suites with and without a library

COURSE = """\
course: own
isolation: best-effort
assignments:
  own:
    notebook: own
    tasks: [{name: double, points: 3, tests: test_double}]
    preload: [json]
"""
TESTS = """\
import pytest

from autograder.testing import close, number


@pytest.mark.task("double", points=3)
def test_double(student, rng):
    x = rng.uniform(1, 2)
    close(number(student.double(x), "double(x)"), 2 * x, "double(x) is not 2 x.")
"""
SOLUTION = "def double(x):\n    return 2 * x\n"
LIBRARY = """\
from autograder.testing import Misconception

MISCONCEPTIONS = (
    Misconception("squared", "double", ((("2 * x", "x * x"),),), "It squares.", "Why.", "Look."),
)
"""


def graded(folder: Path, cell: str, **files: str) -> GradingResult:
    """Grade a notebook with a suite of one's own."""
    (folder / "course.yml").write_text(COURSE)
    for name, source in {"test_double": TESTS, **files}.items():
        (folder / "own").mkdir(exist_ok=True)
        (folder / "own" / f"{name}.py").write_text(source)
    course = load_course(folder / "course.yml")
    assignment = course.assignment("own")
    path = write_notebook(folder / "one.ipynb", [cell])
    with WarmProcess(assignment.preload) as warm:
        context = context_of(course, assignment, SEED)
        (result,) = grade_batch([Submission("one", path)], context, warm)
    return result


SQUARED = "def double(number):\n    return number ** 2\n"


@pytest.mark.parametrize("files", [{}, {"solution": SOLUTION}, {"misconceptions": LIBRARY}])
def test_a_suite_without_a_library_is_graded_and_nothing_is_named(
    tmp_path: Path, files: dict[str, str]
) -> None:
    (task,) = graded(tmp_path, SQUARED, **files).record.tasks
    assert (task.score, task.explained) == (0, ())
    assert task.findings == ("double(x) is not 2 x.",)


def test_a_suite_of_ones_own_names_its_own_mistakes(tmp_path: Path) -> None:
    (task,) = graded(tmp_path, SQUARED, solution=SOLUTION, misconceptions=LIBRARY).record.tasks
    assert (task.misconceptions, task.findings) == (("squared",), ("It squares.\nWhy.\nLook.",))


APPLY = """\
from autograder.testing import assert_close, task


@task("double", points=1)
def test_apply(student):
    assert_close(student.apply(lambda x: x + 1, 1.0), 2.0)


@task("double", points=2)
def test_double(student, rng):
    x = rng.uniform(1, 2)
    assert_close(student.double(x), 2 * x)
"""


def test_a_test_that_lends_a_function_of_the_suite_keeps_no_mistake_from_being_named(
    tmp_path: Path,
) -> None:
    apply = "\n\ndef apply(f, x):\n    return f(x)\n"
    files = {"test_double": APPLY, "solution": SOLUTION + apply, "misconceptions": LIBRARY}
    (task,) = graded(tmp_path, SQUARED + apply, **files).record.tasks
    assert (task.score, task.misconceptions) == (1, ("squared",))


@pytest.mark.parametrize("broken", ["import no_such_module\n", "MISCONCEPTIONS = (\n", "x = 1\n"])
def test_a_library_that_cannot_be_loaded_is_an_error_of_the_course(
    tmp_path: Path, broken: str
) -> None:
    with pytest.raises(CourseError) as caught:
        graded(tmp_path, SQUARED, solution=SOLUTION, misconceptions=broken)
    assert str(tmp_path / "own" / "misconceptions.py") in str(caught.value)


def test_a_misconception_that_does_not_fit_is_an_error_of_the_course(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="'squared'"):
        graded(
            tmp_path, SQUARED, solution="def double(x):\n    return x + x\n", misconceptions=LIBRARY
        )


def test_a_misconception_that_ends_its_process_leaves_the_score_alone(tmp_path: Path) -> None:
    fatal = LIBRARY.replace('"x * x"', "\"__import__('os')._exit(1)\"")
    (task,) = graded(tmp_path, SQUARED, solution=SOLUTION, misconceptions=fatal).record.tasks
    assert (task.score, task.explained) == (0, ())


def test_the_library_of_the_kit_is_there(assignment: Assignment) -> None:
    solution, library = reference.SOLUTION, reference.LIBRARY
    assert solution
    assert len(library) > 90
