"""A call of the reference is computed once, and answered as if each submission had made its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading import reference_calls
from autograder.grading.explainer import REFERENCE_LIMITS
from autograder.grading.reference_calls import ReferenceCalls
from autograder.sandbox.execution_errors import StudentError, TimedOut
from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from tests.sandbox.test_student_process import LIMITS

SOLUTION = """\
import time

number = 0

def count(x):
    global number
    number += 1
    return [number, x]

def root(x):
    count(x)
    if x < 0:
        raise ValueError("negative")
    return x ** 0.5

def busy(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return seconds
"""


class Counting(StudentProcess):
    """A process that counts what it is asked."""

    asked = 0

    def request(self, operation: str, *arguments: object) -> object:
        """Count a call, and answer it."""
        Counting.asked += operation == "call"
        return super().request(operation, *arguments)


@pytest.fixture(scope="module")
def numpy_only() -> Iterator[WarmProcess]:
    """Return a warm process that imports little."""
    with WarmProcess(["numpy"]) as warm:
        yield warm


@pytest.fixture
def calls(numpy_only: WarmProcess) -> Iterator[ReferenceCalls]:
    """Return calls of the solution."""
    found = ReferenceCalls(lambda: started(numpy_only))
    Counting.asked = 0
    yield found
    found.forget()


def started(warm: WarmProcess, limits: TimeLimits = REFERENCE_LIMITS) -> StudentProcess:
    process = Counting(warm, [SOLUTION], LIMITS, limits)
    process.execute()
    return process


def in_test(calls: ReferenceCalls, *made: tuple[str, float], index: int = 1) -> list[object]:
    """Make calls in a test; return the answers, and the types of exceptions."""
    calls.begin_test(index, "task")
    found: list[object] = []
    for name, x in made:
        try:
            found.append(calls.call(name, [x], {}))
        except StudentError as error:
            found.append(error.type)
    return found


def test_the_same_calls_are_made_once(calls: ReferenceCalls) -> None:
    made = ("count", 1), ("root", -4), ("count", 3)
    first = in_test(calls, *made)
    assert first == [[1, 1], "ValueError", [3, 3]]
    assert Counting.asked == 3
    assert in_test(calls, *made) == first
    assert Counting.asked == 3


def test_an_answer_depends_on_the_calls_before_it_in_the_same_test(calls: ReferenceCalls) -> None:
    assert in_test(calls, ("count", 1), ("count", 2)) == [[1, 1], [2, 2]]
    assert in_test(calls, ("count", 2), ("count", 2)) == [[1, 2], [2, 2]]
    assert in_test(calls, ("count", 1), ("root", -1), ("count", 2))[2] == [3, 2]
    assert in_test(calls, ("count", 1), ("count", 2), ("count", 5))[2] == [3, 5]
    assert in_test(calls, ("count", 1), index=2) == [[1, 1]]


def test_calls_that_are_too_large_to_be_made_again_are_answered_too(
    calls: ReferenceCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_test(calls, ("count", 1)) == [[1, 1]]
    monkeypatch.setattr(reference_calls, "MAX_REPEATED", 200)
    made = [("count", float(x)) for x in range(1, 30)]
    for _ in range(2):
        assert in_test(calls, *made) == [[x, x] for x in range(1, 30)]


def test_answers_that_are_too_large_to_be_kept_are_computed_again(
    calls: ReferenceCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_calls, "MAX_KEPT", 0)
    for count in (1, 2):
        assert in_test(calls, ("count", 1), ("count", 1)) == [[1, 1], [2, 1]]
        assert Counting.asked >= 2 * count


def test_the_time_of_an_answer_that_is_known_counts_as_well(
    calls: ReferenceCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_calls, "SECONDS", 0.05)
    for _ in range(2):
        assert in_test(calls, ("busy", 0.1), ("count", 1)) == [0.1, "RuntimeError"]
    assert Counting.asked == 1


def test_a_call_that_never_ends_is_not_kept(numpy_only: WarmProcess) -> None:
    limits = TimeLimits(notebook=60.0, cell=60.0, request=0.3)
    calls = ReferenceCalls(lambda: started(numpy_only, limits))
    calls.begin_test(1, "task")
    assert calls.call("count", [7], {}) == [1, 7]
    for _ in range(2):
        with pytest.raises(TimedOut):
            calls.call("busy", [60.0], {})
    assert calls.call("count", [8], {}) == [2, 8]  # the calls before are made again
    calls.forget()


def test_what_is_forgotten_is_computed_anew(calls: ReferenceCalls) -> None:
    assert in_test(calls, ("count", 1)) == [[1, 1]]
    calls.forget()
    assert in_test(calls, ("count", 1)) == [[1, 1]]
    assert Counting.asked == 2
