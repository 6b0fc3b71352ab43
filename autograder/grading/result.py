"""The result of grading one submission: its record, outputs, code and arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autograder.record import Record
from autograder.sandbox.execution_errors import TimedOut
from autograder.sandbox.student_process import CellResult


@dataclass(frozen=True, eq=False)
class GradingResult:
    """A record, and the data that pages and notebooks show with it.

    `outputs` are the results of the submission's cells, with their positions in the notebook;
    `code` is the student's code for each task; `arrays` is what the suite recorded for pictures.
    """

    record: Record
    outputs: tuple[tuple[int, CellResult], ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def cacheable(self) -> bool:
        """Whether regrading would give the same: no grader error, no timeout on a busy machine."""
        tests = (test for task in self.record.tasks for test in task.tests)
        failures = (cell.failure for _, cell in self.outputs)
        return not (
            self.record.grader_error
            or any(test.review_reason and test.outcome != "passed" for test in tests)
            or any(isinstance(failure, TimedOut) and failure.review_reason for failure in failures)
        )
