"""The rules of a tape's rows: in Python by themselves, and in SQL as in Python."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.importing.files import opened
from portfolio.importing.run import Import, lock_bank
from portfolio.models import RowFault
from portfolio.tape import COLUMNS, NUMBER_CELL, VALUES, day, read
from regulation.text import folded_identifier
from tests.portfolio.tape_files import DAY, Bank, row, written

P11 = [
    row(contract_no="LS-2007-0049"),
    row(contract_no="6.22848E+15"),
    row(contract_no="LS-2", principal="1,500.00"),
    row(contract_no="LS-3", due_on="39629"),
    row(contract_no="ＬＳ－２００７－００４９"),
    row(contract_no="LS-4", institution="999"),
    row(contract_no="LS-5", **{"class": "不良"}),
    row(contract_no="LS-6", issued_on="2008-06-30", due_on="2008-06-30"),
    row(contract_no="LS-7", id_no="3.71302E+17"),
    row(contract_no="LS-8", state="closed", principal="100.00"),
    row(contract_no="LS-2006-0270", principal="270000.00", **{"class": "doubtful"}),
    row(contract_no="LS-2005-0001", state="closed", principal="0.00"),
]
EXPECTED = {
    3: "tape/number-damaged", 4: "tape/money", 5: "tape/date", 6: "tape/duplicate", 7: "tape/institution",
    8: "tape/class", 9: "tape/dates-crossed", 10: "tape/number-damaged", 11: "tape/closed-with-balance",
}  # fmt: skip


def python(rows: list[dict[str, str]], institutions: tuple[str, ...] = ("3713-01",)) -> Any:
    return read(enumerate(rows, 2), as_of=DAY, institutions=institutions, staff=["S001"])


def test_the_public_case_of_rejected_rows():
    """P11, by the functions."""
    said = python(P11)
    assert {fault.line: fault.code for fault in said.faults if not fault.only_warns} == EXPECTED
    assert (len(said.rows), said.principal) == (3, 31_900_000)


def test_the_public_case_of_rejected_rows_in_sql(db, settings, tmp_path):
    """P11, by the import: it is held, for too many rows are rejected."""
    settings.MEDIA_ROOT = tmp_path
    tape = Bank().hand_in(written(P11, total="#12,663600.00"))
    told = RowFault.objects.filter(tape=tape, only_warns=False)
    assert dict(told.values_list("line", "code")) == EXPECTED
    assert (tape.rows, tape.rejected, tape.principal, tape.state) == (3, 9, 31_900_000, "held")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("borrower", " ", "tape/missing"), ("borrower", "x" * 201, "tape/text"),
        ("rate", "8,4", "tape/number"), ("dpd", "-1", "tape/number"), ("registered", "yes", "tape/number"),
    ],
)  # fmt: skip
def test_a_cell_that_is_none_of_its_column_is_named(column: str, value: str, code: str):
    assert [(fault.column, fault.value, fault.code) for fault in python([row(**{column: value})]).faults] == [
        (column, value, code)
    ]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2008-02-29", date(2008, 2, 29)), ("20080229", date(2008, 2, 29)), ("2008/02/29", date(2008, 2, 29)),
        ("2007-02-29", None), ("2008-13-01", None), ("39629", None), ("2008-2-1", None),
        ("１９９９-01-01", None),
        ("1899-12-31", None), ("2008-02/29", None), ("", None), ("2008-06-30 ", None),
    ],
)  # fmt: skip
def test_a_date_is_written_in_one_of_three_ways(text: str, means: date | None):
    assert day(text) == means


# -- SQL as Python ------------------------------------------------------------------------------------

SPOILED = {
    "text": ["", " ", "a|b", "x" * 201,
        "a\tb", "二\n行", "杨 某", "ＡＢ", "\u3000甲\u200b", "#####", "1.5E3"],
    "code": ["", "正常", "x", "NEW", " open"],
    "date": ["", "2008-02-29", "2007-02-29", "20080630", "2008/06/30", "39629", "2012-01-01", "2008-6-30"],
    "money": ["", "0", "0.0", "12.345", "-1.00", "1,500.00", "12345678901234.00", "0012.50",
        "１２.00", "1e5"],
    "percent": ["", "8", "8.4", "1234.0", "8.1234567", "8%"],
    "integer": ["", "0", "1", "4", "5", "007", "99999", "-1", "1.0"],
    "flag": ["", "0", "1", "2", "是"],
}  # fmt: skip
IDENTIFYING = [
    "6.22848E+15",
    "1E+3",
    f"{NUMBER_CELL}12",
    "ls-2007-0049",
    "ＬＳ－２００７－００４９",
    "L S—1",
    "12345",
]


def cells_of(column: Any) -> st.SearchStrategy[str]:
    more = IDENTIFYING if column.type == "text" else VALUES.get(column.name, ())
    return st.sampled_from([*SPOILED[column.type], *more])


@st.composite
def tape_rows(draw: Any) -> list[dict[str, str]]:
    rows = []
    for number in range(draw(st.integers(1, 6))):
        cells = row(contract_no=f"LS-{number}")
        for column in draw(st.lists(st.sampled_from(COLUMNS), max_size=3, unique=True)):
            cells[column.name] = draw(cells_of(column))
        rows.append(cells)
    return rows


@pytest.fixture
def bank(db, settings, tmp_path) -> Bank:
    settings.MEDIA_ROOT = tmp_path
    return Bank()


def in_sql(bank: Bank, rows: list[dict[str, str]], folder: Path) -> tuple[Any, Any, Any]:
    """Lines with what they say, and faults, by the statements; nothing stays."""
    path = folder / "tape.csv"
    path.write_bytes(written(rows, total=f"#{len(rows)},0.00"))
    with transaction.atomic():
        lock_bank(bank.bank.pk)
        going = Import(bank.union, DAY, lambda _stage: None)
        going.run("SELECT portfolio_stage(%(bank)s)")
        going._copy(opened(path))
        going._judge()
        good = going.rows(
            "SELECT line, contract_key, id_key, household_key, code_key, kind, loan_class, sub_grade, state,"
            " principal, issued_on, due_on, principal_unpaid_since, interest_unpaid_since, dpd"
            " FROM {rows} AS row JOIN portfolio_institution AS institution ON institution.id = institution_id"
            " ORDER BY line"
        )
        faults = going.rows("SELECT line, col, code FROM {faults} WHERE NOT only_warns ORDER BY line, place")
        warned = going.rows("SELECT col, line, value, code FROM {faults} WHERE only_warns")
        transaction.set_rollback(True)
    return good, faults, warned


def compare(bank: Bank, rows: list[dict[str, str]], folder: Path) -> None:
    said = python(rows, ("3700", "3713", "3713-01", "3714"))
    good, faults, warned = in_sql(bank, rows, folder)
    assert good == [
        (
            each.line, each.contract_key, each.id_key, each.household_key, each.institution, each.kind,
            each.loan_class, each.sub_grade, each.state, each.principal, each.issued_on, each.due_on,
            each.principal_unpaid_since, each.interest_unpaid_since, each.dpd,
        )
        for each in said.rows
    ]  # fmt: skip
    assert faults == [(each.line, each.column, each.code) for each in said.faults if not each.only_warns]
    expected = {}
    for each in said.faults:
        if each.only_warns:
            value = (
                folded_identifier(each.value) if each.code == "tape/staff-unknown" else str(int(each.value))
            )
            line = each.line if each.code == "tape/days-differ" else None
            expected.setdefault((each.column, line, value), each.line)
    found = {
        (col, line if code == "tape/days-differ" else None, value): line for col, line, value, code in warned
    }
    assert found == expected


@given(rows=tape_rows())
@settings(max_examples=100, suppress_health_check=[*HealthCheck])  # nothing stays of an example
def test_sql_says_of_any_rows_what_python_says(bank_and_folder, rows):
    compare(*bank_and_folder[:1], rows, bank_and_folder[1])


@pytest.fixture
def bank_and_folder(bank, tmp_path) -> tuple[Bank, Path]:
    return bank, tmp_path


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_sql_says_of_each_cell_what_python_says(bank, tmp_path, column):
    more = IDENTIFYING if column.type == "text" else VALUES.get(column.name, ())
    rows = [
        row(contract_no=f"LS-{number}") | {column.name: value}
        for number, value in enumerate([*SPOILED[column.type], *more])
    ]
    compare(bank, rows, tmp_path)
