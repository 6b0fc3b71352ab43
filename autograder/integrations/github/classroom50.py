"""The file result.json that Classroom 50 collects, `classroom50/result/v1`."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from autograder.course import Feedback
from autograder.errors import UsageError
from autograder.record import Record
from autograder.reports.text import one_line

VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "owner": "USERNAME",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}
"""The environment variables of Classroom 50's runner that result.json repeats, by its keys."""


def classroom50_result(
    record: Record, level: Feedback, environment: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """Return the result of a submission; points are whole numbers that add up.

    Lateness costs nothing in it: Classroom 50 marks late submissions itself. The environment is
    that of an autograder.py, as Classroom 50's runner starts it.

    Raises:
        UsageError: a variable is missing from the environment.
    """
    missing = [name for name in VARIABLES.values() if not environment.get(name)]
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: not in the environment. The format classroom50 is for an "
            "autograder.py that Classroom 50's runner starts, which sets them."
        )
    tests = _tests(record, level)
    return {
        "schema": "classroom50/result/v1",
        **{key: environment[name] for key, name in VARIABLES.items()},
        "assignment_type": environment.get("MODE") or "individual",
        "review": environment.get("REVIEW_URL") or environment["COMMIT_URL"],
        "datetime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _tests(record: Record, level: Feedback) -> list[dict[str, Any]]:
    """Return the tests at the level "full", else the tasks.

    A submission that cannot be read is one test without points. After a grader error there are no
    points to get either, so that nobody counts it.
    """
    if level == "full":
        found = [
            (f"{task.name}: {test.title}", test.outcome == "passed", test.points, test.max_points)
            for task in record.tasks
            for test in task.tests
        ]
    else:
        found = [(t.name, t.outcome == "passed", t.score, t.max_score) for t in record.tasks]
    if record.grader_error or record.error is not None or not found:
        found = [("notebook", False, 0.0, 0.0 if record.grader_error else record.max_score)]
    points = in_whole_points([(score, most) for _, _, score, most in found])
    return [
        {"test-name": one_line(name, 100), "passed": passed, "score": score, "max-score": most}
        for (name, passed, _, _), (score, most) in zip(found, points, strict=True)
    ]


def whole(number: float) -> int:
    """Return points rounded half up."""
    return int(Decimal(repr(round(number, 6))).to_integral_value(ROUND_HALF_UP))


def in_whole_points(scores: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return points earned and points possible as whole numbers whose sums are the rounded totals.

    Totals are rounded half up. Each part is rounded down; the points that are then missing go, one
    each, to the parts that lost most by it, the first ones first. Points earned and points lost are
    distributed separately, so that nobody has more points than there are.
    """
    earned = [round(score, 6) for score, _ in scores]
    lost = [round(most - score, 6) for score, most in scores]
    total = whole(sum(earned))
    have = _distributed(earned, total)
    lack = _distributed(lost, whole(sum(most for _, most in scores)) - total)
    return [(score, score + more) for score, more in zip(have, lack, strict=True)]


def _distributed(parts: Sequence[float], total: int) -> list[int]:
    """Return the parts as whole numbers that add up to a total, which is their rounded sum."""
    down = [math.floor(part) for part in parts]
    most_cut_first = sorted(range(len(parts)), key=lambda i: down[i] - parts[i])
    for index in most_cut_first[: total - sum(down)]:
        down[index] += 1
    return down
