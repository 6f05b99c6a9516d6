"""Convening, changing and the calendar: what is told beforehand is what the engine refuses."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from committee import workdays
from committee.models import Meeting
from pages.meetings.convening import meeting_calendar
from proposals.models import Proposal
from regulation.refused import Refused
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries
from tests.stage import MEETING, START, Stage, said, stages, undone

MOST = 25
TYPED = {"date": "2026-03-05", "time": "14:00", "place": "Room 3"}


def three_filed():
    stage = Stage().to("filed")
    stage.others = [
        stage.another("D-1", title="The second plan"),
        stage.another("D-2", title="The third plan"),
    ]
    return stage


three = stages("three", three_filed)


def convened_of_two():
    stage = three_filed()
    stage.meeting = stage.convene(stage.proposal, stage.others[0])
    stage.step = "convened"
    return stage


two = stages("two", convened_of_two)


def pks(stage):
    return [stage.proposal.pk, *(each.pk for each in stage.others)]


def where(stage, name="convene"):
    subject = stage.meeting if name == "change-meeting" else stage.committee
    return reverse(name, args=[subject.pk])


def order(html):
    return [int(pk) for pk in re.findall(r'name="item" value="(\d+)"', html)]


def post(stage, by="chair", name="convene", **given):
    return as_(stage[by]).post(where(stage, name), given)


_STRANGERS = {"deputy3", "outsider", "auditor", "handler_head", "other_head"}


# -- Convening --------------------------------------------------------------------------------------


def test_the_chair_convenes_filed_plans_in_the_order_chosen(three):
    first, second, third = pks(three)
    response = post(three, **TYPED, item=[third, first])
    meeting = Meeting.objects.get(committee=three.committee)
    assert response["Location"] == reverse("meeting", args=[meeting.pk])
    assert (meeting.at, meeting.place, meeting.emergency) == (MEETING, "Room 3", False)
    tabled = Proposal.objects.filter(item__meeting=meeting).order_by("item__number")
    assert [row.pk for row in tabled] == [third, first]
    assert three.now(Proposal(pk=second)).state == "filed"


@pytest.mark.parametrize("name", ["convene", "convene-now", "period"])
def test_only_the_chair_convenes(three, name):
    before = Entry.objects.count()
    for handle in EVERYBODY:  # those of the branch may know of its committee, others may not
        if handle == "chair":
            continue
        expected = 404 if handle in _STRANGERS else 403
        got = as_(three[handle]).get(where(three, name)).status_code
        assert got == (200 if (name, handle) == ("convene-now", "liaison") else expected), handle
        if name != "period":
            sent = as_(three[handle]).post(where(three, name), {**TYPED, "reason": "x", "item": pks(three)})
            assert sent.status_code == expected, handle
    assert Entry.objects.count() == before


def test_what_another_bank_filed_is_not_found(three):
    abroad = Stage()
    assert as_(abroad["chair"]).get(where(three)).status_code == 404
    foreign = as_(abroad["chair"]).post(reverse("convene", args=[abroad.committee.pk]), {"item": pks(three)})
    assert foreign.status_code == 404
    assert post(three, **TYPED, item=["x"]).status_code == 404


@pytest.mark.parametrize(
    ("move", "place", "expected"),
    [
        ("up", 1, [1, 0, 2]),
        ("up", 0, [0, 1, 2]),
        ("down", 1, [0, 2, 1]),
        ("down", 2, [0, 1, 2]),
        ("out", 1, [0, 2]),
    ],
)
def test_up_and_down_put_the_items_in_order_without_a_script_and_keep_what_was_typed(
    three, move, place, expected
):
    plans = pks(three)
    response = post(three, **TYPED | {"place": "Typed halfway"}, item=plans, **{move: plans[place]})
    html = page_text(response)
    assert response.status_code == 200
    assert order(html) == [plans[each] for each in expected]
    assert 'value="Typed halfway"' in html
    assert 'value="2026-03-05"' in html
    assert not Meeting.objects.filter(committee=three.committee).exists()


def test_a_filed_plan_is_added_at_the_end(three):
    first, second, _third = pks(three)
    html = page_text(post(three, item=[second], **{"in": first}))
    assert order(html) == [second, first]
    assert 'class="field-error"' not in html


@pytest.mark.article("15")
@pytest.mark.parametrize(
    ("changes", "status", "code", "beside"),
    [
        ({"item": []}, 422, "15/no-items", "items"),
        ({"date": "2026-03-03"}, 422, "15/notice-too-short", "date"),
        ({"date": "2026-03-01"}, 422, "15/notice-too-short", "date"),
        (
            {"date": "2026-03-03", "emergency": "on", "reason": "…"},
            422,
            "15/emergency-reason-required",
            "reason",
        ),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(three, changes, status, code, beside):
    response = post(three, **TYPED | {"item": pks(three), **changes})
    html = page_text(response)
    assert response.status_code == status
    field = html[
        html.index('<fieldset class="field agenda')
        if beside == "items"
        else html.index(f'for="id_{beside}"') :
    ]
    assert f'data-code="{code}"' in field[:2500]
    assert order(html) == ([] if "item" in changes else pks(three))
    assert 'value="Room 3"' in html
    assert not Meeting.objects.filter(committee=three.committee).exists()


def test_what_is_missing_is_said_beside_its_field(three):
    response = post(three, item=pks(three))
    html = page_text(response)
    assert response.status_code == 422
    for name in ("date", "time", "place"):
        assert f'id="id_{name}_error"' in html
    assert order(html) == pks(three)


def test_a_plan_tabled_meanwhile_is_a_conflict(three):
    three.convene(three.proposal)
    response = post(three, **TYPED, item=pks(three))
    assert response.status_code == 409
    assert order(page_text(response)) == pks(three)


def test_sent_twice_one_meeting_is_convened(three):
    client = as_(three["chair"])
    token = re.search(r'name="once" value="([^"]+)"', page_text(client.get(where(three))))[1]
    sent = {**TYPED, "item": pks(three), "once": token}
    first, second = client.post(where(three), sent), client.post(where(three), sent)
    assert first["Location"] == second["Location"]
    assert Meeting.objects.filter(committee=three.committee).count() == 1


# -- The period, told beforehand --------------------------------------------------------------------

HOURS = [START + timedelta(days=days, hours=hours) for days in range(5) for hours in (-10, -1, 1, 14)]


@pytest.mark.article("15")
@pytest.mark.parametrize("emergency", [False, True])
def test_what_is_told_of_the_period_is_what_the_engine_refuses(three, emergency):
    for at in HOURS:
        given = {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"} | ({"emergency": "on"} if emergency else {})
        told = look(three["chair"], "period", three.committee.pk, **given)
        try:
            with undone():
                three.convene(three.proposal, at=at, emergency=emergency, reason="Floods")
            code = ""
        except Refused as refusal:
            code = refusal.code
        assert ("told-stopped" in told) is (code == "15/notice-too-short"), (at, code, told)


def test_before_an_hour_is_typed_the_first_possible_day_is_told(three):
    assert "from 2026-03-04 Wed on (2 days of notice" in look(three["chair"], "convene", three.committee.pk)
    at = datetime.fromisoformat("2026-03-04T00:00+08:00")
    assert three.convene(three.proposal, at=at).at == at


def test_a_day_of_rest_is_named_and_forbids_nothing(three):
    told = look(three["chair"], "period", three.committee.pk, date="2026-03-07", time="09:00")
    assert "2026-03-07 Sat is not a working day." in told
    assert "told-good" in told


@pytest.mark.article("16")
@pytest.mark.parametrize(
    ("given", "superseded", "refused"),
    [
        ({}, False, False),
        ({"item": "turned"}, False, False),
        ({"place": "Room 9"}, True, False),
        ({"time": "15:00"}, True, True),
        ({"date": "2026-03-06"}, True, False),
        ({"item": "one"}, True, True),
    ],
)
def test_what_a_change_does_to_the_notice_is_told_before(two, given, superseded, refused):
    two.do("send_notice")
    two.travel("2026-03-04T09:00+08:00")
    first, second, _ = pks(two)
    items = {"turned": [second, first], "one": [first]}.get(given.get("item"), [first, second])
    typed = TYPED | given | {"item": items}
    told = look(two["chair"], "meeting-period", two.meeting.pk, **typed)
    assert ("is superseded with its receipts" in told) is superseded
    assert ("told-stopped" in told) is refused
    response = post(two, name="change-meeting", **typed)
    assert response.status_code == (422 if refused else 302)
    current = two.meeting.notices.filter(superseded_at=None).exists()
    assert current is (refused or not superseded)


def test_the_page_of_a_meeting_shows_the_notice_that_is_current_and_those_before_as_superseded(two):
    def shown():
        html = look(two["seat2"], "meeting", two.meeting.pk)
        return html.split('id="notice"')[1].split("</section>")[0]

    two.do("send_notice")
    two.do("acknowledge", "seat2")
    assert "Notice 1, sent" in shown()
    assert "superseded" not in shown()
    two.do("change_meeting", place="Room 9")
    assert "The notice appears here once the liaison has sent it" in shown()
    two.do("send_notice")
    assert re.search(r"<p>Notice 2, sent .*Room 9</p>", shown())
    assert re.search(r"Notice 1, sent .*, superseded", shown())
    assert shown().count(">waiting<") == len(two.seats)


def test_a_time_already_told_in_time_needs_no_new_period(two):
    two.do("send_notice")
    two.travel("2026-03-04T09:00+08:00")
    post(two, name="change-meeting", **TYPED | {"date": "2026-03-09"}, item=pks(two)[:2])
    two.meeting = two.now(two.meeting)
    two.travel("2026-03-05T09:00+08:00")
    told = look(two["chair"], "meeting-period", two.meeting.pk, **TYPED, item=pks(two)[:2])
    assert "was sent in time" in told
    assert post(two, name="change-meeting", **TYPED, item=pks(two)[:2]).status_code == 302


def test_a_change_keeps_the_agenda_and_adds_and_drops(two):
    first, second, third = pks(two)
    html = look(two["chair"], "change-meeting", two.meeting.pk)
    assert order(html) == [first, second]
    html = page_text(post(two, name="change-meeting", **TYPED, item=[first, second], out=first))
    assert order(html) == [second]
    assert re.search(rf'name="in" value="{first}"', html)
    assert post(two, name="change-meeting", **TYPED, item=[third, second]).status_code == 302
    tabled = Proposal.objects.filter(item__meeting=two.meeting, item__left_at=None).order_by("item__number")
    assert [row.pk for row in tabled] == [third, second]


def test_only_the_chair_changes_a_meeting(two):
    for handle in EVERYBODY:
        if handle == "chair":
            continue
        sees = handle in {"liaison", "seat2", "seat3", "risk", "head_office", "auditor"}
        for name in ("change-meeting", "meeting-period"):
            got = as_(two[handle]).get(reverse(name, args=[two.meeting.pk])).status_code
            assert got == (403 if sees else 404), (handle, name)
        assert post(two, handle, "change-meeting", **TYPED).status_code == (403 if sees else 404), handle


def test_a_meeting_in_session_is_not_changed_any_more(in_session):
    html = look(in_session["chair"], "change-meeting", in_session.meeting.pk)
    assert 'data-code="state/not-allowed"' in html
    sent = post(in_session, name="change-meeting", **TYPED, item=[in_session.proposal.pk])
    assert sent.status_code == 409


# -- Now --------------------------------------------------------------------------------------------


@pytest.mark.article("15")
def test_an_emergency_from_filed_plans_to_the_notice_sent_on_one_page(three):
    now = where(three, "convene-now")
    waiting = page_text(as_(three["liaison"]).get(now))
    assert "3 filed plans wait for a meeting." in waiting
    assert f"tel:{three.now(three['chair']).phone}" in waiting
    opened = page_text(as_(three["chair"]).get(now))
    assert 'value="09:30"' in opened
    assert 'value="2026-03-02"' in opened
    given = {"date": "2026-03-02", "time": "09:30", "place": "Room 3", "item": pks(three)[:1]}
    assert as_(three["chair"]).post(now, {**given, "reason": " "}).status_code == 422
    response = as_(three["chair"]).post(now, {**given, "reason": "The debtor sells tonight"})
    assert response["Location"] == f"{now}#notice"
    meeting = Meeting.objects.get(committee=three.committee)
    assert (meeting.emergency, meeting.emergency_reason) == (True, "The debtor sells tonight")
    chairs = page_text(as_(three["chair"]).get(now))
    assert "It waits for the liaison" in chairs
    assert "Send the notice</a>" not in chairs
    liaisons = page_text(as_(three["liaison"]).get(now))
    send = reverse("meeting-act", args=[meeting.pk, "send_notice"])
    assert f'href="{send}"' in liaisons
    assert as_(three["liaison"]).post(send).status_code == 302
    three.do("acknowledge", "seat2", on=meeting)
    chairs = page_text(as_(three["chair"]).get(now))
    assert "Call those who have not acknowledged it." in chairs
    assert "1 of 3 receipts" in chairs
    for handle in three.seats:
        assert f"tel:{three.now(three[handle]).phone}" in chairs


# -- The calendar -----------------------------------------------------------------------------------


def test_the_calendar_shows_what_the_person_sees_and_what_the_period_allows(two):
    html = look(two["chair"], "month", month="2026-03")
    assert f'href="{reverse("meeting", args=[two.meeting.pk])}">14:00' in html
    assert f'href="{where(two)}?date=2026-03-04"' in html
    assert f'href="{where(two)}?date=2026-03-03"' not in html
    assert html.count("first possible day") == 1
    for handle in EVERYBODY:
        page = look(two[handle], "month", month="2026-03")
        sees = handle in {"liaison", "chair", "seat2", "seat3", "risk", "head_office", "auditor"}
        assert (reverse("meeting", args=[two.meeting.pk]) in page) is sees, handle
        assert (where(two) in page) is (handle == "chair"), handle
        assert (where(two, "convene-now") in page) is (handle in {"chair", "liaison"}), handle


def test_a_day_with_many_meetings_shows_the_first_and_leads_to_the_list_of_them_all(two):
    """So the page of a whole bank's month stays as long as that of a committee."""
    with undone():
        others = [Meeting.objects.get(pk=two.meeting.pk) for _ in range(4)]
        for number, row in enumerate(others, 1):
            row.pk, row.number, row.at = None, 90 + number, two.meeting.at + timedelta(hours=number)
            row.save(force_insert=True)
        html = look(two["chair"], "month", month="2026-03")
        shown = [reverse("meeting", args=[row.pk]) in html for row in (two.meeting, *others)]
        assert shown == [True, True, True, False, False]
        (link,) = re.findall(r'href="([^"]+)"\s*>2 more meetings</a>', html)
        listed = page_text(as_(two["chair"]).get(link.replace("&amp;", "&")))
        assert all(reverse("meeting", args=[row.pk]) in listed for row in (two.meeting, *others))


