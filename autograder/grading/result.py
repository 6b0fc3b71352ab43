"""What grading one submission gives: its record, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autograder.record import Record
from autograder.sandbox.execution_errors import TimedOut
from autograder.sandbox.student_process import CellResult


@dataclass(frozen=True, eq=False)
class GradingResult:
    """A record and what belongs to it.

    `outputs` is what the submission's cells showed, with their positions in the notebook; `code`
    the student's own code for each task; `arrays` what the suite recorded for pictures.
    """

    record: Record
    outputs: tuple[tuple[int, CellResult], ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def cacheable(self) -> bool:
        """Whether it depends on the submission alone, and not on how busy the machine was."""
        tests = (test for task in self.record.tasks for test in task.tests)
        failures = (cell.failure for _, cell in self.outputs)
        return not (
            self.record.grader_error
            or any(test.review_reason for test in tests)
            or any(isinstance(failure, TimedOut) and failure.review_reason for failure in failures)
        )
