"""What changed between two plans, and what of it is a change in substance (Art. 23).

Pure: two plans in, a list of differences out. The threshold is a share of everything owed in the old plan,
the rejected one. Drafts can be compared too: what is missing counts as empty or as 0 yuan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, get_args

from pydantic import BaseModel

from proposals.finance import ZERO, after_haircut, exactly, exposure
from proposals.plan.drafts import Plan
from proposals.plan.problem import json_path, quoted
from proposals.plan.schema import PARTS, Terms
from regulation.text import folded_identifier

FINAL_DATE_DAYS: Final = 30
"""A final due date moved by this many days or more, either way, is a change in substance (Art. 23)."""

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

WORDING: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "loans": ("another set of loans", "贷款合同范围改变"),
        "guarantors": ("another set of guarantors", "保证人改变"),
        "collateral": ("another set of collateral", "抵质押物改变"),
        "sources": ("another kind of repayment source", "还款来源种类改变"),
        "measures": ("another set of measures", "清收措施改变"),
        "waiver": ("the waiver changes by the threshold", "减免金额变动达到界限"),
        "new-money": ("the new money changes by the threshold", "新增资金变动达到界限"),
        "expected-recovery": ("the recovery changes by the threshold", "预计收回变动达到界限"),
        "principal-in-year": ("the year's principal changes by the threshold", "当年还本变动达到界限"),
        "interest-scheduled": ("the interest changes by the threshold", "应还利息变动达到界限"),
        "final-date": ("the final due date moves by 30 days or more", "最后到期日变动达三十日"),
        "another-appraiser": (
            "another appraiser's value differs by the threshold",
            "由其他评估人评估且价值变动达到界限",
        ),
        "below-threshold": ("the change is below the threshold", "变动未达到界限"),
        "final-date-near": ("the final due date moves by less than 30 days", "最后到期日变动不足三十日"),
        "repeated": ("stated once more or once less; the set is the same", "重复列示次数改变，范围未变"),
        "order": ("only the order changes", "仅顺序改变"),
        "instalment": ("judged by year, interest in all and final date", "按年度、利息总额和最后到期日判断"),
        "valuation": ("judged by the value of another appraiser", "仅就其他评估人的折后价值判断"),
        "attachment": ("attachments are not substance", "附件不属于实质性变化"),
        "wording": ("texts and names are not substance", "文字、名称不属于实质性变化"),
        "other": ("not among the changes that count", "不在实质性变化之列"),
    }
)
"""What each ``why`` says, in English and in Chinese."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, with both values as in the documents (None where there is none), and why.

    ``path`` names a row of a list by its key (``$.loans[?@.contract_no=='A-1']``), a repeated one by its
    number in addition. A ``summary`` sums up changes that have rows of their own. Amounts are texts in yuan.
    """

    field: str
    path: str
    old: Json
    new: Json
    substantive: bool
    why: str
    summary: bool = False

    def reason(self, lang: str = "en") -> str:
        """Why it is one of substance or not, in Chinese for a language tag that begins with "zh"."""
        return WORDING[self.why][lang.lower().startswith("zh")]


def is_substantive(differences: Iterable[Difference]) -> bool:
    """True when any of the differences is one of substance (Art. 23)."""
    return any(difference.substantive for difference in differences)


@exactly
def compare(old: Plan, new: Plan, *, material_change_pct: Decimal) -> list[Difference]:
    """Every field in which the plans differ, in the order of the schema, each once, judged by Art. 23.

    An amount counts when it changes by ``material_change_pct`` per cent of everything owed in the old plan
    or more, to the fen; an amount that does not change never counts, also where nothing is owed.
    """
    threshold = exposure(old) * material_change_pct / 100
    before, after = old.document, new.document
    found = [
        *_differences(_Place("", "$"), before, after, threshold),
        *_schedule_summaries(_rows(before, "schedule"), _rows(after, "schedule"), threshold),
        *_valuations(_rows(before, "collateral"), _rows(after, "collateral"), threshold),
    ]
    return sorted(found, key=lambda difference: _ORDER[difference.field.split(".")[0]])


# -- Field by field -------------------------------------------------------------------------------------

_ORDER: Final = {name: number for number, name in enumerate(Terms.model_fields)}


def _text_fields(part: type[BaseModel], within: str = "") -> Iterator[str]:
    for name, info in part.model_fields.items():
        for inner in {info.annotation, *get_args(info.annotation)} & {*PARTS}:
            yield from _text_fields(inner, f"{within}{name}.")
        if info.annotation is str:
            yield within + name


_TEXTS: Final = frozenset(_text_fields(Terms))

# Lists whose rows have a name: the key of a row, "" where the row is its own name.
_KEYS: Final[Mapping[str, str]] = {
    "loans": "contract_no",
    "guarantees": "guarantor",
    "collateral": "title_no",
    "sources": "kind",
    "measures": "",
    "alternatives": "name",
    "attachments": "name",
}
# Of these, the lists whose set of names is substance, and why.
_SETS: Final[Mapping[str, str]] = {
    "loans": "loans",
    "guarantees": "guarantors",
    "collateral": "collateral",
    "sources": "sources",
    "measures": "measures",
}
_AMOUNTS: Final[Mapping[str, str]] = {
    "concessions.interest_waived": "waiver",
    "concessions.penalty_waived": "waiver",
    "concessions.principal_waived": "waiver",
    "concessions.new_money": "new-money",
    "expected_recovery": "expected-recovery",
}
_VALUATION: Final = frozenset(
    {"collateral.value", "collateral.haircut", "collateral.appraiser", "collateral.valued_on"}
)


@dataclass(frozen=True, slots=True)
class _Place:
    field: str
    path: str

    def key(self, name: str) -> _Place:
        return _Place(f"{self.field}.{name}".removeprefix("."), self.path + json_path([name])[1:])

    def row(self, selector: str) -> _Place:
        return _Place(self.field, f"{self.path}[{selector}]")


def _differences(place: _Place, old: Any, new: Any, threshold: Decimal) -> Iterator[Difference]:
    if isinstance(old, dict) or isinstance(new, dict):
        yield from _members(place, old, new, threshold)
    elif isinstance(old, list) or isinstance(new, list):
        rows = _named_rows if place.field in _KEYS else _numbered_rows
        yield from rows(place, old or [], new or [], threshold)
    elif old != new:
        yield _changed_value(place, old, new, threshold)


def _members(
    place: _Place, old: dict[str, Any] | None, new: dict[str, Any] | None, threshold: Decimal
) -> Iterator[Difference]:
    before, after = old or {}, new or {}
    for name in sorted({*before, *after}):
        yield from _differences(place.key(name), before.get(name), after.get(name), threshold)


def _changed_value(place: _Place, old: Json, new: Json, threshold: Decimal) -> Difference:
    if place.field in _AMOUNTS:
        counts = _material(_yuan(new) - _yuan(old), threshold)
        return _difference(place, old, new, _AMOUNTS[place.field] if counts else "below-threshold")
    return _difference(place, old, new, _why_not(place.field))


def _why_not(field: str) -> str:
    if field in _VALUATION:
        return "valuation"
    top = field.partition(".")[0]
    if top == "schedule":
        return "instalment"
    if top == "attachments":
        return "attachment"
    return "wording" if field in _TEXTS or top == "conditions" else "other"


_SUBSTANTIVE: Final = (
    frozenset(_SETS.values())
    | frozenset(_AMOUNTS.values())
    | frozenset({"principal-in-year", "interest-scheduled", "final-date", "another-appraiser"})
)


def _difference(place: _Place, old: Json, new: Json, why: str) -> Difference:
    return Difference(place.field, place.path, old, new, substantive=why in _SUBSTANTIVE, why=why)


def _material(change: Decimal, threshold: Decimal) -> bool:
    return change != 0 and abs(change) >= threshold


def _yuan(value: Json) -> Decimal:
    return ZERO if value is None else Decimal(str(value))


# -- Lists ----------------------------------------------------------------------------------------------


def _numbered_rows(
    place: _Place, old: Sequence[Any], new: Sequence[Any], threshold: Decimal
) -> Iterator[Difference]:
    for index in range(max(len(old), len(new))):
        row = place.row(str(index))
        if index < len(old) and index < len(new):
            yield from _differences(row, old[index], new[index], threshold)
        else:
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield _difference(row, before, after, _why_not(place.field))


_Name = tuple[str, int]  # the name of a row, and which of that name it is, from 0


def _named_rows(
    place: _Place, old: Sequence[Any], new: Sequence[Any], threshold: Decimal
) -> Iterator[Difference]:
    key = _KEYS[place.field]
    before, after = _by_name(old, key), _by_name(new, key)
    for name in dict.fromkeys((*before, *after)):
        row = place.row(_selector(key, before.get(name, after.get(name)), name[1]))
        if name in before and name in after:
            yield from _differences(row, before[name], after[name], threshold)
        else:
            same_set = (name[0], 0) in before and (name[0], 0) in after
            why = "repeated" if same_set else _SETS.get(place.field) or _why_not(place.field)
            yield _difference(row, before.get(name), after.get(name), why)
    yield from _order(place, before, after)


def _order(place: _Place, before: Mapping[_Name, Any], after: Mapping[_Name, Any]) -> Iterator[Difference]:
    """The difference in the order of the rows that both plans have."""
    kept_before = [name for name in before if name in after]
    kept_after = [name for name in after if name in before]
    if kept_before != kept_after:
        yield _difference(place, _spelled(kept_before), _spelled(kept_after), "order")


def _by_name(rows: Sequence[Any], key: str) -> dict[_Name, Any]:
    """The rows by name, in their order; rows of one name are told apart by their number."""
    seen: Counter[str] = Counter()
    named = {}
    for row in rows:
        name = folded_identifier(_name_of(row, key))
        named[name, seen[name]] = row
        seen[name] += 1
    return named


def _name_of(row: Any, key: str) -> str:
    return str(row.get(key, "") if key else row)


def _selector(key: str, row: Any, number: int) -> str:
    """The RFC 9535 filter that selects the rows of that name; a repetition adds its number, from 1."""
    member = f"@.{key}" if key else "@"
    repetition = f"][{number}" if number else ""
    return f"?{member}=={quoted(_name_of(row, key))}{repetition}"


def _spelled(names: Iterable[_Name]) -> list[Json]:
    return [name for name, _ in names]


# -- What is judged in sum ------------------------------------------------------------------------------


def _rows(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = document.get(name, [])
    return rows


def _schedule_summaries(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], threshold: Decimal
) -> Iterator[Difference]:
    before, after = _principal_by_year(old), _principal_by_year(new)
    for year in sorted({*before, *after}):
        amounts = before.get(year, ZERO), after.get(year, ZERO)
        yield from _sum(f"schedule.principal.{year}", "principal-in-year", amounts, threshold)
    interest = _total(old, "interest"), _total(new, "interest")
    yield from _sum("schedule.interest", "interest-scheduled", interest, threshold)
    yield from _final_date(old, new)


def _sum(field: str, why: str, amounts: tuple[Decimal, Decimal], threshold: Decimal) -> Iterator[Difference]:
    old, new = amounts
    if old != new:
        why = why if _material(new - old, threshold) else "below-threshold"
        yield replace(_difference(_Place(field, "$.schedule"), f"{old:.2f}", f"{new:.2f}", why), summary=True)


def _principal_by_year(schedule: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    years: dict[str, Decimal] = {}
    for row in schedule:
        year = row["due_on"][:4] if "due_on" in row else "undated"
        years[year] = years.get(year, ZERO) + _yuan(row.get("principal"))
    return years


def _total(schedule: Sequence[Mapping[str, Any]], kind: str) -> Decimal:
    return sum((_yuan(row.get(kind)) for row in schedule), ZERO)


def _final_date(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    before = max((row.get("due_on", "") for row in old), default="")
    after = max((row.get("due_on", "") for row in new), default="")
    if before and after and before != after:
        moved = abs((date.fromisoformat(after) - date.fromisoformat(before)).days)
        why = "final-date" if moved >= FINAL_DATE_DAYS else "final-date-near"
        yield replace(
            _difference(_Place("schedule.final_due_on", "$.schedule"), before, after, why), summary=True
        )


def _valuations(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], threshold: Decimal
) -> Iterator[Difference]:
    """Each valuation of an old title by an appraiser who had not valued it, against the nearest old value."""
    before = _by_name(old, "title_no")
    for (title, number), row in _by_name(new, "title_no").items():
        others = [valuation for (name, _), valuation in before.items() if name == title]
        if not others or _appraiser(row) in {_appraiser(other) for other in others}:
            continue
        value = _after_haircut(row)
        nearest = min(
            (_after_haircut(other) for other in others), key=lambda other: (abs(value - other), other)
        )
        if value != nearest:
            why = "another-appraiser" if _material(value - nearest, threshold) else "below-threshold"
            place = _Place("collateral.valuation", f"$.collateral[{_selector('title_no', row, number)}]")
            yield replace(_difference(place, f"{nearest:.2f}", f"{value:.2f}", why), summary=True)


def _appraiser(title: Mapping[str, Any]) -> str:
    return folded_identifier(title.get("appraiser", ""))


def _after_haircut(title: Mapping[str, Any]) -> Decimal:
    return after_haircut(_yuan(title.get("value")), _yuan(title.get("haircut")))
