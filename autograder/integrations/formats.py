"""`autograder report`: kept records, in the format of whoever reads them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.course import Feedback
from autograder.errors import UsageError
from autograder.integrations.github.classroom50 import classroom50_result
from autograder.record import Record
from autograder.reports.junit import junit

FORMATS = ("csv", "canvas", "moodle", "gradescope", "json", "junit")


def rendered(records: Sequence[Record], style: str, level: Feedback) -> bytes:
    """Return records in a format.

    Args:
        records: what was graded.
        style: "json", "junit" or "classroom50".
        level: how much the student may read.

    Raises:
        UsageError: the format is of one submission, and there are several.
    """
    if style == "junit":
        return junit(records)
    if style == "json":
        lines = (json.dumps(record.as_json(), allow_nan=False) for record in records)
        return "".join(f"{line}\n" for line in lines).encode()
    if len(records) != 1:
        raise UsageError(f"--format {style} is of one submission: there are {len(records)}.")
    result = classroom50_result(records[0], level, os.environ, datetime.now(UTC))
    return f"{json.dumps(result, indent=2)}\n".encode()
