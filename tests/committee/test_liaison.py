"""The liaison, and a stand-in from one day to another: one acts at a time (Art. 5)."""

from datetime import date, timedelta

import pytest

from audit import clock
from audit.models import Entry
from committee.models import Committee, LiaisonTerm
from committee.models.liaison import to_switch
from committee.tasks import switch_liaisons
from proposals.models import Proposal
from tests.pages.pages import as_
from tests.stage import Stage, head, today

NOW, FIRST, LAST = date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 13)
DAY = timedelta(days=1)
DAYS = {"since": FIRST, "until": LAST}


def acting(stage):
    return stage.now(stage.committee).liaison


def stand_in(stage, person="outsider", since=FIRST, until=LAST):
    return stage.do("appoint_stand_in", person=stage[person], since=since, until=until)


def last_entry(stage):
    return Entry.objects.filter(stream=stage.committee.stream).order_by("-seq")[0]


def sees(stage, handle):
    return Proposal.objects.visible_to(stage[handle]).filter(pk=stage.proposal.pk).exists()


def test_a_committee_is_founded_with_its_liaisons_term(founded):
    (term,) = LiaisonTerm.objects.filter(committee=founded.committee)
    assert (term.person, term.stand_in, term.until) == (founded["liaison"], False, None)


@pytest.mark.article("5")
def test_a_new_liaison_acts_at_once_and_the_former_no_longer(submitted):
    submitted.do("appoint_liaison", person=submitted["outsider"])
    assert acting(submitted) == submitted["outsider"]
    submitted.refused("access/not-found", "shortlist", "liaison")
    submitted.do("shortlist", "outsider")
    terms = LiaisonTerm.objects.filter(committee=submitted.committee)
    assert {(term.person, term.until is None) for term in terms} == {
        (submitted["liaison"], False), (submitted["outsider"], True),
    }  # fmt: skip


@pytest.mark.article("5")
def test_neither_liaison_nor_stand_in_holds_a_seat_or_a_running_proxy(noticed):
    noticed.proxy()
    for handle in ("chair", "seat2", "deputy3"):
        noticed.refused("5/liaison-may-not-sit", "appoint_liaison", person=noticed[handle])
        noticed.refused("5/liaison-may-not-sit", "appoint_stand_in", person=noticed[handle], **DAYS)


@pytest.mark.article("5")
def test_whoever_will_stand_in_or_will_be_back_fills_no_seat_and_holds_no_proxy(noticed):
    stand_in(noticed, since=today())
    noticed.do("vacate_seat", seat=2)
    given = {"proposals": [noticed.proposal], "powers": ["vote"], "document": "Signed"}
    for handle in ("outsider", "liaison"):
        noticed.refused("5/liaison-may-not-sit", "fill_seat", seat=2, holder=noticed[handle])
        noticed.refused("11/holder-not-eligible", "authorise_proxy", "seat3", holder=noticed[handle], **given)
    noticed.do("end_stand_in")
    noticed.do("fill_seat", seat=2, holder=noticed["outsider"])


def test_somebody_of_another_bank_or_no_longer_active_is_not_appointed(founded):
    stranger = Stage()["outsider"]
    for verb, more in (("appoint_liaison", {}), ("appoint_stand_in", DAYS)):
        founded.refused("access/not-found", verb, person=stranger, **more)
    gone = founded.now(founded["outsider"])
    gone.is_active = False
    founded.refused("access/not-found", "appoint_liaison", person=gone)


def test_the_liaison_is_not_appointed_again_nor_stands_in_for_oneself(founded):
    founded.refused("state/not-allowed", "appoint_liaison", person=founded["liaison"])
    founded.refused("state/not-allowed", "appoint_stand_in", person=founded["liaison"], **DAYS)


@pytest.mark.parametrize(("since", "until"), [(NOW - DAY, LAST), (LAST, FIRST)])
def test_a_stand_in_begins_not_before_today_and_ends_not_before_the_beginning(founded, since, until):
    given = {"person": founded["outsider"], "since": since, "until": until}
    founded.refused("state/not-allowed", "appoint_stand_in", **given)


