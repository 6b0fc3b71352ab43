"""What is said about a difference is plain, true, and reveals none of the numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from autograder.diagnosis.differences import FACTORS, difference

Array = NDArray[np.float64]

SHAPES = hnp.array_shapes(min_dims=0, max_dims=2, max_side=5)
ANYTHING = st.floats(width=64)
NUMBERS = st.integers(-50, 50).map(float)


@st.composite
def two_alike(draw: st.DrawFn, elements: st.SearchStrategy[float]) -> tuple[Array, Array]:
    shape = draw(st.one_of(SHAPES, st.sampled_from([(0,), (0, 3)])))
    arrays = hnp.arrays(np.float64, shape, elements=elements)
    return draw(arrays), draw(arrays)


@given(two_alike(ANYTHING), st.booleans())
@settings(max_examples=300)
def test_it_never_raises_and_says_at_most_one_sentence(
    pair: tuple[Array, Array], moved: bool
) -> None:
    said = difference(*pair, moved=moved)
    assert re.fullmatch(r"([A-Z1-9][^.]*\.)?", said)


@given(two_alike(ANYTHING), st.booleans())
@example((np.array([2.0]), np.array([1.0])), False)
def test_its_only_digits_count_the_numbers(pair: tuple[Array, Array], moved: bool) -> None:
    said = difference(*pair, moved=moved)
    found = re.fullmatch(r"(\d+) of (\d+) numbers (?:is|are) wrong, the others are right\.", said)
    if found is None:
        assert not re.search(r"\d", said)
    else:
        assert 0 < int(found[1]) < int(found[2]) == pair[0].size


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
def test_of_what_is_not_finite_nothing_is_said(
    bad: float, pair: tuple[Array, Array], moved: bool, received_is_bad: bool
) -> None:
    assume(pair[0].size)
    pair[1 - received_is_bad].flat[0] = bad
    assert difference(*pair, moved=moved) == ""


@pytest.mark.parametrize(("factor", "words"), FACTORS.items())
@pytest.mark.parametrize("sign", [1, -1])
def test_a_common_factor_is_named(factor: float, words: str, sign: int) -> None:
    expected = np.array([[1.0, -2.5], [40.0, 0.0]])
    said, moved = (difference(sign * factor * expected, expected, moved=m) for m in (False, True))
    opposite = ("", "") if sign > 0 else (", with the opposite sign", ", in the opposite direction")
    assert said == f"It is {words} as large as it should be{opposite[0]}."
    assert moved == f"It moved {words} as far as it should be{opposite[1]}."


@pytest.mark.parametrize("factor", [0.9, 1.5, 7.0, -1.7, 1500.0])
def test_another_factor_is_not_told(factor: float) -> None:
    said = difference(factor * np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert said == ""


def test_the_opposite_sign_zero_and_standing_still_are_named() -> None:
    expected = np.array([1.0, -2.0])
    assert difference(-expected, expected) == "It has the opposite sign."
    assert difference(-expected, expected, moved=True) == "It moved in the opposite direction."
    assert difference(0 * expected, expected) == "It is zero."
    assert difference(0 * expected, expected, moved=True) == "It did not move at all."


def test_an_offset_and_single_wrong_numbers_are_named() -> None:
    expected = np.array([1.0, -2.0, 5.0])
    assert difference(expected + 3, expected) == "It is off by the same amount everywhere."
    one_wrong = expected + np.array([0.0, 0.5, 0.0])
    assert difference(one_wrong, expected) == "1 of 3 numbers is wrong, the others are right."


def test_of_what_cannot_be_said_plainly_nothing_is_said() -> None:
    assert difference(np.array([1.0, 2.0, 3.0]), np.array([4.0, -1.0, 0.5])) == ""
    assert difference(np.array([]), np.array([])) == ""
