"""Edits of a way to write the reference, made in one statement or in the whole."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from autograder.diagnosis.mistakes.base import Base
from autograder.diagnosis.syntax_tree import Edits, Statements

SOURCE = """\
import numpy as np  # é

@cached
def f( x ):
    g( )

a = 1; b = 2  # both
c  =  3
"""


def changed(
    new: dict[str, ast.AST | list[Any]], source: str = SOURCE, known: set[Statements] | None = None
) -> str | None:
    """Return a source with other nodes in the places of those with these texts."""
    base = Base(source)
    edits: Edits = {}
    for text, node in new.items():
        edits[next(one.path for one in base.sites if ast.unparse(one.node) == text)] = node
    found = base.edited(edits, set() if known is None else known)
    return None if found is None else found.text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("3", "4", SOURCE.replace("3", "4")),
        ("cached", "kept", SOURCE.replace("cached", "kept")),
        ("2", "5", SOURCE.replace("2", "5")),  # it shares its line
    ],
)
def test_all_other_statements_stay_as_they_are(old: str, new: str, expected: str) -> None:
    assert changed({old: ast.Name(new, ast.Load())}) == expected


def test_edits_may_lie_in_several_statements_and_drop_some() -> None:
    new = ast.Name("new", ast.Load())
    assert changed({"cached": new, "3": new}) == SOURCE.replace("cached", "new").replace("3", "new")
    assert changed({"c = 3": []}) == SOURCE.replace("c  =  3\n", "")


def test_where_the_text_cannot_be_spliced_it_is_that_of_the_whole_tree() -> None:
    normal = "import numpy as np\n\n@cached\ndef f(x):\n    pass\na = 1\nb = 2\nc = 3\n"
    assert changed({"g()": []}) == normal


def test_what_is_known_or_no_python_is_not_made() -> None:
    known: set[Statements] = set()
    assert changed({"3": ast.Constant(4)}, known=known)
    assert changed({"3": ast.Constant(4)}, known=known) is None
    assert changed({"c = 3": ast.Return(ast.Constant(4))}, known=known) is None


def test_what_changes_how_code_is_compiled_counts_everywhere() -> None:
    source = "from __future__ import annotations\nx = 1\ny = 2\n"
    assert changed({"1": ast.Constant(3)}, source) == source.replace("1", "3")
    late = ast.ImportFrom("__future__", [ast.alias("annotations")], 0)
    assert changed({"y = 2": [late]}, source) is None


def test_mistakes_may_be_made_in_one_statement_only() -> None:
    assert [ast.unparse(one.node) for one in Base("a = 1\nb\n", within=1).sites] == ["b", "b", ""]
