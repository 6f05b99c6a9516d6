"""The pictures of a plan's paper, and the data that each paper carries (Art. 13)."""

from __future__ import annotations

import hashlib
import io

import pikepdf
import pytest
from django.core.management import call_command

from audit.canonical import payload_bytes
from documents.attached import attached
from documents.content import Note, Picture, read
from office.models import Paper
from office.papers.files import DATA
from office.preparing import reading_copy
from proposals import storage
from proposals.actions.attachments import attach
from proposals.attachments import StatedAttachment
from tests.pages import files as kinds
from tests.stage import Stage

PHOTO, DAMAGED = kinds.picture(), kinds.picture()[:60]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def give_in(stage: Stage, content: bytes, name: str, media_type: str = "image/png") -> None:
    with storage.received([content]) as file:
        stated = StatedAttachment(name, "", media_type, file.size, 1, file.sha256)
        attach(stage.proposal, by=stage["handler"], file=file, attachment=stated)


def plan_on_file(stage: Stage) -> Paper:
    stage.to("noticed").do("draw_up_papers")
    return Paper.objects.get(kind="plan", language="zh-hans")


def images(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return sum(len(page.get_images()) for page in file.pages)


@pytest.mark.article("13")
def test_the_pictures_among_a_plans_attachments_are_in_its_paper(drafted, tmp_path) -> None:
    give_in(drafted, PHOTO, "厂房.png")
    give_in(drafted, kinds.pdf(), "评估报告.pdf", "application/pdf")
    paper = plan_on_file(drafted)
    shown = [block for block in read(paper.data).blocks if isinstance(block, Picture)]
    assert [(each.file, each.alt) for each in shown] == [
        (f"{hashlib.sha256(PHOTO).hexdigest()}-1.png", "厂房.png")
    ]
    assert images(paper.path.read_bytes()) == 1
    assert images(reading_copy(drafted.meeting, [paper])) == 1
    call_command("papers", str(drafted.meeting.pk), "--to", str(tmp_path), stdout=io.StringIO())
    (data,) = (each for each in tmp_path.glob("*.json") if '"kind":"plan"' in each.read_text("utf-8"))
    made = tmp_path / "again.pdf"
    call_command("render_paper", "plan", "--data", str(data), "--to", str(made), stdout=io.StringIO())
    assert made.read_bytes() == paper.path.read_bytes()


@pytest.mark.article("13")
def test_a_picture_that_cannot_be_drawn_is_named_in_its_place(drafted) -> None:
    give_in(drafted, DAMAGED, "损坏.png")
    paper = plan_on_file(drafted)
    blocks = read(paper.data).blocks
    assert not [block for block in blocks if isinstance(block, Picture)]
    assert "损坏.png：无法显示，见附件原件。" in [block.text for block in blocks if isinstance(block, Note)]


def test_each_paper_carries_its_data(drafted) -> None:
    plan_on_file(drafted)
    for paper in Paper.objects.all():
        assert attached(paper.path.read_bytes(), DATA) == payload_bytes(paper.data), paper
