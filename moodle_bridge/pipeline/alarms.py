"""What rings: which of the figures are such that somebody has to act, why, and what to do.

``deploy/alerts.yml`` rings by the same bounds from ``/metrics``; a test holds the two together. What keeps
the database from answering, and that Moodle does not ask, cannot be told to Moodle from here: there
``/readyz``, ``doctor`` and Prometheus speak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from moodle_bridge import languages
from moodle_bridge.store.standing import Standing

Severity = Literal["notice", "warning", "critical"]
Texts = Mapping[str, str]

LATE_SECONDS = 900
"""A document that is not there so long after its form was submitted is late; so is what is set aside."""
SILENT_SECONDS = 3600
"""Moodle's task asks every five minutes; so long without it, the way from Moodle is broken."""
AHEAD_SECONDS = 120
"""Clocks that differ so much are told: from five minutes on Moodle's webhooks are refused."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that rings since a time (epoch seconds), with reason and remedy in every language."""

    code: str
    severity: Severity
    since: float
    reason: Texts
    remedy: Texts


SEVERITIES: Mapping[str, Severity] = {
    "no-worker": "critical",
    "documents-late": "critical",
    "sync-late": "critical",
    "dead-jobs": "warning",
    "internal": "warning",
    "set-aside": "warning",
    "clock": "warning",
}
"""Every kind of alarm by its code, the worst first; the words stand in ``config/languages/``."""


def sync_bound(every_seconds: float) -> float:
    """Return how many seconds after the last good sync the next one counts as late."""
    return 3 * every_seconds + LATE_SECONDS


def ringing(standing: Standing, now: float, reconcile_seconds: float) -> list[Alarm]:
    """List the alarms that ring now, the worst first."""
    found = {code: (since, number) for code, since, number in _found(standing, now, reconcile_seconds)}
    return [
        Alarm(code, severity, found[code][0], _reason(code, found[code][1]), _words(code, "_remedy"))
        for code, severity in SEVERITIES.items()
        if code in found
    ]


def _reason(code: str, number: float) -> Texts:
    return {language: text.format(number=f"{number:.0f}") for language, text in _words(code).items()}


def _words(code: str, part: str = "") -> Texts:
    return languages.in_each(f"alarm_{code.replace('-', '_')}{part}")


def _found(standing: Standing, now: float, reconcile_seconds: float) -> Iterator[tuple[str, float, float]]:
    """Code, since when, and the number that rings it."""
    if not standing.workers:
        yield "no-worker", 0.0, 0
    if standing.unfinished_since and (late := now - standing.unfinished_since) > LATE_SECONDS:
        yield "documents-late", standing.unfinished_since, late / 60
    read = max(standing.synced_at, standing.paired_at)
    if standing.paired_at and now - read > sync_bound(reconcile_seconds):
        yield "sync-late", read, (now - read) / 60
    if standing.dead.number:
        yield "dead-jobs", standing.dead.since, standing.dead.number
    if standing.internal.number:
        yield "internal", standing.internal.since, standing.internal.number
    if standing.set_aside.number and now - standing.set_aside.since > LATE_SECONDS:
        yield "set-aside", standing.set_aside.since, standing.set_aside.number
    if abs(standing.ahead_seconds) > AHEAD_SECONDS:
        yield "clock", standing.synced_at, abs(standing.ahead_seconds)
