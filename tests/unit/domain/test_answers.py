from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from year import SCENARIO, Year

from moodle_bridge.domain.answers import check
from moodle_bridge.domain.answers.scope import Context
from moodle_bridge.domain.answers.tidy import iso_date, tidy_text
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.errors import AnswersRefused

CONTEXT = Context("initial", "2025-11-03", mentees=5)


def sample(language: str = "bg") -> dict[str, Any]:
    text = (SCENARIO.parent / f"mentee_initial.{language}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def checked(catalogue: Catalogue, given: object, language: str = "bg") -> check.Validated:
    return check.validate(catalogue.instruments["mentee_initial"], language, given, {}, CONTEXT)


@pytest.mark.parametrize("language", ["bg", "en"])
def test_the_full_sample_is_accepted_unchanged(catalogue: Catalogue, language: str) -> None:
    given = sample(language)
    assert set(given) == {item.id for item in catalogue.instruments["mentee_initial"].items}
    found = checked(catalogue, given, language)
    assert found.problems == ()
    assert found.answers == given


def changed(**changes: Any) -> dict[str, Any]:
    """The sample with items replaced; ``table__row__column`` reaches into a table; ... takes away."""
    given = copy.deepcopy(sample())
    for path, value in changes.items():
        item, *inner = path.split("__")
        if not inner:
            given[item] = value
        else:
            row = given[item][int(inner[0]) - 1]
            row[inner[1]] = value
            if value is ...:
                del row[inner[1]]
        if given[item] is ...:
            del given[item]
    return given


PROBLEMS: list[tuple[dict[str, Any], list[tuple[str, int | None, str, str]]]] = [
    ({"needs_now": ...}, [("needs_now", None, "", "required")]),
    ({"needs_now": []}, [("needs_now", None, "", "required")]),
    ({"needs_now": ["n_practice", "n_none"]}, [("needs_now", None, "", "exclusive")]),
    ({"needs_now": ["n_practice", "n_tech", "n_time", "n_goals"]}, [("needs_now", None, "", "too_many")]),
    ({"needs_now": ["m_method"]}, [("needs_now", None, "", "unknown_option")]),
    ({"needs_text": "х" * 251}, [("needs_text", None, "", "too_long")]),
    ({"needs_text": "х" * 250 + "  \n "}, []),
    ({"expected_obstacles": ["r_later"]}, [("expected_obstacles", None, "", "unknown_option")]),
    ({"sa_plan": 6}, [("sa_plan", None, "", "unknown_option")]),
    ({"sa_plan": None}, [("sa_plan", None, "", "unknown_option")]),
    ({"specific_goals__2__parent": "r7"}, [("specific_goals", 2, "parent", "unknown_option")]),
    ({"specific_goals__1__due_date": "31 януари"}, [("specific_goals", 1, "due_date", "not_a_date")]),
    ({"specific_goals__1__due_date": "2026-02-30"}, [("specific_goals", 1, "due_date", "not_a_date")]),
    ({"specific_goals__1__criterion": ...}, [("specific_goals", 1, "criterion", "required")]),
    ({"specific_goals__1__start_level": 2}, [("specific_goals", 1, "start_level", "unknown_option")]),
    ({"specific_goals__4__text": "ц" * 201}, [("specific_goals", 4, "text", "too_long")]),
    ({"specific_goals": []}, [("specific_goals", None, "", "one_row")]),
    (
        {"general_goals": [{"row": n, "text": f"Цел {n}"} for n in (1, 2, 3)]},
        [("general_goals", None, "", "too_many_rows")],
    ),
    (
        {"next_step": "", "sa_plan": 0, "guess_others": ["e_job"] * 2 + ["?"]},
        [
            ("guess_others", None, "", "unknown_option"),
            ("sa_plan", None, "", "unknown_option"),
            ("next_step", None, "", "required"),
        ],
    ),
]


@pytest.mark.parametrize(("changes", "wanted"), PROBLEMS, ids=[str(p[0])[:50] for p in PROBLEMS])
def test_every_problem_is_found_at_once_with_its_place(
    catalogue: Catalogue, changes: dict[str, Any], wanted: list[tuple[str, int | None, str, str]]
) -> None:
    found = checked(catalogue, changed(**changes)).problems
    assert [(p.item, p.row, p.column, p.code) for p in found] == wanted


@pytest.mark.parametrize("instrument", ["session_protocol", "effectiveness_report"])
@pytest.mark.parametrize(
    ("given", "wanted"),
    [({"confirmed": True}, []), ({"confirmed": False}, ["not_affirmed"]), ({}, ["required"])],
    ids=["confirmed", "not confirmed", "not answered"],
)
def test_a_record_that_nobody_stands_for_is_not_complete(
    catalogue: Catalogue, instrument: str, given: dict[str, Any], wanted: list[str]
) -> None:
    form = catalogue.instruments[instrument]
    found = check.validate(form, "bg", given, {}, Context(form.sessions[-1], "2025-11-03"))
    assert [problem.code for problem in found.problems if problem.item == "confirmed"] == wanted


@pytest.mark.parametrize("mentor_agreed", [True, False])
def test_a_no_that_states_a_fact_is_an_answer(catalogue: Catalogue, mentor_agreed: bool) -> None:
    form = catalogue.instruments["session_protocol"]
    given = {"mentor_agreed": mentor_agreed}
    found = check.validate(form, "bg", given, {}, Context("interim", "2025-11-03"))
    assert "mentor_agreed" not in [problem.item for problem in found.problems]


def test_a_problem_says_in_the_forms_language_what_to_do(catalogue: Catalogue) -> None:
    given = changed(needs_text="х" * 260)
    assert checked(catalogue, given).problems[0].message == (
        "„Пояснение – нужно е, ако сте избрали друго“: съкратете текста до 250 знака (сега са 260)."
    )
    assert checked(catalogue, given, "en").problems[0].message == (
        "“Tell us more – needed if you chose something else”: shorten the text to 250 characters (now 260)."
    )


REFUSED: list[object] = [
    None,
    [],
    "{}",
    7,
    {"no_such_item": 1},
    {"needs_now": "n_practice"},
    {"needs_now": [1]},
    {"needs_now": {"n_practice": True}},
    {"needs_now": ["n_practice"] * 500},
    {"needs_text": 5},
    {"needs_text": ["text"]},
    {"needs_text": None},
    {"sa_plan": "3"},
    {"sa_plan": True},
    {"sa_plan": 3.0},
    {"sa_plan": float("nan")},
    {"sa_plan": 10**30},
    {"share_name": "true"},
    {"share_name": 1},
    {"general_goals": {"row": 1}},
    {"general_goals": ["text"]},
    {"general_goals": [{"text": "no number"}]},
    {"general_goals": [{"row": 0, "text": "x"}]},
    {"general_goals": [{"row": "1", "text": "x"}]},
    {"general_goals": [{"row": True, "text": "x"}]},
    {"general_goals": [{"row": 1, "text": "x"}, {"row": 1, "text": "y"}]},
    {"general_goals": [{"row": 1, "text": "x", "extra": 1}]},
    {"general_goals": [{"row": n, "text": "x"} for n in range(1, 300)]},
    {"specific_goals": [{"row": 1, "due_date": 20260131}]},
    {"specific_goals": [{"row": 1, "parent": ["r1"]}]},
]


@pytest.mark.parametrize("given", REFUSED, ids=[str(r)[:50] for r in REFUSED])
def test_a_shape_that_no_form_sends_is_refused_and_not_half_taken(
    catalogue: Catalogue, given: object
) -> None:
    with pytest.raises(AnswersRefused, match=r"^mentee_initial"):
        checked(catalogue, given)


def test_a_refusal_never_quotes_the_answer(catalogue: Catalogue) -> None:
    with pytest.raises(AnswersRefused) as refused:
        checked(catalogue, {"needs_now": ["тайна", 5]})
    assert "тайна" not in str(refused.value)
    assert "needs_now" in str(refused.value)


def test_what_the_software_shows_cannot_be_answered(catalogue: Catalogue) -> None:
    interim = catalogue.instruments["mentee_interim"]
    forged = {"goals_progress": [{"row": 1, "prev_level": 0, "level": 6}]}
    with pytest.raises(AnswersRefused, match=r"goals_progress\.r1: .*cannot be answered"):
        check.validate(interim, "bg", forged, {}, Context("interim", "2026-01-12"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Много   интервали \r\n и нов ред ", "Много интервали и нов ред"),
        ("e\u0301", "é"),
        ("ну\u200bла\ufeff", "нула"),
        ("\x00\x07да\x1b", "да"),
        ("край\ud800", "край"),
        ("<3 & „кавички“", "<3 & „кавички“"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_a_short_text_is_tidied_and_otherwise_kept(given: str, kept: str) -> None:
    assert tidy_text(given, lines=False) == kept


def test_a_long_text_keeps_its_lines() -> None:
    assert tidy_text("Едно  \r\nдве\r\n\r\n\r\n\r\nтри\t!\r", lines=True) == "Едно\nдве\n\nтри !"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-1-5", "2026-01-05"),
        ("31.1.2026", "2026-01-31"),
        ("31.01.2026 г.", "2026-01-31"),
        ("31/01/2026", "2026-01-31"),
        (" 05.02.2026г. ", "2026-02-05"),
        ("31.02.2026", "31.02.2026"),
        ("утре", "утре"),
    ],
)
def test_dates_of_both_languages_become_iso(given: str, kept: str) -> None:
    assert iso_date(given) == kept


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (7, []),
        ("7", []),
        ("7,0", []),
        (" 1 2 ", []),
        ("7.5", ["not_a_number"]),
        ("седем", ["not_a_number"]),
        (61, ["out_of_range"]),
    ],
)
def test_numbers_of_both_languages_are_read(catalogue: Catalogue, given: object, codes: list[str]) -> None:
    observation = catalogue.instruments["mentor_observation"]
    found = check.validate(observation, "en", {"meetings_count": given}, {}, Context("interim", "2026-01-12"))
    assert [p.code for p in found.problems if p.item == "meetings_count"] == codes


