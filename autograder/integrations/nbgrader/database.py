"""Handles the database of a gradebook: drivers, error messages, concurrent writers."""

import os
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from inspect import getfile
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from autograder.course import without_password
from autograder.errors import GradebookError
from autograder.integrations.nbgrader.api import Base, Gradebook
from autograder.integrations.nbgrader.configuration import put_commands_on_path
from autograder.integrations.nbgrader.gradebook_queries import set_connect_timeout

SQLITE = "sqlite:///"
MAX_TRIES = 10  # of a transaction that conflicts with another
CONFLICTS = {"40001", "40P01", "42P07", "42710"}  # not serializable, deadlock, table or type exists


def check_url(url: str) -> None:
    """Check that the URL of a gradebook is valid, and that its driver is installed.

    Raises:
        GradebookError: the URL is invalid, or the driver is missing.
    """
    name = without_password(url)
    try:
        read = make_url(url)
        if "@" in (read.host or ""):
            raise ValueError
        read.get_dialect().import_dbapi()
    except ImportError as error:
        raise GradebookError(
            f"{name} needs {error.name or 'a driver'}, which is not installed. For PostgreSQL "
            "install the extra [postgres], and start `gradebook` in course.yml with "
            "postgresql://."
        ) from None
    except (ArgumentError, ValueError):
        raise GradebookError(
            f"{name} is not a supported database. Write `gradebook` in course.yml as "
            "sqlite:///gradebook.db or postgresql://user@server/database, and @ : / in a "
            "password as %40 %3A %2F."
        ) from None


def unusable(url: str, error: Exception) -> GradebookError:
    """Return the error for a gradebook that cannot be opened."""
    return GradebookError(f"{without_password(url)} cannot be used: {reason(error)}. {advice(url)}")


def reason(error: Exception) -> str:
    """Return the message of a database or disk error in one line."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    several = lines[0].endswith(":")  # addresses of a server, each with its own error
    return " ".join(lines[:2] if several else lines[:1]).rstrip(".")


def advice(url: str) -> str:
    """Return advice for a gradebook that cannot be used."""
    if url.startswith("sqlite:"):
        return (
            "Close the programs that use the gradebook or its folder, then run the command again."
        )
    return (
        "Check that the server is running and that server, database, user and password are "
        "correct, then run the command again."
    )


def open_gradebook(url: str) -> Any:
    """Open a gradebook; create it if it does not exist.

    nbgrader creates one in many steps, and two processes that do so at once conflict. A new
    SQLite file is therefore created in a temporary folder and linked into place when complete; a
    server uses transactions, of which one succeeds.
    """
    set_connect_timeout()
    put_commands_on_path()
    path = Path(url.removeprefix(SQLITE))
    if url.startswith(SQLITE) and "?" not in url and not path.exists():
        with (
            suppress(OSError),  # another process was faster, or there are no hard links
            tempfile.TemporaryDirectory(prefix=".gradebook.", dir=path.parent) as folder,
        ):
            new = Path(folder) / "gradebook.db"
            _create_tables(f"{SQLITE}{new}")
            Gradebook(f"{SQLITE}{new}", "").close()
            os.link(new, path)
    return Gradebook(url, "")


def _create_tables(url: str) -> None:
    """Create the tables of a new gradebook, in the newest version.

    nbgrader starts a process of alembic's to ask which that is, which takes a second.
    """
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    engine = create_engine(url)
    versions = ScriptDirectory(str(Path(getfile(Gradebook)).with_name("alembic")))
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        MigrationContext.configure(connection).stamp(versions, "head")
    engine.dispose()


def begin(session: Any) -> None:
    """Begin a transaction that reads and then writes.

    SQLite locks out other writers until the commit. Servers lock the rows that are selected for
    update.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("BEGIN IMMEDIATE"))


def retry_transaction(transaction: Callable[[], None], prepare: Callable[[], None]) -> None:
    """Run a transaction, and retry it when it conflicts with another.

    Args:
        transaction: runs the transaction.
        prepare: called before each retry.

    Raises:
        SQLAlchemyError: another error, or a conflict in every try.
    """
    for tries_left in reversed(range(MAX_TRIES)):
        try:
            transaction()
            break
        except SQLAlchemyError as error:
            if not tries_left or not _is_temporary(error):
                raise
        time.sleep(random.uniform(0, 0.1))
        prepare()


def _is_temporary(error: SQLAlchemyError) -> bool:
    """Tell whether the same transaction can succeed a moment later."""
    if isinstance(error, IntegrityError):  # another process has inserted the row
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    exists = "already exists" in str(error.orig)  # SQLite has no code for it
    return error.connection_invalidated or state in CONFLICTS or exists
