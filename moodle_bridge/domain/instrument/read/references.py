"""Check what instruments say about each other, and what the versions of one have to have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from moodle_bridge.domain.instrument.conditions import leaves
from moodle_bridge.domain.instrument.model import Instrument, Item, version_key
from moodle_bridge.errors import InstrumentError

Versions = Mapping[str, Sequence[Instrument]]


def check_references(versions: Versions) -> None:
    """Raise :class:`InstrumentError` naming file and item for a reference to nothing."""
    for known in versions.values():
        ordered = sorted(known, key=version_key)
        for number, instrument in enumerate(ordered):
            problems = (*_dangling(instrument, versions), *_unlike(instrument, ordered[:number]))
            for problem, item in problems:
                file = f"{instrument.id}/{instrument.version}.yaml"
                raise InstrumentError(f"{file} ({item or instrument.id}): {problem}", file=file, item=item)


def _unlike(instrument: Instrument, earlier: Sequence[Instrument]) -> Iterator[tuple[str, str]]:
    """Find changes that a version may not make, because answers of all versions are read side by side."""
    if earlier:
        for key in ("respondent", "per", "anonymous"):
            if getattr(instrument, key) != getattr(earlier[-1], key):
                yield f"{key!r} differs from version {earlier[-1].version}: that is another instrument", ""
    types = {item.id: item.type for other in earlier for item in other.items}
    own = {item.id for item in instrument.items}
    for item in instrument.items:
        if types.get(item.id, item.type) != item.type:
            yield f"{item.id!r} was of type {types[item.id]}: another question has another id", item.id
        for name in item.formerly:
            if types.get(name) != item.type:
                yield f"formerly: no earlier version has an item {name!r} of type {item.type}", item.id
            if name in own:
                yield f"formerly: this version still has {name!r}", item.id


def _dangling(instrument: Instrument, versions: Versions) -> Iterator[tuple[str, str]]:
    if instrument.opens_when is not None:
        given = instrument.opens_when.parameters
        several = given.get("instruments", ())
        named = [*(several if isinstance(several, tuple) else ()), given.get("instrument")]
        for other in named:
            if other is not None and other not in versions:
                yield f"opens_when names {other!r}, which is no instrument", ""
    after = instrument.mentor_reads_after
    if after and not any(other.respondent == "mentor" for other in versions.get(after, ())):
        yield f"mentor_reads_after names {after!r}, which is no instrument of mentors", ""
    same_respondent = {
        item.id
        for known in versions.values()
        for other in known
        if other.respondent == instrument.respondent
        for item in other.items
    }
    for item in instrument.items:
        if item.carried is not None and item.carried not in same_respondent:
            yield f"carried: no form of the same respondent has {item.carried!r}", item.id
    for place, name, columns in _looking_back(instrument):
        if columns is None and name not in same_respondent:
            yield f"prev.{name}: no form of the same respondent has {name!r}", place
        if columns is not None and f"prev_{name}" not in columns:
            yield f"prev.{name}: the table has no column 'prev_{name}'", place


def _looking_back(instrument: Instrument) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """(item, id that its condition calls ``prev``, the columns it may mean or None outside rows)."""
    for item in instrument.items:
        yield from ((item.id, name, None) for name in _previous(item))
        columns = frozenset(column.id for column in item.columns)
        for column in item.columns:
            yield from ((f"{item.id}.{column.id}", name, columns) for name in _previous(column))


def _previous(item: Item) -> Iterator[str]:
    for tree in item.conditions():
        yield from leaves(tree, "prev")
