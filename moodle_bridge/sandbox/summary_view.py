"""Pushed summaries as the pages show them."""

from typing import Any


def view(content: dict[str, Any], language: str) -> dict[str, Any]:
    return {}
