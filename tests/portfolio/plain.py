"""What a ledger must say after tapes of some days, computed loan by loan in plain Python.

The tapes are dictionaries of cells; nothing of the import is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

Rows = Mapping[date, list[dict[str, str]]]
CLASSES = {"normal": 1, "special_mention": 2, "substandard": 3, "doubtful": 4, "loss": 5}


def said(cells: dict[str, str]) -> tuple[int, int]:
    return CLASSES[cells["class"]], int(cells.get("sub_grade") or 0)


def fen(text: str) -> int:
    return int(Decimal(text) * 100)


class Plain:
    """Changes of class, figures and present state by contract."""

    def __init__(self, tapes: Rows) -> None:
        self.tapes = {day: tapes[day] for day in sorted(tapes)}
        self.days = list(self.tapes)
        self.lives: dict[str, list[tuple[date, dict[str, str]]]] = {}
        for day, rows in self.tapes.items():
            for cells in rows:
                self.lives.setdefault(cells["contract_no"], []).append((day, cells))

    def changes(self) -> set[tuple[Any, ...]]:
        """Contract, day, class and sub-grade before, and after."""
        found = set()
        for contract, life in self.lives.items():
            before: tuple[int | None, int] = (None, 0)
            for day, cells in life:
                now = said(cells)
                if now != before:
                    found.add((contract, day, *before, *now))
                before = now
        return found

    def became_bad(self, contract: str, until: date) -> date | None:
        """The last day, up to one, on which the loan became non-performing."""
        found, before = None, 1
        for day, cells in self.lives[contract]:
            if day > until:
                break
            now = said(cells)[0]
            if now >= 3 > before:
                found = day
            before = now
        return found

    def figures(self) -> dict[tuple[Any, ...], tuple[int, int]]:
        """Loans and principal by day, institution, cohort, class, sub-grade and kind."""
        loans: Counter[Any] = Counter()
        money: Counter[Any] = Counter()
        for day, rows in self.tapes.items():
            for cells in rows:
                if cells["state"] != "open":
                    continue
                number, grade = said(cells)
                cohort = ""
                if number >= 3:
                    since = self.became_bad(cells["contract_no"], day)
                    assert since is not None
                    cohort = "old" if since <= date(day.year, 1, 1) else "new"
                key = (day, cells["institution"], cohort, number, grade, cells["kind"])
                loans[key] += 1
                money[key] += fen(cells["principal"])
        return {key: (loans[key], money[key]) for key in loans}

    def now(self) -> dict[str, tuple[Any, ...]]:
        """Of each loan: state, class, principal, first and last days, since when it is bad, ended or gone."""
        found = {}
        for contract, life in self.lives.items():
            last, cells = life[-1]
            later = [day for day in self.days if day > last]
            ended = [day for day, each in life if each["state"] != "open"]
            found[contract] = (
                cells["state"],
                said(cells)[0],
                fen(cells["principal"]),
                life[0][0],
                self.became_bad(contract, self.days[-1]),
                ended[0] if ended else None,
                later[0] if later and not ended else None,
            )
        return found
