"""A replay observes exactly what the tests observe in a real test session."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Course
from autograder.diagnosis.misconception import Variant, pairs, singles
from autograder.diagnosis.observations import Observation, Trace, agrees, weak_agreement
from autograder.grading.explainer import REFERENCE_LIMITS, explainer
from autograder.grading.recording import (
    BATCH_SIZE,
    STOPPED,
    Questions,
    RecordedObservation,
    RecordingSession,
    _where,
    replay,
    trace_of,
)
from autograder.grading.session import Attempt, TestSession, limits_of, task_marker
from autograder.grading.suite_run import run_session
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Callback, Ref
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from tests.corpus.reference import LIBRARY, SOLUTION

SEED = "replay"
TASKS = ("gradients", "forward", "step")
ASK_REFERENCE = {
    *("test_headline", "test_derivative_in_a", "test_derivative_in_b", "test_product"),
    *("test_weight_is_updated", "test_bias_is_updated", "test_loss_before_the_update"),
}
EVERY_NTH_PAIR = 300


class OwnTasks(TestSession):
    """A test session without the tests of tasks that have no misconceptions."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if task_marker(item)[0] in TASKS]
        super().pytest_collection_modifyitems(items)


@pytest.fixture(scope="module")
def solution(assignment: Assignment) -> str:
    return SOLUTION


@pytest.fixture(scope="module")
def variants(assignment: Assignment) -> list[Variant]:
    """Return every misconception in each of its ways, and some pairs."""
    solution, library = SOLUTION, LIBRARY
    return [
        *singles(solution, library),
        *list(pairs(solution, library))[::EVERY_NTH_PAIR],
    ]


@pytest.fixture(scope="module")
def recording(
    course: Course, assignment: Assignment, warm: WarmProcess, solution: str
) -> dict[str, Questions]:
    limits, _ = limits_of(assignment)
    attempt = Attempt(Submission("reference", Path()), (solution,))
    session = RecordingSession(
        assignment,
        attempt,
        SEED,
        lambda cells: StudentProcess(warm, cells, limits, REFERENCE_LIMITS),
        explainer(assignment, SEED, warm, SourceNotebook(course, assignment).solution).reference,
    )
    run_session(session)
    assert {result.outcome for result in attempt.results} == {"passed"}
    return session.recording


def replayed_traces(
    assignment: Assignment,
    warm: WarmProcess,
    recording: dict[str, Questions],
    sources: Sequence[str],
) -> list[dict[str, Trace]]:
    run = StudentProcess(warm, (), limits_of(assignment)[0], REFERENCE_LIMITS)
    try:
        run.execute()
        found = replay(run, recording, "", sources)
        return [{name: seen.trace for name, seen in one.items()} for one in found]
    finally:
        run.close()


@pytest.fixture(scope="module")
def replayed(
    assignment: Assignment,
    warm: WarmProcess,
    recording: dict[str, Questions],
    solution: str,
    variants: list[Variant],
) -> list[dict[str, Trace]]:
    """Return what the tests would observe of the reference and of each variant."""
    sources = [solution, *(variant.source for variant in variants)]
    return replayed_traces(assignment, warm, recording, sources)


@pytest.fixture(scope="module")
def attempts(
    assignment: Assignment, warm: WarmProcess, solution: str, variants: list[Variant]
) -> list[Attempt]:
    """Return the attempts of the reference and of each variant in a real test session."""
    sources = [solution, *(variant.source for variant in variants)]
    attempts = [Attempt(Submission(str(n), Path()), (source,)) for n, source in enumerate(sources)]
    run_session(OwnTasks(assignment, attempts, SEED, warm))
    return attempts


