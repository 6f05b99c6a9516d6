"""Every refusal of the engine, by its code: the article, the HTTP status, what is wrong and the remedy.

Wordings are in English and Chinese. A part in square brackets is shown only when the context of the refusal
gives every {placeholder} in it; outside brackets there are none: each wording stands without context.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """One refusal; ``article`` is "20" or "20.4", None for the general codes, which rest on no single one."""

    code: str
    article: str | None
    status: int
    message_en: str
    remedy_en: str
    message_zh: str
    remedy_zh: str


DENIED, NOT_FOUND, WRONG_STATE, RULE = 403, 404, 409, 422


def _code(code: str, status: int, english: tuple[str, str], chinese: tuple[str, str]) -> Code:
    article = code.partition("/")[0]
    return Code(code, article if article[0].isdigit() else None, status, *english, *chinese)


def _organisation() -> Iterator[Code]:
    """Art. 3 to 5: the committee, its seats, its office."""
    yield _code(
        "4/too-many-seats",
        RULE,
        (
            (
                "The committee has no such seat[: it has {seats} seats]"
                "[: from {since} on it has {coming} seats]."
            ),
            (
                "Choose one of the existing seats. Their number changes only when the risk department "
                "amends the regulation."
            ),
        ),
        (
            "委员会无此席位[，现设席位{seats}个][，自{since}起设席位{coming}个]。",
            "请在现有席位中选择；确需增减席位的，由风险管理部修订本制度。",
        ),
    )
    yield _code(
        "4/one-seat-per-person",
        RULE,
        (
            "This person already holds a seat[ (seat {seat})].",
            "Name another person, or vacate the other seat first.",
        ),
        (
            "该人员已担任委员[（{seat} 号席位）]，一人不得占有两个席位。",
            "请另行确定人选，或先办理其原席位的空缺手续。",
        ),
    )
    yield _code(
        "5/liaison-may-not-sit",
        RULE,
        (
            "The liaison counts the votes and may hold neither a seat nor a proxy.",
            "Name another person, or appoint another liaison first.",
        ),
        (
            "联络员负责计票，不得担任委员或代理人。",
            "请另行确定人选，或先更换联络员。",
        ),
    )


def _matters() -> Iterator[Code]:
    """Art. 6 and 7: what may be put before the committee."""
    yield _code(
        "6/not-non-performing",
        RULE,
        (
            (
                "Every loan of the plan must be non-performing: substandard, doubtful or loss[. Not so: "
                "{path}]."
            ),
            (
                "Take the performing loans out of the plan, or correct their classification if it is "
                "out of date."
            ),
        ),
        (
            "方案所列贷款须均为不良贷款（次级、可疑、损失）[，不符合的有：{path}]。",
            "请将非不良贷款移出方案；分类有误的，请更正五级分类后再提交。",
        ),
    )
    yield _code(
        "7/no-condition",
        RULE,
        (
            "The plan claims none of the six conditions that the borrower must meet.",
            "Claim at least one condition and state its evidence.",
        ),
        (
            "方案未载明借款主体符合的任何一项条件。",
            "请至少选列一项条件并附佐证，再行提交。",
        ),
    )
    yield _code(
        "7/evidence-required",
        RULE,
        (
            "A condition is claimed without evidence[: {path}].",
            "Describe the evidence for it, or no longer claim the condition.",
        ),
        (
            "所列条件缺少佐证[：{path}]。",
            "请补充佐证说明，或删去该项条件。",
        ),
    )
    yield _code(
        "7.6/not-recognised",
        RULE,
        (
            "The plan rests on special circumstances alone, and the committee has not recognised them.",
            "Ask the chair to open the vote on the special circumstances first.",
        ),
        (
            "方案仅以特殊情况为依据，该特殊情况尚未经联席会议认可。",
            "请主任委员先就特殊情况的认可提请表决。",
        ),
    )


def _chairing() -> Iterator[Code]:
    """Art. 9 and 10: the chair and the members."""
    yield _code(
        "9/only-chair",
        DENIED,
        (
            "Only the chair may do this[: {chair}].",
            "Ask the chair, or in session the acting chair if head office has appointed one.",
        ),
        (
            "本事项须由主任委员[（{chair}）]办理。",
            "请报请主任委员办理；会议期间总行已指定受托主持人的，由受托主持人办理。",
        ),
    )
    yield _code(
        "9/chair-absent",
        RULE,
        (
            "Whoever presides must be signed in to the meeting to do this.",
            (
                "Sign in first. If the chair cannot attend, head office can appoint an acting chair for "
                "this meeting."
            ),
        ),
        (
            "主持人尚未签到，不得主持会议。",
            "请先签到；主任委员不能到会的，可由总行为本次会议指定受托主持人。",
        ),
    )
    yield _code(
        "10/not-present",
        RULE,
        (
            "Only those who are signed in to the meeting may do this.",
            "Sign in to the meeting, then try again.",
        ),
        (
            "尚未签到，不得在会上发表意见、提出申请或表决。",
            "请先签到，再行办理。",
        ),
    )
    yield _code(
        "10.5/unclear-choice",
        RULE,
        (
            "The ballot does not say clearly what is chosen[: “{choice}”].",
            "Choose one of: for, against, abstain.",
        ),
        (
            "表决票意思表示不明确[：“{choice}”]。",
            "请在同意、反对、弃权中选择一项。",
        ),
    )


def _proxies() -> Iterator[Code]:
    """Art. 11: proxies."""
    yield _code(
        "11/document-required",
        RULE,
        (
            "A proxy needs a written authorisation.",
            "Enter the text of the authorisation, or attach the signed document.",
        ),
        (
            "委托他人参会须出具授权委托书。",
            "请填写或附上授权委托书后再提交。",
        ),
    )
    yield _code(
        "11/scope-required",
        RULE,
        (
            "The authorisation does not say which items and which powers it covers[: {why}].",
            "Name at least one item of the agenda and at least one of the powers: attend, speak, vote.",
        ),
        (
            "授权委托书未注明所涉议题和委托权限范围[：{why}]。",
            "请至少列明一项议题，并在出席、发言、表决中至少列明一项权限。",
        ),
    )
    yield _code(
        "11/holder-not-eligible",
        RULE,
        (
            "This person may not be a proxy here[: {why}].",
            (
                "Name somebody who is neither a member nor the liaison, not of the handling institution "
                "of an item covered, and holds no other proxy."
            ),
        ),
        (
            "该人员不符合受托条件[：{why}]。",
            "请另行委托：代理人不得为委员、联络员或所涉议题经办机构人员，亦不得已接受其他委托。",
        ),
    )
    yield _code(
        "11/out-of-scope",
        RULE,
        (
            "The authorisation does not cover this[: {why}].",
            "Act only on the items and with the powers named in it. The principal may come in person.",
        ),
        (
            "该事项超出授权委托书载明的委托权限范围[：{why}]。",
            "请在授权范围内行事；委托人可亲自到会办理。",
        ),
    )
    yield _code(
        "11/after-vote-opened",
        RULE,
        (
            "The vote on an item covered has already opened; the proxy can no longer be given or revoked.",
            "Give a proxy for the remaining items only. A principal may still come in person.",
        ),
        (
            "所涉议题已开始表决，不得再行委托或撤销委托。",
            "请仅就其余议题办理委托；委托人仍可亲自到会。",
        ),
    )
    yield _code(
        "11/principal-present",
        RULE,
        (
            "The principal has come to the meeting in person; the proxy no longer acts.",
            "The principal acts for the seat from now on.",
        ),
        (
            "委托人已亲自到会，代理人不再行使代理权。",
            "请由委托人本人办理。",
        ),
    )


def _office() -> Iterator[Code]:
    """Art. 12 to 14: the liaison, the handling institution, screening and docket."""
    yield _code(
        "12/only-liaison",
        DENIED,
        (
            "Only the liaison of the committee office may do this[: {liaison}].",
            "Ask the liaison to do it.",
        ),
        (
            "本事项须由联席会议办公室联络员[（{liaison}）]办理。",
            "请转联络员办理。",
        ),
    )
    yield _code(
        "12.6/archive-incomplete",
        WRONG_STATE,
        (
            "The file of the meeting is not complete[; missing: {missing}].",
            "Complete what is missing, then archive.",
        ),
        (
            "会议档案不齐全[，尚缺：{missing}]。",
            "请补齐后再行归档。",
        ),
    )
    yield _code(
        "13/not-handling-institution",
        DENIED,
        (
            "Only a handler of the institution that handles the loans may do this[: {institution}].",
            "Ask a handler of that institution.",
        ),
        (
            "本事项须由经办机构[（{institution}）]的经办人办理。",
            "请转经办机构的经办人办理。",
        ),
    )
    yield _code(
        "13/already-submitted",
        RULE,
        (
            "A loan contract of this plan already stands in another plan under way[: {contract}].",
            "Withdraw or complete the other plan first, or take the contract out of this one.",
        ),
        (
            "方案所涉贷款合同已列入另一办理中的方案[：{contract}]。",
            "请先撤回或办结该方案，或将该合同移出本方案。",
        ),
    )
    yield _code(
        "13/reason-required",
        RULE,
        (
            "This needs a reason.",
            "Write why the plan is withdrawn, or the receipt reversed, in at least one sentence.",
        ),
        (
            "撤回方案或冲正回款须说明理由。",
            "请补充理由后再提交。",
        ),
    )
    yield _code(
        "14/reason-required",
        RULE,
        (
            "This decision of the committee office needs a reason.",
            "Write the reason in at least one sentence; the handling institution will read it.",
        ),
        (
            "退回补正、不予上会或终止执行须说明理由。",
            "请补充理由后再提交，理由将告知经办机构。",
        ),
    )
    yield _code(
        "14/not-shortlisted",
        WRONG_STATE,
        (
            "Only shortlisted plans go on the docket[; not so: {proposal}].",
            "Have the liaison shortlist at least one plan first.",
        ),
        (
            "只有经筛选纳入拟上会名单的方案方可上报[，尚未纳入的有：{proposal}]。",
            "请联络员先行筛选，将至少一项方案纳入拟上会名单。",
        ),
    )
    yield _code(
        "14/not-filed",
        WRONG_STATE,
        (
            "The plan is not on a docket filed with head office[: {proposal}].",
            "Have the liaison file the docket first, then put the plan on the agenda.",
        ),
        (
            "该方案[（{proposal}）]所在拟上会名单尚未上报总行备案。",
            "请联络员先将拟上会名单报备，再列入议题。",
        ),
    )


def _notice() -> Iterator[Code]:
    """Art. 15 and 16: convening and notice."""
    yield _code(
        "15/no-items",
        RULE,
        (
            "A meeting needs at least one item.",
            "Put at least one filed plan on the agenda.",
        ),
        (
            "会议未列议题。",
            "请至少列入一项已备案的方案作为议题。",
        ),
    )
    yield _code(
        "15/notice-too-short",
        RULE,
        (
            (
                "The notice period is too short[: {notice_days} days are due][, the earliest date is "
                "{earliest}]."
            ),
            "Choose a later time, or call an emergency meeting and give the reason.",
        ),
        (
            "通知时间不足[，须提前{notice_days}天通知][，最早可于{earliest}召开]。",
            "请改定较晚的会议时间；确属紧急情况的，可说明理由召集紧急会议。",
        ),
    )
    yield _code(
        "15/emergency-reason-required",
        RULE,
        (
            "An emergency meeting needs its reason.",
            "Write what cannot wait, in at least one sentence.",
        ),
        (
            "召集紧急会议须说明紧急情况。",
            "请补充紧急情况说明后再召集。",
        ),
    )
    yield _code(
        "15/reason-required",
        RULE,
        (
            "Cancelling a meeting needs a reason.",
            "Write the reason in at least one sentence; everybody invited will read it.",
        ),
        (
            "取消会议须说明理由。",
            "请补充理由后再提交，理由将告知全体与会人员。",
        ),
    )
    yield _code(
        "16/no-notice",
        WRONG_STATE,
        (
            "Notice of this meeting has not been delivered to every seat[; missing: {seats}].",
            "Have the liaison send the notice with the materials, or record the delivery of paper sent.",
        ),
        (
            "会议通知及材料尚未送达全体委员[，未送达：{seats}]。",
            "请联络员先行发出会议通知并送达材料；纸质通知在途的，请登记送达。",
        ),
    )
    yield _code(
        "16/notice-superseded",
        WRONG_STATE,
        (
            "The meeting was changed after the notice was sent; that notice no longer counts.",
            "Have the liaison send a new notice.",
        ),
        (
            "会议事项在通知发出后已变更，原通知失效。",
            "请联络员按变更后的时间、地点、议题重新通知。",
        ),
    )
    yield _code(
        "16/materials-changed",
        RULE,
        (
            "The plan is not the one that was delivered with the notice.",
            (
                "Have the liaison send a new notice with the present materials, or drop the item from "
                "this meeting."
            ),
        ),
        (
            "提请表决的方案与随通知送达的材料不一致。",
            "请联络员重新通知并送达现行材料，或将该议题移出本次会议。",
        ),
    )


def _deliberation() -> Iterator[Code]:
    """Art. 18 and 19: deliberation, and the observer."""
    yield _code(
        "18/not-deliberated",
        WRONG_STATE,
        (
            "The item has not been taken up.",
            "Have the chair take up the item first.",
        ),
        (
            "该议题尚未开始审议。",
            "请主任委员先宣布开始审议该议题。",
        ),
    )
    yield _code(
        "19/not-handling-head",
        RULE,
        (
            "Only the head of the handling institution may attend this item as an observer.",
            "Admit the head of the institution that handles the loans, or nobody.",
        ),
        (
            "可列席本议题的仅限经办机构负责人。",
            "请改请经办机构负责人列席，或不安排列席。",
        ),
    )
    yield _code(
        "19/observer-present",
        RULE,
        (
            "The observer has not yet withdrawn from this item.",
            "Have the liaison record the withdrawal when the questioning is over.",
        ),
        (
            "列席人员尚未退场回避。",
            "请于质询结束后由联络员记录其退场，再行办理。",
        ),
    )


def _voting() -> Iterator[Code]:
    """Art. 20: voting."""
    yield _code(
        "20/vote-not-open",
        WRONG_STATE,
        (
            "No vote is open on this item.",
            (
                "Wait until the chair opens the vote. After it has closed or was cancelled nothing can be "
                "cast."
            ),
        ),
        (
            "该议题目前未在表决中。",
            "请待主任委员宣布开始表决；表决已结束或已取消的，不再收取表决票。",
        ),
    )
    yield _code(
        "20.1/not-all-present",
        RULE,
        (
            "Not every seat is represented[; missing: {seats}].",
            "Wait until every seat is signed in, in person or by proxy.",
        ),
        (
            "委员未全部到会[，缺席席位：{seats}]。",
            "请待全体委员本人或其代理人签到后再行办理。",
        ),
    )
    yield _code(
        "20.1/no-seat",
        DENIED,
        (
            "Only the holder of a seat, or the proxy of one, may do this.",
            "Members and their proxies act here; others may follow what is open to their role.",
        ),
        (
            "非委员且非代理人，不得办理本事项。",
            "本事项仅由委员或其代理人办理。",
        ),
    )
    yield _code(
        "20.1/already-voted",
        RULE,
        (
            "This seat has already voted; a ballot once cast stands.",
            "Nothing more is due from this seat in this vote. Your receipt shows the ballot.",
        ),
        (
            "该席位已投票，表决票一经投出不得更改。",
            "本轮表决无需再行办理，可凭表决凭证核对。",
        ),
    )
    yield _code(
        "20.1/ballots-missing",
        RULE,
        (
            "Not every seat has voted[; missing: {seats}].",
            (
                "Wait for the missing ballots. The chair may cancel the vote with a reason; it cannot "
                "be closed early."
            ),
        ),
        (
            "表决票尚未收齐[，未投票席位：{seats}]。",
            "请待全体席位投票完毕；表决不得提前结束，确有必要的，由主任委员说明理由取消表决程序。",
        ),
    )
    yield _code(
        "20.3/reason-required",
        RULE,
        (
            "Abstaining, recusal and cancelling a vote need a reason.",
            "Write the reason in at least one sentence, for example which information is missing.",
        ),
        (
            "放弃表决权、回避表决或取消表决程序须说明理由。",
            "请补充理由（如材料信息不全、表决事项不清晰等）后再提交。",
        ),
    )
    yield _code(
        "20.3/consent-required",
        RULE,
        (
            "This seat has no consent to abstain.",
            "Request consent with a reason and wait for it, or vote for or against.",
        ),
        (
            "弃权未经主任委员同意。",
            "请先说明理由申请并待准许（主任委员本人的申请由总行决定），或明确表示同意、反对。",
        ),
    )
    yield _code(
        "20.3/no-request",
        RULE,
        (
            "There is no pending request of this seat to abstain.",
            "Choose a seat whose request is pending; a decision once made stands.",
        ),
        (
            "该席位无待决定的弃权申请。",
            "请选择有待决定申请的席位；已作决定的不再变更。",
        ),
    )
    yield _code(
        "20.3/own-request",
        DENIED,
        (
            "Nobody decides a request of their own seat[: {why}].",
            "Head office decides the requests of the chair and of the acting chair.",
        ),
        (
            "主持人不得决定本人席位的弃权申请[：{why}]。",
            "主任委员及受托主持人的申请由总行决定。",
        ),
    )
    yield _code(
        "20.3/conflict",
        RULE,
        (
            "This seat has a conflict of interest on this item and may only abstain.",
            "Cast the ballot as abstaining; it is shown apart from other abstentions.",
        ),
        (
            "该席位与本议题存在利益冲突，应当回避表决。",
            "请投弃权票，该票将作为回避表决单独列示。",
        ),
    )
    yield _code(
        "20.4/reason-required",
        RULE,
        (
            "This ballot needs a reason.",
            "Write at least one sentence on why you vote against.",
        ),
        (
            "反对票须填写理由。",
            "请补充反对理由后再提交。",
        ),
    )


def _aftermath() -> Iterator[Code]:
    """Art. 21 to 23: minutes, credit approval, resubmission."""
    yield _code(
        "21/minutes-not-signed",
        WRONG_STATE,
        (
            "The minutes of this meeting are not signed yet and have no effect.",
            "Have the liaison draft them and the chair sign them first.",
        ),
        (
            "会议纪要尚未经主任委员签发，未生效。",
            "请联络员起草会议纪要并报主任委员签发后再行办理。",
        ),
    )
    yield _code(
        "21/already-effective",
        WRONG_STATE,
        (
            "The minutes are signed and in effect; they never change.",
            "Put what needs correcting before a later meeting.",
        ),
        (
            "会议纪要已经签发生效，不得更改。",
            "确需更正的，请提交以后的联席会议另行记录。",
        ),
    )
    yield _code(
        "22/only-credit-department",
        DENIED,
        (
            "Only an officer of the credit approval department may do this.",
            "Ask the credit approval department.",
        ),
        (
            "本事项须由授信管理部办理。",
            "请转授信管理部办理。",
        ),
    )
    yield _code(
        "22/no-effective-resolution",
        WRONG_STATE,
        (
            "There is no effective resolution of the committee to approve this plan on.",
            (
                "Credit approval is possible after the committee has carried the plan and the chair has "
                "signed the minutes."
            ),
        ),
        (
            "该方案尚无生效的联席会议决议。",
            "请待联席会议表决通过且会议纪要经主任委员签发后，再办理授信审批。",
        ),
    )
    yield _code(
        "22/terms-deviate",
        RULE,
        (
            "The terms are not those that the committee resolved[; deviating: {path}].",
            (
                "Approve exactly the terms resolved, or decline with a reason. Other terms go back to "
                "the committee."
            ),
        ),
        (
            "授信条件与联席会议决议不一致[，不一致之处：{path}]。",
            "请按决议内容审批，或说明理由不予批准；变更条件的，须重新提交联席会议。",
        ),
    )
    yield _code(
        "22/reason-required",
        RULE,
        (
            "Declining needs a reason.",
            "Write at least one sentence on why credit is declined.",
        ),
        (
            "不予批准授信须说明理由。",
            "请补充理由后再提交。",
        ),
    )
    yield _code(
        "23/no-substantive-change",
        RULE,
        (
            "The plan does not differ in substance from one that was not carried[: {rejected}].",
            (
                "Change the plan in substance, for example its measures, security, concessions or "
                "schedule. The list of differences shows what counts."
            ),
        ),
        (
            "方案与未通过的方案[（{rejected}）]相比无实质性变化，不再重复表决。",
            "请对措施、担保、减免或还款安排等作出实质性调整后再提交，可对照差异清单办理。",
        ),
    )
    yield _code(
        "23/ruling-required",
        RULE,
        (
            (
                "This plan follows one that was not carried; shortlisting it needs a ruling on the "
                "change in substance."
            ),
            "Write the ruling: what has changed in substance, and why it suffices.",
        ),
        (
            "本方案系未通过方案的重新上会，纳入拟上会名单须就实质性变化作出认定。",
            "请填写认定意见，说明实质性变化的内容及理由。",
        ),
    )


def _regulation() -> Iterator[Code]:
    """Art. 24 and 25: the regulation itself."""
    yield _code(
        "24/only-risk-department",
        DENIED,
        (
            "Only the risk department may interpret or amend the regulation.",
            "Ask the risk department.",
        ),
        (
            "本制度由风险管理部负责解释和修订，其他人员无权办理。",
            "请转风险管理部办理。",
        ),
    )
    yield _code(
        "24/invalid-regulation",
        RULE,
        (
            "This cannot stand in the regulation[: {field} {why}].",
            "Correct the value and try again.",
        ),
        (
            "拟定的制度内容无效[：{field}{why}]。",
            "请更正后再提交。",
        ),
    )
    yield _code(
        "25/not-in-force",
        RULE,
        (
            "No version of the regulation is in force on this day[; the first is from {effective_from}].",
            "Wait until the first version is in force; the risk department sets its date.",
        ),
        (
            "本制度在当日尚未施行[，自{effective_from}起施行]。",
            "请待制度施行后再召集会议；施行日期由风险管理部确定。",
        ),
    )


def _general() -> Iterator[Code]:
    """What rests on no single article: access, state, and the form of plans and receipts."""
    yield _code(
        "access/not-found",
        NOT_FOUND,
        (
            "There is nothing here that you may see.",
            "Check the number or the address, or go back to your desk.",
        ),
        (
            "未找到您有权查看的内容。",
            "请核对编号或网址，或返回工作台。",
        ),
    )
    yield _code(
        "access/denied",
        DENIED,
        (
            "Your role does not allow this.",
            "Ask the officer whose task it is; the page names who acts next.",
        ),
        (
            "您的角色无权办理本事项。",
            "请转有权人员办理，页面已列明下一步办理人。",
        ),
    )
    yield _code(
        "state/not-allowed",
        WRONG_STATE,
        (
            "This is not possible now[: {why}][; the state is “{state}”].",
            "Look at the present state, which may have changed meanwhile, and do what is next there.",
        ),
        (
            "目前无法办理[：{why}][；当前状态为“{state}”]。",
            "请刷新后查看当前状态，按下一步要求办理。",
        ),
    )
    yield _code(
        "plan/incomplete",
        RULE,
        (
            "The plan is not complete[; missing: {path}].",
            "Fill in what is missing, then submit again.",
        ),
        (
            "方案内容不完整[，尚缺：{path}]。",
            "请补充完整后再提交。",
        ),
    )
    yield _code(
        "plan/unbalanced",
        RULE,
        (
            "The figures of the plan do not agree[, at {path}][: {why}].",
            (
                "Correct the figures, so that the schedule, the waivers and the recovery agree with "
                "what is owed."
            ),
        ),
        (
            "方案数据不平衡[（{path}）][：{why}]。",
            "请核对还款计划、减免金额和预计回收额，使之与债权金额一致。",
        ),
    )
    yield _code(
        "plan/invalid",
        RULE,
        (
            "The plan has a value that cannot stand[, at {path}][: {why}].",
            "Correct the value and try again.",
        ),
        (
            "方案填写有误[（{path}）][：{why}]。",
            "请更正后再提交。",
        ),
    )
    yield _code(
        "receipt/invalid",
        RULE,
        (
            "This receipt cannot be recorded[: {why}].",
            (
                "Give an amount above zero, not more in all than can come in, and a date from the plan's "
                "base date to today; a reversal must match a recorded receipt."
            ),
        ),
        (
            "该笔回款无法登记[：{why}]。",
            (
                "金额须大于零且累计不超过可回收总额，日期须在方案基准日至当日之间；冲正须与已登记的回款相符。请更正"
                "后再提交。"
            ),
        ),
    )


def _all() -> Iterator[Code]:
    groups = (
        _organisation, _matters, _chairing, _proxies, _office, _notice,
        _deliberation, _voting, _aftermath, _regulation, _general,
    )  # fmt: skip
    for group in groups:
        yield from group()


CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in _all()})
