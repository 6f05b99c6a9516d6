"""The table of acts on proposals, and the predicates of their visibility."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from committee.acts import Act, Kind, table
from committee.models import Committee, Meeting, Person, Position, Seat
from committee.offices import (
    CHAIR,
    CREDIT,
    FORMER,
    HANDLER,
    HEAD,
    ITEM_PROXY,
    LIAISON,
    OBSERVER,
    OFFICES,
    PRESIDING,
    PROXY,
    SEAT,
    SPEAKER,
    Milestone,
    Office,
    Offices,
    Scope,
    held_in,
    seat_number,
    which,
)
from committee.permissions import permit
from committee.presence import Mandate, mandate
from committee.visibility import is_visible
from proposals.models import Proposal, ProposalGroupPermission, Tabling
from regulation.refused import Refused

_S = Proposal.State

_REASON = {"reason": Kind.TEXT}
_SEAT = {"seat": Kind.SEAT}
_TEXT = {"text": Kind.TEXT}
_RECEIPT = {"amount": Kind.WORD, "received_on": Kind.DATE}
#: loans of the ledger that fill a plan
_CONTRACTS = {"contracts": Kind.WORDS}
_AGENDA = {"at": Kind.MOMENT, "place": Kind.LINE, "proposals": Kind.PROPOSALS}

#: every act of the package by its verb
ACTS: Mapping[str, Act] = table(
    "proposals",
    {
        "draft": Act(
            Committee,
            HANDLER,
            "13/not-handling-institution",
            "plans.draft",
            takes={"plan": Kind.PLAN},
            optional=_CONTRACTS,
            makes=Proposal,
        ),
        "amend": Act(
            Proposal,
            HANDLER,
            "13/not-handling-institution",
            "plans.amend",
            (_S.DRAFT, _S.RETURNED),
            {"changes": Kind.PLAN_PART},
            optional=_CONTRACTS,
        ),
        "submit": Act(
            Proposal, HANDLER, "13/not-handling-institution", "plans.submit", (_S.DRAFT, _S.RETURNED)
        ),
        "withdraw": Act(
            Proposal,
            HANDLER,
            "13/not-handling-institution",
            "plans.withdraw",
            Proposal.BEFORE_VOTING,
            _REASON,
        ),
        "revise": Act(
            Proposal,
            HANDLER,
            "13/not-handling-institution",
            "plans.revise",
            (_S.REJECTED,),
            {"changes": Kind.PLAN_PART},
            makes=Proposal,
        ),
        "return": Act(
            Proposal, LIAISON, "12/only-liaison", "screening.return_for_completion", (_S.SUBMITTED,), _REASON
        ),
        "screen_out": Act(
            Proposal, LIAISON, "12/only-liaison", "screening.screen_out", (_S.SUBMITTED,), _REASON
        ),
        "shortlist": Act(
            Proposal,
            LIAISON,
            "12/only-liaison",
            "screening.shortlist",
            (_S.SUBMITTED,),
            optional={"ruling": Kind.TEXT},
        ),
        "file_docket": Act(
            Committee,
            LIAISON,
            "12/only-liaison",
            "screening.file_docket",
            (_S.SHORTLISTED,),
            {"proposals": Kind.PROPOSALS},
        ),
        "convene": Act(
            Committee,
            CHAIR,
            "9/only-chair",
            "agenda.convene",
            (_S.FILED,),
            _AGENDA,
            optional={"emergency": Kind.FLAG, "minutes": Kind.MINUTES_EACH} | _REASON,
            makes=Meeting,
        ),
        "change_meeting": Act(
            Meeting,
            CHAIR,
            "9/only-chair",
            "agenda.change_meeting",
            (Meeting.State.CONVENED,),
            optional=_AGENDA | {"minutes": Kind.MINUTES_EACH},
            at_least_one=True,
        ),
        "cancel_meeting": Act(
            Meeting, CHAIR, "9/only-chair", "agenda.cancel_meeting", (Meeting.State.CONVENED,), _REASON
        ),
        "close_meeting": Act(
            Meeting, PRESIDING, "9/only-chair", "agenda.close_meeting", (Meeting.State.IN_SESSION,)
        ),
        "authorise_proxy": Act(
            Meeting,
            SEAT,
            "20.1/no-seat",
            "agenda.authorise_proxy",
            Meeting.RUNNING,
            {"holder": Kind.PERSON, "proposals": Kind.PROPOSALS, "powers": Kind.WORDS, "document": Kind.TEXT},
        ),
        "take_up": Act(Proposal, PRESIDING, "9/only-chair", "deliberation.take_up", (_S.TABLED,)),
        "admit_observer": Act(
            Proposal,
            PRESIDING,
            "9/only-chair",
            "deliberation.admit_observer",
            (_S.TABLED,),
            {"observer": Kind.PERSON},
        ),
        "withdraw_observer": Act(
            Proposal, LIAISON, "12/only-liaison", "deliberation.withdraw_observer", (_S.TABLED,)
        ),
        "read_materials": Act(
            Proposal, SEAT | PROXY, "20.1/no-seat", "deliberation.read_materials", (_S.TABLED, _S.VOTING)
        ),
        "record_opinion": Act(
            Proposal, SEAT | PROXY, "20.1/no-seat", "deliberation.record_opinion", (_S.TABLED,), _TEXT
        ),
        "ask_to_speak": Act(Proposal, SEAT | PROXY, "20.1/no-seat", "floor.ask_to_speak", (_S.TABLED,)),
        # the verb is older than the action's name, and the log, files and programs use it
        "take_back_wish": Act(
            Proposal, SEAT | PROXY, "20.1/no-seat", "floor.withdraw_request_to_speak", (_S.TABLED,)
        ),
        "give_floor": Act(
            Proposal,
            PRESIDING,
            "9/only-chair",
            "floor.give_floor",
            (_S.TABLED,),
            _SEAT,
            optional={"minutes": Kind.MINUTES},
        ),
        "end_speech": Act(
            Proposal, PRESIDING | LIAISON | SPEAKER, "9/only-chair", "floor.end_speech", (_S.TABLED,)
        ),
        "ask_observer": Act(
            Proposal, SEAT | PROXY, "20.1/no-seat", "questions.ask_observer", (_S.TABLED,), _TEXT
        ),
        "answer_question": Act(
            Proposal,
            OBSERVER | LIAISON,
            "access/denied",
            "questions.answer_question",
            (_S.TABLED,),
            {"question": Kind.NUMBER} | _TEXT,
        ),
        "take_down_opinion": Act(
            Proposal, LIAISON, "12/only-liaison", "dictation.take_down_opinion", (_S.TABLED,), _SEAT | _TEXT
        ),
        "confirm_opinion": Act(
            Proposal, SEAT | PROXY, "20.1/no-seat", "dictation.confirm_opinion", (_S.TABLED,), _SEAT
        ),
        "decline_opinion": Act(
            Proposal, SEAT | PROXY, "20.1/no-seat", "dictation.decline_opinion", (_S.TABLED,), _SEAT
        ),
        "comment": Act(
            Proposal,
            LIAISON | HANDLER,
            "access/denied",
            "comments.comment",
            (_S.SUBMITTED, _S.RETURNED),
            {"field": Kind.LINE} | _TEXT,
        ),
        "approve_credit": Act(
            Proposal,
            CREDIT,
            "22/only-credit-department",
            "credit.approve_credit",
            (_S.CARRIED,),
            optional={"terms": Kind.PLAN_PART},
        ),
        "decline_credit": Act(
            Proposal, CREDIT, "22/only-credit-department", "credit.decline_credit", (_S.CARRIED,), _REASON
        ),
        "record_receipt": Act(
            Proposal,
            HANDLER,
            "13/not-handling-institution",
            "execution.record_receipt",
            (_S.CREDIT_APPROVED, _S.EXECUTING),
            _RECEIPT,
        ),
        "reverse_receipt": Act(
            Proposal,
            HANDLER,
            "13/not-handling-institution",
            "execution.reverse_receipt",
            (_S.CREDIT_APPROVED, _S.EXECUTING, _S.COMPLETED),
            _RECEIPT | _REASON,
        ),
        "terminate": Act(
            Proposal,
            LIAISON,
            "12/only-liaison",
            "execution.terminate",
            (_S.CREDIT_APPROVED, _S.EXECUTING),
            _REASON,
        ),
    },
)

#: who reads the comments on a plan: the two sides that write them, and whoever sees its drafts
COMMENT_READERS = Offices((LIAISON, *which(lambda office: office.drafts).offices))

#: the columns of a plan, and of counters of plans, for the scope of an office
_OF_PLANS: Mapping[Scope, str] = {
    Scope.INSTITUTION: "unit",
    **dict.fromkeys((Scope.COMMITTEE, Scope.BRANCH, Scope.BANK), "committee"),
}
#: the offices that see a plan from these milestones, which are times of the plan
_PASSED: Mapping[Milestone, Q] = {
    milestone: Q(**{f"{milestone.name.lower()}_at__isnull": False})
    for milestone in (Milestone.SUBMITTED, Milestone.FILED, Milestone.RESOLVED)
}


def proposals_visible_to(person: Person) -> Q:
    """The condition for proposals that the person may see: those of each office, from its milestone on."""
    return _by_office(person, _PASSED) | _one_by_one(person)


def _by_office(person: Person, passed: Mapping[Milestone, Q]) -> Q:
    """The condition for rows with an institution and a committee that the person's offices see from their
    milestones on.

    `passed` is the condition that a row has passed a milestone; a milestone without one shows nothing.
    """
    found = Q(pk__in=[])
    for milestone in Milestone:
        offices = [office for office in OFFICES.values() if office.plans == milestone]
        held = held_in(offices, person, _OF_PLANS)
        if milestone == Milestone.DRAFTED:
            found |= held
        elif milestone in passed:
            found |= held & passed[milestone]
    return found


def _one_by_one(person: Person) -> Q:
    """The condition for proposals that the person sees by a vote or a proxy, independently of offices."""
    items: Mapping[Scope, str] = {Scope.MEETING: "item__meeting", Scope.ITEM: "item"}
    voted_there = Tabling.objects.filter(held_in([FORMER], person, items), item__vote_opened_at__isnull=False)
    by_proxy = Tabling.objects.filter(held_in([ITEM_PROXY], person, items))
    return Q(pk__in=voted_there.values("proposal")) | Q(pk__in=by_proxy.values("proposal"))


def drafts_visible_to(person: Person) -> Q:
    """The condition for proposals whose present draft the person may read, not only the submitted version."""
    return held_in(which(lambda office: office.drafts).offices, person, _OF_PLANS)


def filed_visible_whole(person: Person) -> Q:
    """The condition for rows of committees all of whose filed plans the person sees."""
    return held_in(which(lambda office: office.sees_filed).offices, person, _OF_PLANS)


def filed_visible_apart(person: Person) -> Q:
    """The condition for filed proposals that the person sees beside hidden ones of the committee."""
    institutions = which(lambda office: office.scope == Scope.INSTITUTION and office.drafts)
    later = which(lambda office: office.plans == Milestone.RESOLVED)
    found = held_in(institutions.offices, person, _OF_PLANS)
    found |= held_in(later.offices, person, _OF_PLANS) & _PASSED[Milestone.RESOLVED]
    return found | _one_by_one(person)


def counts_visible_to(person: Person) -> tuple[Q, Q]:
    """The conditions for rows of `StateCount` that the person may see, and for proposals that these do not
    count.

    The second is for the few proposals that the person sees individually.
    """
    passed = {milestone: Q(**{milestone.name.lower(): True}) for milestone in _PASSED}
    return _by_office(person, passed), _one_by_one(person) & ~_by_office(person, _PASSED)


def figures_visible_to(person: Person) -> Q:
    """The condition for rows of `MonthFigure` that the person may see.

    They are those of committees all of whose filed plans the person sees; single plans cannot be separated.
    """
    return _by_office(person, {Milestone.SUBMITTED: Q(), Milestone.FILED: Q(unit=None)})


def _sees(office: Office, proposal: Proposal) -> bool:
    """Whether the plan has passed the milestone from which the office sees it."""
    if office.plans is None or office.plans == Milestone.DRAFTED:
        return office.plans is not None
    return getattr(proposal, f"{office.plans.name.lower()}_at") is not None


def require_visible(proposal: Proposal, by: Person) -> None:
    """Raise `access/not-found` unless `by` may see the proposal."""
    # the usual offices first: planning the whole predicate takes the server milliseconds
    if _sees(LIAISON, proposal) and proposal.committee.liaison_id == by.pk:
        return
    if _sees(CHAIR, proposal) or _sees(SEAT, proposal):
        number = seat_number(proposal.committee_id, by)
        if (number == Seat.CHAIR and _sees(CHAIR, proposal)) or (number and _sees(SEAT, proposal)):
            return
    if not is_visible(Proposal, proposals_visible_to, proposal.pk, by):
        raise Refused("access/not-found")


def require_all_visible(proposals: Sequence[Proposal], by: Person) -> None:
    """Raise `access/not-found` unless `by` may see all of the proposals; one statement."""
    wanted = {proposal.pk for proposal in proposals}
    if wanted and Proposal.objects.filter(pk__in=wanted).visible_to(by).count() < len(wanted):
        raise Refused("access/not-found")


def require_handler(proposal: Proposal, by: Person) -> None:
    """Raise unless `by` belongs to the group of the proposal's institution (Art. 13).

    `access/denied` to its head, `13/not-handling-institution` to others.
    """
    granted = ProposalGroupPermission.objects.filter(
        content_object=proposal, permission__codename="handle_proposal", group__user=by
    )
    if granted.exists():
        return
    if HEAD.held_by(by, proposal):
        raise Refused("access/denied")
    raise Refused("13/not-handling-institution")


def require_officer(act: Act, proposal: Proposal, by: Person, meeting: Meeting | None = None) -> None:
    """Raise the act's code unless `by` holds its office."""
    if act.office is HANDLER:
        require_handler(proposal, by)
    else:
        permit(act, proposal.committee, by, meeting)


def handling_unit(committee: Committee, by: Person) -> int:
    """The id of the institution of the committee's branch for which `by` is a handler (Art. 13).

    `access/denied` to the head of one, `13/not-handling-institution` to others.
    """
    below = Position.objects.filter(person=by, unit__parent=committee.branch_id).order_by("unit")
    handler = below.filter(role=HANDLER.role).first()
    if handler is not None:
        return handler.unit_id
    if HEAD.held_by(by, committee):
        raise Refused("access/denied")
    raise Refused("13/not-handling-institution")


def acting_in(
    proposal: Proposal, meeting: Meeting | None, by: Person, *, voted: Iterable[int] = ()
) -> Mandate:
    """The seat for which `by` acts in the meeting of the proposal's item; without a meeting their own seat.

    Of several proxies it is the lowest seat not in `voted`, the ids of the seats that have voted.
    `20.1/no-seat` for a person without seat or proxy.
    """
    if meeting is not None:
        return mandate(meeting, by, proposal.item, voted=voted)
    seat = Seat.objects.filter(committee=proposal.committee_id, holder=by).first()
    if seat is None:
        raise Refused("20.1/no-seat")
    return Mandate(seat, None, present=False)
