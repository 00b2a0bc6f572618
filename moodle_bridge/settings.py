"""Settings: read once at start from defaults, a TOML file and the environment; frozen afterwards.

The defaults and the meaning of each setting are in ``config/bridge.toml``. A later source wins: shipped
defaults, the file named, ``MOODLE_BRIDGE_<SECTION>_<NAME>``, and for secrets ``…_FILE``.
"""

from __future__ import annotations

import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from moodle_bridge.errors import SettingsError
from moodle_bridge.resources import config_dir

PREFIX = "MOODLE_BRIDGE_"
SECRETS = frozenset({"database.url", "queue.url", "hints.local_webhooks_token", "hints.tool_trigger_token"})
"""Settings that may hold a secret: never printed, and readable from a file."""


@dataclass(frozen=True, slots=True)
class Service:
    """The web server."""

    host: str
    port: int
    threads: int
    data: str
    stop_seconds: int


@dataclass(frozen=True, slots=True)
class Database:
    """Where everything durable is."""

    url: str


@dataclass(frozen=True, slots=True)
class Queue:
    """No longer used; accepted for one release."""

    url: str


@dataclass(frozen=True, slots=True)
class Moodle:
    """How Moodle is called."""

    timeout_seconds: int
    concurrency: int
    ca_file: str


@dataclass(frozen=True, slots=True)
class Jobs:
    """How work is tried and tried again."""

    workers: int
    lease_seconds: int
    attempts: int
    backoff_seconds: int
    backoff_ceiling_seconds: int


@dataclass(frozen=True, slots=True)
class Reconcile:
    """When Moodle is asked for what no webhook told."""

    every_seconds: int


@dataclass(frozen=True, slots=True)
class Documents:
    """What every document carries."""

    timezone: str
    organisation: str
    logo: str


@dataclass(frozen=True, slots=True)
class Forms:
    """Where instruments and templates are."""

    instruments: str
    templates: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How dates of sessions are proposed."""

    country: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted from outside."""

    body_bytes: int
    depth: int
    request_seconds: int
    connections: int
    connections_per_peer: int


@dataclass(frozen=True, slots=True)
class Hints:
    """Tokens of third-party webhook plugins."""

    local_webhooks_token: str
    tool_trigger_token: str


@dataclass(frozen=True, slots=True)
class Retention:
    """How long finished things are remembered."""

    inbox_days: int
    jobs_days: int


@dataclass(frozen=True, slots=True)
class Log:
    """What the log looks like."""

    format: str
    level: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; one section each, as in ``config/bridge.toml``."""

    service: Service
    database: Database
    queue: Queue
    moodle: Moodle
    jobs: Jobs
    reconcile: Reconcile
    documents: Documents
    forms: Forms
    plan: Plan
    limits: Limits
    hints: Hints
    retention: Retention
    log: Log

    @property
    def data(self) -> Path:
        """The private data folder."""
        return Path(self.service.data).expanduser().resolve()

    @property
    def adopted(self) -> Path:
        """Where forms that were brought are kept."""
        return self.data / "templates" / "adopted"

    @property
    def database_url(self) -> str:
        """The URL for SQLAlchemy."""
        return self.database.url or f"sqlite:///{self.data / 'bridge.sqlite3'}"


def load(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings.

    ``environ`` is the process environment (the caller's to pass, so that this module reads nothing by
    itself). Raises :class:`SettingsError` that names every wrong setting and what it should be.
    """
    environ = environ or {}
    known: dict[str, object] = {
        f"{section}.{name}": value
        for section, table in _toml(config_dir() / "bridge.toml").items()
        if isinstance(table, dict)
        for name, value in table.items()
    }
    if file is not None:
        for section, table in _toml(file).items():
            for name, value in table.items() if isinstance(table, dict) else [("", table)]:
                if f"{section}.{name}" not in known:
                    raise SettingsError(f"{file}: there is no setting {section}.{name}".rstrip("."))
                known[f"{section}.{name}"] = value
    for key, default in list(known.items()):
        known[key] = _from_environment(key, default, environ)
    faults = [fault for key, value in known.items() if (fault := _fault(key, value))]
    faults += [f"{name}: there is no such setting" for name in _strangers(known, environ)]
    if faults:
        raise SettingsError("; ".join(faults))
    sections = {}
    for title, kind in get_type_hints(Settings).items():
        sections[title] = kind(**{field.name: known[f"{title}.{field.name}"] for field in fields(kind)})
    return Settings(**sections)


