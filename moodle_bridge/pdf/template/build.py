"""Build the templates of all instruments and tell which of them are older than their sources.

A template's source is the authored form itself, the fonts and the compiler; their hash and the
template's own stand in ``manifest.json`` beside the templates. Building needs WeasyPrint (and so
Pango); checking does not.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moodle_bridge import pdf
from moodle_bridge.domain.answers.visibility import differs
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Variant
from moodle_bridge.errors import TemplateError, ToolsMissing
from moodle_bridge.pdf.template.acroform import compile_template
from moodle_bridge.pdf.template.form_html import Form, author
from moodle_bridge.resources import templates_dir

MANIFEST = "manifest.json"
_COMPILER = ("template/acroform.py", "template/locate.py", "template/shrink.py", "syntax/names.py")


@dataclass(frozen=True, slots=True)
class Target:
    """One template: ``name`` is its path under the templates' directory."""

    instrument: Instrument
    language: str
    variant: Variant

    @property
    def name(self) -> str:
        """``bg/mentee_initial.full.pdf``"""
        return f"{self.language}/{self.instrument.id}.{self.variant}.pdf"


def targets(catalogue: Catalogue) -> Iterator[Target]:
    """Every template there has to be: a mentor's copy only where it differs."""
    for language in catalogue.languages:
        for instrument in catalogue.instruments.values():
            yield Target(instrument, language, "full")
            if differs(instrument):
                yield Target(instrument, language, "mentor")


def build(chosen: Iterable[Target], directory: Path) -> Iterator[str]:
    """Build templates under ``directory`` and yield the name of each when it is written.

    Raises :class:`ToolsMissing` without WeasyPrint, :class:`TemplateError` if a form cannot be set.
    """
    try:
        import weasyprint  # type: ignore[import-untyped]
    except (ImportError, OSError) as error:
        raise ToolsMissing("WeasyPrint or its Pango is missing") from error
    if not (directory / "source").is_dir():
        raise TemplateError(f"{directory} has no sources: it has to be a copy of {templates_dir()}")
    manifest = read_manifest(directory)
    for target in chosen:
        form = author(target.instrument, target.language, target.variant, directory / "source")
        draft = io.BytesIO()
        weasyprint.HTML(string=form.html, base_url=f"{directory}/").write_pdf(
            draft, pdf_forms=True, pdf_variant="pdf/a-3b", pdf_tags=True
        )
        template = compile_template(draft.getvalue(), form, target.language)
        path = directory / target.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(template)
        manifest[target.name] = {
            "sha256": hashlib.sha256(template).hexdigest(),
            "source": source_hash(form, directory),
        }
        text = json.dumps(dict(sorted(manifest.items())), indent=1)
        (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")
        yield target.name


def stale(chosen: Iterable[Target], directory: Path) -> Iterator[tuple[str, str]]:
    """Name and reason of every template that has to be built again."""
    manifest = read_manifest(directory)
    for target in chosen:
        path, entry = directory / target.name, manifest.get(target.name)
        if entry is None or not path.is_file():
            yield target.name, "it was never built"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            yield target.name, "the file is not the one that was built"
        elif source_hash(_form(target, directory), directory) != entry["source"]:
            yield target.name, "its instrument, layout, fonts or compiler changed"


def read_manifest(directory: Path) -> dict[str, Any]:
    """What was built from which source; empty before the first build."""
    path = directory / MANIFEST
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def source_hash(form: Form, directory: Path) -> str:
    """SHA-256 over everything a template is made of."""
    digest = hashlib.sha256(form.html.encode("utf-8"))
    digest.update(repr(form.fields).encode("utf-8"))
    code = Path(pdf.__file__).parent
    for path in (*sorted((directory / "fonts").glob("*.ttf")), *(code / name for name in _COMPILER)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _form(target: Target, directory: Path) -> Form:
    return author(target.instrument, target.language, target.variant, directory / "source")
