"""What is decided with a plan, in sentences: borrower, sums, measures, conditions (`office.record.terms`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from office.papers.wording import Voice

_WAIVERS = ("principal_waived", "interest_waived", "penalty_waived")


def sentences(say: Voice, terms: Mapping[str, Any]) -> list[str]:
    """The terms as sentences; none of an old record that has no terms."""
    return list(_sentences(say, terms)) if terms else []


def _sentences(say: Voice, terms: Mapping[str, Any]) -> Iterator[str]:
    yield say(
        "Borrower: {name}. Owed in total {owed}, of which principal {principal}, under {loans}.",
        "借款人：{name}。债权金额合计{owed}，其中本金{principal}，涉及借款合同：{loans}。",
        name=terms["borrower"],
        owed=say.money(terms["owed"]),
        principal=say.money(terms["principal"]),
        loans=say.joined(terms["loans"]),
    )
    if terms["measures"]:
        yield say(
            "Measures: {measures}.",
            "清收化解措施：{measures}。",
            measures=say.joined(say.measure(each) for each in terms["measures"]),
        )
    given = concessions(say, terms["concessions"])
    yield (
        say("Concessions: {given}.", "让渡事项：{given}。", given=say.joined(given, "；"))
        if given
        else say("No concession is made.", "本方案不涉及减免及其他让渡。")
    )
    if terms["instalments"]:
        yield _schedule(say, terms)
    if terms["conditions"]:
        yield say(
            "Conditions of Article 7 that are met: {conditions}.",
            "符合第七条规定的条件：{conditions}。",
            conditions=say.joined((say.condition(each) for each in terms["conditions"]), "；"),
        )
    if terms["executor"]:
        yield say("To be carried out by {name}.", "责任落实：由{name}负责执行。", name=terms["executor"])


def _schedule(say: Voice, terms: Mapping[str, Any]) -> str:
    expected = say.money(terms["expected_recovery"])
    if terms["instalments"] == 1:
        return say(
            "Repayment: in one sum on {last}. Expected recovery {expected}.",
            "还款安排：于{last}一次性偿还。预计收回金额{expected}。",
            last=say.day(terms["last_due"]),
            expected=expected,
        )
    return say(
        "Repayment: {number} instalments from {first} to {last}. Expected recovery {expected}.",
        "还款安排：分{number}期偿还，首期{first}，末期{last}。预计收回金额{expected}。",
        number=terms["instalments"],
        first=say.day(terms["first_due"]),
        last=say.day(terms["last_due"]),
        expected=expected,
    )


def concessions(say: Voice, given: Mapping[str, str]) -> list[str]:
    """Each concession that is made, with its amount."""
    gap = "" if say.chinese else " "
    found = [
        f"{say.field(key)}{gap}{say.money(given[key])}" for key in _WAIVERS if Decimal(given.get(key) or 0)
    ]
    if Decimal(given.get("new_money") or 0):
        found.append(f"{say.field('new_money')}{gap}{say.money(given['new_money'])}")
    if int(given.get("extension_months") or 0):
        found.append(
            say("extension by {months} months", "展期{months}个月", months=given["extension_months"])
        )
    if given.get("new_rate"):
        found.append(say("rate {rate} % a year", "执行年利率{rate}%", rate=given["new_rate"]))
    return found
