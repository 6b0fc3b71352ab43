"""Tries public tests out on the reference solution, and keeps what it answers for students."""

from collections.abc import Mapping
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.grading.live_reference import live_reference
from autograder.grading.public_tests import marked_tests
from autograder.grading.reference import Reference, Start
from autograder.grading.session import Attempt
from autograder.sandbox.student_process import Question
from autograder.sandbox.worker.arrays import contents, tensor_of
from autograder.sandbox.worker.wire import NamedTuple, Tensor
from autograder.selfcheck.discovery import SuiteAssignment
from autograder.selfcheck.in_process import NotebookProcess
from autograder.selfcheck.kept_answers import Dialogs, KeptReference
from autograder.selfcheck.public_session import PublicSession, run_public_session
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission


def try_out(course: Course, assignment: Assignment, kit: SuiteAssignment) -> Dialogs:
    """Run the public tests of a kit on the source notebook, and return the reference's answers.

    Raises:
        CourseError: a test does not pass, or asks the reference solution what students cannot.
    """
    where = {test.name: str(test) for test in marked_tests(assignment.suite_folder)}
    source = SourceNotebook(course, assignment)
    solution = source.solution
    if solution is None:
        for test in where.values():
            raise CourseError(f"{test}, but there is no reference solution in {source.path}.")
        return {}
    cells: tuple[str, ...] = (solution.code,)  # without what the notebook only shows
    session, dialogs = _answered(course, assignment, kit, cells)
    if any(result.outcome != "passed" for result in session.attempts[0].results):
        cells = solution.cells
        session, dialogs = _answered(course, assignment, kit, cells)
    for result in session.attempts[0].results:
        if result.outcome != "passed":
            test = where.get(result.name.partition("[")[0], f"{result.name} is public")
            raise CourseError(
                f"{test}, but with public inputs it does not pass for {source.path}. "
                f"{result.message or 'It says nothing more.'}"
            )
    kept = KeptReference(dialogs)
    if dialogs:
        session = _run(OtherAnswers(cells, kit.preload, assignment.given_files), kit, kept)
    for name, index in (*session.test_index.items(), *session.fixture_index.items()):
        if index in kept.missed:
            shared = f"the fixture {name.rpartition('::')[2]} is used by a public test"
            test = where.get(name.partition("[")[0], shared)
            raise CourseError(
                f"{test}, but what it asks the reference solution depends on the student's answers."
                " Students have no solution to ask, only its answers to fixed questions. Draw all "
                "inputs first and ask for the same whatever the answers are, or drop public=True."
            )
    return dialogs


def _answered(
    course: Course, assignment: Assignment, kit: SuiteAssignment, cells: tuple[str, ...]
) -> tuple[PublicSession, Dialogs]:
    """Run the public tests on some cells, and return what the reference was asked and answered."""
    with live_reference(course, assignment, Recorder) as reference:
        assert isinstance(reference, Recorder)
        process = NotebookProcess(cells, kit.preload, assignment.given_files)
        return _run(process, kit, reference), reference.dialogs


def _run(process: NotebookProcess, kit: SuiteAssignment, reference: Reference) -> PublicSession:
    attempt = Attempt(Submission("solution", kit.suite_folder), process.cells)
    session = PublicSession(kit, [attempt], lambda _: process, reference)
    run_public_session(session)
    if session.stopped:
        raise KeyboardInterrupt
    return session


class Recorder(Reference):
    """The reference solution, of which each question is noted with its answer."""

    def __init__(self, start: Start, path: str, code: str = "") -> None:
        super().__init__(start, path, code)
        self.dialogs: dict[int, list[tuple[Question, Any]]] = {}

    def _ask(self, question: Question, before: bytes) -> Any:
        answer = super()._ask(question, before)
        self.dialogs.setdefault(self._dialog.index, []).append((question, answer))
        return answer


class OtherAnswers(NotebookProcess):
    """A notebook that gives wrong answers: of the same kinds as the right ones."""

    def _request(self, operation: str, *arguments: Any) -> Any:
        return altered(super()._request(operation, *arguments))


def altered(value: Any) -> Any:
    """Return plain data with all numbers and texts in it changed."""
    if isinstance(value, Tensor):
        array = contents(value)
        if array.dtype.kind not in "biufc":
            return value
        return tensor_of(~array if array.dtype == bool else array + 1, value.kind)
    if isinstance(value, NamedTuple):
        return value.map(altered)
    if isinstance(value, list | tuple):
        return type(value)(map(altered, value))
    if isinstance(value, Mapping):
        return {key: altered(item) for key, item in value.items()}
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float | complex):
        return value + 1
    return f"{value}?" if isinstance(value, str) else value
