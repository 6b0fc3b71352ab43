"""A whole nbgrader course is adopted at once, without suites."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.adoption import adopt, adopt_all
from autograder.course import load_course
from autograder.errors import CourseError, UsageError
from tests.authoring.test_adoption import RIGHT, write
from tests.conftest import write_notebook

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of source notebooks of a course with two assignments."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    monkeypatch.chdir(tmp_path)
    for assignment in ("ps1", "ps2"):
        write(tmp_path / "source" / assignment / f"{assignment}.ipynb", RIGHT)
    return tmp_path / "source"


def test_every_assignment_is_adopted_with_its_files(source: Path) -> None:
    (source / "ps1/data").mkdir()
    (source / "ps1/data/x[1].csv").write_text("1")
    (source / "ps1/json.py").touch()  # which would hide a module
    file, adopted, left = adopt_all()
    assert (adopted, left) == (["ps1", "ps2"], {})
    course = load_course(file)
    assert [one.name for one in course.ready_assignments] == ["ps1", "ps2"]
    assert list(course.assignment("ps1").given_files) == ["data/x[1].csv"]
    assert not course.assignment("ps1").has_suite


def test_what_cannot_be_adopted_is_left_to_nbgrader(source: Path) -> None:
    write_notebook(source / "untested/notes.ipynb", ["1 + 1"])
    _, adopted, left = adopt_all()
    assert adopted == ["ps1", "ps2"]
    assert "has no cell with tests" in left["untested"]
    (source.parent / "course.yml").unlink()
    with pytest.raises(CourseError, match="has no cell with tests"):
        adopt("untested", None, None)


def test_a_course_that_is_adopted_gets_what_it_lacks(source: Path) -> None:
    file, _, _ = adopt_all()
    file.write_text(file.read_text().replace("assignments:", "# mine\nassignments:"))
    write(source / "ps3/ps3.ipynb", RIGHT)
    assert adopt_all()[1] == ["ps3"]
    assert "# mine" in file.read_text()
    assert list(load_course(file).assignments) == ["ps1", "ps2", "ps3"]
    with pytest.raises(UsageError, match="there is no assignment to add"):
        adopt_all()
