"""What tricks nbgrader gains nothing where a test cell runs outside of the student's process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.course import load_course
from autograder.grading.batch import grade_batch, prepare
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.corpus.cell_courses import answer, check
from tests.tiny_cells import COURSE, NAME

Grade = Callable[[str], Record]
CELLS = [
    answer(
        "double", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    ),
    check(
        "test_plain",
        4,
        "import unittest\nimport numpy as np\nassert double(3) == 6\n"
        "unittest.TestCase().assertAlmostEqual(double(1.5), 3)\n"
        "np.testing.assert_allclose(double(np.arange(3)), [0, 2, 4])\n"
        "### BEGIN HIDDEN TESTS\nassert abs(double(-17) + 34) < 1e-6\n### END HIDDEN TESTS",
    ),
    check("test_part", 3, "3 if double(2) == 4 else 0"),
    check("test_truth", 1, "assert double('ab') == 'abab', 'text'\nassert double(1)"),
]
FAKE = "def double(x):\n    return 0\n\n\n"
ATTACKS = {
    "equal to all": "class All:\n    __eq__ = lambda *_: True\n    __sub__ = __add__ = __abs__ = "
    "__rsub__ = lambda self, *_: self\n    __lt__ = __le__ = __bool__ = lambda *_: True\n\n\n"
    "def double(x):\n    return All()",
    "a number equal to all": "class All(float):\n    __eq__ = lambda *_: True\n"
    "    __sub__ = __add__ = lambda self, _: self\n    __lt__ = lambda *_: True\n\n\n"
    "def double(x):\n    return All(0)",
    "an array equal to all": "import numpy as np\n\n\nclass All(np.ndarray):\n"
    "    __array_function__ = __array_ufunc__ = __eq__ = lambda *_, **__: True\n\n\n"
    "def double(x):\n    return np.zeros(3).view(All)",
    "stripped asserts": f"{FAKE}import ast\n\n\nclass Strip(ast.NodeTransformer):\n"
    "    def visit_Assert(self, node):\n        return ast.Pass()\n\n\n"
    "get_ipython().ast_transformers.append(Strip())",
    "another body": f"{FAKE}import ast\n\n\nclass Other(ast.NodeTransformer):\n"
    "    def visit_Module(self, node):\n        return ast.parse('3')\n\n\n"
    "get_ipython().ast_transformers.append(Other())",
    "a patched display hook": f"{FAKE}import sys\nsys.displayhook.write_format_data = None\n"
    "type(sys.displayhook).__call__ = lambda *_: None",
    "a patched formatter": f"{FAKE}get_ipython().display_formatter.formatters['text/plain']"
    ".for_type(int, lambda o, p, c: p.text('3'))",
    "patched libraries": f"{FAKE}import unittest, builtins\nimport numpy as np\n"
    "np.testing.assert_allclose = lambda *_, **__: None\n"
    "unittest.TestCase.assertAlmostEqual = lambda *_: None\nbuiltins.abs = lambda _: 0",
    "modules beside the notebook": f"{FAKE}for name in ('unittest', 'numpy'):\n"
    "    open(f'{name}.py', 'w').write('class TestCase:\\n    pass')",
    "frames": "import sys\n\n\ndef double(x):\n    frame = sys._getframe()\n    while frame:\n"
    "        for value in frame.f_locals.values():\n            if 'double(-17)' in str(value):\n"
    "                return 2 * x\n        frame = frame.f_back\n    return 0",
    "memory": "import gc\n\n\ndef double(x):\n    hidden = '-'.join(['double(', '17)'])\n"
    "    some = [o for o in gc.get_objects() if type(o) in (list, tuple, dict) and len(o) < 50]\n"
    "    return 2 * x if any(hidden in str(o) for o in some) else 0",
    "the grader's variable": "import os\n\n\ndef double(x):\n"
    "    return type('A', (), {'__eq__': lambda *_: True})() "
    "if 'NBGRADER_EXECUTION' in os.environ else 2 * x",
    "exits": f"{FAKE}import os\n\n\ndef double(x):\n    os._exit(0)",
    "the history": "def double(x):\n    In = get_ipython().user_ns['In']\n"
    "    return 2 * x if any('-' + '17' in text for text in In) else 0",
}


@pytest.fixture(scope="module")
def grade(tmp_path_factory: pytest.TempPathFactory, warm: WarmProcess) -> Grade:
    folder = tmp_path_factory.mktemp("course")
    (folder / "course.yml").write_text(COURSE)
    write_notebook(folder / "solutions" / NAME / f"{NAME}.ipynb", list(CELLS))
    course = load_course(folder / "course.yml")
    context = prepare(course, course.assignment(None))

    def grade(code: str) -> Record:
        cells = [CELLS[0] | {"source": code}, *CELLS[1:]]
        path = write_notebook(folder / "submitted/eve/double/double.ipynb", cells)
        return grade_batch([Submission("eve", path)], context, warm)[0].record

    return grade


def test_a_right_answer_has_all_points_outside(grade: Grade) -> None:
    record = grade("def double(x):\n    return x + x")
    assert record.score == 8
    assert {test.judged for task in record.tasks for test in task.tests} == {"outside"}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_nothing(grade: Grade, name: str) -> None:
    record = grade(ATTACKS[name])
    found = {test.name: (test.points, test.message) for task in record.tasks for test in task.tests}
    assert record.score == 0, found
    assert record.status == "graded"
