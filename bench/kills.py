"""Kills graders, warm processes and children at random moments, and checks that nothing is lost.

A class is graded over and over. From time to time a random process of the run is killed, sometimes
the command itself. A run that was killed goes on with the records it had cached; after a run that
ended by itself, the next one grades everything. The records of every run that succeeds, and the
gradebook, must equal those of a run without kills.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from autograder.record_json import TIMELESS
from bench.roads import course_of
from bench.workload import NAME, OTHERS

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

COMMAND = "command"

Results = tuple[list[dict[str, Any]], list[tuple[str, float | None]]]


def main() -> None:
    """Kill, and print what was killed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        killed, runs = kill(Path(folder), options.kills, options.seed)
    print(f"{sum(killed.values())} kills in {runs} runs of a class: {dict(killed)}")
    print("records and gradebook equal those of a run without kills, and no process is left")


def kill(folder: Path, kills: int, seed: int) -> tuple[Counter[str], int]:
    """Kill this many processes; return their kinds and the number of runs."""
    draw, killed, runs = random.Random(seed), Counter[str](), 0
    course = make_course(folder)
    expected, status = undisturbed(course)
    while sum(killed.values()) < kills:
        runs += 1
        process = start(course)
        time.sleep(draw.uniform(0, 8))
        while process.poll() is None and sum(killed.values()) < kills:
            time.sleep(draw.uniform(0, 0.8))
            killed.update(kill_one(process, draw))
        finished = process.wait()
        if finished not in (status, -9, 3):
            sys.exit(f"the run ended with status {finished}")
        if finished == status:
            compare(results(course), expected)
            shutil.rmtree(cache(course))
    while start(course).wait() != status:  # a grader error, or the last kill hit the command
        runs += 1
    compare(results(course), expected)
    check_nothing_is_left(folder)
    return killed, runs


def make_course(folder: Path) -> Path:
    """Create a course of one assignment with its sample class, but for whose code never ends."""
    course = folder / "course"
    shutil.copytree(ROOT / "solutions", course / "solutions")
    shutil.copytree(
        ROOT / "examples" / "submitted",
        course / "submitted",
        ignore=shutil.ignore_patterns("hugo", *OTHERS),
    )
    (course / "course.yml").write_text(course_of(NAME), encoding="utf-8")
    (folder / "tmp").mkdir()
    return course


def cache(course: Path) -> Path:
    """Return the folder of the cached records."""
    return course.parent / "records"


def start(course: Path) -> subprocess.Popen[bytes]:
    """Start grading."""
    environment = os.environ | {
        "AUTOGRADER_RECORDS": str(cache(course)),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(course.parent / "tmp"),
    }
    return subprocess.Popen(
        [BIN / "autograder", "grade", "-j2", "--json", "records.jsonl"],
        cwd=course,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def undisturbed(course: Path) -> tuple[Results, int]:
    """Grade without kills; return the results and the exit status."""
    status = start(course).wait()
    if status not in (0, 1):
        sys.exit(f"the class cannot be graded: exit status {status}")
    shutil.rmtree(cache(course))
    return results(course), status


def results(course: Path) -> Results:
    """Return the records, without times, and the scores in the gradebook."""
    from nbgrader.api import Gradebook

    lines = (course / "records.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) | TIMELESS for line in lines]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submissions = gradebook.assignment_submissions("linear_regression")
        scores = sorted((s.student.id, s.score) for s in submissions)
    return records, scores


def kill_one(process: subprocess.Popen[bytes], draw: random.Random) -> list[str]:
    """Kill a random process of a run; return its kind, or an empty list if it was gone."""
    try:
        command = psutil.Process(process.pid)
        found: dict[str, list[psutil.Process]] = {}
        for other in command.children(recursive=True):
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                found.setdefault(kind_of(other), []).append(other)
        # Most often a child: after any other kill, a run is busy restarting for a long time.
        kind = (
            "child" if "child" in found and draw.random() < 0.7 else draw.choice([*found, COMMAND])
        )
        draw.choice(found.get(kind, [command])).kill()
    except (psutil.Error, ProcessLookupError):
        return []
    return [kind]


def kind_of(victim: psutil.Process) -> str:
    """Return the kind of a process that the command started."""
    if "autograder.sandbox.worker" not in victim.cmdline():
        return "grading process"
    leads_session = os.getsid(victim.pid) == victim.pid
    return "child" if leads_session else "warm process"


def compare(found: Results, expected: Results) -> None:
    """Exit unless the results are the expected ones."""
    if found != expected:
        different = [
            (one, other) for one, other in zip(found[0], expected[0], strict=False) if one != other
        ]
        sys.exit(f"records differ: {different}\nor scores differ: {found[1]}, not {expected[1]}")


def check_nothing_is_left(folder: Path) -> None:
    """Exit if a process of a run is still alive after a while.

    A temporary folder stays only when the command, the grading process and the warm process
    that looks after it are all killed at once.
    """
    for _ in range(100):
        left = [
            process
            for process in psutil.process_iter(["cmdline"])
            if str(folder) in " ".join(process.info["cmdline"] or [])
        ]
        if not left:
            return
        time.sleep(0.1)
    sys.exit(f"processes are left: {left}")


if __name__ == "__main__":
    main()
