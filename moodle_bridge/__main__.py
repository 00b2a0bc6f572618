"""``python -m moodle_bridge``: the command line."""

from moodle_bridge.cli import main

main()
