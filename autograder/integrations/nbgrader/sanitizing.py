"""Makes what a student wrote inert: nothing of it runs, or loads code, in whoever reads it.

nbconvert renders Markdown with raw HTML and any link, raw cells as they are, and widgets. An
autograded notebook is shown to graders and, as feedback, to students; so a student's text goes
in with the same look and without the power.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import quote

from autograder.notebook import source_of
from autograder.reports.text import plain

Cell = dict[str, Any]

JOINER = "\N{WORD JOINER}"  # it is not seen, and `<`, joiner, `script` is not a tag
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
PICTURES = ("image/png", "image/jpeg", "image/gif")
HARMLESS = "(https?|mailto):|data:image/(png|jpeg|gif)[;,]"

MAX_LINKS = 5_000  # in a notebook; each is looked at, which takes its time

_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_LINK = re.compile(r"\](?=[(:])")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_NOISE = re.compile(r"[\s\\<\x00-\x20]")
_GOOD_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def sanitize(document: dict[str, Any]) -> dict[str, Any]:
    """Return a submitted notebook in good form, without anything that a browser would run.

    Each cell stays in its place and keeps the metadata of nbgrader and its source: outputs,
    other metadata and what is no cell go.
    """
    found = [cell if isinstance(cell, dict) else {} for cell in document["cells"]]
    texts = [source_of(cell) for cell in found if cell.get("cell_type") != "code"]
    links = sum(len(_LINK.findall(text)) for text in texts) <= MAX_LINKS
    cells = [_inert_cell(cell, links) for cell in found]
    ids: set[str] = set()
    for index, cell in enumerate(cells):
        if cell["id"] is None or cell["id"] in ids:
            cell["id"] = f"cell-{index}"
        ids.add(cell["id"])
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": METADATA, "cells": cells}


def _inert_cell(cell: Cell, links: bool) -> Cell:
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    kind = cell.get("cell_type")
    identity = cell.get("id")
    result: Cell = {
        "cell_type": kind if kind in ("code", "markdown", "raw") else "raw",
        "id": identity if _is_id(identity) else None,
        "metadata": {"nbgrader": grading} if isinstance(grading, dict) else {},
        "source": source_of(cell),
    }
    if kind == "code":
        return result | {"outputs": [], "execution_count": None}
    pictures = _pictures(cell.get("attachments")) if kind == "markdown" else {}
    if pictures:
        result["attachments"] = pictures
    result["source"] = sanitize_markdown(result["source"], pictures, links)
    if result["cell_type"] == "raw":
        result["metadata"]["raw_mimetype"] = "text/plain"  # others go into the page as they are
    return result


def sanitize_markdown(text: str, attached: Iterable[str] = (), links: bool = True) -> str:
    """Return Markdown in which no HTML is a tag and no link leads to a script.

    A link to an attachment that is not there goes too: nbconvert gives up on it. Without
    `links` every link goes.
    """
    names = "|".join(re.escape(quote(name)) for name in attached) or "(?!)"
    harmless = re.compile(f"{HARMLESS}|attachment:({names})", re.IGNORECASE)

    def checked(link: re.Match[str]) -> str:
        if not links:
            return f"]{JOINER}"
        behind = link.string[link.end() + 1 : link.end() + 2000]
        address = _NOISE.sub("", unescape(unescape(behind))).replace(JOINER, "")
        harmful = _SCHEME.match(address) and not harmless.match(address)
        return f"]{JOINER}" if harmful else "]"

    return _LINK.sub(checked, _TAG.sub(f"<{JOINER}", plain(text)))


def _is_id(identity: Any) -> bool:
    return isinstance(identity, str) and _GOOD_ID.fullmatch(identity) is not None


def _pictures(attachments: Any) -> dict[str, dict[str, str]]:
    """Return the attached pictures of a Markdown cell."""
    if not isinstance(attachments, dict):
        return {}
    found = {}
    for name, bundle in attachments.items():
        if isinstance(bundle, dict):
            kept = {k: v for k, v in bundle.items() if k in PICTURES and isinstance(v, str)}
            kept = {k: v for k, v in kept.items() if re.fullmatch(r"[A-Za-z0-9+/=\s]*", v)}
            if kept and re.fullmatch(r"[\w. -]+", name):
                found[name] = kept
    return found
