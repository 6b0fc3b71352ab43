"""What a test asks, sent at once: the answers are those of one question after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from autograder.sandbox.execution_errors import ProcessCrashed, StudentError, TimedOut
from autograder.sandbox.student_process import Question, Series, StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Ref
from tests.sandbox.test_student_process import LIMITS

SECONDS = TimeLimits(notebook=30, cell=5, request=1)
CELL = """
asked = []
def say(what):
    asked.append(what)
    if what == "wrong":
        raise ValueError(what)
    if what == "never":
        while True:
            pass
    if what == "end":
        __import__("os")._exit(3)
    return object() if what == "object" else what
def same(what):
    return what
def seen():
    return list(asked)
"""


@pytest.fixture
def run(warm: WarmProcess) -> Iterator[StudentProcess]:
    run = StudentProcess(warm, (CELL,), LIMITS, SECONDS)
    run.execute()
    yield run
    run.close()


def asked(function: Ref, what: str) -> Question:
    return [("call", (function, [what], {}))]


def lookup(run: StudentProcess) -> Ref:
    """Return the function `say` as the first question of the first test finds it."""
    run.begin_test(0)
    found = run.request("get", None, "say")
    assert isinstance(found, Ref)
    return found


def ask(run: StudentProcess, function: Ref, what: str) -> Any:
    return run.request("call", function, [what], {})


def begin(run: StudentProcess, *words: str) -> Ref:
    """Begin a test in which these words will be asked for."""
    function = lookup(run)
    run.begin_test(1, "", Series(1, "", [asked(function, word) for word in words]))
    return function


def test_answers_come_in_their_order(run: StudentProcess) -> None:
    run.keeps_exchanges = True
    say = begin(run, "a", "b", "c")
    assert [ask(run, say, word) for word in "abc"] == ["a", "b", "c"]
    assert len(run.exchanges) == 4


def test_the_child_goes_on_before_it_is_asked(run: StudentProcess) -> None:
    say = begin(run, "a", "b", "c")
    ask(run, say, "a")
    run.end_test()
    assert run.request("call", run.request("get", None, "seen"), [], {}) == ["a", "b", "c"]


def test_an_object_has_the_same_number_either_way(run: StudentProcess) -> None:
    say = begin(run, "a", "object")
    together = [ask(run, say, word) for word in ("a", "object")]
    run.begin_test(1)
    assert [ask(run, say, word) for word in ("a", "object")] == together


def test_nothing_is_done_after_an_exception(run: StudentProcess) -> None:
    say = begin(run, "a", "wrong", "never")
    ask(run, say, "a")
    with pytest.raises(StudentError, match="wrong"):
        ask(run, say, "wrong")
    assert ask(run, say, "b") == "b"


@pytest.mark.parametrize(("word", "failure"), [("never", TimedOut), ("end", ProcessCrashed)])
def test_answers_before_the_end_of_the_process_count(
    run: StudentProcess, word: str, failure: type[Exception]
) -> None:
    say = begin(run, "a", "b", word, "c")
    assert [ask(run, say, "a"), ask(run, say, "b")] == ["a", "b"]
    with pytest.raises(failure):
        ask(run, say, word)
    assert not run.needs_rerun
    run.begin_test(2)
    assert ask(run, lookup(run), "d") == "d"


def test_a_process_that_ends_when_nobody_listens_costs_nothing_more(run: StudentProcess) -> None:
    say = begin(run, "a", "end")
    ask(run, say, "a")
    run.end_test()
    assert ask(run, lookup(run), "d") == "d"
    assert not run.needs_rerun


def test_an_unexpected_question_is_noticed(run: StudentProcess) -> None:
    say = begin(run, "a", "b")
    ask(run, say, "a")
    with pytest.raises(ProcessCrashed, match="no other submission"):
        ask(run, say, "c")
    assert run.needs_rerun


def test_a_test_that_begins_otherwise_asks_one_by_one(run: StudentProcess) -> None:
    say = begin(run, "a", "b")
    assert [ask(run, say, "c"), ask(run, say, "a")] == ["c", "a"]
    assert run.request("call", run.request("get", None, "seen"), [], {}) == ["c", "a"]
    assert not run.needs_rerun


def test_questions_beyond_the_series_are_asked_one_by_one(run: StudentProcess) -> None:
    say = begin(run, "a")
    assert [ask(run, say, "a"), ask(run, say, "b")] == ["a", "b"]
    assert not run.needs_rerun


def test_questions_with_tables_and_nan_are_compared_as_they_are_sent(run: StudentProcess) -> None:
    lookup(run)
    same = run.request("get", None, "same")
    tables = [pd.DataFrame({"a": [number, float("nan")]}) for number in (1.0, 2.0)]
    questions: list[Question] = [[("call", (same, [table.copy()], {}))] for table in tables]
    run.begin_test(0, "", Series(0, "", [[("get", (None, "same"))], *questions]))
    assert run.request("get", None, "same").type == "function"
    for table in tables:
        pd.testing.assert_frame_equal(run.request("call", same, [table], {}), table)
    assert not run.needs_rerun
