"""The columns of a loan tape and the rules of its rows, as functions of texts.

A row is what its cells say, as texts: nothing is repaired. The import judges rows by SQL
(`portfolio/importing/rules.py`); this is the reference that it is tested against. Faults are told by line,
column, value and code (`regulation/texts/codes.toml`); a row with a fault that does not only warn is left
out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from portfolio.classes import BY_NAME, Class
from portfolio.money import fen
from regulation.text import folded_identifier


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading in both languages, whether it must be there, and of what type its cells are."""

    name: str
    chinese: str
    type: str
    required: bool = False


#: in the order of the template
COLUMNS: Final = (
    Column("as_of", "数据日期", "date", required=True),
    Column("institution", "机构号", "text", required=True),
    Column("contract_no", "合同号", "text", required=True),
    Column("note_no", "借据号", "text"),
    Column("borrower", "户名", "text", required=True),
    Column("id_no", "证件号", "text", required=True),
    Column("household_no", "户号", "text"),
    Column("kind", "客户类型", "code", required=True),
    Column("insider", "内部人关系", "code"),
    Column("employer", "单位", "text"),
    Column("product", "品种", "text"),
    Column("purpose", "用途", "text"),
    Column("origin", "发放方式", "code", required=True),
    Column("guarantee", "担保方式", "code", required=True),
    Column("issued_on", "发放日", "date", required=True),
    Column("due_on", "到期日", "date", required=True),
    Column("original_due_on", "原到期日", "date"),
    Column("amount", "发放金额", "money", required=True),
    Column("rate", "年利率", "percent", required=True),
    Column("period_months", "还款周期", "integer"),
    Column("principal", "本金余额", "money", required=True),
    Column("interest_on", "表内欠息", "money", required=True),
    Column("interest_off", "表外欠息", "money", required=True),
    Column("penalty", "罚息", "money", required=True),
    Column("principal_unpaid_since", "欠本起日", "date"),
    Column("interest_unpaid_since", "欠息起日", "date"),
    Column("dpd", "逾期天数", "integer", required=True),
    Column("class", "五级分类", "code", required=True),
    Column("sub_grade", "级次", "integer"),
    Column("state", "状态", "code", required=True),
    Column("lending_staff_no", "发放责任人", "text", required=True),
    Column("collection_staff_no", "清收责任人", "text"),
    Column("approver_staff_no", "审批人", "text"),
    Column("registered", "已注册", "flag"),
    Column("agency", "代办站", "text"),
    Column("other_banks_debt", "他行债务", "money"),
    Column("other_banks_over90", "他行逾期90天以上", "money"),
    Column("allowance", "准备", "money"),
)

BY_COLUMN: Final = {column.name: column for column in COLUMNS}
#: headings, folded, to the names of columns
HEADINGS: Final = {
    folded_identifier(name): column.name for column in COLUMNS for name in (column.name, column.chinese)
}

#: cells that identify: never a number, and nothing is guessed of one that was
IDENTIFIERS: Final = (
    "institution", "contract_no", "note_no", "id_no", "household_no", "lending_staff_no",
    "collection_staff_no", "approver_staff_no",
)  # fmt: skip
STAFF: Final = ("lending_staff_no", "collection_staff_no", "approver_staff_no")
#: the codes of each column of codes; the plan's of kind and class
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("enterprise", "household", "village_collective", "public_employee", "employee"),
    "insider": ("employee", "introduced", "guaranteed_by_insider"),
    "origin": ("new", "renewal", "rescue", "restructured"),
    "guarantee": ("credit", "guarantor", "mortgage", "pledge", "mixed"),
    "class": tuple(BY_NAME),
    "state": ("open", "closed", "written_off", "transferred"),
}
#: before the text of a number's cell in a workbook, where an identifier should stand
NUMBER_CELL: Final = "\x02"
LONGEST: Final = 200

