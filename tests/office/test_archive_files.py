"""A meeting's file written out, brought back and read; what is brought is not trusted (Art. 12.6)."""

from __future__ import annotations

import errno
import json
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.urls import reverse

from audit import clock
from audit.models import Entry
from audit.recording import SYSTEM
from documents import checksums
from documents.archive import files, page, reading, writing
from office.actions.dispatches import send_dispatch
from office.archives import imported, meeting_file
from office.archives.meeting_file import contents, kept_until, paper
from office.management.commands.export_archive import _meeting
from office.models import ArchiveFile, Dispatch, Minutes, Paper
from proposals import storage
from proposals.actions.attachments import attach
from proposals.attachments import StatedAttachment
from regulation.labels import PARTS
from tests.office import signers
from tests.pages import files as kinds
from tests.pages.pages import as_
from tests.stage import MEETING, START, Stage, said, stages

PDF = kinds.pdf()


@pytest.fixture(scope="module")
def store(tmp_path_factory: Any) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def media(store: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = store
    return store


def with_a_file() -> Stage:
    stage = Stage().to("drafted")
    with storage.received([PDF]) as file:
        stated = StatedAttachment("valuation.pdf", "", "application/pdf", file.size, 1, file.sha256)
        attach(stage.proposal, by=stage["handler"], file=file, attachment=stated)
    stage.to("noticed").proxy()
    return stage.to("archived")


case = stages("case", with_a_file)


def exported(stage: Stage, to: Path) -> Path:
    call_command("export_archive", str(stage.meeting.pk), to=to)
    return to


@pytest.fixture
def folder(case: Stage, tmp_path: Path) -> Path:
    return exported(case, tmp_path / "file")


@pytest.fixture
def packed(case: Stage, tmp_path: Path) -> Path:
    return exported(case, tmp_path / "file.zip")


# --- what is written ---


@pytest.mark.article("12.6")
def test_the_archive_has_every_part_of_the_file_with_its_checksum(case, folder):
    index = json.loads((folder / "index.json").read_bytes())
    assert [file["part"] for file in index["files"]] == sorted(
        (file["part"] for file in index["files"]), key=list(PARTS).index
    )
    assert {file["part"] for file in index["files"]} == {*PARTS}
    for file in index["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (checksums.of_bytes(content), len(content)) == (file["sha256"], file["size"])
    ran = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=False
    )
    assert ran.returncode == 0
    (attached,) = (file for file in index["files"] if file["name"].endswith(".pdf"))
    assert (folder / attached["name"]).read_bytes() == PDF
    assert (attached["pages"], attached["by"]) == (1, case.proposal.unit.name)
    minutes = Minutes.objects.get(meeting=case.meeting)
    written = json.loads((folder / "record" / "11-minutes.json").read_bytes())
    assert (written["record"], written["narrative"], written["digest"]) == (
        minutes.record, minutes.narrative, minutes.digest,
    )  # fmt: skip
    assert index["digest"] == ArchiveFile.objects.get(meeting=case.meeting).digest


def test_the_index_is_a_page_in_both_languages_that_needs_nothing_else(folder):
    text = (folder / "index.html").read_text()
    index = json.loads((folder / "index.json").read_bytes())
    assert "卷内目录" in text
    assert "Archive index" in text
    assert "签到记录" in text
    assert "attendance" in text
    links = re.findall(r'href="([^"]+)"', text)
    assert links == [file["name"] for file in index["files"]]
    assert not re.search(r"<script|<link|<img|src=|http", text)


def test_what_somebody_wrote_is_text_in_the_index():
    about = dict.fromkeys(("bank", "committee", "number", "at", "archived_at", "archived_by"), "<b>&")
    file = dict.fromkeys(
        ("title", "title_zh", "number", "by", "date", "sha256"), '"><script>alert(1)</script>'
    )
    made = page.page(
        {
            **about,
            **dict.fromkeys(("title", "title_zh", "to"), "<b>"),
            "kept_until": "",
            "digest": "",
            "files": [{**file, "name": "a b.json", "pages": 1}],
        }
    )
    assert b"<script>" not in made
    assert b"<b>" not in made
    assert b'href="a%20b.json"' in made


def test_the_same_file_gives_the_same_bytes(case, tmp_path):
    one, two = exported(case, tmp_path / "1.zip"), exported(case, tmp_path / "2.zip")
    assert one.read_bytes() == two.read_bytes()


def test_it_is_kept_for_whole_years_from_the_next_one_on(case, folder, settings):
    assert kept_until(START, 10).isoformat() == "2036-12-31"
    index = json.loads((folder / "index.json").read_bytes())
    assert (index["years"], index["kept_until"]) == (10, "2036-12-31")


def test_a_setting_of_less_than_ten_years_is_refused():
    ran = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={"ARCHIVE_YEARS": "9", "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ImproperlyConfigured.__name__ in ran.stderr
    assert "ARCHIVE_YEARS is less than 10" in ran.stderr


@pytest.mark.article("12.6")
def test_a_meeting_that_is_not_archived_is_not_exported(signed, tmp_path):
    with pytest.raises(CommandError, match=re.escape("Art. 12(6)")) as caught:
        exported(signed, tmp_path / "file")
    assert "distribution" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_meeting_is_named_by_its_number_too(case):
    later = case.convene(case.another("C-9"), at=MEETING + timedelta(days=7))
    assert _meeting(later.written_number) == later
    with clock.frozen(START):
        Stage().to("convened")
    with pytest.raises(CommandError, match="is the number of several: name one of the ids"):
        _meeting(case.now(case.meeting).written_number)
    with pytest.raises(CommandError, match="is the number or id of none"):
        _meeting("呼联会〔1999〕1号")


def test_what_is_there_is_not_overwritten(case, folder):
    with pytest.raises(CommandError, match="exists already"):
        exported(case, folder)


@pytest.mark.parametrize("name", ["file", "file.zip"])
def test_a_file_that_is_gone_or_changed_is_told_and_nothing_is_written(case, tmp_path, name):
    place = storage.place(checksums.of_bytes(PDF))
    place.chmod(0o600)
    for content, words in ((None, "is missing"), (PDF + b" ", "is not the file on record")):
        place.unlink()
        if content is not None:
            place.write_bytes(content)
        try:
            with pytest.raises(CommandError, match=words):
                exported(case, tmp_path / name)
        finally:
            place.write_bytes(PDF)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["file", "file.zip"])
def test_a_full_disk_is_told_and_nothing_is_left(case, tmp_path, name, monkeypatch):
    def full(*_given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "_counted", full)
    with pytest.raises(CommandError, match="no space left"):
        exported(case, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_files_of_any_source_are_listed_by_their_part(case):
    more = files.File(
        name="papers/minutes.pdf", part="minutes", title="Minutes", title_zh="会议纪要", content=PDF
    )
    listed = contents(case.meeting, [more])
    assert listed.count(more) == 1
    assert listed[listed.index(more) - 1].part == "minutes"
    assert listed[listed.index(more) + 1].part == "distribution"


# --- with the papers that were drawn up ---


def with_papers() -> Stage:
    stage = Stage().to("archived")
    stage.do("draw_up_papers")
    return stage


papered = stages("papered", with_papers)


def lacking(index: dict[str, Any]) -> list[str]:
    return [each["text"] for each in index["missing"]]


@pytest.mark.article("12.6")
def test_papers_that_were_drawn_up_are_in_it_each_by_its_title(papered, tmp_path, capsys):
    index = json.loads((exported(papered, tmp_path / "file") / "index.json").read_bytes())
    by_name = {file["name"]: file for file in index["files"]}
    rows = Paper.objects.filter(committee=papered.committee)
    assert {row.kind for row in rows} >= {*Paper.Kind} - {"proxy", "credit"}
    assert {name for name in by_name if name.endswith(".pdf")} == {
        paper(row, folder="papers/").name for row in rows
    }
    for row in rows:
        entry = by_name[paper(row, folder="papers/").name]
        assert (entry["number"], entry["pages"], entry["sha256"]) == (
            row.written_number,
            row.pages,
            row.sha256,
        )
        assert entry["title" if row.language == "en" else "title_zh"] == row.data["title"]
    assert lacking(index) == [
        "Minutes with electronic signatures: none; they were signed in the system",
        "Checkpoint of the audit log with a cosignature: none yet that covers the archiving",
    ]
    archive = imported.take(tmp_path / "file")
    assert len(archive.files) == len(by_name)


@pytest.mark.article("12.6")
def test_what_was_not_drawn_up_is_named_with_its_number(case, folder, capsys):
    index = json.loads((folder / "index.json").read_bytes())
    named = lacking(index)
    assert "Ballot paper: 3 not drawn up" in named
    assert "Proxy authorisation: 1 not drawn up" in named
    text = (folder / "index.html").read_text()
    assert "表决票：3件未制作" in text
    exported(case, folder.with_name("again"))
    assert "missing: Ballot paper: 3 not drawn up" in capsys.readouterr().err


def test_a_file_that_a_plan_names_and_nobody_gave_in_is_named(case, folder, tmp_path, monkeypatch):
    assert not any(
        "valuation.pdf" in text for text in lacking(json.loads((folder / "index.json").read_bytes()))
    )
    monkeypatch.setattr(meeting_file, "_given", lambda _row: set())
    index = json.loads((exported(case, tmp_path / "again") / "index.json").read_bytes())
    said = f"Attachment of {case.now(case.proposal).written_number}: valuation.pdf was not given in"
    assert said in lacking(index)
    assert not any(file["name"].endswith(".pdf") for file in index["files"])


@pytest.mark.article("21")
def test_the_signed_file_is_in_the_archive_and_in_the_report(minuted, electronic, tmp_path):
    signers.sign(minuted, "liaison")
    signers.sign(minuted, "chair")
    minuted.step = "signed"
    minuted.to("archived")
    signed = signers.file_of(minuted)
    index = json.loads((exported(minuted, tmp_path / "file") / "index.json").read_bytes())
    (entry,) = (file for file in index["files"] if file["name"] == "papers/minutes-signed.pdf")
    assert (entry["sha256"], entry["part"]) == (signed.sha256, "minutes")
    assert not any("electronic" in text for text in lacking(index))
    for row in Dispatch.objects.filter(meeting=minuted.meeting):
        sent = send_dispatch(row, by=SYSTEM)
        with zipfile.ZipFile(sent.path) as package:
            found = [name for name in package.namelist() if name.endswith("minutes-signed.pdf")]
            whole = row.report is not None or row.copy.full
            assert len(found) == whole, row
            assert all(checksums.of_bytes(package.read(name)) == signed.sha256 for name in found)
    signed.path.chmod(0o600)
    signed.path.write_bytes(signed.path.read_bytes() + b" ")
    with pytest.raises(CommandError, match="is not the file on record"):
        exported(minuted, tmp_path / "again")


# --- on its page ---


TAKERS = {"liaison", "chair", "head_office", "auditor"}


def test_the_archive_is_downloaded_by_those_who_see_all_of_it(case, folder):
    address = reverse("archive-package", args=[case.meeting.pk])
    for handle in (*TAKERS, "seat2", "risk", "credit", "handler", "handler_head", "outsider"):
        answer = as_(case[handle]).get(address)
        assert answer.status_code == (200 if handle in TAKERS else 404), handle
        if answer.streaming:
            assert answer.getvalue()
    page = as_(case["liaison"]).get(reverse("archive-file", args=[case.meeting.pk])).content.decode()
    assert address in page
    assert "Ballot paper: 3 not drawn up" in page
    assert (
        address
        not in as_(case["seat2"]).get(reverse("archive-file", args=[case.meeting.pk])).content.decode()
    )
    answer = as_(case["liaison"]).get(address)
    assert "sandbox" in answer["Content-Security-Policy"]
    with zipfile.ZipFile(BytesIO(answer.getvalue())) as taken:
        assert taken.read("SHA256SUMS") == (folder / "SHA256SUMS").read_bytes()


def test_an_archive_that_cannot_be_put_together_leads_back_with_the_reason(case):
    place = storage.place(checksums.of_bytes(PDF))
    place.unlink()
    try:
        answer = as_(case["liaison"]).get(reverse("archive-package", args=[case.meeting.pk]), follow=True)
    finally:
        place.write_bytes(PDF)
    assert "The archive cannot be put together" in answer.content.decode()


def test_before_it_is_archived_there_is_nothing_to_download(signed):
    assert as_(signed["liaison"]).get(reverse("archive-package", args=[signed.meeting.pk])).status_code == 404


# --- what is brought back ---


def test_folder_and_zip_are_taken_and_are_the_same_archive(folder, packed, media, capsys):
    one, two = imported.take(folder), imported.take(packed)
    assert one.digest == two.digest
    assert one.folder.is_dir()
    assert {path.relative_to(one.folder) for path in one.folder.rglob("*.json")} == {
        path.relative_to(folder) for path in folder.rglob("*.json")
    }
    call_command("import_archive", packed)
    assert "every checksum is right" in capsys.readouterr().out


def refused(path: Path, words: str) -> None:
    """The archive is refused with these words, and nothing is kept of it."""
    before = sorted((imported._root()).rglob("*"))
    with pytest.raises(CommandError) as caught:
        call_command("import_archive", path)
    assert words in str(caught.value)
    assert "Remedy" in str(caught.value)
    assert sorted((imported._root()).rglob("*")) == before


def resealed(folder: Path, name: str, content: bytes, *, listed: bool = True) -> None:
    """The file has this content, and list and index say so."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    index = json.loads((folder / "index.json").read_bytes())
    if listed:
        entry = {
            **index["files"][0],
            "name": name,
            "sha256": checksums.of_bytes(content),
            "size": len(content),
        }
        index["files"] = [*(file for file in index["files"] if file["name"] != name), entry]
        (folder / "index.json").write_text(json.dumps(index))
    names = [each for each in checksums.members(folder) if each != "SHA256SUMS"]
    sums = {each: checksums.of_file(folder / each) for each in names}
    (folder / "SHA256SUMS").write_bytes(checksums.written(sums))


def reworded(folder: Path, **changes: Any) -> None:
    """The index says otherwise, and the list agrees."""
    index = json.loads((folder / "index.json").read_bytes()) | changes
    resealed(folder, "index.json", json.dumps(index).encode(), listed=False)


def otherwise_shown(folder: Path, words: str, others: str) -> None:
    """The page says other words where it says these first, and the list agrees."""
    page = (folder / "index.html").read_text()
    head, _words, rest = page.partition("<tbody>")
    assert words in rest
    resealed(folder, "index.html", f"{head}<tbody>{rest.replace(words, others, 1)}".encode(), listed=False)


def with_in_its_page(folder: Path, *, more: str) -> None:
    """The page has this too, and the list agrees."""
    written = (folder / "index.html").read_text() + more
    resealed(folder, "index.html", written.encode(errors="surrogateescape"), listed=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: (f / "record/11-minutes.json").write_text("{}"), "is not what SHA256SUMS says"),
        (lambda f: (f / "record/11-minutes.json").unlink(), "11-minutes.json is missing"),
        (lambda f: (f / "more.json").write_text("{}"), "more.json is there, and SHA256SUMS does not name it"),
        (lambda f: (f / "SHA256SUMS").unlink(), "There is no SHA256SUMS"),
        (lambda f: (f / "SHA256SUMS").write_bytes(b"\xff"), "is not text in UTF-8"),
        (lambda f: (f / "SHA256SUMS").write_text("hello"), "Line 1 of SHA256SUMS is not a checksum"),
        (lambda f: (f / "SHA256SUMS").write_text(f"{'0' * 64}  ../x\n"), "is no name of a file in it"),
        (lambda f: (f / "SHA256SUMS").write_text(f"{'0' * 64}  /etc/x\n"), "is no name of a file in it"),
        (lambda f: (f / "link.json").symlink_to("/etc/passwd"), "link.json is a link"),
        (lambda f: resealed(f, "unlisted.json", b"{}", listed=False), "do not name the same files"),
        (lambda f: resealed(f, "materials/x.pdf", b"MZ\x90\0 program"), "x.pdf is no file"),
        (lambda f: resealed(f, "materials/x.pdf", b"\x7fELF program"), "x.pdf is no file"),
        (lambda f: resealed(f, "materials/x.exe", b"MZ\x90\0 program"), "x.exe is no file"),
        (
            lambda f: resealed(f, "x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
            "x.svg is no file that an archive may have",
        ),
        (lambda f: resealed(f, "x.json", b"{"), "x.json is not JSON"),
        (lambda f: resealed(f, "x.json", b" " * reading.MOST_INDEX + b"{}"), "x.json is larger than"),
        (lambda f: resealed(f, "checkpoint.txt", b" " * (reading.MOST_INDEX + 1)), "is larger than"),
        (
            lambda f: resealed(f, "index.html", b" " * (reading.MOST_INDEX + 1), listed=False),
            "index.html is larger than",
        ),
        (lambda f: resealed(f, "x.json", b"[" * 100_000), "x.json is not JSON"),
        (
            lambda f: resealed(f, "index.html", b"<script>alert(1)</script>", listed=False),
            "index.html has more than text and links",
        ),
        *(
            (partial(with_in_its_page, more=more), "has more than text and links")
            for more in (
                "<p onclick=x>",
                "<img/src=x/onerror=alert(1)>",
                '<img src="https://elsewhere.example/">',
                '<meta http-equiv="refresh" content="0;url=https://elsewhere.example/">',
                '<meta charset="iso-2022-jp">',
                '<a href="java&#115;cript:alert(1)">x</a>',
                '<a href="https://elsewhere.example/">x</a>',
                '<a href="../../SHA256SUMS">x</a>',
                '<style>@import "https://elsewhere.example/x.css";</style>',
                "<style>p{background:u\\72l(//elsewhere.example)}</style>",
                "<style>p{}",
                "<title><style></title><img src=x onerror=alert(1)></style>",
                "<!-- --!><script>alert(1)</script>",
                "<SCRIPT>alert(1)</SCRIPT>",
                "<link rel=stylesheet>",
                "<p",
                "\udcff",
            )
        ),
        (lambda f: resealed(f, "index.json", b"[]", listed=False), "is not of the format 1"),
        (lambda f: resealed(f, "index.json", b'{"format": 1}', listed=False), "has no list of files"),
        (lambda f: reworded(f, missing=[{"text": 1}]), "does not say as it should what is missing"),
        (lambda f: reworded(f, missing=[{"text": "No vote", "text_zh": "无表决"}]), "do not list the same"),
        (lambda f: reworded(f, kept_until="2027-12-31"), "do not list the same"),
        (lambda f: otherwise_shown(f, "呼联", "呼朕"), "do not list the same"),
        (lambda f: reworded(f, missing={}), "does not say as it should what is missing"),
    ],
)  # fmt: skip
def test_a_folder_that_is_not_sound_is_refused(folder, change: Callable[[Path], Any], words):
    change(folder)
    refused(folder, words)


def rezipped(packed: Path, change: Callable[[zipfile.ZipFile], Any]) -> Path:
    """The archive with what `change` adds at its end."""
    with zipfile.ZipFile(packed, "a") as archive:
        change(archive)
    return packed


def linked(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("record/link.json")
    entry.external_attr = 0o120777 << 16
    archive.writestr(entry, "/etc/passwd")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda z: z.writestr("../outside.json", "{}"), "leads out of the archive"),
        (lambda z: z.writestr("record/../../outside.json", "{}"), "leads out of the archive"),
        (lambda z: z.writestr("/etc/outside.json", "{}"), "leads out of the archive"),
        (lambda z: z.writestr("record\\outside.json", "{}"), "leads out of the archive"),
        (lambda z: z.writestr("c:outside.json", "{}"), "leads out of the archive"),
        (lambda z: z.writestr("record/11-minutes.json/x", "{}"), "a file and a folder of one name"),
        (lambda z: z.writestr("Index.json", "{}"), "Index.json is there twice"),
        (lambda z: z.writestr("more.json", "{}"), "more.json is there, and SHA256SUMS does not name it"),
        (linked, "link.json is a link"),
        (
            lambda z: z.writestr("bomb.json", bytes(64 << 20), zipfile.ZIP_DEFLATED),
            "grows beyond all measure",
        ),
    ],
    ids=[
        "up",
        "up inside",
        "absolute",
        "backslash",
        "drive",
        "file as folder",
        "twice",
        "extra",
        "link",
        "bomb",
    ],
)
def test_a_zip_that_is_not_sound_is_refused(packed, tmp_path, change, words):
    refused(rezipped(packed, change), words)
    assert not (tmp_path / "outside.json").exists()


def test_a_zip_of_very_many_files_is_refused(packed, monkeypatch):
    monkeypatch.setattr(reading, "MOST_FILES", 5)
    refused(packed, "more than 5 files")


def test_a_bomb_that_lies_of_its_size_is_refused_by_what_comes_out(packed, tmp_path):
    """The directory says 10 bytes where 64 MiB come out."""
    rezipped(packed, lambda z: z.writestr("bomb.json", bytes(64 << 20), zipfile.ZIP_DEFLATED))
    content = packed.read_bytes()
    size = struct.pack("<L", 64 << 20)
    assert content.count(size) >= 1
    packed.write_bytes(content.replace(size, struct.pack("<L", 10)))
    with pytest.raises(CommandError):
        call_command("import_archive", packed)


@pytest.mark.parametrize("at", [0.3, 0.6, 0.95])
def test_a_cut_or_flipped_zip_is_refused(packed, at):
    content = bytearray(packed.read_bytes())
    place = int(len(content) * at)
    packed.write_bytes(content[:place])
    with pytest.raises(CommandError, match="not imported"):
        call_command("import_archive", packed)
    content[place] ^= 0xFF
    packed.write_bytes(content)
    try:
        call_command("import_archive", packed)
    except CommandError as error:
        assert "not imported" in str(error)  # noqa: PT017  # a byte that nothing reads is let pass
    else:
        assert at == 0.95


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path):
    refused(tmp_path / "none", "is not there")
    (tmp_path / "text").write_text("hello")
    refused(tmp_path / "text", "is no ZIP that can be read")


# --- what need be kept no longer ---


def disposed(
    case: Stage, archive: imported.Imported, by: str = "head_office", reason: str = "Time is up"
) -> None:
    login = case[by].username
    call_command("dispose_archive", archive.digest, ordered_by=login, reason=reason)


@pytest.mark.article("12.6")
def test_an_archive_is_disposed_of_after_its_time_and_the_log_says_so(case, folder):
    archive = imported.take(folder)
    with pytest.raises(CommandError, match="must be kept until 2036-12-31"):
        disposed(case, archive)
    clock.travel(datetime.fromisoformat("2036-12-31T12:00+08:00"))
    with pytest.raises(CommandError, match="must be kept until 2036-12-31"):
        disposed(case, archive)
    clock.travel(datetime.fromisoformat("2037-01-01T12:00+08:00"))
    with pytest.raises(CommandError, match="access/denied"):
        disposed(case, archive, by="liaison")
    with pytest.raises(CommandError, match="A text is missing"):
        disposed(case, archive, reason=" . ")
    assert archive.folder.is_dir()
    disposed(case, archive)
    assert not archive.folder.exists()
    assert imported.one(case.bank.unit.name, archive.digest) is None
    entry = Entry.objects.filter(action="dispose_archive").latest("recorded_at")
    told = said(entry)
    assert told["files"] == {file["name"]: file["sha256"] for file in archive.files}
    assert (told["reason"], told["ordered_by"]) == ("Time is up", str(case["head_office"].pk))
    with pytest.raises(CommandError, match="is the digest of no imported archive"):
        disposed(case, archive)
    with pytest.raises(CommandError, match="is the login of nobody"):
        call_command("dispose_archive", archive.digest, ordered_by="nobody", reason="x")


# --- what is read ---


READERS = {"head_office", "auditor"}


def test_head_office_and_auditors_read_it_and_nobody_else_knows_of_it(case, folder):
    archive = imported.take(folder)
    addresses = [
        reverse("archives"), reverse("archive", args=[archive.digest]),
        reverse("archive-part", args=[archive.digest, "1"]),
    ]  # fmt: skip
    for handle in ("head_office", "auditor", "liaison", "chair", "handler", "risk", "credit"):
        client = as_(case[handle])
        for address in addresses:
            assert client.get(address).status_code == (200 if handle in READERS else 404), (handle, address)
    shown = as_(case["auditor"]).get(addresses[1]).content.decode()
    for file in archive.files:
        assert file["sha256"] in shown


def test_another_bank_does_not_see_it(case, folder):
    archive = imported.take(folder)
    client = as_(Stage()["auditor"])
    assert archive.digest not in client.get(reverse("archives")).content.decode()
    assert client.get(reverse("archive", args=[archive.digest])).status_code == 404


def test_a_file_is_downloaded_as_it_was_and_never_runs_here(case, folder):
    archive = imported.take(folder)
    (number,) = (at for at, file in enumerate(archive.files, 1) if file["name"].endswith(".pdf"))
    answer = as_(case["auditor"]).get(reverse("archive-part", args=[archive.digest, number]))
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
    path = archive.folder / archive.files[number - 1]["name"]
    path.chmod(0o600)
    path.write_bytes(PDF + b" ")
    try:
        assert as_(case["auditor"]).get(answer.wsgi_request.path).status_code == 404
    finally:
        path.write_bytes(PDF)
    for beyond in ("0", "99999"):
        address = reverse("archive-part", args=[archive.digest, beyond])
        assert as_(case["auditor"]).get(address).status_code == 404
