"""Drawing up, signing and distributing minutes (Art. 9.4, 12.3, 21)."""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from audit.waking import checkpoint_soon
from committee import messages
from committee.beginning import begin_on_meeting
from committee.messages import announce, announce_each, settle_moved
from committee.models import AgendaItem, Meeting, Person, Position, Series, Unit
from office import record as meeting_record
from office.models import Copy, Minutes
from office.permissions import ACTS, require_not_effective, require_signed_minutes
from proposals.models import Proposal, Tabling
from regulation.refused import Refused


@action
def draft_minutes(meeting: Meeting, *, by: Person, narrative: str) -> Minutes:
    """Minutes drawn from the record exist, numbered, with the liaison's narrative.

    `12/only-liaison`; `state/not-allowed` before the closing and a second time.
    """
    meeting = begin_on_meeting(ACTS["draft_minutes"], meeting, by)
    now = clock.now()
    year, number = Series.objects.take(meeting.committee, Series.Kind.MINUTES, now)
    content = meeting_record.of_meeting(meeting)
    minutes = Minutes.objects.create(
        meeting=meeting,
        year=year,
        number=number,
        narrative=narrative,
        record=content,
        digest=meeting_record.digest({"narrative": narrative, "record": content}),
        drafted_by=by,
        drafted_at=now,
    )
    meeting.minute()
    meeting.save(update_fields=["state"])
    settle_moved([meeting.subject], meeting.state)
    _recorded("draft_minutes", meeting, minutes, by)
    announce(
        "draft_minutes",
        messages.presiding(meeting),
        by=by,
        about=meeting.subject,
        committee=meeting.committee_id,
    )
    return minutes


@action
def amend_minutes(meeting: Meeting, *, by: Person, narrative: str) -> Minutes:
    """The drafted minutes have this narrative.

    `12/only-liaison`; `21/already-effective`; `state/not-allowed` while there are none.
    """
    meeting = begin_on_meeting(ACTS["amend_minutes"], meeting, by, first=require_not_effective)
    minutes = Minutes.objects.select_for_update(of=("self",)).get(meeting=meeting)
    minutes.narrative = narrative
    minutes.digest = meeting_record.digest({"narrative": narrative, "record": minutes.record})
    minutes.save(update_fields=["narrative", "digest"])
    _recorded("amend_minutes", meeting, minutes, by)
    return minutes


@action
def sign_minutes(meeting: Meeting, *, by: Person) -> Minutes:
    """The minutes are in effect and never change again.

    `9/only-chair` (the chair, or the meeting's acting chair); `21/already-effective`; `state/not-allowed`
    while there are none.
    """
    meeting = begin_on_meeting(ACTS["sign_minutes"], meeting, by, first=require_not_effective)
    now = clock.now()
    minutes = Minutes.objects.select_for_update(of=("self",)).get(meeting=meeting)
    minutes.sign(now, by)
    minutes.save(update_fields=["state", "signed_at", "signed_by"])
    meeting.sign(now)
    meeting.save(update_fields=["state", "signed_at"])
    settle_moved([meeting.subject], meeting.state)
    _recorded("sign_minutes", meeting, minutes, by)
    announce(
        "sign_minutes",
        [meeting.committee.liaison_id],
        by=by,
        about=meeting.subject,
        committee=meeting.committee_id,
    )
    credit = messages.officers(Position.Role.CREDIT, meeting.committee.branch_id)
    carried = Proposal.objects.filter(item__meeting=meeting, state=Proposal.State.CARRIED).order_by("pk")
    announce_each("decide_credit", {proposal.subject: credit for proposal in carried}, by=by)
    checkpoint_soon()
    return minutes


@action
def distribute(meeting: Meeting, *, by: Person) -> list[Copy]:
    """The branch's departments have the minutes in full, each handling institution its own items without
    names.

    `12/only-liaison`; `21/minutes-not-signed`; `state/not-allowed` before the closing and a second time.
    """
    meeting = begin_on_meeting(ACTS["distribute"], meeting, by, first=require_signed_minutes)
    minutes = Minutes.objects.select_for_update(of=("self",)).get(meeting=meeting)
    if minutes.copies.exists():
        raise Refused("state/not-allowed", cause="minutes/distributed")
    copies = [*_in_full(meeting, minutes, by), *_of_own_items(meeting, minutes, by)]
    Copy.objects.bulk_create(copies)
    record(
        meeting.stream,
        "distribute",
        minutes.subject,
        by=by,
        payload={
            "in_full": [str(copy.unit_id) for copy in copies if copy.full],
            "own_items": [str(copy.unit_id) for copy in copies if not copy.full],
        },
    )
    _notify_institutions(meeting, by)
    return copies


def _in_full(meeting: Meeting, minutes: Minutes, by: Person) -> list[Copy]:
    """Unsaved copies of the complete minutes, for each department of the branch."""
    departments = Unit.objects.filter(parent=meeting.committee.branch_id, kind=Unit.Kind.DEPARTMENT)
    content = {"narrative": minutes.narrative, "record": minutes.record}
    return [
        Copy(minutes=minutes, unit=unit, full=True, content=content, sent_at=clock.now(), sent_by=by)
        for unit in departments.order_by("pk")
    ]


def _of_own_items(meeting: Meeting, minutes: Minutes, by: Person) -> list[Copy]:
    """Unsaved copies for each handling institution: its own items without names."""
    items = meeting.items.exclude(left_why=AgendaItem.Left.DROPPED)
    return [
        Copy(
            minutes=minutes,
            unit=unit,
            full=False,
            content=meeting_record.for_institution(minutes.record, unit.pk),
            sent_at=clock.now(),
            sent_by=by,
        )
        for unit in Unit.objects.filter(pk__in=items.values("unit")).order_by("pk")
    ]


def _notify_institutions(meeting: Meeting, by: Person) -> None:
    """Notify the handlers of each of their plans that the minutes cover."""
    handlers: dict[int, list[int]] = {}
    tablings = (
        Tabling.objects.filter(item__meeting=meeting)
        .exclude(item__left_why=AgendaItem.Left.DROPPED)
        .select_related("proposal")
        .order_by("pk")
    )
    positions = Position.objects.filter(
        role=Position.Role.HANDLER, unit__in=tablings.values("proposal__unit")
    ).order_by("pk")
    for position in positions:
        handlers.setdefault(position.unit_id, []).append(position.person_id)
    recipients = {each.proposal.subject: handlers.get(each.proposal.unit_id, []) for each in tablings}
    announce_each("distribute", recipients, by=by)


def _recorded(verb: str, meeting: Meeting, minutes: Minutes, by: Person) -> None:
    record(
        meeting.stream,
        verb,
        minutes.subject,
        by=by,
        payload={"minutes": str(minutes), "digest": minutes.digest},
    )
