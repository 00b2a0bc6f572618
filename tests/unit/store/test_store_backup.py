"""A backup: the database at one moment and the adopted forms, whole or not at all, between engines too."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, insert, select, text

from moodle_bridge.errors import BackupError, PlaceTaken
from moodle_bridge.store import backup, facts, inbox, pairing, queue, schema, tables, workers
from moodle_bridge.store.engine import connect, is_sqlite, read, write
from moodle_bridge.store.inbox import Hint
from moodle_bridge.store.pairing import Pairing
from moodle_bridge.store.queue import NewJob

NOW = 1_764_000_000.25
SITE = Pairing(
    "https://moodle.example", "Е-менторинг", "t" * 32, (("whsec_first", None),), "bg", "4.5", "0.1", NOW
)
CONTENT = bytes(range(256)) * 3


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A database with a row of every kind of value: text, numbers, nothing, bytes."""
    pairing.pair(engine, pairing.new_code(engine, b"used", NOW, 60), SITE, NOW)
    pairing.new_code(engine, b"open", NOW, 3600)
    inbox.receive(
        engine, Hint("msg_1", "moodle", "submission.saved", {"име": "Юлия"}, NOW), [NewJob("k", "k")]
    )
    with write(engine) as connection:
        workers.beat(connection, "worker-1", NOW, 0)
        facts.put(connection, "cursor", {"feed": "f", "seq": 3, "last": ["x", None, 1.5]})
        row = {
            "submission": "s",
            "session": "x",
            "variant": "full",
            "language": "bg",
            "filename": "Ангелова.pdf",
        }
        row |= {"sha256": "a" * 64, "answers_sha256": "b" * 64, "size": 768, "pages": 1, "stored_at": None}
        connection.execute(insert(tables.document).values(id="d1", **row))
        connection.execute(insert(tables.content).values(document="d1", bytes=CONTENT))
        for number in range(450):
            queue.enqueue(connection, NewJob(f"archive:{number}", "archive", {"submission": number}), NOW)
    return engine


@pytest.fixture
def adopted(tmp_path: Path) -> Path:
    """A folder with a form that was brought."""
    folder = tmp_path / "data" / "templates" / "adopted" / "mentee_initial"
    folder.mkdir(parents=True)
    (folder / "bg.pdf").write_bytes(CONTENT)
    return folder.parent


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Another machine's database, in which nothing is yet."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'other' / 'bridge.sqlite3'}"
    else:
        url = request.getfixturevalue("postgresql_database")
    engine = connect(url)
    yield engine
    engine.dispose()


def everything(engine: Engine) -> dict[str, list[object]]:
    """All rows that a backup is to bring back."""
    with read(engine) as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in tables.metadata.tables.items()
            if name not in ("worker", "pairing_code", "pushed")
        }


def restored(file: Path, engine: Engine, adopted: Path) -> None:
    with write(engine) as connection:
        backup.put_back(backup.check(file), connection, adopted)


def test_all_comes_back_on_either_engine(
    filled: Engine, empty: Engine, adopted: Path, tmp_path: Path
) -> None:
    file = tmp_path / "a.zip"
    backup.write(file, filled, adopted, None, int(NOW))
    before = everything(filled)
    assert len(before["job"]) == 451
    assert before["content"] == [("d1", CONTENT)]
    restored(file, empty, tmp_path / "other" / "adopted")
    assert everything(empty) == before
    assert (tmp_path / "other" / "adopted" / "mentee_initial" / "bg.pdf").read_bytes() == CONTENT
    with read(empty) as connection:
        for table in (tables.worker, tables.pairing_code, tables.pushed):
            assert connection.execute(select(table)).all() == [], "that was of the moment"
    with write(empty) as connection:
        queue.enqueue(connection, NewJob("new", "new"), NOW)
    with read(empty) as connection:
        ids = list(connection.execute(select(tables.job.c.id)).scalars())
    assert max(ids) == 452, "numbers go on after the highest that was restored"


