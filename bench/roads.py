"""The roads that are compared: how each grades a class, and the scores in its gradebook."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from autograder.authoring.adoption import LINES
from autograder.sandbox.warm_process import _bare_environment
from bench import otter_tests
from bench.figures import Naming, read_naming
from bench.meter import ROOT, Cost, measure
from bench.workload import CELLS, FULL, Submitted, assignment_of, source, write_class

BIN = Path(sys.executable).parent
STOCK, OURS, THROUGH, OTTER, BARE = "stock", "ours", "preprocessor", "otter", "bare"
DASK, UNCHANGED = "ours, Dask", "ours, unchanged"
IMPORT_TORCH, IMPORT_ALL = "import torch", "import all"
EXPLAINED = {
    STOCK: "`nbgrader autograde` as nbgrader comes",
    OURS: "`autograder grade`",
    THROUGH: "`nbgrader autograde` through our preprocessor",
    OTTER: "`otter run`, with four simple tests",
    BARE: "fork, run the cells, call the functions: the limit",
    DASK: "`autograder grade --dask local`",
    UNCHANGED: "`autograder grade` once more, nothing has changed",
    IMPORT_TORCH: 'python -c "import torch"',
    IMPORT_ALL: 'python -c "import torch, sklearn.datasets, matplotlib.pyplot"',
}
IMPORTS = {IMPORT_TORCH: "torch", IMPORT_ALL: "torch, sklearn.datasets, matplotlib.pyplot"}
IN_GRADEBOOK = (STOCK, OURS, THROUGH, DASK, UNCHANGED)
STOCK_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
"""
OTTER_LOOP = """\
for notebook in submitted/*/*/*.ipynb; do
  mkdir -p results/$notebook && otter run --no-logo -a autograder.zip -o results/$notebook $notebook
done"""


class RoadFailedError(Exception):
    """A command failed, so there is nothing to compare."""


class WrongGradesError(Exception):
    """A road gave wrong grades."""


@dataclass(frozen=True)
class Courses:
    """Creates a new course for each run, with nothing left from an earlier one."""

    scratch: Path
    jobs: int
    otter: Path | None

    @contextmanager
    def course(self, road: str, workload: str, submitted: Sequence[Submitted]) -> Iterator[Path]:
        """Create a course for a road, with the submissions of a class."""
        template = self._template(road, workload)
        with TemporaryDirectory(dir=self.scratch) as folder:
            course = Path(folder, "course")
            shutil.copytree(template, course)
            write_class(submitted, course / "submitted", assignment_of(workload))
            yield course

    def _template(self, road: str, workload: str) -> Path:
        """Return the course without a class; it is created on first use."""
        kind, name = STOCK if road == STOCK else OURS, assignment_of(workload)
        folder = self.scratch / f"{kind}-{workload}"
        if folder.exists():
            return folder
        notebook = folder / "solutions" / name / f"{name}.ipynb"
        notebook.parent.mkdir(parents=True)
        notebook.write_text(json.dumps(source(workload)), encoding="utf-8")
        config, adopted = folder / "nbgrader_config.py", kind == OURS and name in CELLS
        if kind == STOCK or adopted:
            config.write_text(STOCK_CONFIG, encoding="utf-8")
        else:
            (folder / "course.yml").write_text(course_of(name), encoding="utf-8")
            shutil.copy(ROOT / "nbgrader_config.py", folder)
        if adopted:
            self._checked(["autograder", "adopt", name], folder)
            config.write_text(STOCK_CONFIG + LINES, encoding="utf-8")
        otter_tests.write_autograder(folder / "autograder.zip")
        self._checked(["nbgrader", "generate_assignment", name], folder)
        if adopted:
            self._checked(["autograder", "validate"], folder)
        return folder

    def _checked(self, command: Sequence[str], folder: Path) -> None:
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RoadFailedError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")

    def run(self, road: str, course: Path, *, memory: bool = False, may_fail: bool = False) -> Cost:
        """Grade a course's class by a road.

        Raises:
            RoadFailedError: the command failed.
        """
        command, folder, around = self._command(road, course)
        cost = measure(command, folder, around, memory=memory)
        if cost.status and not may_fail:
            raise RoadFailedError(f"{' '.join(command)}: status {cost.status}\n{cost.output}")
        return cost

    def _command(self, road: str, course: Path) -> tuple[list[str], Path, dict[str, str]]:
        """Return a road's command, where it runs and its environment."""
        if road in IMPORTS:
            return [sys.executable, "-c", f"import {IMPORTS[road]}"], ROOT, environment()
        if road in (STOCK, THROUGH):
            (solutions,) = (course / "solutions").iterdir()
            return [str(BIN / "nbgrader"), "autograde", solutions.name], course, environment()
        if road == BARE:
            command = [sys.executable, "-s", "-B", "-m", "bench.bare", str(course)]
            return [*command, "--jobs", str(self.jobs)], ROOT, _bare_environment()
        if road == OTTER:
            assert self.otter is not None
            return ["sh", "-ec", OTTER_LOOP], course, environment(self.otter / "bin")
        grade = [str(BIN / "autograder"), "grade", "--jobs", str(self.jobs)]
        if road == DASK:
            grade = [str(BIN / "autograder"), "grade", "--dask", "local", "--jobs", "2"]
        if road != UNCHANGED and has_option("--force"):
            grade.append("--force")  # the same submissions have been graded before
        return grade, course, environment()


