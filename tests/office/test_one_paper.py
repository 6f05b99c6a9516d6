"""Minutes with electronic signatures are one paper: what was frozen and signed is on file (Art. 21)."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from documents.attached import attached
from documents.content import read
from documents.verify import Outcome
from office import on_record, packages, preparing
from office.actions.signing import sign_supplement_electronically
from office.archives import meeting_file
from office.models import Dispatch, Minutes, MinutesFile, Paper
from office.papers.files import DATA
from office.papers.sources import papers
from regulation.refused import Refused
from tests.documents.sheets import text_of
from tests.office.signers import PIN, file_of, sign
from tests.pages.pages import as_, look
from tests.stage import Stage


@pytest.fixture
def drawn(minuted: Stage, electronic: Path) -> Stage:
    """The minutes and a supplement are signed with keys, distributed, and all papers drawn up."""
    sign(minuted, "liaison")
    sign(minuted, "chair")
    minuted.step = "signed"
    minuted.to("reported")
    minuted.do("draft_supplement", narrative="第1项议题：弃权应为5票。")
    for handle in ("liaison", "chair"):
        sign_supplement_electronically(minuted.meeting, by=minuted[handle], pin=PIN)
    minuted.do("draw_up_papers")
    return minuted


def rows() -> list[Paper]:
    return list(Paper.objects.filter(kind=Paper.Kind.MINUTES).order_by("pk"))


def signed_files() -> dict[str, bytes]:
    return {str(file.minutes): file.path.read_bytes() for file in MinutesFile.objects.filter(ended_at=None)}


def test_the_chinese_paper_is_the_signed_file_byte_for_byte(drawn: Stage) -> None:
    originals = {str(row): row for row in rows() if row.language == "zh-hans"}
    assert {number: row.path.read_bytes() for number, row in originals.items()} == signed_files()
    assert len(originals) == 2
    for row in originals.values():
        pdf = row.path.read_bytes()
        assert (row.signed, row.size) == (True, len(pdf))
        assert on_record.judge(pdf).outcome is Outcome.VALID
    assert [row.signed for row in rows() if row.language == "en"] == [False, False]


def test_its_data_are_those_that_it_was_made_of_with_who_signed(drawn: Stage) -> None:
    row = rows()[0]
    stated = attached(row.path.read_bytes(), DATA)
    assert stated is not None
    frozen, shown = json.loads(stated), row.data
    assert shown["blocks"][:-1] == frozen["blocks"][:-1]
    assert {**shown, "blocks": []} == {**frozen, "blocks": []}
    assert [each["label"] for each in shown["blocks"][-1]["rows"]] == ["联络员（签名）", "会议主持人（签名）"]
    for handle, each in zip(("liaison", "chair"), shown["blocks"][-1]["rows"], strict=True):
        assert each["name"] == f"{drawn[handle].display_name}，2026年3月5日"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_list_zip_and_one_pdf_have_it_and_no_other_chinese_one(drawn: Stage, language: str) -> None:
    """In English it comes before its translation, and is said to be the original."""
    found = [row for row in papers(drawn.now(drawn.meeting), language) if row.kind == Paper.Kind.MINUTES]
    expected = [True, True] if language == "zh-hans" else [True, False, True, False]
    assert [row.signed for row in found] == expected
    assert {row.language for row in found if not row.signed} <= {"en"}
    with zipfile.ZipFile(io.BytesIO(preparing.zipped(found))) as archive:
        held = {archive.read(name) for name in archive.namelist() if name.endswith(".pdf")}
    assert set(signed_files().values()) <= held
    assert len(held) == len(expected)
    copied = text_of(preparing.reading_copy(drawn.meeting, found))
    assert f"{drawn['chair'].display_name}，2026年3月5日" in copied
    page = look(drawn["seat2"], "documents", drawn.meeting.pk, language=language)
    told = "Original, with electronic signatures" if language == "en" else "原件，附电子签名"
    assert page.count(told) == 2
    assert page.count(reverse("document", args=[found[0].pk])) == 1


def test_the_page_gives_the_signed_file(drawn: Stage) -> None:
    original = rows()[0]
    client = as_(drawn["seat2"])
    answer = client.get(reverse("document-file", args=[original.pk]))
    assert answer.content == signed_files()[str(original)]
    assert read(original.data).title in look(drawn["seat2"], "document", original.pk, language="zh-hans")


def test_archive_packages_and_commands_carry_it_once(drawn: Stage, tmp_path: Path) -> None:
    first = Minutes.objects.get(meeting=drawn.meeting, supplements=None)
    drawn.step = "reported"
    drawn.to("archived")
    sums = [file.sha256 for file in meeting_file.contents(drawn.now(drawn.meeting))]
    for file in MinutesFile.objects.filter(ended_at=None):
        assert sums.count(file.sha256) == 1
    chinese = [
        file
        for file in meeting_file.contents(drawn.now(drawn.meeting))
        if file.number == str(first) and file.name.endswith(".pdf")
    ]
    assert [file.name for file in chinese] == [
        f"papers/minutes-{first.year}-{first.number:04}-en.pdf", "papers/minutes-signed.pdf",
    ]  # fmt: skip
    sent = packages.files(Dispatch.objects.get(report__meeting=drawn.meeting))
    assert [file.sha256 for file in sent].count(file_of(drawn).sha256) == 1
    call_command("papers", str(drawn.meeting.pk), to=tmp_path / "papers")
    there = {path.read_bytes() for path in (tmp_path / "papers").glob("*.pdf")}
    assert set(signed_files().values()) <= there


def test_a_signed_file_that_was_changed_is_drawn_up_by_nobody(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    sign(minuted, "chair")
    path = file_of(minuted).path
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused) as told:
        minuted.do("draw_up_papers")
    assert told.value.code == "document/not-valid"
    assert not Paper.objects.exists()
