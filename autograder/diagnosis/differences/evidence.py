"""Says whether two arrays agree, and whether they could agree by chance."""

from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.observations import ATOL

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

SAME = 1e-4  # of a number: closer than this, another one is the same
NOISE = 1e-6  # of the largest number: what rounding may leave of a zero
ROUND = 1e-3  # what is a multiple of this may be anybody's number
MANY = 1000  # numbers that are looked at to say what they tell
BITS = 8  # of information in a number that is not round, and in what agrees by no chance


def near(received: Numbers, candidate: Numbers, same: float = SAME) -> Mask:
    """Say of each number whether it is the candidate's, up to rounding."""
    return np.asarray(np.abs(received - candidate) <= rounding(candidate, same))


def rounding(numbers: Numbers, same: float = SAME) -> Numbers:
    """Return how far from each number another one is still the same."""
    return np.asarray(same * np.abs(numbers) + _noise(numbers))


def _noise(numbers: Numbers) -> float:
    return min(NOISE * float(np.abs(numbers).max(initial=0.0)), ATOL)


def matches(received: Numbers, candidate: Numbers, same: float = SAME) -> bool:
    """Say whether all numbers are the candidate's; arrays of other shapes never match."""
    if received.shape != candidate.shape:
        return False
    if received.ndim and received.size:  # most candidates end here
        first, noise = candidate[:1], _noise(candidate)
        if not (np.abs(received[:1] - first) <= same * np.abs(first) + noise).all():
            return False
    return bool(np.isfinite(candidate).all() and near(received, candidate, same).all())


@np.errstate(all="ignore")
def telling(numbers: Numbers) -> bool:
    """Say whether it can be no chance that others agree with all of these numbers.

    Round numbers, such as labels and counts, tell little: it takes many different ones.
    """
    if not numbers.size:
        return False
    numbers = numbers.ravel()[:: -(-numbers.size // MANY)]
    codes = symbols(numbers.reshape(-1, 1))
    all_differ = bool((codes == np.arange(codes.size)).all())
    return information(codes, numbers) >= (BITS if all_differ else 2 * BITS)


def symbols(rows: Numbers) -> NDArray[np.int64]:
    """Return for each row the index of the first row that is the same."""
    scale = np.abs(rows).max(initial=0.0)
    whole = np.rint(rows / (SAME * scale)) if scale else rows
    whole = whole[:, 0] if whole.shape[1] == 1 else whole  # much faster
    _, first, codes = np.unique(whole, axis=0, return_index=True, return_inverse=True)
    return np.asarray(first[codes.reshape(-1)])


def information(codes: NDArray[np.int64], numbers: Numbers) -> float:
    """Return the information in bits that is in a series of symbols and in their numbers."""
    counts = np.unique(codes, return_counts=True)[1]
    in_order = float((counts * np.log2(codes.size / counts)).sum())
    first = np.unique(codes)
    return in_order + BITS * int((~is_round(numbers.reshape(codes.size, -1)[first])).sum())


def orders(codes: NDArray[np.int64]) -> float:
    """Return in how many different orders symbols can be, as the logarithm to base 2."""
    counts = np.unique(codes, return_counts=True)[1]
    return (lgamma(codes.size + 1) - sum(lgamma(count + 1) for count in counts)) / log(2)


def is_round(numbers: Numbers) -> Mask:
    """Say of each number whether it has at most three decimals."""
    parts = numbers / ROUND
    return np.asarray(np.abs(parts - np.rint(parts)) <= SAME + NOISE / 10 * np.abs(parts))


def is_constant(numbers: Numbers) -> bool:
    """Say whether all numbers are the same, up to rounding."""
    return bool(np.ptp(numbers) <= SAME * np.abs(numbers).max()) if numbers.size else True


def axis_names(dimensions: int) -> list[tuple[int, str]]:
    """Return each axis of an array and what one of its items is called."""
    if dimensions == 1:
        return [(0, "entry")]
    if dimensions == 2:
        return [(0, "row"), (1, "column")]
    return [(axis, f"entry along axis {axis}") for axis in range(dimensions)]


def item_name(name: str, index: int) -> str:
    """Return what one item of an axis is called."""
    return name.replace("entry", f"[{index}]") if "entry" in name else f"{name} [{index}]"


def plural(name: str) -> str:
    """Return the plural of what an item of an axis is called."""
    return name.replace("entry", "entries", 1) if "entry" in name else f"{name}s"
