"""An error in a test is the student's if one of their answers was misused."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.grading.outcomes import MAX_PARTS, misused_type


def test_an_answer_is_found_within_others() -> None:
    assert misused_type(TypeError("a list has no w"), [1.0, {"a": ([],)}]) == "list"
    assert misused_type(TypeError("unrelated"), [1.0, {"a": ([],)}]) == ""


def test_only_the_first_parts_of_answers_are_looked_at() -> None:
    seen = 0

    def answers() -> Iterator[float]:
        nonlocal seen
        while True:
            seen += 1
            yield 1.0

    assert misused_type(TypeError("unrelated"), answers()) == ""
    assert seen == MAX_PARTS
