"""Files beside a notebook: those of the assignment come before those of a submission."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.beside import files_named, not_given


def test_files_that_match_a_pattern_are_read_by_their_paths(tmp_path: Path) -> None:
    for name in ("a.csv", "data/b.csv", "c.txt", "n.ipynb", ".hidden.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    assert files_named(tmp_path, ["*.csv"]) == {"a.csv": b"a.csv", "data/b.csv": b"data/b.csv"}
    assert files_named(tmp_path, []) == {}
    assert files_named(tmp_path / "missing", ["*"]) == {}


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    assert files_named(tmp_path, ["a.csv"]) == {"a.csv": b"1"}
    (tmp_path / "a.csv").write_text("23")
    assert files_named(tmp_path, ["a.csv"]) == {"a.csv": b"23"}


@pytest.mark.parametrize(
    ("given", "submitted", "stays"),
    [
        ("a.csv", "b.csv", True),
        ("a.csv", "a.csv", False),
        ("a.csv", "a.csv/b", False),
        ("data/a.csv", "data", False),
        ("data/a.csv", "data/b.csv", True),
        ("helpers.py", "helpers/__init__.py", False),
        ("helpers.py", "helpers.cpython-311-x86_64-linux-gnu.so", False),
        ("helpers.py", "helpers.csv", True),
        ("helpers.csv", "helpers.py", True),
        ("helpers.py", "others.py", True),
    ],
)
def test_no_file_of_a_submission_stands_in_the_way_of_the_assignments(
    given: str, submitted: str, stays: bool
) -> None:
    assert bool(not_given({submitted: b""}, [given])) == stays
