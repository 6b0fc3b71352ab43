"""One submission as a page that its student reads: points, advice beside the code, pictures.

The page is complete in itself: no scripts, nothing from elsewhere, and a policy that forbids both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from autograder.course import Feedback
from autograder.record import Record, TaskScore, TestResult
from autograder.reports.charts.chart import Picture
from autograder.reports.presentation import (
    Advice,
    TaskPresentation,
    present_task,
    submission_messages,
)
from autograder.reports.summary import points
from autograder.reports.text import one_line, plain

OUTCOMES = {
    "passed": ("✓", "passed"),
    "failed": ("✗", "failed"),
    "skipped": ("–", "skipped"),
    "error": ("!", "fault of the grader"),
}
LINES, COLUMNS = 400, 1000  # code beyond this is not shown: a page stays small

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
CSS = """\
:root{color-scheme:light dark;--paper:#ffffff;--ground:#f6f7f9;--text:#1f2328;--soft:#57606a;
--line:#d8dee4;--bar:#2f6f4f;--passed:#1a7f45;--failed:#b3261e;--skipped:#57606a;--error:#8a4b00}
@media screen and (prefers-color-scheme:dark){:root{--paper:#16191d;--ground:#0f1114;
--text:#e6e6e6;--soft:#a3acb6;--line:#343b44;--bar:#4fb286;--passed:#5cc98d;--failed:#ff8a80;
--skipped:#a3acb6;--error:#f0b060}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);
font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
-webkit-text-size-adjust:100%;overflow-wrap:break-word}
header,main{max-width:74rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:3rem;padding-bottom:.5rem}
main{padding-bottom:4rem}
h1{font-size:1.85rem;line-height:1.25;letter-spacing:-.015em;margin:0}
h2{font-size:1.2rem;line-height:1.3;margin:0}
h2::first-letter{text-transform:uppercase}
p{margin:0}
.by{color:var(--soft);margin:.3rem 0 0}
.total{display:flex;align-items:baseline;gap:.5rem;margin-top:1.6rem}
.total b{font-size:2.6rem;line-height:1;letter-spacing:-.02em;font-weight:650}
.total span{color:var(--soft)}
.bar{height:.45rem;border-radius:1rem;background:var(--line);overflow:hidden;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar i{display:block;height:100%;background:var(--bar);border-radius:1rem}
header .bar{max-width:22rem;margin-top:.8rem}
.said{margin-top:1.2rem;max-width:44rem;font-size:1.05rem}
section{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;
padding:1.4rem 1.6rem 1.6rem;margin-top:1.25rem}
.head{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1rem}
.head h2{flex:1 1 auto}
.head .bar{flex:0 0 7rem}
.head p{color:var(--soft);min-width:8.2rem;text-align:right;font-variant-numeric:tabular-nums}
.head p b{color:var(--text)}
.columns{display:grid;gap:1.5rem 2rem;margin-top:1.1rem}
.columns>*{min-width:0}
.advice,.tests{list-style:none;margin:0;padding:0}
.advice>li{border-left:3px solid var(--failed);padding-left:1rem}
.advice>li+li{margin-top:1.1rem}
.advice .waits{border-color:var(--skipped)}
.advice .ours{border-color:var(--error)}
.what:not(:last-child){font-weight:600}
.why{margin-top:.2rem;white-space:pre-wrap}
code,pre{font-family:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,
"Liberation Mono",monospace}
code{font-size:.9em}
.advice+.tests{margin-top:1.1rem}
.tests>li{display:grid;grid-template-columns:1.5rem 1fr auto;gap:0 .3rem;padding:.5rem 0;
border-top:1px solid var(--line)}
.tests>li:first-child{border-top:0;padding-top:0}
.mark{font-weight:700}
.passed{color:var(--passed)}.failed{color:var(--failed)}
.skipped{color:var(--skipped)}.error{color:var(--error)}
.earned{color:var(--soft);padding-left:.8rem;white-space:nowrap;font-variant-numeric:tabular-nums}
.message{grid-column:2;margin:.25rem 0 .3rem}
.message .what.what{font-weight:inherit}
.lost{font-weight:600}
.code{border:1px solid var(--line);border-radius:.5rem;background:var(--ground);margin:0;
overflow:hidden;align-self:start}
.code figcaption{font-size:.85rem;color:var(--soft);padding:.45rem .9rem;
border-bottom:1px solid var(--line)}
pre{margin:0;padding:.7rem 0;overflow:auto;max-height:34rem;font-size:.84rem;line-height:1.55;
tab-size:4;counter-reset:line}
pre:focus-visible{outline:2px solid var(--bar);outline-offset:-2px;border-radius:.5rem}
pre code{display:block;width:max-content;min-width:100%;font-size:inherit}
pre span{display:block;padding:0 1rem 0 3.4rem;position:relative;min-height:1.55em}
pre span::before{counter-increment:line;content:counter(line);position:absolute;left:0;width:2.5rem;
text-align:right;color:var(--soft)}
.picture{display:grid;gap:.5rem 1.75rem;margin:1.3rem 0 0}
.picture+.picture{border-top:1px solid var(--line);padding-top:1.3rem}
.picture svg{display:block;width:100%;height:auto;max-width:32rem}
.picture h3{font-size:1rem;margin:0 0 .3rem}
.picture p{color:var(--soft)}
.aside{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
white-space:nowrap}
@media (min-width:56rem){.columns.two{grid-template-columns:minmax(0,1fr) minmax(0,1.2fr)}
.picture{grid-template-columns:minmax(0,32rem) minmax(0,1fr);align-items:center}}
@media (max-width:34rem){header,main{padding-left:1rem;padding-right:1rem}header{padding-top:1.8rem}
section{padding:1.1rem 1rem 1.2rem}.head .bar{flex:1 1 100%;order:3}.head p{min-width:0}}
@media print{@page{margin:16mm}body{background:none;font-size:10pt}
header,main{max-width:none;padding:0}main{padding-bottom:0}section{border-color:#bbb}
.head,.advice>li,.tests>li,.picture{break-inside:avoid}.head{break-after:avoid}
pre{max-height:none;overflow:visible}pre code{width:auto}pre span{white-space:pre-wrap}
.picture svg{max-width:11cm}.code{overflow:visible}}
"""


def page_path(folder: Path, student: str, assignment: str) -> Path:
    """Return where a student's page of an assignment is, below the folder of all pages."""
    return folder / student / f"{assignment}.html"


def feedback_page(
    record: Record,
    *,
    title: str,
    code: Mapping[str, str],
    pictures: Sequence[Picture],
    level: Feedback,
) -> str:
    """Return the page of one submission as HTML.

    Args:
        record: what grading came to.
        title: the assignment's.
        code: the student's own source of each task.
        pictures: shown at the end of a full page, each only once.
        level: "score" shows points only; "hints" also what went wrong, and the code; "full" also
            every test, and pictures.
    """
    student = _text(one_line(record.student, 80))
    main = "".join(_section(task, code.get(task.name, ""), level) for task in record.tasks)
    if level == "full" and pictures:
        main += _gallery(tuple(dict.fromkeys(pictures)))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(one_line(title, 120))}: {student}</title>\n<style>\n{CSS}</style>\n"
        f"</head>\n<body>\n{_header(record, title, student, level)}\n"
        f"<main>\n{main}</main>\n</body>\n</html>\n"
    )


def _header(record: Record, title: str, student: str, level: Feedback) -> str:
    said = [f'<p class="said">{_text(text)}</p>' for text in submission_messages(record, level)]
    return (
        f'<header>\n<h1>{_text(title)}</h1>\n<p class="by">{student}</p>\n'
        f'<p class="total"><b>{points(record.score)}</b> '
        f"<span>of {points(record.max_score)} points</span></p>\n"
        f"{_bar(record.score, record.max_score)}\n{''.join(said)}</header>"
    )


def _section(task: TaskScore, code: str, level: Feedback) -> str:
    """Return a task: its points, what went wrong beside the code, and how each test came out."""
    reading = present_task(task, level)
    head = (
        f'<div class="head"><h2>{_text(task.name)}</h2>{_bar(reading.score, task.max_score)}'
        f"<p><b>{points(reading.score)}</b> of {points(task.max_score)} points</p></div>"
    )
    body = "" if level == "score" else _body(reading, code)
    return f"<section>\n{head}\n{body}</section>\n"


def _body(reading: TaskPresentation, code: str) -> str:
    columns = [_tests(reading) if reading.tests else _advice(reading.advice)]
    if code.strip():
        columns.append(_code(reading.task.name, code))
    columns = [column for column in columns if column]
    two = " two" * (len(columns) == 2)
    return f'<div class="columns{two}">\n{"".join(columns)}</div>\n' if columns else ""


def _advice(advice: Sequence[Advice]) -> str:
    rows = "".join(
        f'<li class="{a.mark}">{_message(a.text)}</li>'
        if a.mark
        else f"<li>{_message(a.text)}</li>"
        for a in advice
    )
    return f'<ul class="advice">{rows}</ul>\n' if rows else ""


def _tests(reading: TaskPresentation) -> str:
    """Return how each test came out, below what is said about all of them."""
    rows = []
    for test in reading.tests:
        text = test.advice and _message(test.advice.text)
        rows.append(_row(test.test, f'<div class="message">{text}</div>' if text else ""))
    return f'<div>{_advice(reading.advice)}<ul class="tests">{"".join(rows)}</ul></div>\n'


def _row(test: TestResult, message: str) -> str:
    mark, words = OUTCOMES[test.outcome]
    lost = ' class="lost"' if message else ""
    earned = "–" if test.outcome == "error" else points(test.points)
    return (
        f'<li><span class="mark {test.outcome}"><span aria-hidden="true">{mark}</span>'
        f'<span class="aside">{words}: </span></span><span{lost}>{_text(test.title)}</span>'
        f'<span class="earned">{earned} of {points(test.max_points)}'
        f'<span class="aside"> points</span></span>{message}</li>'
    )


def _message(text: str) -> str:
    """Return a message: what happened, and below it why and where to look."""
    what, _, why = plain(text).strip().partition("\n")
    more = f'<p class="why">{_marked(why)}</p>' if why.strip() else ""
    return f'<p class="what">{_marked(what)}</p>{more}'


def _marked(text: str) -> str:
    """Return text in which `this` is code."""
    lines = "\n".join(line.strip() for line in _text(text).split("\n"))
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", lines)


def _code(name: str, source: str) -> str:
    """Return the student's code with numbers that are not copied with it."""
    lines = plain(source).strip("\n").split("\n")
    shown = "".join(f"<span>{_text(line[:COLUMNS])}\n</span>" for line in lines[:LINES])
    more = f", the first {LINES} of {len(lines)} lines" if len(lines) > LINES else ""
    label = f"Your code for {_text(name)}{more}"
    return (
        f'<figure class="code"><figcaption>{label}</figcaption>'
        f'<pre tabindex="0" role="region" aria-label="{label}">'
        f"<code>{shown}</code></pre></figure>\n"
    )


def _gallery(pictures: Sequence[Picture]) -> str:
    """Return pictures with their captions, whose words a screen reader hears as the picture's."""
    figures = "".join(
        f'<figure class="picture">{picture.svg}<figcaption><h3>{_text(picture.title)}</h3>'
        f'<p aria-hidden="true">{_text(picture.description)}</p></figcaption></figure>\n'
        for picture in pictures
    )
    return f"<section>\n<h2>How your training went</h2>\n{figures}</section>\n"


def _bar(score: float | None, most: float) -> str:
    """Return a bar as long as the share of the points; the points stand beside it as text."""
    share = 0.0 if score is None or most <= 0 else min(max(score / most, 0.0), 1.0)
    return f'<div class="bar" aria-hidden="true"><i style="width:{share:.1%}"></i></div>'


def _text(text: str) -> str:
    return escape(plain(text))
