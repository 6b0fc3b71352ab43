"""Changes to a syntax tree as changes to the text."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from autograder.diagnosis.mistakes.respelling import replacement, respelled
from autograder.diagnosis.syntax_tree import Edits, edited, normal_statements, sites


def changed(source: str, new: dict[str, ast.AST | list[Any]]) -> str | None:
    """Return a source with other nodes in the places of those that begin with these texts."""
    tree = ast.parse(source)
    edits: Edits = {}
    for text, node in new.items():
        found = (site for site in sites(tree) if ast.unparse(site.node).startswith(text))
        edits[next(found).path] = node
    wanted = normal_statements(edited(tree, edits))
    assert wanted is not None
    return respelled(source, tree, edits, wanted)


@pytest.mark.parametrize(
    ("source", "old", "new", "expected"),
    [
        ("x = 'é' + f( y )  # why", "f(y)", "g(y)", "x = 'é' + g(y)  # why"),
        ("x = 2*(a+b)", "a + b", "a - b", "x = 2*(a - b)"),
        ("x = 2*y", "y", "a - b", "x = 2*(a - b)"),
        ("for i in  xs:\n    f( i )\n", "xs", "ys", "for i in  ys:\n    f( i )\n"),
        ("f(  a ,b )", "a", "c", "f(  c ,b )"),
        ("if x:\n    f( )\n    y = 1\n", "y = 1", "z = 2", "if x:\n    f( )\n    z = 2\n"),
    ],
)
def test_the_rest_stays_as_it_is_written(source: str, old: str, new: str, expected: str) -> None:
    node = ast.parse(new).body[0]
    inner = node.value if isinstance(node, ast.Expr) else node
    assert changed(source, {old: inner}) == expected


def test_a_statement_goes_with_its_line_and_its_decorators() -> None:
    source = "@cached\ndef f( ):\n    pass\n\nx  =  1\ny  =  2\n"
    assert changed(source, {"x = 1": [], "@cached": ast.Pass()}) == "pass\n\ny  =  2\n"


def test_where_the_text_cannot_be_spliced_there_is_none() -> None:
    assert changed("def f( ):\n    g( )\n", {"g()": []}) is None


@pytest.mark.parametrize(
    ("source", "text", "old", "new"),
    [
        ("a = mean(x)", "a = median(x)", "mean", "median"),
        ("a + a - a", "a + a * a", "-", "*"),
        ("a = b\n", "import c\na = b\n", "a", "import c\na"),
        ("f(g(h(x)))", "f(g(h(x)).t)", ")))", ")).t)"),
        ("f(x)\nf(x)\n", "f(x)\nf(y)\n", "\nf(x)\n", "\nf(y)\n"),
    ],
)
def test_a_replacement_has_whole_words_and_occurs_once(
    source: str, text: str, old: str, new: str
) -> None:
    assert replacement(source, text) == (old, new)
    assert source.count(old) == 1
    assert source.replace(old, new) == text
