"""A process of the domain as the contract's records, for tests and measurements that fill a database."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from moodle_bridge.contract.records import (
    Group,
    ParticipantsRecord,
    PersonRecord,
    SessionRecord,
    SubmissionRecord,
)
from moodle_bridge.domain.course.model import Process, Session, Submission
from moodle_bridge.store import records
from moodle_bridge.store.engine import write


@dataclass(frozen=True)
class RecordsOf:
    """The records of one course whose sessions all have the same instruments and groups."""

    state: Process
    course: int
    instruments: Sequence[str]
    timezone: str = "UTC"

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of the course."""
        return tuple(Group(number, name) for number, name in self.state.groups.items())

    def session(self, session: Session) -> SessionRecord:
        """A session, without own deadlines."""
        return SessionRecord(
            id=session.id,
            course=self.course,
            course_name="Е-менторинг",
            cmid=session.number,
            name=f"Сесия {session.number}",
            number=session.number,
            kind=session.kind,
            language="bg",
            timezone=self.timezone,
            opens=session.opens,
            due=session.due,
            closed=session.closed,
            instruments=tuple(self.instruments),
            groupmode="separate",
            groups=self.groups,
            origin="",
            modified=session.opens or 1,
        )

    def participants(self, session: Session) -> ParticipantsRecord:
        """Everybody of the course, as taking part in a session."""
        people = tuple(
            PersonRecord(each.id, each.name, each.roles, each.groups, "bg", each.active, each.joined)
            for each in self.state.participants
        )
        return ParticipantsRecord(session.id, "separate", self.groups, people)

    def submission(self, form: Submission) -> SubmissionRecord:
        """A form as it was submitted."""
        key = f"{form.session}/{form.instrument}/{form.group}/{form.respondent}/{form.version}"
        person = self.state.person(form.respondent)
        return SubmissionRecord(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, key)),
            session=form.session,
            instrument=form.instrument,
            instrument_version=form.instrument_version,
            definition_sha256="",
            language="bg",
            group=form.group,
            group_name=self.state.groups.get(form.group, ""),
            respondent=form.respondent,
            respondent_name=person.name,
            respondent_role=person.roles[0] if person.roles else "mentee",
            version=form.version,
            state="submitted",
            submitted=form.submitted,
            origin="",
            answers=json.loads(json.dumps(dict(form.answers))),
            carried=json.loads(json.dumps(dict(form.carried))),
        )


def remember(engine: Engine, state: Process, instruments: Sequence[str], course: int = 7) -> None:
    """Store a process as if it had been read from Moodle."""
    stored = RecordsOf(state, course, instruments)
    with write(engine) as connection:
        for session in state.sessions:
            records.put_session(connection, stored.session(session))
            records.put_participants(connection, stored.participants(session))
        for each in state.submissions:
            records.put_submission(connection, stored.submission(each))
