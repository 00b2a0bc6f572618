"""Deciding on signals on the stand-in's page of a session."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from browser import Browser, session_with

from moodle_bridge.pipeline.names import document_id
from moodle_bridge.sandbox import cast
from moodle_bridge.sandbox.site import Sandbox

OTHER = "ffffffff-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One stand-in for this file: each test makes a session of its own."""
    with Sandbox(tmp_path_factory.mktemp("signals")) as sandbox:
        yield sandbox


def signal(session: str, rule: str, *seen: str) -> dict[str, Any]:
    occurrences = [
        {"session": each, "number": number, "level": "red", "text": f"Причина {number}."}
        for number, each in enumerate(seen or (session,), start=1)
    ]
    return {
        "id": f"{rule}.{cast.GROUP_A}.{cast.YULIA.id}.{session[:8]}",
        "rule": rule,
        "level": "red",
        "label": f"Правило {rule}",
        "text": "Причина.",
        "person": cast.YULIA.id,
        "group": cast.GROUP_A,
        "occurrences": occurrences,
        "decision": None,
    }


def show(site: Sandbox, session: str, audience: str, group: int, *signals: dict[str, Any]) -> None:
    content = {"audience": audience, "group": {"id": group, "name": ""}, "sections": [], "signals": signals}
    with site.database.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO summary VALUES (?, ?, ?, 0, 1, ?, 0)",
            (session, group, audience, json.dumps(content)),
        )


@pytest.fixture
def session(site: Sandbox) -> str:
    """A session with two signals for the coordinator, and one of them for the mentor."""
    made = session_with(site, "mentee_initial")
    show(site, made, "coordinator", 0, signal(made, "contact_request"), signal(made, "mentor_concern"))
    show(site, made, "mentor", cast.GROUP_A, signal(made, "mentor_concern"))
    return made


def decided(site: Sandbox, session: str) -> list[tuple[str, str, str]]:
    rows = site.database.rows("SELECT * FROM decision WHERE session = ? ORDER BY rowid", session)
    return [(row["rule"], row["decision"], row["note"]) for row in rows]


def test_the_coordinator_decides_and_it_folds_away(site: Sandbox, session: str) -> None:
    coordinator = Browser(site, cast.BOYAN)
    page = coordinator.get(f"/session/{session}").text
    assert page.count('value="unfounded"') == 2
    given = {
        "signal": signal(session, "contact_request")["id"],
        "decision": "talked",
        "note": "Вчера.",
        "due": "",
    }
    assert coordinator.post(f"/session/{session}/decide", given).status == 303
    page = coordinator.get(f"/session/{session}").text
    assert page.count('value="unfounded"') == 1
    assert "С решение (1)" in page
    assert "Вчера." in page
    assert decided(site, session) == [("contact_request", "talked", "Вчера.")]


def test_seen_again_it_is_open_again_with_what_was_decided_before(site: Sandbox, session: str) -> None:
    coordinator = Browser(site, cast.BOYAN)
    given = {"signal": signal(session, "contact_request")["id"], "decision": "settled", "note": "Първо."}
    coordinator.post(f"/session/{session}/decide", given)
    show(site, session, "coordinator", 0, signal(session, "contact_request", session, OTHER))
    page = coordinator.get(f"/session/{session}").text
    assert page.count('value="unfounded"') == 1
    assert "Първо." in page
    assert "Причина 1." in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"decision": "measure", "due": ""}, "нуждае от срок"),
        ({"decision": "measure", "due": "утре"}, "нуждае от срок"),
        ({"decision": "left"}, "вече го няма"),
        ({"decision": "talked", "signal": "another"}, "вече го няма"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    site: Sandbox, session: str, given: dict[str, str], told: str
) -> None:
    coordinator = Browser(site, cast.BOYAN)
    fields = {"signal": signal(session, "contact_request")["id"], "note": "", **given}
    answer = coordinator.post(f"/session/{session}/decide", fields)
    page = coordinator.get(answer.headers["Location"].partition("#")[0])
    assert told in page.text
    assert decided(site, session) == []


