"""What resolutions ask for afterwards: assigned, reported on, returned and confirmed (Art. 10, 12)."""

from __future__ import annotations

from datetime import date

from audit import clock
from audit.recording import action, record
from committee.messages import announce, settle
from committee.models import Meeting, Person
from office.models import FollowUp, FollowUpStep
from office.models.follow_ups import today
from office.permissions import ACTS, MAY_OWN
from proposals.beginning import begin_on_proposal
from proposals.models import Proposal
from regulation.refused import Refused
from regulation.text import has_content

_Kind = FollowUpStep.Kind
#: the kinds of messages that ask the owner for a follow-up
_ASKED = ("assign_follow_up", "return_follow_up")


@action
def assign_follow_up(proposal: Proposal, *, by: Person, text: str, owner: Person, due: date) -> FollowUp:
    """The condition or task of the resolution on the plan is the owner's, until the liaison confirms it.

    `12/only-liaison`; `state/not-allowed` for a plan that was not carried or has ended;
    `21/minutes-not-signed` before the minutes are in effect; `text/required`; `follow-up/invalid` for an
    owner who is neither of the handling institution nor of the committee nor of the credit department, and
    for a day that has passed.
    """
    proposal, meeting = begin_on_proposal(ACTS["assign_follow_up"], proposal, by)
    if meeting is None or meeting.state not in Meeting.EFFECTIVE:
        raise Refused("21/minutes-not-signed")
    if not has_content(text):
        raise Refused("text/required", why={"en": "what is to be done", "zh-hans": "办理事项"})
    _require_owner(proposal, owner)
    _require_to_come(proposal, due)
    made = FollowUp.objects.create(
        proposal=proposal,
        meeting=meeting,
        number=FollowUp.objects.filter(proposal=proposal).count() + 1,
        text=text,
        owner=owner,
        due_on=due,
        assigned_by=by,
        assigned_at=clock.now(),
    )
    _step(made, _Kind.ASSIGNED, by, owner=owner, due_on=due)
    _recorded(proposal, "assign_follow_up", made, by, text=text, owner=str(owner.pk), due=due.isoformat())
    announce(
        "assign_follow_up",
        [owner],
        by=by,
        about=proposal.subject,
        item=made.number,
        task=text,
        on=due.isoformat(),
    )
    return made


@action
def report_follow_up(
    proposal: Proposal, *, by: Person, follow_up: int, text: str, done: bool = False
) -> FollowUp:
    """The owner has said how far it is; with `done` that it is done, by which evidence, for the liaison to
    confirm.

    `access/denied` to others than its owner; `state/not-allowed` once it is reported as done or confirmed;
    `text/required`.
    """
    found: list[FollowUp] = []

    def permit(proposal: Proposal, _meeting: Meeting | None) -> None:
        row = _found(proposal, follow_up)
        if row is None or row.owner_id != by.pk:
            raise Refused(ACTS["report_follow_up"].code)
        found.append(row)

    proposal, _ = begin_on_proposal(ACTS["report_follow_up"], proposal, by, permit=permit)
    row = found[0]
    _require_not_confirmed(row)
    if row.reported_at is not None:
        raise Refused("state/not-allowed", cause="follow-up/reported")
    if not has_content(text):
        raise Refused(
            "text/required", why={"en": "what was done, and the evidence", "zh-hans": "办理情况及佐证"}
        )
    _step(row, _Kind.FINISHED if done else _Kind.REPORTED, by, text=text)
    _recorded(proposal, "report_follow_up", row, by, text=text, done=done)
    if done:
        settle(*_ASKED, about=proposal.subject, item=row.number)
        row.reported_at = clock.now()
        row.save(update_fields=["reported_at"])
        announce(
            "report_follow_up",
            [proposal.committee.liaison_id],
            by=by,
            about=proposal.subject,
            item=row.number,
            task=row.text,
            committee=proposal.committee_id,
        )
    return row


