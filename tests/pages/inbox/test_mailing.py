"""Messages as mail: in whose language, once, and again after a crash."""

from __future__ import annotations

from datetime import timedelta
from email import policy
from email.parser import BytesParser

import pytest
from django.core import mail
from django.utils import timezone
from icalendar import Calendar
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from committee.messages import MAIL
from committee.models import Message, Person
from pages import tasks
from pages.inbox import mailing
from tests.stage import MEETING, as_owner


@pytest.fixture
def message(submitted):
    found = Message.objects.get(person=submitted["liaison"])
    assert mail.outbox == []
    return found


def test_the_job_that_actions_queue_is_there():
    assert MAIL in app.tasks
    assert app.tasks[MAIL] is tasks.mail_message


@pytest.mark.parametrize("task", [tasks.mail_message, tasks.mail_former_address])
def test_mail_that_is_not_taken_is_sent_again_less_and_less_often_for_a_night_and_a_day(task):
    job, waits = Job(queue="", lock=None, queueing_lock=None, task_name=task.name), []
    while (retry := task.get_retry_exception(OSError(), job.evolve(attempts=len(waits)))) is not None:
        waits.append(retry.retry_decision.retry_at - timezone.now())
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=1)
    assert timedelta(hours=12) < sum(waits, timedelta()) < timedelta(hours=48)


def test_a_message_is_mailed_once_and_noted(submitted, message):
    mailing.send(message.pk)
    mailing.send(message.pk)
    (sent,) = mail.outbox
    assert sent.to == [submitted["liaison"].email]
    assert submitted.proposal.__class__.objects.get(pk=submitted.proposal.pk).written_number in sent.subject
    assert "shortlisted" in sent.body
    assert sent.extra_headers["Message-ID"] == mailing.message_id(message)
    assert Message.objects.get(pk=message.pk).mailed_at is not None


def test_mail_is_in_the_language_that_its_reader_chose(submitted, message):
    Person.objects.filter(pk=message.person_id).update(language="zh-hans")
    mailing.send(message.pk)
    assert mail.outbox[0].subject.startswith("【联席】收到新提交的方案")
    assert "第十四条" in mail.outbox[0].body


def test_mail_leads_to_the_message_where_the_address_of_the_site_is_known(message, settings):
    settings.SITE_URL = ""
    assert "http" not in mailing.mail_of(message).body
    settings.SITE_URL = "https://lianxi.bank.example"
    assert f"https://lianxi.bank.example/messages/{message.pk}/" in mailing.mail_of(message).body


def test_mail_speaks_of_nothing_that_its_reader_may_not_see_when_it_leaves(noticed):
    noticed.do(
        "authorise_proxy",
        holder=noticed["deputy2"],
        proposals=[noticed.proposal],
        powers=["vote"],
        document="S",
    )
    message = Message.objects.get(person=noticed["deputy2"])
    assert "Vote" in mailing.mail_of(message).body
    noticed.do("revoke_proxy")
    sent = mailing.mail_of(message)
    for hidden in (noticed.meeting.written_number, noticed["seat2"].display_name, "Vote"):
        assert hidden not in sent.body + sent.subject


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}], ids=str)
def test_whoever_has_no_address_or_has_left_gets_no_mail(message, change):
    Person.objects.filter(pk=message.person_id).update(**change)
    mailing.send(message.pk)
    assert mail.outbox == []
    assert Message.objects.get(pk=message.pk).mailed_at is None


def test_a_rehearsals_message_is_never_mailed(message):
    as_owner("UPDATE committee_message SET to_mail = false WHERE id = {}", message.pk)
    mailing.send(message.pk)
    assert mail.outbox == []


def test_no_two_messages_share_an_id(ground, message):
    other = Message(pk=message.pk + 1, at=message.at)
    later = Message(pk=message.pk, at=timezone.now())
    assert len({mailing.message_id(each) for each in (message, other, later)}) == 3


def calendar(message):
    """The calendar object of the mail: its method, and its event, alike in each part that carries it."""
    mailed = BytesParser(policy=policy.default).parsebytes(mailing.mail_of(message).message().as_bytes())
    parts = [part for part in mailed.walk() if part.get_content_type() == "text/calendar"]
    if not parts:
        return None
    assert [part.get_content_disposition() for part in parts] == [None, "attachment"]
    assert {part.get_param("charset") for part in parts} == {"utf-8"}
    (text,) = {part.get_content() for part in parts}
    read = Calendar.from_ical(text)
    assert {part.get_param("method") for part in parts} == {str(read["METHOD"])}
    beside = next(part for part in mailed.walk() if part.get_content_type() == "multipart/alternative")
    assert [part.get_content_type() for part in beside.iter_parts()] == ["text/plain", "text/calendar"]
    (event,) = read.walk("VEVENT")
    return str(read["METHOD"]), event


def last(stage, handle, **of):
    return Message.objects.filter(person=stage[handle], **of).latest("pk")


def test_the_mail_of_a_notice_brings_the_meeting_into_the_calendar_and_that_of_its_cancellation_out(noticed):
    method, invited = calendar(last(noticed, "seat3"))
    assert method == "PUBLISH"
    noticed.do("cancel_meeting", reason="Paid")
    method, cancelled = calendar(last(noticed, "seat3"))
    assert (method, str(cancelled["STATUS"])) == ("CANCEL", "CANCELLED")
    assert cancelled["UID"] == invited["UID"]
    assert cancelled["SEQUENCE"] > invited["SEQUENCE"]


