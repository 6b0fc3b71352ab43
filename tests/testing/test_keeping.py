"""Whether a function leaves its arguments as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.diagnosis.observations import Observation, recording, same
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.testing import Mismatch, Student, StudentError, SuiteError, assert_kept
from tests.sandbox.test_student_process import LIMITS, SECONDS

CELL = """
def keeps(x, y=0, times=1): return x * times
def changes(x, y): y *= 2
def halves(x, y): y /= 2
def drops(frame): frame.dropna(inplace=True)
def fails(x): raise ValueError("no")
nothing = 3
"""


@pytest.fixture
def student(warm: WarmProcess) -> Iterator[Student]:
    process = StudentProcess(warm, [CELL], LIMITS, SECONDS)
    process.execute()
    process.begin_test(0)
    yield Student(process)
    process.close()


def test_an_argument_that_is_changed_is_named(student: Student) -> None:
    x, y = np.arange(3.0), np.ones((2, 2))
    assert_kept(student.keeps, {"x": x, "y": y}, times=3)
    with pytest.raises(Mismatch, match=r"^changes has changed y\."):
        assert_kept(student.changes, {"x": x, "y": y})
    assert (y == 1).all()


def test_known_mistakes_are_compared_by_which_arguments_they_change(student: Student) -> None:
    def trace(function: Any) -> list[Observation]:
        with recording([]) as seen, suppress(Mismatch):
            assert_kept(function, {"x": np.arange(3.0), "y": np.arange(2.0)})
        return [one for one in seen if one.kind != "weak"]

    (halved,), (doubled,), (kept,) = map(trace, (student.halves, student.changes, student.keeps))
    assert same(halved, doubled)
    assert not same(halved, kept)


def test_tables_are_looked_at_too(student: Student) -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan]})
    assert_kept(student.keeps, {"frame": frame})
    with pytest.raises(Mismatch, match=r"^drops has changed frame\."):
        assert_kept(student.drops, {"frame": frame})


def test_what_the_function_raises_is_the_students(student: Student) -> None:
    with pytest.raises(StudentError, match="no"):
        assert_kept(student.fails, {"x": np.ones(2)})
    with pytest.raises(Mismatch, match="A function was expected"):
        assert_kept(student.nothing, {"x": 1})
    with pytest.raises(SuiteError, match="should be a function or class of `student`"):
        assert_kept(len, {"x": [1]})
