"""However many people there are, a summary stays small enough to be sent, and says what it leaves out."""

from __future__ import annotations

import dataclasses
import json
import urllib.parse
from typing import Any

import pytest
from course import view
from year import Year

from moodle_bridge.contract import faults
from moodle_bridge.domain.course.model import Process
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import limits, summary

PHP_TAKES = 8_000_000


def multiplied(state: Process, times: int, together: bool) -> Process:
    """The same people and forms so many times over, each time in groups of their own, or in one without."""
    far, people, forms, groups = 1_000_000, [], [], {}
    for n in range(times):
        place = {0: 0} | {group: 0 if together else group + n * far for group in state.groups}
        groups |= {place[group]: f"{name} {n}" for group, name in state.groups.items()}
        for person in state.participants:
            new = tuple(sorted({place[group] for group in person.groups}))
            people.append(dataclasses.replace(person, id=person.id + n * far, groups=new))
        for form in state.submissions:
            new_id = form.respondent + n * far
            forms.append(dataclasses.replace(form, respondent=new_id, group=place[form.group]))
    return dataclasses.replace(
        state, participants=tuple(people), submissions=tuple(forms), groups={} if together else groups
    )


def told(content: dict[str, Any], words: str) -> list[str]:
    blocks = [block for section in content["sections"] for block in section["blocks"]]
    return [line for block in blocks for line in block.get("lines", []) if words in line]


@pytest.mark.parametrize("together", [False, True], ids=["in groups", "without groups"])
def test_the_summary_of_a_thousand_people_fits_into_one_call(
    catalogue: Catalogue, year: Year, together: bool
) -> None:
    state = multiplied(year.at_close[3], 60, together)
    content = summary.summary(view(catalogue, state, state.ordered[2], 0, "coordinator", "bg"))
    text = json.dumps(content, ensure_ascii=False)
    assert len(urllib.parse.quote(text)) < PHP_TAKES
    assert len(content["signals"]) <= limits.SIGNALS
    assert told(content, "самите формуляри" if together else "обобщенията на отделните групи")
    assert not faults("summary", content)


def test_red_signals_are_shown_first_and_how_many_there_are_is_said(catalogue: Catalogue, year: Year) -> None:
    state = multiplied(year.at_close[3], 120, False)
    content = summary.summary(view(catalogue, state, state.ordered[2], 0, "coordinator", "bg"))
    levels = [signal["level"] for signal in content["signals"]]
    assert len(levels) == limits.SIGNALS
    assert levels == sorted(levels, key=["red", "amber"].index)
    assert told(content, f"{limits.SIGNALS} от ")


def test_what_fits_is_left_as_it_is(catalogue: Catalogue, year: Year) -> None:
    for number, state in year.at_close.items():
        for group in (0, *state.groups):
            content = summary.summary(
                view(catalogue, state, state.ordered[number - 1], group, "coordinator", "bg")
            )
            assert told(content, "Показани са") == []


def test_a_table_is_cut_after_whole_rows_and_keeps_at_least_one(catalogue: Catalogue, year: Year) -> None:
    assert limits._fitting([["аб", "в"]] * 5, 9) == 3
    assert limits._fitting([["абв"]] * 5, 10) == 3
    assert limits._fitting([["а" * 100]], 10) == 1
    assert limits._fitting([], 10) == 0
