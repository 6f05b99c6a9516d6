"""The articles about the plan: purpose, loans, conditions, submission, screening, credit, resubmission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from committee.models import Position, RegulationVersion, Resolution
from office.dossier.case import Case, LogEntry
from office.dossier.findings import (
    Check,
    gap,
    judged,
    not_applied,
    not_due,
    not_held,
    noted,
)
from office.dossier.institutions import belonging
from proposals.models import CreditDecision, PlanVersion, Proposal
from proposals.plan.drafts import digest
from proposals.plan.on_ledger import NON_PERFORMING
from proposals.plan.resolved import matches_terms
from proposals.plan.stated import SPECIAL_CIRCUMSTANCES
from proposals.substance import compare, is_substantive
from regulation.numbers import Regulation
from regulation.text import has_content

_S = Proposal.State
#: states that only a credit approval leads to
_APPROVED = (_S.CREDIT_APPROVED, _S.EXECUTING, _S.COMPLETED, _S.TERMINATED)
#: states in which a plan no longer stands in the way of another on the same contract
_ENDED = tuple(state for state in _S if state not in (*Proposal.LIVE, _S.DRAFT))


def purpose(case: Case) -> Iterator[Check]:
    """Art. 1: the plan shows what it recovers beside each alternative, enforcement among them."""
    if case.version is None:
        yield _no_version()
        return
    named = [row.get("name", "") for row in case.document.get("alternatives", ())]
    yield judged(
        "enforcement" in named and bool(case.document.get("expected_recovery")),
        (
            "The plan states what it recovers beside its alternatives ({count}), enforcement among them.",
            "表决的方案列示了预计回收额，并与{count}项替代方案（含依法清收）作了比较。",
        ),
        (
            "The plan voted on does not state what it recovers beside enforcement.",
            "表决的方案未将预计回收额与依法清收作比较。",
        ),
        count=len(named),
    )


def three_gates(case: Case) -> Iterator[Check]:
    """Art. 2: screening, resolution and credit approval, in this order, by the plan's own stream."""
    of_plan = {e.action: e.row.seq for e in case.own_log if e.row.stream == case.proposal.stream}
    order = [of_plan.get(action) for action in ("shortlist", "file", "open_vote", "close_vote")]
    yield judged(
        None not in order and order == sorted(order, key=lambda each: each or 0),
        (
            "The log has screening, filing and vote in this order: entries {order} of the plan.",
            "日志显示该方案依次经过筛选、备案、表决（方案日志第{order}条）。",
        ),
        (
            "The log does not have screening, filing and vote of the plan in this order (entries {order}).",
            "日志未显示该方案依次经过筛选、备案、表决（方案日志第{order}条）。",
        ),
        order=["—" if each is None else str(each) for each in order],
    )
    yield from _credit_last(case)


def _credit_last(case: Case) -> Iterator[Check]:
    """Whether credit was decided after the resolution, and nothing executed without."""
    past = case.proposal.state in _APPROVED
    decided = case.credit[0] if case.credit else None
    if past and (decided is None or not decided.approved):
        yield not_held(
            "The plan is past credit approval, and there is no approval.",
            "方案已越过授信审批环节，但没有批准记录。",
        )
    elif decided is not None:
        later = decided.at >= case.resolution.closed_at
        yield judged(
            later,
            ("Credit was decided after the resolution, {at}.", "授信审批在决议之后作出：{at}。"),
            ("Credit was decided before the resolution, {at}.", "授信审批早于决议：{at}。"),
            at=decided.at,
        )


def _no_version() -> Check:
    return gap(
        "The version of the plan that was voted on is not there.", "所表决的方案版本已不存在，无法核对。"
    )


def non_performing(case: Case) -> Iterator[Check]:
    """Art. 6: every loan of the plan voted on is classified as non-performing."""
    if case.version is None:
        yield _no_version()
        return
    loans = case.document.get("loans", ())
    others = [row.get("contract_no", "?") for row in loans if row.get("classification") not in NON_PERFORMING]
    yield judged(
        bool(loans) and not others,
        (
            "Every loan ({count}) is classified substandard, doubtful or loss.",
            "{count}笔贷款的五级分类均为次级、可疑或损失。",
        ),
        (
            "Not every loan is classified as non-performing: {others}.",
            "下列贷款未列为不良，或方案未列贷款：{others}。",
        ),
        count=len(loans),
        others=others or "—",
    )


