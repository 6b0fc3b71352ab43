"""Writes grades to nbgrader's gradebook, and notebooks to the folder autograded/."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Comment,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.api import Grade as GradeRow
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from autograder.course import Assignment, Course
from autograder.errors import GradebookError, SubmissionError
from autograder.files import read_file, write_whole
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader.cell_scores import (
    CellScore,
    CellScores,
    cell_scores,
    results_by_cell,
)
from autograder.integrations.nbgrader.cells import Cell, SourceCell, fill_in, new_cell, repair
from autograder.integrations.nbgrader.database import (
    advice,
    begin,
    check_url,
    open_gradebook,
    reason,
    retry_transaction,
    unusable,
)
from autograder.integrations.nbgrader.registration import (
    register_assignment,
    set_due_date,
    set_extension,
)
from autograder.integrations.nbgrader.sanitizing import sanitize
from autograder.record import Record
from autograder.reports.feedback_page import pictures_of
from autograder.submission import MAX_TIMESTAMP, TIMESTAMP, Submission, others_in, timestamp

ATTEMPTS = 3  # in each, SQLite waits for five seconds
PAUSE = 1  # seconds between two attempts
KEY_FILE = "submission_secret.txt"  # the key under which nbgrader releases feedback
POSITION = "autograder_cell"  # key in a cell's metadata, between repair and results

CellNames = tuple[dict[str, str], dict[str, str]]
"""The names of a notebook's graded cells and of its commented cells, by their ids."""


