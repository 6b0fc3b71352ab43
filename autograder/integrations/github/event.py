"""What GitHub itself says of a push: who, and when. A commit's own dates can be forged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EVENT = "GITHUB_EVENT_PATH"


def read_event(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the event that started a job, {} outside of GitHub."""
    try:
        found = json.loads(Path(environment[EVENT]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def pushed_at(event: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the repository was last pushed to, by the clock of GitHub's servers.

    It stays the same when a job is run again. Where an event does not say it, it is now.

    Args:
        event: a push says it as seconds since 1970, other events as text.
        now: the present time.
    """
    match _repository(event).get("pushed_at"):
        case bool():
            return now
        case int() | float() as seconds:
            return datetime.fromtimestamp(seconds, UTC)
        case str() as text:
            try:
                return datetime.fromisoformat(text).astimezone(UTC)
            except ValueError:
                return now
    return now


def student_of(event: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Return whose repository it is: its owner, or who pushed if an organisation owns it."""
    owner = _repository(event).get("owner")
    if isinstance(owner, dict) and owner.get("type") == "User" and owner.get("login"):
        return str(owner["login"])
    return environment.get("GITHUB_ACTOR") or "student"


def _repository(event: Mapping[str, Any]) -> dict[str, Any]:
    found = event.get("repository")
    return found if isinstance(found, dict) else {}
