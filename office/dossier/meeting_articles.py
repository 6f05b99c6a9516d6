"""The articles about the committee and its meeting: seats, liaison, chair, notice, debate, regulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from committee.models import AgendaItem, Notice, RegulationVersion, Seat
from committee.period import last_day
from office.dossier.case import Case, LogEntry
from office.dossier.findings import Check, judged, not_applied, not_due, not_held, noted, without_name
from regulation.text import has_content
from voting.models import Vote

#: acts that only whoever presides does, and that only the liaison does
CHAIRED = ("convene", "open_meeting", "take_up", "open_vote", "close_meeting", "sign_minutes")
KEPT = (
    "shortlist",
    "send_notice",
    "close_vote",
    "draft_minutes",
    "distribute",
    "report_decisions",
    "archive",
)


def seats(case: Case) -> Iterator[Check]:
    """Art. 3: the vote was had by exactly the seats of the version, one of them the chair's."""
    numbers = [row.number for row in case.vote_seats]
    wanted = list(range(1, case.meeting.regulation.seat_count + 1))
    yield judged(
        numbers == wanted,
        (
            "The vote was had by all {count} seats, the chair's among them.",
            "{count}个席位（含主任委员席位）全部参加表决。",
        ),
        (
            "The vote was had by the seats {numbers}; the regulation in force has {count}.",
            "参加表决的席位为{numbers}；现行版本规定{count}个席位。",
        ),
        count=len(wanted),
        numbers=without_name(numbers) or "—",
    )


def members(case: Case) -> Iterator[Check]:
    """Art. 4: each seat had a post and one holder by the roster, and nobody held two."""
    opened = case.vote.opened_at if case.vote is not None else case.resolution.closed_at
    twice = [str(row.holder) for row in case.vote_seats if _times(case, row.holder_id) > 1]
    yield judged(
        bool(case.vote_seats) and not twice and all(has_content(row.post) for row in case.vote_seats),
        ("Each seat had a post and a holder of its own.", "每一席位均载明职务，且一人一席。"),
        (
            "A seat has no post, or one person held two: {twice}.",
            "有席位未载明职务，或一人占有两席：{twice}。",
        ),
        twice=twice or "—",
    )
    others = [row.number for row in case.vote_seats if case.holder_at(row.number, opened) != row.holder_id]
    yield judged(
        not others,
        ("The roster has the same holders for {at}.", "委员名册所载{at}的任职人与表决席位一致。"),
        (
            "The roster has other holders for {at} of the seats {others}.",
            "委员名册所载{at}的任职人与表决席位不一致：{others}号席位。",
        ),
        at=opened,
        others=without_name(others),
    )


def _times(case: Case, holder: int) -> int:
    return Counter(row.holder_id for row in case.vote_seats)[holder]


def liaison(case: Case) -> Iterator[Check]:
    """Art. 5: one liaison, by the terms the one who counted, who held no seat and no proxy."""
    vote = case.vote
    if vote is None or vote.closed_by_id is None or vote.closed_at is None:
        yield not_held("Nobody is recorded as having counted the vote.", "没有计票人的记录。")
        return
    yield judged(
        vote.closed_by_id in case.liaison_at(vote.closed_at),
        ("Counted by the acting liaison, {who}.", "由时任联络员{who}计票。"),
        ("Counted by {who}, who was not the acting liaison.", "计票人{who}并非时任联络员。"),
        who=str(vote.closed_by),
    )
    voters = {row.holder_id for row in case.vote_seats} | {ballot.person_id for ballot in case.ballots}
    holding = {proxy.holder_id for proxy in case.proxies if case.stands(proxy, vote.closed_at)}
    yield judged(
        vote.closed_by_id not in voters | holding,
        ("The liaison held neither a seat nor a proxy.", "联络员未担任委员，也未受托代理。"),
        ("{who} counted the vote and held a seat or a proxy.", "{who}既计票，又担任委员或代理人。"),
        who=str(vote.closed_by),
    )


