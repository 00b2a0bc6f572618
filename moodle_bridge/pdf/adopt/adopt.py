"""Take a form that somebody brought (Acrobat, LibreOffice, Word) as a template.

The file is hostile until shown otherwise: it is read in a process of its own with limits on memory,
time and size (:mod:`moodle_bridge.pdf.adopt.isolated`), and what comes back is a new file written by
that process, not the one that was brought.
"""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moodle_bridge import languages, resources
from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.errors import (
    AdoptError,
    FormDamaged,
    FormPageSize,
    FormProtected,
    FormTooLarge,
    FormUnmapped,
    FormWithoutFields,
    MappingError,
)
from moodle_bridge.pdf.adopt.sample import sample_header
from moodle_bridge.pdf.fill.fill import Filled, fill
from moodle_bridge.pdf.program.flatten import output_profile
from moodle_bridge.pdf.program.load import adopted_name, template_name
from moodle_bridge.pdf.template.form_html import export_value
from moodle_bridge.plain_json import JsonObject

MOST_BYTES = 10 * 1024 * 1024
MEMORY = 290 * 1024 * 1024
"""Address space of the reading process, in bytes."""
SECONDS = 20
FEET = ("auto", "bottom", "top", "below")
"""Where the foot of a document may go: into a free strip, to the bottom, to the top, or on added paper."""
_CAUSES: Mapping[str, type[AdoptError]] = {
    "damaged": FormDamaged,
    "fields": FormWithoutFields,
    "format": FormDamaged,
    "kind": MappingError,
    "large": FormTooLarge,
    "library": FormProtected,
    "mapping": FormUnmapped,
    "password": FormProtected,
    "size": FormPageSize,
    "xfa": FormWithoutFields,
}


@dataclass(frozen=True, slots=True)
class Adopted:
    """A template made of a brought form, and what is to be said about it.

    ``missing`` items have no field and go to the annex of each document; ``unknown`` fields stay as they
    were; ``left`` was on the form and is not on documents; ``feet`` says page by page where the foot stands;
    ``obstacles`` keep the documents from being PDF/A, and ``validated`` says that a validator found no other.
    """

    template: bytes
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    repaired: tuple[str, ...]
    left: tuple[str, ...]
    feet: tuple[str, ...]
    warnings: tuple[str, ...]
    fonts: tuple[str, ...]
    obstacles: tuple[str, ...]
    validated: bool


@dataclass(frozen=True, slots=True)
class InspectedField:
    """One field of a form as it was brought; lengths in points, from the page's upper left corner."""

    number: int
    name: str
    kind: str
    page: int
    left: int
    top: int
    width: int
    height: int
    state: str
    options: tuple[tuple[str, str], ...]
    cells: int
    multiline: bool
    tooltip: str
    value: str
    read_only: bool
    label: str


def inspect(data: bytes, instrument: Instrument, language: str) -> tuple[tuple[InspectedField, ...], bytes]:
    """The fields of a form, and a PDF of it with every field framed and numbered."""
    answer = _read_apart(data, _job(instrument, language, {}) | {"task": "inspect"})
    fields = [
        InspectedField(**(entry | {"options": tuple((a, b) for a, b in entry["options"])}))
        for entry in answer["fields"]
    ]
    return tuple(fields), base64.b64decode(answer["picture"])


def adopt(
    data: bytes,
    instrument: Instrument,
    language: str,
    mapping: Mapping[str, Any] | None = None,
    *,
    foot: str = "auto",
) -> Adopted:
    """Read a form and make a template of it.

    ``mapping`` has two parts: ``fields`` leads from the form's names to ours (``item``,
    ``item.code`` for a check box of a choice, ``table.rN.column``), ``states`` from an item to the
    states of its buttons: ``{"fields": {"Text1": "next_step"}, "states": {"sa_plan": {"Choice1": "1"}}}``.
    ``foot`` is one of :data:`FEET`. Raises :class:`AdoptError` with the reason if the form cannot be used,
    :class:`MappingError` if the mapping names what there is not.
    """
    names = known_names(instrument)
    _refuse_strange_mapping(mapping or {}, names, known_states(instrument))
    _refuse_strange_rows(mapping or {}, instrument)
    job = _job(instrument, language, mapping or {}) | {"foot": foot}
    answer = _read_apart(data, job)
    validated = False
    if not answer["obstacles"]:
        found = broken_rules(base64.b64decode(answer["template"]), instrument, language)
        validated = found == []
        if found:
            answer = _read_apart(data, job | {"obstacles": found})
    found_names = set(answer["matched"])
    missing = [item.id for item in instrument.items if not _has_field(item, found_names)]
    return Adopted(
        template=base64.b64decode(answer["template"]),
        matched=tuple(answer["matched"]),
        missing=tuple(missing),
        unknown=tuple(answer["unknown"]),
        repaired=tuple(answer["repaired"]),
        left=tuple(answer["left"]),
        feet=tuple(answer["feet"]),
        warnings=tuple(answer["warnings"]),
        fonts=tuple(answer["fonts"]),
        obstacles=tuple(answer["obstacles"]),
        validated=validated,
    )


