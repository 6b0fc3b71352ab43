"""`from autograder import check` in a notebook that is open, in a real Jupyter kernel."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import nbclient
import nbformat
import pytest
import torch

from autograder import check
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.public_session import check_live, named
from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, STEP, step

NO_SQUEEZE = step("((model.forward(X) - y) ** 2).mean()")

Live = Callable[..., Checked]


@pytest.fixture
def live() -> Live:
    """Return a function that runs code in a namespace, and checks names of it or everything."""

    def live(code: str, *names: str) -> Checked:
        namespace: dict[str, Any] = {"torch": torch}
        exec(code, namespace)
        given = [namespace[name] for name in names]
        return check_live(given, namespace, "linear_regression")

    return live


def test_only_what_needs_nothing_else_is_checked(live: Live) -> None:
    code = GRADIENTS + FORWARD + STEP
    assert live(code, "step").tasks == ("step",)
    assert live(code, "Linear").tasks == ("forward",)
    assert live(code, "Linear", "step").tasks == ("forward", "step", "convergence")
    everything = live(code)
    assert everything.tasks == ("gradients", "forward", "step", "convergence")
    assert everything.complete


def test_what_is_not_there_is_said(live: Live) -> None:
    text = str(live(GRADIENTS + STEP.replace("def step", "def do_step") + "Linear = 3"))
    assert "There is no `step`, but there is `do_step`. Keep the names" in text
    assert "`Linear` is not a function or class any more" in text
    assert "There is no `polynomial_gradients`. Run the cell" in str(live(FORWARD))


def test_a_function_that_no_check_asks_for_is_said_with_those_that_are_asked_for(
    live: Live,
) -> None:
    text = str(live("def other(): pass", "other"))
    assert "checks ask for: `polynomial_gradients`, `Linear`, `step`." in text


def test_what_is_no_function_and_an_unknown_assignment_are_said(live: Live) -> None:
    assert "check takes functions and classes" in str(live("step = 'step'", "step"))
    assert "no assignment 'x'" in str(check_live([], {}, "x"))


def test_a_function_is_known_by_the_name_that_the_notebook_has_for_it() -> None:
    def written() -> None: ...

    bound = partial(written)
    namespace = {"step": written, "best": bound, "_": written, "other": 3}
    assert set(named(written, namespace)) == {"step", "written"}
    assert named(bound, namespace)["best"] is bound
    assert "_" not in named(written, namespace)


def test_random_numbers_and_the_switches_of_torch_stay_as_they_were(live: Live) -> None:
    torch.manual_seed(7)
    random.seed(7)
    before = torch.get_rng_state(), random.getstate()
    with torch.no_grad():
        assert live(GRADIENTS + FORWARD + STEP).complete
        assert not torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]


def test_check_looks_at_the_caller_s_names() -> None:
    namespace: dict[str, Any] = {"torch": torch, "check": check}
    exec(FORWARD + "\nfound = check(assignment='linear_regression')", namespace)
    assert "✓ passed  For x of shape (2, 3)" in str(namespace["found"])


def test_check_stays_the_function_and_imports_nothing_before_it_is_called() -> None:
    program = (
        "import sys; from autograder import check;"
        "print([m for m in ('torch', 'pytest', 'IPython', 'numpy') if m in sys.modules]);"
        "import autograder.selfcheck.public_session, autograder; print(autograder.check is check)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\nTrue\n"


CELLS = (
    "import torch\nfrom autograder import check\ntorch.manual_seed(1)\nfirst = torch.rand(1)\n"
    "torch.manual_seed(1);",
    "def step(X, y, model, lr=0.1):\n    print('stepping')\n    return model.nothing",
    "check(step)",
    NO_SQUEEZE,
    "check(step)",
    STEP,
    "check(step)",
    "print('still here', torch.equal(torch.rand(1), first))\n1 + 1",
    "import _thread, threading\ndef step(X, y, model, lr=0.1):\n"
    "    threading.Timer(0.5, _thread.interrupt_main).start()\n    while True: pass",
    "check(step)",
    "print(get_ipython().__class__.__name__)",
)


@pytest.fixture(scope="module")
def kernel() -> list[dict[str, Any]]:
    """Run the cells in a real kernel; return what each shows, by kind."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    shown = []
    for cell in notebook.cells:
        found: dict[str, Any] = {"stdout": "", "stderr": ""}
        for output in cell.outputs:
            found |= output.get("data", {})
            if output.output_type == "stream":
                found[output.name] += output.text
        shown.append(found)
    return shown


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
class TestKernel:
    def test_an_exception_names_the_line_of_the_cell(self, kernel: list[dict[str, Any]]) -> None:
        text = kernel[2]["text/plain"]
        assert "'Linear' object has no attribute 'nothing'" in text
        assert "in cell 2, line 3: `return model.nothing`" in text
        assert kernel[2]["stdout"] == kernel[2]["stderr"] == ""

    def test_text_and_table_say_what_is_wrong(self, kernel: list[dict[str, Any]]) -> None:
        for kind in ("text/plain", "text/html"):
            shown = " ".join(kernel[4][kind].split())
            assert "Each prediction is compared with every target, not with its own." in shown
            assert "1 of 4 checks pass." in shown
            assert "gradients" not in shown

    def test_what_was_fixed_passes(self, kernel: list[dict[str, Any]]) -> None:
        assert "4 of 4 checks pass." in kernel[6]["text/plain"]
        assert "other numbers" in kernel[6]["text/html"]

    def test_the_kernel_goes_on_as_before(self, kernel: list[dict[str, Any]]) -> None:
        assert kernel[7]["stdout"] == "still here True\n"
        assert kernel[7]["text/plain"] == "2"
        assert kernel[10]["stdout"] == "ZMQInteractiveShell\n"

    def test_a_loop_is_interrupted(self, kernel: list[dict[str, Any]]) -> None:
        text = kernel[9]["text/plain"]
        assert "You stopped the check while this was running." in text
        assert "0 of 1 check passes. The others were not run." in text