def conditions(case: Case) -> Iterator[Check]:
    """Art. 7: at least one condition with evidence; special circumstances alone are recognised first."""
    if case.version is None:
        yield _no_version()
        return
    claimed = case.document.get("conditions", {})
    bare = [code for code, evidence in claimed.items() if not has_content(str(evidence))]
    yield judged(
        bool(claimed) and not bare,
        ("Claimed with evidence: {codes}.", "所列条件均附佐证：{codes}。"),
        (
            "No condition is claimed, or one without evidence ({codes}).",
            "未列条件，或所列条件缺少佐证（{codes}）。",
        ),
        codes=list(bare or claimed) or "—",
    )
    if set(claimed) == {SPECIAL_CIRCUMSTANCES}:
        yield (
            _recognised(case)
            if case.on_plan
            else noted(
                "This decision is the one on recognising the special circumstances.",
                "本决议即关于特殊情况认定的决议。",
            )
        )
    elif not case.on_plan:
        yield not_held(
            "Special circumstances were put to the vote, and the plan does not rest on them alone.",
            "方案并非仅以特殊情况为依据，却就特殊情况进行了表决。",
        )


def _recognised(case: Case) -> Check:
    """Whether the committee recognised the special circumstances before it voted on the plan."""
    opened = case.vote.opened_at if case.vote is not None else case.resolution.closed_at
    earlier = [
        vote
        for vote in case.plan_votes
        if vote.question == Resolution.Question.SPECIAL and vote.resolution is not None
        if vote.resolution.carried and vote.resolution.closed_at <= opened
    ]
    return judged(
        bool(earlier),
        (
            "The plan rests on special circumstances alone, recognised by a vote of their own, {at}.",
            "方案仅以特殊情况为依据，已于{at}单独表决认定。",
        ),
        (
            "The plan rests on special circumstances alone, and no vote had recognised them.",
            "方案仅以特殊情况为依据，但此前并无认定特殊情况的表决。",
        ),
        at=earlier[-1].closed_at if earlier else None,
    )


def timeliness(case: Case) -> Iterator[Check]:
    """Art. 8: the days from submission to resolution, by records that stand in this order."""
    submitted, resolved = case.proposal.submitted_at, case.resolution.closed_at
    if submitted is None:
        yield not_held("The plan was never submitted.", "方案没有提交记录。")
        return
    yield judged(
        submitted <= resolved,
        (
            "Submitted {since}, resolved {at}; days between: {days}.",
            "提交时间：{since}；决议时间：{at}；历时{days}天。",
        ),
        (
            "Resolved {at}, before it was submitted {since}.",
            "决议时间（{at}）早于提交时间（{since}）。",
        ),
        since=submitted,
        at=resolved,
        days=(resolved - submitted).days,
    )


def submission(case: Case) -> Iterator[Check]:
    """Art. 13: the version voted on was submitted by the institution; no contract stood in two live plans."""
    version = case.version
    if version is None:
        yield _no_version()
        return
    submitted = [
        entry for entry in case.entries("submit") if case.told(entry).get("digest") == version.digest
    ]
    yield judged(
        bool(submitted) and version.proposal_id == case.proposal.pk,
        (
            "Version {number} was submitted by the handling institution, as the log has it with its digest.",
            "经办机构提交了第{number}版方案，日志载有其摘要值。",
        ),
        (
            "The log has no submission of version {number}, the one voted on.",
            "日志中没有所表决的第{number}版方案的提交记录。",
        ),
        number=version.number,
    )
    yield from _by_handler(case, submitted)
    twice = [str(other) for other in case.sharing if _lived_beside(case, other)]
    yield judged(
        not twice,
        (
            "No loan contract stood in another live plan of the bank from submission to resolution.",
            "自提交至决议期间，所涉贷款合同未同时列入本行其他在办方案。",
        ),
        (
            "A loan contract stood in another live plan at the same time: {twice}.",
            "所涉贷款合同同时列入其他在办方案：{twice}。",
        ),
        twice=twice,
    )


def _by_handler(case: Case, submitted: Sequence[LogEntry]) -> Iterator[Check]:
    """Whether each submission was that of a handler of the institution at that moment, by the log."""
    handler = (str(Position.Role.HANDLER), str(case.proposal.unit_id))
    others = []
    for entry in submitted:
        actor = int(entry.row.actor) if entry.row.actor.isdecimal() else 0
        then = belonging(case, actor, entry.row.at)
        if then.unit is None:
            yield gap(
                "The log does not tell what positions the submitter had then (entry {seq} of {stream}).",
                "日志未载明提交人当时的岗位（日志{stream}第{seq}条）。",
                seq=entry.row.seq,
                stream=entry.row.stream,
            )
        elif handler not in then.positions:
            others.append(f"{entry.row.stream} {entry.row.seq}")
    if others:
        yield not_held(
            "Submitted by somebody who was no handler of the institution then: entries {others}.",
            "提交人当时并非经办机构的经办人：日志{others}。",
            others=others,
        )


