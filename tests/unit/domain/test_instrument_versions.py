"""Two versions of an instrument in one course: each form is offered, checked and read by its own."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from course import course, goals, levels, mentee, mentor, name, submit
from two_versions import NEW, OLD, newer_versions

from moodle_bridge.domain.answers import check
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course import attendance, lookup
from moodle_bridge.domain.course.frame import ALL_GROUPS, Frame, frame_of
from moodle_bridge.domain.course.model import Process, Target
from moodle_bridge.domain.instrument.definition import definition, digest
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue as catalogue_files
from moodle_bridge.domain.session import figures, summary
from moodle_bridge.domain.session.view import View
from moodle_bridge.errors import InstrumentError

FORM = "mentee_interim"
TESTS = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return newer_versions(tmp_path_factory.mktemp("two") / "config")


@pytest.fixture(scope="module")
def both(folder: Path) -> Catalogue:
    return catalogue_files.load(folder)


def using(state: Process, *versions: str) -> Process:
    """The same course, its sessions using these versions of the interim form one after the other."""
    sessions = tuple(
        dataclasses.replace(each, versions=frozenset({(FORM, version), ("mentee_initial", version)}))
        for each, version in zip(state.ordered, versions, strict=True)
    )
    return dataclasses.replace(state, sessions=sessions)


ANSWERS: dict[str, Any] = {f"sa_{name}": 4 for name in ("knowledge", "confidence", "plan")}


@pytest.fixture
def told(both: Catalogue) -> Process:
    """A course that was moved to the newer versions after its second session."""
    state = using(course(mentee(1), mentee(2), mentor(50)), OLD, OLD, NEW, NEW)
    first = {**goals(("Цел", 2, 0)), **ANSWERS, "sa_network": 1, "next_step": "Първа стъпка"}
    for person in (1, 2):
        state = submit(both, state, 1, "mentee_initial", person, first)
    old = {**ANSWERS, "sa_network": 1, "next_step": "Втора стъпка", "needs_now": ["n_tech"]}
    state = submit(both, state, 2, FORM, 1, levels(1, **old))
    new = {**ANSWERS, "own_step": "Трета стъпка", "needs_now": ["n_peers"], "hours": 5}
    return submit(both, state, 3, FORM, 1, levels(2, **new))


def test_every_version_is_known_and_the_newest_is_the_current_one(both: Catalogue) -> None:
    assert both.instruments[FORM].version == NEW
    assert [each.version for each in both.versions(FORM)] == [OLD, NEW]
    assert [each.current for each in both.versions(FORM)] == [False, True]
    assert both.version(FORM, "1.0.1") is None
    assert both.versions("nothing") == ()
    assert len(list(both.every())) == len(both.instruments) + 2


RELEASED: dict[str, str] = json.loads((TESTS / "golden" / "versions.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("named", RELEASED)
def test_a_released_version_is_what_it_was(catalogue: Catalogue, named: str) -> None:
    """Whoever wants to change one makes another: docs/instruments.md, "A new version in three steps"."""
    instrument, version, language = named.split("/")
    known = catalogue.version(instrument, version)
    assert known is not None
    assert digest(asked(definition(catalogue, known, language))) == RELEASED[named]


def asked(content: Any) -> Any:
    """A definition without what the software says beside a question: that may be said better later."""
    if isinstance(content, dict):
        return {key: asked(value) for key, value in content.items() if key != "readers_text"}
    return [asked(value) for value in content] if isinstance(content, list) else content


def test_an_earlier_version_is_what_it_was(both: Catalogue, catalogue: Catalogue) -> None:
    """A newer version and a longer list of codes change nothing in a form that was used."""
    for language in both.languages:
        for each in catalogue.every():
            if each.version == OLD:
                known = both.version(each.id, OLD)
                assert known is not None
                assert definition(both, known, language) == definition(catalogue, each, language)


def test_the_newer_definition_has_what_is_new_and_lacks_what_is_gone(both: Catalogue) -> None:
    items = {item["id"]: item for item in definition(both, both.instruments[FORM], "bg")["items"]}  # type: ignore[union-attr, index, call-overload]
    assert {"own_step", "hours"} <= set(items)
    assert not {"next_step", "sa_network"} & set(items)
    codes = [option["value"] for option in items["needs_now"]["options"]]
    assert "n_peers" in codes
    assert "n_tech" not in codes


def test_each_session_offers_the_version_that_it_uses(both: Catalogue, told: Process) -> None:
    used = [Frame(both, told, each, ALL_GROUPS).instruments[FORM].version for each in told.ordered]
    assert used == [OLD, OLD, NEW, NEW]
    unnamed = dataclasses.replace(told.ordered[0], versions=frozenset())
    assert lookup.instruments_of(both, unnamed)[FORM].version == NEW


def test_an_answer_is_carried_over_under_its_new_name(both: Catalogue, told: Process) -> None:
    for number, version, quoted in ((2, OLD, "Първа стъпка"), (3, NEW, "Втора стъпка")):
        target = Target(name(number), 0, FORM, 1)
        frame = frame_of(both, told, target)
        assert frame.instruments[FORM].version == version
        assert carryover.carried(frame, target, "bg")["last_step_done"] == quoted
        asked = "next_step" if version == OLD else "own_step"
        assert carryover.context(frame, target).previous == {asked: quoted}


def test_goals_go_on_through_both_versions(both: Catalogue, told: Process) -> None:
    frame = Frame(both, told, told.ordered[2], ALL_GROUPS)
    (goal,) = figures.goals_of(frame, 1).goals
    assert [(rating.session, rating.level) for rating in goal.ratings] == [(name(2), 1), (name(3), 2)]


def test_figures_read_each_form_by_its_version(both: Catalogue, told: Process) -> None:
    """Of four scales with 1 in the one that is gone the mean is 3.25, of the three that are left 4."""
    frames = [Frame(both, told, session, ALL_GROUPS) for session in told.ordered[:3]]
    means = [{each.person: each.value for each in figures.person_means(frame, "sa_")} for frame in frames]
    assert means == [{1: 3.25, 2: 3.25}, {1: 3.25}, {1: 4.0}]


@pytest.mark.parametrize(("number", "words"), [(2, "Техническа помощ"), (3, "Повече време с другите")])
def test_a_code_of_either_version_has_its_words(
    both: Catalogue, told: Process, number: int, words: str
) -> None:
    frame = Frame(both, told, told.ordered[number - 1], ALL_GROUPS)
    assert words in str(summary.summary(View.of(frame, "coordinator", "bg")))


@pytest.mark.parametrize(
    ("version", "given", "codes"),
    [
        (OLD, {"needs_now": ["n_peers"]}, {("needs_now", "unknown_option")}),
        (NEW, {"needs_now": ["n_tech"]}, {("needs_now", "unknown_option")}),
        (OLD, {"needs_now": ["n_tech"]}, set()),
        (NEW, {"needs_now": ["n_peers"]}, {("hours", "required")}),
    ],
)
def test_answers_are_checked_by_the_version_of_their_form(
    both: Catalogue, told: Process, version: str, given: dict[str, Any], codes: set[tuple[str, str]]
) -> None:
    form = both.version(FORM, version)
    assert form is not None
    target = Target(name(3), 0, FORM, 2)
    asked = carryover.context(frame_of(both, told, target), target, form)
    assert set(asked.previous) == {"next_step" if version == OLD else "own_step"}
    found = check.validate(form, "bg", given, {}, asked)
    assert {(p.item, p.code) for p in found.problems if p.item in ("needs_now", "hours")} == codes | (
        {("hours", "required")} if version == NEW else set()
    )


def test_a_form_of_an_unknown_version_is_counted_nowhere(both: Catalogue, told: Process) -> None:
    strange = dataclasses.replace(told.submissions[-1], instrument_version="9.9.9")
    state = dataclasses.replace(told, submissions=(*told.submissions[:-1], strange))
    frame = Frame(both, state, state.ordered[2], ALL_GROUPS)
    assert lookup.form_of(both, strange) is None
    assert figures.person_means(frame, "sa_", "coordinator") == ()
    assert [rating.session for rating in figures.goals_of(frame, 1).goals[0].ratings] == [name(2)]


def test_a_session_that_uses_an_unknown_version_offers_everything_else(
    both: Catalogue, told: Process
) -> None:
    strange = dataclasses.replace(told.ordered[2], versions=frozenset({(FORM, "9.9.9")}))
    state = dataclasses.replace(told, sessions=(*told.ordered[:2], strange, told.ordered[3]), submissions=())
    frame = Frame(both, state, strange, ALL_GROUPS)
    assert lookup.unknown_versions(both, strange) == ((FORM, "9.9.9"),)
    offered = {target.instrument for target in attendance.offered(frame)}
    assert "mentor_observation" in offered
    assert FORM not in offered


WRONG = [
    ("respondent: mentee", "respondent: mentor", "'respondent' differs from version 1.0.0"),
    ("formerly: [next_step]", "formerly: [last_step]", "no earlier version has an item 'last_step'"),
    ("id: hours, type: number", "id: sa_network, type: number", "'sa_network' was of type scale"),
    (f'version: "{NEW}"', 'version: "2.0.0"', "has to be instruments/mentee_interim/2.0.0.yaml"),
    (f'version: "{NEW}"', 'version: "two"', "three numbers"),
    (f'choices: "{NEW}"', 'choices: "7.0.0"', f"there are no choices '7.0.0', only 1.0.0, {NEW}"),
]


@pytest.mark.parametrize(("old", "new", "reason"), WRONG, ids=[w[2] for w in WRONG])
def test_a_version_that_answers_could_not_be_read_by_is_refused(
    folder: Path, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    own = Path(shutil.copytree(folder, tmp_path / "config"))
    path = own / "instruments" / FORM / f"{NEW}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InstrumentError, match=reason) as refused:
        catalogue_files.load(own)
    assert refused.value.message.startswith(f"{FORM}/{NEW}.yaml")


def test_a_list_keeps_every_code_that_was_offered(folder: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(folder, tmp_path / "config"))
    path = own / "choices" / f"{NEW}.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "code: n_tech" not in line), encoding="utf-8")
    with pytest.raises(InstrumentError, match=r"n_tech of version 1\.0\.0 is missing.*exclude it"):
        catalogue_files.load(own)
