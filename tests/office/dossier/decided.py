"""Decisions whose dossiers are looked at: a usual one, a resubmission, one on special circumstances alone."""

from __future__ import annotations

from datetime import timedelta

from committee.models import Resolution
from office.dossier.judging import Dossier, judge
from office.dossier.reading import with_meeting
from tests.stage import MEETING, Stage, today

MINUTE = timedelta(minutes=1)


def carried_case() -> Stage:
    """Carried, with an observer who withdrew, a proxy, a consented abstention, and all that follows."""
    stage = Stage(seats=5, votes_to_pass=3).to("noticed")
    stage.proxy()
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3", "seat4", "seat5")
    stage.do("open_meeting")
    stage.travel(MINUTE)
    stage.do("take_up")
    stage.travel(MINUTE)
    stage.do("admit_observer", observer=stage["handler_head"])
    stage.travel(MINUTE)
    stage.do("withdraw_observer")
    stage.travel(MINUTE)
    stage.do("record_opinion", "seat2", text="The terms are sound.")
    stage.do("request_abstention", "seat4", reason="New in the seat")
    stage.do("grant_abstention", seat=4)
    stage.travel(MINUTE)
    stage.do("open_vote")
    stage.travel(MINUTE)
    stage.do("cast", "chair", choice="for")
    stage.do("cast", "seat2", choice="against", reason="Too long")
    stage.do("cast", "deputy3", choice="for")
    stage.do("cast", "seat4", choice="abstain", reason="New in the seat")
    stage.do("cast", "seat5", choice="for")
    stage.travel(MINUTE)
    stage.do("close_vote")
    stage.travel(MINUTE)
    stage.do("close_meeting")
    stage.travel(MINUTE)
    stage.do("draft_minutes", narrative="What was said.")
    stage.do("sign_minutes")
    stage.travel(MINUTE)
    for verb in ("distribute", "report_decisions", "archive", "approve_credit"):
        stage.do(verb)
    stage.travel(MINUTE)
    stage.do("record_receipt", amount="600.00", received_on=today())
    return stage


def resubmitted_case() -> Stage:
    """A plan that was not carried, and one on the same contract, changed in substance, that was."""
    stage = Stage().to("voting")
    stage.cast("against:Too long", "against:Too little", "for")
    stage.do("close_vote")
    stage.do("close_meeting")
    first = stage.proposal
    stage.travel(timedelta(hours=1))
    stage.proposal = stage.do("revise", on=first, changes={"measures": ["instalments", "active_visit"]})
    stage.do("submit")
    stage.do("shortlist", ruling="Visits are new")
    stage.do("file_docket", proposals=[stage.proposal])
    at = stage.now(stage.meeting).closed_at + timedelta(days=4)
    stage.meeting = stage.convene(stage.proposal, at=at)
    stage.do("send_notice")
    stage.travel(at)
    stage.sign_in()
    for verb in ("open_meeting", "take_up", "open_vote"):
        stage.do(verb)
    stage.cast()
    stage.do("close_vote")
    return stage


def special_case() -> Stage:
    """Special circumstances alone: recognised by a vote of their own, then the plan carried."""
    stage = Stage()
    stage.plan["conditions"] = {"7.6": "The village is to be resettled"}
    stage.to("taken_up")
    stage.do("open_vote", question="special-circumstances")
    stage.cast()
    stage.do("close_vote")
    stage.travel(MINUTE)
    stage.do("open_vote")
    stage.cast()
    stage.do("close_vote")
    return stage


def dossier(stage: Stage, question: str = "plan") -> Dossier:
    """The dossier of the stage's decision."""
    rows = with_meeting(Resolution.objects.filter(question=question))
    return judge(rows.get(item=stage.now(stage.proposal).item_id))
