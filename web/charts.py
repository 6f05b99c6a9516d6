"""Charts as numbers: positions of the marks of an SVG drawing, in its own units, for templates.

Axes start at zero and labels stand beside what they name. A drawing is as wide as a phone, so that its text
stays legible there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise

WIDTH = 360
_ROW = 38
_TOP, _BOTTOM, _HEIGHT = 30, 22, 210
#: the distance of two lines of text, and the distance from the edge at which a label is aligned inwards
_LINE, _EDGE = 20, 24


@dataclass(frozen=True)
class Bar:
    """A bar from the zero line, with its label above it; x, width and y in units of the drawing."""

    name: str | Promise
    #: yuan
    amount: Decimal
    #: whether it is the plan's own, which stands out
    own: bool
    x: int
    width: int
    y: int
    #: a further amount (yuan), for the table beside the drawing
    beside: Decimal | None = None


@dataclass(frozen=True)
class Bars:
    """Bars on one scale; `zero` is the x of the zero line."""

    bars: list[Bar]
    zero: int
    height: int


@dataclass(frozen=True)
class Amount:
    """A row of a bar chart: see `Bar`."""

    name: str | Promise
    amount: Decimal
    own: bool
    beside: Decimal | None = None


def bars(rows: Iterable[Amount], *, width: int = WIDTH, row: int = _ROW, below_zero: bool = False) -> Bars:
    """The rows as bars; an amount below zero has one only with `below_zero`, left of the zero line."""
    rows = list(rows)
    least, most = Decimal(0), Decimal(0)
    for each in rows:
        most = max(most, each.amount)
        least = min(least, each.amount) if below_zero else least
    span = (most - least) or Decimal(1)
    zero = int(-least * width / span)
    drawn = []
    for number, each in enumerate(rows):
        long = int(abs(max(each.amount, least)) * width / span)
        left = zero if each.amount >= 0 else zero - long
        drawn.append(Bar(each.name, each.amount, each.own, left, long, number * row, each.beside))
    return Bars(drawn, zero, len(drawn) * row)


def _share(amount: Decimal, largest: Decimal) -> float:
    return float(max(amount, Decimal(0)) / largest) if largest > 0 else 0.0


@dataclass(frozen=True)
class Label:
    """Where words stand, and to which side they run."""

    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Steps:
    """A sum over time as a stair: the path, the last amount and where its label stands."""

    path: str
    amount: Decimal
    label: Label


@dataclass(frozen=True)
class Progress:
    """What was planned and what was received, over time, each a stair from zero."""

    planned: Steps
    received: Steps | None
    first: date
    last: date
    #: where today stands; None when it is outside
    today: Label | None
    width: int = WIDTH
    height: int = _HEIGHT
    floor: int = _HEIGHT - _BOTTOM


Amounts = Sequence[tuple[date, Decimal]]


def progress(planned: Amounts, received: Amounts, *, begins: date, today: date) -> Progress | None:
    """Instalments and receipts by day (yuan, a reversal below zero), cumulated; None without a plan."""
    if not planned:
        return None
    first = min(begins, *(day for day, _amount in (*planned, *received)))
    last = max(day for day, _amount in (*planned, *received))
    until = min(max(today, first), last)
    top = max(_largest(planned), _largest(received))
    span = max((last - first).days, 1)

    def across(day: date) -> float:
        return (day - first).days / span * WIDTH

    def down(amount: Decimal) -> float:
        return _HEIGHT - _BOTTOM - _share(amount, top) * (_HEIGHT - _TOP - _BOTTOM)

    def stair(amounts: Amounts, end: date, above: float) -> Steps:
        sum_, path = Decimal(0), [f"M0 {down(Decimal(0)):.1f}"]
        for day, amount in sorted(amounts):
            sum_ += amount
            path.append(f"H{across(day):.1f}V{down(sum_):.1f}")
        end = max(end, max((day for day, _amount in amounts), default=end))
        path.append(f"H{across(end):.1f}")
        x, y = across(end), down(sum_)
        side = "start" if x < WIDTH / 2 else "end"
        return Steps("".join(path), sum_, Label(x, y + 14 if y - above < _LINE else y - 5, side))

    plan = stair(planned, last, -_HEIGHT)
    return Progress(
        plan,
        stair(received, until, plan.label.y) if received else None,
        first,
        last,
        _beside(across(today)) if first <= today <= last else None,
    )


def _beside(x: float) -> Label:
    return Label(x, 10, "start" if x < _EDGE else "end" if x > WIDTH - _EDGE else "middle")


def _largest(amounts: Amounts) -> Decimal:
    """The highest that the sum ever stands."""
    sum_ = largest = Decimal(0)
    for _day, amount in sorted(amounts):
        sum_ += amount
        largest = max(largest, sum_)
    return largest


# -- Columns, one a month ---------------------------------------------------------------------------

_COLUMN, _COLUMNS_HEIGHT = 30, 120


@dataclass(frozen=True)
class Column:
    """A column from the zero line, with its value; x, y and height in units of the drawing."""

    name: str
    value: Decimal | None
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        """Where its labels are centred."""
        return self.x + _COLUMN // 2 - 3


@dataclass(frozen=True)
class Columns:
    """Columns on a scale from zero to `most`, which several drawings may share."""

    columns: list[Column]
    width: int
    height: int = _COLUMNS_HEIGHT
    floor: int = _COLUMNS_HEIGHT - _BOTTOM
    column: int = _COLUMN - 6


def columns(values: Iterable[tuple[str, Decimal | None]], most: Decimal) -> Columns:
    """The values as columns; one below zero, or that there is not, has none."""
    drawn, floor = [], _COLUMNS_HEIGHT - _BOTTOM
    for number, (name, value) in enumerate(values):
        high = int(_share(value or Decimal(0), most) * (floor - _LINE))
        drawn.append(Column(name, value, number * _COLUMN, floor - high, high))
    return Columns(drawn, len(drawn) * _COLUMN)
