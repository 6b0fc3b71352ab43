"""What `autograder collect` notes beside a submission: where it is from, whether it was late."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.files import read_file

COLLECTED = "collected.json"
MAX_SIZE = 10_000  # bytes


@dataclass(frozen=True)
class Collected:
    """Where a submission came from, and what is known of when it was handed in.

    `order` grows with each time a student hands in at the same place, 0 if that is not known.
    `late` says that the place called it late.
    """

    source: str
    name: str = ""
    order: int = 0
    late: bool = False

    def to_bytes(self) -> bytes:
        """Return the note as a file."""
        return (json.dumps(asdict(self), ensure_ascii=False) + "\n").encode()


def read_collected(folder: Path) -> Collected | None:
    """Return what is noted in a submission's folder, None if nothing is that can be read."""
    try:
        found = json.loads(read_file(folder / COLLECTED, MAX_SIZE).decode())
        order = found["order"]
        return Collected(
            str(found["source"]),
            str(found["name"]),
            order if type(order) is int else 0,
            found["late"] is True,
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):  # students may write one too
        return None
