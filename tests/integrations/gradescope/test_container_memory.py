"""A submission gets no more memory than its container has left."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Assignment
from autograder.integrations.gradescope import container

MiB = 1 << 20


def limit(monkeypatch: pytest.MonkeyPatch, folder: Path, **files: str) -> None:
    monkeypatch.setattr(container, "CONTROL", folder)
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_in", ".limit_in").replace(
            "memory_", "memory."
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")


def test_memory_left_is_the_limit_minus_resident_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit(monkeypatch, tmp_path, memory_max=f"{768 * MiB}\n", memory_stat=f"anon {500 * MiB}\nfile 9\n")  # fmt: skip
    assert container.memory_left() == 268 * MiB


def test_a_container_without_a_limit_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, assignment: Assignment
) -> None:
    limit(monkeypatch, tmp_path, memory_max="max\n", memory_stat="anon 5\n")
    assert container.memory_left() is None
    assert container.within_memory_left(assignment) is assignment


def test_where_control_groups_are_unknown_the_course_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, assignment: Assignment
) -> None:
    limit(monkeypatch, tmp_path)
    assert container.within_memory_left(assignment) is assignment


@pytest.mark.parametrize(("left", "given"), [(4096, 2048), (2048, 1984), (300, 236), (50, 96)])
def test_the_limit_fits_with_some_to_spare(
    monkeypatch: pytest.MonkeyPatch, assignment: Assignment, left: int, given: int
) -> None:
    monkeypatch.setattr(container, "memory_left", lambda: left * MiB)
    assert container.within_memory_left(assignment).limits.memory_mb == given
