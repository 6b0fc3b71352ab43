"""Takes from a notebook's cells the code that its answers need, and nothing else."""

import ast
from collections.abc import Collection, Iterator, Sequence


def solution_code(cells: Sequence[str], answers: Collection[int]) -> str:
    """Return the statements of the cells with answers, and those of others that they need.

    These bind names that they use: imports, helper functions, constants. All are in the order of
    the notebook.

    Args:
        cells: the code of the cells; lines with magics are left out, and cells that are not Python.
        answers: the indices of the cells with answers.
    """
    statements = [
        (index in answers, source, statement)
        for index, cell in enumerate(cells)
        for source, statement in _statements(cell)
    ]
    wanted = {at for at, (is_answer, _, _) in enumerate(statements) if is_answer}
    waiting = [statements[at][2] for at in wanted]
    known = set[str]()
    while waiting:
        for name in _used(waiting.pop()) - known:
            known.add(name)
            for at, (_, _, statement) in enumerate(statements):
                if at not in wanted and {name, "*"} & set(_bound(statement)):
                    wanted.add(at)
                    waiting.append(statement)
    return "".join(f"{statements[at][1]}\n" for at in sorted(wanted))


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
    decorators = getattr(statement, "decorator_list", [])
    if not decorators:
        return ast.get_source_segment(code, statement) or ""
    first = min(decorator.lineno for decorator in decorators)
    return "\n".join(lines[first - 1 : statement.end_lineno])


def _used(statement: ast.stmt) -> set[str]:
    """Return the names that a statement, or a function in it, may look up."""
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Load)}


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds or changes in the notebook, "*" for any."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).split(".")[0]
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(
        node.ctx, ast.Store
    ):
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name):
            yield node.id
        return
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)
