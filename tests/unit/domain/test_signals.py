"""Each early-warning rule at its threshold and just beside it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from course import close, course, frame, goals, keeping, levels, mentee, mentor, name, submit, view
from year import epoch

from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Participant, Process, Target
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import signals, summary


def raised(catalogue: Catalogue, state: Process, number: int, rule: str) -> list[tuple[str, int]]:
    found = signals.signals(frame(catalogue, state, state.ordered[number - 1], 0))
    return [(signal.level, signal.person) for signal in found if signal.rule == rule]


GOALS: list[tuple[str, int, list[int | None], str, list[str], str | None]] = [
    ("rising", 0, [1, 2], "2026-12-31", [], None),
    ("flat once", 0, [1, 1], "2026-12-31", [], None),
    ("flat over two sessions, the start counted", 1, [1, 1], "2026-12-31", [], "amber"),
    ("falling by one and flat", 2, [2, 1], "2026-12-31", [], "amber"),
    ("attained and flat", 4, [4, 4], "2026-12-31", [], None),
    ("flat and due in 13 days", 1, [1, 1], "2026-03-22", [], "red"),
    ("flat and due in 14 days", 1, [1, 1], "2026-03-23", [], "amber"),
    ("fallen by two", 0, [3, 1], "2026-12-31", [], "red"),
    ("fallen by one", 0, [3, 2], "2026-12-31", [], None),
    ("overdue once", 0, [1, 2], "2026-03-01", [], None),
    ("overdue twice", 0, [1, 2], "2026-02-01", [], "red"),
    ("overdue twice but attained", 0, [1, 4], "2026-02-01", [], None),
    ("put off for later, due in 31 days", 1, [1, 1], "2026-04-09", ["r_later"], None),
    ("put off for later, due in 30 days", 1, [1, 1], "2026-04-08", ["r_later"], "amber"),
    ("cannot say now", 1, [1, None], "2026-12-31", [], None),
    ("cannot say before", 1, [None, 1], "2026-12-31", [], None),
]


@pytest.mark.parametrize(
    ("why", "start", "stated", "due", "reasons", "level"), GOALS, ids=[g[0] for g in GOALS]
)
def test_a_goal_that_does_not_move(
    catalogue: Catalogue,
    why: str,
    start: int,
    stated: list[int | None],
    due: str,
    reasons: list[str],
    level: str | None,
) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Цел", 2, start), due=due))
    for number, each in enumerate(stated, start=2):
        given = levels(each)
        given["goals_progress"][0]["reason"] = reasons
        state = submit(catalogue, state, number, "mentee_interim", 1, given)
    assert raised(catalogue, state, 3, "goal_stalled") == ([] if level is None else [(level, 1)])


@pytest.mark.parametrize(
    ("reasons", "wanted"),
    [(["r_time"], ["amber"]), ([], ["amber"]), (["r_priority"], []), (["r_priority", "r_time"], [])],
)
def test_a_goal_given_up_is_told_unless_it_no_longer_matters(
    catalogue: Catalogue, reasons: list[str], wanted: list[str]
) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Цел.", 2, 1)))
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(1))
    given = levels(1)
    given["goals_progress"][0] |= {"status": "g_dropped", "reason": reasons}
    state = submit(catalogue, state, 3, "mentee_interim", 1, given)
    assert raised(catalogue, state, 3, "goal_stalled") == []
    assert [level for level, _ in raised(catalogue, state, 3, "goal_given_up")] == wanted
    assert raised(catalogue, state, 4, "goal_given_up") == []
    if wanted:
        last = state.ordered[2]
        (found,) = signals.signals(frame(catalogue, state, last, 0))
        told = "M1: отказа се от целта „Цел“ (степени: 1 → 1 → 1), без тя да е загубила значението си."
        assert found.text(view(catalogue, state, last, 0, "mentor")) == told


@pytest.mark.parametrize(
    ("start", "interim", "now", "wanted"),
    [
        ({"sa_plan": 5}, {}, {"sa_plan": 3}, ["amber"]),
        ({"sa_plan": 5}, {}, {"sa_plan": 4}, []),
        ({"sa_plan": 5}, {"sa_plan": 3}, {"sa_plan": 2}, []),
        ({"sa_plan": 5}, {"sa_plan": None}, {"sa_plan": 1}, ["amber"]),
        ({"sa_plan": 1}, {}, {"sa_plan": 5}, []),
        ({"sa_plan": 5}, {}, {"sa_network": 1}, []),
        ({"cl_voice": 5}, {"cl_voice": 5}, {"cl_voice": 1}, []),
    ],
)
def test_a_self_rating_that_falls_by_two(
    catalogue: Catalogue,
    start: dict[str, Any],
    interim: dict[str, Any],
    now: dict[str, Any],
    wanted: list[str],
) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, {**goals(("Цел", 2, 0)), **start})
    for number, given in ((2, interim), (3, now)):
        state = submit(catalogue, state, number, "mentee_interim", 1, levels(number, **given))
    assert [level for level, _ in raised(catalogue, state, 3, "self_fell")] == wanted


def test_of_several_self_ratings_that_fall_the_deepest_fall_is_told(catalogue: Catalogue) -> None:
    before = {"sa_knowledge": 4, "sa_plan": 5, "sa_network": 5}
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, {**goals(("Цел", 2, 0)), **before})
    now = levels(1, sa_knowledge=2, sa_plan=1, sa_network=2)
    state = submit(catalogue, state, 2, "mentee_interim", 1, now)
    session = state.ordered[1]
    (found,) = signals.signals(frame(catalogue, state, session, 0))
    assert found.text(view(catalogue, state, session, 0, "mentor")) == (
        "M1: самооценката спадна от 5 на 1 от 5 – „В каква степен Ви е ясно какви са следващите Ви стъпки?“"
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([4, 3], []),
        ([4, 2], ["amber"]),
        ([2, 1], ["red"]),
        ([2, None], []),
        ([None, 2], ["amber"]),
    ],
)
def test_little_support_by_the_mentor_is_for_the_coordinator_only(
    catalogue: Catalogue, given: list[int | None], wanted: list[str]
) -> None:
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    for number, value in enumerate(given, start=2):
        state = submit(catalogue, state, number, "mentee_interim", 1, levels(number, mentor_support=value))
    session = state.ordered[2]
    found = [s for s in signals.signals(frame(catalogue, state, session, 0)) if s.rule == "support_low"]
    assert [s.level for s in found] == wanted
    told = summary.summary(view(catalogue, state, session, 0, "mentor"))["signals"]
    assert [s for s in told if s["rule"] == "support_low"] == []


@pytest.mark.parametrize(
    ("column", "stated", "wanted"),
    [
        ("participation", [2, 2], []),
        ("participation", [3, 1], ["amber"]),
        ("participation", [1, 1], ["red"]),
        ("participation", [1, 3], []),
        ("pace", [3, 1], ["amber"]),
        ("pace", [1, 1], ["red"]),
        ("pace", [1, None], []),
    ],
)
def test_who_hardly_takes_part_or_is_well_behind(
    catalogue: Catalogue, column: str, stated: list[int | None], wanted: list[str]
) -> None:
    state = course(mentee(1), mentor(50))
    for number, value in enumerate(stated, start=2):
        rows = [{"row": 1, "participation": 3, "pace": 3, "concern": 0, column: value}]
        state = submit(catalogue, state, number, "mentor_observation", 50, {"mentee_rows": rows})
    assert [level for level, _ in raised(catalogue, state, 3, "falling_behind")] == wanted


def test_a_mentor_who_asks_for_help_is_red_once_for_each_area(catalogue: Catalogue) -> None:
    points = [
        {"row": 1, "area": "w_group", "severity": 2, "text": "Спорят.", "help_needed": True},
        {"row": 2, "area": "w_group", "severity": 1, "text": "Мълчат.", "help_needed": True},
        {"row": 3, "area": "w_tech", "severity": 1, "text": "Бавно е.", "help_needed": False},
    ]
    state = course(mentee(1), mentor(50))
    state = submit(catalogue, state, 2, "mentor_observation", 50, {"weak_points": points})
    session = state.ordered[1]
    found = [s for s in signals.signals(frame(catalogue, state, session, 0)) if s.rule == "help_needed"]
    assert [(s.level, s.person, s.subject) for s in found] == [("red", 50, "w_group")]
    assert found[0].text(view(catalogue, state, session, 0, "coordinator")).endswith("„Спорят.; Мълчат“.")


def test_signals_stand_by_person_within_severity_and_who_wants_to_be_contacted_first(
    catalogue: Catalogue,
) -> None:
    state = course(mentee(1), mentee(2), mentee(3), mentor(50))
    first = {**goals(("Цел", 2, 0)), "sa_plan": 5}
    for person in (1, 2, 3):
        state = submit(catalogue, state, 1, "mentee_initial", person, first)
    interim = levels(2, sa_plan=1, cl_included=2)
    state = submit(catalogue, state, 2, "mentee_interim", 1, interim)
    state = submit(catalogue, state, 2, "mentee_interim", 2, {**interim, "weak_points": [], **weak(3)})
    state = submit(catalogue, state, 2, "mentee_interim", 3, levels(2, contact_me=True))
    stated = [{"row": n, "participation": 3, "concern": c} for n, c in ((1, 0), (2, 2), (3, 0))]
    state = submit(catalogue, state, 2, "mentor_observation", 50, {"mentee_rows": stated})
    found = signals.signals(frame(catalogue, state, state.ordered[1], 0))
    assert [(s.level, s.person, s.rule) for s in found] == [
        ("red", 3, "contact_request"),
        ("red", 2, "mentor_concern"),
        ("amber", 1, "self_fell"),
        ("amber", 1, "low_inclusion"),
        ("amber", 2, "self_fell"),
        ("amber", 2, "low_inclusion"),
        ("amber", 0, "weak_point_persistent"),
    ]


def test_each_signal_leads_to_the_answer_that_raised_it(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentor(50))
    first = {**goals(("Цел", 2, 0)), "sa_plan": 5, "needs_now": ["n_tech"]}
    state = submit(catalogue, state, 1, "mentee_initial", 1, first)
    given = levels(1, sa_plan=1, cl_included=1, mentor_support=1, needs_now=["n_tech"], contact_me=True)
    state = submit(catalogue, state, 2, "mentee_interim", 1, {**given, **weak(3)})
    stated = [{"row": 1, "participation": 1, "concern": 1}]
    state = submit(catalogue, state, 2, "mentor_observation", 50, {"mentee_rows": stated})
    found = signals.signals(frame(catalogue, state, state.ordered[1], 0))
    assert {s.rule: (s.source.submission.respondent, s.source.item) for s in found if s.source} == {
        "contact_request": (1, "contact_me"),
        "low_inclusion": (1, "cl_included"),
        "mentor_concern": (50, "mentee_rows"),
        "falling_behind": (50, "mentee_rows"),
        "self_fell": (1, "sa_plan"),
        "support_low": (1, "mentor_support"),
        "need_unmet": (1, "needs_now"),
        "weak_point_persistent": (1, "weak_points"),
    }


def test_no_answer_is_amber_after_the_deadline_and_red_the_second_time(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    assert raised(catalogue, state, 2, "no_response") == []
    past = dataclasses.replace(state, as_of=epoch("2026-02-16"))
    assert raised(catalogue, past, 2, "no_response") == [("amber", 1)]
    twice = close(close(past, 2), 3)
    assert raised(catalogue, twice, 3, "no_response") == [("red", 1)]
    came = submit(catalogue, past, 2, "mentee_interim", 1, levels(1))
    assert raised(catalogue, close(came, 2), 2, "no_response") == []


@pytest.mark.parametrize(
    ("importance", "before", "now", "wanted"),
    [
        (3, 4, 3, ["amber"]),
        (2, 4, 4, []),
        (2, 3, 3, []),
        (3, 3, 3, []),
        (2, None, 3, []),
        (2, 2, 2, ["red"]),
        (1, 5, 4, ["amber"]),
        (3, 3, None, []),
    ],
)
def test_an_expectation_that_is_not_met(
    catalogue: Catalogue, importance: int, before: int | None, now: int | None, wanted: list[str]
) -> None:
    row = {"row": 1, "text": "Очакване", "category": "e_job", "importance": importance}
    first = {**goals(("Цел", 2, 0)), "own_expectations": [row]}
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, first)
    for number, rating in ((2, before), (3, now)):
        given = levels(number, own_expectations_rating=[{"row": 1, "rating": rating}])
        state = submit(catalogue, state, number, "mentee_interim", 1, given)
    assert [level for level, _ in raised(catalogue, state, 3, "expectation_low")] == wanted


def test_an_important_expectation_at_two_is_amber_when_the_mean_is_higher(catalogue: Catalogue) -> None:
    expected = [
        {"row": 1, "text": "Важното", "category": "e_job", "importance": 3},
        {"row": 2, "text": "Другото", "category": "e_contacts", "importance": 1},
    ]
    first = {**goals(("Цел", 2, 0)), "own_expectations": expected}
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, first)
    ratings = [{"row": 1, "rating": 2}, {"row": 2, "rating": 5}]
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(1, own_expectations_rating=ratings))
    found = signals.signals(frame(catalogue, state, state.ordered[1], 0))
    assert [(s.rule, s.level) for s in found] == [("expectation_low", "amber")]
    assert "„Важното“ – беше оценено с 2 от 5" in found[0].text(
        view(catalogue, state, state.ordered[1], 0, "mentor")
    )


@pytest.mark.parametrize(
    ("included", "participation", "wanted"),
    [
        ([3, 3], 1, []),
        ([3, 2], 3, ["amber"]),
        ([2, 2], 3, ["red"]),
        ([3, 2], 1, ["red"]),
        ([2, 3], 1, []),
    ],
)
def test_someone_who_feels_left_out(
    catalogue: Catalogue, included: list[int], participation: int, wanted: list[str]
) -> None:
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    for number, value in enumerate(included, start=2):
        state = submit(catalogue, state, number, "mentee_interim", 1, levels(number, cl_included=value))
    rows = [{"row": 1, "participation": participation, "concern": 0}]
    state = submit(catalogue, state, 3, "mentor_observation", 50, {"mentee_rows": rows})
    found = signals.signals(frame(catalogue, state, state.ordered[2], 0))
    assert [s.level for s in found if s.rule == "low_inclusion"] == wanted
    assert not any(s.mentor for s in found if s.rule == "low_inclusion")


@pytest.mark.parametrize(
    ("concerns", "wanted"),
    [([0, 0], []), ([0, 1], ["amber"]), ([1, 1], ["red"]), ([0, 2], ["red"]), ([2, 0], [])],
)
def test_the_mentors_concern(catalogue: Catalogue, concerns: list[int], wanted: list[str]) -> None:
    state = course(mentee(1), mentor(50))
    for number, concern in enumerate(concerns, start=2):
        rows = [{"row": 1, "participation": 3, "concern": concern}]
        state = submit(catalogue, state, number, "mentor_observation", 50, {"mentee_rows": rows})
    assert [level for level, _ in raised(catalogue, state, 3, "mentor_concern")] == wanted


def test_of_two_mentors_the_graver_concern_counts(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentor(50), mentor(51))
    for person, concern in ((50, 2), (51, 0)):
        rows = [{"row": 1, "participation": 3, "concern": concern}]
        state = submit(catalogue, state, 2, "mentor_observation", person, {"mentee_rows": rows})
    assert raised(catalogue, state, 2, "mentor_concern") == [("red", 1)]


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        (["n_tech", "n_tech", "n_tech"], ["red"]),
        (["n_time", "n_tech", "n_tech"], ["amber"]),
        (["n_tech", "n_time", "n_tech"], []),
        (["n_none", "n_none", "n_none"], []),
    ],
)
def test_a_need_that_stays(catalogue: Catalogue, named: list[str], wanted: list[str]) -> None:
    first = {**goals(("Цел", 2, 0)), "needs_now": [named[0]]}
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, first)
    for number, need in enumerate(named[1:], start=2):
        state = submit(catalogue, state, number, "mentee_interim", 1, levels(number, needs_now=[need]))
    assert [level for level, _ in raised(catalogue, state, 3, "need_unmet")] == wanted


def weak(severity: int) -> dict[str, Any]:
    return {"weak_points": [{"row": 1, "area": "w_tech", "severity": severity, "text": "Бавно е."}]}


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        ([0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0], []),
        ([0, 0, 0, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0, 0], ["amber"]),
        ([0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0], []),
        ([0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0], ["amber"]),
        ([2, 2, 2, 0, 0, 0, 0], [2, 2, 2, 0, 0, 0, 0], ["red"]),
        ([2, 2, 2, 0, 0, 0, 0], [1, 2, 2, 0, 0, 0, 0], ["amber"]),
        ([2, 2, 0, 0, 0, 0, 0], [2, 2, 2, 0, 0, 0, 0], ["amber"]),
    ],
)
def test_a_weak_point_named_by_many_of_seven(
    catalogue: Catalogue, before: list[int], now: list[int], wanted: list[str]
) -> None:
    state = course(*(mentee(n) for n in range(1, 8)))
    for number, severities in ((2, before), (3, now)):
        for person, severity in enumerate(severities, start=1):
            given = weak(severity) if severity else {"weak_none": True}
            state = submit(catalogue, state, number, "mentee_interim", person, given)
    assert [level for level, _ in raised(catalogue, state, 3, "weak_point_persistent")] == wanted


def test_a_request_to_be_contacted_is_red_at_once_and_hidden_from_the_mentor(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, {"contact_me": True})
    found = signals.signals(frame(catalogue, state, state.ordered[0], 0))
    assert [(s.rule, s.level) for s in found] == [("contact_request", "red")]
    assert not found[0].mentor


def test_thresholds_come_from_the_vocabulary(catalogue: Catalogue) -> None:
    mild = dataclasses.replace(
        catalogue.signals["low_inclusion"], thresholds={"level": 1, "participation": 1}
    )
    other = dataclasses.replace(catalogue, signals={**catalogue.signals, "low_inclusion": mild})
    state = submit(catalogue, course(mentee(1)), 2, "mentee_interim", 1, {"cl_included": 2})
    assert raised(catalogue, state, 2, "low_inclusion") == [("amber", 1)]
    assert raised(other, state, 2, "low_inclusion") == []


def test_a_coordinator_who_mentors_the_group_is_not_told_what_its_mentees_keep_from_their_mentor(
    catalogue: Catalogue,
) -> None:
    both = Participant(91, "B", ("coordinator", "mentor"), (5,))
    people = (mentee(1, 5), mentee(2, 6), both)
    state = keeping(course(*people, groups={5: "A", 6: "B"}), "session_protocol", "1.0.0")
    for person, group in ((1, 5), (2, 6)):
        state = submit(catalogue, state, 1, "mentee_initial", person, {"contact_me": True}, group)

    def told(person: int, group: int) -> list[str]:
        target = Target(name(1), group, "session_protocol", person)
        rows = carryover.personal(frame_of(catalogue, state, target), target, "bg")["carried"][
            "warnings_decisions"
        ]
        return [row["id"] for row in rows]

    assert told(90, 5) == ["contact_request.5.1."]
    assert told(91, 5) == []
    assert told(91, 6) == ["contact_request.6.2."]
