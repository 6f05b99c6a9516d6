"""A small ledger for tests: the bank of a stage with a union, two offices, institutions, loans, and what a
day says.

The rows are written as an import leaves them, without a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from audit import clock
from audit.recording import SYSTEM
from committee.actions.founding import Employee, add_unit, employ
from committee.models import Person, Position, Unit
from portfolio.classes import Class
from portfolio.models import (
    Assignment,
    Borrower,
    ClassChange,
    DayFigure,
    Household,
    Institution,
    Loan,
    Tape,
)
from tests.stage import Stage

R = Position.Role
DAY = date(2026, 3, 2)
LEVEL = Institution.Level


@dataclass
class Books:
    """The ledger's rows by short names."""

    stage: Stage
    institutions: dict[str, Institution] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    loans: dict[str, Loan] = field(default_factory=dict)
    tape: Tape | None = None

    def __getitem__(self, handle: str) -> Person:
        return self.people.get(handle) or self.stage[handle]

    @property
    def bank(self) -> Unit:
        """The head office."""
        return self.stage.bank.unit


def found(books: Books, name: str, code: str, level: str, unit: Unit, *, ranked: bool = False) -> Institution:
    """An institution of the ledger for the unit."""
    row = Institution.objects.create(
        unit=unit, bank=books.bank, code=code, code_key=code, level=level, ranked=ranked
    )
    books.institutions[name] = row
    return row


def kept(stage: Stage) -> Books:
    """Two offices with two institutions each below the union, and one person a role of each."""
    books = Books(stage)
    branch = stage.committee.branch
    first = Unit.objects.get(parent=branch, name="第一支行")
    second = Unit.objects.get(parent=branch, name="第二支行")
    other = add_unit(by=SYSTEM, parent=books.bank, kind=Unit.Kind.BRANCH, name="示范分行")
    third = add_unit(by=SYSTEM, parent=other, kind=Unit.Kind.SUB_BRANCH, name="第三支行")
    found(books, "union", "15000", LEVEL.UNION, books.bank)
    found(books, "office", "15100", LEVEL.OFFICE, branch)
    found(books, "other office", "15200", LEVEL.OFFICE, other)
    for name, code, unit in (
        ("first", "15101", first),
        ("second", "15102", second),
        ("third", "15201", third),
    ):
        found(books, name, code, LEVEL.INSTITUTION, unit, ranked=True)
    Institution.objects.renumber(books.bank.pk)
    for row in books.institutions.values():
        row.refresh_from_db()
    roles = {
        "collector": (R.COLLECTOR, first),
        "other_collector": (R.COLLECTOR, first),
        "office": (R.OFFICE, branch),
        "other_office": (R.OFFICE, other),
        "third_head": (R.HEAD, third),
        "union_risk": (R.RISK, books.bank),
    }
    people = employ(
        by=SYSTEM,
        bank=books.bank,
        people=[
            Employee(f"{handle}@{books.bank.pk}", f"9{number:07d}", handle, unit, ((role, unit),))
            for number, (handle, (role, unit)) in enumerate(roles.items())
        ],
    )
    books.people = dict(zip(roles, people, strict=True))
    return books


def lent(
    books: Books, name: str, institution: str, principal: int, *, loan_class: int = Class.LOSS,
    staff: str = "", household: str = "", **given: Any,
) -> Loan:  # fmt: skip
    """A loan with a borrower of its own; `principal` in fen, `staff` the tape's collector."""
    at = books.institutions[institution]
    number = len(books.loans) + 1
    id_no = f"9900001980010{number:04d}X"
    house, _made = Household.objects.get_or_create(
        bank=books.bank, key=f"n:{household}" if household else f"i:{id_no}",
        defaults={"number": household, "institution": at},
    )  # fmt: skip
    borrower = Borrower.objects.create(
        bank=books.bank, household=house, name=f"Borrower of {name}", id_no=id_no, id_key=id_no,
        kind=given.pop("kind", "household"),
    )  # fmt: skip
    loan = Loan.objects.create(
        bank=books.bank, contract_no=name, contract_key=name, borrower=borrower, institution=at, origin="new",
        guarantee="credit", issued_on=DAY - timedelta(days=900), due_on=DAY - timedelta(days=500),
        amount=principal, rate="8.40", lending_staff_no="LEFT", collection_staff_no=staff, state="open",
        loan_class=loan_class, principal=principal, first_seen_on=DAY,
        first_npl_on=DAY - timedelta(days=400) if loan_class >= Class.SUBSTANDARD else None, **given,
    )  # fmt: skip
    books.loans[name] = loan
    return loan


