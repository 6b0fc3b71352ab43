"""Tests that are marked public are also what students check their own work with."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.student_kit.kit import help_page, students_wheel
from autograder.course import load_course
from autograder.errors import CourseError
from autograder.grading.batch import grade_batch, prepare
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.authoring.student_kit.kit import install, run
from tests.authoring.student_kit.statistics_course import (
    CRITICAL_VALUES,
    IMPORTS,
    MEAN,
    OTHERWISE,
    RIGHT,
    STANDARDIZE,
    SUITE,
    VARIANCE,
    WRONG_MEAN,
    WRONG_VARIANCE,
    make_kit,
    stub,
    texts_of,
    write_course,
)
from tests.conftest import Command, write_notebook
from tests.docs.pages import HELP, check_block, read

WITHOUT_TORCH = """\
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "sklearn"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""
CHECK = WITHOUT_TORCH + 'from autograder.__main__ import main\nmain(["check", *sys.argv[1:]])\n'

Check = Callable[[Sequence[str]], str]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the students' kit of the course in NumPy."""
    folder = tmp_path_factory.mktemp("statistics")
    name, content = make_kit(write_course(folder))
    (folder / name).write_bytes(content)
    return folder / name


@pytest.fixture(scope="module")
def python(wheel: Path) -> Path:
    """Return a Python that has the kit."""
    return install(wheel, wheel.parent / "installed")


@pytest.fixture(scope="module")
def texts(wheel: Path) -> dict[str, str]:
    return texts_of(wheel.read_bytes())


@pytest.fixture
def check(python: Path, tmp_path: Path) -> Check:
    """Return a function that checks a notebook as a student without torch does."""

    def check(cells: Sequence[str]) -> str:
        write_notebook(tmp_path / "my_notebook.ipynb", list(cells))
        done = run(python, "-c", CHECK, "my_notebook.ipynb", cwd=tmp_path)
        assert done.stderr == ""
        return done.stdout

    return check


def test_only_public_tests_and_what_they_use_are_in_it(texts: dict[str, str]) -> None:
    suite = "autograder/suites/averages/"
    names = {name.removeprefix(suite) for name in texts if name.startswith(suite)}
    assert names == {"__init__.py", "test_all.py", "answers.json", "signatures.json"}
    code = texts[f"{suite}test_all.py"]
    assert re.findall(r"def (\w+)", code) == [
        "numbers", "test_mean_of_three", "test_mean", "test_variance", "test_standardize",
    ]  # fmt: skip
    for left_out in ("points", "equal_numbers", CRITICAL_VALUES, "comment", "import os", "not for"):
        assert left_out not in code
    everything = "\n".join(texts.values())
    assert "variance_of_equal_numbers" not in everything
    assert CRITICAL_VALUES not in everything


def test_neither_the_solution_nor_the_seed_is_in_it(texts: dict[str, str]) -> None:
    everything = "\n".join(texts.values())
    assert "a-secret-seed" not in everything
    for source in (MEAN, VARIANCE, STANDARDIZE):
        line = next(line for line in source.splitlines() if "return" in line)
        assert line.strip().removeprefix("return ") not in everything


def test_a_course_without_torch_asks_for_no_torch(texts: dict[str, str]) -> None:
    (about,) = (text for name, text in texts.items() if name.endswith("METADATA"))
    needs = {re.split(r"[ >]", line)[1] for line in about.splitlines() if "Requires-Dist" in line}
    assert "numpy" in needs
    assert not needs & {"torch", "scikit-learn"}
    assert "torch" not in about


@pytest.mark.parametrize("cells", [RIGHT, OTHERWISE])
def test_a_right_notebook_passes_without_torch(check: Check, cells: Sequence[str]) -> None:
    assert "4 of 4 checks pass." in check(cells)


def test_a_wrong_function_is_charged_once(check: Check) -> None:
    shown = check([IMPORTS, WRONG_MEAN, VARIANCE, STANDARDIZE])
    assert "✗ failed  The mean of seven numbers is right." in shown
    assert "This waits for mean." in shown
    assert "This waits for mean and variance." in shown
    assert "0 of 4 checks pass." in shown


