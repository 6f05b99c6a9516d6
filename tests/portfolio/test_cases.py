"""The thirteen worked cases: each expectation is computed from what is given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from portfolio import tape
from portfolio.classes import BY_NAME, Class
from portfolio.money import fen, percent, yuan
from portfolio.policy import Policy
from portfolio.rules import ageing, collection, duties, instalments, limitation, movement, quality, watch
from portfolio.rules.dates import due_dates

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "cases_public.json").read_text(encoding="utf-8"))
}
#: case → what the rules give for it
SOLVED: dict[str, Callable[[Any], Any]] = {}


def solves(case: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    def keep(solve: Callable[[Any], Any]) -> Callable[[Any], Any]:
        SOLVED[case] = solve
        return solve

    return keep


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def at(text: str) -> date:
    return date.fromisoformat(text)


def sum_of(text: str) -> int:
    return fen(Decimal(text))


def money(amount: int | None) -> str | None:
    return None if amount is None else str(yuan(amount))


def rate(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


@solves("P01")
def _instalments(given: Mapping[str, Any]) -> Any:
    rows = instalments.schedule(sum_of(given["total"]), sum_of(given["each"]), at(given["first_due"]))
    came = sum(row.amount for row in rows[: given["paid"]])
    after = instalments.paid(rows, came)
    again = given["resigned"]
    signed = instalments.schedule(sum_of(again["total"]), sum_of(again["each"]), at(again["first_due"]))
    assert len(signed) == len(instalments.remaining(after))
    return {
        "instalments": len(rows),
        "last_amount": money(rows[-1].amount),
        "paid_after_12": money(came),
        "left_after_12": money(instalments.left(after)),
        "remaining": len(instalments.remaining(after)),
        "remaining_last_due": signed[-1].due_on.isoformat(),
        "remaining_last_amount": money(signed[-1].amount),
        "remaining_sum": money(instalments.left(signed)),
    }


@solves("P02")
def _watch(given: Mapping[str, Any]) -> Any:
    policy = Policy(base_date=at(given["base_date"]))
    found = []
    for on, npl in given["npl"].items():
        stock = watch.Stock(sum_of(npl), sum_of(given["npl_year_start"]), sum_of(given["npl_base"]))
        raised = watch.triggers(at(on), stock, policy)
        found.append(
            {
                "as_of": on,
                "ten_days": str(watch.period_of(at(on))),
                "rise_on_year_start": money(stock.rise),
                "rise_on_base": money(stock.since),
                "daily_watch": watch.daily_watch(stock, policy),
                "ten_day_warning": watch.Trigger.INCREASE in raised,
                "admonishment_due": watch.Trigger.YEAR_RISE in raised,
            }
        )
    return found


def _aged(row: Mapping[str, Any]) -> Any:
    days = ageing.days_past_due(at(row["as_of"]), day(row["unpaid_since"]), None)
    assert days == ageing.days_past_due(at(row["as_of"]), None, day(row["unpaid_since"]))
    given = ageing.floor(ageing.Facts(days))
    return {
        "unpaid_since": row["unpaid_since"],
        "as_of": row["as_of"],
        "dpd": days,
        "floor": given.word,
        "art_6": "pass" if given.non_performing else "6/not-non-performing",
    }


@solves("P04")
def _in_kind(given: Mapping[str, Any]) -> Any:
    receipts = given["receipts"]
    recovery = collection.Recovery(
        money=sum_of(receipts["money"]),
        in_kind=sum_of(receipts["in_kind_accepted"]),
        realised=sum_of(given["asset_sales"]),
    )
    payroll = given["public_payroll"]
    before = movement.ratio_before(Decimal(given["npl_ratio_now"]), Decimal(given["fall_in_points"]))
    return {
        "recovered": money(recovery.recovered),
        "realised_later": money(recovery.realised),
        "not": money(recovery.recovered + recovery.realised),
        "realised_share": rate(recovery.realised_pct),
        "ratio_year_start": f"{before:.2f}",
        "public_payroll_share": rate(percent(sum_of(payroll["recovered"]), sum_of(payroll["total"]))),
    }


def _batch(given: Mapping[str, Any]) -> collection.Batch:
    return collection.Batch(
        **{name: value if isinstance(value, int) else sum_of(value) for name, value in given.items()}
    )


@solves("P05")
def _batches(given: Mapping[str, Any]) -> Any:
    one, two = _batch(given["batch_1"]), _batch(given["batch_2"])
    return {
        "by_households": rate(one.by_households),
        "by_principal": rate(one.by_principal),
        "by_principal_and_interest": rate(one.by_sum),
        "open_principal": money(one.open_principal),
        "open_interest": money(one.open_interest),
        "open_households": one.open_households,
        "batch_2_by_households": rate(two.by_households),
        "batch_2_by_sum": rate(two.by_sum),
    }


@solves("P06")
def _limitation(given: Mapping[str, Any]) -> Any:
    found = []
    for loan in given["loans"]:
        events = [limitation.Event(at(on), limitation.Kind(kind)) for on, kind in loan["events"]]
        ends = limitation.limitation(at(loan["due_on"]), events)
        found.append(
            {
                "expires_on": ends.expires_on.isoformat(),
                "recognised_after_expiry": ends.recognised_after_expiry,
            }
        )
    return found


@solves("P07")
def _guarantee(given: Mapping[str, Any]) -> Any:
    found = [limitation.guarantee(at(due), day(until), day(on)) for due, until, on in given["loans"]]
    return [{"ends_on": each.ends_on.isoformat(), "liable": each.liable} for each in found]


@solves("P08")
def _review(given: Mapping[str, Any]) -> Any:
    calendar = Policy(review_calendar=given["calendar"]).review_calendar
    return {loan: duties.review_year(at(on), calendar) for loan, on in given["first_npl_on"].items()}


@solves("P09")
def _movement(given: Mapping[str, Any]) -> Any:
    on_new = sum_of(given["of_it_on_new"])
    moved = movement.Movement(
        old=movement.Flows(
            opening=sum_of(given["opening_locked_base"]),
            money=sum_of(given["money"]) - on_new,
            **{name: sum_of(given[name]) for name in ("in_kind", "written_off", "transferred", "upgraded")},
        ),
        new=movement.Flows(became_npl=sum_of(given["became_npl"]), money=on_new),
        on_tape=sum_of(given["closing_on_tape"]),
    )
    return {
        "explained_closing": money(moved.explained_closing),
        "unexplained": money(moved.unexplained),
        "old_closing": money(moved.old.closing),
        "new_closing": money(moved.new.closing),
        "sum": money(moved.whole.closing),
        "old_fall_pct": rate(moved.old_fall_pct),
        "new_share_of_closing": rate(moved.new_share_pct),
        "net_rise": money(moved.net_rise),
    }


@solves("P10")
def _migration(given: Mapping[str, Any]) -> Any:
    loans = [
        quality.Moved(BY_NAME.get(start), sum_of(before), BY_NAME.get(end), sum_of(after))
        for _, start, before, end, after in given["loans"]
    ]
    graded = (Class.NORMAL, Class.SPECIAL_MENTION, Class.SUBSTANDARD, Class.DOUBTFUL)
    opening, closing = quality.npl(loans)
    return {
        **{each.word: rate(quality.migration_rate(loans, each)) for each in graded},
        "normal_loans_to_npl": rate(quality.normal_loans_to_npl(loans)),
        "npl_open": money(opening),
        "npl_close": money(closing),
    }


#: a row without a fault, which the rows of the case change
WHOLE = {
    "as_of": "2009-01-31", "institution": "101", "borrower": "某户", "id_no": "37130219700101001X",
    "kind": "household", "origin": "new", "guarantee": "guarantor", "issued_on": "2007-06-30",
    "due_on": "2008-06-30", "amount": "300000.00", "rate": "8.40", "principal": "50000.00",
    "interest_on": "0.00", "interest_off": "0.00", "penalty": "0.00", "principal_unpaid_since": "2008-06-30",
    "dpd": "215", "class": "substandard", "state": "open", "lending_staff_no": "8001",
}  # fmt: skip
#: what a row of the case says → the cells that it has
SAYS = (
    (r"^(LS-[0-9-]+), ([0-9.]+), (\w+)$", ("contract_no", "principal", "class")),
    (r"^(LS-[0-9-]+), (closed), ([0-9.]+)$", ("contract_no", "state", "principal")),
    (r"^contract (\S+)$", ("contract_no",)),
    (r"^principal (\S+)$", ("principal",)),
    (r"^due_on ([0-9]+) ", ("due_on",)),
    (r"^institution (\S+) unknown$", ("institution",)),
    (r"^class (\S+)$", ("class",)),
    (r"^issued_on (\S+), due_on (\S+)$", ("issued_on", "due_on")),
    (r"^id_no \S+ as number (\S+)$", ("id_no",)),
    (r"^state (closed), principal (\S+)$", ("state", "principal")),
)


def _cells(line: str, text: str) -> dict[str, str]:
    """The cells of a row of the case; one said to be there again has full-width digits."""
    again = re.match(r"^(LS-[0-9-]+) again, with full-width digits$", text)
    if again:
        wide = str.maketrans({str(digit): chr(0xFF10 + digit) for digit in range(10)})
        return WHOLE | {"contract_no": again[1].translate(wide)}
    for pattern, columns in SAYS:
        if found := re.match(pattern, text):
            return WHOLE | {"contract_no": f"X-{line}"} | dict(zip(columns, found.groups(), strict=True))
    raise AssertionError(text)


@solves("P11")
def _tape(given: Mapping[str, Any]) -> Any:
    lines = [(int(line), _cells(line, text)) for line, text in given["rows"].items()]
    reading = tape.read(lines, as_of=date(2009, 1, 31), institutions=["101"], staff=["8001"])
    return {
        "accepted": len(reading.rows),
        "rejected": {str(fault.line): fault.code for fault in reading.faults if not fault.only_warns},
        "sum_principal": money(reading.principal),
    }


@solves("P12")
def _due_dates(given: Mapping[str, Any]) -> Any:
    counted = {"2024": 5, "2023": 4, "from_29": 4}
    return {
        name: [each.isoformat() for each in islice(due_dates(at(first)), counted[name])]
        for name, first in zip(counted, given["first"], strict=True)
    }


@solves("P13")
def _credited(given: Mapping[str, Any]) -> Any:
    held = [duties.Duty(duties.Kind.COLLECTION, *_spell(row)) for row in given["collection"]]
    (lent,) = [duties.Duty(duties.Kind.LENDING, *_spell(row)) for row in given["lending"]]
    receipts = [collection.Received(row[0], at(row[1]), sum_of(row[2])) for row in given["receipts"]]
    sums = collection.credited(held, receipts, [key for key, *_ in given["reversals"]])
    second = duties.Duty(duties.Kind.COLLECTION, "D", date(2011, 6, 15))
    moved = at(given["C moved to another institution on"])
    return {
        **{person: money(amount) for person, amount in sums.items()},
        "lending_officer_after_move": duties.holders_on([lent, *held], duties.Kind.LENDING, moved)[0],
        "second_collection_officer_from_2011-06-15": duties.refusal_to_assign(held, second),
        "end_lending": duties.refusal_to_end(lent),
    }


def _spell(row: list[Any]) -> tuple[str, date, date | None]:
    return row[0], at(row[1]), day(row[2])


@pytest.mark.parametrize("case", SOLVED)
def test_the_rules_give_what_the_case_expects(case):
    assert SOLVED[case](CASES[case]["given"]) == CASES[case]["expect"]


@pytest.mark.parametrize(
    "row", CASES["P03"]["expect"], ids=lambda row: f"{row['unpaid_since']}, {row['dpd']}"
)
def test_days_past_due_and_the_floor_of_the_class(row):
    assert _aged(row) == row


def test_every_case_is_computed():
    assert SOLVED.keys() | {"P03"} == CASES.keys()
