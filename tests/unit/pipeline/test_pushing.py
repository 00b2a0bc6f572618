"""Pushing only what an event has changed, and no oftener than the course can bear."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from sqlalchemy import select
from stored import remember
from workshop import FORM, Workshop

from moodle_bridge.contract.exchanges import PersonalItem
from moodle_bridge.contract.records import Group, SessionRecord, StretchRecord, as_json
from moodle_bridge.domain.course.frame import ALL_GROUPS, Frame
from moodle_bridge.domain.course.model import Process
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pipeline import stale
from moodle_bridge.pipeline.push import _batches, _Changed, _personal, _summaries
from moodle_bridge.pipeline.state import process_of
from moodle_bridge.sandbox.cast import BOYAN, GROUP_A, GROUP_B, HRISTO, KALOYAN, PETAR, YULIA
from moodle_bridge.store import facts, pushed, queue, records, tables
from moodle_bridge.store.engine import read, write

WORDS = catalogue.load()
DAY = 86_400


def contents(shop: Workshop, session: SessionRecord, groups: set[int], group: int) -> dict[str, Any]:
    """What a push of these groups says, from a state that was read for one of them (0: for all)."""
    state = process_of(shop.engine, WORDS, 7, shop.clock(), group=group)
    frame = Frame(WORDS, state, state.session(session.id), ALL_GROUPS)
    told = [*_personal(frame, session, groups, 1), *_summaries(frame, session, groups, 1)]
    return {each.target: each.content() for each in told}


def test_what_is_pushed_of_one_group_is_what_a_push_of_everything_says_of_it(
    shop: Workshop, year_state: Process
) -> None:
    moved = year_state.participants[0]
    elsewhere = next(group for group in year_state.groups if group not in moved.groups)
    state = dataclasses.replace(
        year_state,
        participants=(
            dataclasses.replace(moved, groups=(elsewhere,)),  # whose earlier forms are of another group
            *(person for person in year_state.participants[2:]),  # one has gone altogether
        ),
    )
    remember(shop.engine, state, sorted(WORDS.instruments))
    shop.clock.now = float(state.as_of)
    for session in records.sessions(shop.engine)[1::2]:
        whole = contents(shop, session, {0, *state.groups}, 0)
        parts = [contents(shop, session, {group}, group) for group in (0, *state.groups)]
        assert {target: content for part in parts for target, content in part.items()} == whole
        assert sum(map(len, parts)) == len(whole)


def pushes(shop: Workshop) -> dict[str, float]:
    """The pushes that are asked for: what comes after the session's name, and in how many seconds."""
    queued = [job for job in queue.list_jobs(shop.engine, "queued") if job.kind == "push"]
    return {job.key.removeprefix("push:"): job.due_at - shop.clock() for job in queued}


@pytest.fixture
def sessions(shop: Workshop) -> list[str]:
    """One session before, the present one, the next one, one after it has closed, one of the far future."""
    now = int(shop.clock())
    found = [
        shop.session(1, opens=now - 60 * DAY, due=now + 9 * DAY),
        shop.session(2, opens=now - DAY, due=now + 9 * DAY),
        shop.session(3, opens=now + 600, due=now + 30 * DAY),
        shop.session(4, opens=now - DAY, due=now + 30 * DAY),
        shop.session(5, opens=now + 60 * DAY, due=now + 70 * DAY),
    ]
    shop.sandbox.world.close_session(found[3])
    shop.sync()
    shop.work()
    assert pushes(shop) == {}
    return found


def test_a_form_has_its_group_pushed_soon_and_later_sessions_when_enough_has_gathered(
    shop: Workshop, sessions: list[str]
) -> None:
    with write(shop.engine) as connection:
        stale.took(connection, 7, 15.0)
    shop.archive(shop.submit(sessions[1], person=YULIA.id))
    assert pushes(shop) == pytest.approx(
        {
            f"{sessions[1]}:{GROUP_A}": 2,
            f"{sessions[1]}:0": 2 + 15 * 20,
            **{
                f"{sessions[other]}:{group}": 2 + 15 * 20
                for other in (0, 2, 4)  # the first form is asked for nowhere else any more
                for group in (GROUP_A, 0)
            },
        }
    )


