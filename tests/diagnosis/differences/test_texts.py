"""How a text differs is told, if there is something clear to say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.diagnosis.differences import text_difference

TEXT = "The quick brown fox\njumps over\nthe lazy dog"


@pytest.mark.parametrize(
    ("received", "expected", "words"),
    [
        ("", "a", "It is empty."),
        ("a b", "ab", "It differs in blanks only."),
        ("Text", "text", "It differs in upper and lower case only."),
        ("a B", "ab", "It differs in blanks and in upper and lower case only."),
        ("well, done", "well done!", "It differs in punctuation only."),
        (TEXT.replace("over", "under"), TEXT, "Only line 2 is wrong."),
        ("\n".join(TEXT.splitlines()[::-1]), TEXT, "Its lines are right, but in another order."),
        ("fox quick the", "the quick fox", "Its words are right, but in another order."),
        ("sdrawkcab", "backwards", "It is written backwards."),
        (TEXT[:30], TEXT, "It is right as far as it goes, but its end is missing."),
        (TEXT[10:], TEXT, "It is only the end of the text."),
        (TEXT[10:30], TEXT, "It is only a part of the text."),
        (f"{TEXT} dog", TEXT, "It contains the right text, and more."),
        ("male", "female", ""),
        ("yes", "no", ""),
        ("-", "+", ""),
    ],
)
def test_how_a_text_differs_is_told(received: str, expected: str, words: str) -> None:
    assert text_difference(received, expected) == words


@given(st.text(max_size=20), st.text(max_size=20))
def test_it_says_at_most_one_sentence_and_nothing_of_the_text(one: str, other: str) -> None:
    said = text_difference(one, other)
    assert said == "" or (said[0].isupper() and said.count(".") == 1)
