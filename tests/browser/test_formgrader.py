"""An instructor in formgrader: grades with its button, adds by hand, and gives feedback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Page, expect

from tests.browser.conftest import TOKEN, Jupyter, Shoot, jupyter
from tests.conftest import ROOT
from tests.integrations.nbgrader.commands import NAME, grades, run

STUDENTS = sorted(path.name for path in (ROOT / "examples" / "submitted").iterdir())
STEP = "step: 29 of 35 points"
BROADCASTING = "Each prediction is compared with every target, not with its own."

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


@pytest.fixture(scope="module")
def server(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    with jupyter(course, tmp_path_factory.mktemp("instructor") / "home") as server:
        yield server


@pytest.fixture(scope="module")
def formgrader(page: Page, server: Jupyter) -> Page:
    """Formgrader's page of the submissions, after logging in."""
    page.goto(server.at(f"lab?token={TOKEN}"))
    page.wait_for_selector(".jp-Launcher")
    open_submissions(page, server)
    return page


def open_submissions(page: Page, server: Jupyter) -> None:
    page.goto(server.at(f"formgrader/manage_submissions/{NAME}"))
    expect(page.locator("td.student-id", has_text="elif")).to_be_visible()


def press(page: Page, button: str, student: str) -> str:
    """Press one of the buttons in a student's row; return what formgrader then says."""
    page.locator("tr", has_text=student).locator(f"td.{button} a").click()
    dialog = page.locator(".modal.in")
    expect(dialog).to_contain_text("Log Output")
    said: str = dialog.inner_text()
    dialog.get_by_role("button", name="Close", exact=False).first.click()
    expect(dialog).to_have_count(0)
    return said


def open_submission(page: Page, server: Jupyter) -> None:
    """Open the only submission that has been graded."""
    page.goto(server.at(f"formgrader/gradebook/{NAME}/{NAME}"))
    page.get_by_text("Submission #1").click()
    expect(page.get_by_text(STEP)).to_be_visible()


def step_in_the_gradebook(server: Jupyter) -> dict[str, Any]:
    with Gradebook(f"sqlite:///{server.folder}/gradebook.db", "ml_course") as gradebook:
        grade = gradebook.find_grade("test_step", NAME, NAME, "chloe")
        comment = gradebook.find_comment("step", NAME, NAME, "chloe")
        submission = gradebook.find_submission(NAME, "chloe")
        return {
            "auto": grade.auto_score, "extra": grade.extra_credit, "comment": comment.comment,
            "total": submission.score, "max": submission.max_score,
        }  # fmt: skip


def test_the_button_grades_with_our_engine(formgrader: Page, server: Jupyter) -> None:
    assert "Successfully autograded" in press(formgrader, "autograde", "chloe")
    open_submissions(formgrader, server)
    row = formgrader.locator("tr", has_text="chloe")
    expect(row.locator("td.status")).to_have_text("graded")
    expect(row.locator("td.score")).to_have_text("80 / 100")
    assert step_in_the_gradebook(server)["auto"] == 29


def test_a_submission_shows_results_findings_and_pictures(
    formgrader: Page, server: Jupyter, shoot: Shoot
) -> None:
    open_submission(formgrader, server)
    expect(formgrader.get_by_text(BROADCASTING)).to_be_visible()
    failed = formgrader.locator("tr", has_text="Each prediction is compared with its own target")
    expect(failed).to_contain_text("0/6")
    pictures = formgrader.locator("figure img")
    expect(pictures).to_have_count(3)
    assert pictures.evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    expect(formgrader.locator("math")).not_to_have_count(0)
    formgrader.evaluate("jQuery('body, html').finish()")  # it scrolls to what was last edited
    formgrader.get_by_text(STEP).evaluate("e => e.scrollIntoView({block: 'center'})")
    shoot(formgrader, "formgrader")


def test_points_and_a_comment_by_hand_are_kept(formgrader: Page, server: Jupyter) -> None:
    extra = formgrader.locator("#test_step_extra_credit")
    extra.fill("2")
    extra.press("Tab")
    comment = formgrader.locator("#step-comment")
    comment.fill("Print the shapes, Chloe.")
    comment.press("Tab")
    saved = formgrader.locator(".comment-saved:visible")
    expect(saved).not_to_have_count(0)
    formgrader.reload()
    expect(formgrader.locator("#test_step_extra_credit")).to_have_value("2")
    expect(formgrader.locator("#step-comment")).to_have_value("Print the shapes, Chloe.")
    found = step_in_the_gradebook(server)
    assert (found["extra"], found["comment"]) == (2, "Print the shapes, Chloe.")
    assert (found["total"], found["max"]) == (82, 100)


def test_the_button_again_keeps_them(formgrader: Page, server: Jupyter) -> None:
    before = step_in_the_gradebook(server)
    open_submissions(formgrader, server)
    assert "Successfully autograded" in press(formgrader, "autograde", "chloe")
    assert step_in_the_gradebook(server) == before


def test_a_change_of_the_suite_counts_at_once(formgrader: Page, server: Jupyter) -> None:
    course = server.folder / "course.yml"
    text = course.read_text()
    course.write_text(text.replace("feedback: full", "feedback: score"))
    press(formgrader, "autograde", "elif")
    shown = (server.folder / "autograded" / "elif" / NAME / f"{NAME}.ipynb").read_text()
    assert "forward: 15 of 25 points" in shown
    assert "The bias is added once to every row." not in shown
    course.write_text(text)


def test_the_button_gives_the_whole_class_what_our_command_gives(
    formgrader: Page, server: Jupyter, tmp_path: Path
) -> None:
    said = {student: press(formgrader, "autograde", student) for student in STUDENTS}
    assert [student for student, words in said.items() if "Success" not in words] == ["kenji"]
    by_button = grades(server.folder)
    shutil.copytree(server.folder, tmp_path / "course", ignore=shutil.ignore_patterns("auto*"))
    run(tmp_path / "course", "autograder", "grade", "--json", "records")
    assert grades(tmp_path / "course") == by_button
    lines = (tmp_path / "course" / "records").read_text().splitlines()
    graded = [record for record in map(json.loads, lines) if record["assignment"] == NAME]
    records = {record["student"]: record for record in graded}
    for student, entry in by_button.items():
        record = records[student]
        by_hand = 2 if student == "chloe" else 0
        assert (entry["score"], entry["max"]) == (record["score"] + by_hand, record["max_score"])
        assert entry["penalty"] == record["late_penalty"]


def test_feedback_can_be_read_from_a_file(
    formgrader: Page, server: Jupyter, page: Page, shoot: Shoot
) -> None:
    said = press(formgrader, "generate-feedback", "chloe")
    assert "Successfully generated feedback" in said
    path = server.folder / "feedback" / "chloe" / NAME / f"{NAME}.html"
    page.goto(path.as_uri())
    expect(page.get_by_text("Print the shapes, Chloe.")).to_be_visible()
    expect(page.get_by_text(f"{NAME} (Score: 82.0 / 100.0)")).to_be_visible()
    expect(page.get_by_text(BROADCASTING)).to_be_visible()
    pictures = page.locator("figure img")
    expect(pictures).to_have_count(3)
    assert pictures.evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    assert page.locator("math").first.bounding_box() is not None
    assert page.locator("script").count() == 0
    page.get_by_text(STEP).evaluate("e => e.scrollIntoView({block: 'center'})")
    shoot(page, "nbgrader-feedback")
