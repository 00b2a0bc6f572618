"""Which variants of a document a submission yields, and whether all of them stand in Moodle."""

from __future__ import annotations

from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Variant
from moodle_bridge.store import documents, records
from moodle_bridge.store.engine import Source


def variants(instrument: Instrument) -> tuple[Variant, ...]:
    """*full* for author and coordinator, and a *mentor* copy unless a mentor wrote it."""
    return ("full",) if instrument.respondent == "mentor" else ("full", "mentor")


def is_archived(source: Source, catalogue: Catalogue, submission_id: str) -> bool:
    """Whether every document that the submission yields is stored in its session."""
    submission = records.submission(source, submission_id)
    instrument = (
        catalogue.version(submission.instrument, submission.instrument_version) if submission else None
    )
    if instrument is None:
        return False
    stored = {
        document.variant
        for document in documents.documents(source, submission=submission_id)
        if document.stored_at is not None
    }
    return stored.issuperset(variants(instrument))
