"""Task `gradients`: dy/da and dy/db of y = a³ - b² + 3, by autograd."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.exam.judge import Mismatch, close, number
from autograder.exam.student import Student
from autograder.worker.wire import Tensor

from . import reference

HEADLINE = (5.0, 6.0)
HINT = "Look at how y depends on each variable, and at which `.grad` you return."


def pair(student: Student, a: float, b: float) -> tuple[float, float]:
    """Return what the student's function answers at (a, b), as two numbers."""
    answer: Any = student.polynomial_gradients(a, b)
    if isinstance(answer, Tensor) and math.prod(answer.shape) == 2:
        answer = split(answer)
    if not isinstance(answer, list | tuple) or len(answer) != 2:
        raise Mismatch(
            "polynomial_gradients(a, b) should return two values, (dy/da, dy/db). "
            "Check its `return` line."
        )
    return number(answer[0], "dy/da"), number(answer[1], "dy/db")


def split(answer: Tensor) -> tuple[Tensor, Tensor]:
    """Return the two elements of a tensor, for those who stack them."""
    half = len(answer.data) // 2
    first, second = answer.data[:half], answer.data[half:]
    return (
        Tensor(answer.kind, answer.dtype, (1,), first),
        Tensor(answer.kind, answer.dtype, (1,), second),
    )


@pytest.mark.task("gradients", points=6)
def test_headline(
    student: Student, rng: np.random.Generator, record_property: Callable[[str, object], None]
) -> None:
    """At a = 5, b = 6 the gradients are 75 and -12, and they are computed, not written down."""
    da, db = pair(student, *HEADLINE)
    record_property("gradients at (5, 6)", f"({da:g}, {db:g})")
    close(da, 75, f"At a = 5, b = 6 dy/da should be 75, but it is {da:g}. {HINT}")
    close(db, -12, f"At a = 5, b = 6 dy/db should be -12, but it is {db:g}. {HINT}")
    a, b = rng.uniform(1, 3, 2)
    if pair(student, a, b) == (da, db):
        raise Mismatch("The answer is the same for every a and b: compute it from the arguments.")


@pytest.mark.task("gradients", points=7)
def test_derivative_in_a(student: Student, rng: np.random.Generator) -> None:
    """dy/da is right at other points too."""
    for a, b in rng.uniform(-4, 4, (3, 2)):
        received, _ = pair(student, a, b)
        expected, _ = reference.polynomial_gradients(a, b)
        close(received, expected, f"At some other a and b, dy/da is not right. {HINT}")


@pytest.mark.task("gradients", points=7)
def test_derivative_in_b(student: Student, rng: np.random.Generator) -> None:
    """dy/db is right at other points too."""
    for a, b in rng.uniform(-4, 4, (3, 2)):
        _, received = pair(student, a, b)
        _, expected = reference.polynomial_gradients(a, b)
        close(received, expected, f"At some other a and b, dy/db is not right. {HINT}")
