"""Response schemas of proposals, meetings and problems, and the functions that fill them.

The OpenAPI document is made from the schemas, and mypy checks the functions against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NotRequired

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field, WithJsonSchema, create_model
from typing_extensions import TypedDict

from api.ledger import SUBJECTS
from api.verbs import Verb
from audit.models import Head
from committee.models import Meeting, Person
from committee.prepared import Prepared
from office.models import Dispatch
from office.permissions import dispatches_addressed_to, dispatches_visible_to
from proposals.models import Proposal
from voting.models import Vote
from web.seen import SeenRow


def _one_of(values: list[str]) -> Any:
    return Field(json_schema_extra={"enum": list(values)})


ProposalState = Annotated[str, _one_of(Proposal.State.values)]
MeetingState = Annotated[str, _one_of(Meeting.State.values)]
VoteState = Annotated[str, _one_of(Vote.State.values)]
Id = Annotated[int, Field(ge=1)]


class ProposalSummary(TypedDict):
    """A proposal in a list."""

    id: Id
    number: str
    committee: Id
    state: ProposalState
    title: str


#: `for` cannot be an attribute's name; counts and outcome are null until the vote is closed
VoteDetails = TypedDict(
    "VoteDetails",
    {
        "id": Id,
        "question": str,
        "round": Annotated[int, Field(ge=1)],
        "state": VoteState,
        "opened_at": datetime,
        "closed_at": "datetime | None",
        "for": "int | None",
        "against": "int | None",
        "abstained": "int | None",
        "carried": "bool | None",
    },
)


class ProposalDetails(ProposalSummary):
    """A proposal with its state and when it began, its meeting, and its votes."""

    institution: str
    since: datetime
    meeting: Id | None
    votes: list[VoteDetails]


class MeetingSummary(TypedDict):
    """A meeting in a list."""

    id: Id
    number: str
    committee: Id
    state: MeetingState


class MeetingDetails(MeetingSummary):
    """A meeting with time and place, the version of its record, and its proposals that the person sees."""

    at: datetime
    place: str
    emergency: bool
    version: Annotated[int, Field(ge=0)]
    proposals: list[Id]


class DispatchDetails(TypedDict):
    """A copy of minutes or a report on its way, and how far it has come."""

    id: Id
    kind: Annotated[str, _one_of(Dispatch.Kind.values)]
    number: str
    meeting: Id
    to: str
    addressed: bool
    sent_at: datetime | None
    received_at: datetime | None
    acknowledged_at: datetime | None
    sha256: str


class IdOnly(TypedDict):
    """The id alone, of an object that the person no longer sees after the act."""

    id: Id


def _text(help_text: Any) -> Any:
    return Annotated[str, WithJsonSchema({"type": "string", "description": help_text})]


#: additional keys in the responses of verbs, beside the object
TOLD_ALONE: Mapping[str, Mapping[str, Any]] = {
    "cast": {"receipt": (_text(_("The commitment to the ballot: the voter's receipt.")), ...)},
    "hand_in_tape": {
        "tape": (_text(_("The id of the tape.")), None),
        "state": (
            _text(_("Whether it is in the ledger (loaded) or waits for the risk department (held).")),
            None,
        ),
    },
    "open_wall": {"address": (_text(_("The address of the room screen; told once.")), None)},
}
_DETAILS: Mapping[str, Any] = {
    "proposal": ProposalDetails | IdOnly,
    "meeting": MeetingDetails | IdOnly,
    "committee": IdOnly,
    "dispatch": DispatchDetails | IdOnly,
    **{name: IdOnly for name, _kind in SUBJECTS.values()},
}


def answer_of(name: str, verb: Verb) -> type[BaseModel]:
    """The schema of the verb's response: the object acted on or created, as it is afterwards."""
    alone = TOLD_ALONE.get(name, {})
    title = f"{(name if alone else verb.leads_to).title().replace('_', '')}Answer"
    keys: dict[str, Any] = {verb.leads_to: (_DETAILS[verb.leads_to], ...), **alone}
    return create_model(title, **keys)


class Proposals(TypedDict):
    """A page of proposals; `next` is the address of the next page."""

    proposals: list[ProposalSummary]
    next: str | None


class Meetings(TypedDict):
    """A page of meetings; `next` is the address of the next page."""

    meetings: list[MeetingSummary]
    next: str | None


class Dispatches(TypedDict):
    """A page of what was sent; `next` is the address of the next page."""

    dispatches: list[DispatchDetails]
    next: str | None


