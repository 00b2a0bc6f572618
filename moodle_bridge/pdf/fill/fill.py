"""Fill a form: answers in, one flat, tagged, archival PDF out. Needs only Python.

:func:`fill` is the engine's whole public face: it drops what the variant must not show, and has the document
made, of the strips of our record or in the boxes of a form that was brought. The same input gives the same
bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from moodle_bridge import languages
from moodle_bridge.domain.answers.visibility import visible
from moodle_bridge.domain.instrument.model import Instrument, SessionKind, Variant
from moodle_bridge.pdf.fill import writer
from moodle_bridge.pdf.fill.make import Asked, brought, record
from moodle_bridge.pdf.fill.values import date_of
from moodle_bridge.pdf.program.load import load
from moodle_bridge.pdf.program.record import RecordTemplate
from moodle_bridge.pdf.syntax.images import read_image
from moodle_bridge.plain_json import JsonObject, canonical
from moodle_bridge.zones import zone

SCHEMA = "moodle-bridge/attached/1"


@dataclass(frozen=True, slots=True)
class Header:
    """What is printed on every document and kept in its data.

    ``submitted_at`` is UTC epoch seconds; it is also the PDF's creation time. ``version`` counts the
    submissions of one form. ``logo`` is a PNG or JPEG file. ``incomplete`` marks a form that was
    archived although problems remained.
    """

    document: str
    submission: str
    session: str
    session_name: str
    session_number: int
    session_kind: SessionKind
    course_name: str
    group_name: str
    respondent_name: str
    respondent_role: Literal["mentee", "mentor", "coordinator"]
    version: int
    submitted_at: int
    timezone: str = "Europe/Sofia"
    organisation: str = ""
    logo: bytes | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A finished document and what is worth knowing about it.

    ``annexed`` are the fields that continue on annex pages, ``replaced`` the code points that the
    font lacks, as ``U+1F600``.
    """

    content: bytes
    sha256: str
    answers_sha256: str
    pages: int
    annexed: tuple[str, ...]
    replaced: tuple[str, ...]


def fill(
    instrument: Instrument,
    language: str,
    variant: Variant,
    answers: JsonObject,
    carried: JsonObject,
    header: Header,
    *,
    templates: Path | None = None,
    adopted: Path | None = None,
) -> Filled:
    """Make the document of one variant of a submission.

    ``templates`` and ``adopted`` are the folders of what was built, by default ours, and of what was brought.
    Raises :class:`TemplateError` if there is no usable template and :class:`FillError` if the
    document fails its own check.
    """
    program = load(instrument, language, variant, templates, adopted)
    answers, carried = visible(instrument, variant, answers, carried)
    attached, data = _attached(instrument, language, variant, answers, carried, header)
    answers_sha256 = hashlib.sha256(data).hexdigest()
    words = languages.of(language).words
    document = writer.Particulars(
        title=_title(instrument, language, header),
        author=header.respondent_name,
        identifier=header.document,
        seconds=header.submitted_at,
        attached=attached,
        foot=_foot(instrument, language, header, answers_sha256),
        page_words=words["page"],
        logo=read_image(header.logo) if header.logo else None,
        logo_words=": ".join(part for part in (words["logo"], header.organisation) if part),
    )
    asked = Asked(instrument, language, variant, answers, carried, _facts(header, language, variant))
    made = (
        record(program, asked, document)
        if isinstance(program, RecordTemplate)
        else brought(program, asked, document)
    )
    digest = program.digest.copy()
    digest.update(memoryview(made.content)[len(program.prefix) :])
    return Filled(
        content=made.content,
        sha256=digest.hexdigest(),
        answers_sha256=answers_sha256,
        pages=made.pages,
        annexed=made.annexed,
        replaced=tuple(sorted(made.replaced)),
    )


def _attached(
    instrument: Instrument,
    language: str,
    variant: Variant,
    answers: JsonObject,
    carried: JsonObject,
    header: Header,
) -> tuple[bytes, bytes]:
    """The attached JSON, and the canonical answers whose hash is printed.

    ``answers`` and ``carried`` sort before every other key, so the canonical answers are the beginning of
    the file and everything else follows them.
    """
    data = canonical({"answers": answers, "carried": carried}).encode()
    others = canonical(
        {
            "document": header.document,
            "instrument": instrument.id,
            "instrument_version": instrument.version,
            "language": language,
            "respondent": {"name": header.respondent_name, "role": header.respondent_role},
            "schema": SCHEMA,
            "session": header.session,
            "session_kind": header.session_kind,
            "session_name": header.session_name,
            "session_number": header.session_number,
            "submission": header.submission,
            "submission_version": header.version,
            "submitted_at": header.submitted_at,
            "variant": variant,
        }
    ).encode()
    return data[:-1] + b"," + others[1:], data


def _facts(header: Header, language: str, variant: Variant) -> dict[str, str]:
    """The texts of the form's head, by field name."""
    words = languages.of(language).words
    version = [str(header.version), words["full" if variant == "full" else "mentor_copy"]]
    if header.incomplete:
        version.append(words["incomplete"])
    return {
        "header.organisation": header.organisation,
        "header.session": _session(header, words),
        "header.course": header.course_name,
        "header.group": header.group_name,
        "header.respondent": f"{header.respondent_name}, {words[header.respondent_role]}",
        "header.submitted": _moment(header.submitted_at, header.timezone, language),
        "header.version": " · ".join(version),
    }


def _session(header: Header, words: Mapping[str, str]) -> str:
    """Number, name and kind of the session; a name that says the kind is not followed by it again."""
    number, kind = words["number_sign"].format(number=header.session_number), words[header.session_kind]
    says_kind = kind.split()[0] in header.session_name.casefold()
    return " · ".join([number, header.session_name] if says_kind else [number, header.session_name, kind])


def _moment(seconds: int, timezone: str, language: str) -> str:
    local = datetime.fromtimestamp(seconds, zone(timezone))
    date = date_of(local.year, local.month, local.day, language)
    offset = local.strftime("%z")
    shift = f"UTC{offset[:3]}:{offset[3:5]}" if int(offset) else "UTC"
    return f"{languages.of(language).moment(date, local.hour, local.minute)} ({shift})"


def _title(instrument: Instrument, language: str, header: Header) -> str:
    return f"{instrument.title[language]} – {header.respondent_name} – {header.session_name}"


def _foot(instrument: Instrument, language: str, header: Header, answers_sha256: str) -> tuple[str, str]:
    """The two lines at the foot of every page."""
    words = languages.of(language).words
    first = [
        f"{instrument.title[language]} {instrument.version}",
        words["foot_session"].format(number=header.session_number),
        header.group_name,
        header.respondent_name,
        words["foot_version"].format(version=header.version),
    ]
    second = words["identity"].format(document=header.document, hash=answers_sha256)
    return " · ".join(part for part in first if part), second
