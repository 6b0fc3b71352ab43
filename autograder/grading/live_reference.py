"""Asks the reference solution outside of grading, where no warm process is running."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from autograder.course import Assignment, Course
from autograder.grading.explainer import begin_reference
from autograder.grading.reference import Reference, Start
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook


@contextmanager
def live_reference(
    course: Course, assignment: Assignment, make: Callable[[Start, str, str], Reference] = Reference
) -> Iterator[Reference | None]:
    """Yield the reference solution, made by `make`; None without a source notebook.

    Its process starts when it is first asked, and ends with the context.
    """
    solution = SourceNotebook(course, assignment).solution
    if solution is None:
        yield None
        return
    with ExitStack() as stack:

        def start(whole: bool) -> StudentProcess:
            warm = stack.enter_context(WarmProcess(assignment.preload))
            process = begin_reference(assignment, warm, solution, whole)
            stack.callback(process.close)
            return process

        yield make(start, solution.path, solution.code)