def test_cannot_say_is_kept_as_null_and_counts_as_answered(catalogue: Catalogue) -> None:
    form = catalogue.instruments["mentee_group_expectations"]
    given = {"feasible": None, "contribution": "Мога да помагам."}
    found = check.validate(form, "bg", given, {}, CONTEXT)
    assert found.problems == ()
    assert found.answers["feasible"] is None


def test_an_untouched_row_is_no_row(catalogue: Catalogue) -> None:
    given = {"weak_none": True, "weak_points": [{"row": 1, "text": "  ", "help_needed": False}]}
    form = catalogue.instruments["mentor_observation"]
    found = check.validate(form, "bg", given, {}, INTERIM)
    assert "weak_points" not in found.answers
    assert "weak_points" not in [problem.item for problem in found.problems]


def test_an_empty_box_is_a_no(catalogue: Catalogue) -> None:
    given = changed(contact_me=...)
    assert checked(catalogue, given).answers["contact_me"] is False


INTERIM = Context("interim", "2026-03-09", previous={"next_step": "Стъпка"})


def goal_row(catalogue: Catalogue, **answer: Any) -> list[tuple[str, str]]:
    """The problems at one goal that was at step 2 before and is due on 31 May."""
    form = catalogue.instruments["mentee_interim"]
    carried = {
        "goals_progress": [
            {"row": 1, "id": "g", "text": "Цел", "criterion": "", "due_date": "2026-05-31", "prev_level": 2}
        ]
    }
    given = {"goals_progress": [{"row": 1, **answer}]}
    found = check.validate(form, "bg", given, carried, INTERIM)
    return [(p.column, p.code) for p in found.problems if p.item == "goals_progress"]


