"""Privacy by Moodle's tools: an export holds everything of a person, a deletion reaches the service too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from people import TEXT, Person
from site_under_test import Service, Site, wait_for

from moodle_bridge.store import records
from moodle_bridge.store.engine import connect


def test_an_export_holds_the_answers_and_the_documents(
    site: Site, course: dict[str, Any], archived: dict[str, Any], tmp_path: Path
) -> None:
    mentee = course["people"]["mentee3"]["id"]
    told = site.act("data_request", user=mentee, delete=False, folder=str(tmp_path))
    assert told["files"] == 1
    texts = [json.loads(file.read_text(encoding="utf-8")) for file in tmp_path.rglob("*.json")]
    assert any(TEXT in json.dumps(text, ensure_ascii=False).replace('\\"', '"') for text in texts)
    documents = [file.read_bytes() for file in tmp_path.rglob("*.pdf")]
    assert documents
    assert all(document.startswith(b"%PDF-") for document in documents)


def test_a_deletion_removes_forms_documents_and_what_the_service_remembers(
    site: Site,
    service: Service,
    people: dict[str, Person],
    course: dict[str, Any],
    archived: dict[str, Any],
    tmp_path: Path,
) -> None:
    mentee = course["people"]["mentee3"]["id"]
    held = site.rows("monitoringsession_submission", userid=mentee)
    [first, *_] = site.rows("monitoringsession_document", submission=held[0]["uuid"])
    assert first["state"] != "erased"
    site.act("data_request", user=mentee, delete=True, folder=str(tmp_path))
    assert not site.rows("monitoringsession_submission", userid=mentee)
    assert not site.rows("monitoringsession_draft", userid=mentee)
    left = site.rows("monitoringsession_document", id=int(first["id"]))
    assert [(row["state"], row["filename"]) for row in left] == [("erased", "")]
    assert not site.rows("files", component="mod_monitoringsession", itemid=int(first["id"]))
    wait_for(lambda: not _remembered(service, archived["uuid"], mentee), "the service still knows the person")
    grid = people["coordinator"].session(archived["cmid"]).inner_text(".monitoringsession-grid")
    assert "Мария Колева" not in grid


def _remembered(service: Service, session: str, person: int) -> bool:
    engine = connect(f"sqlite:///{service.data / 'bridge.sqlite3'}")
    try:
        forms = records.submissions(engine, session)
        return any(form.respondent == person for form in forms)
    finally:
        engine.dispose()