def chair(case: Case) -> Iterator[Check]:
    """Art. 9: what is the chair's was done by whoever presided, signed in; the chair had one ballot."""
    wrong = [entry for entry in case.entries(*CHAIRED) if not _presided(case, entry)]
    yield judged(
        not wrong,
        (
            "Convening, opening, taking up, vote, closing and signature are the chair's in the log.",
            "日志显示召集、开会、开始审议、启动表决、散会及签发均由主持人办理。",
        ),
        ("Not done by whoever presided: entries {which}.", "下列事项并非由主持人办理：{which}。"),
        which=[f"{entry.row.stream} {entry.row.seq}" for entry in wrong],
    )
    vote = case.vote
    if vote is None:
        yield not_held("There is no vote that the chair opened.", "没有主持人启动的表决。")
        return
    seat_ids = [row.seat_id for row in case.vote_seats if row.holder_id == vote.opened_by_id]
    yield judged(
        vote.opened_by_id in case.presiding_at(vote.opened_at)
        and any(case.was_there(vote.opened_by_id, seat, vote.opened_at) for seat in seat_ids),
        ("{who} presided and was signed in when the vote opened.", "启动表决时主持人{who}已签到在场。"),
        (
            "{who}, who opened the vote, did not preside or was not signed in.",
            "启动表决的{who}并非主持人，或当时未签到在场。",
        ),
        who=str(vote.opened_by),
    )
    yield _one_ballot(case)


def _one_ballot(case: Case) -> Check:
    """Whether the chair's seat has one ballot, and no casting vote beside."""
    own = [ballot for ballot in case.ballots if ballot.seat.number == Seat.CHAIR]
    return judged(
        len(own) == 1,
        ("The chair's seat has one ballot.", "主任委员席位只投一票。"),
        ("Ballots of the chair's seat: {count}.", "主任委员席位有{count}张表决票。"),
        count=len(own),
    )


def _presided(case: Case, entry: LogEntry) -> bool:
    """Whether the one who acted was the chair at that moment, or, but for convening, the acting chair."""
    at = entry.row.at
    allowed = {case.holder_at(Seat.CHAIR, at)} if entry.action == "convene" else case.presiding_at(at)
    return entry.row.actor in map(str, allowed)


def keeping(case: Case) -> Iterator[Check]:
    """Art. 12: what is the liaison's was done by the liaison of that moment; the file is complete."""
    wrong = [entry for entry in case.entries(*KEPT) if not _kept(case, entry)]
    yield judged(
        not wrong,
        (
            "Screening, notice, count, minutes, distribution and report are the acting liaison's in the log.",
            "日志显示筛选、通知、计票、纪要、印发及报告均由时任联络员办理。",
        ),
        ("Not done by the acting liaison: entries {which}.", "下列事项并非由时任联络员办理：{which}。"),
        which=[f"{entry.row.stream} {entry.row.seq}" for entry in wrong],
    )
    lacking = [words for words, there in _parts(case) if not there]
    if not case.archives:
        yield _not_archived(lacking)
        return
    yield judged(
        not lacking and case.meeting.archived_at is not None,
        ("The file is archived and has every part.", "会议档案已归档，各部分齐全。"),
        (
            "The file was archived, and parts are missing: {english}.",
            "档案已归档，但缺少：{chinese}。",
        ),
        english=", ".join(english for english, _ in lacking),
        chinese="、".join(chinese for _, chinese in lacking),
    )


def _not_archived(lacking: list[tuple[str, str]]) -> Check:
    return not_due(
        "The file is not archived yet; so far it lacks: {english}.",
        "会议档案尚未归档；目前缺少：{chinese}。",
        english=", ".join(english for english, _ in lacking) or "nothing",
        chinese="、".join(chinese for _, chinese in lacking) or "无",
    )


