"""What is in deploy/: units, image, compose file and proxy are what their programs accept, and agree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from manual import blocks, section

from moodle_bridge.errors import SettingsError
from moodle_bridge.settings import load

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=bridge -days 1"
UNITS = sorted(path.name for path in DEPLOY.glob("*@.*"))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_each_unit_is_a_template_for_one_instance() -> None:
    assert UNITS == ["moodle-bridge-backup@.service", "moodle-bridge-backup@.timer", "moodle-bridge@.service"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_units_and_finds_them_shut_off(tmp_path: Path) -> None:
    for name in UNITS:
        text = (DEPLOY / name).read_text().replace("/opt/moodle-bridge/bin/moodle-bridge", "/bin/true")
        (tmp_path / name).write_text(text)
    instances = [str(tmp_path / name.replace("@", "@main")) for name in UNITS]
    for instance in instances:
        shutil.copy(instance.replace("@main", "@"), instance)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *instances], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "moodle-bridge" in line]
    assert ours == []
    for unit, most in (("moodle-bridge@.service", 20), ("moodle-bridge-backup@.service", 50)):
        rated = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", f"--threshold={most}", str(DEPLOY / unit)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert rated.returncode == 0, rated.stdout[-300:]


def test_every_variable_of_the_environment_file_is_a_setting_or_everybodys(tmp_path: Path) -> None:
    lines = (DEPLOY / "instance.env").read_text().splitlines()
    pairs = [match for line in lines if (match := re.fullmatch(r"#?([A-Z_]+)=(\S*)", line))]
    known = {match[1]: match[2] for match in pairs}
    assert set(known) - {"LANG", "HTTPS_PROXY"} == {
        name for name in known if name.startswith("MOODLE_BRIDGE_")
    }
    secret = tmp_path / "secret"
    secret.write_text("postgresql+psycopg://bridge:pass@localhost/bridge")
    values = {name: str(secret) if name.endswith("_FILE") else value for name, value in known.items()}
    found = load(environ=values)
    assert found.log.format == "json"
    with pytest.raises(SettingsError, match="there is no such setting"):
        load(environ={"MOODLE_BRIDGE_LOG_FROMAT": "json"})


def test_the_stop_of_unit_and_container_is_longer_than_that_of_the_service(compose: dict[str, Any]) -> None:
    unit = (DEPLOY / "moodle-bridge@.service").read_text()
    longest = load().service.stop_seconds
    stop = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    assert stop
    assert int(stop[1]) > longest + 5
    assert int(compose["services"]["bridge"]["stop_grace_period"].removesuffix("s")) > longest + 5


def test_the_units_open_files_are_enough_for_all_connections() -> None:
    from moodle_bridge.connections import OTHER_FILES

    files = re.search(r"^LimitNOFILE=(\d+)$", (DEPLOY / "moodle-bridge@.service").read_text(), re.MULTILINE)
    assert files
    assert int(files[1]) > load().limits.connections + OTHER_FILES


def test_only_the_proxy_can_be_reached_and_the_database_by_the_service_alone(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, each in services.items() if each.get("ports")} == {"proxy"}
    assert services["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_images_name_their_release_and_secrets_lie_in_files_that_git_ignores(compose: dict[str, Any]) -> None:
    others = [each["image"] for name, each in compose["services"].items() if name != "bridge"]
    assert all(re.search(r":\d+(\.\d+)?$", image) for image in others)
    for secret in compose["secrets"].values():
        file = (DEPLOY / secret["file"]).relative_to(DEPLOY.parent)
        assert (
            subprocess.run(["git", "check-ignore", "--quiet", str(file)], cwd=DEPLOY.parent).returncode == 0
        )
    used = {name for each in compose["services"].values() for name in each.get("secrets", [])}
    assert used == set(compose["secrets"])


def test_the_services_variables_are_settings_of_image_and_compose_file(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    bridge = compose["services"]["bridge"]
    lines = [line for block in blocks("operate.md", "Containers") for line in block]
    (written,) = [line for line in lines if line.endswith("> secrets/database_url")]
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/database_password").write_text("a-b_c")
    subprocess.run(["sh", "-euc", written], cwd=tmp_path, check=True)
    secret = tmp_path / "secrets/database_url"
    image = dict(re.findall(r"(MOODLE_BRIDGE_\w+)=(\S+)", (DEPLOY / "Containerfile").read_text()))
    environ = image | bridge["environment"] | {"MOODLE_BRIDGE_DATABASE_URL_FILE": str(secret)}
    found = load(environ=environ)
    assert (found.service.host, found.service.port) == ("0.0.0.0", 8650)
    assert found.service.data in [volume.split(":")[1] for volume in bridge["volumes"]]
    database = compose["services"]["database"]["environment"]
    expected = f"postgresql+psycopg://{database['POSTGRES_USER']}:a-b_c@database/{database['POSTGRES_DB']}"
    assert found.database_url == expected
    assert "http://bridge:8650" in (DEPLOY / "compose/proxy.conf").read_text()


def test_the_image_is_made_of_files_that_the_build_makes() -> None:
    image, build = (DEPLOY / "Containerfile").read_text(), (DEPLOY / "build.sh").read_text()
    for made in ("constraints.txt", "sbom.cdx.json", "moodle_bridge-*.whl"):
        assert f"/dist/{made}" in image
        assert made in build


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
@pytest.mark.parametrize("source", ["deploy/compose/proxy.conf", "the manual"])
def test_nginx_accepts_the_proxys_configuration(source: str, tmp_path: Path) -> None:
    if source == "the manual":
        found = re.search(r"```nginx\n(.*?)```", section("operate.md", "TLS, firewall, limits"), re.DOTALL)
        assert found
        text = found[1]
    else:
        text = (DEPLOY.parent / source).read_text()
    subprocess.run(
        ["sh", "-c", f"{CERTIFICATE} -keyout key.pem -out certificate.pem"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    text = re.sub(r"ssl_certificate(\s+)\S+", rf"ssl_certificate\1{tmp_path}/certificate.pem;", text)
    text = re.sub(r"ssl_certificate_key(\s+)\S+", rf"ssl_certificate_key\1{tmp_path}/key.pem;", text)
    text = text.replace("http://bridge:8650", "http://127.0.0.1:8650")  # the name is known to compose alone
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off;\n{text}\n}}")
    done = subprocess.run(
        ["nginx", "-t", "-c", str(whole), "-p", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["moodle-bridge-for", "build.sh"])
def test_scripts_are_executable_and_of_plain_shell(name: str) -> None:
    assert os.access(DEPLOY / name, os.X_OK)
    subprocess.run(["sh", "-n", str(DEPLOY / name)], check=True)
