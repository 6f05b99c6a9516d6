"""The names of states in both languages, for refusals that name one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: state as stored -> (English, Chinese); the same word wherever a refusal names the state.
STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "draft": ("draft", "草拟中"),
        "submitted": ("submitted", "已提交"),
        "returned": ("returned for completion", "已退回补正"),
        "screened_out": ("screened out", "不予上会"),
        "shortlisted": ("shortlisted", "已纳入拟上会名单"),
        "filed": ("filed", "已备案"),
        "tabled": ("tabled", "已列入议题"),
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
    }
)
