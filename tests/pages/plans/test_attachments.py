"""Files of a plan: who gives them in, who sees them, how they are looked at and how they leave."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from proposals import drawing, filetypes, storage
from proposals.actions import attachments
from proposals.attachments import StatedAttachment, stated_attachments
from proposals.models import Attachment
from tests.page_text import page_text
from tests.pages import files
from tests.pages.pages import as_, look, queries, seeing, status
from tests.pages.test_pages_access import SEES_PROPOSAL
from tests.stage import START, Stage, stages

PDF = files.pdf(3)
SUM = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(autouse=True)
def media(settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    return settings.MEDIA_ROOT


def give(stage, name="a.pdf", content=PDF, by="handler", text="Appraisal", proposal=None):
    return as_(stage[by]).post(
        reverse("attachments", args=[(proposal or stage.proposal).pk]),
        {"file": SimpleUploadedFile(name, content), "text": text},
    )


def stated(stage, proposal=None):
    return stated_attachments(stage.now(proposal or stage.proposal).version.document)


def kept(media):
    return {path.name for path in (media / "files").rglob("*") if path.is_file()}


def address(stage, name, *more, sha256=SUM):
    return reverse(name, args=[stage.proposal.pk, sha256, *more])


def named_by(stage):
    """The plan of the stage names the file from its first version on; the bytes are given in by the test."""
    stage.plan = stage.plan | {
        "attachments": [StatedAttachment("a.pdf", "Appraisal", "application/pdf", len(PDF), 3, SUM).entry()]
    }
    return stage


def lay(stage):
    """The file that the plan names is kept, as giving it in leaves it."""
    with storage.received([PDF]) as received:
        storage.keep(received)
    Attachment.objects.create(
        unit=stage.proposal.unit, sha256=SUM, media_type="application/pdf", size=len(PDF), pages=3,
        added_by=stage["handler"], added_at=START,
    )  # fmt: skip


_STEPS = ("drafted", "submitted", "filed", "voting", "carried", "archived", "completed")
for _step in _STEPS:
    globals()[f"with_file_{_step}"] = stages(
        f"with_file_{_step}", lambda step=_step: named_by(Stage()).to(step)
    )


# -- Giving in and taking off -----------------------------------------------------------------------


def test_a_file_given_in_stands_in_a_new_version_with_its_checksum(drafted, media):
    assert give(drafted).status_code == 302
    (found,) = stated(drafted)
    assert found == StatedAttachment("a.pdf", "Appraisal", "application/pdf", len(PDF), 3, SUM)
    assert drafted.now(drafted.proposal).version.number == 2
    assert storage.place(SUM).read_bytes() == PDF
    assert not list((media / "incoming").iterdir())
    assert storage.place(SUM).stat().st_mode & 0o222 == 0


def test_the_same_bytes_lie_there_once(drafted, media):
    other = drafted.do("draft", "other_handler", plan=drafted.plan)
    give(drafted)
    give(drafted, name="again.pdf")
    give(drafted, by="other_handler", proposal=other)
    assert kept(media) == {SUM}
    assert [each.name for each in stated(drafted)] == ["a.pdf"]
    assert Attachment.objects.count() == 2


def test_two_files_of_one_name_are_both_kept(drafted):
    give(drafted)
    give(drafted, content=files.pdf(2))
    assert [each.name for each in stated(drafted)] == ["a.pdf", "a (2).pdf"]


def test_a_file_sent_twice_by_an_impatient_hand_is_attached_once(drafted):
    url = reverse("attachments", args=[drafted.proposal.pk])
    client = as_(drafted["handler"])
    once = page_text(client.get(url)).split('name="once" value="')[1].split('"')[0]
    for _ in range(2):
        given = {"file": SimpleUploadedFile("a.pdf", PDF), "once": once}
        assert client.post(url, given)["Location"] == url
    assert drafted.now(drafted.proposal).version.number == 2


def test_a_file_taken_off_is_not_in_the_plan_but_in_its_earlier_version(drafted):
    give(drafted)
    url = reverse("attachments", args=[drafted.proposal.pk])
    assert as_(drafted["handler"]).post(url, {"remove": SUM}).status_code == 302
    assert stated(drafted) == []
    assert drafted.now(drafted.proposal).version.number == 3
    assert status(drafted["handler"], "attachment-download", drafted.proposal.pk, SUM) == 200


def test_texts_that_are_no_files_stay_beside_them(drafted):
    drafted.do("amend", changes={"attachments": [{"name": "List", "text": "Of papers"}]})
    give(drafted)
    as_(drafted["handler"]).post(reverse("attachments", args=[drafted.proposal.pk]), {"remove": SUM})
    assert [each.name for each in stated(drafted)] == ["List"]


@pytest.mark.parametrize("by", ["handler_head", "auditor"])
def test_only_the_handlers_of_the_institution_give_in(drafted, media, by):
    assert give(drafted, by=by).status_code == 403
    assert not (media / "files").exists()


@pytest.mark.parametrize("by", ["other_handler", "liaison", "outsider"])
def test_to_others_there_is_nothing(drafted, by):
    assert give(drafted, by=by).status_code == 404


def test_what_is_submitted_takes_no_file(submitted, media):
    response = give(submitted)
    assert response.status_code == 409
    assert 'data-code="state/not-allowed"' in page_text(response)
    assert not (media / "files").exists()
    assert "Attach a file" not in look(submitted["handler"], "attachments", submitted.proposal.pk)


def test_a_returned_plan_takes_one(submitted):
    submitted.do("return", reason="The appraisal is missing")
    assert give(submitted).status_code == 302


def test_a_file_that_is_something_else_is_refused_in_words_beside_the_field(drafted, media):
    response = give(drafted, content=b"<!DOCTYPE html><script>alert(1)</script>")
    html = page_text(response)
    assert response.status_code == 422
    assert "the content is something else (HTML document)" in html
    assert "Appraisal" in html  # what was typed stays
    assert stated(drafted) == []
    assert not list((media / "incoming").iterdir())
    assert not (media / "files").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.7 and nothing", "damaged"),
        ("a.png", files.huge, "too many pixels"),
        ("a.exe", b"MZ", "not accepted"),
        ("a.wps", files.compound("WordDocument"), "save it as PDF, or as .docx"),
        ("a.zip", files.package("a.txt"), "attach each file separately"),
        ("a.docx", files.package("word/document.xml", "../out.xml"), "(../out.xml)"),
        ("a.pdf", b"", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(drafted, name, content, said):
    given = content() if callable(content) else content
    assert said in page_text(give(drafted, name=name, content=given))
    assert Attachment.objects.count() == 0


def test_a_file_beyond_the_limit_is_refused_and_one_at_it_is_not(drafted, monkeypatch):
    monkeypatch.setattr(filetypes, "MOST_BYTES", len(PDF))
    assert give(drafted).status_code == 302
    response = give(drafted, content=PDF + b"\n")
    assert response.status_code == 422
    assert "larger than 50 MB" in page_text(response)


@pytest.mark.parametrize("where", ["keep", "amend", "Attachment"])
def test_what_breaks_halfway_leaves_no_row_and_no_half_file(drafted, media, monkeypatch, where):
    def broken(*args, **kwargs):
        raise OSError("no space left")

    place = {
        "keep": (storage, "keep"), "amend": (attachments, "amend"),
        "Attachment": (Attachment.objects, "get_or_create"),
    }[where]  # fmt: skip
    monkeypatch.setattr(*place, broken)
    with pytest.raises(OSError, match="no space"):
        give(drafted)
    monkeypatch.undo()
    assert Attachment.objects.count() == 0
    assert stated(drafted) == []
    assert not list((media / "incoming").iterdir())


def test_what_was_broken_off_long_ago_is_swept(media):
    (media / "incoming").mkdir()
    for name, age in (("old", 2 * storage._STALE), ("new", 0)):
        path = media / "incoming" / name
        path.write_bytes(b"half")
        moment = path.stat().st_mtime - age
        os.utime(path, (moment, moment))
    with storage.received([b"x"]):
        pass
    assert [path.name for path in (media / "incoming").iterdir()] == ["new"]


# -- Who sees it ------------------------------------------------------------------------------------

PLACES = ("attachment", "attachment-download")


@pytest.mark.parametrize("step", _STEPS)
def test_a_file_is_seen_by_those_who_see_the_plan(request, step):
    stage = request.getfixturevalue(f"with_file_{step}")
    lay(stage)
    for name in PLACES:
        assert seeing(stage, name, stage.proposal.pk, SUM) == SEES_PROPOSAL[step], name
    assert seeing(stage, "attachments", stage.proposal.pk) == SEES_PROPOSAL[step]
    assert seeing(stage, "attachment-picture", stage.proposal.pk, SUM, 2, 1000) == SEES_PROPOSAL[step]


def test_what_is_attached_after_a_return_is_the_institutions_until_submitted(submitted):
    submitted.do("return", reason="The appraisal is missing")
    give(submitted)
    own = {"handler", "handler_head", "auditor"}
    assert seeing(submitted, "attachment-download", submitted.proposal.pk, SUM) == own
    assert "a.pdf" not in look(submitted["liaison"], "attachments", submitted.proposal.pk)
    assert "a.pdf" not in look(submitted["liaison"], "proposal", submitted.proposal.pk)
    submitted.do("submit")
    assert "liaison" in seeing(submitted, "attachment-download", submitted.proposal.pk, SUM)


def test_a_checksum_of_anothers_file_opens_nothing(drafted):
    give(drafted)
    entry = stated(drafted)[0].entry()
    other = drafted.do("draft", "other_handler", plan=drafted.plan | {"attachments": [entry]})
    for handle in ("other_handler", "other_head", "auditor"):
        for name in PLACES:
            assert as_(drafted[handle]).get(reverse(name, args=[other.pk, SUM])).status_code == 404


def test_a_file_of_one_plan_is_not_found_through_another(drafted):
    give(drafted)
    other = drafted.do("draft", plan=drafted.plan)
    for name in PLACES:
        assert as_(drafted["handler"]).get(reverse(name, args=[other.pk, SUM])).status_code == 404


def test_what_an_earlier_submitted_version_names_stays_readable(submitted):
    submitted.do("return", reason="The appraisal is missing")
    give(submitted)
    submitted.do("submit")
    submitted.do("return", reason="Another appraisal")
    as_(submitted["handler"]).post(reverse("attachments", args=[submitted.proposal.pk]), {"remove": SUM})
    submitted.do("submit")
    assert status(submitted["liaison"], "attachment", submitted.proposal.pk, SUM) == 200
    assert "a.pdf" not in look(submitted["liaison"], "attachments", submitted.proposal.pk)


def test_a_proxy_reads_the_files_of_the_items_covered_until_it_is_revoked(with_file_filed):
    stage = with_file_filed
    lay(stage)
    stage.meeting = stage.convene(stage.proposal)
    stage.do("send_notice")
    assert status(stage["deputy3"], "attachment", stage.proposal.pk, SUM) == 404
    stage.proxy()
    assert status(stage["deputy3"], "attachment", stage.proposal.pk, SUM) == 200
    stage.do("revoke_proxy", "seat3")
    for name in PLACES:
        assert status(stage["deputy3"], name, stage.proposal.pk, SUM) == 404


def test_a_revised_plan_has_the_files_of_the_one_it_revises(with_file_voting):
    stage = with_file_voting
    lay(stage)
    for handle in stage.seats:
        stage.do("cast", handle, choice="against", reason="Too long")
    stage.do("close_vote")
    revised = stage.do("revise", changes={})
    assert seeing(stage, "attachment-download", revised.pk, SUM) == SEES_PROPOSAL["drafted"]


# -- Looking and leaving ----------------------------------------------------------------------------


def test_a_page_is_drawn_as_a_picture_and_kept(drafted, media):
    give(drafted)
    client = as_(drafted["handler"])
    response = client.get(address(drafted, "attachment-picture", 2, 1000))
    assert response["Content-Type"] == "image/png"
    assert Image.open(BytesIO(response.content)).size == (1000, 1416)
    assert [path.name for path in (media / "drawn").rglob("*.png")] == [f"{SUM}-2-1000.png"]
    again = client.get(
        address(drafted, "attachment-picture", 2, 1000), headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304


def test_the_reader_turns_from_page_to_page_and_the_number_is_in_the_address(drafted):
    give(drafted)
    first = look(drafted["handler"], "attachment", drafted.proposal.pk, SUM)
    assert 'rel="prev"' not in first
    assert f'rel="next" href="{address(drafted, "attachment-page", 2)}"' in first
    last = look(drafted["handler"], "attachment-page", drafted.proposal.pk, SUM, 3)
    assert 'rel="next"' not in last
    asked = as_(drafted["handler"]).get(address(drafted, "attachment"), {"page": "99"})
    assert asked["Location"] == address(drafted, "attachment-page", 3)
    for number in (0, 4):
        assert as_(drafted["handler"]).get(address(drafted, "attachment-page", number)).status_code == 404


def test_an_annexe_of_two_hundred_pages_is_read_page_by_page(drafted, monkeypatch):
    annexe = files.pdf(200)
    give(drafted, content=annexe)
    checksum = hashlib.sha256(annexe).hexdigest()
    html = look(drafted["handler"], "attachment-page", drafted.proposal.pk, checksum, 137)
    assert "of 200" in html
    assert html.count("<img") == 1
    monkeypatch.setattr(drawing, "draw", None)  # once drawn, a page is not drawn again
    response = as_(drafted["handler"]).get(address(drafted, "attachment-picture", 137, 1000, sha256=checksum))
    assert response.status_code == 200


@pytest.mark.parametrize("width", [1, 999, 100_000])
def test_pages_are_drawn_in_two_widths_only(drafted, width):
    give(drafted)
    assert as_(drafted["handler"]).get(address(drafted, "attachment-picture", 1, width)).status_code == 404


def test_a_page_that_cannot_be_drawn_says_so_and_offers_the_file(drafted, monkeypatch):
    give(drafted)

    def never(*args, **kwargs):
        raise drawing.Undrawable("time")

    monkeypatch.setattr(drawing, "draw", never)
    html = look(drafted["handler"], "attachment", drafted.proposal.pk, SUM)
    assert "takes too long to be drawn" in html
    assert address(drafted, "attachment-download") in html


def test_a_file_leaves_as_an_attachment_and_runs_nowhere(drafted):
    give(drafted, name="抵押物评估报告.pdf")
    response = as_(drafted["handler"]).get(address(drafted, "attachment-download"))
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_an_office_file_is_downloaded_only_and_the_page_says_so(drafted):
    content = files.package("word/document.xml")
    give(drafted, name="contract.docx", content=content)
    html = look(drafted["handler"], "attachments", drafted.proposal.pk)
    assert "to be downloaded" in html
    checksum = hashlib.sha256(content).hexdigest()
    assert "not shown here" in look(drafted["handler"], "attachment", drafted.proposal.pk, checksum)
    picture = address(drafted, "attachment-picture", 1, 1000, sha256=checksum)
    assert as_(drafted["handler"]).get(picture).status_code == 404


def test_ofd_is_taken_to_be_downloaded(drafted):
    content = files.ofd()
    assert give(drafted, name="发票.ofd", content=content).status_code == 302
    (found,) = stated(drafted)
    assert (found.media_type, found.pages) == ("application/ofd", None)
    checksum = hashlib.sha256(content).hexdigest()
    assert "not shown here" in look(drafted["handler"], "attachment", drafted.proposal.pk, checksum)
    response = as_(drafted["handler"]).get(address(drafted, "attachment-download", sha256=checksum))
    assert b"".join(response.streaming_content) == content


def test_a_picture_of_a_phone_is_looked_at_here_and_one_that_cannot_be_drawn_is_downloaded(drafted):
    whole = files.picture("HEIF")
    for name, content in (("IMG_1.HEIC", whole), ("IMG_2.HEIC", whole[:150])):
        assert give(drafted, name=name, content=content).status_code == 302
    first, second = stated(drafted)
    assert (first.media_type, first.pages, second.pages) == ("image/heic", 1, None)
    picture = address(drafted, "attachment-picture", 1, 1000, sha256=first.sha256)
    assert as_(drafted["handler"]).get(picture)["Content-Type"] == "image/png"
    html = look(drafted["handler"], "attachment", drafted.proposal.pk, second.sha256)
    assert "cannot be opened" in html
    assert address(drafted, "attachment-download", sha256=second.sha256) in html


@pytest.mark.parametrize(
    ("name", "content", "warned"),
    [
        ("a.pdf", PDF, False),
        ("a.docx", files.package("word/document.xml"), False),
        ("a.ofd", files.ofd(), False),
        ("a.heic", files.picture("HEIF"), False),
        ("a.heic", files.picture("HEIF")[:150], True),
    ],
)
def test_whoever_gives_in_a_picture_that_cannot_be_drawn_is_told_at_once(drafted, name, content, warned):
    given = {"file": SimpleUploadedFile(name, content)}
    client = as_(drafted["handler"])
    response = client.post(reverse("attachments", args=[drafted.proposal.pk]), given, follow=True)
    assert f"{name} is attached." in page_text(response)
    assert ("It cannot be drawn here" in page_text(response)) is warned


def test_the_statements_of_a_page_do_not_grow_with_the_files(drafted):
    give(drafted)
    one = [
        len(queries(drafted["handler"], "attachments", drafted.proposal.pk)),
        len(queries(drafted["handler"], "attachment", drafted.proposal.pk, SUM)),
    ]
    for pages in (1, 2):
        give(drafted, name=f"{pages}.pdf", content=files.pdf(pages))
    three = [
        len(queries(drafted["handler"], "attachments", drafted.proposal.pk)),
        len(queries(drafted["handler"], "attachment", drafted.proposal.pk, SUM)),
    ]
    assert one == three
    assert max(three) <= 25


def test_nothing_of_ours_is_below_the_folder_of_static_files(settings, media):
    from config.settings import MEDIA_ROOT

    assert not Path(MEDIA_ROOT).is_relative_to(settings.STATIC_ROOT)
    for folder in settings.STATICFILES_DIRS:
        assert not Path(MEDIA_ROOT).is_relative_to(folder)


def test_the_pages_of_a_file_stand_below_each_other_within_the_room(drafted):
    give(drafted)
    html = as_(drafted["handler"]).get(address(drafted, "attachment-leaves")).content.decode()
    assert html.count('loading="lazy"') == 3
    assert "<html" not in html
    assert address(drafted, "attachment-picture", 3, 1000) in html
    assert as_(drafted["other_handler"]).get(address(drafted, "attachment-leaves")).status_code == 404
    other = files.package("[Content_Types].xml", "word/document.xml")
    give(drafted, "a.docx", other)
    checksum = hashlib.sha256(other).hexdigest()
    answer = as_(drafted["handler"]).get(address(drafted, "attachment-leaves", sha256=checksum))
    assert answer.status_code == 404