def describe(settings: Settings) -> dict[str, object]:
    """Every setting by ``section.name``; secrets are replaced by whether they are set."""
    found = {}
    for section in fields(settings):
        values = getattr(settings, section.name)
        for field in fields(values):
            key, value = f"{section.name}.{field.name}", getattr(values, field.name)
            found[key] = ("(set)" if value else "") if key in SECRETS else value
    return found


def _toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from error


def _from_environment(key: str, default: object, environ: Mapping[str, str]) -> object:
    variable = PREFIX + key.replace(".", "_").upper()
    text = environ.get(variable)
    if key in SECRETS and (path := environ.get(variable + "_FILE")):
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{variable}_FILE: {path} cannot be read ({error.strerror})") from error
        except UnicodeDecodeError:  # whose own text quotes the secret
            raise SettingsError(f"{variable}_FILE: {path} is not UTF-8 text") from None
    if text is None:
        return default
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise SettingsError(f"{variable}: expected a whole number") from None
    return text


def _strangers(known: Mapping[str, object], environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings of a section and are none: misspelt, they would count for nothing."""
    sections = tuple(f"{PREFIX}{section.upper()}_" for section in {key.split(".")[0] for key in known})
    names = {PREFIX + key.replace(".", "_").upper() for key in known}
    names |= {f"{PREFIX}{key.replace('.', '_').upper()}_FILE" for key in SECRETS}
    return sorted(name for name in environ if name.startswith(sections) and name not in names)


_RANGES = {
    "service.port": (0, 65535),
    "service.threads": (1, 256),
    "service.stop_seconds": (1, 600),
    "moodle.timeout_seconds": (1, 600),
    "moodle.concurrency": (1, 100),
    "jobs.workers": (1, 100),
    "jobs.lease_seconds": (5, 3600),
    "jobs.attempts": (1, 1000),
    "jobs.backoff_seconds": (1, 3600),
    "jobs.backoff_ceiling_seconds": (1, 86400),
    "reconcile.every_seconds": (5, 86400),
    "limits.body_bytes": (1024, 16 * 1024 * 1024),
    "limits.depth": (3, 100),
    "limits.request_seconds": (1, 600),
    "limits.connections": (10, 10_000),
    "limits.connections_per_peer": (2, 10_000),
    "retention.inbox_days": (1, 3650),
    "retention.jobs_days": (1, 3650),
}
_CHOICES = {"log.format": ("text", "json"), "log.level": ("debug", "info", "warning", "error")}
_SCHEMES = {"database.url": ("sqlite", "postgresql+psycopg")}


def _fault(key: str, value: object) -> str:
    """What is wrong with one setting and what it should be; empty if nothing."""
    if key in _RANGES:
        low, high = _RANGES[key]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            return f"{key}: expected a whole number from {low} to {high}"
        return ""
    if not isinstance(value, str):
        return f"{key}: expected a text"
    if key in _CHOICES and value not in _CHOICES[key]:
        return f"{key}: expected one of {', '.join(_CHOICES[key])}"
    if key in _SCHEMES and value and not _is_url(value, _SCHEMES[key]):
        starts = " or ".join(f"{scheme}://" for scheme in _SCHEMES[key])
        return f"{key}: expected a URL that begins with {starts} (in a password write @ : / as %40 %3A %2F)"
    if key == "documents.timezone" and value and not _is_timezone(value):
        return f"{key}: expected an IANA time zone such as Europe/Sofia"
    if key in ("documents.logo", "moodle.ca_file") and value and not Path(value).is_file():
        return f"{key}: there is no such file"
    if key == "moodle.ca_file" and value and not _is_pem(value):
        return f"{key}: expected a PEM file with certificates"
    if key in ("forms.instruments", "forms.templates") and value and not Path(value).is_dir():
        return f"{key}: there is no such folder"
    if key == "plan.country" and value and not _is_country(value):
        return f"{key}: expected a country whose public holidays are known, in two letters such as BG"
    if key.startswith("hints.") and value and len(value) < 16:
        return f"{key}: expected at least 16 characters"
    if key == "service.host" and not value:
        return f"{key}: expected an address to listen on"
    return ""


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        address = urlsplit(value)
        return address.scheme in schemes and (address.port is None or address.port > 0)
    except ValueError:  # a bracket that does not close, a port that is no number
        return False


def _is_pem(file: str) -> bool:
    try:
        ssl.create_default_context(cafile=file)
    except OSError:  # of which SSLError is one
        return False
    return True


def _is_country(code: str) -> bool:
    if code == "BG":
        return True
    import holidays  # takes half a second

    return code in holidays.list_supported_countries(include_aliases=False)


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a name that is not known is a KeyError
        return False
    return True
