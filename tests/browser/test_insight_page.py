"""The page of a class in a browser: at four sizes, by keyboard, in the dark, without a mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from autograder.insight.gathered import gathered
from autograder.insight.overview import insight
from autograder.insight.page import everybody, insight_page
from autograder.insight.pseudonyms import pseudonyms
from autograder.insight.student_code import StudentCode
from tests.browser.conftest import Shoot
from tests.insight.made_up import made_up_class
from tests.integrations.nbgrader.commands import NAME, run

SIZES = {"phone": (360, 740), "tablet": (820, 1180), "laptop": (1200, 900), "wide": (1920, 1080)}
STUDENTS = (5, 50, 1000, 10_000)


def write_page(folder: Path, size: int) -> Path:
    found = insight(gathered("lr", made_up_class(size)), StudentCode(), "Linear regression")
    students = [row.student for row in found.rows]
    file = folder / f"{size}.html"
    file.write_text(insight_page(found, everybody(students, pseudonyms(students))))
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("insight")


@pytest.fixture(scope="module")
def class_page(page: Page, folder: Path) -> Page:
    """The page of a class of fifty."""
    page.goto(write_page(folder, 50).as_uri())
    return page


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


@pytest.mark.parametrize("students", STUDENTS)
def test_a_class_of_any_size_is_a_small_page(page: Page, folder: Path, students: int) -> None:
    file = write_page(folder, students)
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("what the class has understood")
    assert file.stat().st_size < 2_000_000


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_every_screen(class_page: Page, size: str) -> None:
    width, height = SIZES[size]
    class_page.set_viewport_size({"width": width, "height": height})
    open_everything(class_page)
    wide: int = class_page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(class_page: Page, scheme: Any) -> None:
    class_page.emulate_media(color_scheme=scheme)
    open_everything(class_page)
    found = Axe().run(class_page)
    assert found.violations_count == 0, found.generate_report()
    class_page.emulate_media(color_scheme="light")


def test_no_request_leaves_the_machine(class_page: Page) -> None:
    requests = list[str]()
    class_page.on("request", lambda request: requests.append(request.url))
    class_page.reload()
    open_everything(class_page)
    class_page.wait_for_load_state("networkidle")
    assert {urlsplit(url).scheme for url in requests} <= {"file", "data"}
    assert requests


def test_the_keyboard_is_enough(class_page: Page) -> None:
    """Names are hidden, and mistakes opened, by Tab, Space and Enter."""
    class_page.reload()
    name = class_page.locator("#students .name").first
    class_page.locator("#students summary").focus()
    class_page.keyboard.press("Enter")
    expect(name).to_be_visible()
    class_page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    class_page.locator("nav a").first.focus()
    class_page.keyboard.press("Shift+Tab")
    expect(class_page.get_by_label("Show pseudonyms instead of names")).to_be_focused()
    class_page.keyboard.press("Space")
    expect(name).to_be_hidden()
    expect(class_page.locator("#students .pseudonym").first).to_be_visible()
    class_page.keyboard.press("Space")
    expect(name).to_be_visible()
    class_page.keyboard.press("Tab")
    expect(class_page.locator("nav a").first).to_be_focused()


def test_a_link_leads_to_its_section(class_page: Page) -> None:
    class_page.get_by_role("link", name="Tests (").click()
    expect(class_page.get_by_role("heading", name="Tests", exact=True)).to_be_in_viewport()


def test_paper_has_no_switches(class_page: Page) -> None:
    class_page.emulate_media(media="print")
    expect(class_page.locator("nav")).to_be_hidden()
    expect(class_page.get_by_role("heading", name="Known mistakes")).to_be_visible()
    class_page.emulate_media(media="screen")


def test_grading_writes_the_page_of_the_sample_class(
    page: Page, course: Path, shoot: Shoot
) -> None:
    run(course, "autograder", "grade", "--assignment", NAME)
    page.set_viewport_size({"width": 1200, "height": 900})
    page.goto((course / "insight" / f"{NAME}.html").as_uri())
    expect(page.get_by_text("13 submissions")).to_be_visible()
    shoot(page, "insight")
    open_everything(page)
    page.get_by_role("link", name="chloe", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("linear regression")
