"""A rehearsal foretells exactly what the tests see in the real exam."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.course import Assignment
from autograder.diagnosis.misconceptions import Variant, load_library, pairs, singles
from autograder.diagnosis.observations import Seen, Trace, agrees, hints_kept
from autograder.grading.explainer import PATIENCE
from autograder.grading.recording import AT_ONCE, Look, Questions, ScriptExam, rehearse
from autograder.grading.session import Exam, Paper, limits_of, task_marker
from autograder.grading.suite_run import hold_exam
from autograder.sandbox.execution_errors import SubmissionFault
from autograder.sandbox.student_process import Run
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Ref
from autograder.submission import Submission

SEED = "rehearsal"
TASKS = ("gradients", "forward", "step")
EVERY_SO_MANY_PAIRS = 100


class OwnTasks(Exam):
    """An exam without the tests that no misconception is tried on."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if task_marker(item)[0] in TASKS]
        super().pytest_collection_modifyitems(items)


@pytest.fixture(scope="module")
def solution(assignment: Assignment) -> str:
    return load_library(assignment.suite_folder)[0]


@pytest.fixture(scope="module")
def variants(assignment: Assignment) -> list[Variant]:
    """Return every misconception in each of its ways, and some pairs."""
    solution, library = load_library(assignment.suite_folder)
    return [
        *singles(solution, library),
        *list(pairs(solution, library))[::EVERY_SO_MANY_PAIRS],
    ]


@pytest.fixture(scope="module")
def script(assignment: Assignment, warm: WarmProcess, solution: str) -> dict[str, Questions]:
    limits, _ = limits_of(assignment)
    paper = Paper(Submission("reference", Path()), (solution,))
    exam = ScriptExam(assignment, paper, SEED, lambda cells: Run(warm, cells, limits, PATIENCE))
    hold_exam(exam)
    assert {result.outcome for result in paper.results} == {"passed"}
    return exam.script


def rehearsed(
    assignment: Assignment, warm: WarmProcess, script: dict[str, Questions], sources: Sequence[str]
) -> list[dict[str, Trace]]:
    run = Run(warm, (), limits_of(assignment)[0], PATIENCE)
    try:
        run.execute()
        return rehearse(run, script, sources)
    finally:
        run.close()


@pytest.fixture(scope="module")
def foretold(
    assignment: Assignment,
    warm: WarmProcess,
    script: dict[str, Questions],
    solution: str,
    variants: list[Variant],
) -> list[dict[str, Trace]]:
    """Return what the tests would see of the reference and of each variant."""
    sources = [solution, *(variant.source for variant in variants)]
    return rehearsed(assignment, warm, script, sources)


@pytest.fixture(scope="module")
def papers(
    assignment: Assignment, warm: WarmProcess, solution: str, variants: list[Variant]
) -> list[Paper]:
    """Return the papers of the reference and of each variant after a real exam."""
    sources = [solution, *(variant.source for variant in variants)]
    papers = [Paper(Submission(str(n), Path()), (source,)) for n, source in enumerate(sources)]
    hold_exam(OwnTasks(assignment, papers, SEED, warm))
    return papers


def test_what_is_foretold_is_what_each_test_sees(
    papers: list[Paper], foretold: list[dict[str, Trace]], variants: list[Variant]
) -> None:
    names = ["reference", *(variant.name for variant in variants)]
    compared = 0
    for name, paper, expected in zip(names, papers, foretold, strict=True):
        for result in paper.results:
            trace, passed = paper.traces[result.name], result.outcome == "passed"
            assert agrees(trace, expected[result.name], passed=passed), (name, result.name)
            compared += 1
    assert compared == len(papers) * 16


def test_exceptions_and_hints_are_foretold_to_the_letter(
    papers: list[Paper], foretold: list[dict[str, Trace]]
) -> None:
    exceptions = 0
    for paper, expected in zip(papers, foretold, strict=True):
        for name, trace in paper.traces.items():
            soft = [seen for seen in trace if seen.kind in ("hint", "raised")]
            exceptions += sum(seen.kind == "raised" for seen in soft)
            assert hints_kept(trace, expected[name]) == len(soft)
    assert exceptions > 100


def test_the_reference_is_foretold_to_the_end_without_an_exception(
    script: dict[str, Questions], foretold: list[dict[str, Trace]]
) -> None:
    for name, trace in foretold[0].items():
        assert len(trace) == len(script[name].looks)
        assert {seen.kind for seen in trace} <= {"number", "numbers", "values", "array", "hint"}


