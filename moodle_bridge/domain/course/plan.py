"""When the monitoring sessions take place: dates from start, end and frequency.

At least the first and the last session; by default at most one a month. A step of months keeps the day of the
start and falls back to the month's last day where it has no such day (31 January, 28 February, 31 March).
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from moodle_bridge.domain.course import free_days
from moodle_bridge.domain.course.model import Answers
from moodle_bridge.domain.instrument.days import parse_day
from moodle_bridge.domain.instrument.model import Catalogue, SessionKind
from moodle_bridge.domain.instrument.wording import day, say
from moodle_bridge.errors import Malformed

Frequency = Literal["f_monthly", "f_bimonthly", "f_few", "f_dates"]
Weekend = Literal["keep", "next", "previous"]

CLOSE_TO_THE_END = 14
"""Days before the last session within which no interim session is proposed."""
_MONTH = 28
_STEPS = {"f_monthly": 1, "f_bimonthly": 2}


@dataclass(frozen=True, slots=True)
class Planned:
    """One proposed session: its day and the last day for filling in its forms (ISO dates)."""

    number: int
    kind: SessionKind
    date: str
    due: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something the coordinator should know about the proposal."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dates:
    """The proposal."""

    sessions: tuple[Planned, ...]
    notes: tuple[Note, ...]


def dates(
    start: str,
    end: str,
    frequency: Frequency,
    *,
    interim_count: int | None = None,
    own_dates: Sequence[str] = (),
    fill_days: int = 7,
    holidays: Iterable[str] = (),
    country: str = "",
    weekend: Weekend = "next",
    held: Sequence[str] = (),
) -> Dates:
    """Propose the sessions' dates.

    ``interim_count`` counts with ``f_few``, ``own_dates`` with ``f_dates``. ``held`` are the dates of
    sessions that have taken place: they stay as they are, and what is left is planned anew after them.
    ``holidays`` are days off besides the public ones of ``country``.
    Dates on a weekend or a holiday move as ``weekend`` says (holidays always move, to the next working day
    under ``keep``). The start does not: somebody chose that day, and people can begin at once; it is told.
    Raises :class:`~moodle_bridge.errors.Malformed` for dates that cannot be.
    """
    first, last = _date(start), _date(end)
    past = sorted(_date(each) for each in held)
    if last <= first:
        raise Malformed("the end of the process has to come after its start", start=start, end=end)
    # A last session that moves can end up in the next year.
    free = frozenset(map(_date, holidays)) | free_days.between(country, first, last + dt.timedelta(days=60))
    notes: list[Note] = []
    wished = _interims(first, last, frequency, interim_count, own_dates)
    begins = past[0] if past else first
    if not past and first != _working_day(first, free, weekend):
        notes.append(Note("plan_begins_free", {"date": first.isoformat()}))
    ends = max(_working_day(last, free, weekend), (past[-1] if past else begins) + dt.timedelta(days=1))
    earliest = past[-1] if past else begins
    interims: list[dt.date] = []
    for wish in wished:
        moved = _working_day(wish, free, weekend)
        if moved <= earliest or moved in interims:
            continue
        if (ends - moved).days < CLOSE_TO_THE_END and frequency != "f_dates":
            if moved < ends:
                notes.append(Note("plan_too_close", {"date": moved.isoformat()}))
        elif moved < ends:
            interims.append(moved)
    days = [*past, *interims, ends] if past else [begins, *interims, ends]
    if len(days) == 2:
        notes.append(Note("plan_no_interim"))
    if any((b - a).days < _MONTH for a, b in pairwise(days[:-1])):
        notes.append(Note("plan_often"))
    sessions = tuple(
        Planned(
            number,
            kind_of(number, len(days)),
            each.isoformat(),
            _due(each, fill_days, free, weekend).isoformat(),
        )
        for number, each in enumerate(days, start=1)
    )
    overlapping = [a for a, b in pairwise(sessions) if a.due >= b.date]
    notes += (Note("plan_overlap", {"number": str(each.number), "due": each.due}) for each in overlapping)
    return Dates(sessions, tuple(notes))


def note_texts(catalogue: Catalogue, notes: Iterable[Note]) -> list[dict[str, str]]:
    """The notes in every language."""
    texts = []
    for note in notes:
        texts.append(
            {
                language: say(
                    catalogue.messages,
                    note.code,
                    language,
                    **{k: day(v, language) if k in ("date", "due") else v for k, v in note.facts.items()},
                )
                for language in catalogue.languages
            }
        )
    return texts


def from_answers(answers: Answers, country: str = "") -> Dates | None:
    """The proposal that the answers of a monitoring plan ask for; None while they do not suffice."""
    given = {key: answers.get(key) for key in ("period_start", "period_end", "frequency")}
    if not all(isinstance(value, str) for value in given.values()):
        return None
    try:
        return dates(
            answers["period_start"],
            answers["period_end"],
            answers["frequency"],
            interim_count=answers.get("interim_count"),
            fill_days=answers.get("fill_days") or 7,
            country=country,
        )
    except Malformed:
        return None


def _date(text: str) -> dt.date:
    date = parse_day(text) if isinstance(text, str) else None
    if date is None:
        raise Malformed("a date has to be YYYY-MM-DD")
    return date


def kind_of(number: int, count: int) -> SessionKind:
    """Initial for the first date, final for the last, interim between."""
    return "initial" if number == 1 else "final" if number == count else "interim"


def _interims(
    first: dt.date, last: dt.date, frequency: Frequency, count: int | None, own: Sequence[str]
) -> list[dt.date]:
    if frequency == "f_dates":
        return sorted({each for each in map(_date, own) if first < each < last})
    if frequency == "f_few":
        wanted = 1 if count is None else count
        span = (last - first).days
        return [first + dt.timedelta(days=round(span * n / (wanted + 1))) for n in range(1, wanted + 1)]
    if frequency not in _STEPS:
        raise Malformed("the frequency is not one of f_monthly, f_bimonthly, f_few, f_dates")
    step, found, months = _STEPS[frequency], [], 0
    while (each := months_later(first, months := months + step)) < last:
        found.append(each)
    return found


def months_later(start: dt.date, months: int) -> dt.date:
    """The same day so many months later, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _working_day(wish: dt.date, free: frozenset[dt.date], weekend: Weekend) -> dt.date:
    step = dt.timedelta(days=-1 if weekend == "previous" else 1)
    while wish in free or (weekend != "keep" and wish.weekday() >= 5):
        wish += step
    return wish


def _due(held: dt.date, fill_days: int, free: frozenset[dt.date], weekend: Weekend) -> dt.date:
    """The deadline; moved only later, so that nobody has less time than was promised."""
    return _working_day(held + dt.timedelta(days=fill_days), free, "keep" if weekend == "keep" else "next")
