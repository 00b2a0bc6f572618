"""Goals that live: changed, finished, added, given up, and what is counted of them; worked out by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from course import close, course, frame, goals, mentee, mentor, name, submit, view

from moodle_bridge.domain.answers import check
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.carryover.proposals import suggested
from moodle_bridge.domain.course import goals as goal_rules
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Process, Target
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import both_sides, figures, summary
from moodle_bridge.domain.session.goal_counts import goal_counts

A, B = 5, 6


def row(number: int, level: int, status: str = "g_active", **more: Any) -> dict[str, Any]:
    return {"row": number, "level": level, "status": status, **more}


def new(text: str, importance: int = 2, start: int = 0, due: str = "2026-12-31") -> dict[str, Any]:
    terms = {"criterion": "Вижда се.", "due_date": due, "importance": importance, "start_level": start}
    return {"row": 1, "text": text, "parent": "g1", **terms}


def interim(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"goals_progress": list(rows), **more}


@pytest.fixture(scope="module")
def story(catalogue: Catalogue) -> dict[int, Process]:
    """Five mentees in two groups, after each of four sessions.

    1 finishes а and б and adds и; 2 changes в and gives г up; 3 misses the second and the last session; 4
    adds з and moves from B to A after the second; 5 leaves after the second.
    """
    groups = {A: "А", B: "Б"}
    people = (
        mentee(1, A),
        mentee(2, A),
        mentee(3, A),
        mentee(4, B),
        mentee(5, B),
        mentor(50, A),
        mentor(60, B),
    )
    state = course(*people, groups=groups)
    for person, group, given in (
        (1, A, goals(("а", 3, 0), ("б", 1, 0))),
        (2, A, goals(("в", 2, 0), ("г", 2, 1))),
        (3, A, goals(("д", 1, 0))),
        (4, B, goals(("е", 2, 0))),
        (5, B, goals(("ж", 3, 0))),
    ):
        state = submit(catalogue, state, 1, "mentee_initial", person, given, group=group)
    found = {1: close(state, 1)}
    changed = {"new_text": "в2", "new_criterion": "Има я.", "new_due_date": "2026-06-01", "new_importance": 3}
    for person, group, given in (
        (1, A, interim(row(1, 4, "g_done"), row(2, 1))),
        (2, A, interim(row(1, 1, "g_changed", **changed), row(2, 0, "g_dropped", reason=["r_time"]))),
        (4, B, interim(row(1, 2), new_goals=[new("з", 1, 1)])),
        (5, B, interim(row(1, 1))),
    ):
        state = submit(catalogue, state, 2, "mentee_interim", person, given, group=group)
    found[2] = close(state, 2)
    moved = (mentee(1, A), mentee(2, A), mentee(3, A), mentee(4, A), mentee(5, B, active=False))
    state = dataclasses.replace(state, participants=(*moved, *state.participants[5:]))
    for person, given in (
        (1, interim(row(1, 4, "g_done"), new_goals=[new("и")])),
        (2, interim(row(1, 2))),
        (3, interim(row(1, 2))),
        (4, interim(row(1, 3), row(2, 1))),
    ):
        state = submit(catalogue, state, 3, "mentee_interim", person, given, group=A)
    found[3] = close(state, 3)
    for person, levels in ((1, [2]), (2, [4]), (4, [4, 4])):
        rows = [{"row": number, "level": level} for number, level in enumerate(levels, start=1)]
        state = submit(catalogue, state, 4, "mentee_final", person, {"goals_final": rows}, group=A)
    found[4] = close(state, 4)
    return found


@pytest.mark.parametrize(
    ("number", "group", "counts"),
    [
        # set, added, finished, dropped, left, rated, attained, stayed, attained of these
        (1, 0, (7, 0, 0, 0, 0, 7, 0, 7, 0)),
        (1, A, (5, 0, 0, 0, 0, 5, 0, 5, 0)),
        (1, B, (2, 0, 0, 0, 0, 2, 0, 2, 0)),
        (2, 0, (8, 1, 1, 1, 0, 6, 1, 8, 1)),
        (2, A, (5, 0, 1, 1, 0, 3, 1, 5, 1)),
        (2, B, (3, 1, 0, 0, 0, 3, 0, 3, 0)),
        (3, 0, (9, 2, 2, 1, 1, 7, 2, 8, 2)),
        (3, A, (8, 2, 2, 1, 0, 7, 2, 8, 2)),
        (3, B, (1, 0, 0, 0, 1, 0, 0, 0, 0)),
        (4, 0, (9, 2, 2, 1, 1, 6, 5, 8, 5)),
        (4, A, (8, 2, 2, 1, 0, 6, 5, 8, 5)),
        (4, B, (1, 0, 0, 0, 1, 0, 0, 0, 0)),
    ],
)
def test_goals_are_counted_through_change_finish_addition_giving_up_leaving_and_moving(
    catalogue: Catalogue, story: dict[int, Process], number: int, group: int, counts: tuple[int, ...]
) -> None:
    state = story[number]
    found = goal_counts(frame(catalogue, state, state.ordered[number - 1], group))
    assert dataclasses.astuple(found)[:9] == (*counts[:3], *counts[3:5], *counts[5:])
    assert found.reasons == ((("r_time", 1),) if found.dropped else ())


@pytest.mark.parametrize(
    ("number", "percents"),
    [
        (1, {1: 0.0, 2: 12.5, 3: 0.0, 4: 0.0, 5: 0.0}),
        (2, {1: 81.25, 2: 25.0, 3: None, 4: 41.6667, 5: 25.0}),
        (3, {1: 66.6667, 2: 50.0, 3: 50.0, 4: 58.3333}),
        (4, {1: 83.3333, 2: 100.0, 3: None, 4: 100.0}),
    ],
)
def test_a_finished_goal_counts_with_its_level_and_a_changed_one_with_its_new_importance(
    catalogue: Catalogue, story: dict[int, Process], number: int, percents: dict[int, float | None]
) -> None:
    state = story[number]
    found = figures.mentees_goals(frame(catalogue, state, state.ordered[number - 1]))
    wanted = {p: v if v is None else pytest.approx(v, abs=0.0001) for p, v in percents.items()}
    assert {each.person: each.percent for each in found} == wanted


def test_the_first_criterion_is_held_down_by_the_share_of_all_goals_of_those_who_stayed(
    catalogue: Catalogue, story: dict[int, Process]
) -> None:
    """The median percentage is 100 each time; of the goals set 5 of 8 are attained, then 3 of 8, 1 of 7."""
    rule = catalogue.instruments["effectiveness_report"].item("crit_goals").suggest
    assert rule is not None
    state = story[4]
    without = dataclasses.replace(
        state, submissions=tuple(e for e in state.submissions if e.session != name(4) or e.respondent == 2)
    )
    fewer = dataclasses.replace(
        without,
        submissions=tuple(e for e in without.submissions if e.respondent != 1 or e.session == name(1)),
    )
    # 1's two finished goals and 2's one; without the former (и was never set) one alone.
    for each, step, share in ((state, 3, "5 от 8"), (without, 3, "3 от 8"), (fewer, 2, "1 от 7")):
        found = suggested(rule, view(catalogue, each, each.ordered[3], 0, "coordinator"))
        assert found is not None
        assert found.step == step
        assert share in found.figures


def goal_table(told: dict[str, Any], title: str) -> tuple[list[str], dict[str, list[str]]]:
    """Columns, and rows by the goal's text."""
    blocks = [b for part in told["sections"] if part["id"] == "R2" for b in part["blocks"]]
    block = next(b for b in blocks if b.get("title") == title)
    at = block["columns"].index("Цел")
    return block["columns"], {each[at]: each for each in block["rows"]}


