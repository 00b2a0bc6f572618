"""Answers of more forms than fit in memory say the same as those that fit."""

from __future__ import annotations

import tracemalloc

import pytest
from workshop import Workshop

from moodle_bridge.pipeline import hints, shelf, state
from moodle_bridge.sandbox import functions
from moodle_bridge.sandbox.cast import KALOYAN, YULIA
from moodle_bridge.store import records
from moodle_bridge.store.engine import write

LONG = "Дълъг отговор. " * 400


def pushed(shop: Workshop) -> list[tuple[object, ...]]:
    """What Moodle's pages show, without revisions."""
    return [
        tuple(row)
        for table, keys in (
            ("personal", 'session, instrument, person, "group", content'),
            ("summary", 'session, "group", audience, person, content'),
        )
        for row in shop.sandbox.database.rows(f"SELECT {keys} FROM {table} ORDER BY 1, 2, 3, 4")
    ]


def test_pages_show_the_same_whether_or_not_answers_fit(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = shop.session(1), shop.session(2, kind="interim", instruments=["mentee_interim"])
    for person in (YULIA, KALOYAN):
        shop.submit(first, person=person.id)
    shop.sync()
    shop.work()
    shown = pushed(shop)
    assert len(shown) > 10
    monkeypatch.setattr(shelf.Shelf.__init__, "__defaults__", (0,))
    monkeypatch.setattr(shelf, "LONG", 3)
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM personal")
        connection.execute("DELETE FROM summary")
    with write(shop.engine) as connection:
        connection.exec_driver_sql("DELETE FROM pushed")
    for session in (first, second):
        shop.ask(hints.push_job(session, 0))
    shop.work()
    assert pushed(shop) == shown


def test_short_answers_are_at_hand_and_long_ones_are_fetched(shop: Workshop) -> None:
    submission = shop.submit(shop.session(), answers={"sa_plan": 3, "needs_other": LONG})
    shop.sync()
    form = records.submission(shop.engine, submission)
    assert form is not None
    placed = shelf.Shelf(shop.engine, room=1).place(form)
    assert placed.answers == form.answers
    assert set(placed.answers) == set(form.answers)
    assert placed.answers["sa_plan"] == 3
    assert "missing" not in placed.answers
    assert placed.answers.get("missing") is None
    with write(shop.engine) as connection:
        records.delete_submission(connection, submission)
    gone = shelf.Shelf(shop.engine, room=1).place(form).answers
    assert gone["sa_plan"] == 3
    assert gone.get("needs_other") is None, "what was erased meanwhile is not shown"


def test_a_course_of_many_long_forms_is_not_in_memory_as_a_whole(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf.Shelf.__init__, "__defaults__", (100_000,))
    monkeypatch.setattr(functions, "PAGE_BYTES", 100_000)

    def most(forms: int) -> int:
        session = shop.session()
        for _ in range(forms):
            shop.submit(session, answers={"sa_plan": 3, "needs_other": LONG})
        tracemalloc.start()
        shop.sync()  # a session new here is read with all that is in it
        process = state.process_of(shop.engine, shop.context.catalogue, 7, shop.clock())
        assert len(process.submissions) == forms
        assert {each.answers["needs_other"] for each in process.submissions} == {LONG}
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        shop.sandbox.world.delete_session(session)
        shop.sync()
        return peak

    few = most(20)
    assert most(200) - few < 180 * len(LONG) * 2 / 4
