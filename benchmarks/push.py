"""What a push costs in a large course, and how busy a steady trickle of submissions keeps the workers.

One command, one run::

    python benchmarks/push.py [--mentees 1000] [--group 10] [--sessions 10]

A course of so many mentees in groups, a mentor for each, and a coordinator; everybody has answered in all
sessions but the last, in which half have. Moodle is a client that takes everything and holds nothing. Times
are processor time of one core; what is measured is the push job itself, from the database to the calls.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Engine

from benchmarks.domain import first_answers, interim_answers
from moodle_bridge.contract.exchanges import (
    DefinitionItem,
    DefinitionsTaken,
    ItemsTaken,
    PersonalItem,
    SummaryItem,
)
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Participant, Process, Session, Submission, Target
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.push import push
from moodle_bridge.settings import load
from moodle_bridge.store import records, schema
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.queue import Job
from tests.stored import RecordsOf

DAY = 86_400
START = 1_768_176_000
COURSE = 7
INSTRUMENTS = ("mentee_initial", "mentee_interim", "mentor_interim", "session_protocol")


class Moodle:
    """Takes what is pushed and counts it."""

    def __init__(self) -> None:
        self.items = 0
        self.bytes = 0
        self.largest = 0

    def put_definitions(self, items: Sequence[DefinitionItem]) -> DefinitionsTaken:
        """Forms."""
        return DefinitionsTaken(stored=len(items), same=0)

    def put_personal(self, session: str, items: Sequence[PersonalItem]) -> ItemsTaken:
        """Carried rows."""
        return self._take(items)

    def put_summary(self, session: str, items: Sequence[SummaryItem]) -> ItemsTaken:
        """Summaries."""
        return self._take(items)

    def _take(self, items: Sequence[PersonalItem] | Sequence[SummaryItem]) -> ItemsTaken:
        sizes = [len(item.content.encode()) for item in items]
        self.items += len(items)
        self.bytes += sum(sizes)
        self.largest = max([self.largest, *sizes])
        return ItemsTaken(stored=len(items), ignored=0)

    def told(self) -> str:
        """What came since the last time."""
        text = f"{self.items:6} items {self.bytes / 1e6:8.2f} MB, largest {self.largest / 1e6:6.2f} MB"
        self.items = self.bytes = self.largest = 0
        return text


def sessions_of(number: int) -> tuple[Session, ...]:
    """An initial session and interim ones, a month apart."""
    return tuple(
        Session(
            id=str(uuid.UUID(int=n)),
            kind="initial" if n == 1 else "interim",
            number=n,
            date=time.strftime("%Y-%m-%d", time.gmtime(START + 28 * n * DAY)),
            opens=START + 28 * n * DAY,
            due=START + (28 * n + 7) * DAY,
        )
        for n in range(1, number + 1)
    )


def course(words: Catalogue, mentees: int, size: int, sessions: int) -> Process:
    """Everybody, and what they have answered so far."""
    groups = -(-mentees // size)
    people = [Participant(100 + n, f"Участник {n:04}", ("mentee",), (1 + n // size,)) for n in range(mentees)]
    people += [Participant(100_000 + g, f"Ментор {g:03}", ("mentor",), (g,)) for g in range(1, groups + 1)]
    people.append(Participant(99, "Ръководител", ("coordinator",), ()))
    state = Process(
        sessions_of(sessions),
        tuple(people),
        groups={g: f"Група {g:03}" for g in range(1, groups + 1)},
        as_of=START + (28 * sessions + 1) * DAY,
    )
    for session in state.ordered:
        new = []
        for person in people[:mentees]:
            if session.number == sessions and person.id % 2:
                continue
            name = "mentee_initial" if session.number == 1 else "mentee_interim"
            target = Target(session.id, person.groups[0], name, person.id)
            carried = carryover.carried(frame_of(words, state, target), target, "bg")
            given = (
                first_answers(person.id)
                if session.number == 1
                else interim_answers(carried, min(7, session.number - 1))
            )
            new.append(
                Submission(
                    *(session.id, name, target.group, person.id, 1, session.opens + 1, given, carried),
                    instrument_version=words.instruments[name].version,
                )
            )
        state = dataclasses.replace(state, submissions=(*state.submissions, *new))
    return state


def remember(engine: Engine, state: Process) -> RecordsOf:
    """Put the course into the database, as a service that has seen all of it would have."""
    stored = RecordsOf(state, COURSE, INSTRUMENTS, "Europe/Sofia")
    for session in state.ordered:
        with write(engine) as connection:
            records.put_session(connection, stored.session(session))
            records.put_participants(connection, stored.participants(session))
            for each in (each for each in state.submissions if each.session == session.id):
                records.put_submission(connection, stored.submission(each))
    return stored


def pushed(context: Context, session: str, **part: int) -> float:
    """Processor seconds of one push job: of everything, or of the part ``group``."""
    job = Job(
        1,
        f"push:{session}",
        "push",
        {"session": session, **part},
        "",
        "running",
        0,
        1,
        0,
        False,
        "",
        1,
        0,
        "",
        "",
        0,
        0,
    )
    begun = time.process_time()
    push(context, job)
    return time.process_time() - begun


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentees", type=int, default=1000)
    parser.add_argument("--group", type=int, default=10)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--profile", action="store_true")
    wanted = parser.parse_args()
    words = catalogue.load()
    state = course(words, wanted.mentees, wanted.group, wanted.sessions)
    last = state.ordered[-1]
    print(f"{wanted.mentees} mentees, {len(state.groups)} groups, {len(state.submissions)} forms")
    with tempfile.TemporaryDirectory() as folder:
        settings = load(environ={"MOODLE_BRIDGE_SERVICE_DATA": folder})
        engine = connect(settings.database_url)
        schema.upgrade(engine)
        stored = remember(engine, state)
        moodle = Moodle()
        context = Context(
            engine=engine,
            settings=settings,
            catalogue=words,
            connect=lambda: moodle,  # type: ignore[arg-type,return-value]
            clock=lambda: float(state.as_of),
        )
        print(f"the first push               {pushed(context, last.id):7.2f} s  {moodle.told()}")
        print(f"nothing has changed          {pushed(context, last.id):7.2f} s  {moodle.told()}")
        for number in range(3):
            new = next(p for p in state.participants if p.id % 2 and p.id > 100 + 2 * number)
            target = Target(last.id, new.groups[0], "mentee_interim", new.id)
            carried = carryover.carried(frame_of(words, state, target), target, "bg")
            form = Submission(
                last.id,
                "mentee_interim",
                target.group,
                new.id,
                1,
                state.as_of,
                interim_answers(carried, 3),
                carried,
                instrument_version=words.instruments["mentee_interim"].version,
            )
            state = dataclasses.replace(state, submissions=(*state.submissions, form))
            with write(engine) as connection:
                records.put_submission(connection, stored.submission(form))
            if wanted.profile and number == 1:
                import cProfile
                import pstats

                with cProfile.Profile() as profile:
                    pushed(context, last.id)
                pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
            cost = pushed(context, last.id, group=form.group)
            print(f"one form more: its group     {cost:7.3f} s  {moodle.told()}")
            print(f"one form more: all together  {pushed(context, last.id, group=0):7.3f} s  {moodle.told()}")
        print(f"nothing is left to push      {pushed(context, last.id):7.2f} s  {moodle.told()}")
        engine.dispose()
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
