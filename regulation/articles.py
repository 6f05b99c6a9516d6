"""The regulation's 25 articles: the Chinese as printed, an English translation, and the editor's notes.

The Chinese is verbatim, slips of print, ASCII punctuation and all; only line ends and spaces of the page
layout are gone. Each slip has a note on how it is read. The translation renders the reading, not the slip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TITLE_ZH = "不良贷款清收化解联席会议制度"
TITLE_EN = "Joint Committee Regulation for the Recovery and Workout of Non-performing Loans"

_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One of the six chapters."""

    number: int
    title_zh: str
    title_en: str

    @property
    def heading_zh(self) -> str:
        """The heading as printed, 第五章　工作程序和规则."""
        return f"第{numeral(self.number)}章　{self.title_zh}"

    @property
    def heading_en(self) -> str:
        """The heading in English."""
        return f"Chapter {self.number}: {self.title_en}"


@dataclass(frozen=True, slots=True)
class Note:
    """An editor's note on words printed; ``item`` is the item they stand in, None for the article's lead."""

    item: int | None
    printed: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its lead sentence, its items (一), (二), … if it has any, and the editor's notes."""

    number: int
    chapter: Chapter
    lead_zh: str
    lead_en: str
    items_zh: tuple[str, ...] = ()
    items_en: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def text_zh(self) -> str:
        """The whole article as printed, without its number; each item on a line of its own."""
        return "\n".join(
            (self.lead_zh, *(f"({numeral(n)}){item}" for n, item in enumerate(self.items_zh, 1)))
        )

    @property
    def text_en(self) -> str:
        """The whole article in English, without its number; each item on a line of its own."""
        return "\n".join((self.lead_en, *(f"({n}) {item}" for n, item in enumerate(self.items_en, 1))))


_GENERAL = Chapter(1, "总则", "General provisions")
_ORGANISATION = Chapter(2, "联席会议组织", "Organisation of the joint committee")
_MATTERS = Chapter(3, "联席会议议事内容", "Matters before the joint committee")
_DUTIES = Chapter(4, "联席会议职责", "Duties of the joint committee")
_PROCEDURE = Chapter(5, "工作程序和规则", "Procedure and rules")
_SUPPLEMENT = Chapter(6, "附则", "Supplementary provisions")
CHAPTERS = (_GENERAL, _ORGANISATION, _MATTERS, _DUTIES, _PROCEDURE, _SUPPLEMENT)

