"""Fills scratch folders, and measures and removes them, whatever a child has put in them."""

import contextlib
import itertools
import os
import stat
from collections.abc import Mapping

MAX_ENTRIES = 10_000
BLOCK = 512  # the unit of st_blocks
DELETED = " (deleted)"  # what the system writes behind the path of such a file


def root(folder: str) -> str:
    """Return the part of a warm process's temporary folder in which its children may write."""
    return os.path.join(folder, "scratch")


def fill(folder: str, files: Mapping[str, bytes], mode: int = 0o644) -> None:
    """Write files into a new folder, before its child runs any code of the student's."""
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "xb") as stream:
            stream.write(content)
        os.chmod(path, mode)


def usage(folder: str) -> float:
    """Return a folder's size in bytes: infinite if it is unreadable or has too many entries."""
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
        except FileNotFoundError:  # the child has just removed it
            continue
        except OSError:  # locked, or too deep for a path
            return float("inf")
    return total


def deleted(pid: int, folder: str, largest: int) -> float:
    """Return the bytes of a folder's deleted files that a process keeps open or mapped.

    The system tells an ordinary user nothing about a file that is only mapped: it counts as the
    largest that there can be.
    """
    if (mounted := seen_by(pid, folder)) != folder:
        with contextlib.suppress(OSError):
            system = os.statvfs(mounted)
            return (system.f_blocks - system.f_bfree) * system.f_frsize - usage(mounted)
        return 0
    sizes = dict[int, int]()
    with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        for line in maps:
            *_, inode, path = [*line.rstrip("\n").split(maxsplit=5), ""][:6]
            if path.startswith(folder) and path.endswith(DELETED):
                sizes[int(inode)] = largest
    with contextlib.suppress(OSError):
        for number in os.listdir(f"/proc/{pid}/fd"):
            name = f"/proc/{pid}/fd/{number}"
            with contextlib.suppress(OSError):  # it has just been closed
                if os.readlink(name).startswith(folder) and not (status := os.stat(name)).st_nlink:
                    sizes[status.st_ino] = status.st_blocks * BLOCK
    return sum(sizes.values())


def seen_by(pid: int, folder: str) -> str:
    """Return where the folder is to be found in which a process has a file system mounted."""
    seen = f"/proc/{pid}/root{folder}"
    with contextlib.suppress(OSError):
        if os.stat(seen).st_dev != os.stat(folder).st_dev:
            return seen
    return folder


def remove(folder: str) -> None:
    """Remove a folder, however deep, write-protected or large its contents.

    Nested folders are first moved to the top, so that paths stay short and nothing recurses.
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
                os.chmod(entry.path, 0o700)  # moving a folder needs write permission on it
                moved = next(name for name in names if not os.path.lexists(name))
                os.rename(entry.path, moved)
                waiting.append(moved)
        if current != folder:
            os.rmdir(current)
