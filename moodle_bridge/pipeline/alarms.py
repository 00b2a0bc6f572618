"""What rings: which of the figures are such that somebody has to act, why, and what to do.

``deploy/alerts.yml`` rings by the same bounds from ``/metrics``; a test holds the two together. What keeps
the database from answering, and that Moodle does not ask, cannot be told to Moodle from here: there
``/readyz``, ``doctor`` and Prometheus speak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alarm; in its reason ``{}`` stands for the number that rings it."""

    severity: Severity
    reason: Texts
    remedy: Texts


KINDS: Mapping[str, Kind] = {
    "no-worker": Kind(
        "critical",
        {"bg": "Никой не изработва документите.", "en": "Nobody makes the documents."},
        {
            "bg": "Стартирайте „moodle-bridge serve“ или „moodle-bridge worker“;"
            " защо са спрели, пише в журнала.",
            "en": "Start 'moodle-bridge serve' or 'moodle-bridge worker'; the log says why they stopped.",
        },
    ),
    "documents-late": Kind(
        "critical",
        {
            "bg": "Подаден формуляр е без документ от {} минути.",
            "en": "A submitted form has been without its document for {} minutes.",
        },
        {
            "bg": "„moodle-bridge doctor“ и „moodle-bridge jobs list“ казват какво го бави.",
            "en": "'moodle-bridge doctor' and 'moodle-bridge jobs list' tell what holds it up.",
        },
    ),
    "sync-late": Kind(
        "critical",
        {
            "bg": "Промените в Moodle не са прочетени от {} минути; и изтриванията чакат.",
            "en": "Moodle's changes have not been read for {} minutes; erasures wait too.",
        },
        {
            "bg": "„moodle-bridge jobs list“ показва причината при задачата sync.",
            "en": "'moodle-bridge jobs list' shows the reason at the job sync.",
        },
    ),
    "dead-jobs": Kind(
        "warning",
        {
            "bg": "Задачи, от които услугата се е отказала: {}.",
            "en": "Jobs that were given up: {}.",
        },
        {
            "bg": "Вижте причините с „moodle-bridge jobs list --state dead“, отстранете ги и изпълнете"
            " „moodle-bridge jobs retry --all“.",
            "en": "See the reasons with 'moodle-bridge jobs list --state dead', mend them, then run"
            " 'moodle-bridge jobs retry --all'.",
        },
    ),
    "internal": Kind(
        "warning",
        {
            "bg": "Задачи, спрени от грешка на програмата: {}.",
            "en": "Jobs that failed by an error of the program: {}.",
        },
        {
            "bg": "Опитът се повтаря; ако остане, съобщете за грешката с редовете от журнала.",
            "en": "They are tried again; if it stays, report the error with the log's lines.",
        },
    ),
    "set-aside": Kind(
        "warning",
        {
            "bg": "Оставени настрана, защото не могат да се прочетат: {}.",
            "en": "Set aside because they cannot be read: {}.",
        },
        {
            "bg": "Вижте причините с „moodle-bridge set-aside“; до час след това всичко се опитва пак.",
            "en": "See the reasons with 'moodle-bridge set-aside'; all is tried again within an hour.",
        },
    ),
    "clock": Kind(
        "warning",
        {
            "bg": "Часовниците на Moodle и на услугата се различават с {} секунди.",
            "en": "The clocks of Moodle and of the service differ by {} seconds.",
        },
        {
            "bg": "Сверете часовниците на двата сървъра (NTP); от 5 минути нататък съобщенията се отказват.",
            "en": "Set the clocks of both servers (NTP); from 5 minutes on messages are refused.",
        },
    ),
}
"""Every kind of alarm by its code, the worst first."""


def sync_bound(every_seconds: float) -> float:
    """So long after the last good sync the next one is late."""
    return 3 * every_seconds + LATE_SECONDS


def ringing(standing: Standing, now: float, reconcile_seconds: float) -> list[Alarm]:
    """What rings now, the worst first."""
    found = {code: (since, number) for code, since, number in _found(standing, now, reconcile_seconds)}
    return [
        Alarm(
            code,
            kind.severity,
            found[code][0],
            {language: text.format(f"{found[code][1]:.0f}") for language, text in kind.reason.items()},
            kind.remedy,
        )
        for code, kind in KINDS.items()
        if code in found
    ]


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
