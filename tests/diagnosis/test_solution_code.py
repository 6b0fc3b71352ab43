"""The code that a notebook's answers need."""

from __future__ import annotations

from autograder.diagnosis.solution_code import cells_needed, solution_code, variables

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


def test_what_tests_make_arrays_and_tables_with_is_there_in_any_case() -> None:
    cells = ("import os\nimport numpy as np\nimport pandas as pd", "def f(x):\n    return x")
    assert solution_code(cells, [1]) == (
        "import numpy as np\nimport pandas as pd\ndef f(x):\n    return x\n"
    )


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


def test_what_a_function_binds_for_itself_is_none_of_the_notebooks() -> None:
    cells = ("X, y = data()\nfrom math import pi", "def f(X, y=pi):\n    z = X\n    return z + y")
    assert solution_code((*cells, "z = 3"), [1]) == (
        "from math import pi\ndef f(X, y=pi):\n    z = X\n    return z + y\n"
    )


def test_docstrings_and_marks_are_left_out() -> None:
    cell = (
        'class A:\n    """A class.\n\n    More.\n    """\n\n    @cache\n    def f(self):\n        \'It.\'\n'
        "        ### BEGIN SOLUTION\n        return 'text'  # as it is\n        ### END SOLUTION\n\n"
        '    def g(self):\n        """Nothing else."""'
    )
    assert solution_code([cell], [0]) == (
        "class A:\n    @cache\n    def f(self):\n        return 'text'  # as it is\n\n"
        '    def g(self):\n        """Nothing else."""\n'
    )


def test_a_notebook_must_run_up_to_the_last_cell_that_its_answers_need() -> None:
    assert cells_needed(CELLS, [3]) == 4
    assert cells_needed((*CELLS, "def helper(x): return x"), [3]) == 8
    assert cells_needed(("x = 1",), []) == 0


def test_what_touches_a_variable_of_the_answers_is_needed() -> None:
    cells = ("model = make()", "def answer(x):\n    return model.predict(x)", "print(1)")
    assert cells_needed(cells, [1]) == 2
    assert cells_needed((*cells, "model.fit(data)", "print(2)"), [1]) == 4
    assert cells_needed((*cells, "answer(3)", "print(2)"), [1]) == 2


NOTEBOOK = (
    "import numpy as np",
    "from files import load\n\n\ndef scaled(a):\n    return a / a.max()",
    "X, y = load('points')\nX = scaled(X)",
    "def fit(X, y):\n    return np.linalg.solve(X, y)",
    "w = fit(X, y)\nerrors = X @ w - y",
    "rows = {}\nrows['first'] = X[0]",
)


def test_the_variables_of_a_notebook_are_made_by_what_changes_them_too() -> None:
    made = variables(NOTEBOOK, solution_code(NOTEBOOK, [3]))
    assert made["y"] == "from files import load\nX, y = load('points')\n"
    assert (
        made["X"]
        == "\n\n".join([NOTEBOOK[1].replace("\n\n\n", "\n"), NOTEBOOK[2]]).replace("\n\n", "\n")
        + "\n"
    )
    assert made["rows"] == made["X"] + "rows = {}\nrows['first'] = X[0]\n"


def test_what_answers_make_is_no_variable_to_start_from() -> None:
    assert variables(NOTEBOOK, solution_code(NOTEBOOK, [3])).keys() == {"X", "y", "rows"}


def test_what_answers_need_is_there_already() -> None:
    cells = ("rate = 0.1", "def step(w):\n    return w - rate", "start = rate")
    assert variables(cells, solution_code(cells, [1])) == {"start": "start = rate\n"}
