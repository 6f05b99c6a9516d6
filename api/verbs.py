"""What is asked of the engine from outside, by a program or a rehearsal: verb → action and arguments.

A verb is on one object, which stands first in its action; the other arguments go by name. How an object is
named (an id, a handle of a file) is the reader's; what a value must be is its kind; whether the act may be
done the action alone decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from django.db.models import Model, QuerySet
from django.urls import reverse

from committee.actions import attendance, liaison, notices, proxies, regulation, roster
from committee.actions import meetings as sessions
from committee.models import Committee, Interpretation, Meeting, OpinionDraft, Person, Question
from committee.permissions import ACTS, permit
from committee.presence import own_seat
from committee.visibility import require_visible as require_meeting_visible
from office.actions import archive, minutes
from proposals.actions import (
    agenda,
    credit,
    deliberation,
    execution,
    floor,
    plans,
    questions,
    screening,
    taking_down,
)
from proposals.models import Proposal
from proposals.permissions import ACTS as PROPOSALS
from proposals.permissions import require_all_visible, require_officer, require_visible
from voting.actions import ballots, consents, votes, wall

Act: TypeAlias = Callable[..., object]


class Kind(Enum):
    """What an argument is; the value is how the table of the API names it."""

    COMMITTEE = "committee"
    PROPOSAL = "proposal"
    PROPOSALS = "proposals"
    MEETING = "meeting"
    MOMENT = "time"
    DATE = "date"
    TEXT = "text"  # is kept as it stands
    LINE = "line of text"
    WORD = "word"  # the engine judges it
    WORDS = "words"
    FLAG = "true or false"
    SEAT = "seat"
    SEATS = "seats"
    PERSON = "person"
    PLAN = "plan"  # the engine judges it
    PLAN_PART = "keys of a plan"
    NUMBERS = "numbers"  # of the regulation
    NUMBER = "whole number"
    QUESTION = "question"
    MODE = "mode"
    VOTE = "vote"
    CONFIRMATION = "password"


_SUBJECTS: Mapping[type[Model], tuple[str, Kind]] = {
    Committee: ("committee", Kind.COMMITTEE),
    Proposal: ("proposal", Kind.PROPOSAL),
    Meeting: ("meeting", Kind.MEETING),
}


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: what it is on, the action, and what that takes beside `by`."""

    on: type[Model]
    act: Act
    takes: Mapping[str, Kind] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    #: one of the optional arguments is needed
    at_least_one: bool = False
    #: what it returns is new, and is what the caller wants to know
    makes: type[Model] | None = None
    #: the action itself takes the client's idempotency key, as `key`
    keyed: bool = False
    #: arguments of the action by which a program says what its person saw; a rehearsal has none
    pins: Mapping[str, Kind] = field(default_factory=dict)
    #: whoever does it is asked for the password once more
    confirmed: bool = False
    #: what of its result the caller is told alone, and nowhere again
    tells: Callable[[Any], Mapping[str, str]] | None = None
    #: of one that names a person: raises what the action raises to others than its officer
    for_officer: Callable[[Mapping[str, Any], Person], None] | None = None

    @property
    def subject(self) -> str:
        """The name of the argument that says on which object."""
        return _SUBJECTS[self.on][0]

    @property
    def leads_to(self) -> str:
        """The name of what it makes, or else of what it is on."""
        return _SUBJECTS[self.makes or self.on][0]

    @property
    def arguments(self) -> Mapping[str, Kind]:
        """All arguments, that of the object first."""
        return {self.subject: _SUBJECTS[self.on][1], **self.takes}

    @property
    def said(self) -> Mapping[str, Kind]:
        """All that a program says: the arguments, what pins them, the password."""
        password = {"password": Kind.CONFIRMATION} if self.confirmed else {}
        return {**self.arguments, **self.pins, **password}

    def do(self, *, by: Any, asked: Mapping[str, Any]) -> object:
        """The action was called, with rows for what `asked` names; what it returned."""
        given = {name: value for name, value in asked.items() if name != self.subject}
        return self.act(asked[self.subject], by=by, **given)


def _may_authorise(given: Mapping[str, Any], by: Person) -> None:
    require_meeting_visible(given["meeting"], by)
    require_all_visible(given["proposals"], by)
    own_seat(given["meeting"], by)


def _may_admit(given: Mapping[str, Any], by: Person) -> None:
    proposal = given["proposal"]
    require_visible(proposal, by)
    require_officer(
        PROPOSALS["admit_observer"], proposal, by, proposal.item.meeting if proposal.item else None
    )


def _may(verb: str) -> Callable[[Mapping[str, Any], Person], None]:
    """Raise the refusal of the verb, which is on a committee, to others than its officer."""

    def require(given: Mapping[str, Any], by: Person) -> None:
        permit(ACTS[verb], given["committee"], by)

    return require


