"""Tries the library of mistakes on `linear_regression` without the suite's own misconceptions.

Each way of each own misconception is graded with the library alone, and so are the accepted answers
and the wrong ones that no misconception describes. `TRUE` says which names of the library are true
of which misconception; it is a judgement, made by reading both texts.
"""

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course import load_course
from autograder.diagnosis.misconception import Misconception, load_library, singles
from autograder.grading.batch import grade_batch, prepare
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import write_notebook
from tests.suites.test_findings import IN_NO_LIBRARY

ROOT = Path(__file__).parent.parent
NAME = "linear_regression"
UNKNOWN = tuple(case.answer for case in IN_NO_LIBRARY)
TRUE: Mapping[str, Sequence[str]] = {}


def main() -> None:
    """Grade, print the table, and fail if a name is not true."""
    with tempfile.TemporaryDirectory() as folder:
        library, records = graded(Path(folder))
    rows = [(one, [records[key(one, way)] for way in range(len(one.ways))]) for one in library]
    print(f"{'own misconception':32}{'names of the library':60}")
    right = wrong = 0
    for one, found in rows:
        named = [names_in(record, one.task) for record in found]
        true = {one.name, *TRUE.get(one.name, ())}
        judged = ["" if not names else "true" if true & {*names} else "WRONG" for names in named]
        right += "true" in judged and "WRONG" not in judged
        wrong += "WRONG" in judged
        for names, verdict in zip(named, judged, strict=True):
            print(f"{one.name:32}{' or '.join(names) or '-':60}{verdict}".rstrip())
    for kind, answers in (("accepted", ACCEPTED), ("unknown", UNKNOWN)):
        some = [a.name for a in answers if any(t.explained for t in records[a.name].tasks)]
        print(
            f"{len(answers)} {kind} answers, {len(some)} with a name: {', '.join(some) or 'none'}"
        )
        wrong += len(some)
    share = right / len(rows)
    print(
        f"{right} of {len(rows)} misconceptions ({share:.0%}) get a true name, {wrong} a wrong one"
    )
    if wrong:
        sys.exit(1)


def names_in(record: Record, task: str) -> tuple[str, ...]:
    """Return the mistakes that are named in a task."""
    return next(one.misconceptions for one in record.tasks if one.name == task)


def key(one: Misconception, way: int) -> str:
    """Return the name of the submission with a misconception."""
    return f"{one.name}-{way}"


def graded(folder: Path) -> tuple[Sequence[Misconception], Mapping[str, Record]]:
    """Return the own misconceptions, and the records of all answers by their names."""
    shutil.copytree(ROOT / "solutions" / NAME, folder / "solutions" / NAME)
    shutil.copy(ROOT / "course.yml", folder)
    suite = folder / NAME
    shutil.copytree(ROOT / "autograder" / "suites" / NAME, suite)
    course = load_course(folder / "course.yml")
    assignment = course.assignment(NAME)
    source = SourceNotebook(course, assignment).solution
    assert source is not None
    solution, library = load_library(suite, source.code)
    (suite / "misconceptions.py").unlink()
    cells: dict[str, Sequence[str]] = {}
    for one in library:
        for way, variant in enumerate(singles(solution, [one])):
            cells[key(one, way)] = [variant.source]
    cells |= {answer.name: answer.cells() for answer in (*ACCEPTED, *UNKNOWN)}
    submissions = [
        Submission(name, write_notebook(folder / "submitted" / f"{name}.ipynb", list(some)))
        for name, some in cells.items()
    ]
    context = prepare(course, assignment)
    with WarmProcess(assignment.preload) as warm:
        results = grade_batch(submissions, context, warm)
    return library, {result.record.student: result.record for result in results}


if __name__ == "__main__":
    main()
