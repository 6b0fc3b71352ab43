"""Puts dialogs to code, in processes of its own."""

from collections.abc import Iterator, Sequence
from typing import Any

from autograder.authoring.verification.dialogs import Dialog
from autograder.authoring.verification.differing import Answers
from autograder.grading.replays import Begin
from autograder.sandbox.execution_errors import ExecutionError

STOPPED: dict[str, Any] = {"answers": [], "answered": 0, "error": None, "seconds": 0.0}


class Asker:
    """Puts dialogs to code, in a process that is replaced when it ends.

    Args:
        begin: starts the process.
        reference: the reference solution, whose functions a dialog may lend.
    """

    def __init__(self, begin: Begin, reference: str) -> None:
        self._process, self._reference = begin(()), reference

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def ask(
        self, code: str, dialogs: Sequence[Dialog], limit: float | None = None
    ) -> Iterator[Answers]:
        """Yield the answers of some code to each dialog.

        Args:
            code: the code.
            dialogs: the dialogs; the names that they see are the same, but not what was changed.
            limit: the processor time in seconds that a dialog may take.
        """
        try:
            (found,) = self.ask_all([code], dialogs, limit)
            yield from found
        except ExecutionError as error:
            if len(dialogs) > 1:
                for dialog in dialogs:
                    yield from self.ask(code, [dialog], limit)
            else:
                yield {**STOPPED, "stopped": True, "ended": str(error)}

    def ask_all(
        self, codes: Sequence[str], dialogs: Sequence[Dialog], limit: float | None = None
    ) -> list[list[Answers]]:
        """Return the answers of several pieces of code to all dialogs.

        Raises:
            ExecutionError: the process ended or took too long, or some code does not run.
        """
        self._process.begin_test(0)  # a new child, if this one has used up its time
        questions = [[turn.for_child for turn in dialog.turns] for dialog in dialogs]
        found: list[list[Answers]] = self._process.request_alone(
            "replay", self._reference, list(codes), questions, limit
        )
        return found
