"""`autograder verify` on small suites of its own: one that passes, and each way to fail."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.authoring.verification import dishonest, scripts, surroundings
from autograder.diagnosis.explained import file_of
from tests.conftest import Command, write_notebook
from tests.tiny import graded_cell

COURSE = """\
course: small
isolation: best-effort
assignments:
  double:
    notebook: double
    suite: suite
    preload: [torch, numpy]
    tasks:
      - {name: double, points: 10, tests: test_double}
"""
SOLUTION = "def double(x):\n    return 2 * x\n"
TESTS = '''\
import pytest
from autograder.testing import close, number

def answer(student, x):
    return number(student.double(x), "double(x)")

@pytest.mark.task("double", points=5)
def test_positive(student):
    """It doubles a positive number."""
    close(answer(student, 3.0), 6.0, "A positive number is not doubled.")

@pytest.mark.task("double", points=5)
def test_negative(student):
    """It doubles a negative number."""
    close(answer(student, -4.0), -8.0, "A negative number is not doubled.")
'''
USELESS = '''\
points=2)
def test_idle(student):
    """It asks nothing."""
    close(6.0, 6.0, "")

@pytest.mark.task("double", '''
LIBRARY = """\
from autograder.testing import Misconception

def change(name, new, loses):
    ways = ((("2 * x", new),),)
    return Misconception(name, "double", ways, f"It is {name}.", "Why.", "Look.", loses)

MISCONCEPTIONS = (
    change("absolute", "2 * abs(x)", "negative"),
    change("cut_off_above", "min(2 * x, 0.0)", "positive"),
    change("tripled", "3 * x", "positive negative"),
)
"""
ANSWERS = """\
class Answer:
    def __init__(self, name, *cells):
        self.name, self._cells = name, cells

    def cells(self):
        return list(self._cells)
"""
ACCEPTED = ANSWERS + 'ACCEPTED = (Answer("added", "def double(x):\\n    return x + x"),)\n'
ATTACKS = ANSWERS + (
    'EVERY_ATTACK = (Answer("worthless", "def double(x):\\n    return 0.0"),\n'
    '    Answer("equal", "class E(float):\\n    def __eq__(self, o): return True\\n'
    'def double(x):\\n    return E(0)"))\n'
)


@pytest.fixture(scope="module", autouse=True)
def _a_few_attacks() -> Iterator[None]:
    """Try few attacks, surroundings and other seeds, which have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scripts, "SEEDS", 2)
        patch.setattr(dishonest, "ATTACKS", dishonest.ATTACKS[::40])
        patch.setattr(surroundings, "BEFORE", {"magics": surroundings.BEFORE["magics"]})
        patch.setattr(
            surroundings, "AFTER", {"del": surroundings.AFTER["answers_that_are_deleted"]}
        )
        yield


def small_course(folder: Path, **replaced: tuple[str, str]) -> Path:
    files = {
        "test_double.py": TESTS,
        "solution.py": SOLUTION,
        "misconceptions.py": LIBRARY,
        "accepted.py": ACCEPTED,
        "attacks.py": ATTACKS,
        "__init__.py": "",
    }
    (folder / "suite").mkdir()
    (folder / "course.yml").write_text(COURSE)
    for name, text in files.items():
        old, new = replaced.get(name.removesuffix(".py"), ("", ""))
        assert old in text
        (folder / "suite" / name).write_text(text.replace(old, new) if old else text)
    return folder


def test_a_good_suite_passes_and_the_matrix_shows_why(tmp_path: Path, command: Command) -> None:
    output = command(small_course(tmp_path), "verify", "--mutants", "12")
    assert "All checks passed." in output
    rows = {line.split()[0]: line.split()[1:] for line in output.splitlines() if line.strip()}
    assert rows["absolute"] == ["·", "✗", "5", "named"]
    assert rows["cut_off_above"] == ["✗", "·", "5", "named"]
    assert "3 that keep all points" in output
    assert "gain nothing" in output
    assert "added" not in rows
    assert "0 survive" in output
    assert "double: d1 positive, d2 negative" in output