def _lived_beside(case: Case, other: Proposal) -> bool:
    """Whether another plan on one of the contracts lived between this one's submission and resolution."""
    since = case.proposal.submitted_at
    if other.pk == case.proposal.pk or other.submitted_at is None or since is None:
        return False
    if other.submitted_at >= case.resolution.closed_at:
        return False
    return other.state in Proposal.LIVE or (other.state in _ENDED and _ended_at(other) > since)


def _ended_at(other: Proposal) -> datetime:
    """When the plan released its contracts; a rejected one when it was resolved."""
    resolved = other.resolved_at if other.state == _S.REJECTED else None
    return resolved or other.state_since


def screening(case: Case) -> Iterator[Check]:
    """Art. 14: shortlisted, put on a docket in the version voted on, and filed before it was tabled."""
    entry = case.entry("shortlist")
    yield judged(
        entry is not None,
        ("Shortlisted by the liaison, {at}.", "联络员纳入拟上会名单：{at}。"),
        ("The log has no shortlisting of the plan.", "日志中没有该方案纳入拟上会名单的记录。"),
        at=entry.row.at if entry else None,
    )
    if not case.filed:
        yield not_held(
            "The plan is on no docket filed with head office.", "方案未列入报总行备案的拟上会名单。"
        )
        return
    filed = case.filed[0]
    yield judged(
        filed.docket.filed_at <= case.meeting.convened_at or _tabled_after(case, filed.docket.filed_at),
        ("Filed with head office {at}, before it was tabled.", "上会前已报总行备案：{at}。"),
        ("Filed with head office {at}, after it was tabled.", "备案时间（{at}）晚于列入议程的时间。"),
        at=filed.docket.filed_at,
    )
    yield judged(
        case.version is not None and filed.version_id == case.version.pk,
        ("The version filed is the one voted on.", "备案的方案版本即表决的版本。"),
        ("Another version was filed than was voted on.", "备案的方案版本与表决的版本不一致。"),
    )


def _tabled_after(case: Case, filed_at: datetime) -> bool:
    """Whether the log has the plan put on this agenda after that moment: an item may join a meeting later."""
    return any(
        entry.row.at >= filed_at and case.told(entry).get("item") == case.item.subject
        for entry in case.entries("table")
    )


def credit_approval(case: Case) -> Iterator[Check]:
    """Art. 22: after minutes in effect, exactly the terms resolved, or declined with a reason."""
    decision = case.credit[0] if case.credit else None
    if not (case.on_plan and case.resolution.carried):
        yield _nothing_to_approve(case, decision)
        return
    if decision is None:
        yield _undecided(case)
        return
    minutes = case.original
    signed = minutes.signed_at if minutes is not None else None
    yield judged(
        signed is not None and signed <= decision.at,
        (
            "Decided {at}, after the minutes took effect.",
            "授信审批于会议纪要生效后作出：{at}。",
        ),
        (
            "Decided {at}, and the minutes took effect {signed}.",
            "授信审批时间：{at}；会议纪要生效时间：{signed}，审批早于生效。",
        ),
        at=decision.at,
        signed=signed,
    )
    yield from _approved_as_resolved(case, decision)
    first = min((row.recorded_at for row in case.receipts), default=None)
    if first is not None:
        yield judged(
            decision.approved and first >= decision.at,
            ("Repayments were recorded only afterwards.", "还款均于审批之后登记。"),
            ("A repayment was recorded without an approval, {at}.", "未经批准即登记还款：{at}。"),
            at=first,
        )


def _nothing_to_approve(case: Case, decision: CreditDecision | None) -> Check:
    if decision is not None and decision.resolution_id == case.resolution.pk:
        return not_held(
            "Credit was decided on a plan that was not carried.", "未通过的方案却作出了授信审批决定。"
        )
    return not_applied(
        "No plan was carried by this decision: there is nothing to approve.",
        "本决议未通过任何方案，无须授信审批。",
    )


def _undecided(case: Case) -> Check:
    if case.proposal.state in _APPROVED:
        return not_held(
            "The plan is in execution, and the credit department has decided nothing.",
            "方案已进入执行，但授信管理部未作审批。",
        )
    return not_due("The credit department has not decided yet.", "授信管理部尚未作出审批决定。")


