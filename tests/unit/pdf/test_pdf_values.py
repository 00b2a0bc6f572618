"""How answers become words: choices, dates, rows, quotes, and who may see them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from moodle_bridge.domain.answers.visibility import visible
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.fill.values import date_text, shown

INSTRUMENTS = catalogue.load().instruments


def texts(
    name: str, language: str, answers: dict[str, Any], carried: dict[str, Any] | None = None
) -> dict[str, str]:
    instrument = INSTRUMENTS[name]
    every = shown(instrument, language, "full", answers, carried or {}, {"specific_goals": 4})
    return {answer.name: answer.text for answer in every if answer.text}


@pytest.mark.parametrize(
    ("iso", "language", "written"),
    [
        ("2026-02-28", "bg", "28.02.2026 г."),
        ("2026-02-28", "en", "28 Feb 2026"),
        ("2026-02-05", "en", "5 Feb 2026"),
        ("2026-13-01", "bg", "2026-13-01"),
        ("утре", "bg", "утре"),
    ],
)
def test_dates_are_written_as_people_write_them(iso: str, language: str, written: str) -> None:
    assert date_text(iso, language) == written


def test_choices_are_shown_by_their_labels() -> None:
    answers = {"needs_now": ["n_practice", "n_tech"], "share_name": True, "sa_plan": 2}
    assert texts("mentee_initial", "bg", answers) == {
        "needs_now": "Повече упражнения и практика; Техническа помощ",
        "share_name": "Да",
        "sa_plan": "В малка степен",
    }


def test_a_goal_shows_the_text_of_the_general_goal_it_belongs_to() -> None:
    answers = {
        "general_goals": [{"row": 2, "text": "Да намеря работа"}],
        "specific_goals": [{"row": 1, "parent": "r2"}, {"row": 2, "parent": "r9"}],
    }
    found = texts("mentee_initial", "bg", answers)
    assert found["specific_goals.r1.parent"] == "Да намеря работа"
    assert found["specific_goals.r2.parent"] == "r9"


def test_pushed_options_are_shown_by_the_labels_they_were_pushed_with() -> None:
    carried = {"decisions.responsible.options": [{"value": "u7", "label": "Юлия Ангелова (ментор)"}]}
    answers = {"decisions": [{"row": 1, "text": "Решение", "responsible": "u7"}]}
    found = texts("session_protocol", "bg", answers, carried)
    assert found["decisions.r1.responsible"] == "Юлия Ангелова (ментор)"


def test_cannot_say_is_an_answer_and_not_a_gap() -> None:
    assert texts("anonymous_feedback", "bg", {"an_support": None})["an_support"] == "Не мога да преценя"
    assert texts("anonymous_feedback", "bg", {}) == {}


def test_read_only_columns_come_from_what_was_carried_over() -> None:
    answers = {"goals_progress": [{"row": 1, "level": 3, "text": "подменен"}]}
    carried = {"goals_progress": [{"row": 1, "id": "x", "text": "истински", "due_date": "2026-05-01"}]}
    found = texts("mentee_interim", "bg", answers, carried)
    assert found["goals_progress.r1.text"] == "истински"
    assert found["goals_progress.r1.due_date"] == "01.05.2026 г."
    assert found["goals_progress.r1.level"] == "Почти постигната"


def test_an_earlier_answer_is_quoted_above_its_question() -> None:
    assert texts("mentee_interim", "bg", {}, {"last_step_done": "Да прочета книгата"}) == {
        "carried.last_step_done": "Да прочета книгата"
    }


def test_the_mentors_copy_carries_only_what_it_shows() -> None:
    answers = {"next_step": "Стъпка", "contact_me": True, "confidential_note": "Тайна", "unknown": "?"}
    carried = {"last_step_done": "Цитат"}
    seen, quoted = visible(INSTRUMENTS["mentee_interim"], "mentor", answers, carried)
    assert seen == {"next_step": "Стъпка"}
    assert quoted == carried
    assert visible(INSTRUMENTS["mentee_interim"], "full", answers, carried) == (answers, carried)


def test_a_table_for_the_coordinator_alone_leaves_no_trace_in_the_mentors_copy() -> None:
    answers = {"warnings_decisions": [{"row": 1, "decision": "d_act"}], "held_on": "2026-01-01"}
    carried = {
        "warnings_decisions": [{"row": 1, "id": "w", "signal": "Сигнал"}],
        "warnings_decisions.decision.options": [],
        "decisions.responsible.options": [],
    }
    seen, quoted = visible(INSTRUMENTS["session_protocol"], "mentor", answers, carried)
    assert seen == {"held_on": "2026-01-01"}
    assert quoted == {"decisions.responsible.options": []}


def test_a_column_for_the_coordinator_alone_is_left_out_of_the_mentors_rows() -> None:
    table = INSTRUMENTS["mentee_initial"].item("specific_goals")
    hidden = frozenset({"author", "coordinator"})
    columns = tuple(replace(c, readers=hidden) if c.id == "criterion" else c for c in table.columns)
    instrument = replace(INSTRUMENTS["mentee_initial"], items=(replace(table, columns=columns),))
    rows = [{"row": 1, "text": "Цел", "criterion": "Тайна"}]
    carried = {"specific_goals": rows, "specific_goals.criterion.options": [], "specific_goals.options": []}
    seen, quoted = visible(instrument, "mentor", {"specific_goals": rows}, carried)
    assert seen == {"specific_goals": [{"row": 1, "text": "Цел"}]}
    assert quoted == seen | {"specific_goals.options": []}
    for odd in ({"criterion": "Тайна"}, [["Тайна"], *rows], "Тайна"):
        assert "Тайна" not in str(visible(instrument, "mentor", {"specific_goals": odd}, {}))
