"""Tapes as core systems, spreadsheets and people break them."""

from __future__ import annotations

import io
import os
import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from audit import clock
from audit.models import Entry
from portfolio import inbox, retention
from portfolio.actions import institutions, tapes
from portfolio.importing.workbooks import as_text
from portfolio.models import Balance, ClassChange, DayFigure, Institution, Loan, RowFault, Tape
from portfolio.tape import COLUMNS
from regulation.refused import Refused
from tests.portfolio.tape_files import DAY, Bank, loans, row, written

NAMES = [column.name for column in COLUMNS]


@pytest.fixture
def bank(db, settings, tmp_path) -> Bank:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Bank()


def refused(bank: Bank, content: bytes, code: str, **more: Any) -> Refused:
    """The refusal of the file; nothing of it stays."""
    with pytest.raises(Refused) as caught:
        bank.hand_in(content, **more)
    assert caught.value.code == code
    assert not Tape.objects.exists()
    assert not Loan.objects.exists()
    return caught.value


def codes(tape: Tape) -> list[tuple[int, str, str]]:
    return list(tape.faults.values_list("line", "column", "code"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("chinese", [True, False], ids=["chinese", "english"])
def test_headings_of_either_language_in_any_encoding_are_read(bank, encoding, newline, chinese):
    tape = bank.hand_in(written([row()], encoding=encoding, newline=newline, chinese=chinese))
    assert (tape.state, tape.rows) == ("loaded", 1)
    assert Loan.objects.get().borrower.name == "杨某"


def test_columns_stand_in_any_order_and_those_not_due_may_be_missing(bank):
    needed = [column.name for column in COLUMNS if column.required] + ["principal_unpaid_since"]
    assert bank.hand_in(written([row()], columns=reversed(needed))).state == "loaded"


def test_a_file_of_gb18030_without_headings_is_refused(bank):
    said = refused(bank, written([row()], headings=False, encoding="gb18030"), "tape/columns")
    assert "缺少表头行" in said.message("zh-hans")


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ([*NAMES, "备注"], "unknown: 备注"),
        ([*NAMES, "principal"], "stands twice: principal"),
        ([name for name in NAMES if name != "dpd"], "missing: dpd"),
    ],
)
def test_headings_that_are_wrong_are_named(bank, columns, told):
    content = written([row()], columns=columns, chinese=False) if "备注" not in columns else b""
    if not content:
        content = written([row()]).replace(b"allowance", "allowance,备注".encode(), 1)
    assert told in refused(bank, content, "tape/columns").message()


@pytest.mark.parametrize(
    ("total", "told"),
    [
        ("", "the last line is not"),
        ("#3,98000.00", "3 rows stated, 2 found"),
        ("#2,98000.01", "principal 98000.01 stated, 98000.00 found"),
        ("#2,97999.99", "principal 97999.99 stated, 98000.00 found"),
    ],
)
def test_a_total_that_is_not_the_rows_refuses_the_file(bank, total, told):
    content = written([row(), row(contract_no="LS-2")], total=total)
    assert told in refused(bank, content, "tape/control-total").message()


def test_a_total_line_of_a_spreadsheet_is_a_row_that_is_rejected(bank):
    content = written([*loans(1999), row(as_of="合计", contract_no="")], total="#2000,98000000.00")
    tape = bank.hand_in(content)
    assert (tape.state, tape.rejected) == ("loaded", 1)
    assert (2001, "as_of", "tape/date") in codes(tape)


def test_a_row_with_too_few_cells_refuses_the_file_with_its_line(bank):
    lines = written([row(), row(contract_no="LS-2")]).split(b"\r\n")
    lines[2] = b"2011-08-09,3713-01"
    assert "line 3" in refused(bank, b"\r\n".join(lines), "tape/unreadable").message()


@pytest.mark.parametrize("content", [b"%PDF-1.7\0\0", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"PK\x03\x04 torn"])
def test_what_is_no_table_is_refused(bank, content):
    refused(bank, content, "tape/unreadable")


def test_a_day_after_today_is_refused(bank):
    with clock.frozen(date_at(2011, 8, 8)):
        refused(bank, written([row()]), "tape/day-open")


