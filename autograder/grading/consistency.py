"""Checks that course.yml, the source notebook and the suite agree."""

from collections.abc import Collection, Mapping

from autograder.course import Assignment, Course
from autograder.errors import CourseError


def check_points(course: Course, assignment: Assignment, suite: Mapping[str, float]) -> None:
    """Check that a suite's points add up to those of the tasks in course.yml.

    `suite` maps the name of each task to the points of its tests; "" means tests without a task.

    Raises:
        CourseError: they do not, or a test belongs to no task of course.yml.
    """
    names = {task.name for task in assignment.tasks}
    for name in suite:
        if name not in names:
            raise CourseError(
                f"{assignment.suite_folder}: a test belongs to "
                + (f"the task {name!r}" if name else "no task")
                + f", but {course.where('assignments', assignment.name, 'tasks')} has "
                + f"{', '.join(sorted(names))}. "
                + "Mark each test with @pytest.mark.task(name, points=…)."
            )
    for index, task in enumerate(assignment.tasks):
        found = suite.get(task.name, 0.0)
        if abs(found - task.points) > 1e-9:
            where = course.where("assignments", assignment.name, "tasks", index, "points")
            raise CourseError(
                f"{where}: {task.points:g} points, but the tests of {task.name} in "
                f"{assignment.suite_folder} add up to {found:g}."
            )


def check_visibility(course: Course, assignment: Assignment, tests: Collection[str]) -> None:
    """Check that each name under `visibility` is a task or a test.

    Raises:
        CourseError: a name is unknown; students might see what should stay hidden.
    """
    known = {*tests, *(task.name for task in assignment.tasks)}
    for name in assignment.visibility:
        if name not in known:
            where = course.where("assignments", assignment.name, "visibility", name)
            raise CourseError(
                f"{where}: there is no such task or test in {assignment.suite_folder}."
            )
