"""manage.py papers and render_paper."""

from __future__ import annotations

import io
import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from documents import faces
from office.models import Paper
from office.papers.files import rendered
from tests.documents.samples import paper


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def test_papers_writes_each_file_with_its_data(signed, tmp_path) -> None:
    signed.do("draw_up_papers")
    told = io.StringIO()
    call_command("papers", str(signed.meeting.pk), "--to", str(tmp_path / "out"), stdout=told)
    rows = Paper.objects.filter(language="zh-hans")
    files = sorted((tmp_path / "out").glob("*.pdf"))
    assert f"{len(files)} papers" in told.getvalue()
    assert {file.read_bytes() for file in files} == {row.path.read_bytes() for row in rows}
    assert files[0].name == "01 呼联名〔2026〕1号 Docket.pdf"
    assert len(list((tmp_path / "out").glob("*.json"))) == len(files)


def test_what_papers_wrote_render_paper_makes_again_byte_by_byte(signed, tmp_path) -> None:
    signed.do("draw_up_papers")
    call_command("papers", str(signed.meeting.pk), "--to", str(tmp_path), stdout=io.StringIO())
    for file in sorted(tmp_path.glob("*.json")):
        kind = json.loads(file.read_text("utf-8"))["kind"]
        made = tmp_path / "again.pdf"
        call_command("render_paper", kind, "--data", str(file), "--to", str(made), stdout=io.StringIO())
        assert made.read_bytes() == file.with_suffix(".pdf").read_bytes(), file


def test_papers_says_what_is_wrong(noticed, tmp_path) -> None:
    with pytest.raises(CommandError, match="There is no meeting 0"):
        call_command("papers", "0", "--to", str(tmp_path))
    with pytest.raises(CommandError, match=r"No paper of .* is drawn up"):
        call_command("papers", str(noticed.meeting.pk), "--to", str(tmp_path))
    row = noticed.do("draw_up_papers")[0]
    row.path.unlink()
    with pytest.raises(CommandError, match="is missing below MEDIA_ROOT"):
        call_command("papers", str(noticed.meeting.pk), "--to", str(tmp_path))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no paper"),
        ("[]", "is no paper"),
        ('{"title": 1}', "title: Input should be a valid string"),
        (json.dumps(paper().as_json() | {"to": "😀"}), "U\\+1F600"),
        (json.dumps(paper().as_json() | {"at": "2026-03-05T09:00:00"}), "zone"),
    ],
)
def test_render_paper_says_what_is_wrong(text: str, told: str, tmp_path) -> None:
    data, target = tmp_path / "data.json", tmp_path / "made.pdf"
    data.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=told):
        call_command("render_paper", "notice", "--data", str(data), "--to", str(target))
    assert not target.exists()
    with pytest.raises(CommandError, match="There is no file"):
        call_command("render_paper", "notice", "--data", str(tmp_path / "none"), "--to", str(target))


def test_render_paper_makes_what_the_site_makes(tmp_path) -> None:
    data, target, told = tmp_path / "data.json", tmp_path / "made.pdf", io.StringIO()
    data.write_text(json.dumps(paper().as_json()), encoding="utf-8")
    call_command("render_paper", "notice", "--data", str(data), "--to", str(target), stdout=told)
    made = rendered(paper(), {})
    assert target.read_bytes() == made.pdf
    assert made.sha256 in told.getvalue()


def test_fonts_that_are_not_there_are_named(monkeypatch, tmp_path) -> None:
    def none_there():
        raise ImproperlyConfigured("DOCUMENT_FONTS names /none, which is no folder.")

    monkeypatch.setattr(faces, "families", none_there)
    data = tmp_path / "data.json"
    data.write_text(json.dumps(paper().as_json()), encoding="utf-8")
    with pytest.raises(CommandError, match="names /none, which is no folder"):
        call_command("render_paper", "notice", "--data", str(data), "--to", str(tmp_path / "made.pdf"))
