"""Finds the wrong answers that keep all points although they differ from the reference."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context

from autograder.authoring.verification.advice import survivor
from autograder.authoring.verification.cases import (
    Case,
    Progress,
    Row,
    accepted_answers,
    library_of,
)
from autograder.authoring.verification.equivalence import Comparison
from autograder.authoring.verification.suggestions import Suggestions
from autograder.course import Assignment, Course, hidden_seed
from autograder.grading.pool import belong_to, shut_down
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook


@dataclass(frozen=True)
class Judged:
    """The wrong answers that keep all points: equivalent ones, survivors, and what to do."""

    equivalent: frozenset[Case] = frozenset()
    survivors: tuple[Case, ...] = ()
    problems: tuple[str, ...] = ()


def judge_survivors(
    rows: Sequence[Row],
    course: Course,
    assignment: Assignment,
    jobs: int,
    progress: Progress,
    *,
    suggest: bool,
) -> Judged:
    """Compare the mutants and the library's mistakes that keep all points with the reference."""
    kept = [
        case
        for case, record in rows
        if case.kind in ("mutant", "mistake") and record.score == record.max_score
    ]
    if not kept:
        return Judged()
    found = dict[Case, str]()
    with ExitStack() as stack:
        arguments = os.getpid(), course, assignment, suggest
        context = get_context("fork")
        pool = ProcessPoolExecutor(min(jobs, len(kept)), context, _start_judge, arguments)
        stack.push(partial(shut_down, pool))
        for case, text in zip(kept, pool.map(_judged_here, kept), strict=True):
            if text:
                found[case] = text
            progress(1)
    equivalent = frozenset(case for case in kept if case not in found)
    return Judged(equivalent, tuple(found), tuple(found.values()))


class _Judge:
    """Compares wrong answers with the reference, whose answers it keeps."""

    def __init__(self, course: Course, assignment: Assignment, suggest: bool) -> None:
        self._folder, seed = assignment.suite_folder, hidden_seed(course)
        self._open = ExitStack()  # until this process ends
        warm = self._open.enter_context(WarmProcess(assignment.preload))
        code, _ = library_of(course, assignment)
        solution = SourceNotebook(course, assignment).solution
        right = ["\n".join(case.cells) for case in accepted_answers(assignment)]
        self._comparison = Comparison(assignment, seed, warm, code, solution, right)
        self._suggestions = None
        if suggest:
            reference = self._comparison.reference
            self._suggestions = Suggestions(assignment, seed, warm, code, reference)

    def problem(self, case: Case) -> str:
        """Return what is wrong if a case keeps all points, "" if it is equivalent."""
        code = case.cells[0]
        evidence = self._comparison.evidence(code)
        if evidence is None:
            return ""
        one = survivor(code, evidence, self._comparison, self._folder)
        text = f"{case.kind} {case.name} keeps all points.\n{case.diff}{one.text}"
        if self._suggestions is not None:
            text += _proposed(self._suggestions.suggestion(one, code))
        return text


_judge: Callable[[], _Judge]  # of this worker process, which ends its warm process


def _start_judge(parent: int, course: Course, assignment: Assignment, suggest: bool) -> None:
    global _judge
    belong_to(parent)
    _judge = cache(partial(_Judge, course, assignment, suggest))


def _judged_here(case: Case) -> str:
    return _judge().problem(case)


def _proposed(test: str) -> str:
    """Return what is said about a test that was looked for."""
    if not test:
        return "\n\nNo test was found that catches it."
    return (
        "\n\nThis test catches it, and the reference passes. Take its point from another test of "
        f"the task:\n\n{test}\n"
    )
