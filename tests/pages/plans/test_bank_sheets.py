"""Sheets as banks have them: what they say comes in, converted or told, and nothing is dropped unsaid."""

import io
import json
import random
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES

from pages.plans.editor.tables import headings, importing
from pages.plans.editor.tables.headings import label
from pages.plans.editor.tables.importing import KINDS
from pages.plans.editor.tables.reading.sheets import SheetNeeded
from pages.plans.editor.tables.table import Counts
from sheets import cells, units, workbook
from web.forms import kinds

LOANS, SCHEDULE = KINDS["loans"], KINDS["schedule"]
HEADS = [str(label(leaf)) for leaf in LOANS.parts]
NAMES = [leaf.name for leaf in LOANS.parts]
LOAN = ["HT-01", 123.45, 1000, 0, 50.5, 8.4, date(2020, 3, 1), date(2022, 3, 1), 900, "loss", "甲", "乙"]
SAVED = {
    "contract_no": "HT-01",
    "principal": "123.45",
    "interest_on_balance": "1000.00",
    "interest_off_balance": "0.00",
    "penalty": "50.50",
    "rate": "8.4",
    "issued_on": "2020-03-01",
    "due_on": "2022-03-01",
    "days_past_due": 900,
    "classification": "loss",
    "lending_officer": "甲",
    "collection_officer": "乙",
}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Workbooks are read without the child, which takes its time to start."""
    child = workbook.read

    def told(content):
        found = json.loads(json.dumps(workbook._answer_or_fault(lambda: workbook._answer(content))))
        if "fault" in found:
            raise workbook.Unopened(found["fault"])
        return found

    monkeypatch.setattr(workbook, "read", told)
    return child


def headed(**heads):
    """The headings with some of them in other words."""
    return [heads.get(name, head) for name, head in zip(NAMES, HEADS, strict=True)]


def loan(**values):
    """A loan's cells with some of them changed."""
    return [values.get(name, value) for name, value in zip(NAMES, LOAN, strict=True)]


def xlsx(*rows, then=None):
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    if then:
        then(book)
    book.save(out)
    return out.getvalue()


