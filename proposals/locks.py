"""Locking a proposal after the meeting on whose agenda it stands."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from committee.locks import lock_meetings
from committee.models import AgendaItem, Meeting, RegulationVersion
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


# The rows are locked in the order in which they are named. Who had to wait for the meeting reads both rows
# as they are after the wait, and none when the proposal stands elsewhere by then.
_TABLED = """
SELECT proposal.id, proposal.committee_id, proposal.unit_id, proposal.state, proposal.item_id,
    meeting.id, meeting.committee_id, meeting.regulation_id, meeting.state, regulation.seat_count
FROM proposals_proposal proposal
    JOIN committee_agendaitem item ON item.id = proposal.item_id
    JOIN committee_meeting meeting ON meeting.id = item.meeting_id
    JOIN committee_regulationversion regulation ON regulation.id = meeting.regulation_id
WHERE proposal.id = %s
FOR UPDATE OF meeting, proposal
"""


def lock_tabled(pk: int) -> tuple[Proposal, Meeting] | None:
    """The proposal and the meeting under whose agenda it stands or stood last, locked, in one statement.

    What casting a ballot asks of them is loaded, the rest on access. None when it stands under no item, or
    moved while this waited: `lock_proposal` knows what to do then.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TABLED, [pk])
        row = cursor.fetchone()
    if row is None:
        return None
    using, item, meeting_pk, regulation = connection.alias, row[4], row[5], row[7]
    proposal = Proposal.from_db(using, ("id", "committee_id", "unit_id", "state", "item_id"), row[:5])
    meeting = Meeting.from_db(using, ("id", "committee_id", "regulation_id", "state"), row[5:9])
    meeting.regulation = RegulationVersion.from_db(using, ("id", "seat_count"), (regulation, row[9]))
    proposal.item = AgendaItem.from_db(using, ("id", "meeting_id"), (item, meeting_pk))
    return proposal, meeting
