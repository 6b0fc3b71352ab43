"""The errors that a submission's own process can end in.

ExecutionError
├── StudentError     the student's code raised an exception
├── NameNotFound     the notebook does not define the requested function or class
├── TimedOut         the code did not finish in time
├── ProcessCrashed   the process ended: a crash, `os._exit`, too much memory
└── InvalidResponse  the process sent something that is not a valid answer
"""

from dataclasses import dataclass

IDLE_SHARE = 0.25
"""A process that used less processor time than this share of its time limit was kept waiting."""


class ExecutionError(Exception):
    """A failure of the submission, never of the grader: it costs that test and nothing else."""


@dataclass(frozen=True)
class SourceLocation:
    """A line of the student's notebook: cell number (from 1), line number, its text."""

    cell: int
    line: int
    source: str

    def __str__(self) -> str:
        source = f": `{self.source}`" if self.source else ""
        return f"cell {self.cell}, line {self.line}{source}"


@dataclass(frozen=True)
class SupportLine:
    """The line of a suite's support code that raised an exception.

    `certain` says that no value could have caused it; otherwise none of the student's objects was
    among what the support code was called with.
    """

    file: str
    line: int
    certain: bool


class StudentError(ExecutionError):
    """The student's code raised an exception.

    `support` is set if it was rather the suite's support code, and `refused` if the sandbox refused
    what a library asked for: both as the student's process tells it.
    """

    def __init__(
        self,
        type: str,
        message: str,
        location: SourceLocation | None,
        support: SupportLine | None = None,
        *,
        refused: bool = False,
    ) -> None:
        self.type, self.message, self.location = type, message, location
        self.support, self.refused = support, refused
        super().__init__(type, message, location)

    @property
    def review_reason(self) -> str:
        """Why the student may not be to blame; "" if they are."""
        if self.refused:
            return f"The sandbox refused what a library asked for: {self.type}: {self.message}"
        return ""

    @property
    def not_implemented(self) -> bool:
        """Whether this part is not filled in, rather than wrong."""
        return self.type == "NotImplementedError"

    def __str__(self) -> str:
        where = f"\n  in {self.location}" if self.location else ""
        if self.not_implemented:
            return f"This part is not filled in yet: it raises NotImplementedError.{where}"
        return f"Your code raised {self.type}: {self.message}{where}"


class NameNotFound(ExecutionError):
    """The notebook does not define the requested function or class; the message says why."""


class TimedOut(ExecutionError):
    """The code did not finish in the time it had.

    `seconds` is the time limit when the submission first ran out of time, and `cpu_seconds` the
    processor time its process had used by then, if known. `in_support_code` is set when the code
    that did not finish was the suite's.
    """

    def __init__(self, seconds: float, cpu_seconds: float | None = None) -> None:
        self.seconds, self.cpu_seconds, self.in_support_code = seconds, cpu_seconds, False
        super().__init__(seconds)

    @property
    def review_reason(self) -> str:
        """Why the student may not be to blame; "" if they are."""
        if self.in_support_code:
            return "A calculation in the tests themselves did not finish in time."
        if self.cpu_seconds is not None and self.cpu_seconds < IDLE_SHARE * self.seconds:
            return (
                f"The code was stopped after {self.seconds:.3g} s, but its process had used only "
                f"{self.cpu_seconds:.2g} s of processor time: the machine may have been busy."
            )
        return ""

    def __str__(self) -> str:
        return (
            "Your code did not finish in the time it had and was stopped. "
            "Look for a loop that never ends."
        )


class ProcessCrashed(ExecutionError):
    """The process that ran the student's code ended before it answered; says how."""

    def __str__(self) -> str:
        return f"The process that ran your code ended before it answered: {self.args[0]}."


class InvalidResponse(ExecutionError):
    """The student's process sent something that is not a valid answer; says what."""

    def __str__(self) -> str:
        return f"Your code did not give a usable answer: {self.args[0]}."
