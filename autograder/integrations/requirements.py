"""Finds the libraries that code imports, and their installed versions."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version


def pinned(cells: Iterable[str]) -> list[str]:
    """Return the lines of a requirements.txt with the libraries that cells import."""
    return sorted(f"{name}=={installed_version(name)}" for name in distributions(cells))


def installed_version(name: str) -> str:
    """Return the installed version of a library, "" if it is not installed.

    Build tags such as `+cpu` are left out: they are specific to this machine.
    """
    try:
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return ""


def distributions(sources: Iterable[str], modules: Iterable[str] = ()) -> set[str]:
    """Return the installed libraries that sources import or that modules belong to."""
    imported = (name for source in sources for name in imported_modules(source))
    names = {name.partition(".")[0] for name in (*modules, *imported)}
    known = packages_distributions()
    return {known[name][0] for name in names - sys.stdlib_module_names if name in known}


def imported_modules(cell: str) -> Iterator[str]:
    """Yield the full names of the modules that a cell imports; none if it is not plain Python."""
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
    """Return the library's normalised name in a requirement."""
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
