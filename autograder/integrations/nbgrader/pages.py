"""Makes nbgrader's pages self-contained: they load nothing from the network.

nbgrader's feedback and formgrader load MathJax from the network. Here formulas become MathML,
which every current browser shows. Students write formulas too, so their content is escaped, and
formulas that are too long, invalid or define macros are shown as their source.
"""

import re
from html import escape
from typing import Any
from urllib.parse import quote

from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Configurable

from autograder.integrations.nbgrader.formulas import mathml, source_of_formula
from autograder.integrations.nbgrader.sanitizing import JOINER, SCHEMES

MAX_FORMULAS = 50_000  # characters of all formulas of a page
MAX_MARKDOWN = 1_000_000_000  # sum of the squared lengths of texts: some Markdown is quadratic

_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")
_REMOTE = re.compile(r"\s*(?:/?files/)?(?:https?:|//)", re.IGNORECASE)  # nbconvert drops `files/`
_HARMLESS = re.compile(rf"{SCHEMES}|attachment:|[^:?#]*(?:[?#]|$)", re.IGNORECASE)
_SHOWN = re.compile(r"data:image/|attachment:")
_JOINER = quote(JOINER)  # in an address, if `<` was in front of it
_DISPLAYED = re.compile(r"\$\$(.*)\$\$|\$(.*)\$|(\\begin\{.*\})", re.DOTALL)


class Renderer(IPythonRenderer):
    """Renders Markdown as nbconvert does, but formulas as MathML and remote pictures as links.

    It judges addresses as parsed. A link to anything but a page, a picture or a mailbox is text.
    """

    page: Any = None

    def inline_math(self, body: str) -> str:
        """Render an inline formula."""
        return _formula(self.page, body, "inline")

    def block_math(self, body: str) -> str:
        """Render a displayed formula."""
        return _formula(self.page, body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment such as `align`."""
        return _formula(self.page, f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Render a link, or its text if a click could run something."""
        url = url.removeprefix(_JOINER)
        return str(super().link(text, url, title)) if _HARMLESS.match(url) else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Render a picture, a link to it if it is remote, or its text if it is none."""
        url = url.removeprefix(_JOINER)
        if _REMOTE.match(url) or not (_SHOWN.match(url) or _HARMLESS.match(url)):
            return self.link(text, url, title)
        return str(super().image(text, url, title))


@pass_context
class Markdown(Configurable):
    """The filter `markdown2html` of nbconvert's templates; its parent is the exporter."""

    def __call__(self, context: Any, source: str) -> str:
        """Return Markdown as HTML."""
        exporter: Any = self.parent
        resources = context.get("resources", {})
        if not _within_limit(
            resources, "markdown", len(_PICTURE.sub("", source)) ** 2, MAX_MARKDOWN
        ):
            shown = escape(source).replace("[", "&#91;")  # nbconvert searches the result for links
            return f"<pre>{shown}</pre>"
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = Renderer(
            escape=False,
            attachments=attachments | {quote(name): found for name, found in attachments.items()},
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
    """Return an output that is a LaTeX formula, with delimiters, as HTML."""
    found = _DISPLAYED.fullmatch(source.strip())
    if found is None:
        return source_of_formula(source)
    return _formula(context.get("resources", {}), next(filter(None, found.groups()), ""), "block")


def _formula(page: Any, latex: str, display: str) -> str:
    """Return a formula as MathML, or its source if the page has too many."""
    return (
        mathml(latex, display)
        if _within_limit(page, "formulas", len(latex), MAX_FORMULAS)
        else source_of_formula(latex)
    )


def _within_limit(page: Any, what: str, cost: int, limit: int) -> bool:
    """Add a cost to the total of a page; return whether the total is within the limit."""
    page[f"{__name__}.{what}"] = spent = (page.get(f"{__name__}.{what}") or 0) + cost
    return bool(spent <= limit)
