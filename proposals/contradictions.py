"""What in a plan belies something else in it: for whoever reads it in two minutes.

Pure: a plan in, a list of contradictions out, in the order of this module. None of them refuses anything;
each names the places that do not agree, so that one asks before the vote and not after it. Of a draft, what
is not stated yet contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from proposals.finance import ZERO, coverage, exactly, figures, owed
from proposals.plan import ENFORCEMENT, MEASURES, Plan, json_path, receivable
from regulation.text import folded_identifier

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
            "预计收回比还款计划少 {amount} 元。",
        ),
        "expected-above-schedule": (
            "{amount} yuan more are expected than the schedule has a day for.",
            "预计收回比还款计划多 {amount} 元，超出部分未列入还款计划。",
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
            "{name} is the borrower and cannot guarantee the own debt.",
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
            "“{name}”单笔预计收回比全部欠款、新增资金与还款计划利息之和多 {amount} 元。",
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

_OPERATING: Final = {"reduced": ("reduced", "经营收缩"), "stopped": ("stopped", "停止经营")}
_CLASSES: Final = ("normal", "special_mention", "substandard", "doubtful", "loss")
_CLASS_WORDS: Final = {
    "normal": ("normal", "正常"),
    "special_mention": ("special mention", "关注"),
    "substandard": ("substandard", "次级"),
    "doubtful": ("doubtful", "可疑"),
    "loss": ("loss", "损失"),
}
#: from more than so many days past due on, the class at best: 商业银行金融资产风险分类办法, Art. 10 to 12
_LEAST: Final = ((360, "loss"), (270, "doubtful"), (90, "substandard"))
#: all loans are classified by it from this day on
_LEAST_FROM: Final = date(2026, 1, 1)
_LONG_AGO: Final = 365
#: by so many days counts and dates may differ without anybody having erred
_SLACK: Final = 31
#: what is due or lasts longer, in years, is most likely mistyped
_LONGEST: Final = 30
#: no rate of a loan is higher, per cent a year
_HIGHEST: Final = Decimal(36)
#: what tells the rows of one contract apart
_DRAWDOWN: Final = ("issued_on", "due_on", "principal")
#: what is left open counts from a hundredth of everything owed on
_HUNDREDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One thing that belies another: a stable key, the places that do not agree, what the wording names."""

    key: str
    paths: tuple[str, ...]
    values: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str = "en") -> str:
        """What does not agree, in Chinese for a language tag that begins with "zh", else in English."""
        return WORDING[self.key][lang.lower().startswith("zh")].format_map(self.values)


@exactly
def contradictions(plan: Plan) -> list[Contradiction]:
    """Everything in the plan that belies something else in it."""
    document = plan.document
    found = [each for rule in _RULES for each in rule(document)]
    return [*found, *_of_figures(plan)] if plan.complete else found


# -- Reading a draft --------------------------------------------------------------------------------

_Document = Mapping[str, Any]


def _rows(document: _Document, name: str) -> list[_Document]:
    rows: list[_Document] = document.get(name, [])
    return rows


def _sum(rows: list[_Document], *kinds: str) -> Decimal:
    return sum((Decimal(row.get(kind, ZERO)) for row in rows for kind in kinds), ZERO)


