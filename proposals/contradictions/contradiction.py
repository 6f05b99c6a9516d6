"""A contradiction, and helpers of its rules for reading a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from proposals.contradictions.wording import WORDING
from proposals.finance import ZERO


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A contradiction: a stable key, the places that disagree, and the values that its wording needs."""

    key: str
    paths: tuple[str, ...]
    values: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str = "en") -> str:
        """The wording, in Chinese for a language tag that begins with "zh", else in English."""
        return WORDING[self.key][lang.lower().startswith("zh")].format_map(self.values)


#: a plan's document, or an object in it
Document = Mapping[str, Any]


def rows_of(document: Document, name: str) -> list[Document]:
    """The rows of one list of the plan."""
    rows: list[Document] = document.get(name, [])
    return rows


def total_of(rows: list[Document], *kinds: str) -> Decimal:
    """The sum of these amounts of all rows, in yuan."""
    return sum((Decimal(row.get(kind, ZERO)) for row in rows for kind in kinds), ZERO)


def conceded(document: Document, kind: str) -> Decimal:
    """The amount of that concession, in yuan."""
    return Decimal(document.get("concessions", {}).get(kind) or ZERO)


def day_of(text: str | None) -> date | None:
    """The date stated; None while it is blank."""
    return date.fromisoformat(text) if text else None


def yuan(amount: Decimal) -> str:
    """The amount as the wording shows it."""
    return f"{amount:,.2f}"


def has_stopped(document: Document) -> bool:
    """Whether the borrower's operation is stated as stopped."""
    return bool(document.get("borrower", {}).get("operating") == "stopped")


def source_kinds(document: Document) -> set[str]:
    """The kinds of the sources of repayment."""
    return {row.get("kind", "") for row in rows_of(document, "sources")}
