"""Makes text from a submission safe to show in a terminal, a log or XML."""

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNFIT = re.compile("[\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


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
