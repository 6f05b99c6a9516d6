"""What a file is, by its content; spoofed, doubled and broken ones are not taken."""

import io
import stat
import struct
import warnings
import zipfile
from time import monotonic

import pytest
from PIL import Image

from pages.plans.files.attachments import FAULTS, fault
from proposals import drawing, filetypes
from proposals.filetypes import Unfit, plain_name, recognise
from tests.pages import files

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
    "a.ofd": files.ofd(),
    "a.heic": files.picture("HEIF"),
    "a.HEIF": files.picture("HEIF"),
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
    "a PDF that is an archive with a comment": (
        "a.pdf",
        files.pdf() + files.package("x", comment=b"Yes"),
        "two-things",
    ),
    "a PDF that is an archive with a false end in its comment": (
        "a.pdf",
        files.pdf() + files.package("x", comment=b"PK\x05\x06" * 9),
        "two-things",
    ),
    "a picture that is an archive": ("a.gif", files.picture("GIF") + files.package("x"), "two-things"),
    "a PDF that is a page": ("a.pdf", b"%PDF-1.4\n" + HTML + files.pdf(), "two-things"),
    "macros": ("a.docx", files.package("word/document.xml", "word/vbaProject.bin"), "macros"),
    "old macros": ("a.xls", files.compound("Workbook", "_VBA_PROJECT"), "macros"),
    "encrypted": ("a.xlsx", files.compound("EncryptedPackage"), "mismatch password"),
    "broken archive": ("a.docx", b"PK\x03\x04" + b"\0" * 50, "damaged"),
    "empty": ("a.pdf", b"", "empty"),
    "WPS": ("a.wps", files.compound("WordDocument"), "wps"),
    "a sheet of WPS": ("a.ET", files.compound("Workbook"), "wps"),
    "slides of WPS": ("a.dps", files.compound("PowerPoint Document"), "wps"),
    "a document that says it has macros": ("a.docm", files.package("word/document.xml"), "macros"),
    "an archive": ("a.zip", files.package("a.txt"), "archive"),
    "Open Document": ("a.odt", files.package("content.xml"), "other-office"),
    "OFD as Word": ("a.docx", files.ofd(), "mismatch"),
    "Word as OFD": ("a.ofd", files.package("word/document.xml"), "mismatch"),
    "OFD that is Word too": ("a.ofd", files.package("word/document.xml", "OFD.xml"), "two-things"),
    "OFD with macros": ("a.ofd", files.package("OFD.xml", "Doc_0/vbaProject.bin"), "macros"),
    "AVIF as HEIC": ("a.heic", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 50, "mismatch"),
    "a film as HEIC": ("a.heic", b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + b"\0" * 50, "mismatch"),
}


_MAIN = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "ofd": "OFD.xml",
}


def _link():
    part = zipfile.ZipInfo("word/link.xml")
    part.create_system, part.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return part


#: parts that a package of any kind must not have
PARTS = {
    "climbing": "../outside.xml",
    "climbing from within": "word/../../outside.xml",
    "climbing by another system's rules": "..\\outside.xml",
    "absolute": "/etc/cron.d/x",
    "absolute by another system's rules": "C:/Windows/x.dll",
    "to another machine": "\\\\host\\share\\x",
    "with what is not seen": "word/a\x01.xml",
    "a step that is none": "word/./a.xml",
    "no step": "word//a.xml",
    "a link": _link(),
}


def _under_password(content):
    """The package, its parts said to be encrypted."""
    out, place = bytearray(content), -1
    while (place := out.find(b"PK\x01\x02", place + 1)) >= 0:
        out[place + 8] |= 1
    return bytes(out)


def _overlapping(content):
    """The package, each of its parts said to stand where the first does."""
    out, place = bytearray(content), -1
    while (place := out.find(b"PK\x01\x02", place + 1)) >= 0:
        out[place + 42 : place + 46] = struct.pack("<I", 0)
    return bytes(out)


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


