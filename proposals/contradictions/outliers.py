"""Dates and rates that are probably mistyped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from proposals.contradictions.contradiction import Contradiction, Document, day_of, rows_of

#: a longer time or later date, in years, is probably mistyped
_LONGEST: Final = 30
#: the highest plausible rate of a loan, per cent a year
_HIGHEST: Final = Decimal(36)


def _dated(document: Document) -> Iterator[tuple[str, tuple[str, str], date]]:
    """Future dates with their places and names."""
    for index, row in enumerate(rows_of(document, "schedule")):
        if day := day_of(row.get("due_on")):
            yield f"$.schedule[{index}].due_on", ("An instalment is due", "还款计划日期"), day
    for index, row in enumerate(rows_of(document, "milestones")):
        if day := day_of(row.get("on")):
            yield f"$.milestones[{index}].on", ("A milestone is set", "时间节点日期"), day
    for at, alternative in enumerate(rows_of(document, "alternatives")):
        for index, row in enumerate(rows_of(alternative, "flows")):
            if day := day_of(row.get("on")):
                place = f"$.alternatives[{at}].flows[{index}].on"
                yield place, ("An alternative brings something", "比较方案回收日期"), day


def days(document: Document) -> Iterator[Contradiction]:
    base = day_of(document.get("base_date"))
    if base is None:
        return
    for index, loan in enumerate(rows_of(document, "loans")):
        issued = day_of(loan.get("issued_on"))
        if issued and issued > base:
            values = {"contract": loan.get("contract_no", ""), "days": (issued - base).days}
            yield Contradiction("issued-later", (f"$.loans[{index}].issued_on", "$.base_date"), values)
    for place, (english, chinese), day in _dated(document):
        values = {"what_en": english, "what_zh": chinese, "day": day}
        years = day.year - base.year
        if day < base and not place.startswith("$.schedule"):  # those of the schedule are refused
            yield Contradiction("before-base-date", (place, "$.base_date"), values)
        if years > _LONGEST:
            yield Contradiction("ends-late", (place, "$.base_date"), {**values, "years": years})


def rates(document: Document) -> Iterator[Contradiction]:
    stated = [(f"$.loans[{n}].rate", row.get("rate")) for n, row in enumerate(rows_of(document, "loans"))]
    given = document.get("concessions", {})
    stated.append(("$.concessions.new_rate", given.get("new_rate")))
    stated.append(("$.discount_rate", document.get("discount_rate")))
    for place, rate in stated:
        if rate is not None and Decimal(rate) > _HIGHEST:
            yield Contradiction("rate-high", (place,), {"rate": rate})
    months = given.get("extension_months") or 0
    if months > 12 * _LONGEST:
        yield Contradiction("extension-long", ("$.concessions.extension_months",), {"years": months // 12})
