"""Tables of loans and instalments: every bad row is told, and nothing is half taken."""

import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from openpyxl import Workbook, load_workbook

from pages.models import ColumnName, WorkingCopy
from pages.plans.editor import steps
from pages.plans.editor.tables import columns, importing, templates
from pages.plans.editor.tables.headings import label
from pages.plans.editor.tables.kept_text import as_text
from proposals import finance
from proposals.plan.limits import MAX_ROWS
from sheets import cells
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_
from tests.pages.plans.test_editor import document, number, send, step_url, with_plan
from tests.proposals.plans import full

LOANS = steps.BY_SLUG["loans"].rows("loans")
SCHEDULE = steps.BY_SLUG["schedule"].rows("schedule")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def read(text, part=SCHEDULE):
    return importing.read(part, cells.of_text(text))


def faults(text, part=SCHEDULE):
    return [(fault.row, str(fault.column), fault.found) for fault in read(text, part).faults]


@pytest.mark.parametrize(
    "text",
    [
        "Due on\tPrincipal\tInterest\n2026-3-5\t1,234.56\t0",
        'Principal,Due on,Interest\n"1,234.56",2026/03/05,0.00',
        "到期日\t本金（元）\t利息（元）\n2026年3月5日\t１，２３４．５６\t０",
        "due_on,principal,interest\n20260305,1234.560,0",
        "\ufeffDue on;Principal;Interest\r\n2026.3.5;1234.56;0\r\n",
        "2026-03-05\t1234.56\t0",
        "Due on\tPrincipal\tInterest\n\n46086\t¥1,234.56\t0元\n\n",
    ],
)
def test_a_table_is_read_however_it_is_spelled(text):
    found = read(text)
    assert found.faults == []
    assert SCHEDULE.read(found.rows) == [{"due_on": "2026-03-05", "principal": "1234.56", "interest": "0.00"}]


def test_every_bad_cell_is_told_by_row_and_column_with_what_is_expected():
    text = (
        "Due on\tPrincipal\tInterest\n"
        "2026-03-05\t100\t0\n"
        "soon\t1,23\t-5\n"
        "2026-02-30\t100.005\t0\n"
        "合计\t200\t0\textra\n"
    )
    assert faults(text) == [
        (3, "Due on", "soon"), (3, "Principal", "1,23"), (3, "Interest", "-5"),
        (4, "Due on", "2026-02-30"), (4, "Principal", "100.005"),
        (5, "after the last column", "extra"), (5, "Due on", "合计"),
    ]  # fmt: skip
    assert "two decimals" in read(text).faults[1].text


def test_an_amount_with_commas_in_a_comma_table_is_not_taken_apart_unnoticed():
    assert faults("Due on,Principal,Interest\n2026-03-05,1,234.56,0")[0][1] == "after the last column"


def test_loans_are_read_with_words_of_either_language_for_codes():
    heads = "\t".join(str(label(leaf)) for leaf in LOANS.parts)
    loan = full()["loans"][0]
    for word in ("doubtful", "Doubtful", "可疑"):
        line = "\t".join(str({**loan, "classification": word}[leaf.name]) for leaf in LOANS.parts)
        found = read(f"{heads}\n{line}", LOANS)
        assert LOANS.read(found.rows) == [loan]
    assert faults(f"{heads}\n{line.replace('可疑', '很差')}", LOANS) == [(2, "Classification", "很差")]


def test_headings_unknown_twice_or_lacking_are_told():
    found = read("Due on\tPrincipal\tPrincipal\tRemark\n2026-03-05\t1\t1\tx")
    assert [fault.column for fault in found.faults] == ["Principal"]
    assert ["Remark" in note or "Interest" in note for note in found.notes] == [True, True]


@pytest.mark.parametrize("text", ["", " \n\t\n", "Due on\tPrincipal\tInterest\n"])
def test_what_holds_no_rows_is_said(text):
    with pytest.raises(cells.Unreadable):
        read(text)


