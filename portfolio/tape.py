"""The columns of a loan tape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading in both languages, whether it must be there, and of what type its cells are."""

    name: str
    chinese: str
    type: str
    required: bool = False


#: in the order of the template
COLUMNS: Final = (
    Column("as_of", "数据日期", "date", required=True),
    Column("institution", "机构号", "text", required=True),
    Column("contract_no", "合同号", "text", required=True),
    Column("note_no", "借据号", "text"),
    Column("borrower", "户名", "text", required=True),
    Column("id_no", "证件号", "text", required=True),
    Column("household_no", "户号", "text"),
    Column("kind", "客户类型", "code", required=True),
    Column("insider", "内部人关系", "code"),
    Column("employer", "单位", "text"),
    Column("product", "品种", "text"),
    Column("purpose", "用途", "text"),
    Column("origin", "发放方式", "code", required=True),
    Column("guarantee", "担保方式", "code", required=True),
    Column("issued_on", "发放日", "date", required=True),
    Column("due_on", "到期日", "date", required=True),
    Column("original_due_on", "原到期日", "date"),
    Column("amount", "发放金额", "money", required=True),
    Column("rate", "年利率", "percent", required=True),
    Column("period_months", "还款周期", "integer"),
    Column("principal", "本金余额", "money", required=True),
    Column("interest_on", "表内欠息", "money", required=True),
    Column("interest_off", "表外欠息", "money", required=True),
    Column("penalty", "罚息", "money", required=True),
    Column("principal_unpaid_since", "欠本起日", "date"),
    Column("interest_unpaid_since", "欠息起日", "date"),
    Column("dpd", "逾期天数", "integer", required=True),
    Column("class", "五级分类", "code", required=True),
    Column("sub_grade", "级次", "integer"),
    Column("state", "状态", "code", required=True),
    Column("lending_staff_no", "发放责任人", "text", required=True),
    Column("collection_staff_no", "清收责任人", "text"),
    Column("approver_staff_no", "审批人", "text"),
    Column("registered", "已注册", "flag"),
    Column("agency", "代办站", "text"),
    Column("other_banks_debt", "他行债务", "money"),
    Column("other_banks_over90", "他行逾期90天以上", "money"),
    Column("allowance", "准备", "money"),
)
