"""Our own forms to print, as somebody could bring them: filled in their boxes, with an annex."""

from __future__ import annotations

import shutil
from pathlib import Path

from moodle_bridge.domain.instrument.model import Instrument, Variant
from moodle_bridge.pdf.program.flatten import flatten
from moodle_bridge.pdf.program.load import adopted_name, template_name
from moodle_bridge.pdf.program.program import Program
from moodle_bridge.resources import templates_dir


def printed(instrument: Instrument, language: str = "bg", variant: Variant = "full") -> Path:
    """The form to print."""
    return templates_dir() / language / template_name(instrument, variant)


def program_of(instrument: Instrument) -> Program:
    """What fills the form to print."""
    return flatten(printed(instrument).read_bytes())


def bring(folder: Path, *instruments: Instrument, variant: Variant = "full") -> Path:
    """A folder of brought forms that holds ours, in Bulgarian."""
    for instrument in instruments:
        target = folder / "bg" / adopted_name(instrument, variant)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(printed(instrument, variant=variant), target)
    return folder
