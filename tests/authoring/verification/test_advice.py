"""What an author reads about a wrong answer that keeps all points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder.authoring.verification.advice import Survivor, lines
from autograder.authoring.verification.as_code import as_code
from autograder.authoring.verification.edges import Edge
from autograder.authoring.verification.equivalence import Evidence
from autograder.authoring.verification.inputs import key_of
from tests.authoring.verification.small_dialogs import SOURCE, array, dialog, fitted

DIALOG = fitted(array(0.5), 1)
FOUND = Evidence(Edge("X of zeros", DIALOG, DIALOG), 1)
CODE = as_code(DIALOG, SOURCE, Path())


def test_it_says_what_differs_and_which_lines_to_add_where() -> None:
    assert Survivor(FOUND, CODE).text == (
        "fit(X, 1) gives another answer for X of zeros. No test asks that. Add it to test_fit:\n"
        "    X = np.array([0.5])\n"
        "    assert_close(student.fit(X, 1), reference.fit(X, 1))"
    )


def test_it_says_how_a_call_ends_instead() -> None:
    raised = replace(FOUND, instead="raises ValueError")
    assert Survivor(raised, CODE).text.startswith("fit(X, 1) raises ValueError for X of zeros.")


def test_it_says_that_other_hidden_inputs_show_it() -> None:
    text = Survivor(Evidence(Edge("", DIALOG, DIALOG), 1, seed=3), CODE).text
    assert text.startswith(
        "With the inputs of another seed, fit(X, 1) gives another answer; those of this course do "
        "not show it. Give test_fit inputs that always do:\n"
    )


def test_it_says_what_it_can_where_there_is_no_short_code() -> None:
    assert Survivor(FOUND, None).text == (
        "fit gives another answer for X of zeros. No test asks that. Add it to test_fit."
    )


def test_it_says_that_the_test_has_the_inputs() -> None:
    own = as_code(DIALOG, SOURCE, Path(), own={key_of(array(0.5)): "100 * X"})
    assert Survivor(FOUND, own, has_own=True).text.partition("asks that. ")[2] == (
        "Add it to test_fit, with the inputs that it has:\n"
        "    assert_close(student.fit(100 * X, 1), reference.fit(100 * X, 1))"
    )


def test_what_is_no_plain_data_is_only_asked_for() -> None:
    asked = dialog(DIALOG.turns[0], replace(DIALOG.turns[1], is_plain=False))
    assert lines(as_code(asked, SOURCE, Path())) == ["X = np.array([0.5])", "student.fit(X, 1)"]
