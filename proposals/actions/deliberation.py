"""Reading the materials, taking items up, observers and opinions (Art. 10, 18, 19)."""

from __future__ import annotations

from collections.abc import Container

from audit import clock
from audit.recording import action, record
from committee.agenda import enter_opinion, present_observer, require_no_observer, vote_open
from committee.grants import grant, ungrant
from committee.messages import announce, settle
from committee.models import (
    AgendaItem,
    Conflict,
    Meeting,
    Observer,
    Opinion,
    Person,
    Position,
    Reading,
    Seat,
)
from committee.presence import require_signed_in
from committee.reminding import settle_reminder
from proposals.beginning import begin_as_speaker, begin_for_seat, begin_on_item
from proposals.ledger import duty_holders
from proposals.models import Proposal
from proposals.permissions import ACTS
from proposals.plan.stated import officers
from regulation.refused import Refused
from regulation.text import folded_identifier

_S = Proposal.State


@action
def take_up(proposal: Proposal, *, by: Person) -> AgendaItem:
    """The item is under deliberation; seats in conflict of interest with it are found and noted (Art. 18,
    20.3).

    `9/only-chair`; `state/not-allowed` outside of a session, a second time, and while a vote is open in the
    meeting; `9/chair-absent`.
    """
    proposal, item, meeting = begin_on_item(ACTS["take_up"], proposal, by)
    if item.taken_up_at is not None:
        raise Refused("state/not-allowed", cause="taken-up/done")
    if meeting.items.filter(voting=True).exists():
        raise vote_open(meeting)
    require_signed_in(meeting, by)
    item.taken_up_at = clock.now()
    item.save(update_fields=["taken_up_at"])
    found = _find_conflicts(proposal, item, meeting)
    record(
        meeting.stream,
        "take_up",
        item.subject,
        by=by,
        payload={"proposal": proposal.subject, "in_conflict": [conflict.seat.number for conflict in found]},
    )
    return item


@action
def admit_observer(proposal: Proposal, *, by: Person, observer: Person) -> Observer:
    """The head of the handling institution attends the item (Art. 19).

    `9/only-chair`; `state/not-allowed` outside of a session, before the item is taken up, after its vote
    opened, and for a second observer; `19/not-handling-head`; `9/chair-absent`.
    """
    proposal, item, meeting = begin_on_item(ACTS["admit_observer"], proposal, by)
    if item.taken_up_at is None or Observer.objects.filter(item=item).exists():
        cause = "observer/not-taken-up" if item.taken_up_at is None else "observer/admitted"
        raise Refused("state/not-allowed", cause=cause)
    head = Position.objects.filter(person=observer, role=Position.Role.HEAD, unit=proposal.unit_id)
    if not head.exists():
        raise Refused("19/not-handling-head")
    require_signed_in(meeting, by)
    row = Observer.objects.create(item=item, person=observer, admitted_at=clock.now())
    grant([item], [observer], ["observe_agendaitem"])
    record(meeting.stream, "admit_observer", item.subject, by=by, payload={"observer": str(observer.pk)})
    announce(
        "admit_observer",
        [observer],
        by=by,
        about=proposal.subject,
        item=item.pk,
        at=meeting.at.isoformat(),
        place=meeting.place,
    )
    return row


@action
def withdraw_observer(proposal: Proposal, *, by: Person) -> Observer:
    """The observer has left the item (回避); the vote may open.

    `12/only-liaison`; `state/not-allowed` when no observer is there.
    """
    proposal, item, meeting = begin_on_item(ACTS["withdraw_observer"], proposal, by)
    row = present_observer(item)
    if row is None:
        raise Refused("state/not-allowed", cause="observer/none")
    row.withdrew_at = clock.now()
    row.save(update_fields=["withdrew_at"])
    ungrant([item], people=[row.person_id], codenames=["observe_agendaitem"])
    record(meeting.stream, "withdraw_observer", item.subject, by=by, payload={"observer": str(row.person_id)})
    settle("admit_observer", about=proposal.subject, people=[row.person_id])
    announce("withdraw_observer", [row.person_id], by=by, about=proposal.subject, item=item.pk)
    return row


@action
def read_materials(proposal: Proposal, *, by: Person) -> Reading:
    """The reading of the item's present materials stands on record under the person's own name (Art. 10).

    `20.1/no-seat`; `state/not-allowed` off the agenda, and a second time for the same materials.
    """
    proposal, meeting, acting = begin_for_seat(ACTS["read_materials"], proposal, by)
    item = proposal.item
    if item is None or meeting is None or item.readings.filter(person=by, digest=item.digest).exists():
        raise Refused("state/not-allowed", cause="reading/done")
    reading = Reading.objects.create(
        item=item, seat=acting.seat, person=by, proxy=acting.proxy, digest=item.digest, at=clock.now()
    )
    record(
        meeting.stream,
        "read_materials",
        item.subject,
        by=by,
        payload={"seat": acting.seat.number, "proxy": acting.proxy is not None, "digest": item.digest},
    )
    settle_reminder(meeting, by)
    return reading


@action
def record_opinion(proposal: Proposal, *, by: Person, text: str) -> Opinion:
    """The opinion stands on the record under the person's own name, for the seat (Art. 10.3, 10.4, 18).

    `20.1/no-seat`; `state/not-allowed` outside of a session and while a vote on it is open;
    `18/not-deliberated`; `10/not-present`; `11/out-of-scope` (without `speak`), `11/principal-present`;
    `19/observer-present`.
    """
    item, meeting, acting = begin_as_speaker(ACTS["record_opinion"], proposal, by)
    require_no_observer(item)
    return enter_opinion("record_opinion", item, meeting, by, seat=acting.seat, proxy=acting.proxy, text=text)


def _find_conflicts(proposal: Proposal, item: AgendaItem, meeting: Meeting) -> list[Conflict]:
    """Record a conflict for each seat whose holder heads the handling institution, is an officer named in
    the plan, or has or had the duty of lending or collection for one of its loans (Art. 20.3).
    """
    if proposal.version is None:
        raise TypeError(f"proposal {proposal.pk} has no plan")
    plan = proposal.version.plan
    named = officers(plan)
    answerable = duty_holders(proposal, plan)
    heads = set(
        Position.objects.filter(role=Position.Role.HEAD, unit=proposal.unit_id).values_list(
            "person", flat=True
        )
    )
    seats = (
        Seat.objects.filter(
            committee=meeting.committee_id, number__lte=meeting.regulation.seat_count, holder__isnull=False
        )
        .exclude(pk__in=item.conflicts.values("seat"))
        .select_related("holder")
        .order_by("number")
    )
    found = [
        Conflict(
            item=item,
            seat=seat,
            person=seat.holder,
            source=Conflict.Source.FOUND,
            reason=reason,
            at=clock.now(),
        )
        for seat in seats
        if seat.holder is not None and (reason := _conflict(seat.holder, heads, named, answerable))
    ]
    return Conflict.objects.bulk_create(found)


def _conflict(
    holder: Person, heads: Container[int], named: frozenset[str], answerable: frozenset[str]
) -> str:
    """The reason of the seat's conflict of interest with the plan; empty without one.

    Who answers by the ledger is told by the staff number alone, however the plan spells the name.
    """
    if holder.pk in heads:
        return "经办机构负责人 / head of the handling institution"
    if {folded_identifier(holder.staff_no), folded_identifier(holder.display_name)} & named:
        return "方案所列放贷或清收责任人 / lending or collection officer named in the plan"
    if folded_identifier(holder.staff_no) in answerable:
        return "台账所载放贷或清收责任人 / lending or collection officer by the ledger"
    return ""
