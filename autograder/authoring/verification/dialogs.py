"""What a suite asks: its questions to one solution, test by test, and scenes of these.

A scene is what one answer depends on: the questions that made the objects in it, and those that
may have changed them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from autograder.grading.recording import (
    Questions,
    RecordedObservation,
    Recording,
    refs_only,
)
from autograder.sandbox.student_process import Question
from autograder.sandbox.worker.wire import Callback, Ref

CALLS = ("call", "figures", "printed")
LOOKED_UP = ("function", "type", "module", "method", "builtin_function_or_method")
"""Types of what keeps nothing between calls, unless an object is behind it."""


@dataclass(frozen=True, eq=False)
class Turn:
    """A question, the reference's answer when it was recorded, and how a test judges the answer."""

    operations: Question
    answer: Any
    judged: tuple[RecordedObservation, ...] = ()
    is_plain: bool = True

    @property
    def for_child(self) -> tuple[Question, Any, str]:
        """The question in the form in which a child replays it."""
        return self.operations, refs_only(self.answer), "yes" if self.is_plain else "no"

    @cached_property
    def made(self) -> set[int]:
        """The numbers of the objects that it makes."""
        return {op[1][0] for op in self.operations if op[0] == "make"} | {
            ref.id for ref in _refs(self.answer)
        }

    @cached_property
    def used(self) -> set[int]:
        """The numbers of the objects that it is about."""
        return {ref.id for _, arguments in self.operations for ref in _refs(arguments)}


@dataclass(frozen=True, eq=False)
class Dialog:
    """Questions that one test asks after another, with those of the fixtures that it uses."""

    test: str
    task: str
    turns: tuple[Turn, ...]

    def scenes(self) -> "Iterator[Dialog]":
        """Yield the parts that belong together, the largest for each object."""
        found: list[frozenset[int]] = []
        for last in range(len(self.turns) - 1, -1, -1):
            if self.turns[last].is_plain:
                needed = frozenset(self.needed(last))
                if not any(needed <= other for other in found):
                    found.append(needed)
        for chosen in reversed(found):
            yield replace(self, turns=tuple(self.turns[index] for index in sorted(chosen)))

    def until(self, last: int) -> "Dialog":
        """Return the scene of one answer."""
        return replace(self, turns=tuple(self.turns[i] for i in sorted(self.needed(last))))

    def needed(self, last: int) -> set[int]:
        """Return the indices of the turns that an answer depends on, with its own."""
        chosen = {last}
        while True:
            used = {ref for index in chosen for ref in self.turns[index].used}
            touched = {ref for index in chosen for ref in self.touched[index]}
            more = {
                index
                for index in range(last)
                if self.turns[index].made & used or self.touched[index] & touched
            } - chosen
            if not more:
                return chosen
            chosen |= more

    @cached_property
    def touched(self) -> list[set[int]]:
        """The objects that each turn makes, or may look at or change."""
        behind: dict[int, set[int]] = {}  # the objects behind each number
        found = []
        for turn in self.turns:
            objects = set[int]()
            for name, arguments in turn.operations:
                own = {one for ref in _refs(arguments) for one in behind.get(ref.id, ())}
                if name == "make":
                    own |= {arguments[0]}
                    behind[arguments[0]] = own
                objects |= own
            for ref in _refs(turn.answer):
                looked_up = ref.type in LOOKED_UP or turn.operations[-1][0] in ("get", "load")
                behind[ref.id] = objects if looked_up else {*objects, ref.id}
            found.append(objects | {ref for one in turn.made for ref in behind.get(one, ())})
        return found

    @cached_property
    def names(self) -> Mapping[int, str]:
        """What stands for each object in the words of the notebook: `fit`, `MLP(…).forward`."""
        found: dict[int, str] = {}
        for turn in self.turns:
            for name, arguments in turn.operations:
                if name == "make":
                    found[arguments[0]] = f"{_name(arguments[1], found)}(…)"
            name, arguments = turn.operations[-1]
            for ref in _refs(turn.answer):
                found[ref.id] = _answer_name(name, arguments, found)
        return found

    def callee(self, index: int) -> str:
        """Return what a turn calls, "" if it calls nothing."""
        name, arguments = self.turns[index].operations[-1]
        return self.called(name, arguments) if name in CALLS else ""

    def called(self, operation: str, arguments: tuple[Any, ...]) -> str:
        """Return what an operation calls or makes an object of, "" if it does neither."""
        if operation != "make" and operation not in CALLS:
            return ""
        return _name(arguments[-3], self.names)

    def functions(self, index: int) -> set[str]:
        """Return the functions and methods of the notebook that a turn calls or hands over."""
        name, arguments = self.turns[index].operations[-1]
        if name not in CALLS:
            return set()
        return {
            self.names[ref.id]
            for ref in _refs(arguments)
            if ref.type in ("function", "method") and self.root(ref.id)
        }

    def root(self, number: int) -> str:
        """Return the name in the notebook from which an object comes, "" if it has none."""
        return self.roots.get(number, "")

    @cached_property
    def roots(self) -> Mapping[int, str]:
        """The names of the notebook behind objects that it defines or makes."""
        found: dict[int, str] = {}
        for turn in self.turns:
            for name, arguments in turn.operations:
                if name == "make" and arguments[1].id in found:
                    found[arguments[0]] = found[arguments[1].id]
            name, arguments = turn.operations[-1]
            handed = next((found[ref.id] for ref in _refs(arguments) if ref.id in found), "")
            source = arguments[1] if name == "get" and arguments[0] is None else handed
            if source:
                found |= {ref.id: source for ref in _refs(turn.answer)}
        return found

    @cached_property
    def made(self) -> set[int]:
        """The numbers of the objects that classes and functions have made."""
        calls = [turn for turn in self.turns if turn.operations[-1][0] in CALLS]
        given = {r.id for turn in calls for r in _refs(turn.answer) if r.type not in LOOKED_UP}
        return given | {
            arguments[0]
            for turn in self.turns
            for name, arguments in turn.operations
            if name == "make"
        }

    def owner(self, number: int) -> int | None:
        """Return the object whose method has this number, None if it is none."""
        for turn in self.turns:
            name, arguments = turn.operations[-1]
            if name == "get" and isinstance(turn.answer, Ref) and turn.answer.id == number:
                return arguments[0].id if isinstance(arguments[0], Ref) else None
        return None

    @property
    def looked_up(self) -> set[str]:
        """The names of the notebook that it uses, or that stand for lent functions."""
        operations = [operation for turn in self.turns for operation in turn.operations]
        return {
            arguments[1] for name, arguments in operations if name == "get" and arguments[0] is None
        }

    @property
    def form(self) -> tuple[Any, ...]:
        """What two dialogs have in common that differ in their inputs only."""
        return tuple(
            (name, *(_form(argument, self.names) for argument in arguments))
            for turn in self.turns
            for name, arguments in turn.operations
            if name != "load"
        )


