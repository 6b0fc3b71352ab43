"""A right answer of any kind is right, and a wrong kind wrong, to all three that judge it.

They are the visible cell, run as it stands in the notebook, the public tests, which a student runs
with `check`, and the grader.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, load_course
from autograder.grading.batch import grade_batch
from autograder.grading.session import Attempt
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.selfcheck.in_process import namespace_of
from autograder.selfcheck.public_session import PublicSession, run_public_session
from autograder.submission import Submission
from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, IMPORTS, STEP
from tests.conftest import ROOT, context_of, write_notebook

KINDS = '''
import array, collections, decimal, fractions, numpy as np
from types import SimpleNamespace

Named = collections.namedtuple("Named", "da db")

class Float(float):
    pass

class Same(float):
    def __eq__(self, other): return True
    __hash__ = float.__hash__

class Pair(tuple):
    pass

class Twice(tuple):
    def __iter__(self): return iter([*super().__iter__()] * 2)

class OwnTensor(torch.Tensor):
    pass

class HasFloat:
    def __init__(self, value): self.value = value
    def __float__(self): return float(self.value)

class HasItem:
    def __init__(self, value): self.value = value
    def item(self): return self.value

class HasArray:
    def __init__(self, *values): self.values = values
    def __array__(self, dtype=None, copy=None): return np.array(self.values, dtype)

class Shelf:
    def __init__(self, *values): self.values = values
    def __len__(self): return len(self.values)
    def __getitem__(self, index): return self.values[index]

class Once:
    """Says the right number once only."""
    def __init__(self, value): self.left = [float(value)]
    def __float__(self): return self.left.pop() if self.left else 0.0
'''
PAIRS = {
    "tuple": ("(a, b)", True),
    "list": ("[a, b]", True),
    "namedtuple": ("Named(a, b)", True),
    "tuple subclass": ("Pair((a, b))", True),
    "deque": ("collections.deque([a, b])", True),
    "values of a dict": ("{'a': a, 'b': b}.values()", True),
    "keys of a dict": ("{a: 1, b: 2}.keys()", True),
    "user list": ("collections.UserList([a, b])", True),
    "array.array": ("array.array('d', [a, b])", True),
    "own sequence": ("Shelf(a, b)", True),
    "numpy array": ("np.array([a, b])", True),
    "object array": ("np.array([fractions.Fraction(a), b], dtype=object)", True),
    "column": ("np.array([[a], [b]])", True),
    "stacked": ("torch.tensor([a, b])", True),
    "stacked column": ("torch.tensor([[a], [b]])", True),
    "parameter": ("torch.nn.Parameter(torch.tensor([a, b]))", True),
    "tensor subclass": ("torch.tensor([a, b]).as_subclass(OwnTensor)", True),
    "sparse": ("torch.tensor([a, b]).to_sparse()", True),
    "parameter list": ("torch.nn.ParameterList([torch.tensor(a), torch.tensor(b)])", True),
    "row": ("torch.tensor([[a, b]])", False),
    "complex": ("np.array([a, b], dtype=complex)", False),
    "generator": ("(x for x in (a, b))", False),
    "iterator": ("iter([a, b])", False),
    "map": ("map(float, (a, b))", False),
    "set": ("{a, b}", False),
    "dict": ("{'a': a, 'b': b}", False),
    "ordered dict": ("collections.OrderedDict(a=a, b=b)", False),
    "default dict": ("collections.defaultdict(float, {a: 1, b: 2})", False),
    "attributes": ("SimpleNamespace(a=a, b=b)", False),
    "twice": ("Twice((a, b))", False),
    "range": ("range(2)", False),
    "one": ("(a,)", False),
    "three": ("(a, b, 0.0)", False),
    "text": ("f'{a} {b}'", False),
    "none": ("None", False),
}
"""Pairs of the right numbers a and b, and whether they are right."""
NUMBERS = {
    "float": ("x", True),
    "float subclass": ("Float(x)", True),
    "always equal": ("Same(x)", True),
    "decimal": ("decimal.Decimal(x)", True),
    "fraction": ("fractions.Fraction(x)", True),
    "numpy float64": ("np.float64(x)", True),
    "numpy float32": ("np.float32(x)", True),
    "longdouble": ("np.longdouble(x)", True),
    "numpy 0-d": ("np.array(x)", True),
    "numpy of one": ("np.array([x])", True),
    "object 0-d": ("np.array(fractions.Fraction(x), dtype=object)", True),
    "tensor": ("torch.tensor(x)", True),
    "tensor of one": ("torch.tensor([[x]])", True),
    "tensor with a graph": ("torch.tensor(x, requires_grad=True) * 1", True),
    "parameter": ("torch.nn.Parameter(torch.tensor(x))", True),
    "tensor subclass": ("torch.tensor(x).as_subclass(OwnTensor)", True),
    "sparse tensor": ("torch.tensor([x]).to_sparse()", True),
    "double tensor": ("torch.tensor(x, dtype=torch.float64)", True),
    "object with __float__": ("HasFloat(x)", True),
    "object with item": ("HasItem(x)", True),
    "right once": ("Once(x)", True),
    "wrong but always equal": ("Same(1000)", False),
    "wrong object": ("HasFloat(1000)", False),
    "object with __array__": ("HasArray(x)", False),
    "list of one": ("[x]", False),
    "text": ("str(x)", False),
    "bytes": ("str(x).encode()", False),
    "text in an array": ("np.array(str(x))", False),
    "complex": ("complex(x)", False),
    "not a number": ("float('nan')", False),
    "infinite decimal": ("decimal.Decimal('1e999999')", False),
    "function": ("(lambda: x)", False),
    "none": ("None", False),
}
"""Ways to give the right number x, and whether they are right."""
PREDICTIONS = {
    "tensor": ("out", True),
    "tensor subclass": ("out.as_subclass(OwnTensor)", True),
    "sparse": ("out.to_sparse()", True),
    "transposed twice": ("out.T.contiguous().T", True),
    "double": ("out.double()", False),
    "numpy": ("out.detach().numpy()", False),
    "list": ("out.tolist()", False),
    "detached": ("out.detach()", False),
    "rows": ("list(out)", False),
    "none": ("None", False),
}
"""What forward makes of the right prediction, and whether it is right."""


def notebooks() -> dict[str, tuple[str, str, bool]]:
    """Return for each case the task, the code of its answer, and whether it is right."""
    found = {}
    renamed = GRADIENTS.replace("polynomial_gradients", "inner")
    for name, (pair, right) in PAIRS.items():
        code = f"{renamed}\ndef polynomial_gradients(a, b):\n    a, b = map(float, inner(a, b))\n"
        found[f"pair as {name}"] = "gradients", f"{code}    return {pair}\n", right
    for name, (number, right) in NUMBERS.items():
        take = f"def give(x):\n    x = float(x)\n    return {number}\n"
        code = f"{renamed}\ndef polynomial_gradients(a, b):\n    a, b = inner(a, b)\n"
        code = f"{take}{code}    return give(a), give(b)\n"
        found[f"gradient as {name}"] = "gradients", code, right
        renamed_step = STEP.replace("def step(", "def inner_step(")
        code = f"{renamed_step}\ndef step(X, y, model, lr=0.1):\n"
        code = f"{take}{code}    return give(inner_step(X, y, model, lr))\n"
        found[f"loss as {name}"] = "step", code, right
    for name, (out, right) in PREDICTIONS.items():
        code = FORWARD.replace("class Linear", "class Inner")
        code += (
            "class Linear(Inner):\n    def forward(self, x):\n        out = super().forward(x)\n"
        )
        found[f"prediction as {name}"] = "forward", f"{code}        return {out}\n", right
    return found


CASES = notebooks()


def passes_visible_cell(case: str) -> bool:
    """Run the notebook's own visible cell after an answer."""
    notebook = json.loads(
        (ROOT / "solutions/linear_regression/linear_regression.ipynb").read_text()
    )
    (check,) = (
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == f"test_{CASES[case][0]}"
    )
    names: dict[str, Any] = {}
    exec("\n".join(cells(case)), names)
    try:
        exec(check, names)
    except Exception:
        return False
    return True


