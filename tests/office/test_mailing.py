"""Messages as mail: in whose language, once, and again after a crash."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django import app

from committee.messages import MAIL
from committee.models import Message, Person
from office import mailing, tasks
from tests.stage import *  # noqa: F403  # the fixtures


@pytest.fixture
def message(submitted):
    found = Message.objects.get(person=submitted["liaison"])
    assert mail.outbox == []
    return found


def test_the_job_that_actions_queue_is_there():
    assert MAIL in app.tasks
    assert app.tasks[MAIL] is tasks.mail_message


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


def test_a_rehearsals_message_is_never_mailed(message):
    Message.objects.filter(pk=message.pk).update(to_mail=False)
    mailing.send(message.pk)
    assert mail.outbox == []


def test_no_two_messages_share_an_id(ground, message):
    other = Message(pk=message.pk + 1, at=message.at)
    later = Message(pk=message.pk, at=timezone.now())
    assert len({mailing.message_id(each) for each in (message, other, later)}) == 3


def test_the_mail_of_a_notice_brings_the_meeting_into_the_calendar_and_that_of_its_cancellation_out(noticed):
    def calendar():
        last = Message.objects.filter(person=noticed["seat3"]).latest("pk")
        ((_name, content, kind),) = mailing.mail_of(last).attachments
        assert kind == "text/calendar"
        return content

    assert "METHOD:PUBLISH" in calendar()
    noticed.do("cancel_meeting", reason="Paid")
    assert "METHOD:CANCEL" in calendar()


def test_other_mail_has_no_attachment(message):
    assert mailing.mail_of(message).attachments == []
