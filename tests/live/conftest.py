"""A real Moodle, the real service beside it, and a real browser; skips, saying why, where one is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_under_test import Service, Site

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The site whose code tree ``MOODLE_DIR`` names, with the activity freshly installed from its zip."""
    folder = os.environ.get("MOODLE_DIR")
    if not folder:
        pytest.skip("MOODLE_DIR does not name the code tree of a Moodle test site (docs/moodle.md, Testing)")
    if not shutil.which("php"):
        pytest.skip("php is not installed, so the site of MOODLE_DIR cannot be served")
    site = Site(Path(folder))
    try:
        site.install()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def service(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service in a process of its own, not yet paired."""
    service = Service(tmp_path_factory.mktemp("service"))
    service.start()
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="session")
def chromium(site: Site) -> Iterator[object]:
    """Debian's Chromium, driven by Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
