"""Lines, medians and ratios are those one would work out by hand."""

from __future__ import annotations

import pytest

from bench.figures import Line, Measured, Results, each, line_through


def results(*rows: tuple[str, int, int, float]) -> Results:
    """Return results of one workload: road, submissions, round, seconds; twice that of CPU."""
    return Results(
        Measured("lean", road, n, r, seconds, 2 * seconds) for road, n, r, seconds in rows
    )


def test_a_line_has_a_start_and_a_slope() -> None:
    line = line_through([(10, 5.0), (1, 3.2), (5, 100.0)])
    assert (line.start, line.slope) == pytest.approx((3.0, 0.2))
    assert line.at(100) == pytest.approx(23.0)


def test_one_point_is_all_slope() -> None:
    assert line_through([(4, 20.0)]) == Line(0.0, 5.0)


def test_seconds_each_include_the_start_up() -> None:
    assert each(line_through([(10, 5.0), (110, 25.0)]).at(60), 60) == pytest.approx(0.25)


def test_seconds_are_the_median_of_the_rounds() -> None:
    found = results(("ours", 10, 0, 2.0), ("ours", 10, 1, 9.0), ("ours", 10, 2, 3.0))
    assert found.seconds("lean", "ours", 10) == 3.0
    assert found.cpu("lean", "ours", 10) == 6.0
    assert found.seconds("lean", "ours", 100) is None


def test_runs_that_look_at_memory_are_not_timed() -> None:
    found = results(("ours", 10, 0, 2.0))
    found.add(Measured("lean", "ours", 10, 0, 99.0, 99.0, memory=500))
    found.add(Measured("lean", "ours", 100, 0, 99.0, 99.0, memory=600))
    assert found.seconds("lean", "ours", 10) == 2.0
    assert found.counts("lean", "ours") == [10]
    assert [found.memory("lean", "ours", n) for n in (10, 100, 1000)] == [500, 600, None]


def test_the_slower_roads_time_is_read_off_its_line_in_the_same_round() -> None:
    found = results(
        ("stock", 1, 0, 6.0), ("stock", 5, 0, 22.0), ("ours", 100, 0, 4.02),  # 2 + 4 n, so 402
        ("stock", 1, 1, 9.0), ("stock", 5, 1, 33.0), ("ours", 100, 1, 60.3),  # 3 + 6 n, so 603
        ("stock", 1, 2, 6.0), ("stock", 5, 2, 22.0), ("ours", 100, 2, 8.04),
    )  # fmt: skip
    assert found.ratio("lean", "stock", "ours", 100) == pytest.approx(50)  # of 100, 10 and 50
    assert found.ratio("lean", "stock", "ours", 100, cpu=True) == pytest.approx(50)


def test_where_both_graded_as_many_nothing_is_read_off_a_line() -> None:
    found = results(
        ("ours", 1, 0, 3.0), ("ours", 10, 0, 8.0), ("ours", 99, 0, 9.0), ("bare", 10, 0, 4.0)
    )
    assert found.ratio("lean", "ours", "bare", 10) == pytest.approx(2)


def test_sleep_is_taken_out_for_each_submission() -> None:
    found = results(("stock", 1, 0, 6.0), ("stock", 5, 0, 22.0), ("ours", 100, 0, 4.02))
    ratio = found.ratio("lean", "stock", "ours", 100, asleep=1.5)
    assert ratio == pytest.approx((402 - 150) / 4.02)


def test_a_round_in_which_a_road_was_not_run_gives_no_ratio() -> None:
    found = results(("stock", 1, 0, 6.0), ("ours", 100, 1, 4.0))
    assert found.ratio("lean", "stock", "ours", 100) is None
    assert found.ratio("lean", "stock", "otter", 100) is None