# -- What is named by a number within its object: a row that is not there is the action's to refuse ----------


def _item(proposal: Proposal) -> QuerySet[Any, Any]:
    """The item in which the proposal stands now, whenever the row was read."""
    return Proposal.objects.filter(pk=proposal.pk).values("item")


def _answer_question(proposal: Proposal, *, by: Person, question: int, text: str) -> object:
    """The question of that number on the item, counted from 1 in the order of asking, is answered."""
    asked = Question.objects.filter(item__in=_item(proposal)).order_by("at", "pk")[question - 1 : question]
    row = asked.first() or Question(pk=0)
    return questions.answer_question(proposal, by=by, question=row, text=text)


def _draft_of(proposal: Proposal, seat: int) -> OpinionDraft:
    """What waits to be confirmed for the seat on the item."""
    waiting = OpinionDraft.objects.filter(item__in=_item(proposal), seat__number=seat)
    return waiting.first() or OpinionDraft(pk=0)


def _confirm_opinion(proposal: Proposal, *, by: Person, seat: int) -> object:
    return taking_down.confirm_opinion(proposal, by=by, draft=_draft_of(proposal, seat))


def _decline_opinion(proposal: Proposal, *, by: Person, seat: int) -> object:
    return taking_down.decline_opinion(proposal, by=by, draft=_draft_of(proposal, seat))


def _publish_interpretation(
    committee: Committee, *, by: Person, replaces: int | None = None, **given: Any
) -> object:
    """The interpretation of the committee with the number `replaces` is replaced, where one is named."""
    old = None
    if replaces is not None:
        rows = Interpretation.objects.filter(committee=committee, number=replaces)
        old = rows.first() or Interpretation(pk=0)
    return regulation.publish_interpretation(committee, by=by, replaces=old, **given)


_REASON = {"reason": Kind.TEXT}
_SEAT = {"seat": Kind.SEAT}
_TEXT = {"text": Kind.TEXT}
_NARRATIVE = {"narrative": Kind.TEXT}
_RECEIPT = {"amount": Kind.WORD, "received_on": Kind.DATE}
_AGENDA = {"at": Kind.MOMENT, "place": Kind.LINE, "proposals": Kind.PROPOSALS}

