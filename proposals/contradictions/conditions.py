"""Conditions of Art. 7, sources, measures and people that contradict other fields of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from proposals.contradictions.contradiction import (
    Contradiction,
    Document,
    conceded,
    day_of,
    has_stopped,
    rows_of,
    source_kinds,
    yuan,
)
from proposals.plan.measures import MEASURES
from proposals.plan.problem import json_path
from regulation.text import folded_identifier

_OPERATING: Final = {"reduced": ("reduced", "经营收缩"), "stopped": ("stopped", "停止经营")}
_LONG_AGO: Final = 365


_OPERATION: Final = "$.borrower.operating"


def operation(document: Document) -> Iterator[Contradiction]:
    claimed = document.get("conditions", {})
    terms = _OPERATING.get(document.get("borrower", {}).get("operating", ""))
    if terms and "7.1" in claimed:
        named = {"operating_en": terms[0], "operating_zh": terms[1]}
        yield Contradiction("not-operating-normally", (json_path(("conditions", "7.1")), _OPERATION), named)
    if not has_stopped(document):
        return
    if "7.2" in claimed and source_kinds(document) and "wages" not in source_kinds(document):
        yield Contradiction("cash-flow-stopped", (json_path(("conditions", "7.2")), _OPERATION, "$.sources"))
    if "7.5" in claimed:
        yield Contradiction("liquidity-stopped", (json_path(("conditions", "7.5")), _OPERATION))
    if "business_income" in source_kinds(document):
        yield Contradiction("business-income-stopped", ("$.sources", _OPERATION))


def interest_waived(document: Document) -> Iterator[Contradiction]:
    waived = conceded(document, "interest_waived")
    if "7.3" in document.get("conditions", {}) and waived:
        paths = (json_path(("conditions", "7.3")), "$.concessions.interest_waived")
        yield Contradiction("interest-waived", paths, {"amount": yuan(waived)})


def security(document: Document) -> Iterator[Contradiction]:
    if "guarantor" in source_kinds(document) and not rows_of(document, "guarantees"):
        yield Contradiction("source-without-guarantee", ("$.sources", "$.guarantees"))
    if "collateral" in source_kinds(document) and not rows_of(document, "collateral"):
        yield Contradiction("source-without-collateral", ("$.sources", "$.collateral"))
    borrower = folded_identifier(document.get("borrower", {}).get("name", ""))
    for index, row in enumerate(rows_of(document, "guarantees")):
        if borrower and folded_identifier(row.get("guarantor", "")) == borrower:
            paths = (f"$.guarantees[{index}].guarantor", "$.borrower.name")
            yield Contradiction("own-guarantor", paths, {"name": row["guarantor"]})


def valuations(document: Document) -> Iterator[Contradiction]:
    base = day_of(document.get("base_date"))
    for index, row in enumerate(rows_of(document, "collateral")):
        valued = day_of(row.get("valued_on"))
        if base and valued and (base - valued).days > _LONG_AGO:
            values = {"title": row.get("title_no", ""), "days": (base - valued).days}
            yield Contradiction(
                "valued-long-ago", (f"$.collateral[{index}].valued_on", "$.base_date"), values
            )


#: measure → the fields in which the plan carries it out
_CARRIED_OUT: Final[Mapping[str, tuple[str, ...]]] = {
    "extension": ("extension_months",),
    "rate_reduction": ("new_rate",),
    "interest_waiver": ("interest_waived", "penalty_waived"),
    "working_capital": ("new_money",),
}
_SECURED: Final[Mapping[str, str]] = {"guarantor": "guarantees", "collateral": "collateral"}


def _is_given(concessions: Document, kind: str) -> bool:
    """Whether the concession is made: an amount above zero, or any new rate, which may be zero."""
    stated = concessions.get(kind)
    return stated is not None if kind == "new_rate" else bool(Decimal(stated or 0))


def measures_carried_out(document: Document) -> Iterator[Contradiction]:
    given = document.get("concessions")
    for index, code in enumerate(document.get("measures", ())):
        place = ""
        if given is not None and code in _CARRIED_OUT:
            stated = any(_is_given(given, kind) for kind in _CARRIED_OUT[code])
            place = "" if stated else f"$.concessions.{_CARRIED_OUT[code][0]}"
        elif code in _SECURED and _SECURED[code] in document and not document[_SECURED[code]]:
            place = f"$.{_SECURED[code]}"
        if place:
            names = {"en": MEASURES[code]["en"], "zh": MEASURES[code]["zh"]}
            yield Contradiction("measure-without", (f"$.measures[{index}]", place), names)


def officers(document: Document) -> Iterator[Contradiction]:
    executor = folded_identifier(document.get("executor", ""))
    named: dict[str, str] = {}
    for index, loan in enumerate(rows_of(document, "loans")):
        named.setdefault(loan.get("lending_officer", "").strip(), f"$.loans[{index}].lending_officer")
    for name, place in named.items():
        if executor and folded_identifier(name) == executor:
            yield Contradiction("lends-and-executes", ("$.executor", place), {"name": name})
