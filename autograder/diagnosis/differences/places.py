"""Describes what stands in another place: transposed, reversed, shifted, in another order."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from autograder.diagnosis.differences.evidence import (
    BITS,
    SAME,
    Numbers,
    axis_names,
    information,
    matches,
    near,
    orders,
    plural,
    symbols,
    telling,
)

MOST = 20_000  # numbers that are sorted


def by_place(received: Numbers, expected: Numbers, same: float = SAME) -> str:
    """Return a sentence about the order of an array, "" if there is nothing clear to say.

    Numbers are the same if they differ by less than `same` of them; labels if they are equal.
    """
    if received.size < 2:
        return ""
    moves = _moves(received, expected)
    found = {said for said, *arrays in moves if _is_moved(arrays, same)}
    if len(found) == 1:
        return found.pop()
    return _shuffled(received, expected, same) if received.size <= MOST else ""


def _moves(received: Numbers, expected: Numbers) -> Iterator[tuple[str, Numbers, Numbers, Numbers]]:
    """Yield sentences, each with what is received, what it is if that is true, and what it is not.

    What is shifted out of an array may have been replaced by anything.
    """
    for one, other in combinations(range(expected.ndim), 2):
        if expected.shape[one] == expected.shape[other]:
            axes = f"Its axes {one} and {other} are exchanged."
            said = "It is transposed." if expected.ndim == 2 else axes
            yield said, received, expected.swapaxes(one, other), expected
    for axis, name in axis_names(expected.ndim):
        items, length = plural(name), expected.shape[axis]
        yield f"Its {items} are in reverse order.", received, np.flip(expected, axis), expected
        if length > 2:
            got, right = (np.moveaxis(array, axis, 0) for array in (received, expected))
            said = f"Its {items} are shifted by one: what belongs in"
            yield f"{said} [0] is in [1].", got[1:], right[:-1], right[1:]
            yield f"{said} [1] is in [0].", got[:-1], right[1:], right[:-1]


def _is_moved(arrays: Sequence[Numbers], same: float) -> bool:
    received, moved, right = arrays
    return matches(received, moved, same) and telling(moved[~near(moved, right, same)])


def _shuffled(received: Numbers, expected: Numbers, same: float) -> str:
    """Return a sentence about what is right, but in another order."""
    for axis, name in axis_names(expected.ndim):
        one, other = (
            np.moveaxis(array, axis, 0).reshape(expected.shape[axis], -1)
            for array in (received, expected)
        )
        if _are_shuffled(one, other, same):
            return _in_words(one, other, plural(name))
    one, other = received.reshape(-1, 1), expected.reshape(-1, 1)
    return _in_words(one, other, "entries") if _are_shuffled(one, other, same) else ""


def _are_shuffled(received: Numbers, expected: Numbers, same: float) -> bool:
    """Say whether most rows are others, and all of them are right in another order."""
    wrong = ~near(received, expected, same)
    if wrong.any(axis=1).mean() <= 0.5:
        return False
    if not matches(_in_order(received), _in_order(expected), same):
        return False
    codes = symbols(expected)
    if len(np.unique(codes)) < codes.size:  # rows are like labels then
        return information(codes, expected) - orders(codes) >= BITS
    moved = expected[wrong].reshape(-1, 1)
    return information(symbols(moved), moved) - orders(codes) >= BITS


def _in_order(rows: Numbers) -> Numbers:
    return rows[np.lexsort(rows.T[::-1])]


def _in_words(received: Numbers, expected: Numbers, items: str) -> str:
    in_order = received.shape[1] == 1 and bool((np.diff(received[:, 0]) >= 0).all())
    return f"Its {items} are right, but {'sorted' if in_order else 'in another order'}."
