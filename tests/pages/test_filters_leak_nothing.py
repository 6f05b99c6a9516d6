"""Lists, exports and the search hold what one may see and what was asked for, whatever column is asked of.

What each office sees is said here once more, by the milestones of rules.md, and whole sets are compared:
plans of both institutions of each milestone, meetings in several states, another bank with the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from committee.models import Meeting
from pages.meetings.listing import Meetings
from pages.plans.listing import Proposals
from pages.search import finding
from proposals.models import Docket, Proposal
from tests.pages.pages import EVERYBODY
from tests.stage import MEETING, START, Stage, clock, plan, stages
from web.exports import files
from web.viewer import Viewer

OWN = {"handler": "handler", "handler_head": "handler", "other_handler": "other", "other_head": "other"}
#: handle → the milestone from which on it sees a plan of its committee
FROM: Mapping[str, str] = {
    "auditor": "created_at",
    **dict.fromkeys(("liaison", "chair", "risk"), "submitted_at"),
    **dict.fromkeys(("seat2", "seat3", "head_office"), "filed_at"),
    "credit": "resolved_at",
}
COMMITTEE = {"liaison", "chair", "seat2", "seat3", "head_office", "risk", "auditor"}


def _peopled() -> Stage:
    """A bank with plans of each milestone and meetings in several states."""
    stage = Stage()
    stage.plan = plan("K-1", title="重组甲")
    stage.to("signed")
    stage.carried, stage.first = stage.proposal, stage.meeting
    for number, (to, by) in enumerate(
        (to, by)
        for to in ("drafted", "submitted", "shortlisted", "filed")
        for by in ("handler", "other_handler")
    ):
        made = stage.another(f"K-{number + 2}", to=to, by=by, title=f"重组{number}")
        if to == "filed":
            at = MEETING + timedelta(days=20 + number)
            meeting = stage.convene(made, at=at)
            if by == "other_handler":
                stage.do("cancel_meeting", on=meeting, reason="No quorum")
    stage.do("return", on=stage.another("K-20", to="submitted", title="重组回"), reason="Incomplete")
    stage.do("withdraw", on=stage.another("K-21", to="filed", title="重组撤"), reason="Paid")
    return stage


def _two_banks() -> Stage:
    stage = _peopled()
    clock.travel(START)
    stage.abroad = _peopled()
    return stage


two_banks = stages("two_banks", _two_banks)


def visible(stage: Stage, handle: str) -> set[int]:
    """The plans of the bank that the handle sees."""
    rows = Proposal.objects.filter(committee=stage.committee)
    if handle in OWN:
        return {
            row.pk
            for row in rows
            if row.unit_id == stage["handler" if OWN[handle] == "handler" else "other_handler"].unit_id
        }
    milestone = FROM.get(handle)
    if milestone == "created_at":
        return {row.pk for row in rows}
    return {row.pk for row in rows if milestone and getattr(row, milestone) is not None}


STATES = ("draft", "submitted", "returned", "shortlisted", "filed", "tabled", "carried", "withdrawn")
#: what is asked for → which plans it is true of
ASKED: Mapping[str, Callable[[Proposal], bool]] = {
    "": lambda row: True,
    "q=重组": lambda row: True,
    "q=K-": lambda row: True,
    "q=K-20": lambda row: row.title == "重组回",
    "q=重组甲": lambda row: row.title == "重组甲",
    "submitted_from=2026-01-01": lambda row: row.submitted_at is not None,
    "submitted_to=2026-01-01": lambda row: False,
    "resolved_from=2026-01-01": lambda row: row.resolved_at is not None,
    **{f"state={state}": lambda row, state=state: row.state == state for state in STATES},
    "state=draft&state=filed&q=K-": lambda row: row.state in ("draft", "filed"),
    **dict.fromkeys(("sort=number", "sort=-borrower", "sort=owed"), lambda row: True),
}


def listed(who: Viewer, asked: str, kind: Any = Proposals) -> set[int]:
    """The ids of the list, on its pages and in its file alike, each once."""
    listing = kind(who, QueryDict(asked))
    found = [row.pk for row in listing.rows]
    assert len(found) == len(set(found)) == len(list(files.iterate_rows(listing))) == listing.count.number, (
        asked
    )
    return set(found)


@pytest.mark.parametrize("handle", EVERYBODY)
def test_a_list_holds_what_is_asked_for_of_what_is_seen_whichever_column(two_banks: Any, handle: str) -> None:
    who, seen = Viewer(two_banks[handle]), visible(two_banks, handle)
    rows = list(Proposal.objects.all())
    assert {row.state for row in rows} == set(STATES)
    for asked, fits in ASKED.items():
        assert listed(who, asked) == {row.pk for row in rows if row.pk in seen and fits(row)}, asked
    for docket in Docket.objects.prefetch_related("entries"):
        held = {entry.proposal_id for entry in docket.entries.all()} & seen
        assert listed(who, f"docket={docket.pk}") == (held or seen), docket.pk


@pytest.mark.parametrize("handle", EVERYBODY)
def test_the_search_finds_no_more_than_the_list(two_banks: Any, handle: str) -> None:
    who, seen = Viewer(two_banks[handle]), visible(two_banks, handle)
    for text in ("重组", "K-", "K-1"):
        found = finding.results(who, text)
        assert {hit.row.pk for hit in (*found.plans, *found.contracts)} <= seen, text
        assert found.plan_count.number == len(listed(who, f"q={text}")), text
        assert bool(found.plans) is bool(seen) or text == "K-1"


def meetings(stage: Stage, handle: str) -> set[int]:
    """The meetings of the bank that the handle sees."""
    rows = Meeting.objects.filter(committee=stage.committee)
    if handle == "credit":
        rows = rows.filter(state__in=Meeting.EFFECTIVE)
    return {row.pk for row in rows} if handle in COMMITTEE | {"credit"} else set()


@pytest.mark.parametrize("handle", EVERYBODY)
def test_meetings_are_listed_and_found_by_whoever_sees_them(two_banks: Any, handle: str) -> None:
    who, seen = Viewer(two_banks[handle]), meetings(two_banks, handle)
    states = dict(Meeting.objects.values_list("pk", "state"))
    assert set(states.values()) == {"signed", "convened", "cancelled"}
    assert listed(who, "", Meetings) == seen
    for state in set(states.values()):
        of_state = {pk for pk in seen if states[pk] == state}
        assert listed(who, f"state={state}", Meetings) == of_state, state
    for text, state in (("Room", None), ("What was said", "signed")):
        found = finding.results(who, text)
        wanted = {pk for pk in seen if state in (None, states[pk])}
        assert {hit.row.pk for hit in found.meetings} == wanted, text
        assert found.meeting_count.number == len(wanted), text
