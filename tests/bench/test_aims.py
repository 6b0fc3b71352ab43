"""Aims are judged by what was measured, and by nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.aims import Aim, aims
from bench.figures import Measured, Naming, Results
from bench.otter_tests import ok_test
from bench.roads import WrongGradesError, check_bare, check_scores
from bench.workload import CELLS, OTHERS, Submitted, make_class

GOOD = (
    ("lean", "stock", 1, 7.0), ("lean", "stock", 5, 27.0),
    ("released", "stock", 1, 12.0), ("released", "stock", 5, 42.0),
    ("lean", "ours", 1, 4.0), ("lean", "ours", 10, 4.2), ("lean", "ours", 100, 6.0),
    ("lean", "ours", 1000, 24.0), ("lean", "ours, unchanged", 1000, 2.0),
    ("lean", "ours, Dask", 1000, 28.0), ("lean", "bare", 1000, 17.0),
    ("lean", "import all", 1, 3.0), ("lean", "preprocessor", 100, 30.0),
    ("released", "ours", 100, 14.0),
    *(row for name in OTHERS for row in (
        (name, "stock", 1, 7.0), (name, "stock", 5, 27.0),
        (name, "ours", 300, 12.0), (name, "bare", 300, 9.0),
    )),
    *(row for name in CELLS for row in (
        (name, "stock", 1, 4.0), (name, "stock", 5, 12.0), (name, "ours", 100, 7.0),
    )),
)  # fmt: skip
NAMING = Naming("lean", 3, 9.0, 6.0, 2.9, (0.01,), (0.02,))


def judged(*rows: tuple[str, str, int, float], memory: int = 500) -> list[Aim]:
    results = Results(Measured(w, road, n, 0, s, s) for w, road, n, s in rows)
    results.add(Measured("lean", "ours", 100, 0, 9.0, 9.0, memory=500 << 20))
    results.add(Measured("lean", "ours", 1000, 0, 9.0, 9.0, memory=memory << 20))
    results.naming.append(NAMING)
    return aims(results, asleep=1.5)


def test_all_aims_are_reached_by_good_numbers() -> None:
    found = judged(*GOOD)
    assert [aim.reached for aim in found] == [True] * len(found), found
    assert found[0].measured == "208 × at 1000"
    assert found[1].measured == "43 × at 100"  # (4.5 + 7.5 × 100 - 1.5 × 100) / 14


@pytest.mark.parametrize(
    ("road", "count", "missed"),
    [
        ("ours", 1, "one submission"),
        ("preprocessor", 100, "`nbgrader autograde`"),
        ("ours, unchanged", 1000, "1,000 unchanged"),
        ("ours, Dask", 1000, "a local Dask"),
    ],
)
def test_a_slow_road_misses_its_aim(road: str, count: int, missed: str) -> None:
    slow = [(w, r, n, 3 * s if (w, r, n) == ("lean", road, count) else s) for w, r, n, s in GOOD]
    found = [aim.text for aim in judged(*slow) if not aim.reached]
    assert len(found) == 1
    assert found[0].startswith(missed)


def test_naming_that_takes_long_misses_its_aims() -> None:
    results = Results()
    results.naming.append(replace(NAMING, first=3.1, known=(0.01, 0.04)))
    assert [aim.measured for aim in aims(results, 0.0) if aim.reached is False] == [
        "3.10 s", "23.3 ms",
    ]  # fmt: skip


def test_memory_that_grows_misses_its_aim() -> None:
    assert [aim.measured for aim in judged(*GOOD, memory=600) if not aim.reached] == [
        "500 MiB, then 600 MiB"
    ]


def test_nothing_is_judged_that_was_not_measured() -> None:
    assert {aim.reached for aim in aims(Results(), 0.0)} == {None}


def test_a_small_class_is_too_few_to_judge_by() -> None:
    small = [(w, road, min(n, 60), s) for w, road, n, s in GOOD if n not in {10, 100}]
    speed, *_ = judged(*small)
    assert speed.reached is None
    assert speed.measured.endswith("too few to judge by")


def two(right: bool) -> list[Submitted]:
    return [replace(one, right=right) for one in make_class("lean", 2)]


def test_wrong_grades_stop_the_benchmark() -> None:
    check_scores("ours", two(right=True), {"student0000": 100.0, "student0001": 100.0})
    check_scores("ours", two(right=False), {"student0000": 99.0, "student0001": 0.0})
    for right, scores in ((True, (100.0, 99.0)), (False, (100.0, 0.0)), (True, (100.0,))):
        found = {f"student{number:04}": score for number, score in enumerate(scores)}
        with pytest.raises(WrongGradesError):
            check_scores("ours", two(right=right), found)


def test_bare_must_find_as_many_right_as_there_are() -> None:
    check_bare(two(right=True), "2 of 2 right\n")
    with pytest.raises(WrongGradesError):
        check_bare(two(right=True), "1 of 2 right\n")


def test_a_test_for_otter_is_python() -> None:
    names: dict[str, object] = {}
    exec(ok_test("gradients", "polynomial_gradients(5, 6) == (75, -12)"), names)
    assert names["OK_FORMAT"] is True


def test_a_course_without_a_suite_has_an_aim_of_its_own() -> None:
    name = CELLS[0]
    slow = [(w, r, n, 2 * s if (w, r) == (name, "ours") else s) for w, r, n, s in GOOD]
    (missed,) = [aim for aim in judged(*slow) if not aim.reached]
    assert missed.text.endswith(name)
    assert missed.measured == "14 × at 100"  # (2 + 2 × 100) / 14
