"""Code that depends on what test cells bind: a global variable, an import, a table."""

from tests.corpus.cell_courses import CellCourse, answer, check, free

SCALE = '''\
def scale(values):
    """Return the values times the global `factor`."""
    ### BEGIN SOLUTION
    return factor * np.asarray(values)
    ### END SOLUTION'''

COURSE = CellCourse(
    "globals",
    [
        answer("scale", SCALE),
        check(
            "test_scale",
            2,
            "import numpy as np\nfactor = 3\nassert list(scale([1, 2])) == [3, 6]\n"
            "factor = 4\nassert list(scale([1])) == [4]\ntable = scale([1, 2, 3])",
        ),
        free("total = np.sum(table)"),
        check("test_total", 1, "assert total == 24"),
    ],
    {
        "right": ({}, 3),
        "fixed": ({"scale": "def scale(values):\n    return [3 * v for v in values]"}, 0),
        "loop": ({"scale": "def scale(values):\n    return [factor * v for v in values]"}, 3),
    },
)
