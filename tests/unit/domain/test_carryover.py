"""Who finds what in a form: late joiners, missed sessions, changed groups, two groups, two mentors."""

from __future__ import annotations

import dataclasses
from typing import Any

from course import close, course, frame, goals, levels, mentee, mentor, name, submit, view
from year import epoch

from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course import attendance
from moodle_bridge.domain.course import goals as goal_rules
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Process, Target
from moodle_bridge.domain.course.recommendations import recommendations
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import figures, summary


def personal(
    catalogue: Catalogue, state: Process, number: int, instrument: str, person: int, group: int = 0
) -> dict[str, Any]:
    target = Target(name(number), group, instrument, person)
    return carryover.personal(frame_of(catalogue, state, target), target, "bg")


def offered(catalogue: Catalogue, state: Process, number: int, person: int) -> list[tuple[str, int]]:
    found = carryover.expected(frame(catalogue, state, state.ordered[number - 1]))
    return [(target.instrument, target.group) for target in found if target.person == person]


def test_an_interim_form_stays_shut_until_goals_are_set(catalogue: Catalogue) -> None:
    state = course(mentee(1))
    shut = personal(catalogue, state, 2, "mentee_interim", 1)
    assert (shut["open"], shut["expected"], shut["carried"]) == (False, False, {})
    assert "Моите цели" in shut["reason"]
    state = submit(catalogue, state, 2, "mentee_initial", 1, goals(("Цел", 2, 0)))
    assert personal(catalogue, state, 2, "mentee_interim", 1)["open"] is True


