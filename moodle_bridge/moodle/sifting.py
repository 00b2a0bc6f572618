"""Takes from an answer of Moodle the records that cannot be read, so that one spoils no other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from moodle_bridge.contract import faults_of_record
from moodle_bridge.contract.records import Unread
from moodle_bridge.plain_json import Json, JsonObject, WrongField

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def sifted(
    function: str, answer: Json, records: Mapping[str, Callable[[JsonObject], object]]
) -> tuple[Json, tuple[Unread, ...]]:
    """An answer without the records that cannot be read, and what is wrong with each of those."""
    if not isinstance(answer, dict):
        return answer, ()
    kept: dict[str, Json] = dict(answer)
    unread: list[Unread] = []
    for name, read in records.items():
        listed = answer.get(name)
        if isinstance(listed, list):
            told = [_why_unread(function, name, each, read) for each in listed]
            kept[name] = [each for each, why in zip(listed, told, strict=True) if not why]
            unread += [
                _unread(name, place, each, why)
                for place, (each, why) in enumerate(zip(listed, told, strict=True))
                if why
            ]
    return kept, tuple(unread)


def _why_unread(function: str, name: str, record: Json, read: Callable[[JsonObject], object]) -> str:
    wrong = faults_of_record(function, name, record)
    if wrong or not isinstance(record, dict):
        return "; ".join(wrong[:5])
    try:
        read(record)
    except WrongField as error:
        return str(error)
    return ""


def _unread(name: str, place: int, record: Json, why: str) -> Unread:
    """Describe an unreadable record by what it says of itself, as far as that can be trusted."""
    said = record if isinstance(record, dict) else {}

    def uuid(*names: str) -> str:
        return next((v for n in names if isinstance(v := said.get(n), str) and _UUID.fullmatch(v)), "")

    number = said.get("id") if isinstance(said.get("id"), int) else 0
    seq, said_name = said.get("seq"), said.get("name")
    return Unread(
        list=name,
        id=uuid("document", "id") or (str(number) if number else ""),
        session=uuid("session"),
        seq=seq if isinstance(seq, int) and not isinstance(seq, bool) else 0,
        name=said_name if isinstance(said_name, str) else "",
        why=f"{name}/{place}: {why}",
    )