def _kept(case: Case, entry: LogEntry) -> bool:
    return entry.row.actor in {str(pk) for pk in case.liaison_at(entry.row.at)}


def _parts(case: Case) -> Iterator[tuple[tuple[str, str], bool]]:
    """What Art. 12.6 asks for, each with whether it is there."""
    minutes = case.original
    yield ("docket and filing", "拟上会名单及备案"), bool(case.filed)
    yield ("notice", "会议通知"), case.notice is not None
    yield ("attendance", "签到"), bool(case.attendances)
    yield ("ballots", "表决票"), len(case.ballots) == case.meeting.regulation.seat_count
    yield ("signed minutes", "生效的会议纪要"), minutes is not None and minutes.signed_at is not None
    yield ("distribution", "印发"), bool(case.copies)
    yield ("report to head office", "向总行报告"), bool(case.reports)


def notice_period(case: Case) -> Iterator[Check]:
    """Art. 15: a notice of this time and these items was sent in time; an emergency has a reason."""
    meeting, current = case.meeting, case.notice
    if meeting.emergency:
        yield judged(
            has_content(meeting.emergency_reason),
            ("An emergency meeting, with its reason: {reason}", "紧急会议，理由：{reason}"),
            ("An emergency meeting without a reason.", "紧急会议，但未载明理由。"),
            reason=meeting.emergency_reason,
        )
        return
    if current is None:
        yield not_held("No notice was current when the meeting opened.", "会议开始时没有有效的会议通知。")
        return
    last = last_day(meeting.at, meeting.regulation.notice_days, case.committee.tz)
    first = min(row.sent_at for row in _alike(case, current))
    yield judged(
        first.astimezone(case.committee.tz).date() <= last and current.sent_at <= meeting.at,
        (
            "Sent {first}; the last day for it was {last} ({days} days before the meeting).",
            "通知发出时间：{first}；最迟应于{last}（会前{days}日）发出。",
        ),
        (
            "Sent {first}, too late: the last day for it was {last} ({days} days before the meeting).",
            "通知发出时间：{first}，逾期：最迟应于{last}（会前{days}日）发出。",
        ),
        first=first,
        last=last,
        days=meeting.regulation.notice_days,
    )


def _alike(case: Case, current: Notice) -> list[Notice]:
    """The notices that state the same time and items, of which the first keeps the period."""
    items = {row.pk: _items_of(case, row, at=current.sent_at) for row in case.notices}
    return [row for row in case.notices if (row.at, items[row.pk]) == (current.at, items[current.pk])]


def _items_of(case: Case, notice: Notice, *, at: datetime) -> frozenset[int]:
    """The items stated, without those withdrawn by then: they leave an earlier notice as it was."""
    return frozenset(
        row.item_id
        for row in case.notice_items
        if row.notice_id == notice.pk and not _withdrawn(row.item, at)
    )


def _withdrawn(item: AgendaItem, at: datetime) -> bool:
    return item.left_why == AgendaItem.Left.WITHDRAWN and item.left_at is not None and item.left_at <= at


def delivery(case: Case) -> Iterator[Check]:
    """Art. 16, its first half: a current notice of time and place had reached every seat at the opening."""
    meeting, current, opened = case.meeting, case.notice, case.meeting.opened_at
    if current is None or opened is None:
        yield not_held(
            "The meeting has no opening on a current notice.", "会议没有在有效通知基础上的开会记录。"
        )
        return
    yield judged(
        (current.at, current.place) == (meeting.at, meeting.place),
        (
            "Notice {number} states the meeting's time and place.",
            "第{number}号通知载明的时间、地点与会议一致。",
        ),
        (
            "Notice {number} states another time or place than the meeting had.",
            "第{number}号通知载明的时间、地点与会议不一致。",
        ),
        number=current.number,
    )
    reached = {
        row.seat.number
        for row in case.deliveries
        if row.notice_id == current.pk and row.delivered_at is not None and row.delivered_at <= opened
    }
    lacking = [number for number in _numbers(case) if number not in reached]
    yield judged(
        not lacking,
        ("It had reached all {count} seats before the opening.", "开会前已送达全部{count}个席位。"),
        ("It had not reached the seats {lacking} before the opening.", "开会前未送达{lacking}号席位。"),
        count=meeting.regulation.seat_count,
        lacking=without_name(lacking),
    )