def changed(content, part, *pairs):
    """The workbook with texts of one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            body = before.read(name)
            for old, new in pairs if name == part else ():
                assert old in body, old
                body = body.replace(old, new)
            after.writestr(name, body)
    return out.getvalue()


def read(content, part=LOANS, **more):
    source = cells.of_text(content) if isinstance(content, str) else cells.of_file(content)
    return importing.read(part, source, **more)


def one(content, part=LOANS):
    """The only row of a table without a fault, with what is told of it."""
    found = read(content, part)
    assert found.faults == []
    (row,) = part.read(found.rows)
    return row, " | ".join(found.notes)


def faulty(content, part=LOANS):
    found = read(content, part)
    assert found.faults
    return found.faults


def cell_format(place, form):
    return lambda book: setattr(book.active[place], "number_format", form)


# --- units ---


@pytest.mark.parametrize(
    ("head", "cell", "yuan"),
    [
        ("Principal (万元)", 123.45, "1234500.00"),
        ("本金（万元）", "123.45", "1234500.00"),
        ("贷款本金(单位:万元)", 123.45, "1234500.00"),
        ("本金万元", 123.45, "1234500.00"),
        ("本金/万元", 123.45, "1234500.00"),
        ("本金【萬元】", 123.45, "1234500.00"),
        ("Principal (thousand yuan)", 1234.5, "1234500.00"),
        ("Principal, CNY million", 1.2345, "1234500.00"),
        ("Principal (RMB'000)", 1234.5, "1234500.00"),
        ("Principal (k)", 1234.5, "1234500.00"),
        ("Principal (CNY 10,000)", 123.45, "1234500.00"),
        ("本金（千元）", 1234.5, "1234500.00"),
        ("本金（百万元）", 1.2345, "1234500.00"),
        ("本金（亿元）", 0.012345, "1234500.00"),
        ("本金（亿）", "0.012345", "1234500.00"),
        ("本金（元）", 1234500, "1234500.00"),
        ("本金（十元）", 123450, "1234500.00"),
        ("本金（拾萬圓）", 12.345, "1234500.00"),
        ("本金（百元）", 12345, "1234500.00"),
        ("本金（佰萬元）", 1.2345, "1234500.00"),
        ("本金（仟元）", 1234.5, "1234500.00"),
        ("本金（億元）", 0.012345, "1234500.00"),
        ("Principal (yuan)", "1,234,500", "1234500.00"),
        ("Principal", "123.45万", "1234500.00"),
        ("Principal", "123.45 万元", "1234500.00"),
        ("本金", "１２３．４５万元", "1234500.00"),
        ("Principal", "0.012345亿元", "1234500.00"),
        ("Principal", "1.2345 million", "1234500.00"),
        ("Principal", "¥1,234,500.00元", "1234500.00"),
        ("Principal (万元)", "0.012345亿元", "1234500.00"),
    ],
)
def test_an_amount_in_any_unit_is_converted_exactly_and_told(head, cell, yuan):
    row, told = one(xlsx(headed(principal=head), loan(principal=cell)))
    assert row == {**SAVED, "principal": yuan}
    converted = (
        Decimal(str(cell).replace(",", "")) != Decimal(yuan)
        if isinstance(cell, int | float)
        else "万" in cell
    )
    assert (f"“{head}”" in told and "1,234,500.00" in told) or not converted


ABOVE = [
    "单位：万元",
    "单位: 万元",
    "Unit: CNY 10,000",
    "（单位：万元）",
    "金额单位：人民币万元",
    "贷款明细表（万元）",
    "编制单位：甲支行  单位：万元",
    "Amounts in CNY 10,000",
]
IN_YUAN = {**SAVED, "principal": "1234500.00", "interest_on_balance": "10000000.00", "penalty": "505000.00"}


@pytest.mark.parametrize("line", ABOVE)
def test_a_unit_above_the_table_holds_for_all_its_amounts_and_for_nothing_else(line):
    for title in ([line], ["不良贷款明细", None, None, None, line]):
        row, told = one(xlsx(title, headed(), loan()))
        assert row == IN_YUAN
        assert "into yuan" in told


def test_a_unit_below_the_table_or_in_the_sheets_name_holds_too():
    assert one(xlsx(headed(), loan(), ["单位：万元"]))[0] == IN_YUAN
    assert (
        one(xlsx(headed(), loan(), then=lambda book: setattr(book.active, "title", "表(万元)")))[0] == IN_YUAN
    )


def test_a_row_of_units_below_the_headings_gives_each_column_its_own():
    row, told = one(
        xlsx(
            headed(rate="Rate"), [None, "万元", "元", "元", "元", "‰ a month", None, None, "天"], loan(rate=7)
        )
    )
    assert row == {**SAVED, "principal": "1234500.00", "rate": "8.4"}
    assert "Row 2 is left out" in told


def test_a_headings_own_unit_goes_before_the_one_above():
    row, _told = one(xlsx(["单位：万元"], headed(principal="本金（元）"), loan()))
    assert (row["principal"], row["penalty"]) == ("123.45", "505000.00")


@pytest.mark.parametrize(
    "line",
    [
        "编制单位：千阳县支行",
        "单位名称：万方有限公司",
        "单位：甲支行",
        "客户经理：万某",
        "笔数：10",
        "截至2026年3月31日",
        "单位：元",
        "2026",
    ],
)
def test_what_is_no_unit_above_the_table_changes_nothing(line):
    assert one(xlsx([line], headed(), loan()))[0] == SAVED


@pytest.mark.parametrize(
    "head",
    [
        "Principal (USD)",
        "本金（美元）",
        "本金（万美元）",
        "Principal in HKD",
        "本金（港币）",
        "Principal ($)",
        "本金（€）",
        "Principal (m)",
        "本金（角）",
        "本金（万元口径）",
        "Principal (1,000)",
        "本金（万元）（千元）",
    ],
)
def test_a_unit_that_cannot_be_converted_is_refused_naming_the_heading(head):
    (fault,) = faulty(xlsx(headed(principal=head), loan()))
    assert (fault.row, fault.column) == (1, head)
    assert head in fault.text


@pytest.mark.parametrize(
    "line", ["币种：美元", "单位：万美元", "单位：万元/元", "1000万元以上贷款", "Currency: USD"]
)
def test_a_line_above_that_cannot_be_converted_is_refused(line):
    assert [(fault.row, fault.column) for fault in faulty(xlsx([line], headed(), loan()))] == [(1, line)]


@pytest.mark.parametrize(
    "cell",
    ["100 USD", "$100", "100美元", "5 m", "12元", "1亿2000万", "壹万元", "50%", -5, "(1,000.00)", 0.12345],
)
def test_an_amount_that_contradicts_its_heading_or_has_no_fen_is_a_fault_at_its_cell(cell):
    head = "本金（千元）" if cell == "12元" else "Principal (元)" if cell != 0.12345 else "本金（千元）"
    if cell == 0.12345:
        cell = 0.0123456
    (fault,) = faulty(xlsx(headed(principal=head), loan(principal=cell)))
    assert (fault.row, fault.column) == (2, head)


@pytest.mark.parametrize(
    ("head", "cell", "rate"),
    [
        ("Rate, % a year", 8.4, "8.4"),
        ("年利率（%）", "8.40", "8.40"),
        ("执行利率", "8.40%", "8.40"),
        ("执行利率(%)", 8.4, "8.4"),
        ("Rate, ‰ a month", 7, "8.4"),
        ("月利率（‰）", 7, "8.4"),
        ("月利率‰", 7, "8.4"),
        ("月息", "7‰", "8.4"),
        ("执行月利率（%）", 0.7, "8.4"),
        ("贷款月利率（‰）", 7, "8.4"),
        ("Monthly rate, %", 0.7, "8.4"),
        ("monthly_rate (%)", 0.7, "8.4"),
        ("MonthlyRate（%）", 0.7, "8.4"),
        ("Rate, % a year", "84‰", "8.4"),
        ("Rate, % a year", "84 per mille", "8.4"),
        ("Rate", "月息0.7%", "8.4"),
        ("利率", "月息7厘", "8.4"),
        ("利率", "月息1分", "12"),
        ("利率", "年息1分", "10"),
        ("利率", "年利率8%", "8"),
        ("Rate", "0.7% a month", "8.4"),
        ("Rate", "8.4% p.a.", "8.4"),
        ("Rate (bp a year)", 840, "8.4"),
        ("Annual rate (‰)", 84, "8.4"),
    ],
)
def test_a_rate_in_any_unit_is_converted_into_per_cent_a_year_and_told(head, cell, rate):
    row, told = one(xlsx(headed(rate=head), loan(rate=cell)))
    assert row == {**SAVED, "rate": rate}
    assert f"“{head}”" in told or str(cell).strip("年利率% p.a") == rate


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("月利率", 7),
        ("月息", 0.7),
        ("Rate (‰)", 7),
        ("Monthly rate", 7),
        ("日利率（‱）", 3),
        ("日利率", 0.03),
        ("Rate (% a day)", 0.02),
        ("利率（厘）", 7),
        ("利率（‰口径）", 7),
    ],
)
def test_a_rate_whose_unit_is_not_certain_is_refused_once_naming_the_heading(head, cell):
    (fault,) = faulty(xlsx(headed(rate=head), loan(rate=cell), loan(rate=cell, contract_no="HT-02")))
    assert (fault.row, fault.column) == (1, head)
    assert head in fault.text


@pytest.mark.parametrize("cell", ["3‰", "日利率0.03%", "8.4‰ or so", "about 8"])
def test_a_rate_that_is_not_certain_in_its_cell_is_a_fault_there(cell):
    assert [(fault.row, fault.column) for fault in faulty(xlsx(headed(rate="Rate"), loan(rate=cell)))] == [
        (2, "Rate")
    ]


@pytest.mark.parametrize(
    "head",
    ["逾期月数", "逾期（月）", "Months past due", "逾期期数", "Days past due (months)", "Overdue weeks"],
)
def test_days_past_due_in_months_are_refused(head):
    if head == "Overdue weeks":
        head = "Weeks past due"
    assert [(fault.row, fault.column) for fault in faulty(xlsx(headed(days_past_due=head), loan()))] == [
        (1, head)
    ]


@pytest.mark.parametrize(
    ("cell", "found"), [("900天", 900), ("900 days", 900), (900.0, 900), ("９００", 900)]
)
def test_days_may_be_called_days(cell, found):
    assert one(xlsx(headed(), loan(days_past_due=cell)))[0]["days_past_due"] == found


@pytest.mark.parametrize("cell", ["30个月", 12.5, "2 years", "90天左右"])
def test_what_is_no_number_of_days_is_a_fault(cell):
    assert [(fault.row, fault.column) for fault in faulty(xlsx(headed(), loan(days_past_due=cell)))] == [
        (2, "Days past due")
    ]


@pytest.mark.parametrize(
    ("form", "value", "saved"),
    [
        ('0.00,"千"', 123456, "123456.00"),
        ('#,##0.00"万元"', 123.45, "1234500.00"),
        ('0!.0,"万"', 1234500, "1234500.00"),
        ('[>=10000]0!.0,"万";0', 1234500, "1234500.00"),
        ('#,##0.00"元"', 1234500, "1234500.00"),
        ("#,##0.00元", 1234500, "1234500.00"),
        ('_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ', 1234500, "1234500.00"),
        ("[$¥-804]#,##0.00", 1234500, "1234500.00"),
        ("#,##0.00_ ;[Red]-#,##0.00 ", 1234500, "1234500.00"),
        ("G/通用格式", 1234500, "1234500.00"),
    ],
)
def test_an_amount_is_what_its_number_format_shows(form, value, saved):
    row, _told = one(xlsx(headed(), loan(principal=value), then=cell_format("B2", form)))
    assert row["principal"] == saved


@pytest.mark.parametrize(
    "form",
    [
        "[$$-409]#,##0.00",
        '"US$"#,##0.00',
        "[$€-2] #,##0.00",
        "0.00%",
        "0.00,",
        "yyyy-mm-dd",
        "yyyy-mm-dd[Red]",
        '0.00" m"',
        '0!.00,"万"',
    ],
)
def test_an_amount_that_its_format_shows_as_something_else_is_a_fault(form):
    assert [fault.row for fault in faulty(xlsx(headed(), loan(), then=cell_format("B2", form)))] == [2]


def test_a_format_that_divides_suits_a_heading_in_that_unit():
    row, _told = one(
        xlsx(headed(principal="本金（千元）"), loan(principal=1234500), then=cell_format("B2", "#,##0.00,"))
    )
    assert row["principal"] == "1234500.00"


def test_a_percentage_is_read_as_it_is_shown_also_a_month():
    assert one(xlsx(headed(), loan(rate=0.084), then=cell_format("F2", "0.00%")))[0]["rate"] == "8.4"
    assert (
        one(xlsx(headed(rate="月利率"), loan(rate=0.007), then=cell_format("F2", "0.00%")))[0]["rate"]
        == "8.4"
    )


@pytest.mark.parametrize(
    ("head", "unit"), [("Unit", "万元"), ("单位", "千元"), ("币种", "美元"), ("Currency", "USD")]
)
def test_a_column_that_states_units_row_by_row_is_not_left_out_unsaid(head, unit):
    assert [(fault.row, fault.column) for fault in faulty(xlsx([*headed(), head], [*loan(), unit]))] == [
        (2, head)
    ]
    assert one(xlsx([*headed(), head], [*loan(), "人民币"]))[0] == SAVED


def test_what_stands_in_brackets_and_is_no_unit_is_told():
    row, told = one(xlsx(headed(principal="本金（余额）"), loan()))
    assert row == SAVED
    assert "余额" in told


# --- what Excel makes of numbers ---


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (123, "00000000", "00000123"),
        (1234567, "000-0000", "123-4567"),
        (12, '"HT-"0000', "HT-0012"),
        (20240513, "General", "20240513"),
        (7, "@", "7"),
        (123456789012345, "General", "123456789012345"),
        (123456789012, "0.00E+00", "123456789012"),
    ],
)
def test_an_identifier_is_what_the_sheet_shows(value, form, shown):
    row, told = one(xlsx(headed(), loan(contract_no=value), then=cell_format("A2", form)))
    assert row["contract_no"] == shown
    assert (shown in told) == (shown != str(value))


def test_a_sign_stays_before_the_zeros_of_a_format():
    row, _told = one(xlsx(headed(), loan(contract_no=-12), then=cell_format("A2", "0000")))
    assert re.fullmatch("-0*12", row["contract_no"])


@pytest.mark.parametrize(
    ("value", "form"),
    [(1234567890123456, "0"), (123456789012345678, "General"), (45000, "yyyy-mm-dd"), (45000, "m/d")],
)
def test_a_number_that_a_spreadsheet_has_damaged_is_a_fault(value, form):
    for place, column in (("A2", "contract_no"), ("K2", "lending_officer")):
        (fault,) = faulty(xlsx(headed(), loan(**{column: value}), then=cell_format(place, form)))
        assert (fault.row, fault.column) == (2, HEADS[NAMES.index(column)])
        assert "as text" in fault.text


@pytest.mark.parametrize(
    "text",
    [
        "1.23457E+14",
        "1E+15",
        "3月1日",
        "Mar-01",
        "1-Mar",
        "=B2",
        "=SUM(B2:B3)",
        "#REF!",
        "#####",
        "Err:502",
        "123456789012345000",
    ],
)
def test_a_text_that_a_spreadsheet_has_damaged_is_a_fault(text):
    (fault,) = faulty("\n".join(["\t".join(headed()), "\t".join(map(str, loan(contract_no=text)))]))
    assert (fault.row, fault.column, fault.found) == (2, "Contract", text)


@pytest.mark.parametrize("error", [*ERROR_CODES, "#SPILL!", "#CALC!", "#N/A"])
def test_an_error_of_the_spreadsheet_is_a_fault_in_every_column(error):
    for name in NAMES:
        for content in (
            xlsx(headed(), loan(**{name: error})),
            "\n".join("\t".join(map(str, row)) for row in (headed(), loan(**{name: error}))),
        ):
            (fault,) = faulty(content)
            assert (fault.row, fault.column, fault.found) == (2, HEADS[NAMES.index(name)], error)
            assert "error of the spreadsheet" in fault.text


@pytest.mark.parametrize(
    ("text", "found"), [('="000123"', "000123"), ("'000123", "000123"), ("\t000123 ", "000123")]
)
def test_signs_that_only_mark_a_text_are_taken_away(text, found):
    quoted = text.replace('"', '""')
    csv_text = (
        ",".join(f'"{head}"' for head in headed()) + "\n" + ",".join([f'"{quoted}"', *map(str, loan()[1:])])
    )
    assert one(csv_text)[0]["contract_no"] == found


def test_characters_that_nobody_sees_are_taken_out_and_told():
    row, told = one(xlsx(headed(), loan(contract_no="\u200bHT-01\ufeff\u3000", principal="\u200e123.45\xa0")))
    assert row == SAVED
    assert "“Contract”: characters that cannot be seen" in told


def test_lines_in_one_cell_are_joined_and_told():
    row, told = one(
        xlsx(
            headed(principal="Principal\n(万元)"),
            loan(contract_no="HT-01\n补充", lending_officer="甲_x000D_\n丙"),
        )
    )
    assert (row["contract_no"], row["lending_officer"], row["principal"]) == (
        "HT-01 补充",
        "甲 丙",
        "1234500.00",
    )
    assert "“Contract”: several lines" in told


# --- dates ---


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-01",
        "2020/3/1",
        "2020年3月1日",
        "20200301",
        "２０２０．３．１",
        "43891",
        "2020-03-01 00:00:00",
    ],
)
def test_a_date_is_read_however_it_is_written(text):
    assert one(xlsx(headed(), loan(issued_on=text)))[0]["issued_on"] == "2020-03-01"


@pytest.mark.parametrize("value", [43891, 20200301])
def test_a_date_may_be_a_number(value):
    assert one(xlsx(headed(), loan(issued_on=value)))[0]["issued_on"] == "2020-03-01"


def test_a_calendar_that_begins_in_1904_is_reckoned_in():
    def since_1904(book):
        book.epoch = __import__("openpyxl").utils.datetime.CALENDAR_MAC_1904

    content = xlsx(headed(), loan(issued_on=43891 - 1462), then=since_1904)
    assert one(content)[0]["issued_on"] == "2020-03-01"
    assert one(content)[0]["due_on"] == "2022-03-01"


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026",
        "3-4-2026",
        "26-3-5",
        "5-Mar-26",
        "2026-02-30",
        "二〇二六年三月",
        "2020-03",
        0.5,
        -3,
    ],
)
def test_a_date_that_is_not_certain_is_a_fault(text):
    assert [(fault.row, fault.column) for fault in faulty(xlsx(headed(), loan(issued_on=text)))] == [
        (2, "Issued on")
    ]


# --- totals ---


@pytest.mark.parametrize(
    "word",
    [
        "合计",
        "小计",
        "总计",
        "共计",
        "合 计",
        "合計",
        "合计：",
        "Total",
        "TOTAL",
        "Sub total",
        "Subtotal:",
        "Grand total",
        "Sum",
        "本页小计",
        "合计（2笔）",
        "共2笔",
        "累计",
        "总 计",
    ],
)
def test_a_total_row_is_left_out_with_a_note(word):
    total = [word, 246.9, 2000, 0, 101]
    found = read(xlsx(headed(), loan(), loan(contract_no="HT-02"), total))
    assert found.faults == []
    assert [row["contract_no"] for row in found.rows] == ["HT-01", "HT-02"]
    assert any("Row 4 is left out" in note and word in note for note in found.notes)
    assert found.counts == Counts(3, 2, 1)


def test_a_total_in_a_column_of_numbers_before_the_contract_is_left_out():
    rows = [["序号", *headed()], [1, *loan()], ["合计", None, 123.45]]
    assert one(xlsx(*rows))[0] == SAVED


def test_a_total_that_is_not_the_sum_is_told():
    _row, told = one(xlsx(headed(), loan(), ["合计", 999.99]))
    assert "999.99 / 123.45" in told


def test_sums_of_the_rows_above_without_a_name_are_left_out_also_in_between():
    rows = [
        ["2027-01-20", 1500, 59],
        ["2027-02-20", 1500, 58],
        [None, 3000, 117],
        ["2027-03-20", 10, 1],
        [None, 3010, 118],
    ]
    found = read(xlsx(["Due on", "Principal", "Interest"], *rows), SCHEDULE)
    assert (found.faults, len(found.rows), found.counts.left_out) == ([], 3, 2)


def test_a_loan_whose_principal_equals_the_sum_above_stays():
    rows = [loan(), loan(contract_no="HT-02"), loan(contract_no="HT-03", principal=246.9)]
    found = read(xlsx(headed(), *rows))
    assert (found.faults, len(found.rows)) == ([], 3)


@pytest.mark.parametrize(
    ("named", "left_out"), [(["Contract", "Class"], 0), (["Contract", "Class", "Due on"], 1)]
)
def test_sums_with_one_name_are_a_total_only_where_the_rows_above_have_three(named, left_out):
    words = {"Contract": "HT-01", "Class": "loss", "Due on": "2022-03-01"}
    above = [[*(words[head] for head in named), 100] for _row in range(2)]
    sums = ["Total for the branch", *[None] * (len(named) - 1), 200]
    found = read(xlsx([*named, "Principal"], *above, sums))
    assert found.counts.left_out == left_out


@pytest.mark.parametrize(
    "row", [[None, 77, 5], ["合计", 123.45, 1000, 0, 50.5, 8.4, date(2020, 3, 1), date(2022, 3, 1)]]
)
def test_what_may_be_a_total_or_an_entry_is_a_fault(row):
    assert [fault.row for fault in faulty(xlsx(headed(), loan(), row))] == [3]


def test_sums_that_are_formulas_without_results_are_left_out():
    _row, told = one(xlsx(headed(), loan(), [None, "=SUM(B2:B2)", "=SUM(C2:C2)"]))
    assert "Row 3 is left out" in told


@pytest.mark.parametrize("line", ["制表人：张三", "备注：以上为全部贷款", "审核： 复核："])
def test_a_remark_below_the_table_and_repeated_headings_are_left_out(line):
    _row, told = one(xlsx(headed(), loan(), [line], headed()))
    assert "Row 3 is left out" in told
    assert "Row 4 is left out: it repeats" in told


# --- merged cells and formulas ---


def merged(area, *rows, then=None):
    def merge(book):
        book.active.merge_cells(area)
        if then:
            then(book)

    return xlsx(*rows, then=merge)


def test_a_merged_value_holds_for_all_its_rows_and_is_told():
    for letter, name in (
        ("A", "contract_no"),
        ("F", "rate"),
        ("G", "issued_on"),
        ("I", "days_past_due"),
        ("J", "classification"),
        ("K", "lending_officer"),
    ):
        found = read(merged(f"{letter}2:{letter}3", headed(), loan(), loan(**{name: None})))
        assert found.faults == []
        first, second = LOANS.read(found.rows)
        assert first[name] == second[name] == SAVED[name]
        assert any(f"{letter}2:{letter}3" in note for note in found.notes)


def test_a_merged_amount_is_a_fault_and_never_counts_twice():
    (fault,) = faulty(merged("B2:B3", headed(), loan(), loan(principal=None)))
    assert (fault.row, fault.column) == (2, "Principal")


def test_an_entry_that_is_merged_over_two_lines_as_a_whole_is_one():
    def tall(book):
        for letter in "ABCDEFGHIJKL":
            book.active.merge_cells(f"{letter}2:{letter}3")

    assert one(xlsx(headed(), loan(), then=tall))[0] == SAVED


def test_a_value_merged_over_two_fields_is_a_fault():
    assert [fault.row for fault in faulty(merged("B2:C2", headed(), loan(interest_on_balance=None)))] == [2]


def test_a_title_and_a_total_may_be_merged():
    row, told = one(
        merged(
            "A4:A4",
            ["贷款明细表"],
            headed(),
            loan(),
            ["合计", 123.45],
            then=lambda book: book.active.merge_cells("A1:L1"),
        )
    )
    assert row == SAVED
    assert "合计" in told


def test_headings_in_two_merged_rows_are_read_together():
    def merge(book):
        for letter in "ABEFGHIJKL":
            book.active.merge_cells(f"{letter}1:{letter}2")
        book.active.merge_cells("C1:D1")

    heads = headed(interest_on_balance="欠息（万元）", interest_off_balance=None)
    row, _told = one(xlsx(heads, [None, None, "表内", "表外"], loan(), then=merge))
    assert (row["interest_on_balance"], row["interest_off_balance"]) == ("10000000.00", "0.00")


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_without_its_result_is_a_fault_at_its_cell(name):
    (fault,) = faulty(xlsx(headed(), loan(**{name: "=1+1"})))
    assert (fault.row, fault.column, fault.found) == (2, HEADS[NAMES.index(name)], "=1+1")


def test_a_formula_with_its_result_is_its_result_unless_nobody_calculated_it():
    content = xlsx(headed(), loan(principal="=100+23.45"))
    done = (
        changed(content, "xl/worksheets/sheet1.xml", (b"</f><v></v>", b"</f><v>123.45</v>"))
        if b"<v></v>" in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
        else changed(content, "xl/worksheets/sheet1.xml", (b"</f><v />", b"</f><v>123.45</v>"))
    )
    assert one(done)[0] == SAVED
    nought = changed(done, "xl/worksheets/sheet1.xml", (b"</f><v>123.45</v>", b"</f><v>0</v>"))
    assert [(fault.row, fault.column) for fault in faulty(nought)] == [(2, "Principal")]


# --- sheets, hidden rows, filters ---


def sheets(book, *states):
    for name, state, rows in states:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    del book["Sheet"]


TABLE = [headed(), loan()]
TALK = [["说明"], ["请勿改动本页"]]


@pytest.mark.parametrize(
    "states",
    [
        [("说明", "hidden", TALK), ("数据", "visible", TABLE)],
        [("说明", "visible", TALK), ("数据", "visible", TABLE)],
        [("旧表", "hidden", TABLE), ("数据", "visible", TABLE)],
        [("说明", "visible", TALK), ("数据", "visible", TABLE), ("二月", "visible", TABLE)],
        [("旧表", "veryHidden", TABLE), ("数据", "visible", TABLE), ("空", "visible", [])],
    ],
)
def test_the_first_visible_sheet_with_the_headings_is_read_and_the_others_are_named(states):
    found = read(xlsx(then=lambda book: sheets(book, *states)))
    assert (found.sheet, LOANS.read(found.rows)) == ("数据", [SAVED])
    others = {name for name, state, rows in states if name != "数据" and state != "veryHidden" and rows}
    assert set(found.sheets) == {"数据", *others}
    assert any(all(name in note for name in found.sheets) for note in found.notes) == bool(others)


@pytest.mark.parametrize(
    "states",
    [
        [("一月", "hidden", TABLE), ("二月", "visible", TALK)],
        [("一月", "visible", TALK), ("二月", "visible", TALK)],
    ],
)
def test_where_it_is_not_certain_which_sheet_is_meant_one_is_asked_for(states):
    content = xlsx(then=lambda book: sheets(book, *states))
    with pytest.raises(SheetNeeded) as caught:
        read(content)
    assert caught.value.names == ["一月", "二月"]
    assert "一月" in str(caught.value)
    if states[0][2] is TABLE:
        assert LOANS.read(read(content, sheet="一月").rows) == [SAVED]
    with pytest.raises(SheetNeeded):
        read(content, sheet="三月")


def test_a_very_hidden_sheet_is_never_read():
    content = xlsx(then=lambda book: sheets(book, ("旧表", "veryHidden", TABLE), ("说明", "visible", TALK)))
    with pytest.raises(cells.Unreadable):
        read(content, sheet="旧表")


def test_hidden_rows_columns_and_filters_are_told():
    def hide(book):
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["B"].hidden = True
        book.active.auto_filter.ref = "A1:L3"
        book.active.auto_filter.add_filter_column(0, ["HT-01"])

    found = read(xlsx(headed(), loan(), loan(contract_no="HT-02"), then=hide))
    told = " | ".join(found.notes)
    assert len(found.rows) == 2
    assert "hidden row is read like the others: 3" in told
    assert "Hidden columns are read like the others: “Principal”" in told
    assert "A filter is set" in told


# --- limits ---


def test_every_row_comes_in_however_many_blank_lines_stand_between():
    rows = [row for number in range(1_100) for row in (["2027-01-20", number + 1, 0], [None])]
    found = read(xlsx(["Due on", "Principal", "Interest"], *rows), SCHEDULE)
    assert (found.faults, len(found.rows), found.counts.rows) == ([], 1_100, 1_100)


@pytest.mark.parametrize("count", [2_001, 3_000])
def test_more_rows_than_can_be_read_are_refused_with_their_number(count):
    rows = [["2027-01-20", 1, 0]] * count
    texts = "\n".join("\t".join(map(str, row)) for row in (["Due on", "Principal", "Interest"], *rows))
    for content in (xlsx(["Due on", "Principal", "Interest"], *rows), texts):
        with pytest.raises(cells.Unreadable, match=str(count)[:1]):
            read(content, SCHEDULE)


def test_columns_far_to_the_right_are_read_or_refused_with_their_number():
    far = [*[None] * 150, *headed()]
    assert one(xlsx(far, [*[None] * 150, *loan()]))[0] == SAVED
    with pytest.raises(cells.Unreadable, match="212"):
        read(xlsx([*[None] * 200, *headed()], [*[None] * 200, *loan()]))


# --- files of other kinds ---


def test_a_text_in_utf16_is_read_with_its_tabs():
    text = "\r\n".join("\t".join(map(str, row)) for row in TABLE)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
        assert one(mark + text.encode(encoding))[0] == SAVED


def test_a_heading_that_the_separator_took_apart_is_one_again():
    text = "\n".join(["\t".join(headed()).replace(", ", "\t "), "\t".join(map(str, loan()))])
    row, told = one(text)
    assert row == SAVED
    assert "Rate, % a year" in told


@pytest.mark.parametrize("place", range(1, len(HEADS)))
def test_a_column_without_a_heading_is_not_taken_for_half_of_one(place):
    heads, values = headed(), list(map(str, loan()))
    heads.insert(place, "")
    values.insert(place, "77")
    row, told = one("\n".join(["\t".join(heads).replace(", ", "\t "), "\t".join(values)]))
    assert row == SAVED
    assert "has no heading and is left out" in told


def test_no_more_headings_are_joined_than_were_taken_apart():
    heads = [*headed()[:9], "days", *headed()[9:]]
    values = [*map(str, loan()[:9]), "x", *map(str, loan()[9:])]
    row, told = one("\n".join(["\t".join(heads).replace(", ", "\t "), "\t".join(values)]))
    assert row == SAVED
    assert "“days” is not known" in told


@pytest.mark.parametrize("form", ["workbook", "text"])
def test_headings_repeated_at_once_are_left_out_also_where_one_is_not_known(form):
    rows = [[*headed(), "Zustand"]] * 2 + [[*loan(), "x"]]
    text = "\n".join("\t".join(map(str, row)) for row in rows)
    row, told = one(xlsx(*rows) if form == "workbook" else text)
    assert row == SAVED
    assert "Row 2 is left out: it repeats" in told


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"<html><body><table><tr><td>Contract</td></tr></table></body></html>", "HTML"),
        ("<table><tr><td>合同号</td></tr></table>".encode("utf-16"), "HTML"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "2003",
        ),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "HTML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old Excel"),
        (b"\xd0\xcf\x11\xe0 " + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"%PDF-1.7", "PDF"),
        (b"", "nothing"),
    ],
)
def test_what_is_no_table_is_recognised_and_its_remedy_told(content, remedy):
    for read_ in (
        lambda: read(content),
        lambda: read(content.decode("utf-8")) if content[:1] == b"<" else read(content),
    ):
        with pytest.raises(cells.Unreadable, match=remedy):
            read_()


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("parts", "remedy"),
    [
        ({"xl__workbook_DOT_bin": b""}, "binary workbook"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument"),
        ({"[Content_Types]_DOT_xml": b"<Types/>", "word__document_DOT_xml": b"<w/>"}, "no workbook"),
    ],
)
def test_a_package_of_another_kind_is_recognised_and_its_remedy_told(parts, remedy):
    with pytest.raises(importing.Unreadable, match=remedy):
        read(packed(**parts))


@pytest.mark.parametrize("text", ["just a line", "one\ntwo\nthree"])
def test_one_column_without_headings_is_no_table(text):
    with pytest.raises(importing.Unreadable, match="one column and no headings"):
        read(text)


@pytest.mark.parametrize(
    "damage",
    [
        (b"<sheetData>", b"<sheetData"),
        (b"</worksheet>", b""),
        (b"<c r=", b'<c s="x" r='),
    ],
)
def test_broken_xml_in_a_workbook_is_a_refusal(damage):
    content = xlsx(headed(), loan())
    old, new = damage
    with pytest.raises(cells.Unreadable, match=r"\.xlsx"):
        read(changed(content, "xl/worksheets/sheet1.xml", (old, new)))


def test_parts_that_are_missing_or_strange_are_a_refusal():
    content = xlsx(headed(), loan())
    for gone in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
            for name in before.namelist():
                if name != gone:
                    after.writestr(name, before.read(name))
        try:
            read(out.getvalue())
        except cells.Unreadable:
            continue
        assert gone in ("xl/styles.xml", "xl/sharedStrings.xml")  # texts stand in the sheet itself
    for parts in (
        {"xl__workbook_DOT_bin": b""},
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"},
        {"a": b""},
    ):
        with pytest.raises(cells.Unreadable, match="xlsx"):
            read(packed(**parts))


# --- what a file may cost ---


def test_a_small_file_that_unpacks_to_much_is_refused_within_its_limits():
    many = packed(xl__workbook_DOT_xml=b" " * 60_000_001)
    assert len(many) < 100_000
    with pytest.raises(cells.Unreadable, match="unpacks"):
        read(many)


def test_the_child_tells_what_this_process_would(in_this_process):
    content = xlsx(headed(), loan(), ["合计", 123.45])
    assert in_this_process(content) == workbook.read(content)
    with pytest.raises(workbook.Unopened):
        in_this_process(changed(content, "xl/worksheets/sheet1.xml", (b"</worksheet>", b"")))


def test_reading_that_takes_too_long_or_too_much_is_a_plain_refusal(monkeypatch, tmp_path, in_this_process):
    content = xlsx(headed(), loan())
    source = Path(workbook.__file__).read_text()
    for cost, key in (
        ("while True: pass", "time"),
        ("bytearray(4 * 1024**3)", "size"),
        ("import os; os.abort()", "time"),
    ):
        slow = tmp_path / "workbook.py"
        start = "    package = _Package(content)\n"
        assert start in source
        slow.write_text(
            source.replace(start, f"    {cost}\n{start}", 1).replace(
                "SECONDS: Final = 5", "SECONDS: Final = 1"
            )
        )
        monkeypatch.setattr(workbook, "__file__", str(slow))
        with pytest.raises(workbook.Unopened) as caught:
            in_this_process(content)
        assert caught.value.key == key


# --- headings and words ---


@pytest.mark.parametrize("part", [LOANS, SCHEDULE])
def test_every_name_of_the_table_leads_to_its_field_in_either_script(part):
    for name, others in headings.SYNONYMS[part.name].items():
        for head in (*others, name):
            for spelled in (head, f" {head}：", head.upper(), f"*{head}", head.replace(" ", "_")):
                column = headings.column(part, spelled)
                assert getattr(column.leaf, "name", None) == name, spelled


def test_no_name_of_a_rate_hides_a_unit():
    """What follows a known word is read as a unit, so every word of a rate's names is one that units know."""
    for name in headings.names("loans", next(leaf for leaf in LOANS.parts if leaf.name == "rate")).values():
        assert units.rate(f"{name} %") is not None, name