def date_at(year: int, month: int, day: int) -> Any:
    return clock.datetime(year, month, day, 12, tzinfo=clock.UTC)


def test_leap_days_are_days_and_other_29ths_of_february_are_none(bank):
    leap = row(
        as_of="2012-02-29",
        issued_on="2008-02-29",
        due_on="2009-02-28",
        principal_unpaid_since="2009-02-28",
        dpd="1096",
    )
    wrong = leap | {"contract_no": "LS-2", "issued_on": "2007-02-29"}
    tape = bank.hand_in(written([leap, wrong]), as_of=date(2012, 2, 29))
    assert codes(tape) == [(3, "issued_on", "tape/date")]
    assert tape.rows == 1


def test_staff_that_nobody_is_warns_once_and_the_rows_stand(bank):
    tape = bank.hand_in(written(loans(30, lending_staff_no="S999", collection_staff_no="s００１")))
    assert (tape.state, tape.rejected) == ("loaded", 0)
    assert codes(tape) == [(2, "lending_staff_no", "tape/staff-unknown")]


def test_another_officer_than_before_warns_and_the_first_stands(bank):
    bank.hand_in(written([row(as_of="2011-08-08", dpd="1134")]), as_of=date(2011, 8, 8))
    tape = bank.hand_in(written([row(lending_staff_no="S999")]))
    assert codes(tape) == [
        (2, "lending_staff_no", "tape/staff-unknown"), (2, "lending_staff_no", "tape/duty-differs")
    ]  # fmt: skip
    assert Loan.objects.get().lending_staff_no == "S001"


def test_an_outlet_that_is_closed_may_be_named_until_the_day_before(bank):
    institutions.close_institution(bank.outlet, by="system", on=date(2011, 8, 9), into=bank.one)
    assert (
        bank.hand_in(written([row(as_of="2011-08-08", dpd="1134")]), as_of=date(2011, 8, 8)).state == "loaded"
    )
    tape = bank.hand_in(written([row()]))
    assert codes(tape) == [(0, "contract_no", "tape/vanished"), (2, "institution", "tape/institution")]
    moved = bank.hand_in(written([row(institution="3713")]))
    assert moved.state == "loaded"
    assert Loan.objects.get().institution == bank.one
    figures = DayFigure.objects.order_by("as_of").values_list("as_of", "institution__code", "loans")
    assert list(figures) == [(date(2011, 8, 8), "3713-01", 1), (date(2011, 8, 9), "3713", 1)]


def test_a_merged_institution_keeps_its_days_and_its_loans_go_to_the_other(bank):
    first = loans(3, as_of=date(2011, 8, 8), outlet="3714", dpd="1134")
    bank.hand_in(written(first), as_of=date(2011, 8, 8), scope=bank.other)
    bank.hand_in(written([row(as_of="2011-08-08", dpd="1134")]), as_of=date(2011, 8, 8), scope=bank.one)
    institutions.close_institution(bank.other, by="system", on=DAY, into=bank.one)
    tape = bank.hand_in(written([row(), *loans(3, outlet="3713")]), scope=bank.one)
    assert tapes.release(tape, by=bank.risk, reason="机构合并").state == "loaded"
    assert Loan.objects.filter(institution=bank.one, gone_on=None).count() == 3
    assert ClassChange.objects.filter(on=DAY).count() == 0
    assert DayFigure.objects.get(institution=bank.other).as_of == date(2011, 8, 8)


def test_a_loan_in_two_institutions_of_a_day_stands_in_the_first_tape(bank):
    bank.hand_in(written([row()]), scope=bank.one)
    tape = bank.hand_in(
        written([row(institution="3714"), row(institution="3714", contract_no="LS-2")]), scope=bank.other
    )
    assert codes(tape) == [(2, "contract_no", "tape/duplicate")]
    assert tapes.release(tape, by=bank.risk, reason="一户两报").rows == 1
    assert Balance.objects.count() == 2
    assert Loan.objects.get(contract_key="LS-2007-0049").institution == bank.outlet


