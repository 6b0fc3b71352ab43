"""Losses and scaling with NumPy, where answers are wrong in ways that many students share."""

from tests.corpus.cell_courses import CellCourse, answer, check, given

MSE = '''\
def mean_squared_error(prediction, target):
    """Return the mean of the squared differences."""
    ### BEGIN SOLUTION
    return np.mean((prediction - target) ** 2)
    ### END SOLUTION'''
SCALE = '''\
def standardize(X):
    """Return X with mean 0 and standard deviation 1 in each column."""
    ### BEGIN SOLUTION
    return (X - X.mean(axis=0)) / X.std(axis=0)
    ### END SOLUTION'''

COURSE = CellCourse(
    "losses",
    [
        given("imports", "import numpy as np"),
        answer("mse", MSE),
        check(
            "test_mse",
            2,
            "p, t = np.array([1.0, 4.0, 2.0]), np.array([2.0, 2.5, 2.0])\n"
            "assert mean_squared_error(t, t) == 0\n"
            "assert np.isclose(mean_squared_error(p, t), 3.25 / 3)\n"
            "### BEGIN HIDDEN TESTS\nassert np.isclose(mean_squared_error(t, p), 3.25 / 3)\n"
            "### END HIDDEN TESTS",
        ),
        answer("standardize", SCALE),
        check(
            "test_standardize",
            3,
            "X = np.array([[1.0, 10.0], [2.0, 30.0], [6.0, 20.0]])\nZ = standardize(X)\n"
            "np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-9)\n"
            "np.testing.assert_allclose(Z.std(axis=0), 1)",
        ),
    ],
    {
        "right": ({}, 5),
        "other_words": (
            {
                "mse": "def mean_squared_error(prediction, target):\n    d = prediction - target\n"
                "    return (d @ d) / len(d)"
            },
            5,
        ),
        "sum": (
            {
                "mse": "def mean_squared_error(a, b):\n    total = 0\n    for i in range(len(a)):\n"
                "        total += (a[i] - b[i]) ** 2\n    return total"
            },
            3,
        ),
        "absolute": (
            {
                "mse": "def mean_squared_error(prediction, target):\n"
                "    return np.abs(prediction - target).mean()"
            },
            3,
        ),
        "all_entries": (
            {"standardize": "def standardize(X):\n    return (X - np.mean(X)) / np.std(X)"},
            2,
        ),
    },
)
