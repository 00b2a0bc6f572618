"""Transactions: on disk or not at all, in turn, and trouble told without a value."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, exc, insert, text
from sqlalchemy.engine import make_url

from moodle_bridge.errors import (
    DatabaseAway,
    DatabaseCrowded,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseLogin,
    DatabaseMissing,
    DatabaseReadOnly,
    StoreError,
)
from moodle_bridge.remedies import remedy_of
from moodle_bridge.store import facts, tables
from moodle_bridge.store.engine import connect, is_sqlite, read, write
from moodle_bridge.store.trouble import of_driver


def test_a_new_database_file_and_its_folder_belong_to_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "bridge.sqlite3"
    engine = connect(f"sqlite:///{file}")
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}, modes
    engine.dispose()


def test_sqlite_syncs_every_commit_to_a_write_ahead_log(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with read(engine) as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        ]
    assert found == ["wal", 2]
    engine.dispose()


@pytest.mark.parametrize(("on_disk", "sqlite", "postgresql"), [(True, 2, "on"), (False, 1, "off")])
def test_a_transaction_waits_for_the_disk_unless_told_not_to(
    engine: Engine, on_disk: bool, sqlite: int, postgresql: str
) -> None:
    asked = "PRAGMA synchronous" if is_sqlite(engine) else "SHOW synchronous_commit"
    with write(engine, on_disk=not on_disk):
        pass  # the connection may have been used otherwise before
    with write(engine, on_disk=on_disk) as connection:
        assert connection.execute(text(asked)).scalar() == (sqlite if is_sqlite(engine) else postgresql)


def test_a_transaction_that_raises_leaves_nothing(engine: Engine) -> None:
    def interrupted() -> None:
        with write(engine) as connection:
            facts.put(connection, "cursor", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert facts.get(engine, "cursor", "none") == "none"


def test_a_refusal_of_the_database_names_no_value(engine: Engine) -> None:
    row = {"id": "d" * 36, "submission": "s", "session": "s", "variant": "full", "language": "bg"}
    row |= {"filename": "Тайна Ангелова", "sha256": "x", "answers_sha256": "x", "size": 1, "pages": 1}
    with write(engine) as connection:
        connection.execute(insert(tables.document).values(row))
    with pytest.raises(StoreError) as caught, write(engine) as connection:
        connection.execute(insert(tables.document).values(row))
    said = f"{caught.value} {caught.value.__cause__} {caught.value.__suppress_context__}"
    assert "Тайна" not in said
    assert "dddd" not in said
    assert said.endswith("None True")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////proc/nowhere/bridge.sqlite3", "/proc/nowhere/bridge.sqlite3: cannot be opened"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/none", "PostgreSQL cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_reached_is_a_store_error(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught, read(connect(url)):
        pass
    assert "secret" not in str(caught.value)


def test_each_trouble_of_a_file_has_a_cure_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    engine = connect(f"sqlite:///{file}")
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (x TEXT)"))
    with engine.connect() as held:  # the pool gives this one connection to the next
        held.exec_driver_sql("PRAGMA max_page_count = 3")
    with pytest.raises(DatabaseFull), write(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": "x" * 100_000})
    with engine.connect() as held:
        held.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(DatabaseReadOnly), write(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES ('x')"))
    engine.dispose()
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseDamaged), read(engine) as connection:
        connection.execute(text("SELECT * FROM t"))
    engine.dispose()
    kinds = DatabaseFull, DatabaseReadOnly, DatabaseDamaged, StoreError
    cures = [remedy_of(kind.code)["en"] for kind in kinds]
    assert len(set(cures)) == 4


def test_each_trouble_of_a_server_has_a_cure_of_its_own(postgresql_database: str) -> None:
    url = make_url(postgresql_database)
    for other, kind in (
        (url.set(database="nowhere"), DatabaseMissing),
        (url.set(username="nobody_of_ours"), DatabaseLogin),
        (make_url("postgresql+psycopg://u:secret@127.0.0.1:1/none"), DatabaseAway),
    ):
        with pytest.raises(kind), read(connect(other.render_as_string(hide_password=False))):
            pass
    engine = connect(postgresql_database)
    with engine.connect() as connection:
        state = {"sqlstate": "53300", "diag": None}
        crowded = type("Error", (Exception,), state)("FATAL: sorry, too many clients already")
        assert isinstance(of_driver(exc.DBAPIError("", None, crowded)), DatabaseCrowded)
        connection.execute(text("SET default_transaction_read_only = on"))
        connection.commit()
        with pytest.raises(exc.DBAPIError) as caught:
            connection.execute(text("CREATE TABLE t (x TEXT)"))
        assert isinstance(of_driver(caught.value), DatabaseReadOnly)
    engine.dispose()


@pytest.mark.parametrize(
    "value",
    ["Ангелова", "\u0000", "\ud83d", {"а": [1, None, True, 2.5]}, "𝄞", ""],
    ids=["cyrillic", "nul", "half a surrogate pair", "nested", "astral", "empty"],
)
def test_json_reads_back_as_it_was(engine: Engine, value: object) -> None:
    with write(engine) as connection:
        facts.put(connection, "value", value)
    assert facts.get(engine, "value") == value


def test_a_writer_begins_soon_after_another_process_has_ended(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    engine = connect(f"sqlite:///{file}")
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    other = sqlite3.connect(file, isolation_level=None)
    waits = []
    for _ in range(5):
        other.execute("BEGIN IMMEDIATE")
        begun: list[float] = []
        thread = threading.Thread(target=_note_when_begun, args=(engine, begun))
        thread.start()
        time.sleep(0.3)  # SQLite's own pauses would have grown to 0.1 s by now
        assert not begun
        other.execute("COMMIT")
        ended = time.monotonic()
        thread.join(5)
        waits.append(begun[0] - ended)
    other.close()
    engine.dispose()
    assert sorted(waits)[2] < 0.02, waits


def _note_when_begun(engine: Engine, begun: list[float]) -> None:
    with write(engine):
        begun.append(time.monotonic())


def test_threads_of_a_process_write_one_after_the_other_and_give_up_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    refused: list[StoreError] = []

    def other() -> None:
        try:
            with write(engine):
                pass
        except StoreError as error:
            refused.append(error)

    with write(engine):
        monkeypatch.setattr("moodle_bridge.store.engine.BUSY_SECONDS", 0.1)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "locked by another thread" in refused.pop().message
    other()
    assert not refused, "the turn was given back"
    engine.dispose()


def test_a_database_that_stays_busy_is_a_store_error_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moodle_bridge.store.engine.BUSY_SECONDS", 0.2)
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    other = sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="database is locked"), write(engine):
        pass
    other.close()
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    engine.dispose()


def test_a_full_disk_is_a_store_error_and_stores_nothing(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (x TEXT)"))
        connection.execute(text("PRAGMA max_page_count = 8"))
    with pytest.raises(StoreError, match="full"), write(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": "я" * 100_000})
    with read(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0
    engine.dispose()
