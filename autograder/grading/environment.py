"""What must be the same on every machine, so that a grade does not depend on where it is made."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder import __version__
from autograder.suites import SUITES

KIT = SUITES.parent
LIBRARIES = ("torch", "numpy", "scikit-learn")

Environment = Mapping[str, str]
"""Names of what must be the same, and what it is here."""


@cache
def environment(suite: str) -> Environment:
    """Return what this process grades with; `suite` is one of the kit's, or "".

    A process goes on with what it has imported, so this is looked up once.
    """
    found = {"autograder": f"{__version__} ({kit_digest()})"}
    if suite:
        found[f"suite {suite}"] = digest(SUITES / suite)
    found["Python"] = platform.python_version()
    return found | {name: _version(name) for name in LIBRARIES}


def differences(there: Environment, here: Environment) -> str:
    """Say what another process grades with that is not the same, "" if everything is."""
    names = dict.fromkeys((*here, *there))
    return "; ".join(
        f"{name} is {there.get(name, 'missing')} there and {here.get(name, 'missing')} here"
        for name in names
        if there.get(name) != here.get(name)
    )


def kit_digest() -> str:
    """Return a digest of the kit's source files, without its suites."""
    sources = (path for path in KIT.rglob("*.py") if not path.is_relative_to(SUITES))
    return _digest((path.relative_to(KIT).as_posix(), path) for path in sources)


def digest(suite: Path) -> str:
    """Return a digest of everything in a suite's folder."""
    return _digest(files_of(suite))


def files_of(suite: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a suite with their names in its folder; not what Python cached."""
    for path in sorted(suite.rglob("*")):
        name = path.relative_to(suite)
        hidden = any(part.startswith((".", "__pycache__")) for part in name.parts)
        if path.is_file() and not hidden:
            yield name.as_posix(), path


def _digest(files: Iterator[tuple[str, Path]]) -> str:
    whole = hashlib.sha256()
    for name, path in sorted(files):
        content = path.read_bytes()
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:12]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"
