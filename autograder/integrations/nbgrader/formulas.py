"""Converts formulas, possibly written by students, into MathML or into their source."""

import re
import unicodedata
from html import escape, unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

from autograder.integrations.nbgrader.sanitizing import JOINER
from autograder.reports.text import plain

ATTRIBUTES = {
    *("accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle"),
    *("fence", "form", "height", "linethickness", "lspace", "mathvariant", "maxsize", "minsize"),
    *("movablelimits", "rowlines", "rowspacing", "rspace", "stretchy", "width"),
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
ENVIRONMENTS = {  # latex2mathml knows the values; equation numbers would restart in every formula
    **dict.fromkeys(("align", "alignat", "flalign"), "align*"),
    **dict.fromkeys(("aligned", "alignedat"), "split"),
    **dict.fromkeys(("eqnarray", "gather", "gathered", "multline"), "matrix"),
}
MAX_LENGTH = 2_000  # characters of a formula

_REFERENCE = re.compile(r"&#x[0-9A-Fa-f]{1,6};")
_LARGE = re.compile(r"[+-]?\d{3}")
_REFUSED = re.compile(  # the first five let a short formula grow without limit
    r"\\(?:def|newcommand|newenvironment|DeclareMathOperator|sideset)|\{tabular"
)
_LABEL = re.compile(r"\\label\s*\{[^{}]*\}")
_ENVIRONMENT = re.compile(r"(\\(?:begin|end))\s*\{([a-z]+)\*?\}")
_OPERATOR = re.compile(r"(\\operatorname\*?)\s*\{([^{}]*)\}")
_SPACE = re.compile(r"\\[,;:!> ]|~")
_LIMITS = re.compile(
    r"(\\(?:min|max|inf|sup|lim|liminf|limsup|argmin|argmax)(?![a-zA-Z])"
    r"|\\operatorname\*\{[^{}]*\})(?=\s*[_^])"
)


def mathml(latex: str, display: str) -> str:
    """Return a formula as MathML without links or styles, or its source if it is invalid."""
    latex = plain(latex.replace(JOINER, "")).strip()
    if len(latex) > MAX_LENGTH or _REFUSED.search(latex):
        return source_of_formula(latex)
    try:
        formula = convert_to_element(_readable(latex, display), display=display)
        for element in formula.iter():
            _clean(element)
        return tostring(formula, encoding="unicode")
    except Exception:  # no formula may break the page
        return source_of_formula(latex)


def _readable(latex: str, display: str) -> str:
    """Return a formula rewritten with commands that latex2mathml knows."""
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
    """Remove unsafe attributes; replace references and alphabets by characters.

    Browsers support no `mathvariant` but "normal", and a size of 999em would fill the page.
    """
    for name, value in list(element.attrib.items()):
        if name in ATTRIBUTES and not _LARGE.match(value):
            element.attrib[name] = _symbols(value)
        else:
            del element.attrib[name]
    if element.text is not None:
        element.text = plain(_symbols(element.text))
        if element.attrib.get("mathvariant") in VARIANTS:
            style = VARIANTS[element.attrib.pop("mathvariant")]
            element.text = "".join(_letter(letter, style) for letter in element.text)
        if (element.tag, element.text) == ("mi", "~"):
            element.tag, element.text = "mo", "\N{TILDE OPERATOR}"


def _symbols(text: str) -> str:
    return _REFERENCE.sub(lambda reference: unescape(reference[0]), text)


def _letter(letter: str, style: str) -> str:
    """Return a letter in a style, such as 𝐱 for x in BOLD, or the letter itself."""
    name = unicodedata.name(letter, "")
    for word in ("LATIN ", "GREEK ", "LETTER "):
        name = name.replace(word, "")
    for prefix in (f"MATHEMATICAL {style}", style, "BLACK-LETTER" if style == "FRAKTUR" else style):
        try:
            return unicodedata.lookup(f"{prefix} {name}")
        except KeyError:
            continue
    return letter


def source_of_formula(latex: str) -> str:
    """Return the source of a formula as HTML."""
    return f"<code>{escape(latex)}</code>"
