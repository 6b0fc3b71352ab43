"""A badge is read by people and by screen readers, on light and on dark."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from autograder.drawing.badge import LABEL, NONE, PART, WHOLE, badge

SVG = "{http://www.w3.org/2000/svg}"


def drawn(label: str, value: str, share: float | None) -> ElementTree.Element:
    return ElementTree.fromstring(badge(label, value, share))


def test_it_says_in_words_what_it_shows() -> None:
    picture = drawn("points", "95 of 100", 0.95)
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-label"] == picture.findtext(f"{SVG}title") == "points: 95 of 100"
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["points", "95 of 100"]


@pytest.mark.parametrize(
    ("share", "colour"),
    [(1, WHOLE), (1.2, WHOLE), (0.999, PART), (0.01, PART), (0, NONE), (None, NONE),
     (float("nan"), NONE)],
)  # fmt: skip
def test_only_the_whole_is_green(share: float | None, colour: str) -> None:
    colours = [path.attrib["fill"] for path in drawn("checks", "some", share).iter(f"{SVG}path")]
    assert colours == [LABEL, colour]


def test_words_fit_whatever_they_are() -> None:
    for value in ("", "13 of 13", "W" * 40, "100 %", "点数"):
        picture = drawn("checks", value, None)
        ends = [
            float(t.attrib["x"]) + float(t.attrib["textLength"]) for t in picture.iter(f"{SVG}text")
        ]
        assert max(ends) < float(picture.attrib["width"])


def test_hostile_words_stay_words() -> None:
    words = '"><script>x</script>\x00&'
    picture = drawn(words, words, None)
    assert [text.text for text in picture.iter(f"{SVG}text")] == [words.replace("\x00", "�")] * 2


@pytest.mark.parametrize("colour", [LABEL, WHOLE, PART, NONE])
def test_white_is_read_well_on_every_colour(colour: str) -> None:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    assert 1.05 / (luminance + 0.05) > 4.5
