"""Prints the results of a benchmark run: tables, ratios, aims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from bench.aims import Aim
from bench.figures import Line, Results, each
from bench.roads import BARE, DASK, EXPLAINED, IMPORTS, OURS, STOCK, THROUGH, UNCHANGED
from bench.workload import WORKLOADS

PARALLEL = (OURS, BARE, DASK, UNCHANGED)
SEVERAL = 10  # from this many submissions on, a parallel road uses all its processes


def show(
    console: Console,
    results: Results,
    found: Sequence[Aim],
    about: Mapping[str, str],
    asleep: float,
) -> None:
    """Print everything."""
    console.print(", ".join(f"{name} {value}" for name, value in about.items()), highlight=False)
    for workload in WORKLOADS:
        if results.roads(workload):
            console.print(throughput(results, workload))
            console.print(growth(results, workload))
            for line in ratios(results, workload, asleep if workload == "released" else 0.0):
                console.print(line, highlight=False)
            console.print()
    if results.naming:
        console.print(naming(results))
        console.print()
    console.print(latency(results))
    console.print(memory(results))
    for road, text in EXPLAINED.items():
        console.print(f"{road}: {text}", highlight=False)
    console.print("\nAims", highlight=False)
    for aim in found:
        mark = {True: "✓", False: "✗", None: "–"}[aim.reached]
        console.print(f"{mark} {aim.text}: {aim.measured}", highlight=False)


def table(title: str, *headings: str) -> Table:
    """Return a table whose first column is the road."""
    made = Table("", box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for heading in headings:
        made.add_column(heading, justify="right")
    return made


def throughput(results: Results, workload: str) -> Table:
    """Return the times of the classes by road: medians of the rounds."""
    made = table(workload, "submissions", "seconds", "seconds each", "an hour", "CPU s each")
    for road in results.roads(workload):
        for count in results.counts(workload, road):
            seconds, cpu = (
                results.seconds(workload, road, count),
                results.cpu(workload, road, count),
            )
            if count > 1 and seconds is not None and cpu is not None:
                one = each(seconds, count)
                cells = (f"{seconds:.1f}", f"{one:.3f}", f"{3600 / one:,.0f}", f"{cpu / count:.3f}")
                made.add_row(road, str(count), *cells)
    return made


def growth(results: Results, workload: str) -> Table:
    """Return the start-up time of each road and its time per submission."""
    made = table("", "start-up, s", "then each, s", "then an hour")
    for road in results.roads(workload):
        line = line_of(results, workload, road)
        if line is not None and line.slope > 0:
            cells = (f"{line.start:.1f}", f"{line.slope:.4f}", f"{3600 / line.slope:,.0f}")
            made.add_row(road, *cells)
    return made


def line_of(results: Results, workload: str, road: str) -> Line | None:
    """Return how a road's seconds grow, None if it graded only one size."""
    least = SEVERAL if road in PARALLEL else 1
    counts = [count for count in results.counts(workload, road) if count >= least]
    return results.line(workload, road, least) if len(counts) > 1 else None


def ratios(results: Results, workload: str, asleep: float) -> list[str]:
    """Return how the roads compare, one sentence per ratio."""
    found = []
    for road in (OURS, THROUGH):
        for count in results.counts(workload, road):
            ratio = results.ratio(workload, STOCK, road, count)
            cpu = results.ratio(workload, STOCK, road, count, cpu=True)
            if count == 1 or ratio is None or cpu is None:
                continue
            text = f"{road} is {ratio:.0f} × as fast as stock at {count}"
            if asleep:
                awake = results.ratio(workload, STOCK, road, count, asleep=asleep)
                text += f" ({awake:.0f} × with stock's {asleep:g} s of sleep taken out)"
            found.append(f"{text}; of processor time stock takes {cpu:.0f} × as much")
    for road in (OURS, THROUGH):
        stock, line = (line_of(results, workload, one) for one in (STOCK, road))
        if stock is not None and line is not None and line.slope > 0:
            times = (stock.slope - asleep) / line.slope
            note = ", sleep taken out" if asleep else ""
            found.append(f"after the start-up, {road} is {times:.0f} × as fast as stock{note}")
    for count in results.counts(workload, BARE):
        slower = results.ratio(workload, OURS, BARE, count)
        if count > 1 and slower is not None:
            found.append(f"ours reaches {1 / slower:.0%} of bare's throughput at {count}")
    return found


def latency(results: Results) -> Table:
    """Return the seconds of a command that grades one submission."""
    workloads = [workload for workload in WORKLOADS if results.roads(workload)]
    made = table("one submission, cold: seconds", *workloads)
    for road in dict.fromkeys(road for w in workloads for road in results.roads(w)):
        seconds = [results.seconds(workload, road, 1) for workload in workloads]
        if any(seconds):
            made.add_row(road, *("" if s is None else f"{s:.2f}" for s in seconds))
    for road in IMPORTS:
        ratio = results.ratio("lean", OURS, road, 1)
        if ratio is not None:
            made.add_row(f"ours : {road}", f"{ratio:.2f} ×")
    return made


def naming(results: Results) -> Table:
    """Return what it costs to name mistakes."""
    made = table("what naming costs: processor seconds", "failures", "without", "with", "the first")
    for heading in ("a known one", "an unexplained one", "all but the first, each"):
        made.add_column(heading, justify="right")
    for one in results.naming:
        seconds = (one.unnamed, one.named, one.first)
        each = (median(part) if part else None for part in (one.known, one.unexplained))
        cells = ["" if s is None else f"{s:.3f}" for s in (*each, one.further)]
        made.add_row(one.assignment, str(one.failures), *(f"{s:.1f}" for s in seconds), *cells)
    return made


def memory(results: Results) -> Table:
    """Return the peak memory of all processes of a road together."""
    made = table("peak memory of all processes together (lean)", "submissions", "MiB")
    looked = [m for m in results.measured if m.memory is not None]
    for m in looked:
        made.add_row(m.road, str(m.count), f"{(m.memory or 0) >> 20:,}")
    return made
