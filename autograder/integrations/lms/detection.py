"""Finds out, from what is in a download, where it comes from."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.errors import UsageError
from autograder.integrations.download import Scheme
from autograder.integrations.gradescope import bulk_export as gradescope
from autograder.integrations.lms import canvas, moodle
from autograder.integrations.lms.archive import Source, UnreadableError


def scheme_of(source: Source) -> Scheme:
    """Return the scheme by which a download is named.

    Raises:
        UsageError: it is none that is known.
    """
    root = _export_root(source.readers)
    if root is not None:
        path = root + gradescope.METADATA
        try:
            metadata = gradescope.read_metadata(source.read(path))
        except (UnreadableError, ValueError) as error:
            raise UsageError(
                f"{source.label}: {path} cannot be understood: {error}. Export the submissions "
                "from Gradescope again."
            ) from None
        return Scheme(gradescope.PLACE, gradescope.Export(root, metadata).parse)
    places = [_place(path) for path in (*source.readers, *source.refused)]
    for place, parse in ((canvas.PLACE, canvas.parse), (moodle.PLACE, moodle.parse)):
        if places.count(place) * 2 > len(places) - places.count(""):
            return Scheme(place, parse)
    raise UsageError(
        f"{source.label} is not named as the downloads of Canvas, Moodle or Gradescope are. Give "
        "the file as it was downloaded: in Canvas and Moodle, `Download (all) submissions`; in "
        "Gradescope, `Export Submissions`."
    )


def _export_root(paths: Iterable[str]) -> str | None:
    """Return the folder of Gradescope's metadata, with `/`, if all the rest is below it.

    A student's own file of that name is in the student's folder, beside which there are others.
    """
    found = sorted((p for p in paths if p.rpartition("/")[2] == gradescope.METADATA), key=len)
    if not found:
        return None
    root = found[0].removesuffix(gradescope.METADATA)
    if any(moodle.FOLDER.fullmatch(part) for part in root.split("/")):
        return None
    return root if all(path.startswith(root) for path in paths) else None


def _place(path: str) -> str:
    """Return the place whose naming stands first in a path: what a student named comes after it."""
    starts = {}
    position = 0
    for part in path.split("/"):
        found = moodle.FOLDER.fullmatch(part)
        if found:
            starts[moodle.PLACE] = position + len(found["label"])
            break
        position += len(part) + 1
    name = path.rpartition("/")[2]
    matched = canvas.ANONYMOUS.fullmatch(name) or canvas.FILE.fullmatch(name)
    if matched:
        starts[canvas.PLACE] = len(path) - len(name) + matched.start("user")
    elif canvas.TYPED.fullmatch(name):
        starts[canvas.PLACE] = len(path) - len(name)
    return min(starts, key=lambda place: starts[place]) if starts else ""
