"""A role is added where it is told: its office. Acts, lists, search, places and desk follow from the office.

Each place is looked at by itself: one with a list of its own would leave the new office out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from committee import visibility
from committee.models import Meeting, Position
from committee.models.organisation import position_roles
from committee.offices import EVER, LIAISON, OFFICES, Milestone, Office, Offices, Scope, by_position
from proposals.models import Proposal
from proposals.permissions import ACTS
from tests.pages.pages import as_, look, status
from tests.stage import *  # noqa: F403  # the fixtures, all of them
from web import shell
from web.offers import offer_for
from web.viewer import Viewer

INSPECTION = by_position("inspection", "Inspection", Scope.BRANCH, meetings=EVER, plans=Milestone.FILED)
HANDLE = "outsider"


@contextmanager
def told(office: Office) -> Iterator[None]:
    """The table has the office."""
    assert isinstance(OFFICES, dict)
    OFFICES[office.key] = office
    visibility._visible.cache_clear()
    try:
        yield
    finally:
        del OFFICES[office.key]
        visibility._visible.cache_clear()


@contextmanager
def held(verb: str, office: Office | Offices) -> Iterator[None]:
    """The verb's row in the table of acts names the office; its offer reads the row again."""
    act, offer = ACTS[verb], offer_for(Proposal, verb)
    before = act.office
    object.__setattr__(act, "office", office)
    offer.__dict__.pop("rule")
    try:
        yield
    finally:
        object.__setattr__(act, "office", before)
        offer.__dict__.pop("rule", None)


@pytest.fixture
def case(credit_approved):
    """A plan that is carried, one that is a draft, and somebody with the new position for the branch."""
    credit_approved.draft = credit_approved.another("D-1", to="drafted", by="other_handler")
    branch = credit_approved.committee.branch
    Position.objects.create(person=credit_approved[HANDLE], role=INSPECTION.role, unit=branch)
    return credit_approved


@pytest.fixture
def inspected(case):
    with told(INSPECTION):
        yield case


def seen(person):
    return [
        set(model.objects.visible_to(person).values_list("pk", flat=True)) for model in (Proposal, Meeting)
    ]


def test_it_sees_what_its_row_says(inspected):
    person = inspected[HANDLE]
    assert seen(person) == [{inspected.proposal.pk}, {inspected.meeting.pk}]
    assert status(person, "proposal", inspected.proposal.pk) == 200
    assert status(person, "meeting", inspected.meeting.pk) == 200
    assert status(person, "proposal", inspected.draft.pk) == 404


def test_a_position_of_it_can_be_given(inspected):
    position = Position.objects.get(role=INSPECTION.role)
    position.clean_fields()
    assert position.get_role_display() == "Inspection"
    assert (INSPECTION.role, "Inspection") in position_roles()


def test_a_role_of_no_office_can_not_be_given(inspected):
    position = Position.objects.get(role=INSPECTION.role)
    position.role = "nobody"
    with pytest.raises(ValidationError):
        position.clean_fields()


def test_another_row_shows_something_else(case):
    later = by_position("inspection", "Inspection", Scope.BRANCH, meetings=Meeting.RUNNING)
    with told(later):
        assert seen(case[HANDLE]) == [set(), set()]
    earlier = by_position("inspection", "Inspection", Scope.BRANCH, plans=Milestone.DRAFTED)
    with told(earlier):
        assert seen(case[HANDLE]) == [{case.proposal.pk, case.draft.pk}, set()]
        assert "D-1" in look(case[HANDLE], "search", q="D-1").partition("<main")[2]


def test_it_is_in_the_lists_and_found_by_the_search(inspected):
    person, plan = inspected[HANDLE], reverse("proposal", args=[inspected.proposal.pk])
    meeting = reverse("meeting", args=[inspected.meeting.pk])
    assert plan in look(person, "proposals")
    assert 'name="unit"' in look(person, "proposals")
    assert meeting in look(person, "meetings")
    found = look(person, "search", q="C-1").partition("<main")[2]
    assert plan in found
    assert reverse("proposal", args=[inspected.draft.pk]) not in look(person, "proposals")
    minutes = look(person, "search", q=inspected.now(inspected.meeting).place).partition("<main")[2]
    assert meeting in minutes


def test_its_places_stand_in_the_rail_and_are_open(inspected):
    person = inspected[HANDLE]
    names = {place.url for place in shell.places(Viewer(person), "")}
    for place in ("meetings", "dockets", "board", "figures"):
        assert reverse(place) in names
        assert status(person, place) == 200
    docket = inspected.proposal.docket_entries.get().docket
    assert reverse("docket", args=[docket.pk]) in look(person, "dockets")


def test_it_has_a_desk_and_a_title(inspected):
    html = look(inspected[HANDLE], "desk")
    assert reverse("proposal", args=[inspected.proposal.pk]) in html.partition("<main")[2]
    assert reverse("proposal", args=[inspected.draft.pk]) not in html
    assert f"{inspected.committee.branch} · Inspection" in html


def test_it_does_what_the_table_of_acts_names_it_for(inspected):
    act = reverse("proposal-act", args=[inspected.proposal.pk, "terminate"])
    page = ("proposal", inspected.proposal.pk)
    inspected.refused(ACTS["terminate"].code, "terminate", HANDLE, reason="Closed down")
    assert act not in look(inspected[HANDLE], *page)
    assert as_(inspected[HANDLE]).get(act).status_code == 403
    with held("terminate", LIAISON | INSPECTION):
        assert act in look(inspected[HANDLE], *page)
        assert as_(inspected[HANDLE]).get(act).status_code == 200
        inspected.refused(ACTS["terminate"].code, "terminate", "risk", reason="Closed down")
        inspected.do("terminate", HANDLE, reason="Closed down")
    assert inspected.state == Proposal.State.TERMINATED


def test_a_position_without_an_office_shows_nothing(case):
    person = case[HANDLE]
    assert seen(person) == [set(), set()]
    assert status(person, "proposal", case.proposal.pk) == 404
    assert status(person, "board") == 404
    case.refused("access/not-found", "terminate", HANDLE, reason="Closed down")