@action
def return_follow_up(
    proposal: Proposal,
    *,
    by: Person,
    follow_up: int,
    reason: str,
    owner: Person | None = None,
    due: date | None = None,
) -> FollowUp:
    """It is to be done still, by this owner and day where they are named; the reason says what is missing.

    `12/only-liaison`; `state/not-allowed` where there is none of this number, and once it is confirmed;
    `text/required`; `follow-up/invalid` as for assigning it.
    """
    proposal, _ = begin_on_proposal(ACTS["return_follow_up"], proposal, by)
    row = _required(proposal, follow_up)
    _require_not_confirmed(row)
    if not has_content(reason):
        raise Refused("text/required", why={"en": "the reason", "zh-hans": "理由"})
    if owner is not None:
        _require_owner(proposal, owner)
        row.owner = owner
    if due is not None:
        _require_to_come(proposal, due)
        row.due_on = due
    row.reported_at = None
    row.save(update_fields=["owner", "due_on", "reported_at"])
    _step(row, _Kind.RETURNED, by, text=reason, owner=owner, due_on=due)
    _recorded(
        proposal,
        "return_follow_up",
        row,
        by,
        reason=reason,
        **({} if owner is None else {"owner": str(owner.pk)}),
        **({} if due is None else {"due": due.isoformat()}),
    )
    settle(*_ASKED, "report_follow_up", about=proposal.subject, item=row.number)
    announce(
        "return_follow_up",
        [row.owner],
        by=by,
        about=proposal.subject,
        item=row.number,
        task=row.text,
        on=row.due_on.isoformat(),
        reason=reason,
    )
    return row


@action
def confirm_follow_up(proposal: Proposal, *, by: Person, follow_up: int) -> FollowUp:
    """It is done, and followed no more.

    `12/only-liaison`; `state/not-allowed` where there is none of this number, before the owner has reported
    it as done, and a second time.
    """
    proposal, _ = begin_on_proposal(ACTS["confirm_follow_up"], proposal, by)
    row = _required(proposal, follow_up)
    _require_not_confirmed(row)
    if row.reported_at is None:
        raise Refused("state/not-allowed", cause="follow-up/not-reported")
    row.confirmed_at, row.confirmed_by = clock.now(), by
    row.save(update_fields=["confirmed_at", "confirmed_by"])
    _step(row, _Kind.CONFIRMED, by)
    _recorded(proposal, "confirm_follow_up", row, by)
    settle(*_ASKED, "report_follow_up", about=proposal.subject, item=row.number)
    announce("confirm_follow_up", [row.owner], by=by, about=proposal.subject, item=row.number, task=row.text)
    return row


def _found(proposal: Proposal, number: int) -> FollowUp | None:
    """The plan's follow-up of this number, which the plan's lock keeps as it is; None without one."""
    return FollowUp.objects.filter(proposal=proposal, number=number).select_related("owner").first()


def _required(proposal: Proposal, number: int) -> FollowUp:
    row = _found(proposal, number)
    if row is None:
        raise Refused("state/not-allowed", cause="follow-up/none")
    return row


def _require_not_confirmed(row: FollowUp) -> None:
    if row.confirmed_at is not None:
        raise Refused("state/not-allowed", cause="follow-up/confirmed")


def _require_owner(proposal: Proposal, owner: Person) -> None:
    """Raise `follow-up/invalid` unless the person may answer for what was resolved on the plan."""
    if not owner.is_active or not MAY_OWN.held_by(owner, proposal):
        raise Refused(
            "follow-up/invalid",
            field="owner",
            why={
                "en": "its owner is of the handling institution, the committee or the credit department",
                "zh-hans": "责任人须为经办机构人员、委员或授信管理部审批人",
            },
        )


def _require_to_come(proposal: Proposal, due: date) -> None:
    """Raise `follow-up/invalid` for a day that has passed at the committee."""
    if due < today(proposal.committee):
        raise Refused(
            "follow-up/invalid",
            field="due",
            why={"en": f"{due.isoformat()} has passed", "zh-hans": f"{due.isoformat()} 已过"},
        )


def _step(
    row: FollowUp,
    kind: FollowUpStep.Kind,
    by: Person,
    *,
    text: str = "",
    owner: Person | None = None,
    due_on: date | None = None,
) -> None:
    FollowUpStep.objects.create(
        follow_up=row, kind=kind, text=text, owner=owner, due_on=due_on, by=by, at=clock.now()
    )


def _recorded(proposal: Proposal, verb: str, row: FollowUp, by: Person, **facts: object) -> None:
    record(proposal.stream, verb, row.subject, by=by, payload={"follow_up": row.number, **facts})
