"""Prints what the library of mistakes names in answers whose mistakes are known.

`python -m tools.naming [ASSIGNMENT]` prints a table for the assignment, or for all four. It fails
if an answer without a mistake gets a name, or if more than one mistake of fifty gets a wrong one.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.trials import LINEAR, OTHERS, Attempt, Trial, trial

MOST_WRONG = 0.02  # of the mistakes


def main() -> None:
    """Grade and print the tables."""
    failed = False
    for name in sys.argv[1:] or (LINEAR, *OTHERS):
        with tempfile.TemporaryDirectory() as folder:
            found = trial(name, Path(folder))
        print(f"{name}\n{table(found)}\n")
        failed |= not holds(found)
    if failed:
        sys.exit(1)


def table(found: Trial) -> str:
    """Return a line for each attempt, and a summary."""
    lines = [f"{'mistake':40}{'names of the library':60}".rstrip()]
    for attempt in found.attempts:
        names = " or ".join(attempt.names) or "-"
        lines.append(f"{attempt.mistake:40}{names:60}{verdict(attempt)}".rstrip())
    for kind, records in found.without.items():
        some = [one.student for one in records if any(task.explained for task in one.tasks)]
        all_points = sum(one.score == one.max_score for one in records)
        named = f"{len(some)} with a name: {', '.join(some) or 'none'}"
        lines.append(f"{len(records)} {kind} answers, {all_points} with all points, {named}")
    right, wrong, count = *shares(found), len(found.mistakes)
    lines.append(
        f"{right} of {count} mistakes ({right / count:.0%}) get a true name, "
        f"{wrong} ({wrong / count:.0%}) a wrong one"
    )
    return "\n".join(lines)


def verdict(attempt: Attempt) -> str:
    """Return what is to be said of the names."""
    if attempt.record.score == attempt.record.max_score:
        return "ALL POINTS"
    if not attempt.names:
        return ""
    return "true" if attempt.is_true else "WRONG"


def shares(found: Trial) -> tuple[int, int]:
    """Return how many mistakes get a true name and none that is wrong, and how many a wrong one."""
    verdicts: Sequence[set[str]] = [{*map(verdict, some)} for some in found.mistakes.values()]
    right = sum("true" in some and "WRONG" not in some for some in verdicts)
    return right, sum("WRONG" in some for some in verdicts)


def holds(found: Trial) -> bool:
    """Say whether no answer without a mistake has a name, and hardly any name is wrong."""
    named = any(t.explained for some in found.without.values() for one in some for t in one.tasks)
    return not named and shares(found)[1] <= MOST_WRONG * len(found.mistakes)


if __name__ == "__main__":
    main()
