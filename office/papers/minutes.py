"""The minutes, worded from their record and narrative alone (Art. 21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from committee.models import AgendaItem, Conflict, Resolution
from documents.content import Block, Content, Text
from office.models import Minutes
from office.papers.log_state import Seal
from office.papers.terms import sentences
from office.papers.votes import question
from office.papers.wording import Sheet, Voice
from voting.models import AbstentionRequest, Ballot

Record = Mapping[str, Any]


def minutes(sheet: Sheet, found: Minutes, *, copies_to: list[str], seal: Seal) -> Content:
    """The minutes with the state of the audit log; a draft says so at the head of each page."""
    say, record = sheet.say, found.record
    return _paper(
        sheet,
        found,
        say("Minutes of meeting {number}", "{number}会议纪要", number=record["meeting"]),
        [
            *_opening(say, record),
            *_attendance(say, record),
            *_body(say, record, found.narrative),
            seal.told(say),
        ],
        copies_to,
    )


def supplement(sheet: Sheet, found: Minutes, *, copies_to: list[str], seal: Seal) -> Content:
    """Supplementary minutes: of which meeting they are, what they correct, and the correction."""
    say, record = sheet.say, found.record
    corrected = record["supplements"]
    return _paper(
        sheet,
        found,
        say("Supplementary minutes of meeting {number}", "{number}补充会议纪要", number=record["meeting"]),
        [
            Text(
                lead=say("Meeting: ", "会议："),
                text=say(
                    "{number}, {moment}, {place}",
                    "{number}，{moment}，{place}",
                    number=record["meeting"],
                    moment=say.moment(record["at"]),
                    place=record["place"],
                ),
            ),
            Text(
                text=say(
                    "These minutes supplement {number}: what is wrong or left out there is corrected below. "
                    "Their text stays as it is.",
                    "本纪要为{number}的补充纪要，对其中有误或遗漏之处作如下更正、补充；该纪要原文不作变动。",
                    number=corrected["minutes"],
                )
            ),
            Text(
                lead=say("Digest of those minutes (SHA-256): ", "原纪要摘要（SHA-256）："),
                text=corrected["digest"],
            ),
            Text(text=found.narrative),
            seal.told(say),
        ],
        copies_to,
    )


def extract(sheet: Sheet, found: Minutes, content: Record) -> Content:
    """A handling institution's own items, from what its copy says: results, terms and reasons without names
    (`office.record.for_institution`).
    """
    say = sheet.say
    blocks: list[Block] = [
        Text(
            text=say(
                "From the minutes {number} of the meeting {meeting}, held on {moment}: the items of your "
                "institution, with counts and reasons, without names (Article 21).",
                "现将{moment}召开的{meeting}会议纪要（{number}）中涉及贵单位的议题摘录如下，所载为票数及理由，"
                "不具姓名（第二十一条）。",
                number=str(found),
                meeting=content["meeting"],
                moment=say.moment(content["at"]),
            )
        )
    ]
    for place, item in enumerate(content["items"], 1):
        blocks.append(say.heading(place, item["title"], item["title"]))
        blocks += [Text(text=line) for line in _extracted(say, item)]
    return sheet.content(
        say("Extract of the minutes of meeting {number}", "{number}会议纪要摘录", number=content["meeting"]),
        blocks,
        signature=sheet.signature(sheet.office, on=found.signed_at),
        issued=sheet.issued(),
    )


def _extracted(say: Voice, item: Record) -> Iterator[str]:
    yield say("Plan {plan}.", "方案编号：{plan}。", plan=item["proposal"])
    yield from decided_on(say, item)
    for vote in item["votes"]:
        if not vote["counts"]:
            yield say("A vote was cancelled; its ballots are void.", "一次表决已取消，所投表决票无效。")
        for row in vote["reasons"]:
            yield say(
                "{choice}: {reason}",
                "{choice}，理由：{reason}",
                choice=say.choices(Ballot.Choice, row["choice"]),
                reason=say.ended(say.ground(row["reason"])),
            )
    if not item["votes"]:
        yield say("The item was not voted on at this meeting.", "本次会议未就该议题进行表决。")


def _paper(sheet: Sheet, found: Minutes, title: str, blocks: list[Block], copies_to: list[str]) -> Content:
    """Minutes of either kind, with who signed them and who has a copy."""
    say = sheet.say
    signed = found.signed_by.display_name if found.signed_by else ""
    signature = sheet.signature(
        say("Signed: {name}", "签发：{name}", name=signed) if signed else sheet.office,
        on=found.signed_at or found.drafted_at,
    )
    copies = say("Copies to: {all}.", "抄送：{all}。", all=say.joined(copies_to, "，")) if copies_to else ""
    return sheet.content(
        title,
        blocks,
        mark="" if found.signed_at else say("Draft, not signed", "草稿，未签发"),
        signature=signature,
        copies_to=copies,
        issued=sheet.issued(found.signed_at) if found.signed_at else None,
    )


def _body(say: Voice, record: Record, narrative: str) -> Iterator[Block]:
    """The narrative, how each item was deliberated and voted on, and what was resolved."""
    if narrative.strip():
        yield Text(text=narrative)
    for part, item in enumerate(record["items"], 1):
        yield say.heading(part, item["title"], item["title"])
        for line in _item(say, item):
            yield Text(text=line)
    decided = list(_decided(say, record))
    if decided:
        yield say.heading(len(record["items"]) + 1, "What was resolved", "会议议定事项")
        yield from decided


def _opening(say: Voice, record: Record) -> Iterator[Block]:
    """Time, place, who presided."""
    yield Text(
        lead=say("Time: ", "时间："),
        text=say(
            "{start} to {end}",
            "{start}至{end}",
            start=say.moment(record["opened_at"] or record["at"]),
            end=say.hour(record["closed_at"]) or "—",
        ),
    )
    yield Text(lead=say("Place: ", "地点："), text=record["place"])
    if record.get("presided_by"):
        yield Text(lead=say("In the chair: ", "主持："), text=record["presided_by"])


def _attendance(say: Voice, record: Record) -> Iterator[Block]:
    """Who was there, attended and recorded, and why the meeting was an emergency."""
    yield Text(
        lead=say("Present: ", "出席："),
        text=say(
            "{names}. Members due: {seats}; represented: {came}, of them {proxies} by proxy.",
            "{names}。应到委员{seats}名，实到{came}名，其中委托代理{proxies}名。",
            names=say.joined(_present(say, record)),
            seats=record["regulation"]["seats"],
            came=len({row["seat"] for row in record["attendance"]}),
            proxies=len({row["seat"] for row in record["attendance"] if row["proxy"]}),
        ),
    )
    observers = [
        say(
            "{name} (item {number})",
            "{name}（第{number}项议题）",
            name=item["observer"]["person"],
            number=item["number"],
        )
        for item in record["items"]
        if item["observer"]
    ]
    if observers:
        yield Text(lead=say("Observers: ", "列席："), text=say.joined(observers))
    if record.get("recorded_by"):
        yield Text(lead=say("Recorded by: ", "记录："), text=record["recorded_by"])
    if record["emergency"]:
        yield Text(lead=say("Emergency: ", "紧急情况："), text=say.ended(record["emergency_reason"]))


def _present(say: Voice, record: Record) -> Iterator[str]:
    principals = {row["seat"]: row["principal"] for row in record["proxies"]}
    seen = set()
    for row in record["attendance"]:
        if (row["seat"], row["person"]) in seen:
            continue
        seen.add((row["seat"], row["person"]))
        if row["proxy"]:
            yield say(
                "{person} (proxy for {principal}, seat {seat})",
                "{person}（代{principal}，{seat}号席位）",
                person=row["person"],
                principal=principals.get(row["seat"], "—"),
                seat=row["seat"],
            )
        else:
            yield say(
                "{person} (seat {seat})", "{person}（{seat}号席位）", person=row["person"], seat=row["seat"]
            )


def _spoken(say: Voice, row: Record) -> str:
    return say(
        "{person} (seat {seat}): {text}",
        "{person}（{seat}号席位）：{text}",
        person=row["person"],
        seat=row["seat"],
        text=say.ended(row["text"]),
    )


def _item(say: Voice, item: Record) -> Iterator[str]:
    """How the item was deliberated and voted on."""
    yield say(
        "The committee considered the plan {plan}, handled by {unit}.",
        "会议审议了{unit}提交的方案（{plan}）。",
        plan=item["proposal"],
        unit=item["unit_name"],
    )
    for row in item["questions"]:
        answer = row["answer"]
        told = (
            say(
                " Answer of {name}: {text}",
                "{name}答复：{text}",
                name=answer["person"],
                text=say.ended(answer["text"]),
            )
            if answer
            else say(" Not answered.", "未作答复。")
        )
        yield say("Question of {said}{told}", "提问：{said} {told}", said=_spoken(say, row), told=told)
    for row in item["opinions"]:
        yield say("Opinion of {said}", "审议意见：{said}", said=_spoken(say, row))
    yield from _recused(say, item)
    for vote in item["votes"]:
        yield from _vote(say, vote)
    if item["left"]:
        why = say.choices(AgendaItem.Left, item["left"])
        yield say("The item left the agenda: {why}.", "该议题退出议程：{why}。", why=why)


def _recused(say: Voice, item: Record) -> Iterator[str]:
    for row in item["conflicts"]:
        yield say(
            "Conflict of interest: {person} (seat {seat}), {source}: {reason}",
            "利益冲突回避：{person}（{seat}号席位），{source}：{reason}",
            person=row["person"],
            seat=row["seat"],
            source=say.choices(Conflict.Source, row["source"]),
            reason=say.ended(say.ground(row["reason"])),
        )
    for row in item["abstention_requests"]:
        yield say(
            "Request to abstain: {person} (seat {seat}): {reason} {state}.",
            "申请弃权：{person}（{seat}号席位），理由：{reason}处理结果：{state}。",
            person=row["person"],
            seat=row["seat"],
            reason=say.ended(say.ground(row["reason"])),
            state=say.choices(AbstentionRequest.State, row["state"]),
        )


def _vote(say: Voice, vote: Record) -> Iterator[str]:
    asked = question(say, vote["question"])
    if not vote["counts"]:
        yield say(
            "The vote on {asked} was cancelled: {reason}",
            "关于{asked}的表决已取消，原因：{reason}",
            asked=asked,
            reason=say.ended(vote["cancel_reason"]),
        )
    else:
        yield say(
            "Vote by named ballot on {asked}: {counts}. {result}.",
            "会议就{asked}实行记名表决：{counts}。表决结果：{result}。",
            asked=asked,
            counts=counts(say, vote["counts"]),
            result=result(say, vote),
        )
        yield from (
            _ballot(say, row)
            for row in vote["ballots"]
            if row["reason"] or row["choice"] != Ballot.Choice.FOR
        )
    for row in vote["cancellation_proposed"]:
        yield say(
            "{person} (seat {seat}) proposed to cancel the vote: {reason}",
            "{person}（{seat}号席位）提议取消表决：{reason}",
            person=row["person"],
            seat=row["seat"],
            reason=say.ended(row["reason"]),
        )


def counts(say: Voice, given: Record) -> str:
    """The counts of a record as a clause."""
    recused = (
        say(", recusals {n}", "（其中回避{n}票）", n=given["in_conflict"]) if given["in_conflict"] else ""
    )
    return say(
        "{yes} for, {no} against, {none} abstaining{recused} ({needed} needed)",
        "同意{yes}票，反对{no}票，弃权{none}票{recused}，通过所需同意票{needed}票",
        yes=given["for"],
        no=given["against"],
        none=given["abstained"],
        recused=recused,
        needed=given["votes_to_pass"],
    )


def result(say: Voice, vote: Record) -> str:
    """The result of a record's vote."""
    if vote["question"] == Resolution.Question.SPECIAL:
        return say("Recognised", "予以认定") if vote["carried"] else say("Not recognised", "不予认定")
    return say("Carried", "通过") if vote["carried"] else say("Not carried", "未通过")


