"""Time zones by the name that Moodle gives; UTC where this machine does not know one."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=32)
def zone(name: str) -> tzinfo:
    """The zone of that name. PHP may know names that Python's data lack: a form is filed all the same."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
