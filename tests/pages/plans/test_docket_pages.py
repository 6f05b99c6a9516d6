"""The docket: chosen, seen as a list, filed; read by whoever sees a plan of it."""

import re

import pytest
from django.urls import reverse

from audit.models import Entry
from proposals.models import Docket, DocketEntry, Proposal
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, PASSING, as_, look, queries, seeing, status
from tests.stage import Stage, stages

SEES = {"liaison", "chair", "seat2", "seat3", "head_office", "risk", "auditor", "handler", "handler_head"}


def three_shortlisted() -> Stage:
    stage = Stage().to("shortlisted")
    stage.plans = [stage.now(stage.proposal)] + [
        stage.another(f"D-{number}", to="shortlisted", title=f"Plan {number}") for number in (2, 3)
    ]
    return stage


three = stages("three", three_shortlisted)


def address(stage):
    return reverse("docket-new", args=[stage.committee.pk])


def names(rows):
    return [str(row.pk) for row in rows]


def listed(html):
    """The plans that the page lists, in this order."""
    return re.findall(r'<input type="hidden" name="(?:row|plan)" value="(\d+)">', html)


def file(stage, *plans, by="liaison", **given):
    return as_(stage[by]).post(address(stage), {"plan": names(plans), **given})


def docket_of(proposal):
    return Docket.objects.get(entries__proposal=proposal)


# -- Choosing and filing ----------------------------------------------------------------------------


def test_at_first_all_shortlisted_plans_are_chosen_the_oldest_first(three):
    html = page_text(as_(three["liaison"]).get(address(three)))
    assert listed(html) == names(three.plans)
    assert html.count(" checked>") == 3


def test_a_plan_is_moved_up_and_down_and_keeps_its_mark(three):
    one, two, last = three.plans
    given = {"row": names(three.plans), "plan": names([one, two]), "up": two.pk}
    html = page_text(as_(three["liaison"]).get(address(three), given))
    assert listed(html) == names([two, one, last])
    assert html.count(" checked>") == 2
    given = {"row": names(three.plans), "plan": [], "down": last.pk}
    html = page_text(as_(three["liaison"]).get(address(three), given))
    assert listed(html) == names(three.plans)
    assert " checked>" not in html


def test_the_list_is_seen_before_it_is_filed_and_nothing_is_filed_by_seeing_it(three):
    one, two, last = three.plans
    given = {"row": names([last, one, two]), "plan": names([one, last]), "preview": "1"}
    response = as_(three["liaison"]).get(address(three), given)
    html = page_text(response)
    assert listed(html) == names([last, one])
    assert "This cannot be undone." in html
    assert "the number is given when it is filed" in html
    assert "2,220.00" in html
    assert not Docket.objects.filter(committee=three.committee).exists()


def test_an_empty_list_is_refused(three):
    given = {"row": names(three.plans), "preview": "1"}
    response = as_(three["liaison"]).get(address(three), given)
    assert response.status_code == 409
    assert 'data-code="14/not-shortlisted"' in page_text(response)
    response = file(three)
    assert response.status_code == 409
    assert 'data-code="14/not-shortlisted"' in page_text(response)


def test_the_docket_is_filed_in_the_order_chosen_with_the_plans_chosen(three):
    one, _two, last = three.plans
    response = file(three, last, one)
    docket = docket_of(one)
    assert response["Location"] == reverse("docket", args=[docket.pk])
    entries = DocketEntry.objects.filter(docket=docket).order_by("pk")
    assert [entry.proposal for entry in entries] == [last, one]
    assert [three.now(row).state for row in three.plans] == ["filed", "shortlisted", "filed"]


