"""Decides where each test cell runs: outside the process of the student's code, where it can.

The source notebook is run both ways. A cell runs outside if nothing differs there: neither its own
outcome nor that of any other cell, and if the release version gets the same points. Files that the
notebook changes are missing outside, so that a cell that reads one runs inside.
"""

import json
import os
import re
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

from autograder.course import Assignment, Course, FolderKind
from autograder.diagnosis.exception_advice import error_of
from autograder.files import write_whole
from autograder.grading.cell_tests import CellTests, Decision, Decisions
from autograder.grading.fingerprint import installed, kit_digest
from autograder.grading.records_folder import records_folder
from autograder.grading.session import Attempt, undisturbed
from autograder.instructor_code import names_bound_in
from autograder.sandbox.student_process import CellResult, StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from autograder.test_cells import SourceCells, placed

KINDS: tuple[FolderKind, FolderKind] = "source", "release"
OUTSIDE = Decision("outside")


_known: dict[str, Decisions] = {}  # in this process, by what they depend on


def decisions(
    course: Course, assignment: Assignment, source: SourceCells, warm: WarmProcess
) -> Decisions:
    """Return where each test cell runs; what has been decided is kept beside the records."""
    key = _key(course, assignment, source)
    file = records_folder(course) / f"{assignment.name}.judged.json"
    if key not in _known:
        _known[key] = _read(file, key) or _decide(course, assignment, source, warm)
        with suppress(OSError):  # it will only be decided again
            _write(file, key, _known[key])
    return _known[key]


def _decide(
    course: Course, assignment: Assignment, source: SourceCells, warm: WarmProcess
) -> Decisions:
    solution, stub = (course.notebook_file(assignment, kind) for kind in KINDS)
    trials = [_Trial(solution, assignment, source, warm, solved=True)]
    if stub.exists():
        trials.append(_Trial(stub, assignment, source, warm, solved=False))
    needed = {test.task: test.surroundings.needed for test in source.tests.values()}
    found = {
        task.name: Decision(given, "set in course.yml")
        if (given := assignment.judged.get(task.name))
        else OUTSIDE
        for task in assignment.tasks
    }
    for trial in trials:
        while changed := _changed(trial, found, needed, assignment.judged):
            found |= changed
    return found


def _changed(
    trial: "_Trial",
    found: Decisions,
    needed: Mapping[str, tuple[str, ...]],
    fixed: Container[str],
) -> Decisions:
    """Return other decisions for the first cell that differs; none if nothing can be done."""
    for differing in trial.differences(found):
        changed = {
            task: _next(found[task], reason, needed[task])
            for task, reason in differing.items()
            if task not in fixed and found[task].place == "outside"
        }
        if changed:
            return changed
    return {}


def _next(decision: Decision, reason: str, needed: tuple[str, ...]) -> Decision:
    """Return what to try when a cell does not run as it was decided."""
    if decision == OUTSIDE and needed:
        return Decision("outside", f"the notebook shares its {', '.join(needed)}", needed)
    if not decision.in_place:
        changes = "changes in place are taken over"
        said = "; ".join(filter(None, (decision.reason, changes)))
        return replace(decision, reason=said, in_place=True)
    return Decision("inside", reason)


class _Trial:
    """Compares how a notebook of the instructor's runs with test cells inside and outside.

    Where it is not solved, only points are compared.
    """

    def __init__(
        self,
        path: Path,
        assignment: Assignment,
        source: SourceCells,
        warm: WarmProcess,
        *,
        solved: bool,
    ) -> None:
        self._solved = solved
        self._submission = Submission("trial", path)
        self._assignment, self._warm = assignment, warm
        self._placed = placed(self._submission.notebook, source)
        self._changed: frozenset[str] = frozenset()
        self._inside = self._run({})

    def _run(self, found: Decisions) -> Attempt:
        def note(process: StudentProcess) -> None:
            self._changed |= process.changed_files()

        attempt = Attempt(self._submission, self._placed.cells, placed=self._placed)
        given = self._assignment.given_files.items()
        files = {name: content for name, content in given if name not in self._changed}
        tests = CellTests(self._assignment, self._warm, found, files=files, on_executed=note)
        return undisturbed(attempt, lambda one: tests.run([one]))[0]

    def differences(self, found: Decisions) -> Iterator[Mapping[str, str]]:
        """Yield, for each cell that differs, the tasks that may be to blame, with the reason."""
        attempt = self._run(found)
        points = [{r.name: r.points for r in one.results} for one in (attempt, self._inside)]
        cells = enumerate(zip(attempt.cell_results, self._inside.cell_results, strict=True))
        for index, (outside, inside) in cells:
            test = self._placed.tests.get(index)
            same = test is None or points[0][test.name] == points[1][test.name]
            if same and (not self._solved or _outcome(outside) == _outcome(inside)):
                continue
            if test is not None and found[test.task].place == "outside":
                why = f"outside it {_outcome(outside)}, inside it {_outcome(inside)}"
                yield {test.task: why}
            else:
                why = f"a later cell needs it, which {_outcome(outside)}"
                yield dict.fromkeys(self._needed(index, found), why)

    def _needed(self, index: int, found: Decisions) -> list[str]:
        """Return the tasks of cells before one that run outside, and that it may depend on."""
        words = set(re.findall(r"\w+", self._placed.cells[index]))
        before = [
            test
            for i, test in self._placed.tests.items()
            if i < index and found[test.task].place == "outside"
        ]
        binding = [test for test in before if words & names_bound_in(test.source)] or before
        may_share = [t for t in binding if t.surroundings.needed and not found[t.task].shared]
        return [test.task for test in may_share or binding]


def _outcome(cell: CellResult) -> str:
    """Say how a cell ended."""
    if cell.failure is not None:
        return "was stopped"
    if cell.succeeded:
        return "runs"
    kind, _ = error_of(cell.outputs) or ("an exception", "")
    return f"raises {kind}"


def _key(course: Course, assignment: Assignment, source: SourceCells) -> str:
    """Return a digest of what the decisions depend on."""
    release = course.notebook_file(assignment, "release")
    parts = [
        json.dumps([asdict(test) for test in source.tests.values()], default=dict),
        json.dumps([list(source.restored.items()), source.order]),
        Submission("", course.notebook_file(assignment)).digest,
        Submission("", release).digest if release.exists() else "",
        *(f"{name} {sha256(file).hexdigest()}" for name, file in assignment.given_files.items()),
        assignment.limits.model_dump_json(),
        json.dumps([assignment.judged, assignment.preload]),
        kit_digest(),
        *installed(),
    ]
    return sha256("\0".join(parts).encode()).hexdigest()


def _read(file: Path, key: str) -> Decisions | None:
    """Return decisions that were kept, None if there are none for this key."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["key"] == key:
            return {
                task: Decision(one["place"], one["reason"], tuple(one["shared"]), one["in_place"])
                for task, one in kept["judged"].items()
            }
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _write(file: Path, key: str, found: Decisions) -> None:
    os.makedirs(file.parent, mode=0o700, exist_ok=True)
    kept = {"key": key, "judged": {task: asdict(one) for task, one in found.items()}}
    write_whole(file, json.dumps(kept, indent=1).encode())
