"""What the service knows of Moodle: sessions, participants, submissions, documents, and what it has pushed.

A private copy: all of it can be read from Moodle again. Records are the contract's, as dicts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, is_sqlite, read

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A filled document. ``content`` is kept until it is stored in Moodle at ``stored_at``."""

    id: str
    submission: str
    session: str
    variant: str
    language: str
    filename: str
    sha256: str
    answers_sha256: str
    size: int
    pages: int
    content: bytes | None = field(default=None, repr=False)
    stored_at: float | None = None


# What every archived form runs through is made once: making a statement takes longer than running it.
_SESSION = select(tables.session.c.record).where(tables.session.c.id == bindparam("id"))
_SESSIONS = select(tables.session.c.record).where(tables.session.c.course == bindparam("course"))
_PARTICIPANTS = select(tables.participants.c.answer).where(
    tables.participants.c.session == bindparam("session")
)
_WITH_BYTES = (
    select(tables.document, tables.content.c.bytes.label("content"))
    .outerjoin(tables.content)
    .order_by(tables.document.c.id)
)
_DOCUMENT = _WITH_BYTES.where(tables.document.c.id == bindparam("id"))
_KEPT = _WITH_BYTES.where(tables.document.c.submission == bindparam("submission"))
_INSERT_CONTENT = insert(tables.content)
_FORGET_CONTENT = delete(tables.content).where(tables.content.c.document == bindparam("id"))
_STORED = (
    update(tables.document).where(tables.document.c.id == bindparam("id_")).values(stored_at=bindparam("at"))
)


@cache
def _insert_document(on_sqlite: bool) -> Executable:
    fresh = tables.insert_for(on_sqlite, tables.document).on_conflict_do_nothing()
    return fresh.returning(tables.document.c.id)


def put_session(connection: Connection, record: Record) -> None:
    """Remember a session (contract: ``common#session``) in place of what was known of it."""
    row = {"id": record["id"], "course": record["course"], "record": record}
    tables.put(connection, tables.session, row)


def session(source: Source, session_id: str) -> Record | None:
    """One session."""
    with read(source) as connection:
        return connection.execute(_SESSION, {"id": session_id}).scalar()


def sessions(source: Source, course: int | None = None) -> list[Record]:
    """All sessions, or those of one course, by course and number."""
    wanted = select(tables.session.c.record) if course is None else _SESSIONS
    with read(source) as connection:
        found = list(connection.execute(wanted, {} if course is None else {"course": course}).scalars())
    return sorted(found, key=lambda record: (record["course"], record["number"], record["id"]))


def delete_session(connection: Connection, session_id: str) -> None:
    """Forget a session and everything in it."""
    _delete_documents(connection, tables.document.c.session == session_id)
    connection.execute(delete(tables.submission).where(tables.submission.c.session == session_id))
    connection.execute(delete(tables.participants).where(tables.participants.c.session == session_id))
    connection.execute(delete(tables.pushed).where(tables.pushed.c.session == session_id))
    connection.execute(delete(tables.session).where(tables.session.c.id == session_id))


def put_participants(connection: Connection, session_id: str, answer: Record) -> None:
    """Remember who takes part in a session (the answer of ``get_participants``)."""
    row = {"session": session_id, "answer": answer}
    tables.put(connection, tables.participants, row)


def participants(source: Source, session_id: str) -> Record | None:
    """Who takes part in a session, as ``get_participants`` answered last."""
    with read(source) as connection:
        return connection.execute(_PARTICIPANTS, {"session": session_id}).scalar()


def put_submission(connection: Connection, record: Record, problems: Sequence[Any] = ()) -> None:
    """Remember a submission (contract: ``common#submission``) and the problems found in it.

    ``answers`` and ``carried`` may be JSON text, as they travel, or parsed; they are kept parsed.
    """
    record = {**record, "answers": _parsed(record["answers"]), "carried": _parsed(record["carried"])}
    row = {
        "id": record["id"],
        "session": record["session"],
        "respondent": record["respondent"],
        "group": record["group"],
        "record": record,
        "problems": list(problems),
    }
    tables.put(connection, tables.submission, row)


def submission(source: Source, submission_id: str) -> Record | None:
    """One submission, with its ``problems``."""
    found = _submissions(source, tables.submission.c.id == submission_id)
    return found[0] if found else None


def submissions(source: Source, session: str | None = None) -> list[Record]:
    """All submissions, or those of one session, each with its ``problems``, oldest first."""
    return _submissions(source, None if session is None else tables.submission.c.session == session)


def delete_submission(connection: Connection, submission_id: str) -> None:
    """Forget a submission, its answers and its documents."""
    _delete_documents(connection, tables.document.c.submission == submission_id)
    connection.execute(delete(tables.submission).where(tables.submission.c.id == submission_id))


