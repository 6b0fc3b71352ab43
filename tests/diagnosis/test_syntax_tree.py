"""Sites in a syntax tree, and changes to it."""

from __future__ import annotations

import ast

from autograder.diagnosis.syntax_tree import Site, edited, normal_text, sites
from tests.corpus.reference import SOLUTION as REFERENCE


def site_of(tree: ast.AST, text: str) -> Site:
    return next(site for site in sites(tree) if ast.unparse(site.node) == text)


def test_sites_are_found_again_by_their_path() -> None:
    tree = ast.parse(REFERENCE)
    for site in sites(tree):
        node: object = tree
        for field, index in site.path:
            node = getattr(node, field) if index is None else getattr(node, field)[index]
        assert node is site.node


def test_imports_and_docstrings_are_not_sites() -> None:
    assert list(sites(ast.parse('"""Only words."""\nimport math\n'))) == []


def test_a_change_leaves_the_tree_as_it_was() -> None:
    tree = ast.parse("x = f(a, b)")
    change = site_of(tree, "a").replace(ast.Name("c", ast.Load()))
    assert change.name == "line 1: c for a"
    assert ast.unparse(edited(tree, change.edits)) == "x = f(c, b)"
    assert ast.unparse(tree) == "x = f(a, b)"


def test_neighbours_are_swapped_and_the_last_has_none() -> None:
    tree = ast.parse("x = f(a, b)")
    (change,) = site_of(tree, "a").swap()
    assert change.name == "line 1: a and b swapped"
    assert ast.unparse(edited(tree, change.edits)) == "x = f(b, a)"
    assert list(site_of(tree, "b").swap()) == []


def test_a_body_without_its_only_statement_passes() -> None:
    tree = ast.parse("def f():\n    g()\n")
    change = site_of(tree, "g()").drop()
    assert ast.unparse(edited(tree, change.edits)) == "def f():\n    pass"


def test_trees_that_mean_the_same_have_the_same_text_and_what_is_no_python_has_none() -> None:
    assert normal_text(ast.parse("x = (1)\n\n\n")) == normal_text(ast.parse("x=1")) == "x = 1"
    assert normal_text(ast.Module([ast.Return(ast.Constant(1))], [])) is None
