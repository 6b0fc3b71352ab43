"""Finds what modules import by parsing them; nothing is run.

Imports for types alone are left out, and so are optional ones: `try: import x` with an
`except ImportError` says that a module works without it.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import resolve_name
from pathlib import Path

MISSING = ("ImportError", "ModuleNotFoundError")


@dataclass
class Needed:
    """Our modules that are needed, by name, which one asked for each, and modules of others."""

    files: dict[str, Path] = field(default_factory=dict)
    asked_by: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)


def needed(roots: Iterable[str], packages: Mapping[str, Path]) -> Needed:
    """Return what some modules, the roots, import directly or indirectly.

    `packages` are the folders of ours; an inner package overrides the one around it.
    """
    found, waiting = Needed(), [(root, "") for root in roots]
    while waiting:
        name, asking = waiting.pop(0)
        file = _file_of(name, packages)
        if file is None:
            found.others |= {name.partition(".")[0]} - sys.stdlib_module_names - set(packages)
        elif name not in found.files:
            found.files[name], found.asked_by[name] = file, asking
            parent = name.rpartition(".")[0]
            waiting += [(parent, asking)] if parent else []
            waiting += [(other, name) for other in _imports(name, file)]
    return found


def _file_of(name: str, packages: Mapping[str, Path]) -> Path | None:
    """Return the file of a module, None if it is not one of ours."""
    package = max((p for p in packages if f"{name}.".startswith(f"{p}.")), key=len, default=None)
    if package is None:
        return None
    base = packages[package].joinpath(*name.removeprefix(package).split(".")[1:])
    files = (base / "__init__.py", base.with_name(f"{base.name}.py"))
    return next((file for file in files if file.is_file()), None)


def _imports(name: str, file: Path) -> Iterator[str]:
    """Yield the names that a module may import; some of them may not be modules."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in _nodes(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = resolve_name("." * node.level + (node.module or ""), package)
            yield start
            if not node.level and start.partition(".")[0] != name.partition(".")[0]:
                continue
            yield from (f"{start}.{alias.name}" for alias in node.names)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree, without imports for types alone and optional imports."""
    yield node
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        children = node.orelse
    elif isinstance(node, ast.Try) and any(map(_catches_import_error, node.handlers)):
        children = (*node.handlers, *node.orelse, *node.finalbody)
    for child in children:
        yield from _nodes(child)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler is for a failed import."""
    return handler.type is not None and any(n in ast.unparse(handler.type) for n in MISSING)
