"""Propose which item each field of a brought form is for, by names, tooltips and labels nearby.

Pure: fields and instrument in, a commented file out. Only what fits by its kind is proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from moodle_bridge.domain.instrument.model import Instrument
from moodle_bridge.pdf.adopt.adopt import (
    InspectedField,
    kinds_for,
    known_states,
    labels_of,
    option_labels,
)
from moodle_bridge.plain_json import canonical

_ENOUGH = 0.78
_HEADS = {
    "header.respondent": ("име", "име и фамилия", "участник", "name", "full name", "participant"),
    "header.submitted": ("дата", "дата на попълване", "date", "date of completion"),
    "header.organisation": ("училище", "school"),
}
"""What forms usually call the facts of the head."""

_WORD = re.compile(r"\w+")
_ROW = re.compile(r"[._\- ]?(?:r|row|ред|zeile)?[._\- ]?(\d{1,2})(?=\D|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A field and what it could be for; ``why`` is what spoke for it."""

    field: InspectedField
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class _Target:
    name: str
    texts: tuple[str, ...]
    kinds: tuple[str, ...]


def proposals(fields: Sequence[InspectedField], instrument: Instrument, language: str) -> list[Proposed]:
    """A proposal for each field by name that has one, none of them twice."""
    named: dict[str, InspectedField] = {}
    for field in fields:
        if field.kind not in ("button", "signature"):
            named.setdefault(field.name, field)
    scored = sorted(
        (
            (score, why, name, target.name.replace("r*", f"r{row}"))
            for target in _targets(instrument, language)
            for name, field in named.items()
            if field.kind in target.kinds
            for score, why, row in [_score(field, target)]
            if score >= _ENOUGH and row is not None
        ),
        key=lambda each: (-each[0], each[2], each[3]),
    )
    found: dict[str, Proposed] = {}
    used: set[str] = set()
    for _, why, name, target in scored:
        if name not in found and target not in used:
            found[name] = Proposed(named[name], target, why)
            used.add(target)
    return [found[name] for name in named if name in found]


def mapping_file(fields: Sequence[InspectedField], instrument: Instrument, language: str) -> str:
    """The proposal as a file to be corrected: YAML with remarks on every field and every item without one."""
    proposed = {each.field.name: each for each in proposals(fields, instrument, language)}
    taken = {each.target for each in proposed.values()}
    states = known_states(instrument)
    lines = [
        f"# Fields of a form for {instrument.id} {instrument.version} ({language}): look at every line.",
        "# The numbers are those of the picture that 'moodle-bridge forms inspect --picture' draws.",
        "# A line that begins with # maps nothing: its field stays as it looks on the form.",
        "fields:",
    ]
    seen: set[str] = set()
    for field in fields:
        if field.name in seen:
            continue
        seen.add(field.name)
        about = f"{field.number}: {field.kind}, page {field.page}"
        about += f", {_short(field.label or field.tooltip)}" if field.label or field.tooltip else ""
        here = proposed.get(field.name)
        if here:
            lines += [f"  # {about}; by {here.why}", f"  {_quoted(field.name)}: {here.target}"]
        else:
            lines += [f"  # {about}", f"  # {_quoted(field.name)}: "]
    if not proposed:
        lines[lines.index("fields:")] = "fields: {}  # take away the {} with the first line that maps"
    lines += _state_lines(fields, proposed, states, option_labels(instrument, language))
    lines.append("# Items without a field; their answers go to the annex:")
    labels = labels_of(instrument, language)
    for item in instrument.items:
        if not any(name == item.id or name.startswith(f"{item.id}.") for name in taken):
            lines.append(f"#   {item.id}  ({_short(labels[item.id])})")
            lines += [f"#     {item.id}.r1.{column.id}, .r2. …" for column in item.columns]
    return "\n".join(lines) + "\n"