class GradeWriter:
    """Writes grades, and autograded notebooks, as `nbgrader autograde` does.

    An unreliable grade is left empty and marked for manual grading. Manual grades and comments
    are kept. Each grade is committed before the next one is written.
    """

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self.course, self.assignment, self.written = course, assignment, 0
        self._waiting: list[tuple[Submission, GradingResult]] = []
        self._gradebook: Any = None

    def __enter__(self) -> GradeWriter:
        check_url(self.course.gradebook_url)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                retry_transaction(self._open, self._close)
            except (SQLAlchemyError, OSError) as error:
                self._close()
                if attempt == ATTEMPTS:
                    raise unusable(self.course.gradebook, error) from None
                time.sleep(PAUSE)
            else:
                break
        return self

    def _open(self) -> None:
        """Open the gradebook; register the assignment if it is new."""
        self._gradebook = open_gradebook(self.course.gradebook_url)
        if not _has_assignment(self._gradebook, self.assignment):
            register_assignment(self.course, self.assignment, self._gradebook)
        set_due_date(self._gradebook, self.assignment)
        self._look_up()

    def _close(self) -> None:
        if self._gradebook is not None:
            self._gradebook.close()
            self._gradebook = None

    def _look_up(self) -> None:
        """Look up the rows that all submissions share."""
        self._gradebook.db.rollback()
        names = self.assignment.name, self.assignment.notebook
        notebook = self._gradebook.find_notebook(self.assignment.notebook, names[0])
        self._sources = source_cells(self._gradebook, *names)
        self._cells = cell_names(notebook)
        self._ids = notebook.id, notebook.assignment_id
        self._rows = {
            notebook.id: cell_names(notebook)
            for notebook in self._gradebook.find_assignment(self.assignment.name).notebooks
        }
        self._gradebook.db.rollback()  # grading takes long: keep no transaction open

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._write_waiting()
        finally:
            self._close()

    def write(self, submission: Submission, result: GradingResult) -> None:
        """Write the grades of one submission, and its autograded notebook.

        If that fails, for example because the gradebook is locked, retry at the end of the run.
        """
        if self._waiting or self._try_to_write(submission, result) is not None:
            self._waiting.append((submission, result))

    def _write_waiting(self) -> None:
        """Write the waiting grades.

        Raises:
            GradebookError: some of them still cannot be written.
        """
        problems: dict[str, Exception] = {}
        for attempt in range(ATTEMPTS):
            time.sleep(PAUSE if attempt else 0)
            problems = self._retry_waiting()
            self._waiting = [(s, r) for s, r in self._waiting if s.student in problems]
            if not self._waiting:
                return
        students = [submission.student for submission, _ in self._waiting]
        raise GradebookError(
            f"{self.course.gradebook_name}: the grades of {', '.join(students)} could not be "
            f"written: {reason(problems[students[0]])}. All other grades were written. "
            f"{advice(self.course.gradebook)}"
        )

    def _retry_waiting(self) -> dict[str, Exception]:
        """Try once to write the waiting grades; return the errors, by student."""
        problem, problems = None, {}
        for submission, result in self._waiting:
            if not isinstance(problem, OperationalError):  # it would affect all others, too
                problem = self._try_to_write(submission, result)
            if problem is not None:
                problems[submission.student] = problem
        return problems

    def _try_to_write(self, submission: Submission, result: GradingResult) -> Exception | None:
        """Write the grades of one submission; return the error if that fails."""
        try:
            self._write(submission, result)
        except (SQLAlchemyError, OSError, ValueError) as error:
            self._gradebook.db.rollback()
            return error
        return None

    def _write(self, submission: Submission, result: GradingResult) -> None:
        document = autograded(submission, result, self.assignment, self._sources)
        scores = self._scores(submission, result, document)
        retry_transaction(lambda: self._save(submission, result.record, scores), self._look_up)
        folder = self.course.folder("autograded") / submission.student / self.assignment.name
        path = folder / f"{self.assignment.notebook}.ipynb"
        if document is not None:
            _write_notebook(path, document, submission)
        else:  # it may exist from an earlier submission
            path.unlink(missing_ok=True)
        self.written += 1

    def _scores(
        self, submission: Submission, result: GradingResult, document: dict[str, Any] | None
    ) -> CellScores:
        """Return the scores and comments of a submission's cells."""
        path = submission.path
        if document is None and not path.exists() and not others_in(path.parent, self.assignment):
            graded, _ = self._cells  # nothing was submitted: all scores are 0
            return dict.fromkeys(graded.values(), CellScore(0.0)), {}
        cells = document["cells"] if document is not None else [new_cell(s) for s in self._sources]
        return cell_scores(cells, result.record, self.assignment)

    def _save(self, submission: Submission, record: Record, scores: CellScores) -> None:
        """Write the scores of a submission in one transaction."""
        session = self._gradebook.db
        begin(session)
        row = self._submission_row(submission)
        own = session.query(SubmittedNotebook).filter_by(
            assignment_id=row.id, notebook_id=self._ids[0]
        )
        save_scores(session, own.one(), self._cells, scores, record, self.assignment)
        session.commit()

    def _submission_row(self, submission: Submission) -> Any:
        """Return the gradebook's row of a submission; add it if it is new."""
        session, student = self._gradebook.db, submission.student
        key = {"assignment_id": self._ids[1], "student_id": student}
        known = session.query(SubmittedAssignment).filter_by(**key).with_for_update()
        row = known.one_or_none() or self._add_submission(student)
        when = timestamp(submission.path.parent)
        if when is not None:
            row.timestamp = when.replace(tzinfo=None)
        set_extension(row, self.assignment, student)
        return row

    def _add_submission(self, student: str) -> Any:
        """Add a submission with all its rows, like `Gradebook.add_submission` but in one step."""
        session = self._gradebook.db
        if session.get(Student, student) is None:
            session.add(Student(id=student))
        submission = SubmittedAssignment(
            id=new_uuid(), assignment_id=self._ids[1], student_id=student
        )
        session.add(submission)
        for notebook_id, (graded, commented) in self._rows.items():
            own = SubmittedNotebook(
                id=new_uuid(), notebook_id=notebook_id, assignment_id=submission.id
            )
            session.add(own)
            session.add_all(GradeRow(cell_id=cell, notebook_id=own.id) for cell in graded)
            session.add_all(Comment(cell_id=cell, notebook_id=own.id) for cell in commented)
        session.flush()
        return submission


def cell_names(notebook: Any) -> CellNames:
    """Return the graded cells and the commented cells of a notebook."""
    tasks = notebook.task_cells
    graded, commented = [*notebook.grade_cells, *tasks], [*notebook.solution_cells, *tasks]
    return {cell.id: cell.name for cell in graded}, {cell.id: cell.name for cell in commented}