def _job(instrument: Instrument, language: str, mapping: Mapping[str, Any]) -> dict[str, Any]:
    profile = output_profile(resources.templates_dir() / language / template_name(instrument, "full"))
    return {
        "known": known_names(instrument),
        "states": known_states(instrument),
        "kinds": _kinds(instrument),
        "labels": labels_of(instrument, language),
        "options": option_labels(instrument, language),
        "language": language,
        "mapping": dict(mapping),
        "font": str(resources.templates_dir() / "fonts" / "SofiaSansForms-Regular.ttf"),
        "profile": base64.b64encode(profile).decode("ascii"),
    }


def filled_with(
    template: bytes, instrument: Instrument, language: str, answers: JsonObject, carried: JsonObject
) -> Filled:
    """A document of a template that is not kept anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / language / adopted_name(instrument, "full")
        path.parent.mkdir()
        path.write_bytes(template)
        return fill(
            instrument, language, "full", answers, carried, sample_header(language), adopted=Path(folder)
        )


def broken_rules(template: bytes, instrument: Instrument, language: str) -> list[str] | None:
    """Rules of PDF/A that a document of a template breaks; nothing can be said without the validator."""
    try:
        import pikepdf.pdfa  # noqa: F401 looked for here, used by another process
    except ImportError:
        return None
    document = filled_with(template, instrument, language, {}, {}).content
    done = _apart(_VALIDATE, document)
    if done is None:
        return ["the check of PDF/A takes longer than it may"]
    try:
        return [str(rule) for rule in json.loads(done.stdout)]
    except ValueError:
        return ["the check of PDF/A takes more memory than it may"]


def _refuse_strange_mapping(
    mapping: Mapping[str, Any], known: Collection[str], known_to: Mapping[str, Collection[str]]
) -> None:
    """A slip in the mapping would only show in documents, as answers on the annex."""
    for part, entries in mapping.items():
        if part not in ("fields", "states") or not isinstance(entries, dict):
            raise MappingError("the mapping has to hold the objects 'fields' and 'states' and nothing else")
    for name, target in mapping.get("fields", {}).items():
        if not isinstance(target, str) or re.sub(r"\.r[1-9]\d*\.", ".r*.", target) not in known:
            raise MappingError(
                f"the mapping leads {name!r} to {target!r}, which the instrument does not have"
            )
    for name, states in mapping.get("states", {}).items():
        if not isinstance(states, dict) or not all(isinstance(state, str) for state in states.values()):
            raise MappingError(f"the states of {name!r} in the mapping have to be an object of texts")
        expected = known_to.get(re.sub(r"\.r[1-9]\d*\.", ".r*.", name))
        if expected is None:
            raise MappingError(f"the mapping gives states to {name!r}, which is no question with buttons")
        for state, value in states.items():
            if value not in expected:
                raise MappingError(
                    f"the mapping makes the state {state!r} of {name!r} {value!r}; "
                    f"there are {', '.join(expected)}"
                )


def _refuse_strange_rows(mapping: Mapping[str, Any], instrument: Instrument) -> None:
    rows = {item.id: item.max_rows for item in instrument.items if item.columns}
    for name, target in mapping.get("fields", {}).items():
        table, _, rest = target.removeprefix("note.").partition(".r")
        row = rest.partition(".")[0]
        if row.isdigit() and 0 < rows.get(table, 0) < int(row):
            raise MappingError(f"the mapping leads {name!r} to row {row} of {table}, which has {rows[table]}")


def known_names(instrument: Instrument) -> list[str]:
    """Names that fields may have; ``table.r*.column`` stands for every row."""
    names = ["header.session", "header.course", "header.group", "header.respondent", "header.submitted"]
    names += ["header.version", "header.organisation", "header.logo"]
    for item in instrument.items:
        names += [item.id, f"note.{item.id}", f"carried.{item.id}"]
        names += [f"{item.id}.{export_value(option.value)}" for option in item.options]
        names += [f"{prefix}{item.id}.r*.{c.id}" for c in item.columns for prefix in ("", "note.")]
        names += [f"note.{item.id}.rows"] if item.columns else []
    return names


def known_states(instrument: Instrument) -> dict[str, list[str]]:
    """States that the buttons of an item may stand for; a check box alone may have any."""
    states = {}
    for item in instrument.items:
        for name, one in [(item.id, item), *((f"{item.id}.r*.{c.id}", c) for c in item.columns)]:
            if one.type == "yes_no":
                states[name] = ["yes", "no"]
            elif one.options:
                states[name] = [export_value(option.value) for option in one.options]
    return states


def kinds_for(item: Item) -> tuple[str, ...]:
    """Kinds of fields that can hold the answers of an item or column; a choice can stand in words, too."""
    typed = ("short_text", "long_text", "date", "number", "computed")
    return ("text", "combo", "list") if item.type in typed else ("radio", "check", "combo", "list", "text")


def _kinds(instrument: Instrument) -> dict[str, tuple[str, ...]]:
    """By name, ``table.r*.column`` for rows, what :func:`kinds_for` says."""
    kinds = {item.id: kinds_for(item) for item in instrument.items if not item.columns}
    for item in instrument.items:
        kinds |= {f"{item.id}.{export_value(option.value)}": ("check", "radio") for option in item.options}
        kinds |= {f"{item.id}.r*.{column.id}": kinds_for(column) for column in item.columns}
    return kinds


def labels_of(instrument: Instrument, language: str) -> dict[str, str]:
    """What is said before a field, by name; in rows ``{row}`` stands for the number."""
    words = languages.of(language).words
    heads = ("session", "course", "group", "respondent", "submitted", "version", "organisation")
    labels = {f"header.{name}": words[name] for name in heads}
    for item in instrument.items:
        label = labels[item.id] = item.label[language]
        labels[f"carried.{item.id}"] = f"{label} – {words['quoted']}"
        row = f"{label} – {words['number_sign'].format(number='{row}')}"
        labels.update({f"{item.id}.r*.{c.id}": f"{row}: {c.label[language]}" for c in item.columns})
    return labels


def option_labels(instrument: Instrument, language: str) -> dict[str, dict[str, str]]:
    """What the states of buttons stand for, by name of the field."""
    words = languages.of(language).words
    labels = {}
    for item in instrument.items:
        for name, one in [(item.id, item), *((f"{item.id}.r*.{c.id}", c) for c in item.columns)]:
            if one.type == "yes_no":
                labels[name] = {"yes": words["yes"], "no": words["no"]}
            elif one.options:
                labels[name] = {export_value(o.value): o.label[language] for o in one.options}
    return labels


def _has_field(item: Item, found: set[str]) -> bool:
    return item.id in found or any(name.startswith(f"{item.id}.") for name in found)


def _read_apart(data: bytes, job: Mapping[str, Any]) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise FormTooLarge(f"the form is larger than {MOST_BYTES // 1024 // 1024} MB")
    head = json.dumps(job).encode("utf-8")
    done = _apart(_START, len(head).to_bytes(4, "big") + head + data)
    if done is None:
        raise FormTooLarge(f"the form takes longer than {SECONDS} seconds to read")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        if done.returncode == -signal.SIGXCPU:
            raise FormTooLarge(f"the form takes longer than {SECONDS} seconds to read") from None
        if done.returncode < 0 or b"MemoryError" in done.stderr:
            raise FormTooLarge("the form takes too much memory or time to read") from None
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise AdoptError(
            f"the form cannot be read: {told[-1][:200] if told else 'its reader says nothing'}"
        ) from None
    if "refused" in answer:
        raise _CAUSES.get(str(answer.get("cause")), AdoptError)(str(answer["refused"]))
    return dict(answer)


def _apart(program: str, data: bytes) -> subprocess.CompletedProcess[bytes] | None:
    """Run a program of ours under limits; nothing if it takes too long."""
    command = [sys.executable, "-I", "-c", program, str(Path(__file__).resolve().parents[3])]
    try:
        return subprocess.run(  # noqa: S603 our own interpreter and module
            command,
            input=data,
            capture_output=True,
            timeout=SECONDS * 2,
            preexec_fn=_limit,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


_START = "import sys; sys.path.append(sys.argv[1]); from moodle_bridge.pdf.adopt.isolated import main; main()"
_VALIDATE = """
import io, json, sys
from pikepdf import pdfa
report = pdfa.validate_written(io.BytesIO(sys.stdin.buffer.read()), "3b")
print(json.dumps([f"rule {found.rule}: {found}"[:160] for found in report.findings[:8]]))
"""


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
