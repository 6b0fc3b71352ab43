"""A student in JupyterLab: fills in the notebook, runs the checks, validates."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import TOKEN, Jupyter, Shoot, jupyter
from tests.conftest import ROOT
from tests.integrations.nbgrader.commands import NAME

GRADIENTS = (
    "a = torch.tensor(float(a), requires_grad=True)",
    "b = torch.tensor(float(b), requires_grad=True)",
    "y = a**3 - b**2 + 3",
    "y.backward()",
    "return a.grad, b.grad",
)
NO_BIAS = ("return x @ self.w",)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    folder = tmp_path_factory.mktemp("student")
    (folder / "work").mkdir()
    shutil.copy(ROOT / "assignments" / NAME / f"{NAME}.ipynb", folder / "work")
    with jupyter(folder / "work", folder / "home") as server:
        yield server


@pytest.fixture(scope="module")
def notebook(page: Page, server: Jupyter) -> Page:
    """The released notebook, open, with a kernel that waits."""
    page.goto(server.at(f"lab/tree/{NAME}.ipynb?token={TOKEN}"))
    idle(page)
    return page


def idle(page: Page) -> None:
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")


def cell(page: Page, text: str) -> Locator:
    return page.locator(".jp-CodeCell", has_text=text).first


def fill_in(page: Page, where: str, lines: tuple[str, ...]) -> None:
    """Type over the last line of a cell, as somebody at a keyboard does."""
    cell(page, where).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Shift+Home")
    for index, line in enumerate(lines):
        if index:
            page.keyboard.press("Enter")
        page.keyboard.type(line)


def run_up_to(page: Page, where: str) -> Locator:
    """Run all cells above a cell, and the cell; return it when it has run."""
    last = cell(page, where)
    last.locator(".cm-content").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Above Selected Cell").click()
    page.keyboard.press("Escape")
    last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(last.locator(".jp-OutputArea-output").first).to_be_visible()
    return last


def test_a_right_answer_passes_its_check(notebook: Page) -> None:
    fill_in(notebook, "def polynomial_gradients", GRADIENTS)
    checked = run_up_to(notebook, "# Check your gradients: run this cell.")
    expect(checked.locator(".jp-OutputArea")).to_have_text("The gradients are right.\n")


def test_a_wrong_answer_is_told_what_the_check_saw(notebook: Page, shoot: Shoot) -> None:
    fill_in(notebook, "class Linear", NO_BIAS)
    checked = run_up_to(notebook, "# Check your model: run this cell.")
    output = checked.locator(".jp-OutputArea")
    expect(output).to_contain_text("Work out the first row by hand: it is 14 and 21.5.")
    output.evaluate("e => e.scrollIntoView({block: 'end'})")
    shoot(notebook, "jupyterlab")


def test_validate_names_the_check_that_fails(notebook: Page, shoot: Shoot) -> None:
    notebook.keyboard.press("Control+s")
    notebook.get_by_role("button", name="Validate").click()
    dialog = notebook.locator(".jp-Dialog")
    expect(dialog).to_contain_text("failed")
    expect(dialog).to_contain_text("# Check your model: run this cell.")
    expect(dialog).not_to_contain_text("# Check your gradients: run this cell.")
    dialog.get_by_text("Work out the first row by hand").last.scroll_into_view_if_needed()
    shoot(notebook, "validate")
