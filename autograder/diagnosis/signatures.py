"""Stores signatures of known mistakes as JSON, for students, who have no solution to change.

Only the public tests' signatures are precomputed: their inputs are no secret. Each trace is
stored once, however many mistakes share it; an observation is its kind and its answer as it
crosses the wire.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.diagnosis.matching import Candidates, KnownSignatures, Lookup, Signature, Traces
from autograder.diagnosis.misconception import Misconception, Variant
from autograder.diagnosis.observations import Observation, Trace
from autograder.record import TaskScore
from autograder.sandbox.worker import wire

FILE_NAME = "signatures.json"

Signatures = Mapping[str, Sequence[Signature]]
"""Signatures by task."""


class PrecomputedLookup(Lookup):
    """Explains failures by signatures that were computed elsewhere, pairs included."""

    def __init__(self, known: KnownSignatures, pairs: Signatures) -> None:
        self._known, self._pairs = known, pairs

    @property
    def known(self) -> KnownSignatures:
        """The signatures of the reference and of single misconceptions."""
        return self._known

    def of_reference(self, task: str) -> Traces:
        """Return what all tests observe of the reference, if mistakes in the task are known."""
        return self._known.reference if task in self._known.singles else {}

    def candidates(self, task: TaskScore, traces: Traces) -> Iterator[Candidates]:
        """Yield all single misconceptions of a task, and then all pairs."""
        yield Candidates(self._known.singles[task.name], told_apart=True)
        yield Candidates(self._pairs.get(task.name, ()), told_apart=True)


def as_json(known: KnownSignatures, pairs: Signatures, tests: Collection[str]) -> str:
    """Return signatures as JSON, which mentions no other tests than `tests`."""
    numbers: dict[str, int] = {}  # of each distinct trace

    def numbered(traces: Traces) -> dict[str, int]:
        return {
            test: numbers.setdefault(_text(trace), len(numbers)) for test, trace in traces.items()
        }

    def listed(by_task: Signatures) -> dict[str, list[Any]]:
        return {
            task: [
                [[m.name for m in one.variant.misconceptions], numbered(one.traces)] for one in some
            ]
            for task, some in by_task.items()
        }

    content = {
        "misconceptions": {
            m.name: [m.task, m.happened, m.why, m.look, _loses(m, tests)]
            for some in known.singles.values()
            for single in some
            for m in single.variant.misconceptions
        },
        "reference": numbered(known.reference),
        "singles": listed(known.singles),
        "pairs": listed(pairs),
        "traces": list(numbers),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _loses(misconception: Misconception, tests: Collection[str]) -> str:
    """Return the tests that a misconception fails, of those that may be named."""
    names = misconception.failing & {part for t in tests for part in (t, t.partition("[")[0])}
    return " ".join(sorted(name.removeprefix("test_") for name in names))


def _encodable(value: Any) -> Any:
    """Return an answer, without what the wire takes from a child only."""
    if isinstance(value, list | tuple):
        return (list if isinstance(value, list) else tuple)(map(_encodable, value))
    try:
        wire.encode(value)
    except wire.WireError:
        return type(value).__name__
    return value


def _text(trace: Trace) -> str:
    observations = []
    for seen in trace:
        if seen.kind == "answers":
            continue
        text, data = wire.encode(_encodable(seen.value))
        observations.append([seen.kind, text.decode("ascii"), b64encode(data).decode("ascii")])
    return json.dumps(observations)


def read_signatures(file: Path) -> PrecomputedLookup:
    """Read what `as_json` wrote, from a file of the kit."""
    content = json.loads(file.read_text(encoding="utf-8"))
    traces = [_trace(text) for text in content["traces"]]
    misconceptions = {
        name: Misconception(name, task, (), happened, why, look, loses)
        for name, (task, happened, why, look, loses) in content["misconceptions"].items()
    }

    def traced(numbers: dict[str, int]) -> dict[str, Trace]:
        return {test: traces[number] for test, number in numbers.items()}

    def signatures(by_task: dict[str, list[Any]]) -> dict[str, list[Signature]]:
        return {
            task: [
                Signature(Variant(tuple(misconceptions[n] for n in names), ""), traced(numbers))
                for names, numbers in some
            ]
            for task, some in by_task.items()
        }

    known = KnownSignatures(traced(content["reference"]), signatures(content["singles"]))
    return PrecomputedLookup(known, signatures(content["pairs"]))


def _trace(text: str) -> Trace:
    return tuple(
        Observation(kind, wire.decode(answer.encode("ascii"), b64decode(data)))
        for kind, answer, data in json.loads(text)
    )
