"""Convening, changing, cancelling and closing meetings, and their proxies (Art. 9, 11, 15, 16, 25)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from audit import clock
from audit.recording import action, record
from committee.actions.attendance import enter_by_proxy
from committee.actions.notices import own_seat, require_period
from committee.agenda import leave_agenda, vote_open
from committee.grants import regrant
from committee.locks import lock_meeting
from committee.messages import announce, settle, settle_moved, tell_of_cancelling, tell_of_uncovered
from committee.models import AgendaItem, Committee, Meeting, Person, Proxy, RegulationVersion, Seat, Series
from committee.models.lines import require_lines
from committee.offices import serves_as_liaison
from committee.permissions import permit, require_state
from committee.presence import require_signed_in
from committee.visibility import require_visible as require_meeting_visible
from proposals.locks import lock_proposals
from proposals.models import Proposal, Tabling
from proposals.permissions import ACTS, require_all_visible
from proposals.transitions import transition_all
from regulation.refused import Refused
from regulation.text import says_something

_S = Proposal.State
_NOT_YET_FILED = (_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.SHORTLISTED)


@action
def convene(
    committee: Committee,
    *,
    by: Person,
    at: datetime,
    place: str,
    proposals: Sequence[Proposal],
    emergency: bool = False,
    reason: str = "",
) -> Meeting:
    """A meeting of these filed plans is convened on the regulation in force today, numbered.

    `9/only-chair`; `25/not-in-force`; `15/no-items`; `14/not-filed` (`state/not-allowed` for what is past);
    `15/emergency-reason-required`; `15/notice-too-short`.
    """
    locked, _ = lock_proposals(proposal.pk for proposal in proposals)
    named = _in_order(locked, proposals)
    require_all_visible(named, by)
    permit(ACTS["convene"], committee, by)
    now = clock.now()
    regulation = RegulationVersion.objects.in_force(committee, now.astimezone(committee.tz).date())
    if regulation is None:
        raise Refused("25/not-in-force")
    _require_filed(committee, named)
    if emergency and not says_something(reason):
        raise Refused("15/emergency-reason-required")
    meeting = Meeting(
        committee=committee,
        regulation=regulation,
        at=at,
        place=place,
        emergency=emergency,
        emergency_reason=reason if emergency else "",
        convened_by=by,
        convened_at=now,
    )
    require_period(meeting, at=at, item_ids=set(), now=now)
    meeting.year, meeting.number = Series.objects.take(committee, Series.Kind.MEETING, now)
    meeting.save()
    _table(meeting, named, by)
    _number([proposal.item for proposal in named if proposal.item is not None])
    record(meeting.stream, "convene", meeting.subject, by=by, payload=_stated(meeting, named))
    _tell_liaison("convene", meeting, by)
    return meeting


@action
def change_meeting(
    meeting: Meeting,
    *,
    by: Person,
    at: datetime | None = None,
    place: str | None = None,
    proposals: Sequence[Proposal] | None = None,
) -> Meeting:
    """The convened meeting has this time, place and agenda; a change supersedes the notice and its receipts.

    What is left out stays, the order of items is no change. `9/only-chair`; `state/not-allowed`;
    `15/no-items`; `14/not-filed`; `15/notice-too-short` when time or items change.
    """
    act = ACTS["change_meeting"]
    before = list(
        Proposal.objects.filter(item__meeting=meeting.pk, item__left_at=None).values_list("pk", flat=True)
    )
    locked, meetings = lock_proposals(
        {*before, *(proposal.pk for proposal in proposals or ())}, meetings=[meeting.pk]
    )
    meeting = meetings[meeting.pk]
    require_meeting_visible(meeting, by)
    named = _in_order(locked, proposals) if proposals is not None else None
    require_all_visible(named or (), by)
    permit(act, meeting.committee, by, meeting)
    require_state(act, meeting.state)
    standing = {
        p.pk: p for p in locked if p.item and p.item.meeting_id == meeting.pk and p.item.left_at is None
    }
    if named is None:
        named = sorted(standing.values(), key=lambda p: p.item.number or 0 if p.item else 0)
    else:
        _require_filed(meeting.committee, named, tabled=standing)
    now = clock.now()
    added = [proposal for proposal in named if proposal.pk not in standing]
    dropped = [proposal for pk, proposal in standing.items() if proposal not in named]
    moved = at is not None and at != meeting.at
    if moved or added or dropped:
        items = item_ids(meeting, named)
        require_period(meeting, at=at if at is not None else meeting.at, item_ids=items, now=now)
    changed = moved or bool(added or dropped) or (place is not None and place != meeting.place)
    meeting.at = at if at is not None else meeting.at
    if place is not None:
        meeting.place = place
        require_lines(meeting, ["place"])
    meeting.save(update_fields=["at", "place"])
    _set_agenda(meeting, named, added, dropped, by)
    if changed:
        meeting.notices.filter(superseded_at=None).update(superseded_at=now)
    record(
        meeting.stream,
        "change_meeting",
        meeting.subject,
        by=by,
        payload={**_stated(meeting, named), "notice_superseded": changed},
    )
    if changed:
        settle("convene", "change_meeting", "send_notice", about=meeting.subject)
        _tell_liaison("change_meeting", meeting, by)
    if dropped:
        tell_of_uncovered(meeting, by=by)
    return meeting


@action
def cancel_meeting(meeting: Meeting, *, by: Person, reason: str) -> Meeting:
    """The convened meeting does not take place; its plans can be tabled again.

    `9/only-chair`; `state/not-allowed`; `15/reason-required`.
    """
    act = ACTS["cancel_meeting"]
    meeting, standing = _lock_with_proposals(meeting)
    require_meeting_visible(meeting, by)
    permit(act, meeting.committee, by, meeting)
    require_state(act, meeting.state)
    if not says_something(reason):
        raise Refused("15/reason-required")
    meeting.cancel(clock.now(), reason)
    meeting.save(update_fields=["state", "cancelled_at", "cancel_reason"])
    settle_moved([meeting.subject], meeting.state)
    _untable(standing, AgendaItem.Left.MEETING_CANCELLED, by)
    record(meeting.stream, "cancel_meeting", meeting.subject, by=by, payload={"reason": reason})
    tell_of_cancelling(meeting, by, reason)
    return meeting


@action
def close_meeting(meeting: Meeting, *, by: Person) -> Meeting:
    """The session is over; plans that were not voted on can be tabled again.

    `9/only-chair`; `state/not-allowed` outside of a session and while a vote is open; `9/chair-absent`.
    """
    act = ACTS["close_meeting"]
    meeting, standing = _lock_with_proposals(meeting)
    require_meeting_visible(meeting, by)
    permit(act, meeting.committee, by, meeting)
    require_state(act, meeting.state)
    if meeting.items.filter(voting=True).exists():
        raise vote_open(meeting)
    require_signed_in(meeting, by)
    now = clock.now()
    meeting.close(now)
    meeting.save(update_fields=["state", "closed_at"])
    settle_moved([meeting.subject], meeting.state)
    meeting.attendances.filter(signed_out_at=None).update(signed_out_at=now)
    _untable(standing, AgendaItem.Left.NOT_VOTED, by)
    record(
        meeting.stream,
        "close_meeting",
        meeting.subject,
        by=by,
        payload={"not_voted": [proposal.subject for proposal in standing]},
    )
    return meeting


@action
def authorise_proxy(
    meeting: Meeting,
    *,
    by: Person,
    holder: Person,
    proposals: Sequence[Proposal],
    powers: Sequence[str],
    document: str,
) -> Proxy:
    """The holder may act for the seat of `by` on these items within the powers, by written authorisation
    (Art. 11); one who is in the room by another authorisation is there for this seat at once.

    `20.1/no-seat`; `state/not-allowed` outside of a running meeting; `11/document-required`;
    `11/scope-required`; `11/holder-not-eligible`; `11/out-of-scope` for an item not on the agenda;
    `11/after-vote-opened`; `state/not-allowed` while the seat has a running proxy.
    """
    act = ACTS["authorise_proxy"]
    meeting = lock_meeting(meeting.pk)
    require_meeting_visible(meeting, by)
    require_all_visible(proposals, by)
    seat = own_seat(meeting, by)
    require_state(act, meeting.state)
    if not says_something(document):
        raise Refused("11/document-required")
    if not proposals or not powers or not set(powers) <= set(Proxy.Power):
        raise Refused("11/scope-required")
    _require_eligible(meeting, holder, proposals)
    tablings = Tabling.objects.filter(
        proposal__in=[proposal.pk for proposal in proposals], item__meeting=meeting, item__left_at=None
    ).select_related("item")
    items = {tabling.proposal_id: tabling.item for tabling in tablings}
    if any(proposal.pk not in items for proposal in proposals):
        raise Refused("11/out-of-scope")
    if any(item.vote_opened_at is not None for item in items.values()):
        raise Refused("11/after-vote-opened")
    if Proxy.objects.running().filter(meeting=meeting, seat=seat).exists():
        raise Refused("state/not-allowed", cause="proxy/running")
    proxy = Proxy.objects.create(
        meeting=meeting,
        seat=seat,
        principal=by,
        holder=holder,
        document=document,
        powers=[power for power in Proxy.Power if power in powers],
        authorised_at=clock.now(),
    )
    proxy.items.set(items.values())
    enter_by_proxy(proxy)
    regrant([meeting], [holder])
    record(
        meeting.stream,
        "authorise_proxy",
        meeting.subject,
        by=by,
        payload={
            "seat": seat.number,
            "holder": str(holder.pk),
            "items": sorted(item.subject for item in items.values()),
            "powers": [str(power) for power in proxy.powers],
            "document": document,
        },
    )
    announce(
        "authorise_proxy",
        [holder],
        by=by,
        about=meeting.subject,
        seat=seat.number,
        post=seat.post,
        principal=by.display_name,
        powers=[str(power) for power in proxy.powers],
        at=meeting.at.isoformat(),
        place=meeting.place,
    )
    return proxy


def _require_eligible(meeting: Meeting, holder: Person, proposals: Iterable[Proposal]) -> None:
    """Raise `11/holder-not-eligible` for a member, the liaison, the handling institution, or one proxy too
    many.
    """
    units = {proposal.unit_id for proposal in proposals}
    proxies = Proxy.objects.running().filter(meeting=meeting, holder=holder).count()
    if (
        Seat.objects.filter(committee=meeting.committee_id, holder=holder).exists()
        or serves_as_liaison(meeting.committee, holder)
        or holder.unit_id in units
        or holder.positions.filter(unit__in=units).exists()
        or proxies >= meeting.regulation.proxies_per_holder
    ):
        raise Refused("11/holder-not-eligible", holder=holder.display_name)


def _in_order(locked: Iterable[Proposal], named: Iterable[Proposal]) -> list[Proposal]:
    """The locked rows in the order in which they were named, each once."""
    by_id = {proposal.pk: proposal for proposal in locked}
    return [by_id[pk] for pk in dict.fromkeys(proposal.pk for proposal in named)]


def _require_filed(committee: Committee, named: Sequence[Proposal], *, tabled: Iterable[int] = ()) -> None:
    """Raise `15/no-items`, `14/not-filed`, `state/not-allowed` unless each is filed, or in `tabled`."""
    here = set(tabled)
    if not named:
        raise Refused("15/no-items")
    for proposal in named:
        if proposal.committee_id != committee.pk:
            raise Refused("access/not-found")
        if proposal.pk in here:
            continue
        if proposal.state in _NOT_YET_FILED:
            raise Refused("14/not-filed", proposal=str(proposal))
        require_state(ACTS["convene"], proposal.state)


def item_ids(meeting: Meeting, named: Iterable[Proposal]) -> set[int]:
    """The items that these proposals have, or had, in the meeting; -1 stands for one that was never in it."""
    known = dict(Tabling.objects.filter(item__meeting=meeting).values_list("proposal", "item"))
    return {known.get(proposal.pk, -1) for proposal in named}


def _set_agenda(
    meeting: Meeting,
    named: Sequence[Proposal],
    added: Sequence[Proposal],
    dropped: Sequence[Proposal],
    by: Person,
) -> None:
    """The agenda is `named`, in that order; items struck keep their place behind them. Locks held."""
    _untable(dropped, AgendaItem.Left.DROPPED, by)
    meeting.items.update(number=None)
    _table(meeting, added, by)
    standing = [proposal.item for proposal in named if proposal.item is not None]
    struck = meeting.items.filter(left_why=AgendaItem.Left.WITHDRAWN).order_by("pk")
    _number([*standing, *struck])


def _number(items: Sequence[AgendaItem]) -> None:
    """The items are numbered from 1 in this order; none of them had a number. Locks held."""
    for number, item in enumerate(items, 1):
        item.number = number
    AgendaItem.objects.bulk_update(items, ["number"])


def _table(meeting: Meeting, proposals: Sequence[Proposal], by: Person) -> None:
    """The proposals stand on the agenda, each under its former item or a new one, unnumbered; locks held."""
    earlier = {
        tabling.proposal_id: tabling.item
        for tabling in Tabling.objects.filter(proposal__in=proposals, item__meeting=meeting).select_related(
            "item"
        )
    }
    fresh = [proposal for proposal in proposals if proposal.pk not in earlier]
    for proposal in proposals:
        item = earlier.get(proposal.pk) or AgendaItem(meeting=meeting, unit_id=proposal.unit_id)
        item.title, item.digest = proposal.title, proposal.present_version.digest
        item.left_at, item.left_why = None, ""
        proposal.item = item
    AgendaItem.objects.bulk_update(earlier.values(), ["title", "digest", "left_at", "left_why"])
    AgendaItem.objects.bulk_create([proposal.item for proposal in fresh if proposal.item is not None])
    for proposal in proposals:
        proposal.item = proposal.item  # the key that the new item has only now
    Tabling.objects.bulk_create(
        [
            Tabling(proposal=proposal, item=proposal.item, version=proposal.present_version)
            for proposal in fresh
        ]
    )
    transition_all(proposals, "table", "item")
    for proposal in proposals:
        if proposal.item is not None:
            record(
                proposal.stream,
                "table",
                proposal.subject,
                by=by,
                payload={
                    "meeting": meeting.subject,
                    "item": proposal.item.subject,
                    "digest": proposal.item.digest,
                },
            )


def _untable(proposals: Sequence[Proposal], why: AgendaItem.Left, by: Person) -> None:
    """The proposals are filed again and their items left the agenda; locks held."""
    leave_agenda([proposal.item for proposal in proposals if proposal.item is not None], why)
    transition_all(proposals, "untable")
    for proposal in proposals:
        record(proposal.stream, "untable", proposal.subject, by=by, payload={"why": str(why)})


def _lock_with_proposals(meeting: Meeting) -> tuple[Meeting, list[Proposal]]:
    """The meeting and the proposals tabled in it, locked in that order."""
    meeting = lock_meeting(meeting.pk)
    pks = Proposal.objects.filter(item__meeting=meeting, item__left_at=None, state=_S.TABLED).values_list(
        "pk", flat=True
    )
    proposals, _ = lock_proposals(pks, meetings=[meeting.pk])
    return meeting, proposals


def _tell_liaison(kind: str, meeting: Meeting, by: Person) -> None:
    """A notice of this is due (Art. 15, 16)."""
    announce(
        kind,
        [meeting.committee.liaison_id],
        by=by,
        about=meeting.subject,
        at=meeting.at.isoformat(),
        place=meeting.place,
        emergency=meeting.emergency,
        committee=meeting.committee_id,
    )


def _stated(meeting: Meeting, named: Sequence[Proposal]) -> dict[str, object]:
    return {
        "number": meeting.written_number,
        "at": meeting.at.isoformat(),
        "place": meeting.place,
        "emergency": meeting.emergency,
        "reason": meeting.emergency_reason,
        "regulation": meeting.regulation.number,
        "proposals": [proposal.subject for proposal in named],
    }
