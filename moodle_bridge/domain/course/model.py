"""One course's mentoring process as frozen data: sessions, people, and the latest answers.

The pipeline builds a :class:`Process` from its tables; everything else in the domain reads from it. Times
are UTC epoch seconds (0 = not set); dates are ISO strings in the course's time zone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

from moodle_bridge.domain.course.roster import Roster
from moodle_bridge.domain.instrument.model import Instrument, SessionKind

Role = Literal["mentee", "mentor", "coordinator"]
Answers = Mapping[str, Any]
Row = Mapping[str, Any]
Content = dict[str, Any]
"""Answers, or a row of them, while they are put together."""
Found = TypeVar("Found")
EMPTY: Answers = MappingProxyType({})
EVERYBODY: Final = 0
"""The group that everybody is in: of a session without groups, and of forms for all groups together."""


@dataclass(frozen=True, slots=True)
class Session:
    """One monitoring session."""

    id: str
    kind: SessionKind
    number: int
    date: str
    """The day it is held on; what conditions call ``session.date``."""
    opens: int = 0
    due: int = 0
    closed: int = 0
    instruments: frozenset[str] | None = None
    """Instruments switched on in it; None = those on by default."""
    groups: frozenset[int] | None = None
    """The groups it is held in; empty = without groups, with everybody; None = those of the process."""
    extensions: frozenset[tuple[int, int]] = frozenset()
    """(person, own deadline): until then this person may submit, even if the session is closed."""
    admitted: frozenset[int] = frozenset()
    """People who alone may submit since it was opened again; empty = everybody."""
    versions: frozenset[tuple[str, str]] = frozenset()
    """(instrument, version) that the course began with; of an instrument that is not named the newest."""
    roster: Roster | None = None
    """Who counts, fixed when answers ended; None = the course as it is now."""
    excused: frozenset[int] = frozenset()
    """People of whom nothing is expected although they take part: a restriction keeps them out."""

    def due_of(self, person: int) -> int:
        """The deadline of a person, 0 for none; an own one that is not later gives no more time."""
        return max(self.due, dict(self.extensions).get(person, 0))

    def takes(self, person: int, now: int) -> bool:
        """Whether something may still come from a person."""
        alone = self.admitted and person not in self.admitted
        return self.extended(person, now) or not (self.closed or alone)

    def extended(self, person: int, now: int) -> bool:
        """Whether a person's own deadline is still to come."""
        return dict(self.extensions).get(person, 0) > now


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of the course as of now."""

    id: int
    name: str
    roles: tuple[Role, ...]
    groups: tuple[int, ...] = ()
    active: bool = True
    """False: has withdrawn; counted only where they have answered."""
    joined: int = 0
    """When they came; someone who came after a session's deadline was not expected in it."""
    all_groups: bool = True
    """A coordinator who may not see all groups has the own ones only."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One version of one submitted form."""

    session: str
    instrument: str
    group: int
    respondent: int
    version: int
    submitted: int
    answers: Answers
    carried: Answers = field(default_factory=lambda: EMPTY)
    instrument_version: str = field(kw_only=True)
    """Of the form as it was shown: by it the answers are read."""
    id: str = ""
    """Of this version, as the contract names it; empty where nobody needs it."""
    written_in: int | None = None
    """The group it was written in, if the session is held without groups since; rows are named after it."""


@dataclass(frozen=True, slots=True)
class Document:
    """An archived PDF, for the register of the final report."""

    file: str
    session: str
    instrument: str
    respondent: str
    date: str
    sha256: str
    group: int = 0
    readers: Literal["coordinator", "mentor"] = "mentor"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a coordinator decided on a signal, on the page of a session."""

    signal: str
    session: str
    occurrences: frozenset[str]
    """The sessions in which the signal had been seen when it was decided on."""
    code: str
    note: str
    due: str
    """The date of a measure agreed; empty where there is none."""
    name: str
    """Who decided."""
    time: int


@dataclass(frozen=True, slots=True)
class Target:
    """Whose form: what ``put_personal`` is addressed to."""

    session: str
    group: int
    instrument: str
    person: int


@dataclass(frozen=True, slots=True)
class Published:
    """An entry of the publication ledger: a figure told to people who do not read the answers behind it.

    Written once, when a session's figures freeze; what they are told comes from here and from nowhere else.
    """

    session: str
    group: int
    audience: Literal["mentee", "mentor"]
    item: str
    """Which figure; one of a goal of the group has the goal's id after a colon."""
    figure: Mapping[str, Any]
    """As :mod:`moodle_bridge.domain.session.confidentiality` made it; empty where nothing may be told."""
    when: int


