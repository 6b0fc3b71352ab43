"""Checks that the modules to preload could be imported."""

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.sandbox.warm_process import WarmProcess


def require_preload(course: Course, assignment: Assignment, warm: WarmProcess) -> None:
    """Check that a warm process has imported what course.yml names in `preload`.

    Of the default list, modules may be missing.

    Raises:
        CourseError: a module could not be imported.
        WarmProcessError: the warm process cannot be started or does not answer.
    """
    if "preload" not in assignment.model_fields_set:
        return
    failed = warm.failed_imports
    for index, name in enumerate(assignment.preload):
        if name in failed:
            where = course.where("assignments", assignment.folder, "preload", index)
            raise CourseError(
                f"{where}: {name} cannot be imported here ({failed[name]}). Install it, or drop it "
                "from the list."
            )
