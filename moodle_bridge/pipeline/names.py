"""Names and identities of documents. Pure; the same document has the same name and id every time."""

from __future__ import annotations

import re
import uuid

from moodle_bridge import languages
from moodle_bridge.domain.instrument.model import Instrument, Variant

LONGEST = 200
"""Bytes, so also characters: the contract allows 200, file systems 255 bytes."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]+')
_UNSEEN = re.compile("[\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
"""Invisible characters and bidirectional controls, which can reverse the rest of a name, its ending too."""


def document_id(submission: str, variant: Variant, language: str) -> str:
    """UUIDv5 of variant and language within the submission (contract, Identity)."""
    return str(uuid.uuid5(uuid.UUID(submission), f"{variant}/{language}"))


def filename(
    instrument: Instrument,
    *,
    language: str,
    variant: Variant,
    session_number: int,
    group_name: str,
    respondent_name: str,
    version: int,
) -> str:
    """A name that people can read and sort: ``S01 Моите цели – Юлия Ангелова – Група А – v1.pdf``."""
    words = languages.of(language).words
    copy = f" ({words['file_mentor_copy']})" if variant == "mentor" else ""
    end = f" – {words['file_version'].format(version=version)}{copy}.pdf"
    parts = [f"S{session_number:02d} {instrument.title[language]}", respondent_name, group_name]
    start = " – ".join(filter(None, map(_plain, parts)))
    room = LONGEST - len(end.encode())
    return start.encode()[:room].decode(errors="ignore").rstrip() + end


def _plain(text: str) -> str:
    whole = text.encode(errors="replace").decode()  # half of a surrogate pair is no text
    return " ".join(_UNSAFE.sub(" ", _UNSEEN.sub("", whole)).split())