# The patterns are POSIX's and Python's alike. Digits are ASCII: \\d takes those of every script.
DAMAGED: Final = r"[0-9]+([.,][0-9]+)?[Ee]\+[0-9]+|[0-9]+[.,][0-9]+[Ee][0-9]+|#+"
IDENTITY: Final = r"[0-9A-Z]{18}"
MONEY: Final = r"[0-9]{1,13}(\.[0-9]{1,2})?"
PERCENT: Final = r"[0-9]{1,3}(\.[0-9]{1,6})?"
WHOLE: Final = {"period_months": r"[0-9]{1,3}", "dpd": r"[0-9]{1,5}", "sub_grade": r"[1-4]"}
DATE: Final = r"(19|20|21)[0-9]{2}(-[0-9]{2}-[0-9]{2}|/[0-9]{2}/[0-9]{2}|[0-9]{4})"
MOST_DAYS: Final = 32767
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a row."""

    line: int
    column: str
    value: str
    code: str
    only_warns: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A good row; money in fen, identifiers folded for comparison."""

    line: int
    contract_key: str
    id_key: str
    household_key: str
    institution: str
    kind: str
    loan_class: Class
    sub_grade: int
    state: str
    principal: int
    issued_on: date
    due_on: date
    principal_unpaid_since: date | None
    interest_unpaid_since: date | None
    dpd: int
    cells: Mapping[str, str] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rows of a tape come to."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]

    @property
    def rejected(self) -> int:
        """The number of lines that are left out."""
        return len({fault.line for fault in self.faults if not fault.only_warns})

    @property
    def principal(self) -> int:
        """The principal of the good rows, in fen."""
        return sum(row.principal for row in self.rows)


def read(
    lines: Iterable[tuple[int, Mapping[str, str]]],
    *,
    as_of: date,
    institutions: Iterable[str],
    staff: Iterable[str] = (),
) -> Reading:
    """The good rows and the faults of a tape's lines, each with its number and its cells by column.

    `institutions` are the folded numbers that the tape may name on its day, `staff` the folded staff numbers
    that are known. Of two good rows of one contract the first stands (`tape/duplicate`).
    """
    known, here = frozenset(staff), frozenset(institutions)
    rows: dict[str, Row] = {}
    faults: list[Fault] = []
    for line, given in lines:
        cells = {column.name: given.get(column.name, "") for column in COLUMNS}
        found = [Fault(line, *each) for each in judge(cells, as_of=as_of, institutions=here)]
        row = None if found else _row(line, cells)
        if row is not None and row.contract_key in rows:
            found = [Fault(line, "contract_no", cells["contract_no"], "tape/duplicate")]
        elif row is not None:
            rows[row.contract_key] = row
            found = list(_warnings(row, as_of, known))
        faults += found
    return Reading(tuple(rows.values()), tuple(faults))


