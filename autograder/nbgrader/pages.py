"""Makes nbgrader's pages complete in themselves: no request leaves the machine.

nbgrader loads MathJax from the network, into feedback and into formgrader. Here formulas become
MathML, which every current browser shows.
"""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.nbgrader.inert import JOINER

TEMPLATES = Path(__file__).parent / "templates"
ATTRIBUTES = {
    *("accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle"),
    *("fence", "form", "height", "linethickness", "lspace", "mathvariant", "maxsize", "minsize"),
    *("movablelimits", "rowlines", "rowspacing", "rspace", "stretchy", "voffset", "width", "xmlns"),
}
LONGEST = 2_000  # characters of a formula
MOST = 300  # formulas in a cell

_CODE = re.compile(r"&#x[0-9A-F]{1,6};")


def offline_pages(config: Any) -> None:
    """Have nbgrader's pages made with our templates and our formulas, before any others.

    Args:
        config: what `get_config()` returns.
    """
    exporter = config.HTMLExporter
    others = list(exporter.get("extra_template_basedirs", ())) or [nbgrader_templates()]
    exporter.extra_template_basedirs = [str(TEMPLATES), *others]
    filters = {"markdown2html": f"{__name__}.markdown"}
    exporter.filters = filters | dict(exporter.get("filters", {}))


def nbgrader_templates() -> str:
    """Return the folder of nbgrader's own templates, which it forgets when others are given."""
    import nbgrader

    folder = Path(nbgrader.__file__).parent
    return str(folder / "server_extensions" / "formgrader" / "templates")


class Renderer(IPythonRenderer):
    """Renders Markdown as nbconvert does, and formulas as MathML."""

    formulas = 0

    def inline_math(self, body: str) -> str:
        """Render a formula in a line."""
        return self._formula(body, "inline")

    def block_math(self, body: str) -> str:
        """Render a formula on a line of its own."""
        return self._formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment such as `align`."""
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def _formula(self, latex: str, display: str) -> str:
        self.formulas += 1
        return mathml(latex, display) if self.formulas <= MOST else _source(latex)


@pass_context
def markdown(context: Any, source: str) -> str:
    """Return Markdown as HTML: the filter `markdown2html` of nbconvert's templates."""
    cell, resources = context.get("cell", {}), context.get("resources", {})
    renderer = Renderer(
        escape=False,
        attachments=cell.get("attachments", {}),
        path=resources.get("metadata", {}).get("path", ""),
    )
    return str(MarkdownWithMath(renderer=renderer).render(source))


def mathml(latex: str, display: str) -> str:
    """Return a formula as MathML without links or styles; its source if it cannot be read."""
    latex = latex.replace(JOINER, "").strip()
    if len(latex) > LONGEST:
        return _source(latex)
    try:
        formula = convert_to_element(latex, display=display)
        for element in formula.iter():
            _clean(element)
        return tostring(formula, encoding="unicode")
    except Exception:  # whatever a student wrote, the page is made
        return _source(latex)


def _clean(element: Element) -> None:
    """Leave known attributes only, and turn the references that stand for symbols into them."""
    for name in set(element.attrib) - ATTRIBUTES:
        del element.attrib[name]
    for name, value in element.attrib.items():
        element.attrib[name] = unescape(value) if _CODE.fullmatch(value) else value
    if element.text is not None and _CODE.fullmatch(element.text):
        element.text = unescape(element.text)


def _source(latex: str) -> str:
    return f"<code>{escape(latex)}</code>"
