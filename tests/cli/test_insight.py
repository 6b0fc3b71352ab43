"""`autograder insight`, and the page that grading writes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.cli.grading_run import GradingRun
from autograder.cli.insight import _watch, renew_page
from autograder.course import load_course
from autograder.errors import UsageError
from autograder.grading.cache import ResultCache
from autograder.insight import writing
from autograder.record import Record
from autograder.record_json import to_line
from autograder.submission import find_submissions
from autograder.suites.linear_regression.answers import Answer
from tests.conftest import ROOT, Command, write_course, write_notebook
from tests.insight.made_up import made_up_class, record, task

NAME = "linear_regression"


def write_records(file: Path, records: Iterable[Record]) -> Path:
    file.write_text("".join(map(to_line, records)))
    return file


def new_course(folder: Path, *students: str) -> None:
    """Write a course with submissions, of which each has a record."""
    write_course(folder)
    shutil.copytree(ROOT / "solutions" / NAME, folder / "solutions" / NAME)
    course = load_course(folder / "course.yml")
    assignment = course.assignment(None)
    for student in students:
        notebook = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
        write_notebook(notebook, Answer("plain").cells())
    cache = ResultCache(course, assignment)
    for submission in find_submissions([folder / "submitted"], assignment)[0]:
        made = record(submission.student, task("step", "pf"))
        cache.add(submission, cache.fingerprint(submission), made, None)


@pytest.fixture(autouse=True)
def _own_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_RECORDS")


def test_records_are_enough(light_command: Command, tmp_path: Path) -> None:
    write_records(tmp_path / "one.jsonl", made_up_class(5))
    write_records(tmp_path / "two.jsonl", [record("late", task("first", "pppp"))])
    files = ["one.jsonl", "two.jsonl", "--json", "numbers.json", "--csv", "numbers.csv"]
    assert light_command(tmp_path, "insight", *files) == "Written: insight/lr.html\n"
    assert "6 submissions" in (tmp_path / "insight" / "lr.html").read_text()
    assert json.loads((tmp_path / "numbers.json").read_text())["submissions"] == 6
    assert (tmp_path / "numbers.csv").read_text().startswith("kind,task,name,measure,value")


def test_the_records_that_grading_keeps_are_shown_with_the_code(
    light_command: Command, tmp_path: Path
) -> None:
    new_course(tmp_path, "ada", "bob")
    page = tmp_path / "feedback" / "ada" / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.touch()
    light_command(tmp_path, "insight")
    html = (tmp_path / "insight" / f"{NAME}.html").read_text()
    assert 'href="../feedback/ada/linear_regression.html"' in html
    assert "loss.backward()" in html  # of somebody in the group
    assert "Autograd and linear regression" in html
    light_command(tmp_path, "insight", NAME, "-o", "anonymous.html", "--pseudonyms")
    assert "ada" not in (tmp_path / "anonymous.html").read_text()


def test_without_records_it_says_what_to_do(light_command: Command, tmp_path: Path) -> None:
    write_course(tmp_path)
    assert "Run `autograder grade`" in light_command(tmp_path, "insight", status=2)


def test_one_file_takes_one_assignment(light_command: Command, tmp_path: Path) -> None:
    other = Record("ada", "other", "n.ipynb", 20.0, (task("step", "pf"),))
    write_records(tmp_path / "all.jsonl", [*made_up_class(3), other])
    said = light_command(tmp_path, "insight", "all.jsonl", "--json", "numbers.json", status=2)
    assert "choose one of lr, other" in said
    assert light_command(tmp_path, "insight", "all.jsonl").count("Written:") == 2


def test_a_record_cannot_choose_where_the_page_goes(light_command: Command, tmp_path: Path) -> None:
    forged = Record("ada", "../../elsewhere", "n.ipynb", 20.0, (task("step", "pf"),))
    write_records(tmp_path / "all.jsonl", [forged])
    assert "is no name of an assignment" in light_command(
        tmp_path, "insight", "all.jsonl", status=2
    )


def test_terms_are_compared(light_command: Command, tmp_path: Path) -> None:
    def grown(mistake: int) -> list[Record]:
        return [
            record(f"s{n}", task("one", "pf", "sum") if n < mistake else task("one", "pp"))
            for n in range(40)
        ]

    write_records(tmp_path / "then.jsonl", grown(5))
    write_records(tmp_path / "now.jsonl", grown(30))
    light_command(tmp_path, "insight", "then.jsonl", "--json", "then.json", "--pseudonyms")
    light_command(tmp_path, "insight", "now.jsonl", "--compare", "then.json")
    html = (tmp_path / "insight" / "lr.html").read_text()
    assert "5 of 40" in html
    assert "30 of 40" in html
    said = light_command(tmp_path, "insight", "now.jsonl", "--compare", "now.jsonl", status=2)
    assert "is not what `autograder insight --json` writes" in said


def test_watching_writes_again_whenever_records_change(tmp_path: Path) -> None:
    file, written, waits = tmp_path / "r.jsonl", list[str](), list[float]()

    def write() -> None:
        if not file.exists():
            raise UsageError("There are no records yet.")
        written.append(file.read_text())

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) in (1, 3):
            with file.open("a") as stream:
                stream.write("line\n")
        if len(waits) == 5:
            raise KeyboardInterrupt

    _watch(write, [file], pause)
    assert written == ["line\n", "line\nline\n"]


def test_grading_renews_the_page_of_all_in_submitted(tmp_path: Path) -> None:
    new_course(tmp_path, "ada", "bob")
    course = load_course(tmp_path / "course.yml")
    submissions, _ = find_submissions([tmp_path / "submitted" / "bob"], course.assignment(None))
    run = GradingRun(course, course.assignment(None), submissions)
    graded = record("bob", task("step", "pp"))
    renew_page(run, [graded])
    html = (tmp_path / "insight" / f"{NAME}.html").read_text()
    assert "2 submissions" in html
    assert "1 submission has full points" in html


def test_notebooks_elsewhere_are_no_class(tmp_path: Path) -> None:
    write_course(tmp_path)
    path = write_notebook(tmp_path / "elsewhere" / "my.ipynb", ["x = 1"])
    course = load_course(tmp_path / "course.yml")
    submissions, _ = find_submissions([path], course.assignment(None))
    renew_page(GradingRun(course, course.assignment(None), submissions), [record("my")])
    assert not (tmp_path / "insight").exists()


def test_a_page_that_cannot_be_written_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new_course(tmp_path, "ada")
    (tmp_path / "insight").write_text("a file in the way")
    course = load_course(tmp_path / "course.yml")
    submissions, _ = find_submissions([tmp_path / "submitted"], course.assignment(None))
    run = GradingRun(course, course.assignment(None), submissions)
    renew_page(run, [record("ada", task("step", "pp"))])
    assert "cannot be written: " in capsys.readouterr().err
    monkeypatch.setattr(writing, "insight_page", lambda *_, **__: 1 / 0)
    (tmp_path / "insight").unlink()
    renew_page(run, [record("ada", task("step", "pp"))])
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_grading_writes_the_page_unless_the_course_says_no(
    light_command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [record("ada", task("step", "pf"))]
    monkeypatch.setattr("autograder.cli.grade._graded", lambda *_: iter(made))
    new_course(tmp_path, "ada", "bob")
    file = tmp_path / "course.yml"
    text = file.read_text()
    file.write_text(text.replace("isolation:", "insight: false\nisolation:", 1))
    light_command(tmp_path, "grade", "submitted/ada")
    assert not (tmp_path / "insight").exists()
    file.write_text(text)
    said = light_command(tmp_path, "grade", "submitted/ada")
    assert f"What the class has understood: insight/{NAME}.html" in said
    assert "2 submissions" in (tmp_path / "insight" / f"{NAME}.html").read_text()
