"""The errors that a submission's own process can end in.

ExecutionError
├── StudentError     the student's code raised an exception
├── NameNotFound     the notebook does not define the requested name
├── TimedOut         the code used up its processor time, or waited too long
├── ProcessCrashed   the process ended: a crash, `os._exit`, too much memory
└── InvalidResponse  the process sent something that is not a valid answer
"""

import re
from dataclasses import dataclass
from io import StringIO
from itertools import islice

BACKSTOP = 10
"""Seconds that may pass for each second of processor time, for code that waits."""

NO_FORWARD = re.compile(r'Module \[(\w+)\] is missing the required "forward" function')
"""What torch says of a module that was not completed."""

ENDLESS, SLOW = "never ends", "too slow"
"""What a message about stopped code says of it, for summaries."""


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


def line_of(cell: str, number: int) -> str:
    """Return the start of a cell's line, counted from 1; "" if there is no such line."""
    lines = islice(StringIO(cell), max(number - 1, 0), max(number, 0))
    return next(lines, "").strip()[:200]


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
            missing = NO_FORWARD.match(self.message)
            if missing:
                return f"This part is not filled in yet: {missing[1]} has no `forward`.{where}"
            return f"This part is not filled in yet: it raises NotImplementedError.{where}"
        return f"Your code raised {self.type}: {self.message}{where}"


class NameNotFound(ExecutionError, AttributeError):
    """The notebook does not define the requested name; the message says why.

    It is an AttributeError for `hasattr(student, "bonus")`.
    """


class TimedOut(ExecutionError):
    """The code was stopped: it used up its processor time, or waited too long.

    Args:
        seconds: the limit on processor time.
        what: what the limit is for: "a call", "a cell", "all cells together".
        used: the processor time that was used, in seconds; less than the limit if the process
            was stopped because ten times as much time had passed.
        loop: the loop that it was in, if the loop may be endless.
        line: the line that it waited at, if that is known.
        review: why a person should look at it in any case.
    """

    in_support_code = False  # whether the code that did not finish was the suite's

    def __init__(
        self,
        seconds: float,
        what: str,
        used: float,
        *,
        loop: SourceLocation | None = None,
        line: SourceLocation | None = None,
        review: str = "",
    ) -> None:
        self.seconds, self.what, self.used = seconds, what, used
        self.loop, self.line, self.review = loop, line, review
        super().__init__(seconds, what, used)

    @property
    def waited(self) -> bool:
        """Whether it was stopped for waiting, or was kept waiting by a busy machine."""
        return self.used < self.seconds

    @property
    def review_reason(self) -> str:
        """Why the student may not be to blame; "" if they are."""
        if self.in_support_code:
            return "A calculation in the tests themselves did not finish in time."
        if self.waited:
            return (
                f"{self.what[:1].upper()}{self.what[1:]} was stopped while it waited, with only "
                f"{self.used:.2g} s of processor time used: it waits for something, or the machine "
                "was very busy."
            )
        return self.review

    def __str__(self) -> str:
        if self.waited:
            where = f", in {self.line}" if self.line else ""
            return (
                f"Your code was stopped: it spent most of its time waiting{where}, and at most "
                f"{BACKSTOP * self.seconds:.3g} s may pass. Does it wait for something that never "
                "happens?"
            )
        stopped = (
            f"Your code was stopped: {self.what} may use {self.seconds:.3g} s of processor time."
        )
        if self.loop:
            return f"{stopped} Probably this loop {ENDLESS}: {self.loop}."
        return (
            f"{stopped} It was not in a `while` loop, so it is probably {SLOW} rather than "
            "endless: compute with whole tensors or arrays instead of one element at a time."
        )


class ProcessCrashed(ExecutionError):
    """The process that ran the student's code ended before it answered; says how."""

    def __str__(self) -> str:
        return f"The process that ran your code ended before it answered: {self.args[0]}."


class InvalidResponse(ExecutionError):
    """The student's process sent something that is not a valid answer; says what."""

    def __str__(self) -> str:
        return f"Your code did not give a usable answer: {self.args[0]}."
