"""Reads a download, a zip or a folder, believing nothing that is in it.

Nothing is ever unpacked: a path is a name to understand, and a file's content is read into memory
when it is wanted, as far as the limits go.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from autograder.errors import UsageError
from autograder.files import MAX_SIZE, TooLargeError, read_file
from autograder.integrations.lms.safe_names import entry_path, is_junk

MAX_ENTRIES = 100_000
MAX_INNER = 10_000  # entries of an archive that a student handed in
MAX_TOTAL = 4 << 30  # bytes that are read of a download
CENTRAL = b"PK\x01\x02"  # each entry of an archive has it
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
TOO_LARGE = f"is larger than {MAX_SIZE >> 20} MB"
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
)


class UnreadableError(Exception):
    """A file of a download cannot be read; the message says why, as a predicate."""


@dataclass(eq=False)
class Source:
    """A download: the paths of its files, and what it holds that cannot be taken, and why.

    `order` grows from one download to the next, 0 if it does not say when it was made.
    """

    label: str
    readers: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    order: int = 0
    left: int = MAX_TOTAL
    known: set[str] = field(default_factory=set)  # files that were read: once is what counts

    def read(self, path: str) -> bytes:
        """Return the content of a file.

        Raises:
            UnreadableError: it is damaged or too large.
        """
        if self.left <= 0 and path not in self.known:
            raise UnreadableError("was not read: the download holds too much")
        try:
            content = self.readers[path]()
        except TooLargeError:
            raise UnreadableError(TOO_LARGE) from None
        except BROKEN as error:
            raise UnreadableError(f"is damaged ({type(error).__name__})") from None
        if path not in self.known:
            self.known.add(path)
            self.left -= len(content)
        return content

    def add(self, path: str, read: Callable[[], bytes]) -> None:
        """Add a file; of two with the same path that differ, neither is taken."""
        if path in self.readers or path in self.refused:
            self.readers.pop(path, None)
            self.refused[path] = "is there twice, and the two differ"
        else:
            self.readers[path] = read


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Return what a download holds: a zip, or a folder into which one was unpacked.

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
        yield _download(stream, path)


def _download(stream: BinaryIO, path: Path) -> Source:
    try:
        return _archive(stream, path.name, MAX_ENTRIES)
    except UnreadableError as error:
        raise UsageError(f"{path} {error}.") from None
    except BROKEN:
        raise UsageError(
            f"{path} is not a zip file, or it is damaged. Give the file as it was downloaded, or a "
            "folder into which it was unpacked."
        ) from None


def open_inner(content: bytes, label: str) -> Source:
    """Return what an archive holds that a student handed in.

    Raises:
        UnreadableError: it is no zip, or too large.
    """
    if content.count(CENTRAL) > MAX_INNER:  # before memory is taken for each of them
        raise UnreadableError(f"holds more than {MAX_INNER:,} files")
    try:
        return _archive(BytesIO(content), label, MAX_INNER)
    except BROKEN:
        raise UnreadableError("is not a zip that can be read") from None


def _archive(stream: BinaryIO, label: str, most: int) -> Source:
    archive = zipfile.ZipFile(stream)
    entries = archive.infolist()
    if len(entries) > most:
        raise UnreadableError(f"holds more than {most:,} files")
    source = Source(label)
    seen = set()
    for info in entries:
        name = _decoded(info)
        path = entry_path(name)
        content = path, info.CRC, info.file_size
        if name.endswith(("/", "\\")) or (path is not None and is_junk(path)) or content in seen:
            continue
        seen.add(content)
        problem = "has a path that leads out of the archive" if path is None else _unfit(info)
        if path is None or problem:
            source.refused[path or name] = problem
            source.readers.pop(path or name, None)
        else:
            source.add(path, partial(_content, archive, info))
            source.order = max(source.order, _order(info.date_time))
    return source


def _order(made: tuple[int, ...]) -> int:
    """Return a number that grows with a time."""
    return int("".join(f"{part:02}" for part in made))


def _decoded(info: zipfile.ZipInfo) -> str:
    """Return an entry's name. Many programs write UTF-8 and do not say so."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _unfit(info: zipfile.ZipInfo) -> str:
    """Say why an entry is not read, "" if it is."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "is a link" if kind == stat.S_IFLNK else "is no ordinary file"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if info.compress_type not in METHODS:
        return "is compressed in a way that is not read here"
    return TOO_LARGE if info.file_size > MAX_SIZE else ""


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return what an entry really holds, whatever size it claims."""
    with archive.open(info) as stream:
        content = stream.read(MAX_SIZE + 1)
    if len(content) > MAX_SIZE:
        raise TooLargeError(MAX_SIZE)
    return content


def _folder(folder: Path) -> Source:
    source = Source(folder.name)
    for count, file in enumerate(_files(folder)):
        if count >= MAX_ENTRIES:
            raise UsageError(f"{folder} holds more than {MAX_ENTRIES:,} files.")
        name = file.relative_to(folder).as_posix()
        path = entry_path(name)
        if path is not None and is_junk(path):
            continue
        if path is None:
            source.refused[name] = "has a name that cannot be read"
        elif file.is_symlink() or not file.is_file():
            source.refused[path] = "is a link" if file.is_symlink() else "is no ordinary file"
        else:
            source.add(path, partial(read_file, file))
    return source


def _files(folder: Path) -> Iterable[Path]:
    for parent, folders, files in os.walk(folder):
        linked = [name for name in folders if Path(parent, name).is_symlink()]
        folders.sort()
        yield from (Path(parent, name) for name in sorted([*files, *linked]))
