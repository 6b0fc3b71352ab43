"""Tables for spreadsheets: what a student wrote stays text."""

from __future__ import annotations

import pytest

from autograder.reports.table import FORMULA, harmless, new_table


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "a;=1+1",
        "a, =1",
        'a;"=1',
        "a|@x",
        "\uff1d1",
        "a;\uff0b1",
    ],
)
def test_no_cell_begins_with_a_formula_whatever_separates_cells(text: str) -> None:
    assert FORMULA.search(text.strip())
    assert not FORMULA.search(harmless(text))


@pytest.mark.parametrize("text", ["ada", "a-b", "x = 1", "3 - 1", "ada+ml@uni.example", "a; b"])
def test_other_text_is_kept(text: str) -> None:
    assert harmless(text) == text


def test_a_table_on_standard_output_is_no_command_for_ci() -> None:
    content = new_table(("student",), [("::error::owned",), ("##[error]owned",)]).to_bytes()
    assert b"::" not in content
    assert b"##[" not in content
