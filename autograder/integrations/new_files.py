"""Writes the files of a template, and changes nothing that is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.errors import UsageError
from autograder.files import write_whole


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder: all of them, or none if one is there with other contents.

    Raises:
        UsageError: a file is there already, and is another one.
    """
    others = [name for name, content in files.items() if _is_other(folder / name, content)]
    if others:
        raise UsageError(
            f"{folder}: {', '.join(others)} is there already. Nothing was written: take another "
            "folder, or move it away first."
        )
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)


def _is_other(path: Path, content: bytes) -> bool:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return True
    return path.exists() and path.read_bytes() != content
