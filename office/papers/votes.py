"""Ballot papers, the tally sheet and the resolution (Art. 20)."""

from __future__ import annotations

from typing import Any

from committee.models import Resolution
from documents.content import (
    Block,
    Choice,
    Choices,
    Column,
    Content,
    Fields,
    Note,
    SignatureLine,
    Signatures,
    Table,
    Text,
)
from office.papers.terms import sentences
from office.papers.wording import Sheet, Voice
from office.record import terms
from voting.models import Ballot, Vote


def question(say: Voice, kind: str) -> str:
    """What was asked: the plan, or whether its special circumstances are recognised (Art. 7.6)."""
    if kind == Resolution.Question.SPECIAL:
        return say("recognition of special circumstances (Art. 7.6)", "特殊情况认定（第七条第六项）")
    return say("the plan", "清收化解方案")


def cast_by(say: Voice, ballot: dict[str, Any]) -> str:
    """The voter, of a proxy with the principal."""
    if not ballot["proxy"]:
        return str(ballot["voter"])
    return say(
        "{voter}, proxy for {holder}", "{voter}（代{holder}）", **{k: ballot[k] for k in ("voter", "holder")}
    )


def choice(say: Voice, ballot: dict[str, Any]) -> str:
    """The choice, of a conflict of interest with that."""
    word = say.choices(Ballot.Choice, ballot["choice"])
    return say("{word} (recusal)", "{word}（回避）", word=word) if ballot["in_conflict"] else word


def counts(say: Voice, resolution: Resolution) -> str:
    """The counts as a clause."""
    recused = (
        say(", of which recusals {n}", "（其中回避{n}票）", n=resolution.conflicted_count)
        if resolution.conflicted_count
        else ""
    )
    return say(
        "{yes} for, {no} against, {none} abstaining{recused}",
        "同意{yes}票，反对{no}票，弃权{none}票{recused}",
        yes=resolution.for_count,
        no=resolution.against_count,
        none=resolution.abstained_count,
        recused=recused,
    )


def result(say: Voice, resolution: Resolution) -> str:
    """Carried or not; of special circumstances, recognised or not."""
    if resolution.question == Resolution.Question.SPECIAL:
        return say("recognised", "予以认定") if resolution.carried else say("not recognised", "不予认定")
    return say("carried", "通过") if resolution.carried else say("not carried", "未通过")


def _vote_rows(sheet: Sheet, vote: Vote) -> list[list[str]]:
    say = sheet.say
    return [
        [say("Meeting", "会议"), f"{vote.meeting.written_number}"],
        [say("Item", "议题"), vote.item.title],
        [say("Plan", "方案编号"), vote.proposal.written_number],
        [say("Question", "表决事项"), question(say, vote.question)],
        [say("Digest of the plan", "方案摘要值"), vote.version.digest],
    ]


def ballot_paper(sheet: Sheet, vote: Vote, ballot: dict[str, Any]) -> Content:
    """The ballot of one seat, named, as it was revealed when the vote closed."""
    say = sheet.say
    rows = [
        *_vote_rows(sheet, vote),
        [say("Seat", "席位"), say.seat(ballot["seat"], ballot["post"])],
        [say("Cast by", "投票人"), cast_by(say, ballot)],
    ]
    blocks: list[Block] = [
        Fields(head=[say("Matter", "项目"), say("Entry", "内容")], rows=rows),
        Choices(
            choices=[
                Choice(label=say.choices(Ballot.Choice, each), chosen=each == ballot["choice"])
                for each in (Ballot.Choice.FOR, Ballot.Choice.AGAINST, Ballot.Choice.ABSTAIN)
            ]
        ),
        Fields(
            head=[say("Reasons", "理由"), say("As stated by the voter", "投票人所述")],
            rows=[
                [say("Reason", "表决理由"), say.ground(ballot["reason"]) or say("None stated", "未填写")],
                *(
                    [[say("Recusal", "回避"), say("Conflict of interest", "利益冲突")]]
                    if ballot["in_conflict"]
                    else []
                ),
            ],
        ),
        Signatures(rows=[SignatureLine(label=say("Cast by:", "投票人："), name=cast_by(say, ballot))]),
        Note(
            text=say(
                "Commitment of the ballot (SHA-256): {value}. The ballot was opened when the vote"
                " closed, {at}.",
                "表决票承诺值（SHA-256）：{value}。表决票于{at}结束表决时公开。",
                value=ballot["commitment"],
                at=say.moment(sheet.at),
            )
        ),
    ]
    title = say("Ballot of {seat}", "{seat}表决票", seat=say.seat(ballot["seat"]))
    return sheet.content(title, blocks)