_ALL = (
    Article(
        1,
        _GENERAL,
        "面对国内经济持续低迷,部分企业资金流动性出现缺口,信用风险急剧提高等显示情况,为加快不良贷款清收化"
        "解工作进度,满足总行对我行相关指标要求,切实提高清收化解工作的时效性,帮助有偿还能力的企业解决短期"
        "资金困境,经总行研究决定,呼市分行制定并实施不良贷款清收化解联席会议(以下简称联席会议)制度。",
        "In the face of the present situation, in which the domestic economy remains sluggish, some "
        "enterprises are short of liquidity and credit risk is rising sharply, and in order to speed up "
        "the recovery and workout of non-performing loans, to meet the targets that head office has set "
        "for our bank, to make recovery and workout work more timely in earnest, and to help "
        "enterprises that are able to repay through short-term difficulties of funding, the Hohhot "
        "branch, by decision of head office, lays down and puts into effect this regulation on the "
        "joint committee for the recovery and workout of non-performing loans (hereinafter: the joint "
        "committee).",
        notes=(
            Note(
                None,
                "显示情况",
                "“显示”疑为“现实”之误，此处按“现实情况”理解。",
                "Printed 显示情况 (displayed situation); read as 现实情况 (present situation).",
            ),
        ),
    ),
    Article(
        2,
        _GENERAL,
        "联席会议制度在对不良企业进行有效筛选后,进行集体决议、集体表决,为分行授信管理部审批流程的有效进"
        "行提供依据。",
        "Under the joint committee system, non-performing enterprises are first screened effectively; "
        "then there is collective resolution and a collective vote, as the basis on which the approval "
        "process of the branch's credit approval department effectively proceeds.",
    ),
    Article(
        3,
        _ORGANISATION,
        "联席会议实行委员会制,分管风险副行长任主任委员。",
        "The joint committee is organised as a committee. The vice-president in charge of risk is its chair.",
    ),
    Article(
        4,
        _ORGANISATION,
        "联席会议由九名委员共同参与决策,委员由分行副行长、风险总监、公司银行部、风险管理部、小企业业务部"
        "、个人银行部负责人及相关领导组成。",
        "Nine members decide jointly. They are the branch's vice-presidents, its chief risk officer, "
        "the heads of the corporate banking, risk management, small business and personal banking "
        "departments, and other officers concerned.",
    ),
    Article(
        5,
        _ORGANISATION,
        "联席会议设联席会议办公室,办公室设置在风险管理部,办公室设联络员一名。",
        "The joint committee has a committee office, which is placed in the risk management department. "
        "The office has one liaison officer.",
    ),
    Article(
        6,
        _MATTERS,
        "联席会议议事内容为不良贷款的清收化解方案。",
        "The matters before the joint committee are workout and recovery plans for non-performing loans.",
    ),
    Article(
        7,
        _MATTERS,
        "不良贷款主体需满足以下一项或多项条件,方可经联席会议决策、决议。",
        "The joint committee may decide and resolve only where the borrower of the non-performing loan "
        "meets one or more of the following conditions:",
        (
            "企业正常生产经营;",
            "有持续现金流;",
            "能够按时足额偿还利息;",
            "原有授信业务担保情况良好,能够有效覆盖我行授信额度;",
            "企业暂时出现流动性缺口;",
            "其他经联席会议认可的特殊情况。",
        ),
        (
            "the enterprise is in normal production and operation;",
            "it has a continuing cash flow;",
            "it is able to pay interest in full and on time;",
            (
                "the security of the existing credit is in good order and effectively covers our bank's "
                "exposure;"
            ),
            "the enterprise has a temporary shortage of liquidity;",
            "other special circumstances recognised by the joint committee.",
        ),
    ),
    Article(
        8,
        _DUTIES,
        "联席会议主要职责是在确保我行利息最大化的前提下,切实提高清收化解工作的时效性,帮助有偿还能力的企"
        "业解决短期资金困境,为授信审批流程的有限进行提供依据。",
        "The main duty of the joint committee is, while ensuring the greatest benefit to our bank, to "
        "make recovery and workout work more timely in earnest, to help enterprises that are able to "
        "repay through short-term difficulties of funding, and to provide the basis on which the credit "
        "approval process effectively proceeds.",
        notes=(
            Note(
                None,
                "利息最大化",
                "“利息”疑为“利益”之误，此处按“利益最大化”理解。",
                "Printed 利息最大化 (greatest interest earned); most likely 利益最大化 (greatest benefit).",
            ),
            Note(
                None,
                "有限进行",
                "“有限”疑为“有效”之误（参见第二条），此处按“有效进行”理解。",
                "Printed 有限进行 (proceeds to a limited extent); read as 有效进行 (effectively "
                "proceeds), as in Art. 2.",
            ),
        ),
    ),
    Article(
        9,
        _DUTIES,
        "联席会议由主任委员召集并主持,主任委员主要职责如下:",
        "The joint committee is convened and presided over by the chair. The main duties of the chair are:",
        (
            "召集委员召开联席会议;",
            "维护联席会议议事规则、确保联席会议有效进行;",
            "确定联席会议议程并确保联席会议决议的清晰明确;",
            "签发会议纪要",
        ),
        (
            "to convene the members to meetings of the joint committee;",
            "to uphold its rules of procedure and ensure that its meetings proceed effectively;",
            "to set its agenda and ensure that its resolutions are clear and unambiguous;",
            "to sign and issue the minutes.",
        ),
    ),
    Article(
        10,
        _DUTIES,
        "联席会议委员主要职责:",
        "The main duties of the members are:",
        (
            "提前阅读和分析拟上会业务的材料;",
            "按时参加联席会议;",
            "参加联席会议的集体讨论,充分发表意见,阐明观点;",
            "对自己在联席会议上的发言负责;",
            "认真填写表决票,明确表示同意及反对。",
        ),
        (
            "to read and analyse in advance the materials of the matters to be put before the committee;",
            "to attend its meetings on time;",
            (
                "to take part in the collective discussion, to give opinions in full and to make their "
                "views clear;"
            ),
            "to answer for what they say in its meetings;",
            "to fill in the ballot with care and state clearly whether they are for or against.",
        ),
        (
            Note(
                5,
                "同意及反对",
                "“及”疑为“或”之误，此处按“同意或反对”理解。",
                "Printed 同意及反对 (for and against); read as 同意或反对 (for or against).",
            ),
        ),
    ),
    Article(
        11,
        _DUTIES,
        "联席会议委员员如遇特殊情况不能参加联席会议,需委托其他相关人员参会,委托时需出具注明授权委托权限"
        "范围的委托书。",
        "A member who in special circumstances cannot attend a meeting must appoint another person "
        "concerned to attend as proxy. The appointment requires a letter of authorisation that states "
        "the scope of the powers conferred.",
        notes=(
            Note(
                None,
                "委员员",
                "“委员员”衍一“员”字，应为“委员”。",
                "Printed 委员员, with a character doubled; read as 委员 (member).",
            ),
        ),
    ),
    Article(
        12,
        _DUTIES,
        "联席会议办公室联络员的职责:",
        "The duties of the liaison officer of the committee office are:",
        (
            "负责接收、整理各支行提交的拟化解企业的清收化解方案,并将拟经联席会议表决内容上报总行;",
            "提前通知联席会议各委员参会时间、地点、会议议题,并将相关材料通过电子或纸质的形式送达委员;",
            "负责联席会议的议程记录,保证记录内容的客观、真实、完整;",
            "投票表决的计票工作;",
            "向总行上报联席会议决议内容;",
            "联席会议记录、表决结果、决议内容的归档保存工作;",
            "联席会议主任委员交付的其他工作。",
        ),
        (
            (
                "to receive and put in order the workout and recovery plans submitted by the "
                "sub-branches for enterprises to be worked out, and to report to head office what is to "
                "be voted on by the joint committee;"
            ),
            (
                "to notify each member in advance of the time, place and items of the meeting, and to "
                "deliver the materials to the members in electronic or paper form;"
            ),
            "to keep the record of proceedings, and to ensure that it is objective, true and complete;",
            "to count the votes;",
            "to report the resolutions of the joint committee to head office;",
            "to archive and keep the records of proceedings, the results of votes and the resolutions;",
            "other work assigned by the chair.",
        ),
    ),
    Article(
        13,
        _PROCEDURE,
        "需经联席会议审议的不良贷款清收方案,由经办机构向联席会议办公室提交。",
        "Recovery plans for non-performing loans that need deliberation by the joint committee are "
        "submitted by the handling institution to the committee office.",
    ),
    Article(
        14,
        _PROCEDURE,
        "联席会议办公室对所提交的不良贷款清收方案进行有效筛选后,将拟上会名单上报联席会议主任委员并上报总"
        "行备案。",
        "After effectively screening the recovery plans submitted, the committee office reports the "
        "docket to the chair and files it with head office for the record.",
    ),
    Article(
        15,
        _PROCEDURE,
        "联席会议由联席会议主任委员发起,由联席会议办公室提前两天通知联席会议委员,但遇到紧急情况时,可以随"
        "时发起。",
        "Meetings are called by the chair, and the committee office notifies the members two days in "
        "advance; in an emergency, however, a meeting may be called at any time.",
    ),
    Article(
        16,
        _PROCEDURE,
        "联席会议办公室联络员将主任委员确定的会议时间、地点、会议议题通知联席会议委员,并送达相关材料。",
        "The liaison officer of the committee office notifies the members of the time, place and items "
        "of the meeting as set by the chair, and delivers the materials.",
    ),
    Article(
        17,
        _PROCEDURE,
        "联席会议根据业务需要不定期召开。",
        "Meetings are held at no fixed interval, as business requires.",
    ),
    Article(
        18,
        _PROCEDURE,
        "联席会议由主任委员召集并主持,各委员履行尽职审议职责,对清收化解方案进行计提审议,各委员应对清收化"
        "解方案的可行性进行全面客观评价,充分发表意见。",
        "The joint committee is convened and presided over by the chair. The members discharge their "
        "duty of diligent deliberation and deliberate collectively on the plan; each member shall "
        "assess its feasibility fully and objectively, and give opinions in full.",
        notes=(
            Note(
                None,
                "计提审议",
                "“计提”疑为“集体”之误，此处按“集体审议”理解。",
                "Printed 计提审议 (“provisioning” deliberation); read as 集体审议 (collective deliberation).",
            ),
        ),
    ),
    Article(
        19,
        _PROCEDURE,
        "经联席会议主任委员同意,可请业务经办机构负责人列席会议,进一步说明情况并接受质询后予以回避。",
        "With the consent of the chair, the head of the handling institution may be invited to attend "
        "the meeting as a non-voting observer, who explains the matter further, answers questions and "
        "then withdraws.",
    ),
    Article(
        20,
        _PROCEDURE,
        "联席会议应遵循以下表决规则:",
        "The joint committee shall observe the following rules of voting:",
        (
            (
                "联席会议的召开需全体委员参加,联席会议决议需经全体委员的集体决议、集体表决,每位委员享有"
                "一票表决权。"
            ),
            "联席会议投票表决结果同意票数不低于6票时,视为联席会议通过该项表决内容。",
            (
                "除未经授权的代理人外,联席会议委员原则上不得放弃表决权,但由于会议材料提供的信息不全、表"
                "决事项不清晰或其他特殊原因,可提议主任委员取消表决程序或征得主任委员同意后放弃表决权。"
            ),
            "投否决票的委员应向说明反对理由。",
        ),
        (
            (
                "A meeting is held with all members attending. A resolution requires collective "
                "resolution and a collective vote of all members; each member has one vote."
            ),
            (
                "Where the votes for are not fewer than 6, the joint committee is deemed to have "
                "carried the matter voted on."
            ),
            (
                "Except for proxies without authority to vote, members may in principle not abstain; "
                "but where the materials are incomplete, the matter to be voted on is unclear, or for "
                "other special reasons, a member may propose that the chair cancel the vote, or abstain "
                "after obtaining the chair's consent."
            ),
            "Members who vote against shall state the reasons for their dissent.",
        ),
        (
            Note(
                3,
                "未经授权的代理人",
                "按“未获表决授权的代理人”理解。",
                "未经授权的代理人 (proxies without authority) is read as proxies whose authority does "
                "not extend to voting.",
            ),
            Note(
                4,
                "应向说明",
                "“应向说明”中“向”字后缺宾语，原文未载明说明的对象；此处记入会议纪要。",
                "Printed 应向说明, without the object of 向 (to whom); the reasons go into the minutes.",
            ),
        ),
    ),
    Article(
        21,
        _PROCEDURE,
        "联席会议应及时形成会议纪要经主任委员签发后生效,由联席会议办公室向分行相关部室及经办机构下发会议"
        "纪要,同时上报总行备案。",
        "The joint committee shall draw up minutes without delay; they take effect when signed and "
        "issued by the chair. The committee office distributes them to the departments of the branch "
        "concerned and to the handling institution, and files them with head office for the record.",
    ),
    Article(
        22,
        _PROCEDURE,
        "分行授信管理部根据联席会议决议内容进行相关业务的授信审批。",
        "The branch's credit approval department decides on credit approval in accordance with the "
        "resolution of the joint committee.",
    ),
    Article(
        23,
        _PROCEDURE,
        "未通过联席会议表决的清收化解方案,除清收化解方案有实质性变化外,不再重复经联席会议表决。",
        "A workout and recovery plan that was not carried is not voted on by the joint committee again, "
        "unless the plan has changed in substance.",
    ),
    Article(
        24,
        _SUPPLEMENT,
        "本制度由风险管理部负责解释和修订。",
        "The risk management department is responsible for interpreting and amending this regulation.",
    ),
    Article(
        25,
        _SUPPLEMENT,
        "本制度自发文之日起执行。",
        "This regulation applies from the day of its issue.",
    ),
)