def _approved_as_resolved(case: Case, decision: CreditDecision) -> Iterator[Check]:
    entry = case.entry("approve_credit" if decision.approved else "decline_credit")
    told = case.told(entry)
    yield judged(
        decision.resolution_id == case.resolution.pk
        and told.get("digest", case.resolution.digest) == case.resolution.digest,
        ("The decision is on this resolution and its plan.", "审批决定针对本决议及其方案。"),
        (
            "The decision is on another resolution or plan than this one.",
            "审批决定所针对的决议或方案与本决议不一致。",
        ),
    )
    if not decision.approved:
        yield judged(
            has_content(decision.reason),
            ("Declined, with a reason.", "不予批准，并载明理由。"),
            ("Declined without a reason.", "不予批准，但未载明理由。"),
        )
        return
    path = matches_terms(case.document, decision.terms)
    yield judged(
        path is None,
        (
            "The terms approved are those resolved, to the letter.",
            "批准的条件与决议条件完全一致。",
        ),
        ("The terms approved deviate from those resolved at {path}.", "批准的条件与决议不一致：{path}。"),
        path=path or "",
    )


def resubmission(case: Case) -> Iterator[Check]:
    """Art. 23: compared anew with each rejected plan that shares a contract, and ruled on at screening."""
    since = case.proposal.submitted_at or case.resolution.closed_at
    rejected = [
        old
        for old in case.rejected
        if old.proposal_id != case.proposal.pk and old.proposal.resolved_at is not None
        if old.proposal.resolved_at <= since
    ]
    if not rejected:
        yield not_applied(
            "No plan on one of these loan contracts had been rejected before.",
            "此前没有涉及同一贷款合同的方案被否决。",
        )
        return
    for old in rejected:
        yield _differs(case, old, since)
    ruled = case.told(case.entry("shortlist")).get("ruling", case.proposal.ruling)
    yield judged(
        has_content(str(ruled)) and has_content(case.proposal.ruling),
        (
            "The liaison's ruling on the change is recorded: {ruling}",
            "联络员关于实质性变化的认定已记录：{ruling}",
        ),
        (
            "No ruling on the change in substance is recorded.",
            "没有关于实质性变化的认定记录。",
        ),
        ruling=case.proposal.ruling,
    )


def _differs(case: Case, old: PlanVersion, since: datetime) -> Check:
    if case.version is None:
        return _no_version()
    day = since.astimezone(case.committee.tz).date()
    numbers = _numbers_at(case, lambda row: row.effective_from <= day and row.made_at <= since)
    found = compare(old.plan, case.version.plan, material_change_pct=numbers.material_change_pct)
    return judged(
        is_substantive(found),
        (
            "Compared anew with the rejected plan {old}: it differs in substance (fields: {count}).",
            "与被否决的方案{old}重新比对：存在实质性变化（{count}项）。",
        ),
        (
            "Compared anew with the rejected plan {old}: it does not differ in substance.",
            "与被否决的方案{old}重新比对：没有实质性变化。",
        ),
        old=str(old.proposal),
        count=sum(1 for row in found if row.substantive),
    )


def _numbers_at(case: Case, fits: object) -> Regulation:
    """The numbers of the version in force, of those that fit."""
    assert callable(fits)
    rows: list[RegulationVersion] = [row for row in case.regulations if fits(row)]
    last = max(rows, key=lambda row: (row.effective_from, row.number), default=None)
    return last.numbers if last is not None else Regulation()


def materials(case: Case) -> Iterator[Check]:
    """Art. 16, its second half: the plan voted on is, by a digest made anew, the plan delivered."""
    if case.version is None:
        yield _no_version()
        return
    made = digest(case.version.document)
    stated = [
        row.digest
        for row in case.notice_items
        if case.notice and row.notice_id == case.notice.pk and row.item_id == case.item.pk
    ]
    yield judged(
        made == case.version.digest == case.resolution.digest == case.item.digest,
        (
            "The digest of the plan, made anew, is the one voted on: {made}.",
            "重新计算的方案摘要值与表决所依据的一致：{made}。",
        ),
        (
            "The digest of the stored plan, made anew, is {made}, and not the one voted on.",
            "重新计算的方案摘要值为{made}，与表决所依据的不一致。",
        ),
        made=made,
    )
    yield judged(
        stated == [case.resolution.digest],
        ("It is the one delivered with the notice.", "与随会议通知送达的材料一致。"),
        (
            "It is not the one delivered with the notice, or the notice does not state the item.",
            "与随会议通知送达的材料不一致，或通知未列此议题。",
        ),
    )
