"""Telling Moodle what is wrong with a submission, in words its people understand, and taking it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from moodle_bridge import languages
from moodle_bridge.contract.records import SubmissionRecord
from moodle_bridge.domain.answers.check import Problem
from moodle_bridge.pipeline.context import Context
from moodle_bridge.plain_json import Json, JsonObject
from moodle_bridge.remedies import remedy_of
from moodle_bridge.store import pushed
from moodle_bridge.store.engine import write

_WITH_REASON = frozenset(
    {
        "moodle-upload-limit",
        "moodle-refused",
        "moodle-token",
        "moodle-garbled",
        "template",
        "fill",
        "instrument-version",
        "internal",
    }
)
"""Codes of failures whose reason has words of its own."""


def ask_for_correction(
    context: Context, submission: SubmissionRecord, messages: Mapping[str, Sequence[Problem]]
) -> None:
    """Reopen a submission for its author; ``messages`` are the same problems in each language."""
    items: list[Json] = [
        {
            "item": problem.item,
            "row": problem.row,
            "column": problem.column or None,
            "code": problem.code,
            "message": {language: found[place].message for language, found in messages.items()},
        }
        for place, problem in enumerate(messages[submission.language])
    ]
    content: dict[str, Json] = {
        "title": dict(languages.in_each("correction_title")),
        "remedy": dict(languages.in_each("correction_remedy")),
        "items": items,
    }
    _report(context, submission, "open", "needs_correction", "answers", content)


def failed(context: Context, submission: SubmissionRecord, code: str, again: float) -> None:
    """Show that a document could not be made, why, what can be done, and when it is tried ``again``.

    ``again`` is epoch seconds; 0: it is not tried again by itself.
    """
    why = code if code in _WITH_REASON else "other"
    content: dict[str, Json] = {
        "title": dict(languages.in_each("failed_title")),
        "reason": dict(languages.in_each(f"why_{why.replace('-', '_')}")),
        "remedy": dict(remedy_of(code)),
        "severity": "warning" if again else "critical",
        "again": int(again),
        "items": [],
    }
    _report(context, submission, "open", "failed", code, content)


def solve(context: Context, submission: SubmissionRecord) -> None:
    """Take back whatever was reported of a submission: its documents are stored."""
    empty = dict.fromkeys(languages.known(), "")
    nothing: dict[str, Json] = {"title": dict(empty), "remedy": dict(empty), "items": []}
    for kind in ("needs_correction", "failed"):
        target = pushed.problem_target(submission.id, kind)
        if pushed.last(context.engine, submission.session, target) is not None:
            _report(context, submission, "solved", kind, "", nothing)


def _report(
    context: Context, submission: SubmissionRecord, state: str, kind: str, code: str, content: JsonObject
) -> None:
    """Tell Moodle once: what it holds already is not said again."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{state}\n{code}\n{text}".encode()).hexdigest()
    session, target = submission.session, pushed.problem_target(submission.id, kind)
    if not pushed.differs(context.engine, session, target, digest):
        return
    context.connect().report_problem(
        session=session, submission=submission.id, state=state, kind=kind, code=code, content=text
    )
    with write(context.engine) as connection:
        pushed.note(connection, session, target, digest, 0)
