"""A suite asks the student's code as if it were local; what it cannot ask costs nobody a point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.verification.dishonest import YES
from autograder.course import load_course
from autograder.grading.batch import GradingContext, grade_batch
from autograder.record import TestResult
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.testing.own_suite import grade_with

COURSE = """\
course: asked
isolation: best-effort
assignments:
  asked:
    notebook: asked
    tasks: [{name: first, points: 999, tests: test_first}, {name: second, points: 99, tests: test_second}]
    preload: [numpy, torch, matplotlib.pyplot]
"""
NOTEBOOK = [
    '''
import collections
import contextlib
import itertools
import sys
import numpy as np
import torch

class Stack:
    """Keeps what was pushed."""
    def __init__(self, *items): self.items = list(items)
    def __contains__(self, item): return item in self.items
    def __iter__(self): return iter(self.items)
    def __getitem__(self, index): return self.items[index]
    def __setitem__(self, index, item): self.items[index] = item
    def __delitem__(self, index): del self.items[index]
    def __str__(self): return "|".join(map(str, self.items))
    def push(self, item): self.items.append(item)

class Liar:
    """Says what is wanted."""
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __len__(self): return 3
    def __contains__(self, item): return True
    def __str__(self): return "right"
    def __exit__(self, *error): return True
    def __enter__(self): return self
    @property
    def __class__(self): return float
    def fail(self): raise ValueError("no")

class Odd(Liar):
    """Says what makes no sense."""
    def __len__(self): return -1
    def __contains__(self, item): return np.array([1, 2])
    def __str__(self): return 3

class Opened:
    """Notes how it was left."""
    left = []
    def __enter__(self): return 7
    def __exit__(self, kind, error, traceback): self.left.append((getattr(kind, "__name__", None), str(error)))
    def fail(self): raise KeyError("gone")

def stack(*items): return Stack(*items)
def liar(): return Liar()
def odd(): return Odd()
def opened(): return Opened()
def how_it_was_left(): return Opened.left[-1]
@contextlib.contextmanager
def doubled(x): yield 2 * x
def layer(): return torch.nn.Linear(2, 2)
def same(x): return x
def row(x): return np.array(x)
def tensor(x): return torch.tensor(x)
def count(): return itertools.count()
def squares(n): return (i * i for i in range(n))
def report(accuracy):
    print("accuracy", accuracy)
    print("a warning", file=sys.stderr)
    display({"loss": 1})
def shout(): print("x" * 9_000_000)
def gone(): raise ValueError("no")
def step(): return "a function"
''',
    """