def test_a_docket_sent_twice_is_filed_once(three):
    client = as_(three["liaison"])
    page = page_text(client.get(address(three), {"preview": "1"}))
    given = {"plan": names(three.plans), "once": re.search(r'name="once" value="([^"]+)"', page)[1]}
    first, second = (client.post(address(three), given) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Docket.objects.filter(committee=three.committee).count() == 1


def test_a_plan_that_was_filed_meanwhile_is_told_and_the_rest_is_offered_again(three):
    one, two, _last = three.plans
    three.do("file_docket", proposals=[one])
    response = file(three, one, two)
    html = page_text(response)
    assert response.status_code == 409
    assert 'data-code="state/not-allowed"' in html
    assert listed(html) == names([two])
    assert three.now(two).state == "shortlisted"


def test_a_plan_not_shortlisted_is_refused(three):
    other = three.another("E-1", to="submitted")
    response = file(three, other)
    assert response.status_code == 409
    assert 'data-code="14/not-shortlisted"' in page_text(response)


def test_a_plan_that_the_liaison_does_not_see_is_not_found(three):
    abroad = Stage().to("shortlisted")
    draft = three.do("draft", plan=three.plan | {"title": "A draft"})
    none = file(three, Proposal(pk=draft.pk + 1000), three.plans[0])
    for hidden in (abroad.proposal, draft):
        found = file(three, hidden, three.plans[0])
        assert found.status_code == 404
        assert PASSING.sub("", page_text(found)) == PASSING.sub("", page_text(none))
    assert as_(abroad["liaison"]).post(address(three), {"plan": names(three.plans)}).status_code == 404
    assert not Docket.objects.filter(committee=three.committee).exists()


def test_nobody_but_the_liaison_files(three):
    before = Entry.objects.count()
    officers = {"chair", "seat2", "seat3", "handler", "other_handler", "credit", "head_office", "risk"}
    for handle in {*EVERYBODY} - {"liaison"}:
        client = as_(three[handle])
        expected = 403 if handle in officers else 404
        assert client.get(address(three)).status_code == expected, handle
        assert client.post(address(three), {"plan": names(three.plans)}).status_code == expected, handle
    assert Entry.objects.count() == before


def test_nothing_shortlisted_leads_to_the_screening(submitted):
    html = page_text(as_(submitted["liaison"]).get(address(submitted)))
    assert "No plan is shortlisted" in html


# -- The dockets filed ------------------------------------------------------------------------------


def test_a_docket_is_seen_by_whoever_sees_a_plan_of_it(filed):
    docket = docket_of(filed.proposal)
    assert seeing(filed, "docket", docket.pk) == SEES
    for handle in EVERYBODY:
        assert (f"/dockets/{docket.pk}/" in look(filed[handle], "dockets")) is (handle in SEES), handle


def test_nobody_of_another_bank_sees_a_docket(filed):
    docket = docket_of(filed.proposal)
    abroad = Stage()
    for handle in EVERYBODY:
        assert status(abroad[handle], "docket", docket.pk) == 404, handle
        assert str(docket) not in look(abroad[handle], "dockets"), handle


def test_an_institution_sees_its_own_plans_on_a_docket_and_no_others(three):
    theirs = three.another("F-1", to="shortlisted", by="other_handler", title="Of the other institution")
    three.do("file_docket", proposals=[*three.plans, theirs])
    docket = docket_of(theirs)
    html = look(three["other_handler"], "docket", docket.pk)
    assert "Of the other institution" in html
    assert "Plan 2" not in html
    assert "Only the plans that your office sees" in html
    assert "1,110.00" in html
    assert "4,440.00" not in html
    assert "Only the plans that your office sees" not in look(three["seat2"], "docket", docket.pk)
    row = look(three["other_handler"], "dockets").partition("<tbody>")[2]
    assert re.search(r'data-label="Number of plans">1<', row)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_docket_names_each_plan_with_what_is_owed_in_the_version_filed(filed, language):
    docket = docket_of(filed.proposal)
    html = look(filed["chair"], "docket", docket.pk, language=language)
    assert str(docket) in html
    assert filed.now(filed.proposal).written_number in html
    assert "1,110.00" in html
    assert ("联席会议" if language == "zh-hans" else "Filed with head office") in html


def test_the_desk_of_head_office_leads_to_the_docket(filed):
    docket = docket_of(filed.proposal)
    assert f'href="/dockets/{docket.pk}/"' in look(filed["head_office"], "desk")


def test_statements_do_not_grow_with_rows(three):
    one, two, last = three.plans
    few = len(queries(three["liaison"], "docket-new", three.committee.pk))
    three.do("file_docket", proposals=[one])
    small = docket_of(one)
    listing = {handle: len(queries(three[handle], "dockets")) for handle in ("liaison", "head_office")}
    page = len(queries(three["chair"], "docket", small.pk))
    three.do("file_docket", proposals=[two, last, three.another("G-1", to="shortlisted")])
    three.do("file_docket", proposals=[three.another("G-2", to="shortlisted")])
    assert len(queries(three["chair"], "docket", docket_of(two).pk)) == page <= 25
    assert {handle: len(queries(three[handle], "dockets")) for handle in listing} == listing
    for number in range(2):
        three.another(f"H-{number}", to="shortlisted")
    assert len(queries(three["liaison"], "docket-new", three.committee.pk)) <= few <= 25
