"""What mentees are told of figures is written once, when all answers are known, and stays as it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sqlalchemy import Engine
from stored import RecordsOf, remember
from workshop import Workshop

from moodle_bridge.domain.course.frame import ALL_GROUPS, Frame
from moodle_bridge.domain.course.model import Process, Published
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pipeline import hints
from moodle_bridge.pipeline.publish import AGAIN_SECONDS, published
from moodle_bridge.pipeline.state import process_of
from moodle_bridge.plain_json import canonical
from moodle_bridge.store import ledger, queue, records
from moodle_bridge.store.engine import write

WORDS = catalogue.load()
COURSE = 7


def held(engine: Engine) -> set[str]:
    """The ledger but for when each entry was written."""
    return in_words(ledger.of_sessions(engine, [session.id for session in records.sessions(engine)]))


def in_words(entries: Iterable[Published]) -> set[str]:
    """The entries but for when each was written."""
    return {canonical({**dataclasses.asdict(each), "when": 0}) for each in entries}


def known(state: Process, sessions: set[str] | None = None, groups: set[int] | None = None) -> set[str]:
    """What the domain publishes of it, but for when."""
    return in_words(
        each
        for each in state.published
        if (sessions is None or each.session in sessions) and (groups is None or each.group in groups)
    )


def publish(shop: Workshop, state: Process, groups: set[int], part: int = 0) -> tuple[Published, ...]:
    """The ledger as a push of these groups sees it, after it has written what may be written."""
    read = process_of(shop.engine, WORDS, COURSE, shop.clock(), group=part)
    frame = Frame(WORDS, read, read.session(state.ordered[-1].id), ALL_GROUPS)
    return published(shop.context, frame, groups, "").state.published


def played(shop: Workshop, state: Process) -> None:
    """The service knows the course, and has published nothing yet."""
    remember(shop.engine, state, sorted(WORDS.instruments), COURSE)
    shop.clock.now = float(state.as_of)


def test_a_push_publishes_what_the_domain_says_of_every_closed_session(
    shop: Workshop, year_state: Process
) -> None:
    played(shop, year_state)
    told = publish(shop, year_state, {0, 1, 2})
    assert held(shop.engine) == known(year_state) != set()
    assert in_words(told) == held(shop.engine)


def test_a_push_of_one_group_publishes_the_same_of_it(shop: Workshop, year_state: Process) -> None:
    played(shop, year_state)
    publish(shop, year_state, {2}, part=2)
    assert held(shop.engine) == known(year_state, groups={2}) != set()


def test_what_was_published_stays_whatever_is_corrected(shop: Workshop, year_state: Process) -> None:
    played(shop, year_state)
    publish(shop, year_state, {0, 1, 2})
    before = held(shop.engine)
    stored = RecordsOf(year_state, COURSE, sorted(WORDS.instruments))
    with write(shop.engine) as connection:
        for each in year_state.submissions:
            if each.instrument == "mentee_final":
                worse = dataclasses.replace(each, answers={**each.answers, "overall": 1, "recommend": 0})
                records.put_submission(connection, stored.submission(worse))
    publish(shop, year_state, {0, 1, 2})
    assert held(shop.engine) == before


def test_figures_wait_for_answers_that_moodle_has_and_the_service_does_not_know_yet(
    shop: Workshop, year_state: Process
) -> None:
    played(shop, year_state)
    coming = "00000000-0000-4000-8000-00000000c0de"
    shop.ask(hints.archive_job(coming))
    publish(shop, year_state, {0, 1, 2})
    assert held(shop.engine) == set()
    again = [job for job in queue.list_jobs(shop.engine, "queued") if job.kind == "push"]
    assert [job.due_at - shop.clock() >= AGAIN_SECONDS for job in again] == [True]
    of_session_2 = next(each for each in year_state.submissions if each.session == year_state.ordered[1].id)
    stored = RecordsOf(year_state, COURSE, sorted(WORDS.instruments)).submission(of_session_2)
    with write(shop.engine) as connection:
        records.put_submission(connection, dataclasses.replace(stored, id=coming))
    publish(shop, year_state, {0, 1, 2})
    others = {session.id for session in year_state.sessions} - {of_session_2.session}
    assert held(shop.engine) == known(year_state, sessions=others)


def test_the_ledger_goes_with_its_session_only(shop: Workshop, year_state: Process) -> None:
    played(shop, year_state)
    publish(shop, year_state, {0, 1, 2})
    first, *others = [session.id for session in year_state.ordered]
    with write(shop.engine) as connection:
        records.delete_session(connection, first)
    assert held(shop.engine) == known(year_state, sessions=set(others))
