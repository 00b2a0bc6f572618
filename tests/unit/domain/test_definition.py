from __future__ import annotations

import json

import pytest

from moodle_bridge import contract
from moodle_bridge.domain.instrument.definition import definition, digest
from moodle_bridge.domain.instrument.model import Catalogue


@pytest.mark.parametrize("language", ["bg", "en"])
def test_every_definition_keeps_the_contract(catalogue: Catalogue, language: str) -> None:
    for instrument in catalogue.instruments.values():
        assert contract.faults("definition", definition(catalogue, instrument, language)) == []


def test_the_digest_depends_on_the_content_and_not_on_the_order_of_keys(catalogue: Catalogue) -> None:
    content = definition(catalogue, catalogue.instruments["mentee_initial"], "bg")
    turned = json.loads(json.dumps(dict(reversed(content.items())), ensure_ascii=False))
    assert digest(turned) == digest(content)
    assert digest({**content, "title": "Друго"}) != digest(content)


def test_who_will_read_an_answer_is_said_at_every_question(catalogue: Catalogue) -> None:
    content = definition(catalogue, catalogue.instruments["mentee_interim"], "bg")
    said = {item["id"]: item["readers_text"] for item in content["items"]}
    assert said["next_step"] == "Това виждате Вие, менторът и ръководителят."
    assert said["cl_included"].startswith("Това виждате само Вие и ръководителят. ")
    assert said["confidential_note"] == "Това виждате само Вие и ръководителят."
    for instrument in catalogue.instruments.values():
        for item in definition(catalogue, instrument, "en")["items"]:
            assert item["readers_text"].endswith("."), (instrument.id, item["id"])
            assert "_" not in item["readers_text"]


def test_the_promise_names_those_who_are_told_a_figure_without_reading_the_answers(
    catalogue: Catalogue,
) -> None:
    told: dict[str, set[str]] = {"mentor_mentee": set(), "private_mentee": set(), "private_mentor": set()}
    addressed = set()
    for instrument in catalogue.instruments.values():
        for item in definition(catalogue, instrument, "bg")["items"]:
            for where in (item, *item.get("columns", ())):
                key = item["id"] if where is item else f"{item['id']}.{where['id']}"
                for circle, items in told.items():
                    if catalogue.messages[f"told_{circle}"]["bg"] in where["readers_text"]:
                        items.add(key)
                if catalogue.messages["addressed_rows"]["bg"] in where["readers_text"]:
                    addressed.add(item["id"])
    assert told == {
        "private_mentee": {"cl_included"},
        "private_mentor": {"mentor_support"},
        "mentor_mentee": {
            *(f"cl_{each}" for each in ("voice", "help", "useful")),
            *(f"sa_{each}" for each in ("knowledge", "confidence", "plan", "network")),
            *(f"imp_{each}" for each in ("learning", "practice", "confidence", "group")),
            *("needs_now", "overall", "recommend", "monitoring_useful"),
            *("specific_goals", "specific_goals.start_level"),
            *("goals_progress", "goals_progress.level", "goals_progress.reason"),
            *("goals_final", "goals_final.level", "goals_final.reason"),
            *("group_goals_progress", "group_goals_progress.level"),
            *("group_goals_final", "group_goals_final.level"),
            *("own_expectations_rating", "own_expectations_rating.rating"),
            *("own_expectations_final", "own_expectations_final.rating"),
            *("others_expectations_rating", "others_expectations_rating.rating"),
            *("others_expectations_final", "others_expectations_final.rating"),
            *("weak_points", "weak_points.area"),
        },
    }
    assert addressed == {"recommendations"}
    record = definition(catalogue, catalogue.instruments["session_protocol"], "bg")["items"]
    worded = catalogue.messages["worded_by_coordinator"]["bg"]
    assert [item["id"] for item in record if worded in item["readers_text"]] == ["recommendations_triage"]


def test_a_scale_offers_cannot_say_only_where_it_is_allowed(catalogue: Catalogue) -> None:
    content = definition(catalogue, catalogue.instruments["mentee_interim"], "en")
    values = {
        item["id"]: [option["value"] for option in item.get("options", [])] for item in content["items"]
    }
    assert values["cl_voice"] == [1, 2, 3, 4, 5]
    assert values["mentor_support"] == [1, 2, 3, 4, 5, None]


def test_a_scale_of_numbers_has_words_at_its_ends(catalogue: Catalogue) -> None:
    content = definition(catalogue, catalogue.instruments["mentee_final"], "bg")
    item = next(item for item in content["items"] if item["id"] == "recommend")
    assert len(item["options"]) == 11
    assert item["ends"] == {"low": "Със сигурност не", "high": "Със сигурност да"}


def test_a_language_that_is_not_there_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(KeyError, match="el"):
        definition(catalogue, catalogue.instruments["mentee_final"], "el")
