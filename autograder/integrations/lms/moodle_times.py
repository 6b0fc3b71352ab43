"""Reads the times that Moodle writes for people: `Monday, 14 December 2026, 11:59 PM`."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

MONTHS = (
    "january jan januar janvier enero gennaio janeiro januari",
    "february feb februar février febrero febbraio fevereiro februari",
    "march mar märz mars marzo março maart",
    "april apr avril abril aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug août agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember décembre diciembre dicembre dezembro",
)
NUMBER = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}

_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([ap])\.?m\b)?", re.IGNORECASE)
_YEAR = re.compile(r"\b(\d{4})\b")
_DAY = re.compile(r"\b(\d{1,2})\b")
_WORD = re.compile(r"[^\W\d_]+")


def moodle_time(text: str, zone: tzinfo) -> datetime | None:
    """Return a time, None if there is none or its month is in a language not known here.

    A month must be named: in 5/12 nobody can tell which is the day.
    """
    months = {NUMBER[w] for word in _WORD.findall(text) if (w := word.casefold()) in NUMBER}
    clock = _CLOCK.search(text)
    rest = _CLOCK.sub(" ", text, count=1)
    year, days = _YEAR.search(rest), _DAY.findall(rest)
    if clock is None or year is None or len(days) != 1 or len(months) != 1:
        return None
    hour, half = int(clock[1]), (clock[4] or "").lower()
    if half:
        hour = hour % 12 + 12 * (half == "p")
    try:
        return datetime(
            int(year[1]), months.pop(), int(days[0]), hour, int(clock[2]), int(clock[3] or 0),
            tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None
