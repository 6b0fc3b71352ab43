"""The reference's answers are kept as numbers, and found again for the same questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.grading.reference import Reference
from autograder.sandbox.student_process import Question
from autograder.sandbox.worker.wire import NamedTuple, Ref, Tensor
from autograder.selfcheck.kept_answers import FILE_NAME, as_json, is_near, read_answers
from autograder.testing.failures import SuiteError

MEAN = Ref(1 << 36, "function", callable=True)


def tensor(*values: float, dtype: str = "float64") -> Tensor:
    return Tensor("numpy", dtype, (len(values),), np.array(values, dtype).tobytes())


def call(*arguments: Any) -> Question:
    return [("call", (MEAN, list(arguments), {}))]


def ask(reference: Reference, argument: Any) -> Any:
    ((operation, arguments),) = call(argument)
    return reference.request(operation, *arguments)


ANSWERS = [
    2.5,
    tensor(1.0, 2.0),
    NamedTuple(["a"], [1]),
    {"a": (1, None)},
    {1, 2},
    3j,
    {1: "a"},
    1 << 70,
]


def test_answers_are_found_again_in_their_order(tmp_path: Path) -> None:
    dialog = [(call(number), answer) for number, answer in enumerate(ANSWERS)]
    (tmp_path / FILE_NAME).write_text(as_json({0: dialog, 3: [(call(0), "other")]}))
    reference = read_answers(tmp_path / FILE_NAME)
    reference.begin_test(0, "")
    found = [ask(reference, number) for number in range(len(ANSWERS))]
    assert found == ANSWERS
    reference.begin_test(3, "")
    assert ask(reference, 0) == "other"


def test_what_was_not_asked_before_has_no_answer(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(as_json({0: [(call(1.0), 2.0)]}))
    reference = read_answers(tmp_path / FILE_NAME)
    for index, argument in ((0, 1.1), (1, 1.0)):
        reference.begin_test(index, "")
        with pytest.raises(SuiteError, match=r"not asked this .* another version of NumPy"):
            ask(reference, argument)
    assert reference.missed == {0, 1}


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (1.0, 1.0 + 1e-12, True),
        (1.0, 1.001, False),
        (float("nan"), float("nan"), True),
        (1, 2, False),
        (1, 1.0, False),
        (tensor(1.0, 2.0), tensor(1.0, 2.0 + 1e-12), True),
        (tensor(1.0, 2.0), tensor(1.0, 3.0), False),
        (tensor(1.0), tensor(1.0, dtype="float32"), False),
        (tensor(1.0), tensor(1.0, 2.0), False),
        ([1.0, "a"], [1.0 + 1e-12, "a"], True),
        ([1.0], (1.0,), False),
        ([1.0], [1.0, 2.0], False),
        ({"a": 1.0}, {"a": 1.0 + 1e-12}, True),
        ({"a": 1.0}, {"b": 1.0}, False),
    ],
)
def test_a_question_may_be_rounded_otherwise(one: Any, other: Any, near: bool) -> None:
    assert is_near(one, other) is near
