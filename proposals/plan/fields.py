"""The values of a plan's fields: what each kind is read from.

Money is yuan with two decimals, a rate per cent a year, haircut and probability per cent; all are strings in
the document and Decimal in the terms, never a float.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from documents.glyphs import missing, named
from proposals.plan.limits import FIRST_YEAR, LAST_YEAR, MAX_COUNT, MAX_ROWS, MAX_TEXT
from proposals.plan.measures import MEASURES
from regulation.text import is_line, is_prose, without_invisible

# [0-9], since \d takes the digits of every script; no leading zero, so that an amount has one spelling.
_MONEY = re.compile(r"(?:0|[1-9][0-9]{0,14})\.[0-9]{2}")
_PERCENT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_STORED = re.compile("[\0\ud800-\udfff]")


def invalid(key: str, **values: object) -> PydanticCustomError:
    return PydanticCustomError("plan", "plan", {"key": key, "values": values})


def _decimal(pattern: re.Pattern[str], key: str, most: Decimal | None = None) -> Callable[[object], Decimal]:
    def read(value: object) -> Decimal:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise invalid(key)
        number = Decimal(value)
        if most is not None and number > most:
            raise invalid(key)
        return number

    return read


def _new_rate(value: object) -> Decimal | None:
    return None if value is None else _decimal(_PERCENT, "rate")(value)


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise invalid("date")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise invalid("date") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise invalid("date")
    return day


def _count(least: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MAX_COUNT:
            raise invalid("count", least=least)
        return value

    return read


def _characters(value: str) -> str:
    """The text; NUL and lone surrogates are refused, which no PostgreSQL text or jsonb can hold."""
    if len(value) > MAX_TEXT:
        raise invalid("long")
    if _NOT_STORED.search(value):
        raise invalid("character")
    return value


def _filled(value: str, info: ValidationInfo) -> str:
    if info.context == DUE and not without_invisible(value).strip():
        raise invalid("blank")
    return value


# A plan that was given before these were refused is read as it is.
def _prose(value: str, info: ValidationInfo) -> str:
    if info.context == GIVEN and not is_prose(value):
        raise invalid("character")
    return _on_paper(value, info)


def _on_paper(value: str, info: ValidationInfo) -> str:
    """The text; refused where no font of the papers has one of its characters, unless it is blank."""
    if info.context == GIVEN and without_invisible(value).strip() and (lacking := missing(value)):
        raise invalid("glyph", characters=named(lacking))
    return value


def one_line(value: str, info: ValidationInfo) -> str:
    if info.context == GIVEN and value.strip() and not is_line(without_invisible(value)):
        raise invalid("line")
    _on_paper(without_invisible(value), info)
    return value


def _measure(value: object) -> str:
    if not isinstance(value, str) or value not in MEASURES:
        raise invalid("measure")
    return value


def _rows(value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise invalid("list")
    if len(value) > MAX_ROWS:
        raise invalid("rows")
    return tuple(value)


T = TypeVar("T")


def _at_least_one(value: tuple[T, ...], info: ValidationInfo) -> tuple[T, ...]:
    if info.context == DUE and not value:
        raise invalid("none")
    return value


# The contexts of validation: at submission, when nothing may be missing any more, and when a plan is given.
DUE: Final = "due"
GIVEN: Final = "given"

Evidence = Annotated[str, AfterValidator(_characters), AfterValidator(_prose)]
Text = Annotated[str, AfterValidator(_characters), AfterValidator(_prose), AfterValidator(_filled)]
Line = Annotated[str, AfterValidator(_characters), AfterValidator(one_line), AfterValidator(_filled)]
Money = Annotated[Decimal, PlainValidator(_decimal(_MONEY, "money"), json_schema_input_type=str)]
Rate = Annotated[Decimal, PlainValidator(_decimal(_PERCENT, "rate"), json_schema_input_type=str)]
NewRate = Annotated[Decimal | None, PlainValidator(_new_rate, json_schema_input_type=str | None)]
Percent = Annotated[
    Decimal, PlainValidator(_decimal(_PERCENT, "percent", Decimal(100)), json_schema_input_type=str)
]
Day = Annotated[date, PlainValidator(_day, json_schema_input_type=date)]
Count = Annotated[int, PlainValidator(_count(0), json_schema_input_type=int)]
Rank = Annotated[int, PlainValidator(_count(1), json_schema_input_type=int)]
Measure = Annotated[str, PlainValidator(_measure, json_schema_input_type=str)]
Rows = Annotated[tuple[T, ...], BeforeValidator(_rows)]
SomeRows = Annotated[tuple[T, ...], BeforeValidator(_rows), AfterValidator(_at_least_one)]

BorrowerKind = Literal["enterprise", "household", "village_collective", "public_employee", "employee"]
Operating = Literal["normal", "reduced", "stopped"]
Classification = Literal["normal", "special_mention", "substandard", "doubtful", "loss"]
Recoverability = Literal["recoverable", "recoverable_with_effort", "temporarily_unrecoverable"]
Condition = Literal["7.1", "7.2", "7.3", "7.4", "7.5", "7.6"]
