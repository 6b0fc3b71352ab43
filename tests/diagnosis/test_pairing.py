"""Which two mistakes may both be in a submission, by what each does alone."""

from __future__ import annotations

import pytest

from autograder.diagnosis.observations import Observation, Trace
from autograder.diagnosis.pairing import Share, plausible_pairs, possible_pairs, share


def numbers(*values: float | str) -> Trace:
    return tuple(Observation("number", value) for value in values)


REFERENCE = numbers(1, 2, 3)
SUBMISSION = numbers(1, 5)  # the test stopped there


@pytest.mark.parametrize(
    ("alone", "expected"),
    [
        (numbers(1, 2, 3), "right"),
        (numbers(1, 2, 9), "right"),
        (numbers(1, 5, 9), "alike"),
        (numbers(1, 6, 3), "same form"),
        (numbers(1, "6", 3), "other form"),
        (numbers(9, 5, 3), "too early"),
    ],
)
def test_a_mistake_has_a_share_in_the_first_wrong_answer(alone: Trace, expected: Share) -> None:
    assert share(SUBMISSION, alone, REFERENCE) == expected


def test_nobody_has_a_share_where_all_answers_are_right() -> None:
    assert share(numbers(1, 2), numbers(9), REFERENCE) == "right"


def test_what_explains_the_answer_comes_first_and_then_what_changes_it_twice() -> None:
    shares: list[Share] = ["same form", "right", "alike", "other form", "too early", "other form"]
    assert list(plausible_pairs(shares)) == [(1, 2), (0, 2), (0, 3), (0, 5), (2, 3), (2, 5)]
    assert list(plausible_pairs(["right", "same form", "right"])) == []


def test_a_pair_is_possible_only_if_it_may_lead_to_the_answer_and_not_to_an_earlier_one() -> None:
    shares: list[Share] = ["right", "too early", "same form", "other form", "right", "alike"]
    assert set(possible_pairs(shares)) == {(0, 2), (0, 5), (2, 3), (2, 4), (2, 5), (3, 5), (4, 5)}
    assert list(possible_pairs(["other form", "other form"])) == [(0, 1)]
