"""The order of locks: meetings by id, then proposals by id, then the vote.

Every act on a convened or running meeting, sign-in and sign-out included, takes the meeting's row first.
"""

from __future__ import annotations

from collections.abc import Iterable

from committee.models import Committee, Meeting
from committee.prepared import AnyOf, Prepared
from regulation.refused import Refused

_MEETINGS = Prepared(
    lambda pks: (
        Meeting.objects.filter(AnyOf("id", pks))
        .order_by("pk")
        .select_for_update(of=("self",))
        .select_related("committee__branch", "regulation")
    ),
    list,
)


def lock_meeting(pk: int) -> Meeting:
    """Lock and return the meeting, until the transaction ends; `access/not-found` when there is none."""
    locked = lock_meetings([pk])
    if not locked:
        raise Refused("access/not-found")
    return locked[0]


def lock_meetings(pks: Iterable[int]) -> list[Meeting]:
    """Lock and return the meetings in the order of their ids, until the transaction ends."""
    wanted = list(pks)
    return _MEETINGS(wanted) if wanted else []


def lock_committee(pk: int) -> Committee:
    """Lock and return the committee, for changes of roster and regulation, until the transaction ends."""
    return Committee.objects.select_for_update(of=("self",)).select_related("branch").get(pk=pk)


def lock_running(committee: Committee) -> list[Meeting]:
    """Lock and return the committee's convened and running meetings; needs the committee's lock."""
    pks = Meeting.objects.filter(committee=committee, state__in=Meeting.RUNNING).values_list("pk", flat=True)
    return [meeting for meeting in lock_meetings(pks) if meeting.state in Meeting.RUNNING]
