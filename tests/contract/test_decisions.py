"""A decision on a signal, from the coordinator's page to the service and back into every summary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pairs import FakeClock
from sqlalchemy import Engine
from workshop import FORM, Workshop, workshop

from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.sandbox.cast import BOYAN, GROUP_A, KALOYAN, YULIA
from moodle_bridge.store import decisions


@pytest.fixture
def shop(engine: Engine, tmp_path: Path, clock: FakeClock) -> Iterator[Workshop]:
    """The pipeline without workers, beside a fresh stand-in."""
    with workshop(engine, tmp_path, clock) as made:
        yield made


def asked(shop: Workshop) -> str:
    """A session in which Юлия asks to be contacted, all of it pushed."""
    session = shop.session()
    shop.submit(session, sample("bg") | {"contact_me": True})
    settled(shop)
    return session


def settled(shop: Workshop) -> None:
    shop.sync()
    shop.work()
    shop.sync()
    shop.work()


def signals(shop: Workshop, session: str, audience: str = "coordinator", group: int = 0) -> dict[str, Any]:
    """The signals of a summary in Moodle, by rule."""
    row = shop.sandbox.database.row(
        'SELECT content FROM summary WHERE session = ? AND audience = ? AND "group" = ? AND person = 0',
        *(session, audience, group),
    )
    assert row is not None
    return {each["rule"]: each for each in json.loads(row["content"])["signals"]}


def decide(shop: Workshop, session: str, code: str, due: int = 0) -> None:
    signal = signals(shop, session)["contact_request"]
    shop.sandbox.world.decide(session, [signal], code, "Обади се.", due, 1)


def test_what_was_decided_comes_back_in_the_summary_for_the_coordinator_only(shop: Workshop) -> None:
    session = asked(shop)
    assert signals(shop, session)["contact_request"]["decision"] is None
    decide(shop, session, "talked")
    settled(shop)
    assert signals(shop, session)["contact_request"]["decision"] == "talked"
    assert signals(shop, session, group=GROUP_A)["contact_request"]["decision"] == "talked"
    assert "contact_request" not in signals(shop, session, "mentor", GROUP_A)
    assert shop.dead() == []


def test_the_last_decision_stands_and_all_are_read_anew_after_a_loss(shop: Workshop) -> None:
    session = asked(shop)
    decide(shop, session, "watching")
    shop.clock.advance(60)
    decide(shop, session, "measure", due=1764604800)
    settled(shop)
    assert signals(shop, session)["contact_request"]["decision"] == "measure"
    held = decisions.of_sessions(shop.engine, [session])
    restore(shop.context)
    assert decisions.of_sessions(shop.engine, [session]) == []
    settled(shop)
    assert decisions.of_sessions(shop.engine, [session]) == held
    assert [each.decision for each in held] == ["watching", "measure"]


def test_a_decision_about_an_erased_person_is_forgotten(shop: Workshop) -> None:
    session = asked(shop)
    decide(shop, session, "talked")
    settled(shop)
    assert len(decisions.of_sessions(shop.engine, [session])) == 1
    shop.sandbox.world.erase(YULIA.id)
    settled(shop)
    assert decisions.of_sessions(shop.engine, [session]) == []
    assert shop.dead() == []


def test_decisions_of_a_deleted_session_go_with_it(shop: Workshop) -> None:
    session = asked(shop)
    decide(shop, session, "talked")
    settled(shop)
    shop.sandbox.world.delete_session(session)
    settled(shop)
    assert decisions.of_sessions(shop.engine, [session]) == []


RECORD = "session_protocol"
SIGNED: dict[str, Any] = {
    "held_on": "2025-11-24",
    "form": "v_online",
    "attendance": [],
    "discussion": "",
    "message_to_group": "Добре тръгна.",
    "next_session": "2026-01-12",
    "mentor_agreed": True,
    "confirmed": True,
}


def sign(shop: Workshop, session: str) -> str:
    """The coordinator signs the record of group A, with an answer in every row that it shows."""
    offered = shop.sandbox.world.personal(session, RECORD, BOYAN.id, GROUP_A)
    assert offered is not None
    carried = offered["carried"]
    rows = [{"row": each["row"], "present": True} for each in carried["attendance"]]
    points = [
        {"row": each["row"], "area": each["area"], "status": "p_confirmed"}
        for each in carried["weak_points_review"]
    ]
    advice = [
        {"row": each["row"], "status": "q_declined", "answer": "Не."}
        for each in carried["recommendations_triage"]
    ]
    given = {
        **SIGNED,
        "attendance": rows,
        "weak_points_review": points,
        "recommendations_triage": advice,
    }
    return shop.sandbox.world.submit(session, RECORD, BOYAN.id, given, role="coordinator", group=GROUP_A)


def changed(shop: Workshop, session: str, audience: str = "coordinator") -> list[dict[str, Any]]:
    row = shop.sandbox.database.row(
        'SELECT content FROM summary WHERE session = ? AND audience = ? AND "group" = ?',
        *(session, audience, GROUP_A),
    )
    assert row is not None
    found: list[dict[str, Any]] = json.loads(row["content"]).get("changed", [])
    return found


def test_a_signed_record_says_when_its_figures_have_changed_and_a_new_edition_is_one_step(
    shop: Workshop,
) -> None:
    session = shop.session(instruments=[FORM, RECORD])
    shop.submit(session)
    settled(shop)
    record = sign(shop, session)
    settled(shop)
    assert changed(shop, session) == []
    shop.clock.advance(3600)
    shop.submit(session, person=KALOYAN.id)
    settled(shop)
    (told,) = changed(shop, session)
    assert told["submission"] == record
    assert told["lines"][-1] == "След подписването са подадени или променени формуляри на: Калоян Щърбанов."
    assert changed(shop, session, "mentor") == []
    shop.sandbox.world.close_session(session)
    settled(shop)
    assert [each["submission"] for each in changed(shop, session)] == [record]
    shop.clock.advance(3600)
    shop.sandbox.world.renew(record)
    settled(shop)
    assert changed(shop, session) == []
    versions = shop.sandbox.world.versions(session, RECORD, BOYAN.id, GROUP_A)
    assert [(each["version"], each["state"]) for each in versions] == [(1, "superseded"), (2, "submitted")]
    assert set(shop.documents(versions[1]["id"])) == {"full", "mentor"}
    assert shop.dead() == []
