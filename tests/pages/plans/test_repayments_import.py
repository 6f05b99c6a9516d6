"""Many repayments from one sheet: every bad row told, all recorded or none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from pages.plans.receipts import matching
from proposals.models import Receipt
from tests.page_text import page_text
from tests.pages.pages import as_, look
from tests.stage import Stage, today


def sheet(
    *rows: tuple[str, ...], heads: tuple[str, ...] = ("方案编号", "合同号", "回款金额", "回款日期")
) -> str:
    return "\n".join("\t".join(row) for row in (heads, *rows)) + "\n"


def send(stage: Stage, by: str = "handler", **given: Any) -> Any:
    return as_(stage[by]).post(reverse("repayments"), {"do": "read", **given})


def day() -> str:
    return today().isoformat()


def test_a_sheet_is_shown_and_then_recorded_whole(credit_approved):
    number = credit_approved.now(credit_approved.proposal).written_number
    text = sheet(
        (number, "", "1,00.00".replace(",", ""), day()),
        ("", "c-1", "250.5", today().strftime("%Y年%m月%d日")),
    )
    html = page_text(send(credit_approved, text=text))
    assert "2 repayments, 350.50 yuan." in html
    assert not Receipt.objects.filter(proposal=credit_approved.proposal).exists()
    client = as_(credit_approved["handler"])
    response = client.post(reverse("repayments"), {"text": text, "do": "record"})
    assert response.status_code == 302
    assert sorted(str(row.amount) for row in Receipt.objects.filter(proposal=credit_approved.proposal)) == [
        "100.00", "250.50",
    ]  # fmt: skip
    assert credit_approved.state == "executing"
    assert "2 repayments are recorded, 350.50 yuan." in page_text(client.get(response.url))


def test_every_bad_row_is_told_and_nothing_is_recorded(credit_approved):
    late = (today() + timedelta(days=9)).isoformat()
    text = sheet(
        ("", "C-1", "100.00", day()),
        ("", "", "100.00", day()),
        ("", "X-9", "100.00", day()),
        ("呼联方〔2020〕9号", "", "100.00", day()),
        ("", "C-1", "", day()),
        ("", "C-1", "100.00", late),
        ("", "C-1", "99999999.00", day()),
        ("", "C-1", "lots", day()),
    )
    response = send(credit_approved, text=text, do="record")
    html = page_text(response)
    assert response.status_code == 422
    assert "Row 9" in html  # what cannot be read is told first
    response = send(credit_approved, text=text.replace("lots", "5.00"), do="record")
    html = page_text(response)
    assert response.status_code == 422
    for row in (3, 4, 5, 6, 7, 8):
        assert f"Row {row}<" in html, row
    for row in (2, 9):
        assert f"Row {row}<" not in html, row
    assert "is after today" in html
    assert "99999999" in html.replace(",", "")
    assert not Receipt.objects.filter(proposal=credit_approved.proposal).exists()


def test_what_is_odd_is_recorded_only_once_it_was_looked_at(executing):
    text = sheet(("", "C-1", "600.00", day()))
    html = page_text(send(executing, text=text))
    assert "on record already" in html
    assert "100.00 yuan more than the schedule asks for" in html
    response = send(executing, text=text, do="record")
    assert response.status_code == 422
    assert "Look at the remarks" in page_text(response)
    assert Receipt.objects.filter(proposal=executing.proposal).count() == 1
    assert send(executing, text=text, do="record", checked="1").status_code == 302
    assert executing.state == "completed"


def test_plans_of_others_are_not_there(credit_approved):
    text = sheet(("", "C-1", "100.00", day()))
    html = page_text(send(credit_approved, "other_handler", text=text))
    assert "No plan of your institution in execution has it." in html
    for handle in ("liaison", "chair", "handler_head"):
        assert send(credit_approved, handle, text=text).status_code == 403


def test_the_link_is_the_handlers_own(credit_approved):
    address = reverse("repayments")
    assert address in look(credit_approved["handler"], "proposals")
    assert address not in look(credit_approved["liaison"], "proposals")
    assert address in look(
        credit_approved["handler"], "proposal-act", credit_approved.proposal.pk, "record_receipt"
    )


def test_more_rows_than_are_recorded_at_once_are_refused(credit_approved, monkeypatch):
    monkeypatch.setattr(matching, "MOST", 1)
    html = page_text(send(credit_approved, text=sheet(*[("", "C-1", "1.00", day())] * 2)))
    assert "At most 1 repayments are recorded at once." in html


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_there_is_a_table_to_fill_in(credit_approved, kind):
    response = as_(credit_approved["handler"]).get(reverse("repayments-template"), {"kind": kind})
    assert response.status_code == 200
    assert f'filename="repayments.{kind}"' in response["Content-Disposition"]
