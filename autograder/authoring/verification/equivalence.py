"""Says whether a mutant behaves as the reference does, where the reference answers.

The suite's own questions are put to both: as they are asked, with other seeds, and with edge
inputs. Each mutant answers in a process of its own, until an answer differs.
"""

import ast
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from autograder.authoring.verification.dialogs import Dialog, dialogs_of
from autograder.authoring.verification.edges import edges, nearby
from autograder.authoring.verification.judging import (
    Answers,
    difference,
    is_rounding,
    rules_of,
)
from autograder.course import Assignment
from autograder.diagnosis.mistakes.library import other_ways
from autograder.diagnosis.names import bound_names, used_names
from autograder.grading.explainer import begin_own, begin_reference
from autograder.grading.reference import Reference
from autograder.grading.replays import A_LITTLE, MOST_TIMES, Replays
from autograder.grading.suite_run import run_session
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import Solution

SEEDS = 50  # besides the course's own
FIRST_SEEDS = 2  # that are asked before edge inputs
MOST_EDGES = 40  # of a scene
MOST_ALIKE = 2  # scenes that differ in their inputs only
CHUNK = 25  # dialogs that are put at once


@dataclass(frozen=True, eq=False)
class Script:
    """Dialogs that are put together, with what is special about them.

    `seed` is the number of the other seed, 0 for the course's own.
    """

    dialogs: tuple[Dialog, ...]
    what: tuple[str, ...]
    as_recorded: bool
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Evidence:
    """How a mutant differs: in which turn of which dialog, in words what is special about it.

    `instead` says how the mutant ends there, "" if it answers something else.
    """

    dialog: Dialog
    turn: int
    what: str
    instead: str
    seed: int
    reference: Any
    mutant: Any


