"""Removes active content from notebooks, so that nothing in them runs in a reader's browser.

nbconvert renders raw HTML and any link in Markdown, raw cells verbatim, and widgets. Graders see
autograded notebooks, and students see them as feedback; so a student's text must look the same but
contain no active content.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from autograder.notebook import source_of
from autograder.reports.text import plain

Cell = dict[str, Any]

JOINER = "\N{WORD JOINER}"  # invisible; after `<` it prevents a tag
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
PICTURES = ("image/png", "image/jpeg", "image/gif")
SCHEMES = "(?:https?|mailto):|data:image/(?:png|jpeg|gif)[;,]"

MAX_LINKS = 5_000  # in a notebook; checking each takes time

_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_LINK = re.compile(r"\](?=[(:])")
_ADDRESS = re.compile(  # relative ones have no colon: nbconvert strips `files/` from their start
    rf"\s*+<?+{JOINER}?+(?:{SCHEMES}|(?:[^\s\\<>)\[\]?#:&]|\\\w)*+(?=[\s)?#]|(?<!\s)>|$))",
    re.IGNORECASE,
)
_ATTACHMENT = re.compile(rf"\s*+<?+{JOINER}?+attachment:([^\s>)]*)")
_GOOD_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def sanitize(document: dict[str, Any]) -> dict[str, Any]:
    """Return a submitted notebook in valid form, without active content.

    Each cell keeps its position, its source and nbgrader's metadata. Outputs and other metadata
    are removed; an invalid cell becomes an empty raw cell.
    """
    found = [cell if isinstance(cell, dict) else {} for cell in document["cells"]]
    texts = [source_of(cell) for cell in found if cell.get("cell_type") != "code"]
    links = sum(text.count("](") + text.count("]:") for text in texts) <= MAX_LINKS
    cells = [_sanitize_cell(cell, links) for cell in found]
    ids: set[str] = set()
    for index, cell in enumerate(cells):
        if cell["id"] is None or cell["id"] in ids:
            cell["id"] = f"cell-{index}"
        ids.add(cell["id"])
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": METADATA, "cells": cells}


def _sanitize_cell(cell: Cell, links: bool) -> Cell:
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    kind = cell.get("cell_type")
    identity = cell.get("id")
    result: Cell = {
        "cell_type": kind if kind in ("code", "markdown", "raw") else "raw",
        "id": identity if isinstance(identity, str) and _GOOD_ID.fullmatch(identity) else None,
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
        result["metadata"]["raw_mimetype"] = "text/plain"  # other types are inserted verbatim
    return result


def sanitize_markdown(text: str, attached: Iterable[str] = (), links: bool = True) -> str:
    """Return Markdown without HTML tags and without links to scripts.

    A link is kept only if what follows its bracket is plainly a harmless address, however the
    renderer reads the rest. A link to a missing attachment is removed too, because nbconvert fails
    on it. If `links` is false, every link is removed.
    """
    text = _TAG.sub(f"<{JOINER}", plain(text))
    if not links:
        return text.replace("](", f"]{JOINER}(").replace("]:", f"]{JOINER}:")
    names = {quote(name) for name in attached}

    def checked(link: re.Match[str]) -> str:
        behind = link.end() + 1
        picture = _ATTACHMENT.match(text, behind)
        harmless = picture[1] in names if picture else _ADDRESS.match(text, behind)
        return "]" if harmless else f"]{JOINER}"

    return _LINK.sub(checked, text)


def _pictures(attachments: Any) -> dict[str, dict[str, str]]:
    """Return the attached pictures of a Markdown cell."""
    if not isinstance(attachments, dict):
        return {}
    found = {}
    for name, bundle in attachments.items():
        if isinstance(bundle, dict):
            texts = {k: v for k, v in bundle.items() if k in PICTURES and isinstance(v, str)}
            kept = {k: v for k, v in texts.items() if re.fullmatch(r"[A-Za-z0-9+/=\s]*", v)}
            if kept and re.fullmatch(r"[\w. -]+", name):
                found[name] = kept
    return found
