"""Scratch folders: measured and removed whatever a child has made of them."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat

MAX_ENTRIES = 10_000
BLOCK = 512  # the unit of st_blocks


def root(folder: str) -> str:
    """Return where in a warm process's temporary folder its children may write."""
    return os.path.join(folder, "scratch")


def usage(folder: str) -> float:
    """Return the bytes that a folder takes, infinite when it cannot be told or is a maze."""
    total, waiting, entries = 0, [folder], 0
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    status = entry.stat(follow_symlinks=False)
                    total += status.st_blocks * BLOCK
                    entries += 1
                    if entries > MAX_ENTRIES:
                        return float("inf")
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(entry.path)
        except FileNotFoundError:  # it is being worked in
            continue
        except OSError:  # locked, or too deep for a path
            return float("inf")
    return total


def remove(folder: str) -> None:
    """Remove a folder, however deep, locked or large what is in it.

    Folders within folders are moved up to the top, so that no path gets long and no call deep.
    """
    with contextlib.suppress(OSError):
        _empty(folder)
        os.rmdir(folder)


def _empty(folder: str) -> None:
    names = (os.path.join(folder, f".{number}") for number in itertools.count())
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        os.chmod(current, 0o700)
        with os.scandir(current) as listing:
            entries = list(listing)
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
            elif current == folder:
                waiting.append(entry.path)
            else:
                os.chmod(entry.path, 0o700)  # a folder is moved only by who may write in it
                moved = next(name for name in names if not os.path.lexists(name))
                os.rename(entry.path, moved)
                waiting.append(moved)
        if current != folder:
            os.rmdir(current)
