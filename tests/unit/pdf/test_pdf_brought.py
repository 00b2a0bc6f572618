"""A brought form keeps its page: what was seen is on the document, and what is not is named."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import yaml
from click.testing import CliRunner
from odd_forms import build, stream
from PIL import Image
from pypdf import apply_configuration

from moodle_bridge import cli
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.adopt import adopt as adopting
from moodle_bridge.pdf.adopt import isolated
from moodle_bridge.pdf.adopt.adopt import broken_rules, filled_with
from moodle_bridge.pdf.adopt.proposal import proposals
from moodle_bridge.pdf.fill.fill import Filled

INSTRUMENT = catalogue.load().instruments["mentee_initial"]
DRAWN = b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]"
BLACK = b"0 g 0 0 100 20 re f"


@dataclass
class Taken:
    told: dict[str, list[str]]
    made: Filled

    def picture(self, page: int = 0) -> Image.Image:
        document = pypdfium2.PdfDocument(self.made.content)
        try:
            return document[page].render(scale=1).to_pil().convert("L")
        finally:
            document.close()

    def dark(self, box: tuple[int, int, int, int]) -> bool:
        """Whether anything dark stands in a box of an A4 page, given as PDF has it."""
        left, bottom, right, top = box
        picture = self.picture()
        return bool(
            picture.crop((left, picture.height - top, right, picture.height - bottom)).getextrema()[0] < 128
        )

    def text(self) -> str:
        document = pypdfium2.PdfDocument(self.made.content)
        try:
            return "\n".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()


def taken(data: bytes, answers: dict | None = None, mapping: dict | None = None, foot: str = "auto") -> Taken:
    """A form read in this process and filled: starting one of its own is what takes the time."""
    job = adopting._job(INSTRUMENT, "bg", mapping or {}) | {"foot": foot}
    with apply_configuration(**isolated._LIMITS):
        told = isolated.read_form(data, job)
    made = filled_with(base64.b64decode(told.pop("template")), INSTRUMENT, "bg", answers or {}, {})
    return Taken(told, made)


def sheet(
    content: bytes = b" ",
    *annotations: bytes,
    page: bytes = b"",
    catalog: bytes = b"",
    more: dict[int, bytes] | None = None,
    box: bytes = b"0 0 595 842",
) -> bytes:
    """A page with one field that is mapped, and other annotations."""
    numbers = range(20, 21 + len(annotations))
    refs = b" ".join(b"%d 0 R" % n for n in numbers)
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(next_step)/Rect[50 700 300 716]/DA(/F 9 Tf 0 g)>>"
    return build(
        {
            1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[%s]/DA(/Helv 9 Tf 0 g)>>%s>>"
            % (refs, catalog),
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Annots[%s]/Contents 6 0 R%s>>" % (box, refs, page),
            6: stream(content),
        }
        | dict(zip(numbers, (field, *annotations), strict=True))
        | (more or {})
    )


def annotation(kind: bytes, box: bytes, entries: bytes = b"") -> bytes:
    return b"<</Type/Annot/Subtype/%s/Rect[%s]/F 4%s>>" % (kind, box, entries)


LOOKS = b"/AP<</N 9 0 R>>"


def test_annotations_are_drawn_as_they_were_seen() -> None:
    label = annotation(b"FreeText", b"100 500 200 520", LOOKS)
    hidden = annotation(b"Stamp", b"300 500 400 520", LOOKS).replace(b"/F 4", b"/F 6")
    found = taken(sheet(b" ", label, hidden, more={9: stream(BLACK, DRAWN)}))
    assert found.dark((110, 505, 190, 515))
    assert not found.dark((290, 490, 410, 530))
    assert found.told["left"] == []


def test_what_cannot_be_drawn_is_named() -> None:
    link = annotation(b"Link", b"100 500 200 520")
    label = annotation(b"FreeText", b"300 500 400 520", b"/Contents(a)")
    told = taken(sheet(b" ", link, label)).told["left"]
    assert told == [
        "links, which documents do not have (page 1)",
        "an annotation (FreeText) that does not say how it looks (page 1)",
    ]


def test_layers_that_are_off_stay_off_and_others_stay() -> None:
    layers = b"/OCProperties<</OCGs[10 0 R 11 0 R]/D<</OFF[10 0 R]>>>>"
    content = (
        b"/OC /off BDC 0 g 100 500 100 20 re f EMC /OC /on BDC 100 400 100 20 re f EMC "
        b"q 1 0 0 1 100 300 cm /X Do Q q 1 0 0 1 300 300 cm /Y Do Q"
    )
    resources = b"/Resources<</Properties<</off 10 0 R/on 11 0 R>>/XObject<</X 9 0 R/Y 12 0 R>>>>"
    more = {
        9: stream(BLACK, DRAWN + b"/OC 10 0 R"),
        10: b"<</Type/OCG/Name(a)>>",
        11: b"<</Type/OCG/Name(b)>>",
        12: stream(b"/OC /m BDC %s EMC" % BLACK, DRAWN + b"/Resources<</Properties<</m 13 0 R>>>>"),
        13: b"<</Type/OCMD/OCGs[10 0 R]>>",
    }
    note = annotation(b"Stamp", b"100 200 200 220", LOOKS + b"/OC 10 0 R")
    found = taken(sheet(content, note, page=resources, catalog=layers, more=more))
    assert found.dark((110, 405, 190, 415)), "the layer that is on"
    for box in ((90, 490, 210, 530), (90, 290, 210, 330), (290, 290, 410, 330), (90, 190, 210, 230)):
        assert not found.dark(box)


def test_fields_that_match_no_item_keep_frame_and_fixed_value() -> None:
    look = b"/MK<</BC[0 0 0]>>"
    found = taken(
        sheet(
            b" ",
            annotation(
                b"Widget", b"100 500 200 520", b"/FT/Tx/Ff 1/T(number)/V(FORM-77)/DA(/F 9 Tf 0 g)" + look
            ),
            annotation(b"Widget", b"100 400 200 420", b"/FT/Tx/T(other)" + look),
            annotation(b"Widget", b"100 300 200 320", b"/FT/Sig/T(signature)" + look),
            annotation(
                b"Widget", b"100 200 200 220", b"/FT/Btn/T(mark)/AS/Off/AP<</N<</Off 9 0 R/On 9 0 R>>>>"
            ),
            more={9: stream(BLACK, DRAWN)},
        )
    )
    assert "FORM-77" in found.text()
    for height in (500, 400, 300, 200):
        assert found.dark((98, height - 2, 202, height + 22))
    assert found.told["unknown"] == ["mark", "number", "other"]


def test_the_frame_of_a_mapped_field_stays_and_its_sample_goes_and_is_named() -> None:
    data = sheet(b" ", more={9: stream(b"0 G 0 0 100 20 re S", DRAWN)}).replace(
        b"/T(next_step)", b"/T(next_step)/V(Sample)/AP<</N 9 0 R>>"
    )
    found = taken(data)
    assert found.dark((48, 698, 302, 718))
    assert "Sample" not in found.text()
    assert found.told["left"] == ["what stood in the field 'next_step' (page 1)"]


@pytest.mark.parametrize("name", [b"A", b"AA", b"PS", b"OC", b"Ref", b"Metadata"])
def test_a_picture_may_have_any_name(name: bytes) -> None:
    content = b"q 1 0 0 1 100 500 cm /%s Do Q" % name
    resources = b"/Resources<</XObject<</%s 9 0 R>>>>" % name
    assert taken(sheet(content, page=resources, more={9: stream(BLACK, DRAWN)})).dark((110, 505, 190, 515))


def test_a_page_that_leaves_its_state_changed_does_not_move_the_answers() -> None:
    found = taken(
        sheet(b"q 0.5 0 0 0.5 0 0 cm 0 0 1 1 re f Q Q q q 0.1 0 0 0.1 0 0 cm"), {"next_step": "Стъпка"}
    )
    assert found.dark((50, 700, 120, 716))


def test_scaled_and_small_pages_serve() -> None:
    scaled = taken(
        sheet(box=b"0 0 298 421", page=b"/UserUnit 2").replace(b"50 700 300 716", b"25 350 150 358")
    )
    with pikepdf.open(io.BytesIO(scaled.made.content)) as pdf:
        assert pdf.pages[0].UserUnit == 2
    small = taken(sheet(box=b"0 0 177 54").replace(b"50 700 300 716", b"10 20 170 40"))
    assert small.told["feet"] == ["below"]


def test_what_an_owners_password_protects_is_opened_and_told() -> None:
    for revision in (3, 4, 6):
        target = io.BytesIO()
        with pikepdf.open(io.BytesIO(sheet())) as pdf:
            pdf.save(
                target,
                encryption=pikepdf.Encryption(
                    owner="owner", user="", R=revision, aes=revision > 3, metadata=revision > 3
                ),
            )
        assert "its owner protected" in taken(target.getvalue()).told["repaired"][0]


LINES = b" ".join(b"0 g 50 %d 400 8 re f" % height for height in range(0, 842, 10))


@pytest.mark.parametrize(
    ("content", "wish", "where", "height"),
    [
        (b" ", "auto", "bottom", 842),
        (b"0 g 40 20 400 60 re f", "auto", "top", 842),
        (LINES, "auto", "below", 866),
        (b" ", "top", "top", 842),
        (b" ", "below", "below", 866),
        (LINES, "bottom", "bottom", 842),
        (b"0.9 g 0 0 595 842 re f", "auto", "bottom", 842),
    ],
    ids=[
        "free",
        "a foot of its own",
        "full",
        "as wished",
        "more paper",
        "as wished though taken",
        "a background",
    ],
)
def test_the_foot_finds_its_place(content: bytes, wish: str, where: str, height: int) -> None:
    found = taken(sheet(content), foot=wish)
    assert found.told["feet"] == [where]
    assert found.picture().height == height
    page = pypdfium2.PdfDocument(found.made.content)[0].get_textpage()
    begun = page.search("SHA-256").get_next()
    assert begun is not None
    foot = page.get_charbox(begun[0])[1]
    assert foot > 780 if where == "top" else foot < 80 if content != LINES or wish == "bottom" else foot < 0


CMYK = [
    (b"/X Do", b"/XObject<</X 9 0 R>>", stream(b"0 0 0 1 k 0 0 9 9 re f", DRAWN)),
    (b"/DeviceCMYK cs 0 0 0 1 sc 0 0 9 9 re f", b"", b"null"),
    (
        b"q 9 0 0 9 0 0 cm /X Do Q",
        b"/XObject<</X 9 0 R>>",
        stream(
            b"\0",
            b"/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace[/Indexed/DeviceCMYK 0<00000000>]",
        ),
    ),
    (
        b"q 9 0 0 9 0 0 cm /X Do Q",
        b"/XObject<</X 9 0 R>>",
        stream(
            b"\0",
            b"/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Interpolate true",
        ),
    ),
    (b"/G gs 0 0 9 9 re f", b"/ExtGState<</G 9 0 R>>", b"<</TR/Identity/BM/Odd>>"),
]


@pytest.mark.parametrize(("content", "resources", "thing"), CMYK)
def test_pdf_a_is_not_claimed_where_it_is_not_so(content: bytes, resources: bytes, thing: bytes) -> None:
    found = taken(sheet(content, page=b"/Resources<<%s>>" % resources, more={9: thing}))
    assert found.told["obstacles"]
    assert all("(page 1)" in each for each in found.told["obstacles"])
    assert b"pdfaid" not in found.made.content


def test_what_only_the_validator_sees_takes_the_claim_away() -> None:
    """A glyph that the font does not have: no dictionary says so."""
    pytest.importorskip("pikepdf.pdfa")
    job = adopting._job(INSTRUMENT, "bg", {})
    content = b"q /Unknown ri 0 0 9 9 re f Q"
    with apply_configuration(**isolated._LIMITS):
        template = base64.b64decode(isolated.read_form(sheet(content), job)["template"])
    found = broken_rules(template, INSTRUMENT, "bg")
    assert found
    assert "6.2.6" in found[0]
    assert "page" in found[0].lower() or "obj" in found[0]
    told = adopting.adopt(sheet(content), INSTRUMENT, "bg")
    assert told.obstacles == tuple(found)
    assert not told.validated


def test_drawings_that_name_each_other_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-eight levels of two drawings each: 2^28 ways lead to the last one."""
    more = {}
    for level in range(28):
        inner = b"/Resources<</XObject<</A %d 0 R/B %d 0 R>>>>" % (101 + level, 101 + level)
        more[100 + level] = stream(b"q", DRAWN + inner)
    more[128] = stream(b"0 0 0 1 k", DRAWN)
    found = taken(sheet(b"/X Do", page=b"/Resources<</XObject<</X 100 0 R>>>>", more=more))
    assert found.told["obstacles"] == ["colours of a printing press (CMYK) without a profile (page 1)"]


