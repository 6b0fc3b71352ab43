"""The reference solution's answers in the public tests, kept as numbers for students.

Each answer has the question that it belongs to. A student's machine draws the same inputs, but may
round otherwise, so the question with the same place in its test counts if it is nearly the same.
"""

import json
import math
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grading.reference import Reference
from autograder.sandbox.student_process import Question, StudentProcess
from autograder.sandbox.worker import wire
from autograder.sandbox.worker.arrays import contents
from autograder.testing.failures import SuiteError

FILE_NAME = "answers.json"
RTOL, ATOL = 1e-5, 1e-8  # within which a question is the same
UNKNOWN = (
    "the reference solution was not asked this when the students' kit was made. This may be due to "
    f"another version of NumPy: here it is {np.__version__}"
)

Dialogs = Mapping[int, Sequence[tuple[Question, Any]]]
"""The questions of each test or fixture, by its index, and the answers to them, in order."""


class KeptReference(Reference):
    """Answers for the reference solution what it has answered before, and nothing else.

    `missed` are the indices of the tests that asked for more.
    """

    def __init__(self, dialogs: Dialogs) -> None:
        super().__init__(_never, "")
        self.missed: set[int] = set()
        self._left = {index: list(dialog) for index, dialog in dialogs.items()}

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Refuse: students have no solution that could compute.

        Raises:
            SuiteError: always.
        """
        raise SuiteError(UNKNOWN)

    def _ask(self, question: Question, before: bytes) -> Any:
        left = self._left.get(self._dialog.index, [])
        if not left or not is_near(left[0][0], question):
            self.missed.add(self._dialog.index)
            raise SuiteError(UNKNOWN)
        return left.pop(0)[1]


def _never(_whole: bool) -> StudentProcess:
    raise SuiteError(UNKNOWN)


def is_near(one: Any, other: Any) -> bool:
    """Say whether two pieces of plain data are the same but for the rounding of floats."""
    if type(one) is not type(other):
        return False
    if isinstance(one, wire.Tensor):
        same = (one.kind, one.dtype, one.shape) == (other.kind, other.dtype, other.shape)
        left, right = contents(one), contents(other)
        if not same or left.dtype.kind not in "fc":
            return same and one.data == other.data
        return np.allclose(left, right, RTOL, ATOL, equal_nan=True)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_near(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_near, one, other))
    if isinstance(one, float):
        near = math.isclose(one, other, rel_tol=RTOL, abs_tol=ATOL)
        return near or (math.isnan(one) and math.isnan(other))
    return wire.pack(one) == wire.pack(other)  # tables have no equality


def as_json(dialogs: Dialogs) -> str:
    """Return the questions and the answers as JSON.

    Raises:
        WireError: an answer is larger than what crosses the wire.
    """
    content = {
        str(index): [[_text(question), _text(answer)] for question, answer in dialog]
        for index, dialog in dialogs.items()
    }
    return json.dumps(content, separators=(",", ":"))


def read_answers(file: Path) -> KeptReference:
    """Read what `as_json` wrote."""
    content = json.loads(file.read_text(encoding="utf-8"))
    return KeptReference(
        {
            int(index): [(_value(*question), _value(*answer)) for question, answer in dialog]
            for index, dialog in content.items()
        }
    )


def _text(value: Any) -> tuple[str, str]:
    text, data = wire.encode(value)
    return text.decode("ascii"), b64encode(data).decode("ascii")


def _value(text: str, data: str) -> Any:
    return wire.decode(text.encode("ascii"), b64decode(data))
