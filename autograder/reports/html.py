"""Renders HTML from the Jinja2 templates that stand beside the modules using them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.reports.text import BADGES, one_line, plain, points

if TYPE_CHECKING:
    from jinja2 import Environment

PACKAGE = Path(__file__).parents[1]
TEMPLATE = ".html.j2"
CODE = re.compile(r"`([^`\n]+)`")  # it splits a text into parts; every second one is code


def render(template: str, **values: Any) -> str:
    """Return a template filled in, with every text made plain and escaped.

    `template` is its path in the package `autograder`, without the suffix. Only what it marks as
    `safe` goes in as HTML.
    """
    return _environment().get_template(template + TEMPLATE).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # most commands write no HTML

    environment = Environment(
        loader=FileSystemLoader(PACKAGE),
        autoescape=True,
        finalize=lambda value: plain(value) if type(value) is str else value,  # or already HTML
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["badges"] = BADGES
    environment.filters.update(points=points, one_line=one_line, code_spans=CODE.split)
    return environment
