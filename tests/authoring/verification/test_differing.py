"""Whether an answer differs: as the suite compares it, within its tolerance, unless it is free."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.authoring.verification.dialogs import Dialog, Turn
from autograder.authoring.verification.differing import (
    Answers,
    Difference,
    Rules,
    differences,
    is_rounding,
    rules_of,
)
from autograder.grading.recording import RecordedObservation
from autograder.sandbox.worker.wire import Ref
from tests.authoring.verification.small_dialogs import array, call, dialog, judged, looked_up

OBJECT = Ref(9, "Model", callable=False)


def difference(
    asked: Dialog, rules: Rules, ours: Answers, theirs: Answers, *, as_recorded: bool
) -> Difference | None:
    return next(differences(asked, rules, ours, theirs, as_recorded=as_recorded), None)


def answered(*answers: Any, error: str = "", stopped: bool = False) -> dict[str, Any]:
    described = {"type": error, "message": ""} if error else None
    return {
        "answers": [None, *answers],
        "answered": 1 + len(answers),
        "error": described,
        "stopped": stopped,
    }


def differs(right: Any, other: Any, *seen: RecordedObservation, as_recorded: bool = True) -> bool:
    asked = dialog(looked_up(), call(1.0, answer=right, seen=seen))
    found = difference(
        asked, rules_of([asked]), answered(right), answered(other), as_recorded=as_recorded
    )
    return found is not None


@pytest.mark.parametrize(
    ("right", "other", "expected"),
    [
        (2.0, 2.0001, False),
        (2.0, 2.1, True),
        (2.0, array(2.0, kind="torch", dtype="float32"), False),
        (float("nan"), 3.0, False),
        (array(1.0, 2.0), array(1.0, 2.0, dtype="float32"), False),
        (array(1.0, 2.0), array([1.0, 2.0]), True),
        ("name", "other", True),
        ({"mean": 1.0}, {"mean": 1.5}, True),
        (True, False, True),
    ],
)
def test_an_answer_that_is_compared_as_a_whole(right: Any, other: Any, expected: bool) -> None:
    kind = "array" if hasattr(right, "shape") else "values"
    assert differs(right, other, judged(kind)) is expected


def test_a_number_may_be_a_tensor_where_the_suite_says_so() -> None:
    tensor = array(2.0, kind="torch", dtype="float32")
    assert not differs(2.0, tensor, judged("number"))
    assert not differs(2.0, array([2.0]))  # nothing looks at it


def test_the_dtype_of_tensors_counts() -> None:
    one, other = (array(1.0, 2.0, kind="torch", dtype=d) for d in ("float32", "float64"))
    assert differs(one, other, judged("array"))


def test_only_the_part_that_is_compared_counts() -> None:
    assert not differs((1.0, 2.0), (1.0, 5.0), judged("number", (0,)))
    assert differs((1.0, 2.0), (1.0, 5.0), judged("number", (1,)))
    assert differs((1.0, 2.0), (1.0,), judged("number", (1,)))


def test_the_tolerance_is_that_of_the_suite() -> None:
    assert not differs(1.0, 1.04, judged("number", tolerance=(0.05, 0)))
    assert differs(1.0, 1.06, judged("number", tolerance=(0.05, 0)))


def test_a_bound_counts_where_the_suite_asks_and_the_form_everywhere() -> None:
    bound = judged("at least", bound=0.9)
    assert not differs(0.97, 0.91, bound)
    assert differs(0.97, 0.5, bound)
    assert not differs(0.97, 0.5, bound, as_recorded=False)
    assert differs([0.5, 0.25], [0.5], judged("weak"), as_recorded=False)
    assert not differs([0.5, 0.25], [0.5, 0.1], judged("weak"))


def test_an_exception_in_place_of_an_answer_differs() -> None:
    asked = dialog(looked_up(), call(1.0), call(2.0))
    raised = answered(5.0, error="ValueError")
    rules = rules_of([asked])
    found = difference(asked, rules, answered(5.0, 6.0), raised, as_recorded=True)
    assert found == Difference(2, "raises ValueError")
    for ours in (answered(5.0, float("nan")), raised):
        assert difference(asked, rules, ours, raised, as_recorded=True) is None


def test_code_that_does_not_end_differs() -> None:
    asked = dialog(looked_up(), call(1.0))
    found = difference(
        asked, rules_of([asked]), answered(5.0), answered(stopped=True), as_recorded=True
    )
    assert found == Difference(1, "does not end")


def training(*seen: RecordedObservation) -> tuple[Turn, ...]:
    """Return turns in which a model is trained, and then asked."""
    made = Turn([("call", (Ref(3, "function", callable=True), [], {}))], OBJECT, is_plain=False)
    return looked_up("train"), made, call(OBJECT, answer=[0.5]), call(OBJECT, answer=0.9, seen=seen)


def test_what_follows_from_a_free_choice_is_free() -> None:
    measured = dialog(*training(judged("at least", bound=0.5)))
    exact = Dialog("test_other", "train", training())
    rules = rules_of([measured, exact])
    assert rules.free == {"train"}
    ours = {**answered(None, [0.5], 0.9), "answers": [None, None, [0.5], 0.9]}
    theirs = {**ours, "answers": [None, None, [0.4], 0.7]}
    longer = {**ours, "answers": [None, None, [0.4, 0.3], 0.7]}
    assert difference(exact, rules, ours, theirs, as_recorded=False) is None
    assert difference(exact, rules, ours, longer, as_recorded=False) == Difference(2)
    assert difference(exact, rules_of([exact]), ours, theirs, as_recorded=False) == Difference(2)


def test_a_function_of_plain_data_is_free_only_where_nothing_compares_it() -> None:
    bound, hard = judged("at least", bound=0.5), judged("number")
    free = dialog(looked_up(), call(1.0, answer=0.9, seen=(bound,)))
    fixed = dialog(looked_up(), call(1.0, answer=0.9, seen=(hard,)))
    assert rules_of([free]).free == {"fit"}
    assert rules_of([free, fixed]).free == frozenset()


def test_an_answer_that_nothing_compares_is_compared_as_others_are() -> None:
    seen = dialog(looked_up(), call(1.0, answer=(0.9, 1.0), seen=(judged("number", (0,)),)))
    unseen = dialog(looked_up(), call(2.0, answer=(0.9, 1.0)))
    rules, ours = rules_of([seen, unseen]), answered((0.9, 1.0))
    assert difference(unseen, rules, ours, answered((0.9, 2.0)), as_recorded=True) is None
    assert difference(unseen, rules, ours, answered((0.8, 1.0)), as_recorded=True)


def test_of_figures_the_data_and_the_presence_of_labels_count() -> None:
    def figure(title: str, label: str, *values: float) -> list[Any]:
        lines = [["", array(*values), array(*values), "-", ""]]
        return [["", [], [[title, label, "y", "linear", "linear", [], lines, [], [], []]]]]

    asked = dialog(looked_up(), Turn([("figures", (OBJECT, [], {}))], None))
    rules, right = rules_of([asked]), answered(figure("Scores", "k", 1.0, 2.0))
    for other, expected in (
        (figure("", "number of neighbours", 1.0, 2.0), None),
        (figure("Scores", "", 1.0, 2.0), Difference(1)),
        (figure("Scores", "k", 1.0, 3.0), Difference(1)),
    ):
        assert difference(asked, rules, right, answered(other), as_recorded=True) == expected


def test_what_tiny_changes_explain_is_rounding() -> None:
    assert is_rounding(array(1.0, 5.0), array(1.0, 6.0), array(1.0, 5.5))
    assert not is_rounding(array(1.0, 5.0), array(1.0, 6.0), array(1.0, 5.000001))
    assert not is_rounding(1.0, None, 1.0)
    assert is_rounding("tie", "other", "other")
    assert not is_rounding("tie", "other", "tie")