accuracy = 0.75
losses = [3.0, 2.0, 1.0]
weights = np.arange(3.0)
nothing = None
clf = collections.namedtuple("Other", "a")(1) and Stack(1, 2)
model = torch.nn.Linear(2, 1)
strange = Liar()
for step in range(3): pass
loss = torch.nn.MSELoss()
loss = 0.5
print("the end of the first part")
accuracy
""",
    "accuracy = 0.25\ndel losses\nclf = None",
    "unfinished = 1 / 0",
    "count_of_words = 3",
]
CASES: dict[str, tuple[str, str, str]] = {
    # `in`.
    "in": ("assert 3 in student.stack(3, 4) and 5 not in student.stack(3)", "passed", ""),
    "in_endless": ("assert 10**6 in student.count()", "passed", ""),
    "in_array": ("assert 3 in student.row([3, 4]) and 5 not in student.row([[3, 4]])", "passed", ""),
    "in_list": ("assert 3 in student.same([3]) and 4 not in student.same([3])", "passed", ""),
    "in_liar": ("assert 3 in student.liar()", "passed", ""),
    "in_odd": ("assert 3 in student.odd()", "failed", "truth value of an array"),
    "in_none": ("assert 3 in student.same(None)", "failed", "a value is None (is a `return` missing?)"),
    "in_function": ("3 in student.stack", "error", "stack is a function, not an answer"),
    "in_unsendable": ("object() in student.stack()", "error", "a value of type object cannot be sent"),
    # Items.
    "items": ("s = student.stack(1, 2, 3); s[0] = 5; del s[1]; assert list(s) == [5, 3]", "passed", ""),
    "no_such_item": ("s = student.stack(1); s[7] = 5; list(s)", "failed", "Your code raised IndexError"),
    "delete_attribute": ("del student.stack(1).items", "error", "in support code"),
    # `with`.
    "with": ("with student.opened() as x: assert x == 7\n    assert student.how_it_was_left() == (None, 'None')", "passed", ""),
    "with_generator": ("with student.doubled(4) as x: assert x == 8", "passed", ""),
    "with_error": ("with pytest.raises(StudentError), student.opened(): student.opened().fail()\n    assert student.how_it_was_left() == ('KeyError', '\"\\'gone\\'\"')", "passed", ""),
    "with_mismatch": ("with pytest.raises(AssertionError), student.opened(): raise Mismatch('hidden')\n    assert student.how_it_was_left() == ('Exception', '')", "passed", ""),
    "with_suppressed": ("with student.liar() as x: x.fail()", "failed", "Your code raised ValueError"),
    "with_nothing": ("with student.liar(): assert student.same(1) == 2, 'It is 1.'", "failed", "It is 1."),
    "with_mistake": ("with student.liar(): {}['x']", "error", "KeyError"),
    "with_no_context": ("with student.stack(): pass", "failed", "Your code raised AttributeError"),
    # What it is.
    "instance": ("instance_of(student.layer(), 'torch.nn.Module')", "passed", ""),
    "instance_liar": ("instance_of(student.liar(), 'float')", "failed", "should be a float, but it is a Liar"),
    "instance_of_own": ("instance_of(student.stack(), student.Stack); instance_of(student.stack(), object)", "passed", ""),
    "no_instance": ("instance_of(student.stack(), 'torch.nn.Module', what='The model')", "failed", "The model should be a torch.nn.Module, but it is a Stack."),
    "no_instance_of_own": ("instance_of(student.same(3), student.Stack)", "failed", "The answer should be a Stack, but it is a number."),
    "plain_no_instance": ("instance_of(student.same(3), 'torch.nn.Module')", "failed", "but it is a number."),
    "plain_instances": ("instance_of(student.same(3.0), 'float'); instance_of(student.same([3]), 'builtins.list'); instance_of(student.row([1]), 'numpy.ndarray'); instance_of(student.tensor([1]), 'torch.Tensor'); instance_of(student.same({'a': 1}), 'collections.abc.Mapping'); instance_of(student.same(3), int)", "passed", ""),
    "array_no_list": ("instance_of(student.row([1]), list)", "failed", "The answer should be a builtins.list, but it is a NumPy array"),
    "tensor_no_array": ("instance_of(student.tensor([1]), 'numpy.ndarray')", "failed", "but it is a tensor"),
    "array_no_stack": ("instance_of(student.row([1]), student.Stack)", "failed", "should be a Stack"),
    "unknown_class": ("instance_of(student.layer(), 'torch.nn.Modul')", "error", "there is no class 'torch.nn.Modul'"),
    "unknown_plain_class": ("instance_of(student.row([1]), 'numpy.ndarry')", "error", "there is no class 'numpy.ndarry'"),
    "unknown_builtin": ("instance_of(student.same(1.0), 'flaot')", "error", "there is no class 'builtins.flaot'"),
    "no_class": ("instance_of(student.stack(), student.row)", "error", "there is no class"),
    "lost_class": ("instance_of(student.same(1.0), 'numpy.float64')", "error", "come as Python's"),
    "parameter": ("instance_of(student.layer().weight, 'torch.nn.Parameter')", "error", "a tensor is a torch.Tensor here"),
    "isinstance": ("assert isinstance(student.layer(), torch.nn.Module) and not isinstance(student.layer(), dict)", "passed", ""),
    "isinstance_several": ("x = student.layer(); assert isinstance(x, (list, torch.nn.Linear)) and isinstance(x, list | torch.nn.Linear) and not isinstance(x, (str, list))", "passed", ""),
    "isinstance_abstract": ("assert isinstance(student.stack(), collections.abc.Iterable) and not isinstance(student.layer(), collections.abc.Mapping)", "passed", ""),
    "isinstance_liar": ("assert not isinstance(student.liar(), float)", "passed", ""),
    "isinstance_of_suite": ("assert not isinstance(student.layer(), Own)", "passed", ""),
    "isinstance_kit": ("assert isinstance(student.layer(), Remote) and not isinstance(student.layer(), Tensor)", "passed", ""),
    "isinstance_mapped": ("assert list(map(isinstance, [student.layer()] * 2, [dict, torch.nn.Module])) == [False, True]", "passed", ""),
    "isinstance_in_match": ("match student.layer():\n        case dict(): raise KeyError\n        case torch.nn.Module(): pass\n        case _: raise KeyError", "passed", ""),
    "not_instance": ("assert isinstance(student.liar(), float), 'It is no number.'", "failed", "It is no number."),
    "isinstance_plain": ("assert isinstance(student.same(1.0), float) and not isinstance(student.same(1), str)", "passed", ""),
    "isinstance_array": ("assert isinstance(student.row([1]), np.ndarray) and not isinstance(student.row([1]), float)", "passed", ""),
    "hasattr": ("assert hasattr(student.stack(), 'items') and not hasattr(student.stack(), 'pop') and getattr(student.stack(), 'pop', 3) == 3", "passed", ""),
    "hasattr_student": ("assert hasattr(student, 'stack') and not hasattr(student, 'bonus')", "passed", ""),
    "no_attribute": ("student.stack().pop", "failed", "Your code raised AttributeError"),
    "copied": ("copy.deepcopy(student.stack())", "error", "copy it in support code"),
    # Text.
    "text": ("assert str(student.stack(1, 2)) == '1|2' and f'{student.stack(3)}' == '3'", "passed", ""),
    "format": ("assert f'{student.same(2)} {student.same(0.5):.2f} {student.row(2.0):.1f} {student.row([1, 2])}' == '2 0.50 2.0 [1 2]'", "passed", ""),
    "format_object": ("f'{student.stack():.2f}'", "failed", "gave a Stack"),
    "format_array": ("f'{student.row([1, 2]):.2f}'", "failed", "a NumPy array of shape (2,)"),
    "format_function": ("f'{student.stack}'", "error", "stack is a function"),
    "odd_text": ("str(student.odd())", "failed", "Your code raised TypeError"),
    # Python's and NumPy's functions.
    "functions": ("x = student.same([3, 1, 2]); assert sorted(x) == [1, 2, 3] and sum(x) == 6 and max(x) == 3 and set(x) == {1, 2, 3}", "passed", ""),
    "functions_of_array": ("x = student.row([3, 1, 2]); assert sorted(x) == [1, 2, 3] and sum(x) == 6 and max(x) == 3 and set(x) == {1, 2, 3} and list(x) == [3, 1, 2]", "passed", ""),
    "functions_of_object": ("x = student.stack(3, 1, 2); assert sorted(x) == [1, 2, 3] and sum(x) == 6 and max(x) == 3 and set(x) == {1, 2, 3} and list(reversed(list(x))) == [2, 1, 3]", "passed", ""),
    "functions_of_generator": ("assert list(student.squares(4)) == [0, 1, 4, 9] and sum(student.squares(3)) == 5 and next(student.squares(1)) == 0 and next(student.squares(0), 7) == 7", "passed", ""),
    "dict": ("assert dict(student.same({'a': 1})) == {'a': 1} and dict(student.stack(('a', 1))) == {'a': 1}", "passed", ""),
    "sum_of_number": ("sum(student.same(3))", "failed", "unexpected type int"),
    "sorted_liar": ("sorted(student.liar())", "failed", "Your code raised TypeError"),
    "next_of_list": ("next(student.stack(1))", "failed", "Your code raised TypeError"),
    "isclose": ("assert math.isclose(student.same(1.0), 1) and math.isclose(student.row(1.0), 1) and not math.isclose(student.same(2), 1)", "passed", ""),
    "isclose_liar": ("math.isclose(student.liar(), 1)", "failed", "gave a Liar"),
    "approx": ("assert pytest.approx(1.0) == student.same(1) and student.row(1.0) == pytest.approx(1) and pytest.approx([1, 2]) == student.row([1, 2]) and student.same(2) != pytest.approx(1)", "passed", ""),
    "approx_liar": ("assert pytest.approx(1.0) == student.liar()", "failed", "gave a Liar"),
    "liar_approx": ("assert student.liar() == pytest.approx(1.0)", "failed", "gave a Liar"),
    "approx_empty": ("assert pytest.approx(1.0) == student.row([])", "failed", "no elements"),
    "empty_approx": ("assert student.row([]) == pytest.approx(1.0)", "failed", "does not fit"),
    "allclose": ("np.testing.assert_allclose(student.row([1.0]), [1]); np.testing.assert_array_equal(student.same([1, 2]), [1, 2]); assert np.allclose(student.tensor([1.0]), 1)", "passed", ""),
    "allclose_wrong": ("np.testing.assert_allclose(student.row([1.0]), [2])", "failed", "NumPy array of shape (1,)"),
    "allclose_liar": ("np.testing.assert_allclose(student.liar(), 1)", "failed", "gave a Liar"),
    "equal_liar": ("np.testing.assert_array_equal(student.liar(), 1)", "failed", "gave a Liar"),
    "allclose_empty": ("np.testing.assert_allclose(student.row([]), 3)", "failed", "shape (0,), which has no elements"),
    "np_allclose_empty": ("assert np.allclose(student.row([]), 3)", "failed", "no elements"),
    "all_empty": ("assert (student.row([]) == 3).all()", "failed", "does not fit"),
    "empty": ("assert (student.row([]) == np.array([])).all() and np.asarray(student.row([])).size == 0 and len(student.row([])) == 0", "passed", ""),
    "length_of_odd": ("len(student.odd())", "failed", "Your code raised ValueError"),
    # Variables, as they are at the check of the first task.
    "variable": ("assert student.accuracy == 0.75 and student.losses == [3, 2, 1] and student.nothing is None", "passed", ""),
    "variable_array": ("assert student.weights.sum() == 3", "passed", ""),
    "variable_object": ("assert student.clf[1] == 2 and student.clf.items == [1, 2]", "passed", ""),
    "variable_changes": ("student.clf.push(3); assert student.clf.items == [1, 2, 3]; student.losses.append(7); assert student.losses == [3, 2, 1]; student.clf.items", "passed", ""),
    "variable_callable": ("instance_of(student.model, 'torch.nn.Linear')", "passed", ""),
    "variable_liar": ("assert student.strange == 3", "failed", "strange gave a Liar"),
    "variable_after_function": ("assert student.step() == 'a function'", "passed", ""),
    "variable_after_object": ("assert student.loss == 0.5", "passed", ""),
    "variable_called": ("student.accuracy()", "failed", "a value of type float was found where a function was expected"),
    "missing": ("student.acuracy", "failed", "There is no `acuracy` in your notebook, but there is `accuracy`."),
    "missing_unfinished": ("student.unfinished", "failed", "cell 5, which defines it, stopped with ZeroDivisionError"),
    # What was printed.
    "printed": ("assert student.printed(student.report, 0.5) == \"accuracy 0.5\\n{'loss': 1}\\n\"", "passed", ""),
    "printed_method": ("assert student.printed(student.stack(1).push, 2) == ''", "passed", ""),
    "printed_by_name": ("assert 'accuracy 2' in student.printed(student.report, accuracy=2)", "passed", ""),
    "printed_much": ("assert 4_000_000 < len(student.printed(student.shout)) < 5_000_000 and student.printed(student.report, 1)", "passed", ""),
    "printed_by_cells": ("assert student.printed() == 'the end of the first part\\n0.75\\n'", "passed", ""),
    "printed_nothing": ("assert 'loss' in student.printed(student.same, 1), 'It prints nothing.'", "failed", "It prints nothing."),
    "printed_and_raised": ("student.printed(student.gone)", "failed", "Your code raised ValueError"),
    "printed_lambda": ("student.printed(lambda: 1)", "error", "name a function of the student"),
    "printed_result": ("student.printed(student.same(1))", "failed", "a number was found where a function was expected"),
    "printed_missing": ("student.printed(student.reprot, 1)", "failed", "there is `report`"),
}  # fmt: skip
HEAD = """\
import collections
import copy
import math
import numpy as np
import pytest
import torch
from autograder.testing import Mismatch, Remote, StudentError, Tensor, instance_of

