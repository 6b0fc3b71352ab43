"""What students read, at each level: pages and notebooks show points, advice, and nothing hidden."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from autograder.course import Assignment, Course, Feedback
from autograder.diagnosis.misconception import singles
from autograder.diagnosis.observations import elements
from autograder.grading.batch import GradingContext, grade_batch
from autograder.grading.explainer import explainer
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader.cells import picture_outputs, result_outputs
from autograder.reports.charts.chart import Picture
from autograder.reports.feedback_page import pictures_of, write_feedback
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Tensor
from autograder.submission import Submission
from tests.conftest import context_of, write_notebook
from tests.corpus.reference import LIBRARY, SOLUTION
from tests.corpus.wrong import WRONG

LEVELS: tuple[Feedback, ...] = get_args(Feedback)


@pytest.fixture(scope="module")
def context(course: Course, assignment: Assignment) -> GradingContext:
    definitions = {"step": ("step",), "forward": ("Linear",)}
    return replace(context_of(course, assignment), definitions=definitions)


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory, context: GradingContext, warm: WarmProcess
) -> dict[str, GradingResult]:
    """Grade some of the misconceptions, wrong answers of other kinds, and the solution."""
    folder = tmp_path_factory.mktemp("levels")
    solution, library = SOLUTION, LIBRARY
    cells = {v.name: [v.source] for v in singles(solution, library)[::30]}
    odd = ("text", "first_row", "rebuilt_weights", "loss_rounded", "shape_only", "needs_a_global")
    cells |= {answer.name: answer.cells() for answer in WRONG if answer.name in odd}
    cells["solution"] = [solution]
    paths = {name: write_notebook(folder / f"{name}.ipynb", c) for name, c in cells.items()}
    results = grade_batch([Submission(n, p) for n, p in paths.items()], context, warm)
    return {result.record.student: result for result in results}


@pytest.fixture(scope="module")
def hidden(context: GradingContext, warm: WarmProcess) -> np.ndarray[Any, Any]:
    """Return every hidden number: what the tests send, and what the reference answers."""
    script = explainer(context.assignment, context.seed, warm, context.solution)._replays.recording
    numbers: list[float] = []
    for part in script.values():
        for batch, answer in part.asked:
            for value in (*batch, answer):
                numbers += _numbers(value)
    found = np.unique(np.abs(np.array(numbers)))
    assert len(found) > 300
    return found


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Tensor):
        yield from elements(value).ravel().tolist()
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, float):
        yield value


class Text(HTMLParser):
    """Collects what is read, without pictures, style and the student's own code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.skipping = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.skipping += tag in ("svg", "style", "figure")

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag in ("svg", "style", "figure")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.parts.append(data)


def texts(result: GradingResult, assignment: Assignment, level: Feedback, folder: Path) -> str:
    """Return all that a student reads of a submission at a level."""
    own = assignment.model_copy(update={"feedback": level})
    own._name, own._suite_folder = assignment.name, assignment.suite_folder
    page = write_feedback(result, own, folder).read_text(encoding="utf-8")
    outputs = [o for task in result.record.tasks for o in result_outputs(task, level)]
    parts = [*Text(page).parts]
    for data in (output["data"] for output in outputs):
        parts += [*Text(data.get("text/html", "")).parts, data.get("text/plain", "")]
    return "\n".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_no_level_shows_a_hidden_number(
    level: Feedback,
    graded: dict[str, GradingResult],
    hidden: np.ndarray[Any, Any],
    assignment: Assignment,
    tmp_path: Path,
) -> None:
    for name, result in graded.items():
        for number in re.findall(r"\d+\.\d{3,}", texts(result, assignment, level, tmp_path)):
            digits = len(number.partition(".")[2])
            near = np.abs(hidden - float(number)) < 0.5 * 10.0**-digits
            assert not near.any(), f"{name}: {number}"


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_no_level_shows_a_line_of_the_reference(
    level: Feedback, graded: dict[str, GradingResult], assignment: Assignment, tmp_path: Path
) -> None:
    solution = SOLUTION
    lines = {
        ast.unparse(node).split("\n")[0].replace(" ", "")
        for node in ast.walk(ast.parse(solution))
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return)
    }
    assert len(lines) > 8
    for name, result in graded.items():
        read = texts(result, assignment, level, tmp_path)
        for test in (test for task in result.record.tasks for test in task.tests):
            if test.source_location is not None:
                read = read.replace(test.source_location[2].strip(), "")  # the student's own line
        squeezed = read.replace(" ", "")
        assert [line for line in lines if line in squeezed] == [], name


def test_a_score_shows_points_and_nothing_else(
    graded: dict[str, GradingResult], assignment: Assignment, tmp_path: Path
) -> None:
    result = graded["first_row"]
    read = texts(result, assignment, "score", tmp_path)
    assert "of 35 points" in re.sub(r"\s+", " ", read)
    findings = [finding for task in result.record.tasks for finding in task.findings]
    assert not any(finding.split("\n")[0] in read for finding in findings)
    assert "✗" not in read


def test_hints_say_what_went_wrong_and_full_shows_every_test(
    graded: dict[str, GradingResult], assignment: Assignment, tmp_path: Path
) -> None:
    result = graded["first_row"]
    (step,) = (task for task in result.record.tasks if task.name == "step")
    hints = texts(result, assignment, "hints", tmp_path)
    full = texts(result, assignment, "full", tmp_path)
    assert step.findings[0].split("\n")[0] in hints
    assert step.tests[0].title not in hints
    assert all(test.title in full for test in step.tests)


def test_pictures_are_only_shown_in_full(
    graded: dict[str, GradingResult], assignment: Assignment
) -> None:
    for level, count in (("full", 3), ("hints", 0), ("score", 0)):
        own = assignment.model_copy(update={"feedback": level})
        own._name, own._suite_folder = assignment.name, assignment.suite_folder
        assert len(pictures_of(graded["solution"], own)) == count


def test_a_picture_in_a_notebook_has_words_and_needs_no_network() -> None:
    (output,) = picture_outputs([Picture("The <line>", 'It "rises".', "<svg/>")])
    html = output["data"]["text/html"]
    assert "The &lt;line&gt;" in html
    assert 'alt="It &#34;rises&#34;."' in html
    assert re.findall(r'src="([^,]+),', html) == ["data:image/svg+xml;base64"]
    assert output["data"]["text/plain"] == 'The <line>: It "rises".'


def test_the_page_is_beside_the_students_name(
    graded: dict[str, GradingResult], assignment: Assignment, tmp_path: Path
) -> None:
    path = write_feedback(graded["solution"], assignment, tmp_path)
    assert path == tmp_path / "solution" / "linear_regression.html"
    page = path.read_text(encoding="utf-8")
    assert "Your code for step" in page
    assert len(page) < 80_000
