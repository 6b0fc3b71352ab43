"""Exceptions of the student's process, raised again in a judge process."""

from collections.abc import Sequence
from typing import Any

from autograder.sandbox.worker.claims import loaded_class

STUDENT_LINE = "autograder_student_line"
"""The attribute of an exception that has the cell and the line of the student's code."""
MESSAGE = "autograder_message"


class Exceptions:
    """The classes of exceptions: Python's and the libraries', and stand-ins for the notebook's."""

    def __init__(self) -> None:
        self._stand_ins: dict[str, type[Exception]] = {}

    def kind(self, names: Sequence[Any]) -> type[Exception] | None:
        """Return the class of an exception; None if it is no exception.

        Args:
            names: the class and those that it derives from, by module and qualified name.
        """
        kind: type[Exception] | None = None
        for name in reversed([name for name in names if isinstance(name, str)]):
            known = None if name.startswith("__main__.") else loaded_class(name)
            if known is not None and issubclass(known, kind or Exception):
                kind = known
            elif known is None and kind is not None:
                if name not in self._stand_ins:
                    short = name.rpartition(".")[2]
                    self._stand_ins[name] = type(short, (kind,), {"__str__": _message})
                kind = self._stand_ins[name]
        return kind

    def made(self, names: list[Any], args: list[Any], message: str, place: Any) -> Exception:
        """Return an exception with these arguments, this message and a line of the student's."""
        kind: Any = self.kind(names) or Exception
        error: Exception
        try:
            error = kind(*args)
        except Exception:  # it is made of something else
            error = kind.__new__(kind)
            error.args = tuple(args)
        vars(error).update({STUDENT_LINE: place, MESSAGE: message})
        return error


def _message(error: Exception) -> str:
    return str(vars(error).get(MESSAGE, Exception.__str__(error)))
