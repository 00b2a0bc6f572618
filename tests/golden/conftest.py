"""The viewer that the golden tests start once for all documents."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from golden_readers import PdfJs


@pytest.fixture(scope="session")
def pdfjs() -> Iterator[PdfJs]:
    """pdf.js, where NODE_MODULES names the directory with pdfjs-dist and @napi-rs/canvas."""
    modules, node = os.environ.get("NODE_MODULES"), shutil.which("node")
    if not modules or not node:
        pytest.skip("pdf.js takes node and NODE_MODULES, the folder with pdfjs-dist and @napi-rs/canvas")
    missing = [name for name in ("pdfjs-dist", "@napi-rs/canvas") if not (Path(modules) / name).is_dir()]
    if missing:
        pytest.skip(f"NODE_MODULES holds no {' and no '.join(missing)}")
    reader = PdfJs(node, modules)
    yield reader
    reader.close()