class Asker:
    """Puts dialogs to a piece of code, in a process of its own."""

    def __init__(self, process: StudentProcess, reference: str) -> None:
        self.process, self._reference = process, reference

    def ask(
        self, code: str, dialogs: Sequence[Dialog], limit: float | None = None
    ) -> list[Answers]:
        """Return the answers of some code to each dialog.

        Raises:
            ExecutionError: the process ended or took too long, or the code does not run.
        """
        self.process.begin_test(0)  # a new child, if this one has used up its time
        questions = [[turn.for_child for turn in dialog.turns] for dialog in dialogs]
        (found,) = self.process.request("replay", self._reference, [code], questions, limit)
        answers: list[Answers] = found
        return answers


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
        self._assignment, self._seed, self.code = assignment, seed, code
        self._begin = partial(begin_own, assignment, warm)
        self.reference = None
        if solution is not None:
            start = partial(begin_reference, assignment, warm, solution)
            self.reference = Reference(start, solution.path, solution.code)
        self._scripts: list[Script] = []
        self._answers: list[list[Answers]] = []  # the reference's, by script
        self._upcoming = self._make_scripts()
        self._own = Asker(self._begin(()), code)
        own = self._dialogs(0)
        self.rules = rules_of(own)
        self._right = [*right, *(one for one in other_ways(code) if self._is_right(one, own))]

    def close(self) -> None:
        """End its processes."""
        self._own.process.close()

    def evidence(self, mutant: str) -> Evidence | None:
        """Return how a mutant differs from the reference, None if it is equivalent."""
        changed = changed_names(self.code, mutant)
        with closing(self._begin(())) as process:
            asker = Asker(process, self.code)
            for number in self._numbers():
                if (found := self._differs(number, mutant, changed, asker)) is not None:
                    return found
        return None

    def within(self, mutant: str, dialog: Dialog) -> Evidence | None:
        """Return how a mutant differs in one dialog, None if it does not."""
        with closing(self._begin(())) as process:
            asker = Asker(process, self.code)
            try:
                (ours,) = asker.ask(self.code, [dialog])
            except ExecutionError:
                return None
            script = Script((dialog,), ("",), as_recorded=False)
            try:
                (theirs,) = asker.ask(mutant, [dialog], MOST_TIMES * ours["seconds"] + A_LITTLE)
            except ExecutionError as error:
                return self._ended(script, 0, error)
        return self._compared(script, 0, ours, theirs)

    def _numbers(self) -> Iterator[int]:
        """Yield the indices of all scripts, and make each when it is needed first."""
        number = 0
        while number < len(self._scripts) or self._add():
            yield number
            number += 1

    def _add(self) -> bool:
        script = next(self._upcoming, None)
        if script is None:
            return False
        self._scripts.append(script)
        self._answers.append(self._own.ask(self.code, script.dialogs))
        return True

    def _differs(
        self, number: int, mutant: str, changed: set[str], asker: Asker
    ) -> Evidence | None:
        """Return how a mutant differs in one script."""
        script, answers = self._scripts[number], self._answers[number]
        chosen = [
            index
            for index, dialog in enumerate(script.dialogs)
            if "*" in changed or dialog.looked_up & changed
        ]
        if not chosen:
            return None
        dialogs = [script.dialogs[index] for index in chosen]
        limit = MOST_TIMES * max(answers[index]["seconds"] for index in chosen) + A_LITTLE
        try:
            found = asker.ask(mutant, dialogs, limit)
        except ExecutionError as error:
            if len(chosen) == 1:
                (index,) = chosen
                return self._ended(script, index, error)
            halves = (chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :])
            return self._one_by_one(number, mutant, [i for half in halves for i in half], asker)
        for index, theirs in zip(chosen, found, strict=True):
            evidence = self._compared(script, index, answers[index], theirs)
            if evidence is not None:
                return evidence
        return None

    def _one_by_one(
        self, number: int, mutant: str, chosen: Sequence[int], asker: Asker
    ) -> Evidence | None:
        script, answers = self._scripts[number], self._answers[number]
        for index in chosen:
            limit = MOST_TIMES * answers[index]["seconds"] + A_LITTLE
            try:
                (theirs,) = asker.ask(mutant, [script.dialogs[index]], limit)
            except ExecutionError as error:
                return self._ended(script, index, error)
            if (evidence := self._compared(script, index, answers[index], theirs)) is not None:
                return evidence
        return None

    def _ended(self, script: Script, index: int, error: ExecutionError) -> Evidence:
        dialog = script.dialogs[index]
        last = len(dialog.turns) - 1
        what = script.what[index]
        return Evidence(dialog, last, what, f"ends the process: {error}", script.seed, None, None)

    def _compared(
        self, script: Script, index: int, ours: Answers, theirs: Answers
    ) -> Evidence | None:
        dialog = script.dialogs[index]
        found = difference(dialog, self.rules, ours, theirs, as_recorded=script.as_recorded)
        if found is None:
            return None
        right = _answer(ours, found.turn)
        other = None if found.instead else _answer(theirs, found.turn)
        if self._is_free(dialog, found.turn, right, other):
            return None
        what = script.what[index]
        return Evidence(dialog, found.turn, what, found.instead, script.seed, right, other)

    def _is_free(self, dialog: Dialog, turn: int, right: Any, other: Any) -> bool:
        """Tell whether another answer than the reference's may be right as well.

        That is so if the reference answers otherwise a second time, or for nearly the same inputs,
        or if another right answer does.
        """
        with closing(self._begin(())) as process:
            asker = Asker(process, self.code)
            again, near = (
                _answer(one, turn) for one in asker.ask(self.code, [dialog, nearby(dialog)])
            )
            if is_rounding(right, other, again) or is_rounding(right, other, near):
                return True
            (ours,) = asker.ask(self.code, [dialog])
            for code in self._right:
                try:
                    (theirs,) = asker.ask(code, [dialog], MOST_TIMES * ours["seconds"] + 1)
                except ExecutionError:
                    continue  # a notebook's cells need not run as plain code
                found = difference(dialog, self.rules, ours, theirs, as_recorded=False)
                if found is not None and found.turn <= turn:
                    return True
        return False

    def _is_right(self, code: str, dialogs: Sequence[Dialog]) -> bool:
        """Tell whether some code answers the suite's own questions as the reference does."""
        try:
            pairs = zip(
                dialogs,
                self._own.ask(self.code, dialogs),
                self._own.ask(code, dialogs),
                strict=True,
            )
        except ExecutionError:
            return False
        return not any(
            difference(dialog, self.rules, ours, theirs, as_recorded=True)
            for dialog, ours, theirs in pairs
        )

    def _make_scripts(self) -> Iterator[Script]:
        """Yield all questions: a few seeds first, then edge inputs, then the other seeds."""
        for seed in range(1, FIRST_SEEDS + 1):
            yield self._of_seed(seed)
        made = (
            (edge.what, edge.dialog)
            for scene in self._scenes()
            for edge in islice(edges(scene, self.code), MOST_EDGES)
        )
        while some := list(islice(made, CHUNK)):
            what, dialogs = zip(*some, strict=True)
            yield Script(dialogs, what, as_recorded=False)
        for seed in range(FIRST_SEEDS + 1, SEEDS + 1):
            yield self._of_seed(seed)

    def _of_seed(self, seed: int) -> Script:
        dialogs = self._dialogs(seed)
        return Script(tuple(dialogs), ("",) * len(dialogs), as_recorded=True, seed=seed)

    def _scenes(self) -> Iterator[Dialog]:
        """Yield the scenes of the suite's questions, few of each form."""
        seen: dict[Any, int] = {}
        for dialog in self._dialogs(0):
            for scene in dialog.scenes():
                seen[scene.form] = seen.get(scene.form, 0) + 1
                if seen[scene.form] <= MOST_ALIKE:
                    yield scene

    def _dialogs(self, seed: int) -> list[Dialog]:
        """Return what the suite asks with the course's seed, or with another one."""
        text = f"{self._seed}, seed {seed}" if seed else self._seed
        replays = Replays(
            self._assignment, text, self._begin, run_session, self.code, self.reference
        )
        return dialogs_of(replays.recording)


def _answer(answers: Answers, turn: int) -> Any:
    return answers["answers"][turn] if turn < answers["answered"] else None


def changed_names(reference: str, other: str) -> set[str]:
    """Return the names that another solution defines otherwise, or that use these; "*" for all."""
    ours, theirs = (_definitions(source) for source in (reference, other))
    changed = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    uses = {name: used_names(text) for name, text in [*ours.items(), *theirs.items()] if name}
    if "" in changed:
        return {"*"}
    while more := {name for name, used in uses.items() if used & changed} - changed:
        changed |= more
    return changed


def _definitions(source: str) -> dict[str, str]:
    """Return the code of each definition by its name, and under "" all other statements."""
    found = {"": ""}
    for statement in ast.parse(source).body:
        text = ast.unparse(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[statement.name] = found.get(statement.name, "") + text
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            found[""] += text
        else:
            for name in bound_names(statement) or {""}:
                found[name] = found.get(name, "") + text
    return found