def test_an_institution_is_in_one_tape_a_day(bank):
    bank.hand_in(written([row()]), scope=bank.one)
    with pytest.raises(Refused) as caught:
        bank.hand_in(written([row(contract_no="LS-2")]), scope=bank.union)
    assert caught.value.code == "tape/overlap"


def test_the_same_file_changes_nothing_and_leaves_no_entry(bank):
    first = bank.hand_in(written([row()]))
    entries = Entry.objects.count()
    assert bank.hand_in(written([row()])) == first
    assert (Tape.objects.count(), Entry.objects.count()) == (1, entries)


def test_a_tape_leaves_one_entry(bank):
    before = set(Entry.objects.values_list("stream", "seq"))
    tape = bank.hand_in(written(loans(50)))
    found = Entry.objects.values_list("stream", "seq", "action", "subject")
    (entry,) = [each for each in found if each[:2] not in before]
    assert entry == (f"ledger:{bank.bank.pk}", 1, "hand_in_tape", f"tape:{tape.pk}")


def test_a_missing_day_is_no_change_and_comes_in_later(bank):
    """The class changed on the missing day, which is dated anew when it comes."""
    days = [date(2011, 8, each) for each in (8, 9, 10)]
    rows = [loans(60, as_of=each, dpd=str((each - date(2008, 6, 30)).days)) for each in days]
    for cells in (*rows[1], *rows[2]):
        cells["class"] = "doubtful"
    for number in (0, 2):
        bank.hand_in(written(rows[number]), as_of=days[number])
    assert set(ClassChange.objects.exclude(from_class=None).values_list("on", flat=True)) == {days[2]}
    bank.hand_in(written(rows[1]), as_of=days[1])
    assert set(ClassChange.objects.exclude(from_class=None).values_list("on", "to_class")) == {(days[1], 4)}
    assert ClassChange.objects.count() == 120


def test_a_tape_with_many_rejected_rows_waits_and_nothing_of_it_is_in_the_ledger(bank):
    tape = bank.hand_in(written([*loans(997), *(row(contract_no=f"X-{n}", kind="x") for n in range(3))]))
    assert (tape.state, tape.figures["held"]) == ("held", ["tape/many-rejected"])
    assert (Loan.objects.count(), Balance.objects.count(), RowFault.objects.count()) == (0, 0, 3)
    assert tapes.discard(tape, by=bank.risk, reason="重新取数").state == "discarded"


def test_one_in_a_thousand_may_be_rejected(bank):
    assert bank.hand_in(written([*loans(999), row(kind="x")])).state == "loaded"


def test_a_number_of_rows_that_differs_by_more_than_two_per_cent_waits(bank):
    good = loans(100, **{"class": "normal"})
    bank.hand_in(written(good))
    next_day = [cells | {"as_of": "2011-08-10", "dpd": "1136"} for cells in good]
    assert bank.hand_in(written(next_day[:98]), as_of=date(2011, 8, 10)).state == "loaded"
    held = bank.hand_in(written(next_day[:97]), as_of=date(2011, 8, 10))
    assert (held.state, held.figures["held"]) == ("held", ["tape/rows-differ"])
    assert Balance.objects.filter(as_of=date(2011, 8, 10)).count() == 98


def test_a_non_performing_loan_that_vanishes_holds_the_tape_until_it_is_released(bank):
    good = loans(100)
    bank.hand_in(written(good))
    next_day = [cells | {"as_of": "2011-08-10", "dpd": "1136"} for cells in good]
    held = bank.hand_in(written(next_day[1:]), as_of=date(2011, 8, 10))
    assert (held.state, held.figures["held"], held.figures["vanished"]) == ("held", ["tape/vanished"], 1)
    assert list(held.faults.values_list("code", "value")) == [("tape/vanished", "LS-000001")]
    with pytest.raises(Refused, match="text/required"):
        tapes.release(held, by=bank.risk, reason=" ")
    released = tapes.release(held, by=bank.risk, reason="已向机构核实")
    assert (released.state, released.released_by) == ("loaded", bank.risk)
    assert Loan.objects.get(contract_key="LS-000001").gone_on == date(2011, 8, 10)
    with pytest.raises(Refused, match="state/not-allowed"):
        tapes.release(held, by=bank.risk, reason="再次")


