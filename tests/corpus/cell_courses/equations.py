"""Numerical methods: NumPy's assertions, functions as arguments, exceptions of libraries."""

from tests.corpus.cell_courses import CellCourse, answer, check, given

ROOTS = '''\
def roots(a, b, c):
    """Return the real roots of a x**2 + b x + c as an array, the smaller one first."""
    ### BEGIN SOLUTION
    d = b**2 - 4 * a * c
    if d < 0:
        return np.array([])
    return np.sort(np.array([-b - np.sqrt(d), -b + np.sqrt(d)]) / (2 * a))
    ### END SOLUTION'''
LU = '''\
def lu(A):
    """Return L and U with A = L U, without pivoting."""
    ### BEGIN SOLUTION
    n = len(A)
    L, U = np.eye(n), np.array(A, dtype=float)
    for k in range(n - 1):
        if U[k, k] == 0:
            raise np.linalg.LinAlgError("zero pivot")
        for i in range(k + 1, n):
            L[i, k] = U[i, k] / U[k, k]
            U[i] -= L[i, k] * U[k]
    return L, U
    ### END SOLUTION'''
BISECT = '''\
def bisect(f, low, high, tolerance=1e-8):
    """Return a root of f between low and high."""
    ### BEGIN SOLUTION
    while high - low > tolerance:
        middle = (low + high) / 2
        if f(low) * f(middle) <= 0:
            high = middle
        else:
            low = middle
    return (low + high) / 2
    ### END SOLUTION'''
LAGRANGE = '''\
class Lagrange:
    """Interpolates points (x, y) with Lagrange polynomials."""

    def __init__(self, x, y):
        ### BEGIN SOLUTION
        self.x, self.y = np.asarray(x, float), np.asarray(y, float)
        ### END SOLUTION

    def __call__(self, t):
        ### BEGIN SOLUTION
        total = np.zeros_like(t, dtype=float)
        for i, xi in enumerate(self.x):
            basis = np.ones_like(total)
            for j, xj in enumerate(self.x):
                if i != j:
                    basis = basis * (t - xj) / (xi - xj)
            total = total + self.y[i] * basis
        return total
        ### END SOLUTION'''

COURSE = CellCourse(
    "equations",
    [
        given(
            "imports",
            "import numpy as np\nTOLERANCE = 1e-6\n\n\ndef residual(A, L, U):\n"
            '    """Return how far L U is from A."""\n    return np.abs(L @ U - A).max()',
        ),
        answer("roots", ROOTS),
        check(
            "test_roots",
            3,
            "from numpy.testing import assert_allclose\n"
            "assert_allclose(roots(1, -3, 2), [1, 2])\n"
            "assert_allclose(roots(2, 0, -8), [-2, 2], atol=TOLERANCE)\n"
            "assert roots(1, 0, 1).size == 0, 'no real roots'",
        ),
        answer("lu", LU),
        check(
            "test_lu",
            4,
            "rng = np.random.default_rng(3)\nA = rng.normal(size=(4, 4))\nL, U = lu(A)\n"
            "assert isinstance(L, np.ndarray)\nassert residual(A, L, U) < TOLERANCE\n"
            "np.testing.assert_array_equal(np.triu(L, 1), np.zeros((4, 4)))\n"
            "assert_allclose(np.tril(U, -1), 0, atol=1e-12)\n"
            "### BEGIN HIDDEN TESTS\ntry:\n    lu(np.array([[0, 1], [1, 0]]))\n"
            "except np.linalg.LinAlgError as error:\n    assert 'pivot' in str(error)\n"
            "else:\n    assert False, 'a zero pivot'\n### END HIDDEN TESTS",
        ),
        answer("bisect", BISECT),
        check(
            "test_bisect",
            2,
            "calls = []\n\n\ndef counted(x):\n    calls.append(x)\n    return x**2 - 2\n\n\n"
            "assert abs(bisect(lambda x: x - 0.3, 0, 1) - 0.3) < TOLERANCE\n"
            "assert np.isclose(bisect(counted, 0, 2), np.sqrt(2))\n"
            "assert len(calls) < 200\n"
            "assert bisect(np.cos, 1, 2, tolerance=1e-3) - np.pi / 2 < 1e-3",
        ),
        answer("lagrange", LAGRANGE),
        check(
            "test_lagrange",
            3,
            "x = np.linspace(0, 1, 4)\np = Lagrange(x, x**3)\nassert callable(p)\n"
            "assert_allclose(p(x), x**3)\nassert_allclose(p(np.array([0.1, 0.7])), [0.001, 0.343])\n"
            "assert_allclose(p.x, x)\nassert isinstance(p, Lagrange)",
        ),
    ],
    {
        "right": ({}, 12),
        "lists": (
            {
                "roots": "def roots(a, b, c):\n    d = b * b - 4 * a * c\n    if d < 0:\n"
                "        return np.zeros(0)\n    s = d ** 0.5\n"
                "    return np.array([(-b - s) / 2 / a, (-b + s) / 2 / a])",
            },
            12,
        ),
        "unsorted": (
            {
                "roots": "def roots(a, b, c):\n    s = np.sqrt(b * b - 4 * a * c)\n"
                "    return np.array([-b + s, -b - s]) / (2 * a)"
            },
            9,
        ),
        "no_exception": ({"lu": LU.replace("U[k, k] == 0", "False")}, 8),
        "wrong_sign": ({"bisect": BISECT.replace("<= 0", "> 0")}, 10),
        "no_nodes": ({"lagrange": LAGRANGE.replace("i != j", "i < j")}, 9),
        "stub": ({"lagrange": "class Lagrange:\n    def __init__(self, x, y):\n        pass"}, 9),
        "says_yes": (
            {
                "roots": "class Yes(np.ndarray):\n"
                "    def __array_function__(self, *a): return True\n"
                "    __eq__ = __lt__ = __le__ = lambda self, other: True\n"
                "    size = 0\n    def all(self, *a): return True\n\n\n"
                "def roots(a, b, c):\n    return np.zeros(2).view(Yes)"
            },
            9,
        ),
    },
)
