"""Meetings as iCalendar: valid, updated on change, and silent about what is decided."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from pages.calendar import invitations
from pages.models import CalendarFeed
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, seeing
from tests.stage import MEETING


def invitation(stage, handle="seat2"):
    answer = as_(stage[handle]).get(reverse("invitation", args=[stage.meeting.pk]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return page_text(answer)


def event(text):
    (found,) = Calendar.from_ical(text).walk("VEVENT")
    return found


def test_the_invitation_has_time_place_and_number_in_the_zone_of_the_committee(noticed):
    text = invitation(noticed)
    found = event(text)
    assert found["DTSTART"].dt == MEETING
    assert found["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert str(found["LOCATION"]) == "Room 3"
    assert noticed.now(noticed.meeting).written_number in str(found["SUMMARY"])
    assert str(found["DESCRIPTION"]) == "Items: 1"
    (zone,) = Calendar.from_ical(text).walk("VTIMEZONE")
    assert str(zone["TZID"]) == "Asia/Shanghai"


def test_it_is_valid(noticed):
    text = invitation(noticed)
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = Calendar.from_ical(text)
    assert str(calendar["VERSION"]) == "2.0"
    assert calendar["PRODID"]
    assert str(calendar["METHOD"]) == "PUBLISH"
    found = event(text)
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "SEQUENCE"} <= set(found)
    assert not found.errors
    assert found["DTEND"].dt > found["DTSTART"].dt


def test_a_proxy_is_told_the_items_covered_alone(filed):
    filed.meeting = filed.convene(filed.another("C-2"), filed.proposal)
    filed.do("send_notice")
    filed.proxy()
    assert str(event(invitation(filed))["DESCRIPTION"]) == "Items: 1, 2"
    assert str(event(invitation(filed, "deputy3"))["DESCRIPTION"]) == "Items: 2"


def test_no_borrower_is_named(noticed):
    proposal = noticed.now(noticed.proposal)
    text = invitation(noticed).replace("\r\n ", "")
    assert proposal.title not in text
    assert proposal.borrower not in text


def test_a_change_keeps_the_uid_and_raises_the_sequence(noticed):
    before = event(invitation(noticed))
    noticed.do("change_meeting", at=MEETING + timedelta(days=2), place="Room 4")
    after = event(invitation(noticed))
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].dt == MEETING + timedelta(days=2)
    assert str(after["LOCATION"]) == "Room 4"
    noticed.travel("2026-03-03T09:00+08:00")
    noticed.do("send_notice")
    noticed.do("acknowledge")
    assert event(invitation(noticed))["SEQUENCE"] == 1


def test_a_cancelled_meeting_is_cancelled_in_the_calendar(noticed):
    before = event(invitation(noticed))
    noticed.do("cancel_meeting", reason="Paid")
    text = invitation(noticed)
    assert "METHOD:CANCEL" in text
    after = event(text)
    assert str(after["STATUS"]) == "CANCELLED"
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert "Paid" not in text


def test_whoever_sees_the_meeting_has_the_invitation(noticed):
    assert seeing(noticed, "invitation", noticed.meeting.pk) == {
        "chair", "seat2", "seat3", "liaison", "risk", "auditor", "head_office",
    }  # fmt: skip


# -- The feed ---------------------------------------------------------------------------------------


def subscribe(stage, handle="seat2", act="make"):
    as_(stage[handle]).post(reverse("calendar"), {"act": act})
    row = CalendarFeed.objects.filter(person=stage[handle]).first()
    return reverse("calendar-feed", args=[invitations.token_of(row)]) if row else ""


def test_the_feed_needs_no_login_and_says_when_where_and_which(noticed):
    text = page_text(Client().get(subscribe(noticed))).replace("\r\n ", "")
    found = event(text)
    assert found["DTSTART"].dt == MEETING
    assert "DESCRIPTION" not in found
    assert noticed.now(noticed.proposal).title not in text
    assert "VTIMEZONE" in text


def test_the_feed_holds_the_persons_own_meetings_alone(noticed):
    assert "VEVENT" not in page_text(Client().get(subscribe(noticed, "deputy3")))
    noticed.proxy()
    for handle in EVERYBODY:
        text = page_text(Client().get(subscribe(noticed, handle)))
        assert ("VEVENT" in text) is (handle in {"chair", "seat2", "seat3", "liaison", "deputy3"}), handle
    noticed.do("revoke_proxy", "seat3")
    assert "VEVENT" not in page_text(Client().get(subscribe(noticed, "deputy3")))


def test_a_cancelled_meeting_stays_in_the_feed_as_cancelled(noticed):
    address = subscribe(noticed)
    noticed.do("cancel_meeting", reason="Paid")
    assert "STATUS:CANCELLED" in page_text(Client().get(address))


def test_withdrawn_or_replaced_an_address_leads_nowhere(noticed):
    first = subscribe(noticed)
    second = subscribe(noticed)
    assert first != second
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    assert subscribe(noticed, act="withdraw") == ""
    assert Client().get(second).status_code == 404


def test_somebody_who_left_has_no_feed(noticed):
    address = subscribe(noticed)
    person = noticed["seat2"]
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert Client().get(address).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "0" * 64, "%27--"])
def test_an_unknown_address_is_not_found(token):
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_the_address_is_on_ones_own_page_alone(noticed):
    address = subscribe(noticed)
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(token) >= 43
    assert address in look(noticed["seat2"], "calendar")
    for handle in set(EVERYBODY) - {"seat2"}:
        assert token not in look(noticed[handle], "calendar"), handle
