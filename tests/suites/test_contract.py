"""The contract: right answers in every style are alike, wrong ones differ, and it says in what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from autograder.suites.linear_regression import contract
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import (
    FORWARD,
    GRADIENTS,
    STEP,
    Answer,
    forward,
    step,
)
from tests.conftest import ROOT, every_fifth
from tests.corpus.reference import SOLUTION
from tests.corpus.wrong import WRONG

pytestmark = pytest.mark.slow

# One for each idea: a comparison takes a tenth of a second or two.
STYLES = (
    *("plain", "autograd_grad", "one_element_tensors", "double_precision_floats", "stacked_pair"),
    *("numpy_pair", "gradients_with_graph", "by_hand", "addmm", "einsum", "transposed_twice"),
    *("params_by_index", "column_by_column", "nn_module", "callable_model", "sgd_zero_first"),
    *("grad_function", "copy", "data", "zero_first_guarded", "y_column", "returns_numpy"),
    *("by_name", "hand_derived", "set_grad_enabled"),
)

RIGHT = [answer for answer in ACCEPTED if answer.name in STYLES]

# They do not come back, or are no Python.
NOT_HERE = {"endless_loop", "forward_ends_process", "syntax_error_in_class"}
MISTAKES = [answer for answer in WRONG if answer.name not in NOT_HERE]


def namespace(cells: Sequence[str]) -> dict[str, Any]:
    """Return what the cells define, without a notebook's imports."""
    names: dict[str, Any] = {"torch": torch}
    for cell in cells:
        exec(cell, names)
    return names


def compared(answer: Answer) -> str:
    reference = namespace([SOLUTION])
    return contract.differences(reference, namespace(answer.cells()[1:]))


def test_the_reference_is_like_itself() -> None:
    reference = namespace([SOLUTION])
    again = namespace([SOLUTION])
    assert contract.differences(reference, again) == ""
    assert contract.differences(reference, reference) == ""


def test_the_corpus_has_them() -> None:
    assert {answer.name for answer in RIGHT} == set(STYLES)
    assert len(MISTAKES) >= 60


@pytest.mark.parametrize("answer", every_fifth(RIGHT), ids=lambda answer: answer.name)
def test_a_right_answer_in_another_style_is_alike(answer: Answer) -> None:
    assert compared(answer) == ""


@pytest.mark.parametrize("answer", every_fifth(MISTAKES), ids=lambda answer: answer.name)
def test_a_wrong_answer_differs(answer: Answer) -> None:
    difference = compared(answer)
    assert difference.endswith(".")
    assert len(difference) < 120


INIT = "self.params = [self.w, self.b]"
LEFT_OPEN = {
    "params in another order": FORWARD.replace(INIT, "self.params = (self.b, self.w)"),
    "more attributes": FORWARD.replace(INIT, f"{INIT}; self.shape = n_in, n_out"),
}


@pytest.mark.parametrize("source", LEFT_OPEN.values(), ids=LEFT_OPEN.keys())
def test_what_the_contract_leaves_open_is_alike(source: str) -> None:
    assert compared(Answer("", forward=source)) == ""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            Answer("", gradients=GRADIENTS.replace("**3", "**4")),
            "dy/da of polynomial_gradients(5, 6) is a different number.",
        ),
        (
            Answer("", gradients=GRADIENTS.replace("b.grad", "True")),
            "dy/db of polynomial_gradients(5, 6) is not a number.",
        ),
        (
            Answer("", gradients=GRADIENTS.replace("a.grad, b.grad", "a.grad, b.grad, y")),
            "polynomial_gradients(5, 6) is not a pair.",
        ),
        (Answer("", gradients="pass"), "There is no polynomial_gradients."),
        (
            Answer("", forward=FORWARD.replace("randn(n_out,", "rand(n_out,")),
            "b of Linear(1, 1) has other values.",
        ),
        (
            Answer("", forward=FORWARD.replace("randn(n_out,", "randn(1, n_out,")),
            "b of Linear(1, 1) has shape (1, 1).",
        ),
        (
            Answer("", forward=FORWARD.replace("n_out, requires_grad=True", "n_out")),
            "w of Linear(1, 1) does not collect gradients.",
        ),
        (
            Answer("", forward=FORWARD.replace(INIT, "self.params = [self.w, self.b.clone()]")),
            "params of Linear(1, 1) are not w and b.",
        ),
        (
            Answer("", forward=FORWARD.replace(INIT, f"{INIT} + [torch.ones(1)]")),
            "params of Linear(1, 1) are 3, not 2.",
        ),
        (
            Answer("", forward=forward("x += 1\n        return (x - 1) @ self.w + self.b")),
            "x after Linear(1, 1).forward(x) with x of shape (1, 1) has other values.",
        ),
        (
            Answer("", forward=forward("self.w.data += 1\n        return x @ (self.w - 1) + self.b")),
            "w after Linear(1, 1).forward(x) with x of shape (1, 1) has other values.",
        ),
        (
            Answer("", forward=forward("self.b = 1 * self.b\n        return x @ self.w + self.b")),
            "Linear(1, 1).forward(x) with x of shape (1, 1) replaces a parameter.",
        ),
        (
            Answer("", forward=FORWARD.replace(INIT, f"{INIT}; self.v = self.w.data.clone()")
            .replace("x @ self.w", "x @ (self.v + self.w - self.w)")),
            "the gradient to w of Linear(1, 1).forward(x) with x of shape (1, 1) has other values.",
        ),
        (
            Answer("", step=STEP.replace("lr=0.1", "*, lr=0.1")),
            "step(X, y, model, 0.02) with 1 rows raises TypeError.",
        ),
        (
            Answer("", step=step(returns="y *= 2\n    return loss")),
            "y after step(X, y, model) with 1 rows has other values.",
        ),
        (
            Answer("", step=step(returns="model.params = [p.clone() for p in model.params]\n    return loss")),
            "step(X, y, model) with 1 rows replaces params.",
        ),
        (
            Answer("", step=step(returns="model.b = model.b.clone()\n    return loss")),
            "b after step(X, y, model) with 1 rows does not collect gradients.",
        ),
        (
            Answer("", step=step(returns="p.requires_grad_(False)\n    return loss")),
            "b after step(X, y, model) with 1 rows does not collect gradients.",
        ),
        (
            Answer("", step=STEP.replace("lr * p.grad", "(lr or 0.1) * p.grad")),
            "w after step(X, y, model, lr=0.0) with 1 rows has other values.",
        ),
        (
            Answer("", step=STEP.replace("lr * p.grad", "max(lr, 0.01) * p.grad")),
            "w after step(X, y, model, lr=0.001) with 1 rows has other values.",
        ),
        (
            Answer("", step=STEP.replace("p.grad.zero_()", "p.grad *= p.numel() == 0")),
            "",
        ),
    ],
)  # fmt: skip
def test_it_says_what_differs(answer: Answer, expected: str) -> None:
    assert compared(answer) == expected


def test_gradients_switched_off_do_not_matter() -> None:
    with torch.no_grad():
        assert compared(Answer("")) == ""


def test_it_stands_alone() -> None:
    """It runs as text, in a module of its own, where the kit cannot be imported."""
    source = (ROOT / "autograder/suites/linear_regression/contract.py").read_text(encoding="utf-8")
    assert "autograder" not in source
    support: dict[str, Any] = {"__name__": "support"}
    exec(compile(source, "contract.py", "exec"), support)
    reference = namespace([SOLUTION])
    assert support["differences"](reference, namespace([GRADIENTS, FORWARD, STEP])) == ""
    assert support["differences"](reference, {}) == "There is no polynomial_gradients."
