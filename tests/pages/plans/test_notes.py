"""Private notes: nobody else reads them, and nothing of them is anywhere else."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from pages.models import Note
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, seeing
from tests.pages.test_every_address import WRITTEN

SECRET = "Zebra-4711 never to be read by another"


def url(stage):
    return reverse("note", args=[stage.proposal.pk])


def save(stage, handle="seat2", text=SECRET, after=0, **headers):
    return as_(stage[handle]).post(url(stage), {"text": text, "after": after}, headers=headers)


def test_a_note_is_saved_and_comes_back(noticed):
    assert save(noticed)["Location"] == url(noticed)
    assert SECRET in look(noticed["seat2"], "note", noticed.proposal.pk)
    item = noticed.now(noticed.proposal).item_id
    assert SECRET in look(noticed["seat2"], "paper", noticed.meeting.pk, item)


def test_a_script_saves_it_and_is_told_the_time(noticed):
    answer = save(noticed, **{"X-Requested-With": "fetch"})
    assert answer.json() == {"after": 1, "saved": "Saved 09:00"}
    again = save(noticed, text="More", after=1, **{"X-Requested-With": "fetch"})
    assert again.json()["after"] == 2


def test_whoever_does_not_see_the_plan_has_no_note_on_it(noticed):
    sees = {"chair", "seat2", "seat3", "liaison", "risk", "auditor", "head_office", "handler", "handler_head"}
    assert seeing(noticed, "note", noticed.proposal.pk) == sees


def test_no_page_shows_it_to_anybody_else(noticed):
    """On every page of a case that is over: tests/pages/test_every_address.py. Here before its meeting."""
    assert WRITTEN["note"][1] == {"seat2"}
    save(noticed)
    meeting, item = noticed.meeting.pk, noticed.now(noticed.proposal).item_id
    pages = {
        "note": {"args": [noticed.proposal.pk]},
        "paper": {"args": [meeting, item]},
        "papers": {"args": [meeting]},
        "proposal": {"args": [noticed.proposal.pk]},
        "search": {"query": {"q": SECRET[:10]}},
    }
    for handle in set(EVERYBODY) - {"seat2"}:
        client = as_(noticed[handle])
        for page, given in pages.items():
            assert SECRET not in page_text(client.get(reverse(page, **given))), (handle, page)


def test_the_owner_does_not_find_it_in_lists_or_searches(noticed):
    save(noticed)
    for page in ("desk", "proposals", "meetings"):
        assert SECRET not in look(noticed["seat2"], page, q=SECRET[:10])


def test_it_is_no_record_and_in_no_log(noticed, caplog):
    before = Entry.objects.count()
    with caplog.at_level("DEBUG"):
        save(noticed)
    assert Entry.objects.count() == before
    assert SECRET not in caplog.text


def test_the_administration_does_not_have_it():
    known = admin.site._registry if apps.is_installed("django.contrib.admin") else {}
    assert Note not in known


def test_nothing_else_refers_to_it():
    """No other table and no accessor leads to a note."""
    for model in apps.get_models():
        for field in model._meta.get_fields(include_hidden=False):
            assert field.related_model is not Note, (model, field)


def test_the_second_of_two_windows_overwrites_nothing(noticed):
    save(noticed, text="From the first window", after=0)
    answer = save(noticed, text="From the second window", after=0)
    html = page_text(answer)
    assert answer.status_code == 409
    assert "From the first window" in html
    assert "From the second window" in html
    assert Note.objects.get().text == "From the first window"
    assert 'name="after" value="1"' in html
    assert save(noticed, after=0, **{"X-Requested-With": "fetch"}).status_code == 409


def test_what_was_typed_survives_the_end_of_the_session(noticed):
    client = as_(noticed["seat2"])
    token = re.search(r'name="once" value="([^"]+)"', page_text(client.get(url(noticed))))[1]
    client.logout()
    client.post(url(noticed), {"text": SECRET, "after": 0, "once": token})
    client.force_login(noticed["seat2"], backend="django.contrib.auth.backends.ModelBackend")
    assert SECRET in page_text(client.get(url(noticed)))
    assert not Note.objects.exists()


def test_a_script_without_a_session_is_told_so(noticed):
    answer = Client().post(url(noticed), {"text": SECRET}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "given", [{"text": "x" * 20_001, "after": 0}, {"text": "x"}, {"text": "x", "after": -1}]
)
def test_what_is_no_note_is_refused(noticed, given):
    assert as_(noticed["seat2"]).post(url(noticed), given).status_code == 422
    assert not Note.objects.exclude(text="").exists()
