"""What stands in nbgrader's pipeline: repair, our grading in place of Execute, our scores."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, SaveAutoGrades

from autograder.course import Assignment, Course, find_course, load_course
from autograder.errors import AutograderError
from autograder.grading.chunk import Graded, Terms, grade_chunk
from autograder.grading.feedback import FOLDER, pictures_of, write_feedback
from autograder.grading.run import prepare
from autograder.nbgrader.cells import fill_in, repair
from autograder.nbgrader.gradebook import (
    as_plain,
    mark_places,
    results_by_cell,
    scores_by_cell,
    set_score,
    source_cells,
    take_places,
)
from autograder.nbgrader.inert import inert
from autograder.sandbox.warm import WarmProcess
from autograder.submission import Submission, only_submission

Resources = dict[str, Any]

_warm: dict[Sequence[str], WarmProcess] = {}  # one command grades many students
_terms: dict[tuple[Path, str], Terms] = {}


def _warm_process(modules: Sequence[str]) -> WarmProcess:
    if modules not in _warm:
        _warm[modules] = WarmProcess(modules)
        atexit.register(_warm[modules].close)
    return _warm[modules]


def _course_directory(preprocessor: Any) -> Any:
    """Return nbgrader's CourseDirectory: preprocessor, exporter, converter, in that order."""
    return preprocessor.parent.parent.coursedir


def _our_assignment(preprocessor: Any, resources: Resources) -> tuple[Course, Assignment] | None:
    """Return the assignment of course.yml that a notebook belongs to, None if it is another's."""
    course = load_course(find_course(Path(_course_directory(preprocessor).root)))
    ids = resources["nbgrader"]
    assignment = course.assignments.get(ids["assignment"])
    if assignment is None or assignment.notebook != ids["notebook"]:
        return None
    return course, assignment


class RepairCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Gives a submission its tests, points and metadata back, before anything trips over them.

    What is the student's is made inert first.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Repair a submitted notebook."""
        if _our_assignment(self, resources) is None:
            return nb, resources
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"], _course_directory(self).course_id) as gradebook:
            try:
                sources = source_cells(gradebook, ids["assignment"], ids["notebook"])
            except MissingEntry:
                return nb, resources
        document = inert(as_plain(nb))
        mark_places(document["cells"])
        document["cells"] = repair(document["cells"], sources)
        return from_dict(document), resources


class Grade(Execute):  # type: ignore[misc]
    """Grades with the kit's engine; assignments that are not in course.yml are executed."""

    def preprocess(
        self, nb: NotebookNode, resources: Resources, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        """Grade the submission and put its outputs and results into the notebook."""
        ours = _our_assignment(self, resources)
        if ours is None:
            executed: tuple[NotebookNode, Resources] = super().preprocess(nb, resources, km)
            return executed
        course, assignment = ours
        result = self._grade(course, assignment, resources["nbgrader"])
        document = as_plain(nb)
        fill_in(
            document["cells"],
            take_places(document["cells"]),
            dict(result.outputs),
            results_by_cell(result.record, assignment),
            assignment.feedback,
            pictures_of(result, assignment),
        )
        with suppress(OSError):  # the grade counts, with a page or without
            write_feedback(result, assignment, course.root / FOLDER)
        resources["nbgrader"]["scores"] = scores_by_cell(result.record, assignment)
        if result.record.error or result.record.fault:
            self.log.error("%s: %s", result.record.student, result.record.as_json()["error"])
        return from_dict(document), resources

    def _grade(self, course: Course, assignment: Assignment, ids: dict[str, Any]) -> Graded:
        """Grade what the student handed in, not what nbgrader made of it."""
        directory = _course_directory(self)
        folder = Path(
            directory.format_path(directory.submitted_directory, ids["student"], ids["assignment"])
        )
        path = folder / f"{assignment.notebook}.ipynb"
        warm = _warm_process(assignment.preload)
        key = course.file, assignment.name
        if key not in _terms:
            _terms[key] = prepare(course, assignment)
        return grade_chunk([Submission(ids["student"], path)], _terms[key], warm)[0]


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Saves our scores as they are; a grade without one is marked for manual grading."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        scores = resources["nbgrader"].get("scores", {})
        if grade_id not in scores:
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(
            grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        set_score(grade, scores[grade_id])
        self.gradebook.db.commit()


def accept_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """Copy a student's only notebook to the name nbgrader knows, if it was handed in renamed.

    Called by nbgrader before each student's notebooks are converted, with the list it is about
    to work through.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).resolve().parent
    try:
        course = load_course(find_course(folder))
        ours = course.assignments.get(folder.name)
    except AutograderError:
        return
    if ours is None:
        return
    expected = folder / f"{ours.notebook}.ipynb"
    found = only_submission(folder, ours)
    if found is not None and found != expected:
        shutil.copyfile(found, expected)
        notebooks.append(str(Path(notebooks[0]).with_name(expected.name)))
