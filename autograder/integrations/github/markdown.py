"""Escapes text for GitHub's Markdown, so that it stays text."""

import re

from autograder.reports.text import plain

JOINER = "\N{WORD JOINER}"
CUT = " …"

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~&!$^=@\"']")
_START = re.compile(r"^(\s*)([-+]|\d+[.)])")
_CODE = re.compile(r"`([^`\n]+)`")
# What GitHub turns into links: user names, issue numbers, addresses.
_REFERENCE = re.compile(r"[@#](?=\w)|GH-(?=\d)|www(?=\.)|:(?=//)", re.IGNORECASE)


def escape_markdown(text: str) -> str:
    """Return text on one line in which nothing is markup, a link, a picture or a mention."""
    line = " ".join(plain(text).split())
    line = _REFERENCE.sub(lambda found: found[0] + JOINER, line)
    line = _START.sub(lambda found: f"{found[1]}{JOINER}{found[2]}", line)
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)


def marked(text: str) -> str:
    """Return escaped text in which `this` is code."""
    parts = _CODE.split(" ".join(plain(text).split()))
    return "".join(
        f"<code>{escape_markdown(part)}</code>" if index % 2 else _inside(part)
        for index, part in enumerate(parts)
    )


def _inside(part: str) -> str:
    """Return a part of a sentence with the spaces at its ends."""
    before = " " if part[:1].isspace() else ""
    after = " " if part[-1:].isspace() and part.strip() else ""
    return f"{before}{escape_markdown(part)}{after}"


def cut(text: str, size: int) -> str:
    """Return text cut at a size."""
    return text if len(text) <= size else text[:size] + CUT