def test_levels_stand_under_their_session_and_a_missed_one_leaves_a_gap(
    catalogue: Catalogue, story: dict[int, Process]
) -> None:
    state = story[4]
    told = summary.summary(view(catalogue, state, state.ordered[3], A, "coordinator"))
    columns, rows = goal_table(told, "Конкретни цели")
    assert columns == ["Име", "Цел", "Срок", "Сега", "Сесия 1", "Сесия 2", "Сесия 3", "Сесия 4"]
    assert {text: each[3:] for text, each in rows.items()} == {
        "а": ["Приключена в сесия 2: 4 – Постигната според очакваното", "0", "4", "", ""],
        "б": ["Приключена в сесия 3: 4 – Постигната според очакваното", "0", "1", "4", ""],
        "и": ["2 – Наполовина постигната", "", "", "0", "2"],
        "в2": ["4 – Постигната според очакваното (преди: „в“)", "0", "1", "2", "4"],
        "г": ["Изоставена (сесия 2): Недостиг на време", "1", "0", "", ""],
        "д": ["2 – Наполовина постигната", "0", "–", "2", "–"],
        "е": ["4 – Постигната според очакваното", "0", "2", "3", "4"],
        "з": ["4 – Постигната според очакваното", "", "1", "1", "4"],
    }
    assert rows["в2"][2] == "01.06.2026"