def erase_person(connection: Connection, user: int) -> list[str]:
    """Forget what a person submitted, and that they took part; ids of the sessions this concerns."""
    own = tables.submission.c.respondent == user
    found = connection.execute(select(tables.submission.c.id, tables.submission.c.session).where(own)).all()
    touched = {row.session for row in found}
    for row in found:
        delete_submission(connection, row.id)
    for row in connection.execute(select(tables.participants)).all():
        staying = [person for person in row.answer["participants"] if person["id"] != user]
        if len(staying) < len(row.answer["participants"]):
            touched.add(row.session)
            put_participants(connection, row.session, {**row.answer, "participants": staying})
    for record in sessions(connection):
        known = record.get("extensions", [])
        others = [each for each in known if each["user"] != user]
        if len(others) < len(known):
            touched.add(record["id"])
            put_session(connection, {**record, "extensions": others})
    return sorted(touched)


def keep_document(connection: Connection, document: Document) -> Document:
    """Keep a filled document with its bytes until it is stored; the document that is kept.

    That is the earlier one if this id is known already: a retry stores the same bytes. Only bytes that
    were missing are added, and only to a document with the same SHA-256 that is not stored yet.
    """
    row = {name: getattr(document, name) for name in Document.__dataclass_fields__ if name != "content"}
    fresh = connection.execute(_insert_document(is_sqlite(connection)), row).first() is not None
    kept = replace(document, content=None) if fresh else _of(connection, _DOCUMENT, {"id": document.id})[0]
    if (
        kept.content is None
        and kept.stored_at is None
        and document.content is not None
        and kept.sha256 == document.sha256
    ):
        connection.execute(_INSERT_CONTENT, {"document": document.id, "bytes": document.content})
        return document
    return kept


def replace_document(connection: Connection, document: Document) -> None:
    """Note a document as Moodle holds it in place of what is kept here under its id."""
    _delete_documents(connection, tables.document.c.id == document.id)
    keep_document(connection, document)


def document(source: Source, document_id: str) -> Document | None:
    """One document, with its bytes if they are still kept."""
    found = _of(source, _DOCUMENT, {"id": document_id})
    return found[0] if found else None


def kept_documents(source: Source, submission: str) -> list[Document]:
    """A submission's documents, with their bytes where they are still kept."""
    return _of(source, _KEPT, {"submission": submission})


def documents(source: Source, submission: str | None = None, session: str | None = None) -> list[Document]:
    """Documents without their bytes: all, or those of one submission or session."""
    wanted = select(tables.document).order_by(tables.document.c.id)
    if submission is not None:
        wanted = wanted.where(tables.document.c.submission == submission)
    elif session is not None:
        wanted = wanted.where(tables.document.c.session == session)
    return _of(source, wanted, {})


def receipt(connection: Connection, document_id: str, stored_at: float) -> None:
    """Moodle has stored a document: note when, and let its bytes go."""
    connection.execute(_FORGET_CONTENT, {"id": document_id})
    connection.execute(_STORED, {"id_": document_id, "at": stored_at})


def needs_push(source: Source, session_id: str, target: str, sha256: str) -> bool:
    """Whether ``target`` of a session holds something else in Moodle than what has this SHA-256."""
    return pushed_last(source, session_id, target) != sha256


def pushed_last(source: Source, session_id: str, target: str) -> str | None:
    """SHA-256 of what was pushed last to ``target`` of a session; None if nothing was."""
    table = tables.pushed
    with read(source) as connection:
        wanted = select(table.c.sha256).where(table.c.session == session_id, table.c.target == target)
        return connection.execute(wanted).scalar()


def pushed(source: Source, session_id: str) -> dict[str, tuple[str, int]]:
    """SHA-256 and revision of what was pushed last, by target."""
    with read(source) as connection:
        rows = connection.execute(select(tables.pushed).where(tables.pushed.c.session == session_id))
        return {row.target: (row.sha256, row.revision) for row in rows}


def was_ever_pushed(source: Source, session_id: str) -> bool:
    """Whether anything of a session was pushed."""
    table = tables.pushed
    with read(source) as connection:
        wanted = select(table.c.target).where(table.c.session == session_id).limit(1)
        return connection.execute(wanted).first() is not None


def was_pushed(connection: Connection, session_id: str, target: str, sha256: str, revision: int) -> None:
    """Note what Moodle holds now."""
    row = {"session": session_id, "target": target, "sha256": sha256, "revision": revision}
    tables.put(connection, tables.pushed, row)


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _submissions(source: Source, chosen: ColumnElement[bool] | None) -> list[Record]:
    wanted = select(tables.submission.c.record, tables.submission.c.problems)
    if chosen is not None:
        wanted = wanted.where(chosen)
    with read(source) as connection:
        found = [{**row.record, "problems": row.problems} for row in connection.execute(wanted)]
    return sorted(found, key=lambda record: (record["submitted"], record["version"], record["id"]))


def _of(source: Source, wanted: Select[Any], values: dict[str, Any]) -> list[Document]:
    with read(source) as connection:
        return [Document(**row) for row in connection.execute(wanted, values).mappings()]


def _delete_documents(connection: Connection, chosen: ColumnElement[bool]) -> None:
    connection.execute(delete(tables.document).where(chosen))
