"""Copies and reports are sent once, however often it is tried, and have their receipts (Art. 12.5, 21)."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import Entry
from audit.recording import SYSTEM
from committee.models import Unit
from documents import checksums
from documents.archive import writing
from office import tasks
from office.actions.dispatches import (
    acknowledge_dispatch,
    receive_dispatch,
    send_dispatch,
)
from office.actions.outgoing import SEND
from office.models import Dispatch, DispatchReceipt, Report
from regulation.refused import Refused
from tests.pages.pages import as_, page_text
from tests.stage import Stage, as_owner


@pytest.fixture(autouse=True)
def media(tmp_path: Any, settings: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def of(stage: Stage, *, full: bool | None = None) -> Dispatch:
    """The dispatch of the institution's copy, of a department's, or of the report."""
    rows = Dispatch.objects.filter(meeting=stage.meeting)
    if full is None:
        return rows.get(kind="report")
    if full:
        return rows.filter(copy__full=True, unit=stage["seat2"].unit).get()
    return rows.get(copy__full=False)


def sent(dispatch: Dispatch) -> Dispatch:
    tasks.send_dispatch(dispatch.pk)
    return Dispatch.objects.get(pk=dispatch.pk)


def parts(dispatch: Dispatch) -> dict[str, Any]:
    """What the package has, each JSON read."""
    with zipfile.ZipFile(dispatch.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(cause: str, act: Any, dispatch: Dispatch, by: Any) -> None:
    before = Entry.objects.count()
    with pytest.raises(Refused) as caught:
        act(dispatch, by=by)
    assert caught.value.context.get("cause", caught.value.code) == cause
    assert Entry.objects.count() == before


# --- put out and sent ---


@pytest.mark.article("21")
def test_each_copy_is_put_out_with_a_stable_key_and_a_job(distributed):
    rows = Dispatch.objects.filter(meeting=distributed.meeting)
    departments = Unit.objects.filter(parent=distributed.committee.branch, kind=Unit.Kind.DEPARTMENT)
    assert {row.unit for row in rows} == {*departments, distributed.proposal.unit}
    assert {row.key for row in rows} == {f"copy:{row.copy_id}" for row in rows}
    assert all(row.sent_at is None for row in rows)
    jobs = ProcrastinateJob.objects.filter(task_name=SEND)
    assert {job.args["dispatch"] for job in jobs} >= {row.pk for row in rows}


def test_a_copy_in_full_has_names_and_an_institutions_has_none(distributed):
    full, own = sent(of(distributed, full=True)), sent(of(distributed, full=False))
    names = {distributed[handle].display_name for handle in distributed.seats}
    texts = {each: b"".join(parts(each).values()).decode() for each in (full, own)}
    assert all(name in texts[full] for name in names)
    assert not any(name in texts[own] for name in names)
    content = json.loads(parts(own)["minutes.json"])
    assert content["content"] == own.copy.content


@pytest.mark.article("12")
def test_the_report_is_one_package_of_minutes_tally_resolutions_and_itself(reported):
    found = parts(sent(of(reported)))
    assert {name.partition("/")[2].partition("-")[2] for name in found if name.startswith("record/")} == {
        "tally.json", "resolution.json", "minutes.json", "report.json",
    }  # fmt: skip
    sums = checksums.read(found["SHA256SUMS"])
    assert {name: checksums.of_bytes(body) for name, body in found.items() if name != "SHA256SUMS"} == sums
    assert reported.bank.unit.name in found["index.html"].decode()


def test_what_is_sent_is_in_the_log_with_its_checksum_and_never_sent_twice(reported):
    before = Entry.objects.filter(action="send_dispatch").count()
    row = sent(of(reported))
    assert checksums.of_file(row.path) == row.sha256
    assert row.path.stat().st_size == row.size
    assert sent(row).sent_at == row.sent_at
    assert send_dispatch(row, by=SYSTEM).tries == 1
    assert Entry.objects.filter(action="send_dispatch").count() == before + 1
    with pytest.raises(DatabaseError), transaction.atomic():
        as_owner("INSERT INTO office_dispatch SELECT * FROM office_dispatch WHERE id = {}", row.pk)


@pytest.mark.parametrize("column", ["sha256 = 'x'", "sent_at = now()", "key = 'x'"])
def test_what_was_sent_never_changes(reported, column):
    row = sent(of(reported))
    with pytest.raises(DatabaseError), transaction.atomic():
        as_owner(f"UPDATE office_dispatch SET {column} WHERE id = {{}}", row.pk)


def test_a_failure_is_noted_and_the_next_try_sends_it_once(reported, monkeypatch):
    def full(*_given: Any) -> None:
        raise OSError(28, "No space left on device")

    row = of(reported)
    with monkeypatch.context() as failing:
        failing.setattr(writing, "_counted", full)
        for tries in (1, 2):
            with pytest.raises(writing.CannotWrite):
                tasks.send_dispatch(row.pk)
            noted = Dispatch.objects.get(pk=row.pk)
            assert (noted.tries, noted.sent_at) == (tries, None)
            assert "no space left" in noted.failure
    assert not list(noted.path.parents[1].rglob("*.zip"))
    row = sent(row)
    assert (row.tries, row.failure) == (3, "")
    assert row.sent_at is not None


def test_a_try_that_was_cut_off_before_its_commit_gives_the_same_package(reported):
    row = of(reported)
    with transaction.atomic():
        first = send_dispatch(row, by=SYSTEM).sha256
        transaction.set_rollback(True)
    assert Dispatch.objects.get(pk=row.pk).sent_at is None
    assert sent(row).sha256 == first
    assert len(list(row.path.parents[1].rglob("*.zip"))) == 1


# --- received and acknowledged ---


@pytest.mark.parametrize(
    ("full", "step", "officer", "others"),
    [
        (True, "distributed", "seat2", {"liaison": "access/denied", "handler": "access/not-found"}),
        (False, "distributed", "handler", {"liaison": "access/denied", "other_handler": "access/not-found"}),
        (None, "reported", "head_office", {"liaison": "access/denied", "handler": "access/not-found"}),
    ],
)  # fmt: skip
def test_the_addressee_receives_and_acknowledges_once(founded, full, step, officer, others):
    founded.to(step)
    row, by = of(founded, full=full), founded[officer]
    refused("dispatch/under-way", receive_dispatch, row, by)
    row = sent(row)
    for handle, code in {**others, "auditor": "access/denied"}.items():
        refused(code, receive_dispatch, row, founded[handle])
        refused(code, acknowledge_dispatch, row, founded[handle])
    refused("dispatch/not-received", acknowledge_dispatch, row, by)
    before = Entry.objects.filter(stream=founded.meeting.stream).count()
    assert receive_dispatch(row, by=by).received_by == by
    refused("dispatch/received", receive_dispatch, row, by)
    assert acknowledge_dispatch(row, by=by).acknowledged_by == by
    refused("dispatch/acknowledged", acknowledge_dispatch, row, by)
    assert Entry.objects.filter(stream=founded.meeting.stream).count() == before + 2
    with pytest.raises(DatabaseError), transaction.atomic():
        as_owner("UPDATE office_dispatchreceipt SET acknowledged_at = now()")


def test_receiving_the_report_is_one_act_by_whichever_way(reported):
    row = sent(of(reported))
    receive_dispatch(row, by=reported["head_office"])
    report = Report.objects.get(meeting=reported.meeting)
    assert report.received_by == reported["head_office"]
    assert report.received_at == DispatchReceipt.objects.get(dispatch=row).received_at
    reported.refused("state/not-allowed", "receive_report")


def test_a_report_received_as_before_has_its_receipt_too(reported):
    reported.do("receive_report")
    assert DispatchReceipt.objects.get(dispatch=of(reported)).received_by == reported["head_office"]
    refused("dispatch/under-way", receive_dispatch, of(reported), reported["head_office"])
    row = sent(of(reported))
    refused("dispatch/received", receive_dispatch, row, reported["head_office"])


# --- on the pages ---


def posted(stage: Stage, handle: str, row: Dispatch, verb: str) -> Any:
    client = as_(stage[handle])
    page = page_text(client.get(reverse("dispatch", args=[row.pk])))
    once = re.search(r'name="once" value="([^"]*)"', page)
    given = {"once": once[1]} if once else {}
    return client.post(reverse("dispatch-act", args=[row.pk, verb]), given)


def test_the_addressee_finds_reads_receives_and_acknowledges_it(distributed):
    row = sent(of(distributed, full=False))
    client = as_(distributed["handler"])
    assert reverse("dispatch", args=[row.pk]) in page_text(client.get(reverse("dispatches")))
    assert reverse("dispatches") in page_text(client.get(reverse("messages")))
    package = client.get(reverse("dispatch-package", args=[row.pk]))
    body = package.content
    assert checksums.of_bytes(body) == row.sha256
    assert zipfile.ZipFile(BytesIO(body)).testzip() is None
    assert "sandbox" in package["Content-Security-Policy"]
    assert posted(distributed, "handler", row, "receive").status_code == 302
    assert posted(distributed, "handler", row, "acknowledge").status_code == 302
    again = posted(distributed, "handler", row, "acknowledge")
    assert again.status_code == 409
    assert "It has been acknowledged already." in page_text(again)


def test_the_outbox_shows_what_is_under_way_and_why_it_failed(reported, monkeypatch):
    def full(*_given: Any) -> None:
        raise OSError(28, "No space left on device")

    row = of(reported)
    client = as_(reported["liaison"])
    assert "under way" in page_text(client.get(reverse("outbox")))
    monkeypatch.setattr(writing, "_counted", full)
    with pytest.raises(writing.CannotWrite):
        tasks.send_dispatch(row.pk)
    monkeypatch.undo()
    assert "failed" in page_text(client.get(reverse("outbox")))
    assert "There is no space left" in page_text(client.get(reverse("dispatch", args=[row.pk])))
    before = ProcrastinateJob.objects.filter(task_name=SEND).count()
    assert posted(reported, "liaison", row, "again").status_code == 302
    assert ProcrastinateJob.objects.filter(task_name=SEND).count() == before + 1
    row = sent(row)
    refused_page = posted(reported, "liaison", row, "again")
    assert refused_page.status_code == 409
    assert "nothing is sent twice" in page_text(refused_page)
    assert ProcrastinateJob.objects.filter(task_name=SEND).count() == before + 1


def test_who_has_nothing_to_do_with_it_does_not_find_it(distributed):
    row = sent(of(distributed, full=False))
    for handle in ("other_handler", "seat2", "chair", "credit", "head_office"):
        client = as_(distributed[handle])
        for name in ("dispatch", "dispatch-package"):
            assert client.get(reverse(name, args=[row.pk])).status_code == 404, (handle, name)
        for verb in ("receive", "acknowledge", "again"):
            assert client.post(reverse("dispatch-act", args=[row.pk, verb])).status_code == 404
    for verb in ("receive", "acknowledge"):
        assert posted(distributed, "liaison", row, verb).status_code == 403
    assert posted(distributed, "auditor", row, "again").status_code == 403
    assert as_(distributed["chair"]).get(reverse("outbox")).status_code == 404
