"""A decision on a signal, from the coordinator's page to the service and back into every summary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pairs import FakeClock
from sqlalchemy import Engine
from workshop import Workshop, workshop

from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.sandbox.cast import GROUP_A, YULIA
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