def test_who_has_no_goals_is_offered_the_first_form_in_an_interim_session_but_not_in_the_last(
    catalogue: Catalogue,
) -> None:
    state = course(mentee(1), mentee(2))
    state = submit(catalogue, state, 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    assert offered(catalogue, state, 2, 1) == [("mentee_interim", 0)]
    assert offered(catalogue, state, 2, 2) == [("mentee_initial", 0), ("mentee_interim", 0)]
    assert offered(catalogue, state, 4, 2) == [("mentee_final", 0)]
    final = personal(catalogue, state, 4, "mentee_final", 2)
    assert final["open"] is True
    assert final["carried"]["goals_final"] == []


def test_who_has_more_time_is_neither_late_nor_missing_before_the_own_deadline(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentee(2), mentee(3), at=epoch("2026-01-20"))
    own = epoch("2026-01-30")
    first = dataclasses.replace(state.sessions[0], extensions=frozenset({(1, own), (3, own)}))
    state = dataclasses.replace(state, sessions=(first, *state.sessions[1:]))
    for person in (2, 3):
        state = submit(catalogue, state, 1, "mentee_initial", person, goals(("Цел", 2, 0)))
    assert _statuses(catalogue, state) == {1: "waiting", 2: "late", 3: "on_time"}
    # The session is closed for the others only, so its figures still move with one answer.
    shut = close(state, 1)
    assert _statuses(catalogue, shut) == {1: "waiting", 2: "late", 3: "on_time"}
    assert not attendance.is_settled(frame(catalogue, shut, shut.ordered[0], 0))
    over = dataclasses.replace(shut, as_of=own)
    assert _statuses(catalogue, over)[1] == "missing"
    assert attendance.is_settled(frame(catalogue, over, over.ordered[0], 0))


def test_of_a_session_opened_again_for_some_nothing_is_to_come_from_the_others(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentee(2), mentee(3), at=epoch("2026-01-20"))
    state = submit(catalogue, state, 1, "mentee_initial", 3, goals(("Цел", 2, 0)))
    settled = {}
    for admitted in (frozenset[int](), frozenset({1}), frozenset({9})):
        again = dataclasses.replace(state.sessions[0], admitted=admitted)
        here = dataclasses.replace(state, sessions=(again, *state.sessions[1:]))
        settled[admitted] = attendance.is_settled(frame(catalogue, here, here.ordered[0], 0))
    assert settled == {frozenset(): False, frozenset({1}): False, frozenset({9}): True}


def test_a_form_is_in_time_until_the_deadline_itself_and_late_a_second_after_it(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentee(2))
    due = state.ordered[0].due
    for person, moment in ((1, due), (2, due + 1)):
        state = dataclasses.replace(state, as_of=moment)
        state = submit(catalogue, state, 1, "mentee_initial", person, goals(("Цел", 2, 0)))
    assert _statuses(catalogue, state) == {1: "on_time", 2: "late"}


def _statuses(catalogue: Catalogue, state: Process) -> dict[int, str]:
    listed = attendance.forms(frame(catalogue, state, state.ordered[0], 0))
    return {f.target.person: f.status for f in listed if f.target.instrument == "mentee_initial"}


def test_someone_who_joined_after_the_deadline_was_not_expected(catalogue: Catalogue) -> None:
    state = close(course(mentee(1), mentee(2, joined=epoch("2026-01-25"))), 1)
    listed = attendance.forms(frame(catalogue, state, state.ordered[0], 0))
    assert {form.target.person for form in listed} == {1}


def test_a_resubmitted_first_form_changes_the_goals_and_keeps_their_ids(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Едно", 2, 0), ("Две", 1, 0)))
    before = goal_rules.personal_goals(frame(catalogue, state, state.ordered[0], 0), 1)
    state = submit(
        catalogue, state, 1, "mentee_initial", 1, goals(("Едно и половина", 3, 1), ("Две", 1, 0)), version=2
    )
    after = goal_rules.personal_goals(frame(catalogue, state, state.ordered[0], 0), 1)
    assert [goal.id for goal in before] == [goal.id for goal in after]
    assert (after[0].text, after[0].importance) == ("Едно и половина", 3)


def test_a_goal_is_reworded_only_by_other_words(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    for number, words in ((2, "Цел"), (3, "Друга цел")):
        changed = {"row": 1, "level": 1, "status": "g_changed", "new_text": words}
        state = submit(catalogue, state, number, "mentee_interim", 1, {"goals_progress": [changed]})
    (goal,) = goal_rules.personal_goals(frame(catalogue, state, state.ordered[2]), 1)
    assert [(each.session, each.text) for each in goal.wordings] == [(name(1), "Цел"), (name(3), "Друга цел")]


def two_groups(catalogue: Catalogue) -> Process:
    """Mentee 1 in both groups with goals of their own in each."""
    state = course(mentee(1, 5, 6), mentor(50, 5), mentor(60, 6), groups={5: "А", 6: "Б"})
    state = submit(catalogue, state, 1, "mentee_initial", 1, goals(("В група А", 2, 0)), group=5)
    return submit(catalogue, state, 1, "mentee_initial", 1, goals(("В група Б", 2, 1)), group=6)


def test_a_mentee_in_two_groups_has_two_lists_and_each_mentor_sees_one(catalogue: Catalogue) -> None:
    state = two_groups(catalogue)
    for group, text, other in ((5, "В група А", 50), (6, "В група Б", 60)):
        own = personal(catalogue, state, 2, "mentee_interim", 1, group)["carried"]["goals_progress"]
        assert [row["text"] for row in own] == [text]
        seen = personal(catalogue, state, 1, "mentor_initial", other, group)["carried"]["goal_review"]
        assert [row["text"] for row in seen] == [text]
    assert offered(catalogue, state, 2, 1) == [("mentee_interim", 5), ("mentee_interim", 6)]


def test_who_changes_groups_takes_the_goals_along_once(catalogue: Catalogue) -> None:
    state = course(mentee(1, 5), groups={5: "А", 6: "Б"})
    state = submit(catalogue, state, 1, "mentee_initial", 1, goals(("Цел", 2, 0)), group=5)
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(2), group=5)
    moved = dataclasses.replace(state, participants=(mentee(1, 6),))
    shown = personal(catalogue, moved, 3, "mentee_interim", 1, 6)["carried"]["goals_progress"]
    assert [(row["text"], row["prev_level"]) for row in shown] == [("Цел", 2)]
    between = dataclasses.replace(state, participants=(mentee(1, 5, 6),))
    assert [
        len(goal_rules.personal_goals(frame(catalogue, between, between.ordered[2], g), 1)) for g in (5, 6)
    ] == [
        1,
        0,
    ]


def test_what_was_written_in_a_group_since_left_follows_into_one_group_only(catalogue: Catalogue) -> None:
    groups = {5: "А", 6: "Б", 7: "В"}
    state = course(mentee(1, 5), mentor(60, 6), mentor(70, 7), groups=groups)
    state = submit(catalogue, state, 1, "mentee_initial", 1, goals(("Цел", 2, 0)), group=5)
    moved = dataclasses.replace(state, participants=(mentee(1, 6, 7), *state.participants[1:]))
    for group, texts in ((6, ["Цел"]), (7, [])):
        found = goal_rules.personal_goals(frame(catalogue, moved, moved.ordered[0], group), 1)
        assert [goal.text for goal in found] == texts


def test_who_leaves_one_of_two_groups_keeps_the_list_of_the_other(catalogue: Catalogue) -> None:
    state = two_groups(catalogue)
    left = dataclasses.replace(state, participants=(mentee(1, 6), mentor(60, 6)))
    shown = goal_rules.personal_goals(frame(catalogue, left, left.ordered[1], 6), 1)
    assert sorted(goal.text for goal in shown) == ["В група Б"]


def test_two_mentors_share_the_mentees_and_the_same_group_goal_counts_once(catalogue: Catalogue) -> None:
    state = course(mentee(1, 5), mentor(50, 5), mentor(51, 5), groups={5: "А"})
    state = submit(catalogue, state, 1, "mentee_initial", 1, goals(("Цел", 2, 0)), group=5)
    for number, texts in ((50, ["Обща папка", "Срещи"]), (51, ["обща  папка", "Гост"])):
        rows = [{"row": n, "text": text} for n, text in enumerate(texts, start=1)]
        given = {"group_general_goals": [{"row": 1, "text": "Заедно"}], "group_specific_goals": rows}
        state = submit(catalogue, state, 1, "mentor_initial", number, given, group=5)
    shown = personal(catalogue, state, 2, "mentee_interim", 1, 5)["carried"]["group_goals_progress"]
    assert [row["text"] for row in shown] == ["Обща папка", "Срещи", "Гост"]
    for number in (50, 51):
        rows = personal(catalogue, state, 2, "mentor_observation", number, 5)["carried"]["mentee_rows"]
        assert [row["id"] for row in rows] == ["p1"]


def test_without_specific_group_goals_the_general_ones_are_rated(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    general = {"group_general_goals": [{"row": 1, "text": "Заедно"}]}
    state = submit(catalogue, state, 1, "mentor_initial", 50, general)
    shown = personal(catalogue, state, 2, "mentee_interim", 1)["carried"]["group_goals_progress"]
    assert [row["text"] for row in shown] == ["Заедно"]


def test_cannot_say_and_a_missed_session_leave_the_last_level_standing(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Цел", 2, 1)))
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(None))
    assert figures.goals_of(frame(catalogue, state, state.ordered[1], 0), 1).percent is None
    shown = personal(catalogue, state, 3, "mentee_interim", 1)["carried"]["goals_progress"]
    assert shown[0]["prev_level"] == 1


def test_ratings_of_a_restored_course_find_their_goal_by_its_wording(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(3))
    old = state.submissions[-1]
    carried = {"goals_progress": [{**old.carried["goals_progress"][0], "id": "from-another-site"}]}
    restored = dataclasses.replace(
        state, submissions=(state.submissions[0], dataclasses.replace(old, carried=carried))
    )
    found = goal_rules.personal_goals(frame(catalogue, restored, restored.ordered[1], 0), 1)
    assert [goal.known_levels() for goal in found] == [(0, 3)]


def test_a_rating_whose_goal_is_gone_is_kept_as_given_up(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("А", 2, 0), ("Б", 2, 0)))
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(3, 2))
    state = submit(catalogue, state, 1, "mentee_initial", 1, goals(("А", 2, 0)), version=2)
    found = goal_rules.personal_goals(frame(catalogue, state, state.ordered[1], 0), 1)
    assert [(goal.text, goal.active) for goal in found] == [("А", True), ("Б", False)]


def test_a_recommendation_comes_back_to_its_author_and_to_the_group_in_the_coordinators_words(
    catalogue: Catalogue,
) -> None:
    state = course(mentee(1), mentee(2))
    for n in (1, 2):
        state = submit(catalogue, state, 1, "mentee_initial", n, goals(("Цел", 2, 0)))
    advice = [
        {"row": 1, "area": "w_goals", "text": "Да ставам рано.", "addressee": "to_self"},
        {"row": 2, "area": "w_group", "text": "Кръг в началото, че Иван мълчи.", "addressee": "to_group"},
        {"row": 3, "area": "w_mentoring", "text": "Менторът бърза.", "addressee": "to_coordinator"},
        {"row": 4, "area": "w_tech", "text": "Друг чат.", "addressee": "to_mentor"},
    ]
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(1, recommendations=advice))
    words = {1: "Ще ставаме рано.", 2: "Всеки казва по нещо в началото.", 3: "Ще говоря с ментора."}
    triage = [{"row": row, "status": "q_accepted", "answer": words.get(row, "")} for row in (1, 2, 3, 4)]
    state = submit(catalogue, state, 2, "session_protocol", 90, {"recommendations_triage": triage})
    shown = {
        n: [
            row["text"]
            for row in personal(catalogue, state, 3, "mentee_interim", n)["carried"]["recs_followup"]
        ]
        for n in (1, 2)
    }
    assert shown == {
        1: ["Друг чат.", "Менторът бърза.", "Кръг в началото, че Иван мълчи.", "Да ставам рано."],
        2: ["Всеки казва по нещо в началото."],
    }
    done = [{"row": 2, "status": "q_done"}]
    state = submit(catalogue, state, 3, "session_protocol", 90, {"recommendations_triage": done})
    shown_last = personal(catalogue, state, 4, "mentee_interim", 2)["carried"]["recs_followup"]
    assert [row["text"] for row in shown_last] == ["Всеки казва по нещо в началото."]
    assert ".1." not in shown_last[0]["id"]
    felt = {**levels(1), "recs_followup": [{"row": 1, "felt": 3}]}
    for n in (1, 2):  # the author's own stands among others, the other's is the only one
        state = submit(catalogue, state, 3, "mentee_interim", n, felt)
    found = recommendations(frame(catalogue, state, state.ordered[2], 0))
    assert {each.text[:4]: each.felt for each in found if each.felt} == {
        "Друг": ((state.ordered[2].id, 3),),
        "Кръг": ((state.ordered[2].id, 3),),
    }
    mentors = str(summary.summary(view(catalogue, state, state.ordered[2], 0, "mentor", "bg")))
    group = str(summary.summary(view(catalogue, state, state.ordered[2], 0, "mentee", "bg", 2)))
    for text, mentor_reads in (("Иван мълчи", True), ("Менторът бърза", False), ("Друг чат", True)):
        assert (text in mentors) is mentor_reads, text
        assert text not in group
    assert "Всеки казва по нещо в началото." in group