ARTICLES: Mapping[int, Article] = MappingProxyType({article.number: article for article in _ALL})


def numeral(number: int) -> str:
    """The number in Chinese numerals, from 一 to 九十九: 二十五 for 25."""
    tens, units = divmod(number, 10)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[units] if units else "")


def _located(reference: str) -> tuple[Article, int | None]:
    """The article and the item that "20" or "20.4" names; KeyError when there is none such."""
    number, _, item = reference.partition(".")
    try:
        article = ARTICLES[int(number)]
        if not item:
            return article, None
        if 1 <= int(item) <= len(article.items_zh):
            return article, int(item)
    except ValueError:
        pass
    raise KeyError(reference)


def citation(reference: str, lang: str = "en") -> str:
    """How "20.4" is cited: "Art. 20(4)", or 第二十条第四项 for a language tag that begins with "zh"."""
    article, item = _located(reference)
    if lang.lower().startswith("zh"):
        return f"第{numeral(article.number)}条" + (f"第{numeral(item)}项" if item else "")
    return f"Art. {article.number}" + (f"({item})" if item else "")


def quotation(reference: str, lang: str = "en") -> str:
    """The words of the article, or its lead and the one item named, then the editor's notes, a line each."""
    article, item = _located(reference)
    chinese = lang.lower().startswith("zh")
    if item is None:
        words = article.text_zh if chinese else article.text_en
    elif chinese:
        words = f"{article.lead_zh}\n({numeral(item)}){article.items_zh[item - 1]}"
    else:
        words = f"{article.lead_en}\n({item}) {article.items_en[item - 1]}"
    notes = (
        f"［编者注：{note.zh}］" if chinese else f"[Editor's note: {note.en}]"
        for note in article.notes
        if item is None or note.item in (None, item)
    )
    return "\n".join((words, *notes))