@pytest.mark.parametrize(
    ("since", "until", "free"),
    [(FIRST, FIRST, False), (LAST, LAST + DAY, False), (NOW, FIRST, False), (NOW, LAST + DAY, False),
     (NOW, FIRST - DAY, True), (LAST + DAY, LAST + DAY, True)],
)  # fmt: skip
def test_one_stands_in_at_a_time(founded, since, until, free):
    stand_in(founded)
    given = {"person": founded["credit"], "since": since, "until": until}
    if free:
        founded.do("appoint_stand_in", **given)
    else:
        founded.refused("state/not-allowed", "appoint_stand_in", **given)


def test_from_the_first_day_the_stand_in_acts_and_after_the_last_the_liaison_is_back(submitted):
    stand_in(submitted)
    moments = [
        ("2026-03-08T23:59:59+08:00", "liaison"),
        ("2026-03-09T00:00+08:00", "outsider"),
        ("2026-03-13T23:59:59+08:00", "outsider"),
        ("2026-03-14T00:00+08:00", "liaison"),
    ]
    for moment, handle in moments:
        submitted.travel(moment)
        switch_liaisons(0)
        assert acting(submitted) == submitted[handle], moment
        assert {person for person in ("liaison", "outsider") if sees(submitted, person)} == {handle}
    switched = Entry.objects.filter(stream=submitted.committee.stream, action="switch_liaison")
    assert [entry.actor for entry in switched] == ["system", "system"]


def test_pending_work_passes_to_the_stand_in_and_back(submitted):
    other = submitted.another("C-2", to="submitted")
    stand_in(submitted)
    submitted.travel("2026-03-09T08:00+08:00")
    switch_liaisons(0)
    submitted.refused("access/not-found", "shortlist", "liaison")
    submitted.do("shortlist", "outsider")
    submitted.travel("2026-03-14T08:00+08:00")
    switch_liaisons(0)
    submitted.refused("access/not-found", "shortlist", "outsider", on=other)
    submitted.do("shortlist", "liaison", on=other)


def test_before_the_worker_comes_the_first_page_makes_the_switch(submitted):
    stand_in(submitted)
    submitted.travel("2026-03-09T00:00+08:00")
    address = f"/proposals/{submitted.proposal.pk}/"
    assert as_(submitted["outsider"]).get(address).status_code == 200
    assert acting(submitted) == submitted["outsider"]
    assert (last_entry(submitted).action, last_entry(submitted).actor) == ("switch_liaison", "system")
    submitted.travel("2026-03-14T00:00+08:00")
    assert as_(submitted["chair"]).get("/").status_code == 200  # anybody's page
    assert acting(submitted) == submitted["liaison"]


@pytest.mark.article("12")
def test_after_the_moment_whoever_is_not_switched_yet_does_not_act_on(submitted):
    stand_in(submitted)
    submitted.travel("2026-03-09T00:00+08:00")
    submitted.refused("12/only-liaison", "shortlist", "liaison")
    assert acting(submitted) == submitted["liaison"]
    assert list(to_switch(clock.now()).values_list("pk", flat=True)) == [submitted.committee.pk]


def test_a_switch_that_changes_nothing_leaves_no_entry(founded):
    before = head(founded.committee.stream)
    switch_liaisons(0)
    assert head(founded.committee.stream) == before
    assert not to_switch(clock.now()).exists()


def test_a_stand_in_from_today_acts_at_once_and_is_ended_at_once(founded):
    stand_in(founded, since=today())
    assert acting(founded) == founded["outsider"]
    founded.do("end_stand_in")
    assert acting(founded) == founded["liaison"]
    founded.refused("state/not-allowed", "end_stand_in")


def test_a_stand_in_called_off_never_acts(founded):
    stand_in(founded)
    founded.do("end_stand_in")
    founded.travel("2026-03-09T08:00+08:00")
    switch_liaisons(0)
    assert acting(founded) == founded["liaison"]
    stand_in(founded, "credit", since=date(2026, 3, 10))


def test_a_new_liaison_ends_the_stand_in(founded):
    stand_in(founded, since=today())
    founded.do("appoint_liaison", person=founded["credit"])
    founded.travel("2026-03-10T08:00+08:00")
    switch_liaisons(0)
    assert Committee.objects.filter(pk=founded.committee.pk, liaison=founded["credit"]).exists()
