"""One course's process as the domain sees it, put together from what this service remembers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from moodle_bridge.contract.records import DecisionRecord, ParticipantsRecord, SessionRecord, SubmissionRecord
from moodle_bridge.domain.course.model import (
    EVERYBODY,
    Decision,
    Document,
    Participant,
    Process,
    Session,
    Submission,
)
from moodle_bridge.domain.course.roster import Place, Roster
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.pipeline.shelf import Shelf
from moodle_bridge.store import decisions, documents, ledger, records
from moodle_bridge.store.engine import Source, read
from moodle_bridge.zones import zone


def process_of(
    source: Source,
    catalogue: Catalogue,
    course: int,
    now: float,
    *,
    of: int = 0,
    group: int = 0,
    country: str = "",
) -> Process:
    """Everything known of a course at ``now``: sessions, people, every version of every form, documents.

    With ``of`` only the forms of that person and of coordinators are read: enough to judge one form,
    without reading a whole course for each. With ``group`` only those of its members (what they wrote in
    other groups too), of everybody in the group, and of coordinators: all that the group's figures rest on.
    Of more forms than fit in memory long texts are read when they are asked for.
    """
    shelf = Shelf(source if isinstance(source, Engine) else source.engine)
    with read(source) as connection:
        sessions = records.sessions(connection, course)
        answers = [records.participants(connection, session.id) for session in sessions]
        taking_part = {answer.session: answer for answer in answers if answer is not None}
        people = _people(taking_part.values())
        part = bool(of or group)
        wanted = {of} | {p.id for p in people if "coordinator" in p.roles or group in p.groups}
        forms = records.submissions_in(
            connection,
            [session.id for session in sessions],
            wanted if part else None,
            {0, group} if group else (),
            kept=shelf.place,
        )
        told = ledger.of_sessions(connection, [session.id for session in sessions])
        decided = decisions.of_sessions(connection, [session.id for session in sessions])
        stored = [] if part else [d for s in sessions for d in documents.documents(connection, session=s.id)]
    held = tuple(session_of(record, taking_part.get(record.id)) for record in sessions)
    ungrouped = frozenset(session.id for session in held if not session.groups)
    return Process(
        sessions=held,
        participants=people,
        submissions=tuple(_held(submission_of(record), ungrouped) for record in forms),
        groups=_groups(sessions, held),
        as_of=int(now),
        country=country,
        documents=tuple(_documents(catalogue, sessions, forms, stored)),
        published=told,
        decisions=tuple(_decision(record, sessions) for record in decided),
    )


def _decision(record: DecisionRecord, sessions: Iterable[SessionRecord]) -> Decision:
    """A decision of the contract as the domain's."""
    taken_in = next(session for session in sessions if session.id == record.session)
    due = datetime.fromtimestamp(record.due, zone(taken_in.timezone)).date().isoformat()
    return Decision(
        signal=record.signal,
        session=record.session,
        occurrences=frozenset(record.occurrences),
        code=record.decision,
        note=record.note,
        due=due if record.due else "",
        name=record.name,
        time=record.time,
    )


def _documents(
    catalogue: Catalogue,
    sessions: Iterable[SessionRecord],
    forms: Iterable[SubmissionRecord],
    stored: Iterable[documents.Document],
) -> Iterator[Document]:
    """The register of the stored PDFs, as the final report lists it."""
    held = {session.id: session for session in sessions}
    written = {form.id: form for form in forms}
    for document in stored:
        form, session = written.get(document.submission), held[document.session]
        instrument = catalogue.version(form.instrument, form.instrument_version) if form else None
        if form is None or instrument is None or document.stored_at is None:
            continue
        when = datetime.fromtimestamp(document.stored_at, zone(session.timezone))
        yield Document(
            file=document.filename,
            session=session.name,
            instrument=instrument.title[document.language],
            respondent=form.respondent_name,
            date=when.date().isoformat(),
            sha256=document.sha256,
            group=form.group,
            readers="mentor" if "mentor" in (document.variant, form.respondent_role) else "coordinator",
        )


def session_of(record: SessionRecord, people: ParticipantsRecord | None = None) -> Session:
    """A session of the contract as the domain's, with its roster."""
    roster = _roster(people) if people is not None else None
    return Session(
        id=record.id,
        kind=record.kind,
        number=record.number,
        date=held_on(record),
        opens=record.opens,
        due=record.due,
        closed=record.closed,
        instruments=frozenset(record.instruments),
        groups=roster.groups if roster is not None else frozenset(groups_of(record)),
        extensions=frozenset((each.user, each.due) for each in record.extensions),
        admitted=frozenset(record.admitted),
        versions=frozenset((each.instrument, each.version) for each in record.versions),
        roster=roster,
        excused=frozenset(
            each.id
            for each in (people.participants if people is not None else ())
            if each.roster and not each.expected
        ),
    )


def _roster(people: ParticipantsRecord) -> Roster | None:
    """Who counts, once that is fixed and anybody does."""
    if not people.fixed:
        return None
    places = [
        Place(each.id, stretch.role, stretch.group)
        for each in people.participants
        for stretch in each.roster
        if not stretch.until
    ]
    return Roster.of(places) if places else None


def groups_of(record: SessionRecord) -> dict[int, str]:
    """The groups a session is held in, name by id; none where it is held without groups."""
    return (
        {} if record.groupmode == "none" else {each.id: each.name for each in record.groups if not each.gone}
    )


def held_on(record: SessionRecord) -> str:
    """The day a session is held on, in its time zone: when it opens, else when its forms are due."""
    moment = record.opens or record.due or record.modified
    return datetime.fromtimestamp(moment, zone(record.timezone)).date().isoformat()


def submission_of(record: SubmissionRecord) -> Submission:
    """A submission of the contract, answers parsed, as the domain's."""
    return Submission(
        session=record.session,
        instrument=record.instrument,
        group=record.group,
        respondent=record.respondent,
        version=record.version,
        submitted=record.submitted,
        answers=record.answers,
        carried=record.carried,
        instrument_version=record.instrument_version,
        id=record.id,
    )


def _held(form: Submission, ungrouped: Set[str]) -> Submission:
    """A form as its session is held now: where that has no groups, all forms stand together."""
    if form.group == EVERYBODY or form.session not in ungrouped:
        return form
    return replace(form, group=EVERYBODY, written_in=form.group)


def _people(answers: Iterable[ParticipantsRecord]) -> tuple[Participant, ...]:
    """Everyone of any session; whoever takes part in one of them takes part."""
    people: dict[int, Participant] = {}
    for answer in answers:
        for person in answer.participants:
            known = people.get(person.id)
            groups = {*person.groups, *(known.groups if known else ())}
            people[person.id] = Participant(
                id=person.id,
                name=person.name,
                roles=person.roles,
                groups=tuple(sorted(groups)),
                active=person.active or bool(known and known.active),
                joined=person.joined,
                all_groups=person.all_groups,
            )
    return tuple(people[key] for key in sorted(people))


def _groups(sessions: Iterable[SessionRecord], held: Iterable[Session]) -> dict[int, str]:
    """Every group that a session is held in, or was when its roster was fixed."""
    found: dict[int, str] = {}
    for record, session in zip(sessions, held, strict=True):
        names = {each.id: each.name for each in record.groups}
        found |= {group: names.get(group, "") for group in session.groups or ()}
    return found
