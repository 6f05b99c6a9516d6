"""A whole stock of loans, drawn by a seed: how much each institution has, and what becomes of it by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from portfolio.generator.cases import cases
from portfolio.generator.lives import Life
from portfolio.generator.people import credit_code, enterprise, identity_number, person
from portfolio.generator.places import Place, months_later

_YUAN = 100
_MILLION = 1_000_000 * _YUAN
_PRODUCTS = ("农户小额信用贷款", "农户联保贷款", "个人经营贷款", "流动资金贷款")
_PURPOSES = ("种植", "养殖", "周转", "购置农机", "建房", "经营")
_RATES = tuple(Decimal(rate) for rate in ("5.60", "6.30", "7.20", "8.40", "9.60"))
#: staff of whom the bank has no record any more
_LEFT = "80299999"
#: large loans that fall among the non-performing: institution by number → yuan, and in which stretch of tapes
_FALLS: dict[int, tuple[tuple[int, str], ...]] = {
    0: ((6_200_000, "year"), (5_400_000, "late")),
    1: ((2_600_000, "late"),),
    2: ((3_100_000, "year"),),
    4: ((7_500_000, "year"), (3_900_000, "year")),
    7: ((4_800_000, "late"), (2_200_000, "late")),
}
#: large loans of the year's start that are paid: institution by number → yuan
_PAID: dict[int, tuple[int, ...]] = {3: (2_800_000,), 5: (1_900_000, 1_200_000), 9: (3_300_000,)}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a loan: since when unpaid, when cured or ended, and as what."""

    unpaid_since: date | None = None
    cured_on: date | None = None
    ends_on: date | None = None
    ends_as: str = "closed"
    classed: str = ""
    sub_grade: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """With what loans are drawn: the days of tapes, and the institution with its place in the order."""

    draw: Random
    days: tuple[date, ...]
    place: Place
    number: int

    @property
    def first(self) -> date:
        """The year's start."""
        return self.days[0]

    @property
    def last(self) -> date:
        """The last tape."""
        return self.days[-1]

    @property
    def lately(self) -> tuple[date, ...]:
        """The days of daily tapes at the end."""
        return self.days[2:]


def stock(seed: int, places: Sequence[Place], days: Sequence[date], loans: int = 5_000) -> list[Life]:
    """So many loans at these institutions, seen on the days of tapes: the year's start, the base date,
    daily ones.

    ValueError for fewer than three days, or days out of order.
    """
    days = tuple(days)
    if len(days) < 3 or list(days) != sorted(set(days)):
        raise ValueError("the days are the year's start, the base date and one or more after it, in order")
    draw = Random(seed)  # noqa: S311  it draws an example that is the same each time
    found = cases(places[0], draw, days)
    for number, place in enumerate(places):
        found += _large(Drawing(draw, days, place, number))
    numbers = _shares(loans - len(found), len(places))
    serial = 0
    for number, (place, count) in enumerate(zip(places, numbers, strict=True)):
        drawing = Drawing(draw, days, place, number)
        for _ in range(count):
            serial += 1
            found.append(_small(drawing, serial))
    return found


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (1 if number < total % parts else 0) for number in range(parts)]


def _large(drawing: Drawing) -> Iterator[Life]:
    """The institution's loans to enterprises that move its figures."""
    serial = 0
    for yuan, stretch in _FALLS.get(drawing.number, ()):
        serial += 1
        over90 = drawing.lately[3 + serial] if stretch == "late" else drawing.days[1] - timedelta(days=20)
        yield _enterprise(drawing, serial, yuan, Fate(over90 - timedelta(days=91)))
    for yuan in _PAID.get(drawing.number, ()):
        serial += 1
        yield _enterprise(
            drawing,
            serial,
            yuan,
            Fate(drawing.first - timedelta(days=400), ends_on=drawing.lately[serial], ends_as="closed"),
        )


