"""What could not be read or worked out stands on the session's page at once, and goes when it is over."""

from __future__ import annotations

from typing import Any, cast

import pytest
from workshop import Workshop

from moodle_bridge import languages
from moodle_bridge.contract import validator
from moodle_bridge.pipeline import hints
from moodle_bridge.remedies import remedy_of
from moodle_bridge.sandbox import views
from moodle_bridge.sandbox.cast import YULIA
from moodle_bridge.store import aside, tables
from moodle_bridge.store.engine import write

HOUR = 3600


def shown(shop: Workshop, session: str) -> list[Any]:
    """What the coordinator's page of a session shows."""
    row = shop.sandbox.database.row("SELECT * FROM session WHERE id = ?", session)
    assert row is not None
    return list(views.set_aside(shop.sandbox.world, row))


def report(shop: Workshop) -> None:
    shop.ask(hints.report_job())
    shop.work("report")


def test_a_person_who_cannot_be_read_is_shown_until_they_can(shop: Workshop) -> None:
    whole, session = shop.session(1), shop.session(2)
    shop.sync()

    def lie(asked: Any, told: dict[str, Any]) -> dict[str, Any]:
        if asked.get("session") != session:
            return told
        people = [each | ({"roles": []} if each["id"] == YULIA.id else {}) for each in told["participants"]]
        return told | {"participants": people}

    shop.moodle.lie_of("get_participants", lie)
    shop.sandbox.world.update_session(session, name="Друго име")
    shop.sync()
    report(shop)
    (thing,) = shown(shop, session)
    assert validator("common", cast(Any, "thing")).is_valid(thing)
    assert (thing["kind"], thing["code"], thing["reason"]) == (
        "person",
        "moodle-garbled",
        languages.in_each("aside_person"),
    )
    assert thing["remedy"] == remedy_of("moodle-garbled")
    assert thing["again"] > thing["since"]
    assert shown(shop, whole) == []
    calls = shop.moodle.calls.count("put_set_aside")
    report(shop)
    assert shop.moodle.calls.count("put_set_aside") == calls, "what is shown is not said again"
    shop.moodle.honest()
    shop.sandbox.world.update_session(session, name="Ново име")
    shop.sync()
    report(shop)
    assert shown(shop, session) == []
    calls = shop.moodle.calls.count("put_set_aside")
    report(shop)
    assert shop.moodle.calls.count("put_set_aside") == calls


def test_an_error_of_the_program_in_a_push_is_shown_at_once(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = shop.session()
    shop.sync()
    shop.work()
    shop.ask(hints.push_job(session, shop.clock()))
    with write(shop.engine) as connection:
        failing = tables.job.c.kind == "push", tables.job.c.state == "queued"
        connection.execute(tables.job.update().where(*failing).values(code="internal", message="KeyError"))
    report(shop)
    (thing,) = shown(shop, session)
    assert (thing["kind"], thing["code"], thing["reason"]) == (
        "section",
        "internal",
        languages.in_each("aside_section"),
    )
    shop.work("push")
    report(shop)
    assert shown(shop, session) == []


@pytest.mark.parametrize("refusal", ["sessionmissing", "invalidrecord"])
def test_a_session_that_moodle_does_not_take_hides_no_other(shop: Workshop, refusal: str) -> None:
    gone, session = shop.session(1), shop.session(2)
    shop.sync()
    broken = {"exception": "moodle_exception", "errorcode": refusal}
    shop.moodle.lie_of("put_set_aside", lambda asked, told: broken if asked["session"] == gone else told)
    with write(shop.engine) as connection:
        for each in (gone, session):
            aside.put(connection, aside.Thing(each, "session", each), "moodle-slow", "x", shop.clock())
    report(shop)
    assert [each["kind"] for each in shown(shop, session)] == ["session"]
    assert shop.dead() == []


def test_an_older_plugin_is_shown_nothing_and_forms_are_reported_all_the_same(shop: Workshop) -> None:
    session = shop.session()
    shop.sync()
    missing = {"exception": "dml_missing_record_exception", "errorcode": "invalidrecord"}
    shop.moodle.lie("put_set_aside", lambda told: missing)
    with write(shop.engine) as connection:
        aside.put(connection, aside.Thing(session, "session", session), "moodle-slow", "x", shop.clock())
    report(shop)
    assert shop.dead() == []
