"""The database behind a gradebook: its driver, its complaints, and who else writes in it."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from autograder.course import without_password
from autograder.errors import GradebookError
from autograder.integrations.nbgrader.configuration import put_commands_on_path
from autograder.integrations.nbgrader.gradebook_queries import be_patient

SQLITE = "sqlite:///"
TRIES = 10  # of a transaction in which somebody else was quicker
QUICKER = {"40001", "40P01", "42P07", "42710"}  # not serializable, deadlock, exists: table, type


def check_url(url: str) -> None:
    """Check that a gradebook's URL can be read, and that its driver is installed.

    Raises:
        GradebookError: one of them is not so.
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
            "install the extra [postgres], and let `gradebook` in course.yml begin with "
            "postgresql://."
        ) from None
    except (ArgumentError, ValueError):
        raise GradebookError(
            f"{name} is no database that is known here. Write `gradebook` in course.yml as "
            "sqlite:///gradebook.db or postgresql://user@server/database, and @ : / in a "
            "password as %40 %3A %2F."
        ) from None


def unusable(url: str, error: Exception) -> GradebookError:
    """Return what to say when a gradebook cannot be opened."""
    return GradebookError(f"{without_password(url)} cannot be used: {reason(error)}. {advice(url)}")


def reason(error: Exception) -> str:
    """Return in a line what a database or a disk complains about."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    several = lines[0].endswith(":")  # addresses of a server, each with its own complaint
    return " ".join(lines[:2] if several else lines[:1]).rstrip(".")


def advice(url: str) -> str:
    """Return what to do when a gradebook cannot be used."""
    if url.startswith("sqlite:"):
        return "Close what holds the gradebook or its folder, and run the command again."
    return (
        "See that the server runs, and that server, database, user and password are right, and "
        "run the command again."
    )


def open_gradebook(url: str) -> Any:
    """Open a gradebook, made if there is none.

    nbgrader makes one in many steps, and two who do so at once disturb each other. A new file is
    therefore made beside its place; a server does it in transactions, of which one succeeds.
    """
    be_patient()
    put_commands_on_path()
    path = Path(url.removeprefix(SQLITE))
    if url.startswith(SQLITE) and "?" not in url and not path.exists():
        with (
            suppress(OSError),  # somebody was quicker, or no hard links here
            tempfile.TemporaryDirectory(prefix=".gradebook.", dir=path.parent) as folder,
        ):
            new = Path(folder) / "gradebook.db"
            Gradebook(f"{SQLITE}{new}", "").close()
            os.link(new, path)
    return Gradebook(url, "")


def begin(session: Any) -> None:
    """Begin a transaction that will write, so that what it reads stays true until then.

    With SQLite nobody else writes meanwhile. Servers lock the rows that are read for this.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("BEGIN IMMEDIATE"))


def persistently(transaction: Callable[[], None], prepare: Callable[[], None]) -> None:
    """Do a transaction, again when somebody else was quicker with the same.

    Args:
        transaction: what to do.
        prepare: what to do before another try.

    Raises:
        SQLAlchemyError: the database refuses.
    """
    for _ in range(TRIES - 1):
        try:
            transaction()
        except SQLAlchemyError as error:
            if not _passes(error):
                raise
        else:
            return
        time.sleep(random.uniform(0, 0.1))
        prepare()
    transaction()


def _passes(error: SQLAlchemyError) -> bool:
    """Say whether the same transaction can succeed a moment later."""
    if isinstance(error, IntegrityError):  # a row of somebody else's is there
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    exists = "already exists" in str(error.orig)  # SQLite has no numbers for it
    return error.connection_invalidated or state in QUICKER or exists