def _ballot(say: Voice, row: Record) -> str:
    voter = (
        say("{voter}, proxy for {holder}", "{voter}（代{holder}）", voter=row["voter"], holder=row["holder"])
        if row["proxy"]
        else row["voter"]
    )
    choice = say.choices(Ballot.Choice, row["choice"])
    if row["in_conflict"]:
        choice = say("{choice} (recusal)", "{choice}（回避）", choice=choice)
    return say(
        "Seat {seat}, {voter}: {choice}. {reason}",
        "{seat}号席位{voter}：{choice}。{reason}",
        seat=row["seat"],
        voter=voter,
        choice=choice,
        reason=say.ended(say.ground(row["reason"])),
    ).rstrip()


def decided_on(say: Voice, item: Record) -> list[str]:
    """What was decided on an item: the result of each vote, and the terms of a plan that was carried."""
    lines: list[str] = []
    for vote in item["votes"]:
        if not vote["counts"]:
            continue
        lines.append(
            say(
                "{asked}: {result} ({counts}).",
                "{asked}：{result}（{counts}）。",
                asked=question(say, vote["question"]).capitalize(),
                result=result(say, vote).lower(),
                counts=counts(say, vote["counts"]),
            )
        )
        if vote["carried"] and vote["question"] == Resolution.Question.PLAN:
            lines += sentences(say, item.get("terms", {}))
    return lines


def _decided(say: Voice, record: Record) -> Iterator[Block]:
    number = 0
    for item in record["items"]:
        lines = decided_on(say, item)
        if not lines:
            continue
        number += 1
        yield say.subheading(
            number,
            f"{item['title']}{'（' if say.chinese else ' ('}{item['proposal']}{'）' if say.chinese else ')'}",
        )
        for line in lines:
            yield Text(text=line)
