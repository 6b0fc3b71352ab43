"""Precomputed signatures name the same mistakes as the library they were computed from."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Assignment
from autograder.diagnosis.matching import Lookup
from autograder.diagnosis.misconception import Variant, singles
from autograder.diagnosis.signatures import PrecomputedLookup, as_json, read_signatures
from autograder.grading.explainer import Explainer
from autograder.grading.session import Attempt
from autograder.record import TaskScore, by_task
from autograder.selfcheck.in_process import NamespaceProcess, namespace_of
from autograder.selfcheck.public_session import PublicSession, run_public_session
from autograder.submission import Submission
from autograder.suites import PUBLIC_SEED
from tests.corpus.reference import LIBRARY, SOLUTION

pytestmark = [
    pytest.mark.slow,  # every pair of mistakes
    pytest.mark.filterwarnings("ignore"),  # wrong code is warned about
]


@pytest.fixture(scope="module")
def explainer(assignment: Assignment) -> Explainer:
    return Explainer(assignment, PUBLIC_SEED, namespace_of, run_public_session, solution=SOLUTION)


@pytest.fixture(scope="module")
def precomputed(
    explainer: Explainer, tmp_path_factory: pytest.TempPathFactory
) -> PrecomputedLookup:
    pairs = {task: explainer.pairs(task) for task in explainer.known.singles}
    file = tmp_path_factory.mktemp("precomputed") / "signatures.json"
    file.write_text(as_json(explainer.known, pairs, explainer.tests()), encoding="utf-8")
    return read_signatures(file)


@pytest.fixture(scope="module")
def variants(assignment: Assignment, explainer: Explainer) -> list[Variant]:
    """Return every single misconception, and some of the pairs."""
    solution, library = SOLUTION, LIBRARY
    pairs = [pair.variant for task in explainer.known.singles for pair in explainer.pairs(task)]
    return [*singles(solution, library), *pairs[::30]]


@pytest.fixture(scope="module")
def attempts(assignment: Assignment, variants: list[Variant]) -> list[Attempt]:
    """Put the public tests to every variant."""
    attempts = [
        Attempt(Submission(f"{number}", Path()), (variant.source,))
        for number, variant in enumerate(variants)
    ]

    def begin(attempt: Attempt) -> NamespaceProcess:
        names: dict[str, object] = {}
        exec(attempt.cells[0], names)
        return NamespaceProcess(names, everything=True)

    run_public_session(PublicSession(assignment, attempts, begin))
    return attempts


def explained(lookup: Lookup, attempt: Attempt, assignment: Assignment) -> tuple[TaskScore, ...]:
    tasks = by_task(attempt.results, [(task.name, task.points) for task in assignment.tasks])
    return lookup.explain(tasks, attempt.traces)


def test_every_mistake_is_named_and_told_the_same(
    attempts: list[Attempt],
    explainer: Explainer,
    precomputed: PrecomputedLookup,
    assignment: Assignment,
) -> None:
    named = 0
    for attempt in attempts:
        known = explained(explainer, attempt, assignment)
        from_file = explained(precomputed, attempt, assignment)
        assert [task.findings for task in from_file] == [task.findings for task in known]
        assert [task.misconceptions for task in from_file] == [t.misconceptions for t in known]
        named += any(task.misconceptions for task in known)
    assert named > 130


def test_no_change_to_the_solution_is_stored(precomputed: PrecomputedLookup) -> None:
    variants = [one.variant for some in precomputed.known.singles.values() for one in some]
    assert {variant.source for variant in variants} == {""}
    assert {m.ways for variant in variants for m in variant.misconceptions} == {()}
