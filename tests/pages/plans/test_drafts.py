"""Drafts: copied from a plan, discarded, checked row by row, and not left behind with a wrong value."""

from __future__ import annotations

import re

from django.urls import reverse

from proposals.models import Proposal
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look


def copy(stage, by="handler", **given):
    return as_(stage[by]).post(reverse("plan-copy", args=[stage.proposal.pk]), given)


def test_a_copy_is_a_new_draft_that_begins_as_the_plan(filed):
    response = copy(filed)
    made = Proposal.objects.latest("pk")
    assert response["Location"] == reverse("plan", args=[made.pk])
    assert (made.state, made.revises, made.unit) == ("draft", None, filed.proposal.unit)
    old, new = filed.now(filed.proposal).version.document, made.version.document
    assert new == old | {"title": f"{old['title']} (copy)"}


def test_a_copy_is_made_once_and_by_handlers_of_the_institution_alone(filed):
    page = page_text(as_(filed["handler"]).get(reverse("proposal", args=[filed.proposal.pk])))
    once = re.search(r'name="once" value="([^"]+)"', page.partition("/copy/")[2])[1]
    client = as_(filed["handler"])
    address = reverse("plan-copy", args=[filed.proposal.pk])
    first, second = (client.post(address, {"once": once}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Proposal.objects.filter(state="draft").count() == 1
    for handle in set(EVERYBODY) - {"handler"}:
        assert copy(filed, handle).status_code in {403, 404}, handle
        if handle in {"liaison", "handler_head"}:
            assert "/copy/" not in look(filed[handle], "proposal", filed.proposal.pk)
    assert Proposal.objects.filter(state="draft").count() == 1


def test_a_draft_is_discarded_and_a_plan_that_was_submitted_is_withdrawn(drafted):
    html = look(drafted["handler"], "proposal", drafted.proposal.pk)
    assert "Discard the draft" in html
    assert "/withdraw/" not in html
    response = as_(drafted["handler"]).post(
        reverse("proposal-act", args=[drafted.proposal.pk, "discard"]), follow=True
    )
    assert "The draft is discarded." in page_text(response)
    assert (drafted.state, drafted.now(drafted.proposal).state_reason) == ("withdrawn", "Draft discarded")


def test_what_was_submitted_is_not_discarded(submitted):
    html = look(submitted["handler"], "proposal", submitted.proposal.pk)
    assert "/withdraw/" in html
    assert "Discard the draft" not in html
    submitted.do("return", reason="Page 3 is missing")
    assert "Discard the draft" not in look(submitted["handler"], "proposal", submitted.proposal.pk)


def test_each_row_of_the_checks_leads_to_its_step(drafted):
    html = look(drafted["handler"], "plan-check", drafted.proposal.pk)
    for slug in (
        "borrower",
        "loans",
        "security",
        "conditions",
        "investigation",
        "measures",
        "schedule",
        "sources",
    ):
        assert f'<a href="/proposals/{drafted.proposal.pk}/amend/{slug}/">Change</a>' in html, slug
    assert ">Change</a>" not in look(drafted["handler"], "proposal", drafted.proposal.pk)


def test_the_schedule_shows_what_is_left_after_each_instalment(drafted):
    html = look(drafted["handler"], "plan-check", drafted.proposal.pk)
    table = html.partition('id="schedule"')[2].partition("</table>")[0]
    last = re.findall(r'<td class="figure">([0-9.,]+)</td>', table.partition("<tfoot>")[0])[-1]
    assert last == "0.00"


def test_other_plans_of_the_borrower_are_named_where_they_may_be_seen(submitted):
    other = submitted.another("C-2", to="submitted", by="other_handler")
    html = look(submitted["liaison"], "proposal", submitted.proposal.pk)
    assert "Other plans of the borrower" in html
    assert f'href="/proposals/{other.pk}/"' in html
    assert f'href="/proposals/{other.pk}/"' not in look(
        submitted["handler"], "proposal", submitted.proposal.pk
    )


def test_one_does_not_go_on_from_a_step_with_a_wrong_value(drafted):
    address = reverse("plan-step", args=[drafted.proposal.pk, "execution"])
    given = {"version": "1", "executor": "The branch", "expected_recovery": "99999999.00"}
    response = as_(drafted["handler"]).post(address, given | {"do": "next"}, follow=True)
    assert response.redirect_chain[0][0].startswith(address)
    assert "Before going on, please correct" in page_text(response)
    version = str(drafted.now(drafted.proposal).version.number)
    response = as_(drafted["handler"]).post(address, given | {"version": version, "do": "save"})
    assert response["Location"] == address


def test_the_first_loan_is_open_to_be_typed(founded):
    made = founded.do("draft", plan={})
    html = look(founded["handler"], "plan-step", made.pk, "loans")
    assert 'name="loans-0-contract_no"' in html
    assert 'name="guarantees-0-guarantor"' in look(founded["handler"], "plan-step", made.pk, "security")
