"""Points as whole numbers, for formats that know no others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def whole(number: float) -> int:
    """Return points rounded half up."""
    return int(Decimal(repr(round(number, 6))).to_integral_value(ROUND_HALF_UP))


def in_whole_points(scores: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return points earned and points possible as whole numbers whose sums are the rounded totals.

    The totals are rounded half up. Each part is rounded down, and what is then missing goes, a
    point each, to the parts that lost most by it, the first ones first. Points earned and points
    lost are shared out separately, so nobody has more than there are.

    Args:
        scores: for each part, points earned and points possible.
    """
    earned = [round(score, 6) for score, _ in scores]
    lost = [round(most - score, 6) for score, most in scores]
    total = whole(sum(earned))
    have = _shared(earned, total)
    lack = _shared(lost, whole(sum(most for _, most in scores)) - total)
    return [(score, score + more) for score, more in zip(have, lack, strict=True)]


def _shared(parts: Sequence[float], total: int) -> list[int]:
    """Return the parts as whole numbers that add up to a total, which is their rounded sum."""
    down = [math.floor(part) for part in parts]
    most_cut_first = sorted(range(len(parts)), key=lambda i: down[i] - parts[i])
    for index in most_cut_first[: total - sum(down)]:
        down[index] += 1
    return down
