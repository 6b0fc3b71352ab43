"""Describes how a text differs: in its writing, its order, its beginning or its end."""

from collections import Counter

TELLING = 8  # characters that two texts have in common by no chance


def text_difference(received: str, expected: str) -> str:
    """Return a sentence about how a text differs, "" if there is nothing clear to say."""
    if not received:
        return "It is empty."
    if way := in_writing(received, expected):
        return f"It differs in {way} only."
    return _extent(received, expected) or _order(received, expected)


def in_writing(received: str, expected: str) -> str:
    """Return what is different in the writing of a text, "" if more than that is."""
    one, other = "".join(received.split()), "".join(expected.split())
    if one == other:
        return "blanks"
    if received.casefold() == expected.casefold():
        return "upper and lower case"
    if one.casefold() == other.casefold():
        return "blanks and in upper and lower case"
    letters, right = ("".join(filter(str.isalnum, text)) for text in (received, expected))
    return "punctuation" if letters == right and len(right) > 1 else ""


def _order(received: str, expected: str) -> str:
    """Return a sentence about lines and words."""
    lines, right_lines = received.splitlines(), expected.splitlines()
    if len(lines) == len(right_lines) > 1:
        wrong = [index for index, line in enumerate(lines) if line != right_lines[index]]
        if len(wrong) == 1:
            return f"Only line {wrong[0] + 1} is wrong."
    for name, parts, right in (
        ("lines", lines, right_lines),
        ("words", received.split(), expected.split()),
    ):
        if parts != right and len({*right}) > 2 and Counter(parts) == Counter(right):
            return f"Its {name} are right, but in another order."
    backwards = len({*expected}) > 3 and received == expected[::-1]
    return "It is written backwards." if backwards else ""


def _extent(received: str, expected: str) -> str:
    """Return a sentence about what is missing or too much."""
    if len(received) >= TELLING and received in expected:
        if expected.startswith(received):
            return "It is right as far as it goes, but its end is missing."
        return f"It is only {'the end' if expected.endswith(received) else 'a part'} of the text."
    if len(expected) >= TELLING and expected in received:
        return "It contains the right text, and more."
    return ""
