"""Intervals that say how sure a number can be for so few: 95 percent confidence."""

import math

Interval = tuple[float, float]

Z = 1.959963984540054  # of the normal distribution, 97.5 percent lie below it
CERTAIN = 1 - 1e-12  # a correlation above it is perfect up to rounding


def wilson(count: int, total: int) -> Interval:
    """Return the interval of a proportion, after Wilson (1927).

    With p = count / n it is (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n).
    """
    if not total:
        return 0.0, 1.0
    p, spread = count / total, Z * Z / total
    middle = p + spread / 2
    half = Z * math.sqrt(p * (1 - p) / total + spread / (4 * total))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def newcombe(first: tuple[int, int], second: tuple[int, int]) -> Interval:
    """Return the interval of the difference p₂ - p₁ of two proportions, each (count, total).

    It is the hybrid score interval, method 10 of Newcombe (1998): with Wilson's limits l and u of
    each, from d - √((p₂ - l₂)² + (u₁ - p₁)²) to d + √((u₂ - p₂)² + (p₁ - l₁)²).
    """
    if not first[1] or not second[1]:
        return -1.0, 1.0
    p, q = first[0] / first[1], second[0] / second[1]
    (p_low, p_high), (q_low, q_high) = wilson(*first), wilson(*second)
    return (
        q - p - math.hypot(q - q_low, p_high - p),
        q - p + math.hypot(q_high - q, p - p_low),
    )


def fisher(correlation: float, total: int) -> Interval | None:
    """Return the interval of a correlation of so many pairs, by Fisher's z; None below 4 pairs.

    artanh r is about normal with the standard deviation 1 / √(n - 3).
    """
    if total < 4:
        return None
    if abs(correlation) > CERTAIN:
        return correlation, correlation
    middle, half = math.atanh(correlation), Z / math.sqrt(total - 3)
    return math.tanh(middle - half), math.tanh(middle + half)
