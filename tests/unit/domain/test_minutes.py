"""No form takes longer than ten minutes, by the model of domain notes: reading once through, then answering.

180 words a minute, every question once, the promises about readers and what was carried over too;
6 seconds a scale or choice, 8 a date or number, 10 a choice of several, 30 a short text, half of that for
what may be left out, a quarter for what is asked under a condition and for a table that most leave empty.
Three goals, two goals of the group, five expectations of others, five mentees. The model gives the first
versions of the forms nearly what their review found: more than ten minutes for mentees.
"""

from __future__ import annotations

import pytest

from moodle_bridge.domain.instrument.definition import readers_text
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item

LONGEST = 10
WORDS_A_MINUTE = 180
SECONDS = {"scale": 6, "single_choice": 6, "yes_no": 3, "multi_choice": 10, "date": 8, "number": 8}
SHORT_TEXT, LONG_TEXT = 30, 60
ROWS = {
    "own_goals": 3,
    "own_general_goals": 1,
    "group_goals": 2,
    "own_expectations": 2,
    "others_categories": 5,
    "accepted_recommendations": 1,
    "mentees": 5,
    "goals_of_mentees": 15,
    "goals_to_review": 2,
}
"""Of carried tables, by their source."""
WRITTEN = {"specific_goals": 3, "own_expectations": 2}
"""Of tables that people fill in themselves; of the others one row."""
FORMS = [
    "mentee_initial",
    "mentee_group_expectations",
    "mentee_interim",
    "mentee_final",
    "mentor_initial",
    "mentor_observation",
    "mentor_final",
]


def estimate(form: Instrument, language: str) -> float:
    """Minutes by the model."""
    known: set[str] = set()
    words = float(len(form.title[language].split()) + len(form.intro[language].split()))
    seconds = 0.0
    for item in form.items:
        promised = readers_text(form, item, None, language)
        words += _words(item, language, known) + _new(promised, known)
        if not item.columns:
            seconds += _seconds(item)
            continue
        rows = ROWS[item.source.name] if item.source is not None else WRITTEN.get(item.id, 1)
        share = 1.0 if item.required else 0.5 if item.id == "weak_points" else SELDOM
        seconds += share * rows * sum(_seconds(each) for each in item.columns)
        words += share * sum(_words(each, language, known) for each in item.columns)
        words += rows * CARRIED_WORDS * any(each.read_only for each in item.columns)
    return words / WORDS_A_MINUTE + seconds / 60


SELDOM = 0.25
"""How often something is asked under a condition, or a table filled in that most leave empty."""
CARRIED_WORDS = 10
"""Of the goal, recommendation or name that a row is about."""


def _words(item: Item, language: str, known: set[str]) -> float:
    """What is read: the question, its help, and the answers that stand there for the first time."""
    words = float(len(item.label[language].split()))
    words += len(item.help[language].split()) if item.help else 0
    words += sum(_new(option.label[language], known) for option in item.options)
    return words * SELDOM if item.show_if else words


def _new(text: str, known: set[str]) -> int:
    """How many words of a text are read: none where it stood before."""
    if text in known:
        return 0
    known.add(text)
    return len(text.split())


def _seconds(item: Item) -> float:
    """What answering takes; nothing where nothing has to be answered."""
    if item.read_only or item.type == "computed":
        return 0
    if item.type in ("short_text", "long_text"):
        whole = SHORT_TEXT if item.type == "short_text" else LONG_TEXT
    else:
        whole = SECONDS[item.type]
    return whole * SELDOM if item.show_if else whole if item.required else whole / 2


@pytest.mark.parametrize("language", ["bg", "en"])
@pytest.mark.parametrize("form", FORMS)
def test_no_form_takes_longer_than_ten_minutes(catalogue: Catalogue, form: str, language: str) -> None:
    asked = catalogue.instruments[form]
    minutes = estimate(asked, language)
    # "About ten minutes" is said in whole minutes.
    assert minutes < LONGEST + 0.5, f"{minutes:.1f}"
    assert minutes < asked.minutes + 0.5, "the form promises less than it takes"


def test_the_model_finds_what_the_review_of_the_first_versions_found(catalogue: Catalogue) -> None:
    found = {
        name: catalogue.version(name, "1.0.0")
        for name in ("mentee_initial", "mentee_interim", "mentee_final")
    }
    minutes = [round(estimate(form, "en"), 1) for form in found.values() if form is not None]
    assert len(minutes) == 3
    assert all(each >= LONGEST + 0.5 for each in minutes), minutes
