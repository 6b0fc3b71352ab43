"""Patterns of expressions, and what rules make of what they match."""

from __future__ import annotations

import ast

import pytest

from autograder.diagnosis.mistakes.patterns import fill, is_code, match, rename, rewrite, subject
from autograder.diagnosis.syntax_tree import Operator, edited, sites


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def made(rule: Operator, source: str) -> list[str]:
    tree = ast.parse(source)
    changes = [change for site in sites(tree) for change in rule(site)]
    return [ast.unparse(edited(tree, change.edits)) for change in changes]


@pytest.mark.parametrize(
    ("pattern", "code", "found"),
    [
        ("_a - _b", "f(x) - y[0]", {"_a": "f(x)", "_b": "y[0]"}),
        ("_a - _b", "x + y", None),
        ("_a * _a", "x[i] * x[i]", {"_a": "x[i]"}),
        ("_a * _a", "x * y", None),
        ("np.mean(_x)", "np.mean(x, axis=0)", None),
        ("_x.shape[0]", "model.X.shape[0]", {"_x": "model.X"}),
        ("1", "1", {}),
    ],
)
def test_names_that_begin_with_an_underscore_stand_for_anything(
    pattern: str, code: str, found: dict[str, str] | None
) -> None:
    matched = match(pattern, expression(code))
    assert is_code(pattern, expression(code)) == (matched is not None) == (found is not None)
    for name, text in (found or {}).items():
        assert matched is not None
        assert ast.unparse(matched[name]) == text


def test_a_template_is_filled_with_what_was_found() -> None:
    found = match("_a / _b", expression("(x + 1) / len(y)"))
    assert found is not None
    assert ast.unparse(fill("_b * (_a - _a)", found)) == "len(y) * (x + 1 - (x + 1))"


def test_a_rewrite_changes_what_is_read_not_what_is_assigned_to() -> None:
    rule = rewrite(("_x[0]", "_x[1]"))
    assert made(rule, "y[0] = x[0]") == ["y[0] = x[1]"]


def test_a_function_is_renamed_by_the_last_part_of_its_name() -> None:
    rule = rename({"mean": "sum"})
    assert made(rule, "np.mean(x) + x.mean() + mean(x) + x.means()") == [
        "np.sum(x) + x.mean() + mean(x) + x.means()",
        "np.mean(x) + x.sum() + mean(x) + x.means()",
        "np.mean(x) + x.mean() + sum(x) + x.means()",
    ]


@pytest.mark.parametrize(
    ("code", "on"), [("np.mean(x, 0)", "x"), ("x.y.mean(0)", "x.y"), ("f(*x)", None), ("f()", None)]
)
def test_the_subject_of_a_call_is_what_it_works_on(code: str, on: str | None) -> None:
    call = expression(code)
    assert isinstance(call, ast.Call)
    found = subject(call)
    assert (found and ast.unparse(found)) == on
