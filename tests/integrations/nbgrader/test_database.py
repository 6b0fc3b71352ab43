"""A new gradebook is the one that nbgrader would have created."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.integrations.nbgrader.configuration import put_commands_on_path
from autograder.integrations.nbgrader.database import SQLITE, open_gradebook

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


def contents(gradebook: Path) -> tuple[dict[str, list[tuple[object, ...]]], object]:
    """Return the columns of each table: name, type, NOT NULL and default; and the version."""
    with closing(sqlite3.connect(gradebook)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        columns = {
            name: [row[1:5] for row in connection.execute(f"PRAGMA table_info({name})")]
            for (name,) in names
        }
        return columns, connection.execute("SELECT * FROM alembic_version").fetchall()


def test_it_has_the_tables_and_the_version_that_nbgrader_gives_it(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    open_gradebook(f"{SQLITE}{ours}").close()
    put_commands_on_path()
    Gradebook(f"{SQLITE}{theirs}", "").close()
    assert contents(ours) == contents(theirs)
