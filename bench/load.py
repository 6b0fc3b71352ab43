"""Grades a class on a quiet machine and on a busy one, and compares the records.

The class is the sample class, the accepted answers, and answers that are right but slow. The busy
machine is one processor, shared with endless loops. A record must be the same there, or marked for
a person; and no right answer may be marked because the machine made it slow.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from autograder.record_json import TIMELESS
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import STEP, Answer

ROOT = Path(__file__).parent.parent
NAME = "linear_regression"
LOSS = "((model.forward(X).squeeze(1) - y) ** 2).mean()"
BY_ROW = """\
    total = 0.0
    for row, target in zip(X, y):
        total = total + (model.forward(row[None])[0, 0] - target) ** 2
    loss = total / len(y)
"""
WITH_PLOT = "    plt.figure()\n    plt.scatter(X[:, 0], y)\n    plt.show()\n    return"
SLOW = (
    Answer("slow_by_row", step=STEP.replace(f"    loss = {LOSS}\n", BY_ROW)),
    Answer("slow_with_plot", step=STEP.replace("    return", WITH_PLOT)),
)
"""Right answers that compute for seconds."""

Records = dict[str, dict[str, Any]]


def main() -> None:
    """Grade and compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--loops", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        submitted = write_class(Path(folder) / "submitted")
        quiet = grade(submitted)
        print(f"{len(quiet)} submissions, graded on a quiet machine")
        problems = []
        for run in range(1, options.runs + 1):
            with busy(options.loops):
                found = compare(quiet, grade(submitted))
            print(f"run {run}, one processor and {options.loops} loops: {len(found)} differ")
            problems += found
    if problems:
        sys.exit("\n".join(problems))
    print("every record is the same, or marked for a person")


def write_class(folder: Path, only: Sequence[str] = ()) -> Path:
    """Write the submissions, or only some of them, in nbgrader's layout; return the folder."""
    for student in sorted((ROOT / "examples" / "submitted").iterdir()):
        if not only or student.name in only:
            shutil.copytree(student, folder / student.name)
    for answer in (*ACCEPTED, *SLOW):
        if not only or answer.name in only:
            path = folder / answer.name / NAME / f"{NAME}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(notebook(answer.cells())), encoding="utf-8")
    return folder


def notebook(sources: Sequence[str]) -> dict[str, Any]:
    """Return cells as a notebook."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def grade(submitted: Path) -> Records:
    """Grade a folder with the command; return the records by student, without times."""
    file = submitted.parent / "records.jsonl"
    options = ["--force", "--assignment", NAME, "--jobs", "2", "--json", str(file)]
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", str(submitted), *options],
        cwd=ROOT,
        env={**os.environ, "AUTOGRADER_RECORDS": str(submitted.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        sys.exit(f"{done.stdout}\n{done.stderr}")
    lines = file.read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return {record["student"]: record | TIMELESS for record in records}


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep this process and its children on one processor, beside endless loops."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    with ExitStack() as stack:
        stack.callback(os.sched_setaffinity, 0, before)
        for _ in range(loops):
            loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(loop.wait)
            stack.callback(loop.kill)
        yield


def compare(quiet: Records, found: Records) -> list[str]:
    """Say which records differ without a mark, and which right answers are marked."""
    problems = []
    for student, expected in quiet.items():
        record = found[student]
        marks = [task["review"] for task in record["tasks"] if task["review"]]
        right = expected["score"] == expected["max_score"]
        if record != expected and (right or not marks):
            marked = f", marked: {marks[0]}" if marks else ""
            problems.append(f"{student}: {expected['score']} became {record['score']}{marked}")
    return problems


if __name__ == "__main__":
    main()