def _state_lines(
    fields: Sequence[InspectedField],
    proposed: Mapping[str, Proposed],
    states: Mapping[str, Sequence[str]],
    labels: Mapping[str, Mapping[str, str]],
) -> list[str]:
    """What the states of buttons mean, where their names do not say it."""
    lines = ["states:"]
    for name, here in proposed.items():
        pattern = re.sub(r"\.r\d+\.", ".r*.", here.target)
        given = {field.state: field for field in fields if field.name == name and field.state}
        expected = states.get(pattern, ())
        if here.field.kind not in ("radio", "check") or not expected or len(given) < 2:
            continue
        if set(given) <= set(expected):
            continue
        lines.append(f"  {here.target}:")
        for (state, field), value in zip(
            given.items(), _matched(given, expected, labels.get(pattern, {})), strict=True
        ):
            note = f"  # {_short(field.label)}" if field.label else ""
            lines.append(f"    {_quoted(state)}: {_quoted(value)}{note}")
    return lines if len(lines) > 1 else ["states: {}"]


def _matched(
    given: Mapping[str, InspectedField], expected: Sequence[str], labels: Mapping[str, str]
) -> Iterator[str]:
    """For each state the value whose label is most like what stands beside the button."""
    for position, (state, field) in enumerate(given.items()):
        texts = (state, field.label)
        best = max(expected, key=lambda value: max(_alike(text, labels.get(value, value)) for text in texts))
        alike = max(_alike(text, labels.get(best, best)) for text in texts)
        yield best if alike >= _ENOUGH else expected[min(position, len(expected) - 1)]


def _targets(instrument: Instrument, language: str) -> Iterator[_Target]:
    for name, label in labels_of(instrument, language).items():
        if name.startswith("header."):
            usual = _HEADS.get(name, ())
            yield _Target(name, (name, name.removeprefix("header."), label, *usual), ("text",))
    for item in instrument.items:
        label = item.label[language]
        if item.columns:
            for column in item.columns:
                kinds = kinds_for(column)
                name = f"{item.id}.r*.{column.id}"
                yield _Target(name, (f"{item.id} {column.id}", column.label[language]), kinds)
            continue
        kinds = kinds_for(item)
        yield _Target(item.id, (item.id, label), kinds)
        for option in item.options if item.type == "multi_choice" else ():
            texts = (f"{item.id} {option.value}", str(option.value), option.label[language])
            yield _Target(f"{item.id}.{option.value}", texts, ("check",))


def _score(field: InspectedField, target: _Target) -> tuple[float, str, str | None]:
    """How well a field and a target fit, what spoke for it, and the row; no row where a table needs one."""
    row = _ROW.search(field.name)
    number = row[1].lstrip("0") if row else None
    if "r*" not in target.name:
        number = ""
    elif not number:
        return 0.0, "", None
    if field.name == target.name.replace("r*", f"r{number}"):
        return 1.0, "its name", number
    best, why = 0.0, ""
    for text, source in (
        (field.name, "its name"),
        (field.tooltip, "its tooltip"),
        (field.label, "the text nearby"),
    ):
        bare = _ROW.sub(" ", text) if "r*" in target.name else text
        score = max((_alike(bare, one) for one in target.texts), default=0.0)
        if score > best:
            best, why = score, source
    return best, why, number


def _alike(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1: letter by letter, or because one holds all words of the other."""
    a, b = _words(re.sub(r"([a-zа-я])([A-ZА-Я])", r"\1 \2", one)), _words(other)
    if not a or not b:
        return 0.0
    if a == b:
        return 0.98
    # Letters in common bound the ratio; most pairs need no more.
    matcher = SequenceMatcher(None, " ".join(a)[:80], " ".join(b)[:80], autojunk=False)
    alike = 0.0
    if matcher.real_quick_ratio() >= _ENOUGH and matcher.quick_ratio() >= _ENOUGH:
        alike = matcher.ratio()
    return max(alike, _held(a, b))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.replace("_", " ").casefold())


def _held(few: Sequence[str], many: Sequence[str]) -> float:
    """0.8 and more if all words of a text stand in another, in whatever form; one word says too little."""
    few, many = ([word for word in words if len(word) > 2] for words in (few, many))
    if len(few) < 2 or not all(any(_akin(word, other) for other in many) for word in few):
        return 0.0
    return 0.8 + 0.1 * min(1.0, len(few) / len(many))


def _akin(one: str, other: str) -> bool:
    """Whether two words are forms of the same: they begin alike, and differ in their endings only."""
    both = min(len(one), len(other))
    same = next((place for place in range(both) if one[place] != other[place]), both)
    return same >= max(3, 0.6 * max(len(one), len(other)))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:59] + "…"


def _quoted(text: str) -> str:
    """A text as YAML and JSON read it alike."""
    return canonical(text)
