"""Nothing that only the coordinator reads reaches a mentor or a mentee, by any way."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from course import close, course, frame, goals, levels, mentee, mentor, submit, view
from year import Year

from moodle_bridge.domain.answers import visibility
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Process, Submission, Target
from moodle_bridge.domain.instrument.model import Catalogue, readers_of
from moodle_bridge.domain.session import ledger, signals, summary

SECRET = "Само за ръководителя: присмяха ми се."


def confidential_items(catalogue: Catalogue) -> set[tuple[str, str]]:
    return {
        (instrument.id, item.id)
        for instrument in catalogue.instruments.values()
        for item in instrument.items
        if "mentor" not in item.readers
    }


def test_the_coordinator_only_items_are_these(catalogue: Catalogue) -> None:
    assert confidential_items(catalogue) == {
        ("mentee_initial", "contact_me"),
        ("mentee_interim", "cl_included"),
        ("mentee_interim", "mentor_support"),
        ("mentee_interim", "confidential_note"),
        ("mentee_interim", "contact_me"),
        ("mentee_final", "cl_included"),
        ("mentee_final", "mentor_support"),
        ("mentee_final", "confidential_note"),
        ("mentee_final", "contact_me"),
        ("effectiveness_report", "sum_needs"),
        ("effectiveness_report", "sum_answers"),
        ("session_protocol", "signals_decided"),
        *(("session_protocol", name) for name in ("sum_quotes", "sum_told", "sum_felt")),
        ("effectiveness_report", "sum_felt"),
        ("effectiveness_report", "sum_needs"),
        ("effectiveness_report", "sum_answers"),
        ("effectiveness_report", "sum_signals"),
        ("effectiveness_report", "sum_criteria"),
    }


def test_the_mentors_copy_of_every_form_of_the_year_holds_nothing_of_them(
    catalogue: Catalogue, year: Year
) -> None:
    hidden = confidential_items(catalogue)
    for step in year.steps:
        instrument = catalogue.instruments[step.target.instrument]
        given, carried = step.validated.answers, step.personal["carried"]
        mentor_answers, mentor_carried = visibility.visible(instrument, "mentor", given, carried)
        for item in instrument.items:
            shown = (instrument.id, item.id) not in hidden
            assert (item.id in mentor_answers) is (shown and item.id in given)
            assert (item.id in mentor_carried) is (shown and item.id in carried)
        own = {key: value for key, value in carried.items() if not key.endswith(visibility.FOR_MENTORS)}
        assert visibility.visible(instrument, "full", given, carried) == (given, own)


def test_hidden_columns_and_options_leave_the_mentors_copy(catalogue: Catalogue) -> None:
    form = catalogue.instruments["session_protocol"]
    table = form.item("decisions")
    columns = tuple(
        dataclasses.replace(c, readers=frozenset({"author", "coordinator"})) if c.id == "responsible" else c
        for c in table.columns
    )
    secret = dataclasses.replace(table, columns=columns)
    assert readers_of(secret, columns[1]) == frozenset({"author", "coordinator"})
    items = tuple(secret if item.id == table.id else item for item in form.items)
    changed = dataclasses.replace(form, items=items)
    given = {"decisions": [{"row": 1, "text": "Решение", "responsible": "p1", "due_date": "2026-05-05"}]}
    carried = {"decisions.responsible.options": [{"value": "p1", "label": "М"}], "unknown": ["x"]}
    shown = visibility.visible(changed, "mentor", given, carried)
    assert shown == ({"decisions": [{"row": 1, "text": "Решение", "due_date": "2026-05-05"}]}, {})


def test_what_is_addressed_to_the_coordinator_stands_in_no_copy_for_mentors(catalogue: Catalogue) -> None:
    advice = [
        {"row": 1, "area": "w_group", "text": "До всички.", "addressee": "to_group"},
        {"row": 2, "area": "w_mentoring", "text": "Тихо.", "addressee": "to_coordinator"},
        {"row": 3, "area": "w_tech", "text": "До ментора.", "addressee": "to_mentor"},
    ]
    state = submit(catalogue, course(mentee(1), mentor(50)), 1, "mentee_initial", 1, goals(("Цел", 2, 0)))
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(1, recommendations=advice))
    form, record = catalogue.instruments["mentee_interim"], catalogue.instruments["session_protocol"]
    seen, _ = visibility.visible(form, "mentor", state.submissions[-1].answers, {})
    assert [row["row"] for row in seen["recommendations"]] == [1, 3]
    decided = [{"row": row, "status": "q_accepted", "answer": f"Дума {row}"} for row in (1, 2, 3)]
    state = submit(catalogue, state, 2, "session_protocol", 90, {"recommendations_triage": decided})
    written = state.submissions[-1]
    full, shown = visibility.visible(record, "full", written.answers, written.carried)
    assert [row["text"] for row in shown["recommendations_triage"]] == ["До всички.", "Тихо.", "До ментора."]
    assert full["recommendations_triage"] == decided
    theirs, shown = visibility.visible(record, "mentor", written.answers, written.carried)
    assert [row["text"] for row in shown["recommendations_triage"]] == ["До всички.", "До ментора."]
    assert [row["row"] for row in shown["recommendations_triage"]] == [1, 3]
    assert [row["answer"] for row in theirs["recommendations_triage"]] == ["Дума 1", "Дума 3"]


def test_a_report_on_several_groups_gives_mentors_figures_only_where_every_group_has_five(
    catalogue: Catalogue,
) -> None:
    for second, told_line in (
        (4, "Общи резултати на няколко групи"),
        (5, "Постигнати от оценените цели: 10 от 10"),
    ):
        people = [mentee(n, 5 if n <= 5 else 6) for n in range(1, 6 + second)]
        state = course(*people, mentor(50, 5), mentor(51, 6), groups={5: "А", 6: "Б"})
        for person in people:
            group = person.groups[0]
            given = goals((f"Цел {person.id}", 2, 0))
            state = submit(catalogue, state, 1, "mentee_initial", person.id, given, group=group)
            given = {"goals_final": [{"row": 1, "level": 4}]}
            state = submit(catalogue, state, 4, "mentee_final", person.id, given, group=group)
        state = ledger.published(catalogue, close(state, 4))
        target = Target(state.ordered[3].id, 0, "effectiveness_report", 90)
        carried = carryover.carried(frame_of(catalogue, state, target), target, "bg")
        report = catalogue.instruments["effectiveness_report"]
        (_, full), (_, theirs) = (visibility.visible(report, v, {}, carried) for v in ("full", "mentor"))
        assert full["sum_goals"][0] == f"Постигнати от оценените цели: {5 + second} от {5 + second} (100 %)"
        assert theirs["sum_goals"][0].startswith(told_line)
        assert "обичайно" not in str(theirs["sum_goals"])


def told(catalogue: Catalogue, state: Process, number: int, group: int) -> list[Any]:
    """Everything that mentors and mentees of a group are shown of a session and after it."""
    session = state.ordered[number - 1]
    shown: list[Any] = []
    for audience in ("mentor", "mentee"):
        shown.append(summary.summary(view(catalogue, state, session, group, audience, "bg")))
    for person in state.members(group, "mentee"):
        shown.append(summary.summary(view(catalogue, state, session, group, "mentee", "bg", person.id)))
    shown.append([s.id for s in signals.signals(frame(catalogue, state, session, group)) if s.mentor])
    for later in state.ordered[number - 1 :]:
        for target in carryover.expected(frame(catalogue, state, later)):
            if target.person < 90:
                shown.append(carryover.personal(frame_of(catalogue, state, target), target, "bg"))
            elif target.instrument == "session_protocol":
                form = catalogue.instruments[target.instrument]
                carried = carryover.carried(frame_of(catalogue, state, target), target, "bg")
                shown.append(visibility.visible(form, "mentor", {}, carried))
    return shown


def with_confidential(state: Process, **answers: Any) -> Process:
    """The same answers, but for the coordinator-only ones of mentees."""

    def other(each: Submission) -> Submission:
        changed = {k: v for k, v in answers.items() if k in each.answers}
        return dataclasses.replace(each, answers={**each.answers, **changed})

    return dataclasses.replace(state, submissions=tuple(map(other, state.submissions)))


def session_with(catalogue: Catalogue, mentees: int, answered: int) -> Process:
    """An interim session in which so many of the mentees and the mentor have answered."""
    state = course(*(mentee(n) for n in range(1, mentees + 1)), mentor(50))
    for n in range(1, mentees + 1):
        state = submit(catalogue, state, 1, "mentee_initial", n, goals((f"Цел {n}", 2, 0)))
    for n in range(1, answered + 1):
        private = {"cl_included": 4, "mentor_support": 4, "confidential_note": "-", "contact_me": False}
        open_answers = {"cl_voice": 3, "cl_help": 4, "cl_useful": 5, "needs_now": ["n_none"]}
        given = levels(1, **private, **open_answers)
        state = submit(catalogue, state, 2, "mentee_interim", n, given)
    rows = [{"row": n, "participation": 1, "concern": 0, "needs": ["n_none"]} for n in range(1, mentees + 1)]
    return submit(catalogue, state, 2, "mentor_observation", 50, {"mentee_rows": rows})


@pytest.mark.parametrize(
    "secret", [{"cl_included": 1}, {"mentor_support": 1}, {"confidential_note": SECRET}, {"contact_me": True}]
)
@pytest.mark.parametrize(
    ("mentees", "answered", "closed"), [(5, 4, False), (4, 4, False), (2, 2, True), (1, 1, True)]
)
def test_a_changed_coordinator_only_answer_changes_nothing_that_others_see(
    catalogue: Catalogue, secret: dict[str, Any], mentees: int, answered: int, closed: bool
) -> None:
    state = session_with(catalogue, mentees, answered)
    state = close(state, 2) if closed else state
    assert told(catalogue, with_confidential(state, **secret), 2, 0) == told(catalogue, state, 2, 0)


def test_a_note_and_a_request_never_reach_others_however_many_answered(catalogue: Catalogue) -> None:
    state = close(session_with(catalogue, 5, 5), 2)
    other = with_confidential(state, confidential_note=SECRET, contact_me=True)
    assert told(catalogue, other, 2, 0) == told(catalogue, state, 2, 0)


@pytest.mark.parametrize(("answered", "shown"), [(4, False), (5, True)])
def test_of_five_answers_of_a_closed_session_the_mentor_is_told_which_way_they_lean(
    catalogue: Catalogue, answered: int, shown: bool
) -> None:
    state = session_with(catalogue, answered, answered)
    for now, told_now in ((state, False), (ledger.published(catalogue, close(state, 2)), shown)):
        page = str(summary.summary(view(catalogue, now, now.ordered[1], 0, "mentor", "bg")))
        for line in (
            "Чувстват се част от групата: общо взето в голяма степен",
            "Получават нужната подкрепа от ментора: общо взето в голяма степен",
        ):
            assert (line in page) is told_now
        assert "обичайно 4 (отговори" not in page


def test_the_coordinator_sees_who_said_what(catalogue: Catalogue) -> None:
    state = with_confidential(session_with(catalogue, 2, 2), confidential_note=SECRET)
    page = str(summary.summary(view(catalogue, state, state.ordered[1], 0, "coordinator", "bg")))
    assert SECRET in page
    assert "['M1', '4', '4']" in page


def told_of_climate(catalogue: Catalogue, state: Process) -> list[str]:
    """What a mentee is told of the work in the group."""
    found = summary.summary(view(catalogue, state, state.ordered[1], 0, "mentee", "bg", 1))
    assert found["numbers"]["climate"] is None
    lines = [
        line for part in found["sections"] for block in part["blocks"] for line in block.get("lines", ())
    ]
    assert any("Общите резултати" in line for line in lines) is not bool(state.published)
    return [line for line in lines if line.startswith("Работата в групата")]


@pytest.mark.parametrize(
    ("answered", "closed", "told_line"),
    [
        (2, True, []),
        (3, True, ["Работата в групата: 3 от 3 казват общо взето „в голяма степен“ или повече"]),
        (5, False, []),
    ],
)
def test_the_group_is_told_nothing_of_two_and_nothing_before_closing(
    catalogue: Catalogue, answered: int, closed: bool, told_line: list[str]
) -> None:
    state = session_with(catalogue, answered, answered)
    state = ledger.published(catalogue, close(state, 2) if closed else state)
    assert told_of_climate(catalogue, state) == told_line


def test_a_late_answer_a_correction_and_reopening_change_nothing_that_the_group_is_told(
    catalogue: Catalogue,
) -> None:
    """Figures before and after, put side by side, would give the answer away."""
    early = close(session_with(catalogue, 5, 4), 2)
    until = early.as_of + 86_400
    more_time = frozenset({(5, until)})
    held = tuple(
        dataclasses.replace(each, extensions=more_time) if each.number == 2 else each
        for each in early.sessions
    )
    waiting = ledger.published(catalogue, dataclasses.replace(early, sessions=held))
    assert told_of_climate(catalogue, waiting) == []
    late = submit(catalogue, waiting, 2, "mentee_interim", 5, levels(1, cl_voice=1, cl_help=1, cl_useful=1))
    assert told_of_climate(catalogue, ledger.published(catalogue, late)) == []
    over = ledger.published(catalogue, dataclasses.replace(late, as_of=until))
    line = "Работата в групата: 4 от 5 казват общо взето „в голяма степен“ или повече"
    assert told_of_climate(catalogue, over) == [line]
    corrected = submit(
        catalogue, over, 2, "mentee_interim", 5, levels(1, cl_voice=5, cl_help=5, cl_useful=5), version=2
    )
    assert told_of_climate(catalogue, ledger.published(catalogue, corrected)) == [line]
    open_again = tuple(dataclasses.replace(each, closed=0) for each in corrected.sessions)
    reopened = ledger.published(catalogue, dataclasses.replace(corrected, sessions=open_again))
    assert told_of_climate(catalogue, reopened) == [line]
    assert told_of_climate(catalogue, ledger.published(catalogue, close(reopened, 2))) == [line]


def test_the_groups_page_names_nobody_but_shows_a_mentee_their_own_goals(
    catalogue: Catalogue, year: Year
) -> None:
    for number in range(1, 7):
        for group in (1, 2):
            state = year.at_close[number]
            session = state.ordered[number - 1]
            page = str(summary.summary(view(catalogue, state, session, group, "mentee", "bg")))
            assert [p.name for p in state.participants if p.name in page] == []
            assert (
                "people"
                not in summary.summary(view(catalogue, state, session, group, "mentee", "bg"))["numbers"]
            )
    own = str(summary.summary(view(catalogue, year.end, year.session(6), 1, "mentee", "bg", person=12)))
    assert "земеделски стопани" in own
    assert "Excel за счетоводители" not in own


def test_the_reports_computed_lines_tell_no_more_than_their_least_reader_may_see(
    catalogue: Catalogue, year: Year
) -> None:
    protocol = year.step(3, "session_protocol", 41)
    _, carried = visibility.visible(
        catalogue.instruments["session_protocol"], "mentor", {}, protocol.personal["carried"]
    )
    assert "Фани Желязкова: " not in str(carried["sum_goals"])
    assert "warnings_decisions" not in carried
