"""The late penalty of course.yml as a plugin of nbgrader's, for what nbgrader grades itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin

from autograder.course import find_course, load_course
from autograder.grading.lateness import lateness_after


class CourseLatePenalty(LateSubmissionPlugin):  # type: ignore[misc]
    """Takes off what `late` in course.yml says, where the assignment has a due date there.

    `configure` sets it, unless the configuration has another `AssignLatePenalties.plugin_class`.
    """

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that lateness costs a notebook, None for nothing."""
        step = self.parent  # nbgrader's AssignLatePenalties
        root = Path(step.parent.parent.coursedir.root)
        assignment = load_course(find_course(root)).assignments.get(step.assignment_id)
        if assignment is None or assignment.due is None:
            usual: float | None = super().late_submission_penalty(
                student_id, score, total_seconds_late
            )
            return usual
        late = lateness_after(assignment.late, timedelta(seconds=total_seconds_late))
        return late.penalty(score) or None
