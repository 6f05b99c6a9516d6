"""From the liaison's desk to the docket on head office's, and from the credit officer's to the approval."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import fits
from tests.stage import Stage


@pytest.fixture
def case():
    def built() -> Stage:
        """One plan carried, its minutes signed; two submitted."""
        stage = Stage().to("signed")
        stage.waiting = [
            stage.another(f"D-{number}", to="submitted", title=f"Plan {number}") for number in (1, 2)
        ]
        return stage

    return built


def test_the_liaison_screens_and_files_and_head_office_reads_the_docket(look, site):
    page = look("screen", "liaison")
    page.locator(".rail").get_by_role("link", name="Screening").click()
    page.get_by_role("link", name="Plan 1").click()
    decision = page.locator("#decision")
    for name in ("Shortlist", "Return for completion", "Screen out"):
        expect(decision.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    decision.get_by_role("button", name="Return for completion").click()
    expect(decision.locator('[data-code="14/reason-required"]')).to_be_focused()
    decision.get_by_role("button", name="Shortlist").click()
    expect(page.locator(".flash-success")).to_contain_text("Plan 1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Plan 2")
    page.locator(".crumb").get_by_role("link", name="Screening").click()
    page.get_by_role("button", name="Shortlist the marked plans").click()
    expect(page.locator(".summary")).to_be_focused()
    page.get_by_role("checkbox", name="Mark: Plan 2").check()
    page.get_by_role("button", name="Shortlist the marked plans").click()
    expect(page.locator(".flash-success")).to_have_text("1 plan is shortlisted.")

    page.locator(".rail").get_by_role("link", name="Dockets").click()
    page.get_by_role("link", name="Choose the docket from 2 shortlisted plans").click()
    page.get_by_role("button", name="Move up: Plan 2").click()
    page.get_by_role("button", name="See the list").click()
    expect(page.locator("tbody th a")).to_have_text(["Plan 2", "Plan 1"])
    page.get_by_role("button", name="File the docket with head office").click()
    expect(page.locator(".flash-success")).to_contain_text("is filed with head office")
    docket = page.url

    bank = look("phone", "head_office", language="zh-hans")
    bank.locator(f'a[href="{docket.removeprefix(site.address)}"]').click()
    expect(bank.locator("tbody th a")).to_have_text(["Plan 2", "Plan 1"])
    fits(bank)
    for address in ("/board/", "/dockets/"):
        bank.goto(address)
        fits(bank)


def test_the_credit_officer_approves_what_was_resolved(look, site):
    page = look("phone", "credit")
    page.locator(".rail").get_by_role("link", name="Credit approval").click()
    fits(page)
    page.locator("tbody th a").click()
    fits(page)
    given = site.stage.plan["concessions"] | {"expected_recovery": site.stage.plan["expected_recovery"]}
    for name, value in given.items():
        if value is not None:
            page.locator(f"[name={name}]").fill(str(value))
    page.get_by_label("Interest waived", exact=True).fill("77.00")
    page.get_by_role("button", name="Approve as resolved").click()
    expect(page.locator('[data-code="22/terms-deviate"]')).to_be_visible()
    expect(page.get_by_label("Interest waived", exact=True)).to_have_value("77.00")
    page.get_by_label("Interest waived", exact=True).fill(site.stage.plan["concessions"]["interest_waived"])
    page.get_by_role("button", name="Approve as resolved").click()
    expect(page.locator(".flash-success")).to_have_text("Credit is approved as resolved.")
    expect(page.locator(".page-state .lozenge")).to_have_text("Credit approved")
