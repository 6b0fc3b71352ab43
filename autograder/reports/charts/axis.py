"""Axes: the interval that each shows, and the ticks along it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

DRAWABLE = 1e150  # differences and products below this are finite


@dataclass(frozen=True)
class Axis:
    """The interval of numbers that an axis shows; `axis` makes one with valid ends."""

    label: str
    low: float
    high: float
    log: bool = False

    def share(self, values: Array) -> Array:
        """Return the positions of values along the axis: 0 at its low end, 1 at its high end."""
        if self.log:
            start, end = math.log10(self.low), math.log10(self.high)
            return (np.log10(values) - start) / (end - start)
        return (values - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Return about six round numbers on the axis, and how they are written."""
        return _decades(self.low, self.high) if self.log else _rounds(self.low, self.high)


def axis(label: str, values: ArrayLike, *, log: bool = False) -> Axis:
    """Return an axis from the smallest to the largest of the values that can be drawn."""
    numbers = np.asarray(values, float).ravel()
    numbers = numbers[np.isfinite(numbers) & (np.abs(numbers) < DRAWABLE)]
    if log:
        numbers = numbers[numbers > 1 / DRAWABLE]
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (1.0, 1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-100):  # no interval: make one around it
        low, high = (low / 10, low * 10) if log else (low - abs(low) - 1, high + abs(high) + 1)
    return Axis(label, low, high, log)


def _rounds(low: float, high: float) -> list[tuple[float, str]]:
    """Return multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(rough))
    spacing = next(n * power for n in (1, 2, 5, 10) if n * power >= 0.9 * rough)
    digits = max(0, -math.floor(math.log10(spacing) + 1e-9))
    counts = range(math.ceil(low / spacing - 1e-9), math.floor(high / spacing + 1e-9) + 1)
    fixed = digits < 6 and max(abs(low), abs(high)) < 1e6
    return [
        (value, (f"{value:.{digits}f}" if fixed else f"{value:.3g}").replace("-", "−"))
        for value in (n * spacing for n in counts)
    ]


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    """Return powers of ten."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    exponents = range(first, last + 1, max(1, math.ceil((last - first) / 6)))
    return [(10.0**n, f"{10.0**n:g}" if -4 < n < 4 else f"10{_raised(n)}") for n in exponents]


def _raised(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
