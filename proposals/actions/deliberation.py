"""Reading the materials, taking items up, observers and opinions (Art. 10, 18, 19)."""

from __future__ import annotations

from collections.abc import Iterable

from audit import clock
from audit.recording import action, record
from committee.grants import grant, ungrant
from committee.models import (
    AgendaItem,
    Conflict,
    Meeting,
    Observer,
    Opinion,
    Person,
    Position,
    Proxy,
    Reading,
    Seat,
)
from committee.permissions import Act, require_state
from committee.presence import Mandate, mandate, require_signed_in
from proposals.locks import lock_proposal
from proposals.models import Proposal
from proposals.permissions import ACTS, require_officer, require_visible
from proposals.plan.stated import officers
from regulation.refused import Refused
from regulation.text import folded_identifier, says_something

_S = Proposal.State


@action
def take_up(proposal: Proposal, *, by: Person) -> AgendaItem:
    """The item is under deliberation; seats in conflict of interest with it are found and noted (Art. 18,
    20.3).

    `9/only-chair`; `state/not-allowed` outside of a session, a second time, and while a vote is open in the
    meeting; `9/chair-absent`.
    """
    proposal, meeting = lock_proposal(proposal.pk)
    require_visible(proposal, by)
    require_officer("take_up", proposal, by, meeting)
    item, meeting = require_in_session(ACTS["take_up"], proposal, meeting)
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
    proposal, meeting = lock_proposal(proposal.pk)
    require_visible(proposal, by)
    require_officer("admit_observer", proposal, by, meeting)
    item, meeting = require_in_session(ACTS["admit_observer"], proposal, meeting)
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
    return row


@action
def withdraw_observer(proposal: Proposal, *, by: Person) -> Observer:
    """The observer has left the item (回避); the vote may open.

    `12/only-liaison`; `state/not-allowed` when no observer is there.
    """
    proposal, meeting = lock_proposal(proposal.pk)
    require_visible(proposal, by)
    require_officer("withdraw_observer", proposal, by, meeting)
    item, meeting = require_in_session(ACTS["withdraw_observer"], proposal, meeting)
    row = present_observer(item)
    if row is None:
        raise Refused("state/not-allowed", cause="observer/none")
    row.withdrew_at = clock.now()
    row.save(update_fields=["withdrew_at"])
    ungrant([item], people=[row.person_id], codenames=["observe_agendaitem"])
    record(meeting.stream, "withdraw_observer", item.subject, by=by, payload={"observer": str(row.person_id)})
    return row


@action
def read_materials(proposal: Proposal, *, by: Person) -> Reading:
    """The reading of the item's present materials stands on record under the person's own name (Art. 10).

    `20.1/no-seat`; `state/not-allowed` off the agenda, and a second time for the same materials.
    """
    proposal, meeting = lock_proposal(proposal.pk)
    require_visible(proposal, by)
    acting = acting_in(proposal, meeting, by)
    require_state(ACTS["read_materials"], proposal.state)
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
    return reading


@action
def record_opinion(proposal: Proposal, *, by: Person, text: str) -> Opinion:
    """The opinion stands on the record under the person's own name, for the seat (Art. 10.3, 10.4, 18).

    `20.1/no-seat`; `state/not-allowed` outside of a session and while a vote on it is open;
    `18/not-deliberated`; `10/not-present`; `11/out-of-scope` (without `speak`), `11/principal-present`;
    `19/observer-present`.
    """
    proposal, meeting = lock_proposal(proposal.pk)
    require_visible(proposal, by)
    item, meeting, acting = require_speaker("record_opinion", proposal, meeting, by)
    require_no_observer(item)
    return enter_opinion("record_opinion", item, meeting, by, seat=acting.seat, proxy=acting.proxy, text=text)


def enter_opinion(
    verb: str,
    item: AgendaItem,
    meeting: Meeting,
    by: Person,
    *,
    seat: Seat,
    proxy: Proxy | None,
    text: str,
    **said: object,
) -> Opinion:
    """The opinion and the verb's entry, which says besides what is `said`; what it takes was checked."""
    opinion = Opinion.objects.create(item=item, seat=seat, person=by, proxy=proxy, text=text, at=clock.now())
    record(
        meeting.stream,
        verb,
        item.subject,
        by=by,
        payload={"seat": seat.number, "proxy": proxy is not None, "text": text, **said},
    )
    return opinion


