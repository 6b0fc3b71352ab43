"""Describes how labels differ: exchanged, all the same, of one class, in another writing."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.differences.evidence import BITS, Mask
from autograder.diagnosis.differences.parts import by_part, how_many
from autograder.diagnosis.differences.places import by_place
from autograder.diagnosis.differences.texts import in_writing

Codes = NDArray[np.int64]
PLAIN = (str, bytes, int, float, date, timedelta, type(None))
FEW = 6  # labels may all be the same by chance
MOST = 20_000  # labels that are looked at


def label_difference(received: NDArray[Any], expected: NDArray[Any], wrong: Mask) -> str:
    """Return a sentence about how labels differ, of arrays of the same shape."""
    one, other = received.ravel().tolist(), expected.ravel().tolist()
    same_unit = expected.dtype.kind not in "mM" or received.dtype == expected.dtype
    known = same_unit and all(isinstance(label, PLAIN) for label in (*one, *other))
    if not known or not 1 < wrong.size <= MOST:
        return how_many(wrong, "entries")
    got, right = (codes.reshape(wrong.shape) for codes in _codes(one, other))
    return (
        _missing(received[wrong].tolist(), expected[wrong].tolist())
        or _writing(one, other)
        or by_place(got.astype(float), right.astype(float), same=0.0)
        or of_labels(got, right, wrong)
        or by_part(wrong, right.astype(float))
        or how_many(wrong, "entries")
    )


def _missing(received: Sequence[Any], expected: Sequence[Any]) -> str:
    """Return a sentence about wrong labels, if all of them should be missing or are."""
    if all(label is None for label in expected):
        return "It holds values where they should be missing."
    if all(label is None for label in received):
        return "Values are missing in it, and the others are right."
    return ""


def _writing(received: Sequence[Any], expected: Sequence[Any]) -> str:
    """Return a sentence about the writing of labels, if nothing else is wrong."""
    wrong = [pair for pair in zip(received, expected, strict=True) if pair[0] != pair[1]]
    if all(isinstance(label, str) for pair in wrong for label in pair):
        ways = {in_writing(*pair) for pair in wrong}
        return f"They differ in {ways.pop()} only." if len(ways) == 1 and "" not in ways else ""
    if None not in (*received, *expected) and all(str(one) == str(other) for one, other in wrong):
        return "They are right, but for their type: for example, numbers are written as text."
    return ""


def _codes(received: Sequence[Any], expected: Sequence[Any]) -> tuple[Codes, Codes]:
    """Return labels as numbers, in alphabetical order."""
    one, other = (
        ["NaN" if isinstance(label, float) and math.isnan(label) else label for label in labels]
        for labels in (received, expected)
    )
    labels = sorted({*one, *other}, key=lambda label: (type(label).__name__, str(label)))
    code = {label: index for index, label in enumerate(labels)}
    first, second = (np.array([code[label] for label in labels]) for labels in (one, other))
    return first, second


def of_labels(received: Codes, expected: Codes, wrong: Mask) -> str:
    """Return a sentence about labels, given as whole numbers, "" if there is nothing clear."""
    got, wanted = np.unique(received), np.unique(expected)
    if received.size >= FEW and len(got) == 1 < len(wanted):
        return "All its entries are the same."
    if 1 < len(wanted) <= received.size / 3:
        return _of_groups(received, expected) or _of_one_label(received, expected, wrong)
    return ""


def _of_groups(received: Codes, expected: Codes) -> str:
    """Return a sentence about labels of which each stands for one other."""
    got, wanted = np.unique(received), np.unique(expected)
    pairs = np.unique(np.stack([received.ravel(), expected.ravel()]), axis=1)
    count = len(wanted)
    if not pairs.shape[1] == len(got) == count:
        return ""
    if (received.size - count) * math.log2(count) < BITS:  # by chance
        return ""
    if np.array_equal(got, wanted) and (pairs[0] != pairs[1]).sum() == 2:
        return f"{'The two' if count == 2 else 'Two'} labels are exchanged with each other."
    return "The groups are right, but they have other labels."


def _of_one_label(received: Codes, expected: Codes, wrong: Mask) -> str:
    """Return a sentence about the only label whose entries are wrong."""
    labels, counts = np.unique(expected[wrong], return_counts=True)
    share = (expected == labels[0]).mean()
    if len(labels) != 1 or counts[0] < 3 or -counts[0] * math.log2(share) < BITS:
        return ""
    never = not (received == labels[0]).any()
    return f"Only entries of one label are wrong{': it never occurs' * never}."
