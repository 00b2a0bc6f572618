"""The records with types and the schemas they are read by: neither can have a name that the other lacks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

import pytest
from goldens import as_moodle_says
from serving import golden

from moodle_bridge import plain_json
from moodle_bridge.contract import exchanges, records, schema
from moodle_bridge.contract.records import as_json
from moodle_bridge.plain_json import WrongField

COMMON = "common#/$defs/"
ANSWER = "#/$defs/answer"
REQUEST = "#/$defs/request"

RECORDS = {
    f"{COMMON}session": records.SessionRecord,
    f"{COMMON}session/properties/extensions/items": records.Extension,
    f"{COMMON}group": records.Group,
    f"{COMMON}submission": records.SubmissionRecord,
    f"{COMMON}decision": records.DecisionRecord,
    f"get_participants{ANSWER}": records.ParticipantsRecord,
    f"get_participants{ANSWER}/properties/participants/items": records.PersonRecord,
    f"list_documents{ANSWER}/properties/documents/items": records.DocumentRecord,
    f"get_changes{ANSWER}": exchanges.ChangePage,
    f"get_changes{ANSWER}/properties/changes/items": records.ChangeRecord,
    f"get_submissions{ANSWER}": exchanges.SubmissionPage,
    f"list_documents{ANSWER}": exchanges.DocumentPage,
    f"put_definitions{REQUEST}/properties/definitions/items": exchanges.DefinitionItem,
    f"put_definitions{ANSWER}": exchanges.DefinitionsTaken,
    f"put_personal{REQUEST}/properties/items/items": exchanges.PersonalItem,
    f"put_personal{REQUEST}/properties/unchanged/items": exchanges.PersonalName,
    f"put_personal{ANSWER}": exchanges.ItemsTaken,
    f"put_summary{REQUEST}/properties/items/items": exchanges.SummaryItem,
    f"put_summary{REQUEST}/properties/unchanged/items": exchanges.SummaryName,
    f"put_summary{ANSWER}": exchanges.ItemsTaken,
    f"store_document{ANSWER}": exchanges.StoredDocument,
    f"pair{REQUEST}": exchanges.PairRequest,
    f"plan{REQUEST}": exchanges.PlanRequest,
    f"ping{REQUEST}": exchanges.SiteRequest,
    f"unpair{REQUEST}": exchanges.SiteRequest,
    f"webhook{REQUEST}": exchanges.Webhook,
}

OURS = {
    (records.SubmissionRecord, "problems"),
    *((page, "unread") for page in (exchanges.ChangePage, exchanges.SubmissionPage, exchanges.DocumentPage)),
}
"""What this service adds."""

UNREAD = {
    "contract": "checked before",
    "timestamp": "the signature has its own",
    "outcome": "the first time and a repetition are the same",
    "missing": "what was asked for and did not come",
}
"""Required by a schema, but nobody asks for it."""


def rule_at(place: str) -> Mapping[str, Any]:
    name, _, steps = place.partition("#/")
    found: Any = schema(name)
    for step in steps.split("/"):
        found = found[step]
    assert isinstance(found, Mapping)
    return found


@pytest.mark.parametrize("place", RECORDS)
def test_a_record_has_the_names_of_its_schema(place: str) -> None:
    rule, kind = rule_at(place), RECORDS[place]
    own = {field.name for field in dataclasses.fields(kind) if (kind, field.name) not in OURS}
    assert own <= set(rule["properties"])
    assert set(rule["required"]) - own <= set(UNREAD)


@pytest.mark.parametrize("place", RECORDS)
def test_the_words_of_a_field_are_those_of_its_schema(place: str) -> None:
    properties = rule_at(place)["properties"]
    for name, kind in get_type_hints(RECORDS[place], localns=vars(plain_json)).items():
        rule = properties.get(name, {})
        if "$ref" in rule:
            rule = schema("common")["$defs"][rule["$ref"].rsplit("/", 1)[1]]
        if "enum" in rule and kind is not str:
            assert set(get_args(kind)) == set(rule["enum"]), name


def test_a_record_is_written_as_it_was_read() -> None:
    changes = golden("ws-get_changes")["answer"]
    people = golden("ws-get_participants")["answer"]
    documents = golden("ws-list_documents")["answer"]["documents"]
    assert [as_json(records.SessionRecord.of(each)) for each in changes["sessions"]] == changes["sessions"]
    assert [as_json(records.ChangeRecord.of(each)) for each in changes["changes"]] == changes["changes"]
    decided = changes["decisions"]
    assert [as_json(records.DecisionRecord.of(each)) for each in decided] == decided
    assert as_moodle_says(as_json(records.ParticipantsRecord.of(people))) == people
    assert [as_json(records.DocumentRecord.of(each)) for each in documents] == documents


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": 7}, "name is not a text"),
        ({"name": None}, "name is not a text"),
        ({"number": "1"}, "number is not a whole number"),
        ({"number": 1.0}, "number is not a whole number"),
        ({"number": True}, "number is not a whole number"),
        ({"kind": "middle"}, "kind is none of initial, interim, final"),
        ({"instruments": ["a", 1]}, "instruments holds something else than texts"),
        ({"groups": {}}, "groups is not a list"),
        ({"groups": ["a"]}, "groups is not an object"),
        ({"extensions": [{"user": 1}]}, "due is not a whole number"),
    ],
)
def test_what_is_no_session_is_refused_by_the_fields_name(change: dict[str, Any], told: str) -> None:
    session = golden("ws-get_changes")["answer"]["sessions"][0]
    with pytest.raises(WrongField, match=f"^{told}$"):
        records.SessionRecord.of(session | change)


def test_a_session_of_a_release_without_own_deadlines_is_read() -> None:
    session = golden("ws-get_changes")["answer"]["sessions"][0]
    del session["extensions"]
    assert records.SessionRecord.of(session).extensions == ()
