"""Kinds of fields: reading what is typed into a plan's value, and writing a value as it is typed.

Reading is lenient in form and strict in value: unreadable text is left as it is, and the schema reports it.
Amounts are texts throughout; there are no floats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from proposals.labels import CODES
from proposals.plan.problem import Problem
from regulation import text as texts
from regulation.text import plain_breaks, plain_line
from web import labels

day, half_width = texts.day, texts.half_width

AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?")
_WHOLE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Kind:
    """A kind of field: its control, and conversion in both directions."""

    control: str
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    #: (code, label) of a choice, or the suggestions for a text
    options: Callable[[], list[tuple[str, str]]] = list
    #: the keyboard that a phone shows
    inputmode: str = ""
    #: the codes that are suggested for a text
    family: str = ""


#: traditional characters used in tables → simplified ones
_TRADITIONAL = str.maketrans(
    "貸執發罰類號額餘經責還應內級數損關幣萬億償結約訂員戶據開終總計實際帳賬處辦歸單產權態時間現舊財慮機構證無質擔團業務農險償繳納後點續區縣鄉鎮編註價補",
    "贷执发罚类号额余经责还应内级数损关币万亿偿结约订员户据开终总计实际账账处办归单产权态时间现旧财虑机构证无质担团业务农险偿缴纳后点续区县乡镇编注价补",
)
#: further words for a family's codes, beside the labels in both languages
_OTHER_WORDS: Mapping[str, Mapping[str, str]] = {
    "classification": {
        "pass": "normal", "special-mention": "special_mention", "sub-standard": "substandard",
        "正常": "normal", "关注": "special_mention", "次级": "substandard",
        "可疑": "doubtful", "损失": "loss",
    }
}  # fmt: skip


#: what a field expects, by the fault that programs get as a JSON format
_TYPED: Mapping[str, Promise] = {
    "money": _("an amount in yuan is asked for, with two decimals at most, as 1,234.56"),
    "rate": _("a rate a year in per cent is asked for, as 8.40"),
    "percent": _("a share in per cent is asked for, between 0 and 100, as 12.5"),
}


def simplified(text: str) -> str:
    """The text with the traditional characters of tables as simplified ones."""
    return text.translate(_TRADITIONAL)


def sentence(problem: Problem) -> str:
    """A fault as a sentence in the reader's language; choices are named by their labels."""
    text = str(_TYPED[problem.key]) if problem.key in _TYPED else problem.message(get_language() or "en")
    if problem.key == "code":
        codes = str(problem.values["codes"]).split(", ")
        names = next((family for family in CODES.values() if set(codes) <= set(family)), {})
        text = problem.__class__(
            problem.path,
            problem.key,
            {"codes": gettext(", ").join(str(names.get(code, code)) for code in codes)},
        ).message(get_language() or "en")
    return text[:1].upper() + text[1:]


def as_date(text: str) -> date:
    """The day that a plan states."""
    return date.fromisoformat(text)


def money(text: str) -> str:
    """Read 1,234.5 or １２３４．５ 元 as "1234.50"; zeros beyond the fen are dropped."""
    found = AMOUNT.fullmatch(half_width(text).strip("¥元 "))
    if found is None:
        return text
    yuan, fen = found[1].replace(",", "").lstrip("0") or "0", (found[2] or "").rstrip("0")
    return text if len(fen) > 2 else f"{yuan}.{fen:0<2}"


def percent(text: str) -> str:
    """Read 8.40 % as "8.40"; decimals are kept as typed."""
    found = AMOUNT.fullmatch(half_width(text).strip("% "))
    if found is None:
        return text
    whole_number = found[1].replace(",", "").lstrip("0") or "0"
    return f"{whole_number}.{found[2]}" if found[2] else whole_number


def whole_number(text: str) -> int | str:
    """Read a whole number."""
    plain = half_width(text)
    return int(plain) if _WHOLE.fullmatch(plain) else text


def choice(family: str) -> Kind:
    """Read one code of the family, from the code or its label in either language."""
    return Kind("choice", lambda text: _code(family, text), options=lambda: options_of(family))


def suggestion(family: str) -> Kind:
    """Read a text; labels of the family's suggestions are stored as their codes."""
    return Kind(
        "suggestion",
        lambda text: _code(family, text),
        lambda value: labels.typed(value, family),
        family=family,
    )


def options_of(family: str) -> list[tuple[str, str]]:
    """The codes of a family with their labels."""
    return [(code, str(name)) for code, name in CODES[family].items()]


def _code(family: str, text: str) -> str:
    known = _codes(family)
    plain = simplified(half_width(text).casefold()).replace(" ", "")
    # 损失类 and 损失类贷款 as 损失
    shorter = plain.removesuffix("贷款").removesuffix("类")
    return known.get(plain) or known.get(shorter, text)


@cache
def _codes(family: str) -> Mapping[str, str]:
    """Labels in each language, in lower case → code."""
    found: dict[str, str] = dict(_OTHER_WORDS.get(family, {}))
    for language in ("en", "zh-hans"):
        with override(language):
            found |= {str(name): code for code, name in CODES[family].items()}
    found |= {code: code for code in CODES[family]}
    return {simplified(name.casefold()).replace(" ", ""): code for name, code in found.items()}


LINE = Kind("line", plain_line)
PROSE = Kind("prose", plain_breaks)
MONEY = Kind("line", money, labels.money, inputmode="decimal")
PERCENT = Kind("line", percent, inputmode="decimal")
DAY = Kind("line", day, inputmode="text")
WHOLE = Kind("line", whole_number, inputmode="numeric")
