"""Task `gradients`: dy/da and dy/db of y = a³ - b² + 3, by autograd.

The points are for the numbers. A person sees an answer that finds them without autograd.
"""

import numpy as np

from autograder.testing import check, close, numbers, task
from autograder.testing.torch import uses_autograd

HINT = "Look at how y depends on each variable, and at which `.grad` you return."


def pair(notebook, a, b):
    """Return the two numbers that polynomial_gradients returns at (a, b)."""
    answer = notebook.polynomial_gradients(a, b)
    return numbers(answer, "polynomial_gradients(a, b)", "dy/da", "dy/db")


@task("gradients", points=6)
def test_headline(student, reference, rng, record_property):
    """At a = 5, b = 6 the gradients are 75 and -12, and they are computed, not hard-coded.

    Whoever knows the two numbers needs others at another point: whole numbers, so that an answer
    that goes wrong between them is charged elsewhere.
    """
    da, db = pair(student, 5.0, 6.0)
    record_property("gradients at (5, 6)", f"({da:g}, {db:g})")
    close(da, 75, f"At a = 5, b = 6 dy/da should be 75, but it is {da:g}. {HINT}")
    close(db, -12, f"At a = 5, b = 6 dy/db should be -12, but it is {db:g}. {HINT}")
    a, b = (rng.integers(2, 5, 2) * (-1.0, 1.0)).tolist()
    elsewhere, again = pair(student, a, b), pair(student, 5.0, 6.0)
    by_autograd = uses_autograd(student.polynomial_gradients, b, a)
    check(
        elsewhere != (da, db),
        "The answer is the same for every a and b: compute it from the arguments.",
    )
    message = "At a = 5, b = 6 the gradients are right, but not at another a and b."
    close(np.array(elsewhere), pair(reference, a, b), message)
    check(
        again == (da, db),
        "Called twice with the same a and b, it gives two different answers: something, perhaps a "
        "gradient, is left over from the first call.",
    )
    if by_autograd is False:
        record_property("review", "The gradients are right, but autograd did not compute them.")


def check_at_other_points(student, reference, rng, index, name):
    """Check one of the two gradients at four points; at the last, its variable is 0."""
    points = rng.uniform(-4, 4, (4, 2))
    points[-1, index] = 0.0
    points = points.tolist()
    received = np.array([pair(student, a, b)[index] for a, b in points])
    expected = [pair(reference, a, b)[index] for a, b in points]
    close(received, expected, f"At some other a and b, {name} is not right. {HINT}")


@task("gradients", points=7)
def test_derivative_in_a(student, reference, rng):
    """dy/da is right at other points too."""
    check_at_other_points(student, reference, rng, 0, "dy/da")


@task("gradients", points=7)
def test_derivative_in_b(student, reference, rng):
    """dy/db is right at other points too."""
    check_at_other_points(student, reference, rng, 1, "dy/db")
