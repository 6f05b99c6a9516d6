"""What a person may see is the same whether offices are asked for in the statement or were read before it."""

import pytest

from committee.models import Meeting, Person
from committee.offices import read_offices
from proposals.models import Proposal
from tests.pages.pages import EVERYBODY
from tests.stage import MEETING, Stage, stages


def former() -> Stage:
    """A proxy on one item, a former holder who attended, and another bank beside."""
    stage = Stage().to("filed")
    stage.other = stage.another("C-2")
    stage.meeting = stage.convene(stage.proposal, stage.other)
    stage.step = "convened"
    stage.to("noticed")
    stage.proxy()
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3")
    stage.do("open_meeting")
    stage.do("take_up")
    stage.do("open_vote")
    for handle in ("chair", "seat2", "deputy3"):
        stage.do("cast", handle, choice="for")
    stage.do("close_vote")
    return stage


mixed = stages("mixed", former)


def seen(person):
    return {
        model: set(model.objects.visible_to(person).values_list("pk", flat=True))
        for model in (Proposal, Meeting)
    }


def both(person):
    """What is seen by subqueries, and with the offices read beforehand."""
    asked = Person.objects.get(pk=person.pk)
    beforehand = Person.objects.get(pk=person.pk)
    read_offices(beforehand)
    return seen(asked), seen(beforehand)


@pytest.mark.parametrize(
    "step", ["drafted", "submitted", "filed", "noticed", "voting", "carried", "signed", "executing"]
)
def test_offices_read_beforehand_show_the_same(request, step):
    stage = request.getfixturevalue(step)
    for handle in EVERYBODY:
        asked, beforehand = both(stage[handle])
        assert asked == beforehand, handle


def test_proxies_and_former_holders_see_the_same_either_way(mixed):
    asked, beforehand = both(mixed["deputy3"])
    assert asked == beforehand == {Proposal: {mixed.proposal.pk}, Meeting: {mixed.meeting.pk}}
    mixed.do("close_meeting")
    mixed.do("vacate_seat", seat=2)
    asked, beforehand = both(mixed["seat2"])
    assert asked == beforehand == {Proposal: {mixed.proposal.pk}, Meeting: {mixed.meeting.pk}}


def test_inside_an_action_nothing_read_before_counts(filed):
    read_offices(filed["liaison"])
    filed["liaison"]._offices.update({kind: [] for kind in filed["liaison"]._offices})
    assert not Proposal.objects.visible_to(filed["liaison"]).exists()
    meeting = filed.convene(filed.proposal)
    filed.do("send_notice", on=meeting)
    del filed["liaison"]._offices
