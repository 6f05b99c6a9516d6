"""From a spreadsheet's cells to the values of fields, converted to yuan, per cent a year and days.

A cell that is damaged, contradicts itself or cannot be converted exactly is `Wrong`, with a text for the
reader; conversions are collected in `Conversions`, which gives one note for each kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sheets import formats, units
from sheets.cells import Cell
from sheets.units import Unclear, Unit
from web import labels
from web.forms import kinds

_DAY_ZERO = date(1899, 12, 30)  # day 0 of a spreadsheet, which has a leap day in 1900
_DAYS_1904: Final = 1462
_SERIAL = re.compile(r"[2-7][0-9]{4}")
#: numbers from here on are rounded by every spreadsheet
_LOST: Final = Decimal(10) ** 15
#: amounts from here on lose their fen
_LOST_FEN: Final = Decimal(10) ** 13

_ERROR = re.compile(
    r"#(?:[A-Z][A-Z0-9_]*(?:/[0A])?[!?]|N/A|GETTING_DATA|#*)|#[\u4e00-\u9fff/]+[!?！？]?|Err:[0-9]{3}"
)
_QUOTED = re.compile(r'="((?:[^"]|"")*)"')
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E[+-]?[0-9]{1,3}", re.IGNORECASE)
_CLOCK = re.compile(r"(.*?[0-9日])[ T]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MADE_A_DATE = re.compile(
    r"[0-9]{1,2}月[0-9]{1,2}日|(?:[0-9]{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?:-[0-9]{2,4})?)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*-[0-9]{2,4}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"([^0-9]*?)([0-9][0-9,]*(?:\.[0-9]*)?)([^0-9]*)")
#: what changes the meaning of a number it stands beside: a sign, a bound, a decimal point
_SIGNED = re.compile(r"[-+−±(（<>≤≥=~～^*.,'/]$|[-+−±(（<>≤≥=~～^*]")
_SIGNED_AFTER = re.compile(r"[-+−±<>≤≥=~～^*#]")
#: rates outside of this are unusual for a loan, in per cent a year
_USUAL_RATES: Final = (Decimal(1), Decimal(100))
_WHICH_MONTH = re.compile(r"[0-9]{1,2}\s*[-/.]\s*[0-9]{1,2}\s*[-/.]\s*[0-9]{4}")
_SHORT_YEAR = re.compile(
    r"'?[0-9]{1,2}\s*[-/.年]\s*(?:[0-9]{1,2}|[A-Za-z]{3,9})\s*[-/.月]\s*[0-9]{1,2}\s*日?"
)
_CURRENCY_ALONE = re.compile(r"(?:人民币|人民幣|rmb|cny|¥|\s)*")


class Column(Protocol):
    """A column: heading, kind of field, unit of its numbers."""

    @property
    def head(self) -> str: ...

    @property
    def kind(self) -> kinds.Kind: ...

    @property
    def unit(self) -> Unit | None: ...


class Wrong(Exception):
    """Raised for a cell that cannot be read, with what is expected; `once` when the heading is at fault."""

    def __init__(self, text: str, *, once: bool = False) -> None:
        super().__init__(text)
        self.text, self.once = text, once


def rows_in_words(numbers: Iterable[int]) -> str:
    """The numbers of rows for a note; of many the first twelve."""
    every = sorted(set(numbers))
    text = _(", ").join(str(number) for number in every[:12])
    rest = len(every) - 12
    if rest > 0:
        text = ngettext("%(said)s and %(n)d more", "%(said)s and %(n)d more", rest) % {
            "said": text,
            "n": rest,
        }
    return text


@dataclass
class Conversions:
    """Conversions by kind and column: the rows concerned and the first example."""

    found: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    examples: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)

    def add(
        self, kind: str, head: str, row: int, *, word: str = "", before: str = "", after: str = ""
    ) -> None:
        self.found.setdefault((kind, head, word), []).append(row)
        self.examples.setdefault((kind, head, word), (before, after))

    def notes(self) -> list[str]:
        return [self._note(*key, rows) for key, rows in self.found.items()]

    def _note(self, kind: str, head: str, word: str, rows: Sequence[int]) -> str:
        before, after = self.examples[kind, head, word]
        values = {
            "head": head, "word": word, "before": before, "after": after,
            "rows": rows_in_words(rows), "n": len(rows),
        }  # fmt: skip
        return _SENTENCES[kind]() % values


_SENTENCES: Final[dict[str, Callable[[], str]]] = {
    "money": lambda: _(
        "“%(head)s”: converted from %(word)s into yuan, such as %(before)s into %(after)s; cells: %(n)d."
    ),
    "rate": lambda: _(
        "“%(head)s”: converted from %(word)s into per cent a year, such as %(before)s into %(after)s; "
        "cells: %(n)d."
    ),
    "scaled": lambda: _(
        "“%(head)s”: the sheet shows its numbers in %(word)s, such as %(before)s; they are taken in "
        "yuan: %(after)s."
    ),
    "zeros": lambda: _(
        "“%(head)s”: taken as the sheet shows it, such as %(after)s for %(before)s (row: %(rows)s)."
    ),
    "unseen": lambda: _("“%(head)s”: characters that cannot be seen were taken out (row: %(rows)s)."),
    "folded": lambda: _("“%(head)s”: several lines in one cell were joined into one (row: %(rows)s)."),
    "unquoted": lambda: _(
        "“%(head)s”: signs that only mark a text were taken away, such as %(before)s into %(after)s "
        "(row: %(rows)s)."
    ),
    "small": lambda: _(
        "“%(head)s”: less than 1 %% a year, such as %(after)s (row: %(rows)s). If these are fractions, write "
        "8.4 for 0.084."
    ),
    "large": lambda: _("“%(head)s”: more than 100 %% a year, such as %(after)s (row: %(rows)s)."),
    "clock": lambda: _(
        "“%(head)s”: the time of day was left out, such as %(before)s into %(after)s (row: %(rows)s)."
    ),
    "serial": lambda: _(
        "“%(head)s”: numbers were read as days of the spreadsheet's calendar, such as %(before)s as "
        "%(after)s "
        "(row: %(rows)s)."
    ),
}


@dataclass
class Reader:
    """Reads the cells of one table."""

    epoch1904: bool = False
    #: the units stated above the table, for all of it
    money: Unit | None = None
    rate: Unit | None = None
    conversions: Conversions = field(default_factory=Conversions)

    def value(self, column: Column, cell: Cell, row: int) -> str:
        """The value as it is typed in the field; Wrong where the cell cannot be read."""
        kind = column.kind
        cell = self._sound(column, cell, row)
        if kind is kinds.MONEY:
            return self._money(column, cell, row)
        if kind is kinds.PERCENT:
            return self._percent(column, cell, row)
        if kind is kinds.DAY:
            return self._day(column, cell, row)
        if kind is kinds.WHOLE:
            return self._whole(column, cell)
        if kind.options():
            return str(kind.read(_shown_date(cell, epoch1904=self.epoch1904) or cell.text))
        return self._text(column, cell, row)

    def _sound(self, column: Column, cell: Cell, row: int) -> Cell:
        """The cell, if it is no error and no formula without a result; a text without its marks as one."""
        if cell.kind == "f":
            raise Wrong(
                _(
                    "A formula stands here without its result. Open the file in Excel or WPS, save it, and "
                    "choose it again; or put the value in its place."
                )
            )
        if cell.kind == "e" or _ERROR.fullmatch(cell.text):
            raise Wrong(
                _("This is an error of the spreadsheet, not a value. Correct it there, or type the value.")
            )
        if cell.kind != "t":
            return cell
        text = _unquoted(cell.text)
        if text != cell.text:
            self.conversions.add("unquoted", column.head, row, before=cell.text, after=text)
        return Cell(text, cleaned=cell.cleaned, folded=cell.folded)

    def _text(self, column: Column, cell: Cell, row: int) -> str:
        if cell.cleaned:
            self.conversions.add("unseen", column.head, row)
        if cell.folded:
            self.conversions.add("folded", column.head, row)
        if cell.number is not None:
            return self._written_number(column, cell, cell.number, row)
        if cell.kind == "d" or _MADE_A_DATE.fullmatch(cell.text):
            raise Wrong(_made_a_date())
        if _SCIENTIFIC.fullmatch(cell.text):
            raise Wrong(_digits_lost())
        return cell.text

    def _written_number(self, column: Column, cell: Cell, number: Decimal, row: int) -> str:
        """A number in a text column, as the sheet shows it."""
        form = formats.format_of(cell.form, number)
        if form.date:
            raise Wrong(_made_a_date())
        if abs(number) >= _LOST:
            raise Wrong(_digits_lost())
        shown = form.padded(number) or cell.text
        if shown != cell.text:
            self.conversions.add("zeros", column.head, row, before=cell.text, after=shown)
        return shown

    def _money(self, column: Column, cell: Cell, row: int) -> str:
        number, beside, divisor = self._parted(cell)
        if number is None:
            return kinds.money(_shown_date(cell, epoch1904=self.epoch1904) or cell.text)
        _require_fen(cell)
        own = None
        try:
            if not _CURRENCY_ALONE.fullmatch(units.plain(beside)):
                own = units.money(beside)
                if own is None and not _mere_signs(cell, beside):
                    return _as_it_stands(cell, number, beside)
            unit = _unit_of_money(own, column.unit or self.money, divisor)
            if unit is None:
                return kinds.money(number)
            amount = units.yuan(Decimal(number.replace(",", "")) / divisor, unit.factor or Decimal(1))
        except Unclear as error:
            raise Wrong(unclear(error, column.head)) from error
        self._note_amount(column, row, unit, (number, beside, divisor), amount)
        return amount

    def _note_amount(
        self, column: Column, row: int, unit: Unit, parts: tuple[str, str, Decimal], amount: str
    ) -> None:
        """Note an amount that was converted, by the parts of its cell."""
        number, beside, divisor = parts
        after = labels.money(amount)
        if divisor != 1:
            shown = f"{_trimmed(f'{Decimal(number) / divisor:f}')}{beside.strip(' .')}"
            self.conversions.add("scaled", column.head, row, word=unit.word, before=shown, after=after)
        elif unit.factor != 1:
            before = _trimmed(number)
            self.conversions.add("money", column.head, row, word=unit.word, before=before, after=after)

    def _percent(self, column: Column, cell: Cell, row: int) -> str:
        number, beside, divisor = self._parted(cell)
        if number is None or divisor != 1:
            return _shown_date(cell, epoch1904=self.epoch1904) or cell.text
        heading = column.unit or self.rate
        once = False
        try:
            own = units.rate(beside) if beside.strip() else None
            if own is None and not _mere_signs(cell, beside):
                return _as_it_stands(cell, number, beside)
            once = own is None
            unit = units.joined(own, heading)
            if unit.plain:
                self._unusual(column, number, row)
                return kinds.percent(number)
            once = False
            rate = units.percent(Decimal(number.replace(",", "")), unit)
        except Unclear as error:
            raise Wrong(unclear(error, column.head), once=once) from error
        self.conversions.add("rate", column.head, row, word=unit.word, before=_trimmed(number), after=rate)
        return rate

    def _unusual(self, column: Column, number: str, row: int) -> None:
        """Note a rate that is unusual for a loan."""
        least, most = _USUAL_RATES
        rate = Decimal(number.replace(",", ""))
        if 0 < rate < least or rate > most:
            self.conversions.add("small" if rate < least else "large", column.head, row, after=number)

    def _parted(self, cell: Cell) -> tuple[str | None, str, Decimal]:
        """The number of a cell, the text beside it, and the divisor of its number format."""
        if cell.number is not None:
            form = formats.format_of(cell.form, cell.number)
            if form.date or cell.number < 0:
                return None, "", Decimal(1)
            if form.percent:
                return f"{(cell.number * 100).normalize():f}", "%", Decimal(1)
            return cell.text, form.words.replace("-", " ").replace("+", " "), form.divisor
        found = _NUMBER.fullmatch(kinds.half_width(cell.text))
        if (
            cell.kind != "t"
            or found is None
            or _SIGNED.search(found[1].rstrip())
            or _SIGNED_AFTER.search(found[3])
            or not kinds.AMOUNT.fullmatch(found[2])
        ):
            return None, "", Decimal(1)
        return found[2], f"{found[1]} {found[3]}", Decimal(1)

    def _day(self, column: Column, cell: Cell, row: int) -> str:
        shown = _shown_date(cell, epoch1904=self.epoch1904)
        text = kinds.half_width(cell.text if shown is None else shown)
        clock = _CLOCK.fullmatch(text)
        if clock and clock[2].strip("0:.") and _DAY.fullmatch(day := kinds.day(clock[1])):
            self.conversions.add("clock", column.head, row, before=text, after=day)
            return day
        if shown is not None:
            return kinds.day(shown)
        if _SERIAL.fullmatch(text):
            day = _of_serial(int(text), epoch1904=self.epoch1904).isoformat()
            self.conversions.add("serial", column.head, row, before=text, after=day)
            return day
        read = kinds.day(cell.text)
        if read == cell.text:
            _require_one_reading(text)
        return read

    def _whole(self, column: Column, cell: Cell) -> str:
        number, beside, divisor = self._parted(cell)
        if number is None or divisor != 1:
            return _shown_date(cell, epoch1904=self.epoch1904) or cell.text
        try:
            own = units.days(beside) if beside.strip() else None
        except Unclear as error:
            raise Wrong(unclear(error, column.head)) from error
        if own is None and not _mere_signs(cell, beside):
            return _as_it_stands(cell, number, beside)
        return str(
            kinds.whole_number(number.replace(",", "").partition(".")[0] if _whole_number(number) else number)
        )


def _unquoted(text: str) -> str:
    """The text without the signs that only mark it as one; Wrong for a formula."""
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        return quoted[1].replace('""', '"').strip()
    if text.startswith("=") and len(text) > 1:
        raise Wrong(_("A formula stands here instead of its result. Put the value in its place."))
    return text[1:].strip() if text.startswith("'") and len(text) > 1 else text


def _require_fen(cell: Cell) -> None:
    """Wrong for an amount so large that a spreadsheet rounds its fen."""
    if cell.number is not None and _LOST_FEN <= cell.number < _LOST:
        raise Wrong(_digits_lost())


def _require_one_reading(text: str) -> None:
    """Wrong for a date of which the month or the century may be read in two ways."""
    if _WHICH_MONTH.fullmatch(text):
        raise Wrong(_("It is not certain which of these is the month. Write the date as 2026-03-05."))
    if _SHORT_YEAR.fullmatch(text):
        raise Wrong(_("The year has two digits. Write the date as 2026-03-05."))


def _as_it_stands(cell: Cell, number: str, beside: str) -> str:
    """The cell's text, with what its number format shows beside it."""
    return f"{number} {beside.strip()}" if cell.number is not None else cell.text


