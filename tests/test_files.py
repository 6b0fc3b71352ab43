"""Files are written whole, and under names that every system takes for one folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.files import folder_in_zip, write_whole


def test_a_name_as_long_as_a_file_system_allows_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("\N{GRINNING FACE}" * 62 + ".ipynb")
    write_whole(path, b"x")
    assert path.read_bytes() == b"x"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("ada+ml@uni.example", "ada+ml@uni.example"), ("Čapek, Žofie", "Čapek, Žofie"),
        ("..\\..\\x", "..%5C..%5Cx"), ("C:x", "C%3Ax"), ("\udcff", "%ED%B3%BF"), ("%5C", "%255C"),
        ("a\n", "a%0A"),
    ],
)  # fmt: skip
def test_a_name_that_systems_read_differently_is_quoted_in_a_zip(name: str, folder: str) -> None:
    assert folder_in_zip(name) == folder
