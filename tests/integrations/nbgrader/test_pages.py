"""nbgrader's pages: formulas without the network, nothing active, nothing loaded from elsewhere."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import nbgrader
import pytest
from bs4 import BeautifulSoup
from latex2mathml import commands
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

from autograder.integrations.nbgrader.configuration import (
    TEMPLATES,
    nbgrader_templates,
    offline_pages,
)
from autograder.integrations.nbgrader.formulas import mathml

FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions/formgrader"
LOADING = {"src", "srcset", "poster", "background", "data"}
BOUND = 60  # seconds of processor time, where stock takes many minutes

pytestmark = pytest.mark.filterwarnings("ignore")  # nbconvert warns of what it does itself


def page(*sources: Any, template: str = "feedback", **settings: Any) -> str:
    """Return the page of a notebook with these Markdown cells, or cells, as nbgrader makes it."""
    config = Config()
    config.HTMLExporter.update(settings)
    offline_pages(config)
    config.HTMLExporter.template_name = template
    bootstrap = FORMGRADER / "static/node_modules/bootstrap/dist/css"
    config.HTMLExporter.extra_template_paths = [str(bootstrap)]
    cells = [nbformat.v4.new_markdown_cell(s) if isinstance(s, str) else s for s in sources]
    grading = {"notebook": "n", "score": 1, "max_score": 1, "late_penalty": 0}
    resources = {"nbgrader": grading, "base_url": "", "index": 0, "total": 1}
    notebook = nbformat.v4.new_notebook(cells=cells)
    exporter: Any = HTMLExporter
    html: str = exporter(config=config).from_notebook_node(notebook, resources)[0]
    return html


def shown(html: str) -> str:
    """Return what a page shows of the first cell."""
    cell = BeautifulSoup(html, "html.parser").select_one(".text_cell_render")
    assert cell is not None
    return cell.decode_contents().strip()


def output(**data: str) -> Any:
    data = {kind.replace("_", "/"): text for kind, text in data.items()}
    return nbformat.v4.new_code_cell(
        outputs=[nbformat.v4.new_output("display_data", data={"text/plain": "plain"} | data)]
    )


class Loaded(HTMLParser):
    """Collects what a browser would load for a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = LOADING | ({"href"} if tag in ("link", "base", "image", "use") else set())
        self.urls += [value or "" for name, value in attrs if name in names]


def loaded(html: str) -> list[str]:
    """Return the addresses that a page loads from, but for those inside it."""
    urls = Loaded(html).urls + re.findall(r"(?:url\(|@import)\s*['\"]?([^)'\"]*)", html)
    return [url for url in urls if not url.startswith("data:")]


def test_a_feedback_page_loads_nothing() -> None:
    html = page(
        "$x$ ![a](https://example.org/a.png) ![b](//example.org/b.png) ![c](HTTPS:example.org/c.png)"
    )
    assert all(url.startswith("../fonts/glyphicons") for url in loaded(html))
    assert "<script" not in html
    assert "cdnjs" not in html
    assert "default-src 'none'" in html


def test_a_page_of_formgrader_loads_from_formgrader_only() -> None:
    html = page("$x$", output(text_latex="$y$"), template="formgrade")
    assert html.count("<math") == 2
    assert loaded(html)
    assert all(url.startswith("/formgrader/static/") for url in loaded(html))


def test_a_picture_elsewhere_is_a_link_and_one_that_is_here_a_picture() -> None:
    html = shown(page("![far](https://example.org/a.png) ![near](a.png)"))
    assert '<a href="https://example.org/a.png">far</a>' in html
    assert '<img alt="near" src="a.png"/>' in html


