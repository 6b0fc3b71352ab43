"""Makes nbgrader's pages complete in themselves: no request leaves the machine.

nbgrader loads MathJax from the network, into feedback and into formgrader. Here formulas become
MathML, which every current browser shows. Students write formulas too, so what is in them stays
text, and whatever is too much, cannot be read or defines macros is shown as its source.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Configurable

from autograder.integrations.nbgrader.configuration import configured
from autograder.integrations.nbgrader.formulas import mathml, source_of_formula

TEMPLATES = Path(__file__).parent / "templates"
MOST = 50_000  # characters of all formulas of a page
DEAREST = 1_000_000_000  # squares of the lengths of a page's texts: some Markdown takes that long

_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")
_ELSEWHERE = re.compile(r"\s*(?:https?:|//)", re.IGNORECASE)
_DISPLAYED = re.compile(r"\$\$(.*)\$\$|\$(.*)\$|(\\begin\{.*\})", re.DOTALL)


def offline_pages(config: Any) -> None:
    """Have nbgrader's pages made with our templates and our formulas, before any others.

    Args:
        config: what `get_config()` returns.
    """
    exporter = config.HTMLExporter
    usual = [nbgrader_templates()]
    folders = configured(exporter, "extra_template_basedirs", usual) or usual
    exporter.extra_template_basedirs = [str(TEMPLATES), *folders]
    ours = {"markdown2html": f"{__name__}.Markdown", "latex2html": f"{__name__}.latex2html"}
    exporter.filters = ours | (configured(exporter, "filters", {}) or {})


def nbgrader_templates() -> str:
    """Return the folder of nbgrader's own templates, which it forgets when others are given."""
    import nbgrader

    folder = Path(nbgrader.__file__).parent
    return str(folder / "server_extensions" / "formgrader" / "templates")


class Renderer(IPythonRenderer):
    """Renders Markdown as nbconvert does, formulas as MathML, and pictures elsewhere as links."""

    page: Any = None

    def inline_math(self, body: str) -> str:
        """Render a formula in a line."""
        return _formula(self.page, body, "inline")

    def block_math(self, body: str) -> str:
        """Render a formula on a line of its own."""
        return _formula(self.page, body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment such as `align`."""
        return _formula(self.page, f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Render a picture, or a link to it where showing it would load it from elsewhere."""
        show = self.link if _ELSEWHERE.match(url) else super().image
        return str(show(text, url, title))


@pass_context
class Markdown(Configurable):
    """The filter `markdown2html` of nbconvert's templates; its parent is the exporter."""

    def __call__(self, context: Any, source: str) -> str:
        """Return Markdown as HTML."""
        exporter: Any = self.parent
        resources = context.get("resources", {})
        if not _affordable(resources, "markdown", len(_PICTURE.sub("", source)) ** 2, DEAREST):
            shown = escape(source).replace("[", "&#91;")  # nbconvert looks for links once more
            return f"<pre>{shown}</pre>"
        renderer = Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=exporter.embed_images,
            path=resources.get("metadata", {}).get("path", ""),
            anchor_link_text=exporter.anchor_link_text,
            exclude_anchor_links=exporter.exclude_anchor_links,
            **exporter.lexer_options,
        )
        renderer.page = resources
        return str(MarkdownWithMath(renderer=renderer).render(source))


@pass_context
def latex2html(context: Any, source: str) -> str:
    """Return a formula that was an output, with what delimits it, as HTML."""
    found = _DISPLAYED.fullmatch(source.strip())
    if found is None:
        return source_of_formula(source)
    return _formula(context.get("resources", {}), next(filter(None, found.groups()), ""), "block")


def _formula(page: Any, latex: str, display: str) -> str:
    """Return a formula as MathML, its source if the page has too many."""
    return (
        mathml(latex, display)
        if _affordable(page, "formulas", len(latex), MOST)
        else source_of_formula(latex)
    )


def _affordable(page: Any, what: str, cost: int, limit: int) -> bool:
    """Add up what a page costs; return whether it is within the limit."""
    page[f"{__name__}.{what}"] = spent = (page.get(f"{__name__}.{what}") or 0) + cost
    return bool(spent <= limit)
