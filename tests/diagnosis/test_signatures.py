"""What was learnt by heart names the same mistakes as the library it was learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Assignment
from autograder.diagnosis.lookup import Lookup
from autograder.diagnosis.misconceptions import Variant, load_library, singles
from autograder.diagnosis.signatures import Learnt, as_json, read_learnt
from autograder.grading.explainer import Explainer
from autograder.grading.session import Paper
from autograder.record import TaskScore, by_task
from autograder.selfcheck.namespace import LiveRun
from autograder.selfcheck.public_session import LocalExam, hold_public_exam, public_assignment
from autograder.selfcheck.suite_explainer import explainer_of
from autograder.submission import Submission

pytestmark = pytest.mark.filterwarnings("ignore")  # wrong code is warned about


@pytest.fixture(scope="module")
def explainer(assignment: Assignment) -> Explainer:
    return explainer_of(public_assignment(assignment), hold_public_exam)


@pytest.fixture(scope="module")
def learnt(explainer: Explainer, tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    pairs = {task: explainer.pairs(task) for task in explainer.known.singles}
    file = tmp_path_factory.mktemp("learnt") / "learnt.json"
    file.write_text(as_json(explainer.known, pairs, explainer.tests()), encoding="utf-8")
    return read_learnt(file)


@pytest.fixture(scope="module")
def variants(assignment: Assignment, explainer: Explainer) -> list[Variant]:
    """Return every single misconception, and some of the pairs."""
    solution, library = load_library(assignment.suite_folder)
    pairs = [pair.variant for task in explainer.known.singles for pair in explainer.pairs(task)]
    return [*singles(solution, library), *pairs[::30]]


@pytest.fixture(scope="module")
def papers(assignment: Assignment, variants: list[Variant]) -> list[Paper]:
    """Put the public tests to every variant."""
    papers = [
        Paper(Submission(f"{number}", Path()), (variant.source,))
        for number, variant in enumerate(variants)
    ]

    def begin(paper: Paper) -> LiveRun:
        names: dict[str, object] = {}
        exec(paper.cells[0], names)
        return LiveRun(names, everything=True)

    hold_public_exam(LocalExam(assignment, papers, begin))
    return papers


def explained(lookup: Lookup, paper: Paper, assignment: Assignment) -> tuple[TaskScore, ...]:
    tasks = by_task(paper.results, [(task.name, task.points) for task in assignment.tasks])
    return lookup.explain(tasks, paper.traces)


def test_every_mistake_is_named_and_told_the_same(
    papers: list[Paper], explainer: Explainer, learnt: Learnt, assignment: Assignment
) -> None:
    named = 0
    for paper in papers:
        known = explained(explainer, paper, assignment)
        by_heart = explained(learnt, paper, assignment)
        assert [task.findings for task in by_heart] == [task.findings for task in known]
        assert [task.misconceptions for task in by_heart] == [t.misconceptions for t in known]
        named += any(task.misconceptions for task in known)
    assert named > 130


def test_no_change_to_the_solution_is_learnt(learnt: Learnt) -> None:
    variants = [one.variant for some in learnt.known.singles.values() for one in some]
    assert {variant.source for variant in variants} == {""}
    assert {m.ways for variant in variants for m in variant.misconceptions} == {()}
