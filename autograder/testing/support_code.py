"""Calls the kit's own support code, in `support/`, with objects of the student's process.

Students can read it, and what it reports is a claim, as every answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.diagnosis.observations import observe
from autograder.sandbox.execution_errors import InvalidResponse, StudentError
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.answers import describe
from autograder.testing.failures import Mismatch, SuiteError
from autograder.testing.student import Remote, Student, is_answer

FOLDER = Path(__file__).parent / "support"
WRONG = "WrongObject"  # what support code raises if an object is not what it should be


class ByName(dict[str, Any]):
    """Parts of an object by their names; a name that it lacks is the student's mistake."""

    def __init__(self, owner: str, items: Iterable[tuple[str, Any]]) -> None:
        super().__init__(items)
        self._owner = owner

    def __missing__(self, name: str) -> Any:
        __tracebackhide__ = True
        raise Mismatch(f"{self._owner} has no `{name}`. It has {', '.join(self) or 'nothing'}.")


@dataclass(frozen=True)
class SupportCode:
    """A file of the kit's support code, and the library that it works with."""

    file: str
    library: str

    def load(self, owner: Remote | Student) -> Remote:
        """Load it into the process of an object or of a notebook.

        Raises:
            SuiteError: the process lacks the library.
        """
        __tracebackhide__ = True
        try:
            return Student(owner._process).load(FOLDER / self.file)
        except SuiteError as error:
            raise SuiteError(
                f"autograder.testing.{self.library} needs {self.library} in the student's process: "
                f"install it, and add it to `preload` of the assignment in course.yml ({error})"
            ) from None

    def call(self, function: str, target: Any, *arguments: Any, wanted: str) -> Any:
        """Call one of its functions with an object of the student's process.

        Args:
            function: the function's name.
            target: its first argument, which must be an object there.
            arguments: its other arguments.
            wanted: what the object should be, as the beginning of a sentence.

        Raises:
            Mismatch: the student's code gave something else.
            SuiteError: the suite did, or the process lacks the library.
        """
        __tracebackhide__ = True
        if not isinstance(target, Remote):
            if isinstance(target, Student):
                raise SuiteError(f"{function}: {wanted}, but the suite gave the notebook itself")
            if not is_answer(target):
                raise SuiteError(f"{function}: {wanted}, but the suite gave {describe(target)}")
            _refuse(
                f"{wanted}, but it is {describe(target)}.", f"{wanted}, but it is {_type(target)}."
            )
        try:
            return getattr(self.load(target), function)(target, *arguments)
        except StudentError as error:
            if error.type != WRONG:
                raise
            target._require_object()
            return _refuse(error.message)


def require_function(value: Any, helper: str) -> None:
    """Refuse what is no function or class of the student's process.

    Raises:
        Mismatch: the notebook has something else under its name.
        SuiteError: the suite gave something else.
    """
    __tracebackhide__ = True
    if not isinstance(value, Remote):
        if is_answer(value):
            _refuse(f"A function was expected, but your code has {describe(value)} there.")
        raise SuiteError(f"{helper}: the first argument should be a function or class of `student`")


def _refuse(message: str, seen: str = "") -> Any:
    __tracebackhide__ = True
    observe("raised", (WRONG, seen or message))  # as a replay sees it
    raise Mismatch(message)


def _type(value: Any) -> str:
    """Say of what type plain data is, as support code does of the object."""
    if value is None:
        return describe(value)
    name = type(value).__name__
    if isinstance(value, Tensor):
        name = "ndarray" if value.kind == "numpy" else "Tensor"
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def by_name(answer: Any, owner: str) -> ByName:
    """Return the parts of an answer that consists of names and as many values.

    Raises:
        InvalidResponse: it does not.
    """
    __tracebackhide__ = True
    match answer:
        case (list(names), list(values)) if len(names) == len(values):
            if {*map(type, names)} <= {str}:
                return ByName(owner, zip(names, values, strict=True))
    raise InvalidResponse("the parts of an object are not named")


def row_count(data: Any) -> int | None:
    """Return how many rows data has, None for what stays in the student's process."""
    if isinstance(data, Tensor):
        return data.shape[0] if data.shape else None
    return len(data) if hasattr(data, "__len__") and not isinstance(data, Remote) else None
