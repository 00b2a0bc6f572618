"""Which instruments a course uses: a preset, with single ones switched on or off."""

from __future__ import annotations

from collections.abc import Iterable

from moodle_bridge.domain.instrument.model import Catalogue, SessionKind
from moodle_bridge.errors import InstrumentError


def chosen(
    catalogue: Catalogue, preset: str = "full", on: Iterable[str] = (), off: Iterable[str] = ()
) -> tuple[str, ...]:
    """The ids of the instruments in use, in their order.

    Anonymous instruments cannot be switched on: a form stored under its author's name cannot keep their
    promise.
    Raises :class:`InstrumentError` for a preset or instrument that does not exist, or an anonymous one.
    """
    if preset not in catalogue.presets:
        raise InstrumentError(f"there is no preset {preset!r}, only {', '.join(catalogue.presets)}")
    added, removed = tuple(on), frozenset(off)
    for name in (*added, *removed):
        if name not in catalogue.instruments:
            raise InstrumentError(f"there is no instrument {name!r}", item=name)
    for name in added:
        if catalogue.instruments[name].anonymous:
            raise InstrumentError(f"{name!r} is anonymous and stays off until that can be kept", item=name)
    wanted = {*catalogue.presets[preset]["instruments"], *added} - removed
    return tuple(
        each.id for each in catalogue.instruments.values() if each.id in wanted and not each.anonymous
    )


def in_session(catalogue: Catalogue, instruments: Iterable[str], kind: SessionKind) -> tuple[str, ...]:
    """Those of the chosen instruments that a session of this kind uses."""
    wanted = frozenset(instruments)
    return tuple(i.id for i in catalogue.instruments.values() if i.id in wanted and kind in i.sessions)
