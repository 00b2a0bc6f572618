"""The committed templates are what their sources make; what is not is named, with and without WeasyPrint."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from moodle_bridge import resources
from moodle_bridge.cli.templates import templates
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.syntax import pack
from moodle_bridge.pdf.template import acroform, build
from moodle_bridge.pdf.template.same import same

SMALL = [each for each in build.targets(catalogue.load()) if each.name == "bg/anonymous_feedback.full.pdf"]


@pytest.fixture
def weasyprint() -> Any:
    """Skips the test where templates cannot be built."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        pytest.skip(f"WeasyPrint or its Pango is missing: {error}")
    return weasyprint


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resources.templates_dir(), tmp_path / "templates"))


def check(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(templates, ["check", *arguments])
    return result.exit_code, result.output.splitlines()


def test_the_committed_templates_are_what_their_sources_make(weasyprint: Any) -> None:
    assert check() == (0, ["all templates are up to date"])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("circle", lambda real: lambda x, y, radius: real(x, y, radius).replace(" c", " c 0 w", 1)),
        ("number", lambda real: lambda value: real(value + 0.01)),
        ("to_unicode", lambda real: lambda font: real(font).replace(b"<0410>", b"<0041>")),
    ],
)
def test_a_changed_compiler_is_seen(
    weasyprint: Any, monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[..., Any]
) -> None:
    monkeypatch.setattr(acroform, name, change(getattr(acroform, name)))
    changed = [("bg/anonymous_feedback.full.pdf", "its sources make another one")]
    assert list(build.stale(SMALL, resources.templates_dir())) == changed


@pytest.mark.parametrize(
    ("addition", "changed"),
    [("/* a remark */", []), ("h1, h2, p { margin-left: 3pt }", ["bg/anonymous_feedback.full.pdf"])],
    ids=["a remark", "a rule"],
)
def test_a_changed_style_is_seen_and_a_remark_is_none(
    weasyprint: Any, root: Path, addition: str, changed: list[str]
) -> None:
    style = root / "source" / "style.css"
    style.write_text(style.read_text(encoding="utf-8") + addition, encoding="utf-8")
    assert [name for name, _ in build.stale(SMALL, root)] == changed
    assert list(build.build(SMALL, root)) == changed
    assert list(build.stale(SMALL, root)) == []


def test_another_compressor_makes_the_same_template(weasyprint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pack.object_stream
    monkeypatch.setattr(pack, "object_stream", lambda number, objects, level: real(number, objects, 1))
    assert list(build.stale(SMALL, resources.templates_dir())) == []


def test_another_tag_for_a_font_makes_the_same_template(
    weasyprint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weasyprint.pdf.fonts.md5", hashlib.blake2b)
    (built,) = build._made(SMALL, resources.templates_dir())
    committed = (resources.templates_dir() / SMALL[0].name).read_bytes()
    assert built[1] != committed
    assert same(built[1], committed)


def test_nothing_is_left_in_the_folder_of_temporary_files(
    weasyprint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert list(build.stale(SMALL, resources.templates_dir())) == []
    assert list(tmp_path.iterdir()) == []


def test_without_weasyprint_only_the_files_are_looked_at_and_it_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    code, lines = check("--directory", str(root))
    assert (code, len(lines)) == (0, 1)
    assert "not looked at is what their sources make now: WeasyPrint or its Pango is missing" in lines[0]
    with (root / "en" / "mentor_final.full.pdf").open("ab") as file:
        file.write(b"\n")
    (root / "bg" / "mentee_final.full.pdf").unlink()
    assert check("--directory", str(root)) == (
        1,
        [
            "bg/mentee_final.full.pdf: it was never built",
            "en/mentor_final.full.pdf: the file is not the one that was built",
        ],
    )