@pytest.mark.parametrize("extension", _MAIN)
@pytest.mark.parametrize("case", PARTS)
def test_a_package_has_plain_parts_within_it(lay, extension, case):
    with pytest.raises(Unfit) as caught:
        recognise(lay(files.package(_MAIN[extension], PARTS[case])), f"a.{extension}")
    assert caught.value.key == "parts"
    assert caught.value.values["part"].isprintable()


@pytest.mark.parametrize("extension", _MAIN)
@pytest.mark.parametrize(
    "part", ["word/media/image1.png", "word/media/抵押物照片.png", "word/media/Grundstück.png"]
)
def test_parts_are_named_in_any_script(lay, extension, part):
    content = files.package(_MAIN[extension], part)
    assert extension in recognise(lay(content), f"a.{extension}").extensions


@pytest.mark.parametrize("extension", _MAIN)
def test_a_part_that_calls_itself_otherwise_than_the_list_does_is_refused(lay, extension):
    content = files.package(_MAIN[extension], "word/innocent.xml").replace(
        b"word/innocent.xml", b"../../../etc/evil", 1
    )
    with pytest.raises(Unfit) as caught:
        recognise(lay(content), f"a.{extension}")
    assert caught.value.key == "parts"


@pytest.mark.parametrize("extension", _MAIN)
def test_a_part_that_stands_there_twice_is_refused(lay, extension):
    with pytest.warns(UserWarning, match="Duplicate"):
        content = files.package(_MAIN[extension], _MAIN[extension])
    with pytest.raises(Unfit) as caught:
        recognise(lay(content), f"a.{extension}")
    assert caught.value.key == "parts"


@pytest.mark.parametrize("extension", _MAIN)
def test_a_package_under_a_password_or_of_parts_that_share_their_bytes_is_refused(lay, extension):
    for made, key in ((_under_password, "password"), (_overlapping, "bomb")):
        content = made(files.package(_MAIN[extension], "other.xml"))
        with pytest.raises(Unfit) as caught:
            recognise(lay(content), f"a.{extension}")
        assert caught.value.key == key


@pytest.mark.parametrize(
    "said",
    [
        b'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"',
        b'ContentType="application/vnd.ms-office.vbaProject"',
        b'ContentType="application/vnd.ms-excel.macrosheet+xml"',
        'ContentType="application/vnd.ms-office.vbaProject"'.encode("utf-16"),
    ],
)
def test_macros_are_told_by_what_the_package_says_of_its_parts_too(lay, said):
    with pytest.raises(Unfit) as caught:
        recognise(lay(files.package("word/document.xml", "word/other.bin", said=said)), "a.docx")
    assert caught.value.key == "macros"


def test_every_file_that_is_not_taken_has_its_remedy():
    for extension in filetypes.REFUSED:
        assert filetypes.REFUSED[extension] in FAULTS
    assert {"PDF", ".docx"} <= set(fault("wps", {"extension": "wps"}).replace(",", " ").split())


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/a.pdf", "a.pdf"),
        ("C:\\x\\a.pdf", "a.pdf"),
        ("\u202efdp.exe\0.pdf", "fdp.exe.pdf"),
        ("抵押 物.pdf", "抵押 物.pdf"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("a\u2028b.pdf", "a b.pdf"),
        ("\u3164a\u2800\ufe0f.pdf", "a.pdf"),
        ("..\\x/\u2066a.pdf", "a.pdf"),
    ],
)
def test_a_name_has_no_path_and_nothing_unseen(name, plain):
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    "name", ["", ".pdf", "...pdf", "\u3164.pdf", "\u2800\u200b.pdf", "a/", "..", "a" * 200 + ".pdf"]
)
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
    bomb = files.huge()
    assert len(bomb) < 1_000_000
    with pytest.raises(drawing.Undrawable) as caught:
        drawing.count(lay(bomb), "PNG")
    assert caught.value.key == "pixels"


