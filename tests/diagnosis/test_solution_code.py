"""The code that a notebook's answers need."""

from __future__ import annotations

from autograder.diagnosis.solution_code import solution_code

CELLS = (
    "%matplotlib inline\nimport numpy as np, os\nimport matplotlib.pyplot as plt",
    "RATE: float = 0.1\nN, F = 3, 4\ndata = np.zeros(10 ** 9)",
    "def helper(x):\n    return x * RATE",
    "def answer(x):\n    y = helper(np.asarray(x))\n    return y",
    "def unused():\n    pass",
    "this is not Python",
    "print(answer(1))",
)


def test_it_has_the_answers_and_what_they_use() -> None:
    code = solution_code(CELLS, [3])
    assert code == (
        "import numpy as np, os\n"
        "RATE: float = 0.1\n"
        "def helper(x):\n    return x * RATE\n"
        "def answer(x):\n    y = helper(np.asarray(x))\n    return y\n"
    )


def test_an_answer_may_be_more_than_a_definition() -> None:
    code = solution_code(("import math", "with open('x') as f:\n    a = f", "b = math.pi * a"), [2])
    assert code == "import math\nwith open('x') as f:\n    a = f\nb = math.pi * a\n"


def test_it_is_written_as_in_the_notebook() -> None:
    cell = "x=1;y=2\n@cache\ndef f(a):\n    # a comment\n    return a**x"
    code = solution_code(("from functools import cache", cell), [1])
    assert code == f"from functools import cache\n{cell.replace(';', chr(10))}\n"


def test_what_changes_a_name_belongs_to_it() -> None:
    cells = ("from math import *", "rates = {}\nrates['a'] = 1\nrates.update(b=2)", "r = rates")
    assert solution_code(cells, [2]) == (
        "from math import *\nrates = {}\nrates['a'] = 1\nr = rates\n"
    )


def test_it_runs() -> None:
    names: dict[str, object] = {}
    exec(solution_code(CELLS, [3]), names)
    assert not {"unused", "data"} & names.keys()
