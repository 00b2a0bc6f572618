"""``demo``: the whole way on this machine, with a stand-in Moodle; in the browser, or once without one."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from moodle_bridge.cli import demo_year
from moodle_bridge.cli.demo_parts import Steps, both, instruments_by_kind, one_submission, plan_first_session
from moodle_bridge.domain.instrument.read import catalogue


@click.command()
@click.option("--port", default=8651, show_default=True, type=click.IntRange(0, 65535), help="Of the pages.")
@click.option(
    "--language",
    "--lang",
    default="bg",
    show_default=True,
    type=click.Choice(["bg", "en"]),
    help="Language of the course and of its forms.",
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Keep everything in this folder."
)
@click.option("--once", is_flag=True, help="No browser: file one sample form, copy its documents and end.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Where --once puts the documents."
)
@click.option(
    "--scenario", type=click.Choice(["year"]), help="With --once: a whole course instead of one form."
)
def demo(
    port: int, language: str, data: Path | None, once: bool, out: Path | None, scenario: str | None
) -> None:
    """Try it: the service and a stand-in Moodle in this one process, nothing to install or to configure.

    Without --once it prints an address to open in a browser and runs until Ctrl-C.
    """
    if once and out is None:
        raise click.UsageError("--once needs --out DIR, the folder for the documents")
    if not once and (out is not None or scenario is not None):
        raise click.UsageError("--out and --scenario go with --once")
    with _folder(data) as folder:
        if out is None:
            _in_the_browser(folder, port, language)
        elif scenario == "year":
            demo_year.run(folder, out)
        else:
            one_submission(folder, out, language)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="moodle-bridge-demo-") as name:
        yield Path(name)


def _in_the_browser(folder: Path, port: int, language: str) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    kinds = instruments_by_kind(catalogue.load())
    with both(folder, Steps(), port=port, language=language, kinds=kinds) as site:
        plan_first_session(site.sandbox, kinds["initial"], language)
        click.echo(f"\nOpen {site.sandbox.url}/ in a browser, sign in as anybody and fill in a form.")
        click.echo("Ctrl-C ends the demo" + ("." if _is_kept(folder) else " and deletes what it made."))
        stopping.wait()


def _is_kept(folder: Path) -> bool:
    return not folder.name.startswith("moodle-bridge-demo-")
