"""Filling in any form of the activity in the browser, as the person who has it before them would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Answers = Mapping[str, Any]


def fill(page: Any, answers: Answers) -> None:
    """Give every answer by its own field; rows of tables are opened by their button where they are hidden."""
    for item, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            for row in value:
                _open_row(page, item, row["row"])
                for column, cell in row.items():
                    if column != "row":
                        _give(page, f"a_{item}__{row['row']}__{column}", cell)
        else:
            _give(page, f"a_{item}", value)


def _open_row(page: Any, table: str, number: int) -> None:
    region = page.locator(f'[data-table="{table}"]')
    row = region.locator(f'[data-row="{number}"]')
    while not row.is_visible():
        region.locator('[data-action="addrow"]').click()


def _give(page: Any, field: str, value: Any) -> None:
    if isinstance(value, list):
        for code in value:
            page.check(f'input[name="{field}[{code}]"]')
        return
    said = "na" if value is None else str(int(value)) if isinstance(value, bool) else str(value)
    place = page.locator(f'[name="{field}"]:not([type=hidden])')
    kind = place.first.evaluate("field => field.type")
    if kind == "radio":
        page.check(f'input[name="{field}"][value="{said}"]')
    elif kind == "checkbox":
        place.set_checked(bool(value))
    elif kind == "select-one":
        place.select_option(said)
    else:
        place.fill(said)
