"""Mistakes that were explained on a submission become changes to the reference solution."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.diagnosis.explained import explained_mistake, file_of, load_mistakes
from autograder.diagnosis.misconception import applied
from autograder.errors import CourseError

SOLUTION = "import torch\n\ndef f(x):\n    return x\n\ndef g(x):\n    return f(x) + 1\n"
CODE = "def helper(x):\n    return 2 * x\n\ndef f(y):\n    return helper(y)"
WORDS = "It doubles x.\nIt should not.\nLook at f."


def test_what_is_written_is_read_back() -> None:
    content = file_of("first", ["test_value", "test_shape[2]"], WORDS, CODE)
    mistake = explained_mistake("doubled", content, SOLUTION, "doubled.py")
    assert (mistake.name, mistake.task, mistake.loses) == ("doubled", "first", "value shape[2]")
    assert mistake.text == WORDS


def test_the_students_functions_take_the_place_of_the_reference() -> None:
    content = file_of("first", [], WORDS, CODE)
    (change,) = explained_mistake("doubled", content, SOLUTION, "doubled.py").ways
    changed = applied(SOLUTION, change)
    assert changed is not None
    names: dict[str, object] = {}
    exec(changed.replace("import torch", ""), names)
    assert names["g"](3) == 7  # type: ignore[operator]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CODE, id="no docstring"),
        pytest.param('"""task: first\n\nWords."""\n' + CODE, id="no tests"),
        pytest.param(
            file_of("first", [], WORDS, "def other(x):\n    pass"), id="no function of it"
        ),
        pytest.param(file_of("first", [], WORDS, "def f(x:"), id="no Python"),
    ],
)
def test_a_file_that_is_no_change_is_named(content: str) -> None:
    with pytest.raises(CourseError, match=r"doubled\.py"):
        explained_mistake("doubled", content, SOLUTION, "doubled.py")


def test_they_are_known_with_or_without_other_mistakes(tmp_path: Path) -> None:
    (tmp_path / "explained").mkdir()
    (tmp_path / "explained" / "doubled.py").write_text(file_of("first", [], WORDS, CODE))
    _, known = load_mistakes(tmp_path, SOLUTION)
    assert [mistake.name for mistake in known] == ["doubled"]
    assert load_mistakes(tmp_path) == ("", ())
