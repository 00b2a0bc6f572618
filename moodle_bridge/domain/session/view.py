"""Where something is shown and to whom: what the functions behind computed items and rows are given."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from moodle_bridge.domain.answers.visibility import Audience
from moodle_bridge.domain.course.attendance import is_settled
from moodle_bridge.domain.course.model import Process, Session
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.wording import say


@dataclass(frozen=True, slots=True)
class Place:
    """A session, a group (0: all), the person who looks (0: nobody in particular), and what they may see."""

    catalogue: Catalogue
    state: Process
    session: Session
    group: int
    person: int
    audience: Audience
    language: str
    whole: bool = False
    """Over all sessions of the process, not only this one."""

    def say(self, key: str, **facts: object) -> str:
        """A message in the place's language."""
        return say(self.catalogue.messages, key, self.language, **facts)

    def name(self, person: int) -> str:
        """A participant's name."""
        return self.state.person(person).name

    def enough(self, answers: int) -> bool:
        """Whether a group's figure of so many answers may be shown to this audience.

        To the group itself only from the suppression limit on (in a pair each would read the other's answer),
        and only once nobody's answer is still to come, also after the deadline: from two figures, before and
        after a late answer, that answer could be told.
        """
        if self.audience != "mentee":
            return True
        if answers < self.catalogue.suppression["confidential"]:
            return False
        return is_settled(self.catalogue, self.state, self.session, self.group)

    def enough_confidential(self, answers: int) -> bool:
        """Whether a figure of coordinator-only answers may be shown to this audience.

        Others than the coordinator get it only from the suppression limit on, and only once the session is
        closed: from two figures, before and after an answer or its correction, that answer could be told.
        """
        if self.audience == "coordinator":
            return True
        return bool(self.session.closed) and answers >= self.catalogue.suppression["confidential"]

    def at(self, session: Session) -> Place:
        """The same place in another session."""
        return dataclasses.replace(self, session=session)
