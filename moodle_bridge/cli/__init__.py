"""The command ``moodle-bridge``: one file per group of commands, loaded only when it is called."""

from __future__ import annotations

import importlib
import logging
import os
from pathlib import Path

import click

from moodle_bridge import __version__, log
from moodle_bridge.errors import BridgeError
from moodle_bridge.remedies import remedy_of

COMMANDS = {
    "adopt": "moodle_bridge.cli.adopt:adopt",
    "backup": "moodle_bridge.cli.backup:backup",
    "compare": "moodle_bridge.cli.reconcile:compare",
    "demo": "moodle_bridge.cli.demo:demo",
    "doctor": "moodle_bridge.cli.doctor:doctor",
    "forms": "moodle_bridge.cli.forms:forms",
    "fill": "moodle_bridge.cli.fill:fill",
    "instruments": "moodle_bridge.cli.instruments:instruments",
    "jobs": "moodle_bridge.cli.jobs:jobs",
    "migrate": "moodle_bridge.cli.migrate:migrate",
    "pair": "moodle_bridge.cli.pair:pair",
    "plugin": "moodle_bridge.cli.plugin:plugin",
    "rebuild": "moodle_bridge.cli.reconcile:rebuild",
    "reconcile": "moodle_bridge.cli.reconcile:reconcile",
    "restore": "moodle_bridge.cli.backup:restore",
    "serve": "moodle_bridge.cli.serve:serve",
    "set-aside": "moodle_bridge.cli.set_aside:set_aside",
    "settings": "moodle_bridge.cli.show:settings",
    "templates": "moodle_bridge.cli.templates:templates",
    "verify": "moodle_bridge.cli.verify:verify",
    "web": "moodle_bridge.cli.web:web",
    "worker": "moodle_bridge.cli.worker:worker",
}


RUNNING = ("serve", "web", "worker")
"""What runs for long and is read by its log."""

logger = logging.getLogger(__name__)


class Refusal(click.ClickException):
    """A refusal of ours, shown with its remedy in the language of the terminal."""

    def __init__(self, error: BridgeError) -> None:
        remedy = remedy_of(error.code)
        language = os.environ.get("LC_ALL", os.environ.get("LANG", ""))[:2]
        super().__init__(f"{error.message}\n{remedy.get(language, remedy['en'])}")


class Commands(click.Group):
    """A group whose commands are imported when they are called, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a refusal of ours or an unusable file becomes a message and exit status 1."""
        try:
            return super().invoke(ctx)
        except BridgeError as error:
            if ctx.invoked_subcommand in RUNNING and log.writes_json():
                # Whoever reads the log of a service reads its last line as the others.
                facts = {"code": error.code, "remedy": remedy_of(error.code)["en"]}
                logger.error("cannot start: %s", error.message, extra=facts)
                ctx.exit(1)
            raise Refusal(error) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="moodle-bridge")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="MOODLE_BRIDGE_CONFIG",
    help="TOML file with settings (see config/bridge.toml).",
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Files the forms of mentoring monitoring sessions in Moodle as archival PDF documents."""
    ctx.obj = config
