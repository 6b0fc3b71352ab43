"""A course in which an answer saves a file: the instructor's own is beside the notebook, too."""

from __future__ import annotations

from tests.corpus.cell_courses import CellCourse, answer, check

SAVE = """\
numbers = np.loadtxt("numbers.txt")
### BEGIN SOLUTION
np.savetxt("squares.txt", numbers**2)
### END SOLUTION"""

COURSE = CellCourse(
    "saved",
    [
        answer("load", "import numpy as np"),
        answer("save", SAVE),
        check(
            "test_save",
            2,
            "squares = np.loadtxt('squares.txt')\n"
            "np.testing.assert_allclose(squares, np.loadtxt('numbers.txt') ** 2)",
        ),
        answer("mean", "def mean():\n    return np.loadtxt('numbers.txt').mean()"),
        check("test_mean", 1, "assert mean() == np.loadtxt('numbers.txt').mean()"),
    ],
    {
        "right": ({}, 3),
        "cubes": ({"save": "np.savetxt('squares.txt', np.loadtxt('numbers.txt') ** 3)"}, 1),
        "removed": ({"save": "import os\nos.remove('squares.txt')"}, 1),
        "not_saved": ({"save": "numbers = 1"}, 3),  # as with nbgrader: the file is there
        "sum": ({"mean": "def mean():\n    return np.loadtxt('numbers.txt').sum()"}, 2),
    },
    inside=("test_save",),
    files={"numbers.txt": "1.0\n2.0\n", "squares.txt": "1.0\n4.0\n"},
)
