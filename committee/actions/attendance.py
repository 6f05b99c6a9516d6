"""Signing in and out (Art. 10.2, 11)."""

from __future__ import annotations

from collections.abc import Sequence

from audit import clock
from audit.recording import action, record
from committee.beginning import begin_for_mandates
from committee.grants import regrant
from committee.messages import settle, uninvite
from committee.models import Attendance, Meeting, Person, Proxy, Seat
from committee.permissions import ACTS
from committee.presence import Mandate
from regulation.refused import Refused


@action
def sign_in(
    meeting: Meeting,
    *,
    by: Person,
    mode: str = Attendance.Mode.IN_ROOM,
    device_of: Person | None = None,
) -> list[Attendance]:
    """The person is present for their own seat, or for every seat whose running proxy the person holds.

    `device_of`, which is recorded, is the liaison on whose device the person signed in with their own
    password.

    A principal who signs in ends a proxy under which no ballot was cast; if one was, the proxy stays and its
    holder can no longer act. `20.1/no-seat`; `state/not-allowed` outside of convened and in session, and when
    signed in already; `11/principal-present`.
    """
    meeting, found = begin_for_mandates(ACTS["sign_in"], meeting, by)
    found[0].require_not_displaced()
    entering = [mandate for mandate in found if not mandate.present and not mandate.displaced]
    if not entering:
        raise Refused("state/not-allowed", cause="presence/in")
    if entering[0].proxy is None:
        _principal_came(meeting, entering[0].seat, by)
    else:
        settle("authorise_proxy", about=meeting.subject, people=[by])
    rows = _enter(meeting, entering, by, mode)
    record(
        meeting.stream,
        "sign_in",
        meeting.subject,
        by=by,
        payload={
            "seats": [mandate.seat.number for mandate in entering],
            "proxy": entering[0].proxy is not None,
            "mode": str(mode),
        }
        | ({} if device_of is None else {"device_of": str(device_of.pk)}),
    )
    return rows


@action
def sign_out(meeting: Meeting, *, by: Person) -> None:
    """The person is no longer present.

    `20.1/no-seat`; `state/not-allowed` when not signed in; `11/principal-present`.
    """
    meeting, found = begin_for_mandates(ACTS["sign_out"], meeting, by)
    leaving = [mandate for mandate in found if mandate.present]
    if not leaving:
        found[0].require_not_displaced()
        raise Refused("state/not-allowed", cause="presence/out")
    leaving[0].require_not_displaced()
    Attendance.objects.filter(meeting=meeting, person=by, signed_out_at=None).update(
        signed_out_at=clock.now()
    )
    if leaving[0].proxy is None:
        uncome = Proxy.objects.running().filter(principal_came_at=None)
        for proxy in uncome.filter(meeting=meeting, seat=leaving[0].seat):
            enter_by_proxy(proxy)
    record(
        meeting.stream,
        "sign_out",
        meeting.subject,
        by=by,
        payload={"seats": [mandate.seat.number for mandate in leaving]},
    )


def _enter(meeting: Meeting, entering: Sequence[Mandate], by: Person, mode: str) -> list[Attendance]:
    """Create the person's attendance for each of the seats."""
    now = clock.now()
    return Attendance.objects.bulk_create(
        [
            Attendance(
                meeting=meeting,
                seat=mandate.seat,
                person=by,
                proxy=mandate.proxy,
                mode=Attendance.Mode(mode),
                signed_in_at=now,
            )
            for mandate in entering
        ]
    )


def enter_by_proxy(proxy: Proxy) -> None:
    """Create the attendance of a proxy's holder who is already signed in by another proxy; needs the
    meeting's lock.

    A person who is signed in cannot sign in again (Art. 11), so the new proxy must take effect here.
    """
    there = Attendance.objects.filter(meeting=proxy.meeting_id, signed_out_at=None)
    other = there.filter(person=proxy.holder_id).exclude(proxy=None).order_by("pk").first()
    if other is not None and not there.filter(seat=proxy.seat_id).exists():
        Attendance.objects.create(
            meeting_id=proxy.meeting_id,
            seat_id=proxy.seat_id,
            person_id=proxy.holder_id,
            proxy=proxy,
            mode=other.mode,
            signed_in_at=clock.now(),
        )


def _principal_came(meeting: Meeting, seat: Seat, by: Person) -> None:
    proxy = Proxy.objects.running().filter(meeting=meeting, seat=seat).select_related("holder").first()
    if proxy is None:
        return
    now, first = clock.now(), proxy.principal_came_at is None
    proxy.principal_came_at = proxy.principal_came_at or now
    if not proxy.standing_ballots:
        proxy.ended_at = now
        proxy.ended_why = Proxy.Ended.PRINCIPAL
    proxy.save(update_fields=["principal_came_at", "ended_at", "ended_why"])
    Attendance.objects.filter(meeting=meeting, seat=seat, proxy=proxy, signed_out_at=None).update(
        signed_out_at=now
    )
    regrant([meeting], [proxy.holder])
    settle("authorise_proxy", about=meeting.subject, people=[proxy.holder_id], seat=seat.number)
    if first:
        uninvite("end_proxy", [proxy.holder_id], meeting, by=by, seat=seat.number)
