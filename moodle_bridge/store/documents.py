"""The filled documents: kept with their bytes until Moodle has stored them, then known by their hashes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import ColumnElement, Connection, Executable, bindparam, delete, insert, select, update

from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, is_sqlite, read


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
_WITH_BYTES = (
    select(tables.document, tables.content.c.bytes.label("content"))
    .outerjoin(tables.content)
    .order_by(tables.document.c.id)
)
_DOCUMENT = _WITH_BYTES.where(tables.document.c.id == bindparam("id"))
_OF_SUBMISSION = _WITH_BYTES.where(tables.document.c.submission == bindparam("submission"))
_INSERT_CONTENT = insert(tables.content)
_FORGET_CONTENT = delete(tables.content).where(tables.content.c.document == bindparam("id"))
_STORED = (
    update(tables.document).where(tables.document.c.id == bindparam("id_")).values(stored_at=bindparam("at"))
)


@cache
def _insert_document(on_sqlite: bool) -> Executable:
    fresh = tables.insert_for(on_sqlite, tables.document).on_conflict_do_nothing()
    return fresh.returning(tables.document.c.id)


def keep(connection: Connection, new: Document) -> Document:
    """Keep a filled document with its bytes until it is stored; the document that is kept.

    That is the earlier one if this id is known already: a retry stores the same bytes. Only bytes that
    were missing are added, and only to a document with the same SHA-256 that is not stored yet.
    """
    row = {each.name: getattr(new, each.name) for each in dataclasses.fields(new) if each.name != "content"}
    fresh = connection.execute(_insert_document(is_sqlite(connection)), row).first() is not None
    known = dataclasses.replace(new, content=None) if fresh else _of(connection, _DOCUMENT, {"id": new.id})[0]
    if (
        known.content is None
        and known.stored_at is None
        and new.content is not None
        and known.sha256 == new.sha256
    ):
        connection.execute(_INSERT_CONTENT, {"document": new.id, "bytes": new.content})
        return new
    return known


def replace(connection: Connection, held: Document) -> None:
    """Note a document as Moodle holds it in place of what is kept here under its id."""
    delete_where(connection, tables.document.c.id == held.id)
    keep(connection, held)


def document(source: Source, document_id: str) -> Document | None:
    """One document, with its bytes if they are still kept."""
    found = _of(source, _DOCUMENT, {"id": document_id})
    return found[0] if found else None


def with_bytes(source: Source, submission: str) -> list[Document]:
    """A submission's documents, with their bytes where they are still kept."""
    return _of(source, _OF_SUBMISSION, {"submission": submission})


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


def forget(connection: Connection, document_id: str) -> None:
    """Forget one document with its bytes."""
    delete_where(connection, tables.document.c.id == document_id)


def delete_where(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Forget documents with their bytes."""
    connection.execute(delete(tables.document).where(chosen))


def _of(source: Source, wanted: Executable, given: Mapping[str, str]) -> list[Document]:
    with read(source) as connection:
        return [Document(**row) for row in connection.execute(wanted, given).mappings()]
