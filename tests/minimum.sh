#!/bin/sh
# Installs the oldest release of every dependency that setup.cfg allows, and runs the main job with them.
# Usage: tests/minimum.sh PYTHON   (a Python that has the package `build`)
set -eu
python=$1
case $python in */*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;; esac
checkout=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m build --quiet --wheel --outdir "$work/dist" "$checkout"
"$python" - "$checkout/setup.cfg" > "$work/oldest.txt" << 'END'
import configparser, re, sys
options = configparser.ConfigParser()
options.read(sys.argv[1])
lines = options["options"]["install_requires"].split("\n") + options["options.extras_require"]["postgresql"].split("\n")
for line in filter(None, lines):
    found = re.fullmatch(r"([\w-]+)(?:\[\w+\])? >= ([\d.]+)", line)
    if found is None:
        sys.exit(f"setup.cfg: say of {line} which release is the oldest that works, as in 'name >= 1.0'")
    print(f"{found[1]}=={found[2]}")
END
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --constraint "$work/oldest.txt" "$(echo "$work"/dist/*.whl)[postgresql]"
cd "$work"
"$work/venv/bin/moodle-bridge" demo --once --out "$work/out"
set -- "$work"/out/*.pdf
test -s "$1"
echo "the main job runs with the oldest dependencies: $(tr '\n' ' ' < "$work/oldest.txt")"
