"""How fast forms are filled, side by side: the same template, the same answers, one run.

    python benchmarks/fill.py [--seconds 3] [--node-modules DIR] [--processor-time] [--memory]

Every contender gets the compiled form of ``mentee_initial`` in Bulgarian with its font embedded and one
full answer, and has to make one PDF in memory (pdftk: in a file). This engine does so twice: it fills the
same form as one that was brought, and makes the record that the service files. A contender is right if the
Cyrillic answers can then be read (poppler) and searched for (PDFium). What is not installed is skipped with
its reason. The floor is what any engine has to do at least: putting the finished bytes into a file that is
there already, in Python's plain way and without fsync.

This engine remembers words it has met, in a bounded store, as people repeat them; no answer, line or page
is remembered. What that is worth is shown by a line of its own, in which no word ever comes again.

Every contender runs in a process of its own, so that none finds memory and caches as others left them. A
time is the best of many short batches, and the floor takes turns with this engine, batch by batch: on a
machine that others use too one second is not like the next, and what is divided by each other has to be
measured in the same ones. With ``--processor-time`` times are what the processor worked (children
included), which a busy machine disturbs less; without it, the floor also waits for the disk, as ext4 writes
a file that was emptied and filled again at once. ``--memory`` watches the resident memory over 10,000 fills
of many forms.
"""

from __future__ import annotations

import argparse
import gc
import io
import itertools
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pypdfium2
from pypdf import PdfReader, PdfWriter

from moodle_bridge import resources
from moodle_bridge.domain.instrument.model import Instrument
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.fill.fill import Header, fill
from moodle_bridge.pdf.fill.values import shown
from moodle_bridge.pdf.program.flatten import flatten
from moodle_bridge.pdf.program.load import adopted_name

HEADER = Header(
    document="0b6f7c1e-5a5e-4a3e-9f61-0d6c5a2d7b11",
    submission="7f0f2d52-43fb-4ee0-a7f0-19f1f7cf2f37",
    session="8d4b5c9a-1c9d-4b1f-8c5e-3f9a3c4e5d6f",
    session_name="Мониторинг сесия 1",
    session_number=1,
    session_kind="initial",
    course_name="Е-менторинг за успешен старт в професията",
    group_name="Група „Б“ – дигитални умения",
    respondent_name="Цветелина Йорданова-Щерева",
    respondent_role="mentee",
    version=1,
    submitted_at=1_760_535_300,
    organisation="Център за кариерно развитие – Велико Търново",
)
_BATCH = 0.05
"""Seconds of a batch, at least one fill."""
_FEWEST_BATCHES = 3
ANSWERS: dict[str, Any] = json.loads((Path(__file__).with_name("fill_answers.json")).read_text("utf-8"))


class Missing(Exception):
    """Why a contender does not take part."""


@dataclass(frozen=True)
class Race:
    """What every contender gets: the template, the values by field name, and the font's file."""

    template: bytes
    texts: dict[str, str]
    states: dict[str, str]
    font: Path
    scratch: Path
    node_modules: Path | None


def race(scratch: Path, node_modules: Path | None) -> Race:
    """Field values of the one answer, as the template's own fields name them."""
    instrument = catalogue.load().instruments["mentee_initial"]
    texts, states = {}, {}
    root = resources.templates_dir()
    template = (root / "bg" / "mentee_initial.full.pdf").read_bytes()
    program = flatten(template)
    fields = {
        name for name, each in (PdfReader(io.BytesIO(template)).get_fields() or {}).items() if "/FT" in each
    }
    for answer in shown(instrument, "bg", "full", ANSWERS, {}, program.rows_of):
        if answer.name in program.texts and answer.text:
            labels = program.texts[answer.name][0].labels
            texts[answer.name] = answer.parts[0][0] if labels else answer.text
            continue
        for state, _ in answer.parts:
            if answer.name in fields:
                states[answer.name] = state
            elif f"{answer.name}.{state}" in fields:
                states[f"{answer.name}.{state}"] = "on"
    return Race(template, texts, states, root / "fonts" / "SofiaSansForms-Regular.ttf", scratch, node_modules)


def this_engine(given: Race) -> Callable[[], bytes]:
    instrument = catalogue.load().instruments["mentee_initial"]
    return lambda: fill(instrument, "bg", "full", ANSWERS, {}, HEADER).content


