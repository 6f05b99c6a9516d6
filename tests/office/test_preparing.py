"""Papers above twenty pages are made by the worker, once (office/preparing.py)."""

from __future__ import annotations

import hashlib
import io
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from documents import render
from office import preparing
from office.models import Paper, Preparation
from pages.meetings.documents import views
from pages.meetings.minutes import acts
from regulation.refused import Refused
from tests.documents.sheets import text_of
from tests.office.test_papers import eventful
from tests.pages.pages import as_

K, S = Preparation.Kind, Preparation.State


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"


@pytest.fixture
def long(monkeypatch):
    """Every paper counts as long."""
    monkeypatch.setattr(views, "LONG", 0)
    monkeypatch.setattr(render, "LONG", 0)


def send(client, here):
    return client.post(here, {"once": str(uuid.uuid4())})


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=preparing.PREPARE).count()


def work() -> None:
    for row in Preparation.objects.filter(state=S.WAITING):
        preparing.make(row.pk)


@pytest.mark.parametrize(("kind", "name"), [(K.COPY, "documents-pdf"), (K.BUNDLE, "documents-zip")])
def test_what_is_long_is_made_by_the_worker_once_for_all_who_see_the_same(signed, long, kind, name):
    signed.do("draw_up_papers")
    here = reverse("documents-prepared", args=[signed.meeting.pk, kind])
    file = reverse(name, args=[signed.meeting.pk])
    for handle in ("chair", "liaison", "chair"):
        client = as_(signed[handle])
        assert client.get(file).headers["Location"] == here
        assert send(client, here).headers["Location"] == here
    assert (Preparation.objects.count(), jobs()) == (1, 1)
    assert file not in as_(signed["chair"]).get(here).content.decode()
    work()
    for handle in ("chair", "liaison", "auditor"):
        assert file in as_(signed[handle]).get(here).content.decode()
        content = body_of(as_(signed[handle]).get(file))
        papers = Paper.objects.filter(language="en")
        if kind == K.COPY:
            assert all(str(paper) in text_of(content) for paper in papers)
        else:
            with zipfile.ZipFile(io.BytesIO(content)) as found:
                sums = {hashlib.sha256(found.read(each)).hexdigest() for each in found.namelist()}
            assert sums >= {paper.sha256 for paper in papers}
    assert jobs() == 1


def test_who_sees_fewer_papers_gets_a_file_of_those(convened, long):
    """A file that another asked for is not handed to whoever sees less."""
    stage = eventful(convened)
    stage.do("draw_up_papers")
    here = reverse("documents-prepared", args=[stage.meeting.pk, K.COPY])
    send(as_(stage["chair"]), here)
    work()
    file = reverse("documents-pdf", args=[stage.meeting.pk])
    assert as_(stage["chair"]).get(file).status_code == 200
    for handle in ("handler", "outsider", "deputy3"):
        response = as_(stage[handle]).get(file)
        assert response.status_code in {302, 404}, handle
        assert "application/pdf" not in response.headers["Content-Type"], handle


def test_what_was_made_is_made_anew_when_a_paper_more_is_drawn_up_or_its_file_is_gone(signed, long):
    signed.do("draw_up_papers")
    here = reverse("documents-prepared", args=[signed.meeting.pk, K.BUNDLE])
    file = reverse("documents-zip", args=[signed.meeting.pk])
    client = as_(signed["liaison"])
    send(client, here)
    work()
    assert client.get(file).status_code == 200
    Preparation.objects.get().path.unlink()
    assert client.get(file).status_code == 302
    send(client, here)
    work()
    assert client.get(file).status_code == 200
    signed.do("distribute")
    signed.do("draw_up_papers")
    assert client.get(file).status_code == 302


def test_it_says_how_far_it_is_and_when_it_failed(signed, long, monkeypatch):
    signed.do("draw_up_papers")
    here = reverse("documents-prepared", args=[signed.meeting.pk, K.BUNDLE])
    client = as_(signed["liaison"])
    send(client, here)
    Preparation.objects.update(done=3)
    shown = client.get(here).content.decode()
    assert 'value="3"' in shown
    assert "every 2s" in shown

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space"):
        work()
    monkeypatch.undo()
    row = Preparation.objects.get()
    assert row.state == S.FAILED
    assert list(row.path.parent.iterdir()) == []
    monkeypatch.setattr(views, "LONG", 0)
    assert "could not be made" in client.get(here).content.decode()
    send(client, here)
    work()
    assert Preparation.objects.get().state == S.DONE


