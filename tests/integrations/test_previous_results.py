"""Grading again: only what has changed, and a word on whose score changes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.grading.cache import SPARE
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, write_notebook
from tests.corpus.wrong import WRONG
from tests.integrations.nbgrader.commands import NAME, grades, run

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other

GOOD = ACCEPTED[0]
BAD = next(answer for answer in WRONG if answer.name == "no_bias")
FILES = (f"feedback/ada/{NAME}.html", f"autograded/ada/{NAME}/{NAME}.ipynb", "gradebook.db")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a course with a suite of its own, in which ada is right and bob is wrong."""
    monkeypatch.delenv("AUTOGRADER_RECORDS")
    folder = tmp_path / "course"
    folder.mkdir()
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    shutil.copytree(ROOT / "autograder/suites/linear_regression", folder / NAME)
    hand_in(folder, "ada", GOOD.cells())
    hand_in(folder, "bob", BAD.cells())
    return folder


def hand_in(course: Path, student: str, cells: list[str]) -> Path:
    path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_notebook(path, cells)


def grade(course: Path, *options: str, status: int = 0) -> str:
    return run(course, "autograder", "grade", *options, status=status)


def graded(output: str) -> list[str]:
    """Return the students who were graded, from the lines of progress."""
    return [line.split("] ")[1].split(":")[0] for line in output.splitlines() if "] " in line]


def test_what_has_not_changed_is_not_graded_again_and_is_reported_all_the_same(
    course: Path,
) -> None:
    first = grade(course, "--json", "first.jsonl")
    assert graded(first) == ["ada", "bob"]
    again = grade(course, "--json", "again.jsonl")
    assert graded(again) == []
    assert "Nothing has changed: 2 keep their grade. --force grades them again." in again
    assert (course / "again.jsonl").read_text() == (course / "first.jsonl").read_text()
    table = [line for line in first.splitlines() if line.startswith((" ada", " bob"))]
    assert [line for line in again.splitlines() if line.startswith((" ada", " bob"))] == table
    assert graded(grade(course, "--force")) == ["ada", "bob"]


def test_a_submission_that_has_changed_is_graded_alone(course: Path) -> None:
    grade(course)
    hand_in(course, "bob", GOOD.cells())
    hand_in(course, "eve", BAD.cells())
    output = grade(course)
    assert graded(output) == ["bob", "eve"]
    assert "1 of 3 unchanged" in output
    assert {name: held["score"] for name, held in grades(course).items()} == {
        "ada": 100, "bob": 100, "eve": 70,
    }  # fmt: skip


CHANGES: dict[str, Callable[[Path], object]] = {
    "tests": lambda course: edit(course / NAME / "test_step.py", "LR = 0.1", "LR = 0.10"),
    "what tests lend": lambda course: edit(course / NAME / "support/model.py", '"""', '"""A '),
    "rules": lambda course: edit(course / "course.yml", "seed: ", "seed: 1"),
    "source": lambda course: edit(course / "solutions" / NAME / f"{NAME}.ipynb", "# ", "#  "),
    "time": lambda course: (course / f"submitted/ada/{NAME}/timestamp.txt").write_text(
        "2026-12-01 10:00:00 UTC"
    ),
    "page": lambda course: (course / FILES[0]).unlink(),
    "autograded": lambda course: (course / FILES[1]).unlink(),
    "gradebook": lambda course: (course / FILES[2]).unlink(),
}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_a_grade_depends_on_or_was_written_to(course: Path, what: str) -> None:
    shutil.rmtree(course / "submitted/bob")
    grade(course)
    CHANGES[what](course)
    assert graded(grade(course)) == ["ada"]
    assert graded(grade(course)) == []
    assert grades(course)["ada"]["score"] == 100


def test_a_damaged_line_costs_one_grading(course: Path) -> None:
    grade(course)
    kept = course / ".autograder" / f"{NAME}.jsonl"
    first, second = kept.read_text().splitlines()
    kept.write_text(f"{first[:100]}\n[1]\n{second}\n" + "\n" * SPARE)
    assert graded(grade(course)) == ["ada"]
    assert len(kept.read_text().splitlines()) == 2


def test_where_records_cannot_be_kept_everything_is_graded_and_that_is_said(course: Path) -> None:
    (course / ".autograder").write_text("in the way")
    output = grade(course)
    assert "Everything will be graded again next time" in output
    assert graded(output) == ["ada", "bob"]


def test_a_page_somewhere_else_is_written_although_nothing_has_changed(course: Path) -> None:
    grade(course)
    assert graded(grade(course, "--feedback", "pages")) == ["ada", "bob"]
    assert graded(grade(course, "--feedback", "pages")) == []
    assert (course / f"pages/ada/{NAME}.html").exists()


def test_what_was_graded_before_an_interruption_is_not_graded_again(course: Path) -> None:
    hand_in(course, "zoe", ["while True: pass", *GOOD.cells()])
    command = [sys.executable, "-m", "autograder", "grade", "-j", "1"]
    with subprocess.Popen(
        command, cwd=course, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        kept = course / ".autograder" / f"{NAME}.jsonl"
        until = time.monotonic() + 20
        while time.monotonic() < until and len(_lines(kept)) < 2:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert graded("".join(lines)) == ["ada", "bob"]
    hand_in(course, "zoe", GOOD.cells())
    assert graded(grade(course)) == ["zoe"]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_dry_run_says_whose_score_changes_and_why_and_writes_nothing(course: Path) -> None:
    grade(course)
    edit(course / NAME / "test_step.py", "STILL = 1e-3", "STILL = 1e3")  # nobody moves so far
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    output = run(course, "autograder", "regrade", "--dry-run")
    after = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    assert {p for p in after if "__pycache__" not in p.parts and before.get(p) != after[p]} == set()
    assert "ada 100 94 -6 step 35 → 29: failing now: target row by row" in " ".join(output.split())
    assert "0 of 2 keep their score. Changed since: the tests." in output
    assert "Nothing was written" in output


def test_a_regrade_writes_what_the_dry_run_showed(course: Path) -> None:
    grade(course)
    edit(course / NAME / "test_step.py", "STILL = 1e-3", "STILL = 1e3")
    run(course, "autograder", "regrade", "--dry-run")
    assert grades(course)["ada"]["score"] == 100
    output = run(course, "autograder", "regrade")
    assert "-6" in output
    assert "Nothing was written" not in output
    assert grades(course)["ada"]["score"] == 94
    assert graded(grade(course)) == []


def test_scores_before_come_from_the_gradebook_where_no_record_was_kept(course: Path) -> None:
    grade(course)
    shutil.rmtree(course / ".autograder")
    edit(course / NAME / "test_step.py", "STILL = 1e-3", "STILL = 1e3")
    output = " ".join(run(course, "autograder", "regrade", "--dry-run").split())
    assert "ada 100 94 -6 step 35 → 29: graded by nbgrader before" in output


def test_a_grade_that_says_something_of_the_machine_is_not_kept(course: Path) -> None:
    sleeper = "import os\nr, w = os.pipe()\n\ndef polynomial_gradients(a, b):\n    os.read(r, 1)"
    hand_in(course, "ada", [*GOOD.cells(), sleeper])  # it waits, and computes nothing
    assert "the machine may have been busy" in " ".join(grade(course).split())
    assert graded(grade(course)) == ["ada"]