def tally_sheet(sheet: Sheet, vote: Vote, resolution: Resolution) -> Content:
    """The ballots of all seats, the counts and the result."""
    say = sheet.say
    table = Table(
        columns=[
            Column(name=say("Seat", "席位"), width=0, align="center"),
            Column(name=say("Post", "岗位"), width=3),
            Column(name=say("Cast by", "投票人"), width=3),
            Column(name=say("Choice", "表决意见"), width=2, align="center"),
            Column(name=say("Reason", "理由"), width=5),
        ],
        rows=[
            [
                str(row["seat"]),
                row["post"],
                cast_by(say, row),
                choice(say, row),
                say.ground(row["reason"]) or "—",
            ]
            for row in resolution.ballots
        ],
    )
    summary = say(
        "{all} ballots were due and {all} were cast: {counts}. {needed} votes for are needed to pass."
        " Result: {result}.",
        "应收表决票{all}张，实收{all}张：{counts}。通过所需同意票{needed}票。表决结果：{result}。",
        all=len(resolution.ballots),
        counts=counts(say, resolution),
        needed=resolution.votes_to_pass,
        result=result(say, resolution),
    )
    liaison = vote.closed_by.display_name if vote.closed_by else ""
    return sheet.content(
        say("Tally sheet", "计票表"),
        [
            Fields(head=[say("Matter", "项目"), say("Entry", "内容")], rows=_vote_rows(sheet, vote)),
            table,
            Text(text=summary),
            Signatures(
                rows=[
                    SignatureLine(label=say("Opened by:", "开始表决："), name=vote.opened_by.display_name),
                    SignatureLine(label=say("Counted by:", "计票人："), name=liaison),
                ]
            ),
        ],
        signature=sheet.signature(sheet.office),
    )


def resolution_paper(sheet: Sheet, vote: Vote, resolution: Resolution) -> Content:
    """What was resolved on one item."""
    say = sheet.say
    lines = _resolved(say, vote, resolution)
    reasons = [
        say(
            "{choice}: {reason}",
            "{choice}：{reason}",
            choice=choice(say, row),
            reason=say.ground(row["reason"]).rstrip(" 。.；;"),
        )
        # not in the order of the seats: the handling institution reads it, which is told no names (Art. 21)
        for row in sorted(resolution.ballots, key=lambda row: (row["choice"], row["reason"]))
        if row["reason"] and row["choice"] != Ballot.Choice.FOR
    ]
    blocks: list[Block] = [
        Text(text=_opening(say, vote, resolution)),
        *(Text(text=say.item(n, line)) for n, line in enumerate(lines, 1)),
    ]
    if reasons:
        blocks.append(
            Text(
                text=say("Reasons stated: {all}", "所述理由：{all}", all=say.ended(say.joined(reasons, "；")))
            )
        )
    title = say("Resolution on “{title}”", "关于“{title}”的决议", title=vote.item.title)
    return sheet.content(
        title,
        blocks,
        signature=sheet.signature(sheet.committee.name, on=resolution.closed_at),
        issued=sheet.issued(),
    )


def _opening(say: Voice, vote: Vote, resolution: Resolution) -> str:
    """The meeting, who was represented, what was deliberated on, and the counts."""
    proxies = sum(1 for row in resolution.ballots if row["proxy"])
    return say(
        "At its meeting {meeting} of {day}, with all {seats} seats represented ({proxies} by proxy),"
        " the committee"
        " deliberated on the item “{title}” ({plan}, handled by {unit}) and voted by named ballot on"
        " {question}:"
        " {counts}; {needed} votes for are needed to pass (Article 20 of the regulation). It resolves"
        " as follows.",
        "联席会议于{day}召开{meeting}会议，应到委员{seats}名，实到{seats}名（其中委托代理{proxies}名），对经办机构{unit}"
        "提交的“{title}”（{plan}）进行审议，并就{question}实行记名表决：{counts}，通过所需同意票{needed}票。"
        "依据本制度第二十条，形成决议如下：",
        meeting=vote.meeting.written_number,
        day=say.day(resolution.closed_at),
        seats=len(resolution.ballots),
        proxies=proxies,
        title=vote.item.title,
        plan=vote.proposal.written_number,
        unit=vote.item.unit.name,
        question=question(say, vote.question),
        counts=counts(say, resolution),
        needed=resolution.votes_to_pass,
    )


def _resolved(say: Voice, vote: Vote, resolution: Resolution) -> list[str]:
    """The result; of a plan that was carried its terms, and that exactly these are approved."""
    decided = say(
        "The matter put to the vote is {result}.", "表决事项{result}。", result=result(say, resolution)
    )
    if not resolution.carried:
        return [decided]
    lines = [decided, *sentences(say, terms(vote.version.plan))]
    if resolution.question == Resolution.Question.PLAN:
        lines.append(
            say(
                "The credit department approves exactly these terms (Article 22).",
                "授信审批部门应当严格按照本决议所列条件办理审批（第二十二条）。",
            )
        )
    return lines
