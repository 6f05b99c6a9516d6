"""Filters saved under a name: a person's own, ended by the person, exported as may be seen then."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from committee.models import Position
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, seeing
from tests.pages.test_pages import check
from tests.stage import as_owner
from web.exports import jobs, saved
from web.models import Export, SavedFilter


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def address(name="meetings"):
    return reverse("saved-filters", args=[name])


def save(stage, by="auditor", of="meetings", query="state=convened", **given):
    given = {"act": "save", "name": "To come", "every": ""} | given
    return as_(stage[by]).post(f"{address(of)}?{query}", given)


def due(stage, by="auditor", **given):
    """A saved filter whose export is due today."""
    save(stage, by, every="day", **given)
    SavedFilter.objects.update(next_on=timezone.localdate())
    return SavedFilter.objects.get()


def test_a_filter_is_saved_under_its_name_and_leads_to_the_list(convened):
    assert save(convened, query="state=convened&nonsense=1").status_code == 302
    html = page_text(as_(convened["auditor"]).get(address()))
    assert 'href="/meetings/?state=convened">To come</a>' in html
    assert address() in look(convened["auditor"], "meetings")


def test_the_same_name_is_replaced_and_not_twice_there(convened):
    save(convened)
    save(convened, query="state=closed", every="week")
    (row,) = SavedFilter.objects.all()
    assert (row.address, row.every) == ("state=closed", "week")


def test_nobody_else_sees_or_ends_it(convened):
    save(convened)
    (row,) = SavedFilter.objects.all()
    for handle in EVERYBODY:
        if handle != "auditor":
            client = as_(convened[handle])
            client.post(address(), {"act": "end", "filter": row.pk})
            assert "To come" not in page_text(client.get(address())), handle
    assert SavedFilter.objects.filter(pk=row.pk).exists()
    as_(convened["auditor"]).post(address(), {"act": "end", "filter": row.pk})
    assert not SavedFilter.objects.exists()


def test_of_a_list_that_one_has_not_there_are_none(convened):
    assert seeing(convened, "saved-filters", "entries") == {"auditor"}
    assert save(convened, "risk", "entries").status_code == 404
    assert as_(convened["risk"]).get(address("nonsense")).status_code == 404


def test_one_can_save_many_and_no_more(convened, monkeypatch):
    monkeypatch.setattr(saved, "MOST", 1)
    save(convened)
    response = save(convened, name="Another")
    assert response.status_code == 422
    assert "end one first" in page_text(response)


@pytest.mark.parametrize(
    ("every", "day", "following"),
    [("", "2026-03-04", None), ("day", "2026-12-31", "2027-01-01"), ("week", "2026-03-04", "2026-03-09"),
     ("week", "2026-03-09", "2026-03-16"), ("month", "2026-01-31", "2026-02-01"),
     ("month", "2026-12-01", "2027-01-01")],
)  # fmt: skip
def test_the_next_day_is_the_following_one_monday_or_first(every, day, following):
    found = jobs.next_day(every, date.fromisoformat(day))
    assert found == (date.fromisoformat(following) if following else None)


def test_what_is_due_is_exported_once_with_what_the_filter_says(convened):
    row = due(convened, query="state=closed")
    assert jobs.run_schedules() == 1
    assert jobs.run_schedules() == 0
    export = Export.objects.get()
    assert (export.person, export.saved, export.address) == (convened["auditor"], row, "state=closed")
    jobs.build(export.pk)
    assert len(list(load_workbook(export.path).active.values)) == 1  # the heads: no meeting is closed
    row.refresh_from_db()
    assert row.next_on == timezone.localdate() + timedelta(days=1)
    html = page_text(as_(convened["auditor"]).get(address()))
    assert reverse("export-progress", args=[export.pk]) in html
    response = as_(convened["auditor"]).get(reverse("export-file", args=[export.pk]))
    assert response.status_code == 200
    assert response.getvalue() == export.path.read_bytes()
    assert as_(convened["chair"]).get(reverse("export-file", args=[export.pk])).status_code == 404


def test_there_is_nothing_in_it_that_the_person_may_not_see_by_then(convened):
    due(convened, "risk")
    Position.objects.filter(person=convened["risk"]).delete()
    assert jobs.run_schedules() == 1
    export = Export.objects.get()
    jobs.build(export.pk)
    assert len(list(load_workbook(export.path).active.values)) == 1


def test_for_whoever_has_left_or_lost_the_list_there_is_no_export(convened):
    due(convened, of="entries", query="")
    Position.objects.filter(person=convened["auditor"]).delete()
    assert jobs.run_schedules() == 0
    assert not Export.objects.exists()


def test_an_export_asked_for_before_the_list_was_lost_is_not_made_after_it(convened):
    due(convened, of="entries", query="")
    assert jobs.run_schedules() == 1
    Position.objects.filter(person=convened["auditor"]).delete()
    export = Export.objects.get()
    with pytest.raises(PermissionError):
        jobs.build(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED


def test_a_scheduled_export_is_kept_for_eight_days_and_others_for_one(convened):
    due(convened)
    jobs.run_schedules()
    own = jobs.request_file("meetings", "", convened["auditor"])
    scheduled = Export.objects.exclude(saved=None).get()
    for days, left in ((2, {scheduled.pk}), (9, set())):
        as_owner("UPDATE web_export SET asked_at = {}", timezone.now() - timedelta(days=days))
        jobs.clear()
        assert set(Export.objects.values_list("pk", flat=True)) == left, own.pk


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_is_sound_in_both_languages(convened, language):
    save(convened, every="month")
    check(convened, "auditor", "saved-filters", "meetings", language=language)


def built(stage, by, of, query=""):
    """The address of the file of an export that a schedule asked for, built."""
    due(stage, by, of=of, query=query)
    assert jobs.run_schedules() == 1
    export = Export.objects.latest("pk")
    jobs.build(export.pk)
    file = reverse("export-file", args=[export.pk])
    assert as_(stage[by]).get(file).getvalue()
    return file


@pytest.mark.parametrize("of", ["meetings", "entries"])
def test_whoever_has_lost_an_office_has_no_file_of_what_it_saw(convened, of):
    """Also where the list itself stays open: the file has what the office alone may see."""
    file = built(convened, "auditor", of)
    progress = file.removesuffix("file/")
    assert progress in page_text(as_(convened["auditor"]).get(address(of)))
    Position.objects.filter(person=convened["auditor"]).delete()
    client = as_(convened["auditor"])
    assert client.get(file).status_code == 404
    assert client.get(progress).status_code == 404
    assert progress not in page_text(client.get(address("meetings")))


def test_another_liaison_has_no_file_of_the_former_ones_and_the_former_none_either(convened):
    file = built(convened, "liaison", "proposals")
    convened.do("appoint_liaison", person=convened["outsider"])
    assert as_(convened["liaison"]).get(file).status_code == 404
    assert as_(convened["outsider"]).get(file).status_code == 404


def test_an_office_more_takes_no_file_away(convened):
    file = built(convened, "auditor", "meetings")
    Position.objects.create(
        person=convened["auditor"], unit=convened["handler"].unit, role=Position.Role.HANDLER
    )
    assert as_(convened["auditor"]).get(file).getvalue()
