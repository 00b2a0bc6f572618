"""The service is lost and restored from a backup: on its machine, on another, on another kind of database."""

from __future__ import annotations

import stat
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from pairs import Pair, eventually, service_settings
from processes import free_port

from moodle_bridge.cli import main
from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.cli.service import running_service
from moodle_bridge.moodle.signing import new_pairing_code, pairing_key
from moodle_bridge.sandbox.cast import GROUP_A, KALOYAN, YULIA, ZHIVKA
from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.settings import Settings
from moodle_bridge.store import pairing, queue, records
from moodle_bridge.store.engine import connect

FORM = "mentee_initial"


def submit(sandbox: Sandbox, session: str, person: int) -> str:
    """Somebody's form, as it was submitted in Moodle."""
    return sandbox.world.submit(
        session, FORM, person, sample("bg", time.time()), role="mentee", group=GROUP_A
    )


def documents(sandbox: Sandbox) -> dict[tuple[str, str], bytes]:
    """All documents that stand in Moodle, by submission and variant."""
    rows = sandbox.database.rows("SELECT * FROM document")
    found = {(row["submission"], row["variant"]): row["content"] for row in rows}
    assert len(found) == len(rows), "something was filed twice"
    return found


def is_idle(pair: Pair) -> bool:
    counts = queue.counts(pair.service.engine)
    return pair.sandbox.unsent() == 0 and counts["queued"] == counts["running"] == 0


def command(settings: Settings, *arguments: str) -> str:
    """Run a command with these settings; what it said."""
    environ: Mapping[str, str] = {
        "MOODLE_BRIDGE_SERVICE_DATA": settings.service.data,
        "MOODLE_BRIDGE_DATABASE_URL": settings.database.url,
    }
    done = CliRunner().invoke(main, list(arguments), env=environ)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("other_database", ["sqlite", "postgresql"])
def test_yesterdays_backup_on_another_machine_loses_and_doubles_nothing(
    other_database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What happened since follows from Moodle; whoever was erased since is not brought back."""
    port = str(free_port())
    url = request.getfixturevalue("postgresql_database") if other_database == "postgresql" else ""
    first = service_settings(tmp_path / "first", service_port=port)
    other = service_settings(tmp_path / "other", service_port=port, database_url=url)
    backups = tmp_path / "backups"
    backups.mkdir()
    with Sandbox(tmp_path / "moodle") as sandbox:
        with running_service(first) as service:
            before = Pair(service, sandbox, first)
            code = new_pairing_code()
            pairing.new_code(service.engine, pairing_key(code), time.time(), 600)
            sandbox.pair(service.url, code)
            session = sandbox.world.create_session(
                course=7, name="Сесия", number=1, kind="initial", instruments=[FORM]
            )
            known, erased = submit(sandbox, session, YULIA.id), submit(sandbox, session, ZHIVKA.id)
            eventually(lambda: len(documents(sandbox)) == 4)
            eventually(lambda: is_idle(before))
            adopted = first.adopted / FORM
            adopted.mkdir(parents=True)
            (adopted / "note.txt").write_text("a form that was brought")
            assert "is written and was read again" in command(first, "backup", str(backups), "--keep", "3")
            later = submit(sandbox, session, KALOYAN.id)
            sandbox.world.erase(ZHIVKA.id)
            eventually(lambda: (later, "mentor") in documents(sandbox))
            eventually(lambda: records.submission(service.engine, erased) is None)
            eventually(lambda: is_idle(before))
            filed = documents(sandbox)
        (file,) = backups.iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        said = command(other, "restore", str(file))
        assert "1 sessions" in said
        assert sandbox.url in said
        engine = connect(other.database_url)
        assert records.submission(engine, erased) is not None, "it is as it was yesterday"
        assert records.submission(engine, later) is None
        engine.dispose()
        with running_service(other) as service:
            after = Pair(service, sandbox, other)
            eventually(lambda: records.submission(service.engine, erased) is None)
            eventually(lambda: records.submission(service.engine, later) is not None)
            eventually(lambda: is_idle(after))
            assert records.submission(service.engine, known) is not None
            assert documents(sandbox) == filed
            assert (other.adopted / FORM / "note.txt").read_text() == "a form that was brought"
            newest = submit(sandbox, session, YULIA.id)
            eventually(lambda: (newest, "mentor") in documents(sandbox))
            eventually(lambda: is_idle(after))
            assert queue.counts(service.engine)["dead"] == 0
