"""A newer version of a form comes while a course goes on: old forms keep theirs, documents are read right."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from two_versions import NEW, newer_versions
from workshop import FORM, Workshop

from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.template import build
from moodle_bridge.pdf.verify import verify
from moodle_bridge.pipeline import hints
from moodle_bridge.resources import templates_dir
from moodle_bridge.sandbox.cast import GROUP_A, YULIA
from moodle_bridge.store import queue

OLD = catalogue.load().instruments[FORM].version
"""The one that is shipped."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The instruments, two of them in two versions."""
    return catalogue.load(newer_versions(tmp_path_factory.mktemp("two") / "config", OLD))


@pytest.fixture(scope="module")
def templates(both: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The templates, those of the form in Bulgarian built for both versions."""
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    folder = Path(shutil.copytree(templates_dir(), tmp_path_factory.mktemp("forms") / "templates"))
    chosen = [t for t in build.targets(both) if (t.instrument.id, t.language) == (FORM, "bg")]
    built = list(build.build(chosen, folder))
    assert sorted(built) == [
        f"{folder}/{FORM}.{version}{variant}.pdf"
        for folder in ("bg", "bg/record")
        for version in (f"{OLD}.", "")
        for variant in ("full", "mentor")
    ]
    return folder


@pytest.fixture
def renewed(shop: Workshop, both: Catalogue, templates: Path) -> Callable[[], Workshop]:
    """The service after its update, over the same database and beside the same Moodle."""

    def update() -> Workshop:
        shop.context = dataclasses.replace(shop.context, catalogue=both, templates=templates)
        return Workshop(shop.context, shop.sandbox, shop.moodle, shop.clock)

    return update


def attached(document: bytes) -> dict[str, Any]:
    """The answers that travel in a document."""
    return dict(json.loads(PdfReader(io.BytesIO(document)).attachments["answers.json"][0]))


def definitions(shop: Workshop) -> set[tuple[str, str]]:
    rows = shop.sandbox.database.rows("SELECT version, language FROM definition WHERE instrument = ?", FORM)
    return {(row["version"], row["language"]) for row in rows}


def version(shop: Workshop, submission: str) -> str:
    row = shop.sandbox.database.row("SELECT instrument_version FROM submission WHERE id = ?", submission)
    assert row is not None
    return str(row["instrument_version"])


def pushed(shop: Workshop, session: str) -> None:
    shop.ask(hints.push_job(session, shop.clock()))
    shop.work()


def test_a_course_keeps_the_versions_that_it_began_with(
    shop: Workshop, renewed: Callable[[], Workshop], both: Catalogue, templates: Path
) -> None:
    first = shop.session()
    shop.sync()
    pushed(shop, first)
    old = shop.submit(first)
    shop.archive(old)
    filed = shop.documents(old)
    assert set(filed) == {"full", "mentor"}

    later = renewed()
    second = later.session(2, kind="initial")
    pushed(later, first)
    later.sync()
    pushed(later, second)
    known = {each.version for each in both.versions(FORM)}
    assert {OLD, NEW} <= known
    assert definitions(later) == {(v, language) for v in known for language in ("bg", "en")}

    # A resubmission keeps the form of its session, and is filed with the template of that version.
    again = later.submit(first, {**sample("bg"), "next_step": "Друга стъпка"})
    assert version(later, again) == OLD
    later.archive(again)
    given = attached(later.documents(again)["full"])
    assert (given["instrument_version"], given["answers"]["next_step"]) == (OLD, "Друга стъпка")

    # A new session of the course too, until somebody moves it.
    kept = later.sandbox.world.definition(second, FORM, "bg")
    assert kept is not None
    assert kept["version"] == OLD
    assert later.sandbox.world.use_newest(first) == []
    assert later.sandbox.world.use_newest(second) == [FORM]
    later.sync()
    pushed(later, second)
    answers = {key: value for key, value in sample("bg").items() if key not in ("next_step", "sa_network")}
    new = later.submit(second, {**answers, "first_step": "Нова стъпка", "hours": 7})
    assert version(later, new) == NEW
    later.archive(new)
    documents = later.documents(new)
    assert set(documents) == {"full", "mentor"}
    given = attached(documents["full"])
    assert (given["instrument_version"], given["answers"]["hours"]) == (NEW, 7)
    assert later.dead() == []

    # What was filed before is untouched, and every document is verified by its own version.
    assert later.documents(old) == filed
    for document in (*filed.values(), *later.documents(again).values(), *documents.values()):
        verified = verify(document, both, templates=templates)
        assert [check for check in verified.checks if not check.passed] == []
    stranger = verify(documents["full"], catalogue.load())
    assert [check.detail for check in stranger.checks if not check.passed] == [
        f"the instrument {FORM} {NEW} in 'bg' is not known here"
    ]


def test_a_form_of_an_unknown_version_is_set_aside_by_name(shop: Workshop) -> None:
    session = shop.session()
    shop.sync()
    pushed(shop, session)
    submission = shop.submit(session)
    with shop.sandbox.database.write() as connection:
        connection.execute("UPDATE submission SET instrument_version = '9.9.9' WHERE id = ?", (submission,))
    shop.archive(submission)
    assert shop.dead() == [("archive", "instrument-version")]
    (job,) = queue.list_jobs(shop.engine, "dead")
    assert f"no version '9.9.9' of the instrument '{FORM}' here, only " in job.message
    assert OLD in job.message
    assert shop.documents(submission) == {}


def test_a_session_that_uses_an_unknown_version_goes_on_without_that_form(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    session = shop.session(instruments=[FORM, "monitoring_plan"])
    with shop.sandbox.database.write() as connection:
        connection.execute("INSERT INTO session_version VALUES (?, ?, '9.9.9')", (session, FORM))
    shop.sync()
    pushed(shop, session)
    assert f"session {session} uses {FORM} 9.9.9, which is not here" in caplog.text
    assert "instruments/<id>/<version>.yaml" in caplog.text
    rows = shop.sandbox.database.rows("SELECT DISTINCT instrument FROM personal WHERE session = ?", session)
    assert [row["instrument"] for row in rows] == ["monitoring_plan"]
    assert shop.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A) is None
