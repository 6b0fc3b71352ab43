"""Compares ways to grade a class, on the same submissions in the same run, and prints the results.

`bench/README.md` says what is compared and how.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import roads
from bench.aims import Aim, aims
from bench.figures import Measured, Results
from bench.meter import ROOT
from bench.report import show
from bench.roads import BARE, DASK, IMPORTS, OTTER, OURS, STOCK, THROUGH, UNCHANGED
from bench.workload import (
    CELLS,
    COURSE,
    FULL,
    OTHERS,
    WORKLOADS,
    Submitted,
    make_class,
    seconds_asleep,
)

NAMING = "naming"  # is what the other workloads do not cost: to say what is wrong
OTTER_HERE = ROOT / ".venv-otter"


@dataclass(frozen=True)
class Plan:
    """How often a workload is graded, and how many submissions of it by each road.

    Each road also grades a single submission in each round. Only the last grades `large`. A road
    without submissions is left out.
    """

    rounds: int
    sizes: tuple[int, ...]  # ours and bare
    stock: int
    through: int = 0
    otter: int = 0
    large: tuple[int, ...] = ()

    @property
    def most(self) -> int:
        """The number of submissions needed."""
        return max(*self.sizes, *self.large, self.stock, self.through, self.otter)


PLANS: Mapping[str, Mapping[str, Plan]] = {
    "quick": {
        "lean": Plan(1, (10, 60), stock=4, through=10, otter=2),
        "released": Plan(1, (10,), stock=4, through=10, otter=2),
        "mixed": Plan(1, (10, 60), stock=4, through=10),
        **dict.fromkeys((*OTHERS, *CELLS), Plan(1, (10,), stock=2)),
    },
    "default": {
        "lean": Plan(3, (10, 100), stock=6, through=100, otter=4, large=(300, 1000)),
        "released": Plan(2, (10, 100), stock=4, through=20, otter=2, large=(300,)),
        "mixed": Plan(1, (10, 100), stock=4, through=30),
        **dict.fromkeys(OTHERS, Plan(1, (300,), stock=4)),
        **dict.fromkeys(CELLS, Plan(2, (10, 100), stock=6, through=20)),
    },
    "full": {
        "lean": Plan(5, (10, 100, 300, 1000), stock=20, through=100, otter=10),
        "released": Plan(3, (10, 100, 300, 1000), stock=10, through=100, otter=4),
        "mixed": Plan(3, (10, 100, 1000), stock=10, through=100),
        **dict.fromkeys((*OTHERS, *CELLS), Plan(3, (10, 100, 300), stock=10)),
    },
}
FAILURES = {"quick": 20, "default": 100, "full": 300}  # of each assignment, to name


def main() -> None:
    """Measure, and print tables, ratios and aims."""
    options = parse(sys.argv[1:])
    size = "quick" if options.quick else "full" if options.full else "default"
    results, asleep = Results(), 0.0
    with TemporaryDirectory(prefix="bench-") as scratch:
        bench = Bench(roads.Courses(Path(scratch), options.jobs, options.otter), results)
        for workload in options.workloads:
            if workload == NAMING:
                bench.name(FAILURES[size])
                continue
            plan = PLANS[size][workload]
            plan = replace(plan, stock=options.stock) if options.stock else plan
            if options.size:
                plan = replace(plan, sizes=(options.size,), large=(), through=0, otter=0)
            submitted = make_class(workload, plan.most, options.seed)
            if workload == "released":
                asleep = seconds_asleep(submitted[0].document)
            bench.grade(workload, plan, submitted)
    found = aims(results, asleep)
    about = machine(options.jobs)
    show(Console(width=110), results, found, about, asleep)
    if options.json:
        write_json(options.json, results, found, about)
    if bench.wrong:
        sys.exit("\n".join(["\nGRADES ARE WRONG", *bench.wrong]))
    print("\nGrades are as expected, by every road.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", action="store_true", help="a few minutes: small classes, one round"
    )
    size.add_argument("--full", action="store_true", help="hours: large classes, more rounds")
    parser.add_argument(
        "--workloads", nargs="+", choices=(*WORKLOADS, NAMING), default=(*WORKLOADS, NAMING)
    )
    parser.add_argument(
        "--size", type=int, metavar="N", help="ours and bare grade classes of N alone"
    )
    parser.add_argument("--stock", type=int, metavar="N", help="submissions for stock nbgrader")
    parser.add_argument(
        "--otter",
        type=Path,
        metavar="FOLDER",
        default=os.environ.get("BENCH_OTTER") or (OTTER_HERE if OTTER_HERE.exists() else None),
        help="a virtual environment with otter-grader [$BENCH_OTTER, or .venv-otter]",
    )
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=0, help="seed of the classes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw numbers")
    options = parser.parse_args(arguments)
    options.otter = options.otter and Path(options.otter).absolute()
    if options.otter and not (options.otter / "bin" / "otter").exists():
        parser.error(f"no otter-grader in {options.otter}: install it with `make bench-otter`")
    return options


class Bench:
    """Runs the roads in turn and records their measurements."""

    def __init__(self, courses: roads.Courses, results: Results) -> None:
        self.courses, self.results = courses, results
        self.begun = time.monotonic()
        self.by_road: dict[tuple[str, int], dict[str, float]] = {}
        self.wrong: list[str] = []

    def grade(self, workload: str, plan: Plan, submitted: list[Submitted]) -> None:
        """Grade a workload in rounds, then measure memory."""
        self.by_road = {}
        sizes = sorted({*plan.sizes, *plan.large})
        for number in range(plan.rounds):
            last = number == plan.rounds - 1
            for road, count in self._turns(workload, plan, last):
                again = last and (workload, road, count) == ("lean", OURS, sizes[-1])
                self.run(workload, road, submitted[:count], number, twice=again)
        with self.checking(workload):
            compare(self.by_road)
        if workload == "lean" and len(sizes) > 1:
            both = sizes[-3::2] if len(sizes) > 2 else sizes  # 100 and 1000
            looked = {STOCK: [2], THROUGH: [10], OTTER: [2], OURS: both, BARE: both[:1]}
            for road, counts in looked.items():
                for count in counts:
                    if road != OTTER or self.courses.otter:
                        self.run(workload, road, submitted[:count], 0, memory=True)

    def _turns(self, workload: str, plan: Plan, last: bool) -> Iterable[tuple[str, int]]:
        """Yield the gradings of a round, ours and stock next to each other."""
        planned = {STOCK: plan.stock, THROUGH: plan.through, OTTER: plan.otter}
        sequential = {
            road: count
            for road, count in planned.items()
            if count and (road != OTTER or self.courses.otter is not None)
        }
        parallel = (OURS,) if workload in CELLS else (OURS, BARE)  # bare calls what suites call
        ones = [OURS, *sequential, *parallel[1:]]
        yield from ((road, 1) for road in ([*IMPORTS, *ones] if workload == "lean" else ones))
        yield from sequential.items()
        with_dask = workload == "lean" and roads.has_option("--dask")
        if workload == "lean" and not with_dask:
            self.say("skipped: `autograder grade` has no option --dask")
        for count in (*plan.sizes, *(plan.large if last else ())):
            yield from ((road, count) for road in parallel)
            if with_dask and count >= max(plan.sizes):
                yield DASK, count

    def run(
        self,
        workload: str,
        road: str,
        submitted: list[Submitted],
        number: int,
        *,
        memory: bool = False,
        twice: bool = False,
    ) -> None:
        """Grade a class by a road in a new course, check the grades and record the measurement."""
        count = len(submitted)
        self.say(f"{workload}, {road}, {count}{' (memory)' if memory else f', round {number + 1}'}")
        wrong = not all(one.right for one in submitted)
        with self.courses.course(road, workload, submitted) as course:
            for turn in (road, UNCHANGED) if twice else (road,):
                cost = self.courses.run(
                    turn, course, memory=memory, may_fail=wrong and road == STOCK
                )
                peak = cost.memory if memory else None
                measured = Measured(workload, turn, count, number, cost.seconds, cost.cpu, peak)
                self.results.add(measured)
                with self.checking(workload):
                    if road == BARE:
                        roads.check_bare(submitted, cost.output)
                    if road in roads.IN_GRADEBOOK or road == OTTER:
                        found = self.by_road[turn, count] = roads.scores(road, course)
                        known = not wrong or road not in (STOCK, OTTER)
                        roads.check_scores(turn, submitted, found, known=known)
                if cost.resident:
                    self.say(f"some processes hid their share: {cost.resident} times all counted")

    def name(self, count: int) -> None:
        """Measure what it costs to name mistakes in each assignment."""
        for assignment in COURSE.assignments:
            self.say(f"naming, {assignment}, {count}")
            self.results.naming.append(roads.naming(assignment, count))

    @contextmanager
    def checking(self, workload: str) -> Iterator[None]:
        """Report wrong grades at the end, so that the measurements are shown anyway."""
        try:
            yield
        except roads.WrongGradesError as error:
            self.wrong.append(f"{workload}: {error}")
            self.say(self.wrong[-1])

    def say(self, text: str) -> None:
        """Report progress on stderr, so that nobody thinks it hangs."""
        sys.stderr.write(f"[{time.monotonic() - self.begun:5.0f} s] {text}\n")
        sys.stderr.flush()


def compare(by_road: Mapping[tuple[str, int], Mapping[str, float]]) -> None:
    """Check that our roads gave everybody the same scores.

    Raises:
        WrongGradesError: they did not.
    """
    for (road, count), found in by_road.items():
        ours = by_road.get((OURS, count))
        if road in (THROUGH, DASK, UNCHANGED) and ours is not None and ours != found:
            odd = {name: (ours[name], found[name]) for name in ours if ours[name] != found[name]}
            raise roads.WrongGradesError(f"{OURS} and {road} differ at {count}: {odd}")


def machine(jobs: int) -> dict[str, str]:
    """Return the machine and versions that the numbers depend on."""
    about = {
        "processors": str(len(os.sched_getaffinity(0))),
        "processes of ours": str(jobs),
        "python": platform.python_version(),
    }
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line for line in lines if line.startswith("model name"))
        about["processor"] = model.partition(":")[2].strip()
    return about | {name: version(name) for name in ("torch", "nbgrader", "numpy", "matplotlib")}


def write_json(
    path: Path, results: Results, found: Iterable[Aim], about: Mapping[str, str]
) -> None:
    """Write everything that was measured."""
    content = {
        "machine": about,
        "measured": [asdict(measured) for measured in results.measured],
        "naming": [asdict(one) for one in results.naming],
        "aims": [asdict(aim) for aim in found],
        "full points": FULL,
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except roads.RoadFailedError as error:
        sys.exit(str(error))