def workbook(*rows):
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_with_its_dates_and_numbers_exactly():
    content = workbook(
        ["到期日", "本金", "利息"],
        [date(2026, 3, 5), 1234.56, 0],
        [datetime(2026, 4, 5), 0.1 + 0.2, "１,０００"],  # noqa: DTZ001  # a spreadsheet knows no zone
        ["2026年5月5日", 123456789012.34, None],
    )
    found = importing.read(SCHEDULE, cells.of_file(content))
    assert found.faults == []
    assert SCHEDULE.read(found.rows) == [
        {"due_on": "2026-03-05", "principal": "1234.56", "interest": "0.00"},
        {"due_on": "2026-04-05", "principal": "0.30", "interest": "1000.00"},
        {"due_on": "2026-05-05", "principal": "123456789012.34"},
    ]


def test_a_percentage_is_read_as_the_spreadsheet_shows_it():
    book, out = Workbook(), io.BytesIO()
    book.active.append(["Contract", "Rate", "Days past due", "Principal"])
    book.active.append([20240513, 0.084, 363, 1e15])
    book.active["B2"].number_format = "0.00%"
    book.save(out)
    found = importing.read(LOANS, cells.of_file(out.getvalue()))
    assert [(fault.row, fault.column) for fault in found.faults] == [(2, "Principal")]
    assert {name: text for name, text in found.rows[0].items() if text} == {
        "contract_no": "20240513", "rate": "8.4", "days_past_due": "363", "principal": "1000000000000000.00",
    }  # fmt: skip


