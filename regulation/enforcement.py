"""What the system enforces for each article, in both languages; a settlement of an ambiguity says so.

Settlements are the text's silence filled by whoever runs the system; an interpretation of the Risk department
(Art. 24) has the last word. Numbers are named by their field; their values are those of the version in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing enforced; ``settled`` when it is a settlement, not the article's own words."""

    en: str
    zh: str
    settled: bool = False


def _text(en: str, zh: str) -> Rule:
    return Rule(en, zh)


def _ours(en: str, zh: str) -> Rule:
    return Rule(en, zh, settled=True)


#: article, or item of an article ("20.4") → what is enforced
ENFORCED: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "1": (
            _ours(
                (
                    "利息最大化 is read as 利益最大化 (benefit). Every plan shows total recovery and net pr"
                    "esent value beside each alternative, and the interest that it keeps. Nothing is refuse"
                    "d."
                ),
                (
                    "“利息最大化”按“利益最大化”理解。每一方案均列示总回收额、净现值与各替代方案的比较，以及"
                    "保留的利息；仅作展示，不作拦截。"
                ),
            ),
        ),
        "2": (
            _text(
                (
                    "Screening, collective resolution and credit approval follow one another; there is no "
                    "way around any of the three."
                ),
                "方案须依次经初审、集体审议表决、授信审批三道程序，任何一道均不得绕过。",
            ),
        ),
        "3": (
            _text(
                (
                    "A committee has exactly as many seats as the version in force says; one of them is "
                    "the chair's."
                ),
                "委员会席位数以现行版本所定为准，其中一席为主任委员席位。",
            ),
        ),
        "4": (
            _text(
                (
                    "A seat has a post, a holder and dates. One person holds at most one seat. A number "
                    "above the seats of the version in force, or of one to come, is not filled; a filled "
                    "seat can always be vacated."
                ),
                (
                    "每一席位载明职务、任职人及任期。一人至多担任一个席位。序号超出现行版本或待施行版本席位总数的席"
                    "位不得任职；已任职的席位可随时解除。"
                ),
            ),
        ),
        "5": (
            _text(
                (
                    "The committee office has exactly one acting liaison; a stand-in acts in the liaison's "
                    "place on the days set, and pending work passes over and back."
                ),
                (
                    "联席会议办公室同一时间只有一名联络员履职；指定代行人员的，在指定期间由其代行，待办事项"
                    "随之移交、期满交回。"
                ),
            ),
            _ours(
                ("The liaison counts the vote (Art. 12(4)) and therefore holds neither a seat nor a proxy."),
                "联络员负责计票（第十二条第四项），不得担任委员或代理人。",
            ),
        ),
        "6": (
            _ours(
                (
                    "Every loan of a plan is classified substandard, doubtful or loss; households are "
                    "enterprises' equals here."
                ),
                "方案所列每笔贷款的五级分类均须为次级、可疑或损失；农户等自然人借款主体比照企业办理。",
            ),
        ),
        "7": (
            _text(
                "The borrower meets at least one of the six conditions, each claimed with its evidence.",
                "借款主体至少符合六项条件之一，所列每项条件均须附佐证。",
            ),
        ),
        "7.6": (
            _ours(
                (
                    "Where special circumstances alone are claimed, the committee first votes on "
                    "recognising them, by the same threshold. Not recognised, the plan is screened out; "
                    "that is no rejection (Art. 23)."
                ),
                (
                    "仅以特殊情况为依据的，由委员会先就其认可单独表决，通过票数相同；不予认可的，方案不予上"
                    "会，不属于未通过（第二十三条）。"
                ),
            ),
        ),
        "8": (
            _ours(
                "Timeliness is shown as days since submission. Nothing is refused.",
                "处置时效以提交后经过的天数列示；仅作展示，不作拦截。",
            ),
        ),
        "9": (
            _text(
                (
                    "Only the chair convenes, opens, takes up an item, admits an observer, opens and "
                    "cancels a vote, grants an abstention, closes and signs."
                ),
                (
                    "会议的召集、开始、审议、准许列席、启动和取消表决、同意弃权、结束及纪要签发，均由主任委"
                    "员办理。"
                ),
            ),
            _ours(
                (
                    "The chair votes once, with no casting vote and no veto, and acts in session when "
                    "signed in. Chairing does not pass to a proxy: for an absent chair head office "
                    "appoints an acting chair for one meeting; the chair's seat still needs its proxy."
                ),
                (
                    "主任委员只投一票，无决定票和一票否决权；会议进行中须先签到方可主持。主持权不随委托转移"
                    "：主任委员缺席的，由总行为该次会议指定受托主持人，主任委员席位仍须另行委托代理人。"
                ),
            ),
        ),
        "10": (
            _text(
                (
                    "Reading of the materials, presence, opinions and ballot are recorded under the "
                    "member's own name, unchangeable."
                ),
                "委员阅读材料、到会、发表意见及表决均以本人名义留痕，不可更改。",
            ),
            _ours(
                (
                    "Unread materials warn, they do not block. A choice is for, against or abstain. An "
                    "opinion that the liaison takes down counts once its speaker has confirmed it."
                ),
                (
                    "材料未阅仅作提示，不影响表决。表决意见为同意、反对或弃权。联络员代为记录的审议意见，经发言人"
                    "确认后方为有效。"
                ),
            ),
        ),
        "11": (
            _text(
                (
                    "A proxy needs a written authorisation before the vote on the item opens, and acts "
                    "within its powers."
                ),
                "委托须有书面授权，并于该议题表决启动前作出；代理人在授权范围内行使权利。",
            ),
            _ours(
                (
                    "The authorisation names items and powers (attend, speak, vote). A holder is no "
                    "member, not the liaison, not of the handling institution, and holds at most the "
                    "number of proxies in force. A proxy without the power to vote is present and its seat "
                    "abstains. A principal who comes ends the proxy."
                ),
                (
                    "授权须载明议题和权限（列席、发言、表决）。代理人不得为委员、联络员或经办机构人员，受托"
                    "席位数不得超过现行规定。无表决权限的代理人计为到会，其席位计为弃权。委托人到会的，委托"
                    "终止。"
                ),
            ),
        ),
        "12": (
            _text(
                (
                    "The liaison receives, screens, files with head office, notifies and delivers, "
                    "records, counts, reports and archives."
                ),
                "联络员负责受理、初审、报总行备案、通知送达、记录、计票、上报及归档。",
            ),
        ),
        "12.6": (
            _ours(
                (
                    "The archive is complete only with docket and filing, notice with all receipts, "
                    "materials, attendance, proxies, opinions, ballots, tally, resolution, signed minutes, "
                    "distribution and the report to head office."
                ),
                (
                    "归档须齐备：拟上会名单及备案、会议通知及全部送达回执、会议材料、签到、委托书、审议意见"
                    "、表决票、计票结果、决议、已签发纪要、下发记录及上报总行记录。"
                ),
            ),
        ),
        "13": (
            _text(
                (
                    "A plan is drafted, submitted, revised and withdrawn by a handler of the institution "
                    "that handles the loans."
                ),
                "方案由贷款经办机构的经办人起草、提交、修订和撤回。",
            ),
            _ours(
                (
                    "Withdrawing is possible until the vote opens, with a reason. A contract stands in one "
                    "live plan of the bank at a time; no two loans of a plan are alike in contract, dates "
                    "and principal. A receipt lies between the plan's base date and today, and no more is "
                    "received than is owed, lent anew and scheduled as interest."
                ),
                (
                    "表决启动前可说明理由撤回。同一合同在全行同时只能列入一个在途方案；同一方案内不得有合同编号、日期、"
                    "本金均相同的两笔贷款。回款日期须在方案基准日至当日之间，累计回款不得超过全部欠款、新增资金与还款计"
                    "划利息之和。"
                ),
            ),
        ),
        "14": (
            _text(
                (
                    "The liaison shortlists, returns for completion or screens out, the last two with a "
                    "reason; the docket goes to the chair and is filed with head office."
                ),
                (
                    "联络员作出纳入拟上会名单、退回补正或不予上会的处理，后两者须说明理由；拟上会名单报主任"
                    "委员并报总行备案。"
                ),
            ),
            _ours(
                "Filing is a record; no approval is awaited.",
                "备案仅作留存，无须等待批复。",
            ),
        ),
        "15": (
            _text(
                (
                    "A meeting is noticed in advance by the days in force; an emergency meeting may be "
                    "called at any time, with a reason."
                ),
                "会议按现行规定的天数提前通知；紧急会议可随时召开，但须说明理由。",
            ),
            _ours(
                (
                    "Days are calendar days in the committee's time zone. An emergency waives the period "
                    "and nothing else. A changed place or a newly filled seat needs a new notice but no "
                    "new period."
                ),
                (
                    "天数按委员会所在时区的自然日计算。紧急会议仅免除提前通知期限。变更地点或席位新任的，须"
                    "重新通知，但不重新计算期限。"
                ),
            ),
        ),
        "16": (
            _text(
                (
                    "The notice states time, place and items and delivers the materials; a meeting opens "
                    "only on a current notice delivered to every filled seat."
                ),
                "会议通知载明时间、地点、议题并附材料；现行通知送达全部在任席位后方可开会。",
            ),
            _ours(
                (
                    "A change supersedes the notice and its receipts. The plan voted on is, by digest, the "
                    "plan delivered. Notice and receipt are the seat's: a new holder takes over what the "
                    "seat had and may acknowledge for it; the notice may also be sent again to a seat whose "
                    "holder changed, whose former receipt is then void."
                ),
                (
                    "会议要素变更的，原通知及回执失效，须重新通知。付表决的方案须与送达的方案摘要值一致。通知和回执"
                    "归属席位：新任职人承继席位已收到的通知，并可代为签收；席位任职人变更的，也可重新送达通知，该席"
                    "位原回执即行失效。"
                ),
            ),
        ),
        "17": (
            _text(
                "Meetings are called as needed: the desk shows how long each filed plan has waited.",
                "会议按需召开：工作台列示每个已备案方案的等待天数。",
            ),
        ),
        "18": (
            _text(
                "An item is taken up and deliberated before it is voted on.",
                "议题须先审议、后表决。",
            ),
            _ours(
                (
                    "A seat without an opinion warns the chair, it does not block. One vote is open at a "
                    "time. Whoever presides gives the floor to those who asked to speak; the time allowed "
                    "is shown and cuts nobody off."
                ),
                (
                    "席位未发表意见的仅提示主任委员，不影响表决。同一会议同时只进行一项表决。委员申请发言的，由主"
                    "持人安排；发言时限仅作提示，不强制中止。"
                ),
            ),
        ),
        "19": (
            _text(
                (
                    "With the chair's consent the head of the handling institution attends one item, "
                    "answers, and withdraws: no opinion is recorded while present, and the vote does not "
                    "open before."
                ),
                (
                    "经主任委员同意，经办机构负责人可列席单项议题接受质询，质询结束后退场回避；其在场期间不"
                    "记录审议意见、不启动表决。"
                ),
            ),
            _ours(
                (
                    "Questions and answers stand on the record; an answer that the liaison takes down is "
                    "marked so. The handling institution's copy of the minutes leaves them out."
                ),
                ("质询和答复均记录在案，由联络员代为记录的予以注明；下发经办机构的纪要副本不含质询内容。"),
            ),
        ),
        "20": (
            _text(
                (
                    "Ballots are cast by name, one a seat, and stand; until the closing nobody sees a "
                    "choice or a count."
                ),
                "实行记名投票，一席一票，投出即生效；表决结束前任何人不得查看表决意见和票数。",
            ),
        ),
        "20.1": (
            _text(
                (
                    "All seats are represented, in person or by proxy, when the meeting opens, when a vote "
                    "opens and at each ballot."
                ),
                "会议开始、表决启动及每次投票时，全部席位均须有本人或代理人到会。",
            ),
            _ours(
                (
                    "Someone leaving pauses the vote. A vote closes when all ballots are in; before that "
                    "it can only be cancelled."
                ),
                "中途离会的，表决暂停。全部表决票收齐方可结束表决，此前只能取消。",
            ),
        ),
        "20.2": (
            _text(
                (
                    "Carried when the votes for reach the votes to pass in force, a number never rescaled "
                    "by abstentions, conflicts or vacancies."
                ),
                "同意票达到现行通过票数的，方案通过；该票数不因弃权、回避或席位空缺折算。",
            ),
        ),
        "20.3": (
            _text(
                (
                    "Abstaining needs a reason and the chair's prior consent. Only the chair cancels a "
                    "vote, with a reason."
                ),
                "弃权须说明理由并事先经主任委员同意。表决程序只能由主任委员说明理由后取消。",
            ),
            _ours(
                (
                    "Ballots of a cancelled vote are void but kept, and the item is deferred, not failed. "
                    "A conflict of interest binds: that seat only abstains. Requests of the chair and of "
                    "an acting chair go to head office."
                ),
                (
                    "取消表决的，已投票作废但留存，议题缓议，不属于未通过。存在利益冲突的席位只能弃权。主任"
                    "委员及受托主持人的申请由总行决定。"
                ),
            ),
        ),
        "20.4": (
            _text(
                "A ballot against states its reason.",
                "反对票须填写理由。",
            ),
            _ours(
                "The reason goes into the minutes.",
                "反对理由载入会议纪要。",
            ),
        ),
        "21": (
            _text(
                (
                    "Minutes are drawn up from the record, take effect with the chair's signature and "
                    "never change after it; then they are distributed and filed with head office."
                ),
                "会议纪要依据会议记录形成，经主任委员签发后生效且不得更改，并下发有关部门、报总行备案。",
            ),
            _ours(
                (
                    "The handling institution gets its own items only, with counts and reasons without "
                    "names. Overdue minutes show on the desk."
                ),
                ("经办机构仅收到本机构议题的内容，含票数和理由，不含姓名。逾期未形成纪要的，在工作台提示。"),
            ),
        ),
        "22": (
            _text(
                (
                    "The credit approval department approves on the basis of the resolution, or declines "
                    "with a reason."
                ),
                "授信管理部依据决议审批，或说明理由不予批准。",
            ),
            _ours(
                "It approves exactly the terms resolved; other terms go back to the committee.",
                "审批内容须与决议完全一致；拟作变更的，须重新提交委员会审议。",
            ),
        ),
        "23": (
            _text(
                "A rejected plan does not come back without substantive change.",
                "未通过的方案，无实质性变化的不得重新上会。",
            ),
            _ours(
                (
                    "A plan that covers any contract of a rejected one is a resubmission. Substantive is a "
                    "changed set of loans, measures, guarantors, collateral or kinds of source; amounts "
                    "changed by the percentage in force; a final due date moved by 30 days. The liaison "
                    "rules on it when shortlisting."
                ),
                (
                    "新方案涉及未通过方案任一合同的，即为重新上会。贷款、措施、保证人、抵质押物或还款来源种"
                    "类变化，金额变化达到现行比例，或最终到期日变动30天以上的，为实质性变化；由联络员在纳入"
                    "拟上会名单时书面认定。"
                ),
            ),
        ),
        "24": (
            _text(
                "The Risk department publishes dated interpretations by article, and it alone amends.",
                "风险管理部按条款发布注明日期的解释，并负责修订。",
            ),
            _ours(
                (
                    "Each amendment is a new version with its own effective date; a meeting keeps the "
                    "version in force when it was convened. Old versions and interpretations never change."
                ),
                (
                    "每次修订形成新版本并载明施行日期；会议适用其召集时施行的版本。原版本及已发布的解释不作"
                    "更改。"
                ),
            ),
        ),
        "25": (
            _text(
                "A version applies from its effective date; before the first one nothing is convened.",
                "各版本自施行之日起适用；首个版本施行前不得召集会议。",
            ),
        ),
    }
)

#: number of a version → the article that it belongs to
SETTINGS: Mapping[str, int] = MappingProxyType(
    {
        "seats": 3,
        "proxies_per_holder": 11,
        "notice_days": 15,
        "votes_to_pass": 20,
        "minutes_due_days": 21,
        "material_change_pct": 23,
    }
)
