"""Who sees what and who may do what, walked: place × role × permission, place × role × verb (rules.md).

A place is a state of a case, reached for real in a bank of its own. In each, `visible_to` is compared as a
whole set, while the cases of all other places and two more proposals could leak. Then each verb is tried by
each role: an officer gets what rules.md says for that state, whoever sees the object is told the article's
code, everybody else that there is nothing; and whatever is refused changes nothing.

By default a place's verbs are tried by their officers and by some of the others, who take turns; the slow run
tries every verb as every role in every place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from audit import clock
from committee.models import Meeting, OpinionDraft, Question
from committee.offices import HANDLER, PROXY, SEAT
from portfolio.permissions import ACTS as LEDGER
from proposals.models import Proposal
from regulation.refused import Refused
from tests.stage import ACTIONS, MEETING, STEPS, Ground, Stage, plan, today
from web.acts import ACTS

ROLES = (
    "handler", "handler_head", "other_handler", "other_head", "liaison", "chair", "seat2", "seat3", "deputy3",
    "credit", "head_office", "risk", "auditor", "outsider", "former",
)  # fmt: skip
OK = "accepted"


class Case(Stage):
    """Seat 3 is represented by its deputy, seat 4 changes hands in session, which is on the wall; two plans
    more are about.
    """

    def __init__(self) -> None:
        super().__init__(seats=4, votes_to_pass=3)
        self.people = {**self.people, "former": self["seat4"]}
        self.draft = self.do("draft", "other_handler", plan=plan("C-8"))
        self.filed = self.another("C-9", by="other_handler")

    def _noticed(self) -> None:
        super()._noticed()
        self.proxy()

    def _seated(self) -> None:
        self.travel(MEETING)
        self.sign_in("chair", "seat2", "deputy3", "seat4")

    def _in_session(self) -> None:
        super()._in_session()
        self.do("vacate_seat", seat=4)
        self.do("fill_seat", seat=4, holder=self["deputy4"])
        self.people = {**self.people, "seat4": self["deputy4"]}
        self.do("sign_in", "seat4")
        self.do("open_wall")

    def cast(self, *choices: str) -> None:
        for number, handle in enumerate(("chair", "seat2", "deputy3", "seat4")):
            choice = choices[number] if number < len(choices) else "for"
            self.do("cast", handle, choice=choice, reason="Too long" if choice == "against" else "")


def _after(step: str, *acts: tuple[str, dict[str, Any]]) -> Callable[[], Case]:
    def build() -> Case:
        case = Case().to(step)
        for verb, given in acts:
            case.do(verb, **given)
        return case

    return build


def _observed() -> Case:
    case = Case().to("taken_up")
    case.do("admit_observer", observer=case["handler_head"])
    case.do("request_abstention", "seat2", reason="A cousin")
    case.do("ask_observer", "seat2", text="Why now?")
    return case


def _spoken() -> Case:
    """Seat 2 speaks, and what it says was taken down; the deputy of seat 3 waits."""
    case = Case().to("taken_up")
    case.do("ask_to_speak", "seat2")
    case.do("ask_to_speak", "deputy3")
    case.do("give_floor", seat=2)
    case.do("take_down_opinion", seat=2, text="Sound")
    return case


def _rejected() -> Case:
    case = Case().to("voting")
    case.cast("against", "against")
    case.do("close_vote")
    return case


WHY = {"reason": "Because"}
#: place → how it is reached
PLACES: Mapping[str, Callable[[], Case]] = {
    **{step: _after(step) for step in STEPS if step not in ("founded", "seated", "distributed")},
    "seated": _after("seated"),
    "returned": _after("submitted", ("return", WHY)),
    "screened_out": _after("submitted", ("screen_out", WHY)),
    "observed": _observed,
    "speaking": _spoken,
    "rejected": _rejected,
    "credit_declined": _after("signed", ("decline_credit", WHY)),
    "terminated": _after("executing", ("terminate", WHY)),
    "withdrawn": _after("noticed", ("withdraw", WHY)),
    "cancelled": _after("noticed", ("cancel_meeting", WHY)),
}
#: the places for what is done to a proposal, each state of it at least once
ON_PROPOSAL = (
    "drafted", "submitted", "returned", "screened_out", "shortlisted", "filed", "convened", "noticed",
    "in_session", "taken_up", "observed", "speaking", "voting", "voted", "carried", "rejected", "signed",
    "credit_approved", "credit_declined", "executing", "completed", "terminated", "withdrawn",
)  # fmt: skip
#: the places for what is done to a meeting, likewise
ON_MEETING = (
    "convened", "noticed", "seated", "in_session", "voting", "closed", "minuted", "signed", "reported",
    "archived", "cancelled",
)  # fmt: skip

BEFORE_NOTICE = ("drafted", "submitted", "returned", "shortlisted", "filed", "convened")
BEFORE_VOTING = (*BEFORE_NOTICE, "noticed", "in_session", "taken_up", "observed", "speaking")
RUNNING = ("noticed", "seated", "in_session", "voting")
EFFECTIVE = ("signed", "reported", "archived")


def oks(*places: str) -> dict[str, Any]:
    return dict.fromkeys(places, OK)


PAST = "state/not-allowed"


def past(*officers: str) -> dict[str, str]:
    """These officers are too late, or too early; the others are not."""
    return dict.fromkeys(officers, PAST)


#: verb → place → what its officer is told there; elsewhere state/not-allowed (rules.md, "Order of the checks
#: in every action"). A mapping in place of a code tells officers apart.
TOLD: Mapping[str, Mapping[str, Any]] = {
    "amend": oks("drafted", "returned"),
    "submit": oks("drafted", "returned"),
    "withdraw": oks(*BEFORE_VOTING),
    "revise": oks("rejected"),
    "return": oks("submitted"),
    "screen_out": oks("submitted"),
    "shortlist": oks("submitted"),
    "file_docket": {**oks("shortlisted"), **dict.fromkeys(("submitted", "returned"), "14/not-shortlisted")},
    "convene": {**oks("filed"), **dict.fromkeys(("submitted", "returned", "shortlisted"), "14/not-filed")},
    "read_materials": oks(
        "convened", "noticed", "in_session", "taken_up", "observed", "speaking", "voting", "voted"
    ),
    "take_up": oks("in_session"),
    "admit_observer": oks("taken_up", "speaking"),
    "withdraw_observer": oks("observed"),
    "record_opinion": {
        **oks("taken_up", "speaking"), "in_session": "18/not-deliberated", "observed": "19/observer-present",
    },
    "ask_to_speak": {
        **oks("taken_up", "observed"), "in_session": "18/not-deliberated",
        "speaking": past("seat2", "deputy3"),
    },
    "take_back_wish": {"speaking": past("chair", "seat2")},
    "give_floor": oks("speaking"),
    "end_speech": oks("speaking"),
    "take_down_opinion": {
        **oks("taken_up", "speaking"), "in_session": "18/not-deliberated", "observed": "19/observer-present",
    },
    "confirm_opinion": {
        "speaking": past("chair", "deputy3"), "in_session": "18/not-deliberated",
        "observed": "19/observer-present",
    },
    "decline_opinion": {"speaking": past("chair", "deputy3")},
    "ask_observer": {**oks("observed"), "in_session": "18/not-deliberated"},
    "answer_question": oks("observed"),
    "declare_conflict": {
        **dict.fromkeys(BEFORE_NOTICE, "16/no-notice"),
        **oks("noticed", "in_session", "taken_up", "observed", "speaking", "voting"),
        "voted": "20.1/already-voted",
    },
    "request_abstention": {
        **oks("taken_up", "speaking", "voting"), "in_session": "18/not-deliberated",
        "voted": "20.1/already-voted",
        "observed": {"seat2": "state/not-allowed"},
    },
    "grant_abstention": {
        **dict.fromkeys(("in_session", "taken_up", "speaking", "voting", "voted"), "20.3/no-request"),
        **oks("observed"),
    },
    "refuse_abstention": {
        **dict.fromkeys(("in_session", "taken_up", "speaking", "voting", "voted"), "20.3/no-request"),
        **oks("observed"),
    },
    "propose_cancellation": oks("voting", "voted"),
    "open_vote": {
        **oks("taken_up", "speaking"), "in_session": "18/not-deliberated", "observed": "19/observer-present",
    },
    "cast": {
        **dict.fromkeys(ON_PROPOSAL, "20/vote-not-open"), **oks("voting"), "voted": "20.1/already-voted",
    },
    "close_vote": {
        **dict.fromkeys(ON_PROPOSAL, "20/vote-not-open"), "voting": "20.1/ballots-missing", **oks("voted"),
    },
    "cancel_vote": oks("voting", "voted"),
    "approve_credit": {
        **oks("signed"), **dict.fromkeys(("carried", "rejected"), "22/no-effective-resolution"),
    },
    "decline_credit": {
        **oks("signed"), **dict.fromkeys(("carried", "rejected"), "22/no-effective-resolution"),
    },
    "comment": oks("submitted", "returned"),
    "record_receipt": oks("credit_approved", "executing"),
    "reverse_receipt": {**oks("executing", "completed"), "credit_approved": "receipt/invalid"},
    "terminate": oks("credit_approved", "executing"),
    "assign_follow_up": {**oks("signed", "credit_approved", "executing"), "carried": "21/minutes-not-signed"},
    # nobody's without one, and of one: tests/office/test_follow_ups.py
    "report_follow_up": {},
    "return_follow_up": {},
    "confirm_follow_up": {},
    # on a meeting
    "change_meeting": oks("convened", "noticed", "seated"),
    "cancel_meeting": oks("convened", "noticed", "seated"),
    "send_notice": oks("convened"),
    "deliver_notice": {"convened": "16/no-notice"},  # elsewhere nothing is on its way on paper
    "remind_members": {**oks("noticed", "seated"), "convened": "16/no-notice"},
    "acknowledge": {**oks("noticed", "seated"), "convened": "16/no-notice"},
    "authorise_proxy": {
        **oks("convened"),
        **{place: past("seat3") for place in RUNNING},
        "voting": "11/after-vote-opened",
    },
    "revoke_proxy": {
        **{place: past("chair", "seat2", "former") for place in RUNNING},
        "voting": {**past("chair", "seat2"), "seat3": "11/after-vote-opened"},
    },
    "sign_in": {
        **oks("convened", "noticed"),
        **{place: past("chair", "seat2", "deputy3", "former") for place in RUNNING[1:]},
    },
    "sign_out": {place: past("seat3") for place in RUNNING[1:]},
    "open_meeting": oks("seated"),
    "close_meeting": oks("in_session"),
    "appoint_acting_chair": oks("convened", "noticed", "seated", "in_session", "voting"),
    "open_wall": oks("convened", "noticed", "seated", "in_session", "voting"),
    "close_wall": oks("in_session", "voting", "closed", "minuted", *EFFECTIVE),
    "draft_minutes": oks("closed"),
    "amend_minutes": {**oks("minuted"), **dict.fromkeys(EFFECTIVE, "21/already-effective")},
    "sign_minutes": {**oks("minuted"), **dict.fromkeys(EFFECTIVE, "21/already-effective")},
    "draft_supplement": {
        **oks(*EFFECTIVE), **dict.fromkeys(("closed", "minuted"), "21/minutes-not-signed"),
    },
    # without a draft: tests/office/test_supplements.py
    "sign_supplement": dict.fromkeys(("closed", "minuted"), "21/minutes-not-signed"),
    "distribute": {**oks("signed"), **dict.fromkeys(("closed", "minuted"), "21/minutes-not-signed")},
    "report_decisions": {**oks("signed"), **dict.fromkeys(("closed", "minuted"), "21/minutes-not-signed")},
    "receive_report": oks("reported", "archived"),
    "draw_up_papers": oks(
        "convened", "noticed", "seated", "in_session", "voting", "closed", "minuted", "signed", "reported",
        "archived",
    ),
    "archive": {
        **oks("reported"), **dict.fromkeys(("closed", "minuted", "signed"), "12.6/archive-incomplete"),
    },
}  # fmt: skip

#: what a verb is given, beside the object and the person
GIVEN: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    **dict.fromkeys(
        ("withdraw", "return", "screen_out", "declare_conflict", "request_abstention", "propose_cancellation",
         "cancel_vote", "decline_credit", "terminate", "cancel_meeting"),
        lambda case: WHY,
    ),
    **dict.fromkeys(("amend", "revise"), lambda case: {"changes": {"title": "Anew"}}),
    "file_docket": lambda case: {"proposals": [case.proposal]},
    "convene": lambda case: {
        "at": clock.now() + timedelta(days=4), "place": "Room 3", "proposals": [case.proposal],
    },
    "admit_observer": lambda case: {"observer": case["handler_head"]},
    "record_opinion": lambda case: {"text": "Sound"},
    "comment": lambda case: {"field": "$.executor", "text": "Who is this?"},
    **dict.fromkeys(
        ("grant_abstention", "refuse_abstention", "appoint_acting_chair"), lambda case: {"seat": 2}
    ),
    "give_floor": lambda case: {"seat": 3},
    "deliver_notice": lambda case: {"seat": 2, "received_by": "Zhou"},
    "take_down_opinion": lambda case: {"seat": 2, "text": "Sound"},
    **dict.fromkeys(
        ("confirm_opinion", "decline_opinion"),
        lambda case: {
            "draft": OpinionDraft.objects.filter(item__meeting=case.meeting).first() or OpinionDraft(pk=0),
        },
    ),
    "ask_observer": lambda case: {"text": "Why?"},
    "answer_question": lambda case: {
        "question": Question.objects.filter(item__meeting=case.meeting).first() or Question(pk=0),
        "text": "Therefore",
    },
    "cast": lambda case: {"choice": "for"},
    "record_receipt": lambda case: {"amount": "600.00", "received_on": today()},
    "reverse_receipt": lambda case: {"amount": "600.00", "received_on": today(), **WHY},
    "assign_follow_up": lambda case: {
        "text": "Register the mortgage", "owner": case["handler"], "due": today(),
    },
    "report_follow_up": lambda case: {"follow_up": 1, "text": "Registered"},
    "return_follow_up": lambda case: {"follow_up": 1, **WHY},
    "confirm_follow_up": lambda case: {"follow_up": 1},
    "change_meeting": lambda case: {"place": "Room 4"},
    "authorise_proxy": lambda case: {
        "holder": case["credit"], "proposals": [case.proposal], "powers": ["vote"], "document": "Signed",
    },
    **dict.fromkeys(
        ("draft_minutes", "amend_minutes", "draft_supplement"), lambda case: {"narrative": "Said."}
    ),
}  # fmt: skip

VERBS_ON_MEETING = tuple(verb for verb, (target, _, _) in ACTIONS.items() if target == "meeting")
VERBS_ON_COMMITTEE = (
    "draft", "amend_regulation", "publish_interpretation", "vacate_seat", "fill_seat",
    "replace_holder", "appoint_liaison",
    "appoint_stand_in", "end_stand_in",
)  # fmt: skip
#: of what a unit was sent: tests/office/test_dispatches.py
VERBS_ON_DISPATCH = tuple(verb for verb, (target, _, _) in ACTIONS.items() if target == "dispatch")
VERBS_ON_PROPOSAL = tuple(
    verb for verb in ACTIONS if verb not in (*VERBS_ON_MEETING, *VERBS_ON_COMMITTEE, *VERBS_ON_DISPATCH)
)


def test_every_verb_is_tried_in_every_place():
    tried = {*VERBS_ON_PROPOSAL, *VERBS_ON_MEETING}
    assert tried == TOLD.keys(), f"TOLD or VERBS_ON_COMMITTEE needs a row of {sorted(tried ^ TOLD.keys())}"


OFFICERS: Mapping[str, tuple[str, ...]] = {
    "presiding": ("chair",),
    "seat": ("chair", "seat2", "seat3"),
    "proxy": ("deputy3",),
    "speaker": (),
    "observer": (),
    "owner": (),
}


@contextmanager
def at(ground: Ground, place: str) -> Iterator[Case]:
    """The case at that place, on its clock; what is done there is undone."""
    case = ground.stage(place, PLACES[place])
    assert isinstance(case, Case)
    with clock.frozen(case.clock), transaction.atomic():
        yield case
        transaction.set_rollback(True)


# --- what each role sees ---

#: what rules.md says of each role: in which states it sees a meeting, and from which milestone on a plan
SEES_MEETINGS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("liaison", "seat", "head_office", "risk", "auditor"), tuple(Meeting.State)),
    "proxy": Meeting.RUNNING,
    "credit": Meeting.EFFECTIVE,
    **dict.fromkeys(("handler", "head", "nobody"), ()),
}
SEES_PLANS: Mapping[str, str] = {
    **dict.fromkeys(("handler", "head", "auditor"), "drafted"),
    **dict.fromkeys(("liaison", "chair", "risk"), "submitted"),
    **dict.fromkeys(("member", "head_office"), "filed"),
    "credit": "resolved",
    "nobody": "",
}
MILESTONES = ("drafted", "submitted", "filed", "resolved")


def milestone(case: Case) -> str:
    """How far the case has come, whatever became of it."""
    row = case.now(case.proposal)
    reached = (row.drafted_at, row.submitted_at, row.filed_at, row.resolved_at)
    return MILESTONES[sum(moment is not None for moment in reached) - 1]


def in_room(case: Case, place: str) -> bool:
    """Whether the former holder of seat 4 was at the meeting."""
    return case.meeting is not None and place not in ("convened", "noticed", "cancelled", "withdrawn")


def sees_proposal(case: Case, place: str, role: str) -> bool:
    """What the table of rules.md says of the case."""
    running = case.meeting is not None and case.meeting_state in Meeting.RUNNING
    if role == "deputy3":
        return running and place != "convened"
    if role == "former":
        voted = case.proposal is not None and case.now(case.proposal).votes.exists()
        return (in_room(case, place) and voted) or (in_seat(place) and _since("member", milestone(case)))
    named = {"seat2": "member", "seat3": "member", "handler_head": "head", "outsider": "nobody",
             "other_handler": "nobody", "other_head": "nobody"}.get(role, role)  # fmt: skip
    return _since(named, milestone(case))


def in_seat(place: str) -> bool:
    """Whether the one who will be the former holder still holds seat 4."""
    return place in (*BEFORE_NOTICE, "noticed", "seated", "screened_out", "withdrawn", "cancelled")


def _since(role: str, reached: str) -> bool:
    since = SEES_PLANS[role]
    return bool(since) and MILESTONES.index(reached) >= MILESTONES.index(since)


def sees_meeting(case: Case, place: str, role: str) -> bool:
    """What the table of rules.md says of the meeting."""
    if role == "former":
        return in_room(case, place) or in_seat(place)
    if role == "deputy3" and place == "convened":
        return False
    named = {
        **dict.fromkeys(("chair", "seat2", "seat3"), "seat"),
        **dict.fromkeys(("handler_head", "other_head"), "head"),
        "deputy3": "proxy", "other_handler": "handler", "outsider": "nobody",
    }.get(role, role)  # fmt: skip
    return case.meeting_state in SEES_MEETINGS[named]


#: role → which of the two other proposals it sees: the other institution's draft, and its filed plan
OTHERS = {
    **dict.fromkeys(("other_handler", "other_head", "auditor"), ("draft", "filed")),
    **dict.fromkeys(("liaison", "chair", "risk", "seat2", "seat3", "head_office"), ("filed",)),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_role_sees_exactly_what_the_table_says(ground, place):
    with at(ground, place) as case:
        for role in ROLES:
            others = OTHERS.get(role, ("filed",) if role == "former" and in_seat(place) else ())
            expected = {getattr(case, which).pk for which in others}
            if sees_proposal(case, place, role):
                expected.add(case.proposal.pk)
            found = set(Proposal.objects.visible_to(case[role]).values_list("pk", flat=True))
            assert found == expected, (place, role)
            meetings = {case.meeting.pk} if case.meeting and sees_meeting(case, place, role) else set()
            found = set(Meeting.objects.visible_to(case[role]).values_list("pk", flat=True))
            assert found == meetings, (place, role)


def test_the_places_reach_every_state(ground):
    proposals, meetings = set(), set()
    for place in PLACES:
        with at(ground, place) as case:
            if place in ON_PROPOSAL:
                proposals.add(case.state)
            if place in ON_MEETING:
                meetings.add(case.meeting_state)
    assert proposals == set(Proposal.State.values)
    assert meetings == set(Meeting.State.values)


def test_the_tables_know_every_verb():
    assert set(ACTS) - set(LEDGER) == set(ACTIONS)
    assert set(TOLD) == set(ACTIONS) - {*VERBS_ON_COMMITTEE, *VERBS_ON_DISPATCH}


# --- what each role may do ---


def expected(seeing: set[str], place: str, verb: str, role: str) -> str:
    """What the verb comes to: accepted, or the code."""
    act = ACTS[verb]
    if role not in seeing:
        return "access/not-found"
    if role not in officers(verb, place):
        return "access/denied" if act.office is HANDLER and role == "handler_head" else act.code
    told = TOLD[verb].get(place, PAST)
    return told if isinstance(told, str) else told.get(role, OK)


def officers(verb: str, place: str) -> tuple[str, ...]:
    """Whose verb it is there."""
    offices = ACTS[verb].office.each()
    named = tuple(role for office in offices for role in OFFICERS.get(office.key, (office.key,)))
    if verb == "end_speech" and place == "speaking":
        return (*named, "seat2")
    if verb == "answer_question" and place == "observed":
        return (*named, "handler_head")
    return (*named, "former") if "seat2" in named and in_seat(place) else named


def tried(case: Case, verb: str, role: str) -> str:
    """What the verb comes to; what was accepted is undone."""
    given = GIVEN.get(verb, lambda case: {})(case)
    try:
        with transaction.atomic():
            case.do(verb, role, **given)
            transaction.set_rollback(True)
    except Refused as refused:
        return refused.code
    return OK


def fingerprint() -> list[tuple[Any, ...]]:
    """Every row of every table of ours, as a number a table."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    select = " UNION ALL ".join(
        f"SELECT '{table}', count(*), sum(hashtextextended(t::text, 0)) FROM {table} t"
        for table in tables
        if not table.startswith(("procrastinate", "django"))
    )
    with connection.cursor() as cursor:
        cursor.execute(select)
        return sorted(cursor.fetchall(), key=str)