VERBS: Mapping[str, Verb] = {
    "draft": Verb(Committee, plans.draft, {"plan": Kind.PLAN}, makes=Proposal),
    "amend": Verb(Proposal, plans.amend, {"changes": Kind.PLAN_PART}),
    "submit": Verb(Proposal, plans.submit),
    "withdraw": Verb(Proposal, plans.withdraw, _REASON),
    "revise": Verb(Proposal, plans.revise, {"changes": Kind.PLAN_PART}, makes=Proposal),
    "return": Verb(Proposal, screening.return_for_completion, _REASON),
    "screen_out": Verb(Proposal, screening.screen_out, _REASON),
    "shortlist": Verb(Proposal, screening.shortlist, {"ruling": Kind.TEXT}, frozenset({"ruling"})),
    "file_docket": Verb(Committee, screening.file_docket, {"proposals": Kind.PROPOSALS}),
    "convene": Verb(
        Committee,
        agenda.convene,
        _AGENDA | {"emergency": Kind.FLAG} | _REASON,
        frozenset({"emergency", "reason"}),
        makes=Meeting,
    ),
    "change_meeting": Verb(Meeting, agenda.change_meeting, _AGENDA, frozenset(_AGENDA), at_least_one=True),
    "cancel_meeting": Verb(Meeting, agenda.cancel_meeting, _REASON),
    "send_notice": Verb(
        Meeting,
        notices.send_notice,
        {"paper": Kind.SEATS, "posted": Kind.SEATS},
        frozenset({"paper", "posted"}),
    ),
    "deliver_notice": Verb(
        Meeting,
        notices.deliver_notice,
        _SEAT | {"received_by": Kind.LINE, "received_at": Kind.MOMENT, "handed_by": Kind.LINE},
        frozenset({"received_at", "handed_by"}),
    ),
    "acknowledge": Verb(Meeting, notices.acknowledge),
    "authorise_proxy": Verb(
        Meeting,
        agenda.authorise_proxy,
        {
            "holder": Kind.PERSON,
            "proposals": Kind.PROPOSALS,
            "powers": Kind.WORDS,
            "document": Kind.TEXT,
        },
        for_officer=_may_authorise,
    ),
    "revoke_proxy": Verb(Meeting, proxies.revoke_proxy),
    "sign_in": Verb(Meeting, attendance.sign_in, {"mode": Kind.MODE}, frozenset({"mode"})),
    "sign_out": Verb(Meeting, attendance.sign_out),
    "open_meeting": Verb(Meeting, sessions.open_meeting),
    "close_meeting": Verb(Meeting, agenda.close_meeting),
    "take_up": Verb(Proposal, deliberation.take_up),
    "admit_observer": Verb(
        Proposal, deliberation.admit_observer, {"observer": Kind.PERSON}, for_officer=_may_admit
    ),
    "withdraw_observer": Verb(Proposal, deliberation.withdraw_observer),
    "read_materials": Verb(Proposal, deliberation.read_materials),
    "ask_to_speak": Verb(Proposal, floor.ask_to_speak),
    "take_back_wish": Verb(Proposal, floor.take_back_wish),
    "give_floor": Verb(Proposal, floor.give_floor, _SEAT | {"minutes": Kind.NUMBER}, frozenset({"minutes"})),
    "end_speech": Verb(Proposal, floor.end_speech),
    "ask_observer": Verb(Proposal, questions.ask_observer, _TEXT),
    "answer_question": Verb(Proposal, _answer_question, {"question": Kind.NUMBER} | _TEXT),
    "take_down_opinion": Verb(Proposal, taking_down.take_down_opinion, _SEAT | _TEXT),
    "confirm_opinion": Verb(Proposal, _confirm_opinion, _SEAT),
    "decline_opinion": Verb(Proposal, _decline_opinion, _SEAT),
    "record_opinion": Verb(Proposal, deliberation.record_opinion, _TEXT),
    "declare_conflict": Verb(Proposal, consents.declare_conflict, _REASON),
    "request_abstention": Verb(Proposal, consents.request_abstention, _REASON),
    "grant_abstention": Verb(Proposal, consents.grant_abstention, _SEAT),
    "refuse_abstention": Verb(Proposal, consents.refuse_abstention, _SEAT),
    "propose_cancellation": Verb(Proposal, consents.propose_cancellation, _REASON),
    "open_vote": Verb(Proposal, votes.open_vote, {"question": Kind.QUESTION}, frozenset({"question"})),
    "cast": Verb(
        Proposal,
        ballots.cast,
        {"choice": Kind.WORD} | _REASON,
        frozenset({"reason"}),
        keyed=True,
        pins={"vote": Kind.VOTE} | _SEAT,
        tells=lambda ballot: {"receipt": ballot.commitment},
    ),
    "close_vote": Verb(Proposal, votes.close_vote),
    "cancel_vote": Verb(Proposal, votes.cancel_vote, _REASON),
    "open_wall": Verb(
        Meeting, wall.open_wall, tells=lambda opened: {"address": reverse("room-screen", args=[opened[1]])}
    ),
    "close_wall": Verb(Meeting, wall.close_wall),
    "draft_minutes": Verb(Meeting, minutes.draft_minutes, _NARRATIVE),
    "amend_minutes": Verb(Meeting, minutes.amend_minutes, _NARRATIVE),
    "sign_minutes": Verb(Meeting, minutes.sign_minutes, confirmed=True),
    "distribute": Verb(Meeting, minutes.distribute),
    "report_decisions": Verb(Meeting, archive.report_decisions),
    "archive": Verb(Meeting, archive.archive),
    "receive_report": Verb(Meeting, archive.receive_report),
    "approve_credit": Verb(Proposal, credit.approve_credit, {"terms": Kind.PLAN_PART}, frozenset({"terms"})),
    "decline_credit": Verb(Proposal, credit.decline_credit, _REASON),
    "record_receipt": Verb(Proposal, execution.record_receipt, _RECEIPT),
    "reverse_receipt": Verb(Proposal, execution.reverse_receipt, _RECEIPT | _REASON),
    "terminate": Verb(Proposal, execution.terminate, _REASON),
    "amend_regulation": Verb(
        Committee, regulation.amend_regulation, {"changes": Kind.NUMBERS, "effective_from": Kind.DATE}
    ),
    "appoint_acting_chair": Verb(Meeting, sessions.appoint_acting_chair, _SEAT),
    "vacate_seat": Verb(Committee, roster.vacate_seat, _SEAT),
    "fill_seat": Verb(
        Committee, roster.fill_seat, _SEAT | {"holder": Kind.PERSON}, for_officer=_may("fill_seat")
    ),
    "appoint_liaison": Verb(
        Committee, liaison.appoint_liaison, {"person": Kind.PERSON}, for_officer=_may("appoint_liaison")
    ),
    "appoint_stand_in": Verb(
        Committee,
        liaison.appoint_stand_in,
        {"person": Kind.PERSON, "since": Kind.DATE, "until": Kind.DATE},
        for_officer=_may("appoint_stand_in"),
    ),
    "end_stand_in": Verb(Committee, liaison.end_stand_in),
    "publish_interpretation": Verb(
        Committee,
        _publish_interpretation,
        {"article": Kind.NUMBER, "text_zh": Kind.TEXT, "text_en": Kind.TEXT, "replaces": Kind.NUMBER},
        frozenset({"text_en", "replaces"}),
    ),
}
