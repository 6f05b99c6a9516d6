"""Convening, changing, cancelling and closing meetings, and their proxies (Art. 9, 11, 15, 16, 25)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from audit import clock
from audit.recording import action, record
from audit.waking import checkpoint_soon
from committee.actions.attendance import enter_by_proxy
from committee.actions.notices import require_period
from committee.agenda import leave_agenda, vote_open
from committee.beginning import begin_for_own_seat
from committee.grants import regrant
from committee.messages import announce, notify_of_cancelling, notify_of_uncovered, settle, settle_moved
from committee.models import AgendaItem, Committee, Meeting, Person, Proxy, RegulationVersion, Seat, Series
from committee.models.lines import require_lines
from committee.offices import serves_as_liaison
from committee.permissions import permit, require_state
from committee.presence import require_signed_in
from committee.visibility import require_visible
from proposals.beginning import begin_on_agenda, begin_on_plans, in_order
from proposals.locks import lock_proposals
from proposals.models import Proposal, Tabling
from proposals.permissions import ACTS, require_all_visible
from proposals.transitions import transition_all
from regulation.refused import Refused
from regulation.text import has_content

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
    minutes: Sequence[int] | None = None,
) -> Meeting:
    """A meeting of these filed plans is convened on the regulation in force today, numbered.

    `minutes` are those planned for each item, in their order, 0 for none; no rule rests on them.
    `9/only-chair`; `25/not-in-force`; `15/no-items`; `14/not-filed` (`state/not-allowed` for what is past);
    `15/emergency-reason-required`; `15/notice-too-short`; `state/not-allowed` for minutes of another number
    of items.
    """
    named = begin_on_plans(ACTS["convene"], committee, proposals, by)
    now = clock.now()
    regulation = RegulationVersion.objects.in_force(committee, now.astimezone(committee.tz).date())
    if regulation is None:
        raise Refused("25/not-in-force")
    _require_filed(committee, named)
    if emergency and not has_content(reason):
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
    _require_each(named, minutes)
    meeting.year, meeting.number = Series.objects.take(committee, Series.Kind.MEETING, now)
    meeting.save()
    _table(meeting, named, by)
    _number([proposal.item for proposal in named if proposal.item is not None], minutes)
    record(meeting.stream, "convene", meeting.subject, by=by, payload=_stated(meeting, named))
    _notify_liaison("convene", meeting, by)
    return meeting


@action
def change_meeting(
    meeting: Meeting,
    *,
    by: Person,
    at: datetime | None = None,
    place: str | None = None,
    proposals: Sequence[Proposal] | None = None,
    minutes: Sequence[int] | None = None,
) -> Meeting:
    """The convened meeting has this time, place and agenda; a change supersedes the notice and its receipts.

    What is left out stays; the order of items and the minutes planned for each are no change. `9/only-chair`;
    `state/not-allowed`, also for minutes of another number of items; `15/no-items`; `14/not-filed`;
    `15/notice-too-short` when time or items change.
    """
    meeting, locked, named = _begin_to_change(meeting, proposals, by)
    agenda = _agenda(meeting, locked, named)
    moved = at is not None and at != meeting.at
    if moved or agenda.changed:
        now, items = clock.now(), item_ids(meeting, agenda.named)
        require_period(meeting, at=at or meeting.at, item_ids=items, now=now)
    _require_each(agenda.named, minutes)
    changed = moved or agenda.changed or place not in (None, meeting.place)
    _set_time_and_place(meeting, at, place)
    _set_agenda(meeting, agenda, minutes, by)
    record(
        meeting.stream,
        "change_meeting",
        meeting.subject,
        by=by,
        payload={**_stated(meeting, agenda.named), "notice_superseded": changed},
    )
    if changed:
        _supersede_notice(meeting, by)
    if agenda.dropped:
        notify_of_uncovered(meeting, by=by)
    return meeting


@dataclass(frozen=True, slots=True)
class _Agenda:
    """The agenda of a meeting as it is to be: its plans in order, those added and those that leave."""

    named: list[Proposal]
    added: list[Proposal]
    dropped: list[Proposal]

    @property
    def changed(self) -> bool:
        """Whether a plan is added or leaves; another order is no change."""
        return bool(self.added or self.dropped)


def _agenda(meeting: Meeting, locked: Iterable[Proposal], named: list[Proposal] | None) -> _Agenda:
    """The new agenda, or the present one if none is given; `15/no-items`, `14/not-filed`,
    `state/not-allowed`.
    """
    standing = {p.pk: p for p in locked if _stands(p, meeting)}
    if named is None:
        as_it_is = sorted(standing.values(), key=lambda p: p.item.number or 0 if p.item else 0)
        return _Agenda(as_it_is, [], [])
    _require_filed(meeting.committee, named, tabled=standing)
    return _Agenda(
        named,
        added=[proposal for proposal in named if proposal.pk not in standing],
        dropped=[proposal for proposal in standing.values() if proposal not in named],
    )


def _supersede_notice(meeting: Meeting, by: Person) -> None:
    """Mark the notice and its receipts as superseded and ask the liaison to send another."""
    meeting.notices.filter(superseded_at=None).update(superseded_at=clock.now())
    settle("convene", "change_meeting", "send_notice", "remind_members", about=meeting.subject)
    _notify_liaison("change_meeting", meeting, by)


def _begin_to_change(
    meeting: Meeting, proposals: Sequence[Proposal] | None, by: Person
) -> tuple[Meeting, list[Proposal], list[Proposal] | None]:
    """Lock and return the meeting for the convening person, the proposals on its agenda, and those named, in
    order.

    In the order of `proposals/beginning.py`, except that the proposals on the agenda and those to be added
    are locked together: one of them may stand in another meeting, whose row would otherwise be locked out of
    order.
    """
    act = ACTS["change_meeting"]
    before = Proposal.objects.filter(item__meeting=meeting.pk, item__left_at=None)
    wanted = {*before.values_list("pk", flat=True), *(proposal.pk for proposal in proposals or ())}
    locked, meetings = lock_proposals(wanted, meetings=[meeting.pk])
    meeting = meetings[meeting.pk]
    require_visible(meeting, by)
    named = in_order(locked, proposals) if proposals is not None else None
    require_all_visible(named or (), by)
    permit(act, meeting.committee, by, meeting)
    require_state(act, meeting.state)
    return meeting, locked, named


def _stands(proposal: Proposal, meeting: Meeting) -> bool:
    """Whether the proposal is on the meeting's agenda."""
    item = proposal.item
    return item is not None and item.meeting_id == meeting.pk and item.left_at is None


