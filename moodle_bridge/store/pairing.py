"""The Moodle site we are paired with, its secrets, and one-time pairing codes. Knows no signatures."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Engine, delete, insert, select

from moodle_bridge.errors import BadPairingCode, SecondSite
from moodle_bridge.store import facts, tables
from moodle_bridge.store.engine import Source, read, write

OLD_SECRET_SECONDS = 86_400
"""How long the secret of an earlier pairing of the same site is honoured."""

_REPLACING = "pairing_code_that_replaces"
"""The fact that tells which code lets another site take the place of the one that is paired."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A paired site. ``secrets`` are (secret, valid until or None), the newest first."""

    site: str
    site_name: str
    token: str = field(repr=False)
    secrets: tuple[tuple[str, float | None], ...] = field(repr=False)
    language: str
    moodle_release: str
    plugin_release: str
    paired_at: float

    def secrets_at(self, now: float) -> tuple[str, ...]:
        """The secrets that count at ``now``, the newest first."""
        return tuple(secret for secret, until in self.secrets if until is None or until > now)


_CURRENT = select(tables.pairing)


def current(source: Source) -> Pairing | None:
    """The paired site, if there is one."""
    with read(source) as connection:
        row = connection.execute(_CURRENT).first()
    if row is None:
        return None
    secrets = tuple((secret, until) for secret, until in row.secrets)
    return Pairing(**{**row._mapping, "secrets": secrets})


def new_code(engine: Engine, key: bytes, now: float, valid_seconds: float, *, replaces: bool = False) -> int:
    """Accept a pairing request signed with ``key`` for so long, once; the id of the code.

    With ``replaces`` another site than the one paired may use it, and takes its place.

    The key is what :func:`moodle_bridge.moodle.signing.pairing_key` makes of the code; the code itself is
    not stored. Codes that have expired are forgotten.
    """
    codes = tables.pairing_code
    with write(engine) as connection:
        connection.execute(delete(codes).where(codes.c.valid_until <= now))
        row = {"key": key, "valid_until": now + valid_seconds}
        code_id: int = connection.execute(insert(codes).values(row).returning(codes.c.id)).scalar_one()
        if replaces:
            facts.put(connection, _REPLACING, code_id)
    return code_id


def open_codes(source: Source, now: float) -> list[tuple[int, bytes]]:
    """Id and key of every code that may still be used."""
    codes = tables.pairing_code
    with read(source) as connection:
        rows = connection.execute(select(codes.c.id, codes.c.key).where(codes.c.valid_until > now))
        return [(row.id, row.key) for row in rows]


def pair(engine: Engine, code_id: int, new: Pairing, now: float) -> Pairing:
    """Use a code up, void all others and remember the site, in one transaction; what is stored.

    If the same site was paired, its newest secret stays valid for a day. Raises :class:`BadPairingCode` if
    the code was used or has expired meanwhile, :class:`SecondSite` if another site is paired and the code
    does not replace it; then the code stays good.
    """
    codes = tables.pairing_code
    with write(engine) as connection:
        used = delete(codes).where(codes.c.id == code_id, codes.c.valid_until > now)
        if connection.execute(used).rowcount != 1:
            raise BadPairingCode("the pairing code was used already or has expired")
        old = current(connection)
        if old is not None and old.site != new.site and facts.get(connection, _REPLACING) != code_id:
            raise SecondSite(f"this service is paired with {old.site} and holds its sessions")
        connection.execute(delete(codes))
        facts.forget(connection, _REPLACING)
        secrets = new.secrets
        if old is not None and old.site == new.site:
            honoured = now + OLD_SECRET_SECONDS
            kept = [(secret, until or honoured) for secret, until in old.secrets]
            secrets += tuple((secret, until) for secret, until in kept if until > now)
        row = {name: getattr(new, name) for name in Pairing.__dataclass_fields__}
        row["secrets"] = [list(secret) for secret in secrets]
        connection.execute(delete(tables.pairing))
        connection.execute(insert(tables.pairing).values(row))
        # The site may have been set up anew: it is given its forms again.
        connection.execute(delete(tables.pushed).where(tables.pushed.c.session == ""))
        stored = current(connection)
    assert stored is not None  # noqa: S101 - it was inserted two lines above
    return stored


def forget(engine: Engine) -> bool:
    """Forget the paired site with its token and secrets; whether there was one."""
    with write(engine) as connection:
        return connection.execute(delete(tables.pairing)).rowcount > 0