def test_what_a_push_took_is_remembered_and_what_is_cheap_gathers_no_longer(
    shop: Workshop, sessions: list[str]
) -> None:
    assert 0 < facts.get(shop.engine, "pushing/7") < 5
    with write(shop.engine) as connection:
        stale.took(connection, 7, stale.CHEAP_SECONDS)
    shop.archive(shop.submit(sessions[1], person=YULIA.id))
    assert set(pushes(shop).values()) == {2.0}


def test_whoever_has_made_a_session_does_not_wait_for_its_forms(shop: Workshop, sessions: list[str]) -> None:
    with write(shop.engine) as connection:
        stale.took(connection, 7, 15.0)
    new = shop.session(6)
    shop.sync()
    assert pushes(shop) == {new: 2.0}


def test_what_the_coordinator_writes_concerns_every_open_session(shop: Workshop, sessions: list[str]) -> None:
    written = shop.submit(sessions[1], person=YULIA.id)
    shop.archive(written)
    shop.work()
    form = records.submission(shop.engine, written)
    assert form is not None
    form = dataclasses.replace(form, group=0, respondent_role="coordinator", respondent=BOYAN.id)
    with write(shop.engine) as connection:
        session = records.session(connection, sessions[1])
        assert session is not None
        stale.submission(connection, form, session, shop.clock(), "")
    assert set(pushes(shop)) == set(sessions[:3])


def test_a_steady_trickle_does_not_put_off_what_it_asks_for(shop: Workshop, sessions: list[str]) -> None:
    for person in (YULIA, KALOYAN):
        shop.archive(shop.submit(sessions[1], person=person.id))
        shop.clock.advance(1.5)
    assert pushes(shop)[f"{sessions[1]}:{GROUP_A}"] == pytest.approx(2 - 3)


def test_what_costs_much_gathers_long(shop: Workshop, sessions: list[str]) -> None:
    with write(shop.engine) as connection:
        stale.took(connection, 7, 15.0)
        stale.sessions(connection, sessions[:1], shop.clock(), "")
    assert pushes(shop) == pytest.approx({sessions[0]: 2 + 15 * 20})


def test_a_session_of_the_far_future_is_brought_up_to_date_before_it_opens(
    shop: Workshop, sessions: list[str]
) -> None:
    shop.archive(shop.submit(sessions[1], person=HRISTO.id))
    shop.work()
    shop.clock.advance(60 * DAY - stale.AHEAD_SECONDS - 10)
    shop.sync()
    assert sessions[4] not in pushes(shop)
    shop.work()
    shop.clock.advance(20)
    shop.sync()
    assert sessions[4] in pushes(shop)


def test_a_push_of_one_group_reads_the_forms_of_nobody_else(shop: Workshop, sessions: list[str]) -> None:
    own, other = (shop.submit(sessions[0], person=person.id) for person in (YULIA, PETAR))
    with shop.sandbox.database.write() as connection:
        connection.execute(
            'UPDATE submission SET "group" = 4, respondent = ? WHERE id = ?', (HRISTO.id, other)
        )
    shop.sync()
    shop.work()
    state = process_of(shop.engine, WORDS, 7, shop.clock(), group=GROUP_A)
    assert [form.respondent for form in state.submissions] == [YULIA.id]
    with read(shop.engine) as connection:
        stored = connection.execute(select(tables.submission.c.id, tables.submission.c.group)).all()
    assert {row.id: row.group for row in stored} == {own: GROUP_A, other: 4}


