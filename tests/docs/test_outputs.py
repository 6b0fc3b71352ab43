"""Every output in the documentation is what is really printed.

`UPDATE_DOCS=1 pytest tests/docs` replaces what the pages show by what is printed now.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.authoring.verification.cases import cases
from autograder.cli.main import cli
from autograder.cli.terminal import show
from autograder.course import Assignment, Course, Limits
from autograder.grading.batch import grade_batch, prepare
from autograder.integrations.github.job_summary import job_summary
from autograder.record import Lateness, Record
from autograder.record_json import to_line
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import find_submissions
from tests.conftest import ROOT
from tests.docs.pages import HELP, blocks, check_block, read, texts_of_the_kit

NAME = "linear_regression"
CLASS = ROOT / "examples/submitted"
STUDENTS = ("amara", "chloe", "elif", "jonas", "kenji")
OUTPUTS = {
    ("README.md", 0): "tests/docs/test_make_grade.py",
    ("docs/ci/github.md", 0): "test_a_report_for_github",
    ("docs/author/verify.md", 0): "test_what_verify_counts",
    ("docs/author/verify.md", 1): "tests/authoring/verification/test_survivors.py",
    ("docs/operations/speed.md", 0): "test_the_benchmark",
    ("docs/instructor/adopt.md", 0): "tests/authoring/test_adoption.py",
    **{("docs/author/tutorial.md", n): "tests/docs/test_tutorial.py" for n in range(7)},
    (HELP, 0): "tests/authoring/student_kit/test_public_tests.py",
    (HELP, 1): "tests/authoring/student_kit/test_public_tests.py",
}
DRAWINGS = "docs/maintainer/architecture.md"


def test_every_output_is_tested() -> None:
    shown = {(block.page, block.number) for block in blocks("text") if block.page != DRAWINGS}
    assert shown == set(OUTPUTS)
    assert all(test in globals() or (ROOT / test).exists() for test in OUTPUTS.values())


@pytest.fixture(scope="module")
def records(course: Course, assignment: Assignment, warm: WarmProcess) -> list[Record]:
    """Grade a part of the sample class; test_make_grade.py grades all of it."""
    patient = Limits(notebook_seconds=600, cell_seconds=300, request_seconds=300, cpu_seconds=600)
    assignment = assignment.model_copy(update={"limits": patient})  # a busy machine changes nothing
    submissions, _ = find_submissions([CLASS / name / NAME for name in STUDENTS], assignment)
    graded = grade_batch(submissions, prepare(course, assignment), warm)
    return [result.record for result in graded]


@pytest.fixture
def chloe(records: list[Record]) -> Record:
    return next(record for record in records if record.student == "chloe")


@pytest.mark.slow
def test_the_table_of_make_grade(
    records: list[Record],
    assignment: Assignment,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    show(records, assignment, verbose=False)
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    shown = iter(blocks("text", "README.md")[0].text.splitlines())
    assert [line for line in printed if line not in shown] == []  # in this order


@pytest.mark.slow
def test_a_report_for_github(
    chloe: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "records.jsonl").open("w") as file:
        file.write(to_line(chloe))
    shutil.copy(CLASS / "chloe" / NAME / f"{NAME}.ipynb", tmp_path)
    monkeypatch.chdir(tmp_path)
    for variable in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(variable, raising=False)
    command = ["report", "records.jsonl", "--format", "github", "--notebook", f"{NAME}.ipynb"]
    done = CliRunner().invoke(
        cli, [*command, "--course", str(ROOT / "course.yml")], standalone_mode=False
    )
    assert done.return_value == 0, done.output
    delimiter, *lines = done.stdout.splitlines()
    assert lines.pop(lines.index(delimiter.replace("stop-commands::", "") + "::"))
    check_block("docs/ci/github.md", 0, "\n".join(lines) + "\n")


def test_the_summary_on_github(chloe: Record, assignment: Assignment) -> None:
    """The page quotes how the summary begins."""
    late = replace(chloe, late=Lateness(1, assignment.late.penalty_per_day))
    quoted = re.findall(r"^  >(.*)$", read("docs/ci/github.md"), re.MULTILINE)
    shown = re.sub(r"[>\s]+", " ", " ".join(quoted)).strip()
    written = re.sub(r"[>\s]+", " ", job_summary([late], assignment.title, "full")).strip()
    plain = re.sub(r"\\(.)", r"\1", written)
    assert plain.startswith(shown)


def test_what_verify_counts(course: Course, assignment: Assignment) -> None:
    """The run takes an hour; here is what it counts, and the words that it prints."""
    shown = blocks("text", "docs/author/verify.md")[0].text
    kinds = [case.kind for case in cases(course, assignment)]
    for kind in ("reference", "stub", "accepted", "misconception", "attack"):
        assert f" {kinds.count(kind)} {kind}" in shown
    assert f"pairs of misconceptions: {kinds.count('pair')}, of which" in shown
    words = re.sub(r"\{\}", "", texts_of_the_kit())
    for part in re.split(r"[\d.]+ \w+, |[\d.]+%?", shown.replace("\n", "0")):
        assert re.sub(r" (reference|mutant)$", "", part).strip(" ,(") in words, part


def test_the_benchmark() -> None:
    measured = read("bench/README.md").splitlines()
    for line in blocks("text", "docs/operations/speed.md")[0].text.splitlines():
        assert line in measured
