"""The client over TLS: certificates are checked, and the time limit counts there too."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from misbehaving import Moodle, misbehaving
from serving import TOKEN, golden

from moodle_bridge import errors
from moodle_bridge.contract.exchanges import ChangePage
from moodle_bridge.moodle.client import Client

CHANGES = golden("ws-get_changes")["answer"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody but itself vouches for."""
    return self_signed(tmp_path_factory.mktemp("tls"), "127.0.0.1")


def self_signed(folder: Path, address: str) -> Path:
    """Make a key and a certificate for an address, in a folder."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=moodle"
    files = ["-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(
        [*command.split(), "-addext", f"subjectAltName=IP:{address}", *files],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def moodle(certificate: Path) -> Iterator[Moodle]:
    with misbehaving(showing(certificate)) as moodle:
        yield moodle


def showing(certificate: Path) -> ssl.SSLContext:
    """The server's side of TLS with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def test_a_certificate_of_ones_own_authority_is_accepted(moodle: Moodle, certificate: Path) -> None:
    moodle.answers(CHANGES)
    client = Client(
        moodle.url, TOKEN, timeout_seconds=5, concurrency=1, ca_file=str(certificate / "cert.pem")
    )
    assert [client.greet(), client.greet()] == [ChangePage.of(CHANGES)] * 2
    assert moodle.connections == 1


def test_a_certificate_nobody_vouches_for_is_refused_and_sees_no_token(moodle: Moodle) -> None:
    moodle.answers(CHANGES)
    with pytest.raises(errors.MoodleUnreachable, match="certificate"):
        Client(moodle.url, TOKEN, timeout_seconds=5, concurrency=1).greet()
    assert moodle.requests == []


def test_a_certificate_for_another_address_is_refused(tmp_path: Path) -> None:
    other = self_signed(tmp_path, "192.0.2.1")
    with misbehaving(showing(other)) as moodle:
        trusting = str(other / "cert.pem")
        client = Client(moodle.url, TOKEN, timeout_seconds=5, concurrency=1, ca_file=trusting)
        with pytest.raises(errors.MoodleUnreachable, match="certificate"):
            client.greet()
        assert moodle.requests == []


def test_a_server_that_speaks_no_tls_is_unreachable() -> None:
    with misbehaving() as plain:
        client = Client(plain.url.replace("http:", "https:"), TOKEN, timeout_seconds=2, concurrency=1)
        with pytest.raises(errors.MoodleError) as caught:
            client.greet()
    assert isinstance(caught.value, errors.MoodleUnreachable | errors.MoodleSlow)


def test_a_server_that_drips_over_tls_cannot_hold_a_call(moodle: Moodle, certificate: Path) -> None:
    def drip(connection: object) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n")
        for byte in json.dumps(CHANGES).encode():
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    moodle.behave = drip
    client = Client(
        moodle.url, TOKEN, timeout_seconds=0.5, concurrency=1, ca_file=str(certificate / "cert.pem")
    )
    with pytest.raises(errors.MoodleSlow):
        client.greet()
    assert moodle.finished == 0, "the call ended before the answer did"