def test_what_is_asked_next_is_what_is_going_on(catalogue: Catalogue, story: dict[int, Process]) -> None:
    asked = {
        person: [row["text"] for row in shown(catalogue, story[3], 4, "mentee_final", person)["goals_final"]]
        for person in (1, 2, 3, 4)
    }
    assert asked == {1: ["и"], 2: ["в2"], 3: ["д"], 4: ["е", "з"]}


def shown(
    catalogue: Catalogue, state: Process, number: int, form: str, person: int, group: int = A
) -> dict[str, Any]:
    target = Target(name(number), group, form, person)
    return carryover.carried(frame_of(catalogue, state, target), target, "bg")


def test_a_change_begins_with_what_the_goal_says_now(catalogue: Catalogue, story: dict[int, Process]) -> None:
    (goal,) = shown(catalogue, story[2], 3, "mentee_interim", 2)["goals_progress"]
    assert (goal["criterion"], goal["due_date"], goal["prev_level"]) == ("Има я.", "2026-06-01", 1)
    proposed = {key: value for key, value in goal.items() if key.startswith("new_")}
    assert proposed == {
        "new_text": "в2",
        "new_criterion": "Има я.",
        "new_due_date": "2026-06-01",
        "new_importance": 3,
    }


def problems(catalogue: Catalogue, state: Process, person: int, answers: dict[str, Any]) -> set[str]:
    """What is wrong about the goals in somebody's second interim form."""
    target = Target(name(3), A, "mentee_interim", person)
    one = frame_of(catalogue, state, target)
    form = catalogue.instruments["mentee_interim"]
    carried = carryover.carried(one, target, "bg")
    found = check.validate(form, "bg", answers, carried, carryover.context(one, target))
    return {
        ".".join(filter(None, (p.item, p.column, p.code)))
        for p in found.problems
        if p.item in ("goals_progress", "new_goals")
    }


def several(*texts: str) -> list[dict[str, Any]]:
    return [{**new(text), "row": number} for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        (interim(row(1, 2)), set()),
        (interim(row(1, 4, "g_done")), {"new_goals.one_row"}),
        (interim(row(1, 1, "g_dropped", reason=["r_time"])), {"new_goals.one_row"}),
        (interim(row(1, 1, "g_dropped")), {"goals_progress.reason.required", "new_goals.one_row"}),
        (interim(row(1, 4, "g_done"), new_goals=several("к")), set()),
        (interim(row(1, 3, "g_done"), new_goals=several("к")), {"goals_progress.status.refused"}),
        (
            interim(row(1, 4, "g_dropped", reason=["r_time"]), new_goals=several("к")),
            {"goals_progress.status.refused"},
        ),
        (interim(row(1, 2), new_goals=several("к", "л", "м")), set()),
        (interim(row(1, 2), new_goals=several("к", "л", "м", "н")), {"new_goals.refused"}),
        (interim(row(1, 4, "g_done"), new_goals=several("к", "л", "м", "н")), set()),
        (
            interim(row(1, 2, "g_changed", new_text="в3")),
            {f"goals_progress.new_{name}.required" for name in ("criterion", "due_date", "importance")},
        ),
    ],
)
def test_four_goals_at_most_go_on_at_once_and_one_at_least(
    catalogue: Catalogue, story: dict[int, Process], answers: dict[str, Any], wanted: set[str]
) -> None:
    assert problems(catalogue, story[2], 2, answers) == wanted