TAPE = {
    "合同号": "contract_no",
    "本金余额": "principal",
    "表内欠息": "interest_on_balance",
    "表外欠息": "interest_off_balance",
    "罚息": "penalty",
    "年利率": "rate",
    "发放日": "issued_on",
    "到期日": "due_on",
    "逾期天数": "days_past_due",
    "五级分类": "classification",
    "发放责任人": "lending_officer",
    "清收责任人": "collection_officer",
    "合同编号": "contract_no",
    "贷款本金": "principal",
    "执行利率": "rate",
    "发放日期": "issued_on",
    "到期日期": "due_on",
    "客户经理": "lending_officer",
    "合同編號": "contract_no",
    "貸款本金": "principal",
    "執行利率": "rate",
    "發放日期": "issued_on",
    "五級分類": "classification",
    "管户经理": "lending_officer",
    "不良贷款余额": "principal",
    "分类结果": "classification",
}


@pytest.mark.parametrize(("head", "name"), TAPE.items())
def test_a_banks_own_heading_is_known(head, name):
    assert headings.column(LOANS, head).leaf.name == name


@pytest.mark.parametrize(
    "head",
    [
        "原到期日",
        "借据号",
        "发放金额",
        "他行债务",
        "余额",
        "欠息合计",
        "户名",
        "起息日",
        "风险等级",
        "当前余额",
        "第一责任人",
        "本金到期日",
        "Total principal and interest",
    ],
)
def test_a_heading_that_means_something_else_is_not_taken_for_it(head):
    assert headings.column(LOANS, head).leaf is None


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("正常类", "normal"),
        ("关注类", "special_mention"),
        ("损失类贷款", "loss"),
        ("次级贷款", "substandard"),
        ("次级类", "substandard"),
        ("可疑类", "doubtful"),
        ("损失类", "loss"),
        ("關注", "special_mention"),
        ("損失類", "loss"),
        ("次級", "substandard"),
        ("Sub-standard", "substandard"),
        ("special mention", "special_mention"),
        ("Pass", "normal"),
        (" 可 疑 ", "doubtful"),
        ("損失", "loss"),
    ],
)
def test_the_five_classes_are_read_in_either_script_with_or_without_their_suffix(word, code):
    assert one(xlsx(headed(), loan(classification=word)))[0]["classification"] == code


