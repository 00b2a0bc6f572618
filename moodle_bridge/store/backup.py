"""A backup: one file with everything of the service that Moodle does not hold; written and read whole.

It is a ZIP file, readable by its owner alone: ``tables/<name>.jsonl`` (a database at one moment, see
:mod:`moodle_bridge.store.dump`), ``adopted/…`` (forms that were brought), ``bridge.toml`` (the settings file,
to look things up) and at last ``backup.json``, which says what it is and has the SHA-256 of all others.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, Engine

from moodle_bridge import __version__
from moodle_bridge.errors import BackupError, PlaceTaken
from moodle_bridge.plain_json import JsonObject
from moodle_bridge.store import dump

FORMAT = 1
_CONTENTS = "backup.json"
_SETTINGS = "bridge.toml"
_NAMED = re.compile(r"moodle-bridge-\d{8}T\d{6}Z\.zip")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was read to its end and is whole."""

    file: Path
    version: str
    made_at: int
    release: str
    members: tuple[str, ...]

    def has_settings(self) -> bool:
        """Whether the settings file is in it."""
        return _SETTINGS in self.members


def write(file: Path, engine: Engine, adopted: Path, settings: Path | None, made_at: int) -> None:
    """Write a backup to a file that does not exist yet, at mode 0600; it is there whole, or not at all.

    Raises :class:`BackupError` if it cannot be written there, :class:`StoreError`.
    """
    if file.exists():
        raise BackupError(f"{file} exists; no backup is written over")
    begun = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        with _private(begun) as archive, dump.snapshot(engine) as database:
            contents = _Contents(archive)
            for table in database.tables:
                contents.add(f"tables/{table.name}.jsonl", database.lines(table))
            for form in sorted(path for path in adopted.rglob("*") if path.is_file()):
                contents.add(f"adopted/{form.relative_to(adopted).as_posix()}", _pieces(form))
            if settings is not None:
                contents.add(_SETTINGS, _pieces(settings))
            contents.close({"version": database.version, "made_at": made_at, "release": __version__})
        os.rename(begun, file)
        _to_disk(file.parent)
    except OSError as error:
        raise BackupError(f"{file}: cannot be written ({error.strerror})") from error
    finally:
        begun.unlink(missing_ok=True)


def check(file: Path) -> Backup:
    """Read a backup to its end; raises :class:`BackupError` if it is none, or not what was written."""
    with _opened(file) as archive:
        try:
            told = json.loads(archive.read(_CONTENTS))
            sums: dict[str, str] = told["sha256"]
            found = Backup(file, told["version"], told["made_at"], told["release"], tuple(sums))
        except (KeyError, ValueError, TypeError) as error:
            raise BackupError(f"{file} is no backup of this service") from error
        if told.get("format") != FORMAT:
            raise BackupError(f"{file} is a backup of a newer program: upgrade it")
        if set(archive.namelist()) != {*sums, _CONTENTS}:
            raise BackupError(f"{file} does not hold what it says")
        for name, expected in sums.items():
            digest = hashlib.sha256()
            with archive.open(name) as member:
                for piece in iter(partial(member.read, _CHUNK), b""):
                    digest.update(piece)
            if digest.hexdigest() != expected:
                raise BackupError(f"{file}: {name} is not what was written")
    return found


def put_back(backup: Backup, connection: Connection, adopted: Path) -> None:
    """Put database and adopted forms back, where there are none.

    To be called within a transaction on an empty database. Raises :class:`PlaceTaken`, :class:`BackupError`.
    """
    if adopted.is_dir() and any(adopted.iterdir()):
        raise PlaceTaken(f"there are forms in {adopted}")
    with _opened(backup.file) as archive:
        tables = {
            PurePosixPath(name).stem: _lines(archive, name)
            for name in backup.members
            if name.startswith("tables/")
        }
        dump.put_back(connection, backup.version, tables)
        forms = [name for name in backup.members if name.startswith("adopted/")]
        if forms:
            _put_forms(archive, forms, adopted)


def settings_in(backup: Backup) -> bytes:
    """The settings file that was named when the backup was made."""
    with _opened(backup.file) as archive:
        return archive.read(_SETTINGS)


def name_at(stamp: str) -> str:
    """The name of a backup of that time, as ``20251124T160000Z``."""
    return f"moodle-bridge-{stamp}.zip"


def drop_old(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups in a folder, of those named by their time; which they were."""
    named = sorted(path for path in folder.iterdir() if _NAMED.fullmatch(path.name))
    old = named[:-keep]
    for path in old:
        path.unlink()
    return old


class _Contents:
    """What is written into a backup, with its checksums."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._sums: dict[str, str] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                digest.update(piece)
                member.write(piece)
        self._sums[name] = digest.hexdigest()

    def close(self, about: JsonObject) -> None:
        told = {"format": FORMAT, **about, "sha256": self._sums}
        self._archive.writestr(_CONTENTS, json.dumps(told, indent=1))


@contextmanager
def _private(file: Path) -> Iterator[zipfile.ZipFile]:
    """A new archive that only its owner may read, on disk when the block has ended."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        os.fchmod(raw.fileno(), 0o600)
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            yield archive
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except OSError as error:
        raise BackupError(f"{file}: cannot be read ({error.strerror})") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BackupError(f"{file} is no backup, or is damaged") from error


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        yield from member


def _put_forms(archive: zipfile.ZipFile, names: Iterable[str], adopted: Path) -> None:
    """Lay the forms beside their place, then move them there all at once."""
    begun = adopted.with_name(f".{adopted.name}.{uuid.uuid4().hex}")
    try:
        for name in names:
            path = PurePosixPath(name)
            if ".." in path.parts:
                raise BackupError(f"{name} is no place for a form")
            place = begun.joinpath(*path.parts[1:])
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.write_bytes(archive.read(name))
        adopted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(begun, adopted)
    finally:
        shutil.rmtree(begun, ignore_errors=True)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as raw:
        yield from iter(partial(raw.read, _CHUNK), b"")


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
