"""Tapes of many days, some late, some replaced, against a computation loan by loan in plain Python."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from portfolio.actions import tapes
from portfolio.models import Balance, ClassChange, DayFigure, Loan, Tape
from tests.portfolio.plain import Plain, fen, said
from tests.portfolio.tape_files import Bank, row, written

KINDS = ("household", "enterprise", "public_employee")


class Stock:
    """Loans that live by chance: begun, repaid, worse, better, closed; a row of each on each day."""

    def __init__(self, count: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = count
        self.born = 0
        self.open: dict[str, dict[str, str]] = {}

    def day(self, day: date) -> list[dict[str, str]]:
        """The rows of a day after the last one."""
        draw, rows = self.random, []
        while len(self.open) < self.count:
            self._begin(day)
        for contract in list(self.open):
            cells = self.open[contract]
            cells["as_of"] = day.isoformat()
            if draw.random() < 0.06:
                cells["principal"] = f"{max(draw.randrange(1, fen(cells['principal']) + 1), 1) / 100:.2f}"
            if draw.random() < 0.12:
                cells["class"] = draw.choice(("normal", "special_mention", "substandard", "doubtful", "loss"))
                graded = cells["class"] == "special_mention"
                cells["sub_grade"] = draw.choice(("", "1", "2")) if graded else ""
            if draw.random() < 0.01:
                cells["state"] = draw.choice(("closed", "written_off", "transferred"))
                cells["principal"] = "0.00"
                del self.open[contract]
            rows.append(dict(cells))
        return rows

    def _begin(self, day: date) -> None:
        self.born += 1
        contract = f"LS-{self.born:06d}"
        self.open[contract] = row(
            as_of=day.isoformat(),
            contract_no=contract,
            id_no=f"99{self.born:016d}",
            institution=self.random.choice(("3713", "3713-01", "3714")),
            kind=self.random.choice(KINDS),
            principal=f"{self.random.randrange(100, 9_000_000) / 100:.2f}",
            **{"class": self.random.choice(("normal",) * 6 + ("special_mention", "substandard", "loss"))},
        )


def spoiled(rows: list[dict[str, str]], draw: random.Random) -> list[dict[str, str]]:
    """A first file of a day with loans missing, others that are none, and classes wrong."""
    kept = [dict(cells) for cells in rows if draw.random() > 0.05]
    for cells in kept:
        if cells["state"] == "open" and draw.random() < 0.1:
            cells["class"], cells["sub_grade"] = draw.choice((("normal", ""), ("doubtful", ""))), ""
            cells["class"] = cells["class"][0]
    day = rows[0]["as_of"]
    for number in range(2):
        wrong = f"WRONG-{day}-{number}"
        kept.append(
            row(as_of=day, contract_no=wrong, id_no=f"98{draw.randrange(10**15):016d}", institution="3714")
        )
    return kept


def take(bank: Bank, rows: list[dict[str, str]]) -> Tape:
    tape = bank.hand_in(written(rows), as_of=date.fromisoformat(rows[0]["as_of"]))
    if tape.state == "held":
        tape = tapes.release(tape, by=bank.risk, reason="核对无误")
    assert tape.state == "loaded"
    return tape


def compare(plain: Plain) -> None:
    """The whole ledger is what the plain computation says."""
    contracts = dict(Loan.objects.values_list("pk", "contract_no"))
    found = {
        (contracts[loan], *rest)
        for loan, *rest in ClassChange.objects.values_list(
            "loan", "on", "from_class", "from_sub_grade", "to_class", "sub_grade"
        )
    }
    assert found == plain.changes()
    figures = DayFigure.objects.values_list(
        "as_of", "institution__code", "cohort", "loan_class", "sub_grade", "kind", "loans", "principal"
    )
    assert {tuple(key): (loans, money) for *key, loans, money in figures} == plain.figures()
    now = Loan.objects.values_list(
        "contract_no",
        "state",
        "loan_class",
        "principal",
        "first_seen_on",
        "first_npl_on",
        "ended_on",
        "gone_on",
    )
    assert {contract: tuple(rest) for contract, *rest in now} == plain.now()
    balances = {
        (contracts[loan], day): rest
        for loan, day, *rest in Balance.objects.values_list(
            "loan", "as_of", "principal", "loan_class", "sub_grade"
        )
    }
    assert balances == {
        (cells["contract_no"], day): [fen(cells["principal"]), *said(cells)]
        for day, rows in plain.tapes.items()
        for cells in rows
    }


def year(bank: Bank, days: int, count: int, seed: int, check_every: int) -> Any:
    """Tapes from before a new year on: a tenth comes late, a tenth is replaced."""
    stock, draw = Stock(count, seed), random.Random(seed)
    given: dict[date, list[dict[str, str]]] = {}
    waiting: list[tuple[int, list[dict[str, str]]]] = []
    for number in range(days):
        day = date(2010, 12, 31) + timedelta(days=number - days // 3)
        rows = stock.day(day)
        chance = draw.random()
        if 0 < number < days - 4 and chance < 0.1:
            waiting.append((number + draw.randrange(1, 4), rows))
            continue
        if chance > 0.9:
            take(bank, spoiled(rows, draw))
            if chance > 0.95 and number < days - 4:
                waiting.append((number + draw.randrange(1, 4), rows))
                given[day] = None  # type: ignore[assignment]  # replaced below
            else:
                take(bank, rows)
                given[day] = rows
        else:
            take(bank, rows)
            given[day] = rows
        for due, late in [each for each in waiting if each[0] <= number]:
            waiting.remove((due, late))
            take(bank, late)
            given[date.fromisoformat(late[0]["as_of"])] = late
        if not waiting and number % check_every == 0:
            compare(Plain(given))
    assert not waiting
    compare(Plain(given))


@pytest.fixture
def bank(db, settings, tmp_path) -> Bank:
    settings.MEDIA_ROOT = tmp_path
    return Bank()


@pytest.mark.parametrize("seed", range(2))
def test_a_month_of_tapes_late_and_replaced_is_what_plain_python_says(bank, seed):
    year(bank, days=24, count=30, seed=seed, check_every=1)


@pytest.mark.slow
def test_a_year_of_tapes_is_what_plain_python_says(bank):
    year(bank, days=250, count=2000, seed=2011, check_every=50)
