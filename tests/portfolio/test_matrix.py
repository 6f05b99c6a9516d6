"""A month's matrix and its migration rates: the SQL gives what the rule gives, and keeps it."""

from __future__ import annotations

from datetime import date

import pytest

from audit.recording import SYSTEM
from portfolio.classes import Class
from portfolio.figures.matrix import Matrix, days_of, month_matrix
from portfolio.models import Loan, MonthMove
from portfolio.rules import quality
from tests.portfolio.books import DAY, Books, kept, lent, read
from tests.portfolio.watching import judged, policy
from tests.stage import Stage, stages

END = date(2026, 3, 31)
C = Class
#: the public case P10: loan, class and principal at the start, and at the end
LOANS = (
    ("L1", C.NORMAL, 100_000_00, C.NORMAL, 90_000_00),
    ("L2", C.NORMAL, 50_000_00, C.SPECIAL_MENTION, 50_000_00),
    ("L3", C.SPECIAL_MENTION, 80_000_00, C.SUBSTANDARD, 80_000_00),
    ("L4", C.SUBSTANDARD, 60_000_00, C.DOUBTFUL, 55_000_00),
    ("L5", C.DOUBTFUL, 40_000_00, None, 0),
    ("L6", None, 0, C.NORMAL, 30_000_00),
    ("L7", C.SPECIAL_MENTION, 120_000_00, C.SPECIAL_MENTION, 110_000_00),
    ("L8", C.SUBSTANDARD, 25_000_00, C.SPECIAL_MENTION, 24_000_00),
)


def _made() -> Stage:
    stage = Stage().to("submitted")
    stage.books = kept(stage)
    policy(stage.books)
    return stage


moved = stages("moved", _made)


@pytest.fixture
def books(moved) -> Books:
    books, moved.books.loans = moved.books, {}
    for name, start, principal, _, _ in LOANS:
        if start is not None:
            lent(books, name, "first" if name < "L5" else "third", principal, loan_class=start)
    moved.travel("2026-02-28T18:00+08:00")
    judged(read(books, date(2026, 2, 28)), by=SYSTEM)
    for name, start, _, end, principal in LOANS:
        if start is None:
            lent(books, name, "third", principal, loan_class=end)
        elif end is None:
            Loan.objects.filter(pk=books.loans[name].pk).update(state="closed", principal=0)
        else:
            loan = books.loans[name]
            loan.loan_class, loan.principal = end, principal
            Loan.objects.filter(pk=loan.pk).update(loan_class=end, principal=principal)
    del books.loans["L5"]
    moved.travel("2026-03-31T18:00+08:00")
    judged(read(books, END), by=SYSTEM)
    return books


def of(books: Books, name: str) -> Matrix:
    found = month_matrix(books.institutions[name], DAY)
    assert found is not None
    return found


def test_the_matrix_is_the_rules_and_so_are_its_rates(books):
    given = [quality.Moved(*row[1:]) for row in LOANS]
    made = of(books, "union")
    assert (made.start_on, made.end_on) == (date(2026, 2, 28), END)
    cells = {
        (start, end): amount
        for start, row in quality.matrix(given).items()
        for end, amount in row.items()
        if amount
    }
    assert {(cell.start, cell.end): cell.shown for cell in made.cells} == cells
    for each in Class:
        assert made.migration_rate(each) == quality.migration_rate(given, each)
    assert made.normal_loans_to_npl() == quality.normal_loans_to_npl(given)


def test_an_institution_has_its_own_part_of_it(books):
    first = [quality.Moved(*row[1:]) for row in LOANS[:4]]
    assert of(books, "first").migration_rate(C.NORMAL) == quality.migration_rate(first, C.NORMAL)
    assert of(books, "second").cells == ()


def test_it_is_made_once_and_again_after_another_tape_of_its_days(books):
    of(books, "union")
    made = MonthMove.objects.count()
    assert made > 0
    of(books, "third")
    assert MonthMove.objects.count() == made
    judged(books.tape, by=SYSTEM)
    assert MonthMove.objects.count() == 0
    assert of(books, "union").migration_rate(C.NORMAL) is not None


def test_without_a_tape_of_both_ends_there_is_none(books):
    assert days_of(books.bank.pk, date(2026, 5, 1)) is None
    assert month_matrix(books.institutions["union"], date(2026, 2, 1)) is None