def try_all(ground: Ground, place: str, verbs: tuple[str, ...], chosen: Callable[..., list[str]]) -> None:
    wrong = []
    sees = sees_meeting if verbs is VERBS_ON_MEETING else sees_proposal
    with at(ground, place) as case:
        seeing = {role for role in ROLES if sees(case, place, role)}
        #: who authorises names the items too
        seeing_both = {role for role in seeing if sees_proposal(case, place, role)}
        before = fingerprint()
        for turn, verb in enumerate(verbs, list(PLACES).index(place)):
            for role in chosen(seeing, place, verb, turn):
                if ACTS[verb].office == SEAT | PROXY and role == "seat3" and verbs is VERBS_ON_PROPOSAL:
                    continue  # the principal stays away: tests/committee/test_proxies.py
                seen = seeing_both if verb == "authorise_proxy" else seeing
                wanted, got = expected(seen, place, verb, role), tried(case, verb, role)
                if got != wanted:
                    wrong.append(f"{place}: {verb} by {role} is {got}, not {wanted}")
        assert fingerprint() == before
    assert wrong == []


def everybody(seeing: set[str], place: str, verb: str, turn: int) -> list[str]:
    return list(ROLES)


def some(seeing: set[str], place: str, verb: str, turn: int) -> list[str]:
    """The officers, or one where the state forbids all; one of the others who sees it, one who does not."""

    def one_of(roles: list[str]) -> list[str]:
        return [roles[turn % len(roles)]] if roles else []

    own = [role for role in ROLES if role in officers(verb, place)]
    others = [role for role in ROLES if role not in own]
    picked = list(own) if place in TOLD[verb] else one_of(own)
    picked += one_of([role for role in others if role in seeing])
    picked += one_of([role for role in others if role not in seeing])
    return [*picked, "handler_head"] if ACTS[verb].office is HANDLER and turn % 2 else picked


