"""What a person may see is the same however it is asked: with the offices in the statement, or read before it
and the condition compiled, alone, within another statement, or prepared for one row."""

import pytest
from django.db.models import Exists, OuterRef, Q

from committee.models import AgendaItem, Meeting, Person, Position
from committee.offices import read_offices
from committee.seen import PreparedFor
from committee.seen import seen as seen_by
from committee.visibility import meetings_visible_to
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


ROWS = {
    model: PreparedFor(lambda person, pk, model=model: model.objects.visible_to(person).filter(pk=pk), int)
    for model in (Proposal, Meeting)
}


def seen(person):
    return {
        model: set(model.objects.visible_to(person).values_list("pk", flat=True))
        for model in (Proposal, Meeting)
    }


def both(person):
    """What is seen by subqueries, and with the offices read beforehand, whichever way."""
    asked = Person.objects.get(pk=person.pk)
    beforehand = Person.objects.get(pk=person.pk)
    read_offices(beforehand)
    found = seen(beforehand)
    for model, prepared in ROWS.items():
        every = set(model.objects.values_list("pk", flat=True))
        within = model.objects.filter(pk__in=model.objects.visible_to(beforehand).values("pk"))
        assert set(within.values_list("pk", flat=True)) == found[model]
        without = model.objects.exclude(pk__in=model.objects.visible_to(beforehand).values("pk"))
        assert set(without.values_list("pk", flat=True)) == every - found[model]
        assert {pk for pk in every if prepared(beforehand, pk)} == found[model]
    items = AgendaItem.objects.filter(
        Exists(Meeting.objects.visible_to(beforehand).filter(pk=OuterRef("meeting")))
    )
    assert {item.meeting_id for item in items} == found[Meeting] & {
        item.meeting_id for item in AgendaItem.objects.all()
    }
    return seen(asked), found


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


def test_several_offices_at_once_show_what_each_shows(executing):
    person = executing["outsider"]
    units = [executing.committee.branch, executing.proposal.unit, executing.bank.unit]
    for role in ("risk", "credit", "handler", "auditor"):
        for unit in units:
            Position.objects.create(person=person, role=role, unit=unit)
        asked, beforehand = both(person)
        assert asked == beforehand
    assert beforehand == {Proposal: {executing.proposal.pk}, Meeting: {executing.meeting.pk}}


def test_who_holds_nothing_sees_nothing_without_a_statement(filed, django_assert_num_queries):
    person = Person.objects.get(pk=filed["outsider"].pk)
    read_offices(person)
    with django_assert_num_queries(0):
        assert not Proposal.objects.visible_to(person)
        assert ROWS[Proposal](person, filed.proposal.pk) == []


def test_a_prepared_row_is_found_without_reading_offices_before(filed):
    assert ROWS[Proposal](filed["seat2"], filed.proposal.pk) == [filed.proposal]
    assert ROWS[Proposal](filed["outsider"], filed.proposal.pk) == []


def test_the_condition_is_compiled_once_for_all_who_hold_the_same(filed):
    counted = []

    def predicate(person):
        counted.append(person)
        return meetings_visible_to(person)

    for handle in ("seat2", "seat3", "seat2"):
        person = Person.objects.get(pk=filed[handle].pk)
        read_offices(person)
        assert set(Meeting.objects.filter(seen_by(Meeting, predicate, person))) == set(
            Meeting.objects.visible_to(person)
        )
    assert len(counted) == 1


@pytest.mark.parametrize(
    "predicate",
    [lambda person: Q(convened_by=person), lambda person: Q(committee__name="x")],
    ids=["asks for the person", "joins a table"],
)
def test_what_is_more_than_what_the_person_holds_is_not_compiled(filed, predicate):
    person = Person.objects.get(pk=filed["seat2"].pk)
    read_offices(person)
    with pytest.raises(ValueError, match="not compiled"):
        seen_by(Meeting, predicate, person)


def test_a_single_id_stands_in_the_condition_as_such(filed):
    """For PostgreSQL reads rows in the order of an index on committee and time for one committee alone."""
    person = Person.objects.get(pk=filed["seat2"].pk)
    read_offices(person)
    committee = filed.committee.pk
    assert f'"committee_id" = {committee}' in str(Meeting.objects.visible_to(person).query)
    person._offices["seat"] = [committee, committee + 1]
    assert '"committee_id" = ANY(' in str(Meeting.objects.visible_to(person).query)


def test_inside_an_action_nothing_read_before_counts(filed):
    read_offices(filed["liaison"])
    filed["liaison"]._offices.update({kind: [] for kind in filed["liaison"]._offices})
    assert not Proposal.objects.visible_to(filed["liaison"]).exists()
    meeting = filed.convene(filed.proposal)
    filed.do("send_notice", on=meeting)
    del filed["liaison"]._offices