def test_a_title_may_stand_above_the_headings():
    found = read("还款计划表\n\n到期日\t本金\t利息\n2026-03-05\t1\t0\nsoon\t1\t0")
    assert [(fault.row, fault.found) for fault in found.faults] == [(5, "soon")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_read_in_the_encodings_of_chinese_spreadsheets(encoding):
    content = "到期日,本金,利息\r\n2026年3月5日,100,0\r\n".encode(encoding)
    assert SCHEDULE.read(importing.read(SCHEDULE, cells.of_file(content)).rows)[0]["due_on"] == "2026-03-05"


@pytest.mark.parametrize(
    "content", [b"\xd0\xcf\x11\xe0 old", b"PK\x03\x04 broken", b"\x00\xff\xfe\x00", b"x" * 5_000_001]
)
def test_what_is_no_table_is_said(content):
    with pytest.raises(cells.Unreadable):
        cells.of_file(content)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_full_table_is_read_to_its_last_row_or_refused(more):
    number = MAX_ROWS + more
    heads = [str(label(leaf)) for leaf in SCHEDULE.parts]
    rows = [
        [f"{2026 + n // 300}-{n // 25 % 12 + 1:02d}-{n % 25 + 1:02d}", f"{n}.00", "0.00"]
        for n in range(number)
    ]
    if more > 0:
        with pytest.raises(cells.Unreadable):
            importing.read(SCHEDULE, [heads, *rows])
        return
    found = importing.read(SCHEDULE, [heads, *rows])
    assert len(found.rows) == number
    assert SCHEDULE.read(found.rows)[-1]["principal"] == f"{number - 1}.00"


def test_the_template_reads_as_what_it_is_made_for():
    for part in (LOANS, SCHEDULE):
        sheet = load_workbook(io.BytesIO(templates.as_xlsx(part))).active
        heads = [cell.value for cell in sheet[1]]
        assert heads == [str(label(leaf)) for leaf in part.parts]
        assert templates.as_csv(part).decode("utf-8-sig").strip() == ",".join(
            f'"{head}"' if "," in head else head for head in heads
        )
        found = importing.read(part, [heads, ["x"] * len(heads)])
        assert (found.notes, bool(found.faults)) == ([], True)


# --- the pages ---


def url(stage, slug="schedule", name="plan-import"):
    return reverse(name, args=[stage.proposal.pk, slug])


GOOD = "Due on\tPrincipal\tInterest\n2026-03-05\t100,000\t0\n2027-03-05\t3000\t7.5\n"
ROWS = [
    {"due_on": "2026-03-05", "principal": "100000.00", "interest": "0.00"},
    {"due_on": "2027-03-05", "principal": "3000.00", "interest": "7.50"},
]


def test_nothing_is_taken_before_it_is_seen_and_chosen(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    response = client.post(url(stage), {"text": GOOD, "do": "read"})
    html = page_text(response)
    assert "100,000.00" in html
    assert "Replace the 3 rows that are there" in html
    assert number(stage) == 1
    taken = client.post(url(stage), {"text": response.context["text"], "do": "replace"})
    assert taken["Location"] == step_url(stage, "schedule") + "#p-schedule"
    assert document(stage)["schedule"] == ROWS
    client.post(url(stage), {"text": GOOD, "do": "add"})
    assert document(stage)["schedule"] == ROWS + ROWS
    assert document(stage) == full(schedule=ROWS + ROWS)


def test_a_table_with_a_bad_row_changes_nothing_even_when_it_is_to_be_taken(founded):
    stage = with_plan(founded, full())
    bad = GOOD + "2028-03-05\tmuch\t0\n"
    for do in ("read", "replace", "add"):
        response = as_(stage["handler"]).post(url(stage), {"text": bad, "do": do})
        html = page_text(response)
        assert response.status_code == 422
        assert "Row 4" in html
        assert "2028-03-05\tmuch" in html
    assert document(stage) == full()


def test_a_file_is_read_like_a_pasted_table(founded):
    stage = with_plan(founded, full())
    file = SimpleUploadedFile(
        "t.xlsx", workbook(["Due on", "Principal", "Interest"], [date(2026, 3, 5), 5, 0])
    )
    response = as_(stage["handler"]).post(url(stage), {"file": file, "do": "read"})
    assert response.context["count"] == 1
    assert "2026-03-05\t5.00\t0.00" in response.context["text"]


def test_what_was_typed_in_the_step_stays_beside_what_is_imported(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    send(stage, "schedule", client, do="add:schedule", **{"concessions-new_money": "6,000"})
    client.post(url(stage), {"text": GOOD, "do": "replace"})
    assert document(stage)["concessions"]["new_money"] == "6000.00"
    assert document(stage)["schedule"] == ROWS


def test_where_the_step_cannot_be_saved_the_rows_wait_in_it(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    send(stage, "schedule", client, **{"concessions-new_money": "much"})
    response = client.post(url(stage), {"text": GOOD, "do": "replace"}, follow=True)
    html = page_text(response)
    assert number(stage) == 1
    assert 'value="100,000.00"' in html
    assert 'value="much"' in html


def test_forty_loans_are_imported_in_one_go(founded):
    stage = with_plan(founded, {})
    loan = full()["loans"][0]
    loans = [loan | {"contract_no": f"GX-{number}"} for number in range(40)]
    text = as_text(LOANS, LOANS.write(loans))
    as_(stage["handler"]).post(url(stage, "loans"), {"text": text, "do": "replace"})
    assert document(stage)["loans"] == loans


GIVEN = {
    "method": "annuity", "principal": "103,000", "rate": "6", "drawn_on": "2026-2-27", "number": "12",
    "every": "1", "payment": "", "basis": "30/360", "rounding": "fen",
}  # fmt: skip


def generated(stage, **changed):
    return as_(stage["handler"]).post(reverse("plan-generate", args=[stage.proposal.pk]), GIVEN | changed)


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        ({}, lambda: finance.annuity(Decimal(103000), Decimal(6), finance.monthly(date(2026, 2, 27), 13))),
        (
            {"every": "3", "number": "8"},
            lambda: finance.annuity(Decimal(103000), Decimal(6), finance.monthly(date(2026, 2, 27), 25)[::3]),
        ),
        (
            {"method": "fixed", "payment": "10,000", "number": ""},
            lambda: finance.fixed_instalments(
                Decimal(103000), Decimal(6), Decimal(10000), drawn_on=date(2026, 2, 27)
            ),
        ),
    ],
)
def test_a_schedule_is_generated_shown_and_taken(founded, changed, made):
    stage = with_plan(founded, full())
    response = generated(stage, **changed)
    rows = [
        {"due_on": f"{row.due_on}", "principal": f"{row.principal}", "interest": f"{row.interest}"}
        for row in made()
    ]
    assert response.context["count"] == len(rows)
    assert number(stage) == 1
    as_(stage["handler"]).post(response.context["take"], {"text": response.context["text"], "do": "replace"})
    assert document(stage)["schedule"] == rows
    assert sum(Decimal(row["principal"]) for row in rows) == 103000


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"principal": "much"}, "principal"),
        ({"drawn_on": "soon"}, "drawn_on"),
        ({"rate": ""}, "rate"),
        ({"number": ""}, "number"),
        ({"number": "9999"}, "number"),
        ({"method": "fixed", "payment": ""}, "payment"),
        ({"method": "fixed", "payment": "1"}, "payment"),
    ],
)
def test_what_makes_no_schedule_is_said_at_its_field(founded, changed, field):
    response = generated(with_plan(founded, full()), **changed)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_a_schedule_beyond_the_years_of_a_plan_is_refused(founded):
    response = generated(with_plan(founded, full()), number="2000", every="12")
    assert response.status_code == 422


