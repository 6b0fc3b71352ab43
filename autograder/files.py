"""Reads untrusted files safely, and writes files atomically."""

import io
import os
import re
import stat
import tempfile
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path
from urllib.parse import quote

MAX_SIZE = 64 << 20
READ = os.O_RDONLY  # plus those of the following flags that this system has
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    READ |= getattr(os, _flag, 0)


_UNFIT_FOR_ZIP = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff]')


class NotAFileError(OSError):
    """The path is missing or not a regular file, but a folder, link, pipe or device."""


class TooLargeError(OSError):
    """A file is larger than the limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"larger than {limit:,} bytes")


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path is inside an absolute folder; links are not resolved."""
    return Path(os.path.abspath(path)).is_relative_to(folder)


def read_file(path: Path, limit: int = MAX_SIZE) -> bytes:
    """Return the contents of a regular file, without following links or blocking on pipes.

    Raises:
        NotAFileError: the path is not a regular file.
        TooLargeError: the file is larger than `limit` bytes.
        OSError: the file cannot be read.
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
    """Return a reproducible zip file: equal files give equal bytes.

    Args:
        files: pairs of name and content.
        programs: the names of the executable files.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the earliest date in a zip
            entry.external_attr = (stat.S_IFREG | (0o755 if name in programs else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return stream.getvalue()


def folder_in_zip(name: str) -> str:
    """Return a name as a folder in a zip file; one that systems read differently is quoted.

    Two names never become the same.
    """
    return quote(name, safe=" ", errors="surrogatepass") if _UNFIT_FOR_ZIP.search(name) else name


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically: a reader never sees part of it, even after a crash.

    A pipe or device, such as /dev/stdout, is written to directly.

    Raises:
        OSError: the file cannot be written; an existing file is unchanged.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    fd, temporary = tempfile.mkstemp(prefix=".writing.", dir=path.parent)
    try:
        with open(fd, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
