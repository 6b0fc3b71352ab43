"""Whatever children reply, every submission gets its record."""

from __future__ import annotations

import pytest

from bench.fuzz import fuzz
from tests.conftest import THOROUGH


@pytest.mark.slow
def test_hostile_replies_end_no_run_and_never_make_judging_fail() -> None:
    replies = 2000 if THOROUGH else 500
    found = fuzz(replies, seed=3)
    assert found.hostile >= replies
    assert found.sent > found.hostile
    assert found.failures == []
