"""An nbgrader plugin with the late penalty of course.yml, for notebooks that nbgrader grades."""

from datetime import timedelta
from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin

from autograder.course import find_course, load_course
from autograder.grading.lateness import lateness_after


class CourseLatePenalty(LateSubmissionPlugin):  # type: ignore[misc]
    """Applies the `late` rule of course.yml to assignments that have a due date there.

    `configure` installs it, unless `AssignLatePenalties.plugin_class` is already set.
    """

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the late penalty of a notebook in points, None for none."""
        step = self.parent  # nbgrader's AssignLatePenalties
        root = Path(step.parent.parent.coursedir.root)
        assignment = load_course(find_course(root)).assignments.get(step.assignment_id)
        if assignment is None or assignment.due is None:
            default: float | None = super().late_submission_penalty(
                student_id, score, total_seconds_late
            )
            return default
        late = lateness_after(assignment.late, timedelta(seconds=total_seconds_late))
        return late.penalty(score) or None
