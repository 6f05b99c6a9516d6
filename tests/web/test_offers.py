"""What is offered to whom, and what comes of doing it."""

import re

from django.test import Client
from django.urls import reverse

from tests.page_text import page_text
from tests.pages.pages import as_, look
from web.models import Submission

BUTTON = re.compile(r'<a class="button[^"]*" href="([^"]+)">([^<]+)</a>')


def address(stage, verb):
    return reverse("proposal-act", args=[stage.proposal.pk, verb])


def once(client, url):
    return re.search(r'name="once" value="([^"]+)"', page_text(client.get(url)))[1]


def test_the_officer_is_offered_what_the_state_allows(submitted):
    html = look(submitted["liaison"], "proposal", submitted.proposal.pk)
    assert [name for _url, name in BUTTON.findall(html)] == [
        "Shortlist",
        "Return for completion",
        "Screen out",
        "Comment on a field",
    ]


def test_nobody_else_is(submitted):
    for handle in ("chair", "handler", "auditor", "risk"):
        html = look(submitted[handle], "proposal", submitted.proposal.pk)
        assert "Shortlist</a>" not in html, handle
        assert as_(submitted[handle]).get(address(submitted, "shortlist")).status_code == 403, handle
    assert as_(submitted["seat2"]).get(address(submitted, "shortlist")).status_code == 404


def test_doing_it_moves_the_plan_and_leads_back(submitted):
    response = as_(submitted["handler"]).post(address(submitted, "withdraw"), {"reason": "Paid"}, follow=True)
    assert submitted.state == "withdrawn"
    assert response.redirect_chain[-1][0] == reverse("proposal", args=[submitted.proposal.pk])
    assert "The plan is withdrawn." in page_text(response)


def test_a_refusal_stands_beside_its_field_with_the_article_in_both_languages_and_keeps_what_was_typed(
    submitted,
):
    response = as_(submitted["liaison"]).post(address(submitted, "return"), {"reason": " …… "})
    html = page_text(response)
    assert response.status_code == 422
    assert submitted.state == "submitted"
    assert 'data-code="14/reason-required"' in html
    assert "第十四条" in html
    assert "Art. 14" in html
    assert "……" in html


def test_a_form_sent_twice_acts_once_and_leads_to_the_same_place(submitted):
    client = as_(submitted["liaison"])
    token = once(client, address(submitted, "return"))
    given = {"reason": "Page 3 is missing", "once": token}
    first, second = (client.post(address(submitted, "return"), given) for _ in range(2))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert submitted.state == "returned"
    assert Submission.objects.count() == 1


def test_a_form_refused_may_be_sent_again(submitted):
    client = as_(submitted["liaison"])
    token = once(client, address(submitted, "return"))
    assert client.post(address(submitted, "return"), {"reason": "", "once": token}).status_code == 422
    assert client.post(address(submitted, "return"), {"reason": "Why", "once": token}).status_code == 302


def test_what_was_typed_comes_back_after_signing_in_again_to_the_same_person_alone(submitted):
    url = address(submitted, "return")
    for handle, comes_back in (("liaison", True), ("chair", False)):
        client = as_(submitted["liaison"])
        token = once(client, url)
        client.logout()
        sent = client.post(url, {"reason": "Typed at length", "once": token})
        assert sent["Location"] == f"{reverse('login')}?next={url}"
        client.force_login(submitted[handle], backend="django.contrib.auth.backends.ModelBackend")
        assert ("Typed at length" in page_text(client.get(url))) is comes_back
        assert "Typed at length" not in page_text(client.get(url))


def test_a_script_is_told_that_the_session_has_ended(submitted):
    response = Client().post(address(submitted, "return"), headers={"X-Requested-With": "fetch"})
    assert response.status_code == 401


def test_the_state_may_forbid_what_the_office_allows_and_says_why(submitted):
    submitted.do("return", reason="Incomplete")
    html = look(submitted["liaison"], "proposal", submitted.proposal.pk)
    assert 'aria-describedby="stop-shortlist"' in html
    assert as_(submitted["liaison"]).post(address(submitted, "shortlist")).status_code == 409


def test_no_verb_is_offered_twice():
    from web.offers import _all_offers

    named = [(offer.on, offer.verb) for offer in _all_offers()]
    assert len(named) == len(set(named))
