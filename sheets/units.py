"""Units of measure in a table, as stated by a heading, a line above it, a cell or a number format.

A plan has yuan, per cent a year and days. Other units are converted exactly, with Decimal, or refused; a unit
is never dropped. A text is a unit when all of its words are; if only some are, it is unclear and is reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact
from typing import Final

YEAR, MONTH, DAY = "year", "month", "day"
#: how a unit is written in a remedy
YUAN_WORD, PERCENT_WORD = "元", "%"

_EXACT = Context(prec=60, traps=[Inexact])
_TENS: Final = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "萬": 4, "亿": 8, "億": 8}
_WORDS: Final = {
    "hundred": 2, "thousand": 3, "thousands": 3, "k": 3, "wan": 4, "million": 6, "millions": 6, "mn": 6,
    "mio": 6, "mln": 6, "billion": 9, "billions": 9, "bn": 9, "ten": 1,
}  # fmt: skip

_MONEY = re.compile(
    r"""(?P<foreign>美元|美金|港元|港币|港幣|欧元|歐元|日元|日圆|日圓|円|英镑|英鎊|澳元|加元|韩元|韓元|卢布|盧布|台币|台幣
        |新币|新幣|新加坡元|瑞士法郎|澳门元|澳門元|葡币|泰铢|泰銖|越南盾|外币|外幣|原币|原幣
        |(?:us|hk|nt|au|ca|a|c|s)?\$|€|£|₩|₽
        |\b(?:usd|hkd|eur|gbp|jpy|aud|cad|chf|krw|sgd|rub|twd|ntd|mop|thb|nzd|inr|vnd|myr|idr|php|sek|nok|dkk)
            (?![a-z])
        |(?:u\.?s\.?\s*|hong\s*kong\s*)?\bdollars?\b|\beuros?\b|\bpounds?\b|\byen\b)
    |(?P<tens>[十拾百佰千仟万萬亿億]+)
    |(?P<word>(?<![a-z])(?:hundred|thousands?|k|wan|millions?|mn|mio|mln|billions?|bn|ten)(?![a-z]))
    |(?P<zeros>'?0{3}(?:,?0{3})?(?:'?s)?(?![0-9]))
    |(?P<power>10{1,8}(?:,0{3})*(?:'?s)?(?![0-9])|1(?:,0{3})+(?![0-9]))
    |(?P<unclear>(?<![a-z])(?:mm?|w)(?![a-z])|lakhs?|crores?|[角分])
    |(?P<currency>人民币|人民幣|renminbi|(?<![a-z])(?:rmb|cny|cnh)(?![a-z])|¥)
    |(?P<yuan>元|圆|圓|(?<![a-z])yuan(?![a-z]))
    |(?P<neutral>金额|金額|单位|單位|币种|幣種|货币|貨幣|计量|計量|整$|正$|[均为為以按计計的]
        |(?<![a-z])(?:in|of|units?|amounts?|currency|all|figures|expressed|are|is|the|monetary)(?![a-z])
        |[\s:：,，;；.。/_\-–—()（）\[\]【】×*"“”'’|]+)""",
    re.VERBOSE,
)
_RATE = re.compile(
    r"""(?P<hundredth>%|％|(?<![a-z])(?:per\s*cent|percent|pct)(?![a-z])|百分比|百分之)
    |(?P<thousandth>‰|(?<![a-z])(?:per\s*mille?|permille?|promille)(?![a-z])|千分比|千分之)
    |(?P<tenthousandth>‱|(?<![a-z])(?:bps?|basis\s*points?)(?![a-z])|基点|基點|万分比|万分之|萬分之)
    |(?P<li>厘)|(?P<fen>分)
    |(?P<year>年化?|(?<![a-z])(?:(?:a|per|each)\s+(?:year|annum)|p\.?\s?a\.?(?![a-z])|annual(?:ly|ised|ized)?|yearly
        |year|annum)(?![a-z]))
    |(?P<month>每?[个個]?月|(?<![a-z])(?:(?:a|per|each)\s+month|p\.?\s?m\.?(?![a-z])|monthly|month)(?![a-z]))
    |(?P<day>[日天]|(?<![a-z])(?:(?:a|per|each)\s+day|p\.?\s?d\.?(?![a-z])|daily|day)(?![a-z]))
    |(?P<neutral>利率|利息|[息率]|单位|單位|执行|執行|贷款|借款|合同|约定|[每为為按计計的现]
        |(?<![a-z])(?:in|of|units?|rates?|interest|the|per|at|loan|contract|lending)(?![a-z])|[\s:：,，;；.。/_\-–—()（）\[\]【】"“”'’|]+)""",
    re.VERBOSE,
)
_COUNT = re.compile(
    r"""(?P<days>[天日]数?|(?<![a-z])(?:days?)(?![a-z]))
    |(?P<other>[个個]?月[数數份]?|[周週年季旬][数數]?|期[数數次]?|(?<![a-z])(?:months?|weeks?|years?|quarters?|terms?|hours?)
        (?![a-z]))
    |(?P<neutral>单位|單位|逾期|欠款|拖欠|[为為以按计計的数]|(?<![a-z])(?:in|of|units?|past|due|overdue|dpd)(?![a-z])|[\s:：,，;；.。/_\-–—()（）\[\]【】"'|]+)""",
    re.VERBOSE,
)
_DATED = re.compile(
    r"[0-9]{4}\s*年(?:\s*[0-9]{1,2}\s*月(?:\s*[0-9]{1,2}\s*日)?)?[末底]?|[0-9]{4}[-/.][0-9]{1,2}(?:[-/.][0-9]{1,2})?"
)
_PARTS = re.compile(r"[、;；，|]|,(?![0-9]{3}(?![0-9]))|\s/\s|(?<=[元圆圓])/|\s+(?=[%‰％])")
_GLUED = re.compile(r"(?<![a-z])(rmb|cny|cnh|usd|hkd|eur|us\$|hk\$)(?=[a-z0-9'])")
_SURELY = re.compile(r"[十百千万萬亿億](?:元|圆|圓)|thousand|million|billion")
_CURRENCY = re.compile(r"人民币|人民幣|renminbi|rmb|cny|cnh|¥")
#: what is written about a power of ten, as in "×1,000" or "10^4"
_FACTOR = re.compile(r"[x×*^乘倍0-9.,\s]+")
_A_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
ASIDE: Final = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")


class Unclear(Exception):
    """A unit that cannot be converted: which words say so, and why (foreign, unclear, period, days, lost)."""

    def __init__(self, key: str, word: str) -> None:
        super().__init__(key)
        self.key, self.word = key, word


@dataclass(frozen=True)
class Unit:
    """The factor into yuan or per cent, and the period of a rate, as far as they are stated."""

    word: str
    factor: Decimal | None = None
    period: str = ""

    @property
    def plain(self) -> bool:
        """Whether nothing is to be converted."""
        return self.factor in (None, Decimal(1)) and self.period in ("", YEAR)


@dataclass
class _Words:
    """The words of a text by what they mean."""

    found: dict[str, list[str]] = field(default_factory=dict)
    rest: str = ""

    def __getitem__(self, key: str) -> list[str]:
        return self.found.get(key, [])

    def any(self, *keys: str) -> bool:
        return any(self.found.get(key) for key in keys)


def plain(text: str) -> str:
    """The text with full-width signs as the usual ones, in lower case."""
    return unicodedata.normalize("NFKC", text.replace("‱", "\0")).replace("\0", "‱").casefold().strip()


def _words(pattern: re.Pattern[str], text: str) -> _Words:
    words, end, rest = _Words(), 0, []
    for match in pattern.finditer(text):
        rest.append(text[end : match.start()])
        end = match.end()
        words.found.setdefault(match.lastgroup or "", []).append(match[0])
    words.rest = "".join([*rest, text[end:]]).strip()
    return words


# -- Money ------------------------------------------------------------------------------------------


def _power(words: _Words) -> int | None:
    """The power of ten that the words state; None when they state none."""
    tens = [sum(_TENS[sign] for sign in word) for word in words["tens"]]
    english = [_WORDS[word] for word in words["word"]]
    zeros = [word.count("0") for word in (*words["zeros"], *words["power"])]
    stated = [*tens, sum(english)] if english else tens
    stated += zeros
    return sum(stated) if stated else None


def money(text: str, *, partly: bool = False) -> Unit | None:
    """The unit of money that the whole text is; None when it is none.

    Unclear for a foreign currency, for what is partly a unit, and for a number alone; with `partly` also for
    any word that could be one.
    """
    words = _money_words(text)
    power = _power(words)
    if words["foreign"]:
        raise Unclear("foreign", text.strip())
    if words.rest:
        if _may_be_a_unit(words, power) and (partly or _is_meant_as_unit(words, text)):
            raise Unclear("unclear", text.strip())
        return None
    if words["unclear"] or _is_number_alone(words, text):
        raise Unclear("unclear", text.strip())
    if power is not None:
        return Unit(text.strip(), Decimal(10) ** power)
    return Unit(text.strip(), Decimal(1)) if words.any("yuan", "currency") else None


def _may_be_a_unit(words: _Words, power: int | None) -> bool:
    """Whether any of the words could be a unit."""
    return power is not None or words.any("unclear")


def _is_meant_as_unit(words: _Words, text: str) -> bool:
    """Whether a text with other words in it is surely meant as a unit."""
    return _SURELY.search(plain(text)) is not None or _is_factor(words.rest, text)


def _is_number_alone(words: _Words, text: str) -> bool:
    """Whether it is a number as 1,000, not of a currency and not written as a unit, as '000 and 1,000s."""
    number_alone = words.any("zeros", "power") and not words.any("yuan", "currency", "word", "tens")
    return number_alone and "'" not in text and not text.casefold().endswith("s")


def _is_factor(rest: str, text: str) -> bool:
    return _FACTOR.fullmatch(rest) is not None and not _A_YEAR.fullmatch(text.strip())


def currency_alone(word: str) -> bool:
    """Whether the word names the currency and no unit of it."""
    return _CURRENCY.fullmatch(plain(word)) is not None


def alone(text: str) -> bool:
    """Whether the text is nothing but the words of a unit, such as 单位：万元 or （万元）."""
    return not _money_words(text).rest or not _words(_RATE, plain(text)).rest


def states(text: str) -> bool:
    """Whether the text as a whole states a unit of money or of rates, be it clear or not."""
    try:
        return (not _money_words(text).rest and money(text) is not None) or (
            not _words(_RATE, plain(text)).rest and rate(text) is not None
        )
    except Unclear:
        return True


def _money_words(text: str) -> _Words:
    return _words(_MONEY, _GLUED.sub(r"\1 ", plain(text)))


def yuan(number: Decimal, factor: Decimal) -> str:
    """The amount in yuan as a plan holds it; Unclear where it is no whole number of fen."""
    amount = _EXACT.multiply(number, factor)
    if amount % Decimal("0.01"):
        raise Unclear("fen", f"{amount.normalize():f}")
    return f"{amount:.2f}"


# -- Rates ------------------------------------------------------------------------------------------

_PER: Final = {"hundredth": Decimal(1), "thousandth": Decimal("0.1"), "tenthousandth": Decimal("0.01")}


def rate(text: str) -> Unit | None:
    """The unit of a rate that the whole text is, with its period if stated; None when it is none."""
    words = _words(_RATE, plain(_DATED.sub("", text)))
    if not words.any(*_PER, "li", "fen", "year", "month", "day"):
        return None
    if words.rest:
        if words.any(*_PER, "li"):
            raise Unclear("unclear", text.strip())
        return None
    periods = [period for period in (YEAR, MONTH, DAY) if words[period]]
    pers = _pers(words, periods, text)
    if len(periods) > 1 or len(pers) > 1:
        raise Unclear("unclear", text.strip())
    return Unit(text.strip(), next(iter(pers), None), next(iter(periods), ""))


def _pers(words: _Words, periods: Sequence[str], text: str) -> list[Decimal]:
    """How many per cent one of each unit of the text is."""
    pers = [per for name, per in _PER.items() if words[name]]
    return [*pers, _old(words, periods, text)] if words.any("li", "fen") else pers


def _old(words: _Words, periods: Sequence[str], text: str) -> Decimal:
    """厘 and 分 of old: of a year 1 and 10 per cent, of a month 0.1 and 1 per cent."""
    if periods not in ([YEAR], [MONTH]):
        raise Unclear("period", text.strip())
    a_month = Decimal(1) if words["fen"] else Decimal("0.1")
    return a_month * 10 if periods == [YEAR] else a_month


_NOTHING = Unit("")


def joined(cell: Unit | None, heading: Unit | None) -> Unit:
    """What a cell says of a rate, and what it leaves to the heading. Unclear where both leave it open."""
    stated = _completed(cell or _NOTHING, heading or _NOTHING)
    word, per, period = stated.word, stated.factor, stated.period
    if period == DAY:
        raise Unclear("days", word)
    if per is None:
        if period == MONTH:
            raise Unclear("per", word)
        return Unit(word, Decimal(1), YEAR)
    if per != 1 and not period:
        raise Unclear("period", word)
    return Unit(word, per, period or YEAR)


def _completed(cell: Unit, heading: Unit) -> Unit:
    """What the cell says, with the heading's factor and period where it says nothing of them."""
    return Unit(
        " ".join(filter(None, (heading.word, cell.word))),
        heading.factor if cell.factor is None else cell.factor,
        cell.period or heading.period,
    )


def percent(number: Decimal, unit: Unit) -> str:
    """Per cent a year as a plan holds them; Unclear where it takes more than six decimals."""
    assert unit.factor is not None
    found = _EXACT.multiply(_EXACT.multiply(number, unit.factor), Decimal(12 if unit.period == MONTH else 1))
    if found % Decimal("0.000001"):
        raise Unclear("decimals", f"{found.normalize():f}")
    return f"{found.normalize():f}"


# -- Days -------------------------------------------------------------------------------------------


def days(text: str) -> Unit | None:
    """Days, when the whole text says so; None when it is no unit of time. Unclear for months and the like."""
    words = _words(_COUNT, plain(_DATED.sub("", text)))
    if words.rest:
        return None
    if words["other"]:
        raise Unclear("time", text.strip())
    return Unit(text.strip(), Decimal(1)) if words["days"] else None


# -- Lines above the table --------------------------------------------------------------------------

_LINE_MONEY = re.compile(
    r"(?:(?:金额|金額|计量|計量|货币|貨幣|币种|幣種|人民币|人民幣|[年月日]?利率|本表|此表|以上|上述|表中|^|[\s(（【\[,，;；:：])(?:均)?(?:单位|單位)|币种|幣種|货币|貨幣"
    r"|(?<![a-z])(?:units?|currency)(?![a-z]))\s*[:：为為是]?\s*(?P<unit>[^)）】\]]+)",
    re.IGNORECASE,
)
#: by what a remark is introduced
_REMARK = re.compile(
    r"\s*(?:注|备注|備註|附注|说明|說明|notes?|remarks?)\s*[:：]\s*(?:[0-9]+\s*[.、)）]\s*)?", re.IGNORECASE
)
#: a rate that is not in per cent a year
_LOOSE_RATE = re.compile(
    r"[‰‱]|[月日](?:利率|息)|(?<![a-z])(?:per\s*mille?|(?:monthly|daily)\s+(?:interest\s+)?rates?)(?![a-z])"
)
#: a line that speaks of somebody's unit, or of more than a unit
_LINE_OTHER = re.compile(r"[:：]")
_LOOSE = re.compile(
    r"(?<![0-9.十百千万萬亿億])[十百千万萬亿億]+(?:美|港|欧|日)?[元圆圓]|(?:in|of)\s+(?:thousand|million|billion)",
    re.IGNORECASE,
)


def above(texts: Iterable[str]) -> tuple[Unit | None, Unit | None]:
    """The units of money and of rates that the lines above a table state for all of it.

    Unclear when they state several, a foreign currency, or something that may or may not be meant as a unit.
    """
    amounts: list[Unit] = []
    rates: list[Unit] = []
    for text in texts:
        _add_units(text, amounts, rates)
        if (not amounts and loose(text)) or (not rates and _LOOSE_RATE.search(plain(text))):
            raise Unclear("unclear", text.strip())
    several_rates = len({(unit.factor, unit.period) for unit in rates}) > 1
    return _one_of(amounts), None if several_rates else next(iter(rates), None)


def _add_units(text: str, amounts: list[Unit], rates: list[Unit]) -> None:
    """Add the units that the line states."""
    for part in _candidates(text):
        found = money(part)
        if found is not None:
            amounts.append(found)
        elif (share := rate(part)) is not None:
            rates.append(share)


def _one_of(amounts: Sequence[Unit]) -> Unit | None:
    """The one unit of money; a currency alone yields to a unit of it, as 人民币 to 万元."""
    if len({unit.factor for unit in amounts}) > 1:
        amounts = [unit for unit in amounts if not currency_alone(unit.word)]
    if len({unit.factor for unit in amounts}) > 1:
        raise Unclear("several", " / ".join(unit.word for unit in amounts))
    return next(iter(amounts), None)


def loose(text: str) -> bool:
    """Whether the text has a unit somewhere that may or may not be meant for the table."""
    return _LOOSE.search(plain(text)) is not None


def _candidates(text: str) -> list[str]:
    """The parts of a line that stand where a unit is written; a line as a whole only where it names one."""
    text = _REMARK.sub("", text, count=1)
    stated = [match["unit"] for match in _LINE_MONEY.finditer(text)]
    found = [part for each in (*stated, *_asides(text)) for part in parts(each)]
    if not found:
        return _line_as_a_whole(text)
    return [_in_yuan(part) for part in found] if stated else [part for part in found if not part.isdigit()]


def _asides(text: str) -> list[str]:
    """What stands in brackets, but for units that are named as such."""
    return [aside for aside in ASIDE.findall(text) if not _LINE_MONEY.search(f"({aside})")]


def _in_yuan(part: str) -> str:
    """The part; a number alone, where a unit is stated, is one of yuan."""
    return f"{part} 元" if re.fullmatch(r"[0-9,]+", part) else part


def _line_as_a_whole(text: str) -> list[str]:
    if not _words(_RATE, plain(text)).rest:
        return [text]
    words = _money_words(text)
    named = words.any("yuan", "currency", "foreign") or _SURELY.search(plain(text))
    return parts(text) if named and not _LINE_OTHER.search(text) else []


def parts(text: str) -> list[str]:
    """The parts of an aside such as "万元，余额"."""
    return [part.strip() for part in _PARTS.split(text) if part.strip()]
