"""Find and load compiled templates, each once per process.

``<language>/record/<instrument>.<variant>.pdf`` under the templates' directory makes the documents of the
newest version; an earlier one has its number in the name (``<instrument>.<version>.<variant>.pdf``). The form
to print, with all its boxes, has the same name under ``<language>/``. Where the mentor's copy does not
differ, the full template serves it too. A form that was adopted lies in the folder of adopted ones, or in
``adopted/`` beside ours as before, under ``<language>/``; it is named by the version that it was adopted for
and goes before the one we made.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from moodle_bridge import resources
from moodle_bridge.domain.answers.visibility import differs
from moodle_bridge.domain.instrument.model import Instrument, Variant
from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.program.dissolve import dissolve
from moodle_bridge.pdf.program.flatten import flatten
from moodle_bridge.pdf.program.program import Program
from moodle_bridge.pdf.program.record import RecordTemplate

RECORDS = "record"
"""The folder, in that of each language, of the templates that our documents are made of."""
_LOADED: dict[tuple[Path, int, int], Program | RecordTemplate] = {}
_LOADING = threading.Lock()
_RECENT: dict[
    tuple[str, str, str, Variant, Path | None, Path | None],
    tuple[Instrument, float, Program | RecordTemplate],
] = {}
_LOOK_AGAIN = 2.0
"""Seconds after which a template that was adopted or built anew is noticed."""


def template_name(instrument: Instrument, variant: Variant) -> str:
    """The file's name: the newest version's is plain, so that it stays when an earlier one is kept beside."""
    return f"{instrument.id}.{variant}.pdf" if instrument.current else adopted_name(instrument, variant)


def adopted_name(instrument: Instrument, variant: Variant) -> str:
    """The name of an adopted form: its fields are those of one version."""
    return f"{instrument.id}.{instrument.version}.{variant}.pdf"


def template_path(
    instrument: Instrument,
    language: str,
    variant: Variant,
    directory: Path | None = None,
    adopted: Path | None = None,
) -> Path:
    """The template that documents of a variant are made of; raises :class:`TemplateError` if there is none.

    ``directory`` holds what was built, ours if none is named; ``adopted`` what was brought, and goes before.
    """
    root = directory or resources.templates_dir()
    needed = variant if differs(instrument) else "full"
    name = adopted_name(instrument, needed)
    brought = [folder / language / name for folder in (adopted, root / "adopted") if folder is not None]
    for path in (*brought, root / language / RECORDS / template_name(instrument, needed)):
        if path.is_file():
            return path
    raise TemplateError(
        f"no {needed} template of {instrument.id} {instrument.version} in {language!r} under {root}",
        instrument=instrument.id,
    )


def load(
    instrument: Instrument,
    language: str,
    variant: Variant,
    directory: Path | None = None,
    adopted: Path | None = None,
) -> Program | RecordTemplate:
    """The program of a form that was brought, or our record.

    Looked up on disk at most every few seconds, parsed when it changed.
    """
    key = (instrument.id, instrument.version, language, variant, directory, adopted)
    recent = _RECENT.get(key)
    if recent is not None and recent[0] is instrument and time.monotonic() < recent[1]:
        return recent[2]
    program = _parsed(template_path(instrument, language, variant, directory, adopted))
    _RECENT[key] = (instrument, time.monotonic() + _LOOK_AGAIN, program)
    return program


def _parsed(path: Path) -> Program | RecordTemplate:
    state = path.stat()
    key = (path, state.st_mtime_ns, state.st_size)
    program = _LOADED.get(key)
    if program is None:
        with _LOADING:
            program = _LOADED.get(key)
            if program is None:
                for old in [other for other in _LOADED if other[0] == path]:
                    del _LOADED[old]
                take = dissolve if path.parent.name == RECORDS else flatten
                program = _LOADED[key] = take(path.read_bytes())
    return program
