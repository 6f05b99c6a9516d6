"""Revoking a proxy (Art. 11); authorising one needs the proposals and lives there."""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee.beginning import begin_for_own_seat
from committee.grants import regrant
from committee.messages import settle, uninvite
from committee.models import Attendance, Meeting, Person, Proxy
from committee.permissions import ACTS
from regulation.refused import Refused


@action
def revoke_proxy(meeting: Meeting, *, by: Person) -> Proxy:
    """The seat's running proxy is revoked; its holder sees nothing of the meeting any more.

    `20.1/no-seat`; `state/not-allowed` when none runs; `11/after-vote-opened` once a vote on a covered item
    opened.
    """
    meeting, seat = begin_for_own_seat(ACTS["revoke_proxy"], meeting, by)
    proxy = Proxy.objects.running().filter(meeting=meeting, seat=seat).select_related("holder").first()
    if proxy is None:
        raise Refused("state/not-allowed", cause="proxy/none")
    if proxy.items.filter(vote_opened_at__isnull=False).exists():
        raise Refused("11/after-vote-opened")
    proxy.revoked_at = clock.now()
    proxy.save(update_fields=["revoked_at"])
    Attendance.objects.filter(proxy=proxy, signed_out_at=None).update(signed_out_at=proxy.revoked_at)
    regrant([meeting], [proxy.holder])
    settle("authorise_proxy", about=meeting.subject, people=[proxy.holder_id], seat=seat.number)
    record(
        meeting.stream,
        "revoke_proxy",
        meeting.subject,
        by=by,
        payload={"seat": seat.number, "holder": str(proxy.holder_id)},
    )
    uninvite("revoke_proxy", [proxy.holder_id], meeting, by=by)
    return proxy
