"""Which libraries a notebook imports, and in which versions they are installed here."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version


def pinned(cells: Iterable[str]) -> list[str]:
    """Return a line for requirements.txt for each library that cells import."""
    return sorted(f"{name}=={release(name)}" for name in distributions(cells))


def release(name: str) -> str:
    """Return the version of a library that is installed here, "" if none is.

    Build tags such as `+cpu` are left out: they say how this machine's was made.
    """
    try:
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return ""


def distributions(sources: Iterable[str], modules: Iterable[str] = ()) -> set[str]:
    """Return the names of the libraries installed here that sources import, or modules are of."""
    names = {module.partition(".")[0] for module in modules}
    names |= {name for source in sources for name in _imported(source)}
    known = packages_distributions()
    return {known[name][0] for name in names - sys.stdlib_module_names if name in known}


def _imported(cell: str) -> Iterator[str]:
    """Yield the top-level modules that a cell imports; none of a cell with magics."""
    try:
        tree = ast.parse(cell)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
