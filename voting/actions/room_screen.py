"""The link that shows a meeting on the room screen. Tables, audit log and addresses call it `wall`."""

from __future__ import annotations

import hashlib
import secrets

from audit import clock
from audit.recording import action, record
from committee.beginning import begin_on_meeting
from committee.models import Meeting, Person
from regulation.refused import Refused
from voting.models import RoomScreenLink
from voting.permissions import ACTS

#: random bytes of a token
TOKEN_BYTES = 32


@action
def open_room_screen(meeting: Meeting, *, by: Person) -> tuple[RoomScreenLink, str]:
    """A new link to the room screen is open, in place of any other; its token is returned and not stored.

    `12/only-liaison` to everybody but the liaison and whoever presides; `state/not-allowed` outside of
    convened and in session.
    """
    meeting = begin_on_meeting(ACTS["open_wall"], meeting, by)
    now = clock.now()
    replaced = RoomScreenLink.objects.filter(meeting=meeting, closed_at=None).update(closed_at=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = RoomScreenLink.objects.create(meeting=meeting, digest=_digest(token), opened_at=now, opened_by=by)
    record(meeting.stream, "open_wall", meeting.subject, by=by, payload={"replaced": bool(replaced)})
    return link, token


@action
def close_room_screen(meeting: Meeting, *, by: Person) -> RoomScreenLink:
    """No link to the room screen is open.

    `12/only-liaison` to everybody but the liaison and whoever presides; `state/not-allowed` when none does.
    """
    meeting = begin_on_meeting(ACTS["close_wall"], meeting, by)
    now = clock.now()
    link = RoomScreenLink.objects.running(now).filter(meeting=meeting).first()
    if link is None:
        raise Refused("state/not-allowed", cause="wall/closed")
    link.closed_at = now
    link.save(update_fields=["closed_at"])
    record(meeting.stream, "close_wall", meeting.subject, by=by, payload={})
    return link


def room_screen_of(token: str) -> RoomScreenLink | None:
    """The running link of that token, with its meeting; None without one."""
    running = RoomScreenLink.objects.running(clock.now()).select_related(
        "meeting__committee__branch", "meeting__regulation", "meeting__acting_seat__holder", "opened_by"
    )
    return running.filter(digest=_digest(token)).first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
