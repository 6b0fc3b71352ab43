"""Task `gradients`: dy/da and dy/db of y = a³ - b² + 3, by autograd.

The points are for the numbers. A person sees an answer that finds them without autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.testing import Student, check, close, numbers

from . import reference

HEADLINE = (5.0, 6.0)
SIGNS = (-1, 1)
HINT = "Look at how y depends on each variable, and at which `.grad` you return."


def pair(student: Student, a: float, b: float) -> tuple[float, float]:
    """Return the two numbers that the student's function returns at (a, b)."""
    answer: Any = student.polynomial_gradients(a, b)
    da, db = numbers(answer, "polynomial_gradients(a, b)", "dy/da", "dy/db")
    return da, db


@pytest.mark.task("gradients", points=6)
def test_headline(
    student: Student,
    probe: Any,
    rng: np.random.Generator,
    record_property: Callable[[str, object], None],
) -> None:
    """At a = 5, b = 6 the gradients are 75 and -12, and they are computed, not hard-coded.

    Whoever knows the two numbers needs others at another point: whole numbers, so that an answer
    that goes wrong between them is charged elsewhere.
    """
    da, db = pair(student, *HEADLINE)
    record_property("gradients at (5, 6)", f"({da:g}, {db:g})")
    close(da, 75, f"At a = 5, b = 6 dy/da should be 75, but it is {da:g}. {HINT}")
    close(db, -12, f"At a = 5, b = 6 dy/db should be -12, but it is {db:g}. {HINT}")
    a, b = (float(size * sign) for size, sign in zip(rng.integers(2, 5, 2), SIGNS, strict=True))
    elsewhere, again = pair(student, a, b), pair(student, *HEADLINE)
    by_autograd = probe.uses_autograd(student.polynomial_gradients, b, a)
    check(
        elsewhere != (da, db),
        "The answer is the same for every a and b: compute it from the arguments.",
    )
    message = "At a = 5, b = 6 the gradients are right, but not at another a and b."
    close(np.array(elsewhere), np.array(reference.polynomial_gradients(a, b)), message)
    check(
        again == (da, db),
        "Called twice with the same a and b, it gives two different answers: something, perhaps a "
        "gradient, is left over from the first call.",
    )
    if by_autograd is False:
        record_property("review", "The gradients are right, but autograd did not compute them.")


@pytest.mark.task("gradients", points=7)
def test_derivative_in_a(student: Student, rng: np.random.Generator) -> None:
    """dy/da is right at other points too."""
    points = rng.uniform(-4, 4, (3, 2))
    received = np.array([pair(student, a, b)[0] for a, b in points])
    expected = np.array([reference.polynomial_gradients(a, b)[0] for a, b in points])
    close(received, expected, f"At some other a and b, dy/da is not right. {HINT}")


@pytest.mark.task("gradients", points=7)
def test_derivative_in_b(student: Student, rng: np.random.Generator) -> None:
    """dy/db is right at other points too."""
    points = rng.uniform(-4, 4, (3, 2))
    received = np.array([pair(student, a, b)[1] for a, b in points])
    expected = np.array([reference.polynomial_gradients(a, b)[1] for a, b in points])
    close(received, expected, f"At some other a and b, dy/db is not right. {HINT}")
