"""A newcomer follows the README: from the zip to a session in a course, by the labels the screen shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from people import ADMINISTRATOR, Person
from site_under_test import Service, Site, wait_for

from moodle_bridge.moodle import plugin_zip

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def bare(site: Site) -> Iterator[Site]:
    """The site as it was before it knew the activity."""
    site.remove()
    yield site
    site.install()


def test_the_steps_of_the_readme_lead_from_the_zip_to_the_first_form(
    bare: Site, service: Service, chromium: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    steps = _steps()
    assert 1 <= len(steps) <= 8
    course = bare.act("course", name="Е-менторинг", language="en")
    bare.act("no_tours")
    administrator = Person(chromium, bare.url, *ADMINISTRATOR)
    page = administrator.open("/my/")

    # Make the zip; install it.
    zip_file = plugin_zip.build(tmp_path / "mod_monitoringsession.zip")
    _go(page, steps, "Site administration", "Plugins", "Install plugins")
    page.get_by_role("button", name="Choose a file...").click()
    page.get_by_role("link", name="Upload a file").click()
    page.set_input_files('input[name="repo_upload_file"]', zip_file)
    page.get_by_role("button", name="Upload this file").click()
    page.get_by_text("mod_monitoringsession.zip").wait_for()
    _press(page, steps, "Install plugin from the ZIP file")
    upgrade = page.get_by_role("button", name="Upgrade Moodle database now", exact=True)
    while not upgrade.count():
        _press(page, steps, "Continue")
    _press(page, steps, "Upgrade Moodle database now")
    _press(page, steps, "Continue")
    _press(page, steps, "Save changes")

    # Connect.
    code = service.command("pair").split()[0]
    _go(page, steps, "Site administration", "Plugins", "Connection to the service")
    page.get_by_role("textbox", name=_named(steps, "Address of the service")).fill(service.url)
    page.get_by_role("textbox", name=_named(steps, "One-time code")).fill(code)
    page.get_by_role("checkbox", name=_named(steps, "I agree")).check()
    _press(page, steps, "Connect")
    # Without the box Moodle blocks a private address, and the message says which box it is.
    box = _named(steps, "Allow the address of the service even if HTTP security blocks it")
    assert box in page.locator(".alert-danger").inner_text()
    page.get_by_role("checkbox", name=box).check()
    page.get_by_role("checkbox", name=_named(steps, "I agree")).check()
    _press(page, steps, "Connect")
    _press(page, steps, "Test both directions")
    page.get_by_text("Moodle reaches the service.").wait_for()
    wait_for(lambda: bare.rows("monitoringsession_definition"), "the forms do not arrive")
    _press(page, steps, "Test both directions")
    page.get_by_text("The forms have arrived.").wait_for()
    administrator.check()

    # Plan the sessions of a course.
    coordinator = Person(chromium, bare.url, course["people"]["coordinator"]["username"])
    page = coordinator.open(f"/course/view.php?id={course['course']}")
    page.locator(".secondary-navigation").get_by_role("menuitem", name=_named(steps, "More")).click()
    page.get_by_role("menuitem", name=_named(steps, "Monitoring plan")).click()
    page.get_by_label("End of the process").and_(page.locator("input")).fill("2030-06-28")
    _press(page, steps, "Show the dates")
    _press(page, steps, "Create the sessions")
    page.locator(".alert-success").wait_for()
    coordinator.check()

    # A mentee finds a form there.
    [first, *_] = bare.rows("monitoringsession", course=course["course"], kind="initial")
    mentee = Person(chromium, bare.url, course["people"]["mentee"]["username"])
    wait_for(
        lambda: (
            mentee.session(bare.act("cm", instance=int(first["id"]))).locator('a[href*="form.php"]').count()
        ),
        "the mentee finds no form",
    )
    taken = time.monotonic() - started
    for person in (administrator, coordinator, mentee):
        person.close()
    with capsys.disabled():
        print(f"\nthe README's {len(steps)} steps by a browser: {taken:.0f} s")


def _steps() -> list[str]:
    text = README.read_text(encoding="utf-8").split("## Connect your Moodle", 1)[1].split("\n## ", 1)[0]
    steps: list[str] = []
    for line in text.splitlines():
        if line[:1].isdigit():
            steps.append(line)
        elif steps and line.startswith("   "):
            steps[-1] += " " + line.strip()
    return steps


def _named(steps: list[str], label: str) -> str:
    """A label of the screen that the README names in just these words."""
    assert any(label in step for step in steps), f"the README does not say {label!r}"
    return label


def _press(page: Any, steps: list[str], label: str) -> None:
    page.get_by_role("button", name=_named(steps, label), exact=True).first.click()
    page.wait_for_load_state("domcontentloaded")


def _go(page: Any, steps: list[str], *labels: str) -> None:
    for label in labels:
        _named(steps, label)
        link = page.get_by_role("link", name=label, exact=True)
        link = link.or_(page.get_by_role("menuitem", name=label, exact=True))
        link.or_(page.get_by_role("tab", name=label, exact=True)).first.click()
        page.wait_for_load_state("domcontentloaded")
