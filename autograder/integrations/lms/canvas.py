"""Canvas's names: `lovelaceada_LATE_101_2002_linear_regression-1.ipynb`.

Canvas writes `<name>[_LATE]_<user id>_<file id>_<file name>` (`lib/content_zipper.rb`). The name is
the one that lists are sorted by, in lower case, without spaces and signs; in a group's assignment
it is the group's. An anonymous assignment has `[LATE_]anon_<code>` in place of name and user. Of
several attempts the last one is there; a name that was used before gets -1, -2. File ids grow, so
they tell which of two files came later. When it came, nothing tells: the times in the archive are
those of the download.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from autograder.integrations.download import Parsed

PLACE = "Canvas"
FILE = re.compile(
    r"(?P<label>[\w-]*?)(?P<late>_late)?_(?P<user>[0-9]{1,18})_(?P<file>[0-9]{1,18})_(?P<name>.+)",
    re.IGNORECASE,
)
ANONYMOUS = re.compile(
    r"(?P<late>late_)?(?P<user>anon_[A-Za-z0-9]{5})_(?P<file>[0-9]{1,18})_(?P<name>.+)",
    re.IGNORECASE,
)
TYPED = re.compile(r"[\w-]*_[A-Za-z0-9]+_(?P<what>text|link)\.html", re.IGNORECASE)
WORDS = {"text": "is a text that was typed into Canvas", "link": "is a link that was handed in"}


def parse(path: str) -> Sequence[Parsed] | str:
    """Understand a path of Canvas's download; what is before the file's name does not count."""
    name = PurePosixPath(path).name
    found = ANONYMOUS.fullmatch(name) or FILE.fullmatch(name)
    if found is None:
        typed = TYPED.fullmatch(name)
        return WORDS[typed["what"].lower()] if typed else "is not named as Canvas names files"
    label = found.groupdict().get("label") or ""
    order, late = int(found["file"]), found["late"] is not None
    return [Parsed(found["user"], found["name"], label, order=order, late=late)]
