"""Markdown by a student: whatever renders it, nothing in the page is active."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix

from autograder.files import MAX_SIZE
from autograder.integrations.nbgrader.pages import Renderer
from autograder.integrations.nbgrader.sanitizing import MAX_LINKS, sanitize, sanitize_markdown
from tests.integrations.nbgrader.test_pages import page, shown

pytestmark = pytest.mark.filterwarnings("ignore")  # nbconvert warns of what it does itself

BOUND = 20  # seconds of processor time for 64 MB; reading them takes about as long
PICTURES = {"a.png": {"image/png": "AAAA"}}
ADDRESSES = {
    *("action", "background", "cite", "data", "formaction", "href", "ping", "poster", "src"),
    *("srcset", "xlink:href"),
}
INERT = {
    *("a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3"),
    *("h4", "h5", "h6", "hr", "img", "input", "li", "ol", "p", "pre", "span", "strong", "table"),
    *("tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"alt", "checked", "class", "disabled", "id", "start", "style", "title", "type"}
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
HARMLESS = re.compile("https?:|mailto:|attachment:a.png$|data:image/(png|jpeg|gif)[;,]")


class Active(HTMLParser):
    """Collects what is not certainly harmless in rendered Markdown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INERT and not tag.startswith("m"):  # MathML
            self.found.append(tag)
        for name, value in attrs:
            if name in ADDRESSES:
                address = re.sub(r"[\t\n\r]", "", value or "").lstrip("".join(map(chr, range(33))))
                harmful = SCHEME.match(address) and not HARMLESS.match(address.lower())
            else:
                style = name == "style" and not re.fullmatch("text-align:[a-z]+;?", value or "")
                harmful = style or not (name in ATTRIBUTES or tag.startswith("m"))
            if harmful:
                self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(data)

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    def handle_pi(self, data: str) -> None:
        self.found.append(data)

    def unknown_decl(self, data: str) -> None:
        self.found.append(data)


def rendered(text: str, kind: Any = IPythonRenderer) -> str:
    """Return Markdown as nbconvert's templates render it."""
    renderer = kind(escape=False, attachments=PICTURES)
    renderer.page = {}
    html = MarkdownWithMath(renderer=renderer).render(text)
    return str(strip_files_prefix(html))  # type: ignore[no-untyped-call]


def active(text: str) -> list[str]:
    """Return what is active in a text after sanitizing, and in a link that was not sanitized."""
    harmless = sanitize_markdown(text, PICTURES)
    found = Active(rendered(harmless)).found + Active(rendered(harmless, Renderer)).found
    bare = re.sub(r"<+(?=[a-zA-Z/!?])|attachment:", "", text)
    return found + Active(rendered(bare, Renderer)).found


HARMFUL = [
    "[a](" + " " * 2_500 + "javascript:x)",
    "[a](" + "\t" * 2_500 + "\n" + " " * 2_500 + "javascript:x)",
    "[x]:\n" + " " * 2_500 + "javascript:x\n\n[x]",
    "[x]:" + "\t" * 2_500 + "javascript:x\n\n[a][x] [x][] ![x]",
    "> [a](\n> javascript:x)",
    "> > [x]:\n> > javascript:x\n> > \n> > [x]",
    "- [a](\n  javascript:x)",
    "[a](files/javascript:x)",
    "[a](</files/javascript:x>)",
    "[x]: files/javascript:x\n\n[x]",
    "[a](\n[y]: foo\njavascript:x)",
    "[a](&#x000006a;avascript:x) [b](java&#115;cript&#58;x) [c](javascript&colon;x)",
    "[a](java\\script\\:x) [b](\\javascript:x)",
    "[a](<javascript:x>) [b](< javascript:x>) <javascript:x>",
    "[a](vbscript:x) [b](data:text/html,x) [c](data:image/svg+xml,x) [d](file:///etc/passwd)",
    "[![a](javascript:x)](javascript:x)",
    "![a](javascript:x 'title') ![b](data:text/html,x)",
    "# [a](javascript:x)",
    "|a|\n|-|\n|[a](javascript:x)|",
    "[^1]\n\n[^1]: [a](javascript:x)",
    "term\n: [a](javascript:x)",
    "- [ ] [a](javascript:x)",
    "[a\\](javascript:x) [a](javascript:x)",
    "$[a](javascript:x)$ $$\n[b](javascript:x)",
    "[a](attachment:missing.png) ![b](attachment:a.png.png)",
    "[a](\N{NO-BREAK SPACE}javascript:x) [b](\N{WORD JOINER}javascript:x)",
]
"""Links that lead to something active, or to what is not there, if they are not removed."""

