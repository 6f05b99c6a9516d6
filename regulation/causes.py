"""Why an act is not possible now, and who leads out of it: what `state/not-allowed` says.

By verb and state for an act that belongs to another state; by its own name for a cause that no state tells
(a second receipt, a vote that is open). Wordings are in English and Chinese; square brackets as in
`regulation/codes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Cause:
    """What is missing or past, and who does what about it."""

    message_en: str
    remedy_en: str
    message_zh: str
    remedy_zh: str


#: state of a plan or a meeting → how things stand, and who does what next, in English and Chinese
STANDING: Mapping[str, Cause] = MappingProxyType(
    {
        "draft": Cause(
            "the plan is a draft that was not submitted yet",
            "The handler of the handling institution completes and submits it on the plan's page.",
            "方案尚为草稿，未提交",
            "请经办机构经办人在方案页面补充完整并提交。",
        ),
        "submitted": Cause(
            "the plan waits for the liaison's screening",
            "The liaison shortlists it, returns it for completion or screens it out on the plan's page.",
            "方案正待联络员初审",
            "请联络员在方案页面办理纳入名单、退回补正或不予上会。",
        ),
        "returned": Cause(
            "the plan was returned to the handling institution for completion",
            "The handler completes it and submits it again on the plan's page.",
            "方案已退回经办机构补正",
            "请经办人在方案页面补正后重新提交。",
        ),
        "screened_out": Cause(
            "the plan was screened out and does not come before the committee",
            "The handling institution may draft a new plan.",
            "方案已不予上会",
            "经办机构可另行拟订方案。",
        ),
        "shortlisted": Cause(
            "the plan is shortlisted, and its docket is not filed yet",
            "The liaison files the docket with head office.",
            "方案已纳入拟上会名单，名单尚未备案",
            "请联络员将拟上会名单报总行备案。",
        ),
        "filed": Cause(
            "the plan is filed and on no agenda",
            "The chair convenes a meeting with it, or puts it on the agenda of a convened one.",
            "方案已备案，尚未列入会议议题",
            "请主任委员召集会议并将其列入议题，或列入已召集会议的议题。",
        ),
        "tabled": Cause(
            "the plan is on the agenda of a meeting, and no vote on it is open",
            "In the session the chair takes the item up and opens the vote.",
            "方案已列入会议议题，尚未提请表决",
            "请主任委员在会议上宣布审议该议题并提请表决。",
        ),
        "voting": Cause(
            "a vote on the plan is open",
            "All ballots come in and the liaison closes the vote, or the chair cancels it.",
            "方案正在表决",
            "请待全部表决票收齐后由联络员结束表决，或由主任委员取消表决。",
        ),
        "carried": Cause(
            "the committee has carried the plan, and the credit approval department has not decided yet",
            "Once the chair has signed the minutes, the credit approval department decides.",
            "方案已经联席会议通过，授信管理部尚未审批",
            "请待主任委员签发会议纪要后，由授信管理部审批。",
        ),
        "rejected": Cause(
            "the committee did not carry the plan",
            "The handler may revise it in substance and submit the new plan (Art. 23).",
            "方案未获联席会议通过",
            "经办人可作实质性修改后另行提交（第二十三条）。",
        ),
        "credit_approved": Cause(
            "credit is approved, and nothing was received yet",
            "The handler records the first receipt, or the liaison terminates the execution.",
            "方案授信已获批准，尚无回收款项",
            "请经办人登记首笔回收款项，或由联络员终止执行。",
        ),
        "credit_declined": Cause(
            "the credit approval department has declined the plan",
            "The handling institution may draft a new plan.",
            "授信管理部未批准该方案",
            "经办机构可另行拟订方案。",
        ),
        "executing": Cause(
            "the plan is being carried out",
            "The handler records what is received; the liaison may terminate the execution.",
            "方案正在执行",
            "请经办人登记回收款项；确需终止的，由联络员办理。",
        ),
        "completed": Cause(
            "the plan is completed: its schedule is repaid",
            "Nothing more is due; the handler may reverse a receipt that was recorded wrongly.",
            "方案已执行完毕，还款计划已全部收回",
            "无须再行办理；款项登记有误的，由经办人冲正。",
        ),
        "terminated": Cause(
            "the execution of the plan was terminated",
            "The handling institution may draft a new plan.",
            "方案已终止执行",
            "经办机构可另行拟订方案。",
        ),
        "withdrawn": Cause(
            "the handling institution has withdrawn the plan",
            "The handling institution may draft a new plan.",
            "经办机构已撤回方案",
            "经办机构可另行拟订方案。",
        ),
        "convened": Cause(
            "the meeting is convened and was not opened yet",
            (
                "Whoever presides opens the meeting when its hour has come, the notice has reached every "
                "seat and all seats are represented."
            ),
            "会议已召集，尚未开会",
            "会议时间已到、通知已送达全部席位且全部席位均有人出席时，由会议主持人宣布开会。",
        ),
        "in_session": Cause(
            "the meeting is in session",
            "When its items are dealt with, whoever presides closes the meeting.",
            "会议正在进行",
            "请待议题审议完毕后由会议主持人宣布散会。",
        ),
        "closed": Cause(
            "the session is over, and the minutes are not drawn up yet",
            "The liaison drafts the minutes on the meeting's page.",
            "会议已结束，会议纪要尚未起草",
            "请联络员在会议页面起草会议纪要。",
        ),
        "minuted": Cause(
            "the session is over, and the minutes wait for the signature",
            "The chair, or the acting chair of the meeting, signs the minutes.",
            "会议已结束，会议纪要待签发",
            "请主任委员（或本次会议的受托主持人）签发会议纪要。",
        ),
        "signed": Cause(
            "the minutes of the meeting are signed and in effect",
            "The liaison distributes the minutes, reports to head office and archives the meeting.",
            "会议纪要已签发生效",
            "请联络员分发纪要、向总行报告并归档。",
        ),
        "archived": Cause(
            "the meeting's file is archived and closed",
            "Nothing more is to be done; the liaison keeps the file, which stays to be read.",
            "会议档案已归档",
            "无须再行办理；档案由联络员保管，可供查阅。",
        ),
        "cancelled": Cause(
            "the meeting was cancelled",
            "The chair may convene another meeting.",
            "会议已取消",
            "主任委员可另行召集会议。",
        ),
    }
)

#: the states of a plan and of a meeting as they follow one another; what ended a plan early stands last
_ORDERS: Sequence[Sequence[str]] = (
    (
        "draft", "returned", "submitted", "shortlisted", "filed", "tabled", "voting", "carried", "rejected",
        "credit_approved", "executing", "completed", "credit_declined", "screened_out", "withdrawn",
        "terminated",
    ),
    ("convened", "in_session", "closed", "minuted", "signed", "archived", "cancelled"),
)  # fmt: skip

#: verb → when the act has its place
_PLACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "amend": (
            "A plan is amended while it is a draft or returned for completion",
            "方案须在草拟或退回补正期间方可修改",
        ),
        "submit": (
            "A plan is submitted while it is a draft or returned for completion",
            "方案须在草拟或退回补正期间方可提交",
        ),
        "withdraw": (
            "A plan is withdrawn before the vote on it opens",
            "方案须在提请表决前方可撤回",
        ),
        "revise": (
            "A plan is revised after the committee did not carry it",
            "方案须在联席会议未予通过后方可修订再报",
        ),
        "return": (
            "A plan is returned for completion while it waits for screening",
            "方案须在待初审期间方可退回补正",
        ),
        "screen_out": (
            "A plan is screened out while it waits for screening",
            "方案须在待初审期间方可作不予上会处理",
        ),
        "shortlist": (
            "A plan is shortlisted while it waits for screening",
            "方案须在待初审期间方可纳入拟上会名单",
        ),
        "file_docket": (
            "A docket takes plans that are shortlisted and not filed yet",
            "列入名单备案的方案须已纳入拟上会名单且尚未备案",
        ),
        "convene": (
            "An agenda takes plans that are filed and on no other agenda",
            "列入议题的方案须已备案且未列入其他会议",
        ),
        "change_meeting": (
            "A meeting is changed before it opens",
            "会议须在开会前方可变更",
        ),
        "cancel_meeting": (
            "A meeting is cancelled before it opens",
            "会议须在开会前方可取消",
        ),
        "close_meeting": (
            "A meeting is closed while it is in session",
            "会议须在进行中方可宣布散会",
        ),
        "authorise_proxy": (
            "A proxy is authorised before or during the session",
            "委托须在会议召集后、结束前办理",
        ),
        "take_up": (
            "An item is taken up while it is on the agenda of a meeting in session",
            "议题须在会议进行中、提请表决前宣布审议",
        ),
        "admit_observer": (
            "An observer is admitted to an item under deliberation in a session",
            "列席须在会议进行中、议题审议期间准许",
        ),
        "withdraw_observer": (
            "An observer withdraws from an item under deliberation in a session",
            "列席人员回避须在会议进行中、议题审议期间登记",
        ),
        "read_materials": (
            "Reading is confirmed for an item on the agenda of a meeting",
            "材料阅知须在方案列入会议议题后确认",
        ),
        "record_opinion": (
            "An opinion is recorded in the session, until the vote on the item opens",
            "意见须在会议进行中、提请表决前发表",
        ),
        "ask_to_speak": (
            "One asks to speak in the session, until the vote on the item opens",
            "发言申请须在会议进行中、提请表决前提出",
        ),
        "take_back_wish": (
            "A wish to speak is taken back in the session, until the vote on the item opens",
            "撤回发言申请须在会议进行中、提请表决前办理",
        ),
        "give_floor": (
            "The floor is given in the session, until the vote on the item opens",
            "准许发言须在会议进行中、提请表决前办理",
        ),
        "end_speech": (
            "A speech is ended in the session, until the vote on the item opens",
            "结束发言须在会议进行中、提请表决前办理",
        ),
        "ask_observer": (
            "An observer is asked in the session, until the vote on the item opens",
            "向列席人员提问须在会议进行中、提请表决前进行",
        ),
        "answer_question": (
            "A question is answered in the session, until the vote on the item opens",
            "答复提问须在会议进行中、提请表决前进行",
        ),
        "take_down_opinion": (
            "An opinion is taken down in the session, until the vote on the item opens",
            "代录意见须在会议进行中、提请表决前进行",
        ),
        "confirm_opinion": (
            "What was taken down is confirmed in the session, until the vote on the item opens",
            "确认代录意见须在会议进行中、提请表决前进行",
        ),
        "decline_opinion": (
            "What was taken down is declined in the session, until the vote on the item opens",
            "不予确认代录意见须在会议进行中、提请表决前进行",
        ),
        "open_vote": (
            "A vote is opened on an item under deliberation in a session",
            "表决须在会议进行中、议题审议后提请",
        ),
        "cast": (
            "A ballot is cast while a vote on the plan is open",
            "表决票须在表决进行中投出",
        ),
        "close_vote": (
            "A vote is closed while it is open",
            "表决须在进行中方可结束",
        ),
        "cancel_vote": (
            "A vote is cancelled while it is open",
            "表决须在进行中方可取消",
        ),
        "declare_conflict": (
            "A conflict of interest is declared from the notice on until the seat's ballot",
            "利益冲突须在会议通知发出后、本席位投票前申报",
        ),
        "request_abstention": (
            "One asks to abstain in the session, from the item being taken up until the ballot",
            "弃权申请须在会议进行中、议题审议后至投票前提出",
        ),
        "grant_abstention": (
            "A request to abstain is decided in the session, until the vote is over",
            "弃权申请须在会议进行中、表决结束前决定",
        ),
        "refuse_abstention": (
            "A request to abstain is decided in the session, until the vote is over",
            "弃权申请须在会议进行中、表决结束前决定",
        ),
        "propose_cancellation": (
            "The cancellation of a vote is proposed while it is open in a session",
            "取消表决的提议须在会议进行中、表决期间提出",
        ),
        "open_wall": (
            "A meeting is shown on the wall before and during its session",
            "会议大屏须在会议召集后、结束前开启",
        ),
        "send_notice": (
            "The notice is sent before the meeting opens",
            "会议通知须在开会前发送",
        ),
        "deliver_notice": (
            "The delivery of a paper notice is recorded before the meeting opens",
            "纸质通知的送达须在开会前登记",
        ),
        "acknowledge": (
            "The notice is acknowledged before the meeting opens",
            "会议通知须在开会前签收",
        ),
        "revoke_proxy": (
            "A proxy is revoked before or during the session",
            "撤销委托须在会议召集后、结束前办理",
        ),
        "sign_in": (
            "One signs in from convening until the meeting closes",
            "签到须在会议召集后、结束前办理",
        ),
        "sign_out": (
            "One signs out from convening until the meeting closes",
            "签退须在会议召集后、结束前办理",
        ),
        "open_meeting": (
            "A meeting is opened once, after it was convened",
            "会议须在召集后宣布开会，且仅宣布一次",
        ),
        "appoint_acting_chair": (
            "An acting chair is appointed before or during the session",
            "受托主持人须在会议召集后、结束前指定",
        ),
        "draft_minutes": (
            "Minutes are drafted once, after the meeting was closed",
            "会议纪要须在会议结束后起草，且仅起草一次",
        ),
        "amend_minutes": (
            "Minutes are amended while they are drafted and not signed",
            "会议纪要须在起草后、签发前方可修改",
        ),
        "sign_minutes": (
            "Minutes are signed once they are drafted",
            "会议纪要须在起草后签发",
        ),
        "distribute": (
            "Minutes are distributed once they are signed, before the archive",
            "会议纪要须在签发后、归档前分发",
        ),
        "report_decisions": (
            "The report is sent once the minutes are signed, before the archive",
            "会议报告须在纪要签发后、归档前报送",
        ),
        "receive_report": (
            "A report is received once the liaison has sent it",
            "会议报告须在联络员报送后签收",
        ),
        "archive": (
            "A meeting is archived once, after its minutes were signed",
            "会议档案须在纪要签发后归档，且仅归档一次",
        ),
        "approve_credit": (
            "Credit is approved on a plan that was carried and not decided on yet",
            "授信批准须针对已通过且尚未审批的方案",
        ),
        "decline_credit": (
            "Credit is declined on a plan that was carried and not decided on yet",
            "授信不予批准须针对已通过且尚未审批的方案",
        ),
        "record_receipt": (
            "Receipts are recorded after credit was approved, until the schedule is repaid",
            "回收款项须在授信批准后、还款计划全部收回前登记",
        ),
        "reverse_receipt": (
            "Receipts are reversed after credit was approved, unless the execution was terminated",
            "回收款项须在授信批准后、方案未终止时方可冲正",
        ),
        "terminate": (
            "Execution is terminated after credit was approved, until the schedule is repaid",
            "终止执行须在授信批准后、还款计划全部收回前办理",
        ),
    }
)

#: verb, state → the way out where it is another than what is next in that state
_WAYS: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("withdraw", "voting"): (
            "The chair may cancel the vote; after that the handler can withdraw the plan.",
            "主任委员可取消表决，取消后经办人方可撤回方案。",
        ),
        ("amend", "submitted"): (
            "Ask the liaison to return the plan for completion.",
            "请联络员将方案退回补正。",
        ),
        ("withdraw_observer", "convened"): (
            "The chair admits an observer in the session, after the item is taken up.",
            "列席人员由主任委员在会议进行中、宣布审议议题后准许。",
        ),
        ("change_meeting", "in_session"): (
            "Items without a vote leave the agenda when the chair closes the meeting.",
            "未表决的议题在主任委员宣布散会后即退出议程。",
        ),
        ("cancel_meeting", "in_session"): (
            "Whoever presides closes the meeting; items without a vote stay filed.",
            "请会议主持人宣布散会，未表决的议题保持已备案状态。",
        ),
    }
)

_PAST = ("This is past. ", "该环节已结束。")


#: cause → what is so, and who does what about it
CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "acting-chair/seat": Cause(
            "An acting chair is the holder of a filled seat other than the chair's[; seat {seat} is not].",
            "Head office names another seat; a vacant one is filled by the risk department.",
            "受托主持人须为主任委员以外、已有人选的席位的委员[，{seat} 号席位不符合]。",
            "请总行另行指定席位；空缺席位由风险管理部补充人选。",
        ),
        "acknowledge/paper": Cause(
            "The notice went to this seat on paper: its delivery is the receipt.",
            "Nothing is to be acknowledged; the liaison records the delivery.",
            "本席位的会议通知以纸质送达，以送达为签收。",
            "无须签收；送达情况由联络员登记。",
        ),
        "acknowledge/done": Cause(
            "The notice has been acknowledged for this seat already.",
            "Nothing more is to be done; the liaison sees the receipt.",
            "本席位已签收会议通知。",
            "无须再次签收，联络员已可查见回执。",
        ),
        "deliver/electronic": Cause(
            "The notice went to this seat electronically: its holder acknowledges it.",
            "Nothing is to be recorded; the liaison may send it on paper when it is sent again.",
            "本席位的会议通知以电子方式发出，由委员本人签收。",
            "无须登记送达；如需纸质送达，请在重新发送时选择纸质。",
        ),
        "deliver/none": Cause(
            "No notice on paper is on its way.",
            "The liaison ticks the seats that have it on paper when the notice is sent; deliveries on record "
            "stand on the notice's page.",
            "目前没有在途的纸质通知。",
            "请联络员在发送会议通知时勾选纸质送达的席位；已登记的送达可在通知页面查看。",
        ),
        "deliver/done": Cause(
            "The delivery of the notice to this seat is on record already.",
            "Nothing more is to be done; the liaison finds on the notice's page who received it.",
            "本席位的通知送达已登记。",
            "无须再次登记，联络员可在通知页面查看签收人。",
        ),
        "deliver/nobody": Cause(
            "It is not said who received the notice.",
            "The liaison names whoever took the paper.",
            "未注明签收人。",
            "请联络员填写实际接收纸质通知的人员。",
        ),
        "deliver/time": Cause(
            "The notice cannot have been received before it was sent, nor in the future.",
            "The liaison corrects the time of receipt.",
            "签收时间不得早于通知发出时间，也不得晚于当前时间。",
            "请联络员更正签收时间。",
        ),
        "conflict/off-agenda": Cause(
            "The plan is on the agenda of no meeting.",
            "The chair puts the plan on an agenda; a conflict is declared after the liaison's notice.",
            "方案未列入任何会议的议题。",
            "请主任委员将方案列入议题；利益冲突在联络员发出会议通知后申报。",
        ),
        "conflict/done": Cause(
            "A conflict of interest of this seat is on record for the item already.",
            "Nothing more is to be done: the seat only abstains, and needs no consent of the chair.",
            "本席位就该议题的利益冲突已记录在案。",
            "无须再次申报；本席位仅可弃权，无须主任委员同意。",
        ),
        "floor/asked": Cause(
            "You are on the speaking list, or have the floor, already.",
            "Wait until whoever presides gives you the floor, or take back your wish.",
            "您已在发言名单上或正在发言。",
            "请等候会议主持人准许发言，或撤回发言申请。",
        ),
        "floor/not-asked": Cause(
            "You are not waiting on the speaking list of this item.",
            "Ask to speak first; whoever presides gives the floor.",
            "您未在该议题的发言名单上等候。",
            "请先申请发言，由会议主持人准许。",
        ),
        "floor/seat-not-waiting": Cause(
            "[Seat {seat}: ]Nobody waits on the speaking list for this seat.",
            "The member or proxy present for the seat asks to speak first.",
            "[{seat} 号席位：]该席位无人在发言名单上等候。",
            "请该席位的到会人员先申请发言。",
        ),
        "floor/nobody-speaks": Cause(
            "Nobody has the floor on this item.",
            "Whoever presides gives the floor to somebody on the speaking list.",
            "该议题目前无人发言。",
            "请会议主持人从发言名单中准许发言。",
        ),
        "interpretation/not-standing": Cause(
            "Only an interpretation of the same article that stands is replaced.",
            "The risk department chooses one that stands, or publishes a new one beside it.",
            "仅可替换同一条款现行有效的解释。",
            "请风险管理部另选现行有效的解释，或另行发布。",
        ),
        "liaison/is-liaison": Cause(
            "This person is the liaison already.",
            "The risk department names somebody else.",
            "该人员现任联络员。",
            "请风险管理部另行指定人员。",
        ),
        "liaison/days": Cause(
            "The first day is not before today, the last not before the first.",
            "The risk department gives other days.",
            "起始日不得早于今日，截止日不得早于起始日。",
            "请风险管理部另行确定期间。",
        ),
        "liaison/taken": Cause(
            "Somebody stands in on these days already.",
            "The risk department gives other days, or ends that standing-in first.",
            "该期间已指定代行人员。",
            "请风险管理部另行确定期间，或先终止原代行安排。",
        ),
        "liaison/nobody": Cause(
            "Nobody stands in for the liaison.",
            "Nothing is to be ended: the liaison acts; the risk department may appoint a stand-in.",
            "目前无代行人员。",
            "无须终止：现由联络员本人履职；风险管理部可指定代行人员。",
        ),
        "meeting/vote-open": Cause(
            "A vote is open in the meeting[: on item {item}].",
            "All ballots come in and the liaison closes the vote, or the chair cancels it; then go on here.",
            "会议正在进行表决[：议题{item}]。",
            "请待全部表决票收齐后由联络员结束表决，或由主任委员取消表决，再行办理。",
        ),
        "meeting/not-begun": Cause(
            "The meeting opens at its hour[, on {opens}].",
            (
                "Wait until then; whoever presides opens it when the liaison's notice has reached every seat "
                "and all are there. An earlier time needs the chair to change the meeting."
            ),
            "会议未到召开时间[（{opens}）]。",
            "请届时由会议主持人在通知送达、委员到齐后宣布开会；需提前的，由主任委员变更会议时间。",
        ),
        "meeting/not-begun-nor-noticed": Cause(
            "The liaison has not sent the current notice yet[, and the meeting opens on {opens}].",
            "The liaison sends it on the meeting's page; whoever presides opens the meeting at its hour.",
            "联络员尚未发送现行会议通知[，且会议未到召开时间（{opens}）]。",
            "请联络员在会议页面发送会议通知；届时由会议主持人宣布开会。",
        ),
        "minutes/distributed": Cause(
            "The minutes have been distributed already.",
            "Nothing more is to be done; the liaison finds the copies on the meeting's page.",
            "会议纪要已经分发。",
            "无须再次分发，联络员可在会议页面查看分发情况。",
        ),
        "notice/all-have-it": Cause(
            "Every filled seat has the current notice.",
            "Nobody lacks it; when the chair changes the meeting, a new notice is due from the liaison.",
            "现行会议通知已送达全部已有人选的席位。",
            "无须再次发送；主任委员变更会议后，由联络员另行发送通知。",
        ),
        "observer/not-taken-up": Cause(
            "The item is not under deliberation yet.",
            "The chair takes the item up first, then admits the observer.",
            "该议题尚未宣布审议。",
            "请主任委员先宣布审议该议题，再准许列席。",
        ),
        "observer/admitted": Cause(
            "An observer was admitted to this item already: an item has one, once.",
            "Questions go to that observer; the liaison records the withdrawal.",
            "该议题已准许列席一次，每一议题仅可准许一次。",
            "请向该列席人员提问；其回避由联络员登记。",
        ),
        "observer/none": Cause(
            "No observer attends this item.",
            "The chair may admit the head of the handling institution, once, while the item is deliberated.",
            "该议题目前无列席人员。",
            "主任委员可在审议期间准许经办机构负责人列席一次。",
        ),
        "opinion/not-waiting": Cause(
            "Nothing that was taken down waits for you on this item.",
            "Record your opinion yourself, or the liaison takes it down again.",
            "该议题没有待您确认的代录意见。",
            "请自行发表意见，或由联络员重新代录。",
        ),
        "presence/in": Cause(
            "You are signed in to this meeting already.",
            "Nothing more is to be done; whoever presides and the liaison see your presence.",
            "您已签到。",
            "无须再次签到，会议主持人与联络员已可查见。",
        ),
        "presence/out": Cause(
            "You are not signed in to this meeting.",
            "Sign in first; the liaison can have you sign in at the own device.",
            "您尚未签到。",
            "请先签到；也可在联络员处签到。",
        ),
        "proxy/none": Cause(
            "No authorisation of your seat is running in this meeting.",
            "Nothing is to be revoked; a member authorises a proxy on the meeting's page.",
            "本席位在该会议没有有效的委托。",
            "无须撤销；委员可在会议页面办理委托。",
        ),
        "proxy/running": Cause(
            "An authorisation of your seat is running in this meeting: a seat has one proxy.",
            "The member revokes it first, then authorises another.",
            "本席位在该会议已有有效的委托，每席仅可委托一人。",
            "请委员先撤销原委托，再另行委托。",
        ),
        "question/answered": Cause(
            "The question is not one of this item, or is answered already.",
            "The observer or the liaison answers one that waits on the item's page.",
            "该问题不属于本议题，或已经答复。",
            "请列席人员或联络员在议题页面选择待答复的问题。",
        ),
        "reading/done": Cause(
            "You have confirmed the reading of these materials already.",
            "Nothing more is to be done, until the liaison sends other materials.",
            "您已确认阅知现行材料。",
            "无须再次确认；联络员另行送达材料的，再行确认。",
        ),
        "report/sent": Cause(
            "The report on this meeting was sent already.",
            "Nothing more is to be sent; head office records its receipt.",
            "该会议的报告已经报送。",
            "无须再次报送，由总行登记签收。",
        ),
        "report/received": Cause(
            "The report on this meeting was received already.",
            "Nothing more is to be done; head office finds it among the reports.",
            "该会议的报告已经签收。",
            "无须再次签收，总行可在报告列表中查看。",
        ),
        "report/not-sent": Cause(
            "The report on this meeting was not sent yet.",
            "The liaison sends it on the meeting's page.",
            "该会议的报告尚未报送。",
            "请联络员在会议页面报送。",
        ),
        "request/pending": Cause(
            "A request of this seat to abstain is pending or granted.",
            "While it is pending the chair decides it, the chair's own and an acting chair's head office.",
            "本席位的弃权申请正待决定或已获同意。",
            "待决定的，由主任委员决定；主任委员和受托主持人的申请由总行决定。",
        ),
        "request/in-conflict": Cause(
            "The seat is in conflict of interest with this item and only abstains.",
            "No request is needed: the seat abstains without the chair's consent.",
            "本席位与该议题存在利益冲突，仅可弃权。",
            "无须申请，本席位弃权不需主任委员同意。",
        ),
        "seat/vacant": Cause(
            "[Seat {seat}: ]The seat is vacant already.",
            "Nothing is to be vacated; the risk department may fill it.",
            "[{seat} 号席位：]该席位现已空缺。",
            "无须办理空缺；风险管理部可补充人选。",
        ),
        "seat/filled": Cause(
            "[Seat {seat}: ]The seat has a holder.",
            "The risk department vacates it first, then fills it.",
            "[{seat} 号席位：]该席位已有人选。",
            "请风险管理部先办理空缺，再补充人选。",
        ),
        "special/not-in-question": Cause(
            "The plan does not rest on special circumstances alone, or the committee has recognised them.",
            "The chair opens the vote on the plan.",
            "方案并非仅以特殊情况为依据，或该特殊情况已经认可。",
            "请主任委员就方案提请表决。",
        ),
        "taken-up/done": Cause(
            "The item is under deliberation already.",
            "Members give their opinions; the chair opens the vote.",
            "该议题已宣布审议。",
            "请委员发表意见，由主任委员提请表决。",
        ),
        "text/blank": Cause(
            "Nothing is written.",
            "The member, the observer or the liaison writes what was said.",
            "未填写内容。",
            "请委员、列席人员或联络员填写所述内容后再提交。",
        ),
        "vote/none-open": Cause(
            "No vote on the plan is open.",
            "The chair opens one in the session.",
            "目前没有就该方案进行的表决。",
            "请主任委员在会议上提请表决。",
        ),
        "wall/closed": Cause(
            "No link shows the meeting on the wall.",
            "The liaison or whoever presides opens one.",
            "目前没有会议大屏链接。",
            "请联络员或会议主持人开启。",
        ),
    }
)


def cause_of(verb: str, state: str, states: Sequence[str] = ()) -> Cause | None:
    """What `state/not-allowed` says of the verb in this state of its object; None where there is no word.

    ``states`` are those in which the act has its place: where all of them lie before, it is told to be past.
    """
    standing, place = STANDING.get(state), _PLACES.get(verb)
    if standing is None or place is None:
        return None
    order = next(order for order in _ORDERS if state in order)
    known = [order.index(name) for name in states if name in order]
    # an act on an item, in the state of its meeting: it belongs to the session
    last = max(known) if known else order.index("in_session") if "in_session" in order else len(order)
    past = _PAST if last < order.index(state) else ("", "")
    way = _WAYS.get((verb, state), (standing.remedy_en, standing.remedy_zh))
    return Cause(
        f"{place[0]}; {standing.message_en}.",
        past[0] + way[0],
        f"{place[1]}；{standing.message_zh}。",
        past[1] + way[1],
    )
