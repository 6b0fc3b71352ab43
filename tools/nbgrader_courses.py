"""Grades courses of nbgrader's without and with the kit, and compares the scores.

python tools/nbgrader_courses.py FOLDER ... [--mutants N] [--seed N]

Every folder in FOLDER with a notebook that has test cells with points is an assignment. It is
graded by stock nbgrader, and by `autograder grade` once `autograder adopt` has adopted it, nothing
else: the solution, the release version, and N submissions with one small mistake each. Exit status
1 if a score differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbgrader.api import Gradebook

from autograder.authoring.verification.mutants import single_mutants
from autograder.errors import CourseError, SubmissionError
from autograder.notebook import course_notebook, source_of
from autograder.task_cells import tasks_in

BIN = Path(sys.executable).parent
NAME = "assignment"
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
TEMPLATES = "autotests.yml"
MARKS = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION.*\n?", re.MULTILINE)

Scores = Mapping[tuple[str, str, str], float | None]
"""The automatic score of each cell, by student, notebook and `grade_id`."""


class FailedError(Exception):
    """A command failed: there is nothing to compare."""


@dataclass(frozen=True)
class Compared:
    """How the scores of an assignment compare.

    `cells` is the number of its test cells with points, `outside` how many of them are judged
    outside; `submissions` is how many were graded, with how many `scores`. `odd` are
    the scores that differ: which, by stock nbgrader, by the kit, and what the kit says.
    """

    cells: int
    outside: int
    submissions: int
    scores: int
    odd: tuple[tuple[str, float | None, float | None, str], ...]


def main() -> None:
    """Compare all assignments, and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--mutants", type=int, default=6, metavar="N", help="of each notebook")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args()
    found = []
    for folder in assignments(options.folders):
        try:
            one = compare(folder, options.mutants, options.seed)
        except FailedError as error:
            print(f"{folder}: not compared: {error}", flush=True)
            continue
        found.append(one)
        print(
            f"{folder}: {one.outside} of {one.cells} cells outside, {one.scores - len(one.odd)} of "
            f"{one.scores} scores of {one.submissions} submissions are stock's",
            flush=True,
        )
        for which, stock, ours, said in one.odd:
            print(f"  {which}: stock {stock}, ours {ours}: {said}", flush=True)
    cells, outside = sum(one.cells for one in found), sum(one.outside for one in found)
    odd, scores = sum(len(one.odd) for one in found), sum(one.scores for one in found)
    print(
        f"{len(found)} assignments: {outside} of {cells} cells outside, {scores - odd} of {scores} "
        "scores are stock's"
    )
    sys.exit(1 if odd else 0)


def assignments(folders: list[Path]) -> Iterator[Path]:
    """Yield the folders that have a notebook with tests."""
    for folder in folders:
        for one in sorted({path.parent for path in folder.rglob("*.ipynb")}):
            hidden = any(part.startswith(".") for part in one.relative_to(folder).parts)
            if not hidden and any(map(_has_tests, one.glob("*.ipynb"))):
                yield one


def _has_tests(notebook: Path) -> bool:
    try:
        return bool(tasks_in(course_notebook(notebook), notebook))
    except (CourseError, SubmissionError):
        return False


def compare(folder: Path, mutants: int, seed: int) -> Compared:
    """Grade an assignment by both roads.

    Raises:
        FailedError: one of them failed.
    """
    with TemporaryDirectory() as scratch:
        stock, ours = Path(scratch, "stock"), Path(scratch, "ours")
        source = stock / "source" / NAME
        shutil.copytree(folder, source, ignore=shutil.ignore_patterns(".*"))
        for place in (folder.parent, folder.parent.parent):
            if (place / TEMPLATES).exists():
                shutil.copy(place / TEMPLATES, stock)
                break
        (stock / "nbgrader_config.py").write_text(CONFIG)
        run(stock, "nbgrader", "update", "source")
        run(stock, "nbgrader", "generate_assignment", NAME)
        students = dict(submissions(source, stock / "release" / NAME, mutants, seed))
        for student, notebooks in students.items():
            for name, document in notebooks.items():
                path = stock / "submitted" / student / NAME / f"{name}.ipynb"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(document))
        shutil.copytree(stock, ours)
        run(stock, "nbgrader", "autograde", NAME, may_fail=True)
        run(ours, "autograder", "adopt", NAME)
        run(ours, "autograder", "grade", "--json", "records.jsonl", may_fail=True)
        records = [json.loads(line) for line in (ours / "records.jsonl").read_text().splitlines()]
        expected, found = (scores(course) for course in (stock, ours))
        return _compared(records, expected, found)


def _compared(records: list[dict[str, Any]], expected: Scores, found: Scores) -> Compared:
    tests = [
        (record["student"], Path(record["notebook"]).stem, test)
        for record in records
        for task in record["tasks"]
        for test in task["tests"]
    ]
    places = {(notebook, test["name"]): test["judged"] for _, notebook, test in tests}
    said = {(student, notebook, test["name"]): test["message"] for student, notebook, test in tests}
    odd = tuple(
        (" ".join(key), expected.get(key), found.get(key), said.get(key, "").replace("\n", " "))
        for key in sorted(expected.keys() | found.keys())
        if key[1:] in places and not _same(expected.get(key), found.get(key))
    )
    scored = sum(key[1:] in places for key in expected)
    students = {student for student, _, _ in expected}
    outside = sum(place == "outside" for place in places.values())
    return Compared(len(places), outside, len(students), scored, odd)


def _same(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < 1e-6)


def submissions(
    source: Path, release: Path, mutants: int, seed: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield students with their notebooks: the solution, the release version, small mistakes."""
    paths = sorted(path for path in source.glob("*.ipynb") if _has_tests(path))
    solved = {path.stem: _solved(path) for path in paths}
    yield "solution", solved
    yield "release", {path.stem: _read(release / path.name) for path in paths}
    for name, document in solved.items():
        rng, made = random.Random(f"{seed} {name}"), []
        for index, cell in enumerate(document["cells"]):
            if cell.get("metadata", {}).get("nbgrader", {}).get("solution"):
                try:
                    made += [(index, one.source) for one in single_mutants(source_of(cell))]
                except SyntaxError:  # IPython's own, or text
                    continue
        for number, (index, code) in enumerate(rng.sample(made, min(mutants, len(made)))):
            cells = list(document["cells"])
            cells[index] = cells[index] | {"source": code}
            yield f"{name}_{number}".replace(" ", "_"), solved | {name: document | {"cells": cells}}


def _solved(path: Path) -> dict[str, Any]:
    """Return a source notebook as a student with the solution submits it."""
    document = _read(path)
    cells = []
    for cell in document["cells"]:
        is_answer = cell.get("metadata", {}).get("nbgrader", {}).get("solution")
        cells.append(cell | {"source": MARKS.sub("", source_of(cell))} if is_answer else cell)
    return document | {"cells": cells}


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def scores(course: Path) -> Scores:
    """Return the automatic scores in a course's gradebook."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        return {
            (submission.student.id, notebook.name, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(NAME)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def run(folder: Path, *command: str, may_fail: bool = False) -> None:
    """Run a command of this environment.

    Raises:
        FailedError: it failed.
    """
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env=os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and not may_fail:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise FailedError(f"{' '.join(command)}: {' '.join(last)}")


if __name__ == "__main__":
    main()
