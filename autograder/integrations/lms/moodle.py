"""Moodle's names: `Ada Lovelace_123_assignsubmission_file_/linear_regression.ipynb`.

Moodle makes a folder for each participant and kind of submission, `<full name>_<number>_assign…`,
with or without `_` at the end, or puts all files side by side with that in front of their names
(`mod/assign/classes/downloader.php`). The number is that of the worksheet's `Participant 123`. A
full name has no `_`; in an anonymous assignment it is `Participant`, in a group's the group's, with
the group's number. The times in the archive are those of the download: when something was handed in
is in the worksheet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.integrations.download import Parsed

PLACE = "Moodle"
FOLDER = re.compile(
    r"(?P<label>.*?)(_(?P<number>[0-9]{1,18}))?_assignsubmission_(?P<kind>[a-z]+)(_(?P<name>.*))?"
)
WORDS = {"onlinetext": "is a text that was typed into Moodle"}


def parse(path: str) -> Sequence[Parsed] | str:
    """Understand a path of Moodle's download; folders before the participant's do not count."""
    parts = path.split("/")
    for index, part in enumerate(parts):
        found = FOLDER.fullmatch(part)
        if found is None:
            continue
        name = "/".join([*filter(None, [found["name"]]), *parts[index + 1 :]])
        if found["kind"] != "file" or not name:
            return WORDS.get(found["kind"], "is no file that was handed in")
        return [Parsed(found["number"] or "", name, found["label"])]
    return "is not named as Moodle names files"
