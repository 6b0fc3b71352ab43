"""Questions replayed to code in one process: what is answered, and what an exception ends."""

from __future__ import annotations

import contextlib
import math
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.sandbox.worker.child import ReplayedCode
from autograder.sandbox.worker.replay import Questions, replay
from autograder.sandbox.worker.wire import Ref


class FakeChild:
    """Answers a batch with the value in it, or raises it."""

    def __init__(self) -> None:
        self.objects: dict[int, Any] = {}
        self.asked: list[Any] = []

    def restore(self, state: str) -> None:
        """It has no names to restore."""

    def batch(self, operations: list[tuple[str, tuple[Any, ...]]]) -> Any:
        (_, (value,)) = operations[-1]
        self.asked.append(value)
        if isinstance(value, BaseException):
            raise value
        return value


def question(value: Any, wanted: str = "yes", expected: Any = None) -> tuple[Any, Any, str]:
    return [("answer", (value,))], expected, wanted


def answers(*questions: Any, child: FakeChild | None = None) -> dict[str, Any]:
    (found,) = replay(child or FakeChild(), [list(questions)])
    return found


def test_only_what_is_wanted_is_answered() -> None:
    found = answers(question(1.0), question(2.0, "no"), question([3.0], "always"))
    assert (found["answers"], found["answered"]) == ([1.0, None, [3.0]], 3)
    assert (found["error"], found["stopped"]) == (None, False)
    assert found["seconds"] >= 0


def test_an_exception_ends_a_test_and_is_described() -> None:
    found = answers(question(1.0), question(ValueError("no")), question(3.0))
    assert (found["answers"], found["answered"]) == ([1.0, None], 1)
    assert (found["error"]["type"], found["error"]["message"]) == ("ValueError", "no")


def test_after_an_exception_questions_are_asked_up_to_the_last_that_always_is() -> None:
    found = answers(
        question(ValueError("first")),
        question(2.0, "no"),
        question(TypeError("second"), "always"),
        question(4.0, "always"),
        question(5.0),
    )
    assert (found["answers"], found["answered"]) == ([None, None, None, 4.0], 0)
    assert found["error"]["message"] == "first"


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), RecursionError()])
def test_whatever_is_raised_ends_no_more_than_the_test(error: BaseException) -> None:
    first, second = replay(FakeChild(), [[question(error)], [question(2.0)]])
    assert first["error"]["type"] == type(error).__name__
    assert (second["answers"], second["answered"], second["error"]) == ([2.0], 1, None)


def test_objects_are_stored_under_the_numbers_of_the_reference() -> None:
    child, model, inner = FakeChild(), object(), object()
    found = answers(
        question(model, expected=Ref(7, "object", callable=False)),
        question([1.0, (inner, 2.0)], expected=[None, [Ref(9, "object", callable=False), None]]),
        child=child,
    )
    assert child.objects == {7: model, 9: inner}
    assert found["answers"] == [
        Ref(0, "object", callable=False),
        [1.0, (Ref(0, "object", callable=False), 2.0)],
    ]


def test_an_answer_of_another_form_stores_what_it_can() -> None:
    child = FakeChild()
    ref = Ref(7, "object", callable=False)
    answers(
        question(5.0, expected=ref),
        question(None, expected=[ref]),
        question([], expected=[ref, None]),
        question([1.0, 2.0, 3.0], expected=[None, Ref(8, "object", callable=False)]),
        child=child,
    )
    assert child.objects == {7: 5.0, 8: 2.0}


def test_plain_data_come_back_as_they_are() -> None:
    plain = [None, True, 3, "text", math.inf, {"w": (1.0,)}]
    assert answers(question(plain))["answers"] == [plain]


# code outside a notebook


SHELL: Any = SimpleNamespace(collector=SimpleNamespace(start=lambda: None))


def test_a_piece_of_code_answers_for_itself_and_not_for_its_neighbour() -> None:
    ref = Ref(1, "function", callable=True)
    recording: list[Questions] = [
        [
            ([("get", (None, "f"))], ref, "no"),
            ([("call", (ref, [20], {}))], None, "yes"),
        ]
    ]
    sources = ("def f(x):\n    return x + 1\n", "n = 2\ndef f(x):\n    return n * x\n", "")
    found = [replay(ReplayedCode(SHELL, source, {}), recording)[0] for source in sources]
    assert [part["answers"][1:] for part in found] == [[21], [40], []]
    assert [part["answered"] for part in found] == [2, 2, 0]
    assert found[2]["error"]["type"] == "KeyError"


def test_a_test_that_takes_too_long_is_stopped_and_the_next_one_is_not() -> None:
    first, second = replay(Endless(), [[question(1.0), question("forever")], [question(2.0)]], 0.05)
    assert (first["stopped"], first["answers"]) == (True, [])
    assert (second["stopped"], second["answers"]) == (False, [2.0])


class Endless(FakeChild):
    def batch(self, operations: Any) -> Any:
        value = super().batch(operations)
        while value == "forever":
            with contextlib.suppress(Exception):
                value = str(value)
        return value
