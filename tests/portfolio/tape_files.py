"""A bank of a union with two institutions, and tapes of its loans as a core system writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from audit.recording import SYSTEM
from committee.actions import founding
from committee.models import Person, Unit
from portfolio import storage
from portfolio.actions import tapes
from portfolio.models import Institution, Tape
from portfolio.tape import COLUMNS

DAY = date(2011, 8, 9)
GOOD = {
    "as_of": "2011-08-09",
    "institution": "3713-01",
    "contract_no": "LS-2007-0049",
    "borrower": "杨某",
    "id_no": "37130219700101001X",
    "kind": "household",
    "origin": "new",
    "guarantee": "guarantor",
    "issued_on": "2007-06-30",
    "due_on": "2008-06-30",
    "amount": "49000.00",
    "rate": "8.40",
    "principal": "49000.00",
    "interest_on": "0.00",
    "interest_off": "1204.50",
    "penalty": "0.00",
    "principal_unpaid_since": "2008-06-30",
    "dpd": "1135",
    "class": "substandard",
    "state": "open",
    "lending_staff_no": "S001",
}


class Bank:
    """A union, an institution with an outlet, and another institution; a person of the risk department."""

    def __init__(self) -> None:
        self.bank = founding.found_bank(by=SYSTEM, name="甘肃联社")
        self.union = self.found(self.bank, "3700", "union")
        self.one = self.found(
            self.unit(self.bank, "branch", "安化县联社"), "3713", "institution", ranked=True
        )
        self.outlet = self.found(self.unit(self.one.unit, "sub_branch", "羊角塘信用社"), "3713-01", "outlet")
        self.other = self.found(
            self.unit(self.bank, "branch", "大岩县联社"), "3714", "institution", ranked=True
        )
        Institution.objects.all().renumber(self.bank.pk)
        for each in (self.union, self.one, self.outlet, self.other):
            each.refresh_from_db()
        (self.risk,) = founding.employ(
            by=SYSTEM,
            bank=self.bank,
            people=[
                founding.Employee("risk", "S001", "风险", self.bank, positions=(("risk", self.bank),)),
            ],
        )

    def unit(self, parent: Unit, kind: str, name: str) -> Unit:
        return founding.add_unit(by=SYSTEM, parent=parent, kind=kind, name=name)

    def found(self, unit: Unit, code: str, level: str, **more: Any) -> Institution:
        return Institution.objects.create(unit=unit, bank=self.bank, code=code, level=level, **more)

    def hand_in(
        self,
        content: bytes,
        *,
        as_of: date = DAY,
        scope: Institution | None = None,
        by: Person | str = SYSTEM,
        **more: Any,
    ) -> Tape:
        """The content handed in as the tape of a scope, by default the union."""
        with storage.received([content]) as file:
            return tapes.hand_in(scope or self.union, by=by, file=file, as_of=as_of, **more)


def row(**changes: str) -> dict[str, str]:
    """The cells of a good row with changes."""
    return GOOD | changes


def written(
    rows: Iterable[Mapping[str, str]],
    *,
    chinese: bool = False,
    headings: bool = True,
    total: str | None = None,
    columns: Iterable[str] = [column.name for column in COLUMNS],
    encoding: str = "utf-8",
    newline: str = "\r\n",
) -> bytes:
    """A tape with these rows and its total line."""
    names = {column.name: column.chinese if chinese else column.name for column in COLUMNS}
    rows, columns = list(rows), list(columns)
    lines = [",".join(names[name] for name in columns)] if headings else []
    lines += [",".join(_cell(each.get(name, "")) for name in columns) for each in rows]
    if total is None:
        principal = sum((Decimal(each["principal"]) for each in rows), Decimal("0.00"))
        total = f"#{len(rows)},{principal:.2f}"
    return (newline.join([*lines, total] if total else lines) + newline).encode(encoding)


def _cell(value: str) -> str:
    return f'"{value.replace(chr(34), chr(34) * 2)}"' if set(value) & set(',"\r\n') else value


def loans(count: int, *, as_of: date = DAY, outlet: str = "3713-01", **changes: str) -> list[dict[str, str]]:
    """Good rows of so many loans of as many borrowers."""
    return [
        row(
            as_of=as_of.isoformat(),
            institution=outlet,
            contract_no=f"LS-{number:06d}",
            id_no=f"99{number:016d}",
            **changes,
        )
        for number in range(1, count + 1)
    ]
