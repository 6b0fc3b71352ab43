"""A fixture of scope `submission`: made once, made again in a new process, and known mistakes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.grading.batch import grade_batch, prepare
from autograder.grading.reference import Reference
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.tiny import graded_cell

COURSE = """\
course: own
isolation: best-effort
seed: 3
assignments:
  mean:
    notebook: mean
    suite: suite
    preload: [numpy]
    limits: {request_seconds: 0.5}
    tasks: [{name: fit, points: 100, solution: fit, tests: test_fit}]
"""
FIT = """\
fits = []

class Mean:
    def __init__(self, shift=0.0):
        self.shift = shift
    def fit(self, values):
        fits.append(1)
        self.mean = sum(values) / len(values)
        return self
    def predict(self, x):
        return self.mean + self.shift + x
    def slow(self):
        while LOOPS: pass
    def count(self):
        return len(fits)
LOOPS = 0
"""
SUITE = '''\
"""Suite of `mean`."""

from autograder.testing import assert_close, fixture, number, task


@fixture(scope="submission")
def values(hidden):
    return hidden("values").normal(size=5).tolist()


@fixture(scope="submission")
def fitted(student, values):
    model = student.Mean()
    model.shift = 0.0
    return model.fit(values)


@fixture(scope="submission")
def expected(reference, values):
    model = reference.Mean().fit(values)
    assert_close(model.mean, sum(values) / len(values))
    return model


@task("fit", points=20)
def test_mean(student, fitted, values):
    """The mean is the sum divided by the number of values."""
    assert_close(fitted.mean, sum(values) / len(values))
    assert_close(fitted.predict(0.0), fitted.mean)


@task("fit", points=20)
def test_slow(student, fitted):
    """It is not slow."""
    fitted.slow()


@task("fit", points=20)
def test_predict(student, fitted, expected):
    """It predicts."""
    assert_close(fitted.predict(1.0), expected.predict(1.0))


@task("fit", points=20)
def test_once(fitted, expected):
    """It is fitted once."""
    assert number(fitted.count(), "The count") == 1


@task("fit", points=20)
def test_without(student):
    """It works without the fixture."""
    assert_close(student.Mean(2.0).fit([1.0, 3.0]).predict(0.0), 4.0)
'''
LIBRARY = """\
from autograder.testing import Misconception

MISCONCEPTIONS = (
    Misconception("sum", "fit", (((" / len(values)", ""),),), "It is a sum.", "Not a mean.",
                  "Look.", "mean predict without"),
    Misconception("no fit", "fit", ((("self.mean =", "mean ="),),), "It forgets.", "Not kept.",
                  "Look.", "mean predict without"),
    Misconception("minus", "fit", ((("+ x", "- x"),),), "It subtracts.", "Not a sum.",
                  "Look.", "predict"),
)
"""
SUBMISSIONS = {
    "right": FIT,
    "slow": FIT.replace("LOOPS = 0", "LOOPS = 1"),
    "sum": FIT.replace("sum(values) / len(values)", "sum(list(values))"),
    "forgets": FIT.replace("        self.mean =", "        self.wrong ="),
    "minus": FIT.replace("+ x", "+ -x"),
    "fails": FIT.replace("        fits.append(1)", "        raise KeyError('fit')"),
}


def cells(answer: str) -> list[object]:
    return [
        graded_cell(answer, "fit", solution=True),
        graded_cell("assert Mean", "test_fit", points=100, grade=True, locked=True),
    ]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    folder = tmp_path_factory.mktemp("course")
    return graded(folder, SUBMISSIONS, test_mean=SUITE, misconceptions=LIBRARY)


def graded(folder: Path, answers: dict[str, str], **suite: str) -> dict[str, Record]:
    (folder / "suite").mkdir()
    for name, text in suite.items():
        (folder / "suite" / f"{name}.py").write_text(text)
    (folder / "course.yml").write_text(COURSE)
    write_notebook(folder / "solutions/mean/mean.ipynb", cells(FIT))  # type: ignore[arg-type]
    course = load_course(folder / "course.yml")
    submissions = [
        Submission(name, write_notebook(folder / f"{name}.ipynb", cells(answer)))  # type: ignore[arg-type]
        for name, answer in answers.items()
    ]
    context = prepare(course, course.assignment(None))
    with WarmProcess(["numpy"]) as warm:
        results = grade_batch(submissions, context, warm)
    return {result.record.student: result.record for result in results}


def failed(record: Record) -> set[str]:
    assert record.error is None
    (task,) = record.tasks
    return {test.name for test in task.tests if test.outcome != "passed"}


WORTH_NOTHING = re.sub(r"points=\d+", "points=0", SUITE)
OTHER = '''\
"""Other tests of `mean`, with a fixture of the same name."""

import pytest

from autograder.testing import assert_close, task


@pytest.fixture
def fitted(student):
    return student.Mean(1.0).fit([1.0, 2.0])


@task("fit", points=40)
def test_shifted(fitted):
    assert_close(fitted.predict(0.0), 2.5)


@task("fit", points=60)
def test_new_each_time(student, fitted):
    fitted.fit([3.0])
    assert_close(fitted.predict(0.0), 4.0)
'''


def test_a_fixture_of_another_module_may_have_its_name(tmp_path: Path) -> None:
    (record,) = graded(tmp_path, {"right": FIT}, test_mean=WORTH_NOTHING, test_other=OTHER).values()
    assert (record.score, record.error) == (100, None)


def test_it_is_made_once(records: dict[str, Record]) -> None:
    assert failed(records["right"]) == set()


def test_it_is_made_again_if_its_process_ends(records: dict[str, Record]) -> None:
    assert failed(records["slow"]) == {"test_slow"}


def test_what_it_raises_fails_every_test_that_uses_it(records: dict[str, Record]) -> None:
    everything = {"test_mean", "test_slow", "test_predict", "test_once", "test_without"}
    assert failed(records["fails"]) == everything


@pytest.mark.parametrize(
    ("name", "known"), [("sum", "sum"), ("forgets", "no fit"), ("minus", "minus")]
)
def test_a_known_mistake_is_named_through_it(
    records: dict[str, Record], name: str, known: str
) -> None:
    (task,) = records[name].tasks
    assert task.misconceptions == (known,)


def test_what_one_observes_of_the_reference_is_no_part_of_a_record(
    records: dict[str, Record], tmp_path: Path
) -> None:
    """It is made once for a batch: the record of the first in it would be another."""
    answers = {"minus": SUBMISSIONS["minus"]}
    (alone,) = graded(tmp_path, answers, test_mean=SUITE, misconceptions=LIBRARY).values()
    assert alone.tasks == records["minus"].tasks
    assert any(test.seen for test in alone.tasks[0].tests)


def test_the_reference_is_asked_once_for_the_whole_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [0]
    answer = Reference._ask

    def ask(reference: Reference, *question: Any) -> Any:
        asked[0] += 1
        return answer(reference, *question)

    monkeypatch.setattr(Reference, "_ask", ask)
    records = graded(tmp_path, {"one": FIT}, test_mean=SUITE)
    after_one, asked[0] = asked[0], 0
    (folder := tmp_path / "more").mkdir()
    records = graded(folder, {"one": FIT, "two": FIT, "three": FIT}, test_mean=SUITE)
    assert asked[0] == after_one > 0
    assert {record.score for record in records.values()} == {100}
