"""The desk: what waits across all kinds, and what one did lately."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from committee.models import Committee, Position
from office import workdays
from pages.desk import desks, pressing, rows, sections
from proposals.models import Proposal
from tests.pages.pages import EVERYBODY, as_, look, queries
from tests.stage import MEETING, Stage, administrator, as_owner, stages
from web.viewer import Viewer

MOST = 26


def foremost(stage, handle):
    return pressing.foremost(desks.sections(Viewer(stage[handle])))


def waiting() -> Stage:
    """Minutes due, a plan to screen, and a filed plan that has waited."""
    stage = Stage().to("closed")
    stage.old = stage.another("O-1", to="submitted")
    stage.travel(timedelta(days=1))
    stage.new = stage.another("N-1", to="submitted")
    return stage


several = stages("several", waiting)


def test_what_waits_is_in_one_order_across_kinds(several):
    found = [(str(section.title), row.url) for section, row in foremost(several, "liaison")]
    old, new = (reverse("proposal", args=[row.pk]) for row in (several.old, several.new))
    minutes = reverse("meeting", args=[several.meeting.pk])
    assert [url for _title, url in found if url in (old, new)] == [old, new]
    assert ("Minutes due", minutes) in found
    several.travel("2026-03-20T09:00+08:00")
    assert foremost(several, "liaison")[0][1].url == minutes


def test_each_tray_shows_what_has_waited_longest(several, monkeypatch):
    def tray():
        return [
            row.url
            for section in desks.sections(Viewer(several["liaison"]))
            if str(section.title) == "To screen"
            for row in section.rows
        ]

    old, new = (reverse("proposal", args=[row.pk]) for row in (several.old, several.new))
    assert tray() == [old, new]
    monkeypatch.setattr(sections, "SHOWN", 1)
    assert tray() == [old]
    Proposal.objects.filter(pk=several.new.pk).update(state_since=several.old.state_since - timedelta(days=1))
    assert tray() == [new]


def test_what_others_wait_for_is_before_what_is_late(voting):
    voting.another("X-1", to="submitted")
    assert str(foremost(voting, "chair")[0][0].title) == "Ballots to cast"


def test_what_is_due_is_as_pressing_two_days_before_as_what_has_waited_since_then():
    days = {number: MEETING + timedelta(days=number) for number in range(-9, 10)}

    def row(title, tone="waiting", **given):
        return rows.Row("", "", title, tone=tone, **given)

    wanted = [
        row("somebody waits", now=True),
        row("late for long", tone="stopped", due=days[-9].date()),
        row("late", tone="stopped", due=days[-1].date()),
        row("has waited", since=days[-3]),
        row("is due today", due=days[0].date()),
        row("waits since yesterday", since=days[-1]),
        row("is due in two days", due=days[2].date()),
        row("is due in a week", due=days[7].date()),
    ]
    told = row("is told", tone="information", due=days[-9].date())
    with clock.frozen(MEETING):
        found = pressing.foremost([sections.Section("", "", [told, *reversed(wanted)])])
    assert [row.title for _section, row in found] == [row.title for row in wanted]


def test_each_says_by_when_and_by_which_article(several):
    html = look(several["liaison"], "desk")
    first = html.partition('id="foremost"')[2].partition("</section>")[0]
    assert "Minutes due · Art. 21" in first
    assert "due on 2026-03-09" in first
    assert "To screen · Art. 14" in first
    chinese = look(several["liaison"], "desk", language="zh-hans")
    assert "第二十一条" in chinese.partition('id="foremost"')[2].partition("</section>")[0]


def test_counts_lead_to_the_list(several):
    html = look(several["liaison"], "desk")
    assert f'<span class="tray-count"><a href="{reverse("screening")}">2</a></span>' in html


def test_what_i_did_lately_is_told_with_its_way(several):
    html = look(several["liaison"], "desk").partition("What you did lately")[2]
    assert "Vote closed and counted" in html
    assert reverse("proposal", args=[several.proposal.pk]) in html
    assert "Plan drafted" not in html
    assert "Plan submitted" in look(several["handler"], "desk").partition("What you did lately")[2]


def test_what_i_may_see_no_more_is_not_told(several):
    several.do("vacate_seat", seat=3)
    html = look(several["seat3"], "desk")
    assert reverse("proposal", args=[several.old.pk]) not in html
    Position.objects.filter(person=several["handler"]).delete()
    html = look(several["handler"], "desk")
    for row in (several.old, several.new, several.proposal):
        assert reverse("proposal", args=[row.pk]) not in html


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 2), False), (date(2026, 1, 4), True),
        (date(2026, 2, 14), True), (date(2026, 2, 23), False), (date(2026, 2, 28), True),
        (date(2026, 4, 6), False), (date(2026, 5, 5), False), (date(2026, 5, 9), True),
        (date(2026, 6, 19), False), (date(2026, 9, 20), True), (date(2026, 9, 25), False),
        (date(2026, 10, 7), False), (date(2026, 10, 10), True), (date(2026, 10, 11), False),
    ],
)  # fmt: skip
def test_weekends_worked_in_exchange_are_working_days(day, works):
    """As the State Council's office published them for 2026."""
    assert workdays.is_working_day(day) is works


