"""Drafts of forms: kept in the stand-in, with a revision so that two windows cannot overwrite each other."""

from __future__ import annotations

import json

from moodle_bridge.plain_json import Json, JsonObject
from moodle_bridge.sandbox.sqlite_file import Database
from moodle_bridge.sandbox.world import Refusal

_PLACE = 'session = ? AND instrument = ? AND person = ? AND "group" = ?'


def draft_of(
    database: Database, session: str, instrument: str, person: int, group: int
) -> tuple[dict[str, Json], int]:
    """The saved draft and its revision; ``({}, 0)`` if there is none."""
    row = database.row(f"SELECT * FROM draft WHERE {_PLACE}", session, instrument, person, group)  # noqa: S608
    return ({}, 0) if row is None else (json.loads(row["answers"]), row["revision"])


def save_draft(
    database: Database,
    session: str,
    instrument: str,
    person: int,
    group: int,
    answers: JsonObject,
    seen: int,
) -> int:
    """Keep a draft and return its revision; ``seen`` is the one the page was made from, 0 for none.

    Raises :class:`Refusal` when another window saved a later one meanwhile.
    """
    with database.write() as connection:
        if draft_of(database, session, instrument, person, group)[1] != seen:
            raise Refusal(
                "В друг прозорец е записана по-нова чернова. / A later draft was saved in another window."
            )
        connection.execute(
            'INSERT INTO draft (session, instrument, "group", person, revision, answers)'
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET revision = excluded.revision, answers = excluded.answers",
            (session, instrument, group, person, seen + 1, json.dumps(answers, ensure_ascii=False)),
        )
    return seen + 1
