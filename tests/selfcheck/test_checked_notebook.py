"""`autograder check NOTEBOOK`: what is said about a notebook, and nothing left behind."""

from __future__ import annotations

import builtins
import getpass
import os
import random
import socket
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from autograder.cli.main import main
from autograder.course import Assignment
from autograder.errors import SubmissionError
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.in_process import LocalProcess, NotebookProcess
from autograder.selfcheck.public_session import check_notebook
from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, IMPORTS, STEP
from tests.conftest import ROOT, write_notebook
from tests.corpus.wrong import WRONG

SOLUTION = ROOT / "solutions/linear_regression/linear_regression.ipynb"
RELEASE = ROOT / "assignments/linear_regression/linear_regression.ipynb"

Check = Callable[..., Checked]

pytestmark = pytest.mark.filterwarnings("ignore")  # a notebook may warn of anything


@pytest.fixture
def check(tmp_path: Path, assignment: Assignment) -> Check:
    """Return a function that checks a notebook of these cells."""

    def check(*cells: str) -> Checked:
        return check_notebook(write_notebook(tmp_path / "mine.ipynb", cells), assignment)

    return check


def wrong(name: str) -> list[str]:
    return next(answer for answer in WRONG if answer.name == name).cells()


def outcomes(checked: Checked) -> dict[str, set[str]]:
    return {
        task: {test.outcome for test in checked.tests if test.task == task}
        for task in checked.tasks
    }


def said(checked: Checked, task: str) -> str:
    return "\n".join(test.message for test in checked.tests if test.task == task)


def test_the_solution_passes_everything(assignment: Assignment) -> None:
    checked = check_notebook(SOLUTION, assignment)
    assert checked.complete
    assert checked.tasks == tuple(task.name for task in assignment.tasks)
    text = str(checked)
    assert "13 of 13 checks pass." in text
    assert "also called with other numbers" in text
    assert "point" not in text.lower()


def test_the_release_says_plainly_what_is_to_do(assignment: Assignment) -> None:
    checked = check_notebook(RELEASE, assignment)
    assert checked.passed == 0
    text = str(checked)
    assert text.count("This part is not filled in yet") == 3  # once for each task
    assert text.count("to do") == 10
    assert text.count("This waits for Linear.forward and step.") == 1
    assert "failed" not in text
    assert "other numbers" not in text


def test_the_traces_of_a_check_are_kept(check: Check) -> None:
    checked = check(*wrong("no_squeeze"))
    assert {result.name for result in checked.attempt.results} == set(checked.attempt.traces)
    assert any(checked.attempt.traces.values())


def test_a_wrong_step_is_told_by_its_numbers(check: Check) -> None:
    checked = check(*wrong("no_squeeze"))
    assert outcomes(checked)["forward"] == {"passed"}
    assert "w should be 0.4667 and b 0.4, but w = 0.4000, b = 0.4000" in said(checked, "step")
    checked = check(*wrong("sum_for_mean"))
    assert "step returned 14.000. It is three times as large" in said(checked, "step")


def test_a_crash_names_the_line(check: Check) -> None:
    checked = check(IMPORTS, STEP.replace("model.forward(X)", "model.forwards(X)"))
    assert "has no attribute 'forwards'\n  in cell 2, line 2: `loss = " in said(checked, "step")


def test_a_cell_that_crashes_or_is_no_python_is_named_and_the_others_still_count(
    check: Check,
) -> None:
    checked = check(IMPORTS, "1 / 0", GRADIENTS.replace(":\n", "\n"), STEP)
    assert outcomes(checked)["step"] == {"passed"}
    assert "cell 3, which defines it, stopped with SyntaxError" in said(checked, "gradients")
    checked = check(IMPORTS, "1 / 0\n" + FORWARD, STEP)
    assert "stopped with ZeroDivisionError" in said(checked, "forward")
    assert outcomes(checked)["convergence"] == {"skipped"}


def test_a_loop_in_a_function_is_interrupted(check: Check) -> None:
    loop = "def step(X, y, model, lr=0.1): raise KeyboardInterrupt"
    checked = check(IMPORTS, GRADIENTS, FORWARD, loop)
    assert checked.stopped
    assert outcomes(checked)["gradients"] == {"passed"}
    assert checked.tests[-1].outcome == "failed"
    assert "look for a loop that never ends" in checked.tests[-1].message
    assert "6 of 7 checks pass. The others were not run." in str(checked)


def test_a_loop_in_a_cell_is_interrupted_and_the_cell_is_named(check: Check) -> None:
    checked = check(IMPORTS, "raise KeyboardInterrupt", GRADIENTS)
    assert checked.stopped
    assert not checked.complete
    assert str(checked).startswith("You stopped the check while cell 2 was running.")


def test_exit_in_a_function_is_an_exception_of_the_student(check: Check) -> None:
    checked = check(IMPORTS, "def polynomial_gradients(a, b): exit(0)")
    assert outcomes(checked)["gradients"] == {"failed"}
    checked = check(IMPORTS, "import sys\ndef polynomial_gradients(a, b): sys.exit(3)")
    assert "SystemExit" in said(checked, "gradients")


