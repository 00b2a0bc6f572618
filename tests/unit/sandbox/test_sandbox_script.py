"""The script of the stand-in's forms judges conditions as the contract's vectors say."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import moodle_bridge.sandbox
from moodle_bridge.resources import contract_dir

SCRIPT = Path(moodle_bridge.sandbox.__file__).parent / "static" / "conditions.js"
REPLAY = """
require(process.argv[1]);
const empty = { form: {}, previous: {}, session: {}, plan: {}, count: {}, row: null };
const vectors = JSON.parse(require("fs").readFileSync(0, "utf8"));
const judged = vectors.map(({ tree, scope }) => conditions.holds(tree, { ...empty, ...scope }));
console.log(JSON.stringify(judged));
"""


def test_the_script_gives_what_the_vectors_of_conditions_say() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine: install Node.js to run the plugin's script outside a browser")
    text = (contract_dir() / "vectors" / "conditions.json").read_text(encoding="utf-8")
    command = [node, "-e", REPLAY, str(SCRIPT)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=True)
    vectors = json.loads(text)
    judged = json.loads(done.stdout)
    assert len(judged) == len(vectors) > 50
    assert [
        vector["why"]
        for vector, found in zip(vectors, judged, strict=True)
        if found is not vector["expected"]
    ] == []
