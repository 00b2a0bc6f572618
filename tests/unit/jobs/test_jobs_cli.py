"""`moodle-bridge jobs` and `moodle-bridge migrate`: what people see and can do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from claiming import claimed, fail, finish
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from moodle_bridge.cli import main
from moodle_bridge.store import queue, schema
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.queue import NewJob


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with four jobs: 1 done, 2 dead, 3 running, 4 queued."""
    engine = connect(f"sqlite:///{tmp_path / 'bridge.sqlite3'}")
    schema.upgrade(engine)
    now = time.time()
    with write(engine) as connection:
        for number in range(1, 5):
            new = NewJob(f"archive:s{number}", "archive", {"submission": f"s{number}"}, trace=f"msg_{number}")
            queue.enqueue(connection, new, now + number / 1000)
    held = [claimed(engine, "worker", now + 1) for _ in range(3)]
    finish(engine, held[0], now)
    fail(engine, held[1], now, "moodle-token", "Moodle does not accept the token", None)
    engine.dispose()
    return tmp_path


def call(data: Path, *arguments: str) -> Result:
    return CliRunner(env={"MOODLE_BRIDGE_SERVICE_DATA": str(data)}).invoke(main, arguments)


def database(data: Path) -> Engine:
    return connect(f"sqlite:///{data / 'bridge.sqlite3'}")


def states(data: Path) -> dict[int, str]:
    engine = database(data)
    found = {job.id: job.state for job in queue.list_jobs(engine)}
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ((), {"s1", "s2", "s3", "s4"}),
        (("--state", "dead"), {"s2"}),
        (("--kind", "archive", "--limit", "2"), {"s3", "s4"}),
        (("--kind", "push"), set()),
    ],
)
def test_listing_shows_the_jobs_asked_for(data: Path, options: tuple[str, ...], keys: set[str]) -> None:
    result = call(data, "jobs", "list", *options)
    assert result.exit_code == 0
    assert result.stdout.startswith("1 queued, 1 running, 1 done, 1 dead\n")
    assert {key for key in ("s1", "s2", "s3", "s4") if f"archive:{key}" in result.output} == keys


def test_a_dead_job_is_shown_with_its_reason_and_the_remedy_in_both_languages(data: Path) -> None:
    output = call(data, "jobs", "show", "2").output
    for expected in (
        "archive:s2",
        "dead",
        "submission=s2",
        "msg_2",
        "moodle-token: Moodle does not accept the token",
        "connect the site again",
        "свържете сайта отново",
    ):
        assert expected in output


def test_a_running_job_is_shown_with_its_worker(data: Path) -> None:
    assert "worker     worker, until " in call(data, "jobs", "show", "3").output


@pytest.mark.parametrize(
    ("arguments", "says", "after"),
    [
        (("retry", "2"), "Job 2 will be tried again.", {2: "queued"}),
        (("retry", "--all"), "1 jobs will be tried again.", {2: "queued"}),
        (("retry", "--all", "--code", "pdf"), "0 jobs will be tried again.", {2: "dead"}),
        (("drop", "2", "--yes"), "Job 2 is dropped.", {2: None}),
        (("drop", "4", "--yes"), "Job 4 is dropped.", {4: None}),
    ],
)
def test_what_people_can_do(
    data: Path, arguments: tuple[str, ...], says: str, after: dict[int, str | None]
) -> None:
    result = call(data, "jobs", *arguments)
    assert (result.exit_code, result.stdout.strip()) == (0, says)
    expected = {1: "done", 2: "dead", 3: "running", 4: "queued"} | after
    assert states(data) == {number: state for number, state in expected.items() if state}


@pytest.mark.parametrize(("answer", "state"), [("n\n", "dead"), ("y\n", None)])
def test_dropping_a_job_says_what_is_lost_and_asks(data: Path, answer: str, state: str | None) -> None:
    runner = CliRunner(env={"MOODLE_BRIDGE_SERVICE_DATA": str(data)})
    result = runner.invoke(main, ["jobs", "drop", "2"], input=answer)
    assert "The form s2 stays without its documents until the nightly comparison finds it" in result.output
    assert states(data).get(2) == state


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("show", "99"), 1, "there is no job 99"),
        (("retry", "3"), 1, "job 3 is not there, under way, or done"),
        (("retry", "1"), 1, "job 1 is not there, under way, or done"),
        (("drop", "3"), 1, "job 3 is not there or under way"),
        (("retry",), 2, "name one job, or say --all"),
        (("retry", "2", "--all"), 2, "name one job, or say --all"),
    ],
)
def test_what_is_refused(data: Path, arguments: tuple[str, ...], status: int, says: str) -> None:
    before = states(data)
    result = call(data, "jobs", *arguments)
    assert result.exit_code == status
    assert says in result.output
    assert states(data) == before


def test_migrating_twice_says_so(tmp_path: Path) -> None:
    said = [call(tmp_path, "migrate").output for _ in range(2)]
    version, file = schema.newest(), tmp_path / "bridge.sqlite3"
    assert said == [
        f"The database {file} is now at version {version}.\n",
        f"The database {file} was already at version {version}.\n",
    ]


def test_a_database_that_cannot_be_opened_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = call(tmp_path / "file", "migrate")
    assert result.exit_code == 1
    assert "cannot be opened" in result.output
    assert "service.data" in result.output
