"""Telling Moodle what is wrong with a submission, in words its people understand, and taking it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from moodle_bridge.domain.answers.check import Problem
from moodle_bridge.pipeline.context import Context
from moodle_bridge.store import records
from moodle_bridge.store.engine import write
from moodle_bridge.store.records import Record

CORRECTION = {
    "title": {
        "bg": "Формулярът се нуждае от поправка",
        "en": "The form needs a correction",
    },
    "remedy": {
        "bg": "Моля, поправете отбелязаното във формуляра и го подайте отново. Написаното е запазено.",
        "en": "Please correct what is marked in the form and submit it again. Nothing you wrote is lost.",
    },
}
FAILED = {
    "bg": "Документът не можа да бъде създаден",
    "en": "The document could not be made",
}


def ask_for_correction(
    context: Context, submission: Record, messages: Mapping[str, Sequence[Problem]]
) -> None:
    """Reopen a submission for its author; ``messages`` are the same problems in each language."""
    items = [
        {
            "item": problem.item,
            "row": problem.row,
            "column": problem.column or None,
            "code": problem.code,
            "message": {language: found[place].message for language, found in messages.items()},
        }
        for place, problem in enumerate(messages[submission["language"]])
    ]
    _report(context, submission, "open", "needs_correction", "answers", {**CORRECTION, "items": items})


def failed(context: Context, submission: Record, code: str, remedy: Mapping[str, str]) -> None:
    """Show that a document could not be made, and what can be done about it."""
    content = {"title": FAILED, "remedy": dict(remedy), "items": []}
    _report(context, submission, "open", "failed", code, content)


def solve(context: Context, submission: Record) -> None:
    """Take back whatever was reported of a submission: its documents are stored."""
    nothing = {"title": {"bg": "", "en": ""}, "remedy": {"bg": "", "en": ""}, "items": []}
    for kind in ("needs_correction", "failed"):
        if records.pushed_last(context.engine, submission["session"], _target(submission, kind)) is not None:
            _report(context, submission, "solved", kind, "", nothing)


def _target(submission: Record, kind: str) -> str:
    return f"problem/{submission['id']}/{kind}"


def _report(
    context: Context, submission: Record, state: str, kind: str, code: str, content: Mapping[str, Any]
) -> None:
    """Tell Moodle once: what it holds already is not said again."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{state}\n{code}\n{text}".encode()).hexdigest()
    session, target = submission["session"], _target(submission, kind)
    if not records.needs_push(context.engine, session, target, digest):
        return
    context.connect().report_problem(
        session=session, submission=submission["id"], state=state, kind=kind, code=code, content=text
    )
    with write(context.engine) as connection:
        records.was_pushed(connection, session, target, digest, 0)