TERMS = {"new_text": "Нова", "new_criterion": "Има я.", "new_due_date": "2026-12-31", "new_importance": 1}


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ({"level": 3, "status": "g_active"}, []),
        ({"level": 2, "status": "g_active"}, [("reason", "required")]),
        ({"level": 2, "status": "g_active", "reason": ["r_time"]}, []),
        ({"level": 1, "status": "g_active", "reason": ["r_other"]}, [("reason_text", "required")]),
        ({"level": 4, "status": "g_active"}, []),
        (
            {"level": 3, "status": "g_changed", "new_due_date": "2026-12-31", "new_importance": 1},
            [("new_text", "required"), ("new_criterion", "required")],
        ),
        ({"level": 3, "status": "g_changed", **TERMS}, []),
        ({"level": 3, "status": "g_dropped"}, [("reason", "required")]),
        ({"level": 4, "status": "g_dropped", "reason": ["r_time"]}, [("status", "refused")]),
        ({"level": 3, "status": "g_done"}, [("status", "refused")]),
        ({"level": 4, "status": "g_done"}, []),
        ({"status": "g_active"}, [("level", "required")]),
        ({"level": 3}, [("status", "required")]),
    ],
)
def test_a_reason_or_new_wording_is_asked_for_only_when_needed(
    catalogue: Catalogue, answer: dict[str, Any], wanted: list[tuple[str, str]]
) -> None:
    assert goal_row(catalogue, **answer) == wanted


