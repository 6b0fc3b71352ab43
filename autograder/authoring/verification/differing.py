"""Says whether another solution answers as the reference does, as far as that is not free.

What a suite compares is compared in the same way; of what it only measures against a bound, such as
the accuracy after a training, and of what follows from it, the form is compared alone. An answer
that nothing looks at is compared as the suite compares others of the same function.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.authoring.verification.dialogs import Dialog
from autograder.diagnosis.observations import ATOL, RTOL, Array, Observation, same
from autograder.grading.recording import RecordedObservation, part_at
from autograder.sandbox.worker.wire import Tensor

HARD = ("number", "numbers", "values", "array")
AXES = 10  # facts about the axes of a figure
STAYS_SAME = 0.1  # how much a difference may be rounding: the share that tiny changes explain

Answers = Mapping[str, Any]
"""What code answers in a dialog: `answers`, how many it `answered`, the `error` after these.

Or that it was `stopped` at a limit, or `ended` its process, and why.
"""


@dataclass(frozen=True)
class Difference:
    """An answer that differs: its index; how the other solution ends instead, or ""."""

    turn: int
    instead: str = ""


@dataclass(frozen=True)
class Rules:
    """How the answers of each function are judged where no test looks at them.

    `free` are functions whose answers depend on free choices, `kinds` how those of others are
    observed elsewhere.
    """

    free: frozenset[str]
    kinds: Mapping[str, tuple[RecordedObservation, ...]]


def rules_of(dialogs: Sequence[Dialog]) -> Rules:
    """Return how a suite judges the answers of each function."""
    kinds: dict[str, tuple[RecordedObservation, ...]] = {}
    on_objects, bounded = set[str](), set[str]()
    for dialog in dialogs:
        for index, turn in enumerate(dialog.turns):
            if hard := tuple(seen for seen in turn.judged if seen.kind in HARD):
                kinds.setdefault(dialog.callee(index), hard)
            if _has_objects(dialog, index):
                on_objects |= dialog.functions(index)
            if any(seen.kind == "at least" for seen in turn.judged):
                bounded |= {name for i in dialog.needed(index) for name in dialog.functions(i)}
    free = {name for name in bounded if name in on_objects or name not in kinds}
    return Rules(frozenset(free), kinds)


def _has_objects(dialog: Dialog, index: int) -> bool:
    """Tell whether a turn gives objects that stay in the process to what it calls, or gets one."""
    return bool(dialog.touched[index])


def differences(
    dialog: Dialog, rules: Rules, reference: Answers, other: Answers, *, as_recorded: bool
) -> Iterator[Difference]:
    """Yield where the answers of another solution differ from the reference's.

    Only what the reference answers counts, and only finite numbers.

    Args:
        dialog: the questions.
        rules: how their answers are judged.
        reference: the answers of the reference.
        other: those of the other solution.
        as_recorded: whether the suite itself asks these questions: then bounds count.
    """
    if other["stopped"]:
        if not reference["stopped"]:
            yield Difference(_last_call(dialog), _how_it_ended(other))
        return
    free = _free_turns(dialog, rules)
    for index in range(reference["answered"]):
        ours = reference["answers"][index]
        if index >= other["answered"]:
            if _is_fine(Observation("values", ours)):
                error = other["error"] or {}
                yield Difference(index, f"raises {error.get('type', 'an exception')}")
            return
        if not dialog.turns[index].is_plain:
            continue
        theirs = other["answers"][index]
        if not _agree(dialog, index, rules, (ours, theirs), index in free, as_recorded=as_recorded):
            yield Difference(index)


def _how_it_ended(answers: Answers) -> str:
    why = answers.get("ended", "")
    return f"ends the process: {why}" if why else "does not end"


def _last_call(dialog: Dialog) -> int:
    return max((i for i in range(len(dialog.turns)) if dialog.callee(i)), default=0)


def _free_turns(dialog: Dialog, rules: Rules) -> set[int]:
    """Return the turns that call what is free, or ask what may follow from it."""
    found, objects = set[int](), set[int]()
    for index in range(len(dialog.turns)):
        if dialog.functions(index) & rules.free or dialog.touched[index] & objects:
            found.add(index)
            objects |= dialog.touched[index]
    return found


def _agree(
    dialog: Dialog,
    index: int,
    rules: Rules,
    answers: tuple[Any, Any],
    is_free: bool,
    *,
    as_recorded: bool,
) -> bool:
    turn = dialog.turns[index]
    hard = [seen for seen in turn.judged if seen.kind in HARD]
    if not hard and turn.operations[-1][0] in ("printed", "figures"):
        answers = _shown(answers[0]), _shown(answers[1])
    if is_free and not (as_recorded and hard):
        bounds = [seen for seen in turn.judged if seen.kind == "at least"] if as_recorded else []
        return _is_same_form(*answers) and _all_agree(bounds, *answers)
    if hard:
        return _all_agree(hard, *answers)
    if turn.judged:  # by a bound, or weakly
        bounds = [seen for seen in turn.judged if seen.kind == "at least"] if as_recorded else []
        return _is_same_form(*answers) and _all_agree(bounds, *answers)
    known = [seen for seen in rules.kinds.get(dialog.callee(index), ()) if seen.how is None]
    if known:
        return _all_agree(known, *answers)
    return _same(Observation("values", answers[1]), Observation("values", answers[0]))


def _all_agree(judged: Iterable[RecordedObservation], ours: Any, theirs: Any) -> bool:
    for seen in judged:
        (exists, right), (there, found) = part_at(ours, seen.path), part_at(theirs, seen.path)
        if not exists:
            continue
        if not there:
            return False
        one, other = (
            Observation(seen.kind, value, seen.how, seen.bound, seen.tolerance)
            for value in (found, right)
        )
        if not _same(one, other):
            return False
    return True


def _same(found: Observation, right: Observation) -> bool:
    """Say whether an answer agrees with the right one, within the test's own tolerance."""
    if not _is_fine(right) or same(found, right):
        return True
    if found.judged[0] == "at least":
        return False
    numbers = [seen.plain for seen in (found, right)]
    if any(isinstance(one, str) for one in numbers) or found.table is not None:
        return False
    one, other = (np.asarray(part, float) for part in numbers)
    if found.kind != "array" or one.size == 1:
        one, other = one.ravel(), other.ravel()
    values = [seen.judged[1] for seen in (found, right)]
    loosely = (
        found.kind in ("number", "numbers") or one.size == 1 or not any(map(_has_dtype, values))
    )
    if not loosely and found.form != right.form:
        return False
    near = one.shape == other.shape and _near(one.ravel(), other.ravel(), right.tolerance)
    return bool(near)


