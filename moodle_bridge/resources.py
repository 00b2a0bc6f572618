"""Where the files that travel with the code are: in a checkout beside it, in a wheel inside it."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def _directory(name: str) -> Path:
    beside = _CHECKOUT / name
    if (_CHECKOUT / "setup.cfg").is_file() and beside.is_dir():
        return beside
    return _PACKAGE / "data" / name


def config_dir() -> Path:
    """The shipped ``config/``: default settings, instruments, vocabulary, messages."""
    return _directory("config")


def templates_dir() -> Path:
    """The shipped ``pdf_templates/``: sources, fonts and compiled templates."""
    return _directory("pdf_templates")


def plugin_dir() -> Path:
    """The sources of the Moodle activity module."""
    return _directory("moodle_plugin") / "monitoringsession"


def contract_dir() -> Path:
    """JSON Schemas and golden exchanges of the contract with the plugin."""
    return _PACKAGE / "contract"
