"""Writes the wheel of the students' kit: a zip of its files, and the metadata for installers.

It needs no build tool and no network, and the same contents give the same wheel, byte for byte.
See https://packaging.python.org/specifications/binary-distribution-format.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from importlib import metadata

from autograder import __version__
from autograder.errors import UsageError
from autograder.files import zipped
from autograder.integrations.requirements import normalised_name

KIT = "ml-autograder"
NAME = "ml-autograder-student"


def wheel(
    assignments: Iterable[str],
    imported: Iterable[str],
    description: str,
    files: Mapping[str, bytes],
) -> tuple[str, bytes]:
    """Return the name and the contents of the wheel.

    The local part of its version is made from the contents, so that an installer sees when they
    have changed. The other metadata are taken from those of the whole kit.

    Args:
        assignments: the names of those that can be checked.
        imported: the packages of others that the files import.
        description: Markdown.
        files: the contents of the files, by their paths in site-packages.

    Raises:
        UsageError: the whole kit is not installed.
    """
    try:
        kit = metadata.distribution(KIT)
    except metadata.PackageNotFoundError:
        raise UsageError(f"{KIT} is not installed here. Install it: `pip install .`") from None
    about = [
        f"Summary: Check your own notebook: {', '.join(assignments)}",
        f"License-Expression: {kit.metadata['License-Expression']}",
        "License-File: LICENSE",
        f"Requires-Python: {kit.metadata['Requires-Python']}",
        *(f"Requires-Dist: {line}" for line in _requirements(kit.requires or [], imported)),
        "Description-Content-Type: text/markdown",
        "",
        description,
    ]
    contents = repr((__version__, about, sorted(files.items())))
    version = f"{__version__}+{hashlib.sha256(contents.encode()).hexdigest()[:8]}"
    stem = f"{NAME.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    texts = {
        f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.4", f"Name: {NAME}", f"Version: {version}", *about]
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: ml-autograder\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nautograder = autograder.__main__:main\n",
        f"{info}/licenses/LICENSE": kit.read_text("licenses/LICENSE") or "",
    }
    everything = dict(sorted(files.items())) | {k: text.encode() for k, text in texts.items()}
    record = "".join(f"{n},{_record(content)}\n" for n, content in everything.items())
    everything[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{stem}-py3-none-any.whl", zipped(everything.items())


def _requirements(known: Iterable[str], imported: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements for importing packages.

    They are those of the whole kit; a package that only an assignment needs gets no version.
    """
    lines = {normalised_name(line): line for line in known if "extra ==" not in line}
    distributions = metadata.packages_distributions()
    names = {distributions.get(package, [package])[0] for package in imported}
    return tuple(sorted(lines.get(normalised_name(name), name) for name in names))


def _record(content: bytes) -> str:
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={digest},{len(content)}"