@pytest.mark.slow
def test_a_replay_observes_what_each_test_observes(
    attempts: list[Attempt], replayed: list[dict[str, Trace]], variants: list[Variant]
) -> None:
    names = ["reference", *(variant.name for variant in variants)]
    compared = 0
    for name, attempt, expected in zip(names, attempts, replayed, strict=True):
        for result in attempt.results:
            trace, passed = attempt.traces[result.name], result.outcome == "passed"
            assert agrees(trace, expected[result.name], passed=passed), (name, result.name)
            compared += 1
    assert compared == len(attempts) * 16


@pytest.mark.slow
def test_a_replay_has_the_same_exceptions_and_weak_observations(
    attempts: list[Attempt], replayed: list[dict[str, Trace]]
) -> None:
    exceptions = 0
    for attempt, expected in zip(attempts, replayed, strict=True):
        for name, trace in attempt.traces.items():
            weak = [seen for seen in trace if seen.kind in ("weak", "raised")]
            exceptions += sum(seen.kind == "raised" for seen in weak)
            assert weak_agreement(trace, expected[name]) == len(weak)
    assert exceptions > 100


def test_the_reference_is_replayed_to_the_end_without_an_exception(
    assignment: Assignment, warm: WarmProcess, recording: dict[str, Questions], solution: str
) -> None:
    (replayed,) = replayed_traces(assignment, warm, recording, [solution])
    for name, trace in replayed.items():
        parts = [recording[part] for part in (*recording[name].fixtures, name)]
        observed = [seen for part in parts for seen in part.observations]
        assert trace[-1].kind == "answers"
        for found, seen in zip(trace[:-1], observed, strict=True):
            assert found.kind == ("unknown" if seen.question is None else seen.kind)
            assert found.kind != "raised"


@pytest.mark.slow
def test_observations_distinguish_all_single_misconceptions(
    replayed: list[dict[str, Trace]], variants: list[Variant]
) -> None:
    alone = [
        (variant, traces)
        for variant, traces in zip(variants, replayed[1:], strict=True)
        if len(variant.misconceptions) == 1
    ]
    for index, (one, seen) in enumerate(alone):
        for other, others in alone[index + 1 :]:
            if one.failing == other.failing and one.name != other.name:
                assert not all(
                    agrees(seen[name], others[name], passed=True)
                    and weak_agreement(seen[name], others[name])
                    == sum(part.kind in ("weak", "raised") for part in seen[name])
                    for name in seen
                ), (one.name, other.name)


# the recording


def test_the_recording_has_each_test(recording: dict[str, Questions]) -> None:
    tests = [part for part in recording.values() if part.is_test]
    assert sorted(part.test_index for part in tests) == list(range(19))
    assert {part.task for part in recording.values()} == {*TASKS, "convergence"}


def test_a_child_gets_which_answers_are_wanted_but_no_answers(
    recording: dict[str, Questions],
) -> None:
    for part in recording.values():
        told = part.for_child()
        assert {wanted for _, _, wanted in told} <= {"yes", "no", "always"}
        assert not told or any(wanted != "no" for _, _, wanted in told)
        assert all(only_references(answer) for _, answer, _ in told)


def only_references(answer: object) -> bool:
    if isinstance(answer, list):
        return all(map(only_references, answer))
    return answer is None or isinstance(answer, Ref)


def test_every_observation_is_of_an_earlier_answer(recording: dict[str, Questions]) -> None:
    for part in recording.values():
        for observe in part.observations:
            if observe.question is not None and not observe.fixture:
                assert 0 <= observe.question < observe.after <= len(part.asked)
    of_others = {
        name
        for name, part in recording.items()
        if part.is_test and None in [seen.question for seen in part.observations]
    }
    assert of_others == ASK_REFERENCE  # what it answers is no answer of the student's


def test_more_solutions_than_fit_in_a_message_are_all_answered(
    assignment: Assignment, warm: WarmProcess, recording: dict[str, Questions], solution: str
) -> None:
    one = {"test_headline": recording["test_headline"]}
    found = replayed_traces(assignment, warm, one, [solution] * (BATCH_SIZE + 1))
    assert len(found) == BATCH_SIZE + 1
    assert all(traces == found[0] for traces in found)
    assert replayed_traces(assignment, warm, one, []) == []