def _whole_number(number: str) -> bool:
    return not number.partition(".")[2].strip("0")


def _mere_signs(cell: Cell, beside: str) -> bool:
    """Whether a number's format writes nothing that matters beside it, and a text nothing at all."""
    return not re.search(r"\w|%|‰|‱|\$|€|£" if cell.number is not None else r"\S", beside)


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _unit_of_money(own: Unit | None, heading: Unit | None, divisor: Decimal) -> Unit | None:
    """The unit that holds for an amount: its own, else that of its heading. Unclear when they contradict."""
    if own is None:
        return _unit_of_heading(heading, divisor)
    if own.factor == 1 and heading is not None and heading.factor not in (None, Decimal(1)):
        raise Unclear("several", f"{heading.word} / {own.word}")
    if divisor not in (1, own.factor):
        raise Unclear("scaled", f"1/{divisor}")
    return own


def _unit_of_heading(heading: Unit | None, divisor: Decimal) -> Unit | None:
    """The heading's unit for an amount without one of its own; None where the amount stands in yuan."""
    if divisor != 1 and (heading is None or heading.factor != divisor):
        raise Unclear("scaled", f"1/{divisor}")
    if heading is None or (heading.factor == 1 and divisor == 1):
        return None
    return heading


def _of_serial(serial: int, *, epoch1904: bool) -> date:
    return _DAY_ZERO + timedelta(days=serial + (_DAYS_1904 if epoch1904 else 0))


