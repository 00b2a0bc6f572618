"""Verify an archived document: the file, its attached data, and what it shows belong together.

Reads with pypdf only what our own writer makes; a file that is anything else fails the checks.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from moodle_bridge import languages
from moodle_bridge.contract import faults
from moodle_bridge.domain.instrument.model import Catalogue, Instrument
from moodle_bridge.errors import VerifyError
from moodle_bridge.pdf.fill.record_proof import chosen_steps, dots_of
from moodle_bridge.pdf.fill.values import shown
from moodle_bridge.pdf.program.load import load
from moodle_bridge.pdf.program.program import Program
from moodle_bridge.pdf.program.record import RecordTemplate
from moodle_bridge.pdf.syntax.conventions import ATTACHMENT, DISC, TICK
from moodle_bridge.pdf.syntax.graph import Node
from moodle_bridge.pdf.syntax.metadata import as_3b, claims_3a
from moodle_bridge.pdf.text.cells import in_cells
from moodle_bridge.plain_json import canonical

SCHEMA = "attached"
_SPACES = re.compile(r"[\s\x00-\x1f]")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``detail`` says what was found, never an answer."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """All checks of a file and what it says it is."""

    document: str
    sha256: str
    answers_sha256: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def verify(
    data: bytes,
    catalogue: Catalogue,
    expected_sha256: str | None = None,
    *,
    templates: Path | None = None,
    adopted: Path | None = None,
) -> Verified:
    """Check a file against itself and, if given, against the hash in its receipt.

    Raises :class:`VerifyError` if the file is no document of ours at all.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        attached = _attached(reader)
        pages = [page.extract_text() for page in reader.pages]
        contents = [_content(page) for page in reader.pages]
    except Exception as error:  # pypdf raises anything that Python has when a file is broken
        if b"%PDF-" not in data[:1024]:
            raise VerifyError("the file is no PDF") from error
        raise VerifyError("the file is no document of this service, or is broken") from error
    answers = canonical({"answers": attached.get("answers"), "carried": attached.get("carried")})
    answers_sha256 = hashlib.sha256(answers.encode()).hexdigest()
    sha256 = hashlib.sha256(data).hexdigest()
    checks = [_file(sha256, expected_sha256), _schema(attached)]
    if checks[-1].passed:
        checks.append(_printed(pages, attached, answers_sha256))
        checks.append(_visible(pages, contents, attached, catalogue, _template(reader), templates, adopted))
    return Verified(str(attached.get("document", "")), sha256, answers_sha256, tuple(checks))


def archival(data: bytes) -> Check:
    """The check against all of PDF/A-3b, or of PDF/A-3a and PDF/UA-1 for a document that claims these.

    Raises :class:`ImportError` where a validator is not installed.
    """
    import page
    from pikepdf import pdfa

    broken = {finding.rule for finding in pdfa.validate_written(io.BytesIO(as_3b(data)), "3b").findings}
    name = "PDF/A-3b"
    if claims_3a(data):
        name = "PDF/A-3a, PDF/UA-1"
        for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
            report = page.validate_pdf_bytes(data, profile=profile)
            broken |= {failure.rule_id for failure in report.failures}
    if not broken:
        return Check(name, True, "breaks none of the rules")
    return Check(name, False, f"breaks {', '.join(sorted(broken)[:5])}")


def attached_document(data: bytes) -> str:
    """The id that a document bears; "" if it has none."""
    try:
        return str(_attached(PdfReader(io.BytesIO(data)))["document"])
    except Exception:  # as above; `verify` says what is wrong with the file
        return ""


def _attached(reader: PdfReader) -> dict[str, Any]:
    return dict(json.loads(reader.attachments[ATTACHMENT][0]))


def _file(sha256: str, expected: str | None) -> Check:
    if expected is None:
        return Check("file", True, f"SHA-256 {sha256}; no receipt to compare with")
    if sha256 == expected.lower():
        return Check("file", True, f"SHA-256 {sha256} as in the receipt")
    return Check("file", False, f"SHA-256 {sha256}, but the receipt says {expected.lower()}")


def _schema(attached: Any) -> Check:
    wrong = faults(SCHEMA, attached)
    if wrong:
        return Check("attached data", False, f"breaks its schema: {wrong[0]}")
    return Check("attached data", True, "as its schema asks")