def test_a_word_that_is_no_class_is_refused_in_the_readers_words():
    for language, names in (("en", "Substandard"), ("zh-hans", "次级")):
        with translation.override(language):
            (fault,) = faulty(xlsx(headed(), loan(classification="很差")))
            assert names in fault.text
            assert "special_mention" not in fault.text


def test_two_columns_for_one_field_are_a_fault_until_one_is_chosen():
    content = xlsx([*headed(), "贷款余额"], [*loan(), 5])
    assert [fault.row for fault in faulty(content)] == [1]
    found = read(content, chosen={headings.key("贷款余额"): ""})
    assert LOANS.read(found.rows) == [SAVED]
    assert any("贷款余额" in note for note in found.notes)


def test_an_unknown_heading_is_told_and_read_as_what_was_chosen():
    content = xlsx(headed(principal="尚欠贷款"), loan())
    found = read(content)
    assert "principal" not in LOANS.read(found.rows)[0]
    assert any("尚欠贷款" in note for note in found.notes)
    assert LOANS.read(read(content, chosen={headings.key("尚欠贷款"): "principal"}).rows) == [SAVED]


@pytest.mark.parametrize("head", ["尚欠贷款万元", "尚欠贷款 USD", "尚欠贷款（美元）", "尚欠贷款（万）"])
def test_a_heading_that_was_chosen_by_hand_keeps_its_unit(head):
    content = xlsx(headed(principal=head), loan())
    found = read(content, chosen={headings.key(head): "principal"})
    assert found.faults or LOANS.read(found.rows)[0]["principal"] == "1234500.00"


