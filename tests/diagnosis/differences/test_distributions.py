"""What stands in place of probabilities is told, of numbers that are likely to be some."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.differences import difference

Array = NDArray[np.float64]
RNG = np.random.default_rng(4)
SCORES = RNG.normal(size=(8, 3))
CLASSES = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
SINGLE = RNG.uniform(0.05, 0.95, size=8)
TWO = np.stack([SINGLE, 1 - SINGLE], axis=1)


def softmax(scores: Array) -> Array:
    return np.asarray(np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize(
    ("received", "expected", "words"),
    [
        (SCORES, CLASSES, "It holds logits instead of probabilities."),
        (SCORES[0] + 3, CLASSES[0], "It holds logits instead of probabilities."),
        (np.log(SINGLE / (1 - SINGLE)), SINGLE, "It holds logits instead of probabilities."),
        (np.log(CLASSES), CLASSES, "It holds logarithms of probabilities."),
        (softmax(CLASSES), CLASSES, "It looks as if the softmax was applied twice."),
        (TWO[:, ::-1], TWO, "It holds the probabilities of the other class."),
        (1 - SINGLE, SINGLE, "It is 1 minus what it should be, like the probability of the other class."),
        (np.eye(3)[CLASSES.argmax(axis=1)], CLASSES, "It holds labels instead of probabilities."),
        ((SINGLE > 0.5).astype(float), SINGLE, "It holds 0 and 1, and nothing between them."),
        (CLASSES / CLASSES.sum(axis=0), CLASSES, "Its columns add up to 1 instead of its rows."),
        (CLASSES / CLASSES.sum(), CLASSES, "All of it adds up to 1, instead of each row."),
        (np.exp(SCORES) / 40, CLASSES, "Its rows do not add up to 1."),
        (RNG.uniform(0, 0.2, 3), CLASSES[0], "It does not add up to 1."),
        (SCORES.T.reshape(8, 3), CLASSES, "Some numbers are below 0 or above 1, which no probability is."),
    ],
)  # fmt: skip
def test_what_stands_instead_of_probabilities_is_told(
    received: Array, expected: Array, words: str
) -> None:
    assert difference(received, expected) == words


def test_other_wrong_probabilities_are_not_explained() -> None:
    assert difference(RNG.permutation(softmax(2 * SCORES)), CLASSES) == ""
    assert difference(RNG.uniform(size=8), SINGLE) == ""


@pytest.mark.parametrize("expected", [np.eye(3), np.array([0.9, 0.1]), np.array([0.25, 0.5, 0.25])])
def test_round_numbers_and_labels_are_no_probabilities(expected: Array) -> None:
    said = difference(RNG.uniform(2, 3, size=expected.shape), expected)
    assert "add up" not in said
    assert "probabilit" not in said


def test_an_accuracy_is_no_probability_of_a_class() -> None:
    said = difference(np.array(1 - 0.83712), np.array(0.83712))
    assert said == "It is 1 minus what it should be."
    assert difference(np.array(0.1), np.array(0.9)) == ""
