"""Public holidays of a country, movable feasts and days off in lieu included: no session is held on them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache


def between(country: str, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """The public holidays from the year of ``first`` to that of ``last``; none without a country."""
    years = range(first.year, last.year + 1)
    return frozenset(day for year in years for day in _of_year(country, year)) if country else frozenset()


@lru_cache(maxsize=64)
def _of_year(country: str, year: int) -> frozenset[dt.date]:
    import holidays  # takes half a second, and only plans need it

    return frozenset(holidays.country_holidays(country, years=year))
