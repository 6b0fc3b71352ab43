"""Writes a wheel: a zip with the files of a package and what installers read about it.

Nothing is built and no tool is needed, so that it works without a network; the same contents give
the same wheel, byte for byte. See https://packaging.python.org/specifications/binary-distribution-format.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.files import zipped


@dataclass(frozen=True)
class Project:
    """What installers read.

    Args:
        name: with hyphens.
        version: without a local part: that is made from the contents, so that an installer sees
            when they have changed.
        summary: one line.
        requires: what else is to be installed.
        python: which versions of Python it runs on.
        command: the name of a command, and what it calls.
        licence: its name, and its text.
        description: Markdown.
    """

    name: str
    version: str
    summary: str
    requires: Sequence[str]
    python: str
    command: tuple[str, str]
    licence: tuple[str, str]
    description: str


def wheel(project: Project, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return the name and the contents of a wheel.

    Args:
        project: what it is called and needs.
        files: what is installed, by its path in site-packages.
    """
    version = f"{project.version}+{_digest_of(project, files)}"
    stem = f"{project.name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    command, target = project.command
    about = {
        f"{info}/METADATA": _metadata(project, version),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: ml-autograder\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{command} = {target}\n",
        f"{info}/licenses/LICENSE": project.licence[1],
    }
    everything = dict(sorted(files.items())) | {k: text.encode() for k, text in about.items()}
    record = "".join(f"{n},{_record(content)}\n" for n, content in everything.items())
    everything[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{stem}-py3-none-any.whl", zipped(everything.items())


def _digest_of(project: Project, files: Mapping[str, bytes]) -> str:
    lines = [f"{name} {hashlib.sha256(files[name]).hexdigest()}" for name in sorted(files)]
    return hashlib.sha256("\n".join([repr(project), *lines]).encode()).hexdigest()[:8]


def _metadata(project: Project, version: str) -> str:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project.name}",
        f"Version: {version}",
        f"Summary: {project.summary}",
        f"License-Expression: {project.licence[0]}",
        "License-File: LICENSE",
        f"Requires-Python: {project.python}",
        *(f"Requires-Dist: {line}" for line in project.requires),
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join([*lines, "", project.description])


def _record(content: bytes) -> str:
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={digest},{len(content)}"
