"""Charts: good XML whatever the numbers, and nothing that disturbs a page or a reader."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reports.charts.axis import axis
from autograder.reports.charts.chart import (
    BOTTOM,
    LEFT,
    NEAR,
    RIGHT,
    TINTS,
    TOP,
    Picture,
    Plane,
    picture,
)

SVG = "{http://www.w3.org/2000/svg}"
ANY = st.floats(allow_nan=True, allow_infinity=True)
POINTS = st.lists(st.tuples(ANY, ANY), max_size=40)
PLANE = Plane(axis("x", (0, 10)), axis("y", (0, 1)))


def drawn(
    plane: Plane, *layers: str, title: str = "A title", text: str = "What is seen."
) -> Picture:
    return picture(title, text, around=plane.surroundings(), layers=layers,
                   legend=(("main", "yours"), ("beside", "reference")))  # fmt: skip


def places(path: str) -> list[tuple[float, float]]:
    """Return the absolute coordinates in a path of `M` and `L`."""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@settings(deadline=None)  # other processes may have the processor
@given(POINTS, st.booleans())
def test_any_numbers_give_good_xml(points: list[tuple[float, float]], log: bool) -> None:
    plane = Plane(axis("x", [p[0] for p in points]), axis("y", [p[1] for p in points], log=log))
    layers = [plane.line(points, "main", dots=True), plane.cloud(points)]
    layers += [plane.cross(p) + plane.note(p, "here") for p in points[:3]]
    svg = drawn(plane, *layers).svg
    ElementTree.fromstring(svg)
    assert not re.search(r"\b(nan|inf)\b", svg)


@given(POINTS)
def test_lines_end_where_the_plot_does(points: list[tuple[float, float]]) -> None:
    for x, y in places(PLANE.line(points, "main")):
        assert LEFT - NEAR - 0.1 <= x <= RIGHT + NEAR + 0.1
        assert TOP - NEAR - 0.1 <= y <= BOTTOM + NEAR + 0.1


@given(st.text(), st.text())
def test_any_text_gives_good_xml(title: str, text: str) -> None:
    root = ElementTree.fromstring(drawn(PLANE, title=title, text=text).svg)
    assert root.find(f"{SVG}title") is not None
    assert len(root.findall(f".//{SVG}script")) == 0


def test_markup_in_text_is_shown_as_it_is() -> None:
    root = ElementTree.fromstring(drawn(PLANE, title="<script>alert(1)</script>\x00").svg)
    assert root.findtext(f"{SVG}title") == "<script>alert(1)</script>\ufffd"


def test_a_picture_is_named_by_its_title_and_description() -> None:
    root = ElementTree.fromstring(drawn(PLANE).svg)
    texts = {e.get("id"): e.text for e in root if e.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert root.get("role") == "img"
    names = (root.get("aria-labelledby") or "").split()
    assert [texts[name] for name in names] == ["A title", "What is seen."]


def test_pictures_that_differ_share_no_id_and_the_same_is_the_same() -> None:
    one, other = drawn(PLANE).svg, drawn(PLANE, text="Something else.").svg
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (one, other)]
    assert len(ids[0]) == len(ids[1]) == 3
    assert not ids[0] & ids[1]
    assert one == drawn(PLANE).svg


def test_a_picture_needs_nothing_from_elsewhere_and_styles_nothing_else() -> None:
    svg = drawn(PLANE, PLANE.line([(1, 0.1), (2, 0.2)], "beside")).svg
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in svg.replace("url(#ag-", "")
    style = ElementTree.fromstring(svg).findtext(f"{SVG}style") or ""
    selectors = re.findall(r"(?:^|[}{,\n])\s*([^{}@\n]+)\{", style)
    for selector in selectors:
        assert all(s.startswith(".ag-picture") for s in selector.split(","))
    assert len(selectors) > 20


def test_a_line_stops_at_the_first_number_that_cannot_be_drawn() -> None:
    whole = PLANE.line([(1, 0.1), (2, 0.2)], "main", dots=True)
    for bad in (np.nan, np.inf, 1e300):
        assert PLANE.line([(1, 0.1), (2, 0.2), (3, bad), (4, 0.4)], "main", dots=True) == whole


def test_a_line_that_crosses_from_far_outside_is_where_it_should_be() -> None:
    ends = places(PLANE.line([(5, -1e100), (5, 1e100)], "main"))
    assert ends == [((LEFT + RIGHT) / 2, BOTTOM + NEAR), ((LEFT + RIGHT) / 2, TOP - NEAR)]


def test_nothing_and_one_point_draw_nothing_and_a_dot() -> None:
    assert PLANE.line([], "main", dots=True) == ""
    assert PLANE.line([(5, 0.5)], "main", dots=True).count("<path") == 1
    assert PLANE.line([(5, 5e9), (6, 5e9)], "main", dots=True) == ""


def test_inside_says_which_points_are_seen() -> None:
    points = [(0, 0), (10, 1), (11, 0.5), (5, -1), (np.nan, 0), (5, 0.5)]
    assert PLANE.inside(points).tolist() == [True, True, False, False, False, False]


@given(st.floats(0.1, 5), st.floats(-0.9, 0.9), st.floats(0.1, 5), st.floats(0, 6.28))
def test_an_ellipse_goes_through_the_points_of_its_equation(
    a: float, share: float, d: float, turn: float
) -> None:
    matrix = np.array([[a, share * np.sqrt(a * d)], [share * np.sqrt(a * d), d]])
    plane = Plane(axis("x", (-4, 4)), axis("y", (-1, 3)))
    element = ElementTree.fromstring(plane.ellipse((0.5, 1.0), matrix))
    cx, cy, rx, ry = (float(element.get(name) or "") for name in ("cx", "cy", "rx", "ry"))
    angle = np.radians(float(re.findall(r"rotate\(([-\d.]+)", element.get("transform") or "")[0]))
    way = np.array([np.cos(turn), np.sin(turn)])
    point = np.array([0.5, 1.0]) + way / np.sqrt(way @ matrix @ way)
    x, y = plane.pixels([point])[0] - (cx, cy)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    assert (along / rx) ** 2 + (across / ry) ** 2 == pytest.approx(1, abs=0.05)


def test_a_long_legend_makes_the_picture_higher_and_covers_nothing() -> None:
    legend = tuple(("main", "a rather long entry") for _ in range(5))
    svg = picture("t", "d", around="", layers=[], legend=legend).svg  # type: ignore[arg-type]
    root = ElementTree.fromstring(svg)
    top = float((root.get("viewBox") or "").split()[1])
    heights = [float(e.get("y") or "") for e in root.iter(f"{SVG}text")]
    assert top < 0
    assert all(top < y < TOP for y in heights)


@pytest.mark.parametrize("dark", [False, True])
def test_lines_and_words_stand_out_in_light_and_dark(dark: bool) -> None:
    paper = TINTS["paper"][dark]
    assert contrast(TINTS["text"][dark], paper) >= 7
    for name in ("main", "beside", "before", "mark", "frame"):
        assert contrast(TINTS[name][dark], paper) >= 3


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours as WCAG 2 defines it."""
    low, high = sorted(luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
