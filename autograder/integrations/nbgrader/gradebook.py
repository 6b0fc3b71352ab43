"""Writes grades to nbgrader's gradebook, and notebooks to the folder autograded/."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from autograder.course import Assignment, Course
from autograder.errors import GradebookError, SubmissionError, described
from autograder.files import read_file, write_whole
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader.api import (
    Comment,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from autograder.integrations.nbgrader.api import Grade as GradeRow
from autograder.integrations.nbgrader.cell_scores import CellScore, CellScores, cell_scores
from autograder.integrations.nbgrader.cells import sanitized, show_results
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
from autograder.integrations.nbgrader.sanitizing import Cell
from autograder.record import Record
from autograder.submission import MAX_TIMESTAMP, TIMESTAMP, Submission, others_in, timestamp

ATTEMPTS = 3  # in each, SQLite waits for five seconds
PAUSE = 1  # seconds between two attempts
KEY_FILE = "submission_secret.txt"  # the key under which nbgrader releases feedback

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
        self._locked: OperationalError | None = None
        self._gradebook: Any = None

    def __enter__(self) -> "GradeWriter":
        check_url(self.course.gradebook_url)
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                retry_transaction(self._open, self._close)
                break
            except (SQLAlchemyError, OSError) as error:
                self._close()
                if not attempts_left:
                    raise unusable(self.course.gradebook, error) from None
                time.sleep(PAUSE)
        return self

    def _open(self) -> None:
        """Open the gradebook; register the assignment if it is new."""
        self._gradebook = open_gradebook(self.course.gradebook_url)
        try:
            self._gradebook.find_notebook(self.assignment.notebook, self.assignment.folder)
        except MissingEntry:
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
        notebook = self._gradebook.find_notebook(self.assignment.notebook, self.assignment.folder)
        self._sources = source_cells(notebook)
        self._id, self._assignment_id = notebook.id, notebook.assignment_id
        self._cells = {one.id: cell_names(one) for one in notebook.assignment.notebooks}
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
        problem = self._locked or self._try_to_write(submission, result)
        if problem is not None:
            self._waiting.append((submission, result))
        if isinstance(problem, OperationalError):  # it would affect all others, too
            self._locked = problem

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
        except Exception as error:
            self._gradebook.db.rollback()
            foreseen = isinstance(error, SQLAlchemyError | OSError | ValueError)
            return error if foreseen else RuntimeError(described(error))
        return None

    def _write(self, submission: Submission, result: GradingResult) -> None:
        loaded, document = submission.loaded, None
        if not isinstance(loaded, SubmissionError):
            document = sanitized(loaded.document, self._sources)
            show_results(document, result, self.assignment)
        scores = self._scores(submission, result, document)
        retry_transaction(lambda: self._save(submission, result.record, scores), self._look_up)
        folder = self.course.folder("autograded") / submission.student / self.assignment.folder
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
        if (
            document is None
            and not path.exists()
            and not others_in(submission.home, self.assignment)
        ):
            graded, _ = self._cells[self._id]  # nothing was submitted: all scores are 0
            return dict.fromkeys(graded.values(), CellScore(0.0)), {}
        cells = document["cells"] if document is not None else self._sources
        return cell_scores(cells, result.record, self.assignment)

    def _save(self, submission: Submission, record: Record, scores: CellScores) -> None:
        """Write the scores of a submission in one transaction."""
        session = self._gradebook.db
        begin(session)
        row = self._submission_row(submission)
        own = session.query(SubmittedNotebook).filter_by(assignment_id=row.id, notebook_id=self._id)
        save_scores(session, own.one(), self._cells[self._id], scores, record, self.assignment)
        session.commit()

    def _submission_row(self, submission: Submission) -> Any:
        """Return the gradebook's row of a submission; add it if it is new."""
        session, student = self._gradebook.db, submission.student
        key = {"assignment_id": self._assignment_id, "student_id": student}
        known = session.query(SubmittedAssignment).filter_by(**key).with_for_update()
        row = known.one_or_none() or self._add_submission(student)
        when = timestamp(submission.home)
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
            id=new_uuid(), assignment_id=self._assignment_id, student_id=student
        )
        session.add(submission)
        for notebook_id, (graded, commented) in self._cells.items():
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
    grade_rows = _rows(session, GradeRow, own, graded).order_by(GradeRow.id).with_for_update().all()
    for row in grade_rows:
        if (name := graded.get(row.cell_id)) in grades:
            row.auto_score = grades[name].score
            row.needs_manual_grade = grades[name].review or row.manual_score is not None
    for row in _rows(session, Comment, own, commented):
        row.auto_comment = comments.get(commented.get(row.cell_id, ""), CellScore()).comment
    if assignment.due is not None:
        points = sum(map(_points, grade_rows))
        own.late_submission_penalty = record.late.penalty(points) if record.late.share else None


def _rows(session: Any, kind: Any, notebook: Any, cells: Iterable[str]) -> Any:
    """Return a query for the rows of one kind of a notebook's cells; it uses the index."""
    own = kind.cell_id.in_(list(cells)), kind.notebook_id == notebook.id
    return session.query(kind).filter(*own)


def _points(grade: Any) -> float:
    score = grade.auto_score if grade.manual_score is None else grade.manual_score
    return (score or 0.0) + (grade.extra_credit or 0.0)


def source_cells(notebook: Any) -> list[Cell]:
    """Return the cells of a source notebook, a row of the gradebook, in order."""
    graded = [*notebook.grade_cells, *notebook.task_cells]
    points = {cell.name: cell.max_score for cell in graded}
    grades, solutions, tasks = (
        {cell.name for cell in cells}
        for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells)
    )
    cells = []
    for cell in notebook.source_cells:
        grading = {
            "schema_version": 3,
            "grade_id": cell.name,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "locked": bool(cell.locked),
            "grade": cell.name in grades,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
            "points": points.get(cell.name),
        }
        metadata = {"nbgrader": {k: v for k, v in grading.items() if v is not None}}
        found: Cell = {"cell_type": cell.cell_type, "metadata": metadata, "source": cell.source}
        if cell.cell_type == "code":
            found |= {"outputs": [], "execution_count": None}
        cells.append(found)
    return cells


def _write_notebook(path: Path, document: dict[str, Any], submission: Submission) -> None:
    """Write the autograded notebook, and copy the files that nbgrader needs beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    write_whole(path, text.encode("utf-8", "replace"))
    for name in (TIMESTAMP, KEY_FILE):
        with suppress(OSError):
            content = read_file(submission.home / name, MAX_TIMESTAMP)
            write_whole(path.parent / name, content)