def _printed(pages: list[str], attached: Mapping[str, Any], answers_sha256: str) -> Check:
    """Every page bears the document's id, the hash of the attached answers and its own number."""
    words = languages.of(attached["language"]).words["page"]
    for number, page in enumerate(pages, 1):
        line = _SPACES.sub("", page[-400:])
        found = _HASH.findall(line)
        if attached["document"] not in line:
            return Check("printed identity", False, f"page {number} does not bear the document's id")
        if not found or found[-1] != answers_sha256:
            return Check("printed identity", False, f"page {number} bears the hash of other answers")
        if _SPACES.sub("", words.format(page=number, pages=len(pages))) not in line:
            return Check("printed identity", False, f"page {number} is numbered otherwise: pages are missing")
    return Check("printed identity", True, f"{len(pages)} pages bear id, number and hash {answers_sha256}")


def _visible(
    pages: list[str],
    contents: list[bytes],
    attached: Mapping[str, Any],
    catalogue: Catalogue,
    template: str,
    templates: Path | None,
    adopted: Path | None,
) -> Check:
    """Every typed answer stands on the pages, letter for letter after the documented cleaning."""
    instrument = catalogue.version(attached["instrument"], attached["instrument_version"])
    if instrument is None or attached["language"] not in instrument.title:
        named = f"{attached['instrument']} {attached['instrument_version']} in {attached['language']!r}"
        return Check("visible answers", False, f"the instrument {named} is not known here")
    body = _SPACES.sub("", "".join(_without_foot(page) for page in pages))
    program = load(instrument, attached["language"], attached["variant"], templates, adopted)
    if isinstance(program, RecordTemplate):
        return _recorded(
            body, attached, instrument, program, contents if template == program.identity else None
        )
    cleaner = program.face.cleaner
    names, marks, total = [], 0, 0
    language, variant = attached["language"], attached["variant"]
    answers, carried = attached["answers"], attached["carried"]
    for answer in shown(instrument, language, variant, answers, carried, program.rows_of):
        if answer.parts:
            marks += sum(1 for state, _ in answer.parts if _has_button(program, answer.name, state))
        elif answer.text:
            total += 1
            cells = {slot.comb for slot in program.texts.get(answer.name, ()) if slot.comb} or {0}
            texts = {in_cells(answer.text, count) for count in cells}
            if not all(_SPACES.sub("", cleaner.clean(text, set())) in body for text in texts):
                names.append(answer.name)
    if names:
        return Check("visible answers", False, f"not on the pages: {', '.join(names[:5])}")
    if template == program.identity and body.count(TICK) + body.count(DISC) < marks:
        return Check("visible answers", False, f"fewer than {marks} marks stand on the pages")
    return Check("visible answers", True, f"{total} texts and {marks} marks stand on the pages")


def _recorded(
    body: str,
    attached: Mapping[str, Any],
    instrument: Instrument,
    record: RecordTemplate,
    contents: Sequence[bytes] | None,
) -> Check:
    """Every answer stands on the pages of a record, with the words of every choice and the dots of scales.

    ``contents`` is what the pages draw, if this very template made them: others have their dots elsewhere.
    """
    cleaner = record.face.cleaner
    names, total = [], 0
    language, variant = attached["language"], attached["variant"]
    answers = shown(instrument, language, variant, attached["answers"], attached["carried"], {})
    for answer in answers:
        texts = [label for _, label in answer.parts] or [answer.text]
        total += bool(answer.text)
        if not all(_SPACES.sub("", cleaner.clean(text, set())) in body for text in texts):
            names.append(answer.name)
    if names:
        return Check("visible answers", False, f"not on the pages: {', '.join(names[:5])}")
    if contents is None:
        return Check("visible answers", True, f"{total} texts stand on the pages")
    steps = chosen_steps(record, language, answers)
    dots = [x for content in contents for x, _ in dots_of(content)]
    if len(dots) != len(steps) or any(
        not 0 < x - step.x < step.radius for x, step in zip(dots, steps, strict=True)
    ):
        return Check("visible answers", False, "a scale shows another step than was chosen")
    return Check("visible answers", True, f"{total} texts and {len(dots)} steps stand on the pages")


def _has_button(program: Program, name: str, state: str) -> bool:
    return bool(program.marks.get(name, {}).get(state))


def _content(page: Node) -> bytes:
    found = page.get_contents()
    return b"" if found is None else bytes(found.get_data())


def _template(reader: PdfReader) -> str:
    """The first half of /ID: which template the document was made from."""
    identity: Node = reader.trailer.get("/ID")
    return bytes(identity[0].original_bytes).hex() if identity else ""


def _without_foot(page: str) -> str:
    """A page's text without the two lines at its foot, which the writer sets last."""
    return "\n".join(page.rstrip().split("\n")[:-2])
