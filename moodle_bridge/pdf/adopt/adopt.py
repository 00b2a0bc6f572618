"""Take a form that somebody brought (Acrobat, LibreOffice, Word) as a template.

The file is hostile until shown otherwise: it is read in a process of its own with limits on memory,
time and size (:mod:`moodle_bridge.pdf.adopt.worker`), and what comes back is a new file written by
that process, not the one that was brought.
"""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moodle_bridge import resources
from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.errors import AdoptError, MappingError
from moodle_bridge.pdf.program.flatten import output_profile
from moodle_bridge.pdf.program.load import template_path
from moodle_bridge.pdf.template.form_html import export_value
from moodle_bridge.pdf.text.phrases import WORDS

MOST_BYTES = 10 * 1024 * 1024
MEMORY = 290 * 1024 * 1024
"""Address space of the reading process, in bytes."""
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Adopted:
    """A template made of a brought form, and what is to be said about it.

    ``missing`` items have no field and go to the annex of each document; ``unknown`` fields stay
    empty; ``obstacles`` keep the documents from being PDF/A.
    """

    template: bytes
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    repaired: tuple[str, ...]
    fonts: tuple[str, ...]
    obstacles: tuple[str, ...]


def adopt(
    data: bytes, instrument: Instrument, language: str, mapping: Mapping[str, Any] | None = None
) -> Adopted:
    """Read a form and make a template of it.

    ``mapping`` has two parts: ``fields`` leads from the form's names to ours (``item``,
    ``item.code`` for a check box of a choice, ``table.rN.column``), ``states`` from an item to the
    states of its buttons: ``{"fields": {"Text1": "next_step"}, "states": {"sa_plan": {"Choice1": "1"}}}``.
    Raises :class:`AdoptError` with the reason if the form cannot be used, :class:`MappingError` if the
    mapping names what there is not.
    """
    if len(data) > MOST_BYTES:
        raise AdoptError(f"the form is larger than {MOST_BYTES // 1024 // 1024} MB")
    names = known_names(instrument)
    _refuse_strange_mapping(mapping or {}, names)
    job = {
        "known": names,
        "states": known_states(instrument),
        "labels": labels_of(instrument, language),
        "options": option_labels(instrument, language),
        "language": language,
        "mapping": dict(mapping or {}),
        "font": str(resources.templates_dir() / "fonts" / "SofiaSansForms-Regular.ttf"),
        "profile": base64.b64encode(output_profile(template_path(instrument, language, "full"))).decode(
            "ascii"
        ),
    }
    answer = _read_apart(data, job)
    found = set(answer["matched"])
    missing = [item.id for item in instrument.items if not _has_field(item, found)]
    return Adopted(
        template=base64.b64decode(answer["template"]),
        matched=tuple(answer["matched"]),
        missing=tuple(missing),
        unknown=tuple(answer["unknown"]),
        repaired=tuple(answer["repaired"]),
        fonts=tuple(answer["fonts"]),
        obstacles=tuple(answer["obstacles"]),
    )


def _refuse_strange_mapping(mapping: Mapping[str, Any], known: Collection[str]) -> None:
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


def labels_of(instrument: Instrument, language: str) -> dict[str, str]:
    """What is said before a field, by name; in rows ``{row}`` stands for the number."""
    words = WORDS[language]
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
    words = WORDS[language]
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
    head = json.dumps(job).encode("utf-8")
    command = [sys.executable, "-I", "-c", _START, str(Path(__file__).resolve().parents[2])]
    try:
        done = subprocess.run(  # noqa: S603 our own interpreter and module
            command,
            input=len(head).to_bytes(4, "big") + head + data,
            capture_output=True,
            timeout=SECONDS * 2,
            preexec_fn=_limit,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AdoptError(f"the form takes longer than {SECONDS} seconds to read") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        reason = "takes too much memory or time to read" if done.returncode else "cannot be read"
        raise AdoptError(f"the form {reason}") from None
    if "refused" in answer:
        raise AdoptError(str(answer["refused"]))
    return dict(answer)


_START = "import sys; sys.path.append(sys.argv[1]); from moodle_bridge.pdf.adopt.worker import main; main()"


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
