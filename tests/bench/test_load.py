"""Grades beside other work are those of a quiet machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import load


@pytest.mark.slow
def test_a_busy_machine_changes_no_grade(tmp_path: Path) -> None:
    students = ("chloe", "greta", "mateo", "plain", "slow_by_row", "slow_with_plot")
    submitted = load.write_class(tmp_path / "submitted", students)
    quiet = load.grade(submitted)
    assert set(quiet) == set(students)
    with load.busy(3):
        busy = load.grade(submitted)
    assert load.compare(quiet, busy) == []


def record(score: float, review: str | None = None) -> dict[str, Any]:
    return {"score": score, "max_score": 100, "tasks": [{"review": review}]}


@pytest.mark.parametrize(
    ("quiet", "busy", "same"),
    [
        (record(80), record(80), True),
        (record(80), record(74), False),
        (record(80), record(74, "It waited."), True),
        (record(100), record(74, "It waited."), False),
    ],
)
def test_a_difference_is_named_unless_a_person_looks_at_it(
    quiet: dict[str, Any], busy: dict[str, Any], same: bool
) -> None:
    assert (load.compare({"ada": quiet}, {"ada": busy}) == []) is same
