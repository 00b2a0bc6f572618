from __future__ import annotations

from course import course, mentee, mentor, view
from year import Year

from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import summary


def test_a_session_without_answers_has_a_summary_too(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentor(50))
    found = summary.summary(view(catalogue, state, state.ordered[0], 0, "coordinator", "en"))
    assert found["settled"] is False
    assert found["signals"] == []
    assert found["numbers"]["goal_percent"] is None
    assert [part["id"] for part in found["sections"]] == ["R1"]


def test_the_coordinator_sees_what_was_decided_about_each_signal(catalogue: Catalogue, year: Year) -> None:
    found = summary.summary(view(catalogue, year.at_close[2], year.session(2), 1, "coordinator", "bg"))
    decided = {signal["rule"]: signal["decision"] for signal in found["signals"]}
    assert decided["contact_request"] == "measure"
    assert decided["low_inclusion"] == "watching"
    mentors = summary.summary(view(catalogue, year.end, year.session(2), 1, "mentor", "bg"))
    assert all("decision" not in signal for signal in mentors["signals"])


def test_the_record_reaches_everyone(catalogue: Catalogue, year: Year) -> None:
    for audience in ("coordinator", "mentor", "mentee"):
        page = str(summary.summary(view(catalogue, year.at_close[2], year.session(2), 1, audience, "bg")))
        assert "едната среща в месеца ще е в събота" in page
        assert "Следваща мониторинг сесия: 12.01.2026" in page
        assert "Една среща месечно се провежда в събота от 10 часа." in page


def test_all_groups_together_are_summed_up_as_group_zero(catalogue: Catalogue, year: Year) -> None:
    found = summary.summary(view(catalogue, year.end, year.session(6), 0, "coordinator", "bg"))["numbers"]
    assert found["goals_attained"] == {"attained": 14, "rated": 18}
    assert found["goal_percent"]["n"] == 8
    assert found["recommendations"]["done"] == 3
