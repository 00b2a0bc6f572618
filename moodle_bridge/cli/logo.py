"""The organisation's logo that the settings name, looked at before anything is started with it."""

from __future__ import annotations

from pathlib import Path

from moodle_bridge.errors import FillError, SettingsError
from moodle_bridge.pdf.syntax.images import read_image
from moodle_bridge.settings import Settings


def logo_of(settings: Settings) -> bytes | None:
    """The bytes of the logo, if there is one.

    Raises :class:`SettingsError` for one that cannot be read or drawn, so that this does not come out with
    the first document.
    """
    file = settings.documents.logo
    if not file:
        return None
    try:
        data = Path(file).read_bytes()
        read_image(data)
    except OSError as error:
        raise SettingsError(f"documents.logo: {file}: cannot be read ({error.strerror})") from error
    except FillError as error:
        raise SettingsError(f"documents.logo: {file}: {error.message}") from error
    return data
