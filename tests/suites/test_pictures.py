"""The pictures of a student's training: what they say is so, whatever the path."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from autograder.reports.charts.chart import Picture
from autograder.reports.charts.line_fit import fit
from autograder.reports.charts.training import drawn
from autograder.suites.linear_regression import lesson
from autograder.suites.linear_regression.pictures import PICTURES
from bench import by_hand

Array = NDArray[np.float64]
FIT = fit(PICTURES[0])
RIGHT = FIT.path


def draw(observed: dict[str, Array]) -> tuple[Picture, ...]:
    return drawn(PICTURES, observed)


def walked(
    move: Callable[[Array, Array], Array],
    start: tuple[float, float] = PICTURES[0].first,
    steps: int = lesson.STEPS,
) -> Array:
    """Return the path of a student who moves θ by `move(θ, gradient)`."""
    path = [np.array(start)]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            gradient = 2 * FIT.curvature @ (path[-1] - FIT.minimum)
            path.append(path[-1] + move(path[-1], gradient))
    return np.array(path)


def texts(path: Array) -> list[str]:
    return [p.description.replace("\N{NO-BREAK SPACE}", " ") for p in draw({"path": path})]


def test_the_first_parameters_are_the_notebooks() -> None:
    torch.manual_seed(4)
    w, b = torch.randn(1, 1), torch.randn(1)
    assert (float(w), float(b)) == PICTURES[0].first


@given(hnp.arrays(float, (3, 2), elements=st.floats(-50, 50)))
def test_the_quadratic_is_the_loss(path: Array) -> None:
    X, y = lesson.X.astype(float), lesson.y.astype(float)
    expected = [by_hand.loss(X, y, w.reshape(1, 1), b.reshape(1)) for w, b in path]
    assert FIT.losses(path) == pytest.approx(expected)


def test_a_right_run_coincides_with_the_reference_in_every_picture() -> None:
    path = RIGHT.astype(np.float32).astype(float)
    assert texts(path) == [
        "Before training the prediction was y = −1.61 x + 0.23. After 30 steps your line is "
        "y = 0.47 x + 2.00, and coincides with the reference's.",
        "Your loss falls from 7.21 to 0.0877, and coincides with the reference's at every step.",
        "Your path goes from (w, b) = (−1.61, 0.23) to (0.47, 2.00) and coincides with the "
        "reference's; the minimum is at (0.47, 2.00).",
    ]


def test_the_wrong_direction_diverges_and_leaves_the_picture() -> None:
    _, losses, path = texts(walked(lambda _, g: 0.1 * g))
    assert "rises from 7.21 to 2.7 × 10⁵ in 30 steps" in losses
    assert "training diverges, leaving the picture at step 21" in losses
    assert "leaving the picture at step 2: training diverges" in path


def test_a_model_that_never_moves_is_said_not_to() -> None:
    line, losses, path = texts(walked(lambda t, _: 0 * t))
    assert "your line is y = −1.61 x + 0.23; the reference's is y = 0.47 x + 2.00" in line
    assert "stays at 7.21: no step changes it" in losses
    assert "never leaves its start" in path


def test_a_slow_run_falls_and_does_not_coincide() -> None:
    said = texts(walked(lambda _, g: -0.01 * g))
    assert "falls from 7.21 to 2.32 in 30 steps" in said[1]
    assert "coincides" not in " ".join(said)
    assert "leaving" not in " ".join(said)


def test_another_start_is_in_the_picture() -> None:
    path = walked(lambda _, g: -0.1 * g, start=(4.0, -3.0))
    said = texts(path)
    assert "next to the reference's" in said[0]
    assert "leaving" not in " ".join(said)
    assert "start</text>" in draw({"path": path})[2].svg


def test_numbers_that_end_are_said_to_end() -> None:
    path = RIGHT.copy()
    path[12:] = np.nan
    line, losses, route = texts(path)
    assert "cannot be drawn: its numbers are not finite" in line
    assert "is not finite from step 12 on" in losses
    assert "is not finite from step 12 on" in route


def test_a_short_path_says_where_it_stops() -> None:
    line, losses, _ = texts(RIGHT[:8])
    assert "After 7 steps your line" in line
    assert "nothing was seen after step 7" in losses


def test_without_a_path_nothing_is_drawn_and_with_one_row_the_first_prediction() -> None:
    assert draw({}) == ()
    assert draw({"path": np.zeros((0, 2))}) == ()
    assert draw({"path": np.zeros((3, 5))}) == ()
    (only,) = draw({"path": RIGHT[:1]})
    assert "Training was not seen" in only.description
    assert "yours" not in only.svg


SHAPES = st.tuples(st.integers(0, 34), st.just(2))


@settings(deadline=None)  # other processes may have the processor
@given(hnp.arrays(float, SHAPES, elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_any_path_is_drawn(path: Array) -> None:
    drawn = draw({"path": path})
    assert len(drawn) == (3 if len(path) > 1 else len(path))
    for one in drawn:
        ElementTree.fromstring(one.svg)
        assert "nan" not in one.description


@pytest.mark.parametrize("factor", [-150.0, -1.02, 0.1, 1.0, 1e30])
def test_pictures_are_small_however_a_run_goes(factor: float) -> None:
    path = walked(lambda _, g: factor * g)
    data, *others = draw({"path": path})
    assert len(data.svg.encode()) < 40_000
    assert all(len(other.svg.encode()) < 10_000 for other in others)


def test_the_same_path_gives_the_same_pictures() -> None:
    one: tuple[Picture, ...] = draw({"path": RIGHT})
    assert one == draw({"path": RIGHT.copy()})
