"""Settings: where they come from, what is refused, and that every one is documented."""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from moodle_bridge.errors import SettingsError
from moodle_bridge.remedies import remedy_of
from moodle_bridge.resources import config_dir
from moodle_bridge.settings import PREFIX, SECRETS, Settings, describe, load

ROOT = Path(__file__).resolve().parents[2]
DEFAULTS: dict[str, Any] = {
    f"{section}.{name}": value
    for section, table in tomllib.loads((config_dir() / "bridge.toml").read_text("utf-8")).items()
    for name, value in table.items()
}
ROW = re.compile(r"^\| `([a-z]+\.[a-z_]+)` \| `([A-Z_]+)` \| `([^`]*)` \| (.+) \|$", re.MULTILINE)
DOCUMENTED = ROW.findall((ROOT / "docs" / "settings.md").read_text("utf-8"))


def variable(key: str) -> str:
    return PREFIX + key.replace(".", "_").upper()


# The page, the file and the code say the same


def test_the_page_names_every_setting_in_the_order_of_the_file() -> None:
    assert [key for key, *_ in DOCUMENTED] == list(DEFAULTS)


def test_the_code_knows_the_settings_of_the_file_and_no_others() -> None:
    assert list(describe(load())) == list(DEFAULTS)


@pytest.mark.parametrize(
    ("key", "name", "default", "meaning"), DOCUMENTED, ids=[row[0] for row in DOCUMENTED]
)
def test_the_page_states_variable_default_and_meaning(
    key: str, name: str, default: str, meaning: str
) -> None:
    assert name == variable(key)
    assert tomllib.loads(f"x = {default}")["x"] == DEFAULTS[key]
    assert len(meaning) > 10
    assert meaning.endswith("A secret.") == (key in SECRETS)


def test_the_file_says_what_each_setting_means() -> None:
    for line in (config_dir() / "bridge.toml").read_text("utf-8").splitlines():
        if " = " in line and not line.startswith("#"):
            assert "  # " in line or '" # ' in line, line


# Where they come from


def test_without_anything_the_defaults_count() -> None:
    settings = load()
    assert (settings.service.host, settings.service.port) == ("127.0.0.1", 8650)
    assert settings.jobs.attempts == DEFAULTS["jobs.attempts"]


@pytest.mark.parametrize("key", [key for key, value in DEFAULTS.items() if isinstance(value, int)])
def test_every_number_can_come_from_the_environment(key: str) -> None:
    section, name = key.split(".")
    settings = load(None, {variable(key): str(DEFAULTS[key] + 1)})
    assert getattr(getattr(settings, section), name) == DEFAULTS[key] + 1


def test_a_file_wins_over_the_defaults_and_the_environment_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text(
        '[service]\nport = 1\nthreads = 2\n[documents]\norganisation = "Сдружение „Ѝ“"\n', "utf-8"
    )
    settings = load(file, {variable("service.port"): "3"})
    assert (settings.service.port, settings.service.threads) == (3, 2)
    assert settings.documents.organisation == "Сдружение „Ѝ“"
    assert settings.service.host == "127.0.0.1"


@pytest.mark.parametrize("key", sorted(SECRETS))
def test_a_secret_can_come_from_a_file(key: str, tmp_path: Path) -> None:
    value = "sqlite:////tmp/x.sqlite3" if key.endswith("url") else "a-token-of-some-length"
    (tmp_path / "secret").write_text(f"{value}\n", "utf-8")
    settings = load(None, {variable(key) + "_FILE": str(tmp_path / "secret")})
    section, name = key.split(".")
    assert getattr(getattr(settings, section), name) == value


def test_settings_are_frozen() -> None:
    settings = load()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.service.port = 1  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.log = settings.log  # type: ignore[misc]


def test_reading_leaves_the_process_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable("service.port"), "1")
    assert load().service.port == DEFAULTS["service.port"]
    assert load(None, os.environ).service.port == 1


# What follows from them


def test_the_database_is_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    settings = load(None, {variable("service.data"): str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path / 'bridge.sqlite3'}"


def test_a_data_folder_under_home_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(None, {variable("service.data"): "~/data"}).data == tmp_path / "data"


# What is refused, with its name


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("service.host", ""),
        ("service.port", "65536"),
        ("service.port", "-1"),
        ("service.port", "http"),
        ("service.threads", "0"),
        ("service.stop_seconds", "0"),
        ("database.url", "mysql://host/name"),
        ("database.url", "postgresql://host/name"),
        ("database.url", "postgresql+psycopg://name:pass/word@host/name"),
        ("database.url", "postgresql+psycopg://[::1/name"),
        ("moodle.timeout_seconds", "0"),
        ("moodle.concurrency", "0"),
        ("moodle.ca_file", "/nowhere/ca.pem"),
        ("moodle.ca_file", __file__),
        ("jobs.workers", "1000"),
        ("jobs.lease_seconds", "1"),
        ("jobs.attempts", "0"),
        ("reconcile.every_seconds", "1"),
        ("documents.timezone", "Europe/Nowhere"),
        ("documents.timezone", "../../etc/passwd"),
        ("documents.logo", "/nowhere/logo.png"),
        ("forms.instruments", "/nowhere"),
        ("forms.templates", "/nowhere"),
        ("limits.body_bytes", "10"),
        ("limits.depth", "1"),
        ("hints.local_webhooks_token", "short"),
        ("hints.tool_trigger_token", "short"),
        ("retention.inbox_days", "0"),
        ("log.format", "xml"),
        ("log.level", "loud"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_it_should_be(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(None, {variable(key): value})
    message = refused.value.message
    assert key in message or variable(key) in message
    assert "expected" in message or "there is no such" in message
    if key in SECRETS:
        assert value not in message
    assert "bridge.toml" in remedy_of(refused.value.code)["bg"]


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"log\.format.*log\.level|log\.level.*log\.format"):
        load(None, {variable("log.format"): "xml", variable("log.level"): "loud"})


@pytest.mark.parametrize(
    "text",
    [
        "[service]\nport = '8650'\n",
        "[service]\nport = true\n",
        "[service]\nport = 1.5\n",
        "[service]\nhost = 1\n",
        "[service]\nprot = 8650\n",
        "[sevrice]\nport = 8650\n",
        "port = 8650\n",
        "[service\n",
    ],
    ids=["text", "truth", "fraction", "number", "unknown name", "unknown section", "no section", "no TOML"],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bridge.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        load(tmp_path / "bridge.toml")


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.toml"):
        load(tmp_path / "missing.toml")


def test_a_secret_file_that_is_not_there_is_refused_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL_FILE"):
        load(None, {variable("database.url") + "_FILE": str(tmp_path / "missing")})


def test_a_secret_file_that_is_no_text_is_refused_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes("парола".encode("cp1251"))
    with pytest.raises(SettingsError, match="DATABASE_URL_FILE") as refused:
        load(None, {variable("database.url") + "_FILE": str(tmp_path / "secret")})
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("name", ["service.prot", "database.url_fiel", "service.host_file"])
def test_a_variable_that_looks_like_a_setting_and_is_none_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=variable(name)):
        load(None, {variable(name): "1"})


def test_variables_of_other_things_are_left_alone() -> None:
    assert load(None, {f"{PREFIX}CONFIG": "/x", f"{PREFIX}TEST_EVERY_FORM": "1"}) == load()


def test_describing_shows_no_secret() -> None:
    told = describe(load(None, {variable("hints.tool_trigger_token"): "a-token-of-some-length"}))
    assert told["hints.tool_trigger_token"] == "(set)"
    assert told["hints.local_webhooks_token"] == ""
    assert isinstance(load(), Settings)
