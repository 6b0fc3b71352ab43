"""Digests agree where behavior is equal up to rounding, and tell nothing without the seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autograder.diagnosis.digests import digest
from autograder.diagnosis.observations import Kind, Observation


def of(*values: Any, kind: Kind = "numbers", seed: str = "secret", test: str = "test_it") -> str:
    return digest([Observation(kind, value) for value in values], seed, test)


def agree(one: str, other: str) -> bool:
    """Say whether two digests have a part in common."""
    return any(a == b for a, b in zip(one.split("-"), other.split("-"), strict=True))


VECTORS = arrays(
    np.float64,
    st.integers(1, 20),
    elements=st.floats(-1e6, 1e6).map(lambda number: float(np.float32(number))),
)


@settings(max_examples=50)
@given(VECTORS, st.integers(0, 1000))
def test_rounding_changes_no_more_than_some_parts(values: Any, seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-1e-6, 1e-6, values.shape)
    assert agree(of(values), of(values * (1 + noise)))


@settings(max_examples=50)
@given(VECTORS)
def test_other_numbers_have_another_digest(values: Any) -> None:
    other = values + 0.1 * (1 + np.abs(values).max())
    assert not agree(of(values), of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param((1.0, 2.0), (1.0,), id="it stopped earlier"),
        pytest.param((1.0,), (float("nan"),), id="not a number"),
        pytest.param((float("inf"),), (float("-inf"),), id="infinite in another direction"),
        pytest.param((np.zeros(3),), (np.zeros(4),), id="another size"),
        pytest.param((None,), (True,), id="no numbers"),
    ],
)
def test_what_is_no_rounding_is_told_apart(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert not agree(of(*one), of(*other))


def test_small_numbers_count_where_the_test_tells_them_apart() -> None:
    def small(number: float, atol: float) -> str:
        return digest([Observation("number", number, tolerance=(1e-4, atol))], "s", "t")

    assert agree(small(1e-9, 1e-5), small(2e-9, 1e-5))
    assert not agree(small(1e-9, 0.0), small(2e-9, 0.0))
    assert agree(small(0.0, 0.0), small(0.0, 0.0))


def test_an_exception_counts_by_its_cause() -> None:
    shapes = "mat1 and mat2 shapes cannot be multiplied (5x1 and 3x1)"
    raised = of(("RuntimeError", shapes), kind="raised")
    assert raised == of(("RuntimeError", shapes), kind="raised")
    assert not agree(raised, of(("NameError", "name 'x' is not defined"), kind="raised"))


def test_answers_count_only_where_nothing_else_was_judged() -> None:
    answers = [Observation("answers", [Observation("values", number)]) for number in (1.0, 2.0)]
    assert digest(answers[:1], "s", "t") != digest(answers[1:], "s", "t")
    judged = Observation("number", 5.0)
    assert digest([judged, answers[0]], "s", "t") == digest([judged, answers[1]], "s", "t")


def test_nothing_observed_has_no_digest() -> None:
    assert of() == ""
    assert digest([Observation("weak", 1.0)], "s", "t") == ""


def test_the_seed_and_the_test_are_part_of_it() -> None:
    assert not agree(of(75.0), of(75.0, seed="other"))
    assert not agree(of(75.0), of(75.0, test="test_other"))
