r"""Makes nbgrader's pages complete in themselves: no request leaves the machine.

nbgrader loads MathJax from the network, into feedback and into formgrader. Here formulas become
MathML, which every current browser shows. Students write formulas too, so what is in them stays
text, and whatever is too much, cannot be read or defines macros is shown as its source.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape, unescape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Configurable

from autograder.nbgrader.inert import JOINER
from autograder.report.text import plain

TEMPLATES = Path(__file__).parent / "templates"
ATTRIBUTES = {
    *("accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle"),
    *("fence", "form", "height", "linethickness", "lspace", "mathvariant", "maxsize", "minsize"),
    *("movablelimits", "rowlines", "rowspacing", "rspace", "stretchy", "width", "xmlns"),
}
VARIANTS = {
    "bold": "BOLD",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "fraktur": "FRAKTUR",
    "monospace": "MONOSPACE",
    "sans-serif": "SANS-SERIF",
    "script": "SCRIPT",
}
ENVIRONMENTS = {  # latex2mathml knows the second; numbers would begin anew in every formula
    **dict.fromkeys(("align", "alignat", "flalign"), "align*"),
    **dict.fromkeys(("aligned", "alignedat"), "split"),
    **dict.fromkeys(("eqnarray", "gather", "gathered", "multline"), "matrix"),
}
LONGEST = 2_000  # characters of a formula
MOST = 50_000  # characters of all formulas of a page
DEAREST = 1_000_000_000  # squares of the lengths of a page's texts: some Markdown takes that long

_REFERENCE = re.compile(r"&#x[0-9A-Fa-f]{1,6};")
_LARGE = re.compile(r"[+-]?\d{3}")
_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")
_ELSEWHERE = re.compile(r"\s*(?:https?:|//)", re.IGNORECASE)
_REFUSED = re.compile(  # the first five can make a short formula grow without end
    r"\\(?:def|newcommand|newenvironment|DeclareMathOperator|sideset)|\{tabular"
)
_DISPLAYED = re.compile(r"\$\$(.*)\$\$|\$(.*)\$|(\\begin\{.*\})", re.DOTALL)
_LABEL = re.compile(r"\\label\s*\{[^{}]*\}")
_ENVIRONMENT = re.compile(r"(\\(?:begin|end))\s*\{([a-z]+)\*?\}")
_OPERATOR = re.compile(r"(\\operatorname\*?)\s*\{([^{}]*)\}")
_SPACE = re.compile(r"\\[,;:!> ]|~")
_LIMITS = re.compile(
    r"(\\(?:min|max|inf|sup|lim|liminf|limsup|argmin|argmax)(?![a-zA-Z])"
    r"|\\operatorname\*\{[^{}]*\})(?=\s*[_^])"
)


def offline_pages(config: Any) -> None:
    """Have nbgrader's pages made with our templates and our formulas, before any others.

    Args:
        config: what `get_config()` returns.
    """
    exporter = config.HTMLExporter
    folders = _configured(exporter, "extra_template_basedirs", [nbgrader_templates()])
    exporter.extra_template_basedirs = [str(TEMPLATES), *folders]
    ours = {"markdown2html": f"{__name__}.Markdown", "latex2html": f"{__name__}.latex2html"}
    exporter.filters = ours | _configured(exporter, "filters", {})


def nbgrader_templates() -> str:
    """Return the folder of nbgrader's own templates, which it forgets when others are given."""
    import nbgrader

    folder = Path(nbgrader.__file__).parent
    return str(folder / "server_extensions" / "formgrader" / "templates")


def _configured(exporter: Any, name: str, usual: Any) -> Any:
    """Return what is configured, also by additions: `c.HTMLExporter.….append(…)`."""
    value = exporter.get(name) or usual
    return value.get_value(usual) if hasattr(value, "get_value") else value


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
        return _source(source)
    return _formula(context.get("resources", {}), next(filter(None, found.groups()), ""), "block")


def _formula(page: Any, latex: str, display: str) -> str:
    """Return a formula as MathML, its source if the page has too many."""
    return (
        mathml(latex, display)
        if _affordable(page, "formulas", len(latex), MOST)
        else _source(latex)
    )


def _affordable(page: Any, what: str, cost: int, limit: int) -> bool:
    """Add up what a page costs; return whether it is within the limit."""
    page[f"{__name__}.{what}"] = spent = (page.get(f"{__name__}.{what}") or 0) + cost
    return bool(spent <= limit)


def mathml(latex: str, display: str) -> str:
    """Return a formula as MathML without links or styles; its source if it cannot be read."""
    latex = plain(latex.replace(JOINER, "")).strip()
    if len(latex) > LONGEST or _REFUSED.search(latex):
        return _source(latex)
    try:
        formula = convert_to_element(_readable(latex, display), display=display)
        for element in formula.iter():
            _clean(element)
        return tostring(formula, encoding="unicode")
    except Exception:  # whatever a student wrote, the page is made
        return _source(latex)


def _readable(latex: str, display: str) -> str:
    """Return a formula in words that latex2mathml knows."""
    latex = _LABEL.sub("", latex)
    latex = _ENVIRONMENT.sub(
        lambda found: (
            f"{found[1]}{{{ENVIRONMENTS[found[2]]}}}" if found[2] in ENVIRONMENTS else found[0]
        ),
        latex,
    )
    latex = _OPERATOR.sub(_operator, latex)
    return _LIMITS.sub(r"\1\\limits", latex) if display == "block" else latex


def _operator(found: re.Match[str]) -> str:
    name = _SPACE.sub("\N{THIN SPACE}", found[2])
    letters = re.fullmatch(r"[a-zA-Z\s]+", name)
    return f"{found[1]}{{{name}}}" if letters else f"\\text{{{name}}}"


def _clean(element: Element) -> None:
    """Leave what is harmless, and write symbols and alphabets as browsers show them.

    A browser knows no `mathvariant` but "normal", and would draw a page full for a size of 999em.
    """
    for name, value in list(element.attrib.items()):
        if name in ATTRIBUTES and not _LARGE.match(value):
            element.attrib[name] = _REFERENCE.sub(_symbol, value)
        else:
            del element.attrib[name]
    if element.text is not None:
        element.text = plain(_REFERENCE.sub(_symbol, element.text))
        if element.attrib.get("mathvariant") in VARIANTS:
            style = VARIANTS[element.attrib.pop("mathvariant")]
            element.text = "".join(_letter(letter, style) for letter in element.text)
        if (element.tag, element.text) == ("mi", "~"):
            element.tag, element.text = "mo", "\N{TILDE OPERATOR}"


def _symbol(reference: re.Match[str]) -> str:
    return unescape(reference[0])


def _letter(letter: str, style: str) -> str:
    """Return a letter of another alphabet: 𝐱 for x in BOLD; the letter itself if it has none."""
    name = unicodedata.name(letter, "")
    for word in ("LATIN ", "GREEK ", "LETTER "):
        name = name.replace(word, "")
    for prefix in (f"MATHEMATICAL {style}", style, "BLACK-LETTER" if style == "FRAKTUR" else style):
        try:
            return unicodedata.lookup(f"{prefix} {name}")
        except KeyError:
            continue
    return letter


def _source(latex: str) -> str:
    return f"<code>{escape(latex)}</code>"
