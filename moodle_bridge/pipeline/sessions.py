"""Reading one session from Moodle: what it brought along, and who takes part in it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from moodle_bridge.contract.records import ParticipantsRecord, SessionRecord
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline.apart import session_thing, set_unread_aside, thing_of
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.restore import restore_session
from moodle_bridge.store import aside, records
from moodle_bridge.store.engine import write


def is_its_turn(context: Context, session: SessionRecord, seq: int) -> bool:
    """Whether to read a session now, of which a change of that number tells (0: an earlier one).

    One that is set aside waits for its time, unless something has changed in it since.
    """
    known = aside.get(context.engine, session_thing(session))
    return known is None or seq > known.seq or known.again_at <= context.clock()


def read_session(
    context: Context, client: Client, session: SessionRecord, *, people: bool
) -> ParticipantsRecord | None:
    """Read a session: who takes part, and everything if it is new here or was set aside.

    A session new to us may bring forms and documents along, from a backup or a database we lost. What Moodle
    holds already is noted as filed: made anew it might differ from what was filed.
    """
    failed = aside.get(context.engine, session_thing(session)) is not None
    if is_unread(context, session):
        restore_session(context, client, session)
    return read_people(context, client, session) if people or failed else None


def is_unread(context: Context, session: SessionRecord) -> bool:
    """Whether all of a session is to be read: it is new here, or set aside."""
    return (
        records.session(context.engine, session.id) is None
        or aside.get(context.engine, session_thing(session)) is not None
    )


def read_people(context: Context, client: Client, session: SessionRecord) -> ParticipantsRecord:
    """Who takes part in a session; somebody whose record cannot be read stays as they were known."""
    answer, unread = client.get_participants(session.id)
    with write(context.engine) as connection:
        aside.clear_kind(connection, session.id, "person", {thing_of(each, session).id for each in unread})
    if not unread:
        return answer
    set_unread_aside(context, unread, session)
    known = records.participants(context.engine, session.id)
    lost = {each.id for each in unread} - {str(person.id) for person in answer.participants}
    staying = [person for person in known.participants if str(person.id) in lost] if known else []
    return replace(answer, participants=(*answer.participants, *staying))


def put_people(connection: Connection, answer: ParticipantsRecord) -> None:
    """Remember who takes part, and in which groups now: those change without the session."""
    records.put_participants(connection, answer)
    record = records.session(connection, answer.session)
    if record is not None:
        now = replace(record, groupmode=answer.groupmode, groups=answer.groups)
        if now != record:
            records.put_session(connection, now)
