"""How a person is told: at once or once a day, of plans followed, and of nothing that is not seen."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from committee.models import Message, Person, Position
from pages.inbox import digest, following, mailing
from pages.models import Follow, NoticeSettings
from tests.pages.pages import as_, look


def daily(person):
    NoticeSettings.objects.update_or_create(person=person, defaults={"mail": "daily"})


def test_the_choice_of_mail_is_saved_and_shown(founded):
    client, address = as_(founded["liaison"]), reverse("notices")
    assert 'value="each" checked' in client.get(address).content.decode()
    client.post(address, {"mail": "daily"})
    assert 'value="daily" checked' in client.get(address).content.decode()
    told = client.post(address, {"mail": "never"}, follow=True).content.decode()
    assert "Choose how you want to be told" in told
    assert NoticeSettings.objects.get(person=founded["liaison"]).mail == "daily"


def test_what_is_not_urgent_waits_for_the_digest_and_leaves_once(submitted):
    daily(submitted["liaison"])
    submitted.another("C-2", to="submitted")
    for message in Message.objects.filter(person=submitted["liaison"]):
        mailing.send(message.pk)
    assert mail.outbox == []
    assert digest.people() == [submitted["liaison"].pk]
    digest.send(submitted["liaison"].pk)
    digest.send(submitted["liaison"].pk)
    (sent,) = mail.outbox
    assert sent.to == [submitted["liaison"].email]
    assert sent.subject == "[Lianxi] Messages of the day"
    assert sent.body.count("A plan was submitted") == 2


def test_what_has_its_hour_is_mailed_at_once(noticed):
    daily(noticed["seat2"])
    message = Message.objects.get(person=noticed["seat2"], kind="send_notice")
    mailing.send(message.pk)
    assert len(mail.outbox) == 1
    digest.send(noticed["seat2"].pk)
    assert len(mail.outbox) == 1


def test_what_was_read_or_done_or_is_old_is_in_no_digest(submitted):
    reader = submitted["liaison"]
    daily(reader)
    submitted.do("shortlist")
    digest.send(reader.pk)
    submitted.another("C-2", to="submitted")
    submitted.travel(timedelta(days=8))
    digest.send(reader.pk)
    assert mail.outbox == []


def test_the_digest_tells_nothing_of_what_its_reader_sees_no_more(submitted):
    submitted.do("return", reason="A page is missing")
    reader = submitted["handler"]
    daily(reader)
    Position.objects.filter(person=reader).delete()
    digest.send(reader.pk)
    (sent,) = mail.outbox
    assert submitted.now(submitted.proposal).written_number not in sent.body
    assert "no longer open to you" in sent.body


def test_a_digest_is_in_its_readers_language(submitted):
    Person.objects.filter(pk=submitted["liaison"].pk).update(language="zh-hans")
    daily(submitted["liaison"])
    digest.send(submitted["liaison"].pk)
    assert "第十四条" in mail.outbox[0].body


def test_a_follower_is_told_of_each_change_once(submitted):
    client = as_(submitted["handler_head"])
    address = reverse("follow", args=[submitted.proposal.pk])
    assert "Follow the plan" in client.get(address).content.decode()
    for _twice in range(2):
        client.post(address, {"follow": "yes"})
    assert "You follow this plan" in client.get(address).content.decode()
    following.tell_followers()
    told = Message.objects.filter(person=submitted["handler_head"], kind="follow")
    assert told.count() == 0
    submitted.do("shortlist")
    following.tell_followers()
    following.tell_followers()
    assert told.count() == 1
    assert "It is now: Shortlisted." in look(submitted["handler_head"], "messages")
    client.post(address, {"follow": "no"})
    submitted.do("file_docket", proposals=[submitted.proposal])
    following.tell_followers()
    assert told.count() == 1


def test_who_sees_a_plan_no_more_is_told_nothing_of_it(submitted):
    person = submitted["handler_head"]
    following.follow(submitted.now(submitted.proposal), person)
    Position.objects.filter(person=person).delete()
    submitted.do("shortlist")
    following.tell_followers()
    assert not Message.objects.filter(person=person, kind="follow").exists()
    assert not Follow.objects.exists()
    assert as_(person).get(reverse("follow", args=[submitted.proposal.pk])).status_code == 404


def test_a_follower_learns_nothing_of_an_open_vote(voting):
    following.follow(voting.now(voting.proposal), voting["handler_head"])
    Follow.objects.update(state="tabled")
    voting.do("cast", "seat2", choice="against", reason="Bandicoot-99")
    following.tell_followers()
    (told,) = Message.objects.filter(person=voting["handler_head"], kind="follow")
    assert told.context == {"state": "voting"}


@pytest.mark.parametrize("handle", ["liaison", "seat2"])
def test_one_message_is_marked_as_read_by_its_reader_alone(submitted, handle):
    message = Message.objects.get(person=submitted["liaison"])
    as_(submitted[handle]).post(reverse("message-read", args=[message.pk]))
    assert (Message.objects.get(pk=message.pk).read_at is not None) is (handle == "liaison")
