"""The papers of a meeting on file: listed, read, downloaded, together (pages/meetings/documents)."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile

import pytest
from django.urls import reverse
from docx import Document

from office.models import Paper
from tests.documents.sheets import text_of
from tests.page_text import page_text
from tests.pages.pages import as_


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def get(stage, handle, name, *arguments):
    return as_(stage[handle]).get(reverse(name, args=arguments))


def of_kind(kind: str, language: str = "en") -> Paper:
    return Paper.objects.filter(kind=kind, language=language).order_by("pk")[0]


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_list_has_each_paper_of_the_readers_language_with_number_pages_and_checksum(signed):
    assert "No paper of this meeting is drawn up yet." in page_text(
        get(signed, "chair", "documents", signed.meeting.pk)
    )
    signed.do("draw_up_papers")
    shown = page_text(get(signed, "chair", "documents", signed.meeting.pk))
    for paper in Paper.objects.filter(language="en"):
        assert str(paper) in shown
        assert paper.sha256[:12] in shown
        assert reverse("document", args=[paper.pk]) in shown
    for paper in Paper.objects.filter(language="zh-hans"):
        assert reverse("document", args=[paper.pk]) not in shown


def test_the_list_is_by_kind_with_notices_and_ballots_folded(signed):
    """A heading and a count a kind; a fold for the notices and one for the ballots of each plan; 页数."""
    signed.do("draw_up_papers")
    html = (
        as_(signed["chair"], "zh-hans").get(reverse("documents", args=[signed.meeting.pk])).content.decode()
    )
    found = Paper.objects.filter(language="zh-hans")
    sections = dict(re.findall(r'id="kind-(\w+)">(.*?)</section>', html, re.DOTALL))
    assert set(sections) == set(found.values_list("kind", flat=True))
    for kind, section in sections.items():
        count = found.filter(kind=kind).count()
        assert f"{count} 份" in section, kind
        assert section.count("<tr>") - section.count("<thead>") == count, kind
        assert section.count("<details") == (1 if kind in {"notice", "ballot"} else 0), kind
        assert "页数" in section
    assert signed.proposal.title in sections["ballot"]
    assert signed.proposal.title in sections["tally"]


def test_when_nothing_is_left_to_draw_up_nobody_is_offered_it(signed):
    act = reverse("meeting-act", args=[signed.meeting.pk, "draw_up_papers"])
    listed = reverse("documents", args=[signed.meeting.pk])
    assert act in as_(signed["liaison"]).get(listed).content.decode()
    signed.do("draw_up_papers")
    assert act not in as_(signed["liaison"]).get(listed).content.decode()
    signed.do("distribute")
    assert act in as_(signed["liaison"]).get(listed).content.decode()
    assert act not in as_(signed["chair"]).get(listed).content.decode()


def test_a_paper_is_read_on_its_page_as_its_file_says_it(signed):
    signed.do("draw_up_papers")
    for kind in ("minutes", "resolution", "notice", "ballot", "tally", "plan"):
        paper = of_kind(kind)
        shown = page_text(get(signed, "auditor", "document", paper.pk))
        assert paper.data["title"] in shown
        assert paper.sha256 in shown
        for block in paper.data["blocks"]:
            if block["is"] == "text" and '"' not in block["text"] and "\n" not in block["text"]:
                assert block["text"] in shown.replace("&#x27;", "'").replace("&amp;", "&"), kind


def test_what_is_typed_is_no_markup_on_the_page(closed):
    said = '<script>alert(1)</script> #read("/etc/passwd")'
    closed.do("draft_minutes", narrative=said)
    closed.do("sign_minutes")
    closed.do("draw_up_papers")
    paper = of_kind("minutes")
    html = get(closed, "chair", "document", paper.pk).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert said.replace(" ", "") in text_of(paper.path.read_bytes()).replace(" ", "")


def test_the_file_is_that_on_file(signed):
    signed.do("draw_up_papers")
    paper = of_kind("minutes")
    response = get(signed, "chair", "document-file", paper.pk)
    assert hashlib.sha256(body(response)).hexdigest() == paper.sha256
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    paper.path.unlink()
    assert get(signed, "chair", "document-file", paper.pk).status_code == 404


def test_a_word_copy_of_notices_resolutions_and_minutes_alone(signed):
    signed.do("draw_up_papers")
    for kind in ("notice", "resolution", "minutes"):
        document = Document(io.BytesIO(body(get(signed, "chair", "document-word", of_kind(kind).pk))))
        assert document.paragraphs[0].text == "Unofficial text"
    assert get(signed, "chair", "document-word", of_kind("ballot").pk).status_code == 404


def test_all_of_them_as_one_reading_copy_and_as_they_are_on_file(signed):
    signed.do("draw_up_papers")
    papers = Paper.objects.filter(language="en")
    copy = body(get(signed, "chair", "documents-pdf", signed.meeting.pk))
    said = text_of(copy)
    for paper in papers:
        assert str(paper) in said
    assert "Reading copy" in said
    with zipfile.ZipFile(io.BytesIO(body(get(signed, "chair", "documents-zip", signed.meeting.pk)))) as files:
        sums = {
            hashlib.sha256(files.read(name)).hexdigest() for name in files.namelist() if name.endswith(".pdf")
        }
        data = [json.loads(files.read(name)) for name in files.namelist() if name.endswith(".json")]
    assert sums == {paper.sha256 for paper in papers}
    assert {each["title"] for each in data} == {paper.data["title"] for paper in papers}


def test_without_papers_there_is_nothing_to_download(noticed):
    for name in ("documents-pdf", "documents-zip"):
        assert get(noticed, "chair", name, noticed.meeting.pk).status_code == 404


@pytest.mark.article(21)
def test_the_institution_gets_resolution_and_plan_and_no_paper_that_names_a_voter(signed):
    signed.do("draw_up_papers")
    for paper in Paper.objects.filter(language="en"):
        expected = 200 if paper.kind in ("plan", "resolution") else 404
        for name in ("document", "document-file"):
            assert get(signed, "handler", name, paper.pk).status_code == expected, paper.kind