def test_holidays_and_days_worked_in_exchange_are_marked():
    assert workdays.holiday(date(2026, 10, 1)) == "National Day"
    assert workdays.holiday(date(2026, 10, 1), chinese=True) == "国庆节"
    assert workdays.holiday(date(2026, 3, 5)) == ""
    days = {
        day.date: day
        for week in meeting_calendar.weeks(date(2026, 2, 1), (), today=date(2026, 2, 2), earliest=None)
        for day in week
    }
    assert not days[date(2026, 2, 17)].working
    assert days[date(2026, 2, 14)].working  # a Saturday worked in exchange
    assert not days[date(2026, 2, 7)].working


@pytest.mark.parametrize("asked", ["2026-13", "x", "0000-01", "9999-12", "", "2026-3-1"])
def test_a_month_that_is_none_is_the_present_one(two, asked):
    assert "2026-03" in look(two["chair"], "month", month=asked)


def test_months_follow_one_another():
    assert meeting_calendar.shifted(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert meeting_calendar.shifted(date(2026, 1, 1), 1) == date(2026, 2, 1)
    assert meeting_calendar.shifted(date(2026, 12, 1), 1) == date(2027, 1, 1)


def one_and_three_plans():
    stage = Stage().to("filed")
    stage.few = Stage().to("filed")
    for stage_, count in ((stage, 2), (stage.few, 0)):
        more = [stage_.another(f"F-{each}") for each in range(count)]
        stage_.waiting = [stage_.another(f"G-{each}") for each in range(count + 1)]
        stage_.meeting = stage_.convene(stage_.proposal, *more, emergency=True, reason="Floods")
    return stage


one_and_three = stages("one_and_three", one_and_three_plans)


@pytest.mark.parametrize("name", ["convene", "convene-now", "change-meeting", "month", "period"])
def test_no_statement_for_each_row(one_and_three, name):
    few, many = one_and_three.few, one_and_three
    args = {"change-meeting": "meeting", "month": None}.get(name, "committee")
    counts = [
        len(queries(stage["chair"], name, *([getattr(stage, args).pk] if args else [])))
        for stage in (few, many)
    ]
    assert counts[0] == counts[1]
    assert counts[0] <= MOST


def test_seats_are_missed_from_when_they_are_expected(noticed):
    """Days before the meeting nobody is missing; what keeps it from opening then is something else."""
    missed, said = "Not every seat is represented", "Not ready to open"
    html = look(noticed["liaison"], "notice", noticed.meeting.pk)
    assert missed not in html
    assert said not in html
    noticed.travel(MEETING - timedelta(minutes=90))
    assert missed in look(noticed["liaison"], "notice", noticed.meeting.pk)
    noticed.sign_in()
    assert said not in look(noticed["liaison"], "notice", noticed.meeting.pk)


def test_an_emergency_misses_its_seats_at_once(filed):
    meeting = filed.convene(filed.proposal, at=MEETING + timedelta(days=3), emergency=True, reason="Floods")
    filed.do("send_notice", on=meeting)
    assert "Not every seat is represented" in look(filed["liaison"], "notice", meeting.pk)


CHINESE = re.compile(r"(?<=[。；，？！]) +(?=[^\s<])")


@pytest.mark.parametrize("handle", ["liaison", "chair", "head_office", "handler"])
def test_between_chinese_sentences_is_no_space(signed, handle):
    waiting = signed.another("D-9", to="submitted")  # what cannot be done yet is shown with its reason
    pages = [("month",), ("dockets",), ("proposal", signed.proposal.pk), ("proposal", waiting.pk)]
    pages += [("figures",)] if handle == "head_office" else []
    pages += [("notice", signed.meeting.pk), ("my-meetings",)] if handle != "handler" else []
    read = 0
    for name, *args in pages:
        page = as_(signed[handle], "zh-hans").get(reverse(name, args=args))
        if page.status_code == 200:
            read += "。" in page_text(page)
            text = re.sub(r"<(/?)(?:b|a|span|time)\b[^>]*>", "", page_text(page))
            found = [text[each.start() - 20 : each.end() + 20] for each in CHINESE.finditer(text)]
            assert not found, (name, found)
    assert read
    assert CHINESE.search("已提交。 下一步")


def test_the_place_begins_as_the_last_one_and_earlier_ones_are_suggested(noticed):
    noticed.do("change_meeting", place="Room 9")
    noticed.convene(noticed.another("C-8"), at=MEETING + timedelta(days=3))
    html = look(noticed["chair"], "convene", noticed.committee.pk)
    assert re.search(r'name="place" value="Room 3"', html)
    assert re.findall(r'<option value="([^"]+)"></option>', html) == ["Room 3", "Room 9"]


def test_what_the_period_refuses_is_told_once_and_below_the_time(filed):
    given = {"date": "2026-03-03", "time": "10:00", "place": "Room 3", "item": filed.proposal.pk}
    at = reverse("convene", args=[filed.committee.pk])
    html = page_text(as_(filed["chair"]).post(at, given))
    assert html.count('data-code="15/notice-too-short"') == 1
    assert html.index('id="id_time"') < html.index('id="period"') < html.index('id="id_place"')


# -- Minutes of the items ---------------------------------------------------------------------------


def test_minutes_are_planned_for_each_item_and_lead_to_an_expected_end(three):
    first, second, _third = pks(three)
    response = post(three, **TYPED, item=[second, first], minutes=["２０", "45"])
    meeting = Meeting.objects.get(pk=response["Location"].rstrip("/").rpartition("/")[2])
    assert list(meeting.items.order_by("number").values_list("minutes", flat=True)) == [20, 45]
    assert said(Entry.objects.get(stream=meeting.stream))["minutes"] == [20, 45]
    assert "ends at about 15:05" in look(three["seat2"], "meeting", meeting.pk)


def test_without_minutes_nothing_is_said_of_an_end(three):
    post(three, **TYPED, item=pks(three), minutes=["20", "", "10"])
    meeting = Meeting.objects.get(committee=three.committee)
    assert "minutes" in said(Entry.objects.get(stream=meeting.stream))
    assert "ends at about" not in look(three["seat2"], "meeting", meeting.pk)


@pytest.mark.parametrize("typed", ["-1", "481", "long", "2.5"])
def test_minutes_that_are_none_are_refused_and_stay(three, typed):
    response = post(three, **TYPED, item=pks(three)[:1], minutes=[typed])
    assert "a whole number from 1 to 480" in page_text(response)
    assert f'value="{typed}"' in response.content.decode()
    assert not Meeting.objects.filter(committee=three.committee).exists()


def test_a_move_keeps_the_minutes_beside_their_item(three):
    first, second, third = pks(three)
    html = post(three, **TYPED, item=[first, second], minutes=["15", "30"], up=second).content.decode()
    assert order(html) == [second, first]
    assert re.findall(r'name="minutes"[^>]*?value="(\d*)"', html, re.DOTALL) == ["30", "15"]
    html = post(three, **TYPED, item=[first], minutes=["15"], **{"in": third}).content.decode()
    assert re.findall(r'name="minutes"[^>]*?value="(\d*)"', html, re.DOTALL) == ["15", ""]


def test_other_minutes_leave_the_notice_as_it_is(two):
    two.do("send_notice")
    first, second, _third = pks(two)
    given = {**TYPED, "item": [first, second], "minutes": ["25", "35"]}
    html = as_(two["chair"]).get(reverse("meeting-period", args=[two.meeting.pk]), given).content.decode()
    assert "Only the minutes of the items change" in html
    assert "ends at about 15:00" in html
    post(two, name="change-meeting", **given)
    assert [item.minutes for item in two.meeting.items.order_by("number")] == [25, 35]
    assert two.meeting.notices.get().superseded_at is None
    # the notice as sent stated none, and goes on doing so
    assert "minutes" not in look(two["seat2"], "notice", two.meeting.pk).split("On the agenda")[1][:400]


def test_the_minutes_stand_in_the_form_of_a_change_and_can_be_taken_back(two):
    first, second, _third = pks(two)
    two.do("change_meeting", minutes=[25, 0])
    html = look(two["chair"], "change-meeting", two.meeting.pk)
    assert re.findall(r'name="minutes"[^>]*?value="(\d*)"', html, re.DOTALL) == ["25", ""]
    post(two, name="change-meeting", **TYPED, item=[first, second], minutes=["", ""])
    assert [item.minutes for item in two.meeting.items.order_by("number")] == [None, None]
