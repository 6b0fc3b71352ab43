"""A script with marks becomes a notebook with nbgrader's cells."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.authoring.notebook_script import notebook_from
from autograder.notebook import parse_notebook
from autograder.task_cells import tasks_in

SCRIPT = """\
# %% [markdown]
# # Title
#
# Text.

# %%
import math

# %% solution a
def a():
    # a comment
    return 1

# %% tests test_a 10
assert a() == 1
"""


def test_each_mark_begins_a_cell() -> None:
    notebook = parse_notebook(notebook_from(SCRIPT), Path("n.ipynb"))
    first, *code = notebook.document["cells"]
    assert (first["cell_type"], "".join(first["source"])) == ("markdown", "# Title\n\nText.")
    assert notebook.cells == (
        "import math", "def a():\n    # a comment\n    return 1", "assert a() == 1",
    )  # fmt: skip
    assert len({cell["id"] for cell in (first, *code)}) == 4
    assert tasks_in(notebook, Path("n.ipynb")) == [
        {"name": "a", "points": 10, "solution": "a", "tests": "test_a"}
    ]


def test_a_notebook_without_outputs_is_valid() -> None:
    document = json.loads(notebook_from(SCRIPT))
    assert all(cell["outputs"] == [] for cell in document["cells"] if cell["cell_type"] == "code")
    assert document["metadata"]["kernelspec"]["name"] == "python3"