def test_after_a_day_it_is_gone(signed, long, monkeypatch):
    signed.do("draw_up_papers")
    send(as_(signed["chair"]), reverse("documents-prepared", args=[signed.meeting.pk, K.COPY]))
    work()
    row = Preparation.objects.get()
    stray = row.path.with_name("f.zip")
    stray.write_bytes(b"")
    preparing.clear()
    assert (row.path.is_file(), stray.exists()) == (True, False)
    monkeypatch.setattr(preparing, "KEPT", timedelta(0))
    preparing.clear()
    assert not row.path.exists()
    assert not Preparation.objects.exists()


def test_short_ones_are_made_at_once(signed, monkeypatch):
    monkeypatch.setattr(views, "LONG", 10_000)
    signed.do("draw_up_papers")
    for name in ("documents-pdf", "documents-zip"):
        assert as_(signed["chair"]).get(reverse(name, args=[signed.meeting.pk])).status_code == 200
    assert jobs() == 0


def test_another_kind_and_another_person_find_nothing(signed):
    signed.do("draw_up_papers")
    for handle, kind in (("chair", "drawing"), ("chair", "x"), ("outsider", "copy")):
        here = reverse("documents-prepared", args=[signed.meeting.pk, kind])
        assert as_(signed[handle]).get(here).status_code == 404


# -- Drawing up ----------------------------------------------------------------------------------------------


def test_long_papers_are_drawn_up_by_the_worker_in_the_liaisons_name(signed, long):
    here = reverse("meeting-act", args=[signed.meeting.pk, "draw_up_papers"])
    client = as_(signed["liaison"])
    assert send(client, here).headers["Location"] == reverse("documents", args=[signed.meeting.pk])
    assert (Paper.objects.count(), jobs()) == (0, 1)
    listed = reverse("documents", args=[signed.meeting.pk])
    assert "being drawn up: 0 of" in client.get(listed).content.decode()
    acts._draw_up(signed.now(signed.meeting), by=signed["liaison"])
    assert jobs() == 1
    work()
    row = Preparation.objects.get()
    assert (row.state, row.done) == (S.DONE, Paper.objects.count())
    assert {paper.drawn_up_by for paper in Paper.objects.all()} == {signed["liaison"]}
    signed.refused("state/not-allowed", "draw_up_papers")
    shown = client.get(listed).content.decode()
    assert "being drawn up" not in shown
    assert here not in shown


def test_drawing_up_is_the_liaisons_also_by_the_worker(signed, long):
    with pytest.raises(Refused) as caught:
        acts._draw_up(signed.meeting, by=signed["chair"])
    assert caught.value.code == "12/only-liaison"
    row = preparing.draw_up(signed.meeting, by=signed["chair"])
    with pytest.raises(Refused):
        preparing.make(row.pk)
    assert Preparation.objects.get().state == S.FAILED
    assert not Paper.objects.exists()


@pytest.mark.parametrize("is_long", [True, False])
def test_that_a_paper_follows_is_said_only_when_one_does(signed, monkeypatch, is_long):
    monkeypatch.setattr(preparing, "is_long", lambda _meeting: is_long)
    client = as_(signed["liaison"])
    here = reverse("meeting-act", args=[signed.meeting.pk, "draw_up_papers"])
    shown = client.post(here, {"once": str(uuid.uuid4())}, follow=True).content.decode()
    assert ("drawn up in the background" in shown) is is_long
    assert ("The papers are drawn up." in shown) is not is_long
    assert Preparation.objects.exists() is is_long


def test_a_killed_worker_goes_on_where_it_was(signed):
    row = preparing.draw_up(signed.meeting, by=signed["liaison"])
    preparing.draw_up_some(signed.meeting, by=signed["liaison"], most=2)
    before = {paper.pk for paper in Paper.objects.all()}
    assert len(before) == 4
    preparing.make(row.pk)
    assert before < {paper.pk for paper in Paper.objects.all()}
    assert not preparing.is_long(signed.now(signed.meeting))
