"""The classes of a household's loans over time, as bands: a row a loan, a piece a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from pages.portfolio.households.reading import LoanView
from web.charts import WIDTH

_ROW, _BAND, _TOP = 44, 18, 18
#: a piece narrower than this has no word in it
_WORD = 34


@dataclass(frozen=True)
class Piece:
    """A class for a time: where it begins, how wide it is, and its word where that fits."""

    x: int
    width: int
    loan_class: int
    name: str | Promise
    #: whether the word fits in it
    said: bool

    @property
    def middle(self) -> int:
        """Where the word is centred."""
        return self.x + self.width // 2


@dataclass(frozen=True)
class Band:
    """A loan's band with its contract above it."""

    contract: str
    y: int
    pieces: list[Piece]

    @property
    def words(self) -> int:
        """Where the words of the pieces stand."""
        return self.y + _BAND - 5


@dataclass(frozen=True)
class Bands:
    """The bands from the first day to the last."""

    bands: list[Band]
    first: date
    last: date
    height: int
    width: int = WIDTH
    band: int = _BAND


def bands(loans: Sequence[LoanView], last: date | None) -> Bands | None:
    """The bands of loans with changes of class; None without any, or without a day to draw to."""
    known = [each for each in loans if each.changes]
    if not known or last is None:
        return None
    first = min(each.changes[0].on for each in known)
    span = max((last - first).days, 1)

    def across(day: date) -> int:
        return round((min(day, last) - first).days / span * WIDTH)

    drawn = [
        Band(each.loan.contract_no, _TOP + number * _ROW, _pieces(each, last, across))
        for number, each in enumerate(known)
    ]
    return Bands(drawn, first, last, len(drawn) * _ROW + _TOP)


def _pieces(loan: LoanView, last: date, across: Callable[[date], int]) -> list[Piece]:
    """The loan's classes, each until the next one or until the loan's end."""
    ends = [change.on for change in loan.changes[1:]] + [loan.loan.ended_on or loan.loan.gone_on or last]
    return [
        _piece(across(change.on), across(end), change.after, change.number)
        for change, end in zip(loan.changes, ends, strict=True)
    ]


def _piece(x: int, end: int, name: str | Promise, loan_class: int) -> Piece:
    width = max(end - x, 2)
    return Piece(x, width, loan_class, name, width >= _WORD)
