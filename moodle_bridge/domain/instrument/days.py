"""Read calendar days as the contract writes them, ``YYYY-MM-DD``; the plugin reads them alike."""

from __future__ import annotations

import datetime as dt
import re

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")


def parse_day(text: str) -> dt.date | None:
    """Return the day; None for any other text, also a day that the calendar does not have.

    Python's own reader takes other spellings of ISO 8601 too (``20260302``, ``2026-W10-1``).
    """
    found = _DAY.match(text)
    if not found:
        return None
    try:
        return dt.date(*map(int, found.groups()))
    except ValueError:
        return None
