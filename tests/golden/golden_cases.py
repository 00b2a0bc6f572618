"""Answers for any instrument: none, typical ones and the fullest there can be."""

from __future__ import annotations

from typing import Any

from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.pdf.fill.fill import Header

HEADER = Header(
    document="0b6f7c1e-5a5e-4a3e-9f61-0d6c5a2d7b11",
    submission="7f0f2d52-43fb-4ee0-a7f0-19f1f7cf2f37",
    session="8d4b5c9a-1c9d-4b1f-8c5e-3f9a3c4e5d6f",
    session_name="Мониторинг сесия 1",
    session_number=1,
    session_kind="initial",
    course_name="Е-менторинг за успешен старт в професията",
    group_name="Група „Б“ – дигитални умения",
    respondent_name="Цветелина Йорданова-Щерева",
    respondent_role="mentee",
    version=1,
    submitted_at=1_760_535_300,
    organisation="Център за кариерно развитие – Велико Търново",
)

WORDS = (
    "Групата ми помогна да видя работата си отстрани и да подобря това, което смятах за трудно:",
    "планиране, срокове, разговори с „клиенти“ – и 20 % повече увереност.",
    "Ъгълът, ёлка, щъркел, № 5 и 15 €.",
)


def text(length: int, start: int = 0) -> str:
    """Bulgarian words of at most ``length`` characters that begin at another word for each ``start``."""
    words = " ".join(WORDS).split()
    return " ".join(words[start % len(words) :] + words * (length // 40 + 2))[:length].rstrip()


def typical(instrument: Instrument) -> tuple[dict[str, Any], dict[str, Any]]:
    """What people usually answer: most questions, a row or two of each table, short texts."""
    return _answers(instrument, rows=2, share=0.4, beyond=0)


def fullest(instrument: Instrument) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every question at its longest, every row and three more than the template has."""
    return _answers(instrument, rows=99, share=1.0, beyond=3)


def _answers(
    instrument: Instrument, rows: int, share: float, beyond: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    answers: dict[str, Any] = {}
    carried: dict[str, Any] = {}
    for index, item in enumerate(instrument.items):
        if item.carried:
            carried[item.id] = text(120, index)
        if item.options_from and item.options_from not in {i.id for i in instrument.items}:
            carried[f"{item.id}.options"] = [{"value": f"o{n}", "label": text(40, n)} for n in range(4)]
        if item.columns:
            count = min(rows, max(item.max_rows, 1)) + beyond
            numbers = range(1, count + 1)
            typed = [c for c in item.columns if not (c.read_only or c.type == "computed")]
            given = [c for c in item.columns if c.read_only or c.type == "computed"]
            answers[item.id] = [
                {"row": n} | {c.id: _value(c, n + k, share) for k, c in enumerate(typed)} for n in numbers
            ]
            if given:
                carried[item.id] = [
                    {"row": n, "id": f"row-{n}"}
                    | {c.id: _value(c, n + k + 3, share) for k, c in enumerate(given)}
                    for n in numbers
                ]
            for column in item.columns:
                if column.options_from and column.options_from not in {i.id for i in instrument.items}:
                    carried[f"{item.id}.{column.id}.options"] = [
                        {"value": f"o{n}", "label": text(40, n)} for n in range(4)
                    ]
        elif item.type == "computed":
            carried[item.id] = [text(90, n) for n in range(max(2, int(share * 12)))]
        else:
            answers[item.id] = _value(item, index, share)
    return answers, carried


def _value(item: Item, seed: int, share: float) -> Any:
    if item.type in ("short_text", "long_text"):
        return text(max(8, int((item.max_length or 200) * share)), seed)
    if item.type == "computed":
        return text(40, seed)
    if item.type == "scale":
        return item.options[seed % len(item.options)].value
    if item.type in ("single_choice", "multi_choice"):
        codes = [option.value for option in item.options]
        if item.options_from:
            codes = ["r1", "r2"] if item.options_from.endswith("goals") else [f"o{n}" for n in range(4)]
        if item.type == "single_choice":
            return codes[seed % len(codes)]
        chosen = min(item.maximum or 2, len(codes))
        return [codes[(seed + n) % len(codes)] for n in range(chosen)]
    if item.type == "date":
        return f"2026-{seed % 12 + 1:02d}-{seed % 28 + 1:02d}"
    if item.type == "number":
        return (item.minimum or 0) + seed % 5
    return seed % 2 == 0