def judge(
    cells: Mapping[str, str], *, as_of: date, institutions: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """The faults of a row's cells, by column, value and code, in the order of the columns."""
    for column in COLUMNS:
        value = cells[column.name]
        code = _of_cell(column, value) or _ACROSS.get(column.name, _none)(cells, as_of, institutions)
        if code:
            yield column.name, value.removeprefix(NUMBER_CELL), code


def _of_cell(column: Column, value: str) -> str:
    """The code of what is wrong with a cell by itself; empty for nothing."""
    if column.name in IDENTIFIERS and (value.startswith(NUMBER_CELL) or _is(DAMAGED, value)):
        return "tape/number-damaged"
    if value == "" or (column.type == "text" and not value.strip(" ")):
        return _OF_TYPE.get(column.type, "tape/missing") if column.required else ""
    return _JUDGES[column.type](column, value)


def _of_text(column: Column, value: str) -> str:
    if len(value) > LONGEST or _CONTROL.search(value):
        return "tape/text"
    if column.name == "id_no" and not _is(IDENTITY, folded_identifier(value)):
        return "tape/number-damaged"
    if column.name in IDENTIFIERS and not folded_identifier(value):
        return "tape/missing"
    return ""


def _of_code(column: Column, value: str) -> str:
    if value in VALUES[column.name]:
        return ""
    return "tape/class" if column.name == "class" else "tape/code"


def _of_whole(column: Column, value: str) -> str:
    good = _is(WHOLE[column.name], value) and int(value) <= MOST_DAYS
    return "" if good else "tape/number"


_OF_TYPE: Final = {
    "date": "tape/date",
    "money": "tape/money",
    "percent": "tape/number",
    "integer": "tape/number",
}
_JUDGES: Final[Mapping[str, Callable[[Column, str], str]]] = {
    "text": _of_text,
    "code": _of_code,
    "date": lambda _column, value: "" if day(value) else "tape/date",
    "money": lambda _column, value: "" if _is(MONEY, value) else "tape/money",
    "percent": lambda _column, value: "" if _is(PERCENT, value) else "tape/number",
    "integer": _of_whole,
    "flag": lambda _column, value: "" if value in ("0", "1") else "tape/number",
}

# -- What only several cells together tell, at the column that is named --------------------------------------


def _none(_cells: Mapping[str, str], _as_of: date, _institutions: frozenset[str]) -> str:
    return ""


def _another_day(cells: Mapping[str, str], as_of: date, _institutions: frozenset[str]) -> str:
    return "" if day(cells["as_of"]) == as_of else "tape/date"


def _elsewhere(cells: Mapping[str, str], _as_of: date, institutions: frozenset[str]) -> str:
    return "" if folded_identifier(cells["institution"]) in institutions else "tape/institution"


def _crossed(earlier: str, later: str, *, may_be_equal: bool = False) -> Callable[..., str]:
    def judged(cells: Mapping[str, str], _as_of: date, _institutions: frozenset[str]) -> str:
        first, last = day(cells[earlier]), day(cells[later])
        if first is None or last is None or first < last or (may_be_equal and first == last):
            return ""
        return "tape/dates-crossed"

    return judged


def _not_after(column: str) -> Callable[..., str]:
    def judged(cells: Mapping[str, str], as_of: date, _institutions: frozenset[str]) -> str:
        found = day(cells[column])
        return "" if found is None or found <= as_of else "tape/dates-crossed"

    return judged


def _ungraded(cells: Mapping[str, str], _as_of: date, _institutions: frozenset[str]) -> str:
    graded = BY_NAME.get(cells["class"], Class.SPECIAL_MENTION) == Class.SPECIAL_MENTION
    return "" if graded or not cells["sub_grade"] else "tape/class"


def _closed(cells: Mapping[str, str], _as_of: date, _institutions: frozenset[str]) -> str:
    held = _is(MONEY, cells["principal"]) and Decimal(cells["principal"]) > 0
    return "tape/closed-with-balance" if held and cells["state"] == "closed" else ""


_ACROSS: Final[Mapping[str, Callable[..., str]]] = {
    "as_of": _another_day,
    "institution": _elsewhere,
    "issued_on": _not_after("issued_on"),
    "due_on": _crossed("issued_on", "due_on"),
    "original_due_on": _crossed("original_due_on", "due_on", may_be_equal=True),
    "principal_unpaid_since": _not_after("principal_unpaid_since"),
    "interest_unpaid_since": _not_after("interest_unpaid_since"),
    "sub_grade": _ungraded,
    "state": _closed,
}

# -- Values ------------------------------------------------------------------------------------------


def day(text: str) -> date | None:
    """2026-03-05, 2026/03/05 or 20260305 as a day; None for anything else, an Excel serial too."""
    if not _is(DATE, text):
        return None
    try:
        return date.fromisoformat(re.sub("[-/]", "", text))
    except ValueError:
        return None


def household_key(household_no: str, id_key: str) -> str:
    """The key of a row's household: by its number, or of the borrower alone."""
    folded = folded_identifier(household_no)
    return f"n:{folded}" if folded else f"i:{id_key}"


def _is(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _row(line: int, cells: Mapping[str, str]) -> Row:
    id_key = folded_identifier(cells["id_no"])
    issued, due = day(cells["issued_on"]), day(cells["due_on"])
    assert issued is not None
    assert due is not None
    return Row(
        line,
        folded_identifier(cells["contract_no"]),
        id_key,
        household_key(cells["household_no"], id_key),
        folded_identifier(cells["institution"]),
        cells["kind"],
        BY_NAME[cells["class"]],
        int(cells["sub_grade"] or 0),
        cells["state"],
        fen(Decimal(cells["principal"])),
        issued,
        due,
        day(cells["principal_unpaid_since"]),
        day(cells["interest_unpaid_since"]),
        int(cells["dpd"]),
        cells,
    )


def _warnings(row: Row, as_of: date, staff: frozenset[str]) -> Iterator[Fault]:
    since = [each for each in (row.principal_unpaid_since, row.interest_unpaid_since) if each is not None]
    if row.dpd != (as_of - min(since, default=as_of)).days:
        yield Fault(row.line, "dpd", row.cells["dpd"], "tape/days-differ", only_warns=True)
    for column in STAFF:
        value = row.cells[column]
        if value.strip(" ") and folded_identifier(value) not in staff:
            yield Fault(row.line, column, value, "tape/staff-unknown", only_warns=True)
