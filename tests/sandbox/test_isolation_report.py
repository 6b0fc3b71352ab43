"""The probe finds what is stopped, and would find what is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.sandbox import escape_attempts as attempts
from autograder.sandbox.isolation_report import (
    FORBIDDEN,
    IsolationReport,
    _targets,
    isolation_report,
    probe,
)
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker import scratch
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines a process")


def test_everything_is_stopped_in_a_child(warm: WarmProcess, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("secret")
    report = probe(warm, (tmp_path / "file",))
    assert report.missing == []
    assert report.complete
    assert "Landlock" in str(report)


@pytest.mark.parametrize(
    "version", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 7))]
)
def test_everything_is_stopped_with_an_older_landlock(version: int) -> None:
    older = [sys.executable, "-m", "tests.older_landlock", str(version)]
    done = subprocess.run(
        [*older, sys.executable, "-m", "autograder", "doctor"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"Landlock {version}," in done.stdout
    assert done.stdout.count("was stopped") == len(FORBIDDEN)


def test_every_attempt_has_a_name_for_people() -> None:
    assert set(attempts.ATTEMPTS) == set(FORBIDDEN)


def test_a_process_that_nothing_confines_gets_through(tmp_path: Path) -> None:
    """Otherwise the attempts would prove nothing."""
    program = (
        "import json, sys, resource; from autograder.sandbox.escape_attempts import attempt_all\n"
        "print(json.dumps(attempt_all(json.loads(sys.argv[1]))))"
    )
    with _targets(tmp_path / "targets", ()) as targets:
        done = subprocess.run(
            [sys.executable, "-c", program, json.dumps(targets)],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
    stopped = json.loads(done.stdout)
    expected = set(FORBIDDEN)
    if os.getuid() != 0:  # what a machine keeps from every ordinary user
        expected -= {"gain_rights", "read_memory"}
    assert {name for name in expected if stopped[name]} == set()


def test_what_is_missing_is_said() -> None:
    stopped = dict.fromkeys(FORBIDDEN, True) | {"reach_network": False}
    report = IsolationReport(stopped)
    assert not report.complete
    assert str(report).startswith("best-effort")
    assert "student code can reach the network or a local socket; on " in str(report)


def test_other_platforms_grade_anyway_and_say_why(
    monkeypatch: pytest.MonkeyPatch, course: Course, assignment: Assignment, warm: WarmProcess
) -> None:
    report = IsolationReport(dict.fromkeys(FORBIDDEN, False))
    monkeypatch.setattr("autograder.sandbox.isolation_report.probe", lambda *_: report)
    with pytest.raises(CourseError, match="isolation: required"):
        isolation_report(course, assignment, warm)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "Darwin has no Landlock" in str(isolation_report(course, assignment, warm))


def test_the_probe_leaves_nothing_behind(warm: WarmProcess) -> None:
    before = os.listdir(
        scratch.root(warm.folder)
    )  # of the reference solution, if it has been asked
    probe.__wrapped__(warm, ())
    assert os.listdir(warm.folder) == ["scratch"]
    assert os.listdir(scratch.root(warm.folder)) == before