def test_a_table_of_unknown_headings_only_is_not_read_by_its_order():
    found = read(xlsx(["甲", "乙", "丙"], ["HT-01", 5, 6]))
    assert [fault.row for fault in found.faults] == [1]
    assert [seen.head for seen in found.columns] == ["甲", "乙", "丙"]


# --- the command ---


def preview(tmp_path, kind, content, *arguments):
    path = tmp_path / "table"
    path.write_bytes(content)
    out = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("preview_import", kind, str(path), *arguments, stdout=out)
    return caught.value.code, out.getvalue()


def as_json(tmp_path, kind, content, *arguments):
    code, text = preview(tmp_path, kind, content, "--json", *arguments)
    return code, json.loads(text)


def test_the_command_tells_what_would_be_taken_without_a_database(tmp_path):
    code, found = as_json(tmp_path, "loans", xlsx(headed(principal="本金（万元）"), loan(), ["合计", 123.45]))
    assert (code, found["rows"], found["faults"]) == (0, [{**SAVED, "principal": "1234500.00"}], [])
    assert found["counts"] == {"rows": 2, "read": 1, "left_out": 1}
    assert len(found["notes"]) == 2


def test_the_command_names_each_fault_and_says_so_by_its_exit_status(tmp_path):
    code, found = as_json(tmp_path, "loans", xlsx(headed(), loan(contract_no="#REF!")))
    assert code == 1
    assert [(fault["row"], fault["column"], fault["found"]) for fault in found["faults"]] == [
        (2, "Contract", "#REF!")
    ]


