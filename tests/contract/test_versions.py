"""A newer version of a form comes while a course goes on: stand-in and plugin keep the same versions."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from contract_sites import Site, call, definition_of

FORM = "mentee_initial"
ANSWERS = {"needs_now": ["n_practice"], "general_goals": [{"row": 1, "text": "Да започна работа"}]}
TITLE = "Моите цели, по новому"


def newer() -> dict[str, str]:
    """A later version of the form than any there is, with another title."""
    entry = definition_of(FORM)
    version = f"1.{int(time.time())}.0"
    content = {**json.loads(entry["content"]), "version": version, "title": TITLE}
    text = json.dumps(content, ensure_ascii=False)
    return {**entry, "version": version, "content": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def changes(site: Site, cursor: int) -> dict[str, Any]:
    """All changes after a cursor, with the sessions they are about."""
    return call(site, "get_changes", cursor=cursor, limit=1000)


def end_of(site: Site) -> int:
    """The cursor after everything that has happened so far."""
    cursor, more = 0, True
    while more:
        page = changes(site, cursor)
        cursor, more = page["cursor"], page["more"]
    return int(cursor)


def told(site: Site, cursor: int) -> dict[str, str]:
    """The version of the form in each session about which something was told after a cursor."""
    page = changes(site, cursor)
    about = {each["id"] for each in page["changes"] if (each["kind"], each["action"]) == ("session", "saved")}
    return {
        session["id"]: {each["instrument"]: each["version"] for each in session["versions"]}[FORM]
        for session in page["sessions"]
        if session["id"] in about
    }


def test_each_session_of_a_course_keeps_its_version_until_it_is_moved(site: Site) -> None:
    call(site, "put_definitions", definitions=[definition_of(FORM)])
    start = end_of(site)
    first, drafted = site.create_session(), site.create_session()
    began = told(site, start)
    old = began[first]
    assert began == {first: old, drafted: old}
    title = site.title_shown(first)
    site.submit(first, ANSWERS)
    site.save_draft(drafted, ANSWERS)

    # A second version is told with every session, the same again with none.
    start, entry = end_of(site), newer()
    assert call(site, "put_definitions", definitions=[entry]) == {"stored": 1, "same": 0}
    learned = told(site, start)
    assert (learned[first], learned[drafted]) == (old, old)
    start = end_of(site)
    assert call(site, "put_definitions", definitions=[entry]) == {"stored": 0, "same": 1}
    assert told(site, start) == {}

    # A new session of the course goes on with what the course has; only what nobody has begun is moved.
    kept, moved = site.create_session(), site.create_session()
    assert told(site, start) == {kept: old, moved: old}
    start = end_of(site)
    assert [site.use_newest(session) for session in (first, drafted, moved)] == [0, 0, 1]
    assert told(site, start) == {moved: entry["version"]}
    assert site.use_newest(moved) == 0

    shown = {session: site.title_shown(session) for session in (first, drafted, kept, moved)}
    assert shown == {first: title, drafted: title, kept: title, moved: TITLE}
    versions = {}
    for session in (first, drafted, kept, moved):
        (submission,) = call(site, "get_submissions", ids=[site.submit(session, ANSWERS)], session="")[
            "submissions"
        ]
        versions[session] = (submission["instrument_version"], submission["version"])
    assert versions == {first: (old, 2), drafted: (old, 1), kept: (old, 1), moved: (entry["version"], 1)}
