"""Made-up records: a small one by hand, and classes of any size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from autograder.record import Finding, Lateness, Outcome, Record, TaskScore, TestResult

LETTERS: Mapping[str, Outcome] = {"p": "passed", "f": "failed", "s": "skipped", "e": "error"}


def digest(number: int, shared: int | None = None) -> str:
    """Return a digest; two with the same `shared` agree in their second part only."""
    second = f"{number if shared is None else shared + 0x1000:08x}"
    return f"{number:08x}-{second}-{number:08x}-{number:08x}"


def task(
    name: str,
    outcomes: str,
    *mistakes: str,
    seen: int = 1,
    message: str = "It is wrong.",
    shared: int | None = None,
    points: float = 10.0,
    review: str = "",
) -> TaskScore:
    """Return a task with a test for each letter of `outcomes`, of `pfse`."""
    tests = tuple(
        TestResult(
            f"test_{name}_{n}",
            name,
            f"The title of {name} {n}.",
            LETTERS[letter],
            points,
            "" if letter == "p" else message,
            seen=digest(seen, shared) if letter == "f" else "",
        )
        for n, letter in enumerate(outcomes, 1)
    )
    findings = tuple(Finding(f"You have {one}.\nThat is so.", one) for one in mistakes)
    return TaskScore(name, points * len(tests), tests, findings, review)


def record(student: str, *tasks: TaskScore, **more: object) -> Record:
    """Return the record of a student."""
    most = sum(one.max_score for one in tasks) or 20.0
    return Record(student, "lr", f"{student}.ipynb", most, tasks, **more)  # type: ignore[arg-type]


def made_up_class(size: int, seed: int = 0) -> Iterator[Record]:
    """Yield the records of a class: two tasks with eight tests, five mistakes, and some oddities."""
    draws = np.random.default_rng(seed)
    for number in range(size):
        student = f"student{number:05}"
        kind = draws.integers(0, 20)
        late = Lateness(1, 0.1) if draws.random() < 0.1 else Lateness()
        if kind == 0:
            yield record(student, error=f"{student}.ipynb is damaged.")
            continue
        mistake = f"mistake_{draws.integers(0, 5)}"
        if kind < 9:
            tasks = task("first", "pppp"), task("second", "pppp")
        elif kind < 15:
            tasks = task("first", "pffp", mistake), task("second", "pppp")
        elif kind < 18:
            group = int(draws.integers(0, 40))
            tasks = task("first", "pppp"), task("second", "pfff", seen=group)
        else:
            empty = "This part is not filled in yet: it raises NotImplementedError."
            tasks = task("first", "ffff", message=empty), task("second", "ssss", message="Waits.")
        tests = [test for one in tasks for test in one.tests]
        times = {test.name: 0.01 * (n + 1) for n, test in enumerate(tests)}
        yield record(student, *tasks, late=late, seconds=float(draws.random()), test_seconds=times)
