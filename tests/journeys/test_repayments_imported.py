"""A handler records repayments from a sheet: a bad row is told, the good ones are shown and recorded whole;
and reads two plans side by side.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.test_comments_at_fields import sound
from tests.stage import Stage


def carried_out() -> Stage:
    """A plan may be repaid, and a second one of its borrower is drafted."""
    stage = Stage().to("credit_approved")
    stage.another("C-2", to="drafted", executor="Another")
    return stage


@pytest.fixture
def case() -> Callable[[], Stage]:
    return carried_out


@pytest.mark.parametrize("size", ["screen", "phone"])
def test_a_sheet_of_repayments_is_recorded_all_or_none(look, site, size):
    page = look(size, "handler")
    page.goto("/proposals/")
    page.get_by_role("link", name="Record many repayments from a spreadsheet").click()
    sound(page)
    rows = page.get_by_label("Rows from the spreadsheet")
    rows.fill("Contract\tAmount received\tReceived on\nC-1\t100.00\t2026-03-05\nC-9\t5\t2026-03-05\n")
    page.get_by_role("button", name="Read the table").click()
    fault = page.locator(".summary tbody tr")
    expect(fault).to_have_count(1)
    expect(fault).to_contain_text("Row 3")
    sound(page)
    rows.fill("Contract\tAmount received\tReceived on\nC-1\t100.00\t2026-03-05\nC-1\t50.5\t2026/3/5\n")
    page.get_by_role("button", name="Read the table").click()
    expect(page.locator("main")).to_contain_text("2 repayments, 150.50 yuan.")
    sound(page)
    page.get_by_role("button", name="Record all of them").click()
    expect(page.locator(".flash-success")).to_have_text("2 repayments are recorded, 150.50 yuan.")
    page.goto(f"/proposals/{site.proposal}/")
    expect(page.locator("#execution")).to_contain_text("150.50")
    page.get_by_role("link", name="Beside the last one").click()
    expect(page.locator(".beside-plans tbody").first).to_contain_text("Draft")
    sound(page)
