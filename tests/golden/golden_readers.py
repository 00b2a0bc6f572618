"""Read and render documents as other people's software does; what is not installed is skipped."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

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
    done = subprocess.run(
        [_tool("mutool"), "draw", "-q", "-F", "txt", str(path)], capture_output=True, check=True, timeout=60
    )
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


def poppler_picture(content: bytes, path: Path, page: int, resolution: int) -> Image.Image:
    path.write_bytes(content)
    target = path.with_suffix("")
    arguments = ["-r", str(resolution), "-png", "-singlefile", "-f", str(page), "-l", str(page)]
    subprocess.run(
        [_tool("pdftoppm"), *arguments, str(path), str(target)], check=True, capture_output=True, timeout=60
    )
    return Image.open(f"{target}.png").convert("L")


def ghostscript_picture(content: bytes, path: Path, page: int, resolution: int) -> Image.Image:
    path.write_bytes(content)
    target = path.with_suffix(".gs.png")
    arguments = [
        "-q",
        "-dBATCH",
        "-dNOPAUSE",
        "-sDEVICE=png16m",
        "-dTextAlphaBits=4",
        "-dGraphicsAlphaBits=4",
    ]
    pages = [f"-dFirstPage={page}", f"-dLastPage={page}", f"-r{resolution}", f"-sOutputFile={target}"]
    done = subprocess.run([_tool("gs"), *arguments, *pages, str(path)], capture_output=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, b"")
    return Image.open(target).convert("L")


def mupdf_picture(content: bytes, path: Path, page: int, resolution: int) -> Image.Image:
    path.write_bytes(content)
    target = path.with_suffix(".mu.png")
    arguments = ["draw", "-q", "-r", str(resolution), "-o", str(target), str(path), str(page)]
    subprocess.run([_tool("mutool"), *arguments], check=True, capture_output=True, timeout=60)
    return Image.open(target).convert("L")


def pdfium_picture(content: bytes, page: int, resolution: int) -> Image.Image:
    document = pypdfium2.PdfDocument(content)
    try:
        return document[page - 1].render(scale=resolution / 72).to_pil().convert("L")
    finally:
        document.close()
