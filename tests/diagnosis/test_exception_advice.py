"""An exception is explained by what really raises it, and a missing function by its cell."""

from __future__ import annotations

import pytest

from autograder.diagnosis.exception_advice import ADVICE, MAX_DEFINITIONS, advice, why_missing
from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, IMPORTS, STEP
from tests.conftest import GradeCells

# A wrong step that raises, and a word of what the student should read.
RAISES = {
    "in place without no_grad": (
        STEP.replace("with torch.no_grad():", "if True:"),
        "with torch.no_grad()",
    ),
    "no graph": (STEP.replace("loss.backward()", "loss.detach().backward()"), "nothing to go back"),
    "twice": (
        STEP.replace("loss.backward()", "loss.backward()\n    loss.backward()"),
        "twice on the same loss",
    ),
    "not a scalar": (STEP.replace(".mean()", ""), "take the mean"),
    "no backward": (STEP.replace("    loss.backward()\n", ""), "None until backward() has run"),
    "shapes": (STEP.replace("model.forward(X)", "model.forward(X.T)"), "matrix product"),
    "no lr": (STEP.replace(", lr=0.1", "").replace("lr *", "0.1 *"), "Keep the `def` line"),
    "misspelt": (STEP.replace("loss.item()", "lose.item()"), "Check the spelling"),
    "another process": (
        STEP.replace("    loss.backward()\n", "    __import__('os').fork()\n"),
        "cannot start programs or processes",
    ),
    "without end": (
        "def step(X, y, model, lr=0.1):\n    return step(X, y, model)\n",
        "without end",
    ),
}


@pytest.mark.parametrize("name", RAISES)
def test_what_was_raised_is_explained(name: str, grade_cells: GradeCells) -> None:
    source, words = RAISES[name]
    (graded,) = grade_cells(one=[IMPORTS, GRADIENTS, FORWARD, source])
    tasks = {task.name: task for task in graded.record.tasks}
    assert words in " ".join(test.message for test in tasks["step"].tests)
    assert name == "no lr" or "in cell 4, line" in tasks["step"].findings[0]
    assert tasks["forward"].score == tasks["forward"].max_score


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            STEP + "    else:\n",
            "cell 4, which defines it, stopped with SyntaxError: invalid syntax, in line 9: `else:`",
        ),
        ("1 / 0\n" + STEP, "cell 4, which defines it, stopped with ZeroDivisionError"),
        (
            "import os\nos._exit(0)\n" + STEP,
            "cell 4, which defines it, did not finish. The process that ran your code ended",
        ),
        (STEP.replace("def step(", "def steps("), "there is `steps`"),
        ("# nothing here", "no `step` in your notebook"),
    ],
)
def test_a_missing_function_is_explained(step: str, words: str, grade_cells: GradeCells) -> None:
    (graded,) = grade_cells(one=[IMPORTS, GRADIENTS, FORWARD, step])
    tasks = {task.name: task for task in graded.record.tasks}
    assert words in tasks["step"].findings[0]
    assert tasks["gradients"].score == 20


def test_nothing_is_guessed() -> None:
    assert advice("ValueError", "something else") == ""
    assert advice("RuntimeError", "something else") == ""


def test_every_advice_is_a_sentence() -> None:
    assert all(text.endswith(".") for texts in ADVICE.values() for text in texts.values())


def test_a_cell_that_ran_is_not_blamed() -> None:
    text = why_missing("step", ["def step(): pass\ndel step"], [None])
    assert "cell 1" not in text


def test_a_similar_name_is_looked_for_among_the_first_definitions_only() -> None:
    others = "".join(f"def other{number}(): pass\n" for number in range(MAX_DEFINITIONS))
    assert "there is `steps`" in why_missing("step", ["def steps(): pass", others], [])
    assert "there is `steps`" not in why_missing("step", [others, "def steps(): pass"], [])


def test_why_a_name_is_missing_is_found_out_once(
    grade_cells: GradeCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def why(name: str, *_: object) -> str:
        asked.append(name)
        return "gone"

    monkeypatch.setattr("autograder.testing.student.why_missing", why)
    (graded,) = grade_cells(one=[IMPORTS, GRADIENTS, FORWARD])
    assert asked == ["step"]
    assert sum(test.message == "gone" for task in graded.record.tasks for test in task.tests) > 1


def test_a_call_of_a_library_is_not_blamed_on_the_def_line() -> None:
    message = "f() got an unexpected keyword argument 'squared'"
    assert "Keep the `def` line" in advice("TypeError", message)
    assert "Keep the `def` line" not in advice("TypeError", message, own_line=True)
