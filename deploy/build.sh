#!/bin/sh
# Builds what is installed elsewhere, from a clean copy of this checkout:
#   moodle_bridge-*.whl   the service
#   constraints.txt       every library at the release that this build was tried with
#   sbom.cdx.json         what is in it, with licences (CycloneDX)
# Usage: deploy/build.sh [FOLDER]   (default: dist; PYTHON names another Python than python3)
set -eu
checkout=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$checkout/dist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$out" "$work/source"
# What an earlier build has left in the checkout would go into the wheel too.
for part in moodle_bridge config pdf_templates moodle_plugin setup.py setup.cfg pyproject.toml README.md LICENSE; do
    cp -R "$checkout/$part" "$work/source/"
done
find "$work/source" -name __pycache__ -prune -exec rm -rf {} +

"${PYTHON:-python3}" -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet build cyclonedx-bom
rm -f "$out"/moodle_bridge-*.whl "$out/constraints.txt" "$out/sbom.cdx.json"
"$work/tools/bin/python" -m build --quiet --wheel --outdir "$out" "$work/source"

"${PYTHON:-python3}" -m venv "$work/service"
"$work/service/bin/pip" install --quiet "$(echo "$out"/moodle_bridge-*.whl)[pdfa,postgresql]"
"$work/service/bin/moodle-bridge" instruments check > /dev/null
"$work/service/bin/pip" freeze --exclude moodle-bridge > "$out/constraints.txt"
"$work/tools/bin/cyclonedx-py" environment --output-reproducible --output-file "$work/environment.json" "$work/service/bin/python"
"$work/tools/bin/python" - "$work/environment.json" "$out/sbom.cdx.json" << 'END'
import json
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

bill = json.loads(Path(sys.argv[1]).read_text())
(own,) = (each for each in bill["components"] if each["name"] == "moodle-bridge")
# pip and its like are how it is installed, not what is.
parts = [each for each in bill["components"] if each["name"] not in ("moodle-bridge", "pip", "setuptools")]
kept = {own["bom-ref"], *(each["bom-ref"] for each in parts)}
own = {"type": "application", "bom-ref": own["bom-ref"], "name": own["name"], "version": own["version"]}
own["licenses"] = [{"license": {"id": "GPL-3.0-or-later"}}]
bill["metadata"]["component"] = own
fonts = {"type": "data", "bom-ref": "sofia-sans", "name": "Sofia Sans", "licenses": [{"license": {"id": "OFL-1.1"}}]}
bill["components"] = [*parts, fonts]
bill["dependencies"] = [each for each in bill["dependencies"] if each["ref"] in kept]
written = json.dumps(bill, indent=1, ensure_ascii=False)
if (fault := JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(written)) is not None:
    sys.exit(f"the bill of materials is not valid: {fault}")
Path(sys.argv[2]).write_text(written)
END
ls "$out"