def _shown_date(cell: Cell, *, epoch1904: bool) -> str | None:
    """The day that a number with the format of a date is, with a time where it has one; None for all else."""
    if cell.number is None:
        return cell.text if cell.kind == "d" else None
    if not formats.format_of(cell.form, cell.number).date:
        return None
    if not 1 <= cell.number < 110_000:
        return cell.text
    day = _of_serial(int(cell.number), epoch1904=epoch1904).isoformat()
    part = min(round((cell.number % 1) * 86_400), 86_399)
    return f"{day} {part // 3600:02}:{part // 60 % 60:02}:{part % 60:02}" if part else day


def _made_a_date() -> str:
    return _(
        "The spreadsheet has made a date of this number. Format the column as text, type it again, and "
        "read the "
        "table once more."
    )


def _digits_lost() -> str:
    return _(
        "The last digits of this number are lost: a spreadsheet keeps 15. Format the column as text, "
        "type the "
        "number again, and read the table once more."
    )


def lost_in_columns(texts: Sequence[str]) -> bool:
    """Whether all numbers of more than 15 digits end in noughts, as a spreadsheet rounds them."""
    long = [text for text in texts if len(text) > 15 and text.isascii() and text.isdigit()]
    return (
        bool(long)
        and all(not text[15:].strip("0") for text in long)
        and sum(len(text) - 15 for text in long) > 2
    )


