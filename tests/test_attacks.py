"""Attacks gain no point, leave no trace and touch no other submission.

One class of honest and dishonest submissions is graded by the real command: once as the user
who runs the tests and, where that is root and the machine has a Python for others, once as an
ordinary user; and once with the first version of Landlock.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.record_size import MARK, MAX_BYTES
from autograder.sandbox.worker.child import Child
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import Command
from tests.corpus.attacked import (
    QUICK,
    TAKE_LONG,
    Outcome,
    graded_with_attackers,
    listening,
    new_class,
)
from tests.corpus.attacks import ATTACKS, HALF


@pytest.fixture(scope="module")
def as_an_ordinary_user() -> Iterator[Outcome]:
    folder = Path(f"/tmp/autograder-attacks-{os.getpid()}-ordinary")
    with listening() as canary, new_class(folder, ordinary_user=True) as classroom:
        if classroom is None:
            pytest.skip("not root, or no Python and checkout that an ordinary user may use")
        yield graded_with_attackers(classroom, canary)


@pytest.fixture(scope="module")
def all_attacks(command: Command) -> Iterator[Outcome]:
    folder = Path(f"/tmp/autograder-attacks-{os.getpid()}-all")
    with listening() as canary, new_class(folder) as classroom:
        assert classroom is not None
        yield graded_with_attackers(classroom, canary, command=command)


@pytest.fixture(scope="module")
def with_the_first_landlock() -> Iterator[Outcome]:
    folder = Path(f"/tmp/autograder-attacks-{os.getpid()}-first")
    with listening() as canary, new_class(folder, landlock=1) as classroom:
        assert classroom is not None
        yield graded_with_attackers(classroom, canary)


@pytest.fixture(
    scope="module",
    params=[
        "attacked",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("all_attacks", "as_an_ordinary_user", "with_the_first_landlock")
        ),
    ],
)
def outcome(request: pytest.FixtureRequest) -> Outcome:
    found: Outcome = request.getfixturevalue(request.param)
    return found


def test_the_corpus_of_attacks_is_large() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 60
    assert len(QUICK) >= (len(ATTACKS) - len(TAKE_LONG)) // 12


def test_what_attacks_replace_in_the_worker_exists() -> None:
    """Otherwise they would do nothing, and gain nothing for that reason."""
    cells = [cell for attack in ATTACKS for cell in attack.cells()]
    replaced = [name for cell in cells for name in re.findall(r"type\(child\)\.(\w+) =", cell)]
    assert len(replaced) >= 3
    assert [name for name in replaced if not hasattr(Child, name)] == []


def test_no_attack_gains_a_point(outcome: Outcome) -> None:
    baseline = outcome.together["worthless"]
    assert baseline["status"] == "graded"
    gained = {
        attack.name: outcome.together[attack.name]["score"]
        for attack in ATTACKS
        if attack.name in outcome.together
        and outcome.together[attack.name]["score"] > baseline["score"]
    }
    assert gained == {}
    half = outcome.together["half_worthless"]["score"]
    assert [outcome.together[attack.name]["score"] for attack in HALF] == [half] * len(HALF)


def test_every_attack_has_a_grade_and_no_grader_error(outcome: Outcome) -> None:
    assert {n: r["error"] for n, r in outcome.together.items() if r["status"] != "graded"} == {}


def test_honest_submissions_are_untouched(outcome: Outcome) -> None:
    assert {name: outcome.together[name] for name in outcome.alone} == outcome.alone


def test_honest_work_passes_in_confinement(outcome: Outcome) -> None:
    right = {answer.name for answer in ACCEPTED} & outcome.alone.keys()
    assert {outcome.alone[name]["score"] for name in right} == {100}


def test_nothing_is_left_or_changed(outcome: Outcome) -> None:
    renewed = ("/course/.autograder/", "/course/insight/")  # our records, and the page of the class
    ours = ("/course/autograded/", "/course/feedback/", *renewed)
    before = {
        path: what
        for path, what in outcome.before.items()
        if not any(folder in path for folder in renewed)
    }
    assert {path: outcome.after.get(path) for path in before} == before
    new = [path for path in outcome.after if path not in outcome.before]
    assert [path for path in new if not any(folder in path for folder in ours)] == []
    assert outcome.tmp == []
    assert outcome.processes == []
    assert outcome.canary.connections == []
    for place in ("/tmp/owned", "/var/tmp/owned", "/dev/shm/owned"):
        assert not Path(place).exists()
    assert not any(Path(p, "sitecustomize.py").exists() for p in sys.path if "site-" in p)
    assert " 4711 " not in Path("/proc/sysvipc/msg").read_text()


def test_records_are_bounded(outcome: Outcome) -> None:
    sizes = {name: len(json.dumps(record)) for name, record in outcome.together.items()}
    assert {name: size for name, size in sizes.items() if size > MAX_BYTES} == {}
    assert MARK in json.dumps(outcome.together["exception_of_emoji"])


def test_outside_the_same_attacks_do_their_harm(tmp_path: Path) -> None:
    """Otherwise nothing above would prove anything."""
    with listening() as canary:
        (tmp_path / "course.yml").write_text("mine")
        for name in ("changes_course_yml", "starts_programs", "connects", "datagrams"):
            cell = next(a for a in ATTACKS if a.name == name).cells()[-1]
            code = cell.replace("{secrets}", str(tmp_path)).replace("{port}", str(canary.port))
            subprocess.run([sys.executable, "-c", code], check=True)
        assert (tmp_path / "course.yml").read_text() == "mine# owned"
        assert (tmp_path / "owned").exists()
        while len(canary.connections) < 2:
            assert canary.spoken.wait(30)
            canary.spoken.clear()
        assert sorted(canary.connections) == ["local", "tcp"]
