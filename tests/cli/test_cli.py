"""The command: exit statuses, files it writes, and one sentence for each bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from click.testing import CliRunner

from autograder.cli.main import cli, main
from autograder.record_json import SCHEMA
from autograder.reports.html import render
from autograder.sandbox.warm_process import WarmProcess
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import Answer
from tests import tiny
from tests.conftest import (
    ROOT,
    SharedWarmProcess,
    notebook,
    take_landlock_away,
    write_notebook,
)
from tests.corpus.wrong import WRONG

Call = Callable[..., tuple[int, str, str]]

GOOD = ACCEPTED[0]
BAD = next(answer for answer in WRONG if answer.name == "no_bias")


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], warm: WarmProcess
) -> Call:
    """Return a function that runs the command in the repository's course.

    Without `-j` it grades in this process, with the warm process of all tests.
    """
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("autograder.cli.grading_run.processors", lambda: 1)
    shared = type("Shared", (SharedWarmProcess,), {"shared": warm})

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as caught:
            if "-j" not in arguments:
                patch.setattr("autograder.grading.pool.WarmProcess", shared)
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, out, err

    return call


def submit(folder: Path, answer: Answer, student: str) -> Path:
    return write_notebook(folder / f"{student}.ipynb", answer.cells())


def test_a_class_is_graded_in_parallel_whatever_is_among_it(call: Call, tmp_path: Path) -> None:
    course, classroom = tiny.make_course(tmp_path / "course"), tmp_path / "class"
    write_notebook(classroom / "ada.ipynb", [tiny.RIGHT])
    write_notebook(classroom / "bob.ipynb", [tiny.WRONG])
    (classroom / "broken.ipynb").write_text("{")
    write_notebook(classroom / "old.ipynb", [], nbformat=3)
    write_notebook(classroom / "other.ipynb", [], metadata={"language_info": {"name": "R"}})
    out_json, out_xml = tmp_path / "out.jsonl", tmp_path / "out.xml"
    files = ("--course", course / "course.yml", "--json", out_json, "--junit", out_xml)
    code, out, err = call("grade", classroom, *files, "-v", "-j", "2")
    assert code == 0
    records = [json.loads(line) for line in out_json.read_text().splitlines()]
    schema = json.loads(SCHEMA.read_text())
    for record in records:
        jsonschema.validate(record, schema)
    assert [(r["student"], r["status"], r["score"]) for r in records] == [
        ("ada", "graded", 10), ("bob", "graded", 4), ("broken", "failed", 0),
        ("old", "failed", 0), ("other", "failed", 0),
    ]  # fmt: skip
    assert len(ElementTree.parse(out_xml).getroot().findall("testsuite")) == 5
    assert "everything right" in out
    assert "The sign is lost." in out
    assert "[5/5] other: 0/10" in err
    assert "Traceback" not in out + err


def test_one_notebook_is_graded_and_can_fail_ci(call: Call, tmp_path: Path) -> None:
    path = submit(tmp_path, BAD, "bob")
    assert call("grade", path, "--fail-under", "90")[0] == 0
    assert call("grade", path, "--fail-under", "90.5")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "{tmp}/nowhere"], "there is no such file or folder"),
        (["grade", "{tmp}/empty"], "there are no notebooks here"),
        (["grade", "{tmp}/good.ipynb", "-a", "nonsense"], "has no assignment 'nonsense'"),
        (["grade", "{tmp}/good.ipynb", "--course", "{tmp}/course.yml"], "course.yml, line 2"),
        (["grade", "{tmp}/good.ipynb", "--course", "{tmp}/none.yml"], "cannot be read"),
        (["grade", "{tmp}/broken.ipynb", "-a", "linear_regression"], "damaged"),
        (["grade", "{tmp}/broken.ipynb"], "to which assignment it belongs"),
        (["grade", "{tmp}/good.ipynb", "--json", "{tmp}/no/such/folder"], "cannot be written"),
        (["validate", "nonsense"], "has no assignment"),
        (["nonsense"], "No such command"),
        (["grade", "--jobs", "0"], "0 is not in the range"),
    ],
)
def test_bad_input_is_status_2_and_a_sentence(
    call: Call, tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "empty").mkdir()
    submit(tmp_path, GOOD, "good")
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "course.yml").write_text("course: c\nassignmets: {}\n")
    code, out, err = call(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert code == 2
    assert words in out + err
    assert "Traceback" not in out + err


@pytest.mark.parametrize("unforeseen", [False, True])
def test_a_page_that_cannot_be_written_costs_no_other_submission(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unforeseen: bool
) -> None:
    pages, records = tmp_path / "pages", tmp_path / "records.jsonl"
    pages.mkdir()

    def fail(template: str, **values: Any) -> str:
        if values["record"].student == "ada":
            raise KeyError("ada")
        return render(template, **values)

    if unforeseen:
        monkeypatch.setattr("autograder.reports.feedback_page.render", fail)
    else:
        (pages / "ada").write_text("a file where a folder should be")
    for student in ("ada", "bob"):
        submit(tmp_path / "class", GOOD, student)
    code, out, err = call("grade", tmp_path / "class", "--feedback", pages, "--json", records)
    assert code == (3 if unforeseen else 2)
    why = "KeyError in test_cli.py, line " if unforeseen else "File exists."
    assert f"autograder: the page of ada cannot be written: {why}" in err
    assert "bob" in out  # the table is shown
    assert (pages / "bob" / "linear_regression.html").exists()
    assert [json.loads(line)["score"] for line in records.read_text().splitlines()] == [100, 100]
    if unforeseen:
        monkeypatch.setattr("autograder.reports.feedback_page.render", render)
    else:
        (pages / "ada").unlink()
    code, _, err = call("grade", tmp_path / "class", "--feedback", pages)
    assert code == 0
    assert "1 of 2 are unchanged" in err


def test_a_path_that_is_not_there_does_not_stop_the_others(call: Call, tmp_path: Path) -> None:
    code, out, err = call("grade", submit(tmp_path, GOOD, "ada"), tmp_path / "nowhere")
    assert code == 2
    assert err.startswith("WARNING: the seed 2026 is published")
    assert "100" in out
    assert "nowhere: there is no such file or folder" in err


def test_debug_shows_the_traceback(call: Call, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no such file"):
        main(["grade", str(tmp_path / "nowhere"), "--debug"])


def test_a_grader_error_is_status_3(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    code, out, err = call("grade", submit(tmp_path, GOOD, "ada"), "-j", "1")
    assert code == 3
    assert "grader error" in (out + err).lower()
    assert "–" in out


def test_points_that_do_not_add_up_stop_the_run(call: Call, tmp_path: Path) -> None:
    file = tiny.make_course(tmp_path) / "course.yml"
    file.write_text(tiny.COURSE.replace("points: 10", "points: 11"))
    notebook = write_notebook(tmp_path / "a.ipynb", [tiny.RIGHT])
    code, _, err = call("grade", notebook, "--course", file)
    assert code == 2
    assert "course.yml, line 9: assignments.double.tasks.0.points: 11 points" in err
    code, _, err = call("validate", "--course", file)
    assert code == 2
    assert "but the cell 'test_double' of" in err


def without_landlock(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=take_landlock_away,
    )


def isolated(folder: Path, isolation: str) -> tuple[str | Path, ...]:
    """Make a course with this isolation and a right notebook; return how it is graded."""
    file = tiny.make_course(folder) / "course.yml"
    file.write_text(tiny.COURSE.replace("seed: 3", f"seed: 3\nisolation: {isolation}"))
    write_notebook(folder / "class" / "a.ipynb", [tiny.RIGHT])
    return "grade", folder / "class", "--course", file


def test_required_isolation_refuses_where_something_is_missing(tmp_path: Path) -> None:
    done = without_landlock(*isolated(tmp_path, "required"))
    assert done.returncode == 2
    assert "line 3: isolation: required, but student code could read files" in done.stderr
    assert "has no Landlock" in done.stderr
    assert "a/10" not in done.stdout


def test_best_effort_grades_and_marks_every_record(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = without_landlock(*isolated(tmp_path, "best-effort"), "--json", out)
    assert done.returncode == 0, done.stderr
    record = json.loads(out.read_text())
    assert record["score"] == 10
    assert record["isolation"].startswith("best-effort")
    assert "student code can read files" in record["isolation"]


@pytest.mark.slow
def test_doctor_shows_what_was_stopped(call: Call) -> None:
    code, out, err = call("doctor")
    assert code == 0
    assert err.startswith("WARNING: the seed 2026 is published")
    assert out.count("was stopped") == 10
    done = without_landlock("doctor")
    assert done.returncode == 2
    assert "COULD" in done.stdout
    assert "refuses to grade here" in done.stdout


def test_every_command_has_help() -> None:
    for name, command in cli.commands.items():
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0
        assert command.help
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_help_does_not_import_what_grading_needs() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from autograder.cli.main import cli;"
        "CliRunner().invoke(cli, ['grade', '--help']);"
        "print([m for m in ('torch', 'numpy', 'pytest', 'pydantic', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_shell_completes_commands_and_assignments() -> None:
    line = {"_AUTOGRADER_COMPLETE": "bash_complete"}
    done = run(COMP_WORDS="autograder gr", COMP_CWORD="1", **line)
    assert done.stdout == "plain,grade\n"
    done = run(COMP_WORDS="autograder validate lin", COMP_CWORD="2", **line)
    assert done.stdout == "plain,linear_regression\n"
    assert "_AUTOGRADER_COMPLETE=bash_source" in run("completion", "bash").stdout


@pytest.mark.slow
def test_what_was_graded_before_an_interrupt_is_cached(tmp_path: Path) -> None:
    submit(tmp_path, GOOD, "a")
    hang = "while True: pass"
    write_notebook(tmp_path / "b.ipynb", notebook([hang] * 30)["cells"])
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", str(tmp_path), "-j", "2", "--json", str(out)],
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    while (not out.exists() or not out.read_text()) and process.poll() is None:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert [json.loads(line)["student"] for line in out.read_text().splitlines()] == ["a"]


@pytest.mark.slow
def test_a_grading_process_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    for number in range(8):
        submit(tmp_path, GOOD, f"s{number}")
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", str(tmp_path), "-j", "2", "--json", str(out)],
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    victim = None
    while victim is None and process.poll() is None:
        time.sleep(0.05)
        victim = next(iter(_forked(process.pid)), None)
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    process.communicate()
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(r["student"], r["score"]) for r in records] == [(f"s{n}", 100) for n in range(8)]


def _forked(pid: int) -> list[int]:
    """Return the grading processes: children that run the same command as the parent."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    same = []
    for child in children:
        try:
            if Path(f"/proc/{child}/cmdline").read_bytes() == command:
                same.append(int(child))
        except OSError:
            continue
    return same
