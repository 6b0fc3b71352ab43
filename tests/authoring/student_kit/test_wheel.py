"""A wheel says what is in it, and another one is called something else."""

from __future__ import annotations

import hashlib
import io
import zipfile
from base64 import urlsafe_b64decode
from dataclasses import replace

from autograder.authoring.student_kit.wheel import Project, wheel

PROJECT = Project(
    "own-kit", "1.2", "A kit.", ["click>=8"], ">=3.11", ("own", "own.cli:main"),
    ("BSD-3-Clause", "Do as you like."), "# Own\n\nMore.",
)  # fmt: skip
FILES = {"own/cli.py": b"def main(): ...\n", "own/__init__.py": b""}


def test_the_record_lists_every_file_with_its_digest() -> None:
    name, content = wheel(PROJECT, FILES)
    archive = zipfile.ZipFile(io.BytesIO(content))
    info = name.removesuffix("-py3-none-any.whl") + ".dist-info"
    rows = [line.rsplit(",", 2) for line in archive.read(f"{info}/RECORD").decode().splitlines()]
    assert sorted(row[0] for row in rows) == sorted(archive.namelist())
    for path, digest, size in rows[:-1]:
        right = hashlib.sha256(archive.read(path)).digest()
        assert urlsafe_b64decode(digest.removeprefix("sha256=") + "=") == right
        assert int(size) == len(archive.read(path))
    assert rows[-1] == [f"{info}/RECORD", "", ""]


def test_the_same_contents_give_the_same_wheel_and_others_another_version() -> None:
    assert wheel(PROJECT, FILES) == wheel(PROJECT, dict(reversed(FILES.items())))
    names = {
        wheel(PROJECT, FILES)[0],
        wheel(PROJECT, FILES | {"own/cli.py": b"def main(): pass\n"})[0],
        wheel(replace(PROJECT, requires=["click>=9"]), FILES)[0],
    }
    assert len(names) == 3
    assert all(name.startswith("own_kit-1.2+") for name in names)
