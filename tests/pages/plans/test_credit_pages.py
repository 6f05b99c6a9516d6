"""The credit officer: what was resolved, the terms beside it, approving or declining (Art. 22)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from proposals.models import CreditDecision
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries, seeing, status
from tests.stage import MEETING, Stage
from web.models import Submission

CODE = re.compile(r'data-code="([^"]+)"')
VERBS = ("approve_credit", "decline_credit")


def address(stage, verb="approve_credit"):
    return reverse("proposal-act", args=[stage.proposal.pk, verb])


def decide(stage, verb, by="credit", **given):
    return as_(stage[by]).post(address(stage, verb), given)


def codes(response):
    return CODE.findall(page_text(response))


def typed(stage):
    """The terms as a credit file has them that agrees with the resolution."""
    given = stage.plan["concessions"] | {"expected_recovery": stage.plan["expected_recovery"]}
    return {name: "" if value is None else str(value) for name, value in given.items()}


# -- The queue --------------------------------------------------------------------------------------


def test_the_queue_is_the_credit_officers_alone(signed):
    assert seeing(signed, "credit") == {"credit"}


def test_the_queue_tells_whether_the_minutes_are_signed(carried):
    assert "The minutes are not signed" in look(carried["credit"], "credit")
    carried.to("signed")
    html = look(carried["credit"], "credit")
    assert ">The minutes are signed</span>" in html
    assert address(carried) in html


def test_the_queue_holds_what_was_carried_and_nothing_else(voting):
    assert "Nothing waits for a decision" in look(voting["credit"], "credit")
    voting.cast("for", "against:No", "against:No")
    voting.do("close_vote")
    assert f"/proposals/{voting.proposal.pk}/" not in look(voting["credit"], "credit")


def test_what_was_decided_lately_is_below(signed):
    signed.do("decline_credit", reason="The collateral was sold")
    html = look(signed["credit"], "credit")
    assert "Nothing waits for a decision" in html
    assert "The collateral was sold" in html


def test_another_bank_is_not_in_it(signed):
    abroad = Stage()
    assert f"/proposals/{signed.proposal.pk}/" not in look(abroad["credit"], "credit")
    assert as_(abroad["credit"]).get(address(signed)).status_code == 404
    assert as_(abroad["credit"]).post(address(signed)).status_code == 404


def test_the_statements_of_the_queue_do_not_grow_with_rows(signed):
    few = len(queries(signed["credit"], "credit"))
    others = [signed.another(f"D-{number}") for number in range(2)]
    meeting = signed.convene(*others, at=MEETING + timedelta(days=5))
    signed.do("send_notice", on=meeting)
    signed.travel(MEETING + timedelta(days=5))
    for handle in signed.seats:
        signed.do("sign_in", handle, on=meeting)
    signed.do("open_meeting", on=meeting)
    for other in others:
        signed.do("take_up", on=other)
        signed.do("open_vote", on=other)
        for handle in signed.seats:
            signed.do("cast", handle, on=other, choice="for")
        signed.do("close_vote", on=other)
    html = look(signed["credit"], "credit")
    assert all(f"/proposals/{other.pk}/" in html for other in others)
    assert len(queries(signed["credit"], "credit")) == few <= 25


# -- The page of the decision -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_the_decision_is_the_credit_officers_alone(signed, verb):
    got = {handle: status(signed[handle], "proposal-act", signed.proposal.pk, verb) for handle in EVERYBODY}
    assert {handle for handle, code in got.items() if code == 200} == {"credit"}
    assert {handle for handle, code in got.items() if code == 404} == {
        "deputy3", "other_handler", "other_head", "outsider"
    }  # fmt: skip
    for handle, code in got.items():
        if code != 200:
            assert decide(signed, verb, by=handle, reason="Why").status_code == code, handle
    assert signed.state == "carried"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_terms_are_those_of_the_resolution_in_full(signed, language):
    html = look(signed["credit"], "proposal-act", signed.proposal.pk, "approve_credit", language=language)
    assert re.findall(r'lozenge-(\w+)">[^<]+</span> <b>', html) == ["good"] * 3
    assert signed.now(signed.proposal).version.digest[:16] in html
    assert "1,000.00" in html
    assert len(queries(signed["credit"], "proposal-act", signed.proposal.pk, "approve_credit")) <= 25


def test_before_the_minutes_are_signed_the_buttons_are_disabled_with_the_reason(closed):
    html = look(closed["credit"], "proposal", closed.proposal.pk)
    for verb in VERBS:
        assert f'aria-describedby="stop-{verb}"' in html
    page = look(closed["credit"], "proposal-act", closed.proposal.pk, "approve_credit")
    assert CODE.findall(page) == ["22/no-effective-resolution"]
    assert "<textarea" not in page
    for verb, given in zip(VERBS, (typed(closed), {"reason": "Why"}), strict=True):
        response = decide(closed, verb, **given)
        assert (response.status_code, codes(response)) == (409, ["22/no-effective-resolution"])
    assert closed.state == "carried"


def test_nothing_is_filled_in_before_and_the_resolution_does_not_stand_beside_the_fields(signed):
    html = page_text(as_(signed["credit"]).get(address(signed)))
    form = html.partition('id="decision"')[2]
    assert set(re.findall(r'name="(\w+)"', form)) >= set(typed(signed))
    assert not re.findall(r'<input type="text" name="\w+" value="[^"]+"', form)
    assert signed.plan["expected_recovery"] not in form


def test_what_the_credit_file_has_is_compared_and_approved_where_it_agrees(signed):
    given = typed(signed)
    assert decide(signed, "approve_credit", **given).status_code == 302
    assert signed.state == "credit_approved"
    assert CreditDecision.objects.get().terms["expected_recovery"] == given["expected_recovery"]


def test_a_term_that_is_not_stated_is_asked_for(signed):
    response = decide(signed, "approve_credit", **typed(signed) | {"interest_waived": ""})
    assert response.status_code == 422
    assert "it is compared with the resolution" in page_text(response)
    assert signed.state == "carried"


def test_terms_are_pasted_from_the_credit_file_and_separators_do_not_deviate(signed):
    given = typed(signed)
    recovery = f"{float(given.pop('expected_recovery')):,.0f}"
    waived = given.pop("interest_waived")
    pasted = f"预计收回金额：{recovery} 元\n\nInterest waived\t{waived}"
    assert decide(signed, "approve_credit", pasted=pasted, **given).status_code == 302
    terms = CreditDecision.objects.get().terms
    assert terms["expected_recovery"] == recovery.replace(",", "")
    assert terms["concessions"]["interest_waived"] == waived


def test_a_pasted_line_that_names_no_term_is_told(signed):
    response = decide(signed, "approve_credit", pasted="Appraised value: 5", **typed(signed))
    assert response.status_code == 422
    assert "This line names no term: Appraised value: 5." in page_text(response)
    assert signed.state == "carried"


def test_a_term_that_deviates_is_told_beside_its_field_before_and_after(signed):
    given = typed(signed) | {"interest_waived": "77.00", "extension_months": "99"}
    response = decide(signed, "approve_credit", **given)
    html = page_text(response)
    assert (response.status_code, codes(response)) == (422, ["22/terms-deviate"])
    rows = html.partition("Not as resolved")[2].partition("</table>")[0]
    assert re.findall(r"<ins>([^<]+)</ins>", rows) == ["77.00", "99"]
    assert 'value="77.00"' in html
    field = html.partition('name="interest_waived"')[2].partition('name="')[0]
    assert 'data-code="22/terms-deviate"' in field
    assert signed.state == "carried"


def test_declining_states_its_reason(signed):
    response = decide(signed, "decline_credit", reason=" 。 ", **typed(signed))
    assert (response.status_code, codes(response)) == (422, ["22/reason-required"])
    assert decide(signed, "decline_credit", reason="The collateral was sold").status_code == 302
    assert signed.state == "credit_declined"
    html = look(signed["credit"], "proposal-act", signed.proposal.pk, "decline_credit")
    assert "The collateral was sold" in html
    assert "<textarea" not in html


def test_a_reason_is_not_dropped_by_approving(signed):
    response = decide(signed, "approve_credit", reason="The collateral was sold")
    assert response.status_code == 422
    assert "The collateral was sold" in page_text(response)
    assert signed.state == "carried"


def test_a_decision_sent_twice_is_made_once(signed):
    client = as_(signed["credit"])
    page = page_text(client.get(address(signed)))
    given = typed(signed) | {"once": re.search(r'name="once" value="([^"]+)"', page)[1]}
    first, second = (client.post(address(signed), given) for _ in range(2))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert CreditDecision.objects.count() == Submission.objects.count() == 1


def test_what_was_decided_cannot_be_decided_again(signed):
    signed.do("approve_credit")
    response = decide(signed, "decline_credit", reason="Too late")
    assert (response.status_code, codes(response)) == (409, ["state/not-allowed"])
    assert signed.state == "credit_approved"
