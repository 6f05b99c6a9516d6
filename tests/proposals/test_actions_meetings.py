"""Convening, changing, cancelling and closing meetings (Art. 9, 14 to 16, 24, 25)."""

from datetime import date, datetime, timedelta

import pytest

from audit import clock
from committee.models import AgendaItem, Meeting
from proposals.models import Proposal
from tests.stage import MEETING, START, Stage, head

SOON = START + timedelta(days=2)


def convene(stage, code=None, by=None, at=MEETING, **given):
    given = {"at": at, "place": "Room 3", "proposals": [stage.proposal]} | given
    return stage.do("convene", by, **given) if code is None else stage.refused(code, "convene", by, **given)


# --- convening ---


@pytest.mark.article("9")
def test_the_chair_convenes_a_meeting_of_filed_plans(filed):
    other = filed.another("C-2")
    meeting = convene(filed, proposals=[other, filed.proposal])
    assert (meeting.state, meeting.place) == ("convened", "Room 3")
    assert filed.state == filed.now(other).state == "tabled"
    items = meeting.items.order_by("number")
    assert [(item.number, item.digest) for item in items] == [
        (1, filed.now(other).version.digest),
        (2, filed.now(filed.proposal).version.digest),
    ]
    assert str(meeting) == f"呼联会〔2026〕{meeting.number}号"


@pytest.mark.parametrize("by", ["liaison", "seat2", "head_office", "risk"])
def test_only_the_chair_convenes(filed, by):
    convene(filed, "9/only-chair", by)


def test_a_plan_that_one_does_not_see_is_not_found_before_anything_else(shortlisted):
    shortlisted.another("C-2")  # one that members see makes up for none
    convene(shortlisted, "access/not-found", "seat2", at=START)
    convene(shortlisted, "access/not-found", "outsider")


def test_each_plan_of_a_meeting_is_one_that_the_chair_sees(filed):
    draft, foreign = filed.another("C-2", to="drafted"), Stage().to("filed").proposal
    unseen = [[proposal, *others] for proposal in (draft, foreign) for others in ([], [filed.proposal])]
    for named in unseen:
        convene(filed, "access/not-found", proposals=named)
    filed.meeting = convene(filed, proposals=[filed.proposal])
    for named in unseen:
        filed.refused("access/not-found", "change_meeting", proposals=named)


@pytest.mark.parametrize("order", range(4))
def test_convening_is_checked_in_this_order(shortlisted, order):
    """Items, 14, the reason of the emergency, the period."""
    filed = shortlisted.another("C-2")
    past = START - timedelta(hours=1)
    code, given = [
        ("15/no-items", {"proposals": [], "emergency": True, "at": past}),
        ("14/not-filed", {"proposals": [filed, shortlisted.proposal], "emergency": True, "at": past}),
        (
            "15/emergency-reason-required",
            {"proposals": [filed], "emergency": True, "at": past, "reason": " "},
        ),
        ("15/notice-too-short", {"proposals": [filed], "emergency": True, "at": past, "reason": "Urgent"}),
    ][order]
    convene(shortlisted, code, **given)


@pytest.mark.parametrize("step", ["submitted", "shortlisted"])
def test_only_filed_plans_are_tabled(founded, step):
    founded.to(step)
    convene(founded, "14/not-filed")


def test_a_returned_plan_is_not_filed(submitted):
    submitted.do("return", reason="Add the register")
    convene(submitted, "14/not-filed")


@pytest.mark.parametrize("step", ["convened", "voting", "carried"])
def test_a_plan_on_an_agenda_or_past_it_is_not_tabled_again(founded, step):
    founded.to(step)
    convene(founded, "state/not-allowed", at=clock.now() + timedelta(days=4))


def test_a_withdrawn_plan_is_on_no_agenda(filed):
    filed.do("withdraw", reason="Paid in full")
    convene(filed, "state/not-allowed")


@pytest.mark.article("15")
@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-03-04T00:00+08:00", None),  # two calendar days before, however few hours
        ("2026-03-03T23:59+08:00", "15/notice-too-short"),
        ("2026-03-02T09:00+08:00", "15/notice-too-short"),
        ("2026-03-03T16:30+00:00", None),  # already the 4th in Shanghai
    ],
)
def test_two_calendar_days_in_the_committees_zone_lie_before_a_meeting(filed, at, code):
    convene(filed, code, at=datetime.fromisoformat(at))


def test_notice_counts_from_the_day_in_shanghai_not_in_utc(filed):
    filed.travel("2026-03-03T00:30+08:00")  # still the 2nd in UTC
    convene(filed, "15/notice-too-short", at=SOON)


@pytest.mark.parametrize("days", [0, 1, 5])
def test_the_period_is_that_of_the_regulation(db, days):
    with clock.frozen(START):
        stage = Stage(notice_days=days).to("filed")
        convene(stage, at=START + timedelta(days=days))
        if days:
            other = stage.another("C-2")
            convene(
                stage, "15/notice-too-short", at=START + timedelta(days=days - 1, hours=14), proposals=[other]
            )


