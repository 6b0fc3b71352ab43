"""Cells become the Python that IPython itself makes of them."""

from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.sandbox.worker.shell import CellTransformers, Shell

CELLS = [
    "x = 7\ny = (x\n% 4)\n",
    'text = """\n%matplotlib inline\n!ls\n"""\nprint(f"{x!r}")',
    "why = 1  # or is it?\n",
    "x = 1\n\n\n%time x\ny = %who_ls\nfiles = !ls\nx?\n",
    "%%timeit\nx = 1\n",
    ">>> x = 1\n>>> x\n1\n",
    "In [1]: x = 1\n   ...: y = 2\n",
    "\n\n    x = 1\n    y = 2\n",
    "/f 1\n,f a b\n",
    "x = (\n",
    "await f()\nx = 1",
    "",
]


@pytest.mark.parametrize("cell", CELLS)
def test_cell_becomes_what_ipython_makes_of_it(cell: str) -> None:
    expected = TransformerManager().transform_cell(cell)
    assert CellTransformers().transform_cell(cell) == expected


def test_students_own_transformer_changes_python_too() -> None:
    class Renaming:
        start_line = start_col = priority = 0

        @classmethod
        def find(cls, tokens_by_line: list[Any]) -> Any:
            return None if tokens_by_line[0][0].string == "y" else cls()

        def transform(self, lines: list[str]) -> list[str]:
            return [line.replace("x", "y") for line in lines]

    manager = CellTransformers()
    manager.token_transformers.append(Renaming)
    assert manager.transform_cell("x = 1\nx + 1") == "y = 1\ny + 1\n"


def test_shell_uses_them() -> None:
    assert Shell.input_transformer_manager.klass is CellTransformers
