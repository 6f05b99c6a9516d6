"""Templates of texts: what an office begins with, and what was sent keeps."""

import pytest
from django.urls import reverse

from audit.models import Entry
from committee.models import Message, Notice
from office.models import Minutes
from office.papers import meetings
from office.papers.wording import Sheet, voice_of
from pages.inbox import mailing
from pages.models import TextTemplate
from tests.page_text import page_text
from tests.pages.pages import as_, look
from tests.stage import said


def keep(stage, by="liaison", **given):
    """What the page answers to a template."""
    return as_(stage[by]).post(reverse("text-templates", args=[stage.committee.pk]), given)


def template(stage, kind, text, name="甲"):
    assert keep(stage, kind=kind, name=name, text=text).status_code == 302
    return TextTemplate.objects.get(kind=kind, name=name)


def act(stage, verb):
    return reverse("meeting-act", args=[stage.meeting.pk, verb])


def typed(html, name):
    """What stands in the field of this name."""
    return html.split(f'name="{name}"', 1)[1].split(">", 1)[1].split("<", 1)[0].strip()


def test_only_the_liaison_keeps_templates(founded):
    assert keep(founded, kind="place", name="甲", text="三楼会议室").status_code == 302
    assert keep(founded, by="chair", kind="place", name="乙", text="三楼会议室").status_code == 403
    assert TextTemplate.objects.get().saved_by == founded["liaison"]


def test_the_same_name_is_replaced_and_one_can_be_erased(founded):
    first = template(founded, "notice", "请携带身份证件。")
    assert template(founded, "notice", "请携带工作证。").pk == first.pk
    assert TextTemplate.objects.get().text == "请携带工作证。"
    shown = look(founded["liaison"], "text-templates", founded.committee.pk, change=first.pk)
    assert "请携带工作证。" in shown.partition('id="form"')[2]
    keep(founded, erase=first.pk)
    assert not TextTemplate.objects.exists()


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("place", "三楼\n会议室", "A place is one line"),
        ("place", "三" * 201, "A place is one line"),
        ("notice", "请于{开会时间}到场。", "Nothing fills {开会时间}"),
        ("notice", "见{record}。", "Nothing fills {record}"),
    ],
)
def test_what_would_not_fit_is_told_and_stays_typed(founded, kind, text, told):
    response = keep(founded, kind=kind, name="甲", text=text)
    assert response.status_code == 422
    assert told in page_text(response)
    assert text.splitlines()[0] in response.content.decode()
    assert not TextTemplate.objects.exists()


def test_places_of_templates_are_offered_where_a_meeting_is_convened(filed):
    template(filed, "place", "总行十二楼会议室")
    html = look(filed["chair"], "convene", filed.committee.pk)
    assert '<option value="总行十二楼会议室">' in html


def test_a_notice_begins_with_a_template_filled_from_the_meeting(convened):
    template(convened, "notice", "会议编号：｛会议编号｝。请于{会议时间}前到{place}。")
    other = template(convened, "notice", "视频接入号另行通知。", name="辛")
    client = as_(convened["liaison"])
    begun = typed(client.get(act(convened, "send_notice")).content.decode(), "text")
    number = convened.meeting.written_number
    assert begun == f"会议编号：{number}。请于2026年3月5日（星期四）14:00前到Room 3。"
    chosen = client.get(act(convened, "send_notice"), {"template": other.pk}).content.decode()
    assert typed(chosen, "text") == "视频接入号另行通知。"
    assert typed(client.get(act(convened, "send_notice"), {"template": "0"}).content.decode(), "text") == ""


def test_a_notice_keeps_the_text_it_was_sent_with(convened):
    kept = template(convened, "notice", "请携带工作证。")
    as_(convened["liaison"]).post(act(convened, "send_notice"), {"text": "请携带工作证。"})
    notice = Notice.objects.get(meeting=convened.meeting)
    template(convened, "notice", "请携带身份证件。")
    assert TextTemplate.objects.get().pk == kept.pk
    assert "请携带工作证。" in look(convened["seat2"], "notice", convened.meeting.pk)
    (delivery, *_others) = notice.deliveries.all()
    say = voice_of(convened.committee, "zh-hans")
    sheet = Sheet(kind="notice", say=say, committee=convened.committee, number="", at=notice.sent_at)
    lines = [getattr(block, "text", "") for block in meetings.notice(sheet, delivery).blocks]
    assert "请携带工作证。" in lines
    assert "请携带身份证件。" not in lines
    entry = Entry.objects.get(stream=convened.meeting.stream, action="send_notice")
    assert said(entry)["text"] == "请携带工作证。"


def test_a_notice_that_is_sent_again_is_not_reworded(noticed):
    template(noticed, "notice", "请携带工作证。")
    noticed.do("replace_holder", seat=2, holder=noticed["outsider"])
    client = as_(noticed["liaison"])
    html = client.get(act(noticed, "send_notice")).content.decode()
    assert 'name="text"' not in html
    client.post(act(noticed, "send_notice"), {"text": "请携带工作证。"})
    assert Notice.objects.get(meeting=noticed.meeting).text == ""


def test_the_narrative_begins_with_a_template_around_what_is_drawn_from_the_record(closed):
    client = as_(closed["liaison"])
    drawn = typed(client.get(act(closed, "draft_minutes")).content.decode(), "narrative")
    template(closed, "narrative", "会议由主任委员主持。\n{会议记录}\n会议认为应当依法清收。")
    begun = typed(client.get(act(closed, "draft_minutes")).content.decode(), "narrative")
    assert begun == f"会议由主任委员主持。\n{drawn}\n会议认为应当依法清收。"
    alone = client.get(act(closed, "draft_minutes"), {"template": "0"}).content.decode()
    assert typed(alone, "narrative") == drawn
    template(closed, "narrative", "会议由主任委员主持。")
    followed = typed(client.get(act(closed, "draft_minutes")).content.decode(), "narrative")
    assert followed == f"会议由主任委员主持。\n\n{drawn}"
    client.post(act(closed, "draft_minutes"), {"narrative": "另行起草。"})
    assert Minutes.objects.get().narrative == "另行起草。"


# -- The mail before it goes ------------------------------------------------------------------------


def test_the_liaison_reads_each_mail_before_the_notice_is_sent(convened, mailoutbox):
    before = page_text(as_(convened["liaison"]).get(reverse("mail-before", args=[convened.meeting.pk])))
    for handle in convened.seats:
        assert convened[handle].email in before
    assert not mailoutbox
    as_(convened["liaison"]).post(act(convened, "send_notice"), {})

    for row in Message.objects.filter(kind="send_notice", about=convened.meeting.subject):
        mailing.send(row.pk)
    assert len(mailoutbox) == len(convened.seats)
    for sent in mailoutbox:
        assert sent.subject in before
        told = next(line for line in sent.body.splitlines() if "Room 3" in line)
        assert told in before


def test_whoever_has_no_address_is_told_in_the_inbox_alone(convened):
    seat2 = convened.now(convened["seat2"])
    seat2.email = ""
    seat2.save()
    before = page_text(as_(convened["liaison"]).get(reverse("mail-before", args=[convened.meeting.pk])))
    assert "no address: in the inbox alone" in before


def test_once_all_have_the_notice_nothing_is_mailed(noticed):
    before = page_text(as_(noticed["liaison"]).get(reverse("mail-before", args=[noticed.meeting.pk])))
    assert "Nobody is mailed" in before
    assert noticed["seat2"].email not in before