def test_a_goal_added_beside_the_rating_is_rated_from_the_next_form_on(
    catalogue: Catalogue, story: dict[int, Process]
) -> None:
    again = shown(catalogue, story[2], 2, "mentee_interim", 4, B)
    assert [row["text"] for row in again["goals_progress"]] == ["е"]
    assert again["new_goals.parent.options"] == [{"value": "g1", "label": "Обща цел"}]
    next_form = shown(catalogue, story[2], 3, "mentee_interim", 4, B)
    assert [row["text"] for row in next_form["goals_progress"]] == ["е", "з"]
    state = story[3]
    found = goal_rules.personal_goals(frame(catalogue, state, state.ordered[2], A), 4)
    assert [(goal.text, goal.parent) for goal in found] == [("е", "Обща цел"), ("з", "Обща цел")]


def test_a_new_date_ends_what_was_overdue(catalogue: Catalogue) -> None:
    """Reworded to a later date, a goal is not called overdue for ever."""
    late = goals(("Да подам документи.", 2, 0), due="2026-01-20")
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, late)
    terms = {"new_criterion": "Подадени са.", "new_due_date": "2026-12-31", "new_importance": 2}
    given = row(1, 1, "g_changed", new_text="Да подам документи до декември.", **terms)
    state = submit(catalogue, state, 2, "mentee_interim", 1, interim(given))
    state = submit(catalogue, state, 3, "mentee_interim", 1, interim(row(1, 2)))
    told = summary.summary(view(catalogue, state, state.ordered[2], 0, "coordinator"))
    assert [each["rule"] for each in told["signals"] if each["rule"] == "goal_stalled"] == []


def test_the_same_words_and_terms_again_are_no_rewording(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    terms = {"new_criterion": "Вижда се.", "new_due_date": "2026-12-31", "new_importance": 2}
    state = submit(
        catalogue, state, 2, "mentee_interim", 1, interim(row(1, 1, "g_changed", new_text="Цел", **terms))
    )
    [goal] = goal_rules.personal_goals(frame(catalogue, state, state.ordered[1], 0), 1)
    assert ([wording.text for wording in goal.wordings], goal.changed_in) == (["Цел"], "")


REVIEW = {"goal_review": [{"row": 1, "check": "k_scale", "note": "Разделете я на две."}]}


def reviewed(catalogue: Catalogue) -> Process:
    """Mentee 1 with two goals, of which the mentor finds the first too big."""
    given = goals(("Голяма", 3, 0), ("Малка", 1, 0))
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, given)
    rows = [*REVIEW["goal_review"], {"row": 2, "check": "k_ok"}]
    return submit(catalogue, state, 1, "mentor_initial", 50, {"goal_review": rows})


def test_the_mentor_sees_what_a_goal_is_measured_by(catalogue: Catalogue) -> None:
    rows = shown(catalogue, reviewed(catalogue), 1, "mentor_initial", 50, 0)["goal_review"]
    told = {"general_goal": "Обща цел", "criterion": "Вижда се.", "due_date": "2026-12-31"}
    assert {key: rows[0][key] for key in told} == told
    assert [row["importance"] for row in rows] == [3, 1]


def test_what_the_mentor_says_reaches_the_mentee_on_the_page_and_in_the_next_form(
    catalogue: Catalogue,
) -> None:
    state = reviewed(catalogue)
    words = "Твърде голяма за срока – „Разделете я на две.“"
    told = summary.summary(view(catalogue, state, state.ordered[0], 0, "mentee", "bg", 1))
    columns, rows = goal_table(told, "Моите конкретни цели")
    at = columns.index("Менторът за целта")
    fine = rows["Малка"][at]
    assert rows["Голяма"][at] == words
    assert fine.startswith("Ясна и изпълнима")
    next_form = shown(catalogue, state, 2, "mentee_interim", 1, 0)["goals_progress"]
    assert next_form[0]["mentor_said"] == words
    target = Target(name(1), 0, "mentee_initial", 1)
    notes = carryover.personal(frame_of(catalogue, state, target), target, "bg")["notes"]
    assert [(note["row"], note["text"]) for note in notes] == [(1, words), (2, fine)]


