"""Dates in cells for single letters (combs): nothing after the year, and digits alone in eight cells."""

from __future__ import annotations

import re

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BULGARIAN = re.compile(r"(\d{2})\.(\d{2})\.(\d{4}) г\.")
_ENGLISH = re.compile(r"(\d{1,2}) (" + "|".join(_MONTHS) + r") (\d{4})")
_DIGITS = 8


def in_cells(text: str, cells: int) -> str:
    """A text as ``cells`` cells have room for it: a date as people write it there, anything else as it is."""
    found = _BULGARIAN.fullmatch(text)
    if found:
        day, month, year = found[1], found[2], found[3]
    else:
        found = _ENGLISH.fullmatch(text)
        if not found:
            return text
        day, month, year = f"{int(found[1]):02d}", f"{_MONTHS.index(found[2]) + 1:02d}", found[3]
    if cells >= _DIGITS + 2:
        return f"{day}.{month}.{year}"
    return f"{day}{month}{year}" if cells == _DIGITS else text