def require_in_session(act: Act, proposal: Proposal, meeting: Meeting | None) -> tuple[AgendaItem, Meeting]:
    """The item and its meeting, in session; `state/not-allowed` outside of one."""
    require_state(act, proposal.state)
    if proposal.item is None or meeting is None or meeting.state != Meeting.State.IN_SESSION:
        raise act.misplaced(proposal.state if meeting is None else meeting.state)
    return proposal.item, meeting


def require_speaker(
    verb: str, proposal: Proposal, meeting: Meeting | None, by: Person
) -> tuple[AgendaItem, Meeting, Mandate]:
    """The item taken up, its meeting in session, and the seat for which `by` may speak there.

    `20.1/no-seat`; `state/not-allowed`; `18/not-deliberated`; `10/not-present`; `11/out-of-scope` (without
    `speak`), `11/principal-present`.
    """
    acting = acting_in(proposal, meeting, by)
    item, meeting = require_in_session(ACTS[verb], proposal, meeting)
    require_taken_up(item)
    acting.require_present()
    acting.require_power(Proxy.Power.SPEAK)
    acting.require_not_displaced()
    return item, meeting, acting


def acting_in(
    proposal: Proposal, meeting: Meeting | None, by: Person, *, voted: Iterable[int] = ()
) -> Mandate:
    """For which seat `by` acts, in the meeting of the proposal's item; before any, the own seat.

    Of several proxies it is the lowest seat that is not among `voted`, the seats by id whose ballot is in.
    `20.1/no-seat` for whoever has neither seat nor proxy.
    """
    if meeting is not None:
        return mandate(meeting, by, proposal.item, voted=voted)
    seat = Seat.objects.filter(committee=proposal.committee_id, holder=by).first()
    if seat is None:
        raise Refused("20.1/no-seat")
    return Mandate(seat, None, present=False)


def vote_open(meeting: Meeting) -> Refused:
    """The refusal of what is not done beside the open vote of the meeting, which names its item."""
    item = meeting.items.filter(voting=True).first()
    return Refused("state/not-allowed", cause="meeting/vote-open", item=item.number if item else None)


def require_taken_up(item: AgendaItem) -> None:
    """Raise `18/not-deliberated` before the item is taken up."""
    if item.taken_up_at is None:
        raise Refused("18/not-deliberated")


def require_no_observer(item: AgendaItem) -> None:
    """Raise `19/observer-present` while an observer attends the item."""
    if present_observer(item) is not None:
        raise Refused("19/observer-present")


def require_text(text: str) -> None:
    """Raise `state/not-allowed` unless the text says something."""
    if not says_something(text):
        raise Refused("state/not-allowed", cause="text/blank")


def present_observer(item: AgendaItem) -> Observer | None:
    """The observer who is attending the item now, if any."""
    return Observer.objects.filter(item=item, withdrew_at=None).first()


def _find_conflicts(proposal: Proposal, item: AgendaItem, meeting: Meeting) -> list[Conflict]:
    """Note the seats whose holder heads the handling institution or is an officer named in the plan (Art.
    20.3).
    """
    if proposal.version is None:
        raise TypeError(f"proposal {proposal.pk} has no plan")
    named = officers(proposal.version.plan)
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
    found = []
    for seat in seats:
        holder = seat.holder
        if holder is None:
            continue
        if holder.pk in heads:
            reason = "经办机构负责人 / head of the handling institution"
        elif {folded_identifier(holder.staff_no), folded_identifier(holder.display_name)} & named:
            reason = "方案所列放贷或清收责任人 / lending or collection officer named in the plan"
        else:
            continue
        found.append(
            Conflict(
                item=item,
                seat=seat,
                person=holder,
                source=Conflict.Source.FOUND,
                reason=reason,
                at=clock.now(),
            )
        )
    return Conflict.objects.bulk_create(found)
