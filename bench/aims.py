"""The performance aims of the kit, and whether a run of the benchmark reached them; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bench.figures import Naming, Results, each, line_through
from bench.roads import BARE, DASK, IMPORT_ALL, OURS, STOCK, THROUGH, UNCHANGED
from bench.workload import CELLS, LEAN

__all__ = ["Aim", "aims"]

T = TypeVar("T")

CLASS = 1000
ENOUGH = 100  # submissions; a smaller class is mostly start-up, too small to judge an aim
GROWTH = 1.10  # what counts as flat
SHARE = 0.65  # of bare's throughput
FIRST, FURTHER = 3.0, 0.020  # processor seconds for explaining failures


@dataclass(frozen=True)
class Aim:
    """An aim, whether it was reached (None: not measured), and what was measured."""

    text: str
    reached: bool | None
    measured: str


def aims(results: Results, asleep: float) -> list[Aim]:
    """Return all aims. `asleep`: the seconds that stock sleeps in each released notebook."""
    return [
        faster("`autograder grade` ≥ 150 × stock, lean", results, "lean", OURS, 150),
        faster(
            "`autograder grade` ≥ 40 × stock, released, sleep taken out",
            results, "released", OURS, 40, asleep,
        ),
        faster("`nbgrader autograde` with ours ≥ 15 × stock, lean", results, "lean", THROUGH, 15),
        *(
            faster(f"`autograder grade` ≥ 40 × stock, {name}", results, name, OURS, 40)
            for name in LEAN[1:]
        ),
        *(
            faster(f"`autograder grade` ≥ 25 × stock, {name}", results, name, OURS, 25)
            for name in CELLS
        ),
        *(share_of_limit(results, name) for name in LEAN),
        *growth(results),
        memory(results),
        cold(results),
        unchanged(results),
        dask(results),
        *(aim for one in results.naming for aim in naming(one)),
    ]  # fmt: skip


def faster(
    text: str, results: Results, workload: str, road: str, times: float, asleep: float = 0.0
) -> Aim:
    """Compare a road with stock, on the largest class that the road was given."""
    counts = results.counts(workload, road)
    ratio = results.ratio(workload, STOCK, road, counts[-1], asleep=asleep) if counts else None
    return of_class(
        judged(text, ratio, lambda r: r >= times, lambda r: f"{r:.0f} × at {counts[-1]}"), counts
    )


def share_of_limit(results: Results, workload: str) -> Aim:
    """Compare our throughput with that of bare, in a class of 300 if there is one."""
    text = f"throughput ≥ {SHARE:.0%} of bare's, {workload}"
    counts = results.counts(workload, BARE)
    count = 300 if 300 in counts else counts[-1] if counts else 0
    slower = results.ratio(workload, OURS, BARE, count) if counts else None
    return of_class(
        judged(text, slower, lambda r: 1 / r >= SHARE, lambda r: f"{1 / r:.0%} at {count}"),
        counts,
    )


def naming(one: Naming) -> list[Aim]:
    """Judge what it costs to name mistakes in an assignment: the first one, and those after it."""
    first = f"a first failure explained in under {FIRST:g} s of processor time, {one.assignment}"
    further = f"each further one in under {1000 * FURTHER:g} ms, {one.assignment}"
    return [
        judged(first, one.first, lambda s: s < FIRST, lambda s: f"{s:.2f} s"),
        judged(further, one.further, lambda s: s < FURTHER, lambda s: f"{1000 * s:.1f} ms"),
    ]


def growth(results: Results) -> list[Aim]:
    """Compare the time per submission in a large class and in a smaller one."""
    text = f"seconds each at {CLASS:,} within 10 % of those at 100, {{}} start-up"
    small, medium, large = (results.seconds("lean", OURS, n) for n in (10, 100, CLASS))
    with_start = without = None
    if small is not None and medium is not None and large is not None:
        with_start = each(medium, 100), each(large, CLASS)
        without = (
            line_through([(10, small), (100, medium)]).slope,
            line_through([(100, medium), (CLASS, large)]).slope,
        )

    def flat(pair: tuple[float, float]) -> bool:
        return pair[1] <= GROWTH * pair[0]

    def shown(pair: tuple[float, float]) -> str:
        return f"{pair[0]:.4f} s, then {pair[1]:.4f} s"

    return [
        judged(text.format("with"), with_start, flat, shown),
        judged(text.format("without"), without, flat, shown),
    ]


def memory(results: Results) -> Aim:
    """Compare the peak memory in a large class and in a smaller one."""
    text = f"memory at {CLASS:,} within 10 % of that at 100"
    small, large = (results.memory("lean", OURS, n) for n in (100, CLASS))
    pair = None if small is None or large is None else (small, large)
    return judged(
        text,
        pair,
        lambda p: p[1] <= GROWTH * p[0],
        lambda p: f"{p[0] >> 20} MiB, then {p[1] >> 20} MiB",
    )


def cold(results: Results) -> Aim:
    """Compare the command for one submission with importing its libraries."""
    ratio = results.ratio("lean", OURS, IMPORT_ALL, 1)
    return judged(
        "one submission, cold ≤ 1.5 × importing torch, sklearn.datasets and pyplot",
        ratio,
        lambda r: r <= 1.5,
        lambda r: f"{r:.2f} ×",
    )


def unchanged(results: Results) -> Aim:
    """Judge how long an unchanged class takes."""
    text = f"{CLASS:,} unchanged submissions recognised in under 3 s"
    counts = results.counts("lean", UNCHANGED)
    seconds = results.seconds("lean", UNCHANGED, counts[-1]) if counts else None
    return of_class(
        judged(text, seconds, lambda s: s < 3, lambda s: f"{s:.1f} s for {counts[-1]}"),
        counts,
        CLASS,
    )


def dask(results: Results) -> Aim:
    """Compare a cluster of two workers with the pool of processes."""
    counts = results.counts("lean", DASK)
    share = results.ratio("lean", OURS, DASK, counts[-1]) if counts else None
    text = "a local Dask cluster of two workers ≥ 80 % of the process pool"
    return of_class(
        judged(text, share, lambda s: s >= 0.8, lambda s: f"{s:.0%} at {counts[-1]}"), counts
    )


def judged(text: str, value: T | None, good: Callable[[T], bool], shown: Callable[[T], str]) -> Aim:
    """Return an aim, reached if the measured value is good."""
    if value is None:
        return Aim(text, None, "not measured")
    return Aim(text, good(value), shown(value))


def of_class(aim: Aim, counts: Sequence[int], enough: int = ENOUGH) -> Aim:
    """Return the aim, unjudged if the largest class was too small."""
    if counts and counts[-1] < enough:
        return replace(aim, reached=None, measured=f"{aim.measured}, too few to judge by")
    return aim
