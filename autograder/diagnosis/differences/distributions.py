"""Describes what is wrong with probabilities: their sum, their class, logits in their place."""

import numpy as np

from autograder.diagnosis.differences.evidence import SAME, Numbers, matches, telling


def instead_of_probabilities(received: Numbers, expected: Numbers) -> str:
    """Return what an array holds instead of probabilities, "" if that is not clear.

    Numbers between 0 and 1 need not be probabilities.
    """
    if not _are_probabilities(expected):
        return ""
    of_classes = are_distributions(expected)
    same = SAME if expected.size > 1 else SAME / 10
    ways = [
        ("It holds logarithms of probabilities.", np.exp(received), expected),
        ("It holds logits instead of probabilities.", _of_scores(received, of_classes), expected),
    ]
    if of_classes:
        twice = _of_scores(expected, of_classes)
        ways += [("It looks as if the softmax was applied twice.", received, twice)]
        if expected.ndim == 2 and expected.shape[1] == 2:
            said = "It holds the probabilities of the other class."
            ways += [(said, received, expected[:, ::-1])]
        if expected.ndim == 2 and len(expected) > 1:
            labels = np.eye(expected.shape[1])[expected.argmax(axis=1)]
            ways += [("It holds labels instead of probabilities.", received, labels)]
    elif expected.size > 1:
        said = "It is 1 minus what it should be, like the probability of the other class."
        ways += [(said, received, 1 - expected)]
        whole = (expected >= 0.5).astype(float)
        if min((whole == 0).sum(), whole.sum()) > 1:
            ways += [("It holds 0 and 1, and nothing between them.", received, whole)]
    found = (said for said, one, other in ways if matches(one, other, same))
    other = _along_another_axis(received) if of_classes and expected.ndim > 1 else ""
    return next(found, other)


def _along_another_axis(received: Numbers) -> str:
    """Return what adds up to 1 where each row should."""
    if len(received) < 2 or received.min() < 0 or are_distributions(received):
        return ""
    if matches(received.sum(axis=0), np.ones(received.shape[1:])):
        return "Its columns add up to 1 instead of its rows."
    if matches(np.atleast_1d(received.sum()), np.ones(1)):
        return "All of it adds up to 1, instead of each row."
    return ""


def sums_of_probabilities(received: Numbers, expected: Numbers) -> str:
    """Return what is wrong with the sums of what should be probabilities of classes."""
    if not (_are_probabilities(expected) and are_distributions(expected)):
        return ""
    if received.min() < 0 or received.max() > 1 + SAME:
        return "Some numbers are below 0 or above 1, which no probability is."
    if are_distributions(received):
        return ""
    return "It does not add up to 1." if expected.ndim == 1 else "Its rows do not add up to 1."


def _are_probabilities(numbers: Numbers) -> bool:
    """Say whether all numbers may be probabilities, and some are neither 0 nor 1."""
    if not numbers.size or numbers.min() < 0 or numbers.max() > 1:
        return False
    return telling(numbers[(numbers > 0) & (numbers < 1)])


def are_distributions(numbers: Numbers) -> bool:
    """Say whether an array, or each of its rows, adds up to 1."""
    if not numbers.ndim or numbers.shape[-1] < 2:
        return False
    sums = numbers.sum(axis=-1)
    return matches(sums, np.ones(sums.shape))


def _of_scores(scores: Numbers, of_classes: bool) -> Numbers:
    """Return the probabilities of scores, by rows, or of each by itself."""
    if not of_classes:
        return np.asarray(1 / (1 + np.exp(-scores)))
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
