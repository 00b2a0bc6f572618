"""Recommendations of the last session are for the next process: no rate counts them, no record asks."""

from __future__ import annotations

from typing import Any

import pytest
from course import course, goals, levels, mentee, mentor, name, submit, view

from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Process, Target
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import summary
from moodle_bridge.domain.session.computed import computed_lines


def advice(*texts: str) -> dict[str, Any]:
    rows = [
        {"row": row, "area": "w_schedule", "text": text, "addressee": "to_mentor"}
        for row, text in enumerate(texts, start=1)
    ]
    return {"recommendations": rows}


def process(catalogue: Catalogue, *decided: str) -> Process:
    """Two recommendations of session 2, decided so in its record, and three more of the last session."""
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(1, **advice("Едно", "Друго")))
    rows = [{"row": row, "status": status} for row, status in enumerate(decided, start=1)]
    state = submit(catalogue, state, 2, "session_protocol", 90, {"recommendations_triage": rows})
    return submit(catalogue, state, 4, "mentee_final", 1, advice("Догодина едно", "Второ", "Трето"))


@pytest.mark.parametrize(
    ("decided", "wanted"),
    [
        (
            ["q_done", "q_accepted"],
            ["Изпълнени препоръки: 1 от 2 приети", "Препоръки за следващия процес: 3"],
        ),
        (["q_declined", "q_later"], ["Препоръки за следващия процес: 3"]),
    ],
)
def test_the_rate_counts_only_what_could_be_carried_out(
    catalogue: Catalogue, decided: list[str], wanted: list[str]
) -> None:
    state = process(catalogue, *decided)
    last = view(catalogue, state, state.ordered[3], 0, "coordinator")
    assert computed_lines("recommendation_closure", last) == wanted
    told = summary.summary(last)
    assert told["numbers"]["recommendations"]["all"] == 2
    rows = [
        row
        for section in told["sections"]
        if section["id"] == "R8"
        for block in section["blocks"]
        if block["kind"] == "table"
        for row in block["rows"]
    ]
    assert [row[3] for row in rows if row[0] in ("Догодина едно", "Второ", "Трето")] == [
        "За следващия процес"
    ] * 3


def test_the_last_record_asks_about_those_of_before_only(catalogue: Catalogue) -> None:
    state = process(catalogue, "q_accepted", "q_declined")
    target = Target(name(4), 0, "session_protocol", 90)
    carried = carryover.carried(frame_of(catalogue, state, target), target, "bg")
    rows = carried["recommendations_triage"]
    assert isinstance(rows, list)
    assert [row["text"] for row in rows] == ["Едно"]


def test_beside_the_records_questions_stand_peoples_own_words(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    points = [{"row": 1, "area": "w_tech", "severity": 2, "text": "Бавно е."}]
    given = levels(1, weak_points=points, **advice("По-къси срещи"))
    state = submit(catalogue, state, 2, "mentee_interim", 1, given)
    target = Target(name(2), 0, "session_protocol", 90)
    carried = carryover.carried(frame_of(catalogue, state, target), target, "bg")
    assert carried["sum_quotes"] == ["Платформа и технически средства: „Бавно е.“"]
    (told,) = carried["sum_told"]
    assert told.startswith("По-къси срещи (График и натоварване; До ментора; от: ")


def test_the_coordinator_reads_whether_people_feel_an_improvement(catalogue: Catalogue) -> None:
    state = process(catalogue, "q_accepted", "q_declined")
    state = submit(catalogue, state, 3, "mentee_interim", 1, levels(2, recs_followup=[{"row": 1, "felt": 2}]))
    last = view(catalogue, state, state.ordered[3], 0, "coordinator")
    assert computed_lines("felt_improvement", last) == [
        "Усеща ли се подобрение – „Едно“: да – 0, отчасти – 1, не – 0"
    ]
    assert "Усеща ли се подобрение" not in str(
        summary.summary(view(catalogue, state, state.ordered[3], 0, "mentee"))
    )
