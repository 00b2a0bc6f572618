"""Leaving: the plugin's own tests, then unpairing and uninstalling leave nothing behind."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest
from people import Person
from site_under_test import Site

from moodle_bridge import resources


def test_the_plugins_own_tests_pass(site: Site) -> None:
    if not os.environ.get("MOODLE_PHPUNIT"):
        pytest.skip("MOODLE_PHPUNIT is not set: the site's PHPUnit is not prepared (docs/moodle.md, Testing)")
    command = ["php", "vendor/bin/phpunit", "--testsuite", "mod_monitoringsession_testsuite"]
    environment = {
        **os.environ,
        "MOODLE_BRIDGE_CONTRACT": str(resources.contract_dir()),
        "LC_ALL": "en_AU.UTF-8",
    }
    result = subprocess.run(
        command, cwd=site.folder, env=environment, capture_output=True, text=True, timeout=900
    )
    assert result.returncode == 0, result.stdout[-4000:]


def test_unpairing_takes_back_what_pairing_made(
    site: Site, pairing: Person, archived: dict[str, Any]
) -> None:
    page = pairing.open("/mod/monitoringsession/connection.php")
    page.click('button[value="unpair"]')
    page.click('form[action*="connection.php"] button:has-text("Disconnect")')
    page.wait_for_selector("#id_code")
    assert not site.rows("external_services", shortname="monitoringsession_service")
    assert not site.rows("role", shortname="monitoringsession_service")
    assert not [u for u in site.rows("user", username="monitoringsession_service") if u["deleted"] == "0"]
    assert not site.rows("monitoringsession_outbox")
    assert not [
        row for row in site.rows("config_plugins", plugin="mod_monitoringsession") if row["name"] == "secret"
    ]
    for table in ("submission", "document"):
        kept = site.rows(f"monitoringsession_{table}", monitoringsession=archived["instance"])
        assert kept, "answers and documents stay"


def test_uninstalling_leaves_nothing_behind(site: Site) -> None:
    try:
        site.php("uninstall_plugins.php", "--plugins=mod_monitoringsession", "--run")
        assert site.act("left") == []
    finally:
        site.install()
