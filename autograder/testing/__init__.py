"""The public API for suites: student code, assertions, observations and misconceptions.

Helpers for PyTorch and scikit-learn are in `autograder.testing.torch` and `.sklearn`. The fixtures
of a suite (`student`, `reference`, `rng`, …) come from `fixtures`, which pytest loads by itself.
"""

from autograder.diagnosis.misconception import Misconception
from autograder.diagnosis.observations import Array, observe, observe_weakly
from autograder.sandbox.execution_errors import StudentError
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.assertions import (
    array,
    check,
    close,
    elements,
    instance_of,
    number,
    numbers,
    values,
)
from autograder.testing.comparison import assert_close, assert_equal, at_least, raises, task
from autograder.testing.failures import Mismatch, SuiteError
from autograder.testing.fixtures import fixture
from autograder.testing.keeping import assert_kept
from autograder.testing.plot_assertions import assert_bars, assert_labelled
from autograder.testing.plots import Axes, Bars, Figure, Line, Points
from autograder.testing.student import Remote, Student, waits_for

__all__ = [
    "Array",
    "Axes",
    "Bars",
    "Figure",
    "Line",
    "Misconception",
    "Mismatch",
    "Points",
    "Remote",
    "Student",
    "StudentError",
    "SuiteError",
    "Tensor",
    "array",
    "assert_bars",
    "assert_close",
    "assert_equal",
    "assert_kept",
    "assert_labelled",
    "at_least",
    "check",
    "close",
    "elements",
    "fixture",
    "instance_of",
    "number",
    "numbers",
    "observe",
    "observe_weakly",
    "raises",
    "task",
    "values",
    "waits_for",
]
