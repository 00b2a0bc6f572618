"""``moodle-bridge adopt``: the former name of ``moodle-bridge forms adopt``, for one more release."""

from __future__ import annotations

import click

from moodle_bridge.cli.forms import adopt as _adopt

adopt = click.Command(
    "adopt",
    callback=_adopt.callback,
    params=_adopt.params,
    help=f"{_adopt.help}\n\nThe former name of 'forms adopt'.",
    deprecated=True,
)
