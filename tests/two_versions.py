"""Instruments of which two have a newer version: items renamed, gone and new, another code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from moodle_bridge.resources import config_dir

FROM = re.compile(r"\{from: (\w+),")
"""The item with which a section begins."""
OLD, NEW = "1.0.0", "1.9.0"
PEERS = '    - {code: n_peers, bg: "Повече време с другите", en: "More time with the others"}\n'
HOURS = (
    "  - {id: hours, type: number, min: 0, max: 60, required: true, "
    'label: {bg: "Колко часа отделяте на месец?", en: "How many hours a month do you spend?"}}\n'
)


def newer_versions(folder: Path, old: str = OLD) -> Path:
    """A configuration with version 1.9.0 of ``mentee_initial`` and ``mentee_interim``, made of an older one.

    Of the first one: beside that alone; of a later one: beside all that are shipped.
    """
    base = first_versions(folder) if old == OLD else Path(shutil.copytree(config_dir(), folder))
    choices = (base / "choices" / f"{old}.yaml").read_text(encoding="utf-8")
    changed = choices.replace("    - {code: n_tech,", PEERS + "    - {code: n_tech,", 1)
    assert changed != choices
    (base / "choices" / f"{NEW}.yaml").write_text(changed, encoding="utf-8")
    for name, changes in (
        ("mentee_initial", [("id: next_step,", "id: first_step, formerly: [next_step],")]),
        (
            "mentee_interim",
            [
                ("id: next_step,", "id: own_step, formerly: [next_step],"),
                ("prev.next_step != ''\", carried: next_step", "prev.own_step != ''\", carried: own_step"),
            ],
        ),
    ):
        text = (base / "instruments" / name / f"{old}.yaml").read_text(encoding="utf-8")
        gone = next(line for line in text.splitlines(keepends=True) if "id: sa_network" in line)
        text = _changed(
            text,
            (f'version: "{old}"', f'version: "{NEW}"'),
            (f'choices: "{old}"', f'choices: "{NEW}"'),
            ("options: need, max: 3", "options: need, exclude: [n_tech], max: 3"),
            (gone, HOURS),
            *changes,
        )
        (base / "instruments" / name / f"{NEW}.yaml").write_text(text, encoding="utf-8")
    return base


def first_versions(folder: Path) -> Path:
    """A configuration with the first version of every instrument alone."""
    base = Path(shutil.copytree(config_dir(), folder))
    for path in (*base.glob("instruments/*/*.yaml"), *base.glob("choices/*.yaml")):
        if path.stem != OLD:
            path.unlink()
    asked = "".join(path.read_text(encoding="utf-8") for path in base.glob("instruments/*/*.yaml"))
    headings = base / "headings.yaml"
    lines = headings.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if (found := FROM.search(line)) is None or f"id: {found[1]}" in asked]
    headings.write_text("".join(kept), encoding="utf-8")
    return base


def _changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