def test_an_emergency_meeting_is_called_at_any_time_with_a_reason(filed):
    meeting = convene(filed, at=START, emergency=True, reason="The pledge is being sold")
    assert (meeting.emergency, meeting.emergency_reason) == (True, "The pledge is being sold")


def test_an_emergency_waives_nothing_but_the_period(shortlisted):
    convene(shortlisted, "14/not-filed", emergency=True, reason="Urgent")
    convene(shortlisted, "9/only-chair", "liaison", emergency=True, reason="Urgent")


# --- the regulation of a meeting (Art. 24, 25) ---


@pytest.mark.article("25")
def test_before_the_first_version_nothing_is_convened(filed):
    with clock.frozen(datetime.fromisoformat("1989-12-31T12:00+08:00")):
        convene(filed, "25/not-in-force", at=MEETING)


@pytest.mark.article("24")
def test_a_meeting_runs_on_the_version_in_force_when_it_was_convened(filed):
    filed.do("amend_regulation", changes={"votes_to_pass": 3}, effective_from=date(2026, 3, 3))
    meeting = convene(filed)
    assert meeting.regulation.votes_to_pass == 2
    other = filed.another("C-2")
    filed.travel("2026-03-03T00:00+08:00")
    later = convene(filed, proposals=[other])
    assert later.regulation.votes_to_pass == 3
    filed.do("change_meeting", on=meeting, place="Room 4")
    assert filed.now(meeting).regulation.votes_to_pass == 2


# --- changing ---


def test_only_the_chair_changes_and_cancels(convened):
    for by in ("liaison", "seat2", "head_office"):
        convened.refused("9/only-chair", "change_meeting", by, place="Room 4")
        convened.refused("9/only-chair", "cancel_meeting", by, reason="Ill")
    for by in ("handler", "outsider", "credit"):
        convened.refused("access/not-found", "change_meeting", by, place="Room 4")


@pytest.mark.article("16")
@pytest.mark.parametrize("change", ["at", "place", "proposals"])
def test_a_change_supersedes_the_notice_and_its_receipts(noticed, change):
    other = noticed.another("C-2")
    noticed.do("acknowledge", "seat2")
    given = {"at": MEETING + timedelta(hours=1), "place": "Room 4", "proposals": [noticed.proposal, other]}
    noticed.do("change_meeting", **{change: given[change]})
    assert not noticed.meeting.notices.filter(superseded_at=None).exists()
    noticed.refused("16/notice-superseded", "acknowledge", "seat3")
    noticed.do("send_notice")
    noticed.do("acknowledge", "seat2")


@pytest.mark.parametrize(
    "given", [{}, {"place": "Room 3"}, {"at": MEETING}, {"place": "Room 3", "at": MEETING}]
)
def test_a_change_that_changes_nothing_leaves_the_notice_current(noticed, given):
    noticed.do("change_meeting", **given)
    assert noticed.meeting.notices.filter(superseded_at=None).exists()


def test_the_order_of_items_is_no_change(filed):
    other = filed.another("C-2")
    filed.meeting = convene(filed, proposals=[filed.proposal, other])
    filed.do("send_notice")
    filed.do("change_meeting", proposals=[other, filed.proposal])
    assert filed.meeting.notices.filter(superseded_at=None).exists()
    assert [filed.now(case).item.number for case in (other, filed.proposal)] == [1, 2]


@pytest.mark.article("15")
@pytest.mark.parametrize("change", ["at", "add", "drop"])
def test_a_changed_time_or_item_needs_a_new_period(filed, change):
    other, third = filed.another("C-2"), filed.another("C-3")
    filed.meeting = convene(filed, proposals=[filed.proposal, other])
    filed.do("send_notice")
    filed.travel("2026-03-04T09:00+08:00")
    given = {
        "at": {"at": MEETING + timedelta(hours=1)},
        "add": {"proposals": [filed.proposal, other, third]},
        "drop": {"proposals": [filed.proposal]},
    }[change]
    filed.refused("15/notice-too-short", "change_meeting", **given)


def test_a_changed_place_needs_a_new_notice_and_no_new_period(noticed):
    noticed.travel("2026-03-05T13:00+08:00")
    noticed.do("change_meeting", place="Room 4")
    noticed.do("send_notice")
    assert noticed.meeting.notices.count() == 2


def test_a_time_that_was_already_announced_in_time_needs_no_new_period(noticed):
    noticed.do("change_meeting", at=MEETING + timedelta(days=1))
    noticed.travel("2026-03-04T12:00+08:00")
    noticed.do("change_meeting", at=MEETING)
    noticed.do("send_notice")


def test_an_emergency_meeting_is_changed_without_a_period(filed):
    filed.meeting = convene(filed, at=SOON, emergency=True, reason="Urgent")
    filed.do("change_meeting", at=START + timedelta(hours=2))
    filed.refused("15/notice-too-short", "change_meeting", at=START - timedelta(minutes=1))


