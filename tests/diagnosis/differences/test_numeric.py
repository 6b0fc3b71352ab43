"""What is said about numbers is plain, true, told by no chance, and reveals none of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from autograder.diagnosis.differences import difference

Array = NDArray[np.float64]

SHAPES = hnp.array_shapes(min_dims=0, max_dims=2, max_side=5)
ANYTHING = st.floats(width=64)
NUMBERS = st.integers(-50, 50).map(float)
FEW = st.sampled_from([0.0, 1.0, 2.0, 0.5, -1.0, 0.337, 0.663, 1.7321])
COUNTS = re.compile(
    r"\[[\d, ]+\]|\d+ of \d+|(first|last) \d+|axes \d and \d|axis \d|1 minus|1 divided"
)
FIXED = re.compile(r"add(s)? up to 1|0 (wherever|or above 1|and 1)")


@st.composite
def two_alike(draw: st.DrawFn, elements: st.SearchStrategy[float]) -> tuple[Array, Array]:
    shape = draw(st.one_of(SHAPES, st.sampled_from([(0,), (0, 3)])))
    arrays = hnp.arrays(np.float64, shape, elements=elements)
    return draw(arrays), draw(arrays)


@given(two_alike(ANYTHING), st.booleans())
@settings(max_examples=70)
def test_it_never_raises_and_says_at_most_one_sentence(
    pair: tuple[Array, Array], moved: bool
) -> None:
    said = difference(*pair, moved=moved)
    assert re.fullmatch(r"([A-Z1-9][^.]*\.)?", said)


@given(two_alike(ANYTHING), st.booleans())
@example((np.array([2.0]), np.array([1.0])), False)
def test_its_only_digits_are_counts_and_places(pair: tuple[Array, Array], moved: bool) -> None:
    said = difference(*pair, moved=moved)
    assert not re.search(r"\d", FIXED.sub("", COUNTS.sub("", said)))


@given(two_alike(NUMBERS), st.booleans(), st.integers(1, 12))
def test_the_sentence_is_the_same_whatever_the_scale_of_the_numbers(
    pair: tuple[Array, Array], moved: bool, power: int
) -> None:
    received, expected = pair
    assume(not np.array_equal(received, expected))
    scale = 2.0**power
    said = {difference(k * received, k * expected, moved=moved) for k in (1.0, scale)}
    assert len(said) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@given(two_alike(NUMBERS), st.booleans(), st.booleans())
@settings(max_examples=30)
def test_of_what_is_not_finite_nothing_is_said(
    bad: float, pair: tuple[Array, Array], moved: bool, received_is_bad: bool
) -> None:
    assume(pair[0].size)
    pair[1 - received_is_bad].flat[0] = bad
    assert difference(*pair, moved=moved) == ""


def one_class_wrong(r: Array, e: Array) -> bool:
    return len({*e[r != e]}) == 1


TRUE: dict[str, Callable[[Array, Array], Any]] = {
    "It is zero.": lambda r, _: not r.any(),
    "It has the opposite sign.": lambda r, e: np.allclose(r, -e, rtol=1e-3),
    "It is off by the same amount everywhere.": lambda r, e: np.ptp(r - e) < 1e-3,
    "It is the square of what it should be.": lambda r, e: np.allclose(r, e**2, rtol=1e-3),
    "It is transposed.": lambda r, e: np.allclose(r, e.T),
    "Its entries are in reverse order.": lambda r, e: np.allclose(r, e[::-1]),
    "Its rows are in reverse order.": lambda r, e: np.allclose(r, e[::-1]),
    "Its columns are in reverse order.": lambda r, e: np.allclose(r, e[:, ::-1]),
    "Its entries are right, but in another order.": lambda r, e: np.allclose(
        np.sort(r, None), np.sort(e, None)
    ),
    "It is the absolute value of what it should be.": lambda r, e: np.allclose(r, abs(e)),
    "All its entries are the same.": lambda r, _: np.ptp(r) == 0,
    "Only the diagonal is wrong.": lambda r, e: np.array_equal(r != e, np.eye(*r.shape) == 1),
    "Only entries of one label are wrong.": one_class_wrong,
}
CHANGES: tuple[Callable[[Array], Array], ...] = (
    lambda e: -e,
    lambda e: e + 1.5,
    np.square,
    np.abs,
    np.transpose,
    lambda e: e[::-1],
    lambda e: e[..., ::-1],
    lambda e: np.roll(e, 1),
    lambda e: np.sort(e, None).reshape(e.shape),
    lambda e: np.where(e == e.flat[0], e.flat[-1], e),
    np.zeros_like,
)


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=5), elements=FEW),
    st.sampled_from(CHANGES),
    st.integers(0, 25),
)
@example(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), CHANGES[-2], 0)  # no square
@settings(max_examples=120)
def test_what_is_said_is_true(
    expected: Array, change: Callable[[Array], Array], spoilt: int
) -> None:
    received = np.array(change(expected))
    assume(received.shape == expected.shape and received.size)
    if spoilt < received.size:  # so that the change does not hold everywhere
        received.flat[spoilt] += 0.25
    said = difference(received, expected)
    assert said not in TRUE or TRUE[said](received, expected), said


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.integers(0, rng.integers(2, 5), n),
        lambda rng, n: rng.integers(-9, 10, n),
        lambda rng, n: rng.integers(0, 11, n) / 10,
        lambda rng, n: rng.integers(-2, 3, (n, 3)),
        lambda rng, n: rng.integers(-2, 3, (3, 3)),
        lambda rng, n: rng.integers(0, 2, (n, 2)) * 0.731,
    ],
)
def test_chance_is_not_explained(draw: Callable[[np.random.Generator, int], Array]) -> None:
    rng = np.random.default_rng(7)
    known = re.compile(
        r"\d+ of \d+ numbers .*|Only .* is wrong\.|All its (numbers|entries) are the same\.|"
        r"It is zero\.|It is .* as large as it should be.*|It has the opposite sign\."
    )
    told = set()
    for size in rng.integers(2, 12, 60):
        said = difference(draw(rng, size).astype(float), draw(rng, size).astype(float))
        told |= {said} if said and not known.fullmatch(said) else set()
    assert not told


@pytest.mark.parametrize("expected", [np.zeros(5), np.ones((3, 3)), np.array([2.0, 2.0])])
def test_of_equal_numbers_neither_order_nor_form_is_told(expected: Array) -> None:
    rng = np.random.default_rng(3)
    assert difference(rng.normal(size=expected.shape), expected) == ""


def test_single_wrong_numbers_are_named() -> None:
    expected = np.array([1.0, -2.0, 5.0])
    one_wrong = expected + np.array([0.0, 0.5, 0.0])
    assert difference(one_wrong, expected) == "Only [1] is wrong."
    two_wrong = expected + np.array([0.1, 0.0, 0.7])
    assert difference(two_wrong, expected) == "2 of 3 numbers are wrong, the others are right."


def test_a_number_counts_as_wrong_by_the_tolerance_of_the_test() -> None:
    expected = np.array([1.7, -2.6, 5.2])
    received = expected + np.array([0.004, 0.7, 0.004])
    assert difference(received, expected) == ""
    assert difference(received, expected, atol=0.01) == "Only [1] is wrong."


def test_two_explanations_are_none() -> None:
    expected = np.array([-0.73, -0.21, 0.0, 0.21, 0.73])
    assert difference(-expected, expected) == "4 of 5 numbers are wrong, the others are right."


def test_what_is_almost_right_is_told() -> None:
    expected = np.array([0.33701, 12.61232, -4.07117])
    said = "It is almost right, but not within the tolerance."
    assert difference(expected * [1.0005, 0.9996, 1.0007], expected) == said
    assert difference(expected * (1 + 1e-9), expected, rtol=0.0, atol=0.0) == said
    assert difference(expected[:2] * 1.0005, expected[:2]) == ""
    assert difference(expected * [1.01, 0.99, 1.02], expected) == ""
    assert difference(np.array([100.0, 201.0, 305.0]), np.array([101.0, 202.0, 304.0])) == ""


def test_of_what_cannot_be_said_plainly_nothing_is_said() -> None:
    assert difference(np.array([1.0, 2.0, 3.0]), np.array([4.0, -1.0, 0.5])) == ""
    assert difference(np.array([]), np.array([])) == ""


def test_of_a_large_array_only_what_is_cheap_to_find_is_told() -> None:
    expected = np.random.default_rng(0).normal(size=20_001)
    assert difference(np.sort(expected), expected) == ""
    assert difference(expected[::-1], expected) == "Its entries are in reverse order."
    assert difference(-expected, expected) == "It has the opposite sign."
    received = np.where(expected > 0, expected, 3)
    assert re.match(r"\d+ of 20001 numbers are wrong, ", difference(received, expected))
