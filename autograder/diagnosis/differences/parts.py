"""Describes which part of an array is wrong: one row, the diagonal, all after the first numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.differences.evidence import (
    Mask,
    Numbers,
    axis_names,
    item_name,
    plural,
    telling,
)
from autograder.diagnosis.differences.factors import factor_in_words

ALMOST_NONE = 0.01  # of all numbers: so few may be right by chance


def by_part(wrong: Mask, expected: Numbers, received: Numbers | None = None) -> str:
    """Return a sentence about which part of an array is wrong, "" if it has no form.

    If what is received is given, it is numbers: the sentence may say how that part differs.
    """
    said, part = next(_parts(wrong, expected), ("", wrong))
    if not said or received is None or not telling(expected[part]):
        return said
    how = factor_in_words(received[part], expected[part])
    return f"{said[:-1]}: {how[0].lower()}{how[1:]}" if how else said


def _parts(wrong: Mask, expected: Numbers) -> Iterator[tuple[str, Mask]]:
    """Yield sentences about which part is wrong, with that part, or with nothing of it.

    That only a part is right is told where this can be no chance.
    """
    count = int(wrong.sum())
    if not 0 < count < wrong.size:
        return
    if count == 1:
        yield f"Only {place(wrong)} is wrong.", wrong
    if wrong.ndim > 1:
        yield from _of_one_item(wrong)
    if wrong.ndim == 2 and len(wrong) > 2:
        yield from _of_diagonal(wrong)
    if telling(expected[~wrong]):
        yield from ((said, np.zeros_like(wrong)) for said in _right(wrong))


def _of_one_item(wrong: Mask) -> Iterator[tuple[str, Mask]]:
    for axis, name in axis_names(wrong.ndim):
        items = _any(wrong, axis)
        if len(items) > 1 and items.sum() == 1:
            part = np.zeros_like(wrong)
            np.moveaxis(part, axis, 0)[items] = True
            yield f"Only {item_name(name, int(items.argmax()))} is wrong.", part


def _of_diagonal(wrong: Mask) -> Iterator[tuple[str, Mask]]:
    diagonal = _diagonal(wrong)
    for where, part in (
        ("the diagonal", diagonal),
        ("what is below the diagonal", np.tril(~diagonal)),
        ("what is above the diagonal", np.triu(~diagonal)),
    ):
        if np.array_equal(wrong, part):
            yield f"Only {where} is wrong.", part


def _right(wrong: Mask) -> Iterator[str]:
    """Yield sentences about which part alone is right."""
    if wrong.ndim == 2 and len(wrong) > 2 and np.array_equal(~wrong, _diagonal(wrong)):
        yield "Only the diagonal is right."
    for axis, name in axis_names(wrong.ndim):
        items = _any(wrong, axis)
        right = len(items) - int(items.sum())
        if right == 1 and len(items) > 2:
            yield f"Only {item_name(name, int(items.argmin()))} is right."
        if not 2 <= right <= len(items) - 2:
            continue
        if not items[:right].any():
            yield f"The first {right} {plural(name)} are right, all later ones are wrong."
        if not items[-right:].any():
            yield f"The last {right} {plural(name)} are right, all before them are wrong."


def how_many(wrong: Mask, items: str) -> str:
    """Return how many entries are wrong, "" if (almost) all are or there are too few to say so."""
    count, size = int(wrong.sum()), wrong.size
    if not 0 < count < size or size < 3 or size - count < ALMOST_NONE * size:
        return ""
    verb = "is" if count == 1 else "are"
    return f"{count} of {size} {items} {verb} wrong, the others are right."


def missing_values(wrong: Mask, expected: NDArray[Any]) -> str:
    """Return a sentence about numbers that should be missing, or about how many are wrong."""
    if np.isnan(expected[wrong]).all():
        return "It holds numbers where values should be missing."
    return how_many(wrong, "numbers")


def not_finite(received: NDArray[Any], bad: Mask) -> str:
    """Return a sentence about where NaN or infinity begins, "" for a single number."""
    if bad.size < 2 or not bad.any():
        return ""
    kinds = np.isnan(received[bad])
    what = "NaN" if kinds.all() else "NaN or infinite" if kinds.any() else "infinite"
    if bad.all():
        return f"Every entry is {what}."
    for axis, name in axis_names(bad.ndim):
        items = _any(bad, axis)
        first = item_name(name, int(items.argmax()))
        if not np.moveaxis(bad, axis, 0)[items].all():
            continue
        if items.sum() == 1 and bad.ndim > 1:
            return f"Only {first} is {what}."
        if items[items.argmax() :].all() and items.sum() > 1:
            return f"From {first} on, all is {what}."
    if bad.sum() == 1:
        return f"Only {place(bad)} is {what}."
    return f"{int(bad.sum())} of {bad.size} entries are {what}, the first one at {place(bad)}."


def place(mask: Mask) -> str:
    """Return where the first marked entry is, as an index."""
    return str([int(index) for index in np.argwhere(mask)[0]])


def _any(mask: Mask, axis: int) -> Mask:
    """Say of each item of an axis whether something in it is marked."""
    return np.asarray(np.moveaxis(mask, axis, 0).reshape(mask.shape[axis], -1).any(axis=1))


def _diagonal(mask: Mask) -> Mask:
    return np.eye(*mask.shape).astype(np.bool_)
