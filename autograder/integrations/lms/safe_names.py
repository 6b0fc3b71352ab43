"""Names out of an archive, and names for folders: which are safe, and which are the same."""

from __future__ import annotations

import re
import unicodedata

JUNK = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini", ".ipynb_checkpoints")
LONGEST = 150  # bytes: with what is put behind a name, a file system takes 255

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")
_SAFE = re.compile(r"\w([\w .@+'~-]*[\w+~-])?")


def entry_path(name: str) -> str | None:
    """Return a path in an archive, with `/`; None if it leads out of it or can hide anything."""
    path = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = [part for part in path.split("/") if part not in ("", ".")]
    outside = path.startswith("/") or _DRIVE.match(path) or ".." in parts
    if outside or not parts or _CONTROL.search(path):
        return None
    return "/".join(parts)


def is_junk(path: str) -> bool:
    """Say whether something is what systems and editors leave behind, and nobody handed in."""
    parts = path.casefold().split("/")
    return parts[-1].startswith("._") or any(part in JUNK for part in parts)


def safe_folder(name: str) -> str | None:
    """Return a student's name as a folder, and nbgrader, can have it; None if they cannot."""
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    fits = _SAFE.fullmatch(plain) and len(plain.encode()) <= LONGEST
    return plain if fits else None


def folded(name: str) -> str:
    """Return a name so that two are equal if a file system or an export could mix them up."""
    plain = unicodedata.normalize("NFC", " ".join(name.split()))  # as `safe_folder` does
    return unicodedata.normalize("NFC", plain.casefold())


def squashed(name: str) -> str:
    """Return a person's name without order, case, accents and signs, to compare two ways of it."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sorted(char for char in plain if char.isalnum()))