def test_a_solution_that_ends_the_child_is_an_execution_error(
    assignment: Assignment, warm: WarmProcess, recording: dict[str, Questions]
) -> None:
    with pytest.raises(ExecutionError):
        replayed_traces(assignment, warm, recording, ["import os\nos._exit(1)"])


# from answers to a trace

WEAK, FIRST, SECOND = (
    RecordedObservation(1, "weak", 0),
    RecordedObservation(1, "number", 0),
    RecordedObservation(2, "number", 1),
)
ERROR = {"type": "ValueError", "message": "no", "where": None}


def found(*answers: object, answered: int | None = None, error: object = None) -> dict[str, object]:
    last = len(answers) if answered is None else answered
    return {"answers": list(answers), "answered": last, "error": error, "stopped": False}


def questions(*observations: RecordedObservation) -> Questions:
    return Questions("task", 0, [([], None)] * 2, list(observations))


def traced(part: Questions, answers: dict[str, object]) -> Trace:
    """Return the trace of a test, without all its answers at the end."""
    *trace, _ = trace_of({"test": part}, "test", {"test": answers})
    return tuple(trace)


def test_a_trace_has_the_observations_in_order() -> None:
    trace = traced(questions(FIRST, SECOND), found(1.0, 2.0))
    assert trace == (Observation("number", 1.0), Observation("number", 2.0))


def test_an_observation_has_the_bound_and_the_tolerance_of_the_test() -> None:
    judged = RecordedObservation(1, "at least", 0, bound=0.9, tolerance=(0.0, 0.02))
    expected = Observation("at least", 1.0, bound=0.9, tolerance=(0.0, 0.02))
    assert traced(questions(judged), found(1.0)) == (expected,)


def test_what_is_observed_weakly_of_no_answer_stays_weak() -> None:
    of_none = RecordedObservation(1, "weak", None)
    trace = traced(questions(of_none, FIRST), found(1.0, 2.0))
    assert trace == (Observation("weak", None), Observation("number", 1.0))


def test_a_trace_ends_with_weak_observations_and_the_exception() -> None:
    raised = Observation("raised", ("ValueError", "no"))
    assert traced(questions(FIRST, SECOND), found(1.0, answered=1, error=ERROR)) == (
        Observation("number", 1.0),
        raised,
    )
    later = RecordedObservation(2, "weak", 1)
    assert traced(questions(FIRST, later), found(None, 5.0, answered=0, error=ERROR)) == (
        Observation("weak", 5.0),
        raised,
    )
    assert traced(questions(FIRST, later), found(answered=0, error=ERROR)) == (raised,)


def test_a_question_that_raises_leaves_no_weak_observation() -> None:
    raised = Observation("raised", ("ValueError", "no"))
    trace = traced(questions(WEAK, SECOND), found(None, answered=0, error=ERROR))
    assert trace == (raised,)
    part = RecordedObservation(2, "weak", 1, (0,))  # of an answer that raises again
    assert traced(questions(part, SECOND), found(None, None, answered=0, error=ERROR)) == (raised,)


def test_a_missing_part_of_an_answer_ends_the_trace() -> None:
    inner = RecordedObservation(1, "number", 0, (1,))
    assert traced(questions(WEAK, inner, SECOND), found((1.0, 7.0), 2.0)) == (
        Observation("weak", (1.0, 7.0)),
        Observation("number", 7.0),
        Observation("number", 2.0),
    )
    for short in ((1.0,), None, 3.0):
        trace = traced(questions(inner, SECOND), found(short, 2.0))
        assert trace == (Observation("form", short),)


