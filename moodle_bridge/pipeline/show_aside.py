"""What is set aside in a session, and what fails there by an error of this program, on its page in Moodle.

Said again when it changes, and taken back when it is over. What belongs to no session is for operators only.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterator

from moodle_bridge import languages
from moodle_bridge.contract.exchanges import SetAsideItem
from moodle_bridge.errors import BridgeError, MoodleFunctionMissing, MoodleRefused
from moodle_bridge.pipeline import hints
from moodle_bridge.pipeline.context import Context
from moodle_bridge.plain_json import Json
from moodle_bridge.remedies import remedy_of
from moodle_bridge.store import aside, facts, pushed, queue
from moodle_bridge.store.aside import SetAside
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

REVISION = "set_aside_revision"
MOST = 50
"""More of one session are not shown: the first says what is wrong."""

KINDS = ("session", "person", "submission", "document", "section")
"""What pages show; a change that cannot be read concerns none."""


def show_set_aside(context: Context) -> None:
    """Bring what pages show up to date. A site whose plugin is older is shown nothing."""
    target = pushed.set_aside_target()
    wanted: defaultdict[str, list[SetAsideItem]] = defaultdict(list)
    for session, item in _things(context):
        wanted[session].append(item)
    for session in sorted(set(wanted) | pushed.sessions_with(context.engine, target)):
        items = wanted[session][:MOST]
        digest = hashlib.sha256("\n".join(each.content for each in items).encode()).hexdigest()
        if not pushed.differs(context.engine, session, target, digest):
            continue
        with write(context.engine) as connection:
            revision = facts.next_number(connection, REVISION, int(context.clock()))
        try:
            context.connect().put_set_aside(session, revision, items)
        except MoodleFunctionMissing:
            log.debug("the plugin is older: it cannot show what is set aside")
            return
        except MoodleRefused as error:
            # A session that Moodle does not know (deleted since, say) must not hide the others.
            log.warning("session %s: what is set aside cannot be shown: %s", session, error.message)
        with write(context.engine) as connection:
            if items:
                pushed.note(connection, session, target, digest, revision)
            else:
                pushed.withdraw(connection, session, target)


def _things(context: Context) -> Iterator[tuple[str, SetAsideItem]]:
    for thing in aside.things(context.engine):
        if thing.session and thing.kind in KINDS:
            yield thing.session, _item(thing)
    failing = [
        *queue.list_jobs(context.engine, state="dead", kind="push", limit=MOST),
        *queue.list_jobs(context.engine, state="queued", kind="push", limit=MOST),
    ]
    for job in failing:
        if job.code == BridgeError.code:
            yield hints.session_of(job), _of_job(job)


def _item(thing: SetAside) -> SetAsideItem:
    return _told(thing.kind, thing.id, thing.code, thing.since, thing.again_at)


def _of_job(job: Job) -> SetAsideItem:
    return _told("section", job.key, job.code, job.created_at, 0 if job.state == "dead" else job.due_at)


def _told(kind: str, identifier: str, code: str, since: float, again: float) -> SetAsideItem:
    """Describe a thing in plain words, in every language."""
    thing: dict[str, Json] = {
        "kind": kind,
        "id": identifier[:64],
        "code": code,
        "severity": "warning",
        "reason": dict(languages.in_each(f"aside_{kind}")),
        "remedy": dict(remedy_of(code)),
        "since": int(since),
        "again": int(again),
    }
    return SetAsideItem(json.dumps(thing, ensure_ascii=False, sort_keys=True))
