"""Drawing up, signing and distributing minutes (Art. 9.4, 12.3, 21)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max

from audit import clock
from audit.recording import action, record
from audit.waking import checkpoint_soon
from committee import messages
from committee.beginning import begin_on_meeting
from committee.messages import announce, announce_each, settle, settle_moved
from committee.models import AgendaItem, Meeting, Person, Position, Series, Unit
from office import keys, signed_files
from office import record as meeting_record
from office.actions.outgoing import put_out
from office.models import Copy, Minutes, MinutesFile, MinutesRevision, MinutesSignature
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
    keep_revision(minutes, 1, by)
    meeting.minute()
    meeting.save(update_fields=["state"])
    settle_moved([meeting.subject], meeting.state)
    recorded("draft_minutes", minutes, by)
    announce(
        "draft_minutes",
        messages.presiding(meeting),
        by=by,
        about=meeting.subject,
        committee=meeting.committee_id,
    )
    return minutes


@action
def amend_minutes(meeting: Meeting, *, by: Person, narrative: str, over: int | None = None) -> Minutes:
    """The drafted minutes have this narrative, as their next revision; signatures on the former text lapse.

    `over` is the number of the revision over which it was typed, if that is known. `12/only-liaison`;
    `21/already-effective`; `state/not-allowed` while there are none, and when `over` is not the latest.
    """
    meeting = begin_on_meeting(ACTS["amend_minutes"], meeting, by, first=require_not_effective)
    minutes = original_of(meeting)
    lapsed = reword(minutes, narrative, require_latest(minutes, over) + 1, by)
    recorded("amend_minutes", minutes, by, **lapsed.told)
    lapsed.announce(by)
    return minutes


@action
def sign_minutes(meeting: Meeting, *, by: Person) -> Minutes:
    """The minutes are in effect and never change again.

    `9/only-chair` (the chair, or the meeting's acting chair); `21/already-effective`; `state/not-allowed`
    while there are none; `document/pin-required` where minutes are signed electronically.
    """
    meeting = begin_on_meeting(ACTS["sign_minutes"], meeting, by, first=require_not_effective)
    if keys.required():
        raise Refused("document/pin-required")
    minutes = original_of(meeting)
    take_effect(meeting, minutes, by)
    return minutes


def require_latest(minutes: Minutes | None, over: int | None) -> int:
    """The number of the latest revision, 0 before the first; `state/not-allowed` when `over` is another."""
    latest = minutes.revisions.aggregate(latest=Max("number"))["latest"] or 0 if minutes else 0
    if over is not None and over != latest:
        raise Refused("state/not-allowed", cause="minutes/newer", revision=latest)
    return latest


@dataclass(frozen=True)
class Lapsed:
    """The signatures on a text that is worded otherwise now: their fields, and whose they were."""

    meeting: Meeting
    signatures: Sequence[MinutesSignature]

    @property
    def told(self) -> dict[str, object]:
        """What the log says of them; nothing without any."""
        return {"lapsed": [each.field for each in self.signatures]} if self.signatures else {}

    def announce(self, by: Person) -> None:
        """Tell the signers that what they signed is no longer the text; nobody is asked to sign it now."""
        settle("countersign_minutes", about=self.meeting.subject)
        announce(
            "lapse_signature",
            [each.person_id for each in self.signatures],
            by=by,
            about=self.meeting.subject,
            committee=self.meeting.committee_id,
        )


def reword(minutes: Minutes, narrative: str, number: int, by: Person) -> Lapsed:
    """The locked draft has this narrative, as the revision of this number; returns the signatures on the
    former, which lapse.
    """
    minutes.narrative = narrative
    minutes.digest = meeting_record.digest({"narrative": narrative, "record": minutes.record})
    minutes.save(update_fields=["narrative", "digest"])
    keep_revision(minutes, number, by)
    return Lapsed(minutes.meeting, thaw(minutes))


def original_of(meeting: Meeting) -> Minutes:
    """The locked minutes that were drawn from the record of the locked meeting."""
    minutes = Minutes.objects.originals().select_for_update(of=("self",)).get(meeting=meeting)
    minutes.meeting = meeting
    return minutes


def take_effect(meeting: Meeting, minutes: Minutes, by: Person, **file: str) -> None:
    """The locked minutes are signed by whoever presides; `file` names the checksum of their signed file."""
    now = clock.now()
    minutes.sign(now, by)
    minutes.save(update_fields=["state", "signed_at", "signed_by"])
    meeting.sign(now)
    meeting.save(update_fields=["state", "signed_at"])
    settle_moved([meeting.subject], meeting.state)
    recorded("sign_minutes", minutes, by, **file)
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


def thaw(minutes: Minutes) -> list[MinutesSignature]:
    """End the frozen file of minutes that are amended; returns its signatures, which lapse."""
    signatures = list(MinutesSignature.objects.filter(file__minutes=minutes, file__ended_at=None))
    for file in MinutesFile.objects.select_for_update(of=("self",)).filter(minutes=minutes, ended_at=None):
        file.ended_at = clock.now()
        file.save(update_fields=["ended_at"])
        signed_files.remove_when_committed(file.path)
    return signatures


@action
def distribute(meeting: Meeting, *, by: Person) -> list[Copy]:
    """The branch's departments have the minutes in full, each handling institution its own items without
    names.

    `12/only-liaison`; `21/minutes-not-signed`; `state/not-allowed` before the closing and a second time.
    """
    meeting = begin_on_meeting(ACTS["distribute"], meeting, by, first=require_signed_minutes)
    minutes = original_of(meeting)
    if minutes.copies.exists():
        raise Refused("state/not-allowed", cause="minutes/distributed")
    supplementary = minutes.supplementary.filter(state=Minutes.State.SIGNED).order_by("pk")
    copies = [
        *in_full(minutes, departments(meeting), by),
        *of_own_items(meeting, minutes, by),
        *(copy for each in supplementary for copy in in_full(each, departments(meeting), by)),
    ]
    put_out(meeting, Copy.objects.bulk_create(copies), by=by)
    record(
        meeting.stream,
        "distribute",
        minutes.subject,
        by=by,
        payload={
            "in_full": [str(copy.unit_id) for copy in copies if copy.full and copy.minutes == minutes],
            "own_items": [str(copy.unit_id) for copy in copies if not copy.full],
        },
    )
    _notify_institutions(meeting, by)
    return copies


def departments(meeting: Meeting) -> list[Unit]:
    """The branch's departments, which have the minutes in full (Art. 21)."""
    found = Unit.objects.filter(parent=meeting.committee.branch_id, kind=Unit.Kind.DEPARTMENT)
    return list(found.order_by("pk"))


def in_full(minutes: Minutes, units: Iterable[Unit], by: Person) -> list[Copy]:
    """Unsaved copies of the complete minutes, for each of the units."""
    content = {"narrative": minutes.narrative, "record": minutes.record}
    return [
        Copy(minutes=minutes, unit=unit, full=True, content=content, sent_at=clock.now(), sent_by=by)
        for unit in units
    ]


def of_own_items(meeting: Meeting, minutes: Minutes, by: Person) -> list[Copy]:
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


def keep_revision(minutes: Minutes, number: int, by: Person) -> None:
    """The narrative as it is now is the revision with this number; the meeting's row is locked."""
    MinutesRevision.objects.create(
        minutes=minutes,
        number=number,
        narrative=minutes.narrative,
        digest=minutes.digest,
        saved_by=by,
        saved_at=clock.now(),
    )


def recorded(verb: str, minutes: Minutes, by: Person, **more: object) -> None:
    """The log of the meeting has the act on the minutes, with their number and digest."""
    record(
        minutes.meeting.stream,
        verb,
        minutes.subject,
        by=by,
        payload={"minutes": str(minutes), "digest": minutes.digest, **more},
    )