@pytest.mark.parametrize(
    ("cells", "expected", "annexed"),
    [(13, "28.02.2026", False), (10, "28.02.2026", False), (8, "28022026", False), (6, "…стр.2", True)],
)
def test_a_date_in_cells_is_whole_or_elsewhere(cells: int, expected: str, annexed: bool) -> None:
    date = annotation(
        b"Widget", b"100 500 300 520", b"/FT/Tx/T(specific_goals.r1.due_date)/Ff 16777216/MaxLen %d" % cells
    )
    found = taken(sheet(b" ", date), {"specific_goals": [{"row": 1, "due_date": "2026-02-28"}]})
    assert bool(found.made.annexed) is annexed
    first = found.text().replace(" ", "").replace("\r\n", "").replace("\n", "")
    assert expected in first
    assert ("28.02.2026г." in first) is annexed


def test_cells_without_an_answer_say_so_in_one_line() -> None:
    cells = annotation(b"Widget", b"100 500 300 520", b"/FT/Tx/T(needs_text)/Ff 16777216/MaxLen 5")
    assert taken(sheet(b" ", cells)).text().count("без отговор") == 2


@pytest.mark.parametrize(
    ("look", "warned"), [(b"1 1 1 rg", True), (b"0.95 g", True), (b"1 g)/MK<</BG[0 0 0]>>/X(", False)]
)
def test_text_that_nobody_could_see_is_warned_of(look: bytes, warned: bool) -> None:
    told = taken(sheet().replace(b"/DA(/F 9 Tf 0 g)", b"/DA(/F 9 Tf %s)" % look)).told["warnings"]
    assert [("almost white" in each, "'next_step' (page 1)" in each) for each in told] == [
        (True, True)
    ] * warned