def test_an_explained_mistake_keeps_to_the_same_rules_as_all_others(
    tmp_path: Path, command: Command
) -> None:
    course = small_course(tmp_path)
    (course / "suite" / "explained").mkdir()
    for name, body in {"squared": "x * x", "summed": "x + x"}.items():
        code = f"def double(x):\n    return {body}\n"
        words = file_of(
            "double", ["test_positive", "test_negative"], "It is so.\nWhy.\nLook.", code
        )
        (course / "suite" / "explained" / f"{name}.py").write_text(words)
    output = command(course, "verify", status=1)
    rows = {line.split()[0]: line.split()[1:] for line in output.splitlines() if line.strip()}
    assert rows["squared"] == ["✗", "✗", "0", "named"]
    (problem,) = [line for line in output.splitlines() if line.startswith("✗")]
    assert "misconception summed: keeps points in test_negative, test_positive" in problem


def test_tests_are_not_called_useless_where_no_mistake_is_known(
    tmp_path: Path, command: Command
) -> None:
    course = small_course(tmp_path)
    (course / "suite" / "misconceptions.py").unlink()
    assert "All checks passed." in command(course, "verify")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, command: Command) -> str:
    """Verify a suite in which everything that can be wrong is."""
    again = '    change("again", "abs(2 * x)", "positive"),\n    change("tripled"'
    course = small_course(
        tmp_path_factory.mktemp("broken"),
        test_double=("points=5)\ndef test_negative", USELESS + "points=3)\ndef test_negative"),
        accepted=("x + x", "x + x + 1e-1"),
        attacks=("return E(0)", "return 2 * x"),
        misconceptions=('    change("tripled"', again),
    )
    return command(course, "verify", status=1)


@pytest.mark.parametrize(
    "words",
    [
        "accepted added: loses points in test_positive, test_negative.",
        "attack equal: gains 8 points.",
        "misconception again: loses points in test_negative, which it should keep; "
        "keeps points in test_positive, which it should lose; is named as absolute.",
        "test_idle is useless: no misconception fails it.",
        "Some checks failed.",
    ],
)
def test_failed_checks_are_reported(broken: str, words: str) -> None:
    assert words in broken


def test_the_table_has_what_is_not_as_it_should_be(broken: str) -> None:
    rows = {line.split()[0]: line.split()[1:] for line in broken.splitlines() if line.strip()}
    assert rows["added"] == ["✗", "·", "✗", "2"]
    assert rows["equal"] == ["·", "·", "·", "10"]
    assert "magics" not in rows


@pytest.mark.slow
def test_a_test_that_another_outdoes_is_useless(tmp_path: Path, command: Command) -> None:
    output = command(
        small_course(tmp_path, test_double=("-4.0), -8.0", "4.0), 8.0")), "verify", status=1
    )
    assert "test_negative is useless: what it catches, test_positive catches too." in output
    assert "misconception absolute: keeps points in test_negative" in output


def test_a_mutant_that_no_test_catches_is_shown_with_its_difference(
    tmp_path: Path, command: Command
) -> None:
    solution = "def double(x):\n    return 2 * x if x < 20.0 else x + x\n"
    course = small_course(tmp_path)
    (course / "suite" / "solution.py").write_text(solution)
    output = command(course, "verify", "--mutants", "25", status=1)
    assert "-    return 2 * x if x < 20.0 else x + x" in output
    assert "double(30.0) gives another answer for x = 30. No test asks that." in output
    assert "    assert_close(student.double(30.0), 60.0)\n" in output


class Table(HTMLParser):
    """Counts what is in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1


@pytest.mark.slow
def test_the_matrix_comes_as_a_page_too(tmp_path: Path, command: Command) -> None:
    output = command(small_course(tmp_path), "verify", "--format", "html")
    counts = Table(output).counts
    assert counts["table"] == 1
    assert counts["tr"] > 10
    assert "script" not in counts
    assert "http" not in output.replace('lang="en"', "")
    assert '<th scope="row">absolute</th>' in output


def test_a_suite_with_nothing_to_verify_it_with_is_refused(
    tmp_path: Path, command: Command
) -> None:
    course = small_course(tmp_path)
    (course / "suite" / "solution.py").unlink()
    output = command(course, "verify", status=2)
    assert "neither a source notebook nor a solution.py" in output


def test_an_assignment_without_a_suite_is_left_to_validate(
    tmp_path: Path, command: Command
) -> None:
    course = small_course(tmp_path)
    tested = graded_cell("assert a == 1", "test_a", grade=True, points=1)
    write_notebook(course / "solutions" / "own" / "own.ipynb", ["a = 1", tested])
    with (course / "course.yml").open("a") as file:
        file.write("  own: {}\n")
    output = command(course, "verify")
    assert "own: its test cells are what `autograder validate` checks." in output
    assert "All checks passed." in output