def test_names_are_shown_with_expectations_only_where_the_author_agreed(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentee(2), mentee(3))
    for n, share in ((1, True), (2, False)):
        row = {"row": 1, "text": f"Очакване {n}", "category": "e_job", "importance": 2}
        given = {**goals(("Цел", 2, 0)), "own_expectations": [row], "share_name": share}
        state = submit(catalogue, state, 1, "mentee_initial", n, given)
    late = dataclasses.replace(state, as_of=state.ordered[0].due)
    shown = personal(catalogue, late, 1, "mentee_group_expectations", 3)["carried"]
    assert shown["others_list"] == [
        "Намиране на работа или започване на собствена дейност (2): „Очакване 1“ – M1; „Очакване 2“"
    ]
    own = personal(catalogue, late, 1, "mentee_group_expectations", 1)["carried"]
    assert "Очакване 1" not in own["others_list"][0]


def without_groups(state: Process, number: int) -> Process:
    """The same course where the session of that number is held without groups."""
    together = tuple(
        dataclasses.replace(each, groups=frozenset()) if each.number == number else each
        for each in state.sessions
    )
    return dataclasses.replace(state, sessions=together)


def test_what_was_written_in_groups_is_carried_into_a_session_without_groups_and_back(
    catalogue: Catalogue,
) -> None:
    people = (mentee(1, 5), mentee(2, 6), mentor(50, 5))
    state = without_groups(course(*people, groups={5: "А", 6: "Б"}), 2)
    for n, group in ((1, 5), (2, 6)):
        given = goals((f"Цел {n}", 2, 0))
        state = submit(catalogue, state, 1, "mentee_initial", n, given, group=group)
    assert offered(catalogue, state, 2, 1) == [("mentee_interim", 0)]
    assert offered(catalogue, state, 3, 1) == [("mentee_interim", 5)]
    for group in (5, 6):
        assert carryover.expected(frame(catalogue, state, state.ordered[1], group)) == ()
    shown = personal(catalogue, state, 2, "mentee_interim", 1)
    assert [row["text"] for row in shown["carried"]["goals_progress"]] == ["Цел 1"]
    assert shown["expected"]
    mentors = personal(catalogue, state, 2, "mentor_observation", 50)
    assert [row["mentee"] for row in mentors["carried"]["mentee_rows"]] == ["M1", "M2"]
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(2))
    later = personal(catalogue, state, 3, "mentee_interim", 1, group=5)
    assert [row["prev_level"] for row in later["carried"]["goals_progress"]] == [2]