@dataclass(frozen=True)
class Process:
    """Everything known of one course at the moment ``as_of``."""

    sessions: tuple[Session, ...]
    participants: tuple[Participant, ...]
    submissions: tuple[Submission, ...] = ()
    groups: Mapping[int, str] = field(default_factory=dict)
    """Name by group id of every session's; empty where none has groups."""
    as_of: int = 0
    documents: tuple[Document, ...] = ()
    country: str = ""
    """On whose public holidays no session is proposed."""
    published: tuple[Published, ...] = ()
    """The publication ledger."""
    decisions: tuple[Decision, ...] = ()
    """What was decided on signals, oldest first."""

    def without(self, session: str, group: int, instruments: Iterable[str]) -> Process:
        """The same process before these forms of one session and group were submitted."""
        left_out = frozenset(instruments)
        kept = tuple(
            each
            for each in self.submissions
            if not (each.session == session and each.group == group and each.instrument in left_out)
        )
        return self if len(kept) == len(self.submissions) else dataclasses.replace(self, submissions=kept)

    def shared(self, session: str) -> Process:
        """The same process as far as all who are in a session without groups may read it.

        What was written in one of the groups that it had before is for that group: here such a form has come,
        and says nothing.
        """
        told = tuple(
            dataclasses.replace(each, answers=EMPTY, carried=EMPTY)
            if each.session == session and each.written_in is not None
            else each
            for each in self.submissions
        )
        return self if told == self.submissions else dataclasses.replace(self, submissions=told)

    @cached_property
    def ordered(self) -> tuple[Session, ...]:
        """The sessions by number."""
        return tuple(sorted(self.sessions, key=lambda session: (session.number, session.date, session.id)))

    @cached_property
    def _remembered(self) -> dict[Hashable, Any]:
        return {}

    def remember(self, key: Hashable, work_out: Callable[[], Found]) -> Found:
        """Cache a value that depends on its key alone: compute it once, then return it again."""
        if key not in self._remembered:
            self._remembered[key] = work_out()
        found: Found = self._remembered[key]
        return found

    @cached_property
    def ledger(self) -> Mapping[tuple[str, int, str, str], Published]:
        """The publication ledger by session, group, audience and item."""
        return {(each.session, each.group, each.audience, each.item): each for each in self.published}

    @cached_property
    def _sessions(self) -> Mapping[str, Session]:
        return {session.id: session for session in self.sessions}

    @cached_property
    def _people(self) -> Mapping[int, Participant]:
        return {person.id: person for person in self.participants}

    @cached_property
    def _latest(self) -> Mapping[tuple[str, str, int, int], Submission]:
        latest: dict[tuple[str, str, int, int], Submission] = {}
        for each in self.submissions:
            key = (each.session, each.instrument, each.group, each.respondent)
            known = latest.get(key)
            if each.session in self._sessions and (known is None or each.version > known.version):
                latest[key] = each
        return latest

    @cached_property
    def _by_group(self) -> Mapping[tuple[str, int], tuple[Submission, ...]]:
        found: dict[tuple[str, int], list[Submission]] = {}
        for each in sorted(self._latest.values(), key=lambda s: (s.respondent, s.instrument)):
            found.setdefault((each.session, each.group), []).append(each)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def _by_session(self) -> Mapping[str, tuple[Submission, ...]]:
        found: dict[str, list[Submission]] = {}
        for each in sorted(self._latest.values(), key=lambda s: (s.group, s.respondent, s.instrument)):
            found.setdefault(each.session, []).append(each)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def _by_person(self) -> Mapping[int, tuple[Submission, ...]]:
        found: dict[int, list[Submission]] = {}
        position = {session.id: index for index, session in enumerate(self.ordered)}
        for each in sorted(
            self._latest.values(), key=lambda s: (position[s.session], s.submitted, s.instrument)
        ):
            found.setdefault(each.respondent, []).append(each)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def _members(self) -> Mapping[tuple[int, str], tuple[Participant, ...]]:
        found: dict[tuple[int, str], list[Participant]] = {}
        for person in self.participants:
            if person.active:
                for role in person.roles:
                    every = role == "coordinator" and person.all_groups
                    groups = self.group_ids if every else self._groups_of(person)
                    together = {EVERYBODY} if every or role != "coordinator" else set()
                    for group in together | set(groups):
                        found.setdefault((group, role), []).append(person)
        return {key: tuple(sorted(value, key=lambda p: (p.name, p.id))) for key, value in found.items()}

    @cached_property
    def _belonging(self) -> Mapping[int, frozenset[int]]:
        """Who belongs to each group, by id; coordinators belong to all."""
        found: dict[int, set[int]] = {group: set() for group in self.group_ids}
        for person in self.participants:
            for group in self.group_ids if "coordinator" in person.roles else self._groups_of(person):
                found[group].add(person.id)
        return {group: frozenset(people) for group, people in found.items()}

    def _groups_of(self, person: Participant) -> tuple[int, ...]:
        if not self.groups:
            return (EVERYBODY,)
        return tuple(group for group in person.groups if group in self.groups)

    @cached_property
    def group_ids(self) -> tuple[int, ...]:
        """The groups, by id; that of everybody where there are none."""
        return tuple(sorted(self.groups)) if self.groups else (EVERYBODY,)

    def session_groups(self, session: Session) -> tuple[int, ...]:
        """The groups a session is held in, by id; everybody's where it has none, whatever others have."""
        if session.groups is None:
            return self.group_ids
        return tuple(sorted(session.groups)) or (EVERYBODY,)

    def session(self, session_id: str) -> Session:
        """The session of that id; :class:`KeyError` if there is none."""
        return self._sessions[session_id]

    def until(self, session: Session) -> tuple[Session, ...]:
        """The sessions up to and including this one, in order."""
        return self.ordered[: self.ordered.index(session) + 1]

    def before(self, session: Session) -> Session | None:
        """The session just before this one."""
        index = self.ordered.index(session)
        return self.ordered[index - 1] if index else None

    def person(self, person_id: int) -> Participant:
        """The participant; someone no longer known is a nameless one who has withdrawn."""
        return self._people.get(person_id) or Participant(person_id, f"№ {person_id}", (), active=False)

    def members(self, group: int, role: Role) -> tuple[Participant, ...]:
        """The active people of a role in a group, by name."""
        return self._members.get((group, role), ())

    def enrolled(self, session: Session, group: int, role: Role) -> tuple[Participant, ...]:
        """The people of a role who belong to a session and group, by name; by the roster once it is fixed."""
        if session.roster is None or role == "coordinator":
            return self.members(group, role)
        found = [self.person(each) for each in session.roster.people(role, group, EVERYBODY)]
        return tuple(sorted(found, key=lambda person: (person.name, person.id)))

    def belongs(self, person: int, group: int) -> bool:
        """Whether a participant, withdrawn or not, is in a group."""
        return person in self._belonging.get(group, ())

    def submission(self, session: str, instrument: str, group: int, person: int) -> Submission | None:
        """The latest version of that form, if it was submitted."""
        return self._latest.get((session, instrument, group, person))

    def submitted(self, session: str, group: int) -> tuple[Submission, ...]:
        """The latest version of every form of a session and group (everybody: in whatever group).

        Of a session without groups a group has what its members wrote.
        """
        if group == EVERYBODY:
            return self._by_session.get(session, ())
        held = self._sessions.get(session)
        if held is not None and group not in self.session_groups(held):
            together = self._by_group.get((session, EVERYBODY), ())
            return tuple(each for each in together if self.belongs(each.respondent, group))
        return self._by_group.get((session, group), ())

    def history(self, person: int, group: int) -> tuple[Submission, ...]:
        """A person's latest forms as a member of a group, oldest first.

        Someone in two groups has two separate histories. What someone wrote in a group they have left
        since goes with them to the first of their groups, so that no goal is lost and none is told twice.
        Where a session has no groups (everybody) all that they wrote counts.
        """
        own = self._by_person.get(person, ())
        if group == EVERYBODY:
            return own
        groups = self._groups_of(self.person(person))
        follows = bool(groups) and group == groups[0]
        kept = [e for e in own if e.group == group or (follows and e.group not in groups)]
        if not follows:
            return tuple(kept)
        here = {(e.session, e.instrument) for e in kept if e.group == group}
        return tuple(e for e in kept if e.group == group or (e.session, e.instrument) not in here)

    def is_past_due(self, session: Session) -> bool:
        """Whether the time for filling in has run out, or the session is closed."""
        return bool(session.closed) or bool(session.due and self.as_of >= session.due)