def test_a_missing_function_is_charged_once(check: Check) -> None:
    shown = check([IMPORTS, VARIANCE, STANDARDIZE])
    assert "There is no `mean`" in shown
    assert "This waits for mean." in shown
    assert "This waits for mean and variance." in shown


def test_a_function_says_that_it_was_checked_with_an_own_one(check: Check) -> None:
    shown = check([IMPORTS, MEAN, VARIANCE, STANDARDIZE.replace("np.sqrt", "")])
    assert "This check uses your own `mean` and `variance`." in shown
    assert "3 of 4 checks pass." in shown


def test_the_page_of_help_shows_how_a_notebook_is_checked(check: Check) -> None:
    shown = check([IMPORTS, MEAN, stub(VARIANCE), STANDARDIZE])
    check_block(HELP, 0, f"$ autograder check my_notebook.ipynb\n{shown}")


def test_the_page_of_help_shows_how_a_function_is_checked(python: Path, tmp_path: Path) -> None:
    code = f"{IMPORTS}\n{MEAN}\n{WRONG_VARIANCE}\nfrom autograder import check"
    done = run(python, "-c", f"{WITHOUT_TORCH}{code}\nprint(check(variance))", cwd=tmp_path)
    assert "sum of squares is divided by one less" in done.stdout, done.stderr
    check_block(HELP, 1, done.stdout)


def test_the_page_of_help_names_only_libraries_that_are_needed() -> None:
    page = read(HELP)
    assert "pytorch" in help_page(page, {"torch", "numpy"})
    assert "<!--" not in help_page(page, {"torch"})
    without = help_page(page, {"numpy"})
    assert "torch" not in without
    assert not re.search(r"tensor|gradient|regression|coefficient", without)


def graded(course_file: Path, **submissions: Sequence[str]) -> dict[str, Record]:
    course = load_course(course_file)
    assignment = course.assignment(None)
    folder = course_file.parent / "submitted"
    some = [
        Submission(name, write_notebook(folder / f"{name}.ipynb", list(cells)))
        for name, cells in submissions.items()
    ]
    with WarmProcess(assignment.preload) as warm:
        results = grade_batch(some, prepare(course, assignment), warm)
    return {result.record.student: result.record for result in results}


def test_what_passes_the_check_and_is_right_gets_all_points(tmp_path: Path) -> None:
    records = graded(write_course(tmp_path), right=RIGHT, otherwise=OTHERWISE)
    assert {name: record.score for name, record in records.items()} == {
        "right": 100, "otherwise": 100,
    }  # fmt: skip


INPUTS = (
    SUITE
    + '''

@task("mean", public=True)
def test_inputs(student, numbers, hidden, record_property):
    """Inputs are drawn."""
    record_property("numbers", f"{numbers[0]:.6f} {hidden('more').random():.6f}")
    assert_close(student.mean([numbers[0]]), numbers[0])
'''
)


def test_public_inputs_are_others_than_those_of_grading(tmp_path: Path) -> None:
    from autograder.selfcheck.discovery import find_assignment, reference_of
    from autograder.selfcheck.public_session import check_notebook

    file = write_course(tmp_path, test_all=INPUTS)
    record = graded(file, right=RIGHT)["right"]
    (in_grading,) = (t.measured for task in record.tasks for t in task.tests if t.measured)
    notebook = tmp_path / "submitted" / "right.ipynb"
    chosen = find_assignment(None, tmp_path)
    with reference_of(chosen, tmp_path) as reference:
        checked = [check_notebook(notebook, chosen, reference) for _ in range(2)]
    assert all(one.complete for one in checked)
    first, again = [[test.measured for test in one.tests if test.measured] for one in checked]
    assert first == again
    assert dict(first[0])["numbers"].split() != dict(in_grading)["numbers"].split()


def test_an_instructor_checks_with_the_source_notebook(tmp_path: Path) -> None:
    write_course(tmp_path)
    mine = write_notebook(tmp_path / "mine.ipynb", list(OTHERWISE))
    done = run(sys.executable, "-m", "autograder", "check", str(mine), cwd=tmp_path)
    assert "4 of 4 checks pass." in done.stdout, done.stderr


def added(test: str) -> dict[str, Any]:
    return {"test_all": f"{SUITE}\n\n{test}"}