def test_a_backup_is_for_its_owner_alone_whatever_the_umask(
    filled: Engine, adopted: Path, tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        backup.write(tmp_path / "a.zip", filled, adopted, None, 0)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.zip").stat().st_mode) == 0o600


def test_a_backup_is_of_one_moment_while_others_write(
    filled: Engine, adopted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that are written after the first table was read are in none of them."""
    lines = backup.dump.Snapshot.lines

    def interrupted(self: backup.dump.Snapshot, table: object) -> Iterator[bytes]:
        yield from lines(self, table)  # type: ignore[arg-type]
        with write(filled) as connection:
            queue.enqueue(connection, NewJob(f"late:{table}", "late"), NOW)
            facts.put(connection, f"late:{table}", 1)

    monkeypatch.setattr(backup.dump.Snapshot, "lines", interrupted)
    file = tmp_path / "a.zip"
    backup.write(file, filled, adopted, None, 0)
    with zipfile.ZipFile(file) as archive:
        assert b"late" not in archive.read("tables/job.jsonl") + archive.read("tables/fact.jsonl")


def test_no_backup_is_written_over_another(filled: Engine, adopted: Path, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("mine")
    with pytest.raises(BackupError, match="exists"):
        backup.write(tmp_path / "a.zip", filled, adopted, None, 0)
    assert (tmp_path / "a.zip").read_text() == "mine"


def test_a_backup_that_fails_leaves_nothing(filled: Engine, tmp_path: Path) -> None:
    adopted = tmp_path / "adopted"
    adopted.mkdir()
    (adopted / "gone.pdf").symlink_to("/proc/1/mem")  # it can be opened, not read
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(BackupError, match="cannot be written"):
        backup.write(folder / "a.zip", filled, adopted, None, 0)
    assert list(folder.iterdir()) == []


def test_nothing_is_restored_over_a_database_or_forms(filled: Engine, adopted: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    backup.write(file, filled, adopted, None, 0)
    before = everything(filled)
    with pytest.raises(PlaceTaken, match="not empty"):
        restored(file, filled, tmp_path / "elsewhere")
    assert everything(filled) == before
    other = connect(f"sqlite:///{tmp_path / 'x' / 'bridge.sqlite3'}")
    with pytest.raises(PlaceTaken, match="there are forms"):
        restored(file, other, adopted)
    assert schema.current(other) == "", "nothing is half restored"
    restored(file, other, tmp_path / "elsewhere")
    other.dispose()


def spoil(file: Path, how: str) -> None:
    """Damage a backup."""
    content = bytearray(file.read_bytes())
    if how == "cut off":
        file.write_bytes(content[: len(content) // 2])
    elif how == "a bit turned":
        content[len(content) // 3] ^= 1
        file.write_bytes(content)
    elif how == "no backup":
        file.write_text("hello")
    else:
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        if how == "rows changed":
            members["tables/fact.jsonl"] += b'["x","1"]\n'
        elif how == "a file more":
            members["adopted/../../evil"] = b""
        elif how == "a newer format":
            members["backup.json"] = json.dumps(json.loads(members["backup.json"]) | {"format": 2}).encode()
        elif how == "another archive":
            del members["backup.json"]
        with zipfile.ZipFile(file, "w") as archive:
            for name, member in members.items():
                archive.writestr(name, member)


@pytest.mark.parametrize(
    "how",
    [
        "cut off",
        "a bit turned",
        "no backup",
        "rows changed",
        "a file more",
        "a newer format",
        "another archive",
    ],
)
def test_what_is_not_whole_is_refused(how: str, filled: Engine, adopted: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    backup.write(file, filled, adopted, None, 0)
    spoil(file, how)
    with pytest.raises(BackupError) as caught:
        backup.check(file)
    assert str(file) in caught.value.message


def test_a_backup_of_a_newer_program_is_refused(filled: Engine, adopted: Path, tmp_path: Path) -> None:
    with write(filled) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    backup.write(tmp_path / "a.zip", filled, adopted, None, 0)
    other = connect(f"sqlite:///{tmp_path / 'x' / 'bridge.sqlite3'}")
    with pytest.raises(BackupError, match="9999, which is newer"):
        restored(tmp_path / "a.zip", other, tmp_path / "elsewhere")
    assert schema.current(other) == ""
    other.dispose()


@pytest.mark.parametrize("version", sorted(schema.versions())[:-1])
def test_a_backup_of_an_earlier_version_is_brought_to_the_newest(
    version: str, database_url: str, tmp_path: Path
) -> None:
    old = connect(database_url)
    with write(old) as connection:
        schema.bring(connection, version)
        then = MetaData()
        then.reflect(connection)
        connection.execute(insert(then.tables["fact"]).values(name="known", value='"since then"'))
    backup.write(tmp_path / "a.zip", old, tmp_path / "none", None, 0)
    old.dispose()
    new = connect(f"sqlite:///{tmp_path / 'new' / 'bridge.sqlite3'}")
    restored(tmp_path / "a.zip", new, tmp_path / "adopted")
    assert schema.current(new) == schema.newest()
    assert facts.get(new, "known") == "since then"
    assert is_sqlite(new)
    new.dispose()


def test_only_the_newest_backups_are_kept_and_nothing_else_is_deleted(tmp_path: Path) -> None:
    names = [backup.name_at(f"2025112{day}T030000Z") for day in range(4)]
    for name in [*names, "moodle-bridge-mine.zip", "notes.txt"]:
        (tmp_path / name).touch()
    assert [path.name for path in backup.drop_old(tmp_path, 2)] == names[:2]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *names[2:],
        "moodle-bridge-mine.zip",
        "notes.txt",
    ]
