"""Takes from a notebook's cells the code that its answers need, and nothing else."""

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.diagnosis.names import bound_names, used_names

FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef
MARK = re.compile(r"\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)")


@dataclass(frozen=True)
class _Statement:
    """A statement of a notebook: the index of its cell, its source, and its syntax tree."""

    cell: int
    source: str
    tree: ast.stmt

    @property
    def is_definition(self) -> bool:
        """Whether it defines a function or class, or imports something."""
        return isinstance(self.tree, FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)

    @cached_property
    def used(self) -> set[str]:
        """The names of the notebook that it, or a function in it, may look up."""
        return used_names(self.source)

    @cached_property
    def bound(self) -> set[str]:
        """The names of the notebook that it binds or changes, "*" for any."""
        return bound_names(self.tree)


def solution_code(cells: Sequence[str], answers: Collection[int]) -> str:
    """Return the statements of the cells with answers, and those of others that they need.

    These bind names that they use: imports, helper functions, constants. All are in the order of
    the notebook, and as written there, without docstrings and nbgrader's marks. Imports of NumPy
    and pandas are there in any case: with these, tests make what functions get.

    Args:
        cells: the code of the cells; lines with magics are left out, and cells that are not Python.
        answers: the indices of the cells with answers.
    """
    statements = _statements_of(cells)
    needed = _needed(statements, answers)
    kept = (one for one in statements if one in needed or _imports(one.tree, "numpy", "pandas"))
    return "".join(f"{one.source}\n" for one in kept)


def _imports(statement: ast.stmt, *modules: str) -> bool:
    """Say whether a statement imports one of these modules."""
    return isinstance(statement, ast.Import) and any(n.name in modules for n in statement.names)


def cells_needed(cells: Sequence[str], answers: Collection[int]) -> int:
    """Return up to which cell a notebook must run for its answers to work as in the end.

    After it there is nothing that they need, and nothing that mentions a variable that they use.
    """
    statements = _statements_of(cells)
    needed = _needed(statements, answers)
    variables = {n for one in needed if not one.is_definition for n in one.bound}
    touching = [one.cell for one in statements if variables & (one.used | one.bound)]
    return 1 + max([-1, *(one.cell for one in needed), *touching])


def _needed(statements: Sequence[_Statement], answers: Collection[int]) -> list[_Statement]:
    """Return the statements of the answers, and those that bind what they use."""
    wanted = {at for at, one in enumerate(statements) if one.cell in answers}
    waiting = [statements[at] for at in wanted]
    known = set[str]()
    while waiting:
        for name in waiting.pop().used - known:
            known.add(name)
            for at, one in enumerate(statements):
                if at not in wanted and {name, "*"} & one.bound:
                    wanted.add(at)
                    waiting.append(one)
    return [statements[at] for at in sorted(wanted)]


def _statements_of(cells: Sequence[str]) -> list[_Statement]:
    found = ((index, *one) for index, cell in enumerate(cells) for one in _statements(cell))
    return [_Statement(*one) for one in found]


def _statements(cell: str) -> list[tuple[str, ast.stmt]]:
    """Return the statements of a cell, each with its source."""
    lines = [line if not line.lstrip().startswith(("%", "!")) else "" for line in cell.split("\n")]
    code = "\n".join(lines)
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return []
    return [(_source(code, lines, statement), statement) for statement in tree.body]


def _source(code: str, lines: Sequence[str], statement: ast.stmt) -> str:
    """Return the source of a statement with its decorators, without docstrings and marks."""
    nodes = list(ast.walk(statement))
    docstrings = {
        line
        for node in nodes
        if isinstance(node, FunctionDef | ast.ClassDef) and len(node.body) > 1
        for line in _lines_of_docstring(node.body)
    }
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
    last = statement.end_lineno or first
    if first == last or statement.col_offset:
        return ast.get_source_segment(code, statement) or ""
    return "\n".join(
        lines[number - 1]
        for number in range(first, last + 1)
        if number not in docstrings and not MARK.match(lines[number - 1])
    )


def _lines_of_docstring(body: list[ast.stmt]) -> range:
    """Return the numbers of the lines from a docstring to the statement after it."""
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str()), lineno=first):
            after = body[1]
            decorators = getattr(after, "decorator_list", ())
            return range(first, min([after.lineno, *(d.lineno for d in decorators)]))
    return range(0)
