"""The table of acts on votes, and the ballots that each office may see."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from committee.acts import Act, Kind, table
from committee.models import Meeting, Person, Proxy, Seat
from committee.offices import HEAD_OFFICE, LIAISON, PRESIDING, PROXY, SEAT
from proposals.models import Proposal
from regulation.refused import Refused
from voting.models import Ballot, Vote, VoteSeat

_S = Proposal.State

_REASON = {"reason": Kind.TEXT}
_SEAT = {"seat": Kind.SEAT}

#: every act of the package by its verb
ACTS: Mapping[str, Act] = table(
    "voting",
    {
        "open_vote": Act(
            Proposal,
            PRESIDING,
            "9/only-chair",
            "votes.open_vote",
            (_S.TABLED,),
            optional={"question": Kind.QUESTION},
        ),
        "cast": Act(
            Proposal,
            SEAT | PROXY,
            "20.1/no-seat",
            "ballots.cast",
            (_S.VOTING,),
            {"choice": Kind.WORD},
            optional=_REASON,
        ),
        "close_vote": Act(Proposal, LIAISON, "12/only-liaison", "votes.close_vote", (_S.VOTING,)),
        "cancel_vote": Act(Proposal, PRESIDING, "9/only-chair", "votes.cancel_vote", (_S.VOTING,), _REASON),
        "declare_conflict": Act(
            Proposal, SEAT, "20.1/no-seat", "consents.declare_conflict", (_S.TABLED, _S.VOTING), _REASON
        ),
        "request_abstention": Act(
            Proposal,
            SEAT | PROXY,
            "20.1/no-seat",
            "consents.request_abstention",
            (_S.TABLED, _S.VOTING),
            _REASON,
        ),
        "grant_abstention": Act(
            Proposal, PRESIDING, "9/only-chair", "consents.grant_abstention", (_S.TABLED, _S.VOTING), _SEAT
        ),
        "refuse_abstention": Act(
            Proposal, PRESIDING, "9/only-chair", "consents.refuse_abstention", (_S.TABLED, _S.VOTING), _SEAT
        ),
        "propose_cancellation": Act(
            Proposal, SEAT | PROXY, "20.1/no-seat", "consents.propose_cancellation", (_S.VOTING,), _REASON
        ),
        # the verbs are older than the names of the actions, and the log, files and programs use them
        "open_wall": Act(
            Meeting, LIAISON | PRESIDING, "12/only-liaison", "room_screen.open_room_screen", Meeting.RUNNING
        ),
        "close_wall": Act(Meeting, LIAISON | PRESIDING, "12/only-liaison", "room_screen.close_room_screen"),
    },
)


def decided_above(meeting: Meeting | None, seat: Seat) -> bool:
    """Whether head office decides the requests of this seat: the chair's, an acting chair's (Art. 20.3)."""
    return seat.is_chair or (meeting is not None and seat.pk == meeting.acting_seat_id)


def require_decider(proposal: Proposal, meeting: Meeting | None, by: Person, seat: int) -> None:
    """Raise unless `by` decides requests of the seat with this number.

    Requests of the chair and an acting chair are decided by head office: `20.3/own-request` for their own,
    `9/only-chair` for other people's; head office decides no others (Art. 20.3).
    """
    target = Seat.objects.filter(committee=proposal.committee_id, number=seat).first()
    if seat == Seat.CHAIR or (target is not None and decided_above(meeting, target)):
        if HEAD_OFFICE.held_by(by, proposal):
            return
        if target is not None and target.holder_id == by.pk:
            raise Refused("20.3/own-request")
        raise Refused("9/only-chair")
    if not PRESIDING.held_by(by, meeting or proposal.committee):
        raise Refused("9/only-chair")


def to_cast(person: Person) -> QuerySet[VoteSeat]:
    """The seats in open votes that have not voted and for which the person may vote: the own seat, or by
    proxy.
    """
    voted = Ballot.objects.filter(vote=OuterRef("vote"), seat=OuterRef("seat"))
    covered = Proxy.objects.running().filter(
        holder=person,
        meeting=OuterRef("vote__meeting"),
        seat=OuterRef("seat"),
        items=OuterRef("vote__item"),
        powers__contains=[Proxy.Power.VOTE],
        principal_came_at=None,
    )
    return VoteSeat.objects.filter(
        ~Exists(voted), Q(seat__holder=person) | Q(Exists(covered)), vote__state=Vote.State.OPEN
    ).order_by("vote__opened_at", "number", "pk")
