"""The commands of a page of the documentation, in order."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def section(page: str, title: str) -> str:
    """What stands under a heading, up to the next one of its rank."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {title}"
    return found[1]


def blocks(page: str, title: str) -> list[list[str]]:
    """The shell commands of a section, line by line, block by block."""
    return [
        [line for line in block.splitlines() if line.strip() and not line.startswith("#")]
        for block in re.findall(r"^```sh\n(.*?)^```", section(page, title), re.MULTILINE | re.DOTALL)
    ]
