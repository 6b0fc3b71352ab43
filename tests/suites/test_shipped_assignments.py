"""The assignments of the kit with short suites, which ask the reference what is right.

Right answers in every style get full points, wrong ones lose points in their own tasks alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from autograder.record import Record, TestResult
from autograder.suites import SUITES
from tests.corpus.level2 import Answer
from tests.corpus.level2.graded import release_version, unnamed_again

NAMES = ("logistic_regression", "mlp_classifier", "model_selection")
MOST_LINES = 160
MODULES = {"autograder.testing", "autograder.testing.torch", "autograder.testing.sklearn"}
FIELD = {"numpy", "pandas", "pytest"}
STANDARD = {"pathlib"}
CORPORA = {name: import_module(f"tests.corpus.level2.{name}.answers") for name in NAMES}
RIGHT = [(name, answer) for name in NAMES for answer in CORPORA[name].RIGHT]
WRONG = [(name, answer) for name in NAMES for answer in CORPORA[name].WRONG]
SAID = (
    ("logistic_regression", "sigmoid_overflows", "The answer contains NaN or infinity."),
    ("logistic_regression", "sigmoid_prints", "it is None (is a `return` missing?)."),
    ("logistic_regression", "infinite_loss", "The loss of sure and wrong predictions is inf"),
    ("logistic_regression", "gradient_with_other_sign", "It has the opposite sign."),
    ("logistic_regression", "gradient_in_a_column", "should have shape (4,), but it has shape (4, 1)."),
    ("logistic_regression", "misspelt_name", "name 'weights' is not defined"),
    ("logistic_regression", "other_defaults", "Look at the defaults of lr and steps."),
    ("mlp_classifier", "other_names", "The model has no `hidden.weight`. It has fc1.weight,"),
    ("mlp_classifier", "sizes_swapped", "`hidden.weight` of the model should have shape (5, 3)"),
    ("mlp_classifier", "no_return", "it is None (is a `return` missing?)."),
    ("mlp_classifier", "no_zero_grad", "The last batch has no gradient, but `first`"),
    ("mlp_classifier", "loss_of_each_batch", "should have 8 values, but it has 32."),
    ("mlp_classifier", "no_step", "It should fall by 5% at least."),
    ("model_selection", "leakage", "What is learned, and from what?"),
    ("model_selection", "no_pipeline_returned", "it is None (is a `return` missing?)."),
    ("model_selection", "no_name", "a dictionary with the key 'name'."),
    ("model_selection", "order_of_appearance", "The answer's index is not right."),
    ("model_selection", "one_label", "Label the y axis: accuracy."),
    ("model_selection", "no_plot", "Your code plots no groups of bars"),
)  # fmt: skip
EXPECTED = ("4810", "1.42", "1.43", "0.138", "StandardScaler'")
OURS = re.compile(r"Remote|Tensor[A-Z]|wire|test_\w+\.py|0x[0-9a-f]{4}")

Graded = Callable[[str], tuple[dict[str, Record], dict[str, Record]]]


@pytest.fixture(scope="module")
def records(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Return a function that returns the records of an assignment: of answers that tests ask for.

    They are graded once.
    """
    items = [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module.__name__ == __name__
    ]
    asked: list[dict[str, Any]] = [
        item.callspec.params for item in items if hasattr(item, "callspec")
    ]
    names = {(one["case"][0], one["case"][1].name) for one in asked if "case" in one}
    names |= {(one["assignment"], one["spoken"]) for one in asked if "spoken" in one}
    known: dict[str, tuple[dict[str, Record], dict[str, Record]]] = {}

    def of(name: str) -> tuple[dict[str, Record], dict[str, Record]]:
        if name not in known:
            corpus = (*CORPORA[name].RIGHT, *CORPORA[name].WRONG)
            chosen = [one for one in corpus if (name, one.name) in names]
            folder = tmp_path_factory.mktemp(name) / "course"
            first = Answer("solution", {}), release_version(name)
            all_answers = [*first, *chosen]
            known[name] = unnamed_again(name, folder, all_answers, all_answers[::7])
        return known[name]

    return of


def results_of(record: Record) -> list[TestResult]:
    return [test for task in record.tasks for test in task.tests]


@pytest.mark.parametrize("name", NAMES)
def test_the_suite_is_short_and_imports_nothing_else_of_ours(name: str) -> None:
    for path in (SUITES / name).glob("*.py"):
        source = path.read_text("utf-8")
        assert len([line for line in source.splitlines() if line.strip()]) <= MOST_LINES
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom):
                own = f"autograder.suites.{name}"
                assert node.module in {*MODULES, *STANDARD} or str(node.module).startswith(own)
            elif isinstance(node, ast.Import):
                assert {alias.name.partition(".")[0] for alias in node.names} <= FIELD


@pytest.mark.parametrize("name", NAMES)
def test_the_corpus_is_large_enough(name: str) -> None:
    right, wrong = CORPORA[name].RIGHT, CORPORA[name].WRONG
    assert len(right) >= 10
    assert len(wrong) >= 15
    assert len({one.name for one in (*right, *wrong)}) == len(right) + len(wrong)
    sources = [str(one.parts) for one in (*right, *wrong)]
    assert len({*sources}) == len(sources)  # each change has changed something


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_solution_gets_all_points_and_the_release_version_none(
    name: str, records: Graded
) -> None:
    found, _ = records(name)
    assert found["solution"].score == 100
    assert found["release"].score == 0
    assert all("not filled in yet" in test.message for test in results_of(found["release"]))


@pytest.mark.slow
@pytest.mark.parametrize("case", RIGHT, ids=lambda case: f"{case[0]}-{case[1].name}")
def test_a_right_answer_gets_all_points(case: tuple[str, Answer], records: Graded) -> None:
    name, answer = case
    record = records(name)[0][answer.name]
    assert [test for test in results_of(record) if test.outcome != "passed"] == []
    assert (record.score, record.error) == (100, None)


@pytest.mark.slow
@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]}-{case[1].name}")
def test_a_wrong_answer_loses_points_in_its_own_tasks_alone(
    case: tuple[str, Answer], records: Graded
) -> None:
    name, answer = case
    record = records(name)[0][answer.name]
    assert record.error is None
    assert {test.outcome for test in results_of(record)} == {"passed", "failed"}
    assert {task.name for task in record.tasks if task.score < task.max_score} == answer.loses


@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "spoken", "text"), SAID)
def test_a_message_says_what_is_wrong(
    assignment: str, spoken: str, text: str, records: Graded
) -> None:
    found = results_of(records(assignment)[0][spoken])
    assert text in "\n".join(test.message for test in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_message_is_empty_or_contains_what_was_expected(name: str, records: Graded) -> None:
    for record in records(name)[0].values():
        for test in results_of(record):
            assert (test.message == "") == (test.outcome == "passed")
            assert not OURS.search(test.message)
            assert not any(value in test.message for value in EXPECTED)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_another_run_with_the_same_seed_gives_the_same_record(name: str, records: Graded) -> None:
    found, again = records(name)
    assert len(again) >= 2
    for student, record in again.items():
        assert record.tasks == found[student].tasks