def test_a_part_of_a_dictionary_is_found_by_its_key() -> None:
    answer: dict[object, Any] = {"w": [1.0, 2.5], 3: None}
    assert _where(answer["w"][1], [answer]) == (0, ("w", 1))
    part = RecordedObservation(1, "number", 0, ("w", 1))
    assert traced(questions(part), found(answer)) == (Observation("number", 2.5),)
    for other in ({"b": 1}, [1], None):
        assert traced(questions(part), found(other)) == (Observation("form", other),)


def test_an_observation_without_an_answer_is_unknown() -> None:
    trace = traced(questions(RecordedObservation(1, "number", None)), found(1.0, 2.0))
    assert trace == (Observation("unknown", None),)


def test_what_follows_a_call_with_a_function_of_the_suite_is_unknown() -> None:
    lends: list[tuple[str, Any]] = [
        ("call", (None, "minimize", [Callback(1, "<lambda>", in_reference=False)], {}))
    ]
    part = Questions("task", 0, [([], None), (lends, None)], [FIRST, SECOND])
    unknown, raised = Observation("unknown", None), Observation("raised", ("ValueError", "no"))
    trace = traced(part, found(1.0, answered=1, error=ERROR))
    assert trace == (Observation("number", 1.0), unknown)
    assert traced(part, found(answered=0, error=ERROR)) == (raised,)
    uses_it = Questions("task", 1, [([], None)] * 2, [FIRST, SECOND], fixtures=("trained",))
    recording = {"trained": part, "test": uses_it}
    answers = {
        "trained": found(1.0, answered=1, error=ERROR),
        "test": found(answered=0, error=ERROR),
    }
    assert trace_of(recording, "test", answers)[1:-1] == (unknown, unknown, unknown)


def test_a_trace_ends_with_all_answers_that_a_test_may_look_at() -> None:
    asked: list[tuple[list[Any], Any]] = [([], Ref(1, "Linear", False)), ([], 5.0), ([], 6.0)]
    part = Questions("task", 0, asked, [RecordedObservation(2, "number", 1)])
    answers = found(Ref(0, "Linear", False), 2.0, None, answered=2, error=ERROR)
    *_, last = trace_of({"test": part}, "test", {"test": answers})
    kinds = [seen.kind for seen in last.value]
    assert (last.kind, kinds, last.value[1].value) == ("answers", ["unknown", "values"], 2.0)


def test_what_took_too_long_agrees_with_nothing() -> None:
    answers = found() | {"stopped": True}
    assert trace_of({"test": questions(FIRST)}, "test", {"test": answers}) == STOPPED
    answers_only = (Observation("answers", [Observation("number", 1.0)]),)
    for trace in ((Observation("number", 1.0),), answers_only, ()):
        assert not agrees(trace, STOPPED, passed=False)


def test_the_time_of_a_test_is_also_that_of_its_fixtures() -> None:
    recording = {"made": questions(), "test": questions(FIRST)}
    recording["test"].fixtures = ("made",)

    class Answering:
        def request_alone(self, *_: Any) -> Any:
            return [[found() | {"seconds": 0.5}, found(1.0) | {"seconds": 0.25}]]

    recording["made"].is_test = False
    (seen,) = replay(Answering(), recording, "", ["solution"])  # type: ignore[arg-type]
    assert seen["test"].seconds == 0.75


def test_a_solution_that_takes_longer_than_it_may_is_stopped_and_no_other_one(
    assignment: Assignment, warm: WarmProcess, recording: dict[str, Questions], solution: str
) -> None:
    one = {"test_headline": recording["test_headline"]}
    endless = solution + "\n\ndef polynomial_gradients(*args):\n    while True:\n        pass\n"
    with closing(StudentProcess(warm, (), limits_of(assignment)[0], REFERENCE_LIMITS)) as process:
        process.execute()
        found = replay(process, one, "", [solution, endless, solution], limit=0.5)
    first, second, third = (seen["test_headline"] for seen in found)
    assert second.trace == STOPPED
    assert second.seconds > 0.1
    assert STOPPED != first.trace == third.trace
