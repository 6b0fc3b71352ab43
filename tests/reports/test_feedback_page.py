"""The page that a student reads: complete, calm, and safe whatever the student wrote."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Feedback
from autograder.record import GRADER_ERROR, Outcome, Record, TestResult, by_task
from autograder.reports.charts.chart import Picture
from autograder.reports.charts.line_fit import fit
from autograder.reports.charts.training import drawn
from autograder.reports.feedback_page import LINES, _lines, feedback_page
from autograder.reports.presentation import PERFECT
from autograder.suites.linear_regression.pictures import PICTURES as DECLARED
from tests.reports.charts.test_chart import contrast

TITLE = "Autograd and linear regression"
CODE = {"step": "def step(X, y):\n    return (X @ w - y).mean()\n"}
PICTURES = drawn(DECLARED, {"path": fit(DECLARED[0]).path})
VOID = {"meta", "br", "path", "rect", "ellipse"}


class Page(HTMLParser):
    """A page as its elements, its text, and whether it is well nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.headings: list[int] = []
        self.text = ""
        self.nested = True
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.nested = self.nested and not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        self.nested = self.nested and bool(self._open) and self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in {"style", "title", "desc"}:
            self.text += data


def outcome_of(
    name: str, outcome: Outcome, message: str = "", task: str = "step", most: float = 10
) -> TestResult:
    return TestResult(name, task, f"Title of {name}.", outcome, most, message)


def record(*results: TestResult, student: str = "ada", note: str = "") -> Record:
    tasks: dict[str, float] = {}
    for result in results:
        tasks[result.task] = tasks.get(result.task, 0) + result.max_points
    return Record(
        student, "lr", "class/ada/n.ipynb", sum(tasks.values()),
        by_task(results, list(tasks.items())), note=note,
    )  # fmt: skip


MIXED = record(
    outcome_of("shape", "passed", task="forward"),
    outcome_of("loss", "failed", "The loss is not the mean.\nIt is the sum. Look at `loss`."),
    outcome_of("update", "passed"),
)


def page(
    graded: Record = MIXED,
    level: Feedback = "full",
    code: dict[str, str] = CODE,
    pictures: tuple[Picture, ...] = PICTURES,
) -> str:
    return feedback_page(graded, title=TITLE, code=code, pictures=pictures, level=level)


