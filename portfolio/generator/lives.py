"""A loan of the stock from its beginning to its end, and its row on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

#: days past due from which the floor of the class is worse (金融资产风险分类办法 2023, Art. 9 to 13)
_FLOORS = ((360, "loss"), (270, "doubtful"), (90, "substandard"), (0, "special_mention"))
#: interest older than this is kept off the balance sheet
_ON_BALANCE = 90
_YEAR = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A loan: what stays as it is, and on which days something happens to it; money in fen."""

    institution: str
    contract_no: str
    borrower: str
    id_no: str
    household_no: str = ""
    kind: str = "household"
    insider: str = ""
    employer: str = ""
    product: str = ""
    purpose: str = ""
    origin: str = "new"
    guarantee: str = "credit"
    issued_on: date
    due_on: date
    original_due_on: date | None = None
    amount: int
    rate: Decimal = Decimal("8.40")
    period_months: int = 3
    #: the earliest day due of which principal or interest is unpaid, until `cured_on`
    unpaid_since: date | None = None
    #: whether only interest is unpaid, the loan itself not being due
    interest_only: bool = False
    cured_on: date | None = None
    payments: tuple[tuple[date, int], ...] = ()
    ends_on: date | None = None
    ends_as: str = "closed"
    #: the class where the tape's is not the floor by days
    classed: str = ""
    sub_grade: int = 0
    lending: str = ""
    collection: str = ""
    approver: str = ""
    registered: bool = True
    agency: str = ""
    other_banks_debt: int = 0
    other_banks_over90: int = 0

    def is_on(self, day: date) -> bool:
        """Whether the tape of the day has it: from its issue to the day on which it ends."""
        return self.issued_on <= day and (self.ends_on is None or day <= self.ends_on)

    def principal(self, day: date) -> int:
        """What is owed of the principal at the end of the day, in fen."""
        if self.ends_on is not None and day >= self.ends_on:
            return 0
        return self.amount - sum(paid for on, paid in self.payments if on <= day)

    def unpaid(self, day: date) -> date | None:
        """Since when something is unpaid on the day."""
        since = self.unpaid_since
        if since is None or since > day or self.principal(day) == 0:
            return None
        return None if self.cured_on is not None and day >= self.cured_on else since

    def days_past_due(self, day: date) -> int:
        """Days since the earliest day of which something is unpaid; 0 on that day."""
        since = self.unpaid(day)
        return (day - since).days if since else 0

    def state(self, day: date) -> str:
        """The state that the tape of the day says."""
        return self.ends_as if self.ends_on == day else "open"

    def loan_class(self, day: date) -> str:
        """The class that the tape says."""
        if self.classed and self.principal(day):
            return self.classed
        late = self.days_past_due(day)
        return next((floor for more_than, floor in _FLOORS if late > more_than), "normal")


@dataclass(frozen=True, slots=True)
class Row:
    """The row of a loan in the tape of a day, as texts by column."""

    cells: dict[str, str] = field(default_factory=dict)
    principal: int = 0


def row_of(life: Life, day: date) -> Row:
    """The loan's row on the day, with the columns of `tape.csv`."""
    principal, late = life.principal(day), life.days_past_due(day)
    since, loan_class = life.unpaid(day), life.loan_class(day)
    interest = principal * int(life.rate * 100) * late // (_YEAR * 10_000)
    off = late > _ON_BALANCE
    cells = {
        "as_of": day.isoformat(),
        "institution": life.institution,
        "contract_no": life.contract_no,
        "note_no": "",
        "borrower": life.borrower,
        "id_no": life.id_no,
        "household_no": life.household_no,
        "kind": life.kind,
        "insider": life.insider,
        "employer": life.employer,
        "product": life.product,
        "purpose": life.purpose,
        "origin": life.origin,
        "guarantee": life.guarantee,
        "issued_on": life.issued_on.isoformat(),
        "due_on": life.due_on.isoformat(),
        "original_due_on": _day(life.original_due_on),
        "amount": money(life.amount),
        "rate": str(life.rate),
        "period_months": str(life.period_months),
        "principal": money(principal),
        "interest_on": money(0 if off else interest),
        "interest_off": money(interest if off else 0),
        "penalty": money(interest // 2 if off else 0),
        "principal_unpaid_since": "" if life.interest_only else _day(since),
        "interest_unpaid_since": _day(since),
        "dpd": str(late),
        "class": loan_class,
        "sub_grade": str(life.sub_grade or 1) if loan_class == "special_mention" else "",
        "state": life.state(day),
        "lending_staff_no": life.lending,
        "collection_staff_no": life.collection,
        "approver_staff_no": life.approver,
        "registered": str(int(life.registered)),
        "agency": life.agency,
        "other_banks_debt": money(life.other_banks_debt) if life.other_banks_debt else "",
        "other_banks_over90": money(life.other_banks_over90) if life.other_banks_debt else "",
        "allowance": "",
    }
    return Row(cells, principal)


def rows_of(lives: Sequence[Life], day: date) -> list[Row]:
    """The rows of the day, in the order of the stock."""
    return [row_of(life, day) for life in lives if life.is_on(day)]


def money(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
