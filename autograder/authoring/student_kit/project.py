"""What installers read about the students' kit: taken from what is known of the whole one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata

from autograder import __version__
from autograder.authoring.student_kit.wheel import Project
from autograder.errors import UsageError

KIT = "ml-autograder"
NAME = "ml-autograder-student"


def project(assignments: Iterable[str], imported: Iterable[str], description: str) -> Project:
    """Return what installers read.

    Args:
        assignments: the names of those that can be checked.
        imported: the packages that are imported and not ours.
        description: Markdown.

    Raises:
        UsageError: the kit is used without being installed.
    """
    try:
        kit = metadata.distribution(KIT)
    except metadata.PackageNotFoundError:
        raise UsageError(f"{KIT} is not installed here. Install it: `pip install .`") from None
    about = kit.metadata
    licence = kit.read_text("licenses/LICENSE") or ""
    return Project(
        name=NAME,
        version=__version__,
        summary=f"Check your own notebook: {', '.join(assignments)}",
        requires=_requirements(kit.requires or [], imported),
        python=about["Requires-Python"],
        command=("autograder", "autograder.__main__:main"),
        licence=(about["License-Expression"], licence),
        description=description,
    )


def _requirements(known: Iterable[str], imported: Iterable[str]) -> tuple[str, ...]:
    """Return what is to be installed so that packages can be imported.

    As the whole kit requires it, where it does; an assignment's own package as it is called.
    """
    lines = {_plain(line): line for line in known if "extra ==" not in line}
    distributions = metadata.packages_distributions()
    names = {distributions.get(package, [package])[0] for package in imported}
    return tuple(sorted(lines.get(_plain(name), name) for name in names))


def _plain(requirement: str) -> str:
    """Return the normalised name in a requirement."""
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
