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
    needed = _needed(statements, _answers(statements, answers))
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
    needed = _needed(statements, _answers(statements, answers))
    variables = {n for one in needed if not one.is_definition for n in one.bound}
    touching = [one.cell for one in statements if variables & (one.used | one.bound)]
    return 1 + max([-1, *(one.cell for one in needed), *touching])


def variables(cells: Sequence[str], solution: str) -> dict[str, str]:
    """Return the code that makes each variable of a notebook, beside that of its answers.

    Variables are left out that answers make, such as a trained model, and those that answers need.

    Args:
        cells: the code of the cells.
        solution: the code that the answers need.
    """
    tree = ast.parse(solution)
    known = {name for one in tree.body for name in bound_names(one)}
    answers = {one.name for one in tree.body if isinstance(one, FunctionDef | ast.ClassDef)}
    statements, found = _statements_of(cells), dict[str, str]()
    for name in (n for one in statements if isinstance(one.tree, ast.Assign) for n in one.bound):
        if name not in known and name not in found:
            start = [at for at, one in enumerate(statements) if name in one.bound]
            needed = _needed(statements, start, known)
            if not any(answers & one.used for one in needed):
                found[name] = "".join(f"{one.source}\n" for one in needed)
    return found


def _answers(statements: Sequence[_Statement], cells: Collection[int]) -> list[int]:
    """Return the indices of the statements in some cells."""
    return [at for at, one in enumerate(statements) if one.cell in cells]


def _needed(
    statements: Sequence[_Statement], start: Collection[int], known: Collection[str] = ()
) -> list[_Statement]:
    """Return some statements, and those that bind what they use.

    Args:
        statements: all statements of a notebook.
        start: the indices of those that are needed in any case.
        known: the names that are bound elsewhere.
    """
    wanted, reached = set(start), set(known)
    waiting = [name for at in wanted for name in statements[at].used]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            for at, one in enumerate(statements):
                if at not in wanted and {name, "*"} & one.bound:
                    wanted.add(at)
                    waiting += one.used
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
