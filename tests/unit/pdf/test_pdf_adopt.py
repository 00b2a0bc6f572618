"""Forms that people bring: sound ones serve, hostile ones are refused with a reason and in time."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from click.testing import CliRunner
from odd_forms import ADOPTED, FORMS, build, form, stream
from pikepdf import pdfa

from moodle_bridge import resources
from moodle_bridge.cli.adopt import adopt as adopt_command
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.errors import AdoptError, MappingError
from moodle_bridge.pdf.adopt import adopt as adopting
from moodle_bridge.pdf.adopt.adopt import Adopted, adopt
from moodle_bridge.pdf.fill.fill import Filled, Header, fill
from moodle_bridge.pdf.program.load import adopted_name

INSTRUMENT = catalogue.load().instruments["mentee_initial"]
HEADER = Header(
    document="d",
    submission="s",
    session="e",
    session_name="Сесия 1",
    session_number=1,
    session_kind="initial",
    course_name="Курс",
    group_name="",
    respondent_name="Юлия Ангелова",
    respondent_role="mentee",
    version=1,
    submitted_at=1_760_535_300,
)


# In a process of its own: Linux counts the memory of whoever starts a child as the child's until it begins.
READ_ALL = """
import base64, json, resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.errors import AdoptError
from moodle_bridge.pdf.adopt.adopt import adopt
instrument = catalogue.load().instruments["mentee_initial"]
def outcome(name):
    try:
        adopted = adopt(Path(name).read_bytes(), instrument, "bg")
        return {"template": base64.b64encode(adopted.template).decode(), "matched": adopted.matched}
    except AdoptError as error:
        return {"reason": error.message}
with ThreadPoolExecutor(2) as pool:
    outcomes = list(pool.map(outcome, sys.argv[1:]))