REFUSED = {
    "it depends on the answer": (
        added(
            '@task("mean", public=True)\ndef test_new(student, reference, numbers):\n'
            "    m = student.mean(numbers)\n"
            "    assert_close(student.mean([m, 1.0]), reference.mean([m, 1.0]))\n"
        ),
        r"test_all\.py, line 52: test_new is public, but what it asks .* depends on the student's",
    ),
    "a function of the reference is an argument": (
        added(
            '@task("mean", public=True)\ndef test_new(student, reference):\n'
            "    student.mean([reference.mean])\n"
        ),
        r"test_new is public, .*a function of the reference solution is an argument here",
    ),
    "it fails for the solution": (
        added('@task("mean", public=True)\ndef test_new(student):\n    assert not student.mean([1])'),
        r"line 52: test_new is public, but with public inputs it does not pass for .*statistics",
    ),
    "it is a spoiler": (
        added(
            'import pytest\n@pytest.mark.spoiler\n@task("mean", public=True)\n'
            "def test_new(student):\n    pass\n"
        ),
        r"test_new is marked `spoiler`.*drop public=True",
    ),
    "it is in a class": (
        added('class TestAll:\n    @task("mean", public=True)\n    def test_new(self, student): pass'),
        r"test_new is marked public, but not as a function of the file",
    ),
    "it uses a hidden test": (
        added(
            '@task("mean", public=True)\ndef test_new(student):\n'
            "    test_variance_of_equal_numbers(student)\n"
        ),
        r"test_all\.py, line 39: a public test uses test_variance_of_equal_numbers, which is not",
    ),
    "it contains the solution": (
        added(
            '@task("mean", public=True)\ndef test_new(student, numbers):\n'
            "    expected = np.add.reduce(np.asarray(numbers)) / len(numbers)\n"
            "    x = numbers\n"
            "    assert_close(student.mean(x), np.add.reduce(np.asarray(x)) / len(x))\n"
        ),
        r"test_all\.py, line 55: `np\.add\.reduce\(np\.asarray\(x\)\) / len\(x\)` is also in .*ipynb"
        r".*ask the fixture `reference`",
    ),
    "its support code contains the solution": (
        {
            **added(
                "from pathlib import Path\n"
                'SUPPORT = Path(__file__).parent / "support" / "given.py"\n'
                '@task("mean", public=True)\ndef test_new(student):\n'
                "    student.using(mean=student.load(SUPPORT).mean).variance([1, 2])\n"
            ),
            "support/given": "def mean(x):\n    return np.add.reduce(np.asarray(x)) / len(x)\n",
        },
        r"given\.py, line 2: `np\.add\.reduce\(np\.asarray\(x\)\) / len\(x\)` is also in",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_students_cannot_get_is_refused(case: str, tmp_path: Path) -> None:
    files, message = REFUSED[case]
    course = load_course(write_course(tmp_path, **files))
    with pytest.raises(CourseError, match=message):
        students_wheel(course, [course.assignment(None)])


def test_support_code_of_hidden_tests_stays_out(tmp_path: Path) -> None:
    hidden = SUITE.replace("student.variance(SEV", "student.load('given.py').variance(SEV")
    support = {"support/given": "def mean(x):\n    return np.add.reduce(np.asarray(x)) / len(x)\n"}
    _, content = make_kit(write_course(tmp_path, test_all=hidden, **support))
    assert not any("given" in name for name in texts_of(content))


def test_without_a_source_notebook_there_is_no_kit(tmp_path: Path) -> None:
    file = write_course(tmp_path)
    (tmp_path / "solutions/statistics/statistics.ipynb").unlink()
    with pytest.raises(CourseError, match=r"but there is no reference solution in .*statistics"):
        make_kit(file)


@pytest.mark.slow
def test_validate_tries_public_tests_out(tmp_path: Path, command: Command) -> None:
    write_course(tmp_path)
    command(tmp_path, "release")
    assert "  public     4 of the tests, for students too" in command(tmp_path, "validate")
    suite = tmp_path / "suites/averages/test_all.py"
    suite.write_text(SUITE.replace("student.mean(numbers), ref", "student.mean([1.0]), ref"))
    shown = command(tmp_path, "validate", status=2)
    line = SUITE.splitlines().index("def test_mean(student, reference, numbers):") + 1
    assert f"test_all.py, line {line}: test_mean is public, but with public inputs" in shown
