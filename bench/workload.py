"""Classes of submissions to grade: seeded, and no two submissions have the same text.

Of linear_regression:

- lean: the solution without its plots;
- released: the solution of the notebook as it is released, with its thirty plots and its sleeps;
- mixed: lean notebooks, every third of them wrong: known mistakes, cells that crash, a few that
  never end; the others are right in the various ways that the suite accepts.

A class that is named after another assignment of course.yml is a lean one of that. `documentation`
and `test_cells` are those of courses without a suite. A smaller class is the beginning of a larger
one.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.authoring.verification.cases import library_of
from autograder.course import load_course
from autograder.diagnosis.misconception import singles
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import GRADIENTS, STEP, forward, step
from bench import test_cells

ROOT = Path(__file__).parent.parent
NAME = "linear_regression"
COURSE = load_course(ROOT / "course.yml")
KINDS = ("lean", "released", "mixed")
OTHERS = tuple(name for name in COURSE.assignments if name != NAME)
CELLS = tuple(test_cells.SOURCES)  # courses without a suite
WORKLOADS = (*KINDS, *OTHERS, *CELLS)
LEAN = ("lean", *OTHERS)  # a lean class of each assignment
TASKS = ("gradients", "forward", "step")
FULL = 100.0

# Every third submission of a mixed class is wrong; these shares of the wrong ones crash or never
# end, about 5 % and 2 % of the class.
WRONG, CRASHING, ENDLESS = 3, 6, 17
# Right, but row by row in Python: so slow that on a busy machine they hit the time limits.
SLOW = {"index_put", "stacked_rows", "compiled"}

Document = dict[str, Any]
Parts = Mapping[str, str]
"""A student's code for some of the tasks, instead of the solution's."""

CRASHES: tuple[Parts, ...] = (
    {"step": STEP.replace("loss.backward()", "losss.backward()")},
    {"forward": forward("return x @ self.w + self.b)")},  # a syntax error
    {"gradients": GRADIENTS.replace("y.backward()", "raise ValueError('not yet')")},
)
NEVER_ENDING: tuple[Parts, ...] = (
    {"step": step(first="while True: pass")},
    {"gradients": GRADIENTS.replace("y.backward()", "while True: y = y + 1")},
)


@dataclass(frozen=True)
class Submitted:
    """A student's notebook, whether everything in it is right, and the points for that."""

    student: str
    document: Document
    right: bool
    points: float = FULL

    def text(self) -> str:
        """Return the notebook as a file."""
        return json.dumps(self.document)


def assignment_of(workload: str) -> str:
    """Return the name of the assignment that a class hands in."""
    return NAME if workload in KINDS else workload


def make_class(workload: str, count: int, seed: int = 0) -> list[Submitted]:
    """Return a class; the same workload, count and seed give the same one."""
    base = solved(source(workload))
    parts = mixed(count, seed) if workload == "mixed" else [({}, True)] * count
    points = test_cells.points(base) if workload in CELLS else FULL
    return [
        Submitted(name, signed(filled_in(base, own), name), right, points)
        for number, (own, right) in enumerate(parts)
        for name in [f"student{number:04}"]
    ]


def source(workload: str) -> Document:
    """Return the source notebook of a class's assignment, with its plots only if it is released."""
    if workload in CELLS:
        return test_cells.SOURCES[workload]()
    path = COURSE.notebook_file(COURSE.assignments[assignment_of(workload)])
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    if workload != "released":
        document["cells"] = [
            cell for cell in document["cells"] if "plot" not in cell["metadata"].get("tags", [])
        ]
    return document


def solved(document: Document) -> Document:
    """Return a notebook as a student submits it, without the solution markers."""
    result = copy.deepcopy(document)
    for cell in result["cells"]:
        text = "".join(cell["source"])
        cell["source"] = re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", text, flags=re.MULTILINE)
    return result


def filled_in(document: Document, own: Parts) -> Document:
    """Return a notebook with other code in some of its solution cells."""
    result = copy.deepcopy(document)
    for cell in result["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = own.get(grade_id, cell["source"])
    return result


def signed(document: Document, student: str) -> Document:
    """Put a student's name at the end of each code cell; the checks stay as released."""
    result = copy.deepcopy(document)
    for number, cell in enumerate(result["cells"]):
        given = cell["metadata"].get("nbgrader", {}).get("grade", False)
        if cell["cell_type"] == "code" and not given:
            cell["source"] = f"{cell['source'].rstrip()}\n# {student}, cell {number}"
    return result


def mixed(count: int, seed: int) -> list[tuple[Parts, bool]]:
    """Return what each student of a mixed class wrote, and whether it is right."""
    draw = random.Random(seed)
    right, wrong = shuffled(draw, accepted()), shuffled(draw, mistakes())
    crashing, endless = cycle(CRASHES), cycle(NEVER_ENDING)
    found: list[tuple[Parts, bool]] = []
    for number in range(count):
        among_wrong, rest = divmod(number, WRONG)
        if rest != WRONG - 1:
            found.append((next(right), True))
        elif among_wrong % ENDLESS == ENDLESS // 2:
            found.append((next(endless), False))
        elif among_wrong % CRASHING == 1:
            found.append((next(crashing), False))
        else:
            found.append((next(wrong), False))
    return found


def shuffled(draw: random.Random, choices: Sequence[Parts]) -> Iterator[Parts]:
    """Yield choices in a random order, over and over."""
    return cycle(draw.sample(choices, len(choices)))


def accepted() -> list[Parts]:
    """Return the answers that the suite accepts, without those that need extra cells."""
    return [
        {task: dedent(getattr(answer, task)) for task in TASKS}
        for answer in ACCEPTED
        if not answer.before and not answer.after and answer.name not in SLOW
    ]


def mistakes() -> list[Parts]:
    """Return the suite's misconceptions, cut into the three solution cells."""
    solution, library = library_of(COURSE, COURSE.assignments[NAME])
    return [own for variant in singles(solution, library) if (own := in_cells(variant.source))]


def in_cells(code: str) -> dict[str, str]:
    """Cut code like solution.py into its cells; nothing if a function has moved."""
    found = re.fullmatch(
        r".*?^import torch\n(?P<gradients>.*?^def polynomial_gradients.*?)"
        r"(?P<forward>^class Linear.*?)(?P<step>^(?:@[^\n]*\n)*def step.*)",
        code,
        flags=re.MULTILINE | re.DOTALL,
    )
    return {} if found is None else {task: found[task].strip() for task in TASKS}


def seconds_asleep(document: Document) -> float:
    """Return how long a notebook's loops sleep: rounds times sleep per round."""
    total = 0.0
    for cell in document["cells"]:
        text = "".join(cell["source"])
        for pause in re.findall(r"\btime\.sleep\(([\d.]+)\)", text):
            loop = re.search(r"\brange\((\d+)\)", text)
            total += float(pause) * (int(loop[1]) if loop else 1)
    return total


def write_class(submitted: Iterable[Submitted], folder: Path, assignment: str) -> None:
    """Write a class in nbgrader's layout."""
    for one in submitted:
        own = folder / one.student / assignment
        own.mkdir(parents=True)
        (own / f"{assignment}.ipynb").write_text(one.text(), encoding="utf-8")
