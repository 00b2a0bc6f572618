#!/bin/sh
# Builds the wheel, installs it into a fresh venv away from the checkout and runs the main job there.
# Usage: tests/wheel.sh PYTHON   (a Python that has the package `build`)
set -eu
python=$1
case $python in */*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;; esac
checkout=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m build --quiet --wheel --outdir "$work/dist" "$checkout"
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "$work"/dist/*.whl
cd "$work"
"$work/venv/bin/moodle-bridge" demo --once --out "$work/out"
"$work/venv/bin/moodle-bridge" instruments list > /dev/null
"$work/venv/bin/moodle-bridge" plugin build "$work" > /dev/null
set -- "$work"/out/*.pdf
test -s "$1"
echo "the main job runs from the wheel: $# documents"
