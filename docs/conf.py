"""Builds the documentation: `make docs`."""

from __future__ import annotations

from autograder import __version__

project = "ML autograder"
author = "The autograder founders"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
default_role = "literal"  # docstrings and help texts write `code` so

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
nitpick_ignore_regex = [("py:.*", r".*")]  # types of other projects: the build asks no network

html_theme = "furo"
html_title = f"ML autograder {__version__}"
html_show_copyright = False
