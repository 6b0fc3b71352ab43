"""The pieces of what GitHub shows: whole points, lines of a file, text that stays text, commands."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.integrations.github.annotations import (
    MOST,
    Annotation,
    PushedNotebook,
    annotate,
    command,
    limited,
    line_of,
    lines_of_cells,
)
from autograder.integrations.github.classroom50 import (
    VARIABLES,
    classroom50_result,
    in_whole_points,
    whole,
)
from autograder.integrations.github.job import outputs, without_commands
from autograder.integrations.github.job_summary import escape_markdown, job_summary, marked
from autograder.record import Finding, Record, TestResult, by_task
from tests.conftest import ROOT
from tests.integrations.github.runner import parsed

HALVES = st.integers(0, 40).map(lambda quarters: quarters / 4)
MARKDOWN = MarkdownIt("commonmark").enable("table")


@given(st.lists(st.tuples(HALVES, HALVES), max_size=30))
def test_whole_points_add_up_to_the_rounded_totals(pairs: list[tuple[float, float]]) -> None:
    scores = [(earned, earned + lost) for earned, lost in pairs]
    found = in_whole_points(scores)
    assert sum(score for score, _ in found) == whole(sum(score for score, _ in scores))
    assert sum(most for _, most in found) == whole(sum(most for _, most in scores))
    for (score, most), (earned, possible) in zip(found, scores, strict=True):
        assert 0 <= score <= most
        assert abs(score - earned) < 1
        assert abs(most - possible) < 2


def test_missing_points_go_to_the_parts_that_lost_most() -> None:
    assert in_whole_points([(0.25, 0.25), (3.75, 3.75), (0, 6)]) == [(0, 0), (4, 4), (0, 6)]
    assert in_whole_points([(3.5, 3.5), (3.5, 3.5)]) == [(4, 4), (3, 3)]
    assert whole(0.5) == 1


@pytest.mark.parametrize("indent", [None, 1])
def test_each_line_of_a_cell_is_found_in_the_file(indent: int | None) -> None:
    path = ROOT / "assignments/linear_regression/linear_regression.ipynb"
    document = json.loads(path.read_text())
    text = json.dumps(document, indent=indent)
    file, lines = text.split("\n"), lines_of_cells(text)
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    assert len(lines) == len(cells)
    for number, cell in enumerate(cells, 1):
        for line, source in enumerate("".join(cell["source"]).split("\n"), 1):
            assert json.dumps(source)[1:-1] in file[line_of(lines, number, line) - 1]


def test_deep_nesting_takes_no_time() -> None:
    deep = "[" * 50_000 + "]" * 50_000
    text = f'{{"cells": [{{"cell_type": "code", "source": "x"}}],\n "metadata": {deep}}}'
    before = time.process_time()
    assert lines_of_cells(text) == ((1,),)
    assert time.process_time() - before < 2


def test_lines_of_odd_cells() -> None:
    cells = [
        {"source": ["a\n", "b", "c\nd"], "cell_type": "code"},
        {"cell_type": "markdown", "source": "cell_type"},
        {"cell_type": "code", "source": "x\r\ny", "metadata": {"source": ["z"], "cells": [{}]}},
        {"cell_type": "code"},
        7,
    ]
    text = json.dumps({"metadata": {"cells": [{"cell_type": "code"}]}, "cells": cells}, indent=1)
    lines = lines_of_cells(text)
    file = text.split("\n")
    assert [file[line - 1].strip(" ,") for line in lines[0]] == ['"a\\n"', '"b"', '"c\\nd"']
    assert [len(cell) for cell in lines] == [3, 2, 0]
    assert line_of(lines, 3, 1) == line_of(lines, 99, 1) == line_of(lines, -1, 1) == 1
    assert line_of(lines, 1, 99) == lines[0][-1]


@given(st.text())
def test_nothing_breaks_the_search_for_lines(text: str) -> None:
    lines_of_cells(text)
    lines_of_cells(json.dumps({"cells": [{"cell_type": "code", "source": text}]}))


EVIL = st.lists(
    st.sampled_from(
        ["`", "```", "<b>", "</details>", "|", "\n", "[a](b)", "![a](b)", "@ada", "#1", "# ", "> ",
         "- ", "1. ", "https://a.example", "www.a.example", "&lt;", "\\", "*", "_", "~~~", "$", "x",
         " ", "::error::", "---", "===", "<!--", "\t", "GH-1", "a@b.example"]
    )
).map("".join)  # fmt: skip


@given(EVIL | st.text())
def test_text_stays_text(text: str) -> None:
    for line in (escape_markdown(text), marked(text)):
        assert "\n" not in line
        tokens = MARKDOWN.parse(line)
        assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
        inside = [child for token in tokens for child in token.children or ()]
        for child in inside:
            assert child.type in ("text", "text_special", "html_inline"), child
            assert child.type != "html_inline" or child.content in ("<code>", "</code>")
        shown = "".join(child.content for child in inside if child.type != "html_inline")
        for call in ("@ada", "#1", "https://", "www.", "GH-1", "@b.example"):
            assert call not in shown


def test_code_is_shown_as_code() -> None:
    assert marked("Look at `w.grad` and `a<b`.") == (
        "Look at <code>w.grad</code> and <code>a&#60;b</code>."
    )


def test_a_command_is_escaped_on_one_line() -> None:
    note = Annotation("error", "a: 1, 100%", "one\ntwo 5%\r::error::x ##[error]", "a,b:c.ipynb", 3)
    assert command(note) == (
        "::error file=a%2Cb%3Ac.ipynb,line=3,title=a%3A 1%2C 100%25::one%0Atwo 5%25: :error: :x ## [error]"
    )


def test_a_files_name_gives_no_order_to_a_terminal() -> None:
    note = Annotation("notice", "t", "m", "\x1b[31m\u202ea\n.ipynb", 1)
    assert command(note).startswith("::notice file=\N{REPLACEMENT CHARACTER}a%0A.ipynb,line=1,")


@given(st.text(), st.text())
def test_an_output_cannot_become_another(first: str, second: str) -> None:
    values = {"a": first.replace("\r", ""), "b": second.replace("\r", "")}
    assert parsed(outputs(values)) == values


def test_commands_are_stopped_with_a_random_token() -> None:
    said = without_commands("::stop-commands::a\n::a::\n::error::owned")
    assert said.count("\n::") == 1
    assert without_commands("") != without_commands("")


def record(*tasks: tuple[str, str]) -> Record:
    """Return a record with a failed test for each task and its message."""
    results = [
        TestResult(f"t{n}", name, "T.", "failed", 5.0, text) for n, (name, text) in enumerate(tasks)
    ]
    return Record("ada", "a", "n.ipynb", 100, by_task(results, [(name, 5.0) for name, _ in tasks]))


def test_a_finding_is_annotated_where_its_cell_begins() -> None:
    found = record(("forward", "No bias."), ("convergence", "No."))
    lines = lines_of_cells(json.dumps({"cells": [{"cell_type": "code", "source": "a"}]}, indent=1))
    notes = annotate(found, PushedNotebook("n.ipynb", lines, {"forward": 1}), "hints")
    assert [(note.kind, note.line) for note in notes] == [("notice", 1), ("error", 5)]
    assert "cell 1, line 1" in notes[1].title
    assert [
        n.kind for n in annotate(found, PushedNotebook("n.ipynb", lines, {"forward": 1}), "score")
    ] == ["notice"]


def test_annotations_are_limited_to_what_github_shows() -> None:
    notes = [Annotation("error", "t", str(n), "n.ipynb", 1) for n in range(25)]
    kept = limited(notes)
    assert len(kept) == MOST
    assert kept[-1].message == "See the job summary for 16 more."
    assert limited(notes[:MOST]) == notes[:MOST]


def test_details_of_a_grader_error_are_not_shown() -> None:
    results = [TestResult("t", "a", "T.", "error", 5.0, "KeyError: hidden")]
    found = Record("ada", "a", "n.ipynb", 5, by_task(results, [("a", 5.0)]))
    (note,) = annotate(found, PushedNotebook("n.ipynb"), "full")
    shown = job_summary([found], "A", "full") + note.message
    assert "hidden" not in shown
    assert "The grader failed." in shown
    environment = dict.fromkeys(VARIABLES.values(), "x")
    result = classroom50_result(found, "full", environment, datetime.now(UTC))
    (test,) = result["tests"]
    assert (test["passed"], test["max-score"]) == (False, 0)  # nobody counts it
    assert "hidden" not in str(result)


def test_points_alone_do_not_reveal_a_skipped_task() -> None:
    tests = [TestResult(f"test_{o}", "a", "T", o, 1.0) for o in ("skipped", "failed")]
    one, other = (Record("ada", "a", "n.ipynb", 1.0, by_task([t], [("a", 1.0)])) for t in tests)
    assert job_summary([one], "A", "score") == job_summary([other], "A", "score")
    assert job_summary([one], "A", "hints") != job_summary([other], "A", "hints")


def test_pictures_are_announced_if_the_suite_draws_some() -> None:
    found = record(("forward", "No bias."))
    with_pictures = job_summary([found], "A", "full", "page", pictures=True)
    assert "has a page with all this beside your code, and pictures of it." in with_pictures
    for shown in (
        job_summary([found], "A", "full", "page"),
        job_summary([found], "A", "hints", "page", pictures=True),
    ):
        assert "has a page with all this beside your code." in shown


def test_each_level_says_more() -> None:
    found = record(("forward", "No bias."))
    explained = Record("ada", "a", "n.ipynb", 5, (
        found.tasks[0].__class__("forward", 5.0, found.tasks[0].tests, (Finding("Why.", "m"),)),
    ))  # fmt: skip
    score, hints, full = (
        job_summary([explained], "A", level) for level in ("score", "hints", "full")
    )
    assert "Why" not in score
    assert "Why" in hints
    assert "tests passed" not in hints
    assert "0 of 1 tests passed" in full
