"""Reads and writes tables of other programs, keeping their encoding and separator."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.reports.text import quiet

# The start of a formula, in a cell or after what separates cells in another country.
FORMULA = re.compile(r"(^|[,;|][\"\s]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
SEPARATORS = (",", ";", "\t")


@dataclass
class Table:
    """A table: its headings, its rows, and how its file was written."""

    headings: list[str]
    rows: list[list[str]]
    separator: str = ","
    byte_order_mark: bool = False  # Excel wants one

    def column(self, heading: str) -> int | None:
        """Return the index of a column, ignoring the case of its heading; None without one."""
        wanted = heading.casefold()
        found = [i for i, name in enumerate(self.headings) if name.strip().casefold() == wanted]
        return found[0] if found else None

    def cell(self, row: Sequence[str], heading: str) -> str:
        """Return what a row has under a heading, "" if there is no such column."""
        column = self.column(heading)
        return "" if column is None else row[column].strip()

    def to_bytes(self) -> bytes:
        """Return the file."""
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=self.separator, lineterminator="\r\n")
        writer.writerows([self.headings, *self.rows])
        return stream.getvalue().encode("utf-8-sig" if self.byte_order_mark else "utf-8")


def read_table(path: Path) -> Table:
    """Read a table that another program exported.

    Raises:
        UsageError: it cannot be read, is not UTF-8 text, or is empty.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text. Export it as CSV, not as Excel.") from None
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if not rows or not any(rows[0]):
        raise UsageError(f"{path} is empty.")
    width = len(rows[0])
    padded = [row + [""] * (width - len(row)) for row in rows[1:] if any(row)]
    return Table(rows[0], padded, separator, content.startswith(b"\xef\xbb\xbf"))


def harmless(cell: str) -> str:
    """Return text that a spreadsheet does not take for a formula, nor CI for a command."""
    return FORMULA.sub(r"\1'", " ".join(quiet(cell).split()))


def new_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return a new table, harmless in a spreadsheet."""
    return Table(list(headings), [[harmless(cell) for cell in row] for row in rows])