class Own:
    pass
"""
SECOND = """
@pytest.mark.task("second", points=1)
def test_later(student):
    assert student.accuracy == 0.25 and student.clf is None

@pytest.mark.task("second", points=1)
def test_deleted(student):
    student.losses

@pytest.mark.task("second", points=1)
def test_recorded(student, record_property):
    record_property("stack", student.stack(1))
    record_property("array", student.row([1, 2]))
"""


CHECK: dict[str, Any] = {
    "cell_type": "code",
    "id": "check",
    "metadata": {
        "nbgrader": {
            "grade_id": "test_first", "grade": True, "points": 999, "schema_version": 3,
            "locked": True, "solution": False, "task": False,
        }
    },
    "outputs": [],
    "execution_count": None,
    "source": "assert accuracy",
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, warm: WarmProcess) -> dict[str, TestResult]:
    folder = tmp_path_factory.mktemp("course")
    tests = [
        f"@pytest.mark.task('first', points=1)\ndef test_{name}(student):\n    {body}\n"
        for name, (body, _, _) in CASES.items()
    ]
    (folder / "asked").mkdir()
    (folder / "asked/__init__.py").touch()
    (folder / "asked/test_asked.py").write_text("\n".join([HEAD, *tests, SECOND]), "utf-8")
    (folder / "course.yml").write_text(COURSE)
    course = load_course(folder / "course.yml")
    context = GradingContext(course, course.assignment(None), seed="")
    path = write_notebook(folder / "a.ipynb", [*NOTEBOOK[:2], CHECK, *NOTEBOOK[2:]])
    (graded,) = grade_batch([Submission("a", path)], context, warm)
    found = [test for task in graded.record.tasks for test in task.tests]
    return {test.name.removeprefix("test_"): test for test in found}


@pytest.mark.parametrize("name", CASES)
def test_what_a_suite_asks(results: dict[str, TestResult], name: str) -> None:
    _, outcome, fragment = CASES[name]
    found = results[name]
    assert (found.outcome, fragment in found.message) == (outcome, True), found.message


def test_a_variable_is_as_it_was_at_the_check_of_the_task(results: dict[str, TestResult]) -> None:
    assert results["later"].outcome == "passed"
    assert "There is no `losses`" in results["deleted"].message


def test_what_is_recorded_of_an_answer_asks_nothing_more(results: dict[str, TestResult]) -> None:
    assert results["recorded"].measured == (("stack", "a Stack"), ("array", "[1 2]"))


def test_an_object_that_holds_itself_is_no_array(tmp_path: Path) -> None:
    suite = (
        "import numpy as np\nfrom autograder.testing import assert_close, task\n\n"
        "@task('all', points=1)\ndef test_it(student):\n"
        "    first, _ = student.f()\n    assert_close(first, np.ones(2))\n"
    )
    code = (
        "class Again:\n    def __iter__(self):\n        return iter((self, self))\n"
        "    def __len__(self):\n        return 2\n    def __getitem__(self, index):\n"
        "        return self\n    def __array__(self, *args):\n        return self\n"
        "def f():\n    return Again()\n"
    )
    record = grade_with(
        tmp_path, {"test_all.py": suite}, {"a": code + YES.replace("Yes", "Again")},
        tasks={"all": 1}, preload=["numpy"],
    )["a"]  # fmt: skip
    assert (record.score, record.error) == (0, None)