def test_no_two_single_misconceptions_look_the_same_to_hints_and_tests(
    foretold: list[dict[str, Trace]], variants: list[Variant]
) -> None:
    alone = [
        (variant, traces)
        for variant, traces in zip(variants, foretold[1:], strict=True)
        if len(variant.misconceptions) == 1
    ]
    for index, (one, seen) in enumerate(alone):
        for other, others in alone[index + 1 :]:
            if one.failing == other.failing and one.name != other.name:
                assert not all(
                    agrees(seen[name], others[name], passed=True)
                    and hints_kept(seen[name], others[name])
                    == sum(part.kind in ("hint", "raised") for part in seen[name])
                    for name in seen
                ), (one.name, other.name)


# the script


def test_the_script_has_each_test(script: dict[str, Questions]) -> None:
    assert [part.place for part in script.values()] == list(range(19))
    assert {part.task for part in script.values()} == {*TASKS, "convergence"}


def test_a_child_is_told_which_answers_are_wanted_and_none_of_the_answers(
    script: dict[str, Questions],
) -> None:
    for part in script.values():
        told = part.for_child()
        assert {wanted for _, _, wanted in told} <= {"yes", "no", "always"}
        assert not told or any(wanted != "no" for _, _, wanted in told)
        assert all(only_kept_objects(answer) for _, answer, _ in told)


def only_kept_objects(answer: object) -> bool:
    if isinstance(answer, list):
        return all(map(only_kept_objects, answer))
    return answer is None or isinstance(answer, Ref)


def test_every_look_is_at_an_answer_that_came_before_it(script: dict[str, Questions]) -> None:
    for part in script.values():
        for look in part.looks:
            assert look.question is not None
            assert 0 <= look.question < look.after <= len(part.asked)


def test_more_solutions_than_fit_in_a_message_are_all_answered(
    assignment: Assignment, warm: WarmProcess, script: dict[str, Questions], solution: str
) -> None:
    one = {"test_headline": script["test_headline"]}
    found = rehearsed(assignment, warm, one, [solution] * (AT_ONCE + 1))
    assert len(found) == AT_ONCE + 1
    assert all(traces == found[0] for traces in found)
    assert rehearsed(assignment, warm, one, []) == []


def test_a_solution_that_ends_the_child_is_a_fault(
    assignment: Assignment, warm: WarmProcess, script: dict[str, Questions]
) -> None:
    with pytest.raises(SubmissionFault):
        rehearsed(assignment, warm, script, ["import os\nos._exit(1)"])


# from answers to a trace

HINT, FIRST, SECOND = Look(1, "hint", 0), Look(1, "number", 0), Look(2, "number", 1)
ERROR = {"type": "ValueError", "message": "no", "where": None}


def found(*answers: object, answered: int | None = None, error: object = None) -> dict[str, object]:
    last = len(answers) if answered is None else answered
    return {"answers": list(answers), "answered": last, "error": error}


def questions(*looks: Look) -> Questions:
    return Questions("task", 0, [([], None)] * 2, list(looks))


def test_a_trace_holds_what_was_looked_at_in_that_order() -> None:
    trace = questions(FIRST, SECOND).trace(found(1.0, 2.0))
    assert trace == (Seen("number", 1.0), Seen("number", 2.0))


def test_after_an_exception_there_is_the_exception_and_nothing_but_hints() -> None:
    raised = Seen("raised", ("ValueError", "no"))
    assert questions(FIRST, SECOND).trace(found(1.0, answered=1, error=ERROR)) == (
        Seen("number", 1.0),
        raised,
    )
    later = Look(2, "hint", 1)
    assert questions(FIRST, later).trace(found(None, 5.0, answered=0, error=ERROR)) == (
        Seen("hint", 5.0),
        raised,
    )
    assert questions(FIRST, later).trace(found(answered=0, error=ERROR)) == (raised,)


def test_an_exception_in_a_question_leaves_no_hint_of_its_answer() -> None:
    raised = Seen("raised", ("ValueError", "no"))
    trace = questions(HINT, SECOND).trace(found(None, answered=0, error=ERROR))
    assert trace == (raised,)


def test_a_part_of_an_answer_that_is_not_there_ends_the_trace() -> None:
    inner = Look(1, "number", 0, (1,))
    assert questions(HINT, inner, SECOND).trace(found((1.0, 7.0), 2.0)) == (
        Seen("hint", (1.0, 7.0)),
        Seen("number", 7.0),
        Seen("number", 2.0),
    )
    for short in ((1.0,), None, 3.0):
        assert questions(inner, SECOND).trace(found(short, 2.0)) == ()


def test_of_what_no_answer_holds_nothing_is_known() -> None:
    trace = questions(Look(1, "number", None)).trace(found(1.0, 2.0))
    assert trace == (Seen("unknown", None),)
