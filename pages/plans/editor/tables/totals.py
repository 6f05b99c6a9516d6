"""Rows of a table that are no entries: totals, remarks below it, lines that state a unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from pages.plans.editor.tables.headings import Column
from proposals.labels import FIELDS
from sheets import units
from sheets.cells import Cell, Line
from web import labels
from web.forms import kinds

_TOTAL = re.compile(
    r"[Σ∑]?(?:(?:.{0,20}(?:合计|小计|总计|共计)|(?:本[页表期月年次]|全[部行表]|累计)?(?:总和|累计|汇总|总额|总数|加总))(?:数|金?额)?"
    r"(?:[(（].*[)）]|[:：].*|[0-9]+[笔户条期项].*)?/?(?:(?:sub)?totals?|sum)?|[Σ∑]|计[:：]?)"
    r"|共[0-9]+[笔户条期项].*"
    r"|[Σ∑]?(?:grand|sub|page|overall)?-?(?:totals?|sum)(?:[(（].*[)）]|[:：].*|of.*|amounts?|/?(?:合计|小计|总计))?",
    re.IGNORECASE,
)
_FOOT = re.compile(
    r"(?:制表|填表|审核|复核|校核|负责人|经办|主管|备注|注|说明|填报|编制|打印|报表|数据来源|prepared|checked|approved|notes?|"
    r"remarks?|source|printed)[^:：]{0,20}[:：].*",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[(（]?(?:[注说明备]+[:：])?(?:以上|上述|本表|表中)?(?:金额|计量|货币)?均?(?:单位|units?)[:：为].{1,40}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Total:
    """A row that is a total, with its note; `fault` if that is uncertain."""

    line: Line
    text: str
    fault: bool = False


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", kinds.simplified(kinds.half_width(text)))


def unit_line(line: Line) -> bool:
    """Whether the line only states the unit, such as 单位：万元."""
    texts = line.texts()
    return len(texts) == 1 and (_UNIT.fullmatch(_plain(texts[0])) is not None or units.states(texts[0]))


def foot_line(line: Line) -> bool:
    """Whether the line is a remark below a table, such as 制表人：."""
    texts = line.texts()
    return (
        len(texts) < 4
        and all(_FOOT.fullmatch(_plain(text)) for text in texts[:1])
        and not any(cell.number is not None for cell in line.cells.values())
    )


def total_word(line: Line) -> str:
    """The word by which the line is called a total; empty when it is not."""
    for _number, cell in sorted(line.cells.items()):
        if cell.kind == "t" and _TOTAL.fullmatch(_plain(cell.text)):
            return cell.text
    return ""


Amount = Callable[[Column, Cell, int], Decimal | None]


@dataclass
class _Sums:
    """The sums of the rows above: all of them, and those since the last total."""

    all: dict[str, Decimal]
    since: dict[str, Decimal]
    rows: int = 0
    #: whether every amount of the rows above could be read
    certain: bool = True
    #: the most cells that one of the rows has beside its amounts, rates and counts
    names: int = 0

    def add(self, amounts: Mapping[str, Decimal], written: int, names: int) -> None:
        self.rows += 1
        self.names = max(self.names, names)
        self.certain = self.certain and len(amounts) == written
        for name, amount in amounts.items():
            self.all[name] = self.all.get(name, Decimal(0)) + amount
            self.since[name] = self.since.get(name, Decimal(0)) + amount

    def equal(self, amounts: Mapping[str, Decimal]) -> bool:
        return any(
            all(sums.get(name, Decimal(0)) == amount for name, amount in amounts.items())
            for sums in (self.all, self.since)
        )


def find(
    lines: Sequence[Line],
    columns: Mapping[int, Column],
    amount: Amount,
    *,
    surplus: Callable[[Line], list[str]],
) -> list[Total]:
    """The totals among the lines: called so, or sums of the rows above that nothing names."""
    mapped = {number: column for number, column in columns.items() if column.leaf is not None}
    named = any(not _counted(column) for column in mapped.values())
    sums, found = _Sums({}, {}), []
    for line in lines:
        amounts = _amounts(line, mapped, amount)
        total = None if surplus(line) else _total(line, mapped, amounts, sums, named=named)
        if total is None:
            written = sum(_money(column) for number, column in mapped.items() if number in line.cells)
            sums.add(amounts, written, len(_names(line, mapped)))
            continue
        found.append(total)
        sums.since.clear()
    return found


def _counted(column: Column) -> bool:
    return column.leaf is not None and column.leaf.kind in (kinds.MONEY, kinds.PERCENT, kinds.WHOLE)


def _money(column: Column) -> bool:
    return column.leaf is not None and column.leaf.kind is kinds.MONEY


def _amounts(line: Line, mapped: Mapping[int, Column], amount: Amount) -> dict[str, Decimal]:
    found = {}
    for number, column in mapped.items():
        if column.leaf is not None and column.leaf.kind is kinds.MONEY and number in line.cells:
            value = amount(column, line.cells[number], line.number)
            if value is not None:
                found[column.leaf.name] = value
    return found


def _total(
    line: Line, mapped: Mapping[int, Column], amounts: Mapping[str, Decimal], sums: _Sums, *, named: bool
) -> Total | None:
    word = total_word(line)
    names = [cell for cell in _names(line, mapped) if cell.text != word]
    values = {"row": line.number, "word": word, "found": _(", ").join(cell.text for cell in names)}
    if word:
        return _called_total(line, values, amounts, sums, names)
    if names:
        return Total(line, _sums_of(values)) if len(names) == 1 and _is_sum(amounts, sums) else None
    return _nameless(line, values, amounts, sums) if named and _sums_alone(line, mapped) else None


def _is_sum(amounts: Mapping[str, Decimal], sums: _Sums) -> bool:
    """Whether a line with one name is the sum of those before it, which are several with more names each."""
    return sums.names > 2 and sums.rows > 1 and any(amounts.values()) and sums.equal(amounts)


def _called_total(
    line: Line,
    values: Mapping[str, object],
    amounts: Mapping[str, Decimal],
    sums: _Sums,
    names: Sequence[Cell],
) -> Total | None:
    """The total that a line with the word for it is; a fault where it is called so and has more than sums."""
    if not names:
        return Total(line, _called(values, amounts, sums))
    if _first(line).text != values["word"]:
        return None
    text = _(
        "This row is called a total (%(word)s), but it has more than sums: %(found)s. Take one of "
        "the two out."
    )
    return Total(line, text % values, fault=True)


def _nameless(line: Line, values: Mapping[str, object], amounts: Mapping[str, Decimal], sums: _Sums) -> Total:
    """The total that a line of amounts alone is; a fault where it is not certain."""
    if sums.rows and amounts and sums.equal(amounts):
        return Total(line, _sums_of(values))
    if _formulas_alone(line):
        return Total(line, _("Row %(row)d is left out: it holds formulas of sums and nothing else.") % values)
    text = _(
        "This row has amounts and nothing that tells whose they are. If it is a total, take it out; else "
        "complete it."
    )
    return Total(line, text, fault=True)


def _sums_of(values: Mapping[str, object]) -> str:
    return _("Row %(row)d is left out: its amounts are the sums of the rows above.") % values


def _names(line: Line, mapped: Mapping[int, Column]) -> list[Cell]:
    """The cells of a line that say something beside its amounts, rates and counts."""
    return [
        cell
        for number, cell in line.cells.items()
        if (number in mapped or cell.kind == "t")
        and any(map(str.isalnum, cell.text or cell.formula))
        and not _counted(mapped.get(number, Column("")))
    ]


def _first(line: Line) -> Cell:
    return line.cells[min(line.cells)]


def _called(values: Mapping[str, object], amounts: Mapping[str, Decimal], sums: _Sums) -> str:
    text = _("Row %(row)d is left out: it is a total (%(word)s).") % values
    if sums.rows and sums.certain and amounts and not sums.equal(amounts):
        other = [
            f"{FIELDS[name]} {labels.money(amount)} / {labels.money(sums.all.get(name, Decimal(0)))}"
            for name, amount in amounts.items()
            if amount not in (sums.all.get(name, Decimal(0)), sums.since.get(name, Decimal(0)))
        ]
        text += labels.gap() + _("It differs from the sum of the rows above: %(sums)s.") % {
            "sums": _("; ").join(other)
        }
    return text


def _sums_alone(line: Line, mapped: Mapping[int, Column]) -> bool:
    """Whether the line has amounts (or formulas), and no rate or count beside them."""
    kinds_found = {
        column.leaf.kind is kinds.MONEY
        for number in line.cells
        if (column := mapped.get(number)) is not None and column.leaf is not None
    }
    return kinds_found == {True}


def _formulas_alone(line: Line) -> bool:
    return all(
        re.match(r"=?\s*\+?(?:SUM|SUBTOTAL|AGGREGATE)\(", cell.formula, re.IGNORECASE)
        for cell in line.cells.values()
    )
