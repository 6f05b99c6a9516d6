"""Loans from the ledger in the editor, a plan begun with them, and a plan's loans beside the ledger."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from portfolio.models import Loan
from proposals.models import Proposal
from tests.page_text import page_text
from tests.pages.pages import as_, look, queries
from tests.portfolio.stock import Stock
from tests.stage import Stage, plan

OTHERS = {
    "contract": "C-2",
    "institution": "102",
    "borrower": "柏某",
    "id_no": "320000190001010002",
    "household": "H2",
}
SECOND = {
    "contract": "C-3",
    "principal": "3000.00",
    "borrower": "杨某",
    "id_no": "320000190001010003",
    "household": "H3",
}


def number(contract: str) -> int:
    return Loan.objects.get(contract_no=contract).pk


def once(html: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def pick(stage: Stage, *contracts: str, by: str = "handler", **given: Any) -> Any:
    address = reverse("plan-ledger", args=[stage.proposal.pk])
    return as_(stage[by]).post(address, {"loan": [number(each) for each in contracts], **given})


# --- Taking loans into a plan -------------------------------------------------------------------------


def test_the_step_of_loans_leads_to_the_ledger_where_there_is_one(drafted: Stage) -> None:
    assert "amend/loans/ledger/" not in look(drafted["handler"], "plan-step", drafted.proposal.pk, "loans")
    Stock(drafted)
    html = look(drafted["handler"], "plan-step", drafted.proposal.pk, "loans")
    assert "amend/loans/ledger/" in html
    assert "amend/loans/ledger/" not in look(drafted["handler"], "plan-step", drafted.proposal.pk, "borrower")


def test_the_loans_listed_are_those_that_the_handler_sees_the_largest_first(drafted: Stage) -> None:
    Stock(drafted).tape(
        "2026-03-01", {"contract": "C-1"}, SECOND, OTHERS, {"contract": "C-4", "class": "normal"}
    )
    html = look(drafted["handler"], "plan-ledger", drafted.proposal.pk)
    assert re.findall(r'<span class="contract">([^<]+)<', html) == ["C-3", "C-1"]
    assert "in this plan: its figures are renewed" in html
    assert "320000190001010001" not in html


@pytest.mark.parametrize(
    ("text", "found"), [("c-3", ["C-3"]), ("杨", ["C-3"]), ("H1", ["C-1"]), ("柏", []), ("%", [])]
)
def test_they_are_searched_by_contract_borrower_and_household(
    drafted: Stage, text: str, found: list[str]
) -> None:
    Stock(drafted).tape("2026-03-01", {"contract": "C-1"}, SECOND, OTHERS)
    html = look(drafted["handler"], "plan-ledger", drafted.proposal.pk, q=text)
    assert re.findall(r'<span class="contract">([^<]+)<', html) == found
    assert ("No non-performing loan that you see" in html) is (not found)


def test_without_a_tape_the_page_says_how_loans_get_there(drafted: Stage) -> None:
    Stock(drafted)
    assert "handed in a tape" in look(drafted["handler"], "plan-ledger", drafted.proposal.pk)


def test_what_is_chosen_fills_the_plan_once(drafted: Stage) -> None:
    Stock(drafted).tape("2026-03-01", {"contract": "C-1", "principal": "900.00"}, SECOND)
    client = as_(drafted["handler"])
    address = reverse("plan-ledger", args=[drafted.proposal.pk])
    given = {"loan": [number("C-1"), number("C-3")], "once": once(page_text(client.get(address)))}
    first, second = client.post(address, given), client.post(address, given)
    assert (
        first["Location"] == second["Location"] == reverse("plan-step", args=[drafted.proposal.pk, "loans"])
    )
    version = drafted.now(drafted.proposal).version
    assert version.number == 2
    assert [row["principal"] for row in version.document["loans"]] == ["900.00", "3000.00"]
    assert "2 loans are in the plan" in page_text(client.get(first["Location"]))


def test_nothing_chosen_is_told_and_what_is_not_seen_is_not_there(drafted: Stage) -> None:
    Stock(drafted).tape("2026-03-01", {"contract": "C-1"}, OTHERS)
    response = pick(drafted)
    assert response.status_code == 422
    assert "Choose at least one loan." in page_text(response)
    assert pick(drafted, "C-2").status_code == 404
    assert pick(drafted, "C-1", by="handler_head").status_code == 403
    assert drafted.now(drafted.proposal).version.number == 1


def test_a_submitted_plan_takes_no_loans(submitted: Stage) -> None:
    Stock(submitted).tape("2026-03-01", {"contract": "C-1"})
    response = pick(submitted, "C-1")
    assert response.status_code == 409
    assert 'data-code="state/not-allowed"' in page_text(response)


def test_beside_each_field_stands_whence_it_is(drafted: Stage) -> None:
    Stock(drafted).tape("2026-02-27", {"contract": "C-1", "principal": "900.00"})
    pick(drafted, "C-1")
    loans = [drafted.now(drafted.proposal).version.document["loans"][0] | {"principal": "950.00"}]
    drafted.do("amend", changes={"loans": loans})
    html = look(drafted["handler"], "plan-step", drafted.proposal.pk, "loans")
    assert "the tape of 2026-02-27 Fri says 900.00" in html
    # the other amounts, rate, two dates, days and class; no officer is on the tape, the contract is stated
    assert html.count("from the tape of 2026-02-27 Fri") == 9
    assert "field-wrong" not in html
    assert "来自 2026-02-27 周五 的数据文件" in look(
        drafted["handler"], "plan-step", drafted.proposal.pk, "loans", language="zh-hans"
    )


# --- A plan begun with loans --------------------------------------------------------------------------


def test_a_plan_begins_with_the_loans_of_a_household(drafted: Stage) -> None:
    Stock(drafted).tape("2026-03-01", {"contract": "C-1"}, SECOND, {"contract": "C-5"})
    client, household = as_(drafted["handler"]), Loan.objects.get(contract_no="C-5").borrower.household_id
    address = f"{reverse('plan-from-ledger')}?household={household}"
    assert address in look(drafted["handler"], "household", household)
    assert address not in look(drafted["handler_head"], "household", household)
    html = page_text(client.get(address))
    assert sorted(re.findall(r'<span class="contract">([^<]+)<', html)) == ["C-1", "C-5"]
    assert html.count("checked") == 2
    given = {"loan": [number("C-1"), number("C-5")], "once": once(html)}
    first, second = client.post(address, given), client.post(address, given)
    made = Proposal.objects.latest("pk")
    assert first["Location"] == second["Location"] == reverse("plan", args=[made.pk])
    assert Proposal.objects.filter(state="draft").count() == 2
    assert [row["contract_no"] for row in made.present_version.document["loans"]] == ["C-1", "C-5"]


def test_a_loan_of_another_live_plan_is_told_of(submitted: Stage) -> None:
    Stock(submitted).tape("2026-03-01", {"contract": "C-1"}, SECOND)
    html = look(submitted["handler"], "plan-from-ledger")
    assert html.count("in another live plan") == 1


def test_only_handlers_begin_plans(drafted: Stage) -> None:
    Stock(drafted).tape("2026-03-01", {"contract": "C-1"})
    address, before = reverse("plan-from-ledger"), Proposal.objects.count()
    assert as_(drafted["liaison"]).get(address).status_code == 403
    assert as_(drafted["other_handler"]).post(address, {"loan": [number("C-1")]}).status_code == 404
    assert (
        as_(drafted["handler"]).post(address, {"loan": [number("C-1")], "committee": "0"}).status_code == 404
    )
    assert Proposal.objects.count() == before


# --- The plan's page ----------------------------------------------------------------------------------


def section(html: str) -> str:
    return html.partition('id="ledger"')[2].partition('id="results"')[0]


def test_the_committee_sees_each_loan_on_the_base_date_and_today(filed: Stage) -> None:
    stock, officer = Stock(filed), filed["deputy2"]
    stock.tape("2026-02-28", {"contract": "C-1", "principal": "990.00", "lending": officer.staff_no})
    stock.tape(
        "2026-03-02",
        {"contract": "C-1", "principal": "800.00", "class": "loss", "dpd": 418, "lending": officer.staff_no},
    )
    html = section(look(filed["seat2"], "proposal", filed.proposal.pk))
    assert "figures typed" in html
    told = re.findall(r"<li>(C-1[^<]+)</li>", html)
    assert told == [
        "C-1: the plan differs from the ledger on the base date: Principal, Lending officer.",
        "C-1: changed since the base date: Classification, Days past due, Principal.",
    ]
    assert f"{officer.display_name} {officer.staff_no}" in html
    cells = [
        re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)).strip()
        for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    ]
    assert "Classification Doubtful Doubtful Loss changed" in cells
    assert "Principal 1,000.00 differs 990.00 800.00 changed" in cells


def test_a_plan_filled_from_the_ledger_names_the_tape(drafted: Stage) -> None:
    Stock(drafted).tape("2026-03-01", {"contract": "C-1"})
    pick(drafted, "C-1")
    html = section(look(drafted["handler"], "proposal", drafted.proposal.pk))
    assert "figures from the tape of" in html
    assert "nothing has changed since" in html


def test_nobody_learns_of_a_loan_that_is_not_the_institutions(drafted: Stage) -> None:
    Stock(drafted).tape("2026-03-01", {"contract": "C-1"}, OTHERS | {"principal": "77777.00"})
    drafted.do("amend", changes={"loans": plan("C-1", "C-2")["loans"]})
    html = section(look(drafted["handler"], "proposal", drafted.proposal.pk))
    assert "Not among the institution's loans in the ledger: C-2." in " ".join(html.split())
    assert "77,777" not in html


def test_earlier_plans_with_the_contract_are_named_to_those_who_see_them(filed: Stage) -> None:
    Stock(filed).tape("2026-03-01", {"contract": "C-1"})
    filed.do("withdraw", reason="Begun anew")
    later = filed.another("C-1", title="Another way")
    first = filed.now(filed.proposal)
    assert f"/proposals/{first.pk}/" in section(look(filed["seat2"], "proposal", later.pk))


def test_without_a_ledger_the_page_takes_not_one_statement_more(filed: Stage) -> None:
    page = look(filed["seat2"], "proposal", filed.proposal.pk)
    assert 'id="ledger"' not in page
    statements = queries(filed["seat2"], "proposal", filed.proposal.pk)
    assert not [each for each in statements if "portfolio_" in each and "UNION" not in each]
