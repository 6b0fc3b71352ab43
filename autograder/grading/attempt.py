"""One submission in a test session."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.observations import Trace
from autograder.record import TestResult
from autograder.sandbox.student_process import CellResult
from autograder.submission import Submission


@dataclass
class Attempt:
    """One submission in a test session: its cells, and what came out of running and testing it.

    `traces` holds what each test observed, `arrays` what the suite recorded for pictures.
    `needs_rerun` says that its process was killed from outside, or that a test asked it something
    else than any other submission.
    """

    submission: Submission
    cells: tuple[str, ...]
    results: list[TestResult] = field(default_factory=list)
    traces: dict[str, Trace] = field(default_factory=dict)
    arrays: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    cell_results: list[CellResult] = field(default_factory=list)
    seconds: float = 0.0
    needs_rerun: bool = False
