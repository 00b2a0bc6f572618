"""``doctor``: checks every link of the chain from this machine to Moodle and back, and says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeVar

import click

from moodle_bridge.cli.assembly import pipeline_context
from moodle_bridge.cli.common import settings_of
from moodle_bridge.cli.database import service_database
from moodle_bridge.cli.doctor_checks import OF_DATABASE, OF_SETTINGS, NotSeen, Waits
from moodle_bridge.errors import BridgeError
from moodle_bridge.remedies import remedy_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. With a ``warning`` forms are filed, and something waits for you."""

    name: str
    state: Literal["ok", "warning", "wrong", "not seen"]
    detail: str
    remedy: Mapping[str, str] = field(default_factory=dict)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check settings, database, work, pairing, Moodle and the ways to it and back; leaves nothing changed.

    It asks for a job that does nothing, and has Moodle refuse a document after it took it.

    Exit status: 0 when all is well, 1 when something waits for you, 2 when something is wrong.
    """
    settings = settings_of(ctx)
    config = ctx.find_root().obj
    found = [Finding("settings", "ok", str(config or "the defaults, and the environment"))]
    found += [_seen(name, check, settings) for name, check in OF_SETTINGS.items()]
    try:
        context = pipeline_context(settings, ctx.with_resource(service_database(ctx, settings)))
    except BridgeError as error:
        found.append(Finding("database", "wrong", error.message, remedy_of(error.code)))
        others = [name for name in OF_DATABASE if name != "database"]
        found += [Finding(name, "not seen", "takes the database") for name in others]
    else:
        found += [_seen(name, check, context) for name, check in OF_DATABASE.items()]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1))
    else:
        for each in found:
            click.echo(f"{each.state:<9}{each.name}: {each.detail}")
            for words in each.remedy.values():
                click.echo(f"         {words}")
    states = {each.state for each in found}
    ctx.exit(2 if "wrong" in states else 1 if "warning" in states else 0)


def _seen(name: str, check: Callable[[T], str], looked_at: T) -> Finding:
    try:
        return Finding(name, "ok", check(looked_at))
    except NotSeen as error:
        return Finding(name, "not seen", error.message)
    except BridgeError as error:
        state: Literal["warning", "wrong"] = "warning" if isinstance(error, Waits) else "wrong"
        return Finding(name, state, error.message, remedy_of(error.code))