def test_minutes_after_the_eve_of_a_holiday_count_the_saturday_worked():
    assert workdays.after(date(2026, 5, 8), 1) == date(2026, 5, 9)
    assert workdays.after(date(2026, 4, 30), 2) == date(2026, 5, 7)


@pytest.mark.parametrize("step", ["submitted", "voting", "signed", "executing"])
def test_the_desk_of_each_role_takes_few_statements(request, step):
    stage = request.getfixturevalue(step)
    for handle in EVERYBODY:
        client = as_(stage[handle])
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("desk"))
        assert len(captured) <= MOST, (handle, len(captured))


@pytest.mark.parametrize("step", ["submitted", "voting", "minuted", "signed", "archived", "executing"])
def test_somebody_with_every_role_takes_few_statements_too(request, step):
    stage = request.getfixturevalue(step)
    person = stage["chair"]
    everyone_is(person, stage)
    assert len(Viewer(person).offices) >= 9
    pages = [("desk", []), ("proposals", []), ("meetings", []), ("figures", []), ("dockets", [])]
    pages += [("proposal", [stage.proposal.pk]), ("meeting", [stage.meeting.pk] if stage.meeting else None)]
    for name, args in pages:
        if args is not None:
            taken = queries(person, name, *args)
            assert len(taken) <= MOST, (name, len(taken))


def everyone_is(person, stage):
    """The person has every position of the cast and is liaison, beside their own seat."""
    for each in Position.objects.exclude(person=person):
        Position.objects.get_or_create(person=person, unit=each.unit, role=each.role)
    term = "UPDATE committee_liaisonterm SET person_id = {} WHERE committee_id = {}"
    as_owner(term, person.pk, stage.committee.pk)
    Committee.objects.filter(pk=stage.committee.pk).update(liaison=person)


def test_the_heading_says_whether_anything_waits(voting):
    def heading(handle):
        return re.search(r"<h1>(.*?)</h1>", look(voting[handle], "desk"))[1]

    assert heading("seat2") == "Waiting for you"
    assert heading("risk") == "Nothing waits for you"  # the versions of the regulation only inform


def test_what_waits_in_one_tray_alone_is_not_told_twice(submitted):
    assert "To screen" in look(submitted["liaison"], "desk")
    submitted.another("C-9", to="submitted")
    assert len(foremost(submitted, "liaison")) == 2
    assert 'id="foremost"' not in look(submitted["liaison"], "desk")


def test_the_administrators_desk_leads_to_the_administration(founded):
    admin = administrator("admin.desk", bank=founded.bank.unit, display_name="管理员")
    html = look(admin, "desk")
    assert html.count(f'href="{reverse("admin:index")}"') == 2  # in the rail, and in words
    assert f'href="{reverse("admin:index")}"' not in look(founded["risk"], "desk")


def test_a_plan_that_a_meeting_left_waits_since_it_was_filed(in_session):
    filed = in_session.now(in_session.proposal).filed_at
    in_session.travel("2026-03-06T10:00+08:00")
    in_session.do("close_meeting")
    left = in_session.now(in_session.proposal)
    assert (left.state, left.filed_at, left.state_since > filed) == ("filed", filed, True)
    assert rows.proposal_row(left).since == filed
    html = look(in_session["chair"], "convene", in_session.committee.pk)
    assert f'<time datetime="{filed.astimezone(left.committee.tz).date().isoformat()}' in html
