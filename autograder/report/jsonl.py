"""Records as JSON Lines, described by `record.schema.json` beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

from autograder.scorecard import Record

SCHEMA = Path(__file__).with_name("record.schema.json")


def write_record(file: IO[str], record: Record) -> None:
    """Write one record as a line, at once on disk."""
    file.write(json.dumps(record.as_json(), ensure_ascii=True, allow_nan=False) + "\n")
    file.flush()