def test_formulas_become_mathml() -> None:
    html = page("Let $\\hat y = xW + b$.\n\n$$\\frac{\\partial L}{\\partial p}$$\n")
    assert '<mover accent="true"><mi>y</mi><mo>^</mo></mover>' in html
    assert '<math display="block">' in html
    assert "<mo>∂</mo><mi>L</mi>" in html
    assert "$" not in shown(html)


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        (r"\text{if } z", "<mtext>if\N{NO-BREAK SPACE}</mtext>"),
        (r"f'''''", "<mi>′′′′′</mi>"),
        (r"\argmax_x", '<munder><mo movablelimits="true">arg\N{THIN SPACE}max</mo><mi>x</mi>'),
        (r"\operatorname*{arg\,min}_x", '<munder><mo movablelimits="true">arg\N{THIN SPACE}min<'),
        (r"\operatorname{log-sum}", "<mtext>log-sum</mtext>"),
        (r"\min_x", "<munder><mo>min</mo><mi>x</mi></munder>"),
        (r"x \sim p", "<mo>∼</mo>"),
        (r"\mathbb R \mathbb{E} \mathcal L", "<mi>ℝ</mi><mi>𝔼</mi><mi>ℒ</mi>"),
        (r"\boldsymbol{\theta} \mathbf{xy}", "<mi>𝜽</mi></mrow><mrow><mi>𝐱</mi><mi>𝐲</mi>"),
        (r"\mathfrak C", "<mi>ℭ</mi>"),
        (r"a \label{eq:a}", "<mrow><mi>a</mi></mrow>"),
        (r"\begin{aligned}a&=b\\c&=d\end{aligned}", "<mtr><mtd columnalign="),
        (r"\begin{gather}a\\b\end{gather}", "<mtr><mtd><mi>b</mi></mtd></mtr>"),
    ],
)
def test_what_courses_write_is_readable(latex: str, part: str) -> None:
    assert part in mathml(latex, "block")


def test_limits_in_a_line_stay_beside() -> None:
    assert "<msub><mo>min</mo><mi>x</mi></msub>" in mathml(r"\min_x", "inline")


def test_a_formula_in_a_heading_is_a_formula() -> None:
    html = shown(page("# The loss $L$"))
    assert '<math display="inline"><mrow><mi>L</mi></mrow></math>' in html
    assert "xmlns" not in html


def test_an_environment_is_a_formula() -> None:
    html = page("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}\n")
    assert "<mtable" in html
    assert "(1)" not in html


def test_a_formula_among_the_outputs_is_shown_and_nothing_else_there_is_active() -> None:
    html = page(output(text_latex=r"$\displaystyle x^{2}$"), output(text_latex="<b>$a$</b>"))
    assert "<msup><mi>x</mi><mrow><mn>2</mn></mrow></msup>" in html
    assert "<code>&lt;b&gt;$a$&lt;/b&gt;</code>" in html


MARKDOWN = """
# Title with `code`

| a | b |
|---|---|
| `$x$` | **c** |

1. one
   * two ~~three~~

- [x] done

> quoted, a price of $5 only

```python
x = "$y$"
```

[link](https://example.org) <b>bold</b> ![picture](attachment:p.png) ![data](data:image/png;base64,AA==)

term
: its definition
"""


@pytest.mark.parametrize(
    "settings", [{}, {"exclude_anchor_links": True}, {"anchor_link_text": "#"}]
)
def test_other_markdown_is_as_nbconvert_renders_it(settings: dict[str, Any]) -> None:
    attachments = {"p.png": {"image/png": "AAAA"}}
    cell = nbformat.v4.new_markdown_cell(MARKDOWN, attachments=attachments)
    renderer = IPythonRenderer(escape=False, attachments=attachments, **settings)
    usual = MarkdownWithMath(renderer=renderer).render(MARKDOWN)
    usual = str(BeautifulSoup(usual, "html.parser"))
    assert shown(page(cell, **settings)).split() == usual.split()


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
        r"\text{&#x3C;script>alert(1)</script>} \unicode{x3C}script>",
        r"\class{x}{y} \style{background:url(http://example.org)}{y} \cssId{i}{z}",
        r"\includegraphics{http://example.org/a.png}",
        "a\u2060<\u2060img src=x onerror=alert(1)>",
        r"\mathrm{\"><script>alert(1)</script>}",
        r"\color{red\" onclick=\"alert(1)}{x} \fcolorbox{a}{url(http://example.org)}{y}",
        r"\unicode{x202E}\raise99em{x}\hspace{9999em}\rule{9999em}{9999em}",
    ],
)
def test_nothing_in_a_formula_is_active_or_reaches_over_the_page(latex: str) -> None:
    html = mathml(latex, "inline")
    tree = ElementTree.fromstring(html)
    for element in tree.iter():
        assert element.tag.rpartition("}")[2].startswith("m") or element.tag == "code"
        assert not {"href", "src", "style", "class", "id", "voffset"} & set(element.attrib)
        assert not any("9999em" in value for value in element.attrib.values())
    assert "\u202e" not in html
    assert "<script" not in page(f"${latex}$")


