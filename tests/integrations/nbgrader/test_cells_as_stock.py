"""Without a suite, scores are those of stock nbgrader, but where an answer fools nbgrader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import write_notebook
from tests.corpus.cell_courses.courses import COURSES
from tests.integrations.nbgrader.commands import grades, run

FOOLS_NBGRADER = {"says_yes": 12}
"""Answers that nbgrader takes for right, with the points that it gives."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # nbgrader and SQLAlchemy warn of each other
]


@pytest.mark.parametrize("name", COURSES)
def test_nbgrader_gives_the_same_points(name: str, tmp_path: Path) -> None:
    course = COURSES[name]
    (tmp_path / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "c"'
    )
    source = tmp_path / "source" / name / f"{name}.ipynb"
    write_notebook(source, list(course.cells))
    for file, text in course.files.items():
        (source.parent / file).write_text(text)
    run(tmp_path, "nbgrader", "generate_assignment", name)
    for student, (answers, _) in course.answers.items():
        cells = [
            cell | {"source": answers.get(cell["id"], cell["source"])} for cell in course.cells
        ]
        write_notebook(tmp_path / "submitted" / student / name / f"{name}.ipynb", cells)
    run(tmp_path, "nbgrader", "autograde", name)
    found = {student: entry["score"] for student, entry in grades(tmp_path, name, "c").items()}
    expected = {student: points for student, (_, points) in course.answers.items()}
    assert found == expected | {s: p for s, p in FOOLS_NBGRADER.items() if s in expected}