def test_only_the_institutions_handlers_import(drafted):
    for name, args in (
        ("plan-import", ["loans"]), ("plan-template", ["loans"]), ("plan-generate", []),
    ):  # fmt: skip
        address = reverse(name, args=[drafted.proposal.pk, *args])
        found = {handle: as_(drafted[handle]).get(address).status_code for handle in EVERYBODY}
        sees = {"handler_head": 403, "auditor": 403, "handler": 200}
        assert found == {handle: sees.get(handle, 404) for handle in EVERYBODY}, name
    assert as_(drafted["handler"]).get(url(drafted, "borrower")).status_code == 404


def test_rows_added_twice_by_an_impatient_hand_are_added_once(drafted):
    client = as_(drafted["handler"])
    before = len(document(drafted)["schedule"])
    shown = page_text(client.post(url(drafted), {"text": GOOD, "do": "read"}))
    sent = {"text": GOOD, "do": "add", "once": re.search(r'name="once" value="([^"]+)"', shown)[1]}
    first, again = (client.post(url(drafted), sent) for _ in range(2))
    assert first["Location"] == again["Location"]
    copy = WorkingCopy.objects.filter(proposal=drafted.proposal, step="schedule").first()
    rows = copy.typed["schedule"] if copy else document(drafted)["schedule"]
    assert len(rows) == before + 2


def test_rows_pasted_after_the_session_ended_come_back(drafted):
    client = as_(drafted["handler"])
    token = re.search(r'name="once" value="([^"]+)"', page_text(client.get(url(drafted))))[1]
    client.logout()
    client.post(url(drafted), {"text": GOOD, "do": "read", "once": token})
    client.force_login(drafted["handler"], backend="django.contrib.auth.backends.ModelBackend")
    assert GOOD.splitlines()[1] in page_text(client.get(url(drafted)))


# --- columns and sheets chosen on the page ---

OWN = [
    ["到期日", "本金（万元）", "息"],
    [date(2026, 3, 5), 10, 0],
    [date(2027, 3, 5), 0.3, 7.5],
    ["合计", 10.3, 7.5],
]


def own_sheet(*more):
    book, out = Workbook(), io.BytesIO()
    del book["Sheet"]
    for name, rows in (("一月", OWN), *more):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return SimpleUploadedFile("t.xlsx", out.getvalue())


def fields(html):
    """The hidden fields and selects of the form by which a table is read again."""
    form = html[html.index("Read it otherwise") :]
    return {
        name: form_value
        for name, form_value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        if name != "csrfmiddlewaretoken"
    }