@pytest.mark.parametrize("place", ON_PROPOSAL)
def test_a_proposals_verbs_are_their_officers_in_their_states(ground, place):
    try_all(ground, place, VERBS_ON_PROPOSAL, some)


@pytest.mark.parametrize("place", ON_MEETING)
def test_a_meetings_verbs_are_their_officers_in_their_states(ground, place):
    try_all(ground, place, VERBS_ON_MEETING, some)


@pytest.mark.slow
@pytest.mark.parametrize("place", ON_PROPOSAL)
def test_every_verb_on_a_proposal_as_every_role(ground, place):
    try_all(ground, place, VERBS_ON_PROPOSAL, everybody)


@pytest.mark.slow
@pytest.mark.parametrize("place", ON_MEETING)
def test_every_verb_on_a_meeting_as_every_role(ground, place):
    try_all(ground, place, VERBS_ON_MEETING, everybody)


@pytest.mark.parametrize("verb", VERBS_ON_COMMITTEE)
def test_the_committees_verbs_are_their_officers(ground, verb):
    """Drafting is every handler's, and no head's; roster and regulation are the risk department's."""
    with at(ground, "submitted") as case:
        given = {
            "draft": {"plan": plan("C-7")},
            "amend_regulation": {"changes": {"notice_days": 3}, "effective_from": today()},
            "publish_interpretation": {"article": 24, "text_zh": "由风险管理部解释"},
            "appoint_liaison": {"person": case["outsider"]},
            "appoint_stand_in": {"person": case["outsider"], "since": today(), "until": today()},
            "end_stand_in": {},
            "vacate_seat": {"seat": 2},
            "fill_seat": {"seat": 2, "holder": case["outsider"]},
            "replace_holder": {"seat": 2, "holder": case["outsider"]},
        }[verb]
        if verb == "fill_seat":
            case.do("vacate_seat", seat=2)
        if verb == "end_stand_in":
            case.do("appoint_stand_in", person=case["outsider"], since=today(), until=today())
        officers = ("handler", "other_handler") if verb == "draft" else ("risk",)
        for role in ROLES:
            wanted = ACTS[verb].code
            if role in officers:
                wanted = OK
            elif verb == "draft" and role.endswith("_head"):
                wanted = "access/denied"
            try:
                with transaction.atomic():
                    case.do(verb, role, **given)
                    transaction.set_rollback(True)
                got = OK
            except Refused as refused:
                got = refused.code
            assert got == wanted, (verb, role)