class SignedIn(TypedDict):
    """A person."""

    staff_no: str
    name: str


class Named(TypedDict):
    """A committee."""

    id: Id
    name: str


class VerbArguments(TypedDict):
    """What a verb takes: its arguments by name with their kinds, and which may be left out."""

    arguments: dict[str, str]
    optional: list[str]


class Index(TypedDict):
    """Who is signed in, the committees of the person, and every verb."""

    person: SignedIn
    committees: list[Named]
    verbs: dict[str, VerbArguments]


class ProblemDetails(TypedDict):
    """Why a request was not carried out (RFC 9457); `code` is stable."""

    title: str
    status: int
    code: str
    remedy: str
    article: NotRequired[str | None]
    citation: NotRequired[str]
    quotation: NotRequired[str]
    path: NotRequired[str]
    detail: NotRequired[str]


def proposals_of(person: Person) -> Any:
    """The proposals that the person sees, in the form of the response."""
    return Proposal.objects.visible_to(person).select_related("committee", "unit", "item")


def meetings_of(person: Person) -> Any:
    """The meetings that the person sees, in the form of the response."""
    return Meeting.objects.visible_to(person).select_related("committee")


def dispatches_of(person: Person) -> Any:
    """What was sent that the person sees, in the form of the response."""
    own = Dispatch.objects.filter(dispatches_addressed_to(person), pk=OuterRef("pk"))
    return (
        Dispatch.objects.filter(dispatches_visible_to(person))
        .select_related("unit", "receipt", "copy__minutes__meeting__committee", "report__meeting__committee")
        .annotate(addressed=Exists(own))
    )


def dispatch_details(dispatch: Any) -> DispatchDetails:
    """Something sent, of `dispatches_of`: whether it is addressed to the person, and its receipts."""
    receipt = getattr(dispatch, "receipt", None)
    return {
        "id": dispatch.pk,
        "kind": dispatch.kind,
        "number": dispatch.number,
        "meeting": dispatch.meeting_id,
        "to": dispatch.unit.name,
        "addressed": dispatch.addressed,
        "sent_at": dispatch.sent_at,
        "received_at": receipt and receipt.received_at,
        "acknowledged_at": receipt and receipt.acknowledged_at,
        "sha256": dispatch.sha256,
    }


def proposal_summary(proposal: Proposal) -> ProposalSummary:
    """A proposal in a list."""
    return {
        "id": proposal.pk,
        "number": proposal.written_number,
        "committee": proposal.committee_id,
        "state": proposal.state,
        "title": proposal.title,
    }


_PROPOSAL = SeenRow(Proposal, "committee", "unit", "item")
_VOTES = Prepared(lambda pk: Vote.objects.filter(proposal=pk).order_by("opened_at", "pk"), int)


def proposal_details(pk: int, person: Person) -> ProposalDetails | None:
    """State and meeting of a proposal and its votes; counts of closed votes only, without names.

    None unless the person sees it.
    """
    proposal, votes = _PROPOSAL.get_with(person, pk, _VOTES)
    if proposal is None:
        return None
    item = proposal.item if proposal.item is not None and proposal.item.left_at is None else None
    return {
        **proposal_summary(proposal),
        "institution": proposal.unit.name,
        "since": proposal.state_since,
        "meeting": item.meeting_id if item is not None else None,
        "votes": [_vote_details(vote) for vote in votes],
    }


def _vote_details(vote: Vote) -> VoteDetails:
    return {
        "id": vote.pk,
        "question": vote.question,
        "round": vote.round,
        "state": vote.state,
        "opened_at": vote.opened_at,
        "closed_at": vote.closed_at,
        "for": vote.for_count,
        "against": vote.against_count,
        "abstained": vote.abstained_count,
        "carried": vote.carried,
    }


def meeting_summary(meeting: Meeting) -> MeetingSummary:
    """A meeting in a list."""
    return {
        "id": meeting.pk,
        "number": meeting.written_number,
        "committee": meeting.committee_id,
        "state": meeting.state,
    }


def meeting_details(meeting: Meeting, person: Person) -> MeetingDetails:
    """Time, place and state of a meeting, the version of its record, its proposals that the person sees."""
    standing = Proposal.objects.visible_to(person).filter(item__meeting=meeting, item__left_at=None)
    return {
        **meeting_summary(meeting),
        "at": meeting.at,
        "place": meeting.place,
        "emergency": meeting.emergency,
        "version": Head.length(meeting.stream),
        "proposals": list(standing.order_by("item__number").values_list("pk", flat=True)),
    }
