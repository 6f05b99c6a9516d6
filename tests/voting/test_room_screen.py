"""The link that shows a meeting on the wall."""

import base64
import io
import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit.models import Entry, Payload
from tests.stage import said
from voting.actions.room_screen import room_screen_of
from voting.models import RoomScreenLink


def opened(stage, by="liaison"):
    return stage.do("open_wall", by)


def test_the_token_leads_to_the_meeting_and_another_to_none(seated):
    link, token = opened(seated)
    assert room_screen_of(token) == link
    assert room_screen_of(token).meeting == seated.meeting
    for other in ("", token[:-1], token.swapcase(), link.digest):
        assert room_screen_of(other) is None


def test_the_token_is_of_32_random_bytes_and_kept_nowhere(seated):
    (_, first), (link, second) = opened(seated), opened(seated)
    assert first != second
    assert len(base64.urlsafe_b64decode(second + "=")) == 32
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(
                f"SELECT count(*) FROM {model._meta.db_table} t WHERE strpos(t::text, %s) > 0", [second]
            )
            assert cursor.fetchone()[0] == 0, model
    for entry in Entry.objects.filter(stream=seated.meeting.stream, action="open_wall"):
        body = bytes(Payload.objects.get(commitment=entry.commitment).body)
        assert second.encode() not in body
        assert link.digest.encode() not in body


def test_the_token_is_in_no_log_of_a_form_that_is_refused(seated):
    _, token = opened(seated)
    (handler,) = [each for each in logging.root.handlers if type(each) is logging.StreamHandler]
    before = handler.setStream(io.StringIO())
    try:
        assert Client(enforce_csrf_checks=True).post(f"/wall/{token}/").status_code == 403
    finally:
        said = handler.setStream(before).getvalue()
    assert "WARNING django.security.csrf: Forbidden" in said
    assert "/wall/…/" in said
    assert token not in said


def test_whoever_presides_and_the_liaison_open_and_close_it(seated):
    seated.do("appoint_acting_chair", seat=3)
    for by in ("liaison", "chair", "seat3"):
        opened(seated, by)
        seated.do("close_wall", by)
    for verb in ("open_wall", "close_wall"):
        for by in ("seat2", "head_office", "risk", "auditor"):
            seated.refused("12/only-liaison", verb, by)
        for by in ("handler", "handler_head", "credit", "outsider"):
            seated.refused("access/not-found", verb, by)


def test_a_new_link_ends_the_one_before(seated):
    (_, first), (_, second) = opened(seated), opened(seated, "chair")
    assert room_screen_of(first) is None
    assert room_screen_of(second) is not None
    told = [
        said(entry)
        for entry in Entry.objects.filter(stream=seated.meeting.stream, action="open_wall").order_by("seq")
    ]
    assert told == [{"replaced": False}, {"replaced": True}]


def test_a_meeting_has_one_link_in_the_database_too(seated):
    link, _ = opened(seated)
    with pytest.raises(IntegrityError, match="one_wall_link_a_meeting"), transaction.atomic():
        RoomScreenLink.objects.create(
            meeting=link.meeting, digest="0" * 64, opened_at=link.opened_at, opened_by=link.opened_by
        )


def test_a_link_closed_shows_nothing_and_is_closed_once(seated):
    seated.refused("state/not-allowed", "close_wall")
    _, token = opened(seated)
    seated.do("close_wall")
    assert room_screen_of(token) is None
    seated.refused("state/not-allowed", "close_wall")


def test_it_is_opened_from_convening_until_the_meeting_closes(convened, closed):
    opened(convened)
    closed.refused("state/not-allowed", "open_wall")


def test_it_outlasts_the_meeting_by_twelve_hours(carried):
    _, token = opened(carried)
    carried.do("close_meeting")
    carried.travel(timedelta(hours=12))
    assert room_screen_of(token) is not None
    carried.travel(timedelta(microseconds=1))
    assert room_screen_of(token) is None
    carried.refused("state/not-allowed", "close_wall")


def test_it_is_closed_also_after_the_meeting(carried):
    _, token = opened(carried)
    carried.do("close_meeting")
    carried.do("close_wall")
    assert room_screen_of(token) is None


def test_a_cancelled_meeting_is_not_shown(noticed):
    _, token = opened(noticed)
    noticed.do("cancel_meeting", reason="Ill")
    assert room_screen_of(token) is None
    for verb in ("open_wall", "close_wall"):
        noticed.refused("state/not-allowed", verb)


def test_another_meeting_keeps_its_link(filed):
    other = filed.another("C-2")
    filed.meeting, second = filed.convene(filed.proposal), filed.convene(other)
    (_, first), (_, token) = opened(filed), filed.do("open_wall", on=second)
    filed.do("close_wall")
    assert room_screen_of(first) is None
    assert room_screen_of(token).meeting == second
