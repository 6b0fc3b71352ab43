"""The pages of the documentation, and what they show."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tests.conftest import ROOT

HELP = "autograder/selfcheck/students.md"
PAGES = {
    name: ROOT / name
    for name in (
        "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md", HELP,
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
    )
}  # fmt: skip
FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A block of code on a page; its number counts the blocks of its kind on that page."""

    page: str
    kind: str
    number: int
    text: str


def read(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def blocks(kind: str, *pages: str) -> list[Block]:
    """Return the blocks of a kind, of all pages or of some."""
    return [
        Block(page, kind, number, match[3])
        for page in pages or PAGES
        for number, match in enumerate(m for m in FENCE.finditer(read(page)) if m[2] == kind)
    ]


def prose(page: str) -> str:
    """Return a page without its blocks of code."""
    return FENCE.sub("", read(page))


def check_block(page: str, number: int, printed: str) -> None:
    """Check that a block shows what is printed; with UPDATE_DOCS set, make it so."""
    block = blocks("text", page)[number]
    if block.text != printed and os.environ.get("UPDATE_DOCS"):
        PAGES[page].write_text(read(page).replace(block.text, printed), encoding="utf-8")
        return
    assert block.text == printed


@cache
def texts_of_the_kit() -> str:
    """Return all texts in the kit's code, f-strings with `{}` where something is filled in."""
    return "\n".join(
        text
        for path in sorted((ROOT / "autograder").rglob("*.py"))
        if "suites" not in path.parts
        for text in _strings(ast.parse(path.read_text(encoding="utf-8")))
    )


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