def test_a_push_of_a_group_that_is_gone_says_nothing_of_the_others(
    shop: Workshop, sessions: list[str]
) -> None:
    shop.archive(shop.submit(sessions[1], person=YULIA.id))
    with write(shop.engine) as connection:  # the coordinator switches the groups off, and the sync tells so
        for record in records.sessions(connection, 7):
            records.put_session(connection, dataclasses.replace(record, groupmode="none", groups=()))
    before = len(shop.moodle.calls)
    for job in queue.list_jobs(shop.engine, "queued"):
        if job.key != f"push:{sessions[1]}:{GROUP_A}":
            queue.drop(shop.engine, job.id)
    shop.work()
    assert {"put_personal", "put_summary"}.isdisjoint(shop.moodle.calls[before:])


def test_a_form_of_somebody_who_has_changed_groups_has_their_new_group_pushed_too(
    shop: Workshop, sessions: list[str]
) -> None:
    form = shop.submit(sessions[1], person=YULIA.id)
    with write(shop.engine) as connection:
        answer = records.participants(connection, sessions[1])
        assert answer is not None
        moved = tuple(
            dataclasses.replace(each, groups=(GROUP_B,)) if each.id == YULIA.id else each
            for each in answer.participants
        )
        records.put_participants(connection, dataclasses.replace(answer, participants=moved))
    shop.archive(form)
    assert {key for key in pushes(shop) if key.startswith(sessions[1])} == {
        f"{sessions[1]}:{group}" for group in (0, GROUP_A, GROUP_B)
    }


def test_groups_that_are_made_after_the_session_are_known_with_their_people(shop: Workshop) -> None:
    session = shop.session(1, instruments=[FORM, "mentee_group_expectations"])
    shop.session(2)
    shop.sync()
    shop.work()
    with shop.sandbox.database.write() as connection:
        connection.execute('INSERT INTO "group" (id, course, name) VALUES (9, 7, ?)', ("Група В",))
    shop.sandbox.world.enrol(7, dataclasses.replace(YULIA, groups=(9,)))
    shop.sync()
    shop.work()
    record = records.session(shop.engine, session)
    assert record is not None
    assert Group(9, "Група В") in record.groups
    query = 'SELECT DISTINCT "group" FROM personal WHERE session = ? AND person = ?'
    assert 9 in [row["group"] for row in shop.sandbox.database.rows(query, session, YULIA.id)]


def test_a_later_session_without_groups_is_pushed_whole(shop: Workshop, sessions: list[str]) -> None:
    with write(shop.engine) as connection:
        record = records.session(connection, sessions[2])
        assert record is not None
        records.put_session(connection, dataclasses.replace(record, groupmode="none", groups=()))
    shop.archive(shop.submit(sessions[1], person=YULIA.id))
    asked = {key for key in pushes(shop) if key.startswith((sessions[1], sessions[2]))}
    assert asked == {f"{sessions[1]}:{GROUP_A}", f"{sessions[1]}:0", sessions[2]}


def test_a_session_without_groups_has_what_was_written_in_groups(shop: Workshop) -> None:
    first = shop.session(1)
    together = shop.session(2, kind="interim", groupmode="none", instruments=["mentee_interim"])
    shop.archive(shop.submit(first, person=YULIA.id))
    shop.sync()
    shop.work()
    query = "SELECT * FROM personal WHERE session = ? AND instrument = 'mentee_interim' AND person = ?"
    rows = shop.sandbox.database.rows(query, together, YULIA.id)
    assert [row["group"] for row in rows] == [0]
    assert len(json.loads(rows[0]["content"])["carried"]["goals_progress"]) > 0
    query = 'SELECT DISTINCT audience, "group" FROM summary WHERE session = ? ORDER BY audience'
    told = shop.sandbox.database.rows(query, together)
    assert [tuple(row) for row in told] == [("coordinator", 0), ("mentee", 0), ("mentor", 0)]


@pytest.mark.parametrize("told", ["session", "submission"])
def test_rows_that_moodle_deleted_in_a_reset_or_an_erasure_come_back(shop: Workshop, told: str) -> None:
    session = shop.session(1)
    form = shop.submit(session)
    shop.sync()
    shop.work()
    queries = ("SELECT * FROM personal", "SELECT * FROM summary")
    before = [len(shop.sandbox.database.rows(query)) for query in queries]
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM personal")
        connection.execute("DELETE FROM summary")
    if told == "session":
        shop.sandbox.world.update_session(session)
    else:
        shop.sandbox.world.delete_submission(form)
    shop.sync()
    shop.work()
    assert [len(shop.sandbox.database.rows(query)) for query in queries] == before
    assert min(before) > 1


