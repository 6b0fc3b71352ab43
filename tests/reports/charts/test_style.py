"""Colours: what is drawn stands out from the paper, in light and in dark."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reports.charts.style import TINTS


@pytest.mark.parametrize("dark", [False, True])
def test_lines_and_words_stand_out_in_light_and_dark(dark: bool) -> None:
    paper = TINTS["paper"][dark]
    assert contrast(TINTS["text"][dark], paper) >= 7
    for name in ("main", "beside", "before", "mark", "frame"):
        assert contrast(TINTS[name][dark], paper) >= 3


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours as WCAG 2 defines it."""
    low, high = sorted(luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
