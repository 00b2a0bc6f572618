"""The parts of the demo: service and stand-in Moodle paired in one process, and one form filed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy import Engine

from moodle_bridge import log
from moodle_bridge.cli.service import running_service
from moodle_bridge.contract.shown import ProblemReport
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.errors import BridgeError
from moodle_bridge.moodle.signing import new_pairing_code, pairing_key
from moodle_bridge.pipeline.variants import variants
from moodle_bridge.plain_json import Json, objects, text
from moodle_bridge.sandbox import cast
from moodle_bridge.sandbox.cast import Course
from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.settings import load
from moodle_bridge.store import documents, pairing, queue

PATIENCE = 60.0
"""Seconds that one step may take before the demo gives up."""

Found = TypeVar("Found")


class DemoFailed(BridgeError):
    """A step of the demo did not come to its end."""

    code = "demo"


class Steps:
    """Prints one line a step with the seconds since the beginning."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def say(self, text: str) -> None:
        """One step is done."""
        click.echo(f"{time.perf_counter() - self._began:8.3f} s  {text}")


@dataclass(frozen=True, slots=True)
class Both:
    """A service and a stand-in Moodle that know each other."""

    engine: Engine
    sandbox: Sandbox
    steps: Steps


@contextmanager
def both(
    folder: Path,
    steps: Steps,
    *,
    port: int = 0,
    language: str = "bg",
    course: Course = cast.COURSE,
    kinds: Mapping[str, tuple[str, ...]] | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[Both]:
    """Start both on loopback and pair them by the real exchange; everything is kept in ``folder``.

    ``port`` is that of the stand-in's pages; ``clock`` gives the time that its records carry.
    """
    settings = load(
        None,
        {
            "MOODLE_BRIDGE_SERVICE_PORT": "0",
            "MOODLE_BRIDGE_SERVICE_DATA": str(folder / "service"),
            "MOODLE_BRIDGE_LOG_LEVEL": "warning",
        },
    )
    log.configure(settings.log.format, settings.log.level)
    _refuse_taken(port)
    with running_service(settings) as service:
        steps.say(f"service started at {service.url}")
        with Sandbox(
            folder / "moodle", port=port, language=language, course=course, kinds=kinds, clock=clock
        ) as sandbox:
            steps.say(f"stand-in Moodle started at {sandbox.url}")
            code = new_pairing_code()
            # The stand-in may have another address than when this folder was used before.
            pairing.new_code(service.engine, pairing_key(code), time.time(), 600, replaces=True)
            sandbox.pair(service.url, code)
            steps.say("paired: token and secret exchanged, signed with a one-time code")
            yield Both(service.engine, sandbox, steps)


def _refuse_taken(port: int) -> None:
    """Look before the web server does: it leaves what it had opened behind when it cannot listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(f"port {port}: {error.strerror}; name another with --port") from error


def instruments_by_kind(everything: Catalogue) -> dict[str, tuple[str, ...]]:
    """The instruments that are switched on by default, for each kind of session."""
    return {
        kind: tuple(
            each.id
            for each in everything.instruments.values()
            if each.enabled_by_default and kind in each.sessions
        )
        for kind in ("initial", "interim", "final")
    }


NAMES = {"bg": "Първоначална мониторинг сесия", "en": "Initial monitoring session"}


WRITTEN = dt.date(2025, 11, 24)
"""The day of the session that the sample answers were written for."""


def plan_first_session(sandbox: Sandbox, instruments: Sequence[str], language: str) -> str:
    """The first session of the course; the one that is there already when the data were kept."""
    held = sandbox.database.row("SELECT id FROM session ORDER BY number")
    if held is not None:
        return str(held["id"])
    return sandbox.world.create_session(
        course=cast.COURSE.id,
        name=NAMES[language],
        number=1,
        kind="initial",
        instruments=instruments,
        language=language,
    )


def sample(language: str, opens: float | None = None) -> dict[str, Json]:
    """The sample answers for ``mentee_initial`` that travel with the stand-in.

    They were written for a session on :data:`WRITTEN`; for one that opens at another time the goals' dates
    keep their distance from it.
    """
    file = resources.files("moodle_bridge.sandbox") / "scenarios" / f"mentee_initial.{language}.json"
    answers: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
    if opens is not None:
        later = dt.datetime.fromtimestamp(opens, dt.UTC).date() - WRITTEN
        answers["specific_goals"] = [
            {**goal, "due_date": (dt.date.fromisoformat(text(goal, "due_date")) + later).isoformat()}
            for goal in objects(answers, "specific_goals")
        ]
    return answers


def one_submission(folder: Path, out: Path, language: str) -> None:
    """File one sample form and copy its documents into ``out``; :class:`BridgeError` says what failed."""
    steps = Steps()
    with both(folder, steps, language=language) as site:
        session = plan_first_session(site.sandbox, ["mentee_initial"], language)
        steps.say("session created")
        author, group = cast.YULIA, cast.GROUP_A
        world = site.sandbox.world
        wait("the form", lambda: world.personal(session, "mentee_initial", author.id, group), site)
        steps.say("form and personal data pushed into Moodle")
        submission = world.submit(
            session, "mentee_initial", author.id, sample(language, time.time()), role="mentee", group=group
        )
        steps.say(f"submitted by {author.name}")
        wait("the webhook's acknowledgement", lambda: _acknowledged(site.sandbox, submission), site)
        steps.say("webhook acknowledged")
        expected = len(variants(catalogue.load().instruments["mentee_initial"]))
        wait("the documents", lambda: _archived(site, submission, expected), site)
        steps.say(f"archived: {expected} documents made")
        wait("storing", lambda: _stored(site.sandbox, submission, expected), site)
        steps.say("stored in the session")
        for name, digest in copy(site.sandbox, out).items():
            click.echo(f"{digest}  {out / name}")


def wait(what: str, look: Callable[[], Found | None], site: Both, patience: float = PATIENCE) -> Found:
    """Look until there is something; raises :class:`DemoFailed` with the reason the service gives."""
    end = time.monotonic() + patience
    while True:
        for _ in range(50):
            if found := look():
                return found
            time.sleep(0.005)
        _check(what, site)
        if time.monotonic() > end:
            raise DemoFailed(f"{what} did not come within {patience:.0f} seconds")


def wait_until_idle(site: Both) -> None:
    """Until nothing waits in Moodle's outbox nor in the service; raises :class:`DemoFailed`."""

    def is_idle() -> bool:
        counts = queue.counts(site.engine)
        return site.sandbox.unsent() == 0 and counts["queued"] == counts["running"] == 0

    wait("the end of the work", is_idle, site)
    _check("the end of the work", site)


def _check(what: str, site: Both) -> None:
    for job in queue.list_jobs(site.engine, state="dead"):
        raise DemoFailed(f"{what}: the job {job.key} failed ({job.code}): {job.message}")
    for problem in site.sandbox.database.rows("SELECT * FROM problem"):
        raise DemoFailed(f"{what}: {_problem(json.loads(problem['content']))}")


def _problem(content: ProblemReport) -> str:
    places = [f"{each['item']} ({each['message']['en']})" for each in content["items"]]
    return f"{content['title']['en']}: {'; '.join(places)}" if places else str(content["title"]["en"])


def _acknowledged(sandbox: Sandbox, submission: str) -> bool:
    row = sandbox.database.row(
        "SELECT sent FROM outbox WHERE type = 'submission.saved' AND json_extract(data, '$.submission') = ?"
        " AND sent > 0",
        submission,
    )
    return row is not None


def _archived(site: Both, submission: str, expected: int) -> bool:
    return len(documents.documents(site.engine, submission=submission)) >= expected


def _stored(sandbox: Sandbox, submission: str, expected: int) -> bool:
    row = sandbox.database.row("SELECT count(*) AS n FROM document WHERE submission = ?", submission)
    return row is not None and row["n"] >= expected


def copy(sandbox: Sandbox, out: Path) -> dict[str, str]:
    """Copy every stored document into a folder and check it there; its SHA-256 by the name it was given."""
    out.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    query = "SELECT * FROM document WHERE content IS NOT NULL ORDER BY stored, rowid"
    for row in sandbox.database.rows(query):
        name = Path(row["filename"]).name
        if name in written:
            # Two people of one name: neither may overwrite the other's document.
            name = f"{Path(name).stem} ({row['id'][:8]}).pdf"
        (out / name).write_bytes(row["content"])
        written[name] = hashlib.sha256((out / name).read_bytes()).hexdigest()
        if written[name] != row["sha256"]:
            raise DemoFailed(f"{name}: the file written is not the one stored in Moodle")
    return written
