"""What a message says of code that was stopped: endless, slow or waiting, and where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.sandbox.execution_errors import TimedOut
from autograder.sandbox.stopped_code import MAX_CELL, _loops, endless_loop
from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from tests.sandbox.test_student_process import LIMITS

CELLS = (
    """\
import threading
def loop():
    x = 1
    while x > 0:
        x = helper(x)
def helper(x):
    while x < 1000:
        x += 1
    return x
""",
    """\
def slow():
    for number in range(10**9): pass
def wait():
    threading.Event().wait()
def counts():
    for number in __import__("itertools").count(): pass
def deaf():
    import signal
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    while True: pass
""",
)
CASES = {
    "loop": "Probably this loop never ends: cell 1, line 4: `while x > 0:`.",
    "slow": "probably too slow rather than endless",
    "wait": "waiting, in cell 2, line 4: `threading.Event().wait()`",
    "counts": "Probably this loop never ends: cell 2, line 6",
}


@pytest.fixture(scope="module")
def process(warm: WarmProcess) -> Iterator[StudentProcess]:
    process = StudentProcess(warm, CELLS, LIMITS, TimeLimits(30, 5, 0.2))
    process.execute()
    yield process
    process.close()


def stopped(process: StudentProcess, name: str) -> str:
    with pytest.raises(TimedOut) as caught:
        process.request("call", process.request("get", None, name), [], {})
    return str(caught.value)


@pytest.mark.parametrize("name", CASES)
def test_the_message_tells_endless_from_slow_from_waiting(
    process: StudentProcess, name: str
) -> None:
    assert CASES[name] in stopped(process, name)


def test_the_limit_is_said(process: StudentProcess) -> None:
    assert "one call may use 0.2 s of processor time" in stopped(process, "loop")


@pytest.mark.slow  # nobody answers for five seconds
def test_code_that_ignores_the_question_is_stopped_all_the_same(process: StudentProcess) -> None:
    assert "Your code was stopped" in stopped(process, "deaf")


def test_a_cell_is_parsed_once_however_deep_the_stack_is() -> None:
    cell = "def f(n):\n    if n: f(n - 1)\n    while True: pass\n"
    before = _loops.cache_info().misses
    for _ in range(9):
        found = endless_loop([(1, 3), *((1, 2) for _ in range(90))], [cell])
        assert found is not None
        assert (found.line, found.source) == (3, "while True: pass")
    assert _loops.cache_info().misses == before + 1


def test_in_a_cell_of_enormous_length_no_loop_is_looked_for() -> None:
    assert endless_loop([(1, 1)], ["while True: pass\n" + "#" * MAX_CELL]) is None