print(json.dumps([outcomes, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


@dataclass(frozen=True)
class Outcome:
    template: bytes
    matched: tuple[str, ...]
    reason: str


@pytest.fixture(scope="module")
def read_apart(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Outcome], int]:
    """What became of all forms, and the most kilobytes of memory that reading one of them took.

    They are read two at a time: starting a process for each is what takes the time.
    """
    folder = tmp_path_factory.mktemp("forms")
    files = [folder / f"{number}.pdf" for number in range(len(FORMS))]
    for file, (make, _) in zip(files, FORMS.values(), strict=True):
        file.write_bytes(make())
    command = [sys.executable, "-c", READ_ALL, *map(str, files)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)
    outcomes, memory = json.loads(told.stdout)
    return {
        name: Outcome(
            template=base64.b64decode(found.get("template", "")),
            matched=tuple(found.get("matched", ())),
            reason=found.get("reason", ""),
        )
        for name, found in zip(FORMS, outcomes, strict=True)
    }, memory


def test_there_are_more_than_forty_odd_forms() -> None:
    assert len(FORMS) > 45


@pytest.mark.parametrize("name", FORMS)
def test_an_odd_form_is_taken_or_refused_with_a_reason(
    read_apart: tuple[dict[str, Outcome], int], name: str
) -> None:
    found, expected = read_apart[0][name], FORMS[name][1]
    assert "longer than" not in found.reason, "each comes to an end by itself"
    assert "too much" not in found.reason
    if found.reason:
        assert expected != ADOPTED, found.reason
        assert len(found.reason) > 15
        assert expected in found.reason
        return
    assert expected in ("", ADOPTED)
    assert "next_step" in found.matched
    with pikepdf.open(io.BytesIO(found.template)) as pdf:
        for key in ("/OpenAction", "/AA", "/Names"):
            assert key not in pdf.Root
        assert "/XFA" not in pdf.Root.AcroForm
    for word in (b"JavaScript", b"Launch", b"EmbeddedFile"):
        assert word not in found.template


def test_no_form_takes_more_memory_than_the_limit(read_apart: tuple[dict[str, Outcome], int]) -> None:
    assert adopting.MEMORY < 300 * 1024 * 1024
    assert 0 < read_apart[1] < 300 * 1024


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("kept = bytearray(400 * 1024 * 1024)", "too much memory or time"),
        ("while True: pass", "time to read|longer than"),
        (
            "import json, resource as r; print(json.dumps({'refused': str(r.getrlimit(r.RLIMIT_CPU))}))",
            "2, 2",
        ),
        ("import time; time.sleep(60)", "longer than"),
        ("import tempfile; tempfile.TemporaryFile(buffering=0).write(b'a')", "cannot be read: .*Error"),
        ("print('no answer')", "cannot be read"),
    ],
    ids=["greedy", "busy", "counting its time", "asleep", "writing a file", "babbling"],
)
def test_a_reader_that_misbehaves_is_ended(
    monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    """Whatever a form makes of the process that reads it, this is all it can do."""
    monkeypatch.setattr(adopting, "_START", program)
    monkeypatch.setattr(adopting, "SECONDS", 2)
    with pytest.raises(AdoptError, match=reason):
        adopt(form(), INSTRUMENT, "bg")


def filled(data: bytes, tmp_path: Path, answers: dict, mapping: dict | None = None) -> tuple[Adopted, Filled]:
    adopted = adopt(data, INSTRUMENT, "bg", mapping)
    target = tmp_path / "bg" / adopted_name(INSTRUMENT, "full")
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(adopted.template)
    return adopted, fill(INSTRUMENT, "bg", "full", answers, {}, HEADER, adopted=tmp_path)


def text_of(made: Filled) -> str:
    document = pypdfium2.PdfDocument(made.content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_a_brought_form_is_filled_and_archived(tmp_path: Path) -> None:
    answers = {"next_step": "Ще напиша план", "needs_text": "Без поле във формуляра"}
    adopted, made = filled(form(), tmp_path, answers)
    assert "needs_text" in adopted.missing
    assert adopted.obstacles == ()
    text = text_of(made)
    assert "Ще напиша план" in text
    assert "Без поле във формуляра" in text
    assert made.annexed == ("needs_text",)
    path = tmp_path / "document.pdf"
    path.write_bytes(made.content)
    assert pdfa.validate_written(path, "3b").passed


def test_the_command_prints_a_report_and_keeps_the_template(tmp_path: Path) -> None:
    source, mapping = tmp_path / "form.pdf", tmp_path / "names.json"
    source.write_bytes(form(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>"))
    mapping.write_text('{"fields": {}, "states": {}}', encoding="utf-8")
    options = ["--instrument", "mentee_initial", "--language", "bg", "--mapping", str(mapping)]
    arguments = [str(source), *options, "--directory", str(tmp_path)]
    result = CliRunner().invoke(adopt_command, arguments, catch_exceptions=False)
    lines = dict(line.split(": ", 1) for line in result.output.splitlines() if ": " in line)
    assert lines["matched fields"] == "next_step"
    assert "needs_text" in lines["items without a field (their answers go to the annex)"]
    assert lines["fields that match no item (they stay as they look)"] == "none"
    assert "left out OpenAction" in lines["repaired"]
    assert lines["fonts of the pages"] == "none"
    assert lines["obstacles to PDF/A"] == "a validator found none"
    assert (tmp_path / "adopted" / "bg" / adopted_name(INSTRUMENT, "full")).is_file()


def test_our_own_template_can_be_brought_back(tmp_path: Path) -> None:
    own = (resources.templates_dir() / "bg" / "mentee_initial.full.pdf").read_bytes()
    adopted, made = filled(own, tmp_path, {"needs_now": ["n_tech"], "sa_plan": 4, "next_step": "Стъпка"})
    assert adopted.missing == ()
    assert adopted.unknown == ()
    assert made.annexed == ()
    assert "Стъпка" in text_of(made)


def widget(name: str, box: str, entries: str) -> bytes:
    return f"<</Type/Annot/Subtype/Widget/T({name})/Rect[{box}]{entries}>>".encode()


def form_of(*widgets: bytes, page: bytes = b"", more: dict[int, bytes] | None = None) -> bytes:
    numbers = range(20, 20 + len(widgets))
    refs = b" ".join(b"%d 0 R" % n for n in numbers)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]%s>>" % page,
        3: b"<</Type/Page/Parent 2 0 R/Annots[%s]/Contents 6 0 R>>" % refs,
        4: b"<</Fields[%s]/DA(/Helv 0 Tf 0 0 1 rg)>>" % refs,
        6: stream(b" "),
    }
    return build(objects | dict(zip(numbers, widgets, strict=True)) | (more or {}))


def words(text: str) -> str:
    """A text string object for letters beyond ASCII."""
    return "<FEFF" + text.encode("utf-16-be").hex() + ">"


def heights_of(made: Filled, text: str) -> list[float]:
    """How high above the foot of the first page the baselines of ``text`` stand."""
    page = pypdfium2.PdfDocument(made.content)[0]
    found = page.get_textpage()
    search = found.search(text)
    heights = []
    while (place := search.get_next()) is not None:
        heights.append(found.get_charbox(place[0])[1])
    return heights


def test_combos_lists_combs_and_aligned_fields_show_their_answers(tmp_path: Path) -> None:
    data = form_of(
        widget(
            "specific_goals.r1.parent",
            "50 700 300 716",
            f"/FT/Ch/Ff 131072/Opt[[(r1){words('Първа')}][(r2){words('Втора')}]]",
        ),
        widget(
            "needs_now",
            "50 500 300 690",
            f"/FT/Ch/Opt[[(n_tech){words('Техника')}][(n_time){words('Време')}]]",
        ),
        widget("specific_goals.r1.due_date", "50 470 300 490", "/FT/Tx/Ff 16777216/MaxLen 13"),
        widget("next_step", "50 440 300 460", "/FT/Tx/Q 2/DA(/F 9 Tf 1 0 0 rg)"),
    )
    answers = {
        "specific_goals": [{"row": 1, "parent": "r2", "due_date": "2026-02-28"}],
        "needs_now": ["n_time"],
        "next_step": "Вдясно",
    }
    _, made = filled(data, tmp_path, answers)
    assert made.annexed == ()
    text = text_of(made)
    assert "Втора" in text
    assert "Първа" not in text
    assert "● Време" in text
    assert [690 > height > 500 for height in heights_of(made, "● Време")] == [True], "inside its box"
    assert heights_of(made, "Техника")[0] > 670, "the list begins at the top"
    assert "Техника" in text
    assert "28.02.2026" in text.replace(" ", "").replace("\r\n", "")
    assert "Вдясно" in text


def test_radio_buttons_with_numbered_states_are_understood_through_their_options(tmp_path: Path) -> None:
    kids = {
        n: b"<</Type/Annot/Subtype/Widget/Parent 20 0 R/Rect[%d 700 %d 712]/AP<</N<</%d 7 0 R>>>>>>"
        % (50 * n, 50 * n + 12, n - 30)
        for n in (30, 31)
    }
    group = b"<</FT/Btn/Ff 49152/T(contact_me)/Opt[(yes)(no)]/Kids[30 0 R 31 0 R]>>"
    data = form_of(group, more=kids | {7: stream(b"", b"/Subtype/Form/BBox[0 0 1 1]")})
    data = data.replace(b"/Annots[20 0 R]", b"/Annots[30 0 R 31 0 R]")
    adopted, made = filled(data, tmp_path, {"contact_me": True})
    assert adopted.matched == ("contact_me",)
    assert any("Off" in repair for repair in adopted.repaired)
    assert made.annexed == ()
    assert text_of(made).count("●") == 1


def test_a_mapping_file_names_fields_and_states(tmp_path: Path) -> None:
    box = "/FT/Btn/AP<</N<</On 7 0 R/Off 7 0 R>>>>"
    radio = "/FT/Btn/Ff 49152/AP<</N<</%s 7 0 R/Off 7 0 R>>>>"
    data = form_of(
        widget("Text1", "50 700 300 716", "/FT/Tx"),
        widget("Box", "50 600 62 612", box),
        widget("Group1", "50 500 62 512", radio % "Choice1"),
        widget("Group1", "90 500 102 512", radio % "Choice2"),
        more={7: stream(b"", b"/Subtype/Form/BBox[0 0 1 1]")},
    )
    mapping = {
        "fields": {"Text1": "next_step", "Box": "contact_me", "Group1": "share_name"},
        "states": {"contact_me": {"On": "yes"}, "share_name": {"Choice1": "yes", "Choice2": "no"}},
    }
    answers = {"next_step": "Стъпка", "contact_me": True, "share_name": False}
    adopted, made = filled(data, tmp_path, answers, mapping)
    assert adopted.matched == ("contact_me", "next_step", "share_name")
    assert adopted.unknown == ()
    assert made.annexed == ()
    text = text_of(made)
    assert text.count("●") == 1
    assert "Стъпка" in text
    assert "✓" in text


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("{", "not JSON"),
        ("[]", "objects 'fields' and 'states'"),
        ('{"filds": {}}', "and nothing else"),
        ('{"fields": 1}', "and nothing else"),
        ('{"fields": {"Text1": "next_stp"}}', "leads 'Text1' to 'next_stp', which the instrument"),
        ('{"fields": {"Text1": ["next_step"]}}', "which the instrument does not have"),
        ('{"states": {"sa_plan": "1"}}', "the states of 'sa_plan'"),
    ],
)
def test_a_slip_in_the_mapping_file_is_refused(tmp_path: Path, mapping: str, said: str) -> None:
    (tmp_path / "form.pdf").write_bytes(form())
    (tmp_path / "names.json").write_text(mapping, encoding="utf-8")
    arguments = [str(tmp_path / "form.pdf"), "--instrument", "mentee_initial", "--dry-run"]
    result = CliRunner().invoke(adopt_command, [*arguments, "--mapping", str(tmp_path / "names.json")])
    assert isinstance(result.exception, MappingError)
    assert said in result.exception.message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--instrument", "mentee_initial", "--language", "fr"], "there are bg, en"),
        (["--instrument", "mentor_initial", "--variant", "mentor"], "the full form serves it too"),
    ],
)
def test_a_form_that_nothing_would_use_is_not_kept(tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "form.pdf").write_bytes(form())
    result = CliRunner().invoke(adopt_command, [str(tmp_path / "form.pdf"), *options])
    assert result.exit_code == 2
    assert said in result.output


