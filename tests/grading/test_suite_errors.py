"""A mistake in a suite is ours, an answer without a plain value is the student's."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.course import load_course
from autograder.grading.batch import GradingContext, grade_batch
from autograder.record import TestResult
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook

COURSE = """\
course: own
isolation: best-effort
assignments:
  own:
    notebook: own
    tasks: [{name: double, points: 99, tests: test_double}]
    preload: [numpy, pandas]
"""
NOTEBOOK = '''
import decimal
import fractions
import itertools
import numpy as np
import pandas as pd
import torch

class Yes:
    """Says yes to everything."""
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __lt__(self, other): return True
    def __add__(self, other): return 3

class Money:
    def __init__(self, amount): self.amount = amount
    def __float__(self): return float(self.amount)
    def forward(self, x): return None

class Shelf:
    def __init__(self, *books): self.books = books
    def __len__(self): return len(self.books)
    def __getitem__(self, index): return self.books[index]

def yes(*args): return Yes()
def no(*args): return np.bool_(False)
def three(): return 3
def money(x): return Money(x)
def shelf(): return Shelf(10, 20, 30)
def same(x): return x
def column(x): return torch.tensor(x)[:, None]
def row(x): return np.array(x)
def count(): return itertools.count()
def none(): return None
def huge(): return 9 ** 9999
def kind(x): return f"{type(x).__name__} {getattr(x, 'dtype', '')}"
def half(): return decimal.Decimal("0.5")
def tenth(): return decimal.Decimal("0.1")
def third(): return fractions.Fraction(1, 3)
def frame(): return pd.DataFrame({"price": [1.0, 3.0], "name": ["a", "b"]})
def words(): return np.array(["a", "b"])
def holder(): return Holder()
class Holder:
    def __init__(self): self.w = torch.zeros(2)
    def forward(self): return self.w
def both(): return {"a": {1}, "b": 1j, "c": 9 ** 99}
def refused(path): return np.loadtxt(path)
def refused_himself(path): return open(path).read()
'''
SUPPORT = """\
import torch

def misspelt(x):
    return torhc.tensor(x)

def absent(model):
    return torch.no_such_function(model.forward(1))

def missing_module(x):
    import no_such_module

def key(x):
    return {}[x]

def total(model):
    return model.forward(1).sum()

def shape(x):
    return x.reshape(7, 7)

class Broken:
    def __init__(self, x):
        self.y = undefined
"""
HELPER = """\
def must(condition):
    assert condition, "The helper says why."

def bare(condition):
    assert condition
