"""Finds what modules import, by reading them: nothing is run.

What is imported for types alone is left out, and so is what is tried: `try: import x` with an
`except ImportError` says that a module works without it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

MISSING = ("ImportError", "ModuleNotFoundError")


@dataclass
class Needed:
    """The modules of ours that are needed, by name, who asked for each, and others' modules."""

    files: dict[str, Path] = field(default_factory=dict)
    asked_by: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)


def needed(roots: Iterable[str], packages: Mapping[str, Path]) -> Needed:
    """Return what some modules need, and what those need, to the end.

    Args:
        roots: the names of the modules to begin with.
        packages: where packages are; of those inside another the longest name counts.
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
    """Return the file of a module, None if it is nobody's."""
    package = max((p for p in packages if f"{name}.".startswith(f"{p}.")), key=len, default=None)
    if package is None:
        return None
    place = packages[package].joinpath(*name.removeprefix(package).split(".")[1:])
    files = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next((file for file in files if file.is_file()), None)


def _imports(name: str, file: Path) -> Iterator[str]:
    """Yield the names of what a module may import; some may be no modules."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in _statements(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join([*(above if node.level else ()), *filter(None, [node.module])])
            yield start
            if not node.level and start.partition(".")[0] != name.partition(".")[0]:
                continue
            yield from (f"{start}.{alias.name}" for alias in node.names)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a tree, without what is for types alone or tried."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            parts: list[ast.stmt | ast.ExceptHandler] = [*child.orelse]
        elif isinstance(child, ast.Try) and any(map(_expects_nothing, child.handlers)):
            parts = [*child.handlers, *child.orelse, *child.finalbody]
        else:
            yield child
            yield from _statements(child)
            continue
        for part in parts:
            yield part
            yield from _statements(part)


def _expects_nothing(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler is for imports of what is not there."""
    return handler.type is not None and any(n in ast.unparse(handler.type) for n in MISSING)
