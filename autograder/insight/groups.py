"""Groups failures that no known mistake explains, by equal behavior in every test of a task.

Two submissions behave alike in a test if the digests of what it saw agree, and its messages do up
to numbers. A group in a later task whose members all belong to one group of an earlier task, or
have the same known mistake there, is no group of its own: it follows from that.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.insight.gathered import Failed, Gathered, Row, Unexplained
from autograder.insight.mistakes import lost_in

NUMBER = re.compile(r"[-−+]?\d[\d.,]*(?:[eE][-+]?\d+)?|\b(?:nan|inf)\b")


@dataclass(frozen=True)
class Group:
    """Submissions that fail a task alike: their students, and what they lost in it.

    `tests` are the failed tests with what one of them reads, `skipped` those that could not run;
    `follows` are later tasks in which members of the group fail too, with how many.
    """

    task: str
    students: tuple[str, ...]
    share: float
    lost: float
    tests: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...]
    follows: tuple[tuple[str, int], ...] = ()


def groups(found: Gathered) -> list[Group]:
    """Return the groups of a class, the largest first."""
    same = _Classes()
    failures = [(row, one) for row in found.graded for one in row.unexplained]
    for _, one in failures:
        for failed in one.failed:
            same.join(list(_nodes(failed)))
    members: dict[Hashable, list[tuple[Row, Unexplained]]] = {}
    for row, one in failures:
        members.setdefault(_key(one, same), []).append((row, one))
    order = {name: n for n, name in enumerate(found.tasks)}
    ordered = sorted(members.values(), key=lambda part: (order[part[0][1].task], -len(part)))
    result: list[Group] = []
    of_student: dict[str, list[int]] = {}  # the groups that a student belongs to
    for part in ordered:
        if _follows_mistake([row for row, _ in part], part[0][1].task, order):
            continue
        group = _group(found, part)
        earlier = of_student.get(group.students[0], ())
        first = next((n for n in earlier if _within(group, result[n])), None)
        if first is not None:
            result[first] = _followed(result[first], group)
            continue
        for student in group.students:
            of_student.setdefault(student, []).append(len(result))
        result.append(group)
    return sorted(result, key=lambda one: (-len(one.students), order[one.task], one.students))


def shared(found: Sequence[Group]) -> list[Group]:
    """Return the groups of several students, in the order of their numbers on the page."""
    return [group for group in found if len(group.students) > 1]


def _nodes(failed: Failed) -> Iterator[Hashable]:
    """Yield what a failure is recognized by: it is like another that has one of them."""
    words = "" if failed.raised and failed.seen else NUMBER.sub("#", failed.message)
    for number, part in enumerate(failed.seen.split("-")):
        yield failed.test, words, number, part


def _key(one: Unexplained, same: "_Classes") -> Hashable:
    """Return what the failures of a group have in common."""
    return one.task, one.skipped, tuple(same.of(next(_nodes(failed))) for failed in one.failed)


class _Classes:
    """Classes of equivalent things: a forest in which each points to one of its own class."""

    def __init__(self) -> None:
        self._parents: dict[Hashable, Hashable] = {}

    def of(self, node: Hashable) -> Hashable:
        """Return the one that stands for the class."""
        while (parent := self._parents.setdefault(node, node)) != node:
            self._parents[node] = self._parents[parent]
            node = parent
        return node

    def join(self, nodes: list[Hashable]) -> None:
        """Put things into one class."""
        for node in nodes[1:]:
            self._parents[self.of(node)] = self.of(nodes[0])


def _group(found: Gathered, part: list[tuple[Row, Unexplained]]) -> Group:
    first = part[0][1]
    rows = [row for row, _ in part]
    return Group(
        first.task,
        tuple(row.student for row in rows),
        len(rows) / len(found.graded),
        sum(lost_in(found, row, first.task) for row in rows),
        tuple((failed.test, failed.message) for failed in first.failed),
        first.skipped,
    )


def _follows_mistake(rows: list[Row], task: str, order: Mapping[str, int]) -> bool:
    """Say whether some submissions have a known mistake in common, in an earlier task."""
    common = set(rows[0].mistakes).intersection(*(row.mistakes for row in rows))
    return any(order[other] < order[task] for other, _ in common)


def _within(group: Group, other: Group) -> bool:
    return group.task != other.task and set(group.students) <= set(other.students)


def _followed(group: Group, later: Group) -> Group:
    counts = dict(group.follows)
    counts[later.task] = counts.get(later.task, 0) + len(later.students)
    return replace(group, follows=tuple(counts.items()))