def digits_lost() -> str:
    """What is said of such a number."""
    return _digits_lost()


def unclear(error: Unclear, head: str) -> str:
    """Why a unit cannot be converted, and what to do, naming the heading."""
    values = {"head": head, "word": error.word}
    return _UNCLEAR[error.key]() % values


_UNCLEAR: Final[dict[str, Callable[[], str]]] = {
    "foreign": lambda: _(
        "“%(head)s” is in another currency (%(word)s). A plan is in yuan: convert the amounts first."
    ),
    "unclear": lambda: _(
        "“%(head)s”: it is not certain which unit “%(word)s” means. Write 元, 千元, 万元 or 亿元 (for "
        "rates %% or ‰, a "
        "year or a month)."
    ),
    "several": lambda: _("“%(head)s” has units that contradict each other (%(word)s). State one."),
    "period": lambda: _(
        "“%(head)s”: it is not stated whether “%(word)s” is for a year or a month. Write “%% a year”, “‰ "
        "a month”, or so."
    ),
    "per": lambda: _("“%(head)s”: it is not stated whether “%(word)s” is %% or ‰. Write it in the heading."),
    "days": lambda: _(
        "“%(head)s” is a rate a day (%(word)s), which makes no certain rate a year (360 or 365 days). "
        "Convert it to %% a "
        "year."
    ),
    "time": lambda: _("“%(head)s” is not in days (%(word)s) and cannot be converted exactly. State days."),
    "scaled": lambda: _(
        "“%(head)s”: the sheet shows this number divided (%(word)s), and no unit says so. Write the unit "
        "in the heading."
    ),
    "fen": lambda: _("“%(head)s”: in yuan this is %(word)s, which is no whole number of fen."),
    "decimals": lambda: _(
        "“%(head)s”: in per cent a year this is %(word)s, which has more than six decimals."
    ),
}
