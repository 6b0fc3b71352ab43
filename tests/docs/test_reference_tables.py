"""The tables of names and commands, for those who read the sources of the pages, are complete."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterable, Iterator
from types import ModuleType

import click
import pytest

import autograder.testing.pictures
import autograder.testing.sklearn
import autograder.testing.torch
from autograder.cli.main import cli
from tests.docs.pages import PAGES, read

API, COMMANDS = "docs/author/api.md", "docs/commands.md"
ALIASES = {"Array": "NumPy's type of an array of float64."}
COMMON = {"course_file", "help"}
"""Options of nearly every command, which the page explains once."""


def check_table(page: str, heading: str, rows: Iterable[tuple[str, ...]]) -> None:
    """Check that the first table below a heading has these rows; with UPDATE_DOCS, make it so."""
    text = read(page)
    table = re.compile(rf"^{heading}\n(?:.*\n)*?\|---.*\n((?:\|.*\n)*)", re.MULTILINE)
    match = table.search(text)
    assert match, heading
    wanted = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    if match[1] != wanted and os.environ.get("UPDATE_DOCS"):
        text = text[: match.start(1)] + wanted + text[match.end(1) :]
        PAGES[page].write_text(text, encoding="utf-8")
        return
    assert match[1] == wanted


def summary(text: str | None) -> str:
    """Return the first paragraph of a docstring, in one line."""
    return " ".join(inspect.cleandoc(text or "").partition("\n\n")[0].split())


@pytest.mark.parametrize(
    ("heading", "module"),
    [
        ("## For suites", autograder.testing),
        ("### For PyTorch", autograder.testing.torch),
        ("### For scikit-learn", autograder.testing.sklearn),
        ("### For pictures", autograder.testing.pictures),
    ],
)
def test_every_public_name_is_in_the_api(heading: str, module: ModuleType) -> None:
    functions_first = sorted(module.__all__, key=lambda name: (name[0].isupper(), name))
    check_table(
        API,
        heading,
        (
            (f"`{name}`", ALIASES.get(name) or summary(getattr(module, name).__doc__))
            for name in functions_first
        ),
    )


def described(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each command: its arguments, what it does, its own options."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from described(inner, *names, name)
        return
    usage, options = ["autograder", *names], list[str]()
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            word = parameter.metavar or str(parameter.name).upper()
            word += "..." if parameter.nargs == -1 else ""
            usage.append(word if parameter.required else f"[{word}]")
        elif parameter.name not in COMMON and "--debug" not in parameter.opts:
            options.append(f"`{parameter.opts[-1]}`")
    yield f"`{' '.join(usage)}`", summary(command.help), ", ".join(options)


def test_every_command_is_in_the_table() -> None:
    check_table(COMMANDS, "# Commands", described(cli))
