"""The house (README, The house): which part may import which, and where each library is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "moodle_bridge"
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))
}

BELOW = {
    "domain": {"domain"},
    "store": {"store", "domain"},
    "pdf": {"pdf", "domain"},
    "moodle": {"moodle", "domain"},
    "jobs": {"jobs", "store"},
    "pipeline": {"pipeline", "jobs", "moodle", "pdf", "store", "domain"},
    "web": {"web", "pipeline", "moodle", "store", "domain"},
}
"""What a part may import of the other parts; errors, settings and the like stand outside the parts."""

FLOORS = {
    "domain": [{"instrument"}, {"course"}, {"answers"}, {"session"}, {"carryover"}],
    "pdf": [{"syntax"}, {"text"}, {"program"}, {"fill", "template"}, {"adopt", "verify"}],
}
"""The rooms of a part, the lowest floor first: a module imports its own room and the floors below."""

PARTS = {*BELOW, "cli", "sandbox"}

HOMES = {
    "requests": "moodle/client",
    "pypdf": "pdf/",
    "weasyprint": "pdf/",
    "flask": ("web/", "sandbox/", "app", "server"),
}
"""The only places that know a library."""


def imported(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions and for type checking."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("part", BELOW)
def test_imports_point_one_way(part: str) -> None:
    for name, path in MODULES.items():
        if name.startswith(f"{part}/"):
            others = {
                module.split(".")[1] for module in imported(path) if module.startswith("moodle_bridge.")
            }
            assert others & PARTS <= BELOW[part], name


@pytest.mark.parametrize("part", FLOORS)
def test_a_room_imports_only_rooms_below_it(part: str) -> None:
    rooms = {name.split("/")[1] for name in MODULES if name.startswith(f"{part}/")} - {"__init__"}
    assert rooms == set().union(*FLOORS[part]), "every room stands on a floor"
    below: set[str] = set()
    wrong = []
    for floor in FLOORS[part]:
        for room in sorted(floor):
            for name, path in MODULES.items():
                if name.split("/")[:2] == [part, room] or name == f"{part}/{room}":
                    others = {
                        module.split(".")[2]
                        for module in imported(path)
                        if module.startswith(f"moodle_bridge.{part}.")
                    }
                    wrong += [f"{name} imports {other}" for other in others - below - {room}]
        below |= floor
    assert wrong == []


def test_only_the_command_line_knows_the_stand_in() -> None:
    for name, path in MODULES.items():
        if not name.startswith(("cli/", "sandbox/")):
            assert not any(module.startswith("moodle_bridge.sandbox") for module in imported(path)), name


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_used_in_its_home_only(library: str) -> None:
    users = [name for name, path in MODULES.items() if library in {m.split(".")[0] for m in imported(path)}]
    assert users, f"nothing uses {library}"
    assert [name for name in users if not name.startswith(HOMES[library])] == []


def test_a_process_that_serves_the_web_loads_nothing_of_pdf() -> None:
    program = "import sys, moodle_bridge.cli.serve, moodle_bridge.cli.web; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = shown.stdout.split()
    assert "moodle_bridge.web.webhooks" in loaded
    assert [name for name in loaded if name.startswith(("moodle_bridge.pdf", "pypdf", "fontTools"))] == []


def test_a_class_of_pdf_shares_its_name_with_no_other() -> None:
    homes: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(name)
    shared = {word: where for word, where in homes.items() if len(where) > 1}
    assert [where for where in shared.values() if any(name.startswith("pdf/") for name in where)] == []