def _numbers(case: Case) -> range:
    return range(1, case.meeting.regulation.seat_count + 1)


def calling(case: Case) -> Iterator[Check]:
    """Art. 17: the meeting was called for plans that waited; how long this one did."""
    if not case.filed:
        yield not_held(
            "The plan was never filed and could not be called for.", "方案未备案，不具备召集条件。"
        )
        return
    filed, at = case.filed[0].docket.filed_at, case.meeting.opened_at or case.meeting.at
    yield judged(
        filed <= at,
        (
            "Days that the plan waited from its filing to the meeting: {days}.",
            "自备案至开会，方案等候{days}天。",
        ),
        ("The meeting was held before the plan was filed, {filed}.", "会议早于方案备案时间（{filed}）召开。"),
        days=(at - filed).days,
        filed=filed,
    )


def deliberation(case: Case) -> Iterator[Check]:
    """Art. 18: taken up in session before the vote, opinions before it, one vote at a time."""
    vote, taken_up, opened = case.vote, case.item.taken_up_at, case.meeting.opened_at
    at = vote.opened_at if vote is not None else case.resolution.closed_at
    yield judged(
        taken_up is not None and opened is not None and opened <= taken_up <= at,
        ("Taken up {taken_up}, voted on from {at}.", "开始审议时间：{taken_up}；启动表决时间：{at}。"),
        (
            "Taken up {taken_up}; the meeting opened {opened} and the vote {at}.",
            "开始审议时间：{taken_up}；会议开始时间：{opened}；启动表决时间：{at}，次序不符。",
        ),
        taken_up=taken_up,
        opened=opened,
        at=at,
    )
    late = [row.seat.number for row in case.heard if taken_up is None or not taken_up <= row.at <= at]
    yield judged(
        not late,
        ("Opinions recorded: {count}, all before the vote.", "表决前共记录意见{count}条。")
        if case.heard
        else ("No opinion was recorded.", "没有记录意见。"),
        (
            "Opinions were recorded outside of the deliberation: seats {late}.",
            "审议之外记录了意见：{late}号席位。",
        ),
        count=len(case.heard),
        late=without_name(late),
    )
    silent = sorted({*_numbers(case)} - {row.seat.number for row in case.heard})
    if silent:
        yield noted(
            "No opinion is recorded of the seats {silent}; the article is kept without.",
            "未记录意见的席位：{silent}；不影响本条的遵守。",
            silent=without_name(silent),
        )
    yield _alone(case)


def _alone(case: Case) -> Check:
    vote = case.vote
    beside = [str(other) for other in case.votes if vote is not None and _overlap(other, vote)]
    return judged(
        not beside,
        ("No other vote was open in the meeting meanwhile.", "其间会议中没有其他表决同时进行。"),
        (
            "Another vote was open in the meeting meanwhile: {beside}.",
            "其间会议中另有表决同时进行：{beside}。",
        ),
        beside=beside,
    )


def _overlap(other: Vote, vote: Vote) -> bool:
    """Whether another vote was open while this one was."""
    ended, others_end = vote.closed_at, other.closed_at or other.cancelled_at
    if other.pk == vote.pk or ended is None:
        return False
    return other.opened_at < ended and (others_end is None or others_end > vote.opened_at)


