"""Read and render documents as other people's software does; what is not installed is skipped."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

_INVISIBLE = re.compile(r"[-\s\x00-\x1f\ufeff\ufffe\uffff]")
_HARMLESS = {b"", b"warning: ICC support is not available\n"}


def squeezed(text: str) -> str:
    """Text without spaces, line ends and hyphens: extractors differ in these, not in letters.

    PDFium takes a hyphen at the end of a line for hyphenation, also in "е-менторинг".
    """
    return _INVISIBLE.sub("", text)


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def poppler_text(content: bytes, path: Path) -> str:
    path.write_bytes(content)
    done = subprocess.run(
        [_tool("pdftotext"), "-raw", str(path), "-"], capture_output=True, check=True, timeout=60
    )
    assert done.stderr == b"", done.stderr
    return done.stdout.decode("utf-8")


def pdfium_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def mupdf_text(content: bytes, path: Path) -> str:
    path.write_bytes(content)
    command = [_tool("mutool"), "draw", "-q", "-F", "txt", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert done.stderr in _HARMLESS, done.stderr
    return done.stdout.decode("utf-8")


def body_text(content: bytes) -> str:
    """What PDFium reads without the two lines at the foot of every page."""
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [page.get_textpage().get_text_range().rstrip().splitlines() for page in document]
    finally:
        document.close()
    return "\n".join("\n".join(lines[:-2]) for lines in pages)


def pypdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def poppler_pictures(
    content: bytes, folder: Path, resolution: int, pages: Sequence[int]
) -> list[Image.Image]:
    """Some pages in grey, numbered from one; so do all the functions below."""
    path = _kept(content, folder)
    for page in pages:
        chosen = ["-r", str(resolution), "-gray", "-f", str(page), "-l", str(page)]
        _quietly(_tool("pdftoppm"), *chosen, str(path), str(folder / "poppler"))
    return _pictures(folder, "poppler")


def ghostscript_pictures(
    content: bytes, folder: Path, resolution: int, pages: Sequence[int]
) -> list[Image.Image]:
    path = _kept(content, folder)
    # Ghostscript shifts letters to whole dots: let its dots be small ones.
    fine = [f"-r{3 * resolution}", "-dDownScaleFactor=3", f"-sPageList={_listed(pages)}"]
    target = ["-sDEVICE=png16m", f"-sOutputFile={folder / 'ghostscript-%d.png'}"]
    _quietly(_tool("gs"), "-q", "-dBATCH", "-dNOPAUSE", *fine, *target, str(path))
    return _pictures(folder, "ghostscript")


def mupdf_pictures(content: bytes, folder: Path, resolution: int, pages: Sequence[int]) -> list[Image.Image]:
    path = _kept(content, folder)
    target = ["-r", str(resolution), "-o", str(folder / "mupdf-%d.png")]
    _quietly(_tool("mutool"), "draw", "-q", *target, str(path), _listed(pages))
    return _pictures(folder, "mupdf")


def pdfium_pictures(content: bytes, folder: Path, resolution: int, pages: Sequence[int]) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(content)
    try:
        # PDFium sets lines of text on whole dots: let its dots be small ones.
        fine = [document[page - 1].render(scale=2 * resolution / 72).to_pil() for page in pages]
        return [picture.convert("L").reduce(2) for picture in fine]
    finally:
        document.close()


def _listed(pages: Sequence[int]) -> str:
    return ",".join(map(str, pages))


def _kept(content: bytes, folder: Path) -> Path:
    path = folder / "document.pdf"
    path.write_bytes(content)
    return path


def _quietly(*command: str) -> None:
    """Run a renderer that has to have nothing to say about a document of ours."""
    done = subprocess.run(command, capture_output=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert done.stderr in _HARMLESS, done.stderr


def _pictures(folder: Path, prefix: str) -> list[Image.Image]:
    found = sorted(folder.glob(f"{prefix}-*"), key=lambda path: int(path.stem.rpartition("-")[2]))
    return [Image.open(path).convert("L") for path in found]


class PdfJs:
    """pdf.js in one Node process for all documents; it starts slowly."""

    def __init__(self, node: str, modules: str) -> None:
        script = Path(__file__).with_name("pdfjs_reader.mjs")
        self._process = subprocess.Popen(
            [node, str(script), modules], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def text(self, content: bytes, folder: Path) -> str:
        return "\n".join(page["text"] for page in self._read(content, folder, 0, ()))

    def pictures(
        self, content: bytes, folder: Path, resolution: int, pages: Sequence[int]
    ) -> list[Image.Image]:
        read = self._read(content, folder, resolution / 72, pages)
        return [Image.open(page["picture"]).convert("L") for page in read if page["picture"]]

    def close(self) -> None:
        with self._process as process:
            process.stdin.close()

    def _read(self, content: bytes, folder: Path, scale: float, drawn: Sequence[int]) -> list[dict[str, Any]]:
        file = str(_kept(content, folder))
        job = {"file": file, "scale": scale, "folder": str(folder), "drawn": list(drawn)}
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        assert answer["said"] == [], "pdf.js has nothing to complain about"
        return answer["pages"]
