"""What can go wrong in a submission's own process, as exceptions.

SubmissionFault
├── CodeRaised     the student's code raised an exception
├── Missing        the notebook has no function or class of that name
├── TimeUp         it did not answer in time
├── Died           its process ended: a crash, `os._exit`, too much memory
└── Garbled        it sent something that is not an answer
"""

from __future__ import annotations

from dataclasses import dataclass

IDLE = 0.25
"""A process that computed for less than this part of its time was kept waiting."""


class ExecutionError(Exception):
    """The submission's fault, never the grader's: it costs the test, nothing else."""


@dataclass(frozen=True)
class SourceLocation:
    """A line of the student's notebook: cell number (from 1), line number, its text."""

    cell: int
    line: int
    source: str

    def __str__(self) -> str:
        source = f": `{self.source}`" if self.source else ""
        return f"cell {self.cell}, line {self.line}{source}"


class StudentError(ExecutionError):
    """The student's code raised an exception."""

    def __init__(self, type: str, message: str, place: SourceLocation | None) -> None:
        self.type, self.message, self.place = type, message, place
        super().__init__(type, message, place)

    @property
    def not_implemented(self) -> bool:
        """Whether a part is not filled in, rather than wrong."""
        return self.type == "NotImplementedError"

    def __str__(self) -> str:
        where = f"\n  in {self.place}" if self.place else ""
        if self.type == "NotImplementedError":
            return f"This part is not filled in yet: it raises NotImplementedError.{where}"
        return f"Your code raised {self.type}: {self.message}{where}"


class NameNotFound(ExecutionError):
    """The notebook has no function or class of a name; the message says why."""


class TimedOut(ExecutionError):
    """The student's code did not finish in the time it had.

    `seconds` is what it had, the first time, and `computed` the processor time that its process
    had used then, as far as it is known. `in_support_code` says that it was code of the suite that
    did not finish.
    """

    def __init__(self, seconds: float, computed: float | None = None) -> None:
        self.seconds, self.computed, self.in_support_code = seconds, computed, False
        super().__init__(seconds)

    @property
    def review_reason(self) -> str:
        """Why it may not be the student's fault; "" where it is."""
        if self.in_support_code:
            return "A calculation of the tests themselves did not finish in time."
        if self.computed is not None and self.computed < IDLE * self.seconds:
            return (
                f"The code was stopped after {self.seconds:.3g} s, but its process had computed "
                f"for {self.computed:.2g} s only: the machine may have been busy."
            )
        return ""

    def __str__(self) -> str:
        return (
            "Your code did not finish in the time it has and was stopped. "
            "Look for a loop that never ends."
        )


class ProcessCrashed(ExecutionError):
    """The process that ran the student's code ended before it answered."""

    def __init__(self, how: str) -> None:
        self.how = how
        super().__init__(how)

    def __str__(self) -> str:
        return f"The process that ran your code ended before it answered: {self.how}."


class InvalidResponse(ExecutionError):
    """The student's process sent something that is not an answer."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)

    def __str__(self) -> str:
        return f"Your code did not give a usable answer: {self.why}."
