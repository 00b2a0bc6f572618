"""Weak points: who names which area of the process, how heavily, from which side, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.lookup import asks, rated, respondent
from moodle_bridge.domain.course.model import as_number, as_text, rows

Trend = Literal["new", "persisting", "gone"]


@dataclass(frozen=True, slots=True)
class WeakPoint:
    """One row of one form."""

    person: int
    role: str
    area: str
    """As the coordinator re-coded it; ``named`` is what the person chose."""
    named: str
    severity: int
    text: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """One area in one session of one group."""

    area: str
    people: int
    respondents: int
    weight: int
    """Sum over people of the highest severity each gave it."""
    both_sides: bool
    trend: Trend
    """Compared with the session before."""
    highest: int
    texts: tuple[str, ...]

    @property
    def share(self) -> float:
        """Part of the respondents who name it, 0..1."""
        return self.people / self.respondents if self.respondents else 0.0

    @property
    def mean_severity(self) -> float:
        """Mean over people of the highest severity each gave it."""
        return self.weight / self.people if self.people else 0.0


def weak_points(frame: Frame) -> tuple[WeakPoint, ...]:
    """Every weak point named in a session, by mentees and mentors."""
    recoded = _recoded(frame)
    found = []
    for submission in frame.submitted():
        role = respondent(frame.catalogue, submission)
        if role in ("mentee", "mentor"):
            for row in rows(submission.answers, "weak_points"):
                area = as_text(row.get("area"))
                found.append(
                    WeakPoint(
                        person=submission.respondent,
                        role=role,
                        area=recoded.get((submission.group, area), area),
                        named=area,
                        severity=as_number(row.get("severity")) or 1,
                        text=as_text(row.get("text")),
                    )
                )
    return tuple(found)


def _recoded(frame: Frame) -> dict[tuple[int, str], str]:
    """How the coordinator corrected areas in this session's records, each within its own group."""
    return {
        (submission.group, as_text(carried.get("id"))): as_text(answered["area"])
        for submission in frame.submitted()
        for carried, answered in rated(frame.catalogue, submission, "weak_point_clusters")
        if as_text(answered.get("area"))
    }


def respondents(frame: Frame) -> int:
    """How many people were asked for weak points in a session and answered."""
    asked = {
        each.respondent
        for each in frame.submitted()
        if respondent(frame.catalogue, each) in ("mentee", "mentor")
        and asks(frame.catalogue, each, "weak_points")
    }
    return len(asked)


@once
def clusters(frame: Frame) -> tuple[Cluster, ...]:
    """The areas named in a session, heaviest first; then those that are gone since the session before."""
    now = weak_points(frame)
    earlier = frame.before()
    before = () if earlier is None else weak_points(earlier)
    areas_before = {point.area for point in before}
    asked = respondents(frame)
    found = [
        _cluster(area, [point for point in now if point.area == area], asked, areas_before)
        for area in sorted({point.area for point in now})
    ]
    found.sort(key=lambda cluster: (-cluster.weight, -cluster.people, cluster.area))
    gone = sorted(areas_before - {point.area for point in now}) if asked else []
    return (*found, *(Cluster(area, 0, asked, 0, False, "gone", 0, ()) for area in gone))


def _cluster(area: str, points: list[WeakPoint], asked: int, areas_before: set[str]) -> Cluster:
    highest: dict[int, int] = {}
    for point in points:
        highest[point.person] = max(point.severity, highest.get(point.person, 0))
    roles = {point.role for point in points}
    return Cluster(
        area=area,
        people=len(highest),
        respondents=asked,
        weight=sum(highest.values()),
        both_sides={"mentee", "mentor"} <= roles,
        trend="persisting" if area in areas_before else "new",
        highest=max(highest.values()),
        texts=tuple(point.text for point in points if point.text),
    )