def test_a_closed_loan_may_leave_the_next_day(bank):
    good = loans(100)
    bank.hand_in(written(good))
    next_day = [cells | {"as_of": "2011-08-10", "dpd": "1136"} for cells in good]
    next_day[0] |= {"state": "closed", "principal": "0.00", "principal_unpaid_since": "", "dpd": "0"}
    assert bank.hand_in(written(next_day), as_of=date(2011, 8, 10)).state == "loaded"
    third = [cells | {"as_of": "2011-08-11", "dpd": "1137"} for cells in next_day[1:]]
    assert bank.hand_in(written(third), as_of=date(2011, 8, 11)).state == "loaded"
    loan = Loan.objects.get(contract_key="LS-000001")
    assert (loan.state, loan.ended_on, loan.gone_on) == ("closed", date(2011, 8, 10), None)


def test_another_file_of_a_day_takes_its_place_and_both_digests_stay(bank):
    bank.hand_in(written(loans(50)))
    wrong = [
        cells | {"as_of": "2011-08-10", "dpd": "1136", "class": "loss", "principal": "1.00"}
        for cells in loans(50)
    ]
    first = bank.hand_in(written(wrong), as_of=date(2011, 8, 10))
    right = [cells | {"class": "substandard", "principal": "49000.00"} for cells in wrong]
    second = bank.hand_in(written(right[:49]), as_of=date(2011, 8, 10))
    second = tapes.release(second, by=bank.risk, reason="更正")
    first.refresh_from_db()
    assert (first.state, second.supersedes, second.state) == ("replaced", first, "loaded")
    assert ClassChange.objects.filter(on=date(2011, 8, 10)).count() == 0
    gone = Loan.objects.get(contract_key="LS-000050")
    assert (gone.loan_class, gone.principal, gone.gone_on) == (3, 4_900_000, date(2011, 8, 10))
    assert Balance.objects.filter(as_of=date(2011, 8, 10)).count() == 49


def test_a_check_judges_and_takes_nothing_in(bank):
    tape = bank.hand_in(written([row(), row(contract_no="LS-2", kind="x")]), check_only=True)
    assert (tape.state, tape.rows, tape.rejected) == ("checked", 1, 1)
    assert codes(tape) == [(3, "kind", "tape/code")]
    assert not Loan.objects.exists()
    assert bank.hand_in(written([row()])).state == "loaded"


def test_who_is_not_of_the_risk_department_hands_in_nothing(bank):
    bank.risk.positions.all().delete()
    refused(bank, written([row()]), "access/not-found", by=bank.risk)


# -- Workbooks ----------------------------------------------------------------------------------------