def _revoke(stage):
    stage.do("revoke_proxy", "seat3")


def _principal_comes(stage):
    stage.travel(MEETING)
    stage.sign_in("seat3")


def _nothing_is_left(stage):
    stage.do("withdraw", reason="Paid")


def _dropped(stage):
    stage.do("change_meeting", proposals=[stage.other])


def _vacated(stage):
    stage.do("vacate_seat", seat=3)


#: how a proxy comes to an end → the kind of message that says so
ENDS = {
    "revoke_proxy": _revoke,
    "end_proxy": _principal_comes,
    "uncover_proxy": _nothing_is_left,
    "uncover_proxy by a change": _dropped,
    "end_proxy by vacating": _vacated,
}


@pytest.fixture
def with_two_items(filed):
    filed.other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, filed.other)
    filed.do("send_notice")
    return filed


@pytest.mark.parametrize("end", ENDS)
def test_whoever_holds_no_proxy_any_more_is_uninvited_by_mail_that_names_the_meeting(with_two_items, end):
    stage = with_two_items
    stage.proxy()
    method, invited = calendar(last(stage, "deputy3"))
    assert method == "PUBLISH"
    ENDS[end](stage)
    message = last(stage, "deputy3")
    assert message.kind == end.partition(" ")[0]
    assert stage.meeting.written_number in mailing.mail_of(message).subject
    method, ended = calendar(message)
    assert (method, str(ended["STATUS"])) == ("CANCEL", "CANCELLED")
    assert ended["UID"] == invited["UID"]
    assert ended["SEQUENCE"] > invited["SEQUENCE"]
    assert ended["DTSTART"].dt == invited["DTSTART"].dt
    assert "DESCRIPTION" not in ended
    assert "Vote" not in mailing.mail_of(message).body


def test_whoever_is_authorised_again_is_invited_again(noticed):
    noticed.proxy()
    noticed.do("revoke_proxy", "seat3")
    _method, ended = calendar(last(noticed, "deputy3"))
    noticed.proxy()
    method, again = calendar(last(noticed, "deputy3"))
    assert method == "PUBLISH"
    assert again["SEQUENCE"] > ended["SEQUENCE"]


def test_a_revocation_mailed_after_a_new_authorisation_takes_nothing_out(noticed):
    noticed.proxy()
    noticed.do("revoke_proxy", "seat3")
    late = last(noticed, "deputy3")
    noticed.proxy()
    assert late.kind == "revoke_proxy"
    assert calendar(late) is None


def test_a_proxy_hears_of_a_new_time_with_the_new_notice_and_of_the_end_of_the_meeting(noticed):
    noticed.proxy()
    noticed.do("change_meeting", at=MEETING + timedelta(days=2), place="Room 4")
    noticed.do("send_notice")
    method, moved = calendar(last(noticed, "deputy3", kind="notice_to_proxy"))
    assert (method, moved["DTSTART"].dt) == ("PUBLISH", MEETING + timedelta(days=2))
    noticed.do("cancel_meeting", reason="Paid")
    method, cancelled = calendar(last(noticed, "deputy3", kind="cancel_meeting"))
    assert method == "CANCEL"
    assert cancelled["SEQUENCE"] > moved["SEQUENCE"]


@pytest.mark.parametrize("former", ["seat3", "deputy3"])
def test_a_former_holder_and_a_former_proxy_hear_that_the_meeting_is_off_and_nothing_of_its_why(
    noticed, former
):
    noticed.proxy()
    noticed.do("revoke_proxy", "seat3")
    noticed.do("vacate_seat", seat=3)
    method, left = calendar(last(noticed, former, about=noticed.meeting.subject))
    assert method == "CANCEL"
    noticed.do("change_meeting", at=MEETING + timedelta(days=2), place="Room 4")
    noticed.do("cancel_meeting", reason="Paid")
    message = last(noticed, former)
    assert message.kind == "cancel_meeting"
    method, event = calendar(message)
    assert method == "CANCEL"
    assert event["SEQUENCE"] > left["SEQUENCE"]
    assert event["DTSTART"].dt == MEETING
    sent = mailing.mail_of(message)
    assert noticed.meeting.written_number in sent.subject
    for hidden in ("Paid", "Room 4", "Room 3"):
        assert hidden not in sent.body


def test_a_former_holder_is_uninvited_and_the_new_one_invited_with_the_notice(noticed):
    _method, invited = calendar(last(noticed, "seat3"))
    noticed.do("vacate_seat", seat=3)
    message = last(noticed, "seat3")
    assert message.kind == "leave_meeting"
    method, ended = calendar(message)
    assert method == "CANCEL"
    assert ended["SEQUENCE"] > invited["SEQUENCE"]
    noticed.do("fill_seat", seat=3, holder=noticed["outsider"])
    noticed.do("send_notice")
    method, event = calendar(last(noticed, "outsider"))
    assert (method, event["UID"]) == ("PUBLISH", invited["UID"])


def test_other_mail_has_no_attachment(message):
    assert mailing.mail_of(message).attachments == []
    assert mailing.mail_of(message).alternatives == []
