"""Who was expected in a session, in which role and group, as it was fixed when answers ended.

Until then the roster is the course as it is. Afterwards it decides who counts, whatever becomes of the
course; who may read what is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodle_bridge.domain.course.model import Role


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in one role and group (0: without group)."""

    person: int
    role: Role
    group: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who belonged to a session when its answers ended."""

    places: frozenset[Place]

    @classmethod
    def of(cls, places: Iterable[Place]) -> Roster:
        """The roster of these."""
        return cls(frozenset(places))

    @property
    def groups(self) -> frozenset[int]:
        """The groups the session was held in; none where it was held without groups."""
        return frozenset(place.group for place in self.places if place.group)

    def people(self, role: Role, group: int, everybody: int) -> frozenset[int]:
        """List the people of a role in a group; in the group of everybody, all of that role."""
        return frozenset(
            place.person
            for place in self.places
            if place.role == role and (group == everybody or place.group == group)
        )