def _set_time_and_place(meeting: Meeting, at: datetime | None, place: str | None) -> None:
    """Set time and place of the meeting, where given."""
    meeting.at = at or meeting.at
    if place is not None:
        meeting.place = place
        require_lines(meeting, ["place"])
    meeting.save(update_fields=["at", "place"])


@action
def cancel_meeting(meeting: Meeting, *, by: Person, reason: str) -> Meeting:
    """The convened meeting does not take place; its plans can be tabled again.

    `9/only-chair`; `state/not-allowed`; `15/reason-required`.
    """
    meeting, standing = begin_on_agenda(ACTS["cancel_meeting"], meeting, by)
    if not has_content(reason):
        raise Refused("15/reason-required")
    meeting.cancel(clock.now(), reason)
    meeting.save(update_fields=["state", "cancelled_at", "cancel_reason"])
    settle_moved([meeting.subject], meeting.state)
    _untable(standing, AgendaItem.Left.MEETING_CANCELLED, by)
    record(meeting.stream, "cancel_meeting", meeting.subject, by=by, payload={"reason": reason})
    notify_of_cancelling(meeting, by, reason)
    return meeting


@action
def close_meeting(meeting: Meeting, *, by: Person) -> Meeting:
    """The session is over; plans that were not voted on can be tabled again.

    `9/only-chair`; `state/not-allowed` outside of a session and while a vote is open; `9/chair-absent`.
    """
    meeting, standing = begin_on_agenda(ACTS["close_meeting"], meeting, by)
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
    checkpoint_soon()
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
    meeting, seat = begin_for_own_seat(
        ACTS["authorise_proxy"], meeting, by, visible=lambda: require_all_visible(proposals, by)
    )
    _require_written(document, proposals, powers)
    _require_eligible(meeting, holder, proposals)
    items = _to_cover(meeting, proposals)
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
    proxy.items.set(items)
    enter_by_proxy(proxy)
    regrant([meeting], [holder])
    payload = {
        "seat": seat.number,
        "holder": str(holder.pk),
        "items": sorted(item.subject for item in items),
        "powers": [str(power) for power in proxy.powers],
        "document": document,
    }
    record(meeting.stream, "authorise_proxy", meeting.subject, by=by, payload=payload)
    _notify_holder(proxy, by)
    return proxy


def _require_written(document: str, proposals: Sequence[Proposal], powers: Sequence[str]) -> None:
    """Raise `11/document-required` or `11/scope-required` unless document, items and powers are given."""
    if not has_content(document):
        raise Refused("11/document-required")
    if not proposals or not powers or not set(powers) <= set(Proxy.Power):
        raise Refused("11/scope-required")


def _to_cover(meeting: Meeting, proposals: Sequence[Proposal]) -> list[AgendaItem]:
    """The proposals' items in the meeting; `11/out-of-scope` or `11/after-vote-opened` unless all are still
    open.
    """
    tablings = Tabling.objects.filter(
        proposal__in=[proposal.pk for proposal in proposals], item__meeting=meeting, item__left_at=None
    ).select_related("item")
    items = {tabling.proposal_id: tabling.item for tabling in tablings}
    if any(proposal.pk not in items for proposal in proposals):
        raise Refused("11/out-of-scope")
    if any(item.vote_opened_at is not None for item in items.values()):
        raise Refused("11/after-vote-opened")
    return list(items.values())


