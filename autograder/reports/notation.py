"""How reports write points, names and outcomes, the same everywhere."""

from typing import NamedTuple


class Badge(NamedTuple):
    """How an outcome looks: a mark, a word, and a colour that is readable on white and below it."""

    mark: str
    word: str
    colour: str


BADGES = {
    "passed": Badge("✓", "passed", "#1a7f37"),
    "failed": Badge("✗", "failed", "#b3261e"),
    "skipped": Badge("–", "skipped", "#5c6670"),
    "error": Badge("!", "grader error", "#8a4b00"),
}


def points(number: float | None) -> str:
    """Return points as people write them; a dash where there is no score."""
    return "–" if number is None else f"{number:.4g}"


def words(name: str) -> str:
    """Return the name of a test or a misconception in words."""
    return name.removeprefix("test_").replace("_", " ")
