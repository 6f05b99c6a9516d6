"""The loans of which the seed documents tell, as lives of the stock.

Where a day matters to the telling and lies long ago it is the document's; the loan that was paid twelve
days late is late in the last twelve days of the tapes, so that it is seen.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from portfolio.generator.lives import Life
from portfolio.generator.people import identity_number
from portfolio.generator.places import Place, months_later

#: identity numbers of the cases; those of the stock are lower
_FIRST = 900_001
_YUAN = 100
#: Yang's loans, in yuan (002/4): 85,000.00 in fifteen
_YANG = (5_000,) * 13 + (10_000, 10_000)


def cases(place: Place, draw: Random, days: tuple[date, ...]) -> list[Life]:
    """The seeds' own cases at one institution, seen on these days of tapes."""
    last = days[-1]

    def case(number: int, **given: object) -> Life:
        base = Life(
            institution=place.code,
            contract_no=f"{place.code}S{number:06d}",
            borrower="",
            id_no=identity_number(draw, _FIRST + number),
            issued_on=last,
            due_on=last,
            amount=0,
            lending=place.lending[0],
            collection=place.collection[0],
            approver=place.approver,
        )
        return replace(base, **given)  # type: ignore[arg-type]  # each field is given by its name

    late_since = last - timedelta(days=12)
    found = [
        # 004 (3): a public employee's 290,000 of half a year, paid twelve days after it was due
        case(
            1, borrower="王某", kind="public_employee", employer="示范住建局", product="个人消费贷款",
            issued_on=months_later(late_since, -6), due_on=late_since, amount=290_000 * _YUAN,
            period_months=0, unpaid_since=late_since, ends_on=last, collection=place.collection[-1],
        ),
        # 004 (4): 49,000 due 30 June 2008, with a guarantor who has 30,000
        case(
            2, borrower="杨某", guarantee="guarantor", product="农户联保贷款", purpose="厂房租金",
            issued_on=date(2007, 6, 30), due_on=date(2008, 6, 30), amount=49_000 * _YUAN, period_months=0,
            unpaid_since=date(2008, 6, 30),
        ),
        # 004 (5): 270,000 due 13 September 2006, sued, deducted from the guarantor's account later
        case(
            3, borrower="徐某某", guarantee="guarantor", product="流动资金贷款",
            issued_on=date(2006, 3, 13), due_on=date(2006, 9, 13), amount=270_000 * _YUAN, period_months=0,
            unpaid_since=date(2006, 9, 13), classed="doubtful",
        ),
        # 004 (6): 47,000, of which 1,500 a month were paid twelve times: 29,000 are left
        case(
            4, borrower="王某某", origin="restructured", product="农户小额信用贷款",
            issued_on=date(2007, 3, 20), due_on=date(2009, 3, 20), amount=47_000 * _YUAN, period_months=1,
            unpaid_since=date(2009, 3, 20), classed="substandard",
            payments=tuple((months_later(last, -month), 1_500 * _YUAN) for month in range(12, 0, -1)),
        ),
    ]  # fmt: skip
    # 002/4: fifteen loans of one household, 85,000.00 together
    yang = identity_number(draw, _FIRST)
    return found + [
        case(
            10 + number, borrower="杨某某", id_no=yang, household_no=f"H{place.code}0001",
            product="农户小额信用贷款",
            issued_on=date(2009, 1, 10) + timedelta(days=30 * number),
            due_on=date(2010, 1, 10) + timedelta(days=30 * number), amount=yuan * _YUAN,
            unpaid_since=date(2010, 1, 10) + timedelta(days=30 * number), rate=Decimal("9.60"),
            registered=number % 5 != 0, agency="示范村代办站" if number % 5 == 0 else "",
        )
        for number, yuan in enumerate(_YANG)
    ]  # fmt: skip