def this_engine_form(given: Race) -> Callable[[], bytes]:
    """The very form that the others fill, as one that was brought."""
    instrument = catalogue.load().instruments["mentee_initial"]
    kept = given.scratch / "bg" / adopted_name(instrument, "full")
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(given.template)
    return lambda: fill(instrument, "bg", "full", ANSWERS, {}, HEADER, adopted=given.scratch).content


def this_engine_without_memory(given: Race) -> Callable[[], bytes]:
    """Every fill has other words than any before it: letters are exchanged, lengths stay."""
    instrument = catalogue.load().instruments["mentee_initial"]
    answers = itertools.cycle([exchanged(ANSWERS, random.Random(seed)) for seed in range(400)])
    return lambda: fill(instrument, "bg", "full", next(answers), {}, HEADER).content


_LETTERS = "абвгдежзийклмнопрстуфхцчщъьюя"


def exchanged(answers: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The answers with every letter of what was typed exchanged for another; codes stay."""
    table = str.maketrans(_LETTERS, "".join(chance.sample(_LETTERS, len(_LETTERS))))

    def other(value: Any) -> Any:
        if isinstance(value, list):
            return [other(each) for each in value]
        if isinstance(value, dict):
            return {key: other(each) for key, each in value.items()}
        return value.translate(table) if isinstance(value, str) else value

    return {key: other(value) for key, value in answers.items()}


def _pypdf_values(given: Race) -> dict[str, str]:
    return given.texts | {name: f"/{state}" for name, state in given.states.items()}


def _pypdf(reader: PdfReader, values: dict[str, str]) -> bytes:
    writer = PdfWriter(clone_from=reader)
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def pypdf_naive(given: Race) -> Callable[[], bytes]:
    values = _pypdf_values(given)
    return lambda: _pypdf(PdfReader(io.BytesIO(given.template)), values)


def pypdf_cached(given: Race) -> Callable[[], bytes]:
    values = _pypdf_values(given)
    reader = PdfReader(io.BytesIO(given.template))
    return lambda: _pypdf(reader, values)


def pymupdf(given: Race) -> Callable[[], bytes]:
    try:
        import pymupdf as mupdf
    except ImportError as error:
        raise Missing("PyMuPDF is not installed") from error

    def run() -> bytes:
        document = mupdf.open(stream=given.template, filetype="pdf")
        for page in document:
            for widget in page.widgets():
                if widget.field_name in given.texts:
                    widget.field_value = given.texts[widget.field_name]
                    widget.update()
                elif given.states.get(widget.field_name) == widget.on_state():
                    widget.field_value = widget.on_state()
                    widget.update()
        return bytes(document.tobytes())

    return run


def pikepdf_qpdf(given: Race) -> Callable[[], bytes]:
    try:
        import pikepdf
        from pikepdf.form import Form
    except ImportError as error:
        raise Missing("pikepdf is not installed") from error

    def run() -> bytes:
        with pikepdf.open(io.BytesIO(given.template)) as pdf:
            form = Form(pdf)
            for name, text in given.texts.items():
                form[name].value = text
            for name, state in given.states.items():
                field = form[name]
                if state == "on":
                    field.checked = True
                else:
                    field.value = pikepdf.Name("/" + state)
            target = io.BytesIO()
            pdf.generate_appearance_streams()
            pdf.save(target)
            return target.getvalue()

    return run


def pypdfform(given: Race) -> Callable[[], bytes]:
    try:
        from PyPDFForm import PdfWrapper
    except ImportError as error:
        raise Missing(f"PyPDFForm is not installed ({error})") from error
    values: dict[str, Any] = dict(given.texts)
    values.update({name: True for name, state in given.states.items() if state == "on"})

    def run() -> bytes:
        return bytes(PdfWrapper(given.template, use_full_widget_name=True).fill(values).read())

    return run


def pdf_lib(given: Race) -> Callable[[], bytes]:
    node = shutil.which("node")
    if node is None or given.node_modules is None:
        raise Missing("node or --node-modules with pdf-lib and @pdf-lib/fontkit is missing")
    if not (given.node_modules / "pdf-lib").is_dir():
        raise Missing(f"{given.node_modules.name} holds no pdf-lib")
    job = given.scratch / "job.json"
    job.write_text(
        json.dumps({"texts": given.texts, "states": given.states, "font": str(given.font)}), encoding="utf-8"
    )
    template, output = given.scratch / "template.pdf", given.scratch / "pdf-lib.pdf"
    template.write_bytes(given.template)
    script = Path(__file__).with_name("pdf_lib_fill.mjs")
    command = [node, str(script), str(given.node_modules), str(template), str(job), str(output)]

    def run() -> bytes:
        """One process for many fills, as a server would run: the script reports its own time."""
        done = subprocess.run(command, capture_output=True, check=True, timeout=300)
        run.seconds = [float(word) for word in done.stdout.split()]  # type: ignore[attr-defined]
        return output.read_bytes()

    return run


def pdftk(given: Race) -> Callable[[], bytes]:
    tool = shutil.which("pdftk")
    if tool is None:
        raise Missing("pdftk is not installed (Debian: pdftk-java)")
    template, data, output = (given.scratch / name for name in ("pdftk.pdf", "pdftk.xfdf", "pdftk-out.pdf"))
    template.write_bytes(given.template)
    from xml.sax.saxutils import escape, quoteattr

    values = given.texts | given.states
    fields = "".join(
        f"<field name={quoteattr(n)}><value>{escape(v)}</value></field>" for n, v in values.items()
    )
    data.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><xfdf xmlns="http://ns.adobe.com/xfdf/">'
        f"<fields>{fields}</fields></xfdf>",
        encoding="utf-8",
    )
    font = ["replacement_font", str(given.font)]
    command = [tool, str(template), "fill_form", str(data), "output", str(output), *font]

    def run() -> bytes:
        subprocess.run(command, capture_output=True, check=True, timeout=120)
        return output.read_bytes()

    return run


CONTENDERS: dict[str, Callable[[Race], Callable[[], bytes]]] = {
    "pypdf naive": pypdf_naive,
    "pypdf cached": pypdf_cached,
    "PyMuPDF": pymupdf,
    "pikepdf": pikepdf_qpdf,
    "PyPDFForm": pypdfform,
    "pdf-lib + fontkit": pdf_lib,
    "pdftk-java": pdftk,
    "this engine, the same form": this_engine_form,
    "this engine": this_engine,
}


def processor_seconds() -> float:
    """What this process and the children that ended have worked."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def seconds_each(runs: list[Callable[[], bytes]], seconds: float, clock: Callable[[], float]) -> list[float]:
    """Seconds that one call of each takes: the best of many batches, in turn, until the time is over.

    That is what the machine can do while nothing else disturbs it; ``seconds`` are for each of ``runs``.
    """
    counts = []
    for run in runs:
        run()
        start = clock()
        run()
        counts.append(max(1, int(_BATCH / max(clock() - start, 1e-6))))
    # As the service does when it has started: nobody's work is to go through what others left in memory.
    gc.collect()
    gc.freeze()
    best = [float("inf")] * len(runs)
    end = time.perf_counter() + seconds * len(runs)
    turns = 0
    while turns < _FEWEST_BATCHES or time.perf_counter() < end:
        turns += 1
        for index, run in enumerate(runs):
            start = clock()
            for _ in range(counts[index]):
                run()
            best[index] = min(best[index], (clock() - start) / counts[index])
    return best


@dataclass(frozen=True)
class Seen:
    """How many of the answers a viewer's search finds, and how many poppler draws as readable text."""

    found: int
    drawn: int
    total: int

    @property
    def readable(self) -> bool:
        """Whether every answer is drawn in letters that map back to what was typed."""
        return self.drawn == self.total

    def __str__(self) -> str:
        return f"draws {self.drawn:2} and finds {self.found:2} of {self.total} answers"


def look_at(content: bytes, given: Race) -> Seen:
    """PDFium searches the pages, as browsers do; poppler also reads what fields draw."""
    document = pypdfium2.PdfDocument(content)
    try:
        pages = "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    path = given.scratch / "seen.pdf"
    path.write_bytes(content)
    command = [shutil.which("pdftotext") or "pdftotext", "-raw", str(path), "-"]
    drawn = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode("utf-8")
    answers = [squeezed(answer) for answer in given.texts.values() if " " in answer]
    return Seen(
        sum(answer in squeezed(pages) for answer in answers),
        sum(answer in squeezed(drawn) for answer in answers),
        len(answers),
    )


def squeezed(text: str) -> str:
    """Text without spaces and line ends."""
    return "".join(text.split())


def floor(content: bytes, scratch: Path) -> Callable[[], bytes]:
    """Writing the bytes to a file."""
    path = scratch / "floor.bin"

    def write() -> bytes:
        path.write_bytes(content)
        return content

    return write


@dataclass(frozen=True)
class Result:
    """What a contender did: seconds for a fill, size of the file and what can be read in it.

    This engine also brings the seconds that writing its file takes, and those of a fill without memory.
    """

    each: float
    size: int
    seen: Seen
    floor: float = 0.0
    afresh: float = 0.0


def take_part(
    name: str, scratch: Path, node_modules: Path | None, seconds: float, *, processor_time: bool
) -> Result:
    """Measure one contender; called in a process of its own."""
    given = race(scratch, node_modules)
    clock = processor_seconds if processor_time else time.perf_counter
    run = CONTENDERS[name](given)
    content = run()
    seen = look_at(content, given)
    if name == "this engine":
        runs = [run, floor(content, scratch), this_engine_without_memory(given)]
        each, lowest, afresh = seconds_each(runs, seconds, clock)
        return Result(each, len(content), seen, lowest, afresh)
    if hasattr(run, "seconds"):
        return Result(float(run.seconds[processor_time]), len(content), seen)
    return Result(*seconds_each([run], seconds, clock), len(content), seen)


def lines(scratch: Path, node_modules: Path | None, seconds: float, *, processor_time: bool) -> Iterator[str]:
    """One line a contender, the naive one first."""
    results: dict[str, Result] = {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for name in CONTENDERS:
            task = partial(take_part, processor_time=processor_time)
            try:
                found = pool.submit(task, name, scratch, node_modules, seconds).result()
            except Missing as reason:
                yield f"{name:<18} skipped: {reason}"
                continue
            except Exception as error:  # a contender that fails is a result
                yield f"{name:<18} fails: {type(error).__name__}: {str(error)[:90]}"
                continue
            results[name] = found
            ratio = f"{results['pypdf naive'].each / found.each:.1f}x"
            yield f"{name:<18} {1 / found.each:9.1f} fills/s {found.size:8} B  {found.seen} ... {ratio}"
    if "this engine" in results:
        yield from summary(results)


def summary(results: dict[str, Result]) -> Iterator[str]:
    """How this engine stands to the floor and to its peers."""
    ours = results["this engine"]
    ratio = f"{results['pypdf naive'].each / ours.floor:.1f}x"
    yield f"{'floor':<18} {1 / ours.floor:9.1f} writes of the same bytes/s ... {ratio}"
    yield f"this engine runs at {ours.floor / ours.each:.0%} of the floor"
    yield f"and at {ours.floor / ours.afresh:.0%} where no word comes twice ({1 / ours.afresh:.1f} fills/s)"
    peers = {name: each.each for name, each in results.items() if each.seen.readable and each is not ours}
    if peers:
        fastest = min(peers, key=lambda name: peers[name])
        times = peers[fastest] / ours.each
        yield f"and at {times:.0f} times the fastest peer that draws every answer, {fastest}"


def memory(fills: int) -> Iterator[str]:
    """Resident memory while all forms are filled in turn, most often that of the race."""
    forms = [(each, answers_for(each)) for each in catalogue.load().instruments.values()]
    first = next(each for each, _ in forms if each.id == "mentee_initial")
    start = 0
    for count in range(fills + 1):
        if count % 2:
            fill(first, "bg", "full", ANSWERS | {"next_step": f"Стъпка {count}"}, {}, HEADER)
        else:
            instrument, answers = forms[count // 2 % len(forms)]
            language = "en" if count % 3 else "bg"
            fill(instrument, language, "full", answers | {"note": f"Бележка {count}"}, {}, HEADER)
        if count % (fills // 10) == 0:
            now = resident()
            start = now if count == fills // 10 else start
            yield f"memory after {count:6} fills {now / 1024:6.1f} MB"
    yield f"grown by {(resident() - start) / 1024:.1f} MB since fill {fills // 10}"


def answers_for(instrument: Instrument) -> dict[str, Any]:
    """A long text for every question that takes one: most of it goes to the annex."""
    return {item.id: "Дълъг отговор с много думи. " * 60 for item in instrument.items if item.max_length}


def resident() -> int:
    """Kilobytes of this process in memory now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


def main() -> None:
    """Run the race and print its lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each contender")
    parser.add_argument("--processor-time", action="store_true", help="for a busy machine")
    parser.add_argument("--node-modules", type=Path, default=None)
    parser.add_argument(
        "--memory", type=int, nargs="?", const=10_000, default=0, help="watch memory over so many fills"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        modules = chosen.node_modules or _node_modules()
        raced = lines(Path(scratch), modules, chosen.seconds, processor_time=chosen.processor_time)
        for line in memory(chosen.memory) if chosen.memory else raced:
            print(line, flush=True)


def _node_modules() -> Path | None:
    named = os.environ.get("NODE_MODULES")
    return Path(named) if named else None


if __name__ == "__main__":
    main()