PIECES = [
    *("[", "]", "](", "]:", "][", "[x]", "[x]:", "[x]: ", "![", "[a](", "![a](", "[^1]", "[^1]:"),
    *(
        "(",
        ")",
        "<",
        ">",
        '"',
        "'",
        "`",
        "```",
        "```html\n",
        "```mermaid\n",
        "~~~\n",
        "*",
        "_",
        "~~",
    ),
    *(
        "\n",
        "\n\n",
        "  \n",
        " ",
        "\t",
        " " * 2_500,
        "\n" * 3,
        "    ",
        "\n> ",
        "\n- ",
        "\n1. ",
        "\n# ",
    ),
    *("\n===\n", "\n---\n", "\n: ", "- [ ] ", "\n|a|\n|-|\n|", "|", "\\", "\\\\(", "$", "$$", "&"),
    *("\\begin{a}", "\\end{a}", "&#106;", "&#x3a;", "&colon;", "&Tab;", "&NewLine;", "&lt;", "%3A"),
    *("javascript:x", "JaVaScRiPt:x", "java", "script:x", "javascript", ":", "vbscript:x", "foo"),
    *("data:text/html,x", "data:image/svg+xml,x", "data:image/png;base64,AA==", "https://a.org"),
    *("//a.org", "files/", "/files/", "attachment:a.png", "attachment:b.png", "a.csv", "x@a.org"),
    *("<script>", "<img src=x onerror=x>", "<!--", "-->", "<a href='", " onclick=x", "?", "#", "/"),
    *("\x00", "\x0b", "\x0c", "\r", "\N{NO-BREAK SPACE}", "\N{WORD JOINER}", "\N{LINE SEPARATOR}"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)


def test_what_is_active_would_be_found() -> None:
    active_ones = [
        *("<a href=' java\nscript:x'>", "<a href='data:text/html,x'>", "<form action='x'>", "<p onx=y>"),
        *("<p style='background:url(x)'>", "<script>", "<!-- x -->", "<button formaction='x:'>"),
    ]  # fmt: skip
    assert all(Active(html).found for html in active_ones)
    assert Active("<p style='text-align:left'><a href='mailto:a'><img src='a.png'>").found == []


@pytest.mark.parametrize("text", HARMFUL)
def test_no_link_leads_to_anything_active(text: str) -> None:
    assert active(text) == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(TEXTS)
def test_no_mixture_gives_anything_active(text: str) -> None:
    assert active(text) == []


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, derandomize=True)
@given(TEXTS)
def test_no_mixture_of_very_many_gives_anything_active(text: str) -> None:
    assert active(text) == []


def cell_of(text: str) -> dict[str, Any]:
    attached = {"cell_type": "markdown", "source": text, "metadata": {}, "attachments": PICTURES}
    return dict(sanitize({"cells": [attached]})["cells"][0])


@pytest.mark.parametrize("template", ["feedback", "formgrade"])
def test_nothing_active_reaches_a_page(template: str) -> None:
    def cells(texts: list[str]) -> list[Any]:
        return [nbformat.from_dict(cell_of(text)) for text in texts]

    around = Active(page(*cells(["text"] * len(HARMFUL)), template=template)).found
    assert Active(page(*cells(HARMFUL), template=template)).found == around


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://a.org/x(1)?q=a:b&c) [b](HTTP://a.org) [c](mailto:x@a.org) [d](//a.org/x)",
        "[a](#heading) [b](../data/my\\_file.csv) [c](data\\x.csv) [d](a%20b.csv) [e](?x=a:b) [f]()",
        '[a](page.html "A: title"): text. [b](\n page.html) [c][x] [x]\n\n[x]: x.html\n[y]: <y.html>',
        "![a](attachment:a.png) ![b](data:image/png;base64,AA==) [![c](a.png)](https://a.org)",
        "https://a.org/b. $x_{[1]}$ and $$\\frac{a}{b}$$ and `x[0](1)` | a |",
        "- [x] done [a](b)\n\n| a | b |\n|---|:-:|\n| [a](b) | `c` |\n\nterm\n: [meaning](x)",
        "```python\nx = {a[0]: 1}\n```",
    ],
)
def test_honest_links_stay(text: str) -> None:
    assert sanitize_markdown(text, PICTURES).replace("<\N{WORD JOINER}", "<") == text


def test_a_harmless_link_beside_a_harmful_one_stays() -> None:
    html = shown(page(cell := nbformat.from_dict(cell_of("[a](javascript:x) [b](https://b.org)"))))
    assert '<a href="https://b.org">b</a>' in html, cell
    assert "a href" not in html.replace('<a href="https://b.org">', "")


def test_an_attached_picture_is_shown_whatever_its_name() -> None:
    attached = {"my picture.png": {"image/png": "AAAA"}}
    text = sanitize_markdown("![a](attachment:my%20picture.png)", attached)
    cell = nbformat.v4.new_markdown_cell(text, attachments=attached)
    assert '<img alt="a" src="data:image/png;base64,AAAA"/>' in shown(page(cell))


def test_of_too_many_links_none_stays() -> None:
    assert "a](" in cell_of("[a](b)" * MAX_LINKS)["source"]
    many = cell_of("[a](b)" * (MAX_LINKS + 1) + "[a]: b")["source"]
    assert "](" not in many
    assert "]:" not in many


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        *("](", "]:", "](javascript:", "[a](b)", "<a", "&#1", "](\\", "](a(", "x"),
        "](" + " " * (MAX_SIZE // MAX_LINKS - 2),
        "](" + "a" * (MAX_SIZE // MAX_LINKS - 2),
        "]:" + "\\a" * (MAX_SIZE // MAX_LINKS // 2 - 2),
    ],
    ids=lambda text: text[:6],
)
def test_the_largest_text_is_sanitized_in_seconds(text: str) -> None:
    cell = {"cell_type": "markdown", "source": text * (MAX_SIZE // len(text))}
    start = time.process_time()
    sanitize({"cells": [cell]})
    assert time.process_time() - start < BOUND
