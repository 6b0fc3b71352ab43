"""Finding and reading submissions: each that cannot be read costs one sentence."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from autograder.beside import MAX_BYTES, is_taken
from autograder.course import Assignment, load_course
from autograder.errors import SubmissionError
from autograder.notebook import read_notebook
from autograder.submission import find_by_assignment, find_submissions, in_students_folder
from tests.conftest import ROOT, notebook, write_notebook
from tests.corpus.roads import deepen

NAME = "linear_regression"


def found(paths: list[Path], assignment: Assignment) -> list[tuple[str, str]]:
    submissions, _ = find_submissions(paths, assignment)
    return [(submission.student, submission.note) for submission in submissions]


def test_a_notebook_is_its_stem(tmp_path: Path, assignment: Assignment) -> None:
    assert found([write_notebook(tmp_path / "ada.ipynb", [])], assignment) == [("ada", "")]


def test_a_folder_of_notebooks_is_a_class(tmp_path: Path, assignment: Assignment) -> None:
    for name in ("b", "a"):
        write_notebook(tmp_path / f"{name}.ipynb", [])
    write_notebook(tmp_path / ".hidden.ipynb", [])
    assert found([tmp_path], assignment) == [("a", ""), ("b", "")]


def test_nobody_takes_anothers_name_in_a_folder_of_notebooks(
    tmp_path: Path, assignment: Assignment
) -> None:
    for name in ("ada.IPYNB", "ada.ipynb", "ada.ipynb.txt", "bob.ipynb.json"):
        write_notebook(tmp_path / name, [])
    found = {s.path.name: s.student for s in find_submissions([tmp_path], assignment)[0]}
    assert found == {
        "ada.ipynb": "ada", "ada.IPYNB": "ada.IPYNB", "ada.ipynb.txt": "ada.ipynb.txt",
        "bob.ipynb.json": "bob",
    }  # fmt: skip
    dots = write_notebook(tmp_path / "...ipynb", [])
    assert find_submissions([dots], assignment)[0][0].student == "...ipynb"


def test_nbgraders_layout_names_the_student_by_the_folder(
    tmp_path: Path, assignment: Assignment
) -> None:
    path = write_notebook(tmp_path / "ada" / NAME / f"{NAME}.ipynb", [])
    for given in (tmp_path, tmp_path / "ada", path.parent, path):
        assert found([given], assignment) == [("ada", "")]
    assert found([tmp_path, path], assignment) == [("ada", "")]


def test_a_renamed_notebook_is_found_and_noted(tmp_path: Path, assignment: Assignment) -> None:
    write_notebook(tmp_path / "ada" / NAME / "final (1).ipynb", [])
    assert found([tmp_path], assignment) == [("ada", "renamed: final (1).ipynb")]


def test_two_renamed_notebooks_are_not_guessed_between(
    tmp_path: Path, assignment: Assignment
) -> None:
    for name in ("one", "two"):
        write_notebook(tmp_path / "ada" / NAME / f"{name}.ipynb", [])
    (submission,), _ = find_submissions([tmp_path], assignment)
    with pytest.raises(SubmissionError, match="2 other notebooks: keep one"):
        read_notebook(submission.path)


@pytest.mark.parametrize("mark", [" (1)", "(2)", "-3"])
def test_a_copy_by_the_right_name_counts_beside_another_notebook(
    tmp_path: Path, assignment: Assignment, mark: str
) -> None:
    for name in (f"{NAME}{mark}", "scratch"):
        write_notebook(tmp_path / "ada" / NAME / f"{name}.ipynb", [])
    assert found([tmp_path], assignment) == [("ada", f"renamed: {NAME}{mark}.ipynb")]
    write_notebook(tmp_path / "ada" / NAME / f"{NAME} (7).ipynb", [])
    assert found([tmp_path], assignment) == [("ada", "")]  # two: nobody guesses


def test_a_path_without_submissions_gets_a_sentence(tmp_path: Path, assignment: Assignment) -> None:
    _, problems = find_submissions([tmp_path / "nowhere", tmp_path], assignment)
    assert "there is no such file or folder" in problems[0]
    assert "there are no notebooks here" in problems[1]


def test_code_cells_are_read_in_order_with_their_places(tmp_path: Path) -> None:
    cells: list[str | dict[str, Any]] = [
        {"cell_type": "markdown", "source": "text", "metadata": {}},
        "a = 1",
        {"cell_type": "code", "source": ["b = 2\n", "c = 3"], "metadata": {}, "outputs": []},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5},
    ]
    read = read_notebook(write_notebook(tmp_path / "x.ipynb", cells))
    assert read.cells == ("a = 1", "b = 2\nc = 3", "", "")
    assert read.positions == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"{", "not valid JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "is not a notebook"),
        (b'{"cells": []}', "is not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3"),
        (b'{"nbformat": 4, "nbformat_minor": 5}', "has no cells"),
        (b'{"nbformat": 4, "cells": {}}', "has no cells"),
        (
            json.dumps(notebook([], metadata={"kernelspec": {"language": "R"}})).encode(),
            "for R, not for Python",
        ),
        (
            json.dumps(notebook([], metadata={"language_info": {"name": "julia"}})).encode(),
            "for julia",
        ),
    ],
)
def test_what_cannot_be_graded_gets_one_sentence(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(SubmissionError) as caught:
        read_notebook(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_named_like_a_notebook_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").mkdir()
    with pytest.raises(SubmissionError, match="not a file"):
        read_notebook(tmp_path / "x.ipynb")


def test_a_byte_order_mark_and_missing_metadata_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"nbformat": 4, "cells": []}).encode())
    assert read_notebook(path).cells == ()


MARKS = [
    f"{NAME}-Copy1",
    f"{NAME}-Copy1-Copy2",
    f"Copy of {NAME}",
    f"Copy_of_{NAME}",
    f"{NAME} - Copy",
    f"{NAME} - Copy (2)",
    f"{NAME} copy 2",
    f"{NAME} (another copy)",
    f"{NAME} (3rd copy)",
    f"Kopie von {NAME}",
    f"{NAME} – Kopie",
    f"Copie de {NAME}",
    f"{NAME} - Copie (2)",
    f"Copia de {NAME} (1)",
    f"Cópia de {NAME}",
    f"{NAME} - Kopya",
    f"{NAME} — копия",
    f"Копия {NAME}",
    f"{NAME} のコピー",
    f"{NAME}的副本",
    f"{NAME}의 사본",
    f"نسخة من {NAME}",
    f"עותק של {NAME}",
    "Linear Regression",
    "LINEAR-REGRESSION (3)",
]


@pytest.mark.parametrize("name", MARKS)
def test_marks_of_a_copy_do_not_matter(tmp_path: Path, assignment: Assignment, name: str) -> None:
    for stem in (name, "scratch", "Untitled0"):
        write_notebook(tmp_path / "ada" / NAME / f"{stem}.ipynb", [])
    assert found([tmp_path], assignment) == [("ada", f"renamed: {name}.ipynb")]


@pytest.mark.parametrize("ending", ["IPYNB", "ipynb.txt", "ipynb.json", "ipynb.ipynb", "Ipynb.TXT"])
def test_endings_that_browsers_and_systems_give(
    tmp_path: Path, assignment: Assignment, ending: str
) -> None:
    name = f"{NAME}.{ending}"
    write_notebook(tmp_path / "ada" / NAME / name, [])
    assert found([tmp_path], assignment) == [("ada", f"renamed: {name}")]
    write_notebook(tmp_path / "class" / f"bea.{ending}", [])
    assert found([tmp_path / "class"], assignment) == [("bea", "")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ada" / NAME
    folder.mkdir(parents=True)
    return folder


STUB = "def step(X, y, model, lr=0.1):\n    raise NotImplementedError()"
ANSWER = "def step(X, y, model, lr=0.1):\n    return 1.0"


def test_a_stub_never_wins_over_answers(folder: Path, assignment: Assignment) -> None:
    write_notebook(folder / f"{NAME}.ipynb", [STUB])
    for name in ("sub/final.ipynb", f"{NAME}-Copy1.ipynb", "mine.ipynb"):
        write_notebook(folder / name, [ANSWER])
        submission = in_students_folder(folder, assignment)
        assert submission.path == folder / name
        assert f"without answers and not graded: {NAME}.ipynb" in submission.note
        assert not submission.review_reason
        (folder / name).unlink()


def test_of_several_answers_one_is_graded_and_a_person_asked(
    folder: Path, assignment: Assignment
) -> None:
    write_notebook(folder / f"{NAME}.ipynb", [ANSWER])
    write_notebook(folder / f"{NAME} (1).ipynb", [ANSWER])
    assert in_students_folder(folder, assignment).review_reason == ""  # the same answers
    write_notebook(folder / f"{NAME} (1).ipynb", [ANSWER + "  # better"])
    submission = in_students_folder(folder, assignment)
    assert submission.path.name == f"{NAME}.ipynb"
    assert f"{NAME}.ipynb was graded, not {NAME} (1).ipynb" in submission.review_reason


def test_only_jupyters_copy_is_graded_and_a_person_asked(
    folder: Path, assignment: Assignment
) -> None:
    copy = folder / ".ipynb_checkpoints" / f"{NAME}-checkpoint.ipynb"
    write_notebook(copy, [ANSWER])
    submission = in_students_folder(folder, assignment)
    assert submission.path == copy
    assert "it may be old" in submission.review_reason
    write_notebook(folder / f"{NAME}.ipynb", [ANSWER])
    assert in_students_folder(folder, assignment).path.parent == folder


@pytest.mark.parametrize("name", [f"{NAME}.py", f"{NAME}.html", f"{NAME}.zip", "report.pdf"])
def test_what_is_no_notebook_is_named(folder: Path, assignment: Assignment, name: str) -> None:
    (folder / name).write_bytes(b"x")
    (folder / "timestamp.txt").write_text("2026-12-01 10:00:00 UTC")
    error = str(in_students_folder(folder, assignment).loaded)
    assert f"This folder has only {name}, which is not a notebook: submit the .ipynb" in error


def test_a_notebook_outside_the_assignments_folder_is_named(
    folder: Path, assignment: Assignment
) -> None:
    write_notebook(folder / f"{NAME}.ipynb", [ANSWER])
    write_notebook(folder.parent.parent / "bea" / f"{NAME}-Copy1.ipynb", [ANSWER])
    submissions, problems = find_submissions([folder.parent.parent], assignment)
    assert [submission.student for submission in submissions] == ["ada"]
    assert f"bea/{NAME}-Copy1.ipynb is not graded" in problems[0]


def test_a_folder_that_no_path_reaches_is_not_looked_into(
    folder: Path, assignment: Assignment
) -> None:
    write_notebook(folder / f"{NAME}.ipynb", [ANSWER])
    deepen(folder)
    submission = in_students_folder(folder, assignment)
    assert submission.path == folder / f"{NAME}.ipynb"
    assert submission.beside.left == ()


def test_a_folder_in_place_of_the_time_is_not_taken() -> None:
    assert is_taken("timestamps/a.py", ["*.py"])
    assert not is_taken("timestamp.txt/a.py", ["*.py"])


def test_files_that_may_be_handed_in_are_taken(folder: Path, assignment: Assignment) -> None:
    for name in ("helpers.py", "data.csv", "notes.txt", "torch.py", "statistics.py"):
        (folder / name).write_text(name)
    (folder / "link.csv").symlink_to("/etc/passwd")
    (folder / "more").mkdir()
    (folder / "more" / "big.csv").write_bytes(b"0" * (MAX_BYTES + 1))
    takes = {"takes": ("*.py", "*.csv")}
    submission = in_students_folder(folder, assignment.model_copy(update=takes))
    beside = submission.beside
    assert dict(beside.taken) == {"data.csv": b"data.csv", "helpers.py": b"helpers.py"}
    assert beside.left == ("notes.txt",)
    assert dict(beside.refused) == {
        "link.csv": "not an ordinary file",
        "statistics.py": "it would hide the module statistics",
        "torch.py": "it would hide the module torch",
        "more/big.csv": "more than 16 MB in all",
    }
    digest = submission.digest
    (folder / "helpers.py").write_text("other")
    assert digest != in_students_folder(folder, assignment.model_copy(update=takes)).digest
    assert pickle.loads(pickle.dumps(submission)).beside == beside


def test_each_notebook_is_found_for_its_own_assignment(tmp_path: Path) -> None:
    assignments = load_course(ROOT / "course.yml").ready_assignments
    for path in (
        "class/ada/linear_regression/mine.ipynb",
        "class/ada/model_selection/model_selection.ipynb",
        "class/bob/model_selection/model_selection.ipynb",
        "loose/logistic_regression.ipynb",
        "loose/mlp_classifier (2).ipynb",
        "loose/unknown.ipynb",
        "same/logistic_regression.ipynb",
        "same/unknown.ipynb",
    ):
        write_notebook(tmp_path / path, [])
    paths = [tmp_path / "class", tmp_path / "loose", tmp_path / "same"]
    found, problems = find_by_assignment(paths, assignments)
    names = [[(one.student, one.path.name) for one in some] for some in found]
    assert names == [
        [("ada", "mine.ipynb")],
        [
            ("logistic_regression", "logistic_regression.ipynb"),
            ("logistic_regression", "logistic_regression.ipynb"),
            ("unknown", "unknown.ipynb"),
        ],
        [("mlp_classifier (2)", "mlp_classifier (2).ipynb")],
        [("ada", "model_selection.ipynb"), ("bob", "model_selection.ipynb")],
    ]
    (problem,) = problems
    assert problem.startswith(f"{tmp_path / 'loose' / 'unknown.ipynb'} is not graded")
