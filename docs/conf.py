"""Configures Sphinx for `make docs`."""

from __future__ import annotations

from typing import Any

import click
from sphinx.application import Sphinx

from autograder import __version__

project = "ML autograder"
author = "The autograder founders"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
myst_heading_anchors = 3
default_role = "literal"  # docstrings and help texts put code in single backticks
highlight_language = "text"

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
add_module_names = False
nitpick_ignore_regex = [("py:.*", ".*")]  # types of other projects; the build needs no network

html_theme = "furo"
html_title = f"ML autograder {__version__}"
html_show_copyright = False

ARRAY = "~numpy.ndarray[tuple[~typing.Any, ...], ~numpy.dtype[~numpy.float64]]"


def drop_path_of_help(_app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Leave out where the students' page of help is installed on the machine that builds."""
    if context.info_name == "check":
        lines.clear()


def name_arrays(*event: Any) -> tuple[str, str] | None:
    """Call an array `Array` in signatures, as the code does."""
    if event[-2] is None:  # a module has no signature
        return None
    signature, returned = (str(part or "").replace(ARRAY, "Array") for part in event[-2:])
    return signature, returned


def setup(app: Sphinx) -> None:
    """Register what the build changes."""
    app.connect("autodoc-process-signature", name_arrays)
    app.connect("sphinx-click-process-epilog", drop_path_of_help)
