"""The verbs as programs and rehearsals call them: verb → action and arguments.

The verbs are those of the packages' tables of acts; what only programs need is added here. A verb acts on one
object, the first parameter of its action; other arguments are passed by name. Callers resolve the names of
objects (an id, a handle of a file); kinds check values; the action alone decides whether the act is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from django.db.models import Model, QuerySet
from django.urls import reverse

from api import ledger
from committee.acts import Act, Kind
from committee.models import Committee, Interpretation, Meeting, OpinionDraft, Person, Question
from committee.permissions import permit
from committee.presence import own_seat
from committee.visibility import require_visible as require_meeting_visible
from office.models import Dispatch
from proposals.models import Proposal
from proposals.permissions import require_all_visible, require_officer, require_visible
from web.acts import ACTS

#: maps the arguments given to those of the action
Given: TypeAlias = "Mapping[str, Any]"

_S = Proposal.State
#: the states of a plan on which the committee has decided
_RESOLVED = frozenset(
    {
        _S.CARRIED, _S.REJECTED, _S.CREDIT_APPROVED, _S.CREDIT_DECLINED, _S.EXECUTING, _S.COMPLETED,
        _S.TERMINATED,
    }
)  # fmt: skip
_SUBJECTS: Mapping[type[Model], tuple[str, Kind]] = {
    Committee: ("committee", Kind.COMMITTEE),
    Proposal: ("proposal", Kind.PROPOSAL),
    Meeting: ("meeting", Kind.MEETING),
    Dispatch: ("dispatch", Kind.DISPATCH),
    **ledger.SUBJECTS,
}


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: its row in the tables of acts, with what programs need beside it."""

    act: Act
    #: whether the action takes the client's idempotency key, as `key`
    keyed: bool = False
    #: arguments that state what the person saw; rehearsals have none
    pins: Mapping[str, Kind] = field(default_factory=dict)
    #: whether the password is asked for again
    confirmed: bool = False
    #: the part of the result that is returned to the caller only
    tells: Callable[[Any], Mapping[str, str]] | None = None
    #: for a verb that names a person: raises the action's refusal to others than its officer
    for_officer: Callable[[Given, Person], None] | None = None
    #: maps numbers within the object to rows, for the action
    found: Callable[[Given], Given] | None = None

    def __post_init__(self) -> None:
        """Import the action together with the table."""
        self.act.do  # noqa: B018  # at the start, not in the first request

    @property
    def on(self) -> type[Model]:
        """The model of its object."""
        return self.act.on

    @property
    def makes(self) -> type[Model] | None:
        """The model of the object that it creates; None if it creates none."""
        return self.act.makes

    @property
    def takes(self) -> Mapping[str, Kind]:
        """The required arguments beside the object."""
        return {**self.act.takes, **self.act.optional}

    @property
    def optional(self) -> frozenset[str]:
        """The optional arguments."""
        return frozenset(self.act.optional)

    @property
    def at_least_one(self) -> bool:
        """Whether one of the optional arguments is required."""
        return self.act.at_least_one

    @property
    def kind(self) -> str:
        """Under which head it is documented: its object, and of a proposal whether that is resolved."""
        resolved = self.act.states and set(self.act.states) <= _RESOLVED
        return "resolved" if self.on is Proposal and resolved else self.subject

    @property
    def subject(self) -> str:
        """The name of the argument for the object."""
        return _SUBJECTS[self.on][0]

    @property
    def leads_to(self) -> str:
        """The name of the object that it creates or acts on."""
        return _SUBJECTS[self.makes or self.on][0]

    @property
    def arguments(self) -> Mapping[str, Kind]:
        """All arguments, the object first."""
        return {self.subject: _SUBJECTS[self.on][1], **self.takes}

    @property
    def payload_kinds(self) -> Mapping[str, Kind]:
        """Everything that a program passes: arguments, pins and password, with their kinds."""
        password = {"password": Kind.CONFIRMATION} if self.confirmed else {}
        return {**self.arguments, **self.pins, **password}

    def do(self, *, by: Any, arguments: Mapping[str, Any]) -> object:
        """Call the action with rows for what `arguments` names, and return its result."""
        taken = arguments if self.found is None else self.found(arguments)
        given = {name: value for name, value in taken.items() if name != self.subject}
        return self.act.do(taken[self.subject], by=by, **given)