def test_the_command_says_what_it_cannot_read(tmp_path):
    two = xlsx(then=lambda book: sheets(book, ("一月", "hidden", TABLE), ("二月", "visible", TALK)))
    for kind, content, *arguments in (
        ("loans", b"<html>"),
        ("lones", b""),
        ("loans", b""),
        ("loans", two),
        ("loans", two, "--sheet", "三月"),
    ):
        code, found = as_json(tmp_path, kind, content, *arguments)
        assert (code, found["rows"]) == (2, [])
        assert found["faults"][0]["text"]
    assert as_json(tmp_path, "loans", two)[1]["sheets"] == ["一月", "二月"]
    code, found = as_json(tmp_path, "loans", two, "--sheet", "一月")
    assert (code, found["sheet"], found["rows"]) == (0, "一月", [SAVED])
    with pytest.raises(SystemExit):
        call_command("preview_import", "loans", str(tmp_path / "none"), stdout=io.StringIO())


def test_the_command_speaks_the_language_that_is_asked_for(tmp_path):
    _code, text = preview(
        tmp_path, "loans", xlsx(headed(principal="本金（万元）"), loan()), "--language", "zh-hans"
    )
    assert "万元" in text
    assert "1,234,500.00" in text


# --- whatever is written out comes back, or is told ---

