"""How reports write points, names, outcomes and untrusted text.

Text from a submission is made safe to show in a terminal, a log or XML.
"""

import re
from typing import NamedTuple

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNFIT = re.compile("[\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


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
    return name.removeprefix("test_").replace("_", " ").replace("(", " (")


def plain(text: str) -> str:
    """Return text without control sequences and characters that XML forbids."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", _ESCAPES.sub("", text))


def quiet(text: str) -> str:
    """Return plain text that CI does not take for commands such as `::error::` or `##[error]`."""
    return plain(text).replace("::", ": :").replace("##[", "## [")


def one_line(text: str, width: int = 200) -> str:
    """Return text on one line, cut at a width, for a terminal or a log."""
    line = " ".join(quiet(text).split())
    return line if len(line) <= width else line[: width - 1] + "…"
