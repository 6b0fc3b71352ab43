"""What commands print on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.cli import terminal


def test_the_progress_bar_is_gone_before_the_last_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """So what is printed after it has a line of its own."""
    happened = list[object]()

    @contextmanager
    def bar(*_: object) -> Iterator[Callable[[int], None]]:
        yield happened.append
        happened.append("gone")

    monkeypatch.setattr(terminal, "bar", bar)
    monkeypatch.setattr("autograder.reports.summary.progress_line", lambda *_: "")
    results: Iterator[Any] = (SimpleNamespace(record=name) for name in "ab")
    for result in terminal.with_progress(results, 2):
        happened.append(result.record)
    assert happened == [1, "a", 1, "gone", "b"]
