"""The grader's own processor time for one submission is bounded, whatever the submission holds.

Each notebook has the most of something that the limits let through, and goes the whole way: it is
read, graded and explained, and gets a page, a row in the gradebook, records and exports.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Course, load_course
from autograder.grading.batch import grade_batch, prepare
from autograder.grading.cache import ResultCache
from autograder.grading.result import GradingResult
from autograder.integrations.github.job import SUMMARY, show_on_github
from autograder.integrations.gradescope.results import results, to_bytes
from autograder.integrations.nbgrader.gradebook import GradeWriter
from autograder.notebook import MAX_CELLS, MAX_CODE
from autograder.record_json import record_from_json, to_line
from autograder.reports.feedback_page import pictures_of, write_feedback
from autograder.reports.junit import junit
from autograder.reports.summary import findings, headline, reviews
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import in_students_folder
from tests.conftest import notebook
from tests.corpus.hostile import markdown
from tests.tiny import NAME, make_course

TIMES = 50  # what an ordinary submission takes, which is about a tenth of a second
SIZE = MAX_CODE - 10_000
SUITE = '''\
"""It asks as often as a large suite, and looks at what comes."""

import pytest

from autograder.testing import close, number


@pytest.mark.task("double", points=10)
@pytest.mark.parametrize("x", range(1, 11))
def test_double(student, x):
    """It doubles a number."""
    for _ in range(10):
        student.double(float(x))
    answer = student.double(float(x))
    close(number(answer, "double(x)"), 2.0 * x, "double(x) is not twice x.")
'''
WRONG = "def double(x):\n    return 2 * abs(x) + 1\n"
ANSWERS = "import torch\nBIG = {big}\ndef double(x): return BIG\n"
RAISES = "def double(x): raise {error}\n"
ENDLESS = """\
def double(x):
    def deeper(n):
        if n: deeper(n - 1)
        while True: pass
    deeper(90)
