"""The measurements and the arithmetic on them; pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

__all__ = ["Line", "Measured", "Naming", "Results", "each", "line_through", "read_naming"]


@dataclass(frozen=True)
class Measured:
    """One run of a road over the first `count` submissions of a workload.

    `seconds` is wall time of the whole command, `cpu` user and system time of all its processes.
    In a run that looks at `memory` (the peak, in bytes) times are not used: looking takes time.
    """

    workload: str
    road: str
    count: int
    round: int
    seconds: float
    cpu: float
    memory: int | None = None


@dataclass(frozen=True)
class Line:
    """Seconds that grow with the number of submissions: `start` once and `slope` for each."""

    start: float
    slope: float

    def at(self, count: int) -> float:
        """Return the seconds for this many submissions."""
        return self.start + self.slope * count


def line_through(points: Sequence[tuple[int, float]]) -> Line:
    """Return the line through the points with the least and the most submissions.

    One point alone counts as all slope.
    """
    (low, first), (high, last) = min(points), max(points)
    if low == high:
        return Line(0.0, first / low)
    slope = (last - first) / (high - low)
    return Line(first - slope * low, slope)


def each(seconds: float, count: int) -> float:
    """Return the seconds per submission, including its share of the start-up."""
    return seconds / count


@dataclass(frozen=True)
class Naming:
    """Processor seconds in a class of failures, with and without explanations.

    `first` is what the first failure took, in which most is learned; `known` and `unexplained` are
    the others, one by one: those that got a name, and those that did not.
    """

    assignment: str
    failures: int
    named: float
    unnamed: float
    first: float
    known: tuple[float, ...]
    unexplained: tuple[float, ...]

    @property
    def further(self) -> float:
        """What each failure took after the first, on average."""
        return mean([*self.known, *self.unexplained])


def read_naming(printed: str) -> Naming:
    """Return what `bench.naming` has written."""
    found = json.loads(printed)
    lists = {name: tuple(found[name]) for name in ("known", "unexplained")}
    return Naming(**{**found, **lists})


class Results:
    """Everything that was measured in a run of the benchmark."""

    def __init__(self, measured: Iterable[Measured] = ()) -> None:
        self.measured = list(measured)
        self.naming: list[Naming] = []

    def add(self, measured: Measured) -> None:
        """Add one measurement."""
        self.measured.append(measured)

    def _timed(self, workload: str, road: str) -> list[Measured]:
        return [
            m
            for m in self.measured
            if (m.workload, m.road) == (workload, road) and m.memory is None
        ]

    def roads(self, workload: str) -> list[str]:
        """Return the roads that were timed, in the order in which they first ran."""
        timed = (m for m in self.measured if m.workload == workload and m.memory is None)
        return list(dict.fromkeys(m.road for m in timed))

    def counts(self, workload: str, road: str) -> list[int]:
        """Return the numbers of submissions that a road was timed with."""
        return sorted({m.count for m in self._timed(workload, road)})

    def seconds(self, workload: str, road: str, count: int) -> float | None:
        """Return the median of a road's seconds, None if it was not timed with that many."""
        found = [m.seconds for m in self._timed(workload, road) if m.count == count]
        return median(found) if found else None

    def cpu(self, workload: str, road: str, count: int) -> float | None:
        """Return the median of the processor time in seconds."""
        found = [m.cpu for m in self._timed(workload, road) if m.count == count]
        return median(found) if found else None

    def memory(self, workload: str, road: str, count: int) -> int | None:
        """Return the peak memory of a road, None if it was not measured."""
        found = [
            m.memory
            for m in self.measured
            if (m.workload, m.road, m.count) == (workload, road, count) and m.memory is not None
        ]
        return max(found) if found else None

    def line(self, workload: str, road: str, least: int = 1) -> Line | None:
        """Return how a road's median seconds grow, from `least` submissions on."""
        counts = [count for count in self.counts(workload, road) if count >= least]
        points = [(n, s) for n in counts if (s := self.seconds(workload, road, n)) is not None]
        return line_through(points) if points else None

    def ratio(
        self,
        workload: str,
        slower: str,
        faster: str,
        count: int,
        *,
        asleep: float = 0.0,
        cpu: bool = False,
    ) -> float | None:
        """Return how many times as fast one road is as another, for a class of `count`.

        In each round both ran in turn: the median of the rounds' ratios. The slower road's time is
        read off the line through its own runs in that round, unless it graded as many; `asleep`
        seconds for each submission are taken out of it.
        """
        ratios = []
        for number in sorted({m.round for m in self._timed(workload, faster)}):
            slow = self._of_round(workload, slower, number, cpu)
            fast = dict(self._of_round(workload, faster, number, cpu))
            if slow and count in fast:
                seconds = dict(slow).get(count) or line_through(slow).at(count)
                ratios.append((seconds - asleep * count) / fast[count])
        return median(ratios) if ratios else None

    def _of_round(
        self, workload: str, road: str, number: int, cpu: bool
    ) -> list[tuple[int, float]]:
        return [
            (m.count, m.cpu if cpu else m.seconds)
            for m in self._timed(workload, road)
            if m.round == number
        ]
