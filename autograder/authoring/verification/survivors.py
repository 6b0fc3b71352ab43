"""Finds the wrong answers that keep all points although they differ from the reference."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

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
    code, _ = library_of(course, assignment)
    solution = SourceNotebook(course, assignment).solution
    right = ["\n".join(case.cells) for case in accepted_answers(assignment)]
    equivalent, found = set[Case](), dict[Case, str]()
    with (
        WarmProcess(assignment.preload) as warm,
        closing(
            Comparison(assignment, hidden_seed(course), warm, code, solution, right)
        ) as comparison,
    ):
        suggestions = None
        if suggest:
            seed, reference = hidden_seed(course), comparison.reference
            suggestions = Suggestions(assignment, seed, warm, code, reference)
        for case in kept:
            evidence = comparison.evidence(case.cells[0])
            if evidence is None:
                equivalent.add(case)
            else:
                one = survivor(case.cells[0], evidence, comparison, assignment.suite_folder)
                text = f"{case.kind} {case.name} keeps all points.\n{case.diff}{one.text}"
                if suggestions is not None:
                    text += _proposed(suggestions.suggestion(one, case.cells[0]))
                found[case] = text
            progress(1)
    return Judged(frozenset(equivalent), tuple(found), tuple(found.values()))


def _proposed(test: str) -> str:
    """Return what is said about a test that was looked for."""
    if not test:
        return "\n\nNo test was found that catches it."
    return (
        "\n\nThis test catches it, and the reference passes. Take its point from another test of "
        f"the task:\n\n{test}\n"
    )
