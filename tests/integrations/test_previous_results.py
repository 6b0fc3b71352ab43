"""Regrading: only changed submissions, with a report of whose score changes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.diagnosis.explained import file_of
from autograder.grading.cache import MAX_OUTDATED
from tests import tiny
from tests.conftest import Command
from tests.integrations.nbgrader.commands import grades, run
from tests.tiny import NAME, RIGHT, WRONG, submit

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other

FILES = (f"feedback/ada/{NAME}.html", f"autograded/ada/{NAME}/{NAME}.ipynb", "gradebook.db")
SUITE = "suite/test_double.py"

Grade = Callable[..., str]


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course whose assignment is in its gradebook."""
    folder = tiny.make_course(tmp_path_factory.mktemp("registered") / "course")
    subprocess.run(
        [sys.executable, "-m", "autograder", "release"], cwd=folder, check=True, capture_output=True
    )
    return folder


@pytest.fixture
def doubles(registered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a course in which ada is right and bob is wrong."""
    monkeypatch.delenv("AUTOGRADER_RECORDS")
    folder = shutil.copytree(registered, tmp_path / "course")
    submit(folder, "ada", RIGHT)
    submit(folder, "bob", WRONG)
    return folder


@pytest.fixture
def grade(doubles: Path, command: Command) -> Grade:
    """Return a function that grades the course."""
    return lambda *options: command(doubles, "grade", *options)


def graded(output: str) -> list[str]:
    """Return the students who were graded, from the lines of progress."""
    return [line.split("] ")[1].split(":")[0] for line in output.splitlines() if "] " in line]


def test_unchanged_submissions_are_not_regraded_but_reported(doubles: Path, grade: Grade) -> None:
    first = grade("--json", "first.jsonl")
    assert graded(first) == ["ada", "bob"]
    again = grade("--json", "again.jsonl")
    assert graded(again) == []
    assert "Nothing has changed: 2 keep their grade. --force regrades them." in again
    assert (doubles / "again.jsonl").read_text() == (doubles / "first.jsonl").read_text()
    table = [line for line in first.splitlines() if line.startswith((" ada", " bob"))]
    assert [line for line in again.splitlines() if line.startswith((" ada", " bob"))] == table
    assert graded(grade("--force")) == ["ada", "bob"]


def test_what_is_explained_is_looked_for_where_points_were_lost(
    doubles: Path, grade: Grade
) -> None:
    grade()
    (doubles / "suite/explained").mkdir()
    words = file_of("double", ["test_double"], "It triples.\nWhy.\nWhere.", WRONG)
    (doubles / "suite/explained/triples.py").write_text(words)
    assert graded(grade()) == ["bob"]
    assert graded(grade()) == []


def test_a_submission_that_has_changed_is_graded_alone(doubles: Path, grade: Grade) -> None:
    grade()
    submit(doubles, "bob", RIGHT)
    submit(doubles, "eve", WRONG)
    output = grade()
    assert graded(output) == ["bob", "eve"]
    assert "1 of 3 are unchanged" in output
    assert {name: held["score"] for name, held in grades(doubles, NAME).items()} == {
        "ada": 10, "bob": 10, "eve": 4,
    }  # fmt: skip


CHANGES: dict[str, Callable[[Path], object]] = {
    "tests": lambda doubles: edit(doubles / SUITE, "FACTOR = 2.0", "FACTOR = 2.00"),
    "support code": lambda doubles: edit(doubles / "suite/support/given.py", "1", "2"),
    "rules": lambda doubles: edit(doubles / "course.yml", "seed: ", "seed: 1"),
    "source": lambda doubles: edit(
        doubles / "solutions" / NAME / f"{NAME}.ipynb", "import math", "import  math"
    ),
    "time": lambda doubles: (doubles / f"submitted/ada/{NAME}/timestamp.txt").write_text(
        "2026-12-01 10:00:00 UTC"
    ),
    "page": lambda doubles: (doubles / FILES[0]).unlink(),
    "autograded": lambda doubles: (doubles / FILES[1]).unlink(),
    "gradebook": lambda doubles: (doubles / FILES[2]).unlink(),
}
QUICK = ("tests", "rules", "source", "page")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    "what",
    [w if w in QUICK else pytest.param(w, marks=pytest.mark.slow) for w in CHANGES],
)
def test_whatever_a_grade_depends_on_or_was_written_to(
    doubles: Path, grade: Grade, what: str
) -> None:
    shutil.rmtree(doubles / "submitted/bob")
    grade()
    CHANGES[what](doubles)
    assert graded(grade()) == ["ada"]
    assert graded(grade()) == []
    assert grades(doubles, NAME)["ada"]["score"] == 10


def test_a_damaged_line_costs_one_grading(doubles: Path, grade: Grade) -> None:
    grade()
    kept = doubles / ".autograder" / f"{NAME}.jsonl"
    first, second = kept.read_text().splitlines()
    kept.write_text(f"{first[:100]}\n[1]\n{second}\n" + "\n" * MAX_OUTDATED)
    assert graded(grade()) == ["ada"]
    assert len(kept.read_text().splitlines()) == 2


def test_where_records_cannot_be_cached_everything_is_regraded_with_a_message(
    doubles: Path, grade: Grade
) -> None:
    (doubles / ".autograder").write_text("in the way")
    output = grade()
    assert "All submissions will be regraded next time" in output
    assert graded(output) == ["ada", "bob"]


def test_a_page_somewhere_else_is_written_although_nothing_has_changed(
    doubles: Path, grade: Grade
) -> None:
    grade()
    assert graded(grade("--feedback", "pages")) == ["ada", "bob"]
    assert graded(grade("--feedback", "pages")) == []
    assert (doubles / f"pages/ada/{NAME}.html").exists()


@pytest.mark.slow
def test_what_was_graded_before_an_interruption_is_not_regraded(
    doubles: Path,
) -> None:
    submit(doubles, "zoe", [RIGHT, "while True: pass"])
    command = [sys.executable, "-m", "autograder", "grade", "-j", "1"]
    with subprocess.Popen(
        command, cwd=doubles, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        kept = doubles / ".autograder" / f"{NAME}.jsonl"
        while len(_lines(kept)) < 2 and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert graded("".join(lines)) == ["ada", "bob"]
    submit(doubles, "zoe", RIGHT)
    assert graded(run(doubles, "autograder", "grade")) == ["zoe"]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_dry_run_says_whose_score_changes_and_why_and_writes_nothing(
    doubles: Path, grade: Grade, command: Command
) -> None:
    grade()
    edit(doubles / SUITE, "FACTOR * x", "FACTOR * abs(x)")
    before = {path: path.read_bytes() for path in doubles.rglob("*") if path.is_file()}
    output = command(doubles, "regrade", "--dry-run")
    after = {path: path.read_bytes() for path in doubles.rglob("*") if path.is_file()}
    assert {p for p in after if "__pycache__" not in p.parts and before.get(p) != after[p]} == set()
    assert "ada 10 4 -6 double 10 → 4: failing now: negative" in " ".join(output.split())
    assert "0 of 2 keep their score. Changed since: the tests." in output
    assert "Nothing was written" in output


def test_a_regrade_writes_what_the_dry_run_showed(
    doubles: Path, grade: Grade, command: Command
) -> None:
    grade()
    edit(doubles / SUITE, "FACTOR * x", "FACTOR * abs(x)")
    command(doubles, "regrade", "--dry-run")
    assert grades(doubles, NAME)["ada"]["score"] == 10
    output = command(doubles, "regrade")
    assert "-6" in output
    assert "Nothing was written" not in output
    assert grades(doubles, NAME)["ada"]["score"] == 4
    assert graded(grade()) == []


def test_previous_scores_come_from_the_gradebook_where_no_record_is_cached(
    doubles: Path, grade: Grade, command: Command
) -> None:
    grade()
    shutil.rmtree(doubles / ".autograder")
    edit(doubles / SUITE, "FACTOR * x", "FACTOR * abs(x)")
    output = " ".join(command(doubles, "regrade", "--dry-run").split())
    assert "ada 10 4 -6 double 10 → 4: graded by nbgrader before" in output


@pytest.mark.slow
def test_a_grade_that_depends_on_the_machine_is_not_cached(doubles: Path, grade: Grade) -> None:
    sleeper = "import os\nr, w = os.pipe()\n\ndef double(x):\n    os.read(r, 1)"
    submit(doubles, "ada", sleeper)  # it waits, and computes nothing
    course = doubles / "course.yml"
    course.write_text(course.read_text().replace("request_seconds: 2", "request_seconds: 0.05"))
    assert "the machine was very busy" in " ".join(grade().split())
    assert graded(grade()) == ["ada"]
