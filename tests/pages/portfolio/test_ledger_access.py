"""The ledger's own addresses × every role: whose they are, and what they show of identity numbers."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Entry
from committee.models import Position
from portfolio.identity import masked
from portfolio.models import RowFault, Tape
from portfolio.models import Warning as LedgerWarning
from tests.page_text import page_text
from tests.pages.pages import as_, unrendered
from tests.portfolio.books import DAY, Books, filled
from tests.portfolio.test_rights import TABLE
from tests.stage import Stage, stages


def _made() -> Stage:
    stage = Stage().to("submitted")
    books = filled(stage)
    stage.books = books
    tape = Tape(
        bank=books.bank, scope=books.institutions["first"], as_of=DAY, state=Tape.State.HELD, sha256="a" * 64,
        size=1, rows=1, rejected=0, principal=1, institutions=[], handed_in_at=books.tape.handed_in_at,
        figures={"held": ["tape/vanished"]},
    )  # fmt: skip
    tape.save()
    books.held = tape
    identity = books.loans["A-1"].borrower.id_no
    RowFault.objects.create(tape=tape, line=2, column="id_no", value=identity, code="tape/number-damaged")
    books.warning = LedgerWarning.objects.create(
        institution=books.institutions["first"], trigger="increase", last_on=DAY, as_of=DAY, amount=100_000,
        raised_at=books.tape.handed_in_at,
    )  # fmt: skip
    return stage


ledger = stages("ledger", _made)


def _status(person, address: str) -> int:
    with unrendered():
        return as_(person).get(address).status_code


@pytest.mark.parametrize("handle", TABLE)
def test_an_address_of_the_ledger_is_there_for_whom_the_table_says(ledger: Stage, handle: str) -> None:
    books: Books = ledger.books
    institutions, loans, _opened = TABLE[handle]
    person = books[handle]
    for name, row in books.institutions.items():
        expected = 200 if name in institutions else 404
        assert _status(person, reverse("institution", args=[row.pk])) == expected, name
    for name, loan in books.loans.items():
        household = loan.borrower.household_id
        there = {each for each, row in books.loans.items() if row.borrower.household_id == household}
        expected = 200 if there & loans else 404
        assert _status(person, reverse("household", args=[household])) == expected, name
    first = 200 if "first" in institutions else 404
    assert _status(person, reverse("tape", args=[books.held.pk])) == first
    assert _status(person, reverse("tape-faults", args=[books.held.pk])) == first
    assert _status(person, reverse("tape", args=[books.tape.pk])) == (200 if "union" in institutions else 404)


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        ("risk", 200), ("office", 200), ("head_office", 200), ("auditor", 200), ("handler_head", 404),
        ("handler", 404), ("third_head", 404), ("collector", 404), ("chair", 404),
    ],
)  # fmt: skip
def test_a_warning_is_there_for_those_who_issue_it_and_for_the_head_once_issued(
    ledger: Stage, handle: str, expected: int
) -> None:
    address = reverse("warning", args=[ledger.books.warning.pk])
    assert _status(ledger.books[handle], address) == expected


@pytest.mark.parametrize(
    ("handle", "kind", "verb", "expected"),
    [
        ("risk", "tape", "release_tape", 200), ("handler", "tape", "release_tape", 403),
        ("office", "tape", "release_tape", 403), ("third_head", "tape", "release_tape", 404),
        ("office", "warning", "issue_warning", 200), ("auditor", "warning", "issue_warning", 403),
        ("third_head", "warning", "issue_warning", 404),
        ("head_office", "institution", "plan_supervision", 200),
        ("handler_head", "institution", "plan_supervision", 403),
    ],
)  # fmt: skip
def test_an_act_of_the_ledger_is_its_officers(
    ledger: Stage, handle: str, kind: str, verb: str, expected: int
) -> None:
    books: Books = ledger.books
    row = {"tape": books.held, "warning": books.warning, "institution": books.institutions["first"]}[kind]
    assert _status(books[handle], reverse(f"{kind}-act", args=[row.pk, verb])) == expected


def test_identity_numbers_are_masked_on_pages_until_they_are_asked_for(ledger: Stage) -> None:
    books: Books = ledger.books
    loan = books.loans["A-1"]
    address = reverse("household", args=[loan.borrower.household_id])
    number, other = loan.borrower.id_no, books.loans["A-2"].borrower.id_no
    for handle in ("collector", "handler", "handler_head", "risk", "office", "head_office", "auditor"):
        answer = as_(books[handle]).get(address)
        assert number not in answer.content.decode(), handle
        assert masked(number) in answer.content.decode(), handle
    before = Entry.objects.filter(action="show_identities").count()
    shown = as_(books["collector"]).post(address).content.decode()
    assert number in shown
    assert other not in shown, "of the household's second loan another has the duty"
    assert Entry.objects.filter(action="show_identities").count() == before + 1
    refused = as_(books["office"]).post(address)
    assert refused.status_code == 403
    assert number not in refused.content.decode()


@pytest.mark.parametrize(
    ("handle", "opened"), [("collector", True), ("handler", True), ("office", False), ("auditor", False)]
)
def test_an_export_masks_as_the_table_says_and_leaves_an_entry(
    ledger: Stage, handle: str, opened: bool
) -> None:
    books: Books = ledger.books
    number = books.loans["A-1"].borrower.id_no
    before = Entry.objects.filter(action="export_loans").count()
    answer = as_(books[handle]).get(reverse("export", args=["loans", "xlsx"]))
    cells = {
        str(cell.value)
        for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows()
        for cell in row
    }
    assert (number in cells) is opened
    assert (masked(number) in cells) is not opened
    assert Entry.objects.filter(action="export_loans").count() == before + 1
    text = as_(books[handle]).get(reverse("export", args=["loans", "csv"]))
    assert (number in b"".join(text.streaming_content).decode()) is opened


def test_a_search_by_identity_number_finds_only_where_it_is_open(ledger: Stage) -> None:
    books: Books = ledger.books
    number = books.loans["A-1"].borrower.id_no
    address = f"{reverse('loans')}?q={number}"
    assert "A-1" in page_text(as_(books["handler"]).get(address))
    assert "A-1" not in page_text(as_(books["office"]).get(address))


def test_the_faults_of_a_tape_mask_identity_numbers_for_all_but_risk(ledger: Stage) -> None:
    books: Books = ledger.books
    number = books.loans["A-1"].borrower.id_no
    address = reverse("tape", args=[books.held.pk])
    assert number in as_(books["risk"]).get(address).content.decode()
    for handle in ("handler", "office", "auditor"):
        assert number not in as_(books[handle]).get(address).content.decode(), handle


def test_the_list_has_the_non_performing_loans_of_whom_it_is_asked(ledger: Stage) -> None:
    books: Books = ledger.books
    text = page_text(as_(books["handler"]).get(reverse("loans")))
    assert all(name in text for name in ("A-1", "A-2", "A-3"))
    assert "A-4" not in text, "it is performing"
    assert "B-1" not in text
    everything = page_text(as_(books["handler"]).get(f"{reverse('loans')}?which=open"))
    assert "A-4" in everything
    gaps = page_text(as_(books["handler"]).get(f"{reverse('loans')}?gap=1"))
    assert "A-3" in gaps
    assert "A-1" not in gaps


def test_loans_are_handed_over_after_a_preview(ledger: Stage) -> None:
    books: Books = ledger.books
    head = as_(books["handler_head"])
    first = books.institutions["first"]
    address = reverse("hand-over", args=[first.pk])
    taker = books["other_collector"]
    given = {"giver": "-", "taker": taker.pk, "on": "2026-03-02", "reason": "Nobody had it"}
    shown = head.get(address)
    token = shown.content.decode().split('name="once" value="')[1].split('"')[0]
    previewed = head.post(address, given | {"once": token})
    assert previewed.status_code == 200
    text = page_text(previewed)
    assert "A-3" in text
    assert "A-1" not in text
    fingerprint = previewed.content.decode().split('name="previewed" value="')[1].split('"')[0]
    assert fingerprint == "1:30000000"
    stale = head.post(address, given | {"once": token, "previewed": "2:1"})
    assert stale.status_code == 422
    done = head.post(address, given | {"once": token, "previewed": fingerprint})
    assert done.status_code == 302, page_text(done)
    household = page_text(head.get(reverse("household", args=[books.loans["A-3"].borrower.household_id])))
    assert taker.staff_no in household
    assert Entry.objects.filter(action="hand_over_loans").count() == 1


def test_only_the_head_hands_over(ledger: Stage) -> None:
    books: Books = ledger.books
    address = reverse("hand-over", args=[books.institutions["first"].pk])
    assert _status(books["handler_head"], address) == 200
    assert _status(books["handler"], address) == 403
    assert _status(books["third_head"], address) == 404


def test_desks_show_what_waits_in_the_ledger(ledger: Stage) -> None:
    books: Books = ledger.books
    desk = reverse("desk")
    assert "A-3" in page_text(as_(books["handler_head"]).get(desk)), "nobody collects it"
    assert "A-1" in page_text(as_(books["collector"]).get(desk))
    assert "A-2" not in page_text(as_(books["collector"]).get(desk))
    assert "第一支行" in page_text(as_(books["risk"]).get(desk)), "its tape is held"
    assert "第一支行" in page_text(as_(books["office"]).get(desk))


def test_a_collector_without_institutions_sees_no_tapes(ledger: Stage) -> None:
    books: Books = ledger.books
    assert Position.objects.filter(person=books["collector"]).count() == 1
    for name in ("tapes", "warnings", "ledger-supervision"):
        assert _status(books["collector"], reverse(name)) == 404, name
    for name in ("ledger", "loans", "duties"):
        assert _status(books["collector"], reverse(name)) == 200, name
