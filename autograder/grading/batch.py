"""Grades a chunk of submissions: one pytest session, one warm process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograder.course import Assignment, Course
from autograder.errors import SubmissionError
from autograder.grading.consistency import own_code
from autograder.grading.explainer import explainer
from autograder.grading.lateness import lateness
from autograder.grading.review import doubt, known_answers
from autograder.grading.session import Exam, Heard, Paper, nothing_heard
from autograder.grading.suite_run import hold_exam
from autograder.record import FAULT, Record, TaskScore, by_task
from autograder.sandbox.execution_errors import SubmissionFault, TimeUp
from autograder.sandbox.probe import confinement
from autograder.sandbox.student_process import CellRun, Series
from autograder.sandbox.warm_process import WarmProcess, WarmProcessError
from autograder.submission import Notebook, Submission, read_notebook


@dataclass(frozen=True)
class Terms:
    """What is the same for every submission of a run.

    Hidden inputs are drawn from `seed`. Cells whose source is in `given` are not the student's
    and are not run. `names` are the functions and classes that each task asks for.
    """

    course: Course
    assignment: Assignment
    seed: str
    given: frozenset[str] = frozenset()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graded:
    """A record and what belongs to it.

    `outputs` is what the submission's cells showed, with their places in the notebook; `code`
    the student's own, of each task; `observed` what the suite kept for pictures.
    """

    record: Record
    path: Path
    outputs: tuple[tuple[int, CellRun], ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    observed: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Whether it says something of the submission alone, and nothing of the machine."""
        tests = (test for task in self.record.tasks for test in task.tests)
        faults = (run.fault for _, run in self.outputs)
        return not (
            self.record.fault
            or any(test.doubt for test in tests)
            or any(isinstance(fault, TimeUp) and fault.doubt for fault in faults)
        )


def grade_chunk(
    submissions: Sequence[Submission],
    terms: Terms,
    warm: WarmProcess,
    read: Callable[[Path], Notebook] = read_notebook,
    heard: Heard = nothing_heard,
) -> list[Graded]:
    """Grade submissions; one that cannot be read gets a record that says why.

    `read` returns the notebook of a path, or raises SubmissionError. `heard` is told of a paper
    whenever a test has met it.

    Raises:
        CourseError: the suite itself cannot be collected, or student code is not confined as
            course.yml demands.
    """
    assignment = terms.assignment
    try:
        isolation = str(confinement(terms.course, assignment, warm))
    except WarmProcessError as error:
        fault = f"{FAULT}: {error}"
        return [Graded(unreadable(s, assignment, fault), s.path) for s in submissions]
    notebooks: dict[int, Notebook] = {}
    graded: dict[int, Graded] = {}
    for index, submission in enumerate(submissions):
        try:
            notebooks[index] = read(submission.path)
        except SubmissionError as error:
            graded[index] = Graded(unreadable(submission, assignment, str(error)), submission.path)
    papers = {
        index: Paper(submissions[index], own_cells(notebook, terms.given))
        for index, notebook in notebooks.items()
    }
    if papers:
        series = _series(terms, warm)
        hold_exam(Exam(assignment, list(papers.values()), terms.seed, warm, series, heard))
    for index, paper in papers.items():
        if paper.disturbed:  # once more, from the beginning, and one question at a time
            papers[index] = Paper(paper.submission, paper.cells)
            hold_exam(Exam(assignment, [papers[index]], terms.seed, warm, heard=heard))
    for index, paper in papers.items():
        code = own_code(notebooks[index], assignment, terms.names)
        tasks = _doubted(_explained(paper, terms, warm), paper, code, assignment)
        outputs = tuple(zip(notebooks[index].positions, paper.runs, strict=False))
        graded[index] = Graded(
            _record(paper, tasks, assignment, isolation),
            paper.submission.path,
            outputs,
            code,
            paper.kept,
        )
    return [graded[index] for index in range(len(submissions))]


def own_cells(notebook: Notebook, given: frozenset[str]) -> tuple[str, ...]:
    """Return a notebook's cells, with those that were given emptied."""
    return tuple("" if cell.strip() in given else cell for cell in notebook.cells)


def collect(assignment: Assignment) -> Exam:
    """Return an exam that knows its tests, none of which has been run.

    Raises:
        CourseError: the suite cannot be collected.
    """
    exam = Exam(assignment, [Paper(Submission("", Path()), ())], seed="")
    hold_exam(exam, "--collect-only")
    return exam


def _series(terms: Terms, warm: WarmProcess) -> Mapping[str, Series]:
    """Return what each test asks."""
    try:
        return explainer(terms.assignment, terms.seed, warm, hold_exam).series
    except (SubmissionFault, WarmProcessError):
        return {}


def _explained(paper: Paper, terms: Terms, warm: WarmProcess) -> tuple[TaskScore, ...]:
    """Return the tasks of a paper, with what is known of why they failed."""
    wanted = [(task.name, task.points) for task in terms.assignment.tasks]
    tasks = by_task(paper.results, wanted)
    try:
        return explainer(terms.assignment, terms.seed, warm, hold_exam).explain(tasks, paper.traces)
    except (SubmissionFault, WarmProcessError):  # the score stands without an explanation
        return tasks


def _doubted(
    tasks: Sequence[TaskScore], paper: Paper, code: Mapping[str, str], assignment: Assignment
) -> tuple[TaskScore, ...]:
    """Return the tasks, with reasons for a person to look at them."""
    stopped = (run.fault.doubt for run in paper.runs if isinstance(run.fault, TimeUp))
    kept_waiting = next(filter(None, stopped), "")
    answers = known_answers(assignment.suite_folder)
    doubted = [
        replace(
            task,
            doubt=doubt(code.get(task.name, ""), answers)
            or (kept_waiting if task.score < task.max_score else ""),
        )
        for task in tasks
    ]
    if paper.submission.doubt:  # it is about all of them: once is enough
        reasons = filter(None, (paper.submission.doubt, doubted[0].doubt))
        doubted[0] = replace(doubted[0], doubt=" ".join(reasons))
    return tuple(doubted)


def _record(
    paper: Paper, tasks: tuple[TaskScore, ...], assignment: Assignment, isolation: str
) -> Record:
    record = Record(
        student=paper.submission.student,
        assignment=assignment.name,
        notebook=str(paper.submission.path),
        max_score=assignment.max_score,
        tasks=tasks,
        note=paper.submission.note,
        isolation=isolation,
        seconds=paper.seconds,
        late=lateness(assignment, paper.submission.student, paper.submission.submitted),
    )
    missing = [task.name for task in tasks if not task.tests]
    if missing:
        return replace(record, error=f"{FAULT}: no test ran for {', '.join(missing)}.")
    return record


def unreadable(submission: Submission, assignment: Assignment, error: str) -> Record:
    """Return the record of a submission that cannot be graded."""
    return Record(
        submission.student,
        assignment.name,
        str(submission.path),
        assignment.max_score,
        error=error,
        late=lateness(assignment, submission.student, submission.submitted),
    )
