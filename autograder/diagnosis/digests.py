"""Digests of what a test observed, by which equal behavior is found without the observations.

A record keeps no answers: they are long, and follow from hidden inputs. Its digest is keyed with
the seed, so that nobody without it can try out answers. Numbers that differ by rounding give
digests that agree: all of them together are two numbers, and each is looked up in two grids, so
that where it is near the edge of a cell in one, it is in the middle of a cell in the other.
"""

import hashlib
import math
from collections.abc import Hashable, Sequence
from itertools import product

import numpy as np

from autograder.diagnosis.observations import Array, Observation, judged

WIDTH = 2e-3  # of a cell; rounding changes the number by a hundredth of it
ROUNDINGS = 100.0  # numbers of fewer roundings than that count for little: they may be rounding
MOST = 1 << 16  # elements of an answer that are looked at
BYTES = 4  # of the digest for each pair of grids


def digest(trace: Sequence[Observation], seed: str, test: str) -> str:
    """Return a digest of what a test observed, "" if it observed nothing.

    Two digests agree if they have one of their four parts in common.

    Args:
        trace: what the test observed, up to where it failed.
        seed: the seed of the hidden inputs.
        test: the name of the test.
    """
    seen = judged(trace) or _answers(trace)
    if not seen:
        return ""
    key = hashlib.sha256(f"{seed}/{test}".encode()).digest()
    draws = np.random.Generator(np.random.Philox(key=np.frombuffer(key[:16], "<u8")))
    exact, numbers = [_exact(one) for one in seen], np.zeros(2)
    for one in seen:
        numbers += _projection(_numbers(one), ROUNDINGS * one.rounding, draws)
    corners = [
        (first, second, *np.floor(numbers / WIDTH + (first, second)).astype(int).tolist())
        for first, second in product((0.0, 0.5), repeat=2)
    ]
    start = hashlib.blake2b(f"({exact!r}, ".encode(), digest_size=BYTES, key=key)
    return "-".join(_ended(start, f"{corner!r})") for corner in corners)


def _ended(start: hashlib.blake2b, end: str) -> str:
    """Return the digest of a text of which only the end has not been hashed yet."""
    whole = start.copy()
    whole.update(end.encode())
    return whole.hexdigest()


def _answers(trace: Sequence[Observation]) -> Sequence[Observation]:
    """Return all answers of a test that judged none by itself."""
    return next((seen.value for seen in trace if seen.kind == "answers"), ())


def _exact(seen: Observation) -> Hashable:
    """Return what must agree exactly: all but the numbers."""
    kind = seen.judged[0]
    if kind == "raised":
        return seen.cause
    if kind == "at least":  # how good something is also depends on choices that are free
        return seen.is_reached
    if kind in ("form", "unknown"):
        return kind
    numbers = _numbers(seen)
    holes = np.flatnonzero(~np.isfinite(numbers)).tolist()
    form = seen.form if isinstance(seen.form, str) else seen.form[0]
    return form, numbers.size, tuple((n, str(numbers[n])) for n in holes)


def _numbers(seen: Observation) -> Array:
    """Return the numbers of an answer, flat."""
    if seen.judged[0] in ("raised", "at least", "form", "unknown"):
        return np.zeros(0)
    return seen.first(MOST)


def _projection(numbers: Array, tiny: float, draws: np.random.Generator) -> Array:
    """Return two numbers for many: their direction and their length, in secret mixtures.

    Rounding changes them by as much as it changes the many, relative to their length. Numbers
    below `tiny` hardly change them.
    """
    if not numbers.size:
        return np.zeros(2)
    weights, mixture = draws.standard_normal((2, numbers.size)), draws.standard_normal(2)
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    largest = float(np.abs(finite).max()) or 1.0  # squares of it may overflow
    tiny = max(tiny, np.finfo(np.float64).tiny)
    length = largest * math.sqrt(float(np.square(finite / largest).mean()))
    direction = weights @ (finite / (length + tiny)) / math.sqrt(numbers.size)
    mixed: Array = mixture * math.log(length + tiny) + direction
    return mixed
