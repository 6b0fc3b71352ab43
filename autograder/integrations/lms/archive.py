"""Reads a download, a zip or a folder, and trusts nothing in it.

Nothing is unpacked: a path is only a name to parse, and a file's content is read into memory when
it is needed, within limits.
"""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from autograder.errors import UsageError
from autograder.files import MAX_SIZE, TooLargeError, read_file

MAX_ENTRIES = 100_000
MAX_INNER = 10_000  # entries of an archive that a student submitted
MAX_TOTAL = 4 << 30  # bytes that are read of a download
JUNK = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini", ".ipynb_checkpoints")
CENTRAL = b"PK\x01\x02"  # each entry of an archive has it
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
TOO_LARGE = f"is larger than {MAX_SIZE >> 20} MB"
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,  # an offset that no file can have
)

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")


class UnreadableError(Exception):
    """A file of a download cannot be read; the message says why, as a predicate."""


@dataclass(eq=False)
class Source:
    """A download: what reads each of its files, and why others are refused, by path.

    `order` grows from one download to the next, 0 if it does not say when it was made.
    """

    label: str
    readers: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    order: int = 0
    left: int = MAX_TOTAL
    known: set[str] = field(default_factory=set)  # files that were read before: they count once

    def read(self, path: str, inner: str = "") -> bytes:
        """Return the content of a file, or of a file in a zip that is one.

        Raises:
            UnreadableError: it is damaged or too large.
        """
        if self.left <= 0 and path not in self.known:
            raise UnreadableError("was not read: the download is too large")
        try:
            content = self.readers[path]()
        except TooLargeError:
            raise UnreadableError(TOO_LARGE) from None
        except DAMAGED as error:
            raise UnreadableError(f"is damaged ({type(error).__name__})") from None
        if path not in self.known:
            self.known.add(path)
            self.left -= len(content)
        return open_inner(content, path).read(inner) if inner else content

    def add(self, name: str, problem: str, read: Callable[[], bytes], made: int = 0) -> None:
        """Add a file that is not junk, or the reason why it is refused.

        Of two different files with the same path, both are refused.
        """
        path = entry_path(name)
        if path is None:
            self.refused[name] = "has a path that leads outside or has control characters"
            return
        if is_junk(path):
            return
        if not problem and (path in self.readers or path in self.refused):
            problem = "appears twice, with different contents"
        if problem:
            self.refused[path] = problem
            self.readers.pop(path, None)
        else:
            self.readers[path] = read
            self.order = max(self.order, made)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a download: a zip, or a folder into which one was unpacked.

    Raises:
        UsageError: it is neither, or cannot be read.
    """
    if path.is_dir():
        yield _folder(path)
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    with stream:
        try:
            source = _archive(stream, path.name, MAX_ENTRIES)
        except UnreadableError as error:
            raise UsageError(f"{path} {error}.") from None
        except DAMAGED:
            raise UsageError(
                f"{path} is not a zip file, or it is damaged. Pass the file as it was downloaded, "
                "or a folder into which it was unpacked."
            ) from None
        yield source


def open_inner(content: bytes, label: str) -> Source:
    """Open an archive that a student submitted.

    Raises:
        UnreadableError: it is not a zip, or too large.
    """
    if content.count(CENTRAL) > MAX_INNER:  # before memory is taken for each of them
        raise UnreadableError(f"has more than {MAX_INNER:,} files")
    try:
        return _archive(BytesIO(content), label, MAX_INNER)
    except DAMAGED:
        raise UnreadableError("is not a readable zip file") from None


def _archive(stream: BinaryIO, label: str, most: int) -> Source:
    archive = zipfile.ZipFile(stream)
    entries = archive.infolist()
    if len(entries) > most:
        raise UnreadableError(f"has more than {most:,} files")
    source = Source(label)
    seen = set()
    for info in entries:
        name = _decoded(info)
        content = entry_path(name), info.CRC, info.file_size
        if name.endswith(("/", "\\")) or content in seen:
            continue
        seen.add(content)
        made = int("".join(f"{part:02}" for part in info.date_time))
        source.add(name, _unfit(info), partial(_content, archive, info), made)
    return source


def _decoded(info: zipfile.ZipInfo) -> str:
    """Return an entry's name; many programs write UTF-8 without marking it as such."""
    name = info.orig_filename
    with suppress(UnicodeError):
        return name if info.flag_bits & 0x800 else name.encode("cp437").decode("utf-8")
    return name


def _unfit(info: zipfile.ZipInfo) -> str:
    """Return why an entry is refused, "" if it is not."""
    if kind := _unfit_kind(info.external_attr >> 16):
        return kind
    if info.flag_bits & 0x1:
        return "is encrypted"
    if info.compress_type not in METHODS:
        return "uses an unsupported compression method"
    return TOO_LARGE if info.file_size > MAX_SIZE else ""


def _unfit_kind(mode: int) -> str:
    if stat.S_IFMT(mode) in (0, stat.S_IFREG):  # 0: an archive does not have to say it
        return ""
    return "is a link" if stat.S_ISLNK(mode) else "is not a regular file"


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return an entry's content, if that is not too large, whatever size the entry claims."""
    with archive.open(info) as stream:
        content = stream.read(MAX_SIZE + 1)
    if len(content) > MAX_SIZE:
        raise TooLargeError(MAX_SIZE)
    return content


def _folder(folder: Path) -> Source:
    source = Source(folder.name)
    files = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    if len(files) > MAX_ENTRIES:
        raise UsageError(f"{folder} has more than {MAX_ENTRIES:,} files.")
    for file in sorted(files):
        name = file.relative_to(folder).as_posix()
        source.add(name, _unfit_kind(file.lstat().st_mode), partial(read_file, file))
    return source


def entry_path(name: str) -> str | None:
    """Return a path in an archive, with `/`; None if it leads outside or could hide something."""
    path = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = [part for part in path.split("/") if part not in ("", ".")]
    outside = path.startswith("/") or _DRIVE.match(path) or ".." in parts
    if outside or not parts or _CONTROL.search(path):
        return None
    return "/".join(parts)


def is_junk(path: str) -> bool:
    """Return whether a file was left by a system or an editor, not submitted."""
    parts = path.casefold().split("/")
    return parts[-1].startswith("._") or any(part in JUNK for part in parts)
