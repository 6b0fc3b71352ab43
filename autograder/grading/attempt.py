"""One submission in a test session."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.observations import Trace
from autograder.record import TestResult
from autograder.sandbox.student_process import CellResult
from autograder.submission import Submission


@dataclass
class Attempt:
    """One submission in a test session: its cells, and the results of running and testing them.

    `traces` holds what each test observed, `arrays` what the suite recorded for pictures.
    `needs_rerun` is true if the process was killed from outside, or if a test asked it other
    questions than the prepared ones.
    """

    submission: Submission
    cells: tuple[str, ...]
    results: list[TestResult] = field(default_factory=list)
    traces: dict[str, Trace] = field(default_factory=dict)
    arrays: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    cell_results: list[CellResult] = field(default_factory=list)
    seconds: float = 0.0
    needs_rerun: bool = False
