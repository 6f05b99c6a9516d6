"""Locking a proposal after the meeting on whose agenda it stands."""

from __future__ import annotations

from collections.abc import Iterable

from committee.locks import lock_meetings
from committee.models import Meeting
from proposals.models import Proposal
from regulation.refused import Refused


def lock_proposals(
    pks: Iterable[int], *, meetings: Iterable[int] = ()
) -> tuple[list[Proposal], dict[int, Meeting]]:
    """The proposals by id and the meetings they stand in (and those named), fresh and locked until the end.

    Meetings first, then proposals, each by id. A proposal that moved to another meeting in between is read
    again. `access/not-found` when one does not exist.
    """
    wanted = sorted(set(pks))
    named = set(meetings)
    locked: dict[int, Meeting] = {}
    while True:
        standing = set(
            Proposal.objects.filter(pk__in=wanted, item__isnull=False).values_list("item__meeting", flat=True)
        )
        missing = (standing | named) - set(locked)
        if missing and any(pk > min(missing) for pk in locked):
            # another meeting with a lower id turned up: whoever holds it may wait for us, so give way
            raise Refused("state/not-allowed")
        locked |= {meeting.pk: meeting for meeting in lock_meetings(missing)}
        proposals = list(
            Proposal.objects.select_for_update(of=("self",))
            .select_related("committee__branch", "unit", "version", "item")
            .filter(pk__in=wanted)
            .order_by("pk")
        )
        if len(proposals) < len(wanted):
            raise Refused("access/not-found")
        if all(proposal.item is None or proposal.item.meeting_id in locked for proposal in proposals):
            return proposals, locked


def lock_proposal(pk: int) -> tuple[Proposal, Meeting | None]:
    """The proposal and the meeting under whose agenda it stands or stood last, fresh and locked."""
    proposals, meetings = lock_proposals([pk])
    item = proposals[0].item
    return proposals[0], meetings[item.meeting_id] if item is not None else None