def test_a_session_without_groups_counts_for_each_group_with_its_members(catalogue: Catalogue) -> None:
    people = (mentee(1, 5), mentee(2, 6), mentee(3, 6))
    state = without_groups(course(*people, groups={5: "А", 6: "Б"}), 2)
    for n, group in ((1, 5), (2, 6), (3, 6)):
        state = submit(catalogue, state, 1, "mentee_initial", n, goals(("Цел", 2, 0)), group=group)
    for n in (1, 2):
        state = submit(catalogue, state, 2, "mentee_interim", n, levels(2))
    session = state.ordered[1]
    came = {
        group: [
            (form.target.person, form.submission is not None)
            for form in attendance.forms(frame(catalogue, state, session, group))
            if form.target.instrument == "mentee_interim"
        ]
        for group in (0, 5, 6)
    }
    assert came == {0: [(1, True), (2, True), (3, False)], 5: [(1, True)], 6: [(2, True), (3, False)]}
    found = figures.mentees_goals(frame(catalogue, state, session, 0))
    assert {each.person: [level for _, level in each.levels] for each in found} == {1: [2], 2: [2], 3: []}


def test_the_kind_of_each_planned_session_is_worked_out(catalogue: Catalogue) -> None:
    form = catalogue.instruments["monitoring_plan"]
    rows = [
        {"row": n, "planned_date": date}
        for n, date in ((1, "2026-05-04"), (2, "2026-01-12"), (4, "2026-03-02"))
    ]
    found = carryover.derived(catalogue, form, {"planned_sessions": rows}, "bg")
    assert {row["row"]: row["planned_kind"] for row in found["planned_sessions"]} == {
        2: "първоначална мониторинг сесия",
        4: "междинна мониторинг сесия",
        1: "последна мониторинг сесия",
    }
