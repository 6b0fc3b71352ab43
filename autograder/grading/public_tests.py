"""Finds the tests that students may run themselves.

They are those in a suite's folder `public/`, and those of its `test_*.py` that are marked so:
`@task("sigmoid", points=6, public=True)`. The marks are found by parsing; nothing is imported.
"""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeGuard

PUBLIC = "public"  # folder of a suite


class PublicTest(NamedTuple):
    """A test that is marked public: its file, its name, and the line of its definition."""

    file: Path
    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.name} is public"


def public_folder(suite: Path) -> Path:
    """Return where tests are that are public and nothing else."""
    return suite / PUBLIC


def has_public_tests(suite: Path) -> bool:
    """Say whether there is a test that students may run."""
    return public_folder(suite).is_dir() or bool(marked_tests(suite))


def targets(suite: Path) -> list[str]:
    """Return the folders and tests that `autograder check` runs, as pytest takes them."""
    folder = public_folder(suite)
    marked = [f"{test.file}::{test.name}" for test in marked_tests(suite)]
    return ([str(folder)] if folder.is_dir() else []) + marked


def marked_tests(suite: Path) -> list[PublicTest]:
    """Return the tests of a suite that are marked public."""
    return [test for file in sorted(suite.glob("test_*.py")) for test in _marked(file)]


def _marked(file: Path) -> list[PublicTest]:
    return [
        PublicTest(file, node.name, node.lineno)
        for node in _tree(file.read_bytes()).body
        if is_public(node)
    ]


@cache
def _tree(source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):  # pytest says so
        return ast.Module([], [])


def is_public(node: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    """Say whether a statement defines a test that is marked public."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(given.value, ast.Constant) and given.value.value is True
        for decorator in node.decorator_list
        if is_task(decorator)
        for given in decorator.keywords
        if given.arg == "public"
    )


def is_task(node: ast.AST) -> TypeGuard[ast.Call]:
    """Say whether a piece of code is a call of `task` or `pytest.mark.task`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "task"
