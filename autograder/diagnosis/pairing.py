"""Which two known mistakes may both be in a submission, told from what each does alone.

Where only one of two mistakes changes an answer, both together are taken to change it as that one
does; where both do, to an answer that has the form of one of theirs. So a pair that cancels out, or
in which one mistake hides the other, is left out.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal

from autograder.diagnosis.matching import first_wrong
from autograder.diagnosis.observations import Trace, judged, same

Share = Literal["right", "alike", "same form", "other form", "too early"]
"""What a mistake alone makes of the first wrong answer of a submission, or of one before it."""


def share(trace: Trace, alone: Trace, reference: Trace) -> Share:
    """Return what a mistake makes of the first wrong answer of a submission.

    Args:
        trace: what a failed test observed of the submission.
        alone: what it observes of the mistake, at least as far.
        reference: what it observes of the reference.
    """
    at, wrong = first_wrong(trace, reference), first_wrong(alone, reference)
    if wrong is None or at is None or wrong > at:
        return "right"
    if wrong < at:
        return "too early"
    ours, theirs = judged(trace)[at], judged(alone)[at]
    if same(ours, theirs):
        return "alike"
    return "same form" if ours.form == theirs.form else "other form"


def possible_pairs(shares: Sequence[Share]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of mistakes that may change the first wrong answer as a submission does.

    One of them does something to it, in the form that the answer has unless both give another, and
    neither changes an answer before it.

    Args:
        shares: those of all mistakes, the commonest first.
    """
    for i, j in sorted(combinations(range(len(shares)), 2), key=sum):
        both = {shares[i], shares[j]}
        if "too early" not in both and both not in ({"right"}, {"right", "other form"}):
            yield i, j


def plausible_pairs(shares: Sequence[Share]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of mistakes that may explain a failed test.

    First come those of which one explains it, then those in which both do something to it; of
    either the commonest.

    Args:
        shares: those of all mistakes, the commonest first.
    """
    pairs = sorted(combinations(range(len(shares)), 2), key=sum)
    explaining, both = {"right", "alike"}, {"alike", "same form", "other form"}
    for i, j in pairs:
        if {shares[i], shares[j]} == explaining:
            yield i, j
    for i, j in pairs:
        if {shares[i], shares[j]} <= both and not shares[i] == shares[j] == "other form":
            yield i, j