def test_a_signal_leads_to_the_document_with_its_answer(site: Sandbox, session: str) -> None:
    submission = site.world.submit(
        session, "mentee_initial", cast.YULIA.id, {}, role="mentee", group=cast.GROUP_A
    )
    document = stored(site, session, submission)
    source = {"submission": submission, "item": "contact_me"}
    show(site, session, "coordinator", 0, signal(session, "contact_request") | {"source": source})
    page = Browser(site, cast.BOYAN).get(f"/session/{session}").text
    assert f'<a href="/document/{document}">Към отговора</a>' in page


def stored(site: Sandbox, session: str, submission: str) -> str:
    """Store a document of a submission as the service would; its id."""
    content = b"%PDF-1.7 "
    document = document_id(submission, "full", "bg")
    with site.database.write() as connection:
        item = connection.execute(
            "INSERT INTO upload (filename, content) VALUES ('a', ?)", (content,)
        ).lastrowid
    site.functions.store_document(
        *(session, submission, document, int(item or 0), hashlib.sha256(content).hexdigest()),
        variant="full",
        language="bg",
        filename="a.pdf",
        size=len(content),
        answers_sha256="a" * 64,
    )
    return document


def test_a_signed_form_whose_figures_have_changed_is_renewed_by_who_signed_it(
    site: Sandbox, session: str
) -> None:
    record = site.world.submit(
        session, "session_protocol", cast.BOYAN.id, {}, role="coordinator", group=cast.GROUP_A
    )
    content = {
        "audience": "coordinator",
        "group": {"id": 0, "name": ""},
        "sections": [],
        "signals": [],
        "changed": [{"submission": record, "lines": ["Цели: „50 %“ → „75 %“"]}],
    }
    with site.database.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO summary VALUES (?, 0, 'coordinator', 0, 1, ?, 0)",
            (session, json.dumps(content)),
        )
    path = f"/session/{session}/renew/{record}"
    page = Browser(site, cast.BOYAN).get(f"/session/{session}").text
    assert "Цели: „50 %“ → „75 %“" in page
    assert path in page
    assert Browser(site, cast.YULIA).post(path).status == 403
    assert Browser(site, cast.BOYAN).post(path).status == 303
    versions = site.world.versions(session, "session_protocol", cast.BOYAN.id, cast.GROUP_A)
    assert [each["version"] for each in versions] == [1, 2]
    assert path not in Browser(site, cast.BOYAN).get(f"/session/{session}").text


def test_all_are_settled_with_one_reason(site: Sandbox, session: str) -> None:
    coordinator = Browser(site, cast.BOYAN)
    both = [signal(session, rule)["id"] for rule in ("contact_request", "mentor_concern")]
    coordinator.post(f"/session/{session}/decide", {"signal": both, "decision": "settled", "note": " "})
    assert decided(site, session) == []
    coordinator.post(f"/session/{session}/decide", {"signal": both, "decision": "settled", "note": "Край."})
    assert decided(site, session) == [
        ("contact_request", "settled", "Край."),
        ("mentor_concern", "settled", "Край."),
    ]


def test_a_mentor_reads_and_decides_nothing(site: Sandbox, session: str) -> None:
    Browser(site, cast.BOYAN).post(
        f"/session/{session}/decide",
        {"signal": signal(session, "mentor_concern")["id"], "decision": "talked", "note": "Тайна бележка."},
    )
    page = Browser(site, cast.PETAR).get(f"/session/{session}").text
    assert "Правило mentor_concern" in page
    assert "Тайна бележка." not in page
    assert 'value="unfounded"' not in page
    given = {"signal": signal(session, "mentor_concern")["id"], "decision": "talked", "note": ""}
    assert Browser(site, cast.PETAR).post(f"/session/{session}/decide", given).status == 403
