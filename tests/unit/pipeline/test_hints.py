"""Which work a hint asks for."""

from __future__ import annotations

import pytest

from moodle_bridge.contract import schema
from moodle_bridge.pipeline.hints import jobs_for, push_job

TYPES = schema("webhook")["$defs"]["request"]["properties"]["type"]["enum"]


def test_a_saved_submission_is_archived_without_reading_the_change_sequence() -> None:
    data = {"session": "s", "submission": "u"}
    assert [
        (job.key, job.kind, dict(job.payload)) for job in jobs_for("submission.saved", data, "msg_1")
    ] == [("archive:u", "archive", {"submission": "u"})]


@pytest.mark.parametrize("message_type", [*sorted(set(TYPES) - {"submission.saved"}), "anything else"])
def test_every_other_hint_makes_moodles_changes_be_read(message_type: str) -> None:
    assert [job.kind for job in jobs_for(message_type, {}, "msg_1")] == ["sync"]


def test_a_job_carries_the_trace_of_its_hint() -> None:
    assert {job.trace for job in jobs_for("session.closed", {}, "msg_1")} == {"msg_1"}


def test_pushes_of_one_session_gather() -> None:
    first, second = push_job("s", 100.0), push_job("s", 100.5)
    assert first.key == second.key
    assert first.due_at > 100.0
