"""The articles about members, proxies, the vote and the minutes: who was there, what was cast, what it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from audit import clock
from committee.models import Proxy
from office import overdue, record
from office.dossier.case import Case
from office.dossier.findings import (
    Check,
    gap,
    judged,
    not_applied,
    not_due,
    not_held,
    noted,
    without_name,
)
from office.models import Minutes
from regulation.text import has_content
from voting import sealing
from voting.models import AbstentionRequest, Ballot, Vote
from voting.tally import Outcome, count

_C = Ballot.Choice


def own_name(case: Case) -> Iterator[Check]:
    """Art. 10: each ballot and opinion is of a person who was signed in for the seat at that moment."""
    cast = [ballot for ballot in case.ballots if not ballot.entered]
    away = [row.seat.number for row in cast if not case.was_there(row.person_id, row.seat_id, row.cast_at)]
    yield judged(
        bool(case.ballots) and not away,
        (
            "All {count} ballots were cast by people signed in for their seats at that moment.",
            "{count}张表决票均由当时已为该席位签到的人员本人投出。",
        ),
        (
            "No ballots, or ballots of people who were not signed in: seats {away}.",
            "没有表决票，或投票人当时未为该席位签到：{away}号席位。",
        ),
        count=len(cast),
        away=without_name(away) or "—",
    )
    absent = [
        row.seat.number for row in case.opinions if not case.was_there(row.person_id, row.seat_id, row.at)
    ]
    yield judged(
        not absent,
        ("All opinions are of people who were present.", "记录的意见均出自在场人员。"),
        (
            "Opinions are recorded of people who were not present: seats {absent}.",
            "不在场人员的意见被记录：{absent}号席位。",
        ),
        absent=without_name(absent),
    )
    read = {row.person_id for row in case.readings if row.digest == case.resolution.digest}
    unread = [row.seat.number for row in cast if row.person_id not in read]
    if unread:
        yield noted(
            "The seats {unread} voted without a mark that the materials were read; it warns, and blocks nothing.",
            "{unread}号席位表决前未标记已阅材料；仅作提示，不影响表决。",
            unread=without_name(unread),
        )


def proxies(case: Case) -> Iterator[Check]:
    """Art. 11: each proxy used was written, in time, of this scope, of one who may hold it, and not ended."""
    used = [ballot for ballot in case.ballots if ballot.proxy_id is not None]
    covering = [proxy for proxy in case.proxies if proxy.pk in case.covered and proxy.revoked_at is None]
    if not used and not covering:
        yield not_applied("No seat was represented by a proxy.", "没有席位由代理人代表。")
        return
    for proxy in covering:
        yield from _given(case, proxy)
    for ballot in used:
        yield _cast_under(case, ballot)
    allowed = case.meeting.regulation.proxies_per_holder
    held = Counter(proxy.holder_id for proxy in case.proxies if proxy.revoked_at is None)
    over = [str(proxy.holder) for proxy in covering if held[proxy.holder_id] > allowed]
    yield judged(
        not over,
        ("Nobody held more than {allowed}.", "每名代理人受托不超过{allowed}项。"),
        ("More than {allowed} were held by {over}.", "受托超过{allowed}项：{over}。"),
        allowed=allowed,
        over=over,
    )


def _given(case: Case, proxy: Proxy) -> Iterator[Check]:
    opened = case.item.vote_opened_at or case.resolution.closed_at
    yield judged(
        has_content(proxy.document) and bool(proxy.powers) and proxy.authorised_at <= opened,
        (
            "Seat {seat}: {holder} was authorised in writing {at}, before the vote opened.",
            "{seat}号席位：{holder}于表决启动前获书面授权：{at}。",
        ),
        (
            "Seat {seat}: the authorisation of {holder} ({at}) is not written, without powers, or after the vote"
            " opened.",
            "{seat}号席位：{holder}的授权（{at}）非书面、无权限，或晚于表决启动。",
        ),
        seat=proxy.seat.number,
        holder=str(proxy.holder),
        at=proxy.authorised_at,
    )
    barred = {row.holder_id for row in case.vote_seats} | case.liaison_at(proxy.authorised_at)
    yield judged(
        proxy.holder_id not in barred and proxy.holder.unit_id != case.item.unit_id,
        (
            "{holder} is no member, not the liaison, not of the handling institution.",
            "{holder}不是委员、联络员，也不属于经办机构。",
        ),
        (
            "{holder} is a member, the liaison, or of the handling institution.",
            "{holder}是委员、联络员，或属于经办机构，不得受托。",
        ),
        holder=str(proxy.holder),
    )


def _cast_under(case: Case, ballot: Ballot) -> Check:
    """Whether a ballot by proxy lay within the authorisation at the moment in which it was cast."""
    proxy = case.proxy(ballot.proxy_id)
    within = (
        proxy is not None
        and proxy.pk in case.covered
        and (ballot.entered or Proxy.Power.VOTE in proxy.powers)
        and (ballot.seat_id, ballot.person_id) == (proxy.seat_id, proxy.holder_id)
        and all(
            end is None or end >= ballot.cast_at
            for end in (proxy.revoked_at, proxy.ended_at, proxy.principal_came_at)
        )
    )
    return judged(
        within,
        ("The ballot of seat {seat} lies within the authorisation.", "{seat}号席位的表决票在授权范围之内。"),
        (
            "The ballot of seat {seat} was cast without the power to vote on this item, or after the proxy had ended.",
            "{seat}号席位的表决票超出授权范围，或在代理终止之后投出。",
        ),
        seat=ballot.seat.number,
    )


def vote(case: Case) -> Iterator[Check]:
    """Art. 20: all present throughout, one ballot a seat as sealed, counted anew, abstentions and reasons."""
    found = case.vote
    if found is None:
        yield not_held(
            "There is a resolution, and no vote that it came from.", "有决议，但没有产生该决议的表决。"
        )
        return
    yield from _represented(case, found)
    yield from _sealed(case, found)
    yield from _counted(case, found)
    yield from _grounded(case)


def _represented(case: Case, found: Vote) -> Iterator[Check]:
    """Art. 20.1: at the opening of meeting and vote, and at each ballot."""
    moments = [found.opened_at, *(row.cast_at for row in case.ballots)]
    absent = sorted(
        {row.number for at in moments for row in case.vote_seats if not case.present(row.seat_id, at)}
    )
    yield judged(
        not absent,
        (
            "All {count} seats were represented when the vote opened and at each ballot.",
            "启动表决及每次投票时，{count}个席位均有人代表。",
        ),
        (
            "Not represented when the vote opened or at a ballot: seats {absent}.",
            "启动表决或投票时无人代表的席位：{absent}。",
        ),
        count=len(case.vote_seats),
        absent=without_name(absent),
    )
    voted = Counter(ballot.seat_id for ballot in case.ballots)
    outside = [
        row.seat.number for row in case.ballots if not found.opened_at <= row.cast_at <= _end(case, found)
    ]
    yield judged(
        voted == Counter(row.seat_id for row in case.vote_seats) and not outside,
        ("Each seat has one ballot, cast while the vote was open.", "每一席位各投一票，且均在表决期间投出。"),
        (
            "Not every seat has one ballot, or one was cast while the vote was not open ({outside}).",
            "并非每一席位各投一票，或有表决票在表决期间之外投出（{outside}）。",
        ),
        outside=without_name(outside) or "—",
    )


def _end(case: Case, found: Vote) -> Any:
    return found.closed_at or case.resolution.closed_at


def _sealed(case: Case, found: Vote) -> Iterator[Check]:
    """Each ballot is the one sealed when it was cast, and the closing revealed these."""
    told, erased = _commitments(case)
    broken = [row.seat.number for row in case.ballots if _recomputed(found, row) != row.commitment]
    other = [
        row.seat.number for row in case.ballots if told.get(row.seat.number) != (row.commitment, _actor(row))
    ]
    if erased:
        yield gap(
            "Entries of casting were erased by law: their ballots are checked against the closing alone.",
            "部分投票记录已依法删除，相应表决票只能与结束表决时公开的内容核对。",
        )
        other = [number for number in other if number in told]
    yield judged(
        not broken and not other and (erased or len(told) == len(case.ballots)),
        (
            "Every ballot opens its commitment, and that commitment is the one in the log when it was cast.",
            "每张表决票均与其承诺值相符，且与投票时写入日志的承诺值一致。",
        ),
        (
            "Ballots that are not the ones sealed when they were cast: seats {which}.",
            "与投票时封存内容不一致的表决票：{which}号席位。",
        ),
        which=without_name(sorted({*broken, *other} | ({*told} - {row.seat.number for row in case.ballots}))),
    )
    closing = [entry for entry in case.entries("close_vote") if entry.row.stream == case.meeting.stream]
    revealed = case.told(closing[-1] if closing else None).get("ballots")
    if revealed is None:
        yield gap("The log has no closing that reveals the ballots.", "日志中没有公开表决票的结束记录。")
        return
    opened = {row["seat"]: (row["choice"], row["reason"], row["commitment"]) for row in revealed}
    yield judged(
        opened == {row.seat.number: (row.choice, row.reason, row.commitment) for row in case.ballots},
        ("The closing in the log revealed the same ballots.", "日志中结束表决时公开的表决票与此一致。"),
        ("The closing in the log revealed other ballots.", "日志中结束表决时公开的表决票与此不一致。"),
    )


def _actor(ballot: Ballot) -> str | None:
    """Who has the entry of casting; nobody where the engine entered the ballot."""
    return None if ballot.entered else str(ballot.person_id)


def _commitments(case: Case) -> tuple[dict[int, tuple[str, str | None]], bool]:
    """The commitments that the log has by seat, with who cast; and whether some were erased."""
    entries = [e for e in case.entries("cast", "open_vote") if e.row.stream == case.meeting.stream]
    told: dict[int, tuple[str, str | None]] = {}
    for entry in entries:
        payload = case.told(entry)
        if entry.action == "cast" and payload:
            told[payload["seat"]] = payload["commitment"], entry.row.actor
        told |= {int(seat): (value, None) for seat, value in payload.get("entered", {}).items()}
    return told, any(entry.payload is None for entry in entries)


def _recomputed(found: Vote, ballot: Ballot) -> str:
    return sealing.commitment(
        bytes(ballot.salt),
        vote=str(found.pk),
        seat=ballot.seat.number,
        person=str(ballot.person_id),
        choice=ballot.choice,
        reason=ballot.reason,
    )


def _counted(case: Case, found: Vote) -> Iterator[Check]:
    """Art. 20.2: counted anew, by the number of the regulation, and that is what was resolved."""
    result, needed = case.resolution, case.meeting.regulation.votes_to_pass
    choices = [(row.choice, row.conflicted) for row in case.ballots]
    if any(choice not in _C.values for choice, _ in choices):
        yield not_held("A ballot states no clear choice.", "有表决票意思表示不明确。")
        return
    outcome = count(choices, votes_to_pass=needed)
    stored = (
        result.for_count, result.against_count, result.abstained_count, result.conflicted_count,
        result.carried, result.votes_to_pass,
    )  # fmt: skip
    of_vote = (found.for_count, found.against_count, found.abstained_count, found.carried)
    yield judged(
        stored == _figures(outcome)
        and of_vote == (outcome.votes_for, outcome.against, outcome.abstained, outcome.carried),
        (
            "Counted anew: {yes} for, {no} against, {none} abstaining; {needed} are needed. So it was resolved.",
            "重新计票：同意{yes}票，反对{no}票，弃权{none}票；通过需{needed}票。与决议一致。",
        ),
        (
            "Counted anew: {yes} for, {no} against, {none} abstaining; {needed} are needed. The resolution says"
            " otherwise.",
            "重新计票：同意{yes}票，反对{no}票，弃权{none}票；通过需{needed}票。与决议不一致。",
        ),
        yes=outcome.votes_for,
        no=outcome.against,
        none=outcome.abstained,
        needed=needed,
    )
    snapshot = {row["seat"]: (row["choice"], row["reason"], row["commitment"]) for row in result.ballots}
    yield judged(
        snapshot == {row.seat.number: (row.choice, row.reason, row.commitment) for row in case.ballots},
        ("The ballots named in the resolution are those cast.", "决议所载表决票即所投表决票。"),
        ("The resolution names other ballots than were cast.", "决议所载表决票与所投表决票不一致。"),
    )


def _figures(outcome: Outcome) -> tuple[int, int, int, int, bool, int]:
    return (
        outcome.votes_for, outcome.against, outcome.abstained, outcome.conflicted, outcome.carried,
        outcome.votes_to_pass,
    )  # fmt: skip


def _grounded(case: Case) -> Iterator[Check]:
    """Art. 20.3, 20.4: consent before an abstention, recusal binding, reasons against."""
    conflicted = {row.seat_id for row in case.conflicts}
    voted_anyway = [
        row.seat.number for row in case.ballots if row.seat_id in conflicted and row.choice != _C.ABSTAIN
    ]
    unmarked = [row.seat.number for row in case.ballots if row.conflicted != (row.seat_id in conflicted)]
    yield judged(
        not voted_anyway and not unmarked,
        (
            "Seats with a conflict of interest: {count}; each abstained and is marked.",
            "存在利益冲突的{count}个席位均已弃权并标明回避。",
        ),
        (
            "A seat with a conflict of interest did not abstain or is not marked: {which}.",
            "存在利益冲突的席位未弃权或未标明回避：{which}。",
        ),
        count=len(conflicted),
        which=without_name(sorted({*voted_anyway, *unmarked})),
    )
    free = [
        row for row in case.ballots if row.choice == _C.ABSTAIN and not row.conflicted and not row.entered
    ]
    without = [row.seat.number for row in free if not _consented(case, row) or not has_content(row.reason)]
    yield judged(
        not without,
        (
            "Other abstentions: {count}, each with a reason and consent beforehand.",
            "其他弃权{count}票，均有理由并事先获同意。",
        ),
        (
            "Abstentions without a reason, or without consent beforehand: seats {without}.",
            "缺少理由或未事先获同意的弃权：{without}号席位。",
        ),
        count=len(free),
        without=without_name(without),
    )
    against = [row for row in case.ballots if row.choice == _C.AGAINST]
    mute = [row.seat.number for row in against if not has_content(row.reason)]
    yield judged(
        not mute,
        ("Ballots against: {count}, each with its reason.", "反对{count}票，均载明理由。"),
        ("Ballots against without a reason: seats {mute}.", "未载明理由的反对票：{mute}号席位。"),
        count=len(against),
        mute=without_name(mute),
    )


def _consented(case: Case, ballot: Ballot) -> bool:
    return any(
        row.seat_id == ballot.seat_id
        and row.state == AbstentionRequest.State.GRANTED
        and row.decided_at is not None
        and row.decided_at <= ballot.cast_at
        for row in case.requests
    )


def minutes(case: Case) -> Iterator[Check]:
    """Art. 21: in effect by signature after the end, in time, unchanged, true to the vote, distributed."""
    found, ended = case.original, case.meeting.closed_at
    if found is None or found.signed_at is None:
        yield _unsigned(case)
        return
    yield judged(
        ended is not None and ended <= found.signed_at,
        ("Signed {at}, after the meeting had ended.", "签发时间：{at}，在会议结束之后。"),
        ("Signed {at}; the meeting ended {ended}.", "签发时间：{at}；会议结束时间：{ended}，签发早于结束。"),
        at=found.signed_at,
        ended=ended,
    )
    due = overdue.minutes_due(case.meeting)
    yield judged(
        due is not None and found.signed_at.astimezone(case.committee.tz).date() <= due,
        ("In time: due by {due}.", "未逾期：应于{due}前完成。"),
        ("Late: due by {due}, signed {at}.", "逾期：应于{due}前完成，实际签发时间：{at}。"),
        due=due,
        at=found.signed_at,
    )
    signer = {case.holder_at(number, found.signed_at) for number in _presiding_numbers(case)}
    yield judged(
        found.signed_by_id in signer,
        ("Signed by {who}, who presided.", "由主持人{who}签发。"),
        ("Signed by {who}, who did not preside.", "签发人{who}并非主持人。"),
        who=str(found.signed_by),
    )
    yield from _unchanged(case, found)
    yield _distributed(case)


def _presiding_numbers(case: Case) -> set[int]:
    acting = case.meeting.acting_seat
    return {1} if acting is None else {1, acting.number}


def _unsigned(case: Case) -> Check:
    due = overdue.minutes_due(case.meeting)
    today = clock.now().astimezone(case.committee.tz).date()
    if due is not None and due < today:
        return not_held(
            "The minutes are not signed; they were due by {due}.",
            "会议纪要尚未签发；应于{due}前完成。",
            due=due,
        )
    if case.credit:
        return not_held(
            "Credit was decided, and the minutes are not signed.", "会议纪要尚未签发，却已作出授信审批。"
        )
    return not_due(
        "The minutes are not signed yet; they are due by {due}.",
        "会议纪要尚未签发；应于{due}前完成。",
        due=due,
    )


def _unchanged(case: Case, found: Minutes) -> Iterator[Check]:
    made = record.digest({"narrative": found.narrative, "record": found.record})
    told = case.told(case.entry("sign_minutes")).get("digest", found.digest)
    yield judged(
        made == found.digest == told,
        ("Their digest, made anew, is the one that was signed.", "重新计算的纪要摘要值与签发时一致。"),
        ("Their digest, made anew, is not the one that was signed.", "重新计算的纪要摘要值与签发时不一致。"),
    )
    result = case.resolution
    votes = [
        row
        for item in found.record.get("items", ())
        if item.get("proposal") == case.proposal.written_number
        for row in item.get("votes", ())
        if row.get("question") == result.question and row.get("round") == result.round
    ]
    counts = [row.get("counts") or {} for row in votes]
    wanted = {"for": result.for_count, "against": result.against_count, "abstained": result.abstained_count}
    yield judged(
        len(counts) == 1
        and {key: counts[0].get(key) for key in wanted} == wanted
        and votes[0].get("carried") == result.carried,
        ("They state the counts of this resolution.", "纪要所载票数与本决议一致。"),
        ("They do not state the counts of this resolution.", "纪要所载票数与本决议不一致。"),
    )


def _distributed(case: Case) -> Check:
    institution = {copy.unit_id for copy in case.copies if not copy.full}
    if not case.copies:
        return not_due("They are not distributed yet.", "会议纪要尚未印发。")
    named = [
        str(copy.unit)
        for copy in case.copies
        if not copy.full and copy.unit_id == case.item.unit_id
        if any(row.get("ballots") for item in copy.content.get("items", ()) for row in item.get("votes", ()))
    ]
    return judged(
        case.item.unit_id in institution and any(copy.full for copy in case.copies) and not named,
        (
            "Distributed to the departments in full and to the handling institution without names.",
            "已向各部门印发全文，并向经办机构印发不具名的相关议题。",
        ),
        (
            "Not distributed to the departments and to the handling institution, or there with names.",
            "未向各部门及经办机构印发，或印发给经办机构的内容载有姓名。",
        ),
    )
