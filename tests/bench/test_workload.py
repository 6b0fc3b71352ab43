"""Classes are the same for the same seed, and no two submissions in them have the same text."""

from __future__ import annotations

import ast
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import GRADIENTS
from bench.workload import (
    CRASHES,
    NAME,
    NEVER_ENDING,
    OTHERS,
    SLOW,
    WORKLOADS,
    Document,
    accepted,
    in_cells,
    make_class,
    mistakes,
    mixed,
    seconds_asleep,
    source,
    write_class,
)


def code(document: Document) -> list[str]:
    return [cell["source"] for cell in document["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_class_is_deterministic_and_every_submission_has_a_text_of_its_own(workload: str) -> None:
    texts = [one.text() for one in make_class(workload, 60)]
    assert texts == [one.text() for one in make_class(workload, 60)]
    assert len(set(texts)) == 60


def test_no_cell_of_a_students_own_is_in_another_submission() -> None:
    one, other = (submitted.document for submitted in make_class("lean", 2))
    checks = [c["source"] for c in one["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    assert len(checks) == 4
    assert set(code(one)) & set(code(other)) == set(checks)


def test_a_smaller_class_is_the_beginning_of_a_larger_one() -> None:
    assert make_class("mixed", 70)[:40] == make_class("mixed", 40)


def test_another_seed_gives_another_class() -> None:
    assert make_class("mixed", 40, seed=1) != make_class("mixed", 40)


def test_a_third_of_a_mixed_class_is_wrong_and_two_in_a_hundred_never_end() -> None:
    answers = mixed(100, seed=0)
    assert sum(not right for _, right in answers) == 33
    assert sum(own in NEVER_ENDING for own, _ in answers) == 2
    assert sum(own in CRASHES for own, _ in answers) == 5


def test_the_lean_notebook_has_no_plots_and_the_released_one_sleeps_a_second_and_a_half() -> None:
    lean, released = (make_class(workload, 1)[0].document for workload in ("lean", "released"))
    assert not any("plt.show" in cell for cell in code(lean))
    assert seconds_asleep(lean) == 0
    assert seconds_asleep(released) == pytest.approx(30 * 0.05)


def test_submissions_have_no_marks_of_the_source_notebook() -> None:
    assert "### BEGIN SOLUTION" in "".join(code_of_source())
    assert "SOLUTION" not in "".join(code(make_class("lean", 1)[0].document))


def code_of_source() -> list[str]:
    return ["".join(cell["source"]) for cell in source("lean")["cells"]]


def test_every_misconception_of_the_suite_is_cut_into_the_cells_of_the_notebook() -> None:
    assert len(mistakes()) > 100
    for own in mistakes():
        assert set(own) == {"gradients", "forward", "step"}
        for cell in own.values():
            ast.parse(cell)


def test_code_without_one_of_the_functions_is_not_cut() -> None:
    assert in_cells(f"import torch\n\n{GRADIENTS}") == {}


def test_what_is_left_out_as_slow_is_there() -> None:
    assert {answer.name for answer in ACCEPTED} >= SLOW
    assert len(accepted()) > 50


def test_crashing_and_endless_answers_differ_from_the_right_ones() -> None:
    right = {cell for own in accepted() for cell in own.values()}
    for own in (*CRASHES, *NEVER_ENDING):
        assert not set(own.values()) & right


def test_a_class_is_written_in_nbgraders_layout(tmp_path: Path) -> None:
    submitted = make_class("lean", 3)
    write_class(submitted, tmp_path, NAME)
    files = sorted(tmp_path.glob(f"*/{NAME}/{NAME}.ipynb"))
    assert [file.read_text(encoding="utf-8") for file in files] == [one.text() for one in submitted]


@pytest.mark.parametrize("name", OTHERS)
def test_a_class_of_another_assignment_is_its_solution_without_plots(name: str) -> None:
    first, second = make_class(name, 2)
    assert first.text() != second.text()
    assert first.right
    assert not any("plot" in cell["metadata"].get("tags", ()) for cell in first.document["cells"])
    checks = import_module(f"bench.checks.{name}")
    assert all(checks.check(defined(first.document), nullcontext))


def defined(document: Document) -> dict[str, Any]:
    """Run the cells of a notebook that import or define something; return their names."""
    names: dict[str, Any] = {}
    for cell in code(document):
        if cell.startswith(("import ", "from ", "def ", "class ")):
            exec(cell, names)
    return names
