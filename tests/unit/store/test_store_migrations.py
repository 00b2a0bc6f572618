"""The database comes to the newest version, alone or together with others, and is what the tables say."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from moodle_bridge.errors import StoreError
from moodle_bridge.store import schema, tables
from moodle_bridge.store.engine import connect, read, write

UPGRADE = (
    "import sys; from moodle_bridge.store import engine, schema; "
    "print(schema.upgrade(engine.connect(sys.argv[1])))"
)


def test_migrations_make_exactly_the_tables_that_the_program_knows(database_url: str) -> None:
    engine = connect(database_url)
    schema.upgrade(engine)
    with read(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_a_second_upgrade_has_nothing_to_do(engine: Engine) -> None:
    assert not schema.upgrade(engine)
    assert schema.current(engine) == schema.newest() != ""


def test_the_newest_version_is_the_last_that_alembic_would_come_to() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.newest()]


def test_processes_that_migrate_together_do_it_once(database_url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in started)
    assert [process.returncode for process in started] == [0, 0, 0]
    assert said == ["False", "False", "True"]


def test_a_database_that_is_newer_than_the_program_is_refused(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="9999, which is newer"):
        schema.upgrade(engine)


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str) -> None:
    engine = connect(database_url)
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE worker (owner TEXT)"))
    with pytest.raises(StoreError):
        schema.upgrade(engine)
    assert set(inspect(engine).get_table_names()) == {"worker"}
    engine.dispose()


def test_submissions_of_an_older_version_get_their_group_from_their_record(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(text("DROP TABLE decision"))
        connection.execute(text("DROP TABLE ledger"))
        connection.execute(text("DROP TABLE set_aside"))
        connection.execute(text("DROP INDEX submission_group"))
        connection.execute(text('ALTER TABLE submission DROP COLUMN "group"'))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        connection.execute(
            text(
                "INSERT INTO submission (id, session, respondent, record, problems)"
                " VALUES ('x', 's', 42, '{\"group\": 7}', '[]'), ('y', 's', 42, '{\"group\": 0}', '[]')"
            )
        )
    assert schema.upgrade(engine)
    with read(engine) as connection:
        rows = connection.execute(select(tables.submission.c.id, tables.submission.c.group)).all()
    assert {row.id: row.group for row in rows} == {"x": 7, "y": 0}