"""
CASES: dict[str, tuple[str, str, str]] = {
    # Truth, comparison and arithmetic of an object.
    "true_object": ("assert student.yes()", "failed", "gave a Yes"),
    "checked_object": ("check(student.yes(), 'no')", "failed", "gave a Yes"),
    "equal_object": ("assert student.yes() == 3", "failed", "gave a Yes"),
    "reflected_equal": ("assert 3 == student.yes()", "failed", "gave a Yes"),
    "unequal_object": ("assert student.yes() != 3", "failed", "gave a Yes"),
    "object_in_if": ("if student.yes() == 3: return\n    raise KeyError", "failed", "gave a Yes"),
    "not_object": ("assert not student.yes()", "failed", "gave a Yes"),
    "less_object": ("assert student.yes() < 3", "failed", "gave a Yes"),
    "object_sum": ("assert student.yes() + 1 == 3", "failed", "gave a Yes"),
    "array_of_object": ("np.testing.assert_allclose(student.yes(), 3)", "failed", "gave a Yes"),
    "close_object": ("close(student.yes(), 3, 'no')", "failed", "a Yes"),
    "number_huge": ("number(student.huge(), 'It')", "failed", "it is an integer of thousands of digits"),
    "number_object": ("number(student.yes(), 'It')", "failed", "It should be a number, but it is a Yes"),
    # What has a plain value.
    "plain": ("assert student.three() == 3 and student.three() < 4", "passed", ""),
    "false_bool": ("check(student.no(), 'It is false.')", "failed", "It is false."),
    "own_false_bool": ("check(np.bool_(False), 'It is false.')", "failed", "It is false."),
    "not_bool": ("assert not student.no()", "passed", ""),
    "money": ("assert student.money(3) == 3 and student.money(2) + 1 > 2", "passed", ""),
    "wrong_money": ("assert student.money(4) == 3, 'It is not 3.'", "failed", "It is not 3."),
    "money_number": ("assert number(student.money(3), 'It') == 3", "passed", ""),
    "money_made": ("assert student.Money(3) == 3", "passed", ""),
    "money_attribute": ("assert student.money(3).amount == 3", "passed", ""),
    # Tensors and arrays.
    "array_equal": ("assert (student.row([1, 2]) == [1, 2]).all()", "passed", ""),
    "array_ambiguous": ("assert student.row([1, 2]) == 3", "failed", "unexpected type"),
    "array_truth": ("assert student.row([1, 2])", "failed", "a NumPy array of shape (2,)"),
    "array_of_one": ("assert student.row([3]) == 3 and not student.row([0])", "passed", ""),
    "not_broadcast": ("assert (student.column([1, 1]) == np.ones(2)).all()", "failed", "a tensor of shape (2, 1)"),
    "arithmetic": ("assert np.abs(student.row([1, 2]) - np.array([1, 2])).max() == 0", "passed", ""),
    "methods": ("x = student.row([1, 2]); assert x.sum() == 3 and x[0] == 1 and len(x) == 2 and x.tolist() == [1, 2]", "passed", ""),
    "close_column": ("close(student.column([1.0, 2.0]), np.array([1.0, 2.0]), 'no')", "failed", "numbers of shape (2,)"),
    "close_text": ("close(student.same('3'), 3, 'no')", "failed", "should be a number, but it is text"),
    # Length, items and iteration.
    "length": ("assert len(student.shelf()) == 3", "passed", ""),
    "items": ("x = student.shelf(); assert x[0] == 10 and x[1:] == (20, 30) and 20 in x", "passed", ""),
    "iterated": ("assert list(student.shelf()) == [10, 20, 30] and student.shelf() == [10, 20, 30]", "passed", ""),
    "endless": ("list(student.count())", "failed", "more than 10,000 items"),
    "first": ("assert next(iter(student.count())) == 0", "passed", ""),
    "too_short": ("assert student.same([1])[1] == 1", "failed", "unexpected type list"),
    "no_such_key": ("assert student.same({'a': 1})['b'] == 1", "failed", "unexpected type dict"),
    # A mistake in the suite.
    "not_called": ("assert student.three", "error", "three is a function, not an answer"),
    "number_of_function": ("number(student.three, 'It')", "error", "three is a function"),
    "made": ("assert student.Shelf", "error", "Shelf is a type, not an answer"),
    "made_object": ("assert student.Yes() == 3", "error", "Yes(…) has no plain value"),
    "an_object": ("student.same([object()])", "error", "same(…): a value of type object cannot be sent"),
    "a_class": ("student.same([Path])", "error", "same(…): the class Path cannot be sent"),
    "strange_array": ("student.same(np.array([object()]))", "error", "a value of type object"),
    "strange_key": ("student.same({object(): 2})", "error", "a value of type object"),
    "strange_table": ("student.same(pd.Series([object()]))", "error", "a value of type object"),
    "too_long": ("student.same(b'x' * (65 << 20))", "error", "same(…): the arguments cannot be sent"),
    "attribute": ("model = student.Money(1); model.x = object(); model.amount", "error", "Money(…).x"),
    "passed_on": ("assert student.same(student.both()) == {'a': {1}, 'b': 1j, 'c': 9 ** 99}", "passed", ""),
    "own_object_beside_an_answer": ("student.same([student.three(), object()])", "error", "a value of type object cannot be sent"),
    # Values keep their kind on the way there.
    "array_sent": ("assert student.kind(np.ones(2, 'float32')) == 'ndarray float32'", "passed", ""),
    "words_sent": ("assert student.kind(np.array(['ab'])) == 'ndarray <U2'", "passed", ""),
    "objects_sent": ("assert student.kind(np.array([None, 'a'])) == 'ndarray object'", "passed", ""),
    "tensor_sent": ("assert student.kind(tensor(np.ones(2), 'float32')) == 'Tensor torch.float32'", "passed", ""),
    "half_sent": ("assert student.kind(tensor([1.5], 'bfloat16')) == 'Tensor torch.bfloat16'", "passed", ""),
    "own_tensor_sent": ("assert student.kind(torch.ones(2).to_sparse()) == 'Tensor torch.float32'", "passed", ""),
    "frame_sent": ("assert student.kind(pd.DataFrame({'a': [1]})) == 'DataFrame '", "passed", ""),
    "series_sent": ("assert student.kind(pd.Series([1.5])) == 'Series float64'", "passed", ""),
    "sparse_sent": ("assert student.kind(scipy.sparse.eye_array(2).tocsr()) == 'csr_array float64'", "passed", ""),
    "date_sent": ("assert student.kind(datetime.date(2020, 1, 1)) == 'date '", "passed", ""),
    "keys_sent": ("assert student.same({1: {2}, (3, None): [Fraction(1, 3)]}) == {1: {2}, (3, None): [Fraction(1, 3)]}", "passed", ""),
    "record_sent": ("assert student.kind(Point(1, 2)) == 'NamedTuple ' and student.same(Point(1, 2)).x == 1", "passed", ""),
    # And on the way back.
    "exact": ("x = student.half(); assert x == 0.5 and abs(x - 0.5) < 1e-9 and np.isclose(x, 0.5) and number(x, 'It') == 0.5", "passed", ""),
    "exact_tenth": ("x = student.tenth(); assert x == 0.1 and x <= 0.1 and round(x, 1) == Decimal('0.1')", "passed", ""),
    "third": ("x = student.third(); assert x == 1 / 3 and x == Fraction(1, 3) and 1.0 - x > 0.6 and f'{x:.2f}' == '0.33'", "passed", ""),
    "exact_close": ("assert_close([student.half(), student.third()], [0.5, 1 / 3]); close(student.third(), 1 / 3, 'no')", "passed", ""),
    "mean_of_column": ("assert student.frame()['price'].mean() == 2.0", "passed", ""),
    "same_frame": ("assert_equal(student.frame(), pd.DataFrame({'price': [1.0, 3.0], 'name': ['a', 'b']}))", "passed", ""),
    "no_such_column": ("assert student.frame()['cost'].mean() == 2.0", "failed", "unexpected type DataFrame"),
    "mean_of_words": ("assert student.frame()['name'].mean() == 2.0", "failed", "unexpected type DataFrame"),
    "truth_of_frame": ("assert student.frame()", "failed", "unexpected type DataFrame"),
    "series_as_pair": ("assert numbers(student.frame()['price'], 'It', 'a', 'b') == (1, 3)", "passed", ""),
    "frame_passed_on": ("assert student.kind(student.frame()) == 'DataFrame '", "passed", ""),
    "words": ("assert set(student.words()) == {'a', 'b'} and student.words()[0] == 'a'", "passed", ""),
    "filled_in_place": ("x = student.holder(); x.w = np.ones(2); assert x.w.kind == 'torch' and (x.w == 1).all()", "passed", ""),
    "line": ("{}['x']", "error", "test_double.py, line "),
    # Support code.
    "misspelt": ("student.load(SUPPORT).misspelt(1.0)", "error", "NameError in support.py, line 4"),
    "absent": ("student.load(SUPPORT).absent(student.Money(1))", "error", "AttributeError in support.py, line 7"),
    "missing_module": ("student.load(SUPPORT).missing_module(student.three)", "error", "no_such_module"),
    "key": ("student.load(SUPPORT).key('a')", "error", "KeyError in support.py, line 13"),
    "broken": ("x = student.load(SUPPORT).Broken(1); student.same(x)", "error", "NameError in support.py"),
    "broken_file": ("student.load(SUPPORT.with_name('broken.py'))", "error", "SyntaxError in broken.py, line 2"),
    "given_none": ("student.load(SUPPORT).total(student.Money(1))", "failed", "Your code raised AttributeError"),
    "given_answer": ("student.load(SUPPORT).shape(student.row([1, 2]))", "failed", "Your code raised"),
    "given_table": ("student.load(SUPPORT).shape(pd.DataFrame())", "error", "in support.py"),
    "given_record": ("student.load(SUPPORT).shape(Point(1, {2}))", "error", "in support.py"),
    "too_large": ("student.same(np.zeros(9 << 20))", "error", "same(…): the arguments cannot be sent: a tensor that is too large"),
    "given_plain": ("student.load(SUPPORT).shape(np.ones(2))", "error", "in support.py"),
    # The sandbox.
    "library": ("student.refused(__file__)", "failed", "Your code raised PermissionError"),
    "student": ("student.refused_himself(__file__)", "failed", "Your code raised PermissionError"),
    # Asserts.
    "bare": ("assert student.same(3) == 4", "failed", "Its last answer was a number."),
    "helper": ("helper.must(student.same(3) == 4)", "failed", "The helper says why."),
    "bare_helper": ("helper.bare(student.same(3) == 4)", "failed", "Its last answer was a number."),
    "numpy_says_too_much": ("np.testing.assert_allclose(student.same(3), 12345)", "failed", "Its last answer was a number."),
}  # fmt: skip
HEAD = """\
import datetime
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from autograder.testing import assert_close, assert_equal, check, close, number, numbers
from autograder.testing.torch import tensor
from . import helper
SUPPORT = Path(__file__).with_name("support.py")
Point = namedtuple("Point", "x y")
"""
PARAMETERS = """
@pytest.mark.parametrize("x", [3, 4, "five"])
@pytest.mark.task("double", points=10)
def test_shared(student, x):
    '''It is the same.'''
    assert student.same(x) == x

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.task("double", points=1)), pytest.param(2, marks=pytest.mark.task("double", points=3))])
def test_own_points(student, x):
    assert student.same(x) == 1
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TestResult]:
    folder = tmp_path_factory.mktemp("course")
    tests = [
        f"@pytest.mark.task('double', points=1)\ndef test_{name}(student):\n    {body}\n"
        for name, (body, _, _) in CASES.items()
    ]
    files = {
        "__init__.py": "",
        "test_double.py": "\n".join([HEAD, *tests, PARAMETERS]),
        "helper.py": HELPER,
        "support.py": SUPPORT,
        "broken.py": "x = 1\ny = = 2\n",
    }
    (folder / "own").mkdir()
    for name, text in files.items():
        (folder / "own" / name).write_text(text, "utf-8")
    (folder / "course.yml").write_text(COURSE)
    course = load_course(folder / "course.yml")
    context = GradingContext(course, course.assignment(None), seed="")
    path = write_notebook(folder / "a.ipynb", [NOTEBOOK])
    with WarmProcess(context.assignment.preload) as warm:
        (graded,) = grade_batch([Submission("a", path)], context, warm)
    return {test.name.removeprefix("test_"): test for test in graded.record.tasks[0].tests}


