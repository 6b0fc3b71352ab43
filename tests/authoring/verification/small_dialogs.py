"""Dialogs as a suite's questions leave them, written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.authoring.verification.dialogs import Dialog, Turn
from autograder.grading.recording import RecordedObservation
from autograder.sandbox.worker.arrays import tensor_of
from autograder.sandbox.worker.wire import Callback, Ref, Tensor

FUNCTION = Ref(1, "function", callable=True)
CLASS = Ref(2, "type", callable=True)
MODEL = Ref(-7, "object", callable=True)
METHOD = Ref(4, "method", callable=True)
REFERENCE = Callback(1, "sigmoid", in_reference=True)
SOURCE = """
class Net:
    def __init__(self, n_in, n_out=2):
        self.w = n_in

    def forward(self, x):
        return x

def fit(X, y, lr=0.1, steps=100):
    return X
"""


def array(*values: Any, kind: str = "numpy", dtype: str = "float64") -> Tensor:
    return tensor_of(np.array(values, dtype=dtype), kind)


def judged(kind: Any = "array", path: tuple[Any, ...] = (), **more: Any) -> RecordedObservation:
    return RecordedObservation(1, kind, 0, path, **more)


def looked_up(name: str = "fit", ref: Ref = FUNCTION) -> Turn:
    return Turn([("get", (None, name))], ref, is_plain=False)


def call(
    *args: Any,
    target: Ref = FUNCTION,
    answer: Any = None,
    seen: tuple[RecordedObservation, ...] = (),
    **kwargs: Any,
) -> Turn:
    return Turn([("call", (target, [*args], kwargs))], answer, seen)


def dialog(*turns: Turn) -> Dialog:
    return Dialog("test_fit", "fit", turns)


def fitted(X: Any, y: Any, **kwargs: Any) -> Dialog:
    """Return a dialog of one call, fit(X, y, ...)."""
    return dialog(looked_up(), call(X, y, answer=0.5, seen=(judged("number"),), **kwargs))


def predicted(x: Any, *sizes: int) -> Dialog:
    """Return a dialog in which an object of a class is made, filled, and asked."""
    return dialog(
        looked_up("Net", CLASS),
        Turn(
            [("make", (MODEL.id, CLASS, [*sizes], {})), ("get", (MODEL, "forward"))],
            METHOD,
            is_plain=False,
        ),
        call(x, target=METHOD, answer=x, seen=(judged(),)),
    )
