"""Comments at the fields of a plan, between the liaison and the handling institution (Art. 14)."""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.messages import announce
from committee.models import Meeting, Person
from committee.offices import LIAISON
from proposals.beginning import begin_on_proposal
from proposals.models import PlanComment, Proposal
from proposals.permissions import ACTS, require_handler
from proposals.plan.places import is_place
from regulation.refused import Refused
from regulation.text import has_content

_S = Proposal.State
_Side = PlanComment.Side

#: characters of a comment
MOST = 5_000


@action
def comment(proposal: Proposal, *, by: Person, field: str, text: str) -> PlanComment:
    """The comment stands at the field, whose JSON path is given, for the liaison and the institution alone.

    Its entry names the field; the words are in the row, which never changes. What the liaison remarks before
    the return is told with the return, what the institution answers before submitting with the submission;
    later ones are told at once. `access/denied` to others than the liaison and the institution's handlers;
    `state/not-allowed` unless submitted or returned; `text/required`; `comment/invalid` for a path that is no
    field of a plan, and for more than 5,000 characters.
    """
    side: list[_Side] = []

    def permit(proposal: Proposal, _meeting: Meeting | None) -> None:
        if LIAISON.held_by(by, proposal):
            side.append(_Side.LIAISON)
            return
        try:
            require_handler(proposal, by)
        except Refused:
            raise Refused(ACTS["comment"].code) from None
        side.append(_Side.INSTITUTION)

    proposal, _ = begin_on_proposal(ACTS["comment"], proposal, by, permit=permit)
    _require_said(field, text)
    of_liaison = side[0] == _Side.LIAISON
    made = PlanComment.objects.create(
        proposal=proposal,
        version=(proposal.submitted_version if of_liaison else None) or proposal.present_version,
        field=field,
        side=side[0],
        text=text,
        by=by,
        at=clock.now(),
    )
    record(
        proposal.stream,
        "comment",
        proposal.subject,
        by=by,
        payload={"comment": made.pk, "field": field, "side": made.side},
    )
    if of_liaison and proposal.state == _S.RETURNED:
        people = messages.handlers(proposal.unit_id)
    elif not of_liaison and proposal.state == _S.SUBMITTED:
        people = [proposal.committee.liaison_id]
    else:
        return made
    announce("comment", people, by=by, about=proposal.subject, text=text)
    return made


def _require_said(field: str, text: str) -> None:
    """Raise `text/required` or `comment/invalid`."""
    if not has_content(text):
        raise Refused("text/required", why={"en": "the comment", "zh-hans": "意见内容"})
    if len(text) > MOST:
        raise Refused(
            "comment/invalid",
            why={
                "en": f"it has {len(text)} characters, at most {MOST} are kept",
                "zh-hans": f"共 {len(text)} 字，最多 {MOST} 字",
            },
        )
    if not is_place(field):
        raise Refused(
            "comment/invalid",
            why={"en": f"{field[:100]} is no field of a plan", "zh-hans": f"{field[:100]} 不是方案中的栏目"},
        )