def test_what_was_said_of_the_former_wording_is_not_said_of_the_new_one(catalogue: Catalogue) -> None:
    state = reviewed(catalogue)
    assert shown(catalogue, state, 2, "mentor_observation", 50, 0)["goal_review"] == []
    terms = {"new_criterion": "Вижда се.", "new_due_date": "2026-12-31", "new_importance": 3}
    answers = interim(
        row(1, 1, "g_changed", new_text="По-малка", **terms), row(2, 1), new_goals=[new("Нова")]
    )
    state = submit(catalogue, state, 2, "mentee_interim", 1, answers)
    asked = shown(catalogue, state, 2, "mentor_observation", 50, 0)["goal_review"]
    assert [each["text"] for each in asked] == ["По-малка", "Нова"]
    said = [
        each["mentor_said"] for each in shown(catalogue, state, 3, "mentee_interim", 1, 0)["goals_progress"]
    ]
    assert [bool(each) for each in said] == [False, True, False]
    given = {"goal_review": [{"row": 1, "check": "k_ok"}, {"row": 2, "check": "k_ok"}]}
    state = submit(catalogue, state, 2, "mentor_observation", 50, given)
    again = shown(catalogue, state, 2, "mentor_observation", 50, 0)["goal_review"]
    assert [each["text"] for each in again] == ["По-малка", "Нова"], "the same rows when it is changed"
    assert shown(catalogue, state, 3, "mentor_observation", 50, 0)["goal_review"] == []


def test_who_is_in_two_groups_counts_once_in_figures_of_all(catalogue: Catalogue) -> None:
    state = course(mentee(1, A, B), mentee(2, A), mentor(50, A), mentor(60, B), groups={A: "А", B: "Б"})
    cl = ("cl_voice", "cl_help", "cl_useful")
    for person, group, text in ((1, A, "в А"), (1, B, "в Б"), (2, A, "друга")):
        state = submit(catalogue, state, 1, "mentee_initial", person, goals((text, 2, 0)), group=group)
    for person, group, level, value in ((1, A, 4, 2), (1, B, 2, 4), (2, A, 4, 5)):
        given = interim(row(1, level), **dict.fromkeys(cl, value))
        state = submit(catalogue, state, 2, "mentee_interim", person, given, group=group)
    whole = frame(catalogue, state, state.ordered[1])
    assert {each.person: each.percent for each in figures.mentees_goals(whole)} == {1: 75.0, 2: 100.0}
    assert {each.person: each.value for each in figures.person_means(whole, "cl_")} == {1: 3.0, 2: 5.0}
    counts = goal_counts(whole)
    assert (counts.set, counts.rated, counts.attained, counts.stayed) == (3, 3, 2, 3)
    told = summary.summary(view(catalogue, state, state.ordered[1], 0, "coordinator"))["numbers"]
    assert told["goal_percent"] is not None
    assert told["goal_percent"]["n"] == 2
    assert [each["person"] for each in told["people"]] == [1, 2]


def final(catalogue: Catalogue) -> Process:
    """Two mentees' final forms of a group with two mentors, of whom none has answered."""
    state = course(mentee(1, A), mentee(2, A), mentor(50, A), mentor(51, A), groups={A: "А"})
    for person, given in ((1, goals(("а", 3, 0), ("б", 1, 0))), (2, goals(("в", 2, 0)))):
        state = submit(catalogue, state, 1, "mentee_initial", person, given, group=A)
    for person, levels in ((1, [6, 4]), (2, [1])):
        rows = [
            {"row": number, "level": level, "reason": ["r_support"]}
            for number, level in enumerate(levels, start=1)
        ]
        state = submit(catalogue, state, 4, "mentee_final", person, {"goals_final": rows}, group=A)
    return state


def rating(*levels: int) -> dict[str, Any]:
    return {"goals_rating": [{"row": n, "level": level} for n, level in enumerate(levels, start=1)]}


def pages(catalogue: Catalogue, state: Process, audience: Any) -> str:
    told = summary.summary(view(catalogue, state, state.ordered[3], A, audience))
    return str([part for part in told["sections"] if part["id"] in ("R2", "R3")]) + str(told["signals"])


