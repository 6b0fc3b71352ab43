"""The page of a class: complete, readable by everybody, true, and small however large the class."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.insight.data import as_csv, as_json
from autograder.insight.gathered import gathered
from autograder.insight.overview import Insight, insight
from autograder.insight.page import everybody, insight_page, percent
from autograder.insight.pseudonyms import pseudonyms
from autograder.insight.student_code import StudentCode
from autograder.record import Record
from tests.insight.made_up import made_up_class, record, task
from tests.reports.test_feedback_page import Page

HOSTILE = "</section><script>alert(1)</script>\x1b[31m"


def insight_of(records: Iterable[Record]) -> Insight:
    return insight(gathered("lr", records), StudentCode(), "A title")


def page_of(records: Iterable[Record], *, anonymous: bool = False, watched: bool = False) -> str:
    found = insight_of(records)
    students = [row.student for row in found.rows]
    who = everybody(students, pseudonyms(students, "key"), anonymous=anonymous)
    return insight_page(found, who, watched=watched)


@pytest.mark.parametrize("size", [0, 1, 5, 50, 1000])
def test_a_page_is_well_formed_at_every_size(size: int) -> None:
    html = page_of(made_up_class(size))
    page = Page(html.replace("<input", "<br").replace('class="pseudonym"', ""))
    assert page.nested
    assert len(page.ids) == len(set(page.ids))
    assert len(html) < 2_000_000


def test_a_page_loads_and_runs_nothing() -> None:
    html = page_of(made_up_class(50))
    assert "default-src 'none'" in html
    assert not re.search(r"<script|<link|<iframe|javascript:|\bon\w+=|https?://(?!www\.w3)", html)


def test_headings_are_in_order_and_tables_have_headings() -> None:
    page = Page(page_of(made_up_class(50)))
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    scopes = [value for name, value in page.attributes if name == "scope"]
    assert page.tags["th"] == len(scopes)
    named = sum(1 for attribute in page.attributes if attribute == ("role", "group"))
    assert named == sum(1 for name, _ in page.attributes if name == "aria-label") - 1  # nav


def test_what_is_long_is_listed_in_part_and_counted() -> None:
    html = page_of(record(f"s{n:04}", task("one", "pf", seen=n // 2)) for n in range(1100))
    assert "535 smaller groups not shown here" in html
    assert "100 students not shown here" in html


def test_failures_of_single_students_are_named_in_one_line() -> None:
    text = Page(page_of(record(f"s{n}", task("one", "pf", seen=n)) for n in range(10))).text
    assert "10 failures of a single student: " in text
    assert " and 2 more." in " ".join(text.split())
    assert "Group 1" not in text


def test_what_students_wrote_is_inert() -> None:
    bad = record(HOSTILE, task("one", "pf", message=HOSTILE))
    html = page_of([bad, replace(bad, student="b"), record("c", error=HOSTILE)])
    assert "<script" not in html
    assert "\x1b" not in html


def test_three_topics_come_first_by_what_they_cost() -> None:
    records = [
        *(record(f"a{n}", task("one", "ff", "sum"), task("two", "pp")) for n in range(5)),
        *(record(f"b{n}", task("one", "pp"), task("two", "pf")) for n in range(6)),
        *(record(f"c{n}", task("one", "pf", "axis"), task("two", "pp")) for n in range(2)),
        record("d", task("one", "ff", "rare"), task("two", "pf", seen=2)),
    ]
    text = " ".join(Page(page_of(records)).text.split())
    topics = text.partition("What cost this class most points.")[2].partition("Scores")[0]
    assert topics.index("one: sum") < topics.index("two: the same failure") < topics.index("axis")
    assert (
        "5 students, 36 % of those with a score; they lost 100 points in the task"
        in topics.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "rare" not in topics


def test_pseudonyms_leave_out_names_and_texts_that_may_have_some() -> None:
    records = [
        record("Ada Lovelace", task("one", "pp", review="Ada Lovelace.ipynb was renamed.")),
        record("Bob", task("one", "pf")),
    ]
    assert "Ada" in page_of(records)
    html = page_of(records, anonymous=True)
    assert "Ada" not in html
    assert "Bob" not in html
    assert "S001" in html


def test_pseudonyms_stay_the_same_with_a_key_only() -> None:
    students = [f"s{n}" for n in range(50)]
    assert pseudonyms(students, "key") == pseudonyms(reversed(students), "key")
    assert pseudonyms(students, "key") != pseudonyms(students, "other")
    assert pseudonyms(students) != pseudonyms(students)


def test_links_lead_to_the_pages_that_exist(tmp_path: Path) -> None:
    (tmp_path / "feedback" / "a b").mkdir(parents=True)
    page = tmp_path / "feedback" / "a b" / "lr.html"
    page.touch()
    who = everybody(
        ["a b", "c"], {"a b": "S1", "c": "S2"},
        lambda student: tmp_path / "feedback" / student / "lr.html", tmp_path / "insight",
    )  # fmt: skip
    assert who["a b"].href == "../feedback/a%20b/lr.html"
    assert who["c"].href == ""


def test_a_page_reloads_itself_only_while_it_is_watched() -> None:
    assert 'http-equiv="refresh"' in page_of(made_up_class(5), watched=True)
    assert 'http-equiv="refresh"' not in page_of(made_up_class(5))


def test_shares_are_rounded_so_that_nobody_and_everybody_are_told_apart() -> None:
    shares = [
        percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0, 0.005, 0.5, 0.997, 1)
    ]
    assert shares == ["0 %", "<1 %", "50 %", ">99 %", "100 %"]


def test_the_json_and_the_table_have_the_numbers_of_the_page() -> None:
    found = insight_of(made_up_class(50))
    names = {row.student: row.student for row in found.rows}
    data = as_json(found, names, anonymous=False)
    assert (data["submissions"], data["graded"]) == (len(found.rows), found.graded)
    assert data["mistakes"][0]["count"] == len(found.mistakes[0].students)
    table = as_csv(data).decode().splitlines()
    assert f"scores,,,mean,{found.distribution.scores.mean}" in table
    assert f"mistake,first,{found.mistakes[0].name},count,{data['mistakes'][0]['count']}" in table
    assert len({line.count(",") for line in table}) == 1
