"""Failures that nothing explains are grouped by equal behavior."""

from __future__ import annotations

from autograder.insight.gathered import gathered
from autograder.insight.groups import Group, groups, shared
from autograder.record import Finding, Record, TaskScore
from tests.insight.made_up import record, task


def groups_of(*tasks: TaskScore) -> list[tuple[str, ...]]:
    """Return the students of each group, in a class whose students are a, b, c …"""
    return [
        group.students for group in found_in(*(record(chr(97 + n), t) for n, t in enumerate(tasks)))
    ]


def found_in(*records: Record) -> list[Group]:
    return groups(gathered("lr", records))


def test_equal_digests_make_a_group_and_the_largest_comes_first() -> None:
    assert groups_of(
        task("only", "pf", seen=1), task("only", "pf", seen=2), task("only", "pf", seen=2)
    ) == [("b", "c"), ("a",)]


def test_one_part_of_a_digest_in_common_is_enough() -> None:
    """The middle one agrees with the left in one part and with the right in another."""
    left, right = task("only", "pf", seen=1, shared=5), task("only", "pf", seen=2, shared=6)
    assert groups_of(left, right) == [("a",), ("b",)]
    assert groups_of(left, task("only", "pf", seen=2, shared=5), right) == [("a", "b", "c")]


def test_other_failed_tests_make_another_group() -> None:
    assert len(groups_of(task("only", "ff"), task("only", "pf"), task("only", "sf"))) == 3


def test_messages_count_up_to_numbers() -> None:
    wrong = [
        task("only", "pf", message=text)
        for text in ("It is 0.98744, not 75.", "It is 0.98745, not 75.", "It has no gradient.")
    ]
    assert groups_of(*wrong) == [("a", "b"), ("c",)]


def test_what_is_explained_or_not_filled_in_is_in_no_group() -> None:
    empty = "This part is not filled in yet: it raises NotImplementedError."
    follows = TaskScore("only", 20, task("only", "ff").tests, (Finding("It follows."),))
    assert groups_of(task("only", "ff", "known"), task("only", "ff", message=empty), follows) == []


def test_a_failure_that_follows_is_named_with_the_earlier_group() -> None:
    records = [
        record(student, task("step", "pf", seen=1), task("fit", "ff", seen=seen))
        for student, seen in (("a", 7), ("b", 7), ("c", 8))
    ]
    (group,) = found_in(*records)
    assert (group.task, group.students, group.follows) == ("step", ("a", "b", "c"), (("fit", 3),))
    assert group.lost == 30


def test_a_failure_of_others_too_is_a_group_of_its_own() -> None:
    right = task("step", "pp")
    found = found_in(
        record("a", task("step", "pf"), task("fit", "ff", seen=7)),
        record("b", right, task("fit", "ff", seen=7)),
    )
    assert [(group.task, group.students) for group in found] == [
        ("fit", ("a", "b")),
        ("step", ("a",)),
    ]


def test_a_failure_after_a_known_mistake_follows_from_it() -> None:
    known = task("step", "pf", "sum")
    assert found_in(*(record(name, known, task("fit", "ff")) for name in "ab")) == []
    (group,) = found_in(
        record("a", known, task("fit", "ff")), record("b", task("step", "pp"), task("fit", "ff"))
    )
    assert group.students == ("a", "b")


def test_groups_of_several_have_numbers() -> None:
    found = found_in(
        *(
            record(name, task("one", "pf", seen=seen))
            for name, seen in zip("abc", (1, 2, 2), strict=True)
        )
    )
    assert [group.students for group in shared(found)] == [("b", "c")]
