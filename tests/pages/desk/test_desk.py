"""The desk: what waits across all kinds, and what one did lately."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from committee import workdays
from committee.models import Committee, Position
from pages.desk import desks, ordering, rows, sections
from proposals.models import Proposal
from tests.pages.pages import EVERYBODY, as_, look, queries
from tests.stage import MEETING, Stage, administrator, as_owner, stages
from web.viewer import Viewer

MOST = 26


def entries(found):
    """The rows in the order of the desk."""
    return [entry for group in ordering.grouped(ordering.unlike(found)) for entry in group.entries]


def foremost(stage, handle):
    return entries(desks.sections(Viewer(stage[handle])))


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
    assert ("Minutes: to be drafted or signed", minutes) in found
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


def test_rows_are_grouped_by_their_date():
    days = {number: MEETING + timedelta(days=number) for number in range(-9, 10)}

    def row(title, tone="waiting", **given):
        return rows.Row("", "", title, tone=tone, **given)

    wanted = {
        "today": [
            row("somebody waits", now=True, due=days[9].date()),
            row("late for long", tone="stopped", due=days[-9].date()),
            row("late", tone="stopped", due=days[-1].date()),
            row("has waited", since=days[-3]),
            row("waits since yesterday", since=days[-1]),
            row("is due today", due=days[0].date()),
        ],
        "week": [row("is due in two days", due=days[2].date()), row("in seven", due=days[7].date())],
        "later": [row("is told, with a day", tone="information", due=days[8].date())],
        "known": [row("is told", tone="information", since=days[-9])],
    }
    shuffled = [row for group in reversed(wanted.values()) for row in reversed(group)]
    with clock.frozen(MEETING):
        found = ordering.grouped(ordering.unlike([sections.Section("", "", shuffled)]))
    assert {group.name: [row for _section, row in group.entries] for group in found} == wanted


def test_the_next_meeting_is_a_band_and_in_no_list_again(noticed):
    html = look(noticed["seat2"], "desk")
    band = html.partition('class="band"')[2].partition("</section>")[0]
    acknowledge = reverse("meeting-act", args=[noticed.meeting.pk, "acknowledge"])
    paper = reverse("paper", args=[noticed.meeting.pk, noticed.now(noticed.proposal).item_id])
    assert f'<a class="button" href="{acknowledge}">Acknowledge the notice</a>' in band
    assert "<dt>Receipts</dt><dd>0/3</dd>" in band
    assert "<dt>Papers that you read</dt><dd>0/1</dd>" in band
    assert html.count(acknowledge) == 1
    assert html.count(paper) == 1
    noticed.do("acknowledge", "seat2")
    noticed.do("read_materials", "seat2")
    band = look(noticed["seat2"], "desk").partition('class="band"')[2].partition("</section>")[0]
    assert "<dt>Receipts</dt><dd>1/3</dd>" in band
    assert "<dt>Papers that you read</dt><dd>1/1</dd>" in band
    assert "Look at the meeting" in band


def test_whose_papers_are_read_stands_in_the_band_of_those_who_may_know(noticed):
    noticed.do("read_materials", "seat2")
    counted = "<dt>Papers read</dt><dd>1/3</dd>"
    assert {handle: counted in look(noticed[handle], "desk") for handle in ("chair", "liaison", "seat2")} == {
        "chair": True, "liaison": True, "seat2": False,
    }  # fmt: skip
    for handle in ("handler", "risk", "auditor", "head_office", "outsider"):
        assert 'class="band"' not in look(noticed[handle], "desk")


def test_the_band_says_what_keeps_the_meeting_from_opening(convened):
    band = look(convened["liaison"], "desk").partition('class="band"')[2].partition("</section>")[0]
    assert "No current notice yet (Art. 16)" in band
    assert "Send the notice" in band
    convened.do("send_notice")
    convened.do("vacate_seat", seat=3)
    band = look(convened["liaison"], "desk").partition('class="band"')[2].partition("</section>")[0]
    assert "1 seat is vacant (Art. 20)" in band


def test_one_kind_is_shown_alone(several):
    html = look(several["liaison"], "desk", kind="to-screen").partition("<main")[2]
    assert reverse("proposal", args=[several.old.pk]) in html
    assert reverse("meeting", args=[several.meeting.pk]) not in html.partition("What you did")[0]
    assert look(several["liaison"], "desk", kind="nothing-of-that").count('class="slip ') > 2


def test_who_supervises_sees_what_is_watched(several):
    html = look(several["auditor"], "desk")
    assert "Exceptions of this year" in html
    assert f"{reverse('exceptions')}?kind=unread" in html
    for handle in ("auditor", "risk"):
        shown = look(several[handle], "desk")
        assert "Minutes not signed" in shown
        assert "Nothing waits for you" in shown


def test_each_says_by_when_and_by_which_article(several):
    html = look(several["liaison"], "desk")
    first = html.partition("<main")[2]
    assert "Minutes: to be drafted or signed · Art. 21" in first
    assert "due on 2026-03-09 Mon" in first
    assert "To screen · Art. 14" in first
    chinese = look(several["liaison"], "desk", language="zh-hans")
    assert "第二十一条" in chinese.partition("<main")[2]


def test_a_kind_has_its_number_and_leads_to_its_list(several):
    html = look(several["liaison"], "desk")
    assert re.search(r'<a href="\?kind=to-screen"\s*>\s*To screen <b>2</b></a>', html)
    chosen = look(several["liaison"], "desk", kind="to-screen")
    assert re.search(rf'<a\s+href="{reverse("screening")}"\s*>All 2</a>', chosen)


def test_what_i_did_lately_is_told_with_its_way(several):
    html = look(several["liaison"], "desk").partition("What you did recently")[2]
    assert "Vote closed and counted" in html
    assert reverse("proposal", args=[several.proposal.pk]) in html
    assert "Plan drafted" not in html
    assert "Plan submitted" in look(several["handler"], "desk").partition("What you did recently")[2]


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
