"""A class of 200 from the corpora: five mistakes that nobody knows come out as five groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import pytest

from autograder.diagnosis.misconception import singles
from autograder.insight.gathered import gathered
from autograder.insight.groups import Group, groups
from autograder.insight.mistakes import mistakes
from autograder.record import Record
from autograder.record_json import read_records
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import IMPORTS, Answer
from tests.corpus import odd
from tests.corpus.attacked import QUICK, listening, new_class
from tests.corpus.reference import LIBRARY, SOLUTION, Rendered
from tests.corpus.unknown import UNKNOWN

pytestmark = pytest.mark.slow

VARIANTS = [Rendered(one.name, (IMPORTS, one.source)) for one in singles(SOLUTION, LIBRARY)]
STYLES = [one for answers in UNKNOWN.values() for one in islice(cycle(answers), 6)]
ANSWERS: Sequence[Answer | Rendered] = (
    *islice(cycle(ACCEPTED), 80),
    *islice(cycle(VARIANTS), 70),
    *STYLES,
    *islice(cycle(QUICK), 10),
)
TRUTH = {one.name: name for name, answers in UNKNOWN.items() for one in answers}


@dataclass(frozen=True)
class Graded:
    """The records of the class, and the page that grading wrote about it."""

    records: list[Record]
    page: str


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    folder = tmp_path_factory.mktemp("class") / "home"
    with new_class(folder) as classroom, listening() as canary:
        assert classroom is not None
        for number, answer in enumerate(ANSWERS):
            classroom.submit(number, answer, canary.port)
        odd.write(classroom.course / "submitted", list(odd.ODD)[::3][:10])
        classroom.grade("class")
        page = classroom.course / "insight" / "linear_regression.html"
        yield Graded(read_records(folder / "class.jsonl"), page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found(graded: Graded) -> list[Group]:
    return groups(gathered("linear_regression", graded.records))


def mistake_of(student: str) -> str:
    """Return the unknown mistake of a student, "" for the others."""
    return TRUTH.get(student.partition("-")[2], "")


def rand_index(one: Sequence[object], other: Sequence[object]) -> float:
    """Return the share of pairs on which two partitions agree (Rand, 1971)."""
    labels = list(zip(one, other, strict=True))
    pairs = [(a, b) for n, a in enumerate(labels) for b in labels[:n]]
    return sum((a[0] == b[0]) == (a[1] == b[1]) for a, b in pairs) / len(pairs)


def test_the_class_is_as_large_as_it_should_be(graded: Graded) -> None:
    assert len(graded.records) == 200
    assert sum(bool(mistake_of(record.student)) for record in graded.records) == 30


def test_unknown_mistakes_come_out_as_groups(found: list[Group]) -> None:
    group_of = {
        student: n for n, one in reversed(list(enumerate(found))) for student in one.students
    }
    students = [student for student in group_of if mistake_of(student)]
    assert len(students) == 30
    labels = [group_of[student] for student in students]
    assert rand_index([mistake_of(student) for student in students], labels) >= 0.95


def test_the_groups_have_nobody_else(found: list[Group]) -> None:
    for group in found:
        assert len({mistake_of(student) for student in group.students}) == 1


def test_known_mistakes_are_counted(graded: Graded) -> None:
    known = mistakes(gathered("linear_regression", graded.records))
    assert sum(len(one.students) for one in known) >= 60


def test_grading_wrote_the_page(graded: Graded) -> None:
    assert "what the class has understood" in graded.page
    assert "200 submissions" in graded.page
