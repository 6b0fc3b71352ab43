"""Late penalties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.course import Assignment, Extension, Late, Task
from autograder.grading.lateness import lateness
from autograder.record import Lateness
from autograder.submission import timestamp

DUE = datetime(2026, 12, 14, 22, 59, tzinfo=UTC)
RULE = Late(grace=timedelta(minutes=15), penalty_per_day=0.1, max_penalty=0.5)


def assignment(due: datetime | None = DUE, late: Late = RULE) -> Assignment:
    tasks = (Task(name="a", points=10, tests="test_a"),)
    return Assignment(notebook="a", due=due, late=late, tasks=tasks)


@pytest.mark.parametrize(
    ("after", "days", "share"),
    [
        (timedelta(days=-3), 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(minutes=15), 0, 0),
        (timedelta(minutes=15, seconds=1), 1, 0.1),
        (timedelta(days=1), 1, 0.1),
        (timedelta(days=1, seconds=1), 2, 0.2),
        (timedelta(days=40), 40, 0.5),
    ],
)
def test_each_day_begun_after_the_grace_period_costs(
    after: timedelta, days: int, share: float
) -> None:
    found = lateness(assignment(), "ada", DUE + after)
    assert found.days == days
    assert found.share == pytest.approx(share)


def test_without_a_due_date_or_a_time_nothing_is_late() -> None:
    assert lateness(assignment(due=None), "ada", DUE) == Lateness()
    assert lateness(assignment(), "ada", None) == Lateness()


def test_without_a_rule_lateness_is_noted_and_costs_nothing() -> None:
    assert lateness(assignment(late=Late()), "ada", DUE + timedelta(hours=1)) == Lateness(1, 0)


def test_a_penalty_is_a_part_of_the_points_earned() -> None:
    assert Lateness(3, 0.3).penalty(82) == 24.6
    assert Lateness(3, 0.3).penalty(0) == 0


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-01 10:00:00.123456 UTC", datetime(2026, 12, 1, 10, 0, 0, 123456, UTC)),
        ("2026-12-01 10:00:00 CET\n", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01 10:00:00 Europe/Berlin", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01 10:00:00 +0200", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T10:00:00Z", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01 10:00:00", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("2026 9999999999999999999999999999999999999999M3.2.0", None),
        ("2026-12-01 10:00:00 ../../../etc/hosts", None),
        ("0001-01-01 00:00:00 +1400", None),
        ("2" * 300, None),
    ],
)
def test_time_stamps_are_read_in_their_time_zone(
    tmp_path: Path, text: str, utc: datetime | None
) -> None:
    (tmp_path / "timestamp.txt").write_text(text)
    assert timestamp(tmp_path) == utc


def test_a_link_is_no_time_stamp(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("2026-12-01 10:00:00")
    (tmp_path / "timestamp.txt").symlink_to("real")
    assert timestamp(tmp_path) is None


def test_who_has_more_time_is_late_from_then_on() -> None:
    more = Extension(student="ada", due=DUE + timedelta(days=3))
    extended = assignment().model_copy(update={"extensions": (more,)})
    after = DUE + timedelta(days=3, hours=1)
    assert lateness(extended, "ada", after - timedelta(hours=1)) == Lateness()
    assert lateness(extended, "ada", after) == Lateness(1, 0.1)
    assert lateness(extended, "bob", after) == Lateness(4, 0.4)


def test_an_address_is_the_same_in_capital_and_small_letters() -> None:
    days = (
        Extension(student=n, due=DUE + timedelta(days=i))
        for i, n in enumerate(("Ada@U.x", "ada"), 1)
    )
    extended = assignment().model_copy(update={"extensions": tuple(days)})
    assert extended.due_of("ada@u.X") == DUE + timedelta(days=1)
    assert extended.due_of("Ada") == extended.due_of("ada") == DUE + timedelta(days=2)
    assert extended.due_of("bob") == DUE


def test_time_granted_elsewhere_counts_where_the_course_says_nothing() -> None:
    granted = {"ada": timedelta(days=2)}
    late = DUE + timedelta(days=2)
    assert lateness(assignment().with_granted(granted), "ada", late).days == 0
    assert lateness(assignment().with_granted(granted), "bob", late).days == 2
    nobody = assignment().model_copy(update={"extensions": ()})
    assert lateness(nobody.with_granted(granted), "ada", late).days == 2
