"""A small ledger beside a stage's bank: its institutions, and tapes of a few loans, as rows of the tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from audit import clock
from committee.models import Unit
from portfolio.classes import BY_NAME
from portfolio.models import Balance, Borrower, ClassChange, Household, Institution, Loan, Tape
from portfolio.money import fen
from regulation.text import folded_identifier
from rehearsal import cast
from tests.stage import Stage

#: the usual plan's loan C-1 as a tape states it
USUAL: dict[str, Any] = {
    "institution": "101",
    "principal": "1000.00",
    "interest_on": "80.00",
    "interest_off": "20.00",
    "penalty": "10.00",
    "rate": "8.40",
    "issued_on": date(2024, 1, 10),
    "due_on": date(2025, 1, 10),
    "dpd": 416,
    "class": "doubtful",
    "state": "open",
    "lending": "",
    "collection": "",
    "borrower": "王某",
    "id_no": "320000190001010001",
    "household": "H1",
}
#: in fen in the balances, in their order
AMOUNTS = ("principal", "interest_on", "interest_off", "penalty")


class Stock:
    """The bank's institutions: the union 100, and the sub-branches 101 and 102; and their tapes."""

    def __init__(self, stage: Stage) -> None:
        self.bank = stage.bank.unit
        below = {unit.name: unit for unit in Unit.objects.filter(parent=stage.committee.branch_id)}
        places = {
            "100": (self.bank, Institution.Level.UNION),
            "101": (below[cast.FIRST], Institution.Level.INSTITUTION),
            "102": (below[cast.SECOND], Institution.Level.INSTITUTION),
        }
        self.institutions = {
            code: Institution.objects.create(unit=unit, bank=self.bank, code=code, level=level)
            for code, (unit, level) in places.items()
        }
        Institution.objects.renumber(self.bank.pk)
        for each in self.institutions.values():
            each.refresh_from_db()

    def tape(self, as_of: str, *rows: dict[str, Any], scope: str = "100") -> Tape:
        """A tape of the day with these loans is in the ledger; open loans that it lacks are gone."""
        day = date.fromisoformat(as_of)
        stated = [USUAL | row for row in rows]
        places = sorted({self.institutions[row["institution"]].pk for row in stated})
        tape = Tape.objects.create(
            bank=self.bank, scope=self.institutions[scope], as_of=day, state=Tape.State.LOADED,
            sha256=f"{day:%Y%m%d}".ljust(64, "0"), size=1, rows=len(rows), rejected=0,
            principal=sum(fen(Decimal(row["principal"])) for row in stated), institutions=places,
            handed_in_at=clock.now(),
        )  # fmt: skip
        loans = [(self._loan(row, day), row) for row in stated]
        kept = [loan.pk for loan, _row in loans]
        Loan.objects.filter(bank=self.bank, state="open", gone_on=None).exclude(pk__in=kept).update(
            gone_on=day
        )
        self._balances(day, loans)
        for loan, row in loans:
            self._class(tape, loan, row)
        return tape

    def _loan(self, row: dict[str, Any], day: date) -> Loan:
        household, _made = Household.objects.get_or_create(
            bank=self.bank, key=f"n:{row['household']}",
            defaults={"number": row["household"], "institution": self.institutions[row["institution"]]},
        )  # fmt: skip
        borrower, _made = Borrower.objects.get_or_create(
            bank=self.bank, id_key=folded_identifier(row["id_no"]),
            defaults={
                "household": household, "name": row["borrower"], "id_no": row["id_no"], "kind": "household",
            },
        )  # fmt: skip
        key = folded_identifier(row["contract"])
        loan = Loan.objects.filter(bank=self.bank, contract_key=key).first() or Loan(
            bank=self.bank, contract_key=key, origin="new", guarantee="credit", first_seen_on=day,
            amount=fen(Decimal(row["principal"])),
        )  # fmt: skip
        now = {
            "contract_no": row["contract"], "borrower": borrower, "state": row["state"], "gone_on": None,
            "institution": self.institutions[row["institution"]], "loan_class": int(BY_NAME[row["class"]]),
            "principal": fen(Decimal(row["principal"])), "rate": Decimal(row["rate"]),
            "issued_on": row["issued_on"], "due_on": row["due_on"], "lending_staff_no": row["lending"],
            "collection_staff_no": row["collection"], "ended_on": None if row["state"] == "open" else day,
        }  # fmt: skip
        for name, value in now.items():
            setattr(loan, name, value)
        loan.save(update_fields=None if loan.pk is None else list(now))
        return loan

    def _balances(self, day: date, loans: list[tuple[Loan, dict[str, Any]]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT portfolio_open_day(%s)", [day])
            (made,) = cursor.fetchone()
            cursor.executemany(
                f"INSERT INTO {made} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s)",
                [
                    (
                        loan.pk, *(fen(Decimal(row[key])) for key in AMOUNTS),
                        day, loan.institution_id, row["dpd"], loan.loan_class,
                        Balance.STATES.index(row["state"]),
                    )
                    for loan, row in loans
                ],
            )  # fmt: skip
            cursor.execute("SELECT portfolio_close_day(%s)", [day])

    @staticmethod
    def _class(tape: Tape, loan: Loan, row: dict[str, Any]) -> None:
        last = ClassChange.objects.filter(loan=loan).order_by("-on").first()
        if last is None or last.to_class != loan.loan_class:
            before = None if last is None else last.to_class
            ClassChange.objects.create(
                loan=loan, on=tape.as_of, from_class=before, to_class=loan.loan_class, tape=tape
            )