@pytest.fixture
def here(monkeypatch):
    """What the child answers, asked in this process."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    with warnings.catch_warnings():
        yield drawing._answer


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "GIF"])
def test_a_small_file_of_very_many_pixels_costs_next_to_nothing(lay, tmp_path, kind):
    out = io.BytesIO()
    Image.new("1", (8000, 9000)).save(out, kind, **{"compression": "group4"} if kind == "TIFF" else {})
    assert out.tell() < 100_000
    began = monotonic()
    for ask in (
        lambda path: drawing.count(path, kind),
        lambda path: drawing.draw(path, kind, page=1, width=1000, target=tmp_path / "p.png"),
    ):
        with pytest.raises(drawing.Undrawable) as caught:
            ask(lay(out.getvalue()))
        assert caught.value.key == "pixels"
    assert monotonic() - began < 5


def test_each_page_of_a_scan_has_the_same_bound(lay, tmp_path):
    out = io.BytesIO()
    first, second = Image.new("1", (100, 100)), Image.new("1", (8000, 9000))
    first.save(out, "TIFF", save_all=True, append_images=[second], compression="group4")
    path = lay(out.getvalue())
    assert drawing.count(path, "TIFF") == 2
    drawing.draw(path, "TIFF", page=1, width=1000, target=tmp_path / "p.png")
    with pytest.raises(drawing.Undrawable) as caught:
        drawing.draw(path, "TIFF", page=2, width=1000, target=tmp_path / "q.png")
    assert caught.value.key == "pixels"


def test_a_jpeg_is_made_smaller_while_it_is_decoded(lay, tmp_path):
    path, target = lay(files.picture("JPEG", size=(8000, 9000), mode="L")), tmp_path / "p.png"
    drawing.draw(path, "JPEG", page=1, width=1000, target=target)
    with Image.open(target) as drawn:
        assert drawn.size == (1000, 1125)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_as_its_camera_held_it(lay, tmp_path, here, kind, orientation):
    """Its corner is where EXIF says that the first row and column are."""
    marked = Image.new("RGB", (96, 64), "white")
    marked.paste("black", (0, 0, 48, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    marked.save(out, kind, exif=exif)
    target = tmp_path / "p.png"
    here("draw", kind, str(lay(out.getvalue())), "1", "1000", str(target))
    with Image.open(target) as drawn:
        assert drawn.size == ((64, 96) if orientation > 4 else (96, 64))
        ends = {
            (x, y): drawn.getpixel((x * (drawn.width - 1), y * (drawn.height - 1)))
            for x in (0, 1)
            for y in (0, 1)
        }
    corner = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[
        orientation
    ]
    assert [place for place, colour in ends.items() if sum(colour) < 200] == [corner]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_colour_is_drawn(lay, tmp_path, here, mode):
    out = io.BytesIO()
    Image.new(mode, (1500, 900), 1 if mode in "1P" else None).save(out, "PNG")
    target = tmp_path / "p.png"
    here("draw", "PNG", str(lay(out.getvalue())), "1", "1000", str(target))
    with Image.open(target) as drawn:
        assert (drawn.mode, drawn.size) == ("RGB", (1000, 600))


def test_what_shows_through_is_drawn_on_white(lay, tmp_path):
    out = io.BytesIO()
    Image.new("RGBA", (1500, 900), (0, 0, 0, 0)).save(out, "PNG")
    target = tmp_path / "p.png"
    drawing.draw(lay(out.getvalue()), "PNG", page=1, width=1000, target=target)
    with Image.open(target) as drawn:
        assert drawn.getpixel((500, 300)) == (255, 255, 255)


def test_a_picture_of_a_phone_is_counted_and_drawn(lay, tmp_path):
    path, target = lay(files.picture("HEIF", size=(1200, 800))), tmp_path / "p.png"
    assert drawing.count(path, "HEIF") == 1
    drawing.draw(path, "HEIF", page=1, width=1000, target=target)
    with Image.open(target) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (1000, 667))
    with pytest.raises(drawing.Undrawable) as caught:
        drawing.count(lay(files.picture("HEIF")[:200]), "HEIF")
    assert caught.value.key == "damaged"


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
