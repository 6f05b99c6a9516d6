"""Members who have not acknowledged the notice or read its papers are reminded, nobody twice on a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from audit.models import Entry, Payload
from committee.models import Message, Reminder
from pages.inbox import message_texts
from tests.pages.pages import look, queries
from tests.stage import Stage, as_owner, clock


def told(stage: Stage) -> list[str]:
    """The handles of those who were reminded, in the order of their seats."""
    handles = {person.pk: handle for handle, person in stage.people.items()}
    return [handles[row.person_id] for row in Reminder.objects.order_by("at", "seat__number")]


@pytest.mark.article("12")
def test_whoever_lacks_something_is_reminded_of_just_that(noticed):
    noticed.do("acknowledge", "seat2")
    noticed.do("acknowledge", "seat3")
    noticed.do("read_materials", "seat3")
    noticed.do("remind_members")
    assert told(noticed) == ["chair", "seat2"]
    words = {
        row.person: message_texts.compose([row], row.person)[0].text
        for row in Message.objects.filter(kind="remind_members").select_related("person")
    }
    assert "acknowledge the notice, read 1 item" in words[noticed["chair"]]
    assert "acknowledge" not in words[noticed["seat2"]]
    entry = Entry.objects.get(action="remind_members", stream=noticed.meeting.stream)
    payload = Payload.objects.get(commitment=bytes(entry.commitment)).body
    assert b'"2":{"receipt_missing":false,"unread":1}' in bytes(payload)


@pytest.mark.article("12")
def test_nobody_is_reminded_twice_on_a_day_and_again_on_the_next(noticed):
    noticed.do("remind_members")
    assert _cause(noticed) == "remind/today"
    noticed.travel(timedelta(days=1))
    noticed.do("acknowledge", "chair")
    noticed.do("read_materials", "chair")
    noticed.do("remind_members")
    assert told(noticed) == ["chair", "seat2", "seat3", "seat2", "seat3"]
    open_ones = Message.objects.filter(kind="remind_members", person=noticed["seat2"], done_at=None)
    assert open_ones.count() == 1


@pytest.mark.article("12")
def test_where_nobody_lacks_anything_nobody_is_reminded(noticed):
    for handle in noticed.seats:
        noticed.do("acknowledge", handle)
        noticed.do("read_materials", handle)
    assert _cause(noticed) == "remind/nobody"


@pytest.mark.article("12")
def test_only_the_liaison_reminds_and_of_a_notice_in_force(convened):
    convened.refused("16/no-notice", "remind_members")
    convened.do("send_notice", paper=[2], posted=[])
    convened.refused("12/only-liaison", "remind_members", "chair")
    convened.do("remind_members")
    assert told(convened) == ["chair", "seat3"]  # what is on paper has its receipt
    convened.do("change_meeting", place="Room 4")
    convened.refused("16/notice-superseded", "remind_members")


def _cause(stage: Stage) -> object:
    return stage.refused("state/not-allowed", "remind_members").context["cause"]


def test_a_reminder_never_changes(noticed):
    noticed.do("remind_members")
    with pytest.raises(DatabaseError), transaction.atomic():
        as_owner("UPDATE committee_reminder SET unread = 0")


def test_the_page_of_the_notice_has_the_button_and_what_is_unread(noticed):
    html = look(noticed["liaison"], "notice", noticed.meeting.pk)
    assert "Remind the members" in html
    assert "1 item unread" in html
    assert "3 seats have not acknowledged the notice" in html
    seat = look(noticed["seat2"], "notice", noticed.meeting.pk)
    assert "Remind the members" not in seat
    assert "1 item unread" not in seat
    noticed.do("remind_members")
    html = look(noticed["liaison"], "notice", noticed.meeting.pk)
    assert "All who lack something were reminded today." in html
    assert f'reminded <time datetime="{clock.now().isoformat(timespec="seconds")[:10]}' in html
    assert len(queries(noticed["liaison"], "notice", noticed.meeting.pk)) <= 30
