"""Locks on proposals, taken after those of their meetings."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from committee.locks import lock_meetings
from committee.models import AgendaItem, Meeting, RegulationVersion
from committee.prepared import AnyOf, Prepared
from proposals.models import Proposal
from regulation.refused import Refused

_STANDING = Prepared(
    lambda pks: Proposal.objects.filter(AnyOf("id", pks), item__isnull=False).values_list(
        "item__meeting", flat=True
    ),
    list,
)
_LOCKED = Prepared(
    lambda pks: (
        Proposal.objects.filter(AnyOf("id", pks))
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    ),
    list,
)
_READ = Prepared(
    lambda pks: (
        Proposal.objects.filter(AnyOf("id", pks))
        .order_by("pk")
        .select_related("committee__branch", "unit", "version", "item")
    ),
    list,
)


def lock_proposals(
    pks: Iterable[int], *, meetings: Iterable[int] = ()
) -> tuple[list[Proposal], dict[int, Meeting]]:
    """Lock and return the proposals by id and the meetings in which they stand (and those named).

    Meetings first, then proposals, each in the order of ids. If a proposal has moved to another meeting
    meanwhile, all locks are released and taken again, so that nobody waits for a meeting while holding a
    proposal. `access/not-found` when one does not exist.
    """
    wanted, named = sorted(set(pks)), set(meetings)
    while True:
        with transaction.atomic():
            locked = _lock_once(wanted, named)
            if locked is not None:
                return locked
            transaction.set_rollback(True)


def _lock_once(wanted: list[int], named: set[int]) -> tuple[list[Proposal], dict[int, Meeting]] | None:
    """The proposals and their meetings, locked; None when a proposal has moved meanwhile.

    They are read in a statement after the lock: a statement that waited for a row joins it with rows from
    before the wait, and would return a proposal just amended or tabled without its version or item.
    """
    locked = {meeting.pk: meeting for meeting in lock_meetings(named.union(_STANDING(wanted)))}
    if len(_LOCKED(wanted)) < len(wanted):
        raise Refused("access/not-found")
    proposals = _READ(wanted)
    meetings = {proposal.item.meeting_id for proposal in proposals if proposal.item is not None}
    return (proposals, locked) if meetings <= locked.keys() else None


def lock_proposal(pk: int) -> tuple[Proposal, Meeting | None]:
    """Lock and return the proposal and the meeting of its present or last item."""
    proposals, meetings = lock_proposals([pk])
    item = proposals[0].item
    return proposals[0], meetings[item.meeting_id] if item is not None else None


# Rows are locked in the order in which they are named. After a wait for the meeting both rows are read as
# they are then, or none if the proposal has moved.
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
    """Lock and return the proposal and the meeting of its present or last item, in one statement.

    The columns needed for a ballot are loaded, others on access. None when it has no item or has moved
    meanwhile; `lock_proposal` handles these cases.
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