def _has_dtype(value: Any) -> bool:
    """Say whether the dtype of a value is judged, as those of tensors are and of arrays are not."""
    return isinstance(value, Tensor) and value.kind != "numpy"


def _near(one: Array, other: Array, tolerance: tuple[float, float]) -> bool:
    rtol, atol = max(tolerance[0], RTOL), max(tolerance[1], ATOL)
    scale = float(np.abs(other).max(initial=0.0))
    return bool((np.abs(one - other) <= atol + rtol * scale).all())


def _is_fine(seen: Observation) -> bool:
    """Say whether an answer of the reference is something that another one can be held to."""
    if seen.table is not None:
        return True  # missing values are values there
    return isinstance(seen.plain, str) or bool(np.isfinite(seen.plain).all())


def _is_same_form(ours: Any, theirs: Any) -> bool:
    one, other = (Observation("values", answer) for answer in (theirs, ours))
    return bool(one.form == other.form)


def _shown(value: Any) -> Any:
    """Return of figures the data, the scales, and which axes have labels; of text nothing.

    Titles, the wording of labels, colors and styles are free.
    """
    if isinstance(value, Tensor):
        return value
    if type(value) is not list:
        return None
    if len(value) == AXES and type(value[0]) is str:
        _, across, up, *scales = value[:5]
        return [bool(across), bool(up), *scales, [_shown(part) for part in value[6:]]]
    return [_shown(part) for part in value]


def is_rounding(reference: Any, other: Any, nearby: Any) -> bool:
    """Say whether a difference may be rounding: the reference differs as much for tiny changes.

    Args:
        reference: what the reference answers.
        other: what the other solution answers, None if it raises an exception.
        nearby: what the reference answers if the inputs are a millionth larger or smaller.
    """
    found = [Observation("values", value) for value in (reference, other, nearby)]
    one, two, near = (_flat(seen) for seen in found)
    if one is None or two is None or near is None or not one.shape == two.shape == near.shape:
        return not _same(found[2], found[0])
    with np.errstate(all="ignore"):
        moved = np.abs(near - one).max(initial=0.0)
        differs = np.abs(two - one).max(initial=0.0)
    return bool(not np.isfinite(moved) or moved > STAYS_SAME * differs)


def _flat(seen: Observation) -> Array | None:
    numbers = seen.plain if seen.table is None else seen.table[1]
    return None if isinstance(numbers, str) else np.asarray(numbers, float).ravel()