def test_output_is_not_shown_and_nobody_is_asked_or_waited_for(
    check: Check, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    checked = check(
        IMPORTS,
        "print('loud')\nplt.plot([1, 2]); plt.show()\ntime.sleep(3600)",
        "x = input('How many?')",
        "import sys\ndef noisy(f):\n    def g(*a):\n        print('loud', file=sys.stderr)\n"
        "        return f(*a)\n    return g",
        "@noisy\n" + GRADIENTS,
    )
    assert outcomes(checked)["gradients"] == {"passed"}
    assert capfd.readouterr() == ("", "")
    assert time.monotonic() - started < 60


def state() -> dict[str, Any]:
    """Return what running a notebook here might change."""
    return {
        "streams": (sys.stdout, sys.stderr, sys.displayhook, sys.excepthook),
        "functions": (builtins.input, getpass.getpass, time.sleep),
        "folder": os.getcwd(),
        "path": list(sys.path),
        "main": sys.modules["__main__"],
        "environment": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
        "shell": InteractiveShell._instance,
        "traceback": getattr(sys, "last_value", None),
        "warnings": list(warnings.filters),
        "hooks": list(sys.meta_path),
        "plots": (mpl.is_interactive(), dict.__getitem__(mpl.rcParams, "backend")),
        "numpy": np.geterr(),
        "torch": (torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()),
        "strict": (
            torch.is_anomaly_enabled(),
            torch.are_deterministic_algorithms_enabled(),
        ),
        "random": (random.getstate(), torch.get_rng_state().tolist(), str(np.random.get_state())),
        "helper": "helper" in sys.modules,
    }


def test_nothing_is_left_patched(check: Check) -> None:
    check(IMPORTS)  # what is only imported the first time stays
    before = state()
    checked = check(
        IMPORTS,
        "%%writefile helper.py\nx = 1",
        "import helper, os, sys, warnings, random, numpy as np\nos.environ['A_NEW_NAME'] = '1'\n"
        "sys.path.append('nowhere')\nos.mkdir('deep'); os.chdir('deep')\n"
        "warnings.simplefilter('error')\nnp.seterr(all='raise')\nrandom.seed(3)",
        "torch.set_grad_enabled(False); torch.set_default_dtype(torch.float64)\n"
        "torch.set_num_threads(3); torch.autograd.set_detect_anomaly(True)\n"
        "torch.use_deterministic_algorithms(True)\nplt.plot([1])",
        "1 / 0",
        *wrong("no_squeeze"),
        "sys.stdout = None",
        "'nothing can be shown any more'",
    )
    assert outcomes(checked)["step"] == {"passed", "failed"}, str(checked)
    after = state()
    assert {key for key in before if before[key] != after[key]} == set()


def test_nothing_is_left_patched_after_an_interrupt(check: Check) -> None:
    before = state()
    check(IMPORTS, "raise KeyboardInterrupt")
    assert state() == before


def test_a_shell_that_was_there_before_stays(check: Check) -> None:
    shell = InteractiveShell.instance()
    try:
        assert check(IMPORTS, GRADIENTS).passed == 2
        assert InteractiveShell.instance() is shell
    finally:
        InteractiveShell.clear_instance()


def test_what_is_no_notebook_is_said_in_a_sentence(tmp_path: Path, assignment: Assignment) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    with pytest.raises(SubmissionError, match="not valid JSON"):
        check_notebook(tmp_path / "a.ipynb", assignment)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["{right}"], 0, "13 of 13 checks pass."),
        (["{wrong}", "-a", "linear_regression"], 1, "✗ failed"),
        (["{wrong}", "-a", "linear_regression"], 1, "checks pass."),
        (["{stopped}", "-a", "linear_regression"], 130, "You stopped the check"),
        (["{wrong}"], 2, "Name the assignment."),
        (["{tmp}/none.ipynb"], 2, "is missing or not a file"),
        (["{wrong}", "--assignment", "nonsense"], 2, "There is no assignment 'nonsense'"),
        ([], 2, "Missing argument"),
    ],
)
def test_the_command_ends_with_a_status(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)  # no course.yml is above
    places = {
        "tmp": tmp_path,
        "right": SOLUTION,
        "wrong": write_notebook(tmp_path / "wrong.ipynb", wrong("swapped")),
        "stopped": write_notebook(tmp_path / "stopped.ipynb", ["raise KeyboardInterrupt"]),
    }
    with pytest.raises(SystemExit) as caught:
        main(["check", *(argument.format(**places) for argument in arguments)])
    out, err = capfd.readouterr()
    assert caught.value.code == status
    assert words in out + err
    assert "Traceback" not in out + err


def test_a_local_process_has_all_that_a_student_process_has() -> None:
    run = LocalProcess(["x = 1"])
    assert (run.cells, run.results, run.alive, run.needs_rerun) == (("x = 1",), [], False, False)
    run.close()


def test_names_can_be_looked_up_in_the_network_again() -> None:
    process, before = NotebookProcess(("x = 1",)), socket.getaddrinfo
    process.execute()
    assert socket.getaddrinfo is not before
    process.close()
    assert socket.getaddrinfo is before
