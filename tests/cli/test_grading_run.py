"""Figures are drawn where an autograded notebook shows them, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import grading_run
from autograder.cli.grading_run import find_runs
from autograder.course import load_course
from tests.conftest import write_notebook
from tests.corpus.hostile import NAME, new_course, new_submission


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return whether the runs of a test, which grade nothing, would have drawn figures."""
    asked: list[bool] = []

    @contextmanager
    def grading(*_: object, draws: bool) -> Iterator[Iterator[Any]]:
        asked.append(draws)
        yield iter(())

    monkeypatch.setattr(grading_run, "_grading_here_or_at", lambda *_: grading)
    return asked


def start(course: Path, paths: Sequence[Path] = (), *, written: bool = True) -> None:
    """Start a run in a course."""
    (run,) = find_runs(load_course(course / "course.yml"), NAME, paths).runs
    with run.results(run.submissions, jobs=1, written=written):
        pass


def test_figures_are_drawn_for_submissions_whose_notebooks_are_written(
    tmp_path: Path, drawn: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    new_course(tmp_path)
    write_notebook(new_submission(tmp_path, "ada"), ["1"])
    elsewhere = write_notebook(tmp_path / "bob.ipynb", ["1"])
    start(tmp_path)
    start(tmp_path, [elsewhere])
    start(tmp_path, [elsewhere, tmp_path / "submitted" / "ada" / NAME])
    start(tmp_path, written=False)
    monkeypatch.setattr(grading_run, "find_spec", lambda _: None)  # no nbgrader, no gradebook
    start(tmp_path)
    assert drawn == [True, False, True, False, False]