WORDS = st.text("甲乙丙丁AB", min_size=1, max_size=4)
AMOUNT = st.integers(0, 10**11).map(lambda fen: f"{fen // 100}.{fen % 100:02}")
DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "contract_no": st.text("0123456789ABHT-", min_size=1, max_size=20).filter(
                lambda text: text.strip("-'")
            ),
            "principal": AMOUNT,
            "interest_on_balance": AMOUNT,
            "interest_off_balance": AMOUNT,
            "penalty": AMOUNT,
            "rate": st.integers(0, 3000).map(lambda n: f"{n // 100}.{n % 100:02}"),
            "issued_on": DAYS.map(str),
            "due_on": DAYS.map(str),
            "days_past_due": st.integers(0, 9999),
            "classification": st.sampled_from(
                ["normal", "special_mention", "substandard", "doubtful", "loss"]
            ),
            "lending_officer": WORDS,
            "collection_officer": WORDS,
        }
    ),
    min_size=1,
    max_size=6,
)
UNITS = {"": 1, "（元）": 1, "（千元）": 1000, "（万元）": 10_000, "（百万元）": 10**6}


def laid_out(rows, seed):
    """The rows as a bank might lay them out: in some order and unit, with titles, blank lines and totals."""
    choice = random.Random(seed)
    order = choice.sample(NAMES, len(NAMES))
    unit, place = choice.choice(list(UNITS)), choice.choice(["heading", "above"])
    heads = []
    for name in order:
        head = choice.choice([*headings.SYNONYMS["loans"][name][:1], str(HEADS[NAMES.index(name)])])
        money = LOANS.parts[NAMES.index(name)].kind is kinds.MONEY
        heads.append(head + (unit if money and place == "heading" else ""))
    table = [["贷款明细表"]] if choice.random() < 0.5 else []
    if place == "above" and unit:
        table.append([f"单位：{unit.strip('（）')}"])
    table.append(heads)
    sums = dict.fromkeys(NAMES, Decimal(0))
    for row in rows:
        cells_ = []
        for name in order:
            value = row[name]
            if LOANS.parts[NAMES.index(name)].kind is kinds.MONEY:
                scaled = Decimal(value) / UNITS[unit]
                sums[name] += scaled
                value = f"{scaled:f}"
            cells_.append(value)
        table += [cells_, *([[""] * len(order)] if choice.random() < 0.3 else [])]
    if choice.random() < 0.5:
        money = {leaf.name for leaf in LOANS.parts if leaf.kind is kinds.MONEY}
        total = [f"{sums[name]:f}" if name in money else "" for name in order]
        total[order.index("contract_no")] = "合计"
        table.append(total)
    return table


@settings(max_examples=40)
@given(ROWS, st.integers(0, 10**6), st.sampled_from(["tsv", "csv", "xlsx", "numbers"]))
def test_whatever_is_written_out_comes_back_equal_or_with_a_fault(rows, seed, form):
    table = laid_out(rows, seed)
    with translation.override("en"):
        if form in ("tsv", "csv"):
            out = io.StringIO()
            __import__("csv").writer(out, delimiter="\t" if form == "tsv" else ",").writerows(table)
            found = read(out.getvalue())
        else:
            numbers = form == "numbers"
            found = importing.read(LOANS, as_workbook(table, numbers=numbers))
    kept = [{**row, "rate": Decimal(row["rate"])} for row in LOANS.read(found.rows) if "rate" in row]
    assert found.faults or kept == [{**row, "rate": Decimal(row["rate"])} for row in rows]


