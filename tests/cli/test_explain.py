"""`autograder explain`: a failure that nothing explains becomes a known mistake."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.grading.cache import ResultCache
from autograder.record import TaskScore
from autograder.submission import find_submissions
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import Answer, step
from tests.conftest import ROOT, Command, write_course, write_notebook
from tests.corpus.unknown import UNKNOWN
from tests.insight.made_up import record, task

NAME = "linear_regression"
WORDS = "It is wrong.\nThat is why.\nLook there."
SQUARED = step("((model.forward(X).squeeze(1) - y) ** 4).mean()  # by Ada")
RIGHT, WRONG = task("step", "pp"), task("step", "pf")


@pytest.fixture(autouse=True)
def _own_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_RECORDS")


def new_course(folder: Path) -> None:
    """Write a course with a suite of its own."""
    write_course(folder)
    shutil.copytree(ROOT / "solutions" / NAME, folder / "solutions" / NAME)
    shutil.copytree(ROOT / "autograder" / "suites" / NAME, folder / NAME)


def submit(folder: Path, student: str, answer: Answer) -> None:
    notebook = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
    write_notebook(notebook, answer.cells())


@pytest.fixture
def classroom(tmp_path: Path) -> Path:
    """Return a course with three submissions, of which two are a group by their records."""
    new_course(tmp_path)
    by_student: dict[str, TaskScore] = {"ada": WRONG, "bob": WRONG, "cleo": RIGHT}
    for student in by_student:
        submit(tmp_path, student, Answer("wrong", step=SQUARED))
    loaded = load_course(tmp_path / "course.yml")
    assignment = loaded.assignment(None)
    cache = ResultCache(loaded, assignment)
    for one in find_submissions([tmp_path / "submitted"], assignment)[0]:
        other = task("fit", {"ada": "fp", "bob": "ff", "cleo": "pp"}[one.student])  # it follows
        made = record(one.student, by_student[one.student], other)
        cache.add(one, cache.fingerprint(one), made, None)
    return tmp_path


@pytest.mark.parametrize("which", ["1", "bob"])
def test_the_shortest_code_becomes_a_mistake(
    classroom: Path, light_command: Command, which: str
) -> None:
    said = light_command(classroom, "explain", which, "--name", "fourth_power", "--text", WORDS)
    assert f"Written: {NAME}/explained/fourth_power.py, of 2 students." in said
    written = (classroom / NAME / "explained" / "fourth_power.py").read_text()
    assert written.startswith('"""task: step\nloses: step_2 fit_1\n\nIt is wrong.\n')
    assert "** 4" in written
    assert "Ada" not in written
    again = light_command(classroom, "explain", which, "--name", "fourth_power", status=2)
    assert "already" in again


def test_the_words_are_asked_for_in_an_editor(
    classroom: Path, light_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.edit", lambda text: f"{text}{WORDS}")
    light_command(classroom, "explain", "1", "--name", "fourth_power")
    written = (classroom / NAME / "explained" / "fourth_power.py").read_text()
    assert "\n\nIt is wrong.\nThat is why.\nLook there.\n" in written
    assert "#" not in written


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2", "--name", "a"), "the groups are 1 to 1"),
        (("cleo", "--name", "a"), "no failure that is not explained yet"),
        (("1", "--name", "Not so"), "is no name for a mistake"),
        (("1", "--name", "absolute", "--text", WORDS), "already"),
        (("1", "--name", "a", "--text", " "), "needs words"),
    ],
)
def test_what_cannot_be_is_said(
    classroom: Path, light_command: Command, arguments: tuple[str, ...], said: str
) -> None:
    assert said in light_command(classroom, "explain", *arguments, status=2)
    assert not (classroom / NAME / "explained").exists()


@pytest.mark.slow
def test_an_explained_mistake_is_named_to_all_who_make_it_and_no_score_changes(
    tmp_path: Path, command: Command
) -> None:
    new_course(tmp_path)
    answers = [one for some in UNKNOWN.values() for one in some] + list(ACCEPTED[:5])
    for answer in answers:
        submit(tmp_path, answer.name, answer)
    before = grade(tmp_path, command)
    for name, (first, *_) in UNKNOWN.items():
        (lost,) = first.loses
        command(tmp_path, "explain", first.name, "--task", lost, "--name", name, "--text", WORDS)
    after = grade(tmp_path, command)
    assert {one: record["score"] for one, record in after.items()} == {
        one: record["score"] for one, record in before.items()
    }
    for student, graded in after.items():
        named = [name for part in graded["tasks"] for name in part["misconceptions"]]
        mistake = next((name for name in UNKNOWN if student.startswith(f"{name}_")), None)
        assert named == ([] if mistake is None else [mistake])


def grade(folder: Path, command: Command) -> dict[str, dict[str, Any]]:
    command(folder, "grade", "--json", "records.jsonl")
    lines = (folder / "records.jsonl").read_text().splitlines()
    return {record["student"]: record for record in map(json.loads, lines)}
