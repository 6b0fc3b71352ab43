"""The badge of a check says how many checks pass, and nothing where that is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.exam.session import Paper
from autograder.scorecard import Outcome, TestResult
from autograder.selfcheck.badge import badge_of
from autograder.selfcheck.result import Checked
from autograder.submission import Submission
from tests.conftest import ROOT

RELEASE = ROOT / "assignments/linear_regression/linear_regression.ipynb"


def checked(*outcomes: Outcome) -> Checked:
    tests = [TestResult(f"test_{i}", "task", "", outcome, 0) for i, outcome in enumerate(outcomes)]
    return Checked("a", tuple(tests), Paper(Submission("", Path()), ()))


def test_it_counts_what_passes() -> None:
    assert "checks: 1 of 3" in badge_of(checked("passed", "failed", "skipped"))


def test_it_says_nothing_where_nothing_is_known() -> None:
    stopped = replace(checked("passed", "failed"), stopped=True)
    for unknown in (stopped, checked("passed", "error"), checked()):
        assert "checks: unknown" in badge_of(unknown)


def test_check_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", str(RELEASE), "--badge", str(tmp_path / "checks.svg")])
    assert ended.value.code == 1
    assert "checks: 0 of 13" in (tmp_path / "checks.svg").read_text()
    with pytest.raises(SystemExit) as ended:
        main(["check", str(RELEASE), "--badge", str(tmp_path / "none" / "checks.svg")])
    assert ended.value.code == 2
    assert "cannot be written" in capsys.readouterr().err