def as_workbook(table, *, numbers):
    """The book that the child would tell of, without starting it for each example."""
    lines = []
    for number, row in enumerate(table, 1):
        found = {}
        for place, value in enumerate(row, 1):
            text = str(value)
            if (
                text
                and numbers
                and text.replace(".", "", 1).isdigit()
                and (place > 1 or "." in text)
                and (text == "0" or "." in text or not text.startswith("0"))  # else a sheet would keep a text
                and "-" not in text
                and len(text) < 14
            ):
                found[place] = cells.Cell(f"{Decimal(text).normalize():f}", "n", Decimal(text), "General")
            elif text:
                found[place] = cells.cleaned(text)
        if found:
            lines.append(cells.Line(number, found))
    return cells.Book([cells.Sheet(lines, "表", count=len(lines), columns=12)], typed=True)


# --- what a second look found ---


@pytest.mark.parametrize(
    "head", ["抵押物评估价值（万元）", "授信额度(USD)", "保证金（千元）", "手续费率（‰）"]
)
def test_the_unit_of_a_column_that_is_left_out_holds_for_no_other(head):
    assert one(xlsx([*headed(), head], [*loan(), 5]))[0] == SAVED


@pytest.mark.parametrize(
    "line",
    [
        ["注：金额单位：万元"], ["备注：本表单位为万元"], ["注：1.金额单位：万元；2.数据截至3月末"],
        ["Note: amounts in CNY 10,000"], ["以上金额单位：万元"], ["（万元）"], ["*金额以万元计"],
        ["制表人：张三", None, None, None, "单位：万元"], ["合计（万元）", 123.45, 1000, 0, 50.5],
    ],
)  # fmt: skip
def test_a_unit_in_a_remark_or_total_below_the_table_holds(line):
    assert one(xlsx(headed(), loan(), line))[0] == IN_YUAN


def test_a_remark_that_speaks_of_no_unit_changes_nothing():
    assert one(xlsx(headed(), loan(), ["备注：含500万元以上客户"]))[0] == SAVED


def test_the_unit_of_rates_above_the_table_holds_or_is_refused():
    assert one(xlsx(["利率单位：月‰"], headed(rate="利率"), loan(rate=7)))[0] == SAVED
    assert faulty(xlsx(["利率：‰"], headed(rate="利率"), loan()))
    assert one(xlsx(["Monthly report"], headed(), loan()))[0] == SAVED


@pytest.mark.parametrize("cell", [".5", "1234.50-", "3万元-", ".5万", "123①", "③", "1234.50*", "12w"])
def test_an_amount_with_more_than_its_digits_is_a_fault(cell):
    assert [fault.row for fault in faulty(xlsx(headed(), loan(principal=cell)))] == [2]


@pytest.mark.parametrize("cell", ["90+", ">90", "30²", ".5", "90-"])
def test_days_with_more_than_their_digits_are_a_fault(cell):
    assert [fault.row for fault in faulty(xlsx(headed(), loan(days_past_due=cell)))] == [2]


@pytest.mark.parametrize("head", ["Principal (x1,000)", "本金（10^4 元）", "本金（W）", "本金（元/万元）"])
def test_a_factor_or_two_units_in_a_heading_are_refused(head):
    assert [fault.column for fault in faulty(xlsx(headed(principal=head), loan()))] == [head]


def test_a_rate_that_looks_like_a_fraction_is_told():
    assert "0.084 (row: 2)" in one(xlsx(headed(), loan(rate=0.084)))[1]
    assert "840 (row: 2)" in one(xlsx(headed(), loan(rate=840)))[1]


@pytest.mark.parametrize(
    "word",
    [
        "合计金额",
        "某支行小计",
        "张三小计",
        "∑",
        "合计数",
        "本月合计",
        "合计/Total",
        "本金合计",
        "加总",
        "其他",
    ],
)
def test_a_total_in_any_words_is_left_out_with_a_note(word):
    found = read(xlsx(headed(), loan(), loan(contract_no="B"), [word, 246.9, 2000, 0, 101]))
    assert [row["contract_no"] for row in found.rows] == ["HT-01", "B"]
    assert not found.faults
    assert "Row 4 is left out" in " | ".join(found.notes)


@pytest.mark.parametrize("contract", ["SUM01", "TOTAL-2024-01", "总额2024"])
def test_a_contract_that_sounds_like_a_total_is_read(contract):
    assert one(xlsx(headed(), loan(contract_no=contract)))[0] == {**SAVED, "contract_no": contract}


def test_a_text_alone_in_its_row_is_a_fault_and_a_row_of_nothing_is_told():
    assert [fault.row for fault in faulty(xlsx(headed(), loan(), ["详见附件"]))] == [3]
    assert "Row 3" in one(xlsx([*headed(), "备注"], loan(), [*[None] * 12, "无"]))[1]


@pytest.mark.parametrize("merged", [True, False])
def test_the_unit_of_a_group_of_columns_holds_for_those_below_it(merged):
    heads = headed(
        principal="金额（万元）", interest_on_balance=None, interest_off_balance=None, penalty=None
    )
    below = [None, "本金", "表内利息", "表外利息", "罚息"]
    row, _told = one(
        xlsx(heads, below, loan(), then=(lambda book: book.active.merge_cells("B1:E1")) if merged else None)
    )
    assert row == IN_YUAN


def test_a_time_of_day_is_left_out_with_a_note():
    row, told = one(
        "\n".join(["\t".join(headed()), "\t".join(map(str, loan(issued_on="2020-3-1 15:30:00")))])
    )
    assert row == SAVED
    assert "time of day" in told


def test_placeholders_after_a_zero_show_zeros_too():
    assert (
        one(xlsx(headed(), loan(contract_no=12), then=cell_format("A2", "#0000")))[0]["contract_no"] == "0012"
    )


def test_an_amount_whose_fen_a_spreadsheet_cannot_keep_is_a_fault():
    assert faulty(xlsx(headed(), loan(principal=12345678901234.56)))


def test_a_quotation_mark_that_is_not_closed_swallows_no_rows():
    rows = [",".join(f'"{head}"' for head in headed()), '"HT-01,5', "HT-02,6"]
    with pytest.raises(cells.Unreadable, match="row 2"):
        read("\n".join(rows))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(encoding):
    text = "\n".join(["\t".join(headed()), "\t".join(map(str, loan()))])
    assert one(text.encode(encoding))[0] == SAVED


def test_big5_is_refused_and_rare_names_in_gbk_are_read():
    def named(officer):
        return "\n".join(
            [
                "\t".join(headed()),
                "\t".join(map(str, loan(lending_officer=officer, collection_officer=officer))),
            ]
        )

    assert one(named("喆").encode("gbk"))[0]["lending_officer"] == "喆"
    with pytest.raises(cells.Unreadable, match="Big5"):
        read(named("陳大文").encode("big5"))


def test_rows_that_are_alike_and_loans_of_one_contract_are_told_with_both_rows():
    told = " | ".join(
        read(xlsx(headed(), loan(), loan(contract_no="B"), loan(), loan(contract_no="b", rate=5))).notes
    )
    assert "Rows 2 and 4 are alike" in told
    assert "Rows 3 and 5 are of one contract" in told
