"""What is done with a meeting before and after its session, on pages, by its officers."""

import re
from datetime import datetime

import pytest
from django.urls import reverse

from audit.models import Entry
from committee.models import Delivery, Meeting
from office.models import ArchiveFile, Copy, Minutes, Report
from pages.meetings.acts import OFFERS as BEFORE
from pages.meetings.minutes.acts import OFFERS as AFTER
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, PASSWORD, as_, give_password, look, queries, seeing, status
from tests.stage import MEETING, START, Stage, stages

MOST = 25
COMMITTEE = {"liaison", "chair", "risk", "seat2", "seat3", "head_office", "auditor"}

#: verb → the step at which it is done, its officer, what is sent
ACTS = {
    "acknowledge": ("noticed", "seat2", {}),
    "send_notice": ("convened", "liaison", {}),
    "remind_members": ("noticed", "liaison", {}),
    "cancel_meeting": ("convened", "chair", {"reason": "The hall is flooded"}),
    "appoint_acting_chair": ("convened", "head_office", {"seat": "2"}),
    "draft_minutes": ("closed", "liaison", {"narrative": "What was said."}),
    "amend_minutes": ("minuted", "liaison", {"narrative": "What was really said."}),
    "sign_minutes": ("minuted", "chair", {"password": PASSWORD}),
    "draft_supplement": ("signed", "liaison", {"narrative": "Five abstained, not four."}),
    "sign_supplement": ("supplemented", "chair", {"password": PASSWORD}),
    "distribute": ("signed", "liaison", {}),
    "report_decisions": ("signed", "liaison", {}),
    "receive_report": ("reported", "head_office", {}),
    "draw_up_papers": ("signed", "liaison", {}),
    "archive": ("papered", "liaison", {}),
}


def with_supplement():
    stage = Stage().to("signed")
    stage.do("draft_supplement", narrative="Five abstained, not four.")
    return stage


def with_papers():
    stage = Stage().to("reported")
    stage.do("draw_up_papers")
    return stage


supplemented = stages("supplemented", with_supplement)
papered = stages("papered", with_papers)


def act(stage, verb):
    return reverse("meeting-act", args=[stage.meeting.pk, verb])


def send(stage, verb, by, **given):
    """The act sent as its page would: with what was shown, and the token."""
    client = as_(stage[by])
    page = page_text(client.get(act(stage, verb)))
    hidden = dict(re.findall(r'name="(once|digest|revision)" value="([^"]*)"', page))
    return client.post(act(stage, verb), {**hidden, **given})


@pytest.mark.parametrize("verb", ACTS)
def test_the_officer_does_it_on_the_page_and_it_leaves_one_entry(request, verb):
    step, officer, given = ACTS[verb]
    stage = request.getfixturevalue(step)
    give_password(stage, "chair")
    before = Entry.objects.filter(stream=stage.meeting.stream).count()
    response = send(stage, verb, officer, **given)
    assert response.status_code == 302, page_text(response)[:2000]
    assert as_(stage[officer]).get(response["Location"]).status_code == 200
    assert Entry.objects.filter(stream=stage.meeting.stream).count() == before + 1
    assert Entry.objects.filter(stream=stage.meeting.stream).latest("seq").action == verb


@pytest.mark.parametrize("verb", ACTS)
def test_nobody_else_does(request, verb):
    """404 to whom the meeting is not visible, 403 to whom the office is not; nothing is left behind."""
    step, officer, given = ACTS[verb]
    stage = request.getfixturevalue(step)
    sees = seeing(stage, "meeting", stage.meeting.pk)
    others = {"seat2", "seat3", "chair"} if verb == "acknowledge" else {officer}
    before = Entry.objects.count()
    for handle in EVERYBODY:
        if handle in others:
            continue
        expected = 403 if handle in sees else 404
        assert status(stage[handle], "meeting-act", stage.meeting.pk, verb) == expected, handle
        assert as_(stage[handle]).post(act(stage, verb), given).status_code == expected, handle
    assert Entry.objects.count() == before


def two_banks():
    stage = Stage().to("reported")
    stage.abroad = Stage()
    return stage


abroad = stages("abroad", two_banks)


