"""Stored words in both languages, for refusals that name one: states, parts of the archive, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Words = Mapping[str, tuple[str, str]]

#: state as stored → English, Chinese
STATES: Words = MappingProxyType(
    {
        "draft": ("draft", "起草中"),
        "submitted": ("submitted", "已提交"),
        "returned": ("returned for completion", "已退回补正"),
        "screened_out": ("screened out", "不予上会"),
        "shortlisted": ("shortlisted", "已纳入拟上会名单"),
        "filed": ("filed", "已备案"),
        "tabled": ("tabled", "已列入议程"),
        "voting": ("being voted on", "表决中"),
        "carried": ("carried", "已通过"),
        "rejected": ("not carried", "未通过"),
        "credit_approved": ("credit approved", "授信已批准"),
        "credit_declined": ("credit declined", "授信未批准"),
        "executing": ("being executed", "执行中"),
        "completed": ("completed", "已完成"),
        "terminated": ("terminated", "已终止"),
        "withdrawn": ("withdrawn", "已撤回"),
        "convened": ("convened", "已召集"),
        "in_session": ("in session", "会议进行中"),
        "closed": ("closed", "已结束"),
        "minuted": ("minuted", "纪要已形成"),
        "signed": ("signed", "已签发"),
        "archived": ("archived", "已归档"),
        "cancelled": ("cancelled", "已取消"),
        "open": ("open", "表决进行中"),
        "drafted": ("drafted", "已起草"),
        # of the ledger
        "raised": ("raised", "已触发"),
        "issued": ("issued", "已下达"),
        "dismissed": ("dismissed", "未下达"),
        "seen": ("seen", "已阅"),
        "replied": ("replied to", "已回复"),
        "sent_back": ("sent back", "已退回"),
        "accepted": ("accepted", "已认可"),
        "planned": ("planned", "已安排"),
        "on_site": ("on site", "现场督导"),
        "findings": ("reported with its findings", "已报告问题"),
        "rectifying": ("being rectified", "整改中"),
        "due": ("due", "应谈话"),
        "talk_held": ("held", "已谈话"),
        "followed_up": ("followed up", "已跟进"),
        "locked": ("locked", "已锁定"),
        "listed": ("listed", "已列入名册"),
        "served": ("served", "已下达"),
        "recovering": ("to be recovered within a limit", "限期收回"),
        "recovered": ("recovered", "已收回"),
        "overdue": ("past its limit", "逾期未收回"),
        "measures": ("settled with measures", "已作处理"),
    }
)

#: part of the archive (Art. 12(6)) → English, Chinese
PARTS: Words = MappingProxyType(
    {
        "docket": ("docket", "拟上会名单"),
        "notice": ("notice", "会议通知"),
        "receipts": ("receipts of delivery", "送达回执"),
        "materials": ("materials", "会议材料"),
        "attendance": ("attendance", "签到记录"),
        "proxies": ("proxy authorisations", "授权委托书"),
        "opinions": ("opinions", "审议意见"),
        "ballots": ("ballots", "表决票"),
        "tally": ("tally", "计票结果"),
        "resolution": ("resolution", "决议"),
        "minutes": ("signed minutes", "已签发的会议纪要"),
        "distribution": ("distribution", "纪要印发记录"),
        "report": ("report to head office", "上报总行记录"),
    }
)

#: field of the regulation → English, Chinese
NUMBERS: Words = MappingProxyType(
    {
        "seats": ("seats", "席位数"),
        "votes_to_pass": ("votes to pass", "通过所需同意票数"),
        "notice_days": ("notice days", "提前通知天数"),
        "proxies_per_holder": ("proxies per holder", "每人受托席位数"),
        "material_change_pct": ("material change", "实质性变化比例"),
        "minutes_due_days": ("minutes due days", "会议纪要时限"),
        "effective_from": ("effective date", "施行日期"),
        "article": ("article", "条款"),
        "interpretation": ("interpretation", "解释内容"),
    }
)

#: placeholder of a wording → the words that its value may be
BY_PLACEHOLDER: Mapping[str, Words] = MappingProxyType({"state": STATES, "missing": PARTS, "field": NUMBERS})
