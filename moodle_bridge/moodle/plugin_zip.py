"""Builds the zip of the Moodle activity that an administrator installs. Same sources, same bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from moodle_bridge import resources

NAME = "monitoringsession"
"""The zip's only folder, as Moodle's installer expects it for ``mod_monitoringsession``."""

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = frozenset({"node_modules", "__pycache__"})


def build(target: Path) -> Path:
    """Write the zip to ``target`` (a file, or a folder that then holds ``mod_monitoringsession.zip``).

    Returns the file written. Raises :class:`FileNotFoundError` where the sources are not with the package.
    """
    sources = resources.plugin_dir()
    if not (sources / "version.php").is_file():
        raise FileNotFoundError(f"the sources of the Moodle activity are not at {sources}")
    file = target / f"mod_{NAME}.zip" if target.is_dir() else target
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(sources):
            entry = zipfile.ZipInfo(f"{NAME}/{path.relative_to(sources).as_posix()}", _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return file


def _files(sources: Path) -> list[Path]:
    """Everything Moodle needs, in one order on every machine."""
    found = (path for path in sources.rglob("*") if path.is_file())
    return sorted(path for path in found if _belongs(path.relative_to(sources)))


def _belongs(path: Path) -> bool:
    return not any(part.startswith(".") or part in _LEFT_OUT for part in path.parts) and path.suffix != ".py"