def course_of(name: str) -> str:
    """Return the kit's course.yml with one assignment."""
    content = yaml.safe_load((ROOT / "course.yml").read_text(encoding="utf-8"))
    content["assignments"] = {name: content["assignments"][name]}
    return yaml.safe_dump(content, sort_keys=False)


@functools.cache
def has_option(name: str) -> bool:
    """Return whether `autograder grade` has an option."""
    command = [str(BIN / "autograder"), "grade", "--help"]
    return name in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def environment(first: Path = BIN) -> dict[str, str]:
    """Return this environment, with a virtual environment's commands first."""
    return os.environ | {"PATH": f"{first}{os.pathsep}{os.environ['PATH']}"}


def naming(assignment: str, count: int) -> Naming:
    """Measure what it costs to name mistakes in an assignment.

    Raises:
        RoadFailedError: it failed.
    """
    command = [sys.executable, "-m", "bench.naming", assignment, "--count", str(count)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RoadFailedError(f"{' '.join(command)}:\n{done.stderr}")
    return read_naming(done.stdout)


def scores(road: str, course: Path) -> dict[str, float]:
    """Return each student's score, from the gradebook or otter's results."""
    if road == OTTER:
        return {
            results.parent.parent.parent.name: FULL * otter_tests.passed(results)
            for results in course.glob("results/submitted/*/*/*/results.json")
        }
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        (assignment,) = gradebook.assignments
        return {s.student.id: s.score for s in assignment.submissions}


def check_scores(
    road: str, submitted: Sequence[Submitted], found: dict[str, float], *, known: bool = True
) -> None:
    """Check that everybody was graded and, where it is `known`, who has full points.

    Raises:
        WrongGradesError: the gradebook says something else.
    """
    if set(found) != {one.student for one in submitted}:
        raise WrongGradesError(f"{road}: {len(found)} of {len(submitted)} were graded.")
    odd = {
        one.student: found[one.student]
        for one in submitted
        if known and (found[one.student] == one.points) != one.right
    }
    if odd:
        raise WrongGradesError(f"{road}: these scores are not as expected: {odd}")


def check_bare(submitted: Sequence[Submitted], printed: str) -> None:
    """Check that bare counted the right submissions correctly, so it really made the calls.

    Raises:
        WrongGradesError: it did not.
    """
    right = sum(one.right for one in submitted)
    if printed.strip() != f"{right} of {len(submitted)} right":
        raise WrongGradesError(f"{BARE}: {printed.strip()}, where {right} are.")