def _enterprise(drawing: Drawing, serial: int, yuan: int, fate: Fate) -> Life:
    draw, place = drawing.draw, drawing.place
    number = drawing.number * 100 + serial
    due = fate.unpaid_since or drawing.last
    return Life(
        institution=place.code,
        contract_no=f"{place.code}E{number:06d}",
        borrower=enterprise(draw, number + 1),
        id_no=credit_code(number + 1),
        kind="enterprise",
        product="流动资金贷款",
        purpose="经营",
        guarantee="mortgage",
        issued_on=months_later(due, -24),
        due_on=due,
        amount=yuan * _YUAN,
        rate=Decimal("7.20"),
        unpaid_since=fate.unpaid_since,
        ends_on=fate.ends_on,
        ends_as=fate.ends_as,
        lending=place.lending[0],
        collection=place.collection[serial % len(place.collection)],
        approver=place.approver,
        other_banks_debt=yuan * _YUAN * 2,
        other_banks_over90=yuan * _YUAN // 4,
    )


def _small(drawing: Drawing, serial: int) -> Life:
    """A loan of a household or a small business."""
    draw, place = drawing.draw, drawing.place
    fate = _fate(drawing)
    owed = draw.choice((5, 8, 10, 15, 20, 30, 50, 50, 80, 100, 150, 300)) * 1_000 * _YUAN
    due = fate.unpaid_since or drawing.last + timedelta(days=draw.randrange(20, 700))
    issued = min(
        months_later(due, -draw.choice((12, 24, 36))), drawing.first - timedelta(days=draw.randrange(5, 90))
    )
    kind = draw.choices(("household", "public_employee", "village_collective", "employee"), (92, 5, 2, 1))[0]
    return Life(
        institution=place.code,
        contract_no=f"{place.code}N{serial:06d}",
        borrower=person(draw) if kind != "village_collective" else f"示范{serial % 90 + 1}号村委会",
        id_no=identity_number(draw, serial),
        household_no=f"H{place.code}{serial // 8:05d}" if serial % 8 < 2 else "",
        kind=kind,
        insider=draw.choices(("", "introduced", "employee"), (96, 3, 1))[0],
        employer="示范中学" if kind == "public_employee" else "",
        product=draw.choice(_PRODUCTS),
        purpose=draw.choice(_PURPOSES),
        origin=draw.choices(("new", "renewal", "restructured"), (84, 13, 3))[0],
        guarantee=draw.choice(("credit", "guarantor", "guarantor", "mortgage", "pledge", "mixed")),
        issued_on=issued,
        due_on=due,
        amount=owed,
        rate=draw.choice(_RATES),
        unpaid_since=fate.unpaid_since,
        cured_on=fate.cured_on,
        ends_on=fate.ends_on,
        ends_as=fate.ends_as,
        classed=fate.classed,
        sub_grade=fate.sub_grade,
        lending=_LEFT if draw.random() < 0.002 else draw.choice(place.lending),
        collection="" if draw.random() < 0.004 else draw.choice(place.collection),
        approver=place.approver,
        registered=draw.random() > 0.003,
    )


def _fate(drawing: Drawing) -> Fate:
    """What becomes of a small loan, drawn by shares of a thousand."""
    draw, first, last = drawing.draw, drawing.first, drawing.last
    turn = draw.randrange(1_000)

    def before(day: date, least: int, most: int) -> date:
        return day - timedelta(days=draw.randrange(least, most))

    shares: tuple[tuple[int, Fate], ...] = (
        (70, Fate(before(first, 120, 4_000))),
        # a few stand better than their days allow, or worse
        (73, Fate(before(last, 120, 240), classed="special_mention", sub_grade=2)),
        (76, Fate(before(last, 20, 80), classed="substandard")),
        # non-performing at the year's start: paid, given up, sold, performing again
        (80, Fate(before(first, 120, 900), ends_on=draw.choice(drawing.days[1:]))),
        (81, Fate(before(first, 900, 3_000), ends_on=draw.choice(drawing.lately), ends_as="written_off")),
        (82, Fate(before(first, 400, 900), ends_on=draw.choice(drawing.lately), ends_as="transferred")),
        (85, Fate(before(first, 120, 300), cured_on=draw.choice(drawing.days[1:]))),
        # become so in the year, some of them in these days
        (100, Fate(before(last, 104, 300))),
        (104, Fate(before(last, 91, 103))),
        # late
        (150, Fate(before(last, 1, 80))),
        (156, Fate(classed="special_mention", sub_grade=3)),
    )
    return next((fate for share, fate in shares if turn < share), Fate())