def observer(case: Case) -> Iterator[Check]:
    """Art. 19: the head of the handling institution had left before the vote, and no opinion was heard."""
    if not case.attending:
        yield not_applied(
            "The head of the handling institution did not attend.", "经办机构负责人未列席本议题。"
        )
        return
    row, opened = case.attending[0], case.vote.opened_at if case.vote else case.resolution.closed_at
    taken_up = case.item.taken_up_at
    yield judged(
        taken_up is not None and taken_up <= row.admitted_at,
        ("{who} was admitted {at}, after the item was taken up.", "{who}于开始审议后列席：{at}。"),
        ("{who} was admitted {at}, before the item was taken up.", "{who}列席时间（{at}）早于开始审议。"),
        who=str(row.person),
        at=row.admitted_at,
    )
    yield judged(
        row.withdrew_at is not None and row.withdrew_at <= opened,
        ("Withdrew {at}, before the vote opened {opened}.", "表决启动（{opened}）前已退场回避：{at}。"),
        (
            "Withdrew {at}; the vote opened {opened} while the head was still there.",
            "退场时间：{at}；表决启动（{opened}）时仍在场，未回避。",
        ),
        at=row.withdrew_at,
        opened=opened,
    )
    heard = [each.seat.number for each in case.heard if _between(row.admitted_at, each.at, row.withdrew_at)]
    yield judged(
        not heard,
        ("No opinion was recorded in the head's presence.", "其在场期间未记录委员意见。"),
        (
            "Opinions were recorded in the head's presence: seats {heard}.",
            "其在场期间记录了意见：{heard}号席位。",
        ),
        heard=without_name(heard),
    )


def _between(since: datetime, at: datetime, until: datetime | None) -> bool:
    return since < at and (until is None or at < until)


def version_in_force(case: Case) -> Iterator[Check]:
    """Art. 24: the meeting ran on the version in force on the day it was convened, and so did the vote."""
    expected, meeting = _in_force(case), case.meeting
    yield judged(
        expected is not None and expected.pk == meeting.regulation_id,
        (
            "The meeting ran on version {used}, in force when it was convened.",
            "会议适用第{used}版，即召集时的现行版本。",
        ),
        (
            "The meeting ran on version {used}; in force when it was convened was {expected}.",
            "会议适用第{used}版，而召集时的现行版本为{expected}。",
        ),
        used=meeting.regulation.number,
        expected=expected.number if expected is not None else "—",
    )
    vote, told = case.vote, case.told(_opening(case))
    used = meeting.regulation
    yield judged(
        vote is not None
        and vote.regulation_id == used.pk
        and told.get("regulation", used.number) == used.number
        and told.get("votes_to_pass", used.votes_to_pass) == used.votes_to_pass,
        ("The vote was opened on the same version, as the log has it.", "日志显示表决适用同一版本。"),
        (
            "The vote, or its opening in the log, has another version or other votes to pass.",
            "表决或日志中的启动记录所载版本或通过票数与之不一致。",
        ),
    )


def _opening(case: Case) -> LogEntry | None:
    """The entry of the vote's opening in the meeting's stream."""
    return next(
        (entry for entry in case.entries("open_vote") if entry.row.stream == case.meeting.stream), None
    )


def _in_force(case: Case) -> RegulationVersion | None:
    """The version in force on the day of convening, among those made by then."""
    convened = case.meeting.convened_at
    day = convened.astimezone(case.committee.tz).date()
    rows = [row for row in case.regulations if row.effective_from <= day and row.made_at <= convened]
    return max(rows, key=lambda row: (row.effective_from, row.number), default=None)


def effect(case: Case) -> Iterator[Check]:
    """Art. 25: the version applied from its effective date on."""
    convened, used = case.meeting.convened_at, case.meeting.regulation
    yield judged(
        used.effective_from <= convened.astimezone(case.committee.tz).date(),
        ("In effect from {since}; convened {at}.", "施行日期：{since}；召集时间：{at}。"),
        ("In effect only from {since}; convened {at}.", "施行日期：{since}；召集时间（{at}）早于施行。"),
        since=used.effective_from,
        at=convened,
    )
