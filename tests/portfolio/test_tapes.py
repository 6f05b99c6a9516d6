"""A tape in the ledger: what its rows become, what a day's figures say, what another file of a day does."""

from __future__ import annotations

import pytest

from portfolio.models import Balance, ClassChange, DayFigure, Loan, RowFault
from tests.portfolio.tape_files import Bank, row, written


@pytest.fixture
def bank(db, settings, tmp_path) -> Bank:
    settings.MEDIA_ROOT = tmp_path
    return Bank()


def test_a_good_row_is_a_loan_with_its_balance_figure_and_first_class(bank):
    tape = bank.hand_in(written([row()]))
    assert (tape.state, tape.rows, tape.rejected, tape.principal) == ("loaded", 1, 0, 4_900_000)
    loan = Loan.objects.select_related("borrower__household", "institution").get()
    assert (loan.contract_key, loan.borrower.name, loan.institution, loan.loan_class) == (
        "LS-2007-0049",
        "杨某",
        bank.outlet,
        3,
    )
    balance = Balance.objects.get()
    assert (balance.loan_id, balance.principal, balance.interest_off, balance.dpd) == (
        loan.pk,
        4_900_000,
        120_450,
        1135,
    )
    figure = DayFigure.objects.get()
    assert (figure.institution, figure.cohort, figure.loans, figure.principal) == (
        bank.outlet,
        "new",
        1,
        4_900_000,
    )
    change = ClassChange.objects.get()
    assert (change.loan_id, change.from_class, change.to_class) == (loan.pk, None, 3)
    assert list(RowFault.objects.values_list("code", flat=True)) == []
