"""The palette: places, plans, meetings and acts, only what the person may see."""

import pytest
from django.urls import reverse

from tests.pages.pages import EVERYBODY, as_


def offered(stage, handle, text=""):
    answer = as_(stage[handle]).get(reverse("palette"), {"q": text})
    assert answer["Cache-Control"] == "private, no-store"
    return answer.json()["entries"]


def addresses(stage, handle, text="", kind=None):
    return {each["url"] for each in offered(stage, handle, text) if kind in (None, each["kind"])}


def test_places_are_those_of_the_person(founded):
    assert reverse("exceptions") in addresses(founded, "auditor")
    assert reverse("exceptions") not in addresses(founded, "seat2")
    assert reverse("convene", args=[founded.committee.pk]) in addresses(founded, "chair")
    assert reverse("convene", args=[founded.committee.pk]) not in addresses(founded, "seat2")
    assert addresses(founded, "seat2", "Regul") == {reverse("regulation")}


def test_plans_and_meetings_are_those_that_the_person_sees(noticed):
    draft = noticed.do("draft", plan=noticed.plan | {"title": "Sealed draft"})
    plan, meeting = (
        reverse("proposal", args=[noticed.proposal.pk]),
        reverse("meeting", args=[noticed.meeting.pk]),
    )
    for handle in EVERYBODY:
        client = as_(noticed[handle])
        sees_plan = client.get(plan).status_code == 200
        sees_meeting = client.get(meeting).status_code == 200
        found = addresses(noticed, handle, noticed.now(noticed.proposal).title)
        assert (plan in found) is sees_plan, handle
        assert (meeting in addresses(noticed, handle, "Room 3")) is sees_meeting, handle
        hidden = reverse("proposal", args=[draft.pk])
        assert (hidden in addresses(noticed, handle, "Sealed draft")) is (
            client.get(hidden).status_code == 200
        )


@pytest.mark.parametrize(("handle", "verb"), [("liaison", "shortlist"), ("handler", "withdraw")])
def test_acts_are_those_that_the_person_can_do_now(submitted, handle, verb):
    title = submitted.proposal.title
    act = reverse("proposal-act", args=[submitted.proposal.pk, verb])
    acts = {each: addresses(submitted, each, title, "Act") for each in ("liaison", "handler")}
    assert act in acts[handle]
    assert act not in acts["handler" if handle == "liaison" else "liaison"]
    assert addresses(submitted, "auditor", title, "Act") == set()
