"""Private annotations on plans and on pages of their files; what a person has not opened of a paper."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from pages.models import Annotation, Opened
from pages.plans.annotations import keeping
from tests.page_text import page_text
from tests.pages import files
from tests.pages.pages import EVERYBODY, as_, look, queries, seeing

SECRET = "Quokka-5522 never to be read by another"


def url(stage):
    return reverse("annotations", args=[stage.proposal.pk])


def keep(stage, handle="seat2", **given):
    return as_(stage[handle]).post(url(stage), {"text": SECRET, **given})


def test_an_annotation_on_a_section_is_kept_with_the_words_it_highlights(noticed):
    assert keep(noticed, place="conditions", quote="Orders seen")["Location"] == url(noticed)
    html = look(noticed["seat2"], "annotations", noticed.proposal.pk)
    assert SECRET in html
    assert "<mark>Orders seen</mark>" in html
    assert f'href="/proposals/{noticed.proposal.pk}/#conditions">Conditions</a>' in html
    row = Annotation.objects.get()
    assert (row.person, row.place, row.quote, row.sha256, row.page) == (
        noticed["seat2"], "conditions", "Orders seen", "", 0
    )  # fmt: skip


def test_whoever_does_not_see_the_plan_has_none_on_it(noticed):
    sees = {"chair", "seat2", "seat3", "liaison", "risk", "auditor", "head_office", "handler", "handler_head"}
    assert seeing(noticed, "annotations", noticed.proposal.pk) == sees
    assert keep(noticed, "outsider").status_code == 404
    assert not Annotation.objects.exists()


def test_no_page_shows_it_to_anybody_else(noticed):
    keep(noticed, quote=SECRET)
    meeting, item = noticed.meeting.pk, noticed.now(noticed.proposal).item_id
    pages = {
        "annotations": {"args": [noticed.proposal.pk]},
        "annotations-mine": {},
        "annotations-export": {},
        "paper": {"args": [meeting, item], "query": {"full": "1"}},
        "proposal": {"args": [noticed.proposal.pk]},
        "search": {"query": {"q": SECRET[:10]}},
    }
    for handle in set(EVERYBODY) - {"seat2"}:
        client = as_(noticed[handle])
        for page, given in pages.items():
            assert SECRET not in page_text(client.get(reverse(page, **given))), (handle, page)


def test_it_is_no_record_and_in_no_log(noticed, caplog):
    before = Entry.objects.count()
    with caplog.at_level("DEBUG"):
        keep(noticed)
        as_(noticed["seat2"]).post(url(noticed), {"erase": "all"})
    assert Entry.objects.count() == before
    assert SECRET not in caplog.text


def test_nothing_else_refers_to_it():
    """No other table and no accessor leads to an annotation or to what was opened."""
    for model in apps.get_models():
        for field in model._meta.get_fields(include_hidden=False):
            assert field.related_model not in (Annotation, Opened), (model, field)


def test_the_owner_erases_one_or_all_and_nobody_elses(noticed):
    for text in ("First", "Second", "Third"):
        keep(noticed, text=text)
    keep(noticed, "seat3", text="Another's")
    first, other = Annotation.objects.get(text="First"), Annotation.objects.get(text="Another's")
    client = as_(noticed["seat2"])
    client.post(url(noticed), {"erase": str(other.pk)})
    assert Annotation.objects.count() == 4
    client.post(url(noticed), {"erase": str(first.pk)})
    assert set(Annotation.objects.values_list("text", flat=True)) == {"Second", "Third", "Another's"}
    client.post(url(noticed), {"erase": "all"})
    assert list(Annotation.objects.values_list("text", flat=True)) == ["Another's"]
    as_(noticed["seat3"]).post(reverse("annotations-mine"))
    assert not Annotation.objects.exists()


def test_what_was_written_on_a_plan_that_is_no_longer_seen_is_still_exported_and_erased(noticed):
    keep(noticed, "seat3", text="Another's")
    keeping.write(noticed.proposal, noticed["outsider"], text=SECRET)
    as_(noticed["seat3"]).post(reverse("note", args=[noticed.proposal.pk]), {"text": "A note", "after": 0})
    client = as_(noticed["outsider"])
    assert "1 on a plan that you no longer see" in page_text(client.get(reverse("annotations-mine")))
    exported = json.loads(client.get(reverse("annotations-export")).content)
    assert [(row["plan"], row["text"]) for row in exported["annotations"]] == [("", SECRET)]
    own = json.loads(as_(noticed["seat3"]).get(reverse("annotations-export")).content)
    assert own["notes"] == [{"plan": noticed.now(noticed.proposal).written_number, "text": "A note"}]
    client.post(reverse("annotations-mine"))
    assert list(Annotation.objects.values_list("text", flat=True)) == ["Another's"]


@pytest.mark.parametrize(
    "given",
    [
        {"text": " …… "},
        {"text": "x" * 20_001},
        {"place": "elsewhere"},
        {"sha256": "f" * 63},
        {"sha256": "f" * 64, "place": "0,0,1001,1"},
        {"sha256": "f" * 64, "place": "1,2,3"},
        {"sha256": "f" * 64, "place": "0,0,0,10"},
    ],
)
def test_what_is_no_annotation_is_refused(noticed, given):
    assert keep(noticed, **given).status_code == 422
    assert not Annotation.objects.exists()


def test_a_file_that_is_not_of_the_plan_is_not_annotated(noticed):
    assert keep(noticed, sha256="f" * 64, page=1).status_code == 404
    assert not Annotation.objects.exists()


def test_a_session_that_ended_keeps_what_was_typed(noticed):
    client = as_(noticed["seat2"])
    token = re.search(r'name="once" value="([^"]+)"', page_text(client.get(url(noticed))))[1]
    client.logout()
    client.post(url(noticed), {"text": SECRET, "once": token})
    client.force_login(noticed["seat2"], backend="django.contrib.auth.backends.ModelBackend")
    assert SECRET in page_text(client.get(url(noticed)))
    assert Client().post(url(noticed), {"text": SECRET}).status_code == 302
    assert not Annotation.objects.exists()


def test_the_statements_do_not_grow_with_annotations(noticed):
    keep(noticed)
    few = len(queries(noticed["seat2"], "annotations", noticed.proposal.pk))
    for _number in range(3):
        keep(noticed)
    assert len(queries(noticed["seat2"], "annotations", noticed.proposal.pk)) == few <= 25


# -- What was not opened ----------------------------------------------------------------------------


def paper(stage, handle="seat2", **given):
    item = stage.now(stage.proposal).item_id
    return look(stage[handle], "paper", stage.meeting.pk, item, **given)


def test_the_mark_comes_last_and_names_what_was_not_opened(noticed):
    html = paper(noticed)
    assert html.index('class="read-mark"') > html.index("My note")
    assert "You have not opened:" in html
    paper(noticed, full="1")
    assert "You have opened the plan and all its files." in paper(noticed)
    assert "You have not opened:" in paper(noticed, "seat3")
    assert Opened.objects.count() == 1


def test_the_plan_is_shown_in_full_where_it_is_opened(noticed):
    assert 'id="figures"' not in paper(noticed)
    assert 'id="figures"' in paper(noticed, full="1")


def test_the_page_of_the_plan_leads_to_its_papers_instead_of_marking_it(noticed):
    html = look(noticed["seat2"], "proposal", noticed.proposal.pk)
    assert "read_materials" not in html
    assert reverse("paper", args=[noticed.meeting.pk, noticed.now(noticed.proposal).item_id]) in html
    noticed.do("read_materials", "seat2")
    assert "You have not marked it as read" not in look(noticed["seat2"], "proposal", noticed.proposal.pk)
    assert "You have not marked it as read" not in look(noticed["liaison"], "proposal", noticed.proposal.pk)


# -- On a page of a file ----------------------------------------------------------------------------

PDF = files.pdf(3)
SUM = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def filed_with_a_file(drafted, settings, tmp_path_factory):
    """A plan on an agenda, its notice sent, with a file of three pages."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    as_(drafted["handler"]).post(
        reverse("attachments", args=[drafted.proposal.pk]), {"file": SimpleUploadedFile("a.pdf", PDF)}
    )
    return drafted.to("noticed")


