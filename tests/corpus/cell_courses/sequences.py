"""Plain Python with bare asserts, as in the example of nbgrader's documentation."""

from tests.corpus.cell_courses import CellCourse, answer, check, free

CUBES = '''\
def cubes(n):
    """Return the cubes of the numbers from 1 to n."""
    ### BEGIN SOLUTION
    if n < 1:
        raise ValueError("n must be at least 1")
    return [i**3 for i in range(1, n + 1)]
    ### END SOLUTION'''
SUM = '''\
def sum_of_cubes(n):
    """Return the sum of the cubes of the numbers from 1 to n."""
    ### BEGIN SOLUTION
    return sum(cubes(n))
    ### END SOLUTION'''
NUMBERS = """\
### BEGIN SOLUTION
numbers = {n: sum_of_cubes(n) for n in range(1, 5)}
### END SOLUTION"""

COURSE = CellCourse(
    "sequences",
    [
        answer("cubes", CUBES),
        free("cubes(5)"),
        check(
            "cubes_are_right",
            2,
            '"""Check that cubes returns the right output for several inputs"""\n'
            "assert cubes(1) == [1]\nassert cubes(3) == [1, 8, 27]\n"
            "### BEGIN HIDDEN TESTS\nassert cubes(6)[-1] == 216\n### END HIDDEN TESTS",
        ),
        check(
            "cubes_refuse",
            1,
            '"""Check that cubes raises an error for invalid input"""\n'
            "def raises(kind, function):\n    try:\n        function()\n    except kind:\n"
            '        return\n    raise AssertionError("did not raise")\n\n'
            "for wrong in (0, -4):\n    raises(ValueError, lambda: cubes(wrong))",
        ),
        answer("sum_of_cubes", SUM),
        check(
            "sum_is_right",
            1.5,
            "assert sum_of_cubes(1) == 1\nassert sum_of_cubes(10) == 3025",
        ),
        check(
            "sum_uses_cubes",
            0.5,
            '"""Check that sum_of_cubes relies on cubes"""\n'
            "kept = cubes\ndel cubes\ntry:\n    raises(NameError, lambda: sum_of_cubes(1))\n"
            "finally:\n    cubes = kept",
        ),
        answer("numbers", NUMBERS),
        check(
            "numbers_are_right",
            2,
            "import math\nright = sum(numbers.get(n) == s for n, s in ((1, 1), (2, 9), (3, 36)))\n"
            "score = 2 * right / 3\nround(score, 2)",
        ),
    ],
    {
        "right": ({}, 7),
        "loops": (
            {
                "cubes": "def cubes(n):\n    if n <= 0:\n        raise ValueError\n    found = []\n"
                "    i = 1\n    while i <= n:\n        found.append(i * i * i)\n        i += 1\n"
                "    return found",
                "sum_of_cubes": "def sum_of_cubes(n):\n    total = 0\n    for c in cubes(n):\n"
                "        total += c\n    return total",
            },
            7,
        ),
        "unchecked": ({"cubes": "def cubes(n):\n    return [i**3 for i in range(1, n + 1)]"}, 6),
        "from_zero": (
            {"cubes": "def cubes(n):\n    return [i**3 for i in range(n)]"},
            0.5,
        ),
        "formula": (
            {"sum_of_cubes": "def sum_of_cubes(n):\n    return (n * (n + 1) // 2) ** 2"},
            6.5,
        ),
        "learned": (
            {"cubes": "def cubes(n):\n    return {1: [1], 3: [1, 8, 27]}.get(n, [n])"},
            1.83,
        ),
        "two_of_three": ({"numbers": "numbers = {1: 1, 2: 9, 3: 35}"}, 6.33),
        "crashes": ({"numbers": "numbers = [1, 9, 36]"}, 5),
    },
    inside=["sum_uses_cubes"],
)
