"""Public tests ask for variables, text and figures, in a notebook file and in an open notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.discovery import SuiteAssignment
from autograder.selfcheck.in_process import NamespaceProcess
from autograder.selfcheck.public_session import NO_NOTEBOOK, check_code, check_notebook
from tests.conftest import write_notebook

CODE = """\
import matplotlib.pyplot as plt
best = 3
def report(x): print("value", x)
def plot(losses):
    plt.plot(losses)
    plt.show()
plot([1.0])
print("done")
"""
TESTS = """\
import pytest
from autograder.testing import assert_close

pytestmark = pytest.mark.task("shown", points=0)

def test_variable(student):
    assert student.best == 3

def test_call(student):
    assert student.printed(student.report, 7) == "value 7\\n"
    assert_close(student.figures(student.plot, [3.0, 1.0])[0].axes[0].lines[0].y, [3, 1])

def test_cells(student):
    assert "done" in student.printed()
    assert_close(student.figures()[0].axes[0].lines[0].y, [1])

def test_cells_figures(student):
    student.figures()
"""

pytestmark = pytest.mark.filterwarnings("ignore")  # no window opens for a plot


@pytest.fixture
def assignment(tmp_path: Path) -> SuiteAssignment:
    folder = tmp_path / "suite"
    (folder / "public").mkdir(parents=True)
    for name in ("__init__.py", "public/__init__.py"):
        (folder / name).touch()
    (folder / "public/test_shown.py").write_text(TESTS, encoding="utf-8")
    return SuiteAssignment("shown", folder)


def outcomes(checked: Checked) -> dict[str, str]:
    return {test.name.removeprefix("test_"): test.outcome for test in checked.tests}


def live(assignment: SuiteAssignment, code: str) -> Checked:
    names: dict[str, Any] = {}
    exec(code, names)
    process = NamespaceProcess(names, everything=True, history=[code])
    return check_code(process, NO_NOTEBOOK, assignment)


def test_all_of_it_is_known_of_a_notebook_file(tmp_path: Path, assignment: SuiteAssignment) -> None:
    checked = check_notebook(write_notebook(tmp_path / "a.ipynb", [CODE]), assignment)
    assert set(outcomes(checked).values()) == {"passed"}, str(checked)


def test_what_cells_have_shown_is_not_asked_of_an_open_notebook(
    assignment: SuiteAssignment,
) -> None:
    open_before = plt.figure()
    found = outcomes(live(assignment, CODE.replace("plot([1.0])\n", "")))
    assert found == {"variable": "passed", "call": "passed"}
    assert plt.figure(open_before.number) is open_before
    plt.close("all")


def test_a_variable_that_took_the_name_of_a_function_is_said(assignment: SuiteAssignment) -> None:
    checked = live(assignment, f"{CODE}report = 3")
    assert "`report` is not a function or class any more" in str(checked)
