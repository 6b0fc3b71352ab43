"""Finds the files beside a notebook, a student's or the instructor's, that its code may use."""

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

from autograder.file_names import notebook_stem
from autograder.files import TooLargeError, read_file

MAX_LISTED = 1000  # files and folders that are looked at
MAX_TAKEN = 50
MAX_BYTES = 16 << 20  # of all files that are taken
SHOWN = 5  # files that a message names
OURS = ("timestamp.txt", "collected.json", "submission_secret.txt")
JUNK = ("__macosx", "__pycache__", "thumbs.db", "desktop.ini")
CHECKPOINTS = ".ipynb_checkpoints"
MODULES = (".py", ".pyc", ".so", ".pyd")


@dataclass(frozen=True)
class FilesBeside:
    """The files beside a notebook, by their paths below its folder, with `/`.

    `taken` are those that its code may use, with their contents; `refused` those that course.yml
    allows but that cannot be taken, and why; `left` all others.
    """

    taken: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def files_beside(folder: Path, patterns: Sequence[str]) -> FilesBeside:
    """Take the files in a student's folder whose names match a pattern.

    Links are not followed, no file may hide an installed module, and number and size are limited.
    """
    taken: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    left, space = [], MAX_BYTES
    for name in listed(folder):
        if not is_taken(name, patterns):
            left.append(name)
        elif module := hidden_module(name):
            refused[name] = f"it would hide the module {module}"
        elif len(taken) == MAX_TAKEN:
            refused[name] = f"more than {MAX_TAKEN} files"
        else:
            try:
                taken[name] = read_file(folder / name, space)
                space -= len(taken[name])
            except TooLargeError:
                refused[name] = f"more than {MAX_BYTES >> 20} MB in all"
            except OSError:
                refused[name] = "not an ordinary file"
    return FilesBeside(taken, refused, tuple(left))


def is_taken(name: str, patterns: Sequence[str]) -> bool:
    """Return whether course.yml allows a file, by its path beside the notebook."""
    parts = name.split("/")
    if any(part.startswith(".") or part.casefold() in OURS for part in parts):
        return False
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def others_in_words(folder: Path) -> str:
    """Say which files a folder without notebooks has: `a.py, which is not a notebook`."""
    names = list(listed(folder))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    what = "which is not a notebook" if len(names) == 1 else "which are not notebooks"
    return f"{', '.join(names[:SHOWN])}{more}, {what}" if names else ""


def subfolders(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield a folder and those below it, with the names of their files.

    Links are not followed; of hidden folders, only Jupyter's are listed.
    """
    listed = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name.casefold() not in JUNK
            and (name == CHECKPOINTS or not name.startswith("."))
            and not os.path.islink(os.path.join(parent, name))  # a path too long is none
        )
        listed += len(folders) + len(files)
        if listed > MAX_LISTED:
            return
        yield Path(parent), sorted(files)


def listed(folder: Path) -> Iterator[str]:
    """Yield the paths of the files below a folder that are neither hidden, ours nor notebooks.

    They are relative to the folder.
    """
    for parent, files in subfolders(folder):
        below = parent.relative_to(folder)
        if any(part.startswith(".") for part in below.parts):
            continue
        for name in files:
            ours = name.startswith(".") or name.casefold() in (*OURS, *JUNK)
            if not ours and notebook_stem(name) is None:
                yield (below / name).as_posix()


def files_named(folder: Path, patterns: Sequence[str]) -> Mapping[str, bytes]:
    """Return the instructor's files in a folder that match a pattern, by their paths below it.

    They are read once, until one of them changes. Links are followed.
    """
    if not patterns:
        return {}
    names = [name for name in listed(folder) if is_taken(name, patterns)]
    stats = [(name, (folder / name).stat()) for name in names if (folder / name).is_file()]
    return _contents(folder, tuple((name, s.st_mtime_ns, s.st_size) for name, s in stats))


@lru_cache(maxsize=8)
def _contents(folder: Path, files: tuple[tuple[str, int, int], ...]) -> Mapping[str, bytes]:
    return {name: (folder / name).read_bytes() for name, _, _ in files}


def not_given(taken: Mapping[str, bytes], given: Iterable[str]) -> dict[str, bytes]:
    """Return the files of a submission that do not stand in the way of the assignment's.

    These are files at the same place, and those that Python would import instead.
    """
    places = [(f"{name}/", _module(name)) for name in given]
    return {
        name: content
        for name, content in taken.items()
        if not any(
            f"{name}/".startswith(place)
            or place.startswith(f"{name}/")
            or (module and module == _module(name))
            for place, module in places
        )
    }


def _module(name: str) -> str:
    """Return the module that a file belongs to, by its path beside a notebook; "" for none."""
    return name.split("/", 1)[0].split(".", 1)[0] if name.endswith(MODULES) else ""


def hidden_module(name: str) -> str:
    """Return the module that code would no longer find beside a file of that name, "" for none."""
    module = _module(name)
    if not module:
        return ""
    return module if module in sys.stdlib_module_names or _is_installed(module) else ""


@cache
def _is_installed(module: str) -> bool:
    folders = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    installed = module == "autograder" or PathFinder.find_spec(module, sorted(folders)) is not None
    return installed or module in ("sitecustomize", "usercustomize")
