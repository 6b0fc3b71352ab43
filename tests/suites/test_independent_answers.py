"""Answers of people who knew the notebook alone are judged rightly, and their mistakes named.

`python -m tools.naming` prints the same tables as the documentation shows.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

from tests.conftest import ROOT
from tools.naming import holds, shares, table
from tools.trials import OTHERS, Trial, trial

LEAST_RIGHT, LEAST_WRONG = 20, 30
LEAST_NAMED = 0.75

Tried = Callable[[str], Trial]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Return a function that returns what was tried in an assignment. It is graded once."""
    known: dict[str, Trial] = {}

    def of(name: str) -> Trial:
        if name not in known:
            known[name] = trial(name, tmp_path_factory.mktemp(name))
        return known[name]

    return of


@pytest.mark.parametrize("name", OTHERS)
def test_there_are_enough_answers(name: str) -> None:
    corpus = import_module(f"tests.corpus.level2.{name}.independent")
    assert len(corpus.RIGHT) >= LEAST_RIGHT
    assert len(corpus.WRONG) >= LEAST_WRONG
    names = [one.name for one in (*corpus.RIGHT, *corpus.WRONG)]
    assert len({*names}) == len(names)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_right_answers_get_all_points_and_no_name(name: str, tried: Tried) -> None:
    for record in tried(name).without["right"]:
        assert (record.student, record.score, record.error) == (record.student, 100, None)
        assert not any(task.explained for task in record.tasks)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_wrong_answers_lose_points_in_their_own_task_alone(name: str, tried: Tried) -> None:
    lost = {
        one.mistake: ({t.name for t in one.record.tasks if t.score < t.max_score}, one.tasks)
        for one in tried(name).attempts
    }
    assert {mistake: pair for mistake, pair in lost.items() if pair[0] != pair[1]} == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_most_mistakes_get_a_true_name_and_hardly_any_a_wrong_one(name: str, tried: Tried) -> None:
    found = tried(name)
    assert holds(found)
    assert shares(found)[0] >= LEAST_NAMED * len(found.mistakes)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_the_documentation_shows_what_the_command_prints(name: str, tried: Tried) -> None:
    page = (ROOT / "docs/maintainer/naming.md").read_text("utf-8")
    shown = [line.rstrip() for line in page.splitlines()]
    printed = table(tried(name)).splitlines()
    start = shown.index(name) + 1
    assert shown[start : start + len(printed)] == printed
