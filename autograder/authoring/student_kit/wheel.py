"""Writes a wheel: a zip of the files of a package, and the metadata that installers read.

It needs no build tool and no network, and the same contents give the same wheel, byte for byte.
See https://packaging.python.org/specifications/binary-distribution-format.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

from autograder import __version__
from autograder.errors import UsageError
from autograder.files import zipped
from autograder.integrations.requirements import normalised_name

KIT = "ml-autograder"


@dataclass(frozen=True)
class Project:
    """The metadata of a package.

    Args:
        name: with hyphens.
        version: without a local part: that is made from the contents, so that an installer sees
            when they have changed.
        summary: one line.
        requires: the packages it needs, as requirements.
        python: the versions of Python it runs on.
        command: the name of its command, and the function that it calls.
        licence: its identifier, and its text.
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


def students_project(
    assignments: Iterable[str], imported: Iterable[str], description: str
) -> Project:
    """Return the metadata of the students' kit, taken from that of the whole kit.

    Args:
        assignments: the names of those that can be checked.
        imported: the packages of others that it imports.
        description: Markdown.

    Raises:
        UsageError: the whole kit is not installed.
    """
    try:
        kit = metadata.distribution(KIT)
    except metadata.PackageNotFoundError:
        raise UsageError(f"{KIT} is not installed here. Install it: `pip install .`") from None
    about = kit.metadata
    licence = kit.read_text("licenses/LICENSE") or ""
    return Project(
        name="ml-autograder-student",
        version=__version__,
        summary=f"Check your own notebook: {', '.join(assignments)}",
        requires=_requirements(kit.requires or [], imported),
        python=about["Requires-Python"],
        command=("autograder", "autograder.__main__:main"),
        licence=(about["License-Expression"], licence),
        description=description,
    )


def _requirements(known: Iterable[str], imported: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements for importing packages.

    They are those of the whole kit; a package that only an assignment needs gets no version.
    """
    lines = {normalised_name(line): line for line in known if "extra ==" not in line}
    distributions = metadata.packages_distributions()
    names = {distributions.get(package, [package])[0] for package in imported}
    return tuple(sorted(lines.get(normalised_name(name), name) for name in names))


def wheel(project: Project, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return the name and the contents of a wheel.

    Args:
        project: its metadata.
        files: the contents of its files, by their paths in site-packages.
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
