"""Describes the grading environment, which must be the same on every machine."""

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
"""The version or digest of each component that must be the same."""


@cache
def environment(suite: str) -> Environment:
    """Return the environment of this process; `suite` is the name of a suite of the kit, or "".

    Cached, because a process keeps using the versions that it has imported.
    """
    found = {"autograder": f"{__version__} ({kit_digest()})"}
    if suite:
        found[f"suite {suite}"] = suite_digest(SUITES / suite)
    found["Python"] = platform.python_version()
    return found | {name: _version(name) for name in LIBRARIES}


def differences(there: Environment, here: Environment) -> str:
    """Describe how the environment of another process differs, "" if it does not."""
    names = dict.fromkeys((*here, *there))
    return "; ".join(
        f"{name} is {there.get(name, 'missing')} there and {here.get(name, 'missing')} here"
        for name in names
        if there.get(name) != here.get(name)
    )


def kit_digest() -> str:
    """Return a digest of the kit's modules and templates, without its suites."""
    return digest_of(
        {
            name: path.read_bytes()
            for name, path in files_of(KIT)
            if path.suffix in (".py", ".j2") and not path.is_relative_to(SUITES)
        }
    )


def suite_digest(suite: Path) -> str:
    """Return a digest of everything in a suite's folder."""
    return digest_of({name: path.read_bytes() for name, path in files_of(suite)})


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the relative name and path of each file in a folder, except hidden and cached ones."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith((".", "__pycache__")) for part in name.parts)
        if path.is_file() and not hidden:
            yield name.as_posix(), path


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return a digest of the names and contents of files."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:16]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"