def test_no_command_brings_an_attribute_that_leads_elsewhere() -> None:
    names = {name for name in vars(commands).values() if isinstance(name, str)}
    for name in sorted(name for name in names if name.startswith("\\")):
        html = mathml(f"{name}{{javascript:alert(1)}}{{url(//a)}}{{9em}}", "block")
        for element in ElementTree.fromstring(html).iter():
            assert not re.search("javascript|url|//", " ".join(element.attrib.values())), name


@pytest.mark.parametrize(
    "latex",
    [r"\frac{", "{" * 1999, "x^{" * 600, r"\left(" * 300, "y" * 90_000, r"\frac{1}{" * 200,
     r"\begin{tabular}{l}a\end{tabular}"],
)  # fmt: skip
def test_what_cannot_be_read_is_shown_as_it_is(latex: str) -> None:
    assert mathml(latex, "inline") == f"<code>{latex}</code>"


@pytest.mark.parametrize(
    "latex",
    [
        "".join(rf"\def\q{a}{{{{\q{b}}}{{\q{b}}}}}" for a, b in zip("abcdefghijklmnopqrstuvwxy",
                "bcdefghijklmnopqrstuvwxyz", strict=True)) + r"\qa",
        r"\newcommand{\z}[1]{{#1}{#1}}" + r"\z{" * 40 + "x" + "}" * 40,
        r"\sideset{}{}{" * 60 + "x" + "}" * 60,
    ],
)  # fmt: skip
def test_a_formula_that_grows_without_end_is_not_begun(latex: str) -> None:
    assert mathml(latex, "block").startswith("<code>")


@pytest.mark.slow
@pytest.mark.parametrize(
    "cells",
    [
        ["$\\frac{a}{b}$ " * 20_000],
        ["$" + "x_{1}" * 390 + "$\n\n"] * 300,
        ["$$" + "\\frac{1}{" * 130 + "x" + "}" * 130 + "$$"] * 100,
        ["\\begin{a}" * 20_000],
        ["\\begin{a}" * 470] * 1000,
        ["<![CDATA[" * 20_000],
        ["![" * 15_000, "\\\\[" * 10_000, "[a](<" * 6_000],
    ],
    ids=["many", "long", "deep", "unclosed", "cells", "cdata", "links"],
)
def test_a_page_with_too_much_is_made_in_seconds(cells: list[str]) -> None:
    start = time.process_time()
    page(*cells)
    assert time.process_time() - start < BOUND


def test_what_is_too_much_is_shown_as_it_is() -> None:
    html = page("*a* $b$", "<c> $\\frac{a}{b}$ " * 20_000)
    assert html.count("<math") == 1
    assert "<pre>&lt;c&gt; $\\frac{a}{b}$ &lt;c&gt;" in html


def test_a_large_picture_in_the_text_is_not_too_much() -> None:
    html = page(f"*before* ![p](data:image/png;base64,{'A' * 500_000}) $x$")
    assert "<em>before</em>" in html
    assert "<math" in html


def test_templates_and_filters_of_the_course_are_kept() -> None:
    config = Config()
    config.HTMLExporter.extra_template_basedirs = ["/own"]
    config.HTMLExporter.filters = {"shout": "str.upper", "latex2html": "own.filter"}
    offline_pages(config)
    assert config.HTMLExporter.extra_template_basedirs == [str(TEMPLATES), "/own"]
    assert set(config.HTMLExporter.filters) == {"shout", "markdown2html", "latex2html"}
    assert config.HTMLExporter.filters["latex2html"] == "own.filter"


def test_templates_and_filters_that_the_course_adds_are_kept() -> None:
    config = Config()
    config.HTMLExporter.extra_template_basedirs.append("/own")
    config.HTMLExporter.filters.update({"shout": "str.upper"})
    offline_pages(config)
    folders = [str(TEMPLATES), nbgrader_templates(), "/own"]
    assert config.HTMLExporter.extra_template_basedirs == folders
    assert set(config.HTMLExporter.filters) == {"shout", "markdown2html", "latex2html"}


def test_nbgrader_has_its_own_templates_beside_ours() -> None:
    config = Config()
    offline_pages(config)
    assert config.HTMLExporter.extra_template_basedirs == [str(TEMPLATES), nbgrader_templates()]
    assert Path(nbgrader_templates(), "feedback", "index.html.j2").exists()
