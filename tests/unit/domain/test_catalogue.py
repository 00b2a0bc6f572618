from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue as catalogue_files
from moodle_bridge.errors import InstrumentError
from moodle_bridge.resources import config_dir

DEFAULTS = [
    "monitoring_plan",
    "mentee_initial",
    "mentee_group_expectations",
    "mentor_initial",
    "mentee_interim",
    "mentor_observation",
    "mentee_final",
    "mentor_final",
    "session_protocol",
    "effectiveness_report",
    "anonymous_feedback",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration to spoil."""
    target = tmp_path / "config"
    for part in ("choices", "instruments", "messages"):
        shutil.copytree(config_dir() / part, target / part)
    shutil.copy(config_dir() / "vocabulary.yaml", target)
    return target


def keep_only(folder: Path, *instruments: str) -> None:
    """Leave only these instruments: reading the others first tells nothing about them."""
    for path in (folder / "instruments").iterdir():
        if path.name not in instruments:
            shutil.rmtree(path)


def spoil(path: Path, old: str, new: str) -> int:
    """Replace the first occurrence; returns its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_all_eleven_instruments_load_in_their_order(catalogue: Catalogue) -> None:
    assert list(catalogue.instruments) == DEFAULTS


def test_the_anonymous_survey_stays_off(catalogue: Catalogue) -> None:
    assert [each.id for each in catalogue.instruments.values() if not each.enabled_by_default] == [
        "anonymous_feedback"
    ]


def test_no_form_offers_the_anonymous_survey_while_it_stays_off(catalogue: Catalogue) -> None:
    for form in (each for each in catalogue.instruments.values() if not each.anonymous):
        for item in form.items:
            said = " ".join((item.id, *item.label.values(), *(item.help or {}).values())).lower()
            assert not re.search(r"anonym|анонимн", said), f"{form.id}.{item.id}"


WRONG: list[tuple[str, str, str, str]] = [
    ("type: multi_choice, options: need", "type: multi_chioce, options: need", "needs_now", "not a type"),
    ("options: need, max: 3", "options: nead, max: 3", "needs_now", "no code list 'nead'"),
    ("scale: extent5", "scale: extent7", "sa_knowledge", "no scale 'extent7'"),
    ("max: 3, required: true", "required: true", "needs_now", "need 'max'"),
    ("max_length: 250", "max_length: 0", "needs_text", "needs 'max_length'"),
    ("exclude: [r_later", "exclude: [r_latter", "expected_obstacles", "no code 'r_latter'"),
    ("allowed: [0, 1]", "allowed: [0, 9]", "specific_goals.start_level", "no step 9"),
    ("default: 2", "default: 7", "specific_goals.importance", "not a possible answer"),
    ("visibility: [author, coordinator]", "visibility: [mentor]", "contact_me", "always read"),
    ("visibility: [author, coordinator]", "visibility: [author, everyone]", "contact_me", "lists author"),
    ("options_from: general_goals", "options_from: goals", "specific_goals.parent", "neither a table"),
    ("id: needs_text", "id: needs_now", "mentee_initial", "stands here twice"),
    ("id: needs_text", "id: Needs-text", "mentee_initial", "lower-case"),
    ('label: {bg: "От какво', 'label: {el: "От какво', "needs_now", "text in 'bg' is missing"),
    ("serves: [S2], report: R6", "serves: [S12], report: R6", "needs_now", "what it is for"),
    ("serves: [S2], report: R6", "serves: [S2], report: R66", "needs_now", "report section"),
    ("required: true", "requierd: true", "needs_now", "not known here"),
    ("required: true", "required: yes please", "needs_now", "true or false"),
    ("max_rows: 2", "max_rows: 0", "general_goals", "max_rows"),
    ("respondent: mentee", "respondent: parent", "mentee_initial", "one of mentee"),
    ("sessions: [initial]", "sessions: [start]", "mentee_initial", "initial, interim, final"),
    ("minutes: 9", "minutes: nine", "mentee_initial", "whole number"),
]


@pytest.mark.parametrize(("old", "new", "item", "reason"), WRONG, ids=[f"{w[2]}: {w[3]}" for w in WRONG])
def test_a_wrong_instrument_is_refused_with_file_line_and_item(
    folder: Path, old: str, new: str, item: str, reason: str
) -> None:
    keep_only(folder, "mentee_initial")
    line = spoil(folder / "instruments" / "mentee_initial" / "1.0.0.yaml", old, new)
    with pytest.raises(InstrumentError, match=reason) as refused:
        catalogue_files.load(folder)
    named = re.match(r"mentee_initial/1\.0\.0\.yaml:(\d+) \(([^)]*)\)", refused.value.message)
    assert named, refused.value.message
    assert named[2] == item
    assert abs(int(named[1]) - line) <= 12


CONDITIONS = [
    (
        "mentee_interim",
        'required_if: "status == g_changed"',
        'required_if: "state == g_changed"',
        "neither an item",
    ),
    (
        "mentee_interim",
        'required_if: "status == g_changed"',
        'required_if: "status = g_changed"',
        "not an expression",
    ),
    ("mentee_interim", "level <= prev.level", "level <= prev.mark", "no column 'prev_mark'"),
    ("mentee_interim", "prev.next_step != ''", "prev.first_step != ''", "no form of the same respondent"),
    ("mentee_interim", "carried: next_step", "carried: next_stop", "no form of the same respondent"),
    ("mentee_interim", "source: own_goals", "source: my_goals", "'my_goals' is not one of"),
    (
        "mentee_interim",
        "name: others_categories, limit: 5",
        "name: others_categories",
        "needs the parameter 'limit'",
    ),
    ("mentee_interim", "limit: 5}", "limit: five}", "wrong kind"),
    (
        "mentor_initial",
        "instruments: [mentee_initial]",
        "instruments: [mentee_first]",
        "'mentee_first', which is no",
    ),
    ("mentor_initial", "rule: submitted_by_all", "rule: submitted_by_some", "is not one of"),
    ("effectiveness_report", "thresholds: [50, 75, 90]", "thresholds: [90, 75, 50]", "rising"),
    ("effectiveness_report", "computed: gas_t", "computed: gas_u", "'computed' has to be one of"),
]


@pytest.mark.parametrize(("instrument", "old", "new", "reason"), CONDITIONS, ids=[c[3] for c in CONDITIONS])
def test_a_reference_to_nothing_is_refused(
    folder: Path, instrument: str, old: str, new: str, reason: str
) -> None:
    keep_only(folder, "mentee_initial", instrument)
    spoil(folder / "instruments" / instrument / "1.0.0.yaml", old, new)
    with pytest.raises(InstrumentError, match=reason) as refused:
        catalogue_files.load(folder)
    assert f"{instrument}/1.0.0.yaml" in refused.value.message


VOCABULARY: list[tuple[str, str, str, str]] = [
    ("choices/1.0.0", "{value: 0, pct: 0, ", "{value: zero, pct: 0, ", "not a whole number"),
    ("choices/1.0.0", "{code: e_career,", "{code: e_knowledge,", "stands here twice"),
    ("choices/1.0.0", "scales:\n", "scales: [\n", "expected|did not find"),
    ("vocabulary", "glossary:\n", "languages: [bg, en, el]\nglossary:\n", "no file languages/el.yaml"),
    (
        "vocabulary",
        "thresholds: {due_soon_days: 14, ",
        "thresholds: {",
        "needs the parameter 'due_soon_days'",
    ),
    ("vocabulary", "due_soon_days: 14, ", "due_soon_days: soon, ", "wrong kind"),
    ("vocabulary", "  contact_request:", "  contact_demand:", "is not one of"),
    ("vocabulary", "extent5: 4,", "extent5: 5,", "two steps"),
    ("vocabulary", "extent5: 4,", "extent5: 2,", "two steps"),
    ("vocabulary", "extent5: 4,", "extent5: 7,", "no scale with the step 7"),
    ("vocabulary", "extent5: 4,", "extent5: half,", "one of its steps"),
    ("vocabulary", "extent5: 4,", "done3: 2,", "two steps"),
]


@pytest.mark.parametrize(("file", "old", "new", "reason"), VOCABULARY, ids=[v[2] for v in VOCABULARY])
def test_wrong_words_are_refused(folder: Path, file: str, old: str, new: str, reason: str) -> None:
    spoil(folder / f"{file}.yaml", old, new)
    with pytest.raises(InstrumentError, match=reason) as refused:
        catalogue_files.load(folder)
    assert refused.value.message.startswith(f"{file}.yaml:")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("- a\n", "begins with 'id'"),
        ("id: x\nitems: &a [*a]\n", "alias|missing"),
        ("id: x\nitems: !!python/object:os.system {}\n", "missing"),
        ("id: [", "expected"),
    ],
)
def test_a_file_that_is_no_instrument_is_refused(folder: Path, content: str, reason: str) -> None:
    (folder / "instruments" / "odd").mkdir()
    (folder / "instruments" / "odd" / "1.0.0.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(InstrumentError, match=reason) as refused:
        catalogue_files.load(folder)
    assert "odd/1.0.0.yaml" in refused.value.message


def test_the_languages_of_a_message_use_the_same_placeholders(folder: Path) -> None:
    spoil(folder / "messages" / "answers.yaml", "Please answer “{label}”.", "Please answer.")
    with pytest.raises(InstrumentError, match=r"answers\.yaml:\d+ \(problem_required\).*placeholders"):
        catalogue_files.load(folder)


def test_a_new_instrument_is_one_file(folder: Path) -> None:
    """The example of docs/instruments.md, "An instrument in five steps"."""
    guide = (config_dir().parent / "docs" / "instruments.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n", 1)[1].split("```", 1)[0]
    target = folder / "instruments" / "mentee_workload" / "1.0.0.yaml"
    target.parent.mkdir()
    target.write_text(example, encoding="utf-8")
    loaded = catalogue_files.load(folder)
    assert loaded.instruments["mentee_workload"].sessions == ("interim",)
    assert list(loaded.instruments)[5] == "mentee_workload"


def test_every_message_that_the_code_says_stands_in_the_catalogue(catalogue: Catalogue) -> None:
    domain = Path(catalogue_files.__file__).parents[2]
    assert domain.name == "domain"
    said = set()
    for path in domain.rglob("*.py"):
        said |= set(re.findall(r'\bsay\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert said
    assert said - set(catalogue.messages) == set()


def test_bulgarian_and_english_do_not_mix_alphabets(catalogue: Catalogue) -> None:
    mixed = re.compile(r"(?=\w*[A-Za-z])(?=\w*[А-Яа-я])\w+")
    texts = [
        text for each in (catalogue.messages, catalogue.terms, catalogue.sections) for text in each.values()
    ]
    for instrument in catalogue.instruments.values():
        texts += [instrument.title, instrument.intro]
        for item in instrument.items:
            for each in (item, *item.columns):
                texts += [each.label, *([each.help] if each.help else []), *(o.label for o in each.options)]
    for text in texts:
        assert not mixed.search(text["bg"]), text["bg"]
        assert not re.search("[А-Яа-я]", text["en"]), text["en"]
        assert '"' not in text["bg"], text["bg"]