def boxes(first: bytes, second: bytes) -> bytes:
    states = b"/FT/Btn/T(contact_me)/AP<</N<</%s 9 0 R/Off 9 0 R>>>>"
    return sheet(
        b" ",
        annotation(b"Widget", b"100 500 112 512", states % first),
        annotation(b"Widget", b"100 400 112 412", states % second),
        more={9: stream(b"", DRAWN)},
    )


YES, NO = b"#D0#94#D0#B0", b"#D0#9D#D0#B5"


def test_check_boxes_called_yes_and_no_in_bulgarian_are_understood() -> None:
    found = taken(boxes(YES, NO), {"contact_me": False})
    assert found.told["unknown"] == []
    assert found.made.annexed == ()
    assert found.dark((100, 400, 112, 412))
    assert not found.dark((100, 500, 112, 512))


def test_states_of_check_boxes_that_are_not_understood_are_told() -> None:
    assert taken(boxes(b"Choice1", b"Choice2")).told["unknown"] == [
        "contact_me=Choice1",
        "contact_me=Choice2",
    ]


def test_a_choice_without_a_button_is_said_on_the_page() -> None:
    data = boxes(b"1", b"2").replace(b"/FT/Btn", b"/FT/Btn/Ff 49152").replace(b"contact_me", b"sa_plan")
    found = taken(data, {"sa_plan": 4})
    assert found.made.annexed == ("sa_plan",)
    assert found.text().count("… стр. 2") == 1
    page = pypdfium2.PdfDocument(found.made.content)[0].get_textpage()
    begun = page.search("стр. 2").get_next()
    assert begun is not None
    assert 510 < page.get_charbox(begun[0])[1] < 520, "over the first button"
    assert "… стр." not in taken(data, {"sa_plan": 2}).text()


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"fields": {"contact_me": "next_step"}}, "check\\) cannot hold the answers of next_step"),
        ({"fields": {"contact_me": "specific_goals.r77.text"}}, "row 77 of specific_goals"),
        ({"states": {"sa_pln": {"a": "1"}}}, "'sa_pln', which is no question with buttons"),
        ({"states": {"contact_me": {"a": "9"}}}, "there are yes, no"),
    ],
)
def test_a_mapping_that_would_only_show_in_documents_is_refused(mapping: dict, said: str) -> None:
    with pytest.raises(adopting.MappingError, match=said):
        adopting.adopt(boxes(YES, NO), INSTRUMENT, "bg", mapping)


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MOODLE_BRIDGE_SERVICE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("MOODLE_BRIDGE_CONFIG", raising=False)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli.main, ["forms", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_a_form_is_looked_at_mapped_seen_kept_and_taken_away(tmp_path: Path, at) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(
        sheet(
            b"BT /H 9 Tf 40 503 Td (Next step) Tj ET",
            annotation(b"Widget", b"100 500 300 520", b"/FT/Tx/T(Text1)/TU(Next step)"),
            page=b"/Resources<</Font<</H<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>",
        ).replace(b"/T(next_step)", b"/T(Odd one)")
    )
    lines = at("inspect", str(form), "--picture", str(tmp_path / "numbers.pdf")).splitlines()
    assert lines[0].split()[:2] == ["1", "text"]
    assert 'Text1  (page 1, 100/322, 200 x 20)  tooltip "Next step"; beside "Next step"' in lines[1]
    numbered = (
        pypdfium2.PdfDocument((tmp_path / "numbers.pdf").read_bytes())[0].get_textpage().get_text_range()
    )
    assert "1" in numbered
    assert "2" in numbered
    at(
        "map",
        str(form),
        "--instrument",
        "mentee_initial",
        "--language",
        "en",
        "--output",
        str(tmp_path / "m.yaml"),
    )
    mapping = yaml.safe_load((tmp_path / "m.yaml").read_text(encoding="utf-8"))
    assert mapping == {"fields": {"Text1": "next_step"}, "states": {}}
    options = ["--instrument", "mentee_initial", "--language", "en", "--mapping", str(tmp_path / "m.yaml")]
    for answers in ("empty", "sample", "fullest"):
        seen = tmp_path / f"{answers}.pdf"
        assert ": " in at("preview", str(form), *options, "--answers", answers, "--output", str(seen))
        assert seen.read_bytes().startswith(b"%PDF")
    report = at("adopt", str(form), *options)
    kept = tmp_path / "data" / "templates" / "adopted" / "en"
    assert f"kept as {kept}" in report
    assert [path.name for path in kept.iterdir()] == [f"mentee_initial.{INSTRUMENT.version}.full.pdf"]
    assert INSTRUMENT.title["en"] in at("list")
    at("remove", "mentee_initial", "--language", "en")
    assert list(kept.iterdir()) == []


def test_a_kept_form_goes_before_the_shipped_one(tmp_path: Path) -> None:
    from moodle_bridge.pdf.program.load import adopted_name, template_path

    kept = tmp_path / "bg" / adopted_name(INSTRUMENT, "full")
    assert template_path(INSTRUMENT, "bg", "full", None, tmp_path) != kept
    kept.parent.mkdir()
    kept.write_bytes(b"")
    assert template_path(INSTRUMENT, "bg", "full", None, tmp_path) == kept


def test_nothing_is_proposed_that_does_not_fit_by_its_kind() -> None:
    job = adopting._job(INSTRUMENT, "bg", {}) | {"task": "inspect"}
    with apply_configuration(**isolated._LIMITS):
        listed = isolated.read_form(boxes(YES, NO).replace(b"(contact_me)", b"(needs_text)"), job)["fields"]
    fields = [adopting.InspectedField(**(each | {"options": ()})) for each in listed]
    assert [each.target for each in proposals(fields, INSTRUMENT, "bg")] == ["next_step"]


def test_a_form_of_libreoffice_is_mapped_by_the_names_its_author_gave(tmp_path: Path, at) -> None:
    form = Path(__file__).parents[2] / "fixtures" / "libreoffice.pdf"
    at("map", str(form), "--instrument", "mentee_initial", "--output", str(tmp_path / "m.yaml"))
    written = (tmp_path / "m.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(written)["fields"] == {
        "Участник": "header.respondent",
        "Дата": "header.submitted",
        "Обща цел 1": "general_goals.r1.text",
        "Следваща стъпка": "next_step",
        **{f"Конкретна цел {row}": f"specific_goals.r{row}.text" for row in (1, 2, 3)},
        **{f"Срок {row}": f"specific_goals.r{row}.due_date" for row in (1, 2, 3)},
    }
    assert 'Искам координаторът да се свърже с мен:\n  # "Контакт": \n' in written
    (tmp_path / "m.yaml").write_text(written.replace('# "Контакт": ', '"Контакт": contact_me'))
    seen = tmp_path / "seen.pdf"
    options = ["--instrument", "mentee_initial", "--mapping", str(tmp_path / "m.yaml")]
    at("preview", str(form), *options, "--output", str(seen))
    page = pypdfium2.PdfDocument(seen.read_bytes())[0].get_textpage().get_text_range()
    for drawn in ("Мария Иванова, обект на менторинга", "02.03.2026", "28.02.2026", "Тук ще стои отговорът"):
        assert drawn in page
