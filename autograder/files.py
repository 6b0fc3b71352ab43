"""Reads files that students made and writes files that others read: whole, or not at all."""

from __future__ import annotations

import io
import os
import stat
import tempfile
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path

MAX_SIZE = 64 << 20
READ = os.O_RDONLY  # and what of the following the system knows
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    READ |= getattr(os, _flag, 0)


class NotAFileError(OSError):
    """There is nothing, or a folder, a link, a pipe, a device: no ordinary file."""


class TooLargeError(OSError):
    """A file is larger than anyone needs."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"larger than {limit:,} bytes")


def is_inside(path: Path, folder: Path) -> bool:
    """Say whether a path, as it is written, lies below an absolute one."""
    return Path(os.path.abspath(path)).is_relative_to(folder)


def read_file(path: Path, limit: int = MAX_SIZE) -> bytes:
    """Return the contents of an ordinary file, following no link and waiting for nobody.

    Raises:
        NotAFileError: it is none.
        TooLargeError: it is larger than `limit`.
        OSError: it cannot be read.
    """
    try:
        fd = os.open(path, READ)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotAFileError(error.errno, error.strerror) from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise NotAFileError("not an ordinary file")
    with open(fd, "rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise TooLargeError(limit)
    return content


def zipped(files: Iterable[tuple[str, bytes]], programs: Collection[str] = ()) -> bytes:
    """Return a zip file: the same files, the same bytes.

    Args:
        files: names and contents.
        programs: the names of those that can be executed.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the earliest that zip knows
            entry.external_attr = (stat.S_IFREG | (0o755 if name in programs else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return stream.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever finds a part of it, whatever happens meanwhile.

    A pipe or a device, such as /dev/stdout, is written to as it is.

    Raises:
        OSError: it cannot be written; what was there before stays.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    fd, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
    try:
        with open(fd, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