@pytest.mark.parametrize("verb", ACTS)
def test_officers_of_another_bank_find_nothing(abroad, verb):
    for handle in ("chair", "liaison", "head_office", "seat2"):
        assert as_(abroad.abroad[handle]).post(act(abroad, verb)).status_code == 404
    for name in ("notice", "minutes", "report", "archive-file", "change-meeting", "meeting-period"):
        assert status(abroad.abroad["chair"], name, abroad.meeting.pk) == 404


#: a notice is acknowledged late, and what is wrong is put right whenever it is found
@pytest.mark.parametrize("verb", [verb for verb in ACTS if verb not in {"acknowledge", "draft_supplement"}])
def test_once_it_is_past_it_is_a_conflict(request, verb):
    _step, officer, given = ACTS[verb]
    stage = request.getfixturevalue("archived")
    give_password(stage, "chair")
    if verb in ("receive_report", "draw_up_papers"):  # which an archived meeting has still before it
        stage.do(verb)
    response = as_(stage[officer]).post(act(stage, verb), given)
    assert response.status_code == 409, verb


@pytest.mark.parametrize("verb", ACTS)
def test_sent_twice_it_is_done_once(request, verb):
    step, officer, given = ACTS[verb]
    stage = request.getfixturevalue(step)
    give_password(stage, "chair")
    client = as_(stage[officer])
    where = act(stage, verb)
    page = page_text(client.get(where))
    sent = {**dict(re.findall(r'name="(once|digest|revision)" value="([^"]*)"', page)), **given}
    first, second = client.post(where, sent), client.post(where, sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Entry.objects.filter(stream=stage.meeting.stream, action=verb).count() == 1


def test_every_offer_of_a_meeting_is_tried():
    offered = {offer.verb for offer in (*BEFORE, *AFTER)}
    # a delivery has tests of its own below, since only paper on its way can be delivered
    apart = {"change_meeting", "convene", "acknowledge", "deliver_notice"}
    untried = sorted(offered ^ set(ACTS) ^ apart)
    assert offered ^ set(ACTS) == apart, f"ACTS above needs a row of {untried}, or it is tried apart"


# -- Notice -----------------------------------------------------------------------------------------


def delivery(stage, seat):
    return Delivery.objects.standing().get(notice__meeting=stage.meeting, seat__number=seat)


def test_a_notice_that_a_change_outdated_is_not_the_current_one(convened):
    convened.do("send_notice")
    page = reverse("meeting", args=[convened.meeting.pk])
    assert as_(convened["liaison"]).get(page).context["notice"] is not None
    convened.do("change_meeting", place="Room 4")
    assert as_(convened["liaison"]).get(page).context["notice"] is None
    assert "The liaison sends the notice" in look(convened["liaison"], "meeting", convened.meeting.pk)


@pytest.mark.article("16")
def test_paper_goes_out_first_and_has_its_receipt_once_somebody_received_it(convened):
    send(convened, "send_notice", "liaison", paper=["2"])
    row = delivery(convened, 2)
    assert (row.paper, row.delivered_at, row.receipt_at) == (True, None, None)
    assert delivery(convened, 3).delivered_at is not None
    html = look(convened["liaison"], "notice", convened.meeting.pk)
    assert "0 of 3 receipts" in html
    assert "on its way" in html
    assert act(convened, "deliver_notice") in html
    assert "Record the delivery" in look(convened["liaison"], "desk")
    convened.travel("2026-03-03T10:00+08:00")
    when = {"date": "2026-03-03", "time": "09:30"}
    form = as_(convened["liaison"]).get(act(convened, "deliver_notice")).context["form"]
    assert "received_by" not in form.initial  # who took it is for the liaison to say
    assert "records the delivery" in look(convened["liaison"], "meeting", convened.meeting.pk)
    send(convened, "deliver_notice", "liaison", seat="2", received_by="Zhou, office", handed_by="Li", **when)
    row = delivery(convened, 2)
    assert row.receipt_at == row.delivered_at == datetime.fromisoformat("2026-03-03T09:30+08:00")
    html = look(convened["liaison"], "notice", convened.meeting.pk)
    for shown in ("1 of 3 receipts", "received by Zhou, office", "handed over by Li"):
        assert shown in html
    assert act(convened, "deliver_notice") not in html
    assert "Record the delivery" not in look(convened["liaison"], "desk")


def test_paper_on_its_way_to_a_seat_that_is_vacant_since_hinders_nothing(convened):
    convened.do("send_notice", posted=[2, 3])
    assert "missing: 2, 3" in look(convened["liaison"], "notice", convened.meeting.pk)
    convened.do("vacate_seat", seat=2)
    assert "missing: 3" in look(convened["liaison"], "notice", convened.meeting.pk)
    convened.travel(MEETING)
    assert convened.refused("16/no-notice", "open_meeting").context["seats"] == [3]


@pytest.mark.parametrize(("day", "time"), [("2026-03-01", "10:00"), ("2026-03-02", "09:01")])
def test_a_receipt_before_the_sending_or_to_come_is_told_beside_its_time(convened, day, time):
    convened.do("send_notice", posted=[2])
    given = {"seat": "2", "received_by": "Zhou", "date": day, "time": time, "handed_by": "Li"}
    response = as_(convened["liaison"]).post(act(convened, "deliver_notice"), given)
    assert response.status_code == 422
    assert "Between the sending" in page_text(response)
    assert delivery(convened, 2).receipt_at is None


def test_sending_again_leaves_paper_on_its_way_unless_that_is_unticked(convened):
    convened.do("send_notice", posted=[2])
    page = page_text(as_(convened["liaison"]).get(act(convened, "send_notice")))
    assert re.search(r'value="2"[^>]*checked', page)
    send(convened, "send_notice", "liaison")
    row = delivery(convened, 2)
    assert (row.paper, row.delivered_at is not None) == (False, True)


def test_a_seat_that_is_not_lacking_cannot_be_ticked(convened):
    assert as_(convened["liaison"]).post(act(convened, "send_notice"), {"paper": ["9"]}).status_code == 422
    assert not Delivery.objects.filter(notice__meeting=convened.meeting).exists()


def test_a_notice_is_offered_again_for_a_seat_whose_holder_changed_and_for_it_alone(noticed):
    noticed.do("acknowledge", "seat2")
    assert "may be sent again" not in look(noticed["liaison"], "notice", noticed.meeting.pk)
    noticed.do("vacate_seat", seat=2)
    noticed.do("fill_seat", seat=2, holder=noticed["outsider"])
    html = look(noticed["liaison"], "notice", noticed.meeting.pk)
    assert f"held by {noticed['outsider']} since" in html
    assert "may be sent again to the new holder" in html
    page = page_text(as_(noticed["liaison"]).get(act(noticed, "send_notice")))
    assert re.findall(r'name="paper"[^>]*value="([^"]*)"', page) == ["2"]
    send(noticed, "send_notice", "liaison")
    html = look(noticed["liaison"], "notice", noticed.meeting.pk)
    assert "may be sent again" not in html
    assert "0 of 3 receipts" in html
    assert "Acknowledge the notice" in look(noticed["outsider"], "my-meetings")


@pytest.mark.article("15")
def test_a_notice_too_short_is_told_before_and_refused_with_its_article(convened):
    convened.travel("2026-03-04T00:00+08:00")
    html = look(convened["liaison"], "meeting", convened.meeting.pk)
    assert 'aria-describedby="stop-send_notice"' in html
    assert "the earliest date is 2026-03-06 (Friday)" in html
    response = as_(convened["liaison"]).post(act(convened, "send_notice"))
    assert response.status_code == 422
    assert 'data-code="15/notice-too-short"' in page_text(response)


def test_it_is_offered_again_only_for_seats_that_lack_it(convened):
    convened.do("vacate_seat", seat=3)
    convened.do("send_notice")
    assert "Send the notice" not in look(convened["liaison"], "meeting", convened.meeting.pk)
    convened.do("fill_seat", seat=3, holder=convened["deputy3"])
    assert "Send the notice" in look(convened["liaison"], "meeting", convened.meeting.pk)
    page = look(convened["liaison"], "meeting-act", convened.meeting.pk, "send_notice")
    assert re.findall(r'name="paper" value="(\d)"', page) == ["3"]


def test_what_keeps_the_meeting_from_opening_is_told_in_words(convened):
    html = look(convened["chair"], "notice", convened.meeting.pk)
    assert "Not ready to open" in html
    assert "Notice of this meeting has not been delivered to every seat" in html
    convened.do("send_notice")
    convened.do("change_meeting", place="Room 9")
    assert "that notice no longer counts" in look(convened["chair"], "notice", convened.meeting.pk)
    convened.do("send_notice")
    convened.travel(MEETING)
    convened.sign_in("chair", "seat2")
    html = look(convened["chair"], "notice", convened.meeting.pk)
    assert "not every seat" in html.lower() or "20(1)" in html
    convened.sign_in("seat3")
    html = look(convened["chair"], "notice", convened.meeting.pk)
    assert "Ready to open" in html


def test_who_acknowledged_and_when_is_shown(noticed):
    assert "Acknowledge the notice" in look(noticed["seat2"], "meeting", noticed.meeting.pk)
    send(noticed, "acknowledge", "seat2")
    assert "Acknowledge the notice" not in look(noticed["seat2"], "meeting", noticed.meeting.pk)
    html = look(noticed["liaison"], "notice", noticed.meeting.pk)
    assert f"acknowledged by {noticed['seat2'].display_name}" in html
    assert "1 of 3 receipts" in html


def test_telephones_are_for_chair_and_liaison_alone(noticed):
    phone = noticed.now(noticed["seat2"]).phone
    assert phone
    for handle in COMMITTEE:
        shown = f"tel:{phone}" in look(noticed[handle], "notice", noticed.meeting.pk)
        assert shown is (handle in {"chair", "liaison"}), handle


# -- Reasons and seats ------------------------------------------------------------------------------


def test_cancelling_needs_a_reason_beside_its_field(convened):
    response = as_(convened["chair"]).post(act(convened, "cancel_meeting"), {"reason": "…"})
    assert response.status_code == 422
    assert 'data-code="15/reason-required"' in page_text(response)
    assert convened.meeting_state == "convened"


def test_an_acting_chair_holds_another_filled_seat(convened):
    page = look(convened["head_office"], "meeting-act", convened.meeting.pk, "appoint_acting_chair")
    assert re.findall(r'<option value="(\d)"', page) == ["2", "3"]
    response = as_(convened["head_office"]).post(act(convened, "appoint_acting_chair"), {"seat": "1"})
    assert response.status_code == 422
    assert Meeting.objects.get(pk=convened.meeting.pk).acting_seat is None


# -- Minutes ----------------------------------------------------------------------------------------


def minutes(stage):
    return Minutes.objects.get(meeting=stage.meeting)


def test_the_draft_stands_beside_the_record_and_says_what_is_missing(closed):
    page = look(closed["liaison"], "meeting-act", closed.meeting.pk, "draft_minutes")
    assert "Carried: 3 for (2 needed)" in page
    assert "Item 1: no opinion is recorded for seats 1, 2, 3." in page
    assert "no vote was closed" not in page


def test_an_item_taken_up_and_not_voted_on_is_told_beside_the_draft(taken_up):
    taken_up.do("close_meeting")
    page = look(taken_up["liaison"], "meeting-act", taken_up.meeting.pk, "draft_minutes")
    assert "Item 1: no vote was closed." in page


@pytest.mark.article("21")
def test_the_password_is_asked_again(minuted):
    give_password(minuted, "chair")
    for wrong in ("", "another password"):
        response = send(minuted, "sign_minutes", "chair", password=wrong)
        html = page_text(response)
        assert response.status_code == 422
        assert 'id="id_password_error"' in html
        assert "another password" not in html
    assert minutes(minuted).state == "drafted"


def test_the_password_of_somebody_else_signs_nothing(minuted):
    give_password(minuted, "seat2")
    assert send(minuted, "sign_minutes", "chair", password=PASSWORD).status_code == 422
    assert minutes(minuted).state == "drafted"


@pytest.mark.article("21")
def test_what_is_signed_is_what_was_shown(minuted):
    give_password(minuted, "chair")
    page = look(minuted["chair"], "meeting-act", minuted.meeting.pk, "sign_minutes")
    assert f'name="digest" value="{minutes(minuted).digest}"' in page
    assert f"<code>{minutes(minuted).digest[:8]}</code>" in page
    minuted.do("amend_minutes", narrative="Slipped in after reading.")
    shown = re.search(r'name="digest" value="(\w+)"', page)[1]
    response = as_(minuted["chair"]).post(
        act(minuted, "sign_minutes"), {"digest": shown, "password": PASSWORD}
    )
    html = page_text(response)
    assert response.status_code == 409
    assert "The minutes were changed after this page was shown" in html
    assert "Slipped in after reading." in html
    assert f'name="digest" value="{minutes(minuted).digest}"' in html
    assert minutes(minuted).state == "drafted"
    assert as_(minuted["chair"]).post(act(minuted, "sign_minutes"), {"password": PASSWORD}).status_code == 409


def test_of_two_who_amend_the_second_is_told_and_nothing_is_overwritten(minuted):
    page = look(minuted["liaison"], "meeting-act", minuted.meeting.pk, "amend_minutes")
    assert 'name="revision" value="1"' in page
    minuted.do("amend_minutes", narrative="The first one's words.")
    client, given = as_(minuted["liaison"]), {"narrative": "The second one's words."}
    for over in ({}, {"revision": "1"}, {"revision": "-1"}, {"revision": "9" * 40}, {"revision": "x"}):
        response = client.post(act(minuted, "amend_minutes"), {**over, **given})
        html = page_text(response)
        assert response.status_code == 409
        assert ">The second one&#x27;s words.</textarea>" in html.replace("\n", "")
        assert "<p>The first one&#x27;s words.</p>" in html
        assert "<del>first</del><ins>second</ins>" in html
        assert 'name="revision" value="2"' in html
    assert minutes(minuted).narrative == "The first one's words."
    assert client.post(act(minuted, "amend_minutes"), {"revision": "2", **given}).status_code == 302
    assert minutes(minuted).narrative == "The second one's words."


def test_what_was_typed_before_the_session_ended_is_not_saved_over_what_came_since(minuted):
    client, given = as_(minuted["liaison"]), {"narrative": "Typed long ago.", "revision": "1"}
    client.logout()
    client.post(act(minuted, "amend_minutes"), {**given, "once": "x"})
    minuted.do("amend_minutes", narrative="Since then.")
    client.force_login(minuted["liaison"], backend="django.contrib.auth.backends.ModelBackend")
    page = page_text(client.get(act(minuted, "amend_minutes")))
    hidden = dict(re.findall(r'name="(once|revision)" value="([^"]*)"', page))
    assert hidden["revision"] in ("1", "2")
    if "Typed long ago." in page:
        assert hidden["revision"] == "1"
        assert client.post(act(minuted, "amend_minutes"), {**given, **hidden}).status_code == 409
    assert minutes(minuted).narrative == "Since then."


def test_the_minutes_are_drafted_from_the_record(founded):
    founded.to("noticed").proxy()
    founded.to("seated")
    founded.step = "seated"
    founded.to("taken_up")
    founded.do("record_opinion", "seat2", text="The pledge is worth less.")
    founded.do("request_abstention", "seat2", reason="A cousin")
    founded.do("grant_abstention", seat=2)
    founded.to("closed")
    page = look(founded["liaison"], "meeting-act", founded.meeting.pk, "draft_minutes")
    (text,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    # the paper is Chinese, whatever language the liaison's page has
    chinese = look(founded["liaison"], "meeting-act", founded.meeting.pk, "draft_minutes", language="zh-hans")
    assert re.findall(r"<textarea[^>]*>(.*?)</textarea>", chinese, re.DOTALL) == [text]
    for words in (
        "代为出席。",
        "议题1：",
        "The pledge is worth less.",
        "申请弃权，经同意：A cousin。",
        "会议进行了表决",
    ):
        assert words in text
    assert "The committee voted" not in text


def test_a_draft_sent_again_with_another_text_leads_on_to_amending(closed):
    client = as_(closed["liaison"])
    where = act(closed, "draft_minutes")
    sent = dict(re.findall(r'name="(once)" value="([^"]*)"', page_text(client.get(where))))
    assert client.post(where, {**sent, "narrative": "First words."}).status_code == 302
    again = client.post(where, {**sent, "narrative": "Second words."})
    assert again.status_code == 409
    page = page_text(again)
    amend = act(closed, "amend_minutes")
    assert f'<a class="button" href="{amend}">Amend the minutes</a>' in page
    assert minutes(closed).narrative == "First words."
    form = page_text(client.get(amend))
    assert re.findall(r"<textarea[^>]*>\s*(.*?)</textarea>", form, re.DOTALL) == ["Second words."]
    hidden = dict(re.findall(r'name="(once|revision)" value="([^"]*)"', form))
    beside = client.post(amend, {**hidden, "narrative": "Second words."})
    assert beside.status_code == 409
    assert 'id="newer"' in page_text(beside)
    assert minutes(closed).narrative == "First words."
    hidden = dict(re.findall(r'name="(once|revision)" value="([^"]*)"', page_text(beside)))
    assert client.post(amend, {**hidden, "narrative": "Second words."}).status_code == 302
    assert minutes(closed).narrative == "Second words."


def test_a_draft_sent_again_after_the_signature_has_no_way_to_amend(closed):
    client = as_(closed["liaison"])
    where = act(closed, "draft_minutes")
    sent = dict(re.findall(r'name="(once)" value="([^"]*)"', page_text(client.get(where))))
    assert client.post(where, {**sent, "narrative": "First words."}).status_code == 302
    closed.do("sign_minutes")
    again = client.post(where, {**sent, "narrative": "Second words."})
    assert again.status_code == 409
    assert act(closed, "amend_minutes") not in page_text(again)


def test_the_revisions_are_read_by_who_writes_signs_and_audits(minuted):
    minuted.do("amend_minutes", narrative="What was truly said.")
    html = look(minuted["liaison"], "minutes-revisions", minuted.meeting.pk)
    assert "<ins>truly </ins>" in html
    assert html.index('id="r2"') < html.index('id="r1"')
    for handle in ("chair", "auditor", "seat2", "seat3", "head_office", "risk"):
        client = as_(minuted[handle])
        sees = handle in ("chair", "auditor")
        assert client.get(reverse("minutes-revisions", args=[minuted.meeting.pk])).status_code == (
            200 if sees else 404
        )
        link = reverse("minutes-revisions", args=[minuted.meeting.pk])
        assert (link in page_text(client.get(reverse("minutes", args=[minuted.meeting.pk])))) is sees


def test_the_acting_chair_signs_too(in_session):
    in_session.do("appoint_acting_chair", seat=2)
    in_session.do("close_meeting")
    in_session.do("draft_minutes", narrative="Said.")
    give_password(in_session, "seat2")
    assert send(in_session, "sign_minutes", "seat2", password=PASSWORD).status_code == 302


# -- The file ---------------------------------------------------------------------------------------


@pytest.mark.article("12.6")
@pytest.mark.parametrize(
    ("step", "missing"),
    [("closed", 4), ("minuted", 4), ("signed", 3), ("distributed", 2), ("reported", 1), ("papered", 0)],
)
def test_the_checklist_tells_beforehand_what_archiving_would_refuse(request, step, missing):
    stage = request.getfixturevalue(step)
    page = look(stage["liaison"], "archive-file", stage.meeting.pk)
    assert page.count("lozenge-stopped") == missing
    response = as_(stage["liaison"]).post(act(stage, "archive"))
    assert response.status_code == (302 if missing == 0 else 409)
    assert ArchiveFile.objects.filter(meeting=stage.meeting).exists() is (missing == 0)
    if missing:
        assert 'data-code="12.6/archive-incomplete"' in page_text(response)


def test_unsigned_minutes_are_told_where_they_stop_something(minuted):
    html = look(minuted["liaison"], "meeting", minuted.meeting.pk)
    assert 'aria-describedby="stop-distribute"' in html
    assert 'aria-describedby="stop-report_decisions"' in html
    assert as_(minuted["liaison"]).post(act(minuted, "distribute")).status_code == 409


# -- Who reads which paper --------------------------------------------------------------------------


def test_the_papers_are_read_by_those_who_see_the_whole_meeting(archived):
    for name in ("notice", "minutes", "report", "archive-file"):
        assert seeing(archived, name, archived.meeting.pk) == COMMITTEE | {"credit"}, name


def test_before_there_is_a_paper_there_is_no_page(convened):
    for name in ("minutes", "report", "archive-file"):
        assert seeing(convened, name, convened.meeting.pk) == set(), name
    assert seeing(convened, "notice", convened.meeting.pk) == COMMITTEE


def test_a_proxy_sees_the_meeting_but_not_its_papers(noticed):
    noticed.proxy()
    assert status(noticed["deputy3"], "meeting", noticed.meeting.pk) == 200
    assert status(noticed["deputy3"], "notice", noticed.meeting.pk) == 404


def test_extracts_are_ways_for_those_who_may_read_them(distributed):
    extract = Copy.objects.get(minutes=minutes(distributed), full=False)
    reading = set()
    for handle in COMMITTEE | {"credit"}:
        page = look(distributed[handle], "minutes", distributed.meeting.pk)
        linked = reverse("copy", args=[extract.pk]) in page
        assert linked is (status(distributed[handle], "copy", extract.pk) == 200), handle
        reading |= {handle} if linked else set()
    assert reading


def test_head_office_receives_with_one_click(reported):
    page = look(reported["head_office"], "report", reported.meeting.pk)
    assert f'<form method="post" action="{act(reported, "receive_report")}">' in page
    send(reported, "receive_report", "head_office")
    assert Report.objects.get(meeting=reported.meeting).received_by == reported["head_office"]
    assert "Receive the report" not in look(reported["head_office"], "report", reported.meeting.pk)


def one_and_three_items():
    """Two meetings of one bank at each step: of one item and of three."""
    stage = Stage().to("filed")
    stage.few = stage.convene(stage.proposal)
    stage.many = stage.convene(*(stage.another(f"D-{each}") for each in range(3)))
    stage.travel(MEETING)
    return stage


one_and_three = stages("one_and_three", one_and_three_items)


def _to_minuted(stage, meeting):
    for handle in stage.seats:
        stage.do("sign_in", handle, on=meeting)
    stage.do("open_meeting", on=meeting)
    stage.do("close_meeting", on=meeting)
    stage.do("draft_minutes", on=meeting, narrative="Said.")


@pytest.mark.parametrize(
    "name", ["notice", "send_notice", "minutes", "sign_minutes", "archive-file", "meeting"]
)
def test_no_statement_for_each_item(one_and_three, name):
    stage, counts = one_and_three, []
    stage.travel(START)
    for meeting in (stage.few, stage.many):
        if name != "send_notice":
            stage.do("send_notice", on=meeting)
    stage.travel(MEETING)
    for meeting in (stage.few, stage.many):
        if name not in {"send_notice", "notice"}:
            _to_minuted(stage, meeting)
        person = stage["chair" if name in {"notice", "sign_minutes"} else "liaison"]
        if "_" in name:
            stage.travel(START if name == "send_notice" else MEETING)
            counts.append(len(queries(person, "meeting-act", meeting.pk, name)))
        else:
            counts.append(len(queries(person, name, meeting.pk)))
    assert counts[0] == counts[1]
    assert counts[0] <= MOST


def test_the_minutes_have_the_acts_on_them_beside_them(minuted):
    def beside(handle):
        html = look(minuted[handle], "minutes", minuted.meeting.pk)
        return {verb for verb in ("sign_minutes", "amend_minutes") if act(minuted, verb) in html}

    assert beside("chair") == {"sign_minutes"}
    assert beside("liaison") == {"amend_minutes"}
    assert beside("seat2") == set()


def test_whoever_amends_goes_on_from_what_is_written(minuted):
    html = look(minuted["liaison"], "meeting-act", minuted.meeting.pk, "amend_minutes")
    assert f">\n{minutes(minuted).narrative}</textarea>" in html


def test_distributing_shows_to_whom_it_goes_and_each_copy_before_it_is_sent(signed):
    html = look(signed["liaison"], "meeting-act", signed.meeting.pk, "distribute")
    assert str(signed["handler"].unit) in html
    assert "Carried: 3 for (2 needed)" in html
    extract = html.partition('id="extracts"')[2].partition("</section>")[0]
    assert not any(signed[handle].display_name in extract for handle in signed.seats)
    for unit in signed["seat2"].unit, signed["seat3"].unit:
        assert str(unit) in html
    assert not Copy.objects.filter(minutes__meeting=signed.meeting).exists()
