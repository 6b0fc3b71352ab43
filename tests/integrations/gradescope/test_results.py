"""Results as Gradescope reads them: complete, and no more than a student may see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Assignment, Feedback, load_course
from autograder.errors import CourseError
from autograder.grading.batch import prepare
from autograder.integrations.gradescope.results import results, to_bytes
from autograder.record import GRADER_ERROR, Finding, Lateness, Outcome, Record, TestResult, by_task
from autograder.reports.charts.chart import Picture
from autograder.reports.presentation import OURS, PERFECT
from tests.conftest import COURSE_OF_ONE
from tests.formats import check_gradescope

TASKS = [("forward", 25.0), ("step", 35.0)]


def outcome_of(task: str, name: str, most: float, outcome: Outcome = "passed", message: str = "") -> TestResult:  # fmt: skip
    return TestResult(f"test_{name}", task, f"Title of {name}.", outcome, most, message)


def record(*tests: TestResult, late: float = 0.0) -> Record:
    return Record("ada", "lr", "n.ipynb", 60.0, by_task(tests, TASKS), late=Lateness(1, late))


HALF = (
    outcome_of("forward", "shape", 25),
    outcome_of("step", "loss", 15, "failed", "It is the sum."),
    outcome_of("step", "update", 20),
)


def of(tests: tuple[TestResult, ...], assignment: Assignment, **more: Any) -> dict[str, Any]:
    late = more.pop("late", 0.0)
    found = record(*tests, late=late)
    return check_gradescope(to_bytes(results(found, assignment, **more)), found)


def at(assignment: Assignment, level: Feedback, **visibility: str) -> Assignment:
    return assignment.model_copy(update={"feedback": level, "visibility": visibility})


def test_tests_are_numbered_below_their_tasks(assignment: Assignment) -> None:
    found = of(HALF, assignment)
    assert [(t["number"], t["name"], t["status"]) for t in found["tests"]] == [
        ("2", "forward: 25 of 25 points", "passed"),
        ("2.1", "Title of shape.", "passed"),
        ("3", "step: 20 of 35 points", "failed"),
        ("3.1", "Title of loss.", "failed"),
        ("3.2", "Title of update.", "passed"),
    ]
    assert found["tests"][3]["output"] == "It is the sum."


def test_a_finding_is_shown_once_with_its_task(assignment: Assignment) -> None:
    explained = record(*HALF)
    tasks = explained.tasks[0], replace(explained.tasks[1], explained=(Finding("Sum for mean."),))
    found = results(replace(explained, tasks=tasks), assignment)
    assert [t.get("output") for t in found["tests"]] == [None, None, "Sum for mean.", None, None]


def test_hints_and_score_have_one_entry_a_task(assignment: Assignment) -> None:
    hints = of(HALF, at(assignment, "hints"))["tests"]
    assert [(t["name"], t["score"], t["max_score"]) for t in hints] == [
        ("forward", 25, 25),
        ("step", 20, 35),
    ]
    assert hints[1]["output"] == "It is the sum."
    assert "output" not in of(HALF, at(assignment, "score"))["tests"][1]


def test_the_late_penalty_is_applied_and_explained(assignment: Assignment) -> None:
    found = of(HALF, assignment, late=0.1)
    assert found["score"] == 40.5
    assert found["output"].startswith("1 day late: 4.5 points off, 40.5 remain.")


def test_pictures_are_described_at_the_level_that_shows_them(assignment: Assignment) -> None:
    pictures = (Picture("The loss", "It falls.", "<svg/>"),)
    assert "The loss\nIt falls." in of(HALF, assignment, pictures=pictures)["output"]
    assert "falls" not in of(HALF, at(assignment, "hints"), pictures=pictures)["output"]


def test_visibility_is_that_of_the_test_or_else_of_its_task(assignment: Assignment) -> None:
    shown = at(assignment, "full", step="after_published", test_loss="hidden", test_shape="visible")
    found = {t["number"]: t for t in of(HALF, shown)["tests"]}
    assert {number: t["visibility"] for number, t in found.items()} == {
        "2": "visible", "2.1": "visible", "3": "hidden", "3.1": "hidden", "3.2": "after_published",
    }  # fmt: skip
    assert found["3"]["name"] == "step"  # its points would tell those of the hidden test


def test_where_something_is_hidden_nothing_tells_the_total(assignment: Assignment) -> None:
    shown = at(assignment, "full", test_loss="hidden")
    right = tuple(replace(test, outcome="passed") for test in HALF)
    assert PERFECT in of(right, assignment)["output"]
    for tests in (HALF, right):
        found = of(tests, shown, late=0.1, more=["It had 3 points."])
        assert found["output"] == "1 day late"


def seen(tests: tuple[TestResult, ...], assignment: Assignment, **explained: Finding) -> list[Any]:
    """Return what students see of tests, with what else explains a task."""
    found = record(*tests)
    tasks = [
        replace(task, explained=(explained[task.name],)) if task.name in explained else task
        for task in found.tasks
    ]
    document = results(replace(found, tasks=tuple(tasks)), assignment)
    return [document["output"], *(t for t in document["tests"] if t["visibility"] == "visible")]


def test_messages_of_visible_tests_reveal_nothing_of_hidden_ones(
    assignment: Assignment,
) -> None:
    shown = at(assignment, "full", test_loss="hidden")
    update = outcome_of("step", "update", 20, "failed", "It is the sum.")
    fails, passes = HALF[1], replace(HALF[1], outcome="passed", message="")
    either = [seen((HALF[0], loss, update), shown) for loss in (fails, passes)]
    either.append(seen((HALF[0], fails, update), shown, step=Finding("Sum for mean.", "sum")))
    assert either[0][-1]["output"] == "It is the sum."
    assert either[0] == either[1] == either[2]


@pytest.mark.parametrize("level", ["full", "hints"])
def test_nothing_is_explained_by_a_hidden_task(assignment: Assignment, level: Feedback) -> None:
    shown = at(assignment, level, step="hidden")
    shape = outcome_of("forward", "shape", 25, "failed", "It is (3,).")
    alone = seen((shape, HALF[2]), shown)
    assert alone == seen((shape, HALF[1]), shown, forward=Finding("This follows from step."))
    assert "It is (3,)." in str(alone)


def test_a_notice_is_shown_if_something_is_hidden_too(assignment: Assignment) -> None:
    for shown in (assignment, at(assignment, "full", test_loss="hidden")):
        assert of(HALF, shown, notice="Not finished.")["output"].startswith("Not finished.")


def test_a_grader_error_has_no_score(assignment: Assignment) -> None:
    found = of((*HALF[:2], outcome_of("step", "update", 20, "error", "KeyError")), assignment)
    assert found["output"] == OURS
    assert found["tests"] == []
    lost = Record("ada", "lr", "n.ipynb", 60.0, error=f"{GRADER_ERROR}: it is gone.")
    assert "score" not in check_gradescope(to_bytes(results(lost, assignment)), lost)


def test_an_unreadable_notebook_has_no_points_and_a_message(assignment: Assignment) -> None:
    unreadable = Record("ada", "lr", "n.ipynb", 60.0, error="n.ipynb is empty. Save it.")
    found = check_gradescope(to_bytes(results(unreadable, assignment)), unreadable)
    assert (found["score"], found["output"]) == (0, "The notebook is empty. Save it.")


@settings(deadline=None)  # the schema is read with the first one
@given(message=st.text(), name=st.text(), data=st.data())
def test_any_text_gives_a_valid_file(
    assignment: Assignment, message: str, name: str, data: st.DataObject
) -> None:
    outcomes: tuple[Outcome, ...] = get_args(Outcome)
    outcome = data.draw(st.sampled_from(outcomes))
    tests = tuple(
        replace(test, message=message, outcome=outcome, title=f"T{name}") for test in HALF
    )
    for level in ("full", "hints", "score"):
        of(tests, at(assignment, level))


@pytest.mark.parametrize("name", ["steps", "test_nothing"])
def test_an_unknown_name_is_refused(name: str, tmp_path: Path) -> None:
    text = COURSE_OF_ONE
    text = text.replace("    tasks:\n", f"    visibility: {{{name}: hidden}}\n    tasks:\n")
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")
    course = load_course(tmp_path / "course.yml")
    with pytest.raises(CourseError, match=rf"line \d+: .*visibility.{name}: there is no such task"):
        prepare(course, course.assignment(None))
