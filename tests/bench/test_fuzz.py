"""Whatever children reply, every submission gets its record."""

from __future__ import annotations

import pytest

from bench.fuzz import fuzz


@pytest.mark.slow
def test_hostile_replies_end_no_run_and_never_make_judging_fail() -> None:
    found = fuzz(replies=2000, seed=3)
    assert found.hostile >= 2000
    assert found.sent > found.hostile
    assert found.failures == []
