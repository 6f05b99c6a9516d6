"""Rows of loans that disagree: drawdowns, days past due, classification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from proposals.contradictions.contradiction import Contradiction, Document, day_of, rows_of
from regulation.text import folded_identifier

_CLASSES: Final = ("normal", "special_mention", "substandard", "doubtful", "loss")
_CLASS_WORDS: Final = {
    "normal": ("normal", "正常"),
    "special_mention": ("special mention", "关注"),
    "substandard": ("substandard", "次级"),
    "doubtful": ("doubtful", "可疑"),
    "loss": ("loss", "损失"),
}
#: more than so many days past due → the best class allowed: 商业银行金融资产风险分类办法, Art. 10 to 12
_LEAST: Final = ((360, "loss"), (270, "doubtful"), (90, "substandard"))
#: the date from which it applies to all loans
_LEAST_FROM: Final = date(2026, 1, 1)
#: tolerance in days between counts and dates
_SLACK: Final = 31
#: fields that distinguish the rows of one contract
_DRAWDOWN: Final = ("issued_on", "due_on", "principal")


def drawdowns(document: Document) -> Iterator[Contradiction]:
    """A contract in several different rows; identical rows are refused at submission."""
    found: dict[str, list[int]] = {}
    loans = rows_of(document, "loans")
    for index, loan in enumerate(loans):
        found.setdefault(folded_identifier(loan.get("contract_no", "")), []).append(index)
    found.pop("", None)
    for indexes in found.values():
        kinds = {tuple(loans[index].get(kind) for kind in _DRAWDOWN) for index in indexes}
        if len(kinds) > 1:
            rows = [str(index + 1) for index in indexes]
            values = {
                "contract": loans[indexes[0]]["contract_no"],
                "rows_en": ", ".join(rows),
                "rows_zh": "、".join(rows),
            }
            yield Contradiction(
                "two-drawdowns", tuple(f"$.loans[{index}].contract_no" for index in indexes), values
            )


def days_past_due(document: Document) -> Iterator[Contradiction]:
    base = day_of(document.get("base_date"))
    for index, loan in enumerate(rows_of(document, "loans")):
        stated, due, issued = (
            loan.get("days_past_due"),
            day_of(loan.get("due_on")),
            day_of(loan.get("issued_on")),
        )
        if base is None or stated is None:
            continue
        place, values = f"$.loans[{index}]", {"contract": loan.get("contract_no", ""), "days": stated}
        if due and (base - due).days > stated + _SLACK:
            paths = (f"{place}.days_past_due", f"{place}.due_on")
            yield Contradiction("days-too-few", paths, {**values, "due": (base - due).days})
        if issued and stated > (base - issued).days + _SLACK:
            paths = (f"{place}.days_past_due", f"{place}.issued_on")
            yield Contradiction("days-too-many", paths, {**values, "issued": (base - issued).days})
        yield from _class(place, loan, base, values)


def _class(place: str, loan: Document, base: date, values: Mapping[str, object]) -> Iterator[Contradiction]:
    stated, days = loan.get("classification", ""), loan["days_past_due"]
    least = next((name for more, name in _LEAST if days > more), "")
    if base < _LEAST_FROM or not least or not stated:
        return
    if _CLASSES.index(stated) < _CLASSES.index(least):
        (stated_en, stated_zh), (least_en, least_zh) = _CLASS_WORDS[stated], _CLASS_WORDS[least]
        named = {
            "stated_en": stated_en, "stated_zh": stated_zh, "least_en": least_en, "least_zh": least_zh,
        }  # fmt: skip
        paths = (f"{place}.classification", f"{place}.days_past_due")
        yield Contradiction("class-too-good", paths, {**values, **named})
