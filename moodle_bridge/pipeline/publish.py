"""Freezing figures: what people are told who do not read the answers is written into the ledger, once.

After the loss of the database the ledger is made anew from the closed sessions, as their answers are then;
Moodle holds no copy of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from moodle_bridge.domain.course.frame import Frame
from moodle_bridge.domain.session.ledger import fresh
from moodle_bridge.pipeline import hints
from moodle_bridge.pipeline.context import Context
from moodle_bridge.store import ledger, queue, records
from moodle_bridge.store.engine import write

AGAIN_SECONDS = 30
"""So long after figures had to wait for answers that are on their way they are tried again."""


def published(context: Context, frame: Frame, groups: Collection[int], trace: str) -> Frame:
    """The frame with a ledger that holds all that may be told of its sessions so far, in these groups.

    Answers that Moodle has and we do not know yet are waited for: what is frozen without them stays so.
    """
    entries = [
        entry for each in frame.until() for group in sorted(groups) for entry in fresh(each.in_group(group))
    ]
    sessions = {entry.session for entry in entries}
    if not entries:
        return frame
    with write(context.engine) as connection:
        on_their_way = records.sessions_of(
            connection, map(hints.submission_of, queue.pending(connection, "archive"))
        )
        waiting = sessions if None in on_their_way else sessions & on_their_way
        ledger.write_once(connection, (entry for entry in entries if entry.session not in waiting))
        if frame.session.id in waiting:
            now = context.clock()
            queue.enqueue(connection, hints.push_job(frame.session.id, now + AGAIN_SECONDS, trace), now)
        known = ledger.of_sessions(connection, [session.id for session in frame.state.sessions])
    return replace(frame, state=replace(frame.state, published=known))
