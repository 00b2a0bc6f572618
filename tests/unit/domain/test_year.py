"""The scenario of a year against the figures worked out by hand in tests/fixtures/year/expected.yaml."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from course import frame, view
from year import Year

from moodle_bridge import contract
from moodle_bridge.domain.course import goals, needs, recommendations, weakpoints
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import both_sides, confidentiality, figures, followed, signals, summary
from moodle_bridge.domain.session.goal_counts import goal_counts

HERE = Path(__file__).resolve()
EXPECTED: dict[str, Any] = yaml.safe_load(
    (HERE.parents[2] / "fixtures" / "year" / "expected.yaml").read_text(encoding="utf-8")
)
GROUPS = {1: (11, 12, 13, 14, 15), 2: (21, 22, 23, 24)}
PLACES = [(number, group) for number in range(1, 7) for group in (1, 2)]


def approx(value: float | None) -> Any:
    return value if value is None else pytest.approx(value, abs=0.0001)


def test_every_form_of_the_year_is_open_in_its_turn_and_accepted_without_a_problem(year: Year) -> None:
    assert len(year.steps) == 83
    assert [step.target for step in year.steps if step.validated.problems] == []


def test_what_was_offered_in_the_year_keeps_the_contract(catalogue: Catalogue, year: Year) -> None:
    faults = {step.target: contract.faults("personal", step.personal) for step in year.steps}
    assert {target: found for target, found in faults.items() if found} == {}


@pytest.mark.parametrize(("number", "group"), PLACES)
def test_the_goal_percentage_of_everyone_is_as_worked_out(
    catalogue: Catalogue, year: Year, number: int, group: int
) -> None:
    state = year.at_close[number]
    found = figures.mentees_goals(frame(catalogue, state, state.ordered[number - 1], group))
    wanted = {p: v for p, v in EXPECTED["goal_percent"][number].items() if p in GROUPS[group]}
    assert {each.person: each.percent for each in found} == {p: approx(v) for p, v in wanted.items()}


@pytest.mark.parametrize(("number", "group"), PLACES)
def test_the_group_has_a_median_with_n_least_and_most_and_the_goals_attained(
    catalogue: Catalogue, year: Year, number: int, group: int
) -> None:
    state = year.at_close[number]
    told = summary.summary(view(catalogue, state, state.ordered[number - 1], group, "coordinator", "bg"))
    median, n, least, most = EXPECTED["group_goal_percent"][number][group]
    found = told["numbers"]["goal_percent"]
    assert found == {"median": approx(median), "n": n, "least": approx(least), "most": approx(most)}
    attained, rated = EXPECTED["attained"][number][group]
    assert told["numbers"]["goals_attained"] == {"attained": attained, "rated": rated}


@pytest.mark.parametrize(("number", "group"), [(n, g) for n in range(1, 7) for g in (0, 1, 2)])
def test_the_goals_set_finished_given_up_and_left_behind_are_as_worked_out(
    catalogue: Catalogue, year: Year, number: int, group: int
) -> None:
    state = year.at_close[number]
    found = goal_counts(frame(catalogue, state, state.ordered[number - 1], group))
    counted = [found.set, found.added, found.finished, found.dropped, found.left]
    assert [*counted, found.stayed, found.attained_stayed] == EXPECTED["goal_counts"][number][group]
    if group:
        assert [found.attained, found.rated] == EXPECTED["attained"][number][group]
    assert found.reasons == ((("r_priority", 1),) if found.dropped else ())


@pytest.mark.parametrize("group", [0, 1, 2])
def test_both_sides_rates_at_the_end_are_as_worked_out(catalogue: Catalogue, year: Year, group: int) -> None:
    found = both_sides.rates(frame(catalogue, year.end, year.session(6), group))
    assert list(dataclasses.astuple(found)) == EXPECTED["both_rates"][group]


def test_a_changed_goal_has_its_new_date_and_who_has_none_left_is_asked_for_one(year: Year) -> None:
    changed = year.step(4, "mentee_interim", 14).personal["carried"]["goals_progress"][1]
    assert (changed["due_date"], changed["criterion"]) == (
        "2026-07-10",
        "Работил съм поне четири съботи и чета чертеж.",
    )
    last = year.step(6, "mentee_final", 21).personal["carried"]["goals_final"]
    assert [(goal["text"], goal["prev_level"]) for goal in last] == [
        ("Да кандидатствам за работа като младши тестер.", 1)
    ]
    review = year.step(5, "mentor_observation", 32).personal["carried"]["goal_review"]
    assert [(goal["mentee"], goal["general_goal"]) for goal in review] == [
        ("Явор Жеков", "Да сменя професията си и да работя в ИТ.")
    ]
    said = year.step(4, "mentee_interim", 15).personal["carried"]["goals_progress"][2]["mentor_said"]
    assert said == "Трябва да се уточни – „Уговорете датата с читалището.“"


def test_the_final_gas_t_scores_are_as_worked_out(catalogue: Catalogue, year: Year) -> None:
    found = figures.mentees_goals(frame(catalogue, year.end, year.session(6), 0))
    assert {each.person: each.gas for each in found} == {p: approx(v) for p, v in EXPECTED["gas_t"].items()}


@pytest.mark.parametrize("number", [2, 3, 4, 6])
def test_own_expectations_are_weighted_by_importance(catalogue: Catalogue, year: Year, number: int) -> None:
    state = year.at_close[number]
    found = figures.mentees_expectations(frame(catalogue, state, state.ordered[number - 1], 0))
    wanted = EXPECTED["expectation_own"][number]
    assert {each.person: each.own for each in found} == {p: approx(v) for p, v in wanted.items()}


@pytest.mark.parametrize("number", [2, 3])
def test_the_gap_compares_my_view_of_the_others_with_their_own(
    catalogue: Catalogue, year: Year, number: int
) -> None:
    state = year.at_close[number]
    found = {
        e.person: e.gap
        for e in figures.mentees_expectations(frame(catalogue, state, state.ordered[number - 1], 1))
    }
    for person, gap in EXPECTED["expectation_gap"][number].items():
        assert found[person] == approx(gap), person


def test_guesses_are_counted_against_what_the_others_named(catalogue: Catalogue, year: Year) -> None:
    state = year.at_close[1]
    found = figures.mentees_expectations(frame(catalogue, state, state.ordered[0], 0))
    guessed = {each.person: list(each.guessed) if each.guessed else None for each in found}
    for person, right in EXPECTED["guessed"].items():
        assert guessed[person] == right, person


@pytest.mark.parametrize(("audience", "number"), [(a, n) for a in ("coordinator", "mentor") for n in (2, 3)])
def test_the_climate_leaves_out_what_only_the_coordinator_reads_for_whoever_looks(
    catalogue: Catalogue, year: Year, audience: str, number: int
) -> None:
    told = summary.summary(view(catalogue, year.end, year.session(number), 1, audience, "bg"))["numbers"]
    assert told["climate"]["median"] == approx(EXPECTED["climate"][number])


@pytest.mark.parametrize(("number", "group"), [(n, g) for n in (1, 2, 6) for g in (1, 2)])
def test_the_ledger_holds_what_was_worked_out_for_those_who_do_not_read_the_answers(
    year: Year, number: int, group: int
) -> None:
    session = year.session(number).id
    found = {
        (each.item.split(".")[-1] if ":" in each.item else each.item): confidentiality.of_json(each.figure)
        for each in year.end.published
        if (each.session, each.group, each.audience) == (session, group, "mentee")
    }
    wanted = EXPECTED["told"][number][group]
    assert {item: _as_written(figure) for item, figure in found.items() if figure} == wanted
    mentors = {
        each.item: _as_written(confidentiality.of_json(each.figure))
        for each in year.end.published
        if (each.session, each.group, each.audience) == (session, group, "mentor") and each.figure
    }
    assert mentors == EXPECTED["told_mentor"][number][group]


def _as_written(figure: confidentiality.Figure | None) -> Any:
    match figure:
        case confidentiality.Share(k, of):
            return [k, of]
        case confidentiality.Lean(direction):
            return direction
        case confidentiality.Named(several, some):
            return {"several": list(several), "some": list(some)}
    return None


def test_what_was_told_stays_as_it_was_when_it_was_frozen(year: Year) -> None:
    for number, state in year.at_close.items():
        assert set(map(str, state.published)) <= set(map(str, year.end.published)), number


def test_the_change_in_self_assessment_pairs_the_first_form_with_the_last(
    catalogue: Catalogue, year: Year
) -> None:
    found = figures.self_assessment_change(frame(catalogue, year.end, year.session(6), 0))
    assert {each.person: each.change for each in found} == {
        p: approx(v) for p, v in EXPECTED["self_change"].items()
    }


@pytest.mark.parametrize("group", [1, 2])
def test_the_impact_of_a_group_is_a_median(catalogue: Catalogue, year: Year, group: int) -> None:
    told = summary.summary(view(catalogue, year.end, year.session(6), group, "mentor", "bg"))["numbers"][
        "impact"
    ]
    assert [told["median"], told["n"], told["least"], told["most"]] == EXPECTED["impact"][group]


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_weak_points_come_in_clusters_with_weight_sides_and_trend(
    catalogue: Catalogue, year: Year, number: int
) -> None:
    state = year.at_close[number]
    found = {
        each.area: [each.people, each.respondents, each.weight, each.both_sides, each.trend]
        for each in weakpoints.clusters(frame(catalogue, state, state.ordered[number - 1], 1))
    }
    assert found == EXPECTED["weak_points"][number]


def test_the_need_matrix_tells_own_view_from_the_mentors(catalogue: Catalogue, year: Year) -> None:
    assert needs.mentees_needs(frame(catalogue, year.end, year.session(2), 1)) == EXPECTED["needs"]


def test_reasons_are_counted_by_goals_and_people(catalogue: Catalogue, year: Year) -> None:
    session = year.session(5)
    found = figures.reason_counts(figures.mentees_goals(frame(catalogue, year.end, session, 1)), session)
    assert [[each.reason, each.goals, each.people] for each in found] == EXPECTED["reasons"]


@pytest.mark.parametrize("group", [1, 2])
def test_accepted_recommendations_are_followed_until_they_are_carried_out(
    catalogue: Catalogue, year: Year, group: int
) -> None:
    found = recommendations.recommendations(frame(catalogue, year.end, year.session(6), group))
    assert list(recommendations.closure(found)) == EXPECTED["closure"][group]


@pytest.mark.parametrize("group", [1, 2])
def test_the_mentors_final_levels_are_set_beside_the_mentees(
    catalogue: Catalogue, year: Year, group: int
) -> None:
    found = [
        each.difference
        for each in both_sides.level_agreement(frame(catalogue, year.end, year.session(6), group))
    ]
    wanted = EXPECTED["agreement"][group]
    assert found.count(0) == wanted["same"]
    assert sum(difference > 0 for difference in found) == wanted["higher"]
    assert sum(difference < 0 for difference in found) == wanted["lower"]


@pytest.mark.parametrize(("number", "group"), PLACES)
def test_each_session_raises_exactly_the_signals_worked_out(
    catalogue: Catalogue, year: Year, number: int, group: int
) -> None:
    state = year.at_close[number]
    found = signals.signals(frame(catalogue, state, state.ordered[number - 1], group))
    told = [
        [s.level, s.rule, s.person, int(s.subject[-1]) if s.rule == "goal_stalled" else s.subject]
        for s in found
    ]
    assert told == EXPECTED["signals"][number][group]


@pytest.mark.parametrize("language", ["bg", "en"])
def test_every_signal_of_the_year_is_explained_without_a_gap(
    catalogue: Catalogue, year: Year, language: str
) -> None:
    for number, group in PLACES:
        state = year.at_close[number]
        for signal in signals.signals(frame(catalogue, state, state.ordered[number - 1], group)):
            text = signal.text(
                view(catalogue, state, state.ordered[number - 1], group, "coordinator", language)
            )
            assert "{" not in text
            assert not text.startswith("signal_")
            if signal.person:
                assert text.startswith(state.person(signal.person).name)


@pytest.mark.parametrize("number", range(1, 7))
def test_the_audit_counts_signals_and_decisions(catalogue: Catalogue, year: Year, number: int) -> None:
    state = year.at_close[number]
    found = followed.audit(frame(catalogue, state, state.ordered[number - 1], 0))
    told = [found.raised, found.decided, found.unfounded, found.waiting]
    assert told == EXPECTED["audit"][number]


def test_the_report_proposes_a_rating_of_every_criterion(year: Year) -> None:
    personal = year.step(6, "effectiveness_report", 41).personal
    assert [name for name in personal["proposed"] if name.startswith("crit_")] == []
    assert {each["item"]: each["value"] for each in personal["suggested"]} == EXPECTED["suggested"]
    told = {each["item"]: each["text"] for each in personal["suggested"]}
    assert told == EXPECTED["because"]
    lines = personal["carried"]["sum_criteria"]
    assert [line.endswith(text) for line, text in zip(lines, told.values(), strict=True)] == [True] * 5


def test_a_reworded_goal_keeps_its_history_and_returns_in_its_new_wording(
    catalogue: Catalogue, year: Year
) -> None:
    goal = goals.personal_goals(frame(catalogue, year.end, year.session(6), 1), 14)[1]
    assert [wording.text[:16] for wording in goal.wordings] == ["Да намеря майсто", "Да работя в събо"]
    assert goal.known_levels() == (0, 0, 1, 2, 3, 4)
    carried = year.step(4, "mentee_interim", 14).personal["carried"]["goals_progress"][1]
    assert carried["text"] == goal.text
    assert carried["prev_level"] == 1


def test_a_goal_that_was_dropped_is_listed_but_not_counted_and_does_not_return(
    catalogue: Catalogue, year: Year
) -> None:
    session = year.session(4)
    found = figures.goals_of(frame(catalogue, year.end, session, 2), 21)
    assert [goal.active for goal in found.goals] == [True, False]
    assert [goal.id[-1] for goal, _ in found.levels] == ["1"]
    assert len(year.step(5, "mentee_interim", 21).personal["carried"]["goals_progress"]) == 1
    shown = summary.summary(view(catalogue, year.end, session, 2, "mentor", "bg"))
    rows = next(
        block["rows"]
        for part in shown["sections"]
        if part["id"] == "R2"
        for block in part["blocks"]
        if block.get("title") == "Конкретни цели"
    )
    assert [
        "Явор Жеков",
        "Да напиша три статии в собствен блог.",
        "30.06.2026",
        "Изоставена (сесия 4): Целта вече не е толкова важна",
        "Ясна и изпълнима в срок",
        *("0", "1", "1", "1"),
    ] in rows


def test_someone_who_missed_two_sessions_finds_the_last_level_they_stated(year: Year) -> None:
    carried = year.step(5, "mentee_interim", 13).personal["carried"]
    assert [row["prev_level"] for row in carried["goals_progress"]] == [1, 1]
    assert carried["last_step_done"] == "Ще реша два пробни теста."


def test_a_late_joiner_sets_goals_in_an_interim_session_and_rates_them_in_the_next(year: Year) -> None:
    first = year.step(2, "mentee_initial", 23)
    assert first.personal["expected"] is True
    carried = year.step(3, "mentee_interim", 23).personal["carried"]
    assert [row["prev_level"] for row in carried["goals_progress"]] == [0, 1]
    assert "last_step_done" in carried


def test_who_has_withdrawn_counts_where_they_answered_and_is_not_missed_afterwards(
    catalogue: Catalogue, year: Year
) -> None:
    told = [
        summary.summary(view(catalogue, year.end, year.session(n), 2, "coordinator", "bg"))["numbers"]
        for n in (4, 5)
    ]
    assert [numbers["responses"]["mentee_interim"]["expected"] for numbers in told] == [4, 3]
    assert 24 in [each["person"] for each in told[0]["people"]]
    assert 24 not in [each["person"] for each in told[1]["people"]]


def test_the_mentors_note_comes_back_at_the_goal_it_is_about(catalogue: Catalogue, year: Year) -> None:
    from moodle_bridge.domain.carryover import personal as carryover
    from moodle_bridge.domain.course.frame import frame_of
    from moodle_bridge.domain.course.model import Target

    target = Target(year.session(1).id, 1, "mentee_initial", 12)
    personal = carryover.personal(frame_of(catalogue, year.steps[20].after, target), target, "bg")
    assert personal["notes"] == [
        {
            "item": "specific_goals",
            "row": 1,
            "text": "Трябва да се уточни – „Напишете до коя дата ще е готов бизнес планът.“",
        },
        {"item": "specific_goals", "row": 2, "text": "Ясна и изпълнима в срок"},
    ]


@pytest.mark.parametrize("audience", ["coordinator", "mentor", "mentee"])
@pytest.mark.parametrize("language", ["bg", "en"])
def test_every_summary_of_the_year_keeps_the_contract(
    catalogue: Catalogue, year: Year, audience: str, language: str
) -> None:
    for number in range(1, 7):
        for group in (0, 1, 2):
            told = summary.summary(view(catalogue, year.end, year.session(number), group, audience, language))
            assert contract.faults("summary", told) == []


def test_the_confidential_note_reaches_the_coordinator_and_nobody_else(
    catalogue: Catalogue, year: Year
) -> None:
    state = year.at_close[2]
    for audience, told in (("coordinator", True), ("mentor", False), ("mentee", False)):
        page = str(summary.summary(view(catalogue, state, state.ordered[1], 1, audience, "bg")))
        assert ("присмяха" in page) is told, audience
        assert ("contact_request" in page) is told, audience
        assert ("low_inclusion" in page) is told, audience
