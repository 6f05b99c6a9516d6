"""Papers as files: valid, the same bytes each time, and safe against what is typed (documents/render.py)."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont
from pydantic import ValidationError

from documents import faces, render
from documents.content import KINDS, Content, Issued, Line, Picture, Signed, Text, read
from documents.glyph_ranges import RANGES
from documents.glyph_ranges_of_fonts import characters, ranges
from documents.glyphs import missing, named
from documents.streams import unambiguous
from office.apps import check_fonts
from regulation.refused import Refused
from tests.documents.samples import blocks, paper
from tests.documents.sheets import faults, signs, text_of
from tests.test_architecture import ROOT

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63606060f80f00010401005fe5c34b0000000049454e44ae426082"
)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_both_languages_is_pdf_a_3a_and_pdf_ua_1(kind: str, language: str) -> None:
    made = render.render(paper(kind, language), attached={"paper.json": b'{"number":1}'})
    assert faults(made.pdf) == []


def test_the_same_paper_is_the_same_bytes_in_another_process_too() -> None:
    content = paper()
    first = render.render(content)
    assert render.render(read(content.as_json())) == first
    code = (
        "import django; django.setup(); from documents import render;"
        "from tests.documents.samples import paper;"
        "print(render.render(paper()).sha256, render.template_digest())"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [first.sha256, render.template_digest()]


def test_another_time_or_text_is_another_file() -> None:
    assert (
        len(
            {
                render.render(each).sha256
                for each in (paper(), paper(at="2026-03-05T10:00:00+08:00"), paper(to="各位："))
            }
        )
        == 3
    )


def test_title_organ_number_and_time_are_properties_of_the_file() -> None:
    with pikepdf.open(io.BytesIO(render.render(paper()).pdf)) as file:
        info = {key: str(value) for key, value in file.docinfo.items()}
        language = str(file.Root.Lang)
    assert info["/Title"] == "关于召开会议的通知"
    assert info["/Author"] == "分行联席会议"
    assert "20260305010000" in info["/CreationDate"]
    assert language.lower().startswith("zh")


def test_the_json_is_attached_as_data() -> None:
    with pikepdf.open(
        io.BytesIO(render.render(paper(), attached={"record.json": '{"甲":1}'.encode()}).pdf)
    ) as file:
        assert file.attachments["record.json"].get_file().read_bytes() == '{"甲":1}'.encode()
        assert file.attachments["record.json"].relationship == "/Data"


def test_several_papers_are_one_file_with_a_bookmark_each() -> None:
    papers = [paper(kind, title=f"文书{number}", mark="阅读本") for number, kind in enumerate(KINDS)]
    made = render.render_set(papers, title="会议文书")
    with pikepdf.open(io.BytesIO(made.pdf)) as file, file.open_outline() as outline:
        assert [item.title for item in outline.root] == [each.title for each in papers]
    assert text_of(made.pdf).count("阅读本") == made.pages
    assert faults(made.pdf) == []
    with pytest.raises(ValueError, match="at least one"):
        render.render_set([], title="会议文书")


def test_a_picture_is_shown_and_named() -> None:
    name = "a" * 64 + "-1.png"
    made = render.render(paper(blocks=[Picture(file=name, alt="照片")]), pictures={name: PIXEL})
    assert "照片" in text_of(made.pdf)
    assert faults(made.pdf) == []
    with pytest.raises(ValidationError):
        Picture(file="../../etc/passwd", alt="")


# -- What is typed -------------------------------------------------------------------------------------------

HARMLESS = [
    '#read("/etc/passwd")', '#image("/etc/passwd")', "$x$ *b* _i_ `c` @a <b> // \\u{41} #let x = 1",
    "<script>alert(1)</script>", "= 标题", "- 一\n+ 二", "]#panic()[", '"\\', "𠮷𡋾㛃", "x" * 10_000,
    "。" * 3_000, "（" * 300, "—" * 300, "a\n\nb\tc",
    "123456789" * 100, "，" * 100 + "汉字" * 100,
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS, ids=lambda text: ascii(text[:12]))
def test_what_is_typed_is_shown_as_it_is_in_every_place_and_stays_on_the_sheet(text: str) -> None:
    content = paper(
        blocks=blocks(text),
        to=text,
        attachments=[text],
        organ=text[:60],
        title=text[:200],
        copies_to=text,
        number=text[:30],
    )
    made = render.render(content)
    shown = re.sub(r"\s|\u00ad|\u0002|-", "", text_of(made.pdf))
    assert re.sub(r"\s|-", "", text) in shown
    assert "root:" not in shown
    for each in signs(made.pdf):
        assert each.x > 20, each
        assert each.right < 191, each


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\u202eb", "U+202E"), ("a\u2067b", "U+2067"), ("\ufeffa", "U+FEFF"), ("a\x07b", "U+0007"),
        ("a\x00b", "U+0000"),
        ("שלום", "ש (U+05E9)"), ("سلام", "س (U+0633)"), ("好😀", "😀 (U+1F600)"),
        ("a\u200db", "U+200D"), ("\ue000", "U+E000"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["title", "organ", "to", "copies_to", "block"])
def test_a_character_that_no_font_has_is_refused_by_name(text: str, told: str, place: str) -> None:
    changes: dict[str, Any] = {"blocks": [Line(text=text)]} if place == "block" else {place: text}
    with pytest.raises(Refused) as caught:
        render.render(paper(**changes))
    assert caught.value.code == "document/no-glyph"
    assert told in caught.value.message("zh-hans")
    assert told in caught.value.message("en")


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a text stands in the JSON of a paper; names of kinds, files and the time are no text."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in {"kind", "language", "is", "align", "file", "at"}:
                yield from places(each, (*at, key))
    elif isinstance(value, list):
        for key, each in enumerate(value):
            yield from places(each, (*at, key))
    elif isinstance(value, str):
        yield at


@pytest.mark.parametrize("typed", ["a\u202eb", "\ufeffa", "a\x07b", "שלום", "سلام", "好😀"], ids=ascii)
def test_no_text_of_any_paper_takes_it(typed: str) -> None:
    """In each place of its JSON, of every kind of block: those of all kinds of papers."""
    walked = 0
    for at in places(paper().as_json()):
        data: Any = paper().as_json()
        *way, last = at
        holder = data
        for key in way:
            holder = holder[key]
        holder[last] = typed
        with pytest.raises(Refused) as caught:
            render.render(read(data))
        assert caught.value.code == "document/no-glyph", at
        walked += 1
    assert walked > 45


def test_what_is_typed_stays_on_the_sheet_also_in_signature_and_imprint() -> None:
    for text in ("x" * 2_000, "123456789" * 100, '#read("/etc/passwd")', "𠮷𡋾㛃"):
        content = paper(
            blocks=[Text(text="文")], attachments=[text] * 2,
            signature=Signed(lines=[text], date="2026年3月5日"),
            issued=Issued(by=text, on="2026年3月5日印发"),
        )  # fmt: skip
        made = render.render(content)
        assert "root:" not in text_of(made.pdf)
        for each in signs(made.pdf):
            assert each.x > 20, each
            assert each.right < 191, each


def test_typst_itself_refuses_what_the_check_would_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "require_glyphs", lambda _text: None)
    with pytest.raises(RuntimeError, match="could not be displayed"):
        render.render(paper(to="א"))


def test_a_paper_of_200_pages() -> None:
    made = render.render(paper(blocks=[Text(text="联席会议审议不良贷款清收化解方案" * 10)] * 740))
    assert made.pages >= 200
    assert faults(made.pdf) == []


# -- Fonts and characters ------------------------------------------------------------------------------------


def test_the_ranges_are_those_of_the_fonts() -> None:
    assert list(RANGES) == ranges(characters())


def test_missing_names_each_character_once() -> None:
    assert missing("会议 abc\n，。“”①𠮷") == []
    assert missing("😀a😀\u202e") == ["😀", "\u202e"]
    assert named(["😀", "\u202e"]) == "😀 (U+1F600), U+202E"
    assert named([chr(0x5D0 + place) for place in range(9)]).endswith(" …")


def test_the_faces_are_those_of_the_project_unless_a_folder_is_named(settings: Any, tmp_path: Any) -> None:
    assert faces.families()["serif"] == [faces.SERIF, faces.SANS]
    settings.DOCUMENT_FONTS = str(tmp_path)
    assert faces.folders()[0] == tmp_path
    settings.DOCUMENT_FONTS = str(tmp_path / "none")
    with pytest.raises(Exception, match="DOCUMENT_FONTS"):
        faces.folders()


def test_a_folder_of_fonts_that_papers_cannot_use_fails_the_check_with_what_is_wrong(
    settings: Any, tmp_path: Any
) -> None:
    def told() -> str:
        return " ".join(error.msg for error in check_fonts())

    assert told() == ""
    settings.DOCUMENT_FONTS = str(tmp_path / "none")
    assert "which is no folder" in told()
    settings.DOCUMENT_FONTS = str(tmp_path)
    assert "has no font that can be read" in told()
    (tmp_path / "FangSong.ttf").write_bytes(b"not a font")
    assert "has no font that can be read" in told()
    serif = next(path for folder in faces.folders()[1:] for path in folder.rglob("*.otf"))
    (tmp_path / "other.otf").write_bytes(_renamed(serif, "Some Serif"))
    assert "has Some Serif; papers use none of these" in told()
    assert "FangSong_GB2312" in told()
    (tmp_path / "fangsong.otf").write_bytes(_renamed(serif, "FangSong"))
    assert told() == ""
    settings.DOCUMENT_FONTS = str(tmp_path / "none")
    with pytest.raises(SystemCheckError, match="which is no folder"):
        call_command("check", stdout=io.StringIO(), stderr=io.StringIO())


def _renamed(font: Path, family: str) -> bytes:
    """The font with a few characters, under this name of its family."""
    with TTFont(font) as found:
        subsetter = Subsetter()
        subsetter.populate(text="abc")
        subsetter.subset(found)
        for record in found["name"].names:
            if record.nameID in (1, 4, 16):
                record.string = family
        target = io.BytesIO()
        found.save(target)
        return target.getvalue()


# -- The shape of a paper ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "letter"},
        {"language": "fr"},
        {"blocks": [{"is": "script"}]},
        {"title": 1},
        {"more": ""},
        {"at": None},
    ],
)
def test_another_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(paper().as_json() | change)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        render.render(paper(at="2026-03-05T09:00:00"))


def test_a_paper_survives_json() -> None:
    assert read(paper().as_json()) == paper()
    assert isinstance(paper(), Content)


def test_streams_that_end_with_a_carriage_return_end_unambiguously() -> None:
    objects = [
        b"1 0 obj\n<</Length 3>>\nstream\nab\r\nendstream\nendobj\n",
        b"2 0 obj\n<</Type/Catalog/Pages 3 0 R>>\nendobj\n",
        b"3 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n",
    ]
    file, table = b"%PDF-1.7\n", b"0000000000 65535 f\r\n"
    for each in objects:
        table += b"%010d 00000 n\r\n" % len(file)
        file += each
    start = len(file)
    file += b"xref\n0 4\n" + table + b"trailer\n<</Size 4/Root 2 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    made = unambiguous(file)
    assert b"ab\r\r\nendstream" in made
    for number, offset in enumerate(re.findall(rb"(\d{10}) 00000 n", made), start=1):
        assert made[int(offset) :].startswith(b"%d 0 obj" % number)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.get_object(1, 0).read_raw_bytes() == b"ab\r"
    with pytest.raises(ValueError, match="table"):
        unambiguous(file.replace(b"startxref", b"startref"))
