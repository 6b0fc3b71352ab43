"""Functions that change what they are given, and tests that change the student's data."""

from tests.corpus.cell_courses import CellCourse, answer, check

SORT = '''\
def sort(values):
    """Sort a list in place."""
    ### BEGIN SOLUTION
    for i in range(len(values)):
        for j in range(i):
            if values[i] < values[j]:
                values[i], values[j] = values[j], values[i]
    ### END SOLUTION'''
CENTER = '''\
def center(table):
    """Subtract the mean from each row of an array, in place."""
    ### BEGIN SOLUTION
    table -= table.mean(axis=1, keepdims=True)
    ### END SOLUTION'''
STOCK = '''\
stock = {"apples": 2}

def sell(name):
    """Take one from the stock."""
    ### BEGIN SOLUTION
    stock[name] -= 1
    ### END SOLUTION'''

COURSE = CellCourse(
    "in_place",
    [
        answer("sort", SORT),
        check(
            "test_sort",
            2,
            "values = [3, 1, 2]\nalias = values\nassert sort(values) is None\n"
            "assert values == [1, 2, 3] and alias is values\n"
            "rows = {'a': [2, 1]}\nsort(rows['a'])\nassert rows == {'a': [1, 2]}",
        ),
        answer("center", CENTER),
        check(
            "test_center",
            2,
            "import numpy as np\ntable = np.array([[1.0, 3.0], [0.0, 0.0]])\ncenter(table=table)\n"
            "np.testing.assert_allclose(table, [[-1, 1], [0, 0]])",
        ),
        answer("sell", STOCK),
        check(
            "test_sell",
            1,
            "stock['pears'] = 5\nsell('pears')\nsell('apples')\n"
            "assert stock == {'apples': 1, 'pears': 4}",
        ),
    ],
    {
        "right": ({}, 5),
        "library": (
            {
                "sort": "def sort(values):\n    values.sort()",
                "center": "def center(table):\n    table[:] = table - table.mean(1)[:, None]",
            },
            5,
        ),
        "copies": (
            {
                "sort": "def sort(values):\n    values = sorted(values)",
                "center": "def center(table):\n    table = table - table.mean(1)[:, None]",
            },
            1,
        ),
        "sells_all": (
            {"sell": "stock = {'apples': 2}\n\ndef sell(name):\n    stock[name] = 0"},
            4,
        ),
    },
)
