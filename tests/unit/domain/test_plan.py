from __future__ import annotations

from typing import Any

import pytest

from moodle_bridge.domain.course import plan
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.errors import Malformed

CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "every two months from a month's last day, a Saturday",
        {"start": "2026-01-31", "end": "2026-06-30", "frequency": "f_bimonthly"},
        ["2026-01-31", "2026-03-31", "2026-06-01", "2026-06-30"],
    ),
    (
        "monthly, with February and without the one close to the end",
        {"start": "2026-01-30", "end": "2026-05-06", "frequency": "f_monthly"},
        ["2026-01-30", "2026-03-02", "2026-03-30", "2026-05-06"],
    ),
    (
        "a leap year keeps 29 February",
        {"start": "2028-01-31", "end": "2028-03-31", "frequency": "f_monthly"},
        ["2028-01-31", "2028-02-29", "2028-03-31"],
    ),
    (
        "a few times, evenly",
        {"start": "2026-01-05", "end": "2026-07-06", "frequency": "f_few", "interim_count": 2},
        ["2026-01-05", "2026-03-09", "2026-05-06", "2026-07-06"],
    ),
    (
        "own dates, without those outside the process",
        {
            "start": "2026-01-05",
            "end": "2026-07-06",
            "frequency": "f_dates",
            "own_dates": ["2026-04-01", "2026-02-02", "2025-12-01", "2026-07-06"],
        },
        ["2026-01-05", "2026-02-02", "2026-04-01", "2026-07-06"],
    ),
    (
        "at least the first and the last",
        {"start": "2026-01-05", "end": "2026-01-20", "frequency": "f_monthly"},
        ["2026-01-05", "2026-01-20"],
    ),
    (
        "holidays and weekends move on",
        {
            "start": "2026-02-27",
            "end": "2026-04-30",
            "frequency": "f_monthly",
            "holidays": ["2026-03-27"],
        },
        ["2026-02-27", "2026-03-30", "2026-04-30"],
    ),
    (
        "or back, but no session is before the start",
        {"start": "2026-03-01", "end": "2026-05-31", "frequency": "f_bimonthly", "weekend": "previous"},
        ["2026-03-01", "2026-05-01", "2026-05-29"],
    ),
    (
        "or stay",
        {"start": "2026-03-01", "end": "2026-05-31", "frequency": "f_bimonthly", "weekend": "keep"},
        ["2026-03-01", "2026-05-01", "2026-05-31"],
    ),
    (
        "not on Christmas in Bulgaria, nor on the days off after it",
        {"start": "2026-10-24", "end": "2027-02-24", "frequency": "f_bimonthly", "country": "BG"},
        ["2026-10-24", "2026-12-29", "2027-02-24"],
    ),
    (
        "not on Orthodox Easter Monday and the days that follow it",
        {"start": "2027-03-02", "end": "2027-06-30", "frequency": "f_bimonthly", "country": "BG"},
        ["2027-03-02", "2027-05-05", "2027-06-30"],
    ),
    (
        "no country, no holidays",
        {"start": "2027-03-03", "end": "2027-07-01", "frequency": "f_bimonthly"},
        ["2027-03-03", "2027-05-03", "2027-07-01"],
    ),
    (
        "changed while running: what was held stays",
        {
            "start": "2026-01-05",
            "end": "2026-07-06",
            "frequency": "f_bimonthly",
            "held": ["2026-01-07", "2026-02-05"],
        },
        ["2026-01-07", "2026-02-05", "2026-03-05", "2026-05-05", "2026-07-06"],
    ),
]


@pytest.mark.parametrize(("why", "asked", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_dates_are_proposed(why: str, asked: dict[str, Any], wanted: list[str]) -> None:
    found = plan.dates(**asked).sessions
    assert [each.date for each in found] == wanted
    assert [each.kind for each in found] == ["initial", *["interim"] * (len(wanted) - 2), "final"]
    assert [each.number for each in found] == list(range(1, len(wanted) + 1))


@pytest.mark.parametrize("weekend", ["next", "previous"])
@pytest.mark.parametrize(
    "start", ["2026-11-28", "2026-11-29", "2026-12-24"], ids=["Saturday", "Sunday", "holiday"]
)
def test_whoever_begins_on_a_free_day_is_told_so_and_can_begin_at_once(
    catalogue: Catalogue, start: str, weekend: plan.Weekend
) -> None:
    found = plan.dates(start, "2027-07-20", "f_bimonthly", weekend=weekend, holidays=["2026-12-24"])
    assert found.sessions[0].date == start
    [note] = found.notes
    assert (note.code, note.facts) == ("plan_begins_free", {"date": start})
    assert plan.day(start, "en") in plan.note_texts(catalogue, found.notes)[0]["en"]
    on_a_friday = plan.dates("2026-11-27", "2027-06-28", "f_bimonthly", weekend=weekend)
    assert (on_a_friday.sessions[0].date, on_a_friday.notes) == ("2026-11-27", ())


def test_deadlines_move_only_later() -> None:
    found = plan.dates("2026-03-02", "2026-05-29", "f_bimonthly", fill_days=5, weekend="previous")
    assert [each.due for each in found.sessions] == ["2026-03-09", "2026-05-06", "2026-06-03"]


def test_no_deadline_falls_on_a_holiday() -> None:
    found = plan.dates("2026-04-06", "2026-06-30", "f_bimonthly", fill_days=7, country="BG")
    assert found.sessions[0].due == "2026-04-14"


@pytest.mark.parametrize(
    ("end", "codes"),
    [
        ("2026-05-04", ["plan_no_interim"]),
        ("2026-05-07", ["plan_too_close", "plan_no_interim"]),
        ("2026-07-02", []),
    ],
)
def test_a_plan_too_short_for_an_interim_session_says_so(end: str, codes: list[str]) -> None:
    found = plan.dates("2026-03-02", end, "f_bimonthly")
    assert [note.code for note in found.notes] == codes


@pytest.mark.parametrize("weekend", ["keep", "next", "previous"])
def test_no_session_is_held_before_the_start(weekend: plan.Weekend) -> None:
    found = plan.dates("2026-01-31", "2026-06-30", "f_monthly", weekend=weekend, country="BG")
    assert min(each.date for each in found.sessions) == "2026-01-31"


def test_notes_tell_the_coordinator_in_both_languages(catalogue: Catalogue) -> None:
    own = ["2026-01-12", "2026-01-19"]
    found = plan.dates("2026-01-05", "2026-03-02", "f_dates", own_dates=own, fill_days=10)
    assert [note.code for note in found.notes] == ["plan_often", "plan_overlap", "plan_overlap"]
    texts = plan.note_texts(catalogue, found.notes)
    assert "15.01.2026" in texts[1]["bg"]
    assert "15 January 2026" in texts[1]["en"]


@pytest.mark.parametrize(
    ("start", "end"), [("2026-02-02", "2026-02-02"), ("2026-02-03", "2026-02-02"), ("утре", "2026-02-02")]
)
def test_dates_that_cannot_be_are_refused(start: str, end: str) -> None:
    with pytest.raises(Malformed):
        plan.dates(start, end, "f_monthly")


def test_a_frequency_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Malformed, match="frequency"):
        plan.dates("2026-01-05", "2026-03-02", "f_daily")  # type: ignore[arg-type]
