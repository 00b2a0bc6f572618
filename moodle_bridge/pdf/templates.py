"""Find and load compiled templates, each once per process.

``<language>/<instrument>.<variant>.pdf`` under the templates' directory; where the mentor's copy
does not differ, the full template serves it too. A form that was adopted lies in ``adopted/`` there
and goes before the one we made.
"""

from __future__ import annotations

import threading
from pathlib import Path

from moodle_bridge import resources
from moodle_bridge.domain.instruments import Instrument, Variant
from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.flatten import flatten
from moodle_bridge.pdf.program import Program
from moodle_bridge.pdf.values import differs

_LOADED: dict[tuple[Path, int, int], Program] = {}
_LOADING = threading.Lock()


def template_path(
    instrument: Instrument, language: str, variant: Variant, directory: Path | None = None
) -> Path:
    """The template of a variant; raises :class:`TemplateError` if there is none."""
    root = directory or resources.templates_dir()
    needed = variant if differs(instrument) else "full"
    for folder in (root / "adopted" / language, root / language):
        path = folder / f"{instrument.id}.{needed}.pdf"
        if path.is_file():
            return path
    raise TemplateError(
        f"no {needed} template of {instrument.id} in {language!r} under {root}", instrument=instrument.id
    )


def load(instrument: Instrument, language: str, variant: Variant, directory: Path | None = None) -> Program:
    """The program of a template; parsed again only when the file has changed."""
    path = template_path(instrument, language, variant, directory)
    state = path.stat()
    key = (path, state.st_mtime_ns, state.st_size)
    program = _LOADED.get(key)
    if program is None:
        with _LOADING:
            program = _LOADED.get(key)
            if program is None:
                program = _LOADED[key] = flatten(path.read_bytes())
    return program
