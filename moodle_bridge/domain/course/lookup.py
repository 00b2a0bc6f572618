"""Finding items by what they mean, so that a new instrument takes part without new code.

A goal is a row of a table with ``goal_level`` and ``scope``; a rating of goals is a carried table whose
``source`` is ``own_goals``; and so on. Everything else goes by the item's id, which means the same in
every form (``weak_points``, ``needs_now``, ``cl_included``...). What was answered is read by the version of
the instrument that the form names, whatever the newest is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moodle_bridge.domain.course.model import Row, Session, Submission, rated_rows
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item


def goal_tables(instrument: Instrument, level: str, scope: str) -> Iterator[Item]:
    """The tables in which goals of that level (general, specific) and scope (personal, group) are set."""
    for item in instrument.items:
        if item.goal_level == level and item.scope == scope:
            yield item


def carried_tables(instrument: Instrument, source: str) -> Iterator[Item]:
    """The carried tables whose rows that source makes."""
    return (item for item in instrument.items if item.source is not None and item.source.name == source)


def form_of(catalogue: Catalogue, submission: Submission) -> Instrument | None:
    """The version of the instrument with which the form was filled in; None where it is not known here."""
    return catalogue.version(submission.instrument, submission.instrument_version)


def items_of(catalogue: Catalogue, submission: Submission) -> tuple[Item, ...]:
    """Return the items that the form asked; none if its version is unknown."""
    instrument = form_of(catalogue, submission)
    return () if instrument is None else instrument.items


def rated(catalogue: Catalogue, submission: Submission, source: str) -> Iterator[tuple[Row, Row]]:
    """Carried rows of that source in a form, each with what was answered in it."""
    instrument = form_of(catalogue, submission)
    if instrument is not None:
        for item in carried_tables(instrument, source):
            yield from rated_rows(submission, item.id)


def respondent(catalogue: Catalogue, submission: Submission) -> str:
    """Whose form it is: mentee, mentor or coordinator; empty for a version that is not known here."""
    instrument = form_of(catalogue, submission)
    return "" if instrument is None else instrument.respondent


def asks(catalogue: Catalogue, submission: Submission, item_id: str) -> bool:
    """Whether the form asked for this item."""
    return any(item.id == item_id for item in items_of(catalogue, submission))


def instruments_of(catalogue: Catalogue, session: Session) -> Mapping[str, Instrument]:
    """Every instrument by id, in the version that the session uses; without those not known here."""
    chosen = dict(session.versions)
    if not chosen:
        return catalogue.instruments
    found = {
        name: catalogue.version(name, chosen.get(name, current.version))
        for name, current in catalogue.instruments.items()
    }
    return {name: instrument for name, instrument in found.items() if instrument is not None}


def unknown_versions(catalogue: Catalogue, session: Session) -> tuple[tuple[str, str], ...]:
    """The (instrument, version) that the session uses and that are not known here, in order."""
    return tuple(sorted(each for each in session.versions if catalogue.version(*each) is None))


def known_as(catalogue: Catalogue, role: str, item_id: str) -> frozenset[str]:
    """The id and those under which other versions of that role's forms ask the same."""
    groups = [
        {item.id, *item.formerly}
        for instrument in catalogue.every()
        if instrument.respondent == role
        for item in instrument.items
        if item.formerly
    ]
    names = {item_id}
    while more := [group for group in groups if group & names and not group <= names]:
        names.update(*more)
    return frozenset(names)
