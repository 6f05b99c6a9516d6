"""The table of acts on minutes, reports, the archive and what resolutions ask for."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from committee.acts import Act, Kind, table
from committee.models import Meeting, Person, Proxy
from committee.offices import (
    AUDITOR,
    CREDIT,
    HANDLER,
    HEAD,
    HEAD_OFFICE,
    LIAISON,
    PRESIDING,
    RISK,
    SEAT,
    Office,
    Scope,
    held_in,
    which,
)
from committee.visibility import whole_meetings_visible_to
from office.models import Dispatch, FollowUp, Paper
from proposals.models import Proposal
from regulation.refused import Refused

#: whoever receives what is sent to a department, an institution or head office, by `dispatches_addressed_to`
ADDRESSEE = Office(
    key="addressee",
    name=_("Addressee"),
    scope=Scope.MEETING,
    test=lambda holder, dispatch: Dispatch.objects.filter(
        dispatches_addressed_to(holder.person), pk=dispatch.pk
    ).exists(),
)
#: papers of one plan, which name no voter: whoever sees the plan may have them, its institution by dispatch
OF_A_PLAN = (Paper.Kind.PLAN, Paper.Kind.RESOLUTION, Paper.Kind.CREDIT)
#: whoever may answer for what a resolution asks for
MAY_OWN = HANDLER | HEAD | SEAT | CREDIT
#: whoever answers for a follow-up of a plan; the action asks whether it is this one
OWNER = Office(
    key="owner",
    name=_("Owner of a follow-up"),
    scope=Scope.ITEM,
    test=lambda holder, proposal: FollowUp.objects.filter(
        proposal=proposal.pk, owner=holder.person, confirmed_at=None
    ).exists(),
)
#: whoever is shown the dossier of a decision, with all names
DOSSIER_READERS = HEAD_OFFICE | AUDITOR | RISK
_M = Meeting.State

#: a cancelled meeting has no file
_WRITTEN = tuple(state for state in _M if state != _M.CANCELLED)
_NARRATIVE = {"narrative": Kind.TEXT}
_S = Proposal.State
#: states of plans with a resolution in force, and with those that have ended since
_IN_FORCE = (_S.CARRIED, _S.CREDIT_APPROVED, _S.EXECUTING)
_ONCE_CARRIED = (*_IN_FORCE, _S.CREDIT_DECLINED, _S.COMPLETED, _S.TERMINATED)
_FOLLOW_UP = {"follow_up": Kind.NUMBER}

#: every act of the package by its verb
ACTS: Mapping[str, Act] = table(
    "office",
    {
        "draft_minutes": Act(
            Meeting, LIAISON, "12/only-liaison", "minutes.draft_minutes", (_M.CLOSED,), _NARRATIVE
        ),
        "amend_minutes": Act(
            Meeting,
            LIAISON,
            "12/only-liaison",
            "minutes.amend_minutes",
            (_M.MINUTED,),
            _NARRATIVE,
            {"over": Kind.NUMBER},
        ),
        "sign_minutes": Act(Meeting, PRESIDING, "9/only-chair", "minutes.sign_minutes", (_M.MINUTED,)),
        "draft_supplement": Act(
            Meeting,
            LIAISON,
            "12/only-liaison",
            "supplements.draft_supplement",
            Meeting.EFFECTIVE,
            _NARRATIVE,
            {"over": Kind.NUMBER},
        ),
        "sign_supplement": Act(
            Meeting, PRESIDING, "9/only-chair", "supplements.sign_supplement", Meeting.EFFECTIVE
        ),
        "distribute": Act(Meeting, LIAISON, "12/only-liaison", "minutes.distribute", (_M.SIGNED,)),
        "report_decisions": Act(
            Meeting, LIAISON, "12/only-liaison", "archive.report_decisions", (_M.SIGNED,)
        ),
        "receive_report": Act(
            Meeting, HEAD_OFFICE, "access/denied", "archive.receive_report", Meeting.EFFECTIVE
        ),
        "draw_up_papers": Act(Meeting, LIAISON, "12/only-liaison", "papers.draw_up_papers", _WRITTEN),
        "archive": Act(Meeting, LIAISON, "12/only-liaison", "archive.archive", (_M.SIGNED,)),
        "receive_dispatch": Act(Dispatch, ADDRESSEE, "access/denied", "dispatches.receive_dispatch"),
        "acknowledge_dispatch": Act(Dispatch, ADDRESSEE, "access/denied", "dispatches.acknowledge_dispatch"),
        "send_again": Act(Dispatch, LIAISON, "12/only-liaison", "dispatches.send_again"),
        "assign_follow_up": Act(
            Proposal,
            LIAISON,
            "12/only-liaison",
            "follow_ups.assign_follow_up",
            _IN_FORCE,
            {"text": Kind.TEXT, "owner": Kind.PERSON, "due": Kind.DATE},
        ),
        "report_follow_up": Act(
            Proposal,
            OWNER,
            "access/denied",
            "follow_ups.report_follow_up",
            _ONCE_CARRIED,
            _FOLLOW_UP | {"text": Kind.TEXT},
            {"done": Kind.FLAG},
        ),
        "return_follow_up": Act(
            Proposal,
            LIAISON,
            "12/only-liaison",
            "follow_ups.return_follow_up",
            _ONCE_CARRIED,
            _FOLLOW_UP | {"reason": Kind.TEXT},
            {"owner": Kind.PERSON, "due": Kind.DATE},
        ),
        "confirm_follow_up": Act(
            Proposal, LIAISON, "12/only-liaison", "follow_ups.confirm_follow_up", _ONCE_CARRIED, _FOLLOW_UP
        ),
    },
)


def require_not_effective(meeting: Meeting) -> None:
    """Raise `21/already-effective` once the minutes are signed."""
    if meeting.state in Meeting.EFFECTIVE:
        raise Refused("21/already-effective")


def require_signed_minutes(meeting: Meeting) -> None:
    """Raise `21/minutes-not-signed` while the minutes of a closed meeting are not signed."""
    if meeting.state in (_M.CLOSED, _M.MINUTED):
        raise Refused("21/minutes-not-signed")


def papers_visible_to(person: Person) -> Q:
    """The condition for papers that the person may see.

    Those of a meeting by whoever sees the whole meeting, and an authorisation by its holder; plans,
    resolutions and credit decisions, which name no voter, by whoever sees the plan; dockets by whoever sees
    the committee's meetings whole. Ballot papers and tally sheets exist of closed votes only (Art. 20).
    """
    kinds = Paper.Kind
    whole = Meeting.objects.filter(whole_meetings_visible_to(person))
    held = Proxy.objects.filter(holder=person, meeting=OuterRef("meeting"), seat=OuterRef("seat"))
    plans = Proposal.objects.visible_to(person).values("pk")
    return (
        Q(meeting__in=whole.values("pk"))
        | (Q(kind=kinds.PROXY) & Exists(held))
        | Q(kind__in=OF_A_PLAN, proposal__in=plans)
        | Q(kind__in=(kinds.DOCKET, kinds.FILING), committee__in=whole.values("committee"))
    )


def dossiers_visible_to(person: Person) -> Q:
    """The condition for resolutions whose dossiers, with all names, the person may see: head office, auditors
    and the branch's Risk department. No handler, member or liaison is shown one.
    """
    committee = dict.fromkeys((Scope.BANK, Scope.BRANCH), "item__meeting__committee")
    return held_in(DOSSIER_READERS.offices, person, committee)


def dispatches_addressed_to(person: Person) -> Q:
    """The condition for what is addressed to the person.

    Complete minutes to the staff of the department, a handling institution's own items to its handlers and
    head, the report to head office's officers (Art. 12.5, 21).
    """
    department = Q(kind=Dispatch.Kind.COPY, copy__full=True, unit=person.unit_id)
    institution = held_in(
        which(lambda office: office.drafts and office.scope == Scope.INSTITUTION).offices,
        person,
        {Scope.INSTITUTION: "unit"},
    )
    report = held_in([HEAD_OFFICE], person, {Scope.BANK: "meeting__committee"})
    return (
        department
        | (Q(kind=Dispatch.Kind.COPY, copy__full=False) & institution)
        | (Q(kind=Dispatch.Kind.REPORT) & report)
    )


def dispatches_visible_to(person: Person) -> Q:
    """The condition for what the person may see: addressee, liaison who sends, auditor."""
    return dispatches_addressed_to(person) | dispatches_overseen_by(person)


def dispatches_overseen_by(person: Person) -> Q:
    """The condition for what the person's committees send, for liaison and auditor."""
    committees = dict.fromkeys((Scope.COMMITTEE, Scope.BANK), "meeting__committee")
    return held_in([LIAISON, AUDITOR], person, committees)


def extracts_visible_to(person: Person) -> Q:
    """The condition for copies of a handling institution's own items that the person may read (Art. 21).

    They may be read by the institution, the liaison who sent them, and the auditor.
    """
    own = held_in(
        which(lambda office: office.drafts).offices,
        person,
        {
            Scope.INSTITUTION: "unit",
            **dict.fromkeys((Scope.COMMITTEE, Scope.BRANCH, Scope.BANK), "minutes__meeting__committee"),
        },
    )
    return Q(full=False) & (own | Q(minutes__meeting__committee__liaison=person))
