"""The articles about members, proxies, vote and minutes: who was there, what was cast, what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from committee.models import Proxy
from office.dossier.case import Case
from office.dossier.findings import (
    Check,
    gap,
    judged,
    not_applied,
    not_held,
    noted,
    without_name,
)
from office.dossier.institutions import belonging
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
    yield _heard(case)
    unread = _unread(case, cast)
    if unread:
        yield noted(
            "The seats {unread} voted without marking the materials as read; it warns, and blocks nothing.",
            "{unread}号席位表决前未标记已阅材料；仅作提示，不影响表决。",
            unread=without_name(unread),
        )


def _heard(case: Case) -> Check:
    absent = [row.seat.number for row in case.heard if not case.was_there(row.person_id, row.seat_id, row.at)]
    if not case.heard:
        return noted("No opinion was recorded.", "没有记录意见。")
    return judged(
        not absent,
        ("All opinions are of people who were present.", "记录的意见均出自在场人员。"),
        (
            "Opinions are recorded of people who were not present: seats {absent}.",
            "不在场人员的意见被记录：{absent}号席位。",
        ),
        absent=without_name(absent),
    )


def _unread(case: Case, cast: Iterable[Ballot]) -> list[int]:
    """The seats whose voters had not marked the materials voted on as read."""
    read = {row.person_id for row in case.readings if row.digest == case.resolution.digest}
    return [row.seat.number for row in cast if row.person_id not in read]


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
    yield _not_too_many(case, covering)


def _not_too_many(case: Case, covering: Iterable[Proxy]) -> Check:
    """Whether nobody held more proxies in the meeting than the regulation allows."""
    allowed = case.meeting.regulation.proxies_per_holder
    held = Counter(proxy.holder_id for proxy in case.proxies if proxy.revoked_at is None)
    over = [str(proxy.holder) for proxy in covering if held[proxy.holder_id] > allowed]
    return judged(
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
            "Seat {seat}: the authorisation of {holder} ({at}) is unwritten, without powers, or too late.",
            "{seat}号席位：{holder}的授权（{at}）非书面、无权限，或晚于表决启动。",
        ),
        seat=proxy.seat.number,
        holder=str(proxy.holder),
        at=proxy.authorised_at,
    )
    ended = min(end for end in (proxy.ended_at, proxy.principal_came_at, opened) if end is not None)
    barred = case.sat(proxy.authorised_at, ended) | case.liaison_at(proxy.authorised_at)
    then = belonging(case, proxy.holder_id, proxy.authorised_at)
    if then.unit is None:
        yield gap(
            "The log does not tell of which institution {holder} was {at}.",
            "日志未载明{holder}于{at}属于哪一机构。",
            holder=str(proxy.holder),
            at=proxy.authorised_at,
        )
    yield judged(
        proxy.holder_id not in barred and not then.is_of(case.item.unit_id),
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
            "The ballot of seat {seat} was cast beyond the proxy's power, or after the proxy had ended.",
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
    yield _one_each(case, found)


def _one_each(case: Case, found: Vote) -> Check:
    """Art. 20.1: one seat, one ballot, while the vote was open."""
    voted = Counter(ballot.seat_id for ballot in case.ballots)
    end = found.closed_at or case.resolution.closed_at
    outside = [row.seat.number for row in case.ballots if not found.opened_at <= row.cast_at <= end]
    return judged(
        voted == Counter(row.seat_id for row in case.vote_seats) and not outside,
        ("Each seat has one ballot, cast while the vote was open.", "每一席位各投一票，且均在表决期间投出。"),
        (
            "Not every seat has one ballot, or one was cast while the vote was not open ({outside}).",
            "并非每一席位各投一票，或有表决票在表决期间之外投出（{outside}）。",
        ),
        outside=without_name(outside) or "—",
    )


def _sealed(case: Case, found: Vote) -> Iterator[Check]:
    """Each ballot is the one sealed when it was cast, and the closing revealed these."""
    told, erased = _commitments(case)
    if erased:
        yield gap(
            "Entries of casting were erased by law: their ballots are checked against the closing alone.",
            "部分投票记录已依法删除，相应表决票只能与结束表决时公开的内容核对。",
        )
    broken = {row.seat.number for row in case.ballots if _recomputed(found, row) != row.commitment}
    other = _sealed_otherwise(case, told, erased=erased)
    yield judged(
        not broken and not other,
        (
            "Every ballot opens its commitment, and that commitment is the one in the log when it was cast.",
            "每张表决票均与其承诺值相符，且与投票时写入日志的承诺值一致。",
        ),
        (
            "Ballots that are not the ones sealed when they were cast: seats {which}.",
            "与投票时封存内容不一致的表决票：{which}号席位。",
        ),
        which=without_name(sorted(broken | other)),
    )
    yield _revealed(case)


def _sealed_otherwise(case: Case, told: Mapping[int, tuple[str, str | None]], *, erased: bool) -> set[int]:
    """The seats of which ballot and entry of casting differ, or one of the two is missing."""
    cast = {row.seat.number: (row.commitment, _actor(row)) for row in case.ballots}
    seats = {*told} if erased else {*told, *cast}
    return {number for number in seats if told.get(number) != cast.get(number)}


def _revealed(case: Case) -> Check:
    closing = [entry for entry in case.entries("close_vote") if entry.row.stream == case.meeting.stream]
    revealed = case.told(closing[-1] if closing else None).get("ballots")
    if revealed is None:
        return gap("The log has no closing that reveals the ballots.", "日志中没有公开表决票的结束记录。")
    return judged(
        _as_stated(revealed) == _as_cast(case),
        ("The closing in the log revealed the same ballots.", "日志中结束表决时公开的表决票与此一致。"),
        ("The closing in the log revealed other ballots.", "日志中结束表决时公开的表决票与此不一致。"),
    )


def _as_stated(ballots: Iterable[Mapping[str, Any]]) -> dict[int, tuple[str, str, str]]:
    """Choice, reason and commitment by seat, as closing or resolution state them."""
    return {row["seat"]: (row["choice"], row["reason"], row["commitment"]) for row in ballots}


def _as_cast(case: Case) -> dict[int, tuple[str, str, str]]:
    """Choice, reason and commitment by seat, as the ballots have them."""
    return {row.seat.number: (row.choice, row.reason, row.commitment) for row in case.ballots}


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
            "Counted anew: {yes} for, {no} against, {none} abstaining, {needed} needed. So it was resolved.",
            "重新计票：同意{yes}票，反对{no}票，弃权{none}票；通过需{needed}票。与决议一致。",
        ),
        (
            "Counted anew: {yes} for, {no} against, {none} abstaining, {needed} needed. Otherwise resolved.",
            "重新计票：同意{yes}票，反对{no}票，弃权{none}票；通过需{needed}票。与决议不一致。",
        ),
        yes=outcome.votes_for,
        no=outcome.against,
        none=outcome.abstained,
        needed=needed,
    )
    yield judged(
        _as_stated(result.ballots) == _as_cast(case),
        ("The ballots named in the resolution are those cast.", "决议所载表决票即所投表决票。"),
        ("The resolution names other ballots than were cast.", "决议所载表决票与所投表决票不一致。"),
    )


def _figures(outcome: Outcome) -> tuple[int, int, int, int, bool, int]:
    return (
        outcome.votes_for, outcome.against, outcome.abstained, outcome.conflicted, outcome.carried,
        outcome.votes_to_pass,
    )  # fmt: skip


def _grounded(case: Case) -> Iterator[Check]:
    """Art. 20.3, 20.4: recusal binding, consent before an abstention, reasons against."""
    yield _recused(case)
    yield _abstained(case)
    against = [row for row in case.ballots if row.choice == _C.AGAINST]
    mute = [row.seat.number for row in against if not has_content(row.reason)]
    yield judged(
        not mute,
        ("Ballots against: {count}, each with its reason.", "反对{count}票，均载明理由。")
        if against
        else ("No ballot against.", "没有反对票。"),
        ("Ballots against without a reason: seats {mute}.", "未载明理由的反对票：{mute}号席位。"),
        count=len(against),
        mute=without_name(mute),
    )


def _recused(case: Case) -> Check:
    conflicted = {row.seat_id for row in case.conflicts if case.belongs(row.at)}
    wrong = [
        row.seat.number
        for row in case.ballots
        if row.conflicted != (row.seat_id in conflicted) or (row.conflicted and row.choice != _C.ABSTAIN)
    ]
    return judged(
        not wrong,
        (
            "Seats with a conflict of interest: {count}; each abstained and is marked.",
            "存在利益冲突的{count}个席位均已弃权并标明回避。",
        )
        if conflicted
        else ("No seat had a conflict of interest.", "没有席位存在利益冲突。"),
        (
            "A seat with a conflict of interest did not abstain or is not marked: {which}.",
            "存在利益冲突的席位未弃权或未标明回避：{which}。",
        ),
        count=len(conflicted),
        which=without_name(wrong),
    )


def _abstained(case: Case) -> Check:
    abstained = [row for row in case.ballots if row.choice == _C.ABSTAIN]
    free = [row for row in abstained if not row.conflicted and not row.entered]
    without = [row.seat.number for row in free if not _consented(case, row)]
    return judged(
        not without,
        (
            "Other abstentions: {count}, each with a reason and consent beforehand.",
            "其他弃权{count}票，均有理由并事先获同意。",
        )
        if free
        else ("No other abstention.", "没有其他弃权票。"),
        (
            "Abstentions without a reason, or without consent beforehand: seats {without}.",
            "缺少理由或未事先获同意的弃权：{without}号席位。",
        ),
        count=len(free),
        without=without_name(without),
    )


def _consented(case: Case, ballot: Ballot) -> bool:
    """Whether an abstention states its reason and was consented to before."""
    return has_content(ballot.reason) and any(
        row.seat_id == ballot.seat_id
        and row.state == AbstentionRequest.State.GRANTED
        and row.decided_at is not None
        and row.decided_at <= ballot.cast_at
        for row in case.requests
    )
