"""A wheel says what is in it, and another one is called something else."""

from __future__ import annotations

import hashlib
import io
import zipfile
from base64 import urlsafe_b64decode

from autograder import __version__
from autograder.authoring.student_kit.wheel import wheel

ABOUT = (["own"], ["click"], "# Own\n\nMore.")
FILES = {"own/cli.py": b"def main(): ...\n", "own/__init__.py": b""}


def test_the_record_lists_every_file_with_its_digest() -> None:
    name, content = wheel(*ABOUT, FILES)
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
    assert wheel(*ABOUT, FILES) == wheel(*ABOUT, dict(reversed(FILES.items())))
    names = {
        wheel(*ABOUT, FILES)[0],
        wheel(*ABOUT, FILES | {"own/cli.py": b"def main(): pass\n"})[0],
        wheel(["own"], ["jinja2"], "# Own\n\nMore.", FILES)[0],
    }
    assert len(names) == 3
    assert all(name.startswith(f"ml_autograder_student-{__version__}+") for name in names)
