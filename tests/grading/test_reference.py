"""The reference solution answers in a process of its own, and lends its functions for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.grading.batch import GradingContext, grade_batch, prepare
from autograder.grading.explainer import REFERENCE_LIMITS, begin_reference, explainer
from autograder.grading.reference import Reference
from autograder.record import Record, TestResult
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.outputs import shown_text
from autograder.submission import Submission
from autograder.testing.failures import SuiteError
from tests.conftest import write_notebook
from tests.sandbox.test_student_process import LIMITS
from tests.tiny import graded_cell

COURSE = """\
course: own
isolation: best-effort
seed: 3
assignments:
  logistic:
    notebook: logistic
    suite: suite
    preload: [numpy]
    tasks:
      - {name: sigmoid, points: 10, solution: sigmoid, tests: test_sigmoid}
      - {name: gradient, points: 90, solution: gradient, tests: test_gradient}
"""
BASICS = "import numpy as np\nSCALE = 1.0\ncalls = []"
SIGMOID = """\
def sigmoid(z):
    calls.append(z)
    return SCALE / (1 + np.exp(-np.asarray(z)))
"""
GRADIENT = """\
def gradient(w, X, y):
    w, X, y = np.array(w), np.array(X), np.array(y)
    return X.T @ (sigmoid(X @ w) - y) / len(y)

def apply(function, values):
    return [function(value) for value in values]

def names():
    return [n.__name__ for n in (sigmoid,)]

def squashed(x):
    return sigmoid(x)

def inverse(x):
    return 1 / x

def model():
    return object()

class Model:
    def __init__(self, scale):
        self.scale = scale
    def predict(self, x):
        return self.scale * x
"""
SUITE = '''\
"""Suite of `logistic`."""

import numpy as np

from pathlib import Path

from autograder.testing import assert_close, raises, task

SUPPORT = Path(__file__).with_name("given.py")


def draw(rng):
    return rng.normal(size=3).tolist(), rng.normal(size=(8, 3)).tolist(), [0.0, 1.0] * 4


def double(x):
    return 2 * x


@task("gradient", points=30)
def test_charged_once(student, reference, rng):
    """gradient is the derivative of the loss."""
    w, X, y = draw(rng)
    mine = student.using(reference.sigmoid)
    assert_close(mine.gradient(w, X, y), reference.gradient(w, X, y))


@task("sigmoid", points=10)
def test_sigmoid(student, reference, rng):
    """sigmoid(z) is 1 / (1 + exp(-z))."""
    z = rng.normal(size=7).tolist()
    assert_close(student.sigmoid(z), reference.sigmoid(z))


@task("gradient", points=10)
def test_function_of_the_suite(student, reference):
    """apply calls what it is given."""
    assert_close(student.apply(double, [1.0, 2.0]), reference.apply(double, [1.0, 2.0]))


@task("gradient", points=10)
def test_only_where_asked(student, reference):
    """Without `using`, the notebook's own function is called again."""
    x = [[1.0, 2.0]]
    first = student.using(sigmoid=double).gradient([1.0, 1.0], x, [0.0])
    assert_close(first, [6.0, 12.0])
    assert_close(student.gradient([0.0, 0.0], x, [0.0]), [0.5, 1.0])
    assert student.names() == ["sigmoid"]


@task("gradient", points=10)
def test_lent_as_an_argument(student, reference):
    """A function that is handed over still calls what it was lent."""
    lent = student.using(sigmoid=double)
    assert_close(student.apply(lent.squashed, [1.0]), [2.0])


@task("gradient", points=10)
def test_objects(student, reference):
    """Objects of the reference stay there."""
    model = reference.Model(3.0)
    model.scale = 4.0
    assert_close(model.predict(2.0), 8.0)
    assert_close(student.Model(2.0).predict(2.0), reference.Model(2.0).predict(2.0))


@task("gradient", points=10)
def test_support_code(student, reference):
    """Support code may stand for a name."""
    given = student.load(SUPPORT)
    received = student.using(sigmoid=given.half).gradient([1.0, 1.0], [[1.0, 2.0]], [0.0])
    assert_close(received, [0.5, 1.0])


@task("gradient", points=10)
def test_errors_of_what_is_given(student, reference):
    """What a function raises reaches the code that called it."""
    with raises("ZeroDivisionError"):
        student.apply(reference.inverse, [0.0])
    with raises("TypeError"):
        student.apply(lambda: 1, [0.0])

