"""Build the templates of all instruments; needs WeasyPrint and its Pango.

The SHA-256 of each stands in ``manifest.json`` beside the templates, for those who cannot build.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from moodle_bridge.domain.answers.visibility import differs
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Variant
from moodle_bridge.errors import TemplateError, ToolsMissing
from moodle_bridge.pdf.program.load import RECORDS, template_name
from moodle_bridge.pdf.template.acroform import compile_template
from moodle_bridge.pdf.template.form_html import author
from moodle_bridge.pdf.template.record_html import author_record
from moodle_bridge.pdf.template.same import same
from moodle_bridge.resources import templates_dir

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One template: ``name`` is its path under the templates' directory.

    From one source come the form to print and fill in by hand, and the record that documents are made of.
    """

    instrument: Instrument
    language: str
    variant: Variant
    record: bool = False

    @property
    def name(self) -> str:
        """``bg/mentee_initial.full.pdf`` or ``bg/record/mentee_initial.full.pdf``"""
        folder = f"{self.language}/{RECORDS}" if self.record else self.language
        return f"{folder}/{template_name(self.instrument, self.variant)}"


def targets(catalogue: Catalogue) -> Iterator[TemplateFile]:
    """Every template there has to be, of every version: a mentor's copy only where it differs."""
    for language in catalogue.languages:
        for instrument in catalogue.every():
            for record in (False, True):
                yield TemplateFile(instrument, language, "full", record)
                if differs(instrument):
                    yield TemplateFile(instrument, language, "mentor", record)


def build(chosen: Iterable[TemplateFile], directory: Path, *, every: bool = False) -> Iterator[str]:
    """Build templates under ``directory`` and yield the name of each that was written.

    Those that came out the same are written only if ``every`` one is asked for. Raises :class:`ToolsMissing`
    without WeasyPrint, :class:`TemplateError` if a form cannot be set.
    """
    manifest = read_manifest(directory)
    for target, template in _made(chosen, directory):
        path = directory / target.name
        as_built = path.is_file() and _hash(path) == manifest.get(target.name)
        if as_built and not every and same(template, path.read_bytes()):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(template)
        manifest[target.name] = hashlib.sha256(template).hexdigest()
        text = json.dumps(dict(sorted(manifest.items())), indent=1)
        (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")
        yield target.name


def stale(chosen: Iterable[TemplateFile], directory: Path) -> Iterator[tuple[str, str]]:
    """Name and reason of every template that is not what its sources make; builds anew what was built.

    Raises as :func:`build` does.
    """
    chosen = list(chosen)
    odd = dict(altered(chosen, directory))
    yield from odd.items()
    for target, template in _made([each for each in chosen if each.name not in odd], directory):
        if not same(template, (directory / target.name).read_bytes()):
            yield target.name, "its sources make another one"


def altered(chosen: Iterable[TemplateFile], directory: Path) -> Iterator[tuple[str, str]]:
    """Name and reason of every template that is not the file that was built; builds nothing."""
    manifest = read_manifest(directory)
    for target in chosen:
        path = directory / target.name
        if target.name not in manifest or not path.is_file():
            yield target.name, "it was never built"
        elif _hash(path) != manifest[target.name]:
            yield target.name, "the file is not the one that was built"


def read_manifest(directory: Path) -> dict[str, str]:
    """The SHA-256 of every template that was built; empty before the first build."""
    path = directory / MANIFEST
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _made(chosen: Iterable[TemplateFile], directory: Path) -> Iterator[tuple[TemplateFile, bytes]]:
    """Templates made of their sources, one a processor at a time."""
    try:
        import weasyprint  # type: ignore[import-untyped] # noqa: F401 looked for here, used by other processes
    except (ImportError, OSError) as error:
        raise ToolsMissing("WeasyPrint or its Pango is missing") from error
    if not (directory / "source").is_dir():
        raise TemplateError(f"{directory} has no sources: it has to be a copy of {templates_dir()}")
    chosen = list(chosen)
    # WeasyPrint leaves copies of fonts behind where a process ends as those of a pool do.
    with (
        tempfile.TemporaryDirectory(prefix="moodle-bridge-") as scratch,
        ProcessPoolExecutor(
            os.cpu_count(),
            mp_context=get_context("fork"),
            initializer=partial(setattr, tempfile, "tempdir", scratch),
        ) as pool,
    ):
        yield from zip(chosen, pool.map(partial(_make, directory), chosen), strict=True)


def _make(directory: Path, target: TemplateFile) -> bytes:
    import weasyprint

    write = author_record if target.record else author
    form = write(target.instrument, target.language, target.variant, directory / "source")
    draft = io.BytesIO()
    weasyprint.HTML(string=form.html, base_url=f"{directory}/").write_pdf(
        draft, pdf_forms=True, pdf_variant="pdf/a-3b", pdf_tags=True
    )
    return compile_template(draft.getvalue(), form, target.language, numbered=not target.record)
