"""What a file is, by its content; spoofed, doubled and broken ones are not taken."""

import pytest

from proposals import drawing, filetypes
from proposals.filetypes import Unfit, plain_name, recognise
from tests.office import files

TAKEN = {
    "a.pdf": files.pdf(),
    "a.docx": files.package("word/document.xml"),
    "a.xlsx": files.package("xl/workbook.xml"),
    "a.pptx": files.package("ppt/presentation.xml"),
    "a.doc": files.compound("WordDocument"),
    "a.xls": files.compound("Workbook"),
    "a.ppt": files.compound("PowerPoint Document"),
    "a.png": files.picture("PNG"),
    "a.JPG": files.picture("JPEG"),
    "a.jpeg": files.picture("JPEG"),
    "a.tif": files.picture("TIFF"),
    "a.gif": files.picture("GIF"),
}
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
NOT_TAKEN = {
    "HTML as PDF": ("a.pdf", HTML, "mismatch"),
    "SVG as PNG": ("a.png", SVG, "mismatch"),
    "SVG": ("a.svg", SVG, "extension"),
    "HTML": ("a.html", HTML, "extension"),
    "no extension": ("pdf", files.pdf(), "extension"),
    "a program": ("a.docx", b"MZ" + b"\0" * 200, "mismatch"),
    "a PNG as PDF": ("a.pdf", files.picture(), "mismatch"),
    "a PDF as PNG": ("a.png", files.pdf(), "mismatch"),
    "a Word file as Excel": ("a.xlsx", files.package("word/document.xml"), "mismatch"),
    "a plain archive as Word": ("a.docx", files.package("readme.txt"), "mismatch"),
    "a PDF after other bytes": ("a.pdf", b"\n" + files.pdf(), "mismatch"),
    "a PDF that is an archive": ("a.pdf", files.pdf() + files.package("x"), "two-things"),
    "a picture that is an archive": ("a.gif", files.picture("GIF") + files.package("x"), "two-things"),
    "a PDF that is a page": ("a.pdf", b"%PDF-1.4\n" + HTML + files.pdf(), "two-things"),
    "macros": ("a.docx", files.package("word/document.xml", "word/vbaProject.bin"), "macros"),
    "old macros": ("a.xls", files.compound("Workbook", "_VBA_PROJECT"), "macros"),
    "encrypted": ("a.xlsx", files.compound("EncryptedPackage"), "mismatch password"),
    "broken archive": ("a.docx", b"PK\x03\x04" + b"\0" * 50, "damaged"),
    "empty": ("a.pdf", b"", "empty"),
}


@pytest.fixture
def lay(tmp_path):
    def write(content):
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_is_what_its_name_says(lay, name):
    assert name.rpartition(".")[2].lower() in recognise(lay(TAKEN[name]), name).extensions


@pytest.mark.parametrize("case", NOT_TAKEN)
def test_what_is_something_else_is_not_taken(lay, case):
    name, content, key = NOT_TAKEN[case]
    with pytest.raises(Unfit) as caught:
        recognise(lay(content), name)
    assert caught.value.key in key


def test_an_archive_that_would_be_huge_is_not_unpacked(lay, monkeypatch):
    monkeypatch.setattr(filetypes, "_MOST_UNPACKED", 1000)
    with pytest.raises(Unfit) as caught:
        recognise(lay(files.package("word/document.xml", size=600)), "a.docx")
    assert caught.value.key == "bomb"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/a.pdf", "a.pdf"),
        ("C:\\x\\a.pdf", "a.pdf"),
        ("\u202efdp.exe\0.pdf", "fdp.exe.pdf"),
        ("抵押 物.pdf", "抵押 物.pdf"),
    ],
)
def test_a_name_has_no_path_and_nothing_unseen(name, plain):
    assert plain_name(name) == plain


@pytest.mark.parametrize("name", ["", ".pdf", "...pdf", "a" * 200 + ".pdf"])
def test_a_name_that_says_nothing_or_too_much_is_not_taken(name):
    with pytest.raises(Unfit):
        plain_name(name)


# -- Counting and drawing ---------------------------------------------------------------------------


def test_pages_are_counted(lay):
    assert drawing.count(lay(files.pdf(200)), "PDF") == 200
    assert drawing.count(lay(files.picture("JPEG")), "JPEG") == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [("PDF", b"%PDF-1.4 nothing"), ("PNG", files.picture()[:60]), ("PNG", files.picture("JPEG"))],
)
def test_what_cannot_be_opened_is_damaged(lay, kind, content):
    with pytest.raises(drawing.Undrawable) as caught:
        drawing.count(lay(content), kind)
    assert caught.value.key == "damaged"


def test_a_picture_that_would_be_huge_is_not_drawn(lay):
    bomb = files.picture("PNG", size=(12_000, 12_000))
    assert len(bomb) < 1_000_000
    with pytest.raises(drawing.Undrawable) as caught:
        drawing.count(lay(bomb), "PNG")
    assert caught.value.key == "pixels"


def test_a_page_beyond_all_proportion_is_not_drawn(lay, tmp_path):
    with pytest.raises(drawing.Undrawable) as caught:
        drawing.draw(lay(files.pdf(1, 10, 14_000)), "PDF", page=1, width=1000, target=tmp_path / "p.png")
    assert caught.value.key == "pixels"
    assert not list(tmp_path.glob("p*"))


def test_what_takes_too_long_is_given_up(lay, monkeypatch):
    monkeypatch.setattr(drawing, "SECONDS", 0.001)
    with pytest.raises(drawing.Undrawable) as caught:
        drawing.count(lay(files.pdf()), "PDF")
    assert caught.value.key == "time"
