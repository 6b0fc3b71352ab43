"""Which libraries code imports, and in which versions they are installed here."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version


def pinned(cells: Iterable[str]) -> list[str]:
    """Return a line for requirements.txt for each library that cells import."""
    return sorted(f"{name}=={release(name)}" for name in distributions(cells))


def release(name: str) -> str:
    """Return the version of a library installed here, "" if it is not installed.

    Build tags such as `+cpu` are left out: they are about this machine.
    """
    try:
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return ""


def distributions(sources: Iterable[str], modules: Iterable[str] = ()) -> set[str]:
    """Return the libraries installed here that sources import or that modules belong to."""
    imported = (name for source in sources for name in imported_modules(source))
    names = {name.partition(".")[0] for name in (*modules, *imported)}
    known = packages_distributions()
    return {known[name][0] for name in names - sys.stdlib_module_names if name in known}


def imported_modules(cell: str) -> Iterator[str]:
    """Yield the modules that a cell imports, by their full names; none of a cell with magics."""
    try:
        tree = ast.parse(cell)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def normalised_name(requirement: str) -> str:
    """Return the normalised name in a requirement."""
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