def rows(answers: Answers, table: str) -> Iterator[Row]:
    """The rows of a table in answers or carried data, whatever else may stand there."""
    value = answers.get(table)
    if isinstance(value, list | tuple):
        yield from (row for row in value if isinstance(row, Mapping) and isinstance(row.get("row"), int))


def rated_rows(submission: Submission, table: str) -> Iterator[tuple[Row, Row]]:
    """Each carried row together with what was answered in it (an empty row where nothing was)."""
    answered = {row["row"]: row for row in rows(submission.answers, table)}
    for carried in rows(submission.carried, table):
        yield carried, answered.get(carried["row"], EMPTY)


def is_on(instrument: Instrument, session: Session) -> bool:
    """Whether the instrument is switched on in that session."""
    if instrument.anonymous:
        return False
    if session.instruments is None:
        return instrument.enabled_by_default
    return instrument.id in session.instruments


def is_held(instrument: Instrument, session: Session) -> bool:
    """Whether the instrument is one of this kind of session and switched on."""
    return session.kind in instrument.sessions and is_on(instrument, session)


def row_id(submission: Submission, table: str, row: int) -> str:
    """A name for a row that stays the same in every later form: goals, expectations, recommendations."""
    group = submission.group if submission.written_in is None else submission.written_in
    return f"{submission.session[:8]}.{group}.{submission.respondent}.{table}.{row}"


def as_number(value: object) -> int | None:
    """An answer of a scale as a number; None for "cannot say", no answer, or anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_text(value: object) -> str:
    """An answer in words; empty for no answer or anything else."""
    return value if isinstance(value, str) else ""


def as_codes(value: object) -> tuple[str, ...]:
    """The codes of a multiple choice; none for no answer or anything else."""
    return tuple(code for code in value if isinstance(code, str)) if isinstance(value, list | tuple) else ()
