"""Pictures of pages, on a desktop and on a phone, kept where ``LIVE_PICTURES`` says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from people import Person
from site_under_test import Site

# Moodle's own tests look at its scripts in this way; some never come to rest where there is no internet.
SCRIPTS_AT_REST = """() => new Promise(done => {
    const end = Date.now() + 2500;
    const rests = () => window.M && M.util && M.util.pending_js && !M.util.pending_js.length;
    const look = () => rests() || Date.now() > end
        ? done() : setTimeout(look, 100);
    look();
})"""
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}


class Gallery:
    """A folder of pictures of one site in one language; knows which pages did not fit."""

    def __init__(self, folder: Path, mark: str) -> None:
        self.folder, self._mark = folder, mark
        self.misfits: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    def of(cls, site: Site, language: str, temporary: pytest.TempPathFactory) -> Gallery:
        """The gallery of a site, where ``LIVE_PICTURES`` says or in a temporary folder."""
        folder = os.environ.get("LIVE_PICTURES")
        return cls(
            Path(folder) if folder else temporary.mktemp("pictures"),
            f"{site.act('about')['version']}-{language}",
        )

    def take(self, person: Person, name: str, *, whole: bool = True, ours: bool = True) -> None:
        """Look at the open page at both widths: ``whole`` from its head to its foot; ``ours`` has to fit."""
        person.check()
        page = person.page
        page.wait_for_load_state()
        for device, (width, height) in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(SCRIPTS_AT_REST)
            page.wait_for_timeout(400)
            room, needed = page.evaluate(
                "(main => [main.clientWidth, main.scrollWidth])(document.querySelector('#region-main'))"
            )
            if ours and needed > room + 1:
                self.misfits.append(f"{name} on a {device} is {needed} px wide in {room} px")
                print(self.misfits[-1])
            page.screenshot(path=self._file(f"{name}-{device}.png"), full_page=whole)
        page.set_viewport_size({"width": WIDTHS["desktop"][0], "height": WIDTHS["desktop"][1]})

    def open_sections(self, person: Person) -> None:
        """Unfold the sections of a summary, so that pictures show them."""
        sections = "document.querySelectorAll('.monitoringsession .card details')"
        person.page.evaluate(f"{sections}.forEach(one => one.open = true)")

    def keep(self, name: str, content: bytes) -> None:
        """Keep a file beside the pictures."""
        self._file(name).write_bytes(content)

    def _file(self, name: str) -> Path:
        return self.folder / f"{self._mark}-{name}"
