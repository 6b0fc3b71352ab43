"""A student's code answers the requests of a suite in this process, as it does in its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.selfcheck.in_process import NamespaceProcess, namespace_of
from autograder.testing import Student, StudentError, SuiteError

CODE = """\
import random

def half(x):
    return x / 2

def quarter(x):
    return half(half(x))

def apply(function, values):
    return [function(value) for value in values]

def draw():
    return random.random()
"""


@pytest.fixture
def process() -> Iterator[NamespaceProcess]:
    process = namespace_of((CODE,))
    process.execute()
    process.begin_test(0)
    yield process
    process.close()


def test_a_function_of_the_suite_can_be_an_argument(process: NamespaceProcess) -> None:
    student = Student(process)
    assert student.apply(lambda x: x + 1, [1, 2]) == [2, 3]
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        student.apply(lambda x: 1 / x, [0])
    with pytest.raises(NameError):
        student.apply(lambda x: misspelt, [0])  # type: ignore[name-defined]  # noqa: F821


def test_a_function_stands_for_a_name_in_one_test_only(
    process: NamespaceProcess, tmp_path: Path
) -> None:
    student = Student(process)
    (tmp_path / "given.py").write_text("def third(x):\n    return x / 3\n")
    given = student.load(tmp_path / "given.py")
    assert student.using(half=given.third).quarter(9.0) == 1.0
    assert student.quarter(8.0) == 2.0
    assert student.using(half=lambda x: 7.0).quarter(9.0) == 7.0
    process.end_test()
    process.begin_test(1)
    assert student.quarter(8.0) == 2.0


def test_every_test_begins_with_the_same_random_numbers(process: NamespaceProcess) -> None:
    student = Student(process)
    first = student.draw(), student.draw()
    process.end_test()
    process.begin_test(1)
    assert (student.draw(), student.draw()) == first


def test_functions_of_the_reference_are_the_students_own(process: NamespaceProcess) -> None:
    lent = process.hand_over(lambda args, kwargs: ("ok", 1.0), "half", in_reference=True)
    process.use({"half": lent})
    student = Student(process, {"half": lent})
    assert student.quarter(8.0) == 2.0
    assert process.own_used == {"half"}
    with pytest.raises(SuiteError, match="students have none"):
        process.request("call", process.request("get", None, "apply"), [lent, [1]], {})