"""


def filled(piece: str, size: int = SIZE) -> str:
    return piece * (size // len(piece))


def definitions(form: str, size: int = SIZE) -> str:
    return "".join(form.format(number) for number in range(size // len(form.format(0))))


def answering(big: str) -> dict[str, Any]:
    return notebook([ANSWERS.format(big=big)])


def raising(error: str) -> dict[str, Any]:
    return notebook([RAISES.format(error=error)])


def not_run(text: str) -> dict[str, Any]:
    return notebook([f"{text}\ndef double(:"])


def set_aside(number: int) -> dict[str, Any]:
    grading = {"grade_id": f"answer-{number}", "solution": True}
    return markdown("def f(): pass") | {"metadata": {"nbgrader": grading}}


WORST: dict[str, Callable[[], dict[str, Any]]] = {
    "definitions in a text": lambda: notebook(
        ['text = """\n' + definitions("def doubl{:07}(): pass\n") + '"""']
    ),
    "blank lines": lambda: not_run("\n" * SIZE),
    "f-strings": lambda: not_run(filled("f'{" + "'" * 290 + "\n")),
    "escaped f-strings": lambda: not_run(filled("f'{\"" + "\\n" * 140 + "\n")),
    "answers in a cell of lines": lambda: notebook([WRONG + "\n" * SIZE]),
    "control sequences": lambda: notebook([WRONG + '"""' + filled("\x1b[0") + '"""']),
    "modules in messages": lambda: notebook(
        [*["raise ImportError(\"module '\" + 'a' * 1900)"] * 300]
    ),
    "numbers in a message": lambda: raising(
        "RuntimeError('must have the same dtype' + '1' * 1900)"
    ),
    "words in a message": lambda: raising("RuntimeError('expected ' * 220)"),
    "a large tensor": lambda: answering("torch.ones(1 << 26, dtype=torch.bool)"),
    "an integer of thousands of digits": lambda: answering("1 << 16000"),
    "cells set aside": lambda: notebook(
        ["0"] * 500 + [set_aside(number) for number in range(MAX_CELLS - 500)]
    ),
    "blanks": lambda: not_run(" " * SIZE),
    "a line": lambda: notebook([f"text = '{'a' * SIZE}'"]),
    "carriage returns": lambda: notebook([WRONG + "\r" * SIZE]),
    "brackets": lambda: not_run("(" * SIZE),
    "braces": lambda: not_run("{" * SIZE),
    "backslashes": lambda: not_run("\\" * SIZE),
    "signs": lambda: not_run("x = " + "-" * SIZE + "1"),
    "attributes": lambda: not_run("x = a" + filled(".a")),
    "cells": lambda: notebook([*["1"] * (MAX_CELLS)]),
    "cells that fail": lambda: notebook([*["1 +"] * (MAX_CELLS)]),
    "statements": lambda: notebook([filled("1\n", 400_000)]),
    "texts": lambda: notebook([*[markdown("a")] * (MAX_CELLS)]),
    "endless loops in a long cell": lambda: notebook(["# a comment\n" * 100_000 + ENDLESS]),
    "outputs": lambda: notebook([*["for n in range(300): display(n)"] * 20]),
    "an output": lambda: notebook(["print('\\x1b[0' * 1_300_000)"]),
    "a deep traceback": lambda: raising("RecursionError('a' * 2000)"),
    "a list of numbers": lambda: answering("[0] * 600_000"),
    "a list of lists": lambda: answering("[[]] * 140_000"),
    "a list of texts": lambda: answering("['ab'] * 300_000"),
    "a list of long texts": lambda: answering("['a' * 300] * 90_000"),
    "a dictionary": lambda: answering("{str(n): n for n in range(80_000)}"),
    "integers": lambda: answering("[1 << 16000] * 450"),
    "floats": lambda: answering("torch.full((1 << 24,), torch.nan)"),
    "a text": lambda: answering("'a' * ((1 << 26) - 100)"),
    "links": lambda: notebook([markdown(filled("[a](b) "))]),
}


WholeWay = Callable[[str, dict[str, Any]], GradingResult]


@pytest.fixture(scope="module")
def whole_way(warm: WarmProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeWay]:
    """Return a function that takes a notebook the whole way."""
    root = make_course(tmp_path_factory.mktemp("own-time"))
    (root / "suite" / "test_double.py").write_text(SUITE)
    course = load_course(root / "course.yml")
    assignment = course.assignment(NAME)
    context = prepare(course, assignment)

    def go(name: str, document: dict[str, Any]) -> GradingResult:
        path = root / "submitted" / name / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(document))
        submission = in_students_folder(path.parent, assignment)
        (result,) = grade_batch([submission], context, warm)
        write_feedback(result, assignment, root / "feedback")
        with GradeWriter(course, assignment) as writer:
            writer.write(submission, result)
        cache = ResultCache(course, assignment)
        cache.add(submission, cache.fingerprint(submission), result.record, None)
        export(result, course, assignment, root)
        return result

    go("warm-up", notebook([WRONG]))  # what is done once for all submissions
    gc.freeze()  # as a process of the pool does
    yield go
    gc.unfreeze()


@pytest.fixture(scope="module")
def ordinary(whole_way: WholeWay) -> float:
    """Return the processor time, in seconds, that an ordinary submission takes of the grader."""
    return statistics.median(
        own_time(whole_way, f"ordinary {number}", notebook([WRONG])) for number in range(3)
    )


def own_time(whole_way: WholeWay, name: str, document: dict[str, Any]) -> float:
    before = time.process_time()
    result = whole_way(name, document)
    taken = time.process_time() - before
    assert result.record.error is None
    return taken


def export(result: GradingResult, course: Course, assignment: Assignment, root: Path) -> None:
    record = record_from_json(json.loads(to_line(result.record)))
    junit([record])
    _ = findings(record), headline(record), reviews([record])
    to_bytes(results(record, assignment, pictures_of(result, assignment)))
    show_on_github([record], course, assignment, {SUMMARY: str(root / "summary")})


@pytest.mark.slow
@pytest.mark.parametrize("name", WORST)
def test_a_submission_takes_little_of_the_graders_own_time(
    whole_way: WholeWay, ordinary: float, name: str
) -> None:
    """While a machine stalls, processor time goes on: one of three attempts is enough."""
    attempts = (own_time(whole_way, f"{name} {n}", WORST[name]()) for n in range(3))
    assert any(taken < TIMES * ordinary for taken in attempts)
