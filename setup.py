"""Find the packages: all of moodle_bridge, and the three folders beside it that travel with it as data.

setup.cfg says the rest; it can either find packages or list them, not both.
"""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["moodle_bridge", "moodle_bridge.*"]),
        "moodle_bridge.data.config",
        "moodle_bridge.data.pdf_templates",
        "moodle_bridge.data.moodle_plugin",
    ]
)