def test_fields_that_inherit_everything_and_are_named_in_parts_are_found(tmp_path: Path) -> None:
    data = form_of(
        b"<</T(specific_goals)/FT/Tx/DA(/F 9 Tf 0 g)/Kids[30 0 R]>>",
        more={
            30: b"<</T(r1)/Parent 20 0 R/Kids[31 0 R]>>",
            31: b"<</T(text)/Parent 30 0 R/Type/Annot/Subtype/Widget/Rect[50 700 400 716]>>",
        },
    ).replace(b"/Annots[20 0 R]", b"/Annots[31 0 R]")
    adopted, made = filled(data, tmp_path, {"specific_goals": [{"row": 1, "text": "Наследена цел"}]})
    assert adopted.matched == ("specific_goals.r1.text",)
    assert made.annexed == ()
    assert "Наследена цел" in text_of(made)


def test_a_turned_page_shows_its_answers_upright(tmp_path: Path) -> None:
    data = form_of(widget("next_step", "100 100 120 500", "/FT/Tx/MK<</R 90>>"), page=b"/Rotate 90")
    _, made = filled(data, tmp_path, {"next_step": "Изправен текст"})
    document = pypdfium2.PdfDocument(made.content)
    page = document[0].get_textpage()
    found = page.search("Изправен текст")
    start, count = found.get_next()
    boxes = [page.get_charbox(index) for index in (start, start + count - 1)]
    found.close()
    document.close()
    assert boxes[0][0] == pytest.approx(boxes[1][0], abs=8), "in user space the line runs upwards"
    assert boxes[1][1] > boxes[0][1] + 20


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b"BT /F 9 Tf 50 50 Td (a) Tj ET", {}),
        (b"BT /#46 9 Tf 50 50 Td (a) Tj ET", {}),
        (b"/X Do", {9: stream(b"BT /F 9 Tf (a) Tj ET", b"/Subtype/Form/BBox[0 0 99 99]")}),
    ],
    ids=["used by the page", "by another spelling", "by a drawing without resources of its own"],
)
def test_a_form_with_a_font_that_is_not_embedded_is_filled_but_claims_no_pdf_a(
    tmp_path: Path, content: bytes, more: dict[int, bytes]
) -> None:
    font = b"/Resources<</Font<</F 8 0 R>>%s>>" % (b"/XObject<</X 9 0 R>>" if more else b"")
    data = form_of(
        widget("next_step", "50 700 300 716", "/FT/Tx"),
        page=font,
        more={6: stream(content), 8: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"} | more,
    )
    adopted, made = filled(data, tmp_path, {"next_step": "Стъпка"})
    assert adopted.obstacles == ("the font Helvetica is not embedded (page 1)",)
    assert b"pdfaid" not in made.content
    assert "Стъпка" in text_of(made)


@pytest.mark.parametrize("form_of_page", [b"/Resources<<>>", b"/Resources<</XObject<</X 9 0 R>>>>"])
def test_fonts_that_only_fields_name_do_not_keep_a_form_from_the_archive(
    tmp_path: Path, form_of_page: bytes
) -> None:
    """As LibreOffice writes them: fonts of fields, not embedded, among the resources of the page."""
    data = form_of(
        widget("next_step", "50 700 300 716", "/FT/Tx/DA(/He 10 Tf 0 g)"),
        page=b"/Resources<</Font<</He 8 0 R>>/XObject<</X 9 0 R>>>>",
        more={
            6: stream(b"0 0 10 10 re f /X Do"),
            8: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            9: stream(b"0 0 5 5 re f", b"/Subtype/Form/BBox[0 0 5 5]" + form_of_page),
        },
    )
    adopted, made = filled(data, tmp_path, {"next_step": "Стъпка"})
    assert adopted.obstacles == ()
    assert adopted.fonts == ()
    assert b"Helvetica" not in adopted.template
    path = tmp_path / "document.pdf"
    path.write_bytes(made.content)
    assert pdfa.validate_written(path, "3b").passed
    assert "Стъпка" in text_of(made)


def two_questions(page: bytes = b"", content: bytes = b" ") -> bytes:
    """A form whose page says nothing of what its fields ask for; the second field comes first."""
    button = "/FT/Btn/Ff 49152/AP<</N<</%s 7 0 R/Off 7 0 R>>>>"
    return form_of(
        widget("contact_me", "50 600 62 612", button % "yes"),
        widget("contact_me", "90 600 102 612", button % "no"),
        widget("next_step", "50 700 300 716", "/FT/Tx"),
        widget("specific_goals.r2.text", "50 500 300 516", "/FT/Tx"),
        page=page,
        more={7: stream(b"", b"/Subtype/Form/BBox[0 0 1 1]"), 6: stream(content)},
    )


ANSWERS = {
    "next_step": "Ще напиша план",
    "contact_me": True,
    "specific_goals": [{"row": 2, "text": "Да пиша"}, {"row": 3, "text": "Извън формуляра"}],
}


def test_an_answer_in_a_brought_form_follows_its_label_in_reading_order(tmp_path: Path) -> None:
    _, made = filled(two_questions(), tmp_path, ANSWERS)
    read = " ".join(text_of(made).split())
    label = {item.id: item.label["bg"] for item in INSTRUMENT.items}
    expected = [
        f"{label['next_step']} Ще напиша план",
        f"{label['contact_me']} ● Да",
        "Не",
        f"{label['specific_goals']} – № 2: Конкретна цел Да пиша",
        "Извън формуляра",
    ]
    places = [read.index(each) for each in expected]
    assert places == sorted(places)


def test_the_label_of_a_brought_form_is_heard_and_not_seen(tmp_path: Path) -> None:
    _, made = filled(two_questions(), tmp_path, {})
    document = pypdfium2.PdfDocument(made.content)
    picture = document[0].render(scale=2).to_pil().convert("L")
    document.close()
    # From the first field to the lowest, without the words in the fields and the foot.
    assert picture.crop((0, 0, picture.width, 2 * (842 - 717))).getextrema() == (255, 255)


@pytest.mark.parametrize(
    ("page", "content"),
    [
        (b"", b"0 0 10 10 re f"),
        (b"/Rotate 90", b"0 0 10 10 re f"),
        (b"/StructParents 0", b"/P <</MCID 3>> BDC 0 0 10 10 re f EMC /Span <</Lang(bg)/MCID 4>> BDC EMC"),
    ],
    ids=["an untagged form", "a turned page", "a form with tags of its own"],
)
def test_a_document_from_a_brought_form_is_tagged_and_archival(
    tmp_path: Path, page: bytes, content: bytes
) -> None:
    _, made = filled(two_questions(page, content), tmp_path, ANSWERS)
    path = tmp_path / "document.pdf"
    path.write_bytes(made.content)
    report = pdfa.validate_written(path, "3b")
    assert report.passed, report.findings[:3]
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "bg"
        assert "Юлия Ангелова" in str(pdf.docinfo.Title)
        parents = dict(pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree).items())
        assert len(pdf.pages) == 2
        for each in pdf.pages:
            marked, open_ones = [], 0
            for operands, operator in pikepdf.parse_content_stream(each):
                if str(operator) in ("BDC", "BMC"):
                    open_ones += 1
                    held = operands[1] if len(operands) > 1 else {}
                    if isinstance(held, pikepdf.Dictionary) and "/MCID" in held:
                        marked.append(int(held.MCID))
                elif str(operator) == "EMC":
                    open_ones -= 1
                elif str(operator) in ("Tj", "'", "re"):
                    assert open_ones, "everything that is drawn is tagged or an artifact"
            assert open_ones == 0
            assert sorted(marked) == list(range(len(parents[int(each.StructParents)])))
            for element in parents[int(each.StructParents)]:
                assert str(element.S) in ("/P", "/Lbl", "/Span", "/H2", "/H3")


def test_an_answer_in_two_boxes_is_whole_where_it_fits(tmp_path: Path) -> None:
    text = "Дълга следваща стъпка, която не се събира в малкото поле, но в голямото се събира цялата"
    data = form_of(
        widget("next_step", "50 700 120 714", "/FT/Tx/DA(/F 9 Tf 0 g)"),
        widget("next_step", "50 600 500 640", "/FT/Tx/Ff 4096/DA(/F 9 Tf 0 g)"),
    )
    _, made = filled(data, tmp_path, {"next_step": text})
    assert made.annexed == ("next_step",)
    assert " ".join(text_of(made).split()).count(text) == 2, "in the large box and on the annex"


def test_a_list_that_stands_twice_is_marked_twice(tmp_path: Path) -> None:
    entries = f"/FT/Ch/Opt[[(n_tech){words('Техника')}][(n_time){words('Време')}]]"
    data = form_of(
        widget("needs_now", "50 600 300 690", entries), widget("needs_now", "50 400 300 490", entries)
    )
    _, made = filled(data, tmp_path, {"needs_now": ["n_time"]})
    assert made.annexed == ()
    assert [height > 600 for height in heights_of(made, "● Време")] == [True, False]
    assert text_of(made).count("●") == 2
