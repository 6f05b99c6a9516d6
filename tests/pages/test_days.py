"""A day is the committee's: at 23:59, 00:01 and 07:59, when another day is on in Greenwich."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from committee.actions.regulation import amend_regulation
from committee.models import Interpretation, RegulationVersion
from office import overdue, statistics
from pages.committee.roster import seats
from pages.committee.rulebook import articles
from pages.desk import desks
from pages.oversight.irregularities import listing
from pages.plans import screening_findings
from pages.plans.queues import queue
from proposals.models import Proposal, Receipt
from tests.pages.pages import look
from tests.stage import MEETING, Stage, clock, plan, stages
from web.viewer import Viewer

DAY = date(2026, 4, 7)
HOURS = ("00:01", "07:59", "23:59")


def _at(hour: str, day: date = DAY) -> str:
    return f"{day.isoformat()}T{hour}+08:00"


@pytest.mark.parametrize("hour", HOURS)
def test_money_is_received_today_and_not_tomorrow(credit_approved: Stage, hour: str) -> None:
    credit_approved.travel(_at(hour))
    credit_approved.do("record_receipt", amount="1.00", received_on=DAY)
    tomorrow = DAY + timedelta(days=1)
    credit_approved.refused("receipt/invalid", "record_receipt", amount="1.00", received_on=tomorrow)
    assert Receipt.objects.get(proposal=credit_approved.proposal).received_on == DAY


@pytest.mark.parametrize("hour", HOURS)
def test_a_version_of_the_regulation_is_in_force_on_its_first_day(founded: Stage, hour: str) -> None:
    founded.do("amend_regulation", changes={"seats": 5, "votes_to_pass": 3}, effective_from=DAY)
    founded.travel(_at(hour, DAY - timedelta(days=1)))
    founded.refused("4/too-many-seats", "fill_seat", seat=5, holder=founded["outsider"])
    assert len(seats.places(founded.committee)) == 3
    founded.travel(_at(hour))
    assert len(seats.places(founded.committee)) == 5
    assert articles.today(founded.committee) == DAY
    trays = {str(section.title): section.count for section in desks.sections(Viewer(founded["risk"]))}
    assert trays["Vacant seats"] == 2
    founded.do("fill_seat", seat=5, holder=founded["outsider"])


@pytest.mark.parametrize("hour", HOURS)
def test_a_regulation_is_amended_from_today_on_and_not_from_yesterday(founded: Stage, hour: str) -> None:
    founded.travel(_at(hour))
    numbers = {"changes": {"minutes_due_days": 3}}
    yesterday = DAY - timedelta(days=1)
    founded.refused("24/invalid-regulation", "amend_regulation", effective_from=yesterday, **numbers)
    founded.do("amend_regulation", effective_from=DAY, **numbers)
    founded.do("publish_interpretation", article=15, text_zh="日历日。")
    assert Interpretation.objects.get(committee=founded.committee).published_on == DAY


@pytest.mark.parametrize("hour", HOURS)
def test_somebody_stands_in_from_today_on_and_not_from_yesterday(founded: Stage, hour: str) -> None:
    founded.travel(_at(hour))
    days = {"person": founded["outsider"], "until": DAY + timedelta(days=1)}
    founded.refused("state/not-allowed", "appoint_stand_in", since=DAY - timedelta(days=1), **days)
    founded.do("appoint_stand_in", since=DAY, **days)


@pytest.mark.parametrize("hour", HOURS)
def test_a_meeting_is_convened_on_the_version_of_its_day(filed: Stage, hour: str) -> None:
    amend_regulation(filed.committee, by=filed["risk"], changes={"minutes_due_days": 9}, effective_from=DAY)
    filed.travel(_at(hour))
    meeting = filed.convene(filed.proposal, at=clock.now() + timedelta(days=5))
    assert meeting.regulation == RegulationVersion.objects.get(committee=filed.committee, effective_from=DAY)


@pytest.mark.parametrize(("hour", "in_time"), [("23:59", True), ("00:01", False), ("07:59", False)])
def test_the_notice_goes_out_on_the_second_day_before(convened: Stage, hour: str, in_time: bool) -> None:
    """The meeting is on 5 March: the 3rd is the last day, whatever the hour."""
    last = MEETING.date() - timedelta(days=2)
    convened.travel(_at(hour, last if in_time else last + timedelta(days=1)))
    if in_time:
        convened.do("send_notice")
    else:
        convened.refused("15/notice-too-short", "send_notice")


@pytest.mark.parametrize("hour", HOURS)
def test_what_must_go_out_today_is_told_so_on_that_day_alone(filed: Stage, hour: str) -> None:
    last = MEETING.date() - timedelta(days=2)
    for day, told in (
        (last - timedelta(days=1), "must go out by 2026-03-03"),
        (last, "if the notice goes out today"),
    ):
        filed.travel(_at(hour, day))
        page = look(filed["chair"], "period", filed.committee.pk, date="2026-03-05", time="14:00")
        assert told in page


@pytest.mark.parametrize("hour", HOURS)
def test_a_plan_is_of_today_when_it_is_submitted(drafted: Stage, hour: str) -> None:
    drafted.do("amend", changes={"base_date": DAY.isoformat()})
    drafted.travel(_at(hour, DAY - timedelta(days=1)))
    drafted.refused("plan/invalid", "submit")
    drafted.travel(_at(hour))
    drafted.do("amend", changes={"schedule": _later(drafted)})
    drafted.do("submit")
    row = drafted.now(drafted.proposal)
    found = screening_findings.findings(row, row.version, [], drafted["liaison"])
    assert [each.tone for each in found if each.name == "Dates in order"] == ["good"]


def _later(stage: Stage) -> list[dict[str, Any]]:
    row: Proposal = stage.now(stage.proposal)
    assert row.version is not None
    return [{**each, "due_on": f"2027-0{n}-01"} for n, each in enumerate(row.version.document["schedule"], 1)]


@pytest.mark.parametrize("hour", HOURS)
def test_days_of_waiting_are_calendar_days(submitted: Stage, hour: str) -> None:
    submitted.travel(_at(hour))
    since = clock.now()
    assert queue.days_since(since, submitted.committee) == 0
    submitted.travel(_at("23:59"))
    assert queue.days_since(since, submitted.committee) == 0
    submitted.travel(_at("00:01", DAY + timedelta(days=1)))
    assert queue.days_since(since, submitted.committee) == 1


@pytest.mark.parametrize("hour", HOURS)
def test_minutes_are_due_so_many_days_after_the_day_of_closing(in_session: Stage, hour: str) -> None:
    in_session.travel(_at(hour))
    in_session.do("close_meeting")
    meeting = in_session.now(in_session.meeting)
    last = DAY + timedelta(days=meeting.regulation.minutes_due_days)
    for day, late in ((last, False), (last + timedelta(days=1), True)):
        for other in HOURS:
            in_session.travel(_at(other, day))
            assert overdue.minutes_overdue(meeting) is late, (day, other)


# -- Periods -----------------------------------------------------------------------------------------


MOMENTS = [
    ("2026-04-01T00:00+08:00", "2026-04"), ("2026-04-01T00:01+08:00", "2026-04"),
    ("2026-04-01T07:59+08:00", "2026-04"), ("2026-04-30T23:59+08:00", "2026-04"),
    ("2026-05-01T00:01+08:00", "2026-05"), ("2027-01-01T00:01+08:00", "2027-01"),
    ("2026-12-31T23:59+08:00", "2026-12"),
]  # fmt: skip


#: the periods of these moments, and those that begin or end beside them
AROUND = {
    "2026", "2027", "2026-Q1", "2026-Q2", "2026-Q4", "2027-Q1",
    "2026-03", "2026-04", "2026-05", "2026-12", "2027-01",
}  # fmt: skip


def _assert_of(stage: Stage, measures: Sequence[str], month: str) -> None:
    """The case is counted in its month, quarter and year alone, and in each of their lists."""
    who = Viewer(stage["auditor"])
    keys = {month[:4], f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}", month}
    assert keys < AROUND
    for key in AROUND:
        over = statistics.period(key, DAY)
        line = statistics.statistics_lines(who, over)[1]
        for measure in measures:
            listed = statistics.cases(who, measure, over)
            counted = bool(line.median is not None if measure == "resolved" else getattr(line, measure))
            assert counted == listed.exists() == (key in keys), (measure, key)
            if measure == "waived":
                assert line.waived == sum(row.waived for row in listed)


@pytest.mark.parametrize(("moment", "month"), MOMENTS)
def test_a_case_of_a_periods_first_and_last_hours_is_in_the_figure_and_in_its_list(
    drafted: Stage, moment: str, month: str
) -> None:
    drafted.travel(moment)
    drafted.do("submit")
    _assert_of(drafted, ["submitted"], month)
    assert statistics.years(Viewer(drafted["auditor"]), date(2027, 6, 1))[-1] == int(month[:4])


@pytest.mark.parametrize(("moment", "month"), MOMENTS)
@pytest.mark.parametrize(("choice", "measure"), [("for", "carried"), ("against:Too long", "rejected")])
def test_a_resolution_of_a_periods_first_and_last_hours_is_too(
    voting: Stage, moment: str, month: str, choice: str, measure: str
) -> None:
    voting.cast(choice, choice, choice)
    voting.travel(moment)
    voting.do("close_vote")
    _assert_of(voting, [measure, "resolved"], month)


def _waiving() -> Stage:
    stage = Stage()
    stage.plan = plan(concessions=plan()["concessions"] | {"penalty_waived": "10.00"}, measures=WAIVING)
    return stage.to("signed")


WAIVING = ["instalments", "interest_waiver"]
waiving = stages("waiving", _waiving)


@pytest.mark.parametrize(("moment", "month"), MOMENTS)
def test_a_waiver_granted_in_a_periods_first_and_last_hours_is_too(
    waiving: Stage, moment: str, month: str
) -> None:
    waiving.travel(moment)
    waiving.do("approve_credit")
    _assert_of(waiving, ["waived"], month)


def _days(first: int, last: int) -> listing.DateRange:
    return listing.DateRange(date(2026, 3, first), date(2026, 3, last))


@pytest.mark.parametrize(
    ("hour", "first", "last"), [("00:00", 5, 5), ("00:01", 5, 5), ("07:59", 5, 5), ("23:59", 5, 5)]
)
def test_an_exception_of_a_periods_first_and_last_hours_is_in_it(
    filed: Stage, hour: str, first: int, last: int
) -> None:
    filed.travel(_at(hour, date(2026, 3, 5)))
    at = clock.now() + timedelta(minutes=30)
    filed.convene(filed.proposal, at=at, emergency=True, reason="Goods are moved")
    found = {
        (one, other): len(listing.Cases({filed.bank.unit.pk}, _days(one, other)))
        for one, other in ((first, last), (first - 1, last - 1), (first + 1, last + 1))
    }
    assert list(found.values()) == [1, 0, 0]
