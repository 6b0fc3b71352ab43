"""What test cells take from the instructor's other cells of a source notebook.

Imports, helper functions and constants run with the test cells, outside of the student's process.
All else that a notebook binds is the student's there: data, classes, and the answers.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

WORD = re.compile(r"\w+")
MAGIC = re.compile(r"^([ \t]*)(?:%|!|\?).*$", re.MULTILINE)

CellKind = Literal["test", "answer", "given"]


@dataclass(frozen=True)
class Surroundings:
    """What a test cell may use besides the student's names.

    `definitions` is code by the names that it defines. `rebound` are the names that other cells
    have bound since the test cell before it. `needed` are the names that it binds itself and that
    the notebook's other code takes from it, and its imports. `helpers` are the functions and
    classes of earlier test cells that it uses, as code by their names, in their order.
    """

    definitions: Mapping[str, str]
    rebound: tuple[str, ...]
    needed: tuple[str, ...] = ()
    helpers: Mapping[str, str] = field(default_factory=dict)


def surroundings(cells: Iterable[tuple[CellKind, str]]) -> Iterator[Surroundings]:
    """Yield what each test cell may use, in the order of the notebook.

    Args:
        cells: the code cells of the source notebook, with what they are.
    """
    cells = list(cells)
    used = {name for kind, source in cells if kind != "test" for name in _names_taken_by(source)}
    definitions: dict[str, str] = {}
    rebound: dict[str, None] = {}
    helpers: dict[str, str] = {}
    for kind, source in cells:
        if kind == "test":
            needed = (names_bound_in(source) & used) | _imported_by(source)
            yield Surroundings(
                dict(definitions),
                tuple(rebound),
                tuple(sorted(needed)),
                _used_by(source, helpers),
            )
            rebound.clear()
        for statement in _statements(source):
            names = _bound_names(statement)
            for name in names:
                definitions.pop(name, None)
                helpers.pop(name, None)
                if kind != "test":
                    rebound[name] = None
            if kind == "test" and isinstance(statement, ast.FunctionDef | ast.ClassDef):
                helpers[statement.name] = ast.unparse(statement)
            if kind != "test" and _runs_with_tests(statement, kind):
                definitions |= dict.fromkeys(names, ast.unparse(statement))


def _used_by(source: str, helpers: Mapping[str, str]) -> dict[str, str]:
    """Return the helpers that code uses, itself or through others, in their order."""
    found: set[str] = set()
    waiting = [source]
    while waiting:
        words = set(WORD.findall(waiting.pop()))
        new = words & (helpers.keys() - found)
        found |= new
        waiting += [helpers[name] for name in new]
    return {name: code for name, code in helpers.items() if name in found}


def names_bound_in(source: str) -> set[str]:
    """Return the names that a cell binds, outside of functions and classes."""
    return {name for statement in _statements(source) for name in _bound_names(statement)}


def _imported_by(source: str) -> set[str]:
    """Return the names that the imports of a cell bind."""
    imports = [s for s in _statements(source) if isinstance(s, ast.Import | ast.ImportFrom)]
    return {name for statement in imports for name in _bound_names(statement)} - {"*"}


def _names_taken_by(source: str) -> set[str]:
    """Return the global names that a cell uses and does not bind."""
    try:
        top = symtable.symtable(_plain(source), "<cell>", "exec")
    except (SyntaxError, ValueError):
        return set()
    own = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    found = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    waiting = list(top.get_children())
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        found |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return found - own


def _plain(source: str) -> str:
    """Return a cell without IPython's own statements."""
    return MAGIC.sub(r"\1pass", source)


def _statements(source: str) -> list[ast.stmt]:
    """Return the statements of a cell, without IPython's own; nothing if it cannot be read."""
    try:
        return ast.parse(_plain(source)).body
    except (SyntaxError, ValueError):
        return []


def _runs_with_tests(statement: ast.stmt, kind: CellKind) -> bool:
    """Tell whether what a statement defines is the instructor's, not the student's."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return "*" not in _bound_names(statement)
    if kind == "given":
        if isinstance(statement, ast.FunctionDef):
            return True
        if isinstance(statement, ast.Assign):
            return all(isinstance(t, ast.Name) for t in statement.targets) and _is_literal(
                statement.value
            )
    return False


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _bound_names(statement: ast.stmt) -> list[str]:
    """Return the names that a statement binds, outside of functions and classes."""
    found: list[str] = []
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found += [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.append(node.id)
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp):
            waiting += ast.iter_child_nodes(node)
    return found
