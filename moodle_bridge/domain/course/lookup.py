"""Finding items by what they mean, so that a new instrument takes part without new code.

A goal is a row of a table with ``goal_level`` and ``scope``; a rating of goals is a carried table whose
``source`` is ``own_goals``; and so on. Everything else goes by the item's id, which means the same in
every form (``weak_points``, ``needs_now``, ``cl_included``...).
"""

from __future__ import annotations

from collections.abc import Iterator

from moodle_bridge.domain.course.model import Row, Submission, rated_rows
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item


def goal_tables(instrument: Instrument, level: str, scope: str) -> Iterator[Item]:
    """The tables in which goals of that level (general, specific) and scope (personal, group) are set."""
    for item in instrument.items:
        if item.goal_level == level and item.scope == scope:
            yield item


def carried_tables(instrument: Instrument, source: str) -> Iterator[Item]:
    """The carried tables whose rows that source makes."""
    return (item for item in instrument.items if item.source is not None and item.source.name == source)


def rated(catalogue: Catalogue, submission: Submission, source: str) -> Iterator[tuple[Row, Row]]:
    """Carried rows of that source in a form, each with what was answered in it."""
    instrument = catalogue.instruments.get(submission.instrument)
    if instrument is not None:
        for item in carried_tables(instrument, source):
            yield from rated_rows(submission, item.id)


def respondent(catalogue: Catalogue, submission: Submission) -> str:
    """Whose form it is: mentee, mentor or coordinator; empty for an instrument that is no more."""
    instrument = catalogue.instruments.get(submission.instrument)
    return "" if instrument is None else instrument.respondent


def with_item(catalogue: Catalogue, item_id: str, role: str) -> frozenset[str]:
    """The instruments of that role that ask for this item."""
    return frozenset(
        instrument.id
        for instrument in catalogue.instruments.values()
        if instrument.respondent == role and any(item.id == item_id for item in instrument.items)
    )
