"""Says whether a mutant behaves as the reference does, where the reference answers.

The suite's own questions are put to both: as they are asked, with other seeds, and with edge
inputs. Each mutant answers in a process of its own, until an answer differs.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograder.authoring.verification.affected import affected
from autograder.authoring.verification.asking import Asker
from autograder.authoring.verification.dialogs import Dialog
from autograder.authoring.verification.differing import (
    Answers,
    Difference,
    differences,
    is_rounding,
    rules_of,
)
from autograder.authoring.verification.edges import Edge
from autograder.authoring.verification.inputs import nearby
from autograder.authoring.verification.scripts import Script, Scripts
from autograder.course import Assignment
from autograder.diagnosis.mistakes.library import other_ways
from autograder.grading.explainer import begin_own, begin_reference
from autograder.grading.reference import Reference
from autograder.grading.replays import MOST_TIMES, SECONDS_MORE
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import Solution

LONGEST = 5.0  # seconds of processor time that the reference may take in a dialog


@dataclass(frozen=True, eq=False)
class Evidence:
    """How a mutant differs: in which turn of a dialog, with another seed or with edge inputs.

    `instead` says how the mutant ends there, "" if it answers something else than `expected`.
    """

    edge: Edge
    turn: int
    instead: str = ""
    seed: int = 0
    expected: Any = None

    @property
    def dialog(self) -> Dialog:
        """The dialog."""
        return self.edge.dialog


class Comparison:
    """Compares solutions with the reference.

    Args:
        assignment: the assignment whose suite asks the questions.
        seed: the course's seed.
        warm: the process that forks a child for each solution.
        code: the code of the reference solution.
        solution: the source notebook, None if there is none.
        right: other right answers; what they answer otherwise is free.
    """

    def __init__(
        self,
        assignment: Assignment,
        seed: str,
        warm: WarmProcess,
        code: str,
        solution: Solution | None,
        right: Sequence[str] = (),
    ) -> None:
        self.code = code
        self.reference = None
        if solution is not None:
            start = partial(begin_reference, assignment, warm, solution)
            self.reference = Reference(start, solution.path, solution.code)
        self._begin = partial(begin_own, assignment, warm)
        self._own = self._asker()
        scripts = Scripts(assignment, seed, self._begin, code, self.reference)
        self._rules = rules_of(scripts.own)
        self._waiting = iter(scripts)
        self._asked: list[tuple[Script, list[Answers]]] = []  # with the answers of the reference
        self._right = [one for one in right if self._runs(one)]
        self._right += [one for one in other_ways(code) if self._agrees(one, scripts.own)]

    def close(self) -> None:
        """End its process."""
        self._own.close()

    def evidence(self, mutant: str) -> Evidence | None:
        """Return how a mutant differs from the reference, None if it is equivalent."""
        names = affected(self.code, mutant)
        with closing(self._asker()) as asker:
            for script, answers in self._scripts():
                some = [
                    (edge, ours)
                    for edge, ours in zip(script.edges, answers, strict=True)
                    if names is None or edge.dialog.looked_up & names
                ]
                if not some:
                    continue
                dialogs = [edge.dialog for edge, _ in some]
                theirs = asker.ask(mutant, dialogs, _limit(ours for _, ours in some))
                for (edge, ours), other in zip(some, theirs, strict=True):
                    found = self._compared(edge.dialog, ours, other, as_recorded=script.seed > 0)
                    if found is not None:
                        return Evidence(
                            edge, found.turn, found.instead, script.seed, _answer(ours, found.turn)
                        )
        return None

    def within(self, mutant: str, dialog: Dialog) -> Evidence | None:
        """Return how a mutant differs in one dialog, None if it does not."""
        with closing(self._asker()) as asker:
            (ours,) = asker.ask(self.code, [dialog], LONGEST)
            (theirs,) = asker.ask(mutant, [dialog], _limit([ours]))
        found = self._compared(dialog, ours, theirs, as_recorded=False)
        if found is None:
            return None
        edge = Edge("", dialog, dialog)
        return Evidence(edge, found.turn, found.instead, expected=_answer(ours, found.turn))

    def _scripts(self) -> Iterator[tuple[Script, list[Answers]]]:
        """Yield all scripts with the answers of the reference, which is asked once."""
        yield from self._asked
        for script in self._waiting:
            self._asked.append((script, list(self._own.ask(self.code, script.dialogs, LONGEST))))
            yield self._asked[-1]

    def _compared(
        self, dialog: Dialog, ours: Answers, theirs: Answers, *, as_recorded: bool
    ) -> Difference | None:
        """Return the first difference between the answers to a dialog that is not free."""
        found = differences(dialog, self._rules, ours, theirs, as_recorded=as_recorded)
        return next((one for one in found if not self._is_free(dialog, one, ours, theirs)), None)

    def _is_free(self, dialog: Dialog, found: Difference, ours: Answers, theirs: Answers) -> bool:
        """Tell whether another answer than the reference's may be right as well.

        That is so if the reference answers otherwise a second time, or for nearly the same inputs,
        or if another right answer does.
        """
        right = _answer(ours, found.turn)
        other = None if found.instead else _answer(theirs, found.turn)
        with closing(self._asker()) as asker:
            for again in asker.ask(self.code, [dialog, nearby(dialog)], LONGEST):
                if is_rounding(right, other, _answer(again, found.turn)):
                    return True
            try:
                others = asker.ask_all(self._right, [dialog], _limit([ours]))
            except ExecutionError:
                return False
        return any(
            difference.turn <= found.turn
            for (answers,) in others
            for difference in differences(dialog, self._rules, ours, answers, as_recorded=False)
        )

    def _agrees(self, code: str, dialogs: Sequence[Dialog]) -> bool:
        """Tell whether some code answers the suite's own questions as the reference does."""
        both = (self._own.ask(one, dialogs, LONGEST) for one in (self.code, code))
        return not any(
            any(differences(dialog, self._rules, ours, theirs, as_recorded=True))
            for dialog, ours, theirs in zip(dialogs, *both, strict=True)
        )

    def _runs(self, code: str) -> bool:
        """Tell whether the cells of a notebook run as plain code."""
        try:
            self._own.ask_all([code], [])
        except ExecutionError:
            return False
        return True

    def _asker(self) -> Asker:
        return Asker(self._begin, self.code)


def _limit(answers: "Sequence[Answers] | Iterator[Answers]") -> float:
    """Return the processor time that another solution may take where the reference answers so."""
    return float(MOST_TIMES * max(one["seconds"] for one in answers) + SECONDS_MORE)


def _answer(answers: Answers, turn: int) -> Any:
    return answers["answers"][turn] if turn < answers["answered"] else None
