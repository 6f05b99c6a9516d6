"""Copies and reports are sent once, however often it is tried, and have their receipts (Art. 12.5, 21)."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from audit import clock, note
from audit.models import Checkpoint, Entry
from audit.note import Signer
from audit.recording import SYSTEM, rehearsed
from committee.models import Message, Person, Unit
from documents import checksums
from documents.archive import writing
from documents.attached import attached
from office import packages, tasks
from office.actions.dispatches import (
    acknowledge_dispatch,
    addressees,
    note_failure,
    receive_dispatch,
    send_again,
    send_dispatch,
)
from office.actions.outgoing import SEND
from office.models import Dispatch, DispatchReceipt, Paper, Report
from office.papers.files import DATA
from office.permissions import dispatches_addressed_to
from regulation.refused import Refused
from tests.pages.pages import as_, look, page_text
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
    distributed.do("draw_up_papers")
    full, own = sent(of(distributed, full=True)), sent(of(distributed, full=False))
    names = {distributed[handle].display_name for handle in distributed.seats}
    texts = {each: said(each) for each in (full, own)}
    assert all(name in texts[full] for name in names)
    assert not any(name in texts[own] for name in names)
    content = json.loads(parts(own)["minutes.json"])
    assert content["content"] == own.copy.content


def said(dispatch: Dispatch) -> str:
    """What the package says: its text, and the data that each PDF was made of."""
    found = []
    for name, content in parts(dispatch).items():
        found.append((attached(content, DATA) if name.endswith(".pdf") else content).decode())
    return json.dumps("".join(found), ensure_ascii=False)


@pytest.mark.article("21")
def test_an_institutions_package_has_its_papers_as_pdf_and_nothing_that_names_a_voter(distributed):
    row = of(distributed, full=False)
    with transaction.atomic():
        early = parts(send_dispatch(row, by=SYSTEM))
        transaction.set_rollback(True)
    extracts = {"extract-zh-hans.pdf", "extract-en.pdf"}
    assert {name for name in early if name.endswith(".pdf")} == extracts
    assert [each["text"] for each in json.loads(early["index.json"])["missing"]] == [
        "Plan: 1 not drawn up",
        "Resolution: 1 not drawn up",
    ]
    distributed.do("draw_up_papers")
    found = parts(sent(row))
    papers = {name for name in found if name.endswith(".pdf")} - extracts
    assert {name.partition("-")[0] for name in papers} == {"plan", "resolution"}
    assert len(papers) == 4  # each in both languages
    assert json.loads(found["index.json"])["missing"] == []
    told = json.loads(attached(found["extract-zh-hans.pdf"], DATA))
    assert told["title"].endswith("会议纪要摘录")
    assert any("清收化解方案：通过" in block.get("text", "") for block in told["blocks"])
    allowed = Paper.objects.visible_to(distributed["handler"])
    for name in papers:
        assert allowed.filter(sha256=checksums.of_bytes(found[name])).exists(), name


@pytest.mark.article("12")
def test_the_report_is_one_package_of_minutes_tally_resolutions_and_itself(reported):
    found = parts(sent(of(reported)))
    assert {name.partition("/")[2].partition("-")[2] for name in found if name.startswith("record/")} == {
        "tally.json", "resolution.json", "minutes.json", "report.json",
    }  # fmt: skip
    sums = checksums.read(found["SHA256SUMS"])
    assert {name: checksums.of_bytes(body) for name, body in found.items() if name != "SHA256SUMS"} == sums
    assert reported.bank.unit.name in found["index.html"].decode()


LOG = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
HEAD = note.Checkpoint(LOG.key.name, 7, bytes(32)).text
NOTE = f"{HEAD}\n{LOG.line(HEAD)}"


@pytest.mark.article("12")
def test_the_report_has_the_last_checkpoint_of_the_log_where_there_is_one(reported, monkeypatch):
    row = Checkpoint(size=7, note=NOTE, made_at=clock.now())

    class Rows:
        def order_by(self, column):
            assert column == "-size"
            return self

        def first(self):
            return row

    assert not [name for name in parts(sent(of(reported, full=True))) if "checkpoint" in name]
    monkeypatch.setattr(packages.Checkpoint, "objects", Rows())
    found = parts(sent(of(reported)))
    (name,) = (name for name in found if "checkpoint" in name)
    assert found[name] == row.note.encode()


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
            assert noted.cause == Dispatch.Cause.SPACE
    assert not list(noted.path.parents[1].rglob("*.zip"))
    row = sent(row)
    assert (row.tries, row.cause, row.failure) == (3, "", "")
    assert row.sent_at is not None


def test_a_report_whose_package_cannot_be_made_is_not_received(reported):
    note_failure(of(reported), writing.CannotWrite("a file is missing", writing.Why.LOST))
    told = reported.refused("state/not-allowed", "receive_report")
    assert told.context["cause"] == "dispatch/under-way"
    sent(of(reported))
    reported.do("receive_report")


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (writing.CannotWrite("/srv/x.pdf: sha", writing.Why.LOST), "missing or was changed", "缺失或被改动"),
        (writing.CannotWrite("/srv full", writing.Why.SPACE), "no space left on the disk", "磁盘空间不足"),
        (OSError(28, "/srv No space"), "no space left on the disk", "磁盘空间不足"),
        (OSError(5, "/srv Input/output error"), "A technical fault", "技术故障"),
    ],
)
def test_why_it_failed_is_said_in_words_with_the_error_beside(reported, error, english, chinese):
    row = of(reported, full=True)
    note_failure(row, error)
    for language, told in (("en", english), ("zh-hans", chinese)):
        page = look(reported["liaison"], "dispatch", row.pk, language=language)
        assert told in page
        words, _fold, _beside = page.partition("<details")
        assert "/srv" not in words.partition("<dl")[2]
        assert "/srv" in page


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


# --- whoever it concerns is told ---


@pytest.mark.parametrize("full", [True, False, None])
def test_whoever_is_told_is_whoever_it_is_addressed_to(founded, full):
    founded.to("reported")
    row = of(founded, full=full)
    known = {
        person.pk
        for person in founded.people.values()
        if Dispatch.objects.filter(dispatches_addressed_to(person), pk=row.pk).exists()
    }
    assert known
    assert {*addressees(row)} == known


def arrived(row: Dispatch) -> set[int]:
    rows = Message.objects.filter(kind="send_dispatch", about=row.subject, done_at=None)
    return set(rows.values_list("person", flat=True))


@pytest.mark.article("21")
def test_the_addressees_are_told_on_arrival_and_once_more_when_it_is_sent_again(distributed):
    row = of(distributed, full=False)
    assert arrived(row) == set()
    row = sent(row)
    both = {distributed["handler"].pk, distributed["handler_head"].pk}
    assert arrived(row) == both
    clock.travel(clock.now() + timedelta(days=1))
    entries = Entry.objects.filter(action="send_again").count()
    again = send_again(row, by=distributed["liaison"])
    assert (again.sha256, again.sent_at, again.tries) == (row.sha256, row.sent_at, 1)
    assert Message.objects.filter(kind="send_dispatch", about=row.subject).count() == 4
    assert arrived(row) == both
    assert Entry.objects.filter(action="send_again").count() == entries + 1
    receive_dispatch(row, by=distributed["handler"])
    refused("dispatch/received", send_again, row, distributed["liaison"])
    acknowledge_dispatch(row, by=distributed["handler"])
    assert arrived(row) == set()


def test_of_a_report_head_office_has_one_message_until_it_is_received(reported):
    row = sent(of(reported))
    for _ in range(2):
        send_again(row, by=reported["liaison"])
    open_ones = Message.objects.filter(kind="report_decisions", about=reported.meeting.subject, done_at=None)
    assert [each.person for each in open_ones] == [reported["head_office"]]
    receive_dispatch(row, by=reported["head_office"])
    assert not open_ones.all().exists()


def test_the_liaison_s_desk_shows_what_is_not_received_until_it_is(reported):
    row = sent(of(reported, full=False))
    every = Dispatch.objects.filter(meeting=reported.meeting)
    address = f"{reverse('outbox')}?meeting={reported.meeting.pk}"

    def desk(handle: str) -> str:
        return page_text(as_(reported[handle]).get("/"))

    assert address in desk("liaison")
    assert f"{every.count()} not received" in desk("liaison")
    assert address not in desk("chair")
    note_failure(every.filter(sent_at=None)[0], OSError(28, "No space left"))
    assert "1 failed" in desk("liaison")
    receive_dispatch(row, by=reported["handler"])
    assert f"{every.count() - 1} not received" in desk("liaison")
    outbox = page_text(as_(reported["liaison"]).get(address))
    assert reverse("dispatch", args=[row.pk]) in outbox
    other = page_text(as_(reported["liaison"]).get(f"{reverse('outbox')}?meeting={reported.meeting.pk + 1}"))
    assert reverse("dispatch", args=[row.pk]) not in other
    for each in every.exclude(pk=row.pk):
        given = (each.report and reported["head_office"]) or Person.objects.get(pk=addressees(each)[0])
        receive_dispatch(sent(each), by=given)
    assert address not in desk("liaison")


def test_the_message_leads_to_what_was_sent(distributed):
    row = sent(of(distributed, full=False))
    shown = page_text(as_(distributed["handler"]).get(reverse("messages")))
    assert "Minutes were sent to your unit" in shown
    assert row.number in shown


# --- in rehearsals, where no worker is ---


def test_in_a_rehearsal_what_was_put_out_has_arrived_when_it_is_received(signed):
    with rehearsed("a test"):
        signed.to("distributed")
        row = of(signed, full=False)
        assert row.sent_at is None
        receive_dispatch(row, by=signed["handler"])
    row.refresh_from_db()
    assert checksums.of_file(row.path) == row.sha256


# --- by programs ---


def test_a_program_receives_and_acknowledges_what_it_sees(distributed):
    row = sent(of(distributed, full=False))
    other = of(distributed, full=True)
    for handle, addressed in (("handler", True), ("liaison", False)):
        assert listed(distributed, handle)[row.pk]["addressed"] is addressed
    assert other.pk in listed(distributed, "liaison")
    assert other.pk not in listed(distributed, "handler")
    assert as_(distributed["handler"]).get(f"/api/dispatches/{other.pk}/").status_code == 404
    assert asked(distributed, "handler", row, "acknowledge_dispatch").status_code == 409
    told = asked(distributed, "handler", row, "receive_dispatch").json()["dispatch"]
    assert (told["id"], told["sha256"], told["acknowledged_at"]) == (row.pk, row.sha256, None)
    assert told["received_at"]
    told = asked(distributed, "handler", row, "acknowledge_dispatch").json()["dispatch"]
    assert told["acknowledged_at"]
    assert asked(distributed, "handler", row, "acknowledge_dispatch").json()["code"] == "state/not-allowed"


# --- on the pages ---


VERBS = ("receive_dispatch", "acknowledge_dispatch", "send_again")


def asked(stage: Stage, handle: str, row: Dispatch, verb: str) -> Any:
    """What a program of the person is answered."""
    body = json.dumps({"dispatch": row.pk})
    return as_(stage[handle]).post(f"/api/{verb}/", body, content_type="application/json")


def listed(stage: Stage, handle: str) -> dict[int, dict[str, Any]]:
    """What was sent, as a program of the person sees it."""
    found = as_(stage[handle]).get("/api/dispatches/").json()["dispatches"]
    return {each["id"]: each for each in found}


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
    body = package.getvalue()
    assert checksums.of_bytes(body) == row.sha256
    assert zipfile.ZipFile(BytesIO(body)).testzip() is None
    assert "sandbox" in package["Content-Security-Policy"]
    assert posted(distributed, "handler", row, "receive_dispatch").status_code == 302
    assert posted(distributed, "handler", row, "acknowledge_dispatch").status_code == 302
    again = posted(distributed, "handler", row, "acknowledge_dispatch")
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
    ProcrastinateJob.objects.filter(task_name=SEND).update(scheduled_at=clock.now() + timedelta(hours=1))
    for _ in range(2):
        assert posted(reported, "liaison", row, "send_again").status_code == 302
    assert ProcrastinateJob.objects.filter(task_name=SEND).count() == before + 1
    row = sent(row)
    package = row.sha256
    assert posted(reported, "liaison", row, "send_again").status_code == 302
    reported.do("receive_report")
    refused_page = posted(reported, "liaison", row, "send_again")
    assert refused_page.status_code == 409
    assert "It has been received already." in page_text(refused_page)
    assert Dispatch.objects.get(pk=row.pk).sha256 == package
    assert ProcrastinateJob.objects.filter(task_name=SEND).count() == before + 1


def test_who_has_nothing_to_do_with_it_does_not_find_it(distributed):
    row = sent(of(distributed, full=False))
    for handle in ("other_handler", "seat2", "chair", "credit", "head_office"):
        client = as_(distributed[handle])
        for name in ("dispatch", "dispatch-package"):
            assert client.get(reverse(name, args=[row.pk])).status_code == 404, (handle, name)
        for verb in VERBS:
            assert client.post(reverse("dispatch-act", args=[row.pk, verb])).status_code == 404
            assert asked(distributed, handle, row, verb).status_code == 404
        assert row.pk not in listed(distributed, handle)
    for verb, code in zip(VERBS, ("access/denied", "access/denied", "12/only-liaison"), strict=True):
        handle = "handler_head" if verb == "send_again" else "liaison"
        for who in (handle, "auditor"):
            assert posted(distributed, who, row, verb).status_code == 403
            told = asked(distributed, who, row, verb)
            assert (told.status_code, told.json()["code"]) == (403, code)
    assert as_(distributed["chair"]).get(reverse("outbox")).status_code == 404
