"""What the author reads when nbgrader cannot make a release version."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.integrations.nbgrader.release_version import _reason
from tests.conftest import Command
from tests.tiny import NAME, make_course

LOGGED = """\
[GenerateAssignmentApp | ERROR] There was an error processing assignment: ridge
[GenerateAssignmentApp | ERROR] Traceback (most recent call last):
      File "clearsolutions.py", line 103, in _replace_solution_region
        raise RuntimeError(
    RuntimeError: encountered nested begin solution statements

[GenerateAssignmentApp | ERROR] Please see the the above traceback for details.
"""
CRASHED = """\
Traceback (most recent call last):
  File "app.py", line 3, in main
    start()
sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) disk I/O error
(Background on this error at: https://sqlalche.me/e/20/e3q8)
"""


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (LOGGED, "RuntimeError: encountered nested begin solution statements"),
        (CRASHED, "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) disk I/O error"),
        ("[App | WARNING] Hm.\n[App | ERROR] No notebooks.\n", "No notebooks"),
        ("", "no reason given"),
    ],
)
def test_the_reason_is_the_exception_that_nbgrader_logs(log: str, reason: str) -> None:
    assert _reason(log) == reason


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other
def test_what_nbgrader_rejects_is_said(tmp_path: Path, command: Command) -> None:
    source = make_course(tmp_path) / "solutions" / NAME / f"{NAME}.ipynb"
    source.write_text(source.read_text().replace("### END SOLUTION", ""))
    said = command(tmp_path, "release", status=2)
    assert f"{NAME}.ipynb: nbgrader generate_assignment failed: RuntimeError: no end sol" in said
