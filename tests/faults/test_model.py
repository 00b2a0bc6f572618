"""Outbox, inbox and job table against a model, in any order of changes, losses, crashes and silence.

Of a thing that changed in Moodle the model knows one number: its last change. A job looks at Moodle when it
begins; what it saw counts once it has ended well. Whatever happens, no change stays unseen without a message,
a job or a dead letter that will bring it, and no two workers hold one job.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from moodle_bridge.pipeline.hints import jobs_for
from moodle_bridge.plain_json import JsonObject
from moodle_bridge.sandbox import outbox
from moodle_bridge.sandbox.caller import ServiceAway
from moodle_bridge.sandbox.sqlite_file import Database
from moodle_bridge.sandbox.switches import Faults
from moodle_bridge.store import inbox, queue, schema
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.inbox import Hint
from moodle_bridge.store.queue import Job

SUBMISSIONS = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(2)]
SESSION = "99999999-0000-4000-8000-000000000000"
WORKERS = ["one", "two", "three"]
LEASE, CONCURRENCY = 60.0, 2


@dataclass
class Held:
    """A run as its worker sees it: the job, and the last change that was there when it began."""

    worker: str
    job: Job
    saw: int


class Bridge(RuleBasedStateMachine):
    """A Moodle with an outbox, a service with inbox and job table, and workers that come and go."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="model-"))
        self.moodle = Database(self.folder / "moodle.sqlite3")
        self.sender = outbox.Sender(self.moodle, Faults(), "https://moodle.example")
        self.engine = connect(f"sqlite:///{self.folder / 'bridge.sqlite3'}")
        schema.upgrade(self.engine)
        self.now = 1_764_000_000.0
        self.changed = dict.fromkeys(SUBMISSIONS, 0)
        self.seen = dict.fromkeys(SUBMISSIONS, 0)
        self.holders: dict[int, Held] = {}
        self.runs: list[Held] = []
        self.received: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            shutil.rmtree(self.folder)

    @rule(submission=st.sampled_from(SUBMISSIONS))
    def change(self, submission: str) -> None:
        """Somebody submits: the change and its message are one transaction in Moodle."""
        self.changed[submission] += 1
        with self.moodle.write() as connection:
            outbox.add(connection, "submission.saved", {"session": SESSION, "submission": submission})

    @rule(submission=st.sampled_from(SUBMISSIONS))
    def change_and_tell(self, submission: str) -> None:
        """Somebody submits, and the message arrives at once, as it mostly does."""
        self.change(submission)
        self.sender._send(self.service("taken"), b"key", self.unsent()[-1])

    @precondition(lambda self: self.unsent())
    @rule(data=st.data(), fate=st.sampled_from(["taken", "lost", "answer lost", "twice"]))
    def deliver(self, data: st.DataObject, fate: str) -> None:
        """Any unsent message goes out, in any order; it, or its answer, may be lost."""
        row = data.draw(st.sampled_from(self.unsent()))
        for _ in range(2 if fate == "twice" else 1):
            self.sender._send(self.service(fate), b"key", row)

    @precondition(lambda self: queue.is_due(self.engine, self.now))
    @rule(worker=st.sampled_from(WORKERS), most=st.integers(1, 3))
    def claim(self, worker: str, most: int) -> None:
        """A worker takes what is due, and begins: what it will see is what Moodle holds now."""
        with write(self.engine) as connection:
            taken = queue.claim(connection, worker, self.now, LEASE, most, CONCURRENCY)
        for job in taken:
            before = self.holders.get(job.id)
            assert before is None or before.job.lease_until <= self.now, "two workers hold one job"
            held = Held(worker, job, self.changed[str(job.payload["submission"])])
            self.holders[job.id] = held
            self.runs.append(held)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """A run ends well; it counts unless somebody else has the job by now."""
        held = data.draw(st.sampled_from(self.runs))
        with write(self.engine) as connection:
            kept = queue.finish(connection, held.job, self.now)
        if self.ends(held, kept):
            submission = str(held.job.payload["submission"])
            self.seen[submission] = max(self.seen[submission], held.saw)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), pause=st.sampled_from([None, 0.0, 30.0]))
    def fail(self, data: st.DataObject, pause: float | None) -> None:
        """A run fails, for good or to be tried again."""
        held = data.draw(st.sampled_from(self.runs))
        due_at = None if pause is None else self.now + pause
        with write(self.engine) as connection:
            kept = queue.fail(connection, held.job, self.now, "moodle-refused", "no", due_at)
        self.ends(held, kept)

    @precondition(lambda self: self.holders)
    @rule(worker=st.sampled_from(WORKERS))
    def crash(self, worker: str) -> None:
        """A worker is gone, and another notices at once: the place of its process is empty."""
        queue.reclaim(self.engine, self.now, 2.0, owners=frozenset({worker}))
        self.holders = {id_: held for id_, held in self.holders.items() if held.worker != worker}

    @precondition(lambda self: self.holders)
    @rule(worker=st.sampled_from(WORKERS))
    def beat(self, worker: str) -> None:
        """A worker holds its jobs for longer."""
        for held in [each for each in self.holders.values() if each.worker == worker]:
            with write(self.engine) as connection:
                kept = queue.renew(connection, held.job, self.now, LEASE)
            if kept:
                held.job = next(job for job in self.jobs("running") if job.id == held.job.id)

    @rule(seconds=st.sampled_from([1.0, 40.0, 61.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; whoever was silent for too long loses its jobs."""
        self.now += seconds
        queue.reclaim(self.engine, self.now, 2.0)
        self.holders = {id_: held for id_, held in self.holders.items() if held.job.lease_until > self.now}

    @precondition(lambda self: self.jobs("dead"))
    @rule()
    def retry(self) -> None:
        """The operator has mended what was dead."""
        queue.retry_dead(self.engine, self.now)

    @precondition(lambda self: self.jobs("done"))
    @rule()
    def forget(self) -> None:
        """What is done long ago is no longer listed."""
        queue.forget_before(self.engine, self.now)

    @invariant()
    def every_change_will_be_seen(self) -> None:
        if not hasattr(self, "engine"):
            return
        told = {row["data"] for row in self.unsent()}
        for submission, last in self.changed.items():
            if self.seen[submission] == last or any(submission in data for data in told):
                continue
            job = next((each for each in self.jobs() if each.payload["submission"] == submission), None)
            assert job is not None, "the change is forgotten"
            if job.state == "running" and not job.again:
                held = self.holders.get(job.id)
                assert held is None or held.saw == last, "a run that began too early is the last one"
            else:
                assert job.state in ("queued", "dead", "running"), "the job is done, the change was not seen"

    @invariant()
    def no_more_run_than_may(self) -> None:
        if hasattr(self, "engine"):
            running = [job for job in self.jobs("running") if job.lease_until > self.now]
            assert len(running) <= CONCURRENCY

    @invariant()
    def whatever_was_acknowledged_is_in_the_inbox(self) -> None:
        if hasattr(self, "engine"):
            sent = {row["webhook"] for row in self.moodle.rows("SELECT * FROM outbox WHERE sent > 0")}
            assert sent <= self.received
            assert inbox.count(self.engine) == len(self.received), "each message is received once"

    def unsent(self) -> list[Any]:
        """What still waits in Moodle's outbox."""
        return self.moodle.rows("SELECT * FROM outbox WHERE sent = 0 ORDER BY id")

    def jobs(self, state: str = "") -> list[Job]:
        """The job table."""
        return queue.list_jobs(self.engine, state)

    def ends(self, held: Held, kept: bool) -> bool:
        """Whether a run may write its end: exactly if the model, too, says that its worker holds the job."""
        holder = self.holders.get(held.job.id)
        ours = holder is not None and holder.job.fence == held.job.fence
        assert kept == ours, "a worker that lost its job wrote over the one that took it, or could not write"
        self.runs.remove(held)
        if ours:
            del self.holders[held.job.id]
        return ours

    def service(self, fate: str) -> Any:
        """The service at the other end of the line."""
        bridge = self

        class Line:
            def post(
                self, path: str, message: JsonObject, key: bytes, webhook: str
            ) -> tuple[int, JsonObject]:
                if fate == "lost":
                    raise ServiceAway("the service does not answer")
                data = message["data"]
                assert isinstance(data, dict)
                jobs = [job for job in jobs_for(str(message["type"]), data, webhook) if job.kind == "archive"]
                receipt = inbox.receive(
                    bridge.engine, Hint(webhook, "moodle", str(message["type"]), data, bridge.now), jobs
                )
                assert receipt.fresh == (webhook not in bridge.received)
                bridge.received.add(webhook)
                if fate == "answer lost":
                    raise ServiceAway("the service does not answer")
                return 202, {"received": webhook}

        return Line()


TestBridge = Bridge.TestCase
TestBridge.settings = settings(max_examples=40, stateful_step_count=50, deadline=None)