def test_hidden_answers_are_dropped_in_forms_and_rows(catalogue: Catalogue) -> None:
    form = catalogue.instruments["mentee_interim"]
    carried = {"goals_progress": [{"row": 1, "id": "g", "text": "Цел", "prev_level": 2}]}
    given = {
        "goals_progress": [{"row": 1, "level": 3, "status": "g_active", "new_text": "Останало от преди"}],
        "last_step_done": 3,
    }
    kept = check.validate(form, "bg", given, carried, Context("interim", "2026-03-09")).answers
    assert "new_text" not in kept["goals_progress"][0]
    assert "last_step_done" not in kept


def test_a_row_of_which_everything_is_hidden_is_no_row(catalogue: Catalogue) -> None:
    form = catalogue.instruments["mentee_interim"]
    given = {"goals_progress": [{"row": 1, "new_text": "Останало от преди"}]}
    assert "goals_progress" not in check.validate(form, "bg", given, {}, INTERIM).answers


def test_rows_that_the_form_did_not_show_are_a_problem(catalogue: Catalogue) -> None:
    form = catalogue.instruments["mentee_interim"]
    given = {"goals_progress": [{"row": 9, "level": 3, "status": "g_active"}]}
    found = check.validate(form, "bg", given, {"goals_progress": []}, INTERIM)
    assert ("goals_progress", 9, "row_not_shown") in [(p.item, p.row, p.code) for p in found.problems]


def test_choices_from_data_are_those_that_were_offered(catalogue: Catalogue) -> None:
    form = catalogue.version("mentee_group_expectations", "1.0.0")
    assert form is not None
    carried = {"shared.options": [{"value": "e_job", "label": "Работа"}]}
    for shared, codes in ((["e_job"], []), (["e_career"], ["unknown_option"])):
        found = check.validate(form, "bg", {"shared": shared}, carried, CONTEXT)
        assert [p.code for p in found.problems if p.item == "shared"] == codes


def test_validating_twice_changes_nothing(catalogue: Catalogue, year: Year) -> None:
    for step in year.steps:
        form = catalogue.instruments[step.target.instrument]
        asked = carryover.context(frame_of(catalogue, step.before, step.target), step.target)
        again = check.validate(form, "bg", step.validated.answers, step.personal["carried"], asked)
        assert again.answers == step.validated.answers
        assert list(again.answers) == list(step.validated.answers)
