"""Known mistakes are named by what test cells asked and what came back, with nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from autograder.diagnosis.observations import Observation
from autograder.grading.cell_explainer import Question, questions, recorded, seen
from autograder.record import Record
from autograder.sandbox.judge_process import Asked
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Callback, Ref
from tests.corpus.cell_courses.courses import COURSES
from tests.grading.test_cell_courses import PRELOAD, grade

F, G = (Ref(n, "function", callable=True) for n in (1, 7))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Record]:
    """Return the records of the course `losses`."""
    with WarmProcess(PRELOAD) as warm:
        results, _ = grade(COURSES["losses"], tmp_path_factory.mktemp("losses"), warm)
    return {student: result.record for student, result in results.items()}


@pytest.mark.parametrize(
    ("student", "task", "said"),
    [
        ("sum", "mse", "The values are added up, not averaged."),
        ("absolute", "mse", "Absolute values are taken where squares are asked for."),
        ("all_entries", "standardize", "All values are combined into one"),
    ],
)
def test_a_mistake_is_named(
    records: Mapping[str, Record], student: str, task: str, said: str
) -> None:
    (found,) = [one for one in records[student].tasks if one.name == task]
    assert found.misconceptions
    assert found.findings[0].startswith(said)


def test_right_answers_are_not_explained(records: Mapping[str, Record]) -> None:
    for student in ("right", "other_words"):
        assert not any(task.findings for task in records[student].tasks)


def name(ref: Ref = F) -> Asked:
    return "name", ("f",), ["ok", ref, ""]


def call(value: Any, *args: Any, ref: Ref = F) -> Asked:
    return "call", (ref, list(args), {}), ["ok", value, ""]


RAISED: Asked = "call", (F, [0], {}), ["raised", ["builtins.ValueError"], ["no"], "no", None, ""]


def test_what_cannot_be_replayed_ends_the_questions() -> None:
    callback = Callback(3, "g", in_reference=False)
    assert [one.operation for one in questions([name(), call(2, 1), ("bind", ("x", 1), [])])] == [
        "get",
        "call",
    ]
    assert len(list(questions([name(), call(2, [callback]), call(2, 1)]))) == 1


def test_an_exception_ends_the_questions() -> None:
    *_, last = found = list(questions([name(), RAISED, call(2, 1)]))
    assert len(found) == 2
    assert last.raised == ("ValueError", "no")
    assert not last.is_plain


def test_plain_answers_are_observed_and_objects_are_not() -> None:
    part = recorded(list(questions([name(), call(2, 1)])), "task", 4)
    assert [one.question for one in part.observations] == [1]
    assert part.asked[0] == ([("get", (None, "f"))], F)


def of(*asked: Asked) -> list[Question]:
    return list(questions(asked))


def test_a_cell_sees_values_until_it_asks_something_else() -> None:
    usual = of(name(), call(2, 1), call(4, 2))
    values = [Observation("values", value) for value in (3, 5)]
    assert list(seen(of(name(G), call(3, 1, ref=G), call(5, 2, ref=G)), usual)) == values
    assert list(seen(of(name(), call(3, 1), call(5, 3)), usual)) == values[:1]
    assert list(seen(of(name(), call(3, 1)), usual)) == values[:1]
    assert list(seen(of(name(), RAISED), of(name(), call(2, 0)))) == [
        Observation("raised", ("ValueError", "no"))
    ]