def filled(stage: Stage) -> Books:
    """The ledger with a loan or two at each institution, and their tape of DAY."""
    books = kept(stage)
    mine, others = books["collector"].staff_no, books["other_collector"].staff_no
    lent(books, "A-1", "first", 10_000_000, staff=mine, household="H1")
    lent(books, "A-2", "first", 5_000_000, staff=others, household="H1")
    lent(books, "A-3", "first", 30_000_000)
    lent(books, "A-4", "first", 2_000_000, loan_class=Class.NORMAL, staff=mine)
    lent(books, "B-1", "second", 7_000_000, staff=others)
    lent(books, "C-1", "third", 9_000_000)
    read(books)
    return books


def read(books: Books, day: date = DAY) -> Tape:
    """The union's tape of the day says what the loans are."""
    tape = Tape(
        bank=books.bank, scope=books.institutions["union"], as_of=day, state=Tape.State.LOADED,
        sha256=f"{day:%Y%m%d}" * 8, size=1000, name="tape.csv", rows=len(books.loans), rejected=0,
        principal=sum(loan.principal for loan in books.loans.values()),
        institutions=[each.pk for each in books.institutions.values()], handed_in_at=clock.now(),
        handed_in_by=books["union_risk"],
    )  # fmt: skip
    tape.save()
    books.tape = tape
    sums: dict[tuple[Any, ...], tuple[int, int]] = {}
    for loan in books.loans.values():
        cohort = "old" if loan.loan_class >= Class.SUBSTANDARD else ""
        key = (loan.institution_id, cohort, loan.loan_class, loan.sub_grade, loan.borrower.kind)
        count, principal = sums.get(key, (0, 0))
        sums[key] = (count + 1, principal + loan.principal)
        ClassChange.objects.get_or_create(
            loan=loan, on=day, defaults={"to_class": loan.loan_class, "tape": tape}
        )
    classes: dict[str, dict[str, int]] = {}
    for (institution, cohort, loan_class, sub_grade, kind), (count, principal) in sums.items():
        DayFigure.objects.create(
            as_of=day, institution_id=institution, cohort=cohort, loan_class=loan_class, sub_grade=sub_grade,
            kind=kind, loans=count, principal=principal, tape=tape,
        )  # fmt: skip
        each = classes.setdefault(str(loan_class), {"loans": 0, "principal": 0})
        each["loans"] += count
        each["principal"] += principal
    Tape.objects.filter(pk=tape.pk)
    balances(books, day)
    return tape


def balances(books: Books, day: date) -> None:
    """The day's partition has a balance of each loan."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT portfolio_open_day(%s)", [day])
        (made,) = cursor.fetchone()
        for loan in books.loans.values():
            late = 500 if loan.loan_class >= Class.SUBSTANDARD else 0
            cursor.execute(
                f"INSERT INTO {made} VALUES (%s, %s, 0, 1000, 500, %s, %s, %s, %s, %s, 0)",
                [loan.pk, loan.principal, day, loan.institution_id, late, loan.loan_class, loan.sub_grade],
            )
        cursor.execute("SELECT portfolio_close_day(%s)", [day])


def give(books: Books, loan: str, handle: str, kind: str, *, until: date | None = None) -> Assignment:
    """A recorded duty of the person for the loan, from long ago."""
    person = books[handle]
    return Assignment.objects.create(
        loan=books.loans[loan], kind=kind, person=person, staff_no=person.staff_no, staff_key=person.staff_no,
        from_on=DAY - timedelta(days=300), to_on=until, reason="of old", given_at=clock.now(),
    )  # fmt: skip