def save_scores(
    session: Any,
    own: Any,
    cells: CellNames,
    scores: CellScores,
    record: Record,
    assignment: Assignment,
) -> None:
    """Set the scores, the comments and the late penalty of a student's notebook.

    Manual scores and comments are kept; cells with manual scores are marked for review. The rows
    of the grades stay locked until the commit.

    Args:
        session: the session of the gradebook.
        own: the row of the student's notebook.
        cells: the names of its graded and of its commented cells.
        scores: the scores of graded cells, and the comments of commented cells.
        record: the record of the submission.
        assignment: the assignment.
    """
    (graded, commented), (grades, comments) = cells, scores
    rows = list(
        rows_of_cells(session, GradeRow, own, graded).order_by(GradeRow.id).with_for_update()
    )
    for row in rows:
        if (name := graded.get(row.cell_id)) in grades:
            row.auto_score = grades[name].score
            row.needs_manual_grade = grades[name].review or row.manual_score is not None
    for row in rows_of_cells(session, Comment, own, commented):
        row.auto_comment = comments.get(commented.get(row.cell_id, ""), CellScore()).comment
    if assignment.due is not None:
        own.late_submission_penalty = penalty(record, rows)


def rows_of_cells(session: Any, kind: Any, notebook: Any, cells: Iterable[str]) -> Any:
    """Return a query for the rows of one kind of a notebook's cells; it uses the index."""
    own = kind.cell_id.in_(list(cells)), kind.notebook_id == notebook.id
    return session.query(kind).filter(*own)


def _has_assignment(gradebook: Any, assignment: Assignment) -> bool:
    try:
        gradebook.find_notebook(assignment.notebook, assignment.name)
    except MissingEntry:
        return False
    return True


def penalty(record: Record, grades: Iterable[Any]) -> float | None:
    """Return the late penalty in points of a notebook's grades, None for none."""
    return record.late.penalty(sum(map(_points, grades))) if record.late.share else None


def _points(grade: Any) -> float:
    score = grade.auto_score if grade.manual_score is None else grade.manual_score
    return (score or 0.0) + (grade.extra_credit or 0.0)


def source_cells(gradebook: Any, assignment: str, notebook: str) -> list[SourceCell]:
    """Return the cells of a source notebook from the gradebook, in order."""
    known = gradebook.find_notebook(notebook, assignment)
    graded = {cell.name: cell.max_score for cell in [*known.grade_cells, *known.task_cells]}
    grades = {cell.name for cell in known.grade_cells}
    solutions = {cell.name for cell in known.solution_cells}
    tasks = {cell.name for cell in known.task_cells}
    return [
        SourceCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=bool(cell.locked),
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=graded.get(cell.name),
        )
        for cell in known.source_cells
    ]


def mark_positions(cells: Iterable[Cell]) -> None:
    """Store the position of each cell in its metadata."""
    for position, cell in enumerate(cells):
        cell.setdefault("metadata", {})[POSITION] = position


def pop_positions(cells: Iterable[Cell]) -> list[int | None]:
    """Remove the positions that `mark_positions` stored, and return them."""
    return [cell["metadata"].pop(POSITION, None) for cell in cells]


def autograded(
    submission: Submission,
    result: GradingResult,
    assignment: Assignment,
    sources: Sequence[SourceCell],
) -> dict[str, Any] | None:
    """Return the notebook of a submission with its results, None if it is unreadable."""
    if isinstance(submission.loaded, SubmissionError):
        return None
    document = sanitized(submission.loaded.document, sources)
    show_results(document, result, assignment)
    return document


def sanitized(document: dict[str, Any], sources: Sequence[SourceCell]) -> dict[str, Any]:
    """Return a submitted document without active content, with its cells repaired.

    Each cell stores its position in the submission, for `show_results`.
    """
    document = sanitize(document)
    mark_positions(document["cells"])
    document["cells"] = repair(document["cells"], sources)
    return document


def show_results(document: dict[str, Any], result: GradingResult, assignment: Assignment) -> None:
    """Set the outputs of a repaired notebook's cells to outputs and results."""
    fill_in(
        document["cells"],
        pop_positions(document["cells"]),
        dict(result.outputs),
        results_by_cell(result.record, assignment),
        assignment.feedback,
        pictures_of(result, assignment),
    )


def _write_notebook(path: Path, document: dict[str, Any], submission: Submission) -> None:
    """Write the autograded notebook, and copy the files that nbgrader needs beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    write_whole(path, text.encode("utf-8", "replace"))
    for name in (TIMESTAMP, KEY_FILE):
        with suppress(OSError):
            content = read_file(submission.path.parent / name, MAX_TIMESTAMP)
            write_whole(path.parent / name, content)
