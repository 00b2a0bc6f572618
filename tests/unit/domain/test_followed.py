"""What becomes of a signal: seen in which sessions, decided on or open, told where, how soon dealt with."""

from __future__ import annotations

import dataclasses

import pytest
from course import DATES, close, course, frame, goals, keeping, levels, mentee, mentor, name, submit, view
from year import epoch

from moodle_bridge.domain.course.model import Decision, Process
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import followed, summary
from moodle_bridge.domain.session.followed import Audit

CONTACT = "contact_request.0.1."


def asking(catalogue: Catalogue, *sessions: int) -> Process:
    """A course in which mentee 1 asks to be contacted in these sessions."""
    state = course(mentee(1))
    for number in sessions:
        instrument = "mentee_initial" if number == 1 else "mentee_interim"
        given = {"contact_me": True, **(goals(("Цел", 2, 0)) if number == 1 else levels(number))}
        state = submit(catalogue, state, number, instrument, 1, given)
    return state


def decide(
    state: Process, session: int, code: str, *seen: int, signal: str = CONTACT, days: int = 5
) -> Process:
    """The process after a decision on the page of a session, so many days after its date."""
    decision = Decision(
        *(signal, name(session), frozenset(name(n) for n in seen), code, "Бележка", "", "K"),
        time=epoch(DATES[session - 1], days),
    )
    return dataclasses.replace(state, decisions=(*state.decisions, decision))


def listed(catalogue: Catalogue, state: Process, session: int) -> list[tuple[str, list[int], str]]:
    """Rule, sessions and decision of what a session's page shows."""
    place = frame(catalogue, state, state.ordered[session - 1], 0)
    numbers = {each.id: each.number for each in state.sessions}
    return [
        (each.latest.rule, [numbers[o.session] for o in each.occurrences], each.code)
        for each in followed.followed(place)
    ]


@pytest.mark.parametrize(
    ("asked", "decided", "page", "wanted"),
    [
        ([1], [], 1, [([1], "")]),
        ([1], [], 2, [([1], "")]),
        ([1], [(1, "watching", [1])], 2, [([1], "watching")]),
        ([1], [(1, "talked", [1])], 2, [([1], "talked")]),
        ([1], [(1, "settled", [1])], 1, [([1], "settled")]),
        ([1], [(1, "settled", [1])], 2, []),
        ([1], [(1, "unfounded", [1])], 2, []),
        ([1, 2], [(1, "settled", [1])], 1, [([1], "settled")]),
        ([1, 2], [(1, "settled", [1])], 2, [([1, 2], "")]),
        ([1, 2], [(1, "settled", [1]), (2, "talked", [1, 2])], 2, [([1, 2], "talked")]),
        ([1, 2], [(2, "talked", [1, 2])], 1, [([1], "talked")]),
        ([1, 3], [(1, "settled", [1])], 2, []),
        ([1, 3], [(1, "settled", [1]), (1, "watching", [1])], 3, [([1, 3], "")]),
    ],
)
def test_a_decided_signal_is_open_again_when_it_is_seen_again(
    catalogue: Catalogue,
    asked: list[int],
    decided: list[tuple[int, str, list[int]]],
    page: int,
    wanted: list[tuple[list[int], str]],
) -> None:
    state = asking(catalogue, *asked)
    for days, (session, code, seen) in enumerate(decided, start=3):
        state = decide(state, session, code, *seen, days=days)
    found = listed(catalogue, state, page)
    assert [each[1:] for each in found if each[0] == "contact_request"] == wanted


def test_a_signal_of_an_earlier_session_says_of_which_and_a_lasting_one_has_its_own_name(
    catalogue: Catalogue,
) -> None:
    first = summary.summary(
        view(catalogue, asking(catalogue, 1), asking(catalogue, 1).ordered[1], 0, "coordinator")
    )
    assert [(each["label"], each["text"]) for each in first["signals"]] == [
        (
            "Молба за личен разговор с ръководителя",
            "Сесия 1. M1: поиска личен разговор с ръководителя.",
        )
    ]
    again = asking(catalogue, 1, 2)
    (told,) = summary.summary(view(catalogue, again, again.ordered[1], 0, "coordinator"))["signals"]
    assert told["label"] == "Повторна молба за личен разговор с ръководителя"
    assert told["text"] == "M1: поиска личен разговор с ръководителя."
    assert [each["number"] for each in told["occurrences"]] == [1, 2]