@pytest.mark.parametrize("name", CASES)
def test_who_is_to_blame(results: dict[str, TestResult], name: str) -> None:
    _, outcome, fragment = CASES[name]
    found = results[name]
    assert (found.outcome, fragment in found.message) == (outcome, True), found.message


def test_the_points_of_a_parametrized_test_are_shared_out(results: dict[str, TestResult]) -> None:
    shared = [test for name, test in results.items() if name.startswith("shared")]
    assert [test.name for test in shared] == [f"test_shared[{n}]" for n in (1, 2, 3)]
    assert shared[0].title == "It is the same. (1 of 3)"
    assert sum(test.points for test in shared) == 10
    assert shared[0].max_points == pytest.approx(10 / 3)


def test_parameters_may_have_points_of_their_own(results: dict[str, TestResult]) -> None:
    points: Any = [
        (t.points, t.max_points) for n, t in results.items() if n.startswith("own_points")
    ]
    assert points == [(1, 1), (0, 3)]


def test_a_refusal_of_the_sandbox_in_a_library_needs_review(results: dict[str, TestResult]) -> None:
    assert "refused what a library asked for" in results["library"].review_reason
    assert results["student"].review_reason == ""


def test_a_parametrized_test_has_the_name_of_its_function_too(
    results: dict[str, TestResult],
) -> None:
    assert results["shared[2]"].names == {"test_shared", "test_shared[2]"}
    assert results["bare"].names == {"test_bare"}
