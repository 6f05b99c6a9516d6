"""The liaison's day before the meeting: the queue, the plan beside its checks, the three decisions."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from audit import clock
from audit.models import Entry
from proposals.contradictions.rules import find_contradictions
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries, seeing, status
from tests.stage import Stage, plan, stages
from web.models import Submission

VERBS = ("shortlist", "return", "screen_out")
CODE = re.compile(r'data-code="([^"]+)"')


def address(stage, verb):
    return reverse("proposal-act", args=[stage.proposal.pk, verb])


def decide(stage, verb, by="liaison", **given):
    return as_(stage[by]).post(address(stage, verb), given)


def codes(response):
    return CODE.findall(page_text(response))


def resubmitted() -> Stage:
    """A plan not carried, and the one revised from it, submitted."""
    stage = Stage().to("voting")
    stage.cast("for", "against:Too long", "against:Too long")
    stage.do("close_vote")
    stage.rejected = stage.proposal
    stage.proposal = stage.do(
        "revise", on=stage.rejected, changes={"measures": ["litigation"], "executor": "Another"}
    )
    stage.do("submit")
    return stage


again = stages("again", resubmitted)


# -- The queue --------------------------------------------------------------------------------------


def test_the_queue_is_the_liaisons_alone(submitted):
    assert seeing(submitted, "screening") == {"liaison"}


def test_the_oldest_plan_stands_first_with_its_age_in_days(submitted):
    submitted.travel(timedelta(days=5))
    newer = submitted.another("C-2", to="submitted", title="The newer plan")
    html = look(submitted["liaison"], "screening")
    assert html.index(address(submitted, "shortlist")) < html.index(f"/proposals/{newer.pk}/")
    assert re.findall(r"<b>(\d+)</b></td>", html) == ["5", "0"]
    assert "1,110.00" in html


def test_the_age_counts_from_the_first_submission(submitted):
    submitted.travel(timedelta(days=3))
    submitted.do("return", reason="Evidence is missing")
    submitted.travel(timedelta(days=4))
    submitted.do("submit")
    assert re.findall(r"<b>(\d+)</b></td>", look(submitted["liaison"], "screening")) == ["7"]


def test_the_queue_holds_what_was_submitted_to_this_committee_and_nothing_else(submitted):
    abroad = Stage().to("submitted")
    submitted.do("draft", plan=submitted.plan | {"title": "Still a draft"})
    html = look(submitted["liaison"], "screening")
    assert "Still a draft" not in html
    assert f"/proposals/{abroad.proposal.pk}/" not in html
    submitted.do("return", reason="Evidence is missing")
    assert "Nothing waits to be screened" in look(submitted["liaison"], "screening")


def test_the_queue_is_filtered_by_institution(submitted):
    other = submitted.another("C-2", to="submitted", by="other_handler", title="Of the other institution")
    everything = look(submitted["liaison"], "screening")
    only = look(submitted["liaison"], "screening", unit=str(other.unit_id))
    assert f"/proposals/{submitted.proposal.pk}/" in everything
    assert f"/proposals/{submitted.proposal.pk}/" not in only
    assert f"/proposals/{other.pk}/" in only
    assert f"/proposals/{other.pk}/" in look(submitted["liaison"], "screening", unit="x")


def test_what_comes_back_is_marked(again):
    html = look(again["liaison"], "screening")
    assert ">Resubmission</span>" in html
    assert ">Completed after a return</span>" not in html
    again.do("return", reason="Evidence is missing")
    again.do("submit")
    assert ">Completed after a return</span>" in look(again["liaison"], "screening")


def test_the_statements_of_the_queue_do_not_grow_with_rows(submitted):
    few = len(queries(submitted["liaison"], "screening"))
    for number in range(2):
        submitted.another(f"D-{number}", to="submitted")
    assert len(queries(submitted["liaison"], "screening")) == few <= 25


# -- Several at once --------------------------------------------------------------------------------


def shortlist_marked(stage, *plans, by="liaison"):
    return as_(stage[by]).post(reverse("screening"), {"plan": [str(plan.pk) for plan in plans]})


def test_several_plans_are_shortlisted_at_once_each_with_its_own_entry(submitted):
    other = submitted.another("C-2", to="submitted")
    left = submitted.another("C-3", to="submitted")
    response = shortlist_marked(submitted, submitted.proposal, other)
    assert (response.status_code, response["Location"]) == (302, reverse("screening"))
    assert [submitted.now(each).state for each in (submitted.proposal, other, left)] == [
        "shortlisted", "shortlisted", "submitted"
    ]  # fmt: skip
    for each in (submitted.proposal, other):
        entries = Entry.objects.filter(stream=f"proposal:{each.pk}", action="shortlist")
        assert [entry.actor for entry in entries] == [str(submitted["liaison"].pk)]


def test_all_marked_plans_are_shortlisted_or_none_is(again):
    first = again.another("C-2", to="submitted")
    response = shortlist_marked(again, first, again.proposal)
    assert (response.status_code, codes(response)) == (422, ["23/ruling-required"])
    assert f"because of {again.now(again.proposal).written_number}" in page_text(response)
    assert f'value="{first.pk}"' in page_text(response)
    assert {again.now(first).state, again.now(again.proposal).state} == {"submitted"}
    assert not Entry.objects.filter(action="shortlist", stream=f"proposal:{first.pk}").exists()


def test_a_resubmission_has_no_mark_since_it_is_ruled_on(again):
    first = again.another("C-2", to="submitted")
    html = look(again["liaison"], "screening")
    assert re.findall(r'name="plan"\s+value="(\d+)"', html) == [str(first.pk)]


def test_without_a_mark_it_is_said_what_to_do(submitted):
    response = shortlist_marked(submitted)
    assert response.status_code == 422
    assert "Mark the plans to shortlist" in page_text(response)


def test_plans_of_others_and_past_ones_are_not_shortlisted_with_several(submitted):
    abroad = Stage().to("submitted")
    response = shortlist_marked(submitted, abroad.proposal, submitted.proposal)
    assert (response.status_code, codes(response)) == (404, ["access/not-found"])
    submitted.do("return", reason="Page 3 is missing")
    response = shortlist_marked(submitted, submitted.proposal)
    assert (response.status_code, codes(response)) == (409, ["state/not-allowed"])
    for handle in EVERYBODY:
        if handle != "liaison":
            assert shortlist_marked(submitted, submitted.proposal, by=handle).status_code == 404, handle


def test_a_plan_that_belies_itself_is_marked_in_the_queue(founded):
    founded.plan = plan(borrower=founded.plan["borrower"] | {"operating": "stopped"})
    founded.to("submitted")
    number = len(find_contradictions(founded.now(founded.proposal).version.plan))
    assert re.search(rf">{number} contradictions?</span>", look(founded["liaison"], "screening"))


# -- One after the other ----------------------------------------------------------------------------


def test_after_each_decision_comes_the_next_plan_and_after_the_last_the_queue(submitted):
    submitted.travel(timedelta(days=1))
    second = submitted.another("C-2", to="submitted")
    submitted.travel(timedelta(days=1))
    third = submitted.another("C-3", to="submitted")

    def decided(plan, verb, **given):
        client = as_(submitted["liaison"])
        return client.post(reverse("proposal-act", args=[plan.pk, verb]), given)["Location"]

    def reading(plan):
        return reverse("proposal-act", args=[plan.pk, "shortlist"])

    assert decided(second, "return", reason="Page 3 is missing") == reading(third)
    assert decided(third, "screen_out", reason="Not ours") == reading(submitted.proposal)
    assert decided(submitted.proposal, "shortlist") == reverse("screening")


def test_the_page_says_how_many_wait_and_leads_to_its_neighbours(submitted):
    submitted.travel(timedelta(days=1))
    second = submitted.another("C-2", to="submitted")
    first = look(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist")
    assert "1 of 2 that wait for screening" in first
    assert f'href="/proposals/{second.pk}/shortlist/" rel="next"' in first
    assert 'rel="prev"' not in first
    last = look(submitted["liaison"], "proposal-act", second.pk, "shortlist")
    assert f'href="/proposals/{submitted.proposal.pk}/shortlist/" rel="prev"' in last
    assert 'rel="next"' not in last


def test_the_plan_that_was_decided_is_named(submitted):
    response = as_(submitted["liaison"]).post(address(submitted, "shortlist"), follow=True)
    decided = submitted.now(submitted.proposal)
    assert f"Shortlisted: {decided.written_number} {decided.title}" in page_text(response)


# -- Plan and checks side by side -------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_the_plan_is_read_beside_its_checks_by_the_liaison_alone(submitted, verb):
    pk = submitted.proposal.pk
    got = {handle: status(submitted[handle], "proposal-act", pk, verb) for handle in EVERYBODY}
    assert {handle for handle, code in got.items() if code == 200} == {"liaison"}
    assert {handle for handle, code in got.items() if code == 403} == {
        "chair", "risk", "auditor", "handler", "handler_head"
    }  # fmt: skip
    assert set(got.values()) == {200, 403, 404}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_check_names_its_article_and_what_it_rests_on(submitted, language):
    html = look(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist", language=language)
    answers = re.findall(r'lozenge-(\w+)">[^<]+</span> <b>', html)
    assert answers == ["waiting", "waiting", *["good"] * 7, "plain"]
    cited = {"en": ("Art. 6", "Art. 7", "Art. 13"), "zh-hans": ("第六条", "第七条", "第十三条")}[language]
    assert all(f"<small>{article}</small>" in html for article in cited)
    for evidence in submitted.plan["conditions"].values():
        assert evidence in html


def test_a_plan_that_no_longer_holds_is_told_and_what_follows_is_not_asked(submitted):
    with clock.frozen(clock.now() - timedelta(days=400)):
        html = look(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist")
    answers = re.findall(r'lozenge-(\w+)">[^<]+</span> <b>', html)
    assert answers[0] == "stopped"
    assert answers[3:8] == ["good", "plain", "plain", "plain", "plain"]


def test_what_belies_something_else_in_the_plan_is_told(founded):
    founded.plan = plan(borrower=founded.plan["borrower"] | {"operating": "stopped"})
    founded.to("submitted")
    html = look(founded["liaison"], "proposal-act", founded.proposal.pk, "shortlist")
    for each in find_contradictions(founded.now(founded.proposal).version.plan):
        assert escape(each.message("en")) in html
    assert "operation has stopped" in html


def test_earlier_plans_on_the_same_contracts_are_named_where_they_may_be_seen(submitted):
    submitted.do("screen_out", reason="Not ours")
    earlier = submitted.now(submitted.proposal)
    submitted.proposal = submitted.another("C-1", to="submitted", by="other_handler")
    html = look(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist")
    assert f'href="/proposals/{earlier.pk}/">{earlier.written_number}' in html


def test_a_returned_plan_is_read_as_it_was_submitted(submitted):
    submitted.do("return", reason="Evidence is missing")
    submitted.do("amend", changes={"executor": "Nobody is to read this yet"})
    html = look(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist")
    assert "Nobody is to read this yet" not in html
    assert CODE.findall(html) == ["state/not-allowed"]
    assert "<textarea" not in html


def test_the_ruling_stands_beside_the_differences_from_the_plan_not_carried(again):
    html = look(again["liaison"], "proposal-act", again.proposal.pk, "shortlist")
    assert "another set of measures" in html
    assert again.now(again.rejected).written_number in html
    assert 'name="ruling"' in html
    assert ">needs your ruling</span>" in html


def test_there_is_no_ruling_on_a_first_plan(submitted):
    html = look(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist")
    assert 'name="ruling"' not in html


def test_the_statements_of_the_reading_stay_below_the_limit(again, submitted):
    assert len(queries(again["liaison"], "proposal-act", again.proposal.pk, "shortlist")) <= 25
    few = len(queries(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist"))
    submitted.proposal = submitted.another("E-1", "E-2", "E-3", to="submitted")
    assert len(queries(submitted["liaison"], "proposal-act", submitted.proposal.pk, "shortlist")) == few


# -- The decisions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "given", "state"),
    [
        ("shortlist", {}, "shortlisted"),
        ("return", {"reason": "Page 3 is missing"}, "returned"),
        ("screen_out", {"reason": "Not for this committee"}, "screened_out"),
    ],
)
def test_each_decision_moves_the_plan(submitted, verb, given, state):
    assert decide(submitted, verb, **given).status_code == 302
    assert submitted.state == state


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_but_the_liaison_decides(submitted, verb):
    for handle in EVERYBODY:
        if handle != "liaison":
            assert decide(submitted, verb, by=handle, reason="Why").status_code in {403, 404}, handle
    assert submitted.state == "submitted"


@pytest.mark.parametrize("verb", ["return", "screen_out"])
def test_a_decision_without_its_reason_is_refused_beside_the_field(submitted, verb):
    response = decide(submitted, verb, reason=" …… ")
    assert (response.status_code, codes(response)) == (422, ["14/reason-required"])
    assert "……" in page_text(response)
    assert submitted.state == "submitted"


def test_a_resubmission_is_not_shortlisted_without_a_ruling(again):
    response = decide(again, "shortlist", ruling="。")
    assert (response.status_code, codes(response)) == (422, ["23/ruling-required"])
    assert decide(again, "shortlist", ruling="Litigation instead of instalments").status_code == 302
    assert again.now(again.proposal).ruling == "Litigation instead of instalments"


def test_nothing_written_for_another_decision_is_dropped(again):
    response = decide(again, "return", reason="Page 3 is missing", ruling="A ruling written at length")
    html = page_text(response)
    assert response.status_code == 422
    assert "A ruling written at length" in html
    assert "Page 3 is missing" in html
    assert "A ruling is recorded when the plan is shortlisted" in html
    response = decide(again, "shortlist", reason="Page 3 is missing", ruling="A ruling")
    assert response.status_code == 422
    assert "Page 3 is missing" in page_text(response)
    assert again.state == "submitted"


def test_a_decision_sent_twice_is_made_once(submitted):
    client = as_(submitted["liaison"])
    page = page_text(client.get(address(submitted, "shortlist")))
    given = {"once": re.search(r'name="once" value="([^"]+)"', page)[1], "reason": "Page 3 is missing"}
    first, second = (client.post(address(submitted, "return"), given) for _ in range(2))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert Submission.objects.count() == 1
    assert submitted.state == "returned"


def test_what_was_decided_meanwhile_is_told(submitted):
    submitted.do("shortlist")
    response = decide(submitted, "return", reason="Too late")
    assert (response.status_code, codes(response)) == (409, ["state/not-allowed"])
    assert "Too late" in page_text(response)
