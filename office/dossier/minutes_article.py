"""The article about the minutes: after the end, in time, unchanged, true to the vote, distributed."""

from __future__ import annotations

from collections.abc import Iterator

from audit import clock
from office import overdue, record
from office.dossier.case import Case
from office.dossier.findings import Check, judged, not_due, not_held
from office.models import Copy, Minutes


def minutes(case: Case) -> Iterator[Check]:
    """Art. 21: in effect by signature after the end, in time, unchanged, true to the vote, distributed."""
    found, ended = case.original, case.meeting.closed_at
    if found is None or found.signed_at is None:
        yield _unsigned(case)
        return
    yield judged(
        ended is not None and ended <= found.signed_at,
        ("Signed {at}, after the meeting had ended.", "签发时间：{at}，在散会之后。"),
        ("Signed {at}; the meeting ended {ended}.", "签发时间：{at}；散会时间：{ended}，签发早于散会。"),
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
    yield judged(
        found.signed_by_id in case.presiding_at(found.signed_at),
        ("Signed by {who}, who presided.", "由主持人{who}签发。"),
        ("Signed by {who}, who did not preside.", "签发人{who}并非主持人。"),
        who=str(found.signed_by),
    )
    yield from _unchanged(case, found)
    yield _distributed(case)


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
    yield _true_to_the_vote(case, found)


def _true_to_the_vote(case: Case, found: Minutes) -> Check:
    result = case.resolution
    wanted = {"for": result.for_count, "against": result.against_count, "abstained": result.abstained_count}
    stated = [
        ({key: (row.get("counts") or {}).get(key) for key in wanted}, row.get("carried"))
        for item in found.record.get("items", ())
        if item.get("proposal") == case.proposal.written_number
        for row in item.get("votes", ())
        if (row.get("question"), row.get("round")) == (result.question, result.round)
    ]
    return judged(
        stated == [(wanted, result.carried)],
        ("They state the counts of this resolution.", "纪要所载票数与本决议一致。"),
        ("They do not state the counts of this resolution.", "纪要所载票数与本决议不一致。"),
    )


def _distributed(case: Case) -> Check:
    if not case.copies:
        return not_due("They are not distributed yet.", "会议纪要尚未印发。")
    own = [copy for copy in case.copies if not copy.full and copy.unit_id == case.item.unit_id]
    return judged(
        bool(own) and any(copy.full for copy in case.copies) and not any(map(_names_voters, own)),
        (
            "Distributed to the departments in full and to the handling institution without names.",
            "已向各部门印发全文，并向经办机构印发不具名的相关议题。",
        ),
        (
            "Not distributed to the departments and to the handling institution, or there with names.",
            "未向各部门及经办机构印发，或印发给经办机构的内容载有姓名。",
        ),
    )


def _names_voters(copy: Copy) -> bool:
    """Whether a copy has ballots by name, which the handling institution does not get."""
    votes = [vote for item in copy.content.get("items", ()) for vote in item.get("votes", ())]
    return any(vote.get("ballots") for vote in votes)