def dialogs_of(recording: Recording) -> list[Dialog]:
    """Return the dialog of each test that asks something; the same one only once."""
    judged = _judged(recording)
    found: dict[tuple[str, ...], Dialog] = {}
    for test, part in recording.items():
        if not part.is_test:
            continue
        names = [n for n in (*part.fixtures, test) if recording[n].asked]
        turns = [turn for name in names for turn in _turns(name, recording[name], judged)]
        if turns:
            found.setdefault(tuple(names), Dialog(test, part.task, tuple(_with_use(turns))))
    return list(found.values())


def _turns(
    name: str,
    part: Questions,
    judged: Mapping[tuple[str, int], list[RecordedObservation]],
) -> Iterator[Turn]:
    for index, (operations, answer) in enumerate(part.asked):
        seen = tuple(judged.get((name, index), ()))
        yield Turn(operations, answer, seen, part.is_plain(index))


def _judged(recording: Recording) -> dict[tuple[str, int], list[RecordedObservation]]:
    """Return the observations of each answer, by its test or fixture and its index.

    An observation of a number that was computed from answers counts for all answers before it that
    nothing else observes, if it only had to reach a bound.
    """
    found: dict[tuple[str, int], list[RecordedObservation]] = {}
    for name, part in recording.items():
        for seen in part.observations:
            if seen.question is not None:
                found.setdefault((seen.fixture or name, seen.question), []).append(seen)
    for name, part in recording.items():
        for seen in part.observations:
            if seen.question is None and seen.kind == "at least":
                for index in range(seen.after):
                    if part.is_plain(index):
                        found.setdefault((name, index), [seen])
    return found


def _with_use(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Yield turns each of which says by itself what names stand for."""
    bound: dict[str, Any] = {}
    for turn in turns:
        for name, arguments in turn.operations:
            if name == "use":
                bound = arguments[0]
        others = [operation for operation in turn.operations if operation[0] != "use"]
        calls = others and others[-1][0] in CALLS
        yield replace(turn, operations=[("use", (bound,)), *others] if calls else others)


def _refs(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _refs(part)
    elif isinstance(value, dict):
        yield from _refs(list(value.values()))


def _name(ref: Any, names: Mapping[int, str]) -> str:
    return names.get(ref.id, ref.type) if isinstance(ref, Ref) else ""


def _answer_name(operation: str, arguments: tuple[Any, ...], names: Mapping[int, str]) -> str:
    """Return the name of what an operation answers."""
    if operation == "load":
        return str(arguments[1]).removesuffix(".py")
    owner = _name(arguments[0], names)
    if operation == "get":
        return f"{owner}.{arguments[1]}" if owner else str(arguments[1])
    handed = [_name(ref, names) for ref in _refs(arguments[1:]) if ref.type in LOOKED_UP]
    return f"{owner}({', '.join(handed) or '…'})"


def _form(value: Any, names: Mapping[int, str]) -> Any:
    if isinstance(value, Ref):
        return names.get(value.id, "")
    if isinstance(value, Callback):
        return value.name
    if isinstance(value, list | tuple):
        return tuple(_form(part, names) for part in value)
    if isinstance(value, dict):
        return tuple((key, _form(part, names)) for key, part in value.items())
    return getattr(value, "dtype", type(value).__name__) if not isinstance(value, str) else value
