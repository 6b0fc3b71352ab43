"""The numbers of an insight as JSON and as CSV."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from autograder.insight.overview import Insight
from autograder.record import tidy
from autograder.reports.table import Table, harmless

FORMAT = "autograder-insight/1"
HEADINGS = ["kind", "task", "name", "measure", "value"]


def as_json(found: Insight, names: Mapping[str, str], *, anonymous: bool) -> dict[str, Any]:
    """Return an insight as plain data; it is what `--compare` reads, too.

    Args:
        found: the insight.
        names: how to write the name of each student.
        anonymous: whether to leave out texts in which a name may be.
    """
    spread = found.distribution
    return {
        "format": FORMAT,
        "assignment": found.assignment,
        "title": found.title,
        "submissions": len(found.rows),
        "graded": found.graded,
        "max_score": tidy(found.max_score),
        "scores": asdict(spread.scores)
        | {"bins": spread.bins, "counts": spread.counts, "full": spread.full},
        "late": {
            "count": spread.late,
            "mean": spread.late_mean,
            "timely_mean": spread.timely_mean,
            "penalties": spread.penalties,
        },
        "seconds": asdict(spread.seconds),
        "attempts": asdict(spread.attempts),
        "tasks": [asdict(task) for task in spread.tasks],
        "tests": [asdict(item) for item in found.items],
        "mistakes": [_with_students(one, found, names) for one in found.mistakes],
        "pairs": [asdict(pair) for pair in found.pairs],
        "groups": [_with_students(one, found, names) for one in found.groups],
        "people": [
            {"student": names[look.student], "reason": look.reason}
            | ({} if anonymous else {"detail": look.detail})
            for look in found.people
        ],
        "similar": [
            asdict(one) | {"first": names[one.first], "second": names[one.second]}
            for one in found.similar
        ],
        "compared": found.compared,
        "changes": found.comparison and [asdict(one) for one in found.comparison.changes],
        "students": [
            {
                "student": names[row.student],
                "score": tidy(row.score),
                "total": tidy(row.total),
                "days_late": row.days_late,
                "attempts": row.attempts,
            }
            for row in found.rows
        ],
    }


def _with_students(one: Any, found: Insight, names: Mapping[str, str]) -> dict[str, Any]:
    excerpt = found.excerpts.get(one)
    return asdict(one) | {
        "count": len(one.students),
        "students": [names[student] for student in one.students],
        "excerpt": None if excerpt is None else "\n".join(excerpt.lines),
    }


def as_csv(data: Mapping[str, Any]) -> bytes:
    """Return the numbers in what `as_json` returned as a table, a number in each row."""
    rows = [[*map(harmless, row[:4]), str(row[4])] for row in _numbers(data)]
    return Table(HEADINGS, rows).to_bytes()


def _numbers(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, float | int]]:
    for kind in ("scores", "late", "seconds", "attempts"):
        yield from (
            (kind, "", "", measure, value)
            for measure, value in data[kind].items()
            if isinstance(value, int | float)
        )
    for kind in ("tasks", "tests", "mistakes"):
        for one in data[kind]:
            task = one.get("task", one["name"])
            for measure, value in one.items():
                if isinstance(value, int | float):
                    yield kind.removesuffix("s"), task, one["name"], measure, value
    for number, group in enumerate(data["groups"], 1):
        for measure in ("count", "share", "lost"):
            yield "group", group["task"], str(number), measure, group[measure]
    for one in data["students"]:
        for measure, value in one.items():
            if isinstance(value, int | float):
                yield "student", "", one["student"], measure, value
