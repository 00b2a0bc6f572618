"""The tables, as SQLAlchemy sees them; the migrations make them, a test compares the two.

Times are UTC epoch seconds: floating point where the service measured them, whole where Moodle said them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from moodle_bridge.plain_json import Json, canonical
from moodle_bridge.store.engine import is_sqlite

metadata = MetaData()

_Serial = BigInteger().with_variant(Integer(), "sqlite")
_Uuid = String(36)


class JsonText(TypeDecorator[Json]):
    """JSON as text, so that it reads back alike everywhere (PostgreSQL's own type refuses U+0000)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: Dialect) -> str | None:
        """The text that is stored."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Json:
        """The value that was stored."""
        return None if value is None else _read(value)


def _read(written: str) -> Json:
    value: Json = json.loads(written)
    return value


inbox = Table(
    "inbox",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("source", String(20), nullable=False),
    Column("type", String(40), nullable=False),
    Column("data", JsonText(), nullable=False),
    Column("received_at", Float(53), nullable=False),
    Index("inbox_received_at", "received_at"),
)

job = Table(
    "job",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("payload", JsonText(), nullable=False),
    Column("trace", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", Float(53), nullable=False),
    Column("attempts", Integer(), nullable=False),
    Column("crashes", Integer(), nullable=False),
    Column("again", Integer(), nullable=False),
    Column("owner", String(120), nullable=False),
    Column("fence", Integer(), nullable=False),
    Column("lease_until", Float(53), nullable=False),
    Column("code", String(60), nullable=False),
    Column("message", Text(), nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("changed_at", Float(53), nullable=False),
    Index("job_state_due_at", "state", "due_at", "id"),
)

tick = Table(
    "tick",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("slot", BigInteger(), nullable=False),
)

worker = Table(
    "worker",
    metadata,
    Column("owner", String(120), primary_key=True),
    Column("seen_at", Float(53), nullable=False),
    Column("running", Integer(), nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", JsonText(), nullable=False),
)

pairing = Table(
    "pairing",
    metadata,
    Column("site", String(255), primary_key=True),
    Column("site_name", Text(), nullable=False),
    Column("token", Text(), nullable=False),
    Column("secrets", JsonText(), nullable=False),
    Column("language", String(10), nullable=False),
    Column("moodle_release", String(100), nullable=False),
    Column("plugin_release", String(100), nullable=False),
    Column("paired_at", Float(53), nullable=False),
)

pairing_code = Table(
    "pairing_code",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("key", LargeBinary(), nullable=False),
    Column("valid_until", Float(53), nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("id", _Uuid, primary_key=True),
    Column("course", BigInteger(), nullable=False),
    Column("record", JsonText(), nullable=False),
    Index("session_course", "course"),
)

participants = Table(
    "participants",
    metadata,
    Column("session", _Uuid, primary_key=True),
    Column("answer", JsonText(), nullable=False),
)

submission = Table(
    "submission",
    metadata,
    Column("id", _Uuid, primary_key=True),
    Column("session", _Uuid, nullable=False),
    Column("respondent", BigInteger(), nullable=False),
    Column("record", JsonText(), nullable=False),
    Column("problems", JsonText(), nullable=False),
    Column("group", BigInteger(), nullable=False, server_default=text("0")),
    Index("submission_group", "group", "session"),
    Index("submission_session", "session"),
    Index("submission_respondent", "respondent"),
)

document = Table(
    "document",
    metadata,
    Column("id", _Uuid, primary_key=True),
    Column("submission", _Uuid, nullable=False),
    Column("session", _Uuid, nullable=False),
    Column("variant", String(20), nullable=False),
    Column("language", String(10), nullable=False),
    Column("filename", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("answers_sha256", String(64), nullable=False),
    Column("size", Integer(), nullable=False),
    Column("pages", Integer(), nullable=False),
    Column("stored_at", Float(53), nullable=True),
    Index("document_submission", "submission"),
    Index("document_session", "session"),
)

# Bytes apart from the row: lists of documents stay quick, and a stored document's bytes go by one DELETE.
content = Table(
    "content",
    metadata,
    Column("document", _Uuid, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True),
    Column("bytes", LargeBinary(), nullable=False),
)

pushed = Table(
    "pushed",
    metadata,
    Column("session", _Uuid, primary_key=True),
    Column("target", String(200), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("revision", BigInteger(), nullable=False),
)

set_aside = Table(
    "set_aside",
    metadata,
    Column("session", String(36), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("course", BigInteger(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("code", String(60), nullable=False),
    Column("message", Text(), nullable=False),
    Column("since", Float(53), nullable=False),
    Column("tries", Integer(), nullable=False),
    Column("again_at", Float(53), nullable=False),
)

# What people were told who do not read the answers behind a figure: written once, never changed.
ledger = Table(
    "ledger",
    metadata,
    Column("session", _Uuid, primary_key=True),
    Column("group", BigInteger(), primary_key=True),
    Column("audience", String(10), primary_key=True),
    Column("item", String(200), primary_key=True),
    Column("figure", JsonText(), nullable=False),
    Column("published_at", BigInteger(), nullable=False),
)


decision = Table(
    "decision",
    metadata,
    Column("id", _Uuid, primary_key=True),
    Column("session", _Uuid, nullable=False),
    Column("record", JsonText(), nullable=False),
    Index("decision_session", "session"),
)


def insert_for(on_sqlite: bool, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT in the words of SQLite, or of PostgreSQL."""
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


def put(connection: Connection, table: Table, row: Mapping[str, object]) -> None:
    """Insert a whole row, in place of the row with the same primary key."""
    connection.execute(_put(is_sqlite(connection), table), row)


@cache
def _put(on_sqlite: bool, table: Table) -> Insert:
    # Making a statement costs SQLAlchemy more than running it, so each is made once.
    statement = insert_for(on_sqlite, table)
    keys = [column.name for column in table.primary_key]
    others = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