def test_an_item_dropped_is_filed_and_may_come_back(filed):
    other = filed.another("C-2")
    filed.meeting = convene(filed, proposals=[filed.proposal, other])
    filed.do("change_meeting", proposals=[other])
    item = filed.now(filed.proposal).item
    assert (filed.state, item.left_why, item.number) == ("filed", "dropped", None)
    filed.do("change_meeting", proposals=[other, filed.proposal])
    again = filed.now(filed.proposal).item
    assert (filed.state, again.pk, again.number, again.left_at) == ("tabled", item.pk, 2, None)


@pytest.mark.parametrize("order", range(4))
def test_changing_is_checked_in_this_order(convened, order):
    """State, items, 14, the period."""
    short = convened.another("C-2", to="shortlisted")
    if order == 0:
        convened.do("cancel_meeting", reason="Ill")
    code, given = [
        ("state/not-allowed", {"proposals": []}),
        ("15/no-items", {"proposals": []}),
        ("14/not-filed", {"proposals": [convened.proposal, short]}),
        ("15/notice-too-short", {"proposals": [convened.proposal]}),
    ][order]
    convened.refused(code, "change_meeting", at=START - timedelta(days=1), **given)


@pytest.mark.parametrize("step", ["in_session", "closed", "signed", "archived"])
def test_a_meeting_that_has_opened_is_neither_changed_nor_cancelled(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "change_meeting", place="Room 4")
    founded.refused("state/not-allowed", "cancel_meeting", reason="Ill")


# --- cancelling and closing ---


@pytest.mark.article("15")
def test_cancelling_takes_a_reason_and_files_the_plans_again(noticed):
    noticed.refused("15/reason-required", "cancel_meeting", reason=" - ")
    noticed.do("cancel_meeting", reason="The chair is ill")
    assert (noticed.meeting_state, noticed.state) == ("cancelled", "filed")
    assert noticed.now(noticed.proposal).item.left_why == "meeting_cancelled"
    later = noticed.convene(noticed.proposal)
    assert later.number == noticed.meeting.number + 1
    noticed.refused("state/not-allowed", "cancel_meeting", reason="Again")


def test_closing_files_what_was_not_voted_on(taken_up):
    taken_up.do("close_meeting")
    assert (taken_up.meeting_state, taken_up.state) == ("closed", "filed")
    assert taken_up.now(taken_up.proposal).item.left_why == "not_voted"


def test_closing_is_the_chairs_who_is_signed_in(in_session):
    in_session.refused("9/only-chair", "close_meeting", "liaison")
    in_session.refused("9/only-chair", "close_meeting", "seat2")
    in_session.do("sign_out", "chair")
    in_session.refused("9/chair-absent", "close_meeting")


@pytest.mark.article("18")
def test_nothing_is_closed_beside_an_open_vote(voting):
    voting.do("sign_out", "chair")
    voting.refused("state/not-allowed", "close_meeting")


@pytest.mark.parametrize("step", ["noticed", "closed"])
def test_a_meeting_is_closed_once_and_in_session(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "close_meeting")


def test_everybody_is_signed_out_when_the_meeting_closes(in_session):
    in_session.do("close_meeting")
    assert not in_session.meeting.attendances.filter(signed_out_at=None).exists()


def test_each_plan_moved_has_an_entry_beside_the_meetings(filed):
    others = [filed.another(f"C-{n}") for n in (2, 3)]
    before = {case.stream: head(case.stream) for case in (filed.proposal, *others)}
    meeting = convene(filed, proposals=[filed.proposal, *others])
    assert head(meeting.stream) == 1
    assert {stream: head(stream) - was for stream, was in before.items()} == dict.fromkeys(before, 1)
    filed.do("cancel_meeting", on=meeting, reason="Ill")
    assert head(meeting.stream) == 2
    assert {stream: head(stream) - was for stream, was in before.items()} == dict.fromkeys(before, 2)


def test_a_plan_of_another_committee_is_not_found(filed):
    stranger = Stage().to("filed")
    convene(filed, "access/not-found", proposals=[filed.proposal, stranger.proposal])
    assert Proposal.objects.filter(committee=filed.committee, state="filed").exists()
    assert not Meeting.objects.filter(committee=filed.committee).exists()
    assert not AgendaItem.objects.filter(meeting__committee=filed.committee).exists()


def test_minutes_are_given_for_each_item_or_for_none(filed):
    refused = filed.refused(
        "state/not-allowed",
        "convene",
        at=MEETING,
        place="Room 3",
        proposals=[filed.proposal],
        minutes=[10, 20],
    )
    assert "for 2, and it has 1" in refused.message()
    filed.meeting = filed.convene(filed.proposal, minutes=[10])
    filed.refused("state/not-allowed", "change_meeting", minutes=[])
    filed.do("change_meeting", minutes=[0])
    assert filed.meeting.items.get().minutes is None
