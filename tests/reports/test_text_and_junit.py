"""What people and programs read: nothing a student wrote can break it."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from autograder.course import Assignment
from autograder.record import Outcome, Record, TestResult, by_task
from autograder.reports.junit import junit
from autograder.reports.summary import findings, headline, progress_line, table
from autograder.reports.text import one_line, plain
from autograder.sandbox.execution_errors import SourceLocation, TimedOut
from tests.formats import junit_schema


def record(message: str, outcome: Outcome = "failed", student: str = "ada") -> Record:
    results = [TestResult("test_loss", "step", "The loss.", outcome, 35.0, message)]
    tasks = [("gradients", 20.0), ("forward", 25.0), ("step", 35.0), ("convergence", 20.0)]
    return Record(student, "linear_regression", "n.ipynb", 100, by_task(results, tasks))


def test_control_sequences_are_taken_out() -> None:
    assert (
        plain("\x1b[31mred\x1b[0m \x1b]0;title\x07bell\x00 \u202eback")
        == "red 0;titlebell \ufffdback"
    )


@given(st.text())
def test_plain_text_has_no_control_characters(text: str) -> None:
    assert not any(ord(c) < 32 and c not in "\t\n" for c in plain(text))


def test_one_line_is_one_line() -> None:
    assert one_line("a\n b\t c") == "a b c"
    assert one_line("x" * 300).endswith("…")


@settings(deadline=None)  # the schema is read with the first one
@given(st.text(), st.text())
def test_junit_is_valid_whatever_a_student_prints(message: str, student: str) -> None:
    written = junit([record(message, student=student)])
    junit_schema().validate(written.decode("utf-8"))
    assert ElementTree.fromstring(written).get("failures") == "1"


def test_junit_counts_outcomes_and_unreadable_notebooks() -> None:
    root = ElementTree.fromstring(
        junit([record("no"), record("ours", "error"), record("later", "skipped"), record("", "passed"),
               Record("bob", "a", "n.ipynb", 100, error="It is empty.")])
    )  # fmt: skip
    assert {k: root.get(k) for k in ("tests", "failures", "errors")} == {
        "tests": "5", "failures": "1", "errors": "2",
    }  # fmt: skip
    assert len(root.findall("testsuite")) == 5


def test_the_table_says_what_happened(assignment: Assignment) -> None:
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(
        table(
            [record("no"), Record("bob", "a", "n.ipynb", 100, error="n.ipynb is empty.")],
            assignment,
        )
    )
    text = console.export_text()
    assert "ada" in text
    assert "step wrong" in text
    assert "The notebook is empty." in text


def test_words_for_what_happened() -> None:
    loop = SourceLocation(9, 3, "while True:")
    assert "test" not in headline(record("no"))
    assert "never ends" in headline(record(str(TimedOut(4, "one call", 4, loop=loop))))
    assert "too slow" in headline(record(str(TimedOut(4, "one call", 4))))
    assert "crashes" in headline(record("The process that ran your code ended before it answered"))
    assert "the grader failed" in headline(record("x", "error"))
    assert "not filled in: step" in headline(record("This part is not filled in yet: it raises"))


def test_markup_in_a_name_is_shown_as_it_is(assignment: Assignment) -> None:
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(table([record("no", student="[red]x[/red]")], assignment))
    assert "[red]x[/red]" in console.export_text()


def test_progress_and_findings_are_readable() -> None:
    assert progress_line(record("no"), 3, 9).startswith("[3/9] ada: 0/100")
    assert findings(record("one\ntwo")) == "ada\n  step: one\n    two\n\n"
    assert findings(record("", "passed")) == ""


def test_junit_on_standard_output_is_no_command_for_ci() -> None:
    content = junit([record("a\n::error::owned\n##[error]owned", student="::error::owned")])
    assert b"owned" in content
    assert b"::" not in content
    assert b"##[" not in content