def test_a_record_that_asked_counts_as_a_decision_on_all_seen_until_then(catalogue: Catalogue) -> None:
    for code, wanted in (("d_watch", "watching"), ("d_act", "measure"), ("d_close", ""), ("d_false", "")):
        state = keeping(asking(catalogue, 1), "session_protocol", "1.0.0")
        rows = [{"row": 1, "decision": code, "action": "Разговор"}]
        state = submit(catalogue, state, 1, "session_protocol", 90, {"warnings_decisions": rows})
        found = [each for each in listed(catalogue, state, 2) if each[0] == "contact_request"]
        assert found == ([("contact_request", [1], wanted)] if wanted else []), code
        if wanted:
            again = submit(catalogue, state, 2, "mentee_interim", 1, levels(1, contact_me=True))
            assert [e for e in listed(catalogue, again, 2) if e[0] == "contact_request"] == [
                ("contact_request", [1, 2], "")
            ]


def test_nobody_is_asked_about_who_has_left(catalogue: Catalogue) -> None:
    state = asking(catalogue, 1)
    gone = tuple(dataclasses.replace(each, active=each.id != 1) for each in state.participants)
    state = dataclasses.replace(state, participants=gone)
    assert listed(catalogue, state, 1) == [("contact_request", [1], "left")]
    assert listed(catalogue, state, 2) == []


def test_what_means_nothing_at_the_end_is_neither_raised_nor_asked_about_in_the_last_session(
    catalogue: Catalogue,
) -> None:
    first = {**goals(("Цел", 2, 1)), "needs_now": ["n_tech"]}
    state = submit(catalogue, course(mentee(1)), 1, "mentee_initial", 1, first)
    for number in (2, 3):
        given = levels(1, needs_now=["n_tech"], cl_included=2)
        state = submit(catalogue, state, number, "mentee_interim", 1, given)
    assert [each[0] for each in listed(catalogue, state, 3)] == [
        "low_inclusion",
        "need_unmet",
        "goal_stalled",
    ]
    assert [each[0] for each in listed(catalogue, state, 4)] == ["low_inclusion"]


def test_a_mentor_is_told_what_this_session_raises_and_no_decision(catalogue: Catalogue) -> None:
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, goals(("Цел", 2, 1)))
    rows = [{"row": 1, "participation": 1, "concern": 1}]
    state = submit(catalogue, state, 2, "mentor_observation", 50, {"mentee_rows": rows})
    state = decide(state, 2, "talked", 2, signal="mentor_concern.0.1.")

    def told(number: int, audience: str) -> list[tuple[str, object]]:
        shown = summary.summary(view(catalogue, state, state.ordered[number - 1], 0, audience))  # type: ignore[arg-type]
        return [
            (each["rule"], each.get("decision", "nothing"))
            for each in shown["signals"]
            if each["person"] == 1
        ]

    assert told(2, "coordinator") == [("mentor_concern", "talked"), ("falling_behind", None)]
    assert told(2, "mentor") == [("mentor_concern", "nothing"), ("falling_behind", "nothing")]
    assert told(3, "mentor") == []


@pytest.mark.parametrize(
    ("decided", "wanted"),
    [
        ([], Audit(raised=2, decided=0, unfounded=0, days=None, waiting=2)),
        ([("settled", 5)], Audit(raised=2, decided=1, unfounded=0, days=3.0, waiting=1)),
        ([("watching", 5), ("unfounded", 9)], Audit(raised=2, decided=1, unfounded=1, days=3.0, waiting=1)),
        ([("settled", 1)], Audit(raised=2, decided=1, unfounded=0, days=0.0, waiting=1)),
    ],
)
def test_the_audit_counts_days_from_the_answer_to_the_first_decision(
    catalogue: Catalogue, decided: list[tuple[str, int]], wanted: Audit
) -> None:
    # Forms come two days after the session's date; session 1 is asked in, session 2 misses its form.
    state = close(asking(catalogue, 1), 2)
    for code, days in decided:
        state = decide(state, 1, code, 1, days=days)
    assert followed.audit(frame(catalogue, state, state.ordered[1], 0)) == wanted