def test_final_levels_wait_until_every_mentor_has_rated_the_goals(catalogue: Catalogue) -> None:
    state = final(catalogue)
    level = "Постигнати от оценените цели"
    assert level in pages(catalogue, state, "coordinator")
    for mentors in ((), (50,)):
        for number in mentors:
            state = submit(catalogue, state, 4, "mentor_final", number, rating(4, 4, 4), group=A)
        page = pages(catalogue, state, "mentor")
        assert "Крайните степени на целите се показват" in page
        assert level not in page
        assert "Недостатъчна подкрепа" not in page
        numbers = summary.summary(view(catalogue, state, state.ordered[3], A, "mentor"))["numbers"]
        assert (numbers["goal_percent"], numbers["goals_attained"], numbers["gas_t"]) == (None, None, None)
        assert {each["goal_percent"] for each in numbers["people"]} == {None}
    state = submit(catalogue, state, 4, "mentor_final", 51, rating(4, 3, 4), group=A)
    assert level in pages(catalogue, state, "mentor")


def test_they_are_shown_once_the_session_is_closed(catalogue: Catalogue) -> None:
    assert "Недостатъчна подкрепа" in pages(catalogue, close(final(catalogue), 4), "mentor")


def test_mentor_and_mentee_stand_side_by_side_with_the_largest_difference_first(catalogue: Catalogue) -> None:
    state = final(catalogue)
    for number, levels in ((50, (4, 4, 4)), (51, (4, 3, 4))):
        state = submit(catalogue, state, 4, "mentor_final", number, rating(*levels), group=A)
    told = summary.summary(view(catalogue, state, state.ordered[3], A, "mentor"))
    columns, rows = goal_table(told, "Конкретни цели")
    at = columns.index("Според ментора")
    steps = [(t, each[at - 1][0], [seen[0] for seen in each[at].split("; ")]) for t, each in rows.items()]
    assert steps == [("в", "1", ["4", "4"]), ("а", "6", ["4", "4"]), ("б", "4", ["4", "3"])]


def test_agreement_is_computed_from_the_first_version_of_the_mentors_form(catalogue: Catalogue) -> None:
    """The second one was written with the mentees' levels on the page."""
    state = final(catalogue)
    for number, levels in ((50, (4, 4, 4)), (51, (4, 3, 4))):
        state = submit(catalogue, state, 4, "mentor_final", number, rating(*levels), group=A)
    state = submit(catalogue, state, 4, "mentor_final", 50, rating(6, 4, 1), group=A, version=2)
    last = frame(catalogue, state, state.ordered[3], A)
    found = {(each.mentor, each.goal.text): each.difference for each in both_sides.level_agreement(last)}
    assert found == {
        (50, "а"): -2,
        (50, "б"): 0,
        (50, "в"): 3,
        (51, "а"): -2,
        (51, "б"): -1,
        (51, "в"): 3,
    }
    assert both_sides.rates(last) == both_sides.Rates(both=3, mentees=2, mentors=2)
    page = pages(catalogue, state, "coordinator")
    assert "са постигнати според собствениците им 2 (67 %), според менторите 2 (67 %)" in page
    assert "Еднаква оценка: 1 от 6" in page


def test_why_a_goal_was_not_reached_in_its_owners_words_waits_for_the_mentors_rating_too(
    catalogue: Catalogue,
) -> None:
    state = course(mentee(1), mentor(50))
    state = submit(catalogue, state, 1, "mentee_initial", 1, goals(("а", 3, 0), ("б", 1, 0)))
    rows = [
        {"row": 1, "level": 2, "reason": ["r_time"], "reason_text": "Смених работата си."},
        {"row": 2, "level": 4},
    ]
    state = submit(catalogue, state, 4, "mentee_final", 1, {"goals_final": rows})
    seen = {}
    for when, each in (("before", state), ("after", close(state, 4))):
        for audience in ("coordinator", "mentor", "mentee"):
            told = summary.summary(view(catalogue, each, each.ordered[3], 0, audience))  # type: ignore[arg-type]
            seen[when, audience] = "Смених работата си." in str(told)
    assert [key for key, shown in seen.items() if shown] == [
        ("before", "coordinator"),
        ("after", "coordinator"),
        ("after", "mentor"),
    ]
