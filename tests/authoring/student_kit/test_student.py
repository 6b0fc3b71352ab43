"""The students' kit: it checks as the whole kit does, and gives nothing away."""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.authoring.student_kit.kit import help_page
from autograder.notebook import read_notebook
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, STEP
from tests.authoring.student_kit.kit import run
from tests.conftest import ROOT, StudentsKit, write_notebook
from tests.corpus.reference import LIBRARY, SOLUTION

SUITE = ROOT / "autograder/suites/linear_regression"
RELEASE = ROOT / "assignments/linear_regression/linear_regression.ipynb"
CLASS = ROOT / "examples/submitted"
HELP = ROOT / "autograder/selfcheck/students.md"


@pytest.fixture(scope="module")
def texts(students_kit: StudentsKit) -> dict[str, str]:
    """Return all that is in the wheel, by its name, as text."""
    archive = zipfile.ZipFile(students_kit.wheel)
    return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def strings(file: Path) -> Iterator[str]:
    """Yield the texts in a file's code, the parts of f-strings too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (line.strip() for line in node.value.splitlines())


def test_it_contains_what_check_needs_and_no_other_part_of_the_kit(texts: dict[str, str]) -> None:
    parts = {name.split("/")[1] for name in texts if name.startswith("autograder/")}
    assert parts == {
        "__init__.py", "__main__.py", "beside.py", "choice.py", "cli", "diagnosis", "errors.py",
        "file_names.py", "files.py", "grading",
        "notebook.py", "recognition.py", "record.py", "reports", "sandbox", "selfcheck", "submission.py", "suites",
        "testing",
    }  # fmt: skip
    suite = "autograder/suites/linear_regression/"
    assert {name.removeprefix(suite) for name in texts if name.startswith(suite)} == {
        "__init__.py", "conftest.py", "signatures.json", "support/model.py", "support/training.py",
        "lesson.npz", "lesson.py", "public/__init__.py", "public/test_public.py",
    }  # fmt: skip


def test_nothing_in_it_is_a_line_of_the_solution(texts: dict[str, str]) -> None:
    told = "\n".join(read_notebook(RELEASE).cells)
    lines = {line.strip() for line in SOLUTION.splitlines()}
    secret = {line.removeprefix("return ") for line in lines if line and line not in told}
    assert {"x @ self.w + self.b", "a.grad, b.grad", "p -= lr * p.grad"} <= secret
    assert [(name, line) for name in texts for line in secret if line in texts[name]] == []


def test_nothing_in_it_is_of_a_hidden_test(texts: dict[str, str]) -> None:
    public = (SUITE / "public/test_public.py").read_text()
    told = public + "\n".join(read_notebook(RELEASE).cells)
    hidden = sorted(SUITE.glob("test_*.py"))
    names = {
        node.name
        for file in hidden
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    words = {text for file in hidden for text in strings(file) if len(text) > 25}
    secret = {n for n in names if n not in public} | {w for w in words if w not in told}
    secret |= {name.removeprefix("test_") for name in secret if name.count("_") > 2}
    assert len(secret) > 60
    assert [(name, text) for name in texts for text in secret if text in texts[name]] == []


def test_nothing_in_it_is_a_change_that_makes_a_mistake(texts: dict[str, str]) -> None:
    told = "\n".join(read_notebook(RELEASE).cells)
    told += (SUITE / "public/test_public.py").read_text()
    library = LIBRARY
    changes = {
        line.strip()
        for misconception in library
        for way in misconception.ways
        for old, new in way
        for line in f"{old}\n{new}".splitlines()
    }
    secret = {line for line in changes if len(line) > 16 and line not in told}
    assert len(secret) > 90
    ours = {name: text for name, text in texts.items() if "/suites/" in name}
    assert [(name, line) for name in ours for line in secret if line in ours[name]] == []


@pytest.mark.slow
@pytest.mark.parametrize("student", ["amara", "elif", "farid", "greta", "mateo"])
def test_it_says_what_the_whole_kit_says(
    student: str, students_kit: StudentsKit, tmp_path: Path
) -> None:
    (notebook,) = (CLASS / student).glob("linear_regression/*.ipynb")
    arguments = ("-m", "autograder", "check", str(notebook))
    theirs = run(students_kit.python, *arguments, cwd=tmp_path)
    ours = run(sys.executable, *arguments, cwd=ROOT)
    assert (theirs.returncode, theirs.stdout) == (ours.returncode, ours.stdout)
    assert theirs.returncode == (student != "amara")
    assert theirs.stderr == ""


def test_it_says_what_is_left_to_do(students_kit: StudentsKit, tmp_path: Path) -> None:
    done = run(students_kit.python, "-m", "autograder", "check", str(RELEASE), cwd=tmp_path)
    assert done.returncode == 1
    assert "○ to do" in done.stdout
    assert "0 of 13 checks pass." in done.stdout


@pytest.mark.slow
def test_a_notebook_can_check_itself(students_kit: StudentsKit, tmp_path: Path) -> None:
    step = STEP.replace("            p.grad.zero_()\n", "")
    code = f"import torch\n{GRADIENTS}\n{FORWARD}\n{step}\nfrom autograder import check"
    shown = "print(check(step)); print(check(step)._repr_html_())"
    done = run(students_kit.python, "-c", f"{code}\n{shown}", cwd=tmp_path)
    text, html = done.stdout.split("<div", 1)
    assert "    Set the gradients to zero, once in each step.\n  ✓ passed" in text, done.stderr
    assert "3 of 4 checks pass." in text
    assert "Set the gradients to zero, once in each step." in html


def test_other_commands_say_what_to_install(students_kit: StudentsKit, tmp_path: Path) -> None:
    done = run(students_kit.python, "-m", "autograder", "grade", "x.ipynb", cwd=tmp_path)
    assert done.returncode == 2
    assert "no command 'grade' here" in done.stderr
    assert "ml-autograder" in done.stderr
    shown = run(students_kit.python, "-m", "autograder", "--help", cwd=tmp_path).stdout
    assert shown.split("Commands:")[1].split()[0] == "check"
    assert "completion" in shown
    assert "grade " not in shown
    version = run(students_kit.python, "-m", "autograder", "--version", cwd=tmp_path).stdout
    assert version.split()[-1] in students_kit.wheel.name


def test_the_help_of_check_names_a_page_that_is_there(
    students_kit: StudentsKit, tmp_path: Path
) -> None:
    shown = run(students_kit.python, "-m", "autograder", "check", "--help", cwd=tmp_path).stdout
    assert "--course" not in shown
    page = Path(shown.split()[-1])
    assert page.read_text(encoding="utf-8") == help_page(HELP.read_text("utf-8"), {"torch"})


@pytest.mark.slow
def test_pip_installs_it_with_its_command(students_kit: StudentsKit, tmp_path: Path) -> None:
    done = run(
        sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet",
        "--disable-pip-version-check", "--target", str(tmp_path / "there"),
        str(students_kit.wheel), cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there/bin/autograder").exists()


def test_it_needs_what_it_imports(texts: dict[str, str]) -> None:
    (about,) = (text for name, text in texts.items() if name.endswith("METADATA"))
    needs = {line.split()[1].split(">")[0] for line in about.splitlines() if "Requires-D" in line}
    assert needs == {
        "click", "ipython", "jinja2", "matplotlib", "matplotlib-inline", "numpy", "pytest",
        "python-dateutil", "scikit-learn", "torch", "traitlets",
    }  # fmt: skip


def test_a_course_with_a_course_yml_around_is_the_kit_s_own(
    students_kit: StudentsKit, tmp_path: Path
) -> None:
    (tmp_path / "course.yml").write_text("course: [what an instructor writes")
    path = write_notebook(tmp_path / "my.ipynb", ACCEPTED[0].cells())
    done = run(students_kit.python, "-m", "autograder", "check", str(path), cwd=tmp_path)
    assert "13 of 13 checks pass." in done.stdout, done.stderr


def test_the_assignments_in_it_are_named(texts: dict[str, str]) -> None:
    named = json.loads(texts["autograder/suites/handed_out.json"])
    preload = ["torch", "numpy", "sklearn.datasets", "matplotlib.pyplot"]
    (assignment,) = named.values()
    assert [*named] == ["linear_regression"]
    assert (assignment["suite"], assignment["preload"]) == ("linear_regression", preload)
    assert "forward" in assignment["cells"]