'''
RIGHT = [BASICS, SIGMOID, GRADIENT]
SUBMISSIONS = {
    "right": RIGHT,
    "sigmoid is wrong": [BASICS, SIGMOID.replace("(-np", "(np"), GRADIENT],
    "sigmoid is missing": [BASICS, GRADIENT],
    "gradient is wrong": [BASICS, SIGMOID, GRADIENT.replace("/ len(y)", "")],
    "keeps the function": [
        BASICS,
        "def sigmoid(z):\n    return kept[0](z)",
        f"kept = []\n{GRADIENT}".replace("    w, X", "    kept.append(sigmoid)\n    w, X"),
    ],
    "hands over an object": [BASICS, SIGMOID, GRADIENT.replace("sigmoid(X", "sigmoid(object(), X")],
    "calls too often": [
        BASICS,
        SIGMOID,
        GRADIENT.replace("    w, X", "    for _ in range(101): sigmoid(0.0)\n    w, X"),
    ],
    "calls in a thread": [
        f"{BASICS}\nfrom threading import Thread",
        SIGMOID,
        GRADIENT.replace("    w, X", "    Thread(target=sigmoid, args=(0.0,)).start()\n    w, X"),
    ],
    "looks into it": [
        BASICS,
        SIGMOID,
        GRADIENT.replace("    w, X", "    raise KeyError(sigmoid.__code__.co_names)\n    w, X"),
    ],
}


def notebook_cells(basics: str, *answers: str) -> list[Any]:
    graded = {"grade": True, "locked": True}
    return [
        basics,
        *(graded_cell(answer, "sigmoid" if "def sig" in answer else "gradient", solution=True)
          for answer in answers),
        graded_cell("assert sigmoid(0) == 0.5", "test_sigmoid", points=10, **graded),
        graded_cell("assert gradient", "test_gradient", points=90, **graded),
    ]  # fmt: skip


def write_course(folder: Path, suite: str = SUITE) -> GradingContext:
    (folder / "suite").mkdir(parents=True)
    (folder / "suite" / "test_logistic.py").write_text(suite)
    (folder / "suite" / "given.py").write_text("def half(z):\n    return z * 0 + 0.5\n")
    (folder / "course.yml").write_text(COURSE)
    write_notebook(folder / "solutions/logistic/logistic.ipynb", notebook_cells(*RIGHT))
    course = load_course(folder / "course.yml")
    return prepare(course, course.assignment(None))


def write_submission(folder: Path, name: str) -> Submission:
    path = folder / "submitted" / name / "logistic" / "logistic.ipynb"
    return Submission(name, write_notebook(path, notebook_cells(*SUBMISSIONS[name])))


@pytest.fixture(scope="module")
def numpy_only() -> Iterator[WarmProcess]:
    with WarmProcess(["numpy"]) as process:
        yield process


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> GradingContext:
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def records(context: GradingContext, numpy_only: WarmProcess) -> dict[str, Record]:
    folder = context.course.root
    submissions = [write_submission(folder, name) for name in SUBMISSIONS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.sandbox.student_process.MAX_CALLS", 100)
        results = grade_batch(submissions, context, numpy_only)
    return {result.record.student: result.record for result in results}


def results_of(record: Record) -> dict[str, TestResult]:
    return {test.name: test for task in record.tasks for test in task.tests}


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("right", set()),
        ("sigmoid is wrong", {"test_sigmoid"}),
        ("sigmoid is missing", {"test_sigmoid", "test_only_where_asked"}),
        ("gradient is wrong", {"test_charged_once"}),
        ("keeps the function", {"test_sigmoid", "test_only_where_asked"}),
    ],
)
def test_an_error_is_charged_once(records: dict[str, Record], name: str, failed: set[str]) -> None:
    assert records[name].error is None
    found = {test.name for test in results_of(records[name]).values() if test.outcome != "passed"}
    assert found == failed


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hands over an object", "sigmoid takes plain data, not a value of type object"),
        ("calls too often", "called more than 100 times"),
        ("looks into it", "_call_back"),
    ],
)
def test_a_call_back_gives_values_and_nothing_else(
    records: dict[str, Record], name: str, message: str
) -> None:
    assert message in results_of(records[name])["test_charged_once"].message


def test_a_call_back_from_another_thread_is_refused(records: dict[str, Record]) -> None:
    assert results_of(records["calls in a thread"])["test_charged_once"].outcome == "passed"
    assert records["calls in a thread"].error is None


def test_tests_that_reveal_something_run_after_the_others(context: GradingContext) -> None:
    with WarmProcess(["numpy"]) as warm:
        known = explainer(context.assignment, context.seed, warm, context.solution)
        revealing = {name for name, series in known.series.items() if series.reveals}
    assert revealing == {"test_charged_once", "test_support_code"}


def test_the_reference_is_asked_once_for_the_whole_class(
    context: GradingContext, numpy_only: WarmProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def begin(*args: Any) -> StudentProcess:
        process = begin_reference(*args)
        ask = process.request

        def request(operation: str, *arguments: Any) -> Any:
            asked.append(operation)
            return ask(operation, *arguments)

        monkeypatch.setattr(process, "request", request)
        return process

    monkeypatch.setattr("autograder.grading.explainer.begin_reference", begin)
    folder = context.course.root
    with WarmProcess(["numpy"]) as warm:
        grade_batch([write_submission(folder / "one", "right")], context, warm)
        before = len(asked)
        assert before > 0
        grade_batch([write_submission(folder / "two", "gradient is wrong")], context, warm)
        assert len(asked) == before  # calls from the submission's process, too


REFERENCE_FAILS = {
    "reference.no_such_name(1)": "logistic.ipynb defines no 'no_such_name'.",
    "reference.inverse(0)": "cell 3, line 15: `return 1 / x`: the reference solution raises Zero",
    "student.apply(reference.Model, [1])": "stays in its own process and cannot be sent",
    "student.apply(reference.Model(1), [1])": "stays in its own process and cannot be sent",
    "student.apply(lambda x: undefined, [1])": "NameError: name 'undefined' is not defined",
    "student.apply(lambda x: np.no_such, [1])": "AttributeError: module 'numpy' has no attribute",
    "student.apply(reference.model, [])\n    student.apply(lambda x: reference.model(), [1])": (
        "stays in its own process and cannot be sent"
    ),
    "assert reference.model() == 3": "has no plain value to compare or compute with",
    "reference.sigmoid([1.0, 2.0])[5]": "what the reference gave does not fit here",
    "student.using(int)": "the class int cannot be sent",
}


@pytest.fixture(scope="module")
def failures(
    tmp_path_factory: pytest.TempPathFactory, numpy_only: WarmProcess
) -> dict[str, TestResult]:
    tests = [
        f"@task('gradient', points=9)\ndef test_{number}(student, reference):\n    {body}\n"
        for number, body in enumerate(REFERENCE_FAILS)
    ]
    sigmoid = "@task('sigmoid', points=10)\ndef test_sigmoid(student):\n    pass\n"
    head = "import numpy as np\nfrom autograder.testing import task\n"
    suite = "\n".join([head, sigmoid, *tests]).replace("points=9", f"points={90 / len(tests)}")
    folder = tmp_path_factory.mktemp("failures")
    context = write_course(folder, suite)
    (result,) = grade_batch([write_submission(folder, "right")], context, numpy_only)
    return results_of(result.record)


@pytest.mark.parametrize("body", REFERENCE_FAILS)
def test_what_fails_in_the_reference_is_never_charged(
    failures: dict[str, TestResult], body: str
) -> None:
    found = failures[f"test_{list(REFERENCE_FAILS).index(body)}"]
    assert (found.outcome, REFERENCE_FAILS[body] in found.message) == ("error", True), found.message


def process_of(warm: WarmProcess, *cells: str) -> StudentProcess:
    process = StudentProcess(warm, cells, LIMITS, REFERENCE_LIMITS)
    process.room = None
    return process


def test_later_cells_run_only_for_what_they_may_define_change_or_show(
    numpy_only: WarmProcess,
) -> None:
    started: list[bool] = []
    cells = ("history = []\ndef f(x):\n    return 2 * x", "history += [7]\nlater = 3\nprint('end')")

    def start(whole: bool) -> StudentProcess:
        started.append(whole)
        return process_of(numpy_only, *cells[: 2 if whole else 1])

    reference = Reference(start, "one.ipynb")
    reference.begin_test(0, "")
    f = reference.request("get", None, "f")
    assert reference.request("call", f, [2], {}) == 4
    assert started == [False]
    assert reference.request("get", None, "history") == [7]
    assert reference.request("call", f, [3], {}) == 6
    reference.begin_test(1, "")
    assert reference.request("get", None, "later") == 3
    assert started == [False, True]
    reference._process.close()
    other = Reference(start, "one.ipynb")
    assert shown_text(other.shown()) == "end\n"
    assert started.pop() is True
    other._process.close()


def test_a_question_asked_again_makes_its_objects_again(numpy_only: WarmProcess) -> None:
    def start(_whole: bool) -> StudentProcess:
        return process_of(numpy_only, BASICS, GRADIENT)

    reference = Reference(start, "logistic.ipynb")
    reference.begin_test(0, "")
    first = reference.request("get", None, "model")
    thing = reference.request("call", first, [], {})
    reference.begin_test(1, "")
    assert reference.request("get", None, "inverse").id != first.id
    reference.begin_test(0, "")
    assert reference.request("get", None, "model") == first
    assert reference.request("call", first, [], {}) == thing
    with pytest.raises(SuiteError, match="has no attribute"):
        reference.request("get", thing, "nothing")  # not asked before: the object is made again
    reference._process.close()
