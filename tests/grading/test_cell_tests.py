"""An assignment without a suite is graded by its test cells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.grading.batch import grade_batch, prepare
from autograder.grading.cell_tests import Decision
from autograder.grading.result import GradingResult
from autograder.record_json import record_from_json
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.tiny_cells import COURSE, make_cell_course, submit_cells

Grade = Callable[..., GradingResult]
RIGHT = "def double(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def grade(tmp_path_factory: pytest.TempPathFactory, warm: WarmProcess) -> Grade:
    """Return a function that grades code as a submission, with test cells in- or outside."""
    folder = make_cell_course(tmp_path_factory.mktemp("course"))
    course = load_course(folder / "course.yml")
    context = prepare(course, course.assignment(None))
    inside = dict.fromkeys(("early", "late"), Decision("inside"))

    def grade(code: str, *, outside: bool = True, **others: str) -> GradingResult:
        path = submit_cells(folder, "ada", code, **others)
        where = context if outside else replace(context, decisions=inside)
        return grade_batch([Submission("ada", path)], where, warm)[0]

    return grade


def results_of(result: GradingResult) -> dict[str, Any]:
    return {test.name: test for task in result.record.tasks for test in task.tests}


BOTH = pytest.mark.parametrize("outside", [True, False])


@BOTH
def test_a_right_answer_has_all_points_whatever_is_on_stderr(grade: Grade, outside: bool) -> None:
    result = grade(RIGHT, outside=outside)
    assert (result.record.score, result.record.max_score) == (6.5, 6.5)
    assert [task.name for task in result.record.tasks] == ["early", "late"]
    assert result.cacheable


@BOTH
def test_a_cell_may_give_a_part_of_its_points(grade: Grade, outside: bool) -> None:
    result = grade(
        "def double(x):\n    return abs(2 * x) if type(x) is int else 2", outside=outside
    )
    assert result.record.score == 1
    late = results_of(result)["test_late"]
    assert (late.outcome, late.points, late.max_points) == ("failed", 1, 2.5)
    assert late.message == "The tests give 1 of 2.5 points."


def test_a_record_with_a_part_of_the_points_can_be_read_again(grade: Grade) -> None:
    record = grade("def double(x):\n    return abs(2 * x) if type(x) is int else 2").record
    line = json.loads(json.dumps(record.as_json()))
    assert record_from_json(line).as_json() == line
    assert record_from_json(line).score == 1


@BOTH
def test_a_hidden_test_shows_nothing_of_itself(grade: Grade, outside: bool) -> None:
    early = results_of(grade("def double(x):\n    return abs(2 * x)", outside=outside))[
        "test_early"
    ]
    assert (early.outcome, early.message) == ("failed", "A hidden test fails.")
    code = "def double(x):\n    if x < 0:\n        raise ValueError(x)\n    return 2 * x"
    early = results_of(grade(code, outside=outside))["test_early"]
    assert early.message.startswith("In a hidden test:\nYour code raised ValueError\n  in cell 1")
    assert "17" not in early.message


@BOTH
def test_a_visible_line_that_fails_is_shown(grade: Grade, outside: bool) -> None:
    early = results_of(grade("def double(x):\n    return x", outside=outside))["test_early"]
    said, _, values = early.message.partition("\n")
    assert said == "Line 4 of the tests fails: `assert double(1) == 2`"
    assert values == ("The left side is 1, the right side is 2." if outside else "")
    assert early.source_location is None


SAID = {
    "in a function": (
        "def check(x):\n    assert double(x) == 2 * x\n\ncheck(3)\n2.5",
        "Line 4 of the tests fails: `check(3)`\n"
        "It is `assert double(x) == 2 * x` in line 2. The left side is 3, the right side is 6.",
    ),
    "a long list": (
        "assert [double(x) for x in range(1000)] < [0, 1]\n2.5",
        "Line 1 of the tests fails: `assert [double(x) for x in range(1000)] < [0, 1]`\n"
        "The left side is [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...], the right side is [0, 1].",
    ),
    "of an array": (
        "import numpy as np\nassert double(np.arange(3)).sum() == 6\n2.5",
        "Line 2 of the tests fails: `assert double(np.arange(3)).sum() == 6`\n"
        "The left side is 3, the right side is 6.",
    ),
    "not in": (
        "assert double(2) not in (1, 2)\n2.5",
        "Line 1 of the tests fails: `assert double(2) not in (1, 2)`\n"
        "The left side is 2, the right side is (1, 2).",
    ),
    "a message": (
        "assert double(2) == 4, 'it does not double'\n2.5",
        "Line 1 of the tests fails: `assert double(2) == 4, 'it does not double'`\n"
        "it does not double",
    ),
    "nothing compared": (
        "assert all(double(x) == 2 * x for x in (1, 2))\n2.5",
        "Line 1 of the tests fails: `assert all(double(x) == 2 * x for x in (1, 2))`",
    ),
    "a value of a hidden test": (
        "### BEGIN HIDDEN TESTS\nright = 4\n### END HIDDEN TESTS\nassert double(2) == right\n2.5",
        "Line 4 of the tests fails: `assert double(2) == right`",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_both_sides_of_a_visible_assertion_are_shown(
    name: str, tmp_path: Path, warm: WarmProcess
) -> None:
    tests, message = SAID[name]
    folder = make_cell_course(tmp_path, late=tests)
    course = load_course(folder / "course.yml")
    context = replace(
        prepare(course, course.assignment(None)),
        decisions=dict.fromkeys(("early", "late"), Decision("outside")),
    )
    path = submit_cells(folder, "ada", "def double(x):\n    return x")
    result = grade_batch([Submission("ada", path)], context, warm)[0]
    assert results_of(result)["test_late"].message == message


@BOTH
def test_an_exception_of_the_students_code_is_explained(grade: Grade, outside: bool) -> None:
    early = results_of(grade("def double(x):\n    return None + x", outside=outside))["test_early"]
    assert early.source_location == (1, 2, "return None + x")
    assert early.message.startswith("Your code raised TypeError: unsupported operand")
    assert "without a return line" in early.message


@BOTH
def test_a_missing_name_is_explained(grade: Grade, outside: bool) -> None:
    early = results_of(grade("def doubel(x):\n    return 2 * x", outside=outside))["test_early"]
    assert "there is `doubel`" in early.message


@BOTH
def test_code_that_never_ends_costs_its_test_cell(grade: Grade, outside: bool) -> None:
    result = grade(
        "def double(x):\n    while x == 2:\n        pass\n    return 2 * x", outside=outside
    )
    assert result.record.score == 4
    assert "never ends" in results_of(result)["test_late"].message


def test_the_tests_and_given_cells_of_a_submission_do_not_count(grade: Grade) -> None:
    cheat = {"test_early": "pass", "test_late": "2.5", "given": "FACTOR = 2j"}
    assert grade("def double(x):\n    return FACTOR", **cheat).record.score == 0


def test_a_cell_that_gives_too_many_points_waits_for_a_person(grade: Grade) -> None:
    forged = (
        "formatter = get_ipython().display_formatter.formatters['text/plain']\n"
        "formatter.for_type(float, lambda f, p, c: p.text('99'))"
    )
    record = grade(f"{RIGHT}\n{forged}", outside=False).record
    assert (record.status, record.score) == ("failed", None)
    assert "is more than its points" in str(record.as_json()["error"])


def test_each_cell_says_where_it_ran(grade: Grade) -> None:
    assert {test.judged for test in results_of(grade(RIGHT)).values()} == {"outside"}
    inside = grade(RIGHT, outside=False)
    assert {test.judged for test in results_of(inside).values()} == {"inside"}


@BOTH
def test_the_figures_of_all_cells_are_drawn(
    tmp_path: Path, warm: WarmProcess, outside: bool
) -> None:
    plot = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()"
    folder = make_cell_course(tmp_path, late=f"{plot}\n2.5")
    course = load_course(folder / "course.yml")
    context = prepare(course, course.assignment(None), draws=True)
    place = Decision("outside" if outside else "inside")
    context = replace(context, decisions=dict.fromkeys(("early", "late"), place))
    path = submit_cells(folder, "ada", f"{RIGHT}\n{plot}")
    result = grade_batch([Submission("ada", path)], context, warm)[0]
    pictures = [[type(shown) for shown in cell.pictures] for _, cell in result.outputs]
    assert pictures == [[bytes], [], [], [bytes]]
    assert result.record.score == 6.5


@pytest.mark.parametrize("in_place", [True, False])
def test_changes_in_place_are_taken_over_only_where_it_was_decided(
    tmp_path: Path, warm: WarmProcess, in_place: bool
) -> None:
    late = "values = [1, 2]\ndouble(values)\n2.5 if values == [1, 2] else 0"
    folder = make_cell_course(tmp_path, late=late)
    course = load_course(folder / "course.yml")
    decision = Decision("outside", in_place=in_place)
    context = replace(
        prepare(course, course.assignment(None)),
        decisions=dict.fromkeys(("early", "late"), decision),
    )
    code = "def double(x):\n    if type(x) is list:\n        x.clear()\n    return 2 * x"
    result = grade_batch([Submission("ada", submit_cells(folder, "ada", code))], context, warm)[0]
    assert result.record.score == (4 if in_place else 6.5)


def test_names_in_visibility_are_those_of_tasks_and_test_cells(tmp_path: Path) -> None:
    text = COURSE + "    visibility: {early: hidden, test_late: hidden, double: hidden}\n"
    course = load_course(make_cell_course(tmp_path, text) / "course.yml")
    with pytest.raises(CourseError, match=r"visibility\.double: there is no such task or test"):
        prepare(course, course.assignment(None))