def test_no_call_has_more_fields_than_php_takes_however_many_people_there_are() -> None:
    item = PersonalItem("mentee_initial", 1, 1, 1, '{"open":true}')
    changed = [
        _Changed(pushed.personal_target("mentee_initial", number, 1), "", item) for number in range(3000)
    ]
    unchanged = [item] * 2000
    batches = list(_batches(changed, unchanged))
    assert [entry for batch in batches for entry in batch.changed] == changed
    assert [entry for batch in batches for entry in batch.unchanged] == unchanged
    fields = [
        sum(len(as_json(each)) for each in (*(e.item for e in b.changed), *(e.name for e in b.unchanged)))
        for b in batches
    ]
    assert max(fields) < 980


def test_the_own_deadline_of_one_person_is_seen_when_it_passes(shop: Workshop) -> None:
    begin = int(shop.clock())
    shop.session(due=begin + 600)
    more = {"extensions": [{"user": YULIA.id, "due": begin + 7200}]}
    shop.moodle.lie(
        "get_changes",
        lambda answer: answer | {"sessions": [session | more for session in answer["sessions"]]},
    )
    shop.sync()
    shop.work()
    for hours, passed in ((1, True), (0.5, False), (1, True), (1, False)):
        shop.clock.advance(hours * 3600)
        shop.sync()
        waiting = {job.kind for job in queue.list_jobs(shop.engine, "queued")}
        assert waiting == ({"push"} if passed else set()), shop.clock() - begin
        shop.work()


def test_a_filed_form_that_goes_with_its_author_to_another_group_is_known_there(shop: Workshop) -> None:
    session = shop.session(1)
    form = shop.submit(session)
    shop.sync()
    shop.work()
    filed = shop.documents(form)
    with shop.sandbox.database.write() as connection:
        connection.execute('UPDATE submission SET "group" = ? WHERE id = ?', (GROUP_B, form))
        connection.execute(
            "INSERT INTO change (kind, action, session, id, time) VALUES ('submission', 'saved', ?, ?, 1)",
            (session, form),
        )
    shop.sync()
    shop.work()
    known = records.submission(shop.engine, form)
    assert known is not None
    assert (known.group, known.group_name) == (GROUP_B, "Група Б")
    assert shop.documents(form) == filed
    assert shop.dead() == []


def test_a_fixed_roster_and_groups_that_are_gone_come_from_what_moodle_said(
    shop: Workshop, sessions: list[str]
) -> None:
    gone = Group(GROUP_A, "Група А", gone=1_790_000_000)
    with write(shop.engine) as connection:
        answer = records.participants(connection, sessions[1])
        record = records.session(connection, sessions[1])
        assert answer is not None
        assert record is not None
        stays = StretchRecord("mentee", GROUP_A, 1, 0)
        left = StretchRecord("mentee", GROUP_B, 1, 2, "moved")
        people = tuple(
            dataclasses.replace(each, groups=(GROUP_B,), roster=(left, stays))
            if each.id == YULIA.id
            else each
            for each in answer.participants
        )
        records.put_participants(connection, dataclasses.replace(answer, participants=people, fixed=3))
        others = tuple(each for each in record.groups if each.id != GROUP_A)
        records.put_session(connection, dataclasses.replace(record, groups=(*others, gone)))
    state = process_of(shop.engine, WORDS, 7, shop.clock())
    session = state.session(sessions[1])
    assert session.groups == {GROUP_A}
    assert [each.id for each in state.enrolled(session, GROUP_A, "mentee")] == [YULIA.id]
    assert state.groups[GROUP_A] == "Група А"
    open_one = state.session(sessions[2])
    assert open_one.roster is None
    assert YULIA.id in [each.id for each in state.enrolled(open_one, GROUP_B, "mentee")]
