"""Comments at the field on pages: who reads them, where they stand, how they are answered."""

from __future__ import annotations

import re

from django.urls import reverse
from django.utils.http import urlencode

from committee.models import Message
from pages.models import WorkingCopy
from pages.plans.comments import places
from proposals.models import PlanComment
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look
from tests.stage import Stage, plan

FIELD = "$.loans[0].principal"
REMARK, ANSWER = "As of which day is this principal", "As of the first of March it was"


def returned(stage: Stage) -> Stage:
    """The liaison remarked on a field and returned the plan."""
    stage.do("comment", "liaison", field=FIELD, text=REMARK)
    stage.do("return", reason="See the comments")
    return stage


def step(stage: Stage, slug: str = "loans") -> str:
    return reverse("plan-step", args=[stage.proposal.pk, slug])


def form(html: str) -> dict[str, str]:
    """The fields of the step as its page sends them."""
    sent = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', html, re.DOTALL))
    return {name: value for name, value in sent.items() if not name.startswith(("csrf", "once", "q", "next"))}


def test_it_stands_at_its_field_in_the_editor_and_is_answered_there(submitted):
    client = as_(returned(submitted)["handler"])
    html = page_text(client.get(step(submitted)))
    field = html.partition('<label for="p-loans-0-principal"')[2].partition('id="p-loans-0-principal"')[0]
    assert REMARK in field
    assert REMARK not in page_text(client.get(step(submitted, "execution")))
    assert (
        client.get(reverse("plan", args=[submitted.proposal.pk])).url
        == f"{step(submitted)}#p-loans-0-principal"
    )
    given = {**form(html), "loans-0-rate": "9.99", f"answer-{FIELD}": ANSWER, "do": f"answer:{FIELD}"}
    response = client.post(step(submitted), given)
    assert response.url == f"{step(submitted)}#p-loans-0-principal"
    html = page_text(client.get(step(submitted)))
    assert ANSWER in html
    assert 'value="9.99"' in html  # what was typed beside the answer is there
    assert WorkingCopy.objects.filter(step="loans").exists()
    assert submitted.now(submitted.proposal).present_version.number == 1


def test_an_empty_answer_is_refused_and_nothing_typed_is_lost(submitted):
    client = as_(returned(submitted)["handler"])
    html = page_text(client.get(step(submitted)))
    response = client.post(step(submitted), {**form(html), "loans-0-rate": "9.99", "do": f"answer:{FIELD}"})
    assert response.status_code == 422
    assert 'value="9.99"' in page_text(response)
    assert PlanComment.objects.count() == 1


def test_an_answer_typed_before_the_session_ended_comes_back(submitted, client):
    owner = as_(returned(submitted)["handler"])
    given = {
        **form(page_text(owner.get(step(submitted)))),
        f"answer-{FIELD}": ANSWER,
        "do": f"answer:{FIELD}",
    }
    address = owner.post(step(submitted), given)
    assert address.status_code == 302
    (row,) = PlanComment.objects.filter(side="institution")
    assert (row.text, row.by) == (ANSWER, submitted["handler"])


def test_they_are_read_by_the_two_sides_and_the_audit_alone(submitted):
    returned(submitted).do("comment", "handler", field=FIELD, text=ANSWER)
    submitted.do("submit")
    reading = {"handler", "handler_head", "liaison", "auditor"}
    for to in ("shortlist", "file_docket", ""):
        for handle in EVERYBODY:
            addresses = [reverse(name) for name in ("desk", "proposals", "messages")]
            addresses.append(reverse("proposal", args=[submitted.proposal.pk]))
            addresses.append(reverse("stream", args=[submitted.proposal.stream]))
            addresses.append(reverse("search") + "?" + urlencode({"q": "principal"}))
            addresses.append(reverse("proposal-act", args=[submitted.proposal.pk, "comment"]))
            client = as_(submitted[handle])
            html = "".join(page_text(client.get(address)) for address in addresses)
            assert (REMARK in html or ANSWER in html) == (handle in reading), (handle, to)
            assert ("Commented on a field" in html) <= (handle in reading), (handle, to)
        if to:
            submitted.do(to, **({"proposals": [submitted.proposal]} if to == "file_docket" else {}))


def test_the_liaison_comments_from_the_section_of_the_plan_that_is_screened(submitted):
    client = as_(submitted["liaison"])
    html = page_text(client.get(reverse("proposal-act", args=[submitted.proposal.pk, "shortlist"])))
    at = reverse("proposal-act", args=[submitted.proposal.pk, "comment"])
    assert f"{at}?step=loans" in html
    html = page_text(client.get(f"{at}?step=loans"))
    assert '<option value="$.loans" selected>' in html
    assert "Loans 1 (C-1) · Principal" in html
    assert client.post(at, {"field": FIELD, "text": REMARK}).status_code == 302
    assert client.post(at, {"field": "$.nothing", "text": REMARK}).status_code == 422
    assert REMARK in look(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist")
    assert not Message.objects.filter(kind="comment").exists()


def test_what_is_answered_or_changed_waits_no_more(submitted):
    returned(submitted)
    check = reverse("plan-check", args=[submitted.proposal.pk])
    client = as_(submitted["handler"])
    html = page_text(client.get(check))
    assert "to be answered" in html
    assert f"{step(submitted)}#p-loans-0-principal" in html
    loans = [dict(submitted.plan["loans"][0], principal="900.00")]
    submitted.do("amend", changes={"loans": loans})
    html = page_text(client.get(check))
    assert "to be answered" not in html
    assert "Changed since: “1,000.00” is now “900.00”." in html


def test_it_goes_with_its_row_wherever_the_row_moves():
    then = plan("A-1", "A-2", "A-3")
    now = plan("A-3", "A-2")
    assert places.moved("$.loans[2].rate", then, now) == "$.loans[0].rate"
    assert places.moved("$.loans[1].rate", then, now) == "$.loans[1].rate"
    assert places.moved("$.loans[0].rate", then, plan("B-1")) == "$.loans[0].rate"
    assert places.moved("$.loans[2].rate", then, plan("B-1")) == "$.loans"
    assert places.moved("$.title", then, {}) == "$.title"


def test_every_field_of_a_plan_can_be_commented_on_once():
    chosen = [path for _step, found in places.choices(plan("A-1", "A-2")) for path, _name in found]
    assert len(chosen) == len(set(chosen))
    for path in ("$.title", "$.borrower.name", "$.loans[1].rate", "$.conditions['7.1']", "$.schedule[0]"):
        assert path in chosen
