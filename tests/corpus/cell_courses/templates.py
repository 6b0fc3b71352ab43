"""Test cells with `### AUTOTEST` lines, which nbgrader completes with the solution's values."""

from tests.corpus.cell_courses import CellCourse, answer, check

SQUARES = '''\
def squares(n):
    """Return the squares of the numbers from 1 to n."""
    ### BEGIN SOLUTION
    return [i**2 for i in range(1, n + 1)]
    ### END SOLUTION'''
MEAN = '''\
def mean(values):
    """Return the mean of some numbers."""
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION'''

TEMPLATES = """\
python3:
    setup: "from hashlib import sha1"
    hash: 'sha1({{snippet}}.encode("utf-8")+b"{{salt}}").hexdigest()'
    dispatch: "type({{snippet}})"
    normalize: "str({{snippet}})"
    check: 'assert {{snippet}} == "{{value}}", "{{message}}"'
    success: "print('Success!')"
    templates:
        default:
            - test: "type({{snippet}})"
              fail: "the type of {{snippet}} is not right"
            - test: "{{snippet}}"
              fail: "the value of {{snippet}} is not right"
        float:
            - test: "round({{snippet}}, 2)"
              fail: "the value of {{snippet}} is not right"
"""

COURSE = CellCourse(
    "templates",
    [
        answer("squares", SQUARES),
        check(
            "test_squares", 2, "### AUTOTEST squares(3); squares(1)\nassert squares(2) == [1, 4]"
        ),
        answer("mean", MEAN),
        check(
            "test_mean",
            3,
            "values = squares(4)\n### BEGIN HIDDEN TESTS\n### HASHED AUTOTEST mean(values)\n"
            "### END HIDDEN TESTS",
        ),
    ],
    {
        "right": ({}, 5),
        "loop": (
            {
                "squares": "def squares(n):\n    found = []\n    for i in range(n):\n"
                "        found.append((i + 1) * (i + 1))\n    return found"
            },
            5,
        ),
        "from_zero": ({"squares": "def squares(n):\n    return [i**2 for i in range(n)]"}, 0),
        "sum": ({"mean": "def mean(values):\n    return sum(values)"}, 2),
    },
    files={"autotests.yml": TEMPLATES},
)
