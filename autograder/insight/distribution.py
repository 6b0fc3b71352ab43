"""How the scores of a class are distributed: in all, in each task, late or not, over time."""

from dataclasses import dataclass

import numpy as np

from autograder.insight.gathered import Floats, Gathered

BINS = 20  # of the histogram, at most


@dataclass(frozen=True)
class Spread:
    """Some numbers in short; all of them are 0 if there are none."""

    count: int
    mean: float
    least: float
    lower_quartile: float
    median: float
    upper_quartile: float
    most: float


@dataclass(frozen=True)
class TaskSpread:
    """The points in a task.

    `mean` is a share of the task's points; `full`, `none` and `empty` count the submissions with
    all points, with none, and those in which it is not filled in, who are among those with none.
    """

    name: str
    points: float
    mean: float
    full: int
    none: int
    empty: int


@dataclass(frozen=True)
class Distribution:
    """How the scores are distributed.

    `bins` are the edges of the histogram's bins in points, one more than there are `counts`; the
    last bin includes its upper edge.
    `late` counts late submissions, `late_mean` and `timely_mean` are mean scores before penalties,
    None if nobody is. `attempts` are the spread of how often a student's work was graded.
    """

    scores: Spread
    bins: tuple[float, ...]
    counts: tuple[int, ...]
    full: int
    tasks: tuple[TaskSpread, ...]
    late: int
    late_mean: float | None
    timely_mean: float | None
    penalties: float
    seconds: Spread
    attempts: Spread


def distribution(found: Gathered) -> Distribution:
    """Return how the scores of the graded submissions are distributed."""
    scores, tasks, rows = found.scores, found.task_scores, found.graded
    count = int(min(BINS, max(found.max_score, 1)))
    counts, bins = np.histogram(scores, count, (0.0, found.max_score or 1.0))
    late = np.array([row.days_late > 0 for row in rows], bool)
    return Distribution(
        spread(scores),
        tuple(bins.tolist()),
        tuple(counts.tolist()),
        int(np.isclose(scores, found.max_score).sum()),
        tuple(
            TaskSpread(
                name,
                points,
                float(tasks[:, n].mean() / points) if len(tasks) else 0.0,
                int(np.isclose(tasks[:, n], points).sum()),
                int((tasks[:, n] == 0).sum()),
                sum(name in row.empty for row in rows),
            )
            for n, (name, points) in enumerate(found.tasks.items())
        ),
        int(late.sum()),
        _mean(scores[late]),
        _mean(scores[~late]),
        sum(row.late_penalty for row in rows),
        spread(np.array([row.seconds for row in rows])),
        spread(np.array([row.attempts for row in found.rows], float)),
    )


def spread(numbers: Floats) -> Spread:
    """Return numbers in short."""
    if not len(numbers):
        return Spread(0, *6 * (0.0,))
    quartiles = np.quantile(numbers, (0.0, 0.25, 0.5, 0.75, 1.0)).tolist()
    return Spread(len(numbers), float(numbers.mean()), *quartiles)


def _mean(numbers: Floats) -> float | None:
    return float(numbers.mean()) if len(numbers) else None