def cells(case: str) -> list[str]:
    """Return the notebook of a case, with nothing of the other tasks."""
    return [IMPORTS, KINDS, CASES[case][1]]


@pytest.fixture(scope="module")
def said_by_students(assignment: Assignment) -> dict[str, tuple[bool, bool]]:
    """Return what the visible cell and the public tests say of each case."""
    attempts = [Attempt(Submission(case, Path()), tuple(cells(case))) for case in CASES]
    session = PublicSession(assignment, attempts, lambda attempt: namespace_of(attempt.cells))
    run_public_session(session)
    found = {}
    for attempt in attempts:
        case = attempt.submission.student
        of_task = [result for result in attempt.results if result.task == CASES[case][0]]
        by_tests = {result.outcome for result in of_task} == {"passed"}
        found[case] = passes_visible_cell(case), by_tests
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, warm: WarmProcess) -> dict[str, Record]:
    """Return the record of each case."""
    folder = tmp_path_factory.mktemp("kinds")
    course = load_course(ROOT / "course.yml")
    context = context_of(course, course.assignment("linear_regression"), seed="test")
    submissions: Sequence[Submission] = [
        Submission(case, write_notebook(folder / f"{number}.ipynb", list(cells(case))))
        for number, case in enumerate(CASES)
    ]
    results = grade_batch(submissions, context, warm)
    return {result.record.student: result.record for result in results}


@pytest.mark.parametrize("case", CASES)
def test_the_visible_cell_and_the_public_tests_agree(
    case: str, said_by_students: dict[str, tuple[bool, bool]]
) -> None:
    right = CASES[case][2]
    assert said_by_students[case] == (right, right)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_grader_agrees(case: str, graded: dict[str, Record]) -> None:
    name, _, right = CASES[case]
    (task,) = (task for task in graded[case].tasks if task.name == name)
    assert (task.score == task.max_score) == right, task.findings
    assert not task.review