def _notify_holder(proxy: Proxy, by: Person) -> None:
    """Tell the holder for whom, where, when and for what to act."""
    announce(
        "authorise_proxy",
        [proxy.holder],
        by=by,
        about=proxy.meeting.subject,
        seat=proxy.seat.number,
        post=proxy.seat.post,
        principal=by.display_name,
        powers=[str(power) for power in proxy.powers],
        at=proxy.meeting.at.isoformat(),
        place=proxy.meeting.place,
    )


def _require_eligible(meeting: Meeting, holder: Person, proposals: Iterable[Proposal]) -> None:
    """Raise `11/holder-not-eligible` for a member, the liaison, the handling institution, or too many
    proxies.
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


def _require_filed(committee: Committee, named: Sequence[Proposal], *, tabled: Iterable[int] = ()) -> None:
    """Raise `15/no-items`, `14/not-filed` or `state/not-allowed` unless each is filed, or in `tabled`."""
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
    """The ids of the items that these proposals have, or had, in the meeting; -1 for one without."""
    known = dict(Tabling.objects.filter(item__meeting=meeting).values_list("proposal", "item"))
    return {known.get(proposal.pk, -1) for proposal in named}


def _require_each(named: Sequence[Proposal], minutes: Sequence[int] | None) -> None:
    """Raise `state/not-allowed` unless there are minutes for each item, or for none."""
    if minutes is not None and len(minutes) != len(named):
        raise Refused("state/not-allowed", cause="agenda/minutes", items=len(named), given=len(minutes))


def _set_agenda(meeting: Meeting, agenda: _Agenda, minutes: Sequence[int] | None, by: Person) -> None:
    """Give the agenda this order and these minutes; items struck come last. Needs the locks."""
    _untable(agenda.dropped, AgendaItem.Left.DROPPED, by)
    meeting.items.update(number=None)
    _table(meeting, agenda.added, by)
    standing = [proposal.item for proposal in agenda.named if proposal.item is not None]
    struck = meeting.items.filter(left_why=AgendaItem.Left.WITHDRAWN).order_by("pk")
    _number([*standing, *struck], minutes)


def _number(items: Sequence[AgendaItem], minutes: Sequence[int] | None) -> None:
    """Number the items from 1 in this order, the first ones with these minutes; none may have a number yet.
    Needs the locks.
    """
    for number, item in enumerate(items, 1):
        item.number = number
    for item, planned in zip(items, minutes or (), strict=False):
        item.minutes = planned or None
    AgendaItem.objects.bulk_update(items, ["number", "minutes"])


def _table(meeting: Meeting, proposals: Sequence[Proposal], by: Person) -> None:
    """Put the proposals on the agenda, each under its former item or a new one, without numbers. Needs the
    locks.
    """
    tablings = Tabling.objects.filter(proposal__in=proposals, item__meeting=meeting).select_related("item")
    earlier = {tabling.proposal_id: tabling.item for tabling in tablings}
    fresh: list[tuple[Proposal, AgendaItem]] = []
    for proposal in proposals:
        item = earlier.get(proposal.pk) or AgendaItem(meeting=meeting, unit_id=proposal.unit_id)
        item.title, item.digest = proposal.title, proposal.present_version.digest
        item.left_at, item.left_why = None, ""
        proposal.item = item
        if proposal.pk not in earlier:
            fresh.append((proposal, item))
    AgendaItem.objects.bulk_update(earlier.values(), ["title", "digest", "left_at", "left_why"])
    AgendaItem.objects.bulk_create([item for _, item in fresh])
    for proposal, item in fresh:
        proposal.item = item  # the key of the new item
    Tabling.objects.bulk_create(
        [Tabling(proposal=proposal, item=item, version=proposal.present_version) for proposal, item in fresh]
    )
    transition_all(proposals, "table", "item")
    _record_tabling(meeting, proposals, by)


def _record_tabling(meeting: Meeting, proposals: Sequence[Proposal], by: Person) -> None:
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
    """Take the proposals off the agenda and return them to filed. Needs the locks."""
    leave_agenda([proposal.item for proposal in proposals if proposal.item is not None], why)
    transition_all(proposals, "untable")
    for proposal in proposals:
        record(proposal.stream, "untable", proposal.subject, by=by, payload={"why": str(why)})


def _notify_liaison(kind: str, meeting: Meeting, by: Person) -> None:
    """Ask the liaison to send the notice (Art. 15, 16)."""
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
    planned = [(proposal.item and proposal.item.minutes) or 0 for proposal in named]
    return {
        "number": meeting.written_number,
        "at": meeting.at.isoformat(),
        "place": meeting.place,
        "emergency": meeting.emergency,
        "reason": meeting.emergency_reason,
        "regulation": meeting.regulation.number,
        "proposals": [proposal.subject for proposal in named],
        **({"minutes": planned} if any(planned) else {}),
    }