# -- What others than the officer of a verb are told, of a person who is not there ---------------------------


def _may(given: Given, by: Person, *, act: Act) -> None:
    """Raise the refusal of an act on a committee unless the person is its officer."""
    permit(act, given["committee"], by)


def _may_authorise(given: Given, by: Person) -> None:
    require_meeting_visible(given["meeting"], by)
    require_all_visible(given["proposals"], by)
    own_seat(given["meeting"], by)


def _may_admit(given: Given, by: Person) -> None:
    proposal = given["proposal"]
    require_visible(proposal, by)
    meeting = proposal.item.meeting if proposal.item else None
    require_officer(ACTS["admit_observer"], proposal, by, meeting)


def _may_on_plan(given: Given, by: Person, *, act: Act) -> None:
    """Raise the refusal of an act on a plan unless the person sees it and is the act's officer."""
    require_visible(given["proposal"], by)
    require_officer(act, given["proposal"], by)


# -- What is named by a number within its object: a row that is not there is the action's to refuse ----------


def _item(proposal: Proposal) -> QuerySet[Any, Any]:
    """The item of the proposal at present."""
    return Proposal.objects.filter(pk=proposal.pk).values("item")


def _question(given: Given) -> Given:
    """The item's question with that number, counted from 1 in the order of asking."""
    number = given["question"]
    asked = Question.objects.filter(item__in=_item(given["proposal"])).order_by("at", "pk")
    return {**given, "question": asked[number - 1 : number].first() or Question(pk=0)}


def _draft(given: Given) -> Given:
    """The draft that waits for confirmation for the seat on the item."""
    waiting = OpinionDraft.objects.filter(item__in=_item(given["proposal"]), seat__number=given["seat"])
    return {"proposal": given["proposal"], "draft": waiting.first() or OpinionDraft(pk=0)}


def _replaced(given: Given) -> Given:
    """The committee's interpretation with the number `replaces`; None without one."""
    if given.get("replaces") is None:
        return given
    rows = Interpretation.objects.filter(committee=given["committee"], number=given["replaces"])
    return {**given, "replaces": rows.first() or Interpretation(pk=0)}


#: what programs need of a verb beside its row in the tables of acts
_BESIDE: Mapping[str, Mapping[str, Any]] = {
    "authorise_proxy": {"for_officer": _may_authorise},
    "admit_observer": {"for_officer": _may_admit},
    **{
        verb: {"for_officer": partial(_may, act=ACTS[verb])}
        for verb in ("fill_seat", "replace_holder", "appoint_liaison", "appoint_stand_in")
    },
    **{
        verb: {"for_officer": partial(_may_on_plan, act=ACTS[verb])}
        for verb in ("assign_follow_up", "return_follow_up")
    },
    "answer_question": {"found": _question},
    "confirm_opinion": {"found": _draft},
    "decline_opinion": {"found": _draft},
    "publish_interpretation": {"found": _replaced},
    "cast": {
        "keyed": True,
        "pins": {"vote": Kind.VOTE, "seat": Kind.SEAT},
        "tells": lambda ballot: {"receipt": ballot.commitment},
    },
    "open_wall": {"tells": lambda opened: {"address": reverse("room-screen", args=[opened[1]])}},
    "sign_minutes": {"confirmed": True},
    "hand_in_tape": {"tells": lambda tape: {"tape": str(tape.pk), "state": str(tape.state)}},
    # of the ledger: programs have yuan, the actions fen
    "reply_to_warning": {"found": ledger.in_fen("causes")},
    "assign_task": {"found": ledger.in_fen("amount")},
    "draft_targets": {"found": ledger.in_fen("targets", "quotas")},
    "plan_supervision": {"found": ledger.team},
    "sign_supplement": {"confirmed": True},
}

VERBS: Mapping[str, Verb] = {verb: Verb(act, **_BESIDE.get(verb, {})) for verb, act in ACTS.items()}
