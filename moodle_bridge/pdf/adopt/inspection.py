"""Tell what fields a brought form has, and draw its pages with every field framed and numbered."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from pypdf import PdfReader

from moodle_bridge.pdf.adopt.brought import BroughtField, page_box, widgets_of
from moodle_bridge.pdf.adopt.rebuild import Rebuilt
from moodle_bridge.pdf.program.widgets import COMB, MULTILINE
from moodle_bridge.pdf.syntax.graph import Node

_NEAR = 160.0
_MOST_TEXTS = 4_000


def inspected(reader: PdfReader, catalog: Node, acro: Node, job: Mapping[str, Any]) -> dict[str, Any]:
    """Every field in the order of its pages, and a PDF that shows them."""
    widgets = widgets_of(reader, acro, [])
    fields: list[dict[str, Any]] = []
    for index, page in enumerate(reader.pages):
        texts = _texts(page) if index in widgets else []
        box = page_box(page)
        for widget in widgets.get(index, []):
            left, bottom, right, top = widget.box
            fields.append(
                {
                    "number": len(fields) + 1,
                    "name": widget.name,
                    "kind": widget.named_kind,
                    "page": index + 1,
                    "left": round(left - box[0]),
                    "top": round(box[3] - top),
                    "width": round(right - left),
                    "height": round(top - bottom),
                    "state": widget.state,
                    "options": [list(pair) for pair in widget.options],
                    "cells": widget.length if widget.flags & COMB and widget.kind == "text" else 0,
                    "multiline": bool(widget.flags & MULTILINE) and widget.kind == "text",
                    "tooltip": widget.tooltip,
                    "value": widget.value,
                    "read_only": widget.read_only,
                    "label": _label(widget, texts),
                }
            )
    picture = Rebuilt(reader, catalog, acro, job).numbered()
    return {"fields": fields, "picture": base64.b64encode(picture).decode("ascii")}


def _texts(page: Node) -> list[tuple[float, float, str]]:
    """Pieces of a page's text with where they begin; none where they cannot be read."""
    found: list[tuple[float, float, str]] = []

    def visit(text: str, outer: Sequence[float], inner: Sequence[float], *_: object) -> None:
        words = " ".join(text.split())
        if words and len(found) < _MOST_TEXTS:
            x, y = inner[4], inner[5]
            found.append(
                (outer[0] * x + outer[2] * y + outer[4], outer[1] * x + outer[3] * y + outer[5], words[:120])
            )

    try:
        page.extract_text(visitor_text=visit)
    except Exception:  # a label is a help: a page whose text cannot be read has none
        return []
    return found


def _label(widget: BroughtField, texts: Sequence[tuple[float, float, str]]) -> str:
    """The text nearest to a field: to its left or above it, beside a button rather to its right."""
    left, bottom, right, top = widget.box
    best, nearest = "", _NEAR
    for x, y, text in texts:
        on_line = bottom - 4 <= y <= top + 2
        if widget.kind == "button" and on_line and x >= right - 2:
            far = x - right
        elif on_line and x < left:
            far = (left - x) * 0.25 + (_NEAR / 2 if widget.kind == "button" else 0)
        elif widget.kind != "button" and top <= y <= top + 30 and x < right and x > left - 60:
            far = (y - top) * 2 + abs(x - left) * 0.3
        else:
            continue
        if far < nearest:
            best, nearest = text, far
    return best