def test_a_frame_on_a_page_is_drawn_there_and_for_its_owner_alone(filed_with_a_file):
    stage = filed_with_a_file
    there = reverse("attachment-page", args=[stage.proposal.pk, SUM, 2])
    answer = keep(stage, sha256=SUM, page=2, place="100,200,300,50")
    assert answer["Location"] == f"{there}#annotations"

    def page(handle, number):
        return look(stage[handle], "attachment-page", stage.proposal.pk, SUM, number)

    drawn = re.compile(r'<rect\s+x="100"\s+y="200"\s+width="300"\s+height="50"')
    assert drawn.search(page("seat2", 2))
    assert SECRET in page("seat2", 2)
    for handle, number in (("seat2", 1), ("seat3", 2)):
        assert not drawn.search(page(handle, number))
        assert SECRET not in page(handle, number)
    assert "a.pdf, page 2" in look(stage["seat2"], "annotations", stage.proposal.pk)


def test_a_page_that_the_file_has_not_is_its_last_one(filed_with_a_file):
    keep(filed_with_a_file, sha256=SUM, page=9)
    assert Annotation.objects.get().page == 3


def test_a_file_is_opened_by_looking_at_it_or_downloading_it(filed_with_a_file):
    stage = filed_with_a_file
    paper(stage, full="1")
    listed = reverse("attachment", args=[stage.proposal.pk, SUM])
    mark = paper(stage).split('class="read-mark"')[1]
    assert listed in mark
    look(stage["seat2"], "attachment", stage.proposal.pk, SUM)
    assert "You have opened the plan and all its files." in paper(stage)
    paper(stage, "seat3", full="1")
    as_(stage["seat3"]).get(reverse("attachment-download", args=[stage.proposal.pk, SUM])).getvalue()
    assert "You have opened the plan and all its files." in paper(stage, "seat3")
