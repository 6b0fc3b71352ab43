"""Keeps what tests see of known mistakes as JSON: for students, who have no solution to change.

Only the public tests are learnt by heart like that: their inputs are no secret. A trace is kept
once, however many mistakes look the same to a test; a look is what it was taken for, and its
answer as it crosses the wire.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.diagnosis.lookup import KnownSignatures, Lookup
from autograder.diagnosis.matching import Signature
from autograder.diagnosis.misconceptions import Misconception, Variant
from autograder.diagnosis.observations import Observation, Trace
from autograder.record import TaskScore
from autograder.sandbox.worker import wire

FILE_NAME = "signatures.json"

Pairs = Mapping[str, Sequence[Signature]]


class PrecomputedLookup(Lookup):
    """Explains failures by what was learnt elsewhere: pairs of mistakes too, by task."""

    def __init__(self, known: KnownSignatures, pairs: Pairs) -> None:
        self._known, self._pairs = known, pairs

    @property
    def known(self) -> KnownSignatures:
        """What the tests see of the reference and of each misconception alone."""
        return self._known

    def fitting_pairs(self, task: TaskScore, traces: Mapping[str, Trace]) -> Sequence[Signature]:
        """Return all pairs of a task: there is nothing more to be learnt about them."""
        return self._pairs.get(task.name, ())


def as_json(known: KnownSignatures, pairs: Pairs, tests: Collection[str]) -> str:
    """Return what is known as JSON.

    Args:
        known: of the reference and of misconceptions alone.
        pairs: of pairs of them, by task.
        tests: the names of the tests; of others nothing is said.
    """
    traces = _Traces()
    misconceptions = {
        m.name: [m.task, m.happened, m.why, m.look, " ".join(_shown(m, tests))]
        for some in known.singles.values()
        for single in some
        for m in single.variant.misconceptions
    }
    content = {
        "misconceptions": misconceptions,
        "reference": traces.numbers(known.reference),
        "singles": _expectations(known.singles, traces),
        "pairs": _expectations(pairs, traces),
        "traces": list(traces.found),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _shown(misconception: Misconception, tests: Collection[str]) -> list[str]:
    """Return the tests that a misconception fails, of those that may be named."""
    return sorted(name.removeprefix("test_") for name in misconception.failing & set(tests))


def _expectations(by_task: Pairs, traces: _Traces) -> dict[str, list[Any]]:
    return {
        task: [
            [[m.name for m in some.variant.misconceptions], traces.numbers(some.traces)]
            for some in expected
        ]
        for task, expected in by_task.items()
    }


class _Traces:
    """Numbers traces: the same one has the same number."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}

    def numbers(self, traces: Mapping[str, Trace]) -> dict[str, int]:
        """Return the number of each test's trace."""
        return {
            test: self.found.setdefault(_text(trace), len(self.found))
            for test, trace in traces.items()
        }


def _text(trace: Trace) -> str:
    looks = []
    for seen in trace:
        text, data = wire.encode(seen.value)
        looks.append([seen.kind, text.decode("ascii"), b64encode(data).decode("ascii")])
    return json.dumps(looks)


def read_signatures(file: Path) -> PrecomputedLookup:
    """Read what `as_json` wrote: a file of the kit."""
    content = json.loads(file.read_text(encoding="utf-8"))
    traces = [_trace(text) for text in content["traces"]]
    misconceptions = {
        name: Misconception(name, task, (), happened, why, look, loses)
        for name, (task, happened, why, look, loses) in content["misconceptions"].items()
    }

    def seen(numbers: dict[str, int]) -> dict[str, Trace]:
        return {test: traces[number] for test, number in numbers.items()}

    def expected(by_task: dict[str, list[Any]]) -> dict[str, list[Signature]]:
        return {
            task: [
                Signature(Variant(tuple(misconceptions[n] for n in names), ""), seen(numbers))
                for names, numbers in some
            ]
            for task, some in by_task.items()
        }

    known = KnownSignatures(seen(content["reference"]), expected(content["singles"]))
    return PrecomputedLookup(known, expected(content["pairs"]))


def _trace(text: str) -> Trace:
    return tuple(
        Observation(kind, wire.decode(answer.encode("ascii"), b64decode(data)))
        for kind, answer, data in json.loads(text)
    )
