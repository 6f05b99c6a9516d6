"""The wording of each contradiction, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WORDING: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "not-operating-normally": (
            "Normal operation is claimed (Art. 7, item 1), but operation is stated as {operating_en}.",
            "主张“企业正常生产经营”（第七条第一项），但经营状况填为“{operating_zh}”。",
        ),
        "cash-flow-stopped": (
            "A continuing cash flow is claimed (Art. 7, item 2), but operation has stopped and no wages pay.",
            "主张“有持续现金流”（第七条第二项），但已停止经营，且还款来源中无工资收入。",
        ),
        "interest-waived": (
            "Paying interest in full is claimed (Art. 7, item 3), but {amount} yuan of interest are waived.",
            "主张“能够按时足额偿还利息”（第七条第三项），但方案减免利息 {amount} 元。",
        ),
        "security-short": (
            "Security that covers the exposure is claimed (Art. 7, item 4), but it covers {ratio} % of it.",
            "主张“担保有效覆盖授信额度”（第七条第四项），但担保覆盖率仅为 {ratio}%。",
        ),
        "liquidity-stopped": (
            "A temporary shortage of liquidity is claimed (Art. 7, item 5), but operation has stopped.",
            "主张“暂时出现流动性缺口”（第七条第五项），但已停止经营。",
        ),
        "business-income-stopped": (
            "Repayment is to come from business income, but operation has stopped.",
            "还款来源为经营收入，但已停止经营。",
        ),
        "unrecoverable-recovered": (
            "The debt is called temporarily unrecoverable, yet all of the principal is expected back.",
            "可收回性填为“暂时无法收回”，但预计可收回全部本金。",
        ),
        "recoverable-short": (
            "The debt is called recoverable, yet {amount} yuan of the principal are not expected back.",
            "可收回性填为“可收回”，但预计尚有本金 {amount} 元不能收回。",
        ),
        "expected-below-schedule": (
            "{amount} yuan less are expected than the schedule asks for.",
            "预计收回金额比还款计划少 {amount} 元。",
        ),
        "expected-above-schedule": (
            "{amount} yuan more are expected than the schedule has a day for.",
            "预计收回金额比还款计划多 {amount} 元，超出部分未列入还款计划。",
        ),
        "sources-short": (
            "The sources of repayment bring {amount} yuan less than the schedule asks for.",
            "还款来源合计比还款计划少 {amount} 元。",
        ),
        "left-open": (
            "{amount} yuan of what is owed are neither waived nor scheduled.",
            "所欠款项中有 {amount} 元既未减免，也未列入还款计划。",
        ),
        "below-enforcement": (
            "Enforcement is worth {amount} yuan more today than the plan.",
            "强制执行的净现值比本方案高 {amount} 元。",
        ),
        "rate-above": (
            "The new rate, {new} %, is above the old one, {old} %.",
            "新利率 {new}% 高于原利率 {old}%。",
        ),
        "schedule-beyond-extension": (
            "The schedule ends on {last}, {days} days after the extension does.",
            "还款计划于 {last} 结束，晚于展期届满 {days} 天。",
        ),
        "measure-without": (
            "The measure “{en}” is chosen, but nothing in the plan carries it out.",
            "选用了“{zh}”措施，但方案中没有相应内容。",
        ),
        "source-without-guarantee": (
            "The guarantor is to pay, but the plan names no guarantee.",
            "还款来源为担保人代偿，但方案未列保证人。",
        ),
        "source-without-collateral": (
            "Collateral is to be realised, but the plan names none.",
            "还款来源为处置抵质押物，但方案未列抵质押物。",
        ),
        "own-guarantor": (
            "{name} is the borrower and cannot guarantee their own debt.",
            "{name}为借款人本人，不能为自身债务提供保证。",
        ),
        "valued-long-ago": (
            "{title} was valued {days} days before the base date.",
            "{title}的评估日早于基准日 {days} 天。",
        ),
        "lends-and-executes": (
            "{name}, who granted the loan, is to carry out the plan.",
            "执行人{name}为原放贷责任人。",
        ),
        "issued-later": (
            "{contract} was issued {days} days after the base date.",
            "{contract}的发放日晚于基准日 {days} 天。",
        ),
        "rate-high": (
            "{rate} % a year is stated: is it a rate of a month or per mille, or misplaced by its point?",
            "填写的年利率为 {rate}%，请核实是否误填月息、千分率或小数点错位。",
        ),
        "ends-late": (
            "{what_en} on {day}, {years} years after the base date.",
            "{what_zh}为 {day}，晚于基准日 {years} 年。",
        ),
        "before-base-date": (
            "{what_en} on {day}, before the base date.",
            "{what_zh}为 {day}，早于基准日。",
        ),
        "extension-long": (
            "The extension is {years} years long.",
            "展期长达 {years} 年。",
        ),
        "alternative-above-owed": (
            "“{name}” is to bring at one time {amount} yuan more than can come in at all.",
            "“{name}”单笔预计收回金额比全部欠款、新增资金与还款计划利息之和多 {amount} 元。",
        ),
        "two-drawdowns": (
            (
                "Rows {rows_en} of the loans are of one contract, {contract}, with other dates or principal: "
                "separate drawdowns?"
            ),
            "贷款第{rows_zh}行合同编号同为{contract}，但日期或本金不同，请核实是否为同一合同项下的多次放款。",
        ),
        "days-too-few": (
            "{contract} was due {due} days before the base date, but is stated as {days} days past due.",
            "{contract}至基准日已到期 {due} 天，但逾期天数填为 {days} 天。",
        ),
        "days-too-many": (
            "{contract} is stated as {days} days past due, but was issued {issued} days before.",
            "{contract}逾期天数填为 {days} 天，但至基准日仅发放 {issued} 天。",
        ),
        "class-too-good": (
            "{contract}, {days} days past due, is classified {stated_en}; by its days it is {least_en}.",
            "{contract}逾期 {days} 天，分类为“{stated_zh}”；按逾期天数至少应为“{least_zh}”。",
        ),
    }
)
"""What each key says, in English and in Chinese."""