@pytest.mark.parametrize("level", ["full", "hints", "score"])
def test_every_level_is_a_good_page_with_student_title_and_points(level: Feedback) -> None:
    html = page(level=level)
    read = Page(html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert read.nested
    for part in ("ada", TITLE, "20 of 30 points", "10 of 20 points", "10 of 10 points"):
        assert part in read.text
    assert (read.tags["header"], read.tags["main"], read.tags["h1"]) == (1, 1, 1)
    assert all(
        later <= earlier + 1
        for earlier, later in zip(read.headings, read.headings[1:], strict=False)
    )


def test_a_page_needs_nothing_from_elsewhere() -> None:
    html = page()
    read = Page(html)
    assert not read.tags.keys() & {"script", "link", "iframe", "img", "object", "form"}
    assert not {name for name, _ in read.attributes} & {"src", "href", "onload", "onclick"}
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html
    assert "@import" not in html
    assert "url(" not in html.replace("url(#ag-", "")


def test_ids_are_unique_with_three_pictures_and_a_picture_given_twice() -> None:
    read = Page(page(pictures=(*PICTURES, PICTURES[0])))
    assert read.tags["svg"] == 3
    assert len(read.ids) == len(set(read.ids)) == 9


def test_full_shows_tests_advice_code_and_pictures() -> None:
    read = Page(page())
    for part in ("Title of loss.", "Title of update.", "failed: ", "passed: ", "✗", "✓",
                 "The loss is not the mean.", "It is the sum.", "return (X @ w - y)",
                 PICTURES[0].title, PICTURES[0].description):  # fmt: skip
        assert part in read.text
    assert ("tabindex", "0") in read.attributes
    assert "<code>loss</code>" in page()


def test_hints_show_advice_and_code_only() -> None:
    read = Page(page(level="hints"))
    assert "The loss is not the mean." in read.text
    assert "return (X @ w - y)" in read.text
    assert "Title of" not in read.text
    assert read.tags["svg"] == 0


def test_score_shows_points_only() -> None:
    read = Page(page(level="score"))
    assert "The loss" not in read.text
    assert "return" not in read.text
    assert "Title of" not in read.text


def test_a_message_is_said_once() -> None:
    same = [outcome_of(name, "failed", "The same thing.") for name in "abc"]
    for level in ("full", "hints"):
        assert Page(page(record(*same), level)).text.count("The same thing.") == 1


def test_a_task_that_waits_says_for_what() -> None:
    waits = [outcome_of(name, "skipped", "This waits for forward.") for name in "abc"]
    read = Page(page(record(*waits)))
    assert read.text.count("This waits for forward.") == 1
    assert read.text.count("skipped: ") == 3


def test_everything_right_is_praised_and_nothing_else() -> None:
    right = record(outcome_of("loss", "passed"))
    assert PERFECT in Page(page(right)).text
    assert PERFECT not in Page(page()).text


def test_a_notebook_that_cannot_be_read_is_told_plainly() -> None:
    bad = Record(
        "ada", "lr", "class/ada/n.ipynb", 100, error="class/ada/n.ipynb is damaged. Save it."
    )
    read = Page(page(bad, pictures=(), code={}))
    assert "The notebook is damaged. Save it." in read.text
    assert "0 of 100 points" in read.text


def test_a_grader_error_is_not_the_students_and_not_shown() -> None:
    errors = [
        record(outcome_of("loss", "error", "KeyError in /srv/suite.py")),
        Record("ada", "lr", "n.ipynb", 10, error=f"{GRADER_ERROR}: KeyError in /srv/suite.py"),
    ]
    for grader_error in errors:
        for level in ("full", "hints", "score"):
            read = Page(page(grader_error, level))
            assert "This is not your fault, and your work will be graded again." in read.text
            assert "– of 10 points" in read.text
            assert "KeyError" not in read.text


def test_a_note_is_shown() -> None:
    assert "Renamed: x.ipynb" in Page(page(record(note="renamed: x.ipynb"))).text


HOSTILE = "<script>alert(1)</script>\x1b[31m\x00 \u202e'\"&<b onclick=x>"


@pytest.mark.parametrize("level", ["full", "hints", "score"])
def test_hostile_text_stays_text(level: Feedback) -> None:
    hostile = record(
        TestResult("t", HOSTILE, HOSTILE, "failed", 10, f"{HOSTILE}\n{HOSTILE}"),
        student=HOSTILE, note=HOSTILE,
    )  # fmt: skip
    html = feedback_page(
        hostile, title=HOSTILE, code={HOSTILE: HOSTILE}, level=level,
        pictures=(Picture(HOSTILE, HOSTILE, PICTURES[1].svg),),
    )  # fmt: skip
    read = Page(html)
    assert read.nested
    assert not read.tags.keys() & {"script", "b onclick=x"}
    assert "onclick" not in {name for name, _ in read.attributes}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", html)


@settings(deadline=None)  # other processes may have the processor
@given(st.text(), st.text(), st.text())
def test_any_text_gives_a_good_page(message: str, code: str, student: str) -> None:
    graded = record(outcome_of("loss", "failed", message), student=student)
    html = page(graded, code={"step": code}, pictures=())
    html.encode()
    assert Page(html).nested


def test_code_keeps_its_lines_and_very_long_code_is_cut() -> None:
    html = page(code={"step": "if x:\n\n    pass\n"})
    assert "<span>if x:\n</span><span>\n</span><span>    pass\n</span>" in html
    long = page(code={"step": "x\n" * 9999 + "y" * 10**6}, pictures=())
    assert f"the first {LINES} of 10000 lines" in long
    assert len(long) < 30_000


def test_a_full_page_is_small() -> None:
    assert len(page().encode()) < 60_000
    assert len(page(level="score").encode()) < 10_000


def test_words_stand_out_in_light_and_dark() -> None:
    light, dark = (dict(re.findall(r"--(\w+):(#\w{6})", part)) for part in
                   re.findall(r":root\{([^}]*)\}", page()))  # fmt: skip
    for mode in (light, dark):
        for name in ("text", "soft", "passed", "failed", "skipped", "error"):
            for ground in ("paper", "ground"):
                assert contrast(mode[name], mode[ground]) >= 4.5
        assert contrast(mode["bar"], mode["paper"]) >= 3


def test_of_code_of_millions_of_lines_only_the_first_are_split() -> None:
    lines, count = _lines("x\n" * 1_000_000)
    assert (len(lines), count) == (LINES, 1_000_000)