def test_a_preview_counts_and_tells_before_anything_is_saved(founded):
    stage = with_plan(founded, full())
    html = page_text(as_(stage["handler"]).post(url(stage), {"file": own_sheet(), "do": "read"}))
    assert "Rows in the file: 3. Read: 2. Left out: 1." in html
    assert "converted from 万元 into yuan" in html
    assert "Row 4 is left out: it is a total" in html
    assert "The column “息” is not known and left out." in html
    assert (number(stage), ColumnName.objects.count()) == (1, 0)


def test_an_unknown_column_is_chosen_by_hand_and_remembered_for_the_institution(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    html = page_text(client.post(url(stage), {"file": own_sheet(), "do": "read"}))
    assert 'name="as-息"' in html
    again = client.post(url(stage), {**fields(html), "as-息": "interest", "do": "read"})
    assert again.context["count"] == 2
    assert ColumnName.objects.count() == 0
    sent = {"text": again.context["text"], "written": "1", "as-息": "interest", "do": "replace"}
    client.post(url(stage), sent)
    assert document(stage)["schedule"] == ROWS
    assert list(ColumnName.objects.values_list("unit", "table", "head", "field")) == [
        (stage.proposal.unit_id, "schedule", "息", "interest")
    ]
    later = client.post(url(stage), {"file": own_sheet(), "do": "read"})
    assert "2027-03-05\t3000.00\t7.50" in later.context["text"]
    left_out = client.post(url(stage), {**fields(page_text(later)), "as-息": "", "do": "read"})
    assert "2027-03-05\t3000.00\t\r" in left_out.context["text"]


def test_what_one_institution_chose_holds_for_no_other(founded):
    stage = with_plan(founded, full())
    columns.remember(stage["other_handler"].unit, SCHEDULE, {"息": "interest"}, by=stage["other_handler"])
    html = page_text(as_(stage["handler"]).post(url(stage), {"file": own_sheet(), "do": "read"}))
    assert "The column “息” is not known and left out." in html


def test_one_of_several_sheets_is_chosen_on_the_page(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    two = own_sheet(("二月", [["到期日", "本金", "利息"], [date(2028, 3, 5), 5, 0]]))
    asked = client.post(url(stage), {"file": two, "do": "read"})
    html = page_text(asked)
    assert "The sheet “一月” is read; not read: “二月”." in html
    assert '<option value="二月"' in html
    read_ = client.post(url(stage), {**fields(html), "sheet": "二月", "do": "read"})
    assert "2028-03-05\t5.00\t0.00" in read_.context["text"]


def test_rows_that_were_shown_are_not_converted_once_more(founded):
    """A loan that a preview has shown is taken as shown, whatever a fresh reading would make of it."""
    stage = with_plan(founded, full())
    text = as_text(LOANS, LOANS.write([full()["loans"][0] | {"contract_no": "123456789012345000"}]))
    response = as_(stage["handler"]).post(
        url(stage, "loans"), {"text": text, "written": "1", "do": "replace"}
    )
    assert response.status_code == 302
    assert document(stage)["loans"][0]["contract_no"] == "123456789012345000"


@pytest.mark.parametrize("content", ["no base64", "AAAA", ""])
def test_a_kept_file_that_was_tampered_with_is_a_refusal(founded, content):
    stage = with_plan(founded, full())
    sent = {"content": content, "text": "", "do": "read", "as-x": "nothing", "sheet": "x"}
    assert as_(stage["handler"]).post(url(stage), sent).status_code == 422


def test_a_broken_workbook_is_a_refusal_on_the_page(founded):
    stage = with_plan(founded, full())
    with zipfile.ZipFile(io.BytesIO(workbook(*OWN))) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as broken:
        for name, body in parts.items():
            broken.writestr(name, body.replace(b"</worksheet>", b"<") if "sheet1" in name else body)
    file = SimpleUploadedFile("t.xlsx", out.getvalue())
    assert as_(stage["handler"]).post(url(stage), {"file": file, "do": "read"}).status_code == 422
