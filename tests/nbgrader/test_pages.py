"""nbgrader's pages: formulas without the network, nothing loaded from elsewhere."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from jinja2 import Environment
from traitlets.config import Config

from autograder.nbgrader.pages import TEMPLATES, markdown, mathml, nbgrader_templates, offline_pages


def page(source: str) -> str:
    environment = Environment(autoescape=False)
    environment.filters["markdown2html"] = markdown
    return environment.from_string("{{ source | markdown2html }}").render(source=source)


def test_formulas_become_mathml() -> None:
    html = page("Let $\\hat y = xW + b$.\n\n$$\\frac{\\partial L}{\\partial p}$$\n")
    assert '<mover accent="true"><mi>y</mi><mo>^</mo></mover>' in html
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in html
    assert "<mo>∂</mo><mi>L</mi>" in html
    assert "$" not in html


def test_an_environment_is_a_formula() -> None:
    assert "<mtable" in page("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}\n")


def test_other_markdown_is_as_it_was() -> None:
    html = page("# Title\n\n| a | b |\n|---|---|\n| `$x$` | **c** |\n")
    assert "<table>" in html
    assert "<code>$x$</code>" in html
    assert "<strong>c</strong>" in html


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
        r"\class{x}{y} \style{background:url(http://example.org)}{y} \cssId{i}{z}",
        r"\includegraphics{http://example.org/a.png}",
        "a\u2060<\u2060img src=x onerror=alert(1)>",
        r"\mathrm{\"><script>alert(1)</script>}",
    ],
)
def test_nothing_in_a_formula_is_active(latex: str) -> None:
    html = mathml(latex, "inline")
    tree = ElementTree.fromstring(html)
    for element in tree.iter():
        assert element.tag.rpartition("}")[2].startswith("m") or element.tag == "code"
        assert not {"href", "src", "style", "class", "id"} & set(element.attrib)


@pytest.mark.parametrize(
    "latex", [r"\frac{", "{" * 1999, "x^{" * 600, r"\left(" * 300, "y" * 90_000]
)
def test_what_cannot_be_read_is_shown_as_it_is(latex: str) -> None:
    assert mathml(latex, "inline") == f"<code>{latex}</code>"


def test_only_so_many_formulas_of_a_cell_are_typeset() -> None:
    html = page("$\\frac{a}{b}$ " * 20_000)
    assert html.count("<math") == 300


def test_templates_and_filters_of_the_course_are_kept() -> None:
    config = Config()
    config.HTMLExporter.extra_template_basedirs = ["/own"]
    config.HTMLExporter.filters = {"shout": "str.upper"}
    offline_pages(config)
    assert config.HTMLExporter.extra_template_basedirs == [str(TEMPLATES), "/own"]
    assert set(config.HTMLExporter.filters) == {"shout", "markdown2html"}


def test_nbgrader_has_its_own_templates_beside_ours() -> None:
    config = Config()
    offline_pages(config)
    assert config.HTMLExporter.extra_template_basedirs == [str(TEMPLATES), nbgrader_templates()]
