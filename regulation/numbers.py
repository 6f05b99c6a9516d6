"""The numbers of the regulation: a version of them as one immutable value, valid by construction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, Self

from regulation.refused import Refused

_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
#: No count of seats, days or proxies is larger; it keeps date arithmetic and columns within their range.
LIMIT = 999
#: Decimal places of a percentage, so that every store of it can keep it exactly.
PLACES = 6


@dataclass(frozen=True, slots=True)
class Regulation:
    """The numbers in force: always a valid set, else ``24/invalid-regulation`` with ``field`` and ``why``.

    Art. 3, 4: ``seats``. Art. 20(2): ``votes_to_pass``, a number of ballots. Art. 15: ``notice_days``,
    calendar days. Art. 11: ``proxies_per_holder``. Art. 21: ``minutes_due_days``, working days. Art. 23:
    ``material_change_pct``, per cent of the exposure, given as int, decimal string, Decimal or JSON number
    and kept as Decimal.
    """

    seats: int = 9
    votes_to_pass: int = 6
    notice_days: int = 2
    proxies_per_holder: int = 1
    material_change_pct: Decimal = Decimal(1)
    minutes_due_days: int = 2

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "material_change_pct":
                _check_whole(field.name, getattr(self, field.name))
        object.__setattr__(self, "material_change_pct", _percentage(self.material_change_pct))
        if self.seats < 3:
            _refuse("seats", "a committee has at least 3 seats", "委员会席位不得少于3个")
        if not self.seats < 2 * self.votes_to_pass:
            _refuse("votes_to_pass", "must be more than half of the seats", "须超过席位总数的半数")
        if self.votes_to_pass > self.seats:
            _refuse("votes_to_pass", "must be at most the number of seats", "不得超过席位总数")

    def amended(self, changes: Mapping[str, Any]) -> Self:
        """The numbers with these changed; an unknown field or invalid set is ``24/invalid-regulation``."""
        known = {field.name for field in fields(self)}
        for name in changes:
            if name not in known:
                _refuse(str(name), "the regulation has no such number", "本制度无此项参数")
        return replace(self, **changes)

    def as_json(self) -> dict[str, int | str]:
        """The numbers by name, the percentage as a plain decimal string: what is stored and recorded."""
        document: dict[str, int | str] = {field.name: getattr(self, field.name) for field in fields(self)}
        return document | {"material_change_pct": _plain(self.material_change_pct)}


def _check_whole(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(name, "must be a whole number", "须为整数")
    if not 0 <= value <= LIMIT:
        _refuse(name, f"must be from 0 to {LIMIT}", f"须在0至{LIMIT}之间")


def _percentage(value: object) -> Decimal:
    number = _decimal(value)
    if number is None or not number.is_finite():
        _refuse("material_change_pct", "must be a decimal number", "须为十进制数")
    if not 0 <= number <= 100:
        _refuse("material_change_pct", "must be from 0 to 100 per cent", "须在0至100（%）之间")
    plain = _plain(number)
    if len(plain.partition(".")[2]) > PLACES:
        _refuse("material_change_pct", f"must have at most {PLACES} decimals", f"小数位数不得超过{PLACES}位")
    return Decimal(plain)


def _decimal(value: object) -> Decimal | None:
    """The value as an exact decimal, a float by its shortest text; None when it is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        try:
            return Decimal(value)
        except InvalidOperation:
            return None
    return None


def _plain(number: Decimal) -> str:
    """The number without exponent, trailing zeros or a minus on zero."""
    text = format(number, "f").removeprefix("-")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _refuse(field: str, why_en: str, why_zh: str) -> NoReturn:
    raise Refused("24/invalid-regulation", field=field, why={"en": why_en, "zh-hans": why_zh})
