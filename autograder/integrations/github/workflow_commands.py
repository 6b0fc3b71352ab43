"""Formats commands and outputs for the runner of GitHub Actions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from autograder.reports.text import quiet

Kind = Literal["error", "warning", "notice"]


@dataclass(frozen=True)
class Annotation:
    """A message at a line of a file in the repository."""

    kind: Kind
    title: str
    message: str
    file: str = ""
    line: int = 0


def command(annotation: Annotation) -> str:
    """Return the workflow command of an annotation, on one line."""
    properties = {"title": quiet(annotation.title)}
    if annotation.file:
        properties = {"file": annotation.file, "line": str(annotation.line)} | properties
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{annotation.kind} {joined}::{_data(quiet(annotation.message))}"


def without_commands(text: str) -> str:
    """Return text in which the runner ignores commands, up to a token that nobody can guess."""
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}\n{quiet(text)}\n::{token}::\n"


def outputs(values: Mapping[str, str]) -> str:
    """Return a step's outputs for GITHUB_OUTPUT, between delimiters that nobody can guess."""
    blocks = []
    for name, value in values.items():
        delimiter = f"end_{secrets.token_hex(16)}"
        blocks.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return "".join(blocks)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
