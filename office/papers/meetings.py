"""The notice for a seat, the authorisation of a proxy, the attendance sheet (Art. 11, 15, 16, 20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from committee.agenda import expected_end
from committee.models import Attendance, Delivery, Meeting, Notice, Proxy, Seat
from documents.content import Block, Column, Content, Fields, Note, SignatureLine, Signatures, Table, Text
from office.papers.wording import Sheet
from proposals.models import Tabling


def notice(sheet: Sheet, delivery: Delivery) -> Content:
    """The notice as it was sent to the holder of one seat."""
    say, sent = sheet.say, delivery.notice
    meeting = sent.meeting
    stated = list(sent.stated.select_related("item__unit").order_by("item__number", "item__pk"))
    plans = {
        row.item_id: row.proposal
        for row in Tabling.objects.filter(item__in=[row.item_id for row in stated]).select_related(
            "proposal__committee"
        )
    }
    items = [
        say(
            "“{title}” ({plan}), handled by {unit}{lasts};",
            "审议“{title}”（{plan}），经办机构：{unit}{lasts}；",
            title=row.item.title,
            plan=plans[row.item_id].written_number,
            unit=row.item.unit.name,
            lasts=say(", {minutes} minutes", "，预计{minutes}分钟", minutes=row.minutes)
            if row.minutes
            else "",
        )
        for row in stated
    ]
    recipient = delivery.recipient.display_name
    return sheet.content(
        say("Notice of meeting {number}", "关于召开{number}会议的通知", number=meeting.written_number),
        _notice_blocks(sheet, sent, items, ends=expected_end(sent.at, [row.minutes for row in stated])),
        to=say(
            "To: {name}, {seat}",
            "{seat}{name}：",
            name=recipient,
            seat=say.seat(delivery.seat.number, delivery.seat.post),
        ),
        attachments=[
            say("Materials: {title}", "{title}（会议材料）", title=row.item.title) for row in stated
        ],
        signature=sheet.signature(sheet.office, on=sent.sent_at),
        issued=sheet.issued(sent.sent_at),
    )


def _notice_blocks(sheet: Sheet, sent: Notice, items: Sequence[str], *, ends: datetime | None) -> list[Block]:
    """Time, place, agenda, the reason of an emergency, what was added, and what is asked."""
    say, meeting = sheet.say, sent.meeting
    blocks: list[Block] = [
        Text(
            text=say(
                "The chair has convened {kind} under Articles 9, 15 and 16 of the joint-committee"
                " regulation. The"
                " particulars are as follows.",
                "根据《不良贷款清收化解联席会议制度》第九条、第十五条、第十六条，主任委员决定召集{kind}。"
                "现将有关事项通知如下：",
                kind=say("an emergency meeting", "紧急会议")
                if meeting.emergency
                else say("a meeting", "联席会议"),
            )
        ),
        say.heading(1, "Time", "会议时间"),
        Text(
            text=say(
                "{at}, expected to end at about {ends}.",
                "{at}，预计{ends}左右结束。",
                at=say.moment(sent.at),
                ends=say.hour(ends),
            )
            if ends
            else say("{at}.", "{at}。", at=say.moment(sent.at))
        ),
        say.heading(2, "Place", "会议地点"),
        Text(text=sent.place),
        say.heading(3, "Agenda", "会议议题"),
        *(Text(text=say.item(number, line)) for number, line in enumerate(items, 1)),
    ]
    if meeting.emergency:
        blocks.append(say.heading(4, "Reason of the emergency", "紧急情况说明"))
        blocks.append(Text(text=say.ended(meeting.emergency_reason)))
    asked = say(
        "Please read the materials delivered with this notice before the meeting and acknowledge its receipt."
        " Whoever cannot attend authorises a proxy in writing before the vote (Article 11).",
        "请于会前审阅随本通知送达的会议材料，并及时签收；因故不能出席的，应当在表决开始前书面委托代理人"
        "（第十一条）。",
    )
    blocks += [
        say.heading(5 if meeting.emergency else 4, "What is asked of you", "有关要求"),
        *(Text(text=line) for line in sent.text.splitlines() if line.strip()),
        Text(text=asked),
    ]
    return blocks


def proxy(sheet: Sheet, given: Proxy) -> Content:
    """The written authorisation, with its scope as recorded and its text as delivered."""
    say, meeting = sheet.say, given.meeting
    powers = say.joined(say.choices(Proxy.Power, power) for power in given.powers)
    items = [f"{item.number}. {item.title}" for item in given.items.order_by("number", "pk")]
    runs = say(
        "from {day} until the meeting closes", "自{day}起至会议结束止", day=say.day(given.authorised_at)
    )
    seat = say.seat(given.seat.number, given.seat.post)
    rows = [
        [say("Principal", "委托人"), say.joined([given.principal.display_name, seat], "，")],
        [
            say("Holder", "受托人"),
            say.joined([given.holder.display_name, str(given.holder.unit or "")], "，"),
        ],
        [say("Meeting", "会议"), say.joined([meeting.written_number, say.moment(meeting.at)], "，")],
        [say("Items", "委托议题"), "\n".join(items)],
        [say("Powers", "委托权限"), powers],
        [say("Runs", "委托期限"), runs],
        *_ended(sheet, given),
    ]
    return sheet.content(
        say("Proxy authorisation", "授权委托书"),
        [
            Fields(head=[say("Matter", "项目"), say("Entry", "内容")], rows=rows),
            Text(text=given.document),
            Signatures(
                rows=[
                    SignatureLine(label=say("Principal:", "委托人："), name=given.principal.display_name),
                    SignatureLine(label=say("Holder:", "受托人："), name=given.holder.display_name),
                ]
            ),
        ],
        signature=sheet.signature(on=given.authorised_at),
    )


def _ended(sheet: Sheet, given: Proxy) -> list[list[str]]:
    """How the authorisation ended before its time, if it did."""
    say = sheet.say
    if given.revoked_at:
        return [[say("Revoked", "撤销"), say.moment(given.revoked_at)]]
    if given.ended_at:
        why = say.choices(Proxy.Ended, given.ended_why)
        return [[say("Ended", "终止"), f"{say.moment(given.ended_at)} {why}"]]
    return []


def attendance(sheet: Sheet, meeting: Meeting) -> Content:
    """Every seat with who signed in for it, how and when."""
    say = sheet.say
    came = list(meeting.attendances.select_related("seat", "person").order_by("seat__number", "signed_in_at"))
    seats = list(
        Seat.objects.filter(committee=meeting.committee_id, number__lte=meeting.regulation.seat_count)
        .select_related("holder")
        .order_by("number")
    )
    head = [
        [say("Meeting", "会议"), meeting.written_number],
        [say("Time", "时间"), say.moment(meeting.opened_at or meeting.at)],
        [say("Place", "地点"), meeting.place],
    ]
    counted = say(
        "{all} members due, {came} represented, of them {proxies} by proxy.",
        "应到委员{all}名，实到{came}名，其中委托代理{proxies}名。",
        all=len(seats),
        came=len({row.seat_id for row in came}),
        proxies=len({row.seat_id for row in came if row.proxy_id}),
    )
    liaison = getattr(meeting.committee.liaison, "display_name", "")
    return sheet.content(
        say("Attendance sheet", "会议签到表"),
        [
            Fields(head=[say("Matter", "项目"), say("Entry", "内容")], rows=head),
            _roll(sheet, seats, came),
            Text(text=counted),
            *_observers(sheet, meeting),
            Signatures(rows=[SignatureLine(label=say("Recorded by:", "记录："), name=liaison)]),
        ],
    )


def _roll(sheet: Sheet, seats: Sequence[Seat], came: Sequence[Attendance]) -> Table:
    """A row for each who signed in for a seat, and one for a seat for which nobody did."""
    say = sheet.say
    rows: list[list[str]] = []
    for seat in seats:
        of_seat = [_attended(sheet, seat, row) for row in came if row.seat_id == seat.pk]
        rows += of_seat or [[str(seat.number), seat.post, say("absent", "未签到"), "", "", ""]]
    return Table(
        columns=[
            Column(name=say("Seat", "席位"), width=0, align="center"),
            Column(name=say("Post", "岗位"), width=3),
            Column(name=say("Signed in by", "签到人"), width=3),
            Column(name=say("Mode", "方式"), width=2, align="center"),
            Column(name=say("In", "签到时间"), width=2, align="center"),
            Column(name=say("Out", "签退时间"), width=2, align="center"),
        ],
        rows=rows,
    )


def _observers(sheet: Sheet, meeting: Meeting) -> list[Block]:
    """A remark with the observers of each item, if there were any."""
    say = sheet.say
    found = [
        say(
            "{name} ({unit}, item {item})",
            "{name}（{unit}，第{item}项议题）",
            name=observer.person.display_name,
            unit=item.unit.name,
            item=item.number or "—",
        )
        for item in meeting.items.select_related("unit", "observer__person").order_by("number", "pk")
        if (observer := getattr(item, "observer", None)) is not None
    ]
    return [Note(text=say("Observers: {all}", "列席：{all}", all=say.joined(found)))] if found else []


def _attended(sheet: Sheet, seat: Seat, row: Attendance) -> list[str]:
    say = sheet.say
    name = row.person.display_name
    return [
        str(seat.number),
        seat.post,
        say("{name} (proxy)", "{name}（代理）", name=name) if row.proxy_id else name,
        say.choices(Attendance.Mode, row.mode),
        say.hour(row.signed_in_at),
        say.hour(row.signed_out_at),
    ]
