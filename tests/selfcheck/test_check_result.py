"""The table: the same in text and HTML, whatever a message contains."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.grading.session import Attempt
from autograder.record import Outcome, TestResult
from autograder.selfcheck.check_result import Checked
from autograder.submission import Submission

ATTEMPT = Attempt(Submission("", Path()), ())


def result(name: str, outcome: Outcome, message: str = "", task: str = "step") -> TestResult:
    return TestResult(name, task, f"It does {name}.", outcome, 0.0, message)


MIXED = Checked(
    "own",
    (
        result("one", "passed", task="forward"),
        result("two", "failed", "It is wrong.\n  in cell 3, line 2: `x < 1`"),
        result("three", "failed", "It is wrong.\n  in cell 3, line 2: `x < 1`"),
        result("four", "skipped", "This waits for forward."),
        result("five", "error", "KeyError: 'x'"),
        result("six", "failed", "Not filled in."),
    ),
    ATTEMPT,
    to_do=frozenset({"six"}),
)

TEXT = """\
forward
  ✓ passed  It does one.

step
  ✗ failed  It does two.
            It is wrong.
              in cell 3, line 2: `x < 1`
  ✗ failed  It does three.
  – waits   It does four.
            This waits for forward.
  ! broken  It does five.
            The check itself failed. This is not your fault. Please tell your
            instructor.
            KeyError: 'x'
  ○ to do   It does six.
            Not filled in.

1 of 6 checks pass."""


class Words(HTMLParser):
    """The text of a page, and the tags that are open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.open, self.tags = "", list[str](), set[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data + "\n"


def html_of(checked: Checked) -> Words:
    words = Words(checked._repr_html_())
    assert words.open == []
    assert words.tags <= {"div", "table", "tbody", "tr", "th", "td", "span", "p"}
    return words


def test_the_text_is_this() -> None:
    assert repr(MIXED) == str(MIXED) == TEXT


def test_the_html_says_the_same_in_the_same_order() -> None:
    assert re.sub(r"\s+", " ", html_of(MIXED).words).strip() == re.sub(r"\s+", " ", TEXT)


def test_findings_take_the_place_of_a_task_s_messages() -> None:
    checked = Checked("own", MIXED.tests, ATTEMPT, findings={"step": ("You forgot it.\nLook up.",)})
    for shown in (str(checked), html_of(checked).words):
        assert "You forgot it." in shown
        assert shown.index("Look up.") < shown.index("It does two.")
        assert "It is wrong." not in shown


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a & b", "\x1b[31mred", "$x$ \"'"])
def test_the_content_of_a_message_stays_text(text: str) -> None:
    checked = Checked("own", (result("<b>", "failed", text),), ATTEMPT)
    assert text.replace("\x1b[31m", "") in html_of(checked).words
    assert "\x1b" not in str(checked)


def test_all_passing_is_said_with_what_comes_later() -> None:
    one = Checked("own", (result("one", "passed"),), ATTEMPT)
    assert str(one).endswith(
        "1 of 1 check passes.\n"
        "When your notebook is graded, your functions are also called with other numbers."
    )
    assert one.complete


def test_without_tests_only_the_note_is_shown() -> None:
    nothing = Checked("own", (), ATTEMPT, note="There is nothing to check.")
    assert str(nothing) == "There is nothing to check."
    assert html_of(nothing).words.strip() == "There is nothing to check."
    assert not nothing.complete
