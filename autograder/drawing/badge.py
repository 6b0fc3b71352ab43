"""A badge: a label, a value and a colour, as SVG for a README.

It needs no font, style sheet or service: words are stretched to the width that they are given.
It carries its own backgrounds, so that it reads the same on light and on dark.
"""

from __future__ import annotations

from autograder.drawing.pieces import escaped

__all__ = ["badge"]

LABEL = "#3d444d"
WHOLE, PART, NONE = "#1a7f37", "#8a4b00", "#5c6670"  # white is read well on each of them
HEIGHT, MARGIN, LETTER = 20, 7, 6.6
NARROW, WIDE = "fijlrtI1.,:;'!|/() ", "mwMW@%"


def badge(label: str, value: str, share: float | None) -> str:
    """Return a badge as SVG.

    Args:
        label: what it is about.
        value: how it stands.
        share: how much of the whole that is, from 0 to 1: for the colour; None if unknown.
    """
    left, right = _width(label), _width(value)
    name = escaped(f"{label}: {value}")
    total = left + right + 4 * MARGIN
    middle = left + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total:g}" height="{HEIGHT}" role="img" '
        f'aria-label="{name}"><title>{name}</title>'
        f'<clipPath id="edge"><rect width="{total:g}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#edge)"><path fill="{LABEL}" d="M0 0h{middle:g}v{HEIGHT}H0z"/>'
        f'<path fill="{_colour(share)}" d="M{middle:g} 0H{total:g}v{HEIGHT}H{middle:g}z"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{_words(MARGIN, left, label)}{_words(middle + MARGIN, right, value)}</g></svg>\n"
    )


def _colour(share: float | None) -> str:
    if share is None or not share > 0:
        return NONE
    return WHOLE if share >= 1 else PART


def _width(text: str) -> float:
    """Return about how wide a text is; it is drawn exactly so wide."""
    return round(sum(map(_letter, text)), 1)


def _letter(character: str) -> float:
    if character in NARROW:
        return 0.62 * LETTER
    if character in WIDE:
        return 1.5 * LETTER
    return 1.75 * LETTER if ord(character) > 0x2E80 else LETTER


def _words(x: float, width: float, text: str) -> str:
    return f'<text x="{x:g}" y="14" textLength="{width:g}">{escaped(text)}</text>'
