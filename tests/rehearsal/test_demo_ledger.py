"""The demo's ledger: its tapes go in, and there is a warning in each state, a ranking and a supervision."""

from __future__ import annotations

from datetime import date

import pytest

from audit import clock
from portfolio.generator.lives import rows_of
from portfolio.generator.places import Place
from portfolio.generator.stock import stock
from portfolio.models import Loan, Ranking, Supervision, Tape
from portfolio.models import Warning as LedgerWarning
from rehearsal import ledger
from tests.stage import Stage

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("today", [TODAY, date(2026, 8, 12), date(2026, 2, 20), date(2026, 1, 3)])
def test_the_days_of_the_tapes_are_in_order_and_end_yesterday(today: date) -> None:
    found = ledger.days(today)
    assert list(found) == sorted(set(found))
    assert len(found) == 2 + ledger.DAILY
    assert (today - found[-1]).days == 1


def test_the_same_seed_draws_the_same_stock_with_the_cases_of_the_seeds() -> None:
    places = [Place(f"1510{number}", ("1", "2"), ("3", "4"), "5") for number in range(1, 4)]
    days = ledger.days(TODAY)
    lives = stock(1, places, days, 600)
    assert lives == stock(1, places, days, 600)
    assert lives != stock(2, places, days, 600)
    assert len(lives) == 600
    amounts = {life.amount: life for life in lives[:4]}
    assert set(amounts) == {29_000_000, 4_900_000, 27_000_000, 4_700_000}
    last = days[-1]
    assert amounts[4_700_000].principal(last) == 2_900_000, "12 times 1,500 of 47,000 were paid"
    late = amounts[29_000_000]
    assert late.days_past_due(days[-2]) == 11
    assert (late.ends_on, late.principal(last)) == (last, 0), "paid on the twelfth day"
    assert amounts[4_900_000].loan_class(last) == "loss"
    yang = [life for life in lives if life.borrower == "杨某某" and life.household_no == "H151010001"]
    assert (len(yang), sum(life.amount for life in yang)) == (15, 8_500_000)


def test_rows_of_a_day_are_unique_and_their_dates_in_order() -> None:
    places = [Place(f"1510{number}", ("1", "2"), ("3", "4"), "5") for number in range(1, 4)]
    days = ledger.days(TODAY)
    lives = stock(3, places, days, 900)
    for day in days:
        rows = rows_of(lives, day)
        assert len({row.cells["contract_no"] for row in rows}) == len(rows)
        assert all(row.cells["issued_on"] < row.cells["due_on"] for row in rows)
        assert all(row.cells["issued_on"] <= day.isoformat() for row in rows)
        assert all(len(row.cells["id_no"]) == 18 for row in rows)


def test_the_demo_has_tapes_warnings_a_ranking_and_a_supervision(monkeypatch, db) -> None:
    monkeypatch.setattr(ledger, "LOANS", 3_500)  # three of them rejected are below a thousandth
    stage = Stage(seats=9, votes_to_pass=6)
    with clock.frozen(ledger._at(TODAY, ledger._MORNING)):
        bank = ledger.keep_ledger(stage.bank, TODAY)
    taped = list(Tape.objects.order_by("as_of").values_list("as_of", "state"))
    assert taped == [(day, "loaded") for day in ledger.days(TODAY)]
    assert Tape.objects.get(as_of=ledger.days(TODAY)[-2]).rejected == 3
    assert Loan.objects.non_performing().count() > 100
    states = set(LedgerWarning.objects.values_list("state", flat=True))
    assert states >= {"closed", "accepted", "sent_back", "replied", "seen", "issued"}
    assert Ranking.objects.get().rows.count() == 5
    assert Supervision.objects.get().state == "on_site"
    assert bank.people["collector"].username.startswith("collector.")
    assert ledger.keep_ledger(bank, TODAY) is bank
