"""Submissions archived per second, with Moodle at 0 and at 70 ms a call, beside what Moodle alone allows.

    python benchmarks/archive.py

The measure is a bare client that makes the same five calls for each submission (read, and upload and store
for each of two variants) with the same number of calls under way, and does nothing else.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "tests")]

from load import processor  # noqa: E402
from processes import Plant, plant, until  # noqa: E402

from moodle_bridge.cli.demo_parts import sample  # noqa: E402

SUBMISSIONS, PEOPLE, CONCURRENCY = 240, 10, 6
LATENCIES = (0, 70)


@dataclass(frozen=True, slots=True)
class Bare:
    """What the bare client needs: where Moodle is, and one real document to store again and again."""

    url: str
    token: str
    session: str
    submissions: list[str]
    content: bytes

    def run(self) -> float:
        """File as many documents as the service does; seconds."""
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(CONCURRENCY)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - began

    def _work(self, first: int) -> None:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        for number in range(first, len(self.submissions), CONCURRENCY):
            submission = self.submissions[number]
            self._call(connection, "get_submissions", {"ids[0]": submission, "session": ""})
            for variant in ("full", "mentor"):
                draft = self._upload(connection)
                self._store(connection, submission, variant, draft)
        connection.close()

    def _call(self, connection: http.client.HTTPConnection, name: str, values: dict[str, str]) -> object:
        fields = {
            "wstoken": self.token,
            "wsfunction": f"mod_monitoringsession_{name}",
            "moodlewsrestformat": "json",
            "contract": "2",
            **values,
        }
        body = urllib.parse.urlencode(fields).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/webservice/rest/server.php", body, kind)
        answer = json.loads(connection.getresponse().read())
        assert "exception" not in answer, answer
        return answer

    def _upload(self, connection: http.client.HTTPConnection) -> str:
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (("token", self.token), ("itemid", "0"), ("filearea", "draft"))
        ]
        disposition = 'Content-Disposition: form-data; name="file"; filename="form.pdf"'
        parts.append(f"--{edge}\r\n{disposition}\r\nContent-Type: application/pdf\r\n\r\n".encode())
        body = b"".join(parts) + self.content + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        connection.request("POST", "/webservice/upload.php", body, kind)
        return str(json.loads(connection.getresponse().read())[0]["itemid"])

    def _store(
        self, connection: http.client.HTTPConnection, submission: str, variant: str, draft: str
    ) -> None:
        values = {
            "session": self.session,
            "submission": submission,
            "document": str(uuid.uuid4()),
            "variant": variant,
            "language": "bg",
            "filename": f"{uuid.uuid4()}.pdf",
            "size": str(len(self.content)),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "answers_sha256": "0" * 64,
            "draftitemid": draft,
        }
        self._call(connection, "store_document", values)


def service(made: Plant, session: str) -> tuple[float, list[str]]:
    """Archive a burst of submissions; seconds from the first webhook to the last stored document."""
    faults, answers = made.sandbox.faults, sample("bg", time.time())
    faults.set("webhooks_off")
    submissions = [made.submit(session, answers, 1000 + n % PEOPLE) for n in range(SUBMISSIONS)]
    faults.clear("webhooks_off")
    began = time.perf_counter()
    until(_stored(made, submissions), 600, "not everything was archived in ten minutes")
    return time.perf_counter() - began, submissions


def _stored(made: Plant, submissions: list[str]) -> Callable[[], bool]:
    def stored() -> bool:
        time.sleep(0.1)  # looking is work for the stand-in, too
        count = made.sandbox.database.row(
            "SELECT count(*) AS n FROM document WHERE submission IN (SELECT value FROM json_each(?))",
            json.dumps(submissions),
        )
        return count is not None and count["n"] == 2 * len(submissions)

    return stored


def main() -> None:
    """Print both latencies, service and bare client side by side."""
    print(f"{'archived/s':24}{'service':>10}{'bare client':>13}{'ratio':>8}")
    environ = {
        "MOODLE_BRIDGE_MOODLE_CONCURRENCY": str(CONCURRENCY),
        "MOODLE_BRIDGE_LOG_LEVEL": "warning",
    }
    for latency in LATENCIES:
        with tempfile.TemporaryDirectory() as folder, plant(Path(folder), PEOPLE, **environ) as made:
            made.service.start()
            made.pair()
            session = made.session()
            warm = made.submit(session, sample("bg", time.time()), 1000)
            until(lambda made=made, warm=warm: len(made.documents(warm)) == 2, 60, "it does not warm up")
            if latency:
                made.sandbox.faults.set("slow", milliseconds=latency)
            before = processor(*made.service.pids())
            seconds, submissions = service(made, session)
            used = processor(*made.service.pids()) - before
            made.service.kill()
            row = made.sandbox.database.row("SELECT content FROM document WHERE submission = ?", warm)
            assert row is not None
            token = made.sandbox.token
            floor = Bare(made.sandbox.url, token, session, submissions, bytes(row["content"]))
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                bare = pool.submit(floor.run).result()
        ours, theirs = SUBMISSIONS / seconds, SUBMISSIONS / bare
        print(f"{f'Moodle at {latency} ms':24}{ours:>10.1f}{theirs:>13.1f}{ours / theirs:>8.2f}", flush=True)
        print(
            f"    processor time of web and worker: {1000 * used / SUBMISSIONS:.0f} ms for each", flush=True
        )
        if latency:
            limit = CONCURRENCY / (5 * latency / 1000)
            print(
                f"    {CONCURRENCY} calls at once, 5 for each, allow {limit:.1f}/s: {ours / limit:.0%} of it"
            )


if __name__ == "__main__":
    main()
