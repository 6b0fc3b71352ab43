"""What is learned of variants: of a failed test, no more than tells them from a submission."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.course import Assignment
from autograder.diagnosis.matching import Signature
from autograder.diagnosis.misconception import Misconception, Variant
from autograder.diagnosis.observations import Observation, Trace
from autograder.grading.recording import Questions, RecordedObservation
from autograder.grading.replays import Replays
from autograder.grading.suite_run import run_session


class Answering:
    """Answers each question with its number, and counts the questions."""

    is_local = False

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []  # solutions and questions

    def begin_test(self, index: int) -> None:
        pass

    def request_alone(
        self, _: str, reference: str, sources: list[str], parts: Any, limit: Any
    ) -> Any:
        self.asked.append((len(sources), sum(map(len, parts))))
        return [[self.answers(len(part)) for part in parts] for _ in sources]

    def answers(self, count: int) -> dict[str, Any]:
        state = {"answered": count, "error": None, "stopped": False, "seconds": 0.1}
        return {"answers": [float(number) for number in range(count)], **state}


def questions(*after: int, count: int = 4, fixtures: tuple[str, ...] = ()) -> Questions:
    seen = [RecordedObservation(one, "number", one - 1) for one in after]
    return Questions("task", 0, [([], 0.0)] * count, seen, fixtures)


def replays(assignment: Assignment, **recording: Questions) -> tuple[Replays, Answering]:
    process = Answering()
    found = Replays(assignment, "seed", lambda _: process, run_session, "pass", None)  # type: ignore[arg-type,return-value]
    vars(found).update(recording=recording, _process=process)
    return found, process


def variants(count: int) -> list[Signature]:
    one = Misconception("m", "task", (), "", "", "")
    return [
        Signature(Variant((one,), f"def f():\n    return {index}"), {}) for index in range(count)
    ]


def numbers(*values: float) -> Trace:
    return tuple(Observation("number", value) for value in values)


ALL = Observation("answers", [])


@pytest.mark.parametrize(
    ("trace", "beginnings"),
    [
        (numbers(9), [(1, 1)]),
        (numbers(0, 9), [(1, 1), (3, 2)]),
        (numbers(0, 2, 9), [(1, 1)]),  # and then all questions
        ((), []),
        (numbers(0, 1, 2, 3), []),
        ((*numbers(0), ALL), []),  # it failed although all answers were right
    ],
)
def test_questions_are_asked_up_to_the_first_answer_and_then_up_to_the_last(
    assignment: Assignment, trace: Trace, beginnings: list[tuple[int, int]]
) -> None:
    found, _ = replays(assignment, test=questions(1, 3, 4))
    assert list(found.beginnings("test", trace)) == beginnings


def test_what_a_fixture_observed_comes_before(assignment: Assignment) -> None:
    made = questions(1, 2)
    found, _ = replays(assignment, made=made, test=questions(1, 3, fixtures=("made",)))
    assert list(found.beginnings("test", numbers(0, 9))) == []  # the fixture failed it
    assert list(found.beginnings("test", numbers(0, 1, 0, 9))) == [(1, 3), (3, 4)]


def test_a_beginning_is_learned_once(assignment: Assignment) -> None:
    found, process = replays(assignment, test=questions(1, 3))
    some = variants(2)
    found.of_reference("task")
    process.asked.clear()
    for count in (1, 1, 3, 1):
        found.begin(some, "test", count)
    assert process.asked == [(2, 1), (2, 3)]
    assert [one.begun["test"][0] for one in some] == [3, 3]
    assert [seen.value for seen in some[0].begun["test"][1][:2]] == [0.0, 2.0]


def test_what_is_known_of_the_whole_test_is_not_learned_again(assignment: Assignment) -> None:
    found, process = replays(assignment, test=questions(1, 3))
    some = variants(2)
    assert found.unknown_seconds(some, "test") == pytest.approx(0.2)
    assert found.unknown_seconds(some, "test", first=1) == pytest.approx(0.05)
    found.complete(some[:1], "test")
    process.asked.clear()
    found.begin(some, "test", 1)
    assert process.asked == [(1, 1)]
    assert found.unknown_seconds(some, "test", first=1) == 0.0
    assert found.unknown_seconds(some, "test") == pytest.approx(0.1)
    assert [one for one, _ in found.beginning(some, "test", numbers(9))] == some
    assert process.asked == [(1, 1)]