def _given(document: _Document, kind: str) -> Decimal:
    return Decimal(document.get("concessions", {}).get(kind) or ZERO)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _yuan(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _stopped(document: _Document) -> bool:
    return bool(document.get("borrower", {}).get("operating") == "stopped")


def _kinds(document: _Document) -> set[str]:
    return {row.get("kind", "") for row in _rows(document, "sources")}


# -- Operation, conditions, sources -----------------------------------------------------------------

_OPERATION: Final = "$.borrower.operating"


def _operation(document: _Document) -> Iterator[Contradiction]:
    claimed = document.get("conditions", {})
    words = _OPERATING.get(document.get("borrower", {}).get("operating", ""))
    if words and "7.1" in claimed:
        named = {"operating_en": words[0], "operating_zh": words[1]}
        yield Contradiction("not-operating-normally", (json_path(("conditions", "7.1")), _OPERATION), named)
    if not _stopped(document):
        return
    if "7.2" in claimed and _kinds(document) and "wages" not in _kinds(document):
        yield Contradiction("cash-flow-stopped", (json_path(("conditions", "7.2")), _OPERATION, "$.sources"))
    if "7.5" in claimed:
        yield Contradiction("liquidity-stopped", (json_path(("conditions", "7.5")), _OPERATION))
    if "business_income" in _kinds(document):
        yield Contradiction("business-income-stopped", ("$.sources", _OPERATION))


def _interest(document: _Document) -> Iterator[Contradiction]:
    waived = _given(document, "interest_waived")
    if "7.3" in document.get("conditions", {}) and waived:
        paths = (json_path(("conditions", "7.3")), "$.concessions.interest_waived")
        yield Contradiction("interest-waived", paths, {"amount": _yuan(waived)})


def _security(document: _Document) -> Iterator[Contradiction]:
    if "guarantor" in _kinds(document) and not _rows(document, "guarantees"):
        yield Contradiction("source-without-guarantee", ("$.sources", "$.guarantees"))
    if "collateral" in _kinds(document) and not _rows(document, "collateral"):
        yield Contradiction("source-without-collateral", ("$.sources", "$.collateral"))
    borrower = folded_identifier(document.get("borrower", {}).get("name", ""))
    for index, row in enumerate(_rows(document, "guarantees")):
        if borrower and folded_identifier(row.get("guarantor", "")) == borrower:
            paths = (f"$.guarantees[{index}].guarantor", "$.borrower.name")
            yield Contradiction("own-guarantor", paths, {"name": row["guarantor"]})


def _valuations(document: _Document) -> Iterator[Contradiction]:
    base = _day(document.get("base_date"))
    for index, row in enumerate(_rows(document, "collateral")):
        valued = _day(row.get("valued_on"))
        if base and valued and (base - valued).days > _LONG_AGO:
            values = {"title": row.get("title_no", ""), "days": (base - valued).days}
            yield Contradiction(
                "valued-long-ago", (f"$.collateral[{index}].valued_on", "$.base_date"), values
            )


#: measure → where the plan carries it out
_CARRIED_OUT: Final[Mapping[str, tuple[str, ...]]] = {
    "extension": ("extension_months",),
    "rate_reduction": ("new_rate",),
    "interest_waiver": ("interest_waived", "penalty_waived"),
    "working_capital": ("new_money",),
}
_SECURED: Final[Mapping[str, str]] = {"guarantor": "guarantees", "collateral": "collateral"}


def _is_given(concessions: _Document, kind: str) -> bool:
    """Whether the concession is made: something above zero, or any new rate, which may be zero."""
    stated = concessions.get(kind)
    return stated is not None if kind == "new_rate" else bool(Decimal(stated or 0))


def _measures(document: _Document) -> Iterator[Contradiction]:
    given = document.get("concessions")
    for index, code in enumerate(document.get("measures", ())):
        place = ""
        if given is not None and code in _CARRIED_OUT:
            stated = any(_is_given(given, kind) for kind in _CARRIED_OUT[code])
            place = "" if stated else f"$.concessions.{_CARRIED_OUT[code][0]}"
        elif code in _SECURED and _SECURED[code] in document and not document[_SECURED[code]]:
            place = f"$.{_SECURED[code]}"
        if place:
            names = {"en": MEASURES[code]["en"], "zh": MEASURES[code]["zh"]}
            yield Contradiction("measure-without", (f"$.measures[{index}]", place), names)


# -- Amounts ----------------------------------------------------------------------------------------


def _amounts(document: _Document) -> Iterator[Contradiction]:
    schedule = _rows(document, "schedule")
    if not schedule:
        return
    scheduled = _sum(schedule, "principal", "interest")
    if "expected_recovery" in document:
        gap = Decimal(document["expected_recovery"]) - scheduled
        if gap:
            key = "expected-above-schedule" if gap > 0 else "expected-below-schedule"
            yield Contradiction(key, ("$.expected_recovery", "$.schedule"), {"amount": _yuan(abs(gap))})
    sources = _rows(document, "sources")
    short = scheduled - _sum(sources, "amount")
    if sources and short > 0:
        yield Contradiction("sources-short", ("$.sources", "$.schedule"), {"amount": _yuan(short)})


def _recoverability(document: _Document) -> Iterator[Contradiction]:
    loans, stated = _rows(document, "loans"), document.get("recoverability")
    if not loans or "expected_recovery" not in document:
        return
    principal, waived = _sum(loans, "principal"), _given(document, "principal_waived")
    back = Decimal(document["expected_recovery"]) - _given(document, "new_money")
    interest = _sum(_rows(document, "schedule"), "interest")
    short = principal - waived - back
    paths = ("$.recoverability", "$.expected_recovery")
    # what the schedule brings as interest is no principal, and what is waived does not come back
    if stated == "temporarily_unrecoverable" and 0 < principal <= back - interest:
        yield Contradiction("unrecoverable-recovered", paths)
    if stated == "recoverable" and short > 0:
        yield Contradiction("recoverable-short", paths, {"amount": _yuan(short)})


def _rate(document: _Document) -> Iterator[Contradiction]:
    new = document.get("concessions", {}).get("new_rate")
    old = [Decimal(loan["rate"]) for loan in _rows(document, "loans") if "rate" in loan]
    if new is not None and old and Decimal(new) > max(old):
        paths = ("$.concessions.new_rate", "$.loans")
        yield Contradiction("rate-above", paths, {"new": new, "old": f"{max(old).normalize():f}"})


def _extension(document: _Document) -> Iterator[Contradiction]:
    months = document.get("concessions", {}).get("extension_months") or 0
    days = [_day(document.get("base_date"))] + [_day(loan.get("due_on")) for loan in _rows(document, "loans")]
    last = max((row.get("due_on", "") for row in _rows(document, "schedule")), default="")
    begins = max((day for day in days if day), default=None)
    if not months or not last or begins is None:
        return
    # a month is at most 31 days: what is said to be too late is so by any way of counting
    over = (date.fromisoformat(last) - begins).days - 31 * min(months, 1200)
    if over > 0:
        values = {"last": last, "days": over}
        paths = ("$.schedule", "$.concessions.extension_months")
        yield Contradiction("schedule-beyond-extension", paths, values)


# -- Loans and people -------------------------------------------------------------------------------


def _drawdowns(document: _Document) -> Iterator[Contradiction]:
    """A contract in several rows that are not alike; rows alike in all are refused at submission."""
    found: dict[str, list[int]] = {}
    loans = _rows(document, "loans")
    for index, loan in enumerate(loans):
        found.setdefault(folded_identifier(loan.get("contract_no", "")), []).append(index)
    found.pop("", None)
    for indexes in found.values():
        kinds = {tuple(loans[index].get(kind) for kind in _DRAWDOWN) for index in indexes}
        if len(kinds) > 1:
            rows = [str(index + 1) for index in indexes]
            values = {
                "contract": loans[indexes[0]]["contract_no"],
                "rows_en": ", ".join(rows),
                "rows_zh": "、".join(rows),
            }
            yield Contradiction(
                "two-drawdowns", tuple(f"$.loans[{index}].contract_no" for index in indexes), values
            )


def _days(document: _Document) -> Iterator[Contradiction]:
    base = _day(document.get("base_date"))
    for index, loan in enumerate(_rows(document, "loans")):
        stated, due, issued = loan.get("days_past_due"), _day(loan.get("due_on")), _day(loan.get("issued_on"))
        if base is None or stated is None:
            continue
        place, values = f"$.loans[{index}]", {"contract": loan.get("contract_no", ""), "days": stated}
        if due and (base - due).days > stated + _SLACK:
            paths = (f"{place}.days_past_due", f"{place}.due_on")
            yield Contradiction("days-too-few", paths, {**values, "due": (base - due).days})
        if issued and stated > (base - issued).days + _SLACK:
            paths = (f"{place}.days_past_due", f"{place}.issued_on")
            yield Contradiction("days-too-many", paths, {**values, "issued": (base - issued).days})
        yield from _class(place, loan, base, values)


def _class(place: str, loan: _Document, base: date, values: Mapping[str, object]) -> Iterator[Contradiction]:
    stated, days = loan.get("classification", ""), loan["days_past_due"]
    least = next((name for more, name in _LEAST if days > more), "")
    if base < _LEAST_FROM or not least or not stated:
        return
    if _CLASSES.index(stated) < _CLASSES.index(least):
        (stated_en, stated_zh), (least_en, least_zh) = _CLASS_WORDS[stated], _CLASS_WORDS[least]
        named = {
            "stated_en": stated_en, "stated_zh": stated_zh, "least_en": least_en, "least_zh": least_zh,
        }  # fmt: skip
        paths = (f"{place}.classification", f"{place}.days_past_due")
        yield Contradiction("class-too-good", paths, {**values, **named})


# -- What a digit too many, or another year, makes of a value ---------------------------------------


def _dated(document: _Document) -> Iterator[tuple[str, tuple[str, str], date]]:
    """The dates of what is to come, each with its place and in words."""
    for index, row in enumerate(_rows(document, "schedule")):
        if day := _day(row.get("due_on")):
            yield f"$.schedule[{index}].due_on", ("An instalment is due", "还款计划日期"), day
    for index, row in enumerate(_rows(document, "milestones")):
        if day := _day(row.get("on")):
            yield f"$.milestones[{index}].on", ("A milestone is set", "时间节点日期"), day
    for at, alternative in enumerate(_rows(document, "alternatives")):
        for index, row in enumerate(_rows(alternative, "flows")):
            if day := _day(row.get("on")):
                place = f"$.alternatives[{at}].flows[{index}].on"
                yield place, ("An alternative brings something", "比较方案回收日期"), day


def _outlying_days(document: _Document) -> Iterator[Contradiction]:
    base = _day(document.get("base_date"))
    if base is None:
        return
    for index, loan in enumerate(_rows(document, "loans")):
        issued = _day(loan.get("issued_on"))
        if issued and issued > base:
            values = {"contract": loan.get("contract_no", ""), "days": (issued - base).days}
            yield Contradiction("issued-later", (f"$.loans[{index}].issued_on", "$.base_date"), values)
    for place, (english, chinese), day in _dated(document):
        values = {"what_en": english, "what_zh": chinese, "day": day}
        years = day.year - base.year
        if day < base and not place.startswith("$.schedule"):  # of the schedule it is refused
            yield Contradiction("before-base-date", (place, "$.base_date"), values)
        if years > _LONGEST:
            yield Contradiction("ends-late", (place, "$.base_date"), {**values, "years": years})


def _outlying_rates(document: _Document) -> Iterator[Contradiction]:
    stated = [(f"$.loans[{n}].rate", row.get("rate")) for n, row in enumerate(_rows(document, "loans"))]
    given = document.get("concessions", {})
    stated.append(("$.concessions.new_rate", given.get("new_rate")))
    stated.append(("$.discount_rate", document.get("discount_rate")))
    for place, rate in stated:
        if rate is not None and Decimal(rate) > _HIGHEST:
            yield Contradiction("rate-high", (place,), {"rate": rate})
    months = given.get("extension_months") or 0
    if months > 12 * _LONGEST:
        yield Contradiction("extension-long", ("$.concessions.extension_months",), {"years": months // 12})


def _people(document: _Document) -> Iterator[Contradiction]:
    executor = folded_identifier(document.get("executor", ""))
    named: dict[str, str] = {}
    for index, loan in enumerate(_rows(document, "loans")):
        named.setdefault(loan.get("lending_officer", "").strip(), f"$.loans[{index}].lending_officer")
    for name, place in named.items():
        if executor and folded_identifier(name) == executor:
            yield Contradiction("lends-and-executes", ("$.executor", place), {"name": name})


# -- What the figures say, of a complete plan -------------------------------------------------------


def _of_figures(plan: Plan) -> Iterator[Contradiction]:
    document = plan.document
    ratio = coverage(plan).ratio
    if "7.4" in document["conditions"] and ratio is not None and ratio < 1:
        paths = (json_path(("conditions", "7.4")), "$.guarantees", "$.collateral")
        yield Contradiction("security-short", paths, {"ratio": f"{ratio * 100:.1f}"})
    waived = sum(
        (_given(document, kind) for kind in ("interest_waived", "penalty_waived", "principal_waived")), ZERO
    )
    paid = _sum(document["schedule"], "principal", "interest") - _given(document, "new_money")
    most = receivable(plan.terms)
    for index, row in enumerate(document["alternatives"]):
        over = max((Decimal(flow["amount"]) for flow in row["flows"]), default=ZERO) - most
        if over > 0:
            named = {"name": row["name"], "amount": _yuan(over)}
            yield Contradiction(
                "alternative-above-owed", (f"$.alternatives[{index}].flows", "$.loans"), named
            )
    left = owed(plan).total - waived - paid
    if left > 0 and left >= owed(plan).total / _HUNDREDTH:
        yield Contradiction("left-open", ("$.loans", "$.concessions", "$.schedule"), {"amount": _yuan(left)})
    found = figures(plan)
    best = max(row.net_present_value for row in found.alternatives if row.name == ENFORCEMENT)
    if best > found.net_present_value:
        values = {"amount": _yuan(best - found.net_present_value)}
        yield Contradiction("below-enforcement", ("$.alternatives", "$.schedule"), values)


_RULES: Final[tuple[Callable[[_Document], Iterator[Contradiction]], ...]] = (
    _operation, _interest, _recoverability, _amounts, _rate, _extension, _security, _measures, _valuations,
    _people, _drawdowns, _days, _outlying_days, _outlying_rates,
)  # fmt: skip
