"""The link that shows a meeting on the wall."""

from __future__ import annotations

import hashlib
import secrets

from audit import clock
from audit.recording import action, record
from committee.locks import lock_meeting
from committee.models import Meeting, Person
from committee.permissions import permit, require_state
from committee.visibility import require_visible
from regulation.refused import Refused
from voting.models import WallLink
from voting.permissions import ACTS

#: random bytes of a token
TOKEN_BYTES = 32


@action
def open_wall(meeting: Meeting, *, by: Person) -> tuple[WallLink, str]:
    """A new link shows the meeting, and any other no more; the token is told here and kept nowhere.

    `12/only-liaison` to everybody but the liaison and whoever presides; `state/not-allowed` outside of
    convened and in session.
    """
    meeting = _permitted("open_wall", meeting, by)
    require_state(ACTS["open_wall"], meeting.state)
    now = clock.now()
    replaced = WallLink.objects.filter(meeting=meeting, closed_at=None).update(closed_at=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = WallLink.objects.create(meeting=meeting, digest=_digest(token), opened_at=now, opened_by=by)
    record(meeting.stream, "open_wall", meeting.subject, by=by, payload={"replaced": bool(replaced)})
    return link, token


@action
def close_wall(meeting: Meeting, *, by: Person) -> WallLink:
    """No link shows the meeting.

    `12/only-liaison` to everybody but the liaison and whoever presides; `state/not-allowed` when none does.
    """
    meeting = _permitted("close_wall", meeting, by)
    now = clock.now()
    link = WallLink.objects.running(now).filter(meeting=meeting).first()
    if link is None:
        raise Refused("state/not-allowed", cause="wall/closed")
    link.closed_at = now
    link.save(update_fields=["closed_at"])
    record(meeting.stream, "close_wall", meeting.subject, by=by, payload={})
    return link


def wall_of(token: str) -> WallLink | None:
    """The link of that token with its meeting, while it shows."""
    running = WallLink.objects.running(clock.now()).select_related(
        "meeting__committee__branch", "meeting__regulation", "meeting__acting_seat__holder", "opened_by"
    )
    return running.filter(digest=_digest(token)).first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _permitted(verb: str, meeting: Meeting, by: Person) -> Meeting:
    """The meeting, locked, visible to `by`, who is the liaison or presides."""
    meeting = lock_meeting(meeting.pk)
    require_visible(meeting, by)
    permit(ACTS[verb], meeting.committee, by, meeting)
    return meeting