def workbook(rows: list[dict[str, Any]], *, total: bool = True) -> bytes:
    """A workbook as WPS writes one: days as days, amounts as numbers, identifiers as texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("贷款")
    sheet.append([column.chinese for column in COLUMNS])
    for cells in rows:
        sheet.append([_typed(column, cells.get(column.name, "")) for column in COLUMNS])
    if total:
        principal = sum((Decimal(str(cells["principal"])) for cells in rows), Decimal(0))
        sheet.append([f"#{len(rows)}", f"{principal:.2f}"])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _typed(column: Any, value: Any) -> Any:
    if not isinstance(value, str) or value == "":
        return value
    if column.type == "date":
        return date.fromisoformat(value)
    return float(value) if column.type in ("money", "percent", "integer") else value


def test_a_workbook_is_read_with_days_as_days_and_amounts_as_numbers(bank):
    tape = bank.hand_in(
        workbook([row(), row(contract_no="LS-2", id_no="37130219700101002X", principal="1204.50")])
    )
    assert (tape.state, codes(tape)) == ("loaded", [])
    assert sorted(Loan.objects.values_list("contract_no", "principal", "issued_on")) == [
        ("LS-2", 120_450, date(2007, 6, 30)),
        ("LS-2007-0049", 4_900_000, date(2007, 6, 30)),
    ]


def test_a_number_s_cell_in_an_identifier_is_refused_and_never_repaired(bank):
    tape = bank.hand_in(workbook([row(contract_no=6228480000000000), row(id_no=371302197001010012)]))
    assert codes(tape) == [
        (2, "contract_no", "tape/number-damaged"),
        (3, "id_no", "tape/number-damaged"),
    ]
    assert RowFault.objects.filter(column="contract_no").get().value == "6228480000000000"


def test_a_workbook_without_total_line_is_refused(bank):
    refused(bank, workbook([row()], total=False), "tape/control-total")


def test_a_workbook_with_more_rows_than_it_may_have_is_refused(bank, monkeypatch):
    monkeypatch.setattr("portfolio.importing.workbooks.MOST_ROWS", 5)
    said = refused(bank, workbook(loans(8)), "tape/unreadable")
    assert "more than 5 rows" in said.message()


def test_the_temporary_table_of_a_workbook_is_gone(bank, tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(workbook([row()]))
    with as_text(path) as text:
        assert text.read_text(encoding="utf-8").startswith("as_of,")
    assert not text.exists()


# -- Command, folder, term ----------------------------------------------------------------------------


def test_the_command_takes_a_tape_in_and_tells_its_rows(bank, tmp_path, capsys):
    path = tmp_path / "tape.csv"
    path.write_bytes(written([row()]))
    call_command("import_tape", str(path), "--as-of", "2011-08-09")
    assert "1 rows, 0 rejected, principal 49000.00" in capsys.readouterr().out
    assert Tape.objects.get().name == "tape.csv"


def test_the_command_checks_and_tells_every_fault(bank, tmp_path, capsys):
    path = tmp_path / "tape.csv"
    path.write_bytes(written([row(), row(contract_no="LS-2", kind="x")]))
    with pytest.raises(CommandError) as caught:
        call_command("import_tape", str(path), "--as-of", "2011-08-09", "--check")
    assert caught.value.returncode == 2
    assert "line 3, kind: tape/code" in capsys.readouterr().out
    assert not Loan.objects.exists()


def test_the_command_tells_why_a_file_is_refused(bank, tmp_path):
    path = tmp_path / "tape.csv"
    path.write_bytes(b"x,y\n1,2\n")
    with pytest.raises(CommandError, match=r"tape/columns: .*Name the columns"):
        call_command("import_tape", str(path), "--as-of", "2011-08-09")


def test_rested_files_of_the_folder_are_taken_in_and_moved(bank, settings, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    settings.TAPE_INBOX = str(folder)
    for name, content in (
        ("3700_20110809.csv", written([row()])),
        ("3700_20110810.csv", b"x"),
        ("readme.csv", b"x"),
        ("3700_20110811.csv", written([row()])),
    ):
        (folder / name).write_bytes(content)
    for path in list(folder.iterdir())[:]:
        if path.name != "3700_20110811.csv":
            os.utime(path, (time.time() - 90,) * 2)
    assert [path.relative_to(folder).as_posix() for path in inbox.take_in()] == [
        "done/3700_20110809.csv", "refused/3700_20110810.csv", "refused/readme.csv",
    ]  # fmt: skip
    assert Tape.objects.get().name == "3700_20110809.csv"
    assert (folder / "3700_20110811.csv").exists()
    assert "tape/columns" in (folder / "refused" / "3700_20110810.csv.txt").read_text(encoding="utf-8")


def test_without_a_folder_nothing_is_taken_in(settings):
    settings.TAPE_INBOX = ""
    assert inbox.take_in() == []


def test_balances_past_their_term_are_gone_but_for_three_days_a_month(bank):
    days = [date(2011, 7, 31), *(date(2011, 8, each) for each in (9, 10, 11, 20, 30, 31))]
    for day in days:
        rows = [row(as_of=day.isoformat(), dpd=str((day - date(2008, 6, 30)).days))]
        bank.hand_in(written(rows), as_of=day)
    with clock.frozen(date_at(2011, 11, 20)):
        assert retention.thin() == [date(2011, 8, 9), date(2011, 8, 11)]
        assert retention.kept() == [date(2011, 7, 31), *(date(2011, 8, each) for each in (10, 20, 30, 31))]
    assert DayFigure.objects.count() == 7
    assert Institution.objects.count() == 4
