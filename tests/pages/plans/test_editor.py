"""The handler's editor: what is typed in its steps is the plan, and nothing is lost or overwritten."""

import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import translation

from pages.models import WorkingCopy
from pages.plans.editor import missing, steps
from proposals import finance
from proposals.models import PlanVersion, Proposal
from proposals.plan import schema
from proposals.plan.problem import json_path
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries
from tests.pages.test_pages import Checked
from tests.proposals.plans import full, places
from tests.stage import as_owner, plan, today
from web import idempotent_forms

SLUGS = [step.slug for step in steps.STEPS]
MOST = 25


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


class Form(HTMLParser):
    """The fields of the form of a step, as a browser would send them, and its anchors."""

    def __init__(self, html):
        super().__init__()
        self.fields, self.ids, self.hidden, self.text, self.select = {}, set(), 0, None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.hidden += tag == "template"
        if self.hidden:
            return
        self.ids |= {given["id"]} if "id" in given else set()
        name = given.get("name", "")
        if tag == "input" and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self.fields[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.text, self.fields[name] = name, ""
        elif tag == "select":
            self.select, self.fields[name] = name, ""
        elif tag == "option" and self.select and "selected" in given:
            self.fields[self.select] = given["value"]

    def handle_data(self, data):
        if self.text is not None:
            self.fields[self.text] += data

    def handle_endtag(self, tag):
        self.hidden -= tag == "template"
        if tag == "textarea" and self.text is not None:
            self.fields[self.text] = self.fields[self.text].removeprefix("\n")
            self.text = None
        elif tag == "select":
            self.select = None


def step_url(stage, slug):
    return reverse("plan-step", args=[stage.proposal.pk, slug])


def form_of(client, url):
    html = page_text(client.get(url))
    return Form(html[html.index('id="step-form"') :])


def document(stage):
    return stage.now(stage.proposal).version.document


def number(stage):
    return stage.now(stage.proposal).version.number


def send(stage, slug, client=None, do="save", **changed):
    """The step's form is sent with some of its fields changed."""
    client = client or as_(stage["handler"])
    fields = form_of(client, step_url(stage, slug)).fields
    return client.post(step_url(stage, slug), {**fields, **changed, "do": do})


def with_plan(stage, plan):
    stage.proposal = stage.do("draft", plan=plan)
    return stage


@pytest.mark.parametrize("slug", SLUGS)
def test_saving_a_step_unchanged_changes_nothing(founded, slug):
    stage = with_plan(founded, full())
    response = send(stage, slug)
    assert (response.status_code, response["Location"]) == (302, step_url(stage, slug))
    assert number(stage) == 1


def test_every_step_saves_its_keys_and_the_plan_comes_out_exactly_as_it_went_in(founded):
    """From nothing, each step is sent as a browser shows it for the full plan."""
    complete, empty = with_plan(founded, full()).proposal, founded.do("draft", plan={})
    client = as_(founded["handler"])
    assert {key for step in steps.STEPS for key in step.keys} == set(schema.Terms.model_fields)
    for slug in SLUGS:
        fields = form_of(client, reverse("plan-step", args=[complete.pk, slug])).fields
        url = reverse("plan-step", args=[empty.pk, slug])
        version = form_of(client, url).fields["version"]
        assert client.post(url, {**fields, "version": version, "do": "next"}).status_code == 302
    assert founded.now(empty).version.document == full()
    assert founded.now(empty).version.digest == founded.now(complete).version.digest
    changed = [
        {key for key in after.document if after.document[key] != before.document.get(key)}
        for before, after in zip(
            PlanVersion.objects.filter(proposal=empty).order_by("number"),
            PlanVersion.objects.filter(proposal=empty).order_by("number")[1:],
            strict=False,
        )
    ]
    assert changed == [set(step.keys) for step in steps.STEPS]


# --- what is wrong stands at its field ---


def paths_of(document):
    return [json_path(place) for place, _value in places(document)]


def test_every_place_of_a_plan_is_a_place_in_its_step(founded):
    """Wherever a problem can be, its step has an anchor of that name."""
    stage = with_plan(founded, full())
    client, anchors = as_(stage["handler"]), {}
    for path in paths_of(full()):
        slug = steps.step_of(path).slug
        if slug not in anchors:
            anchors[slug] = form_of(client, step_url(stage, slug)).ids
        name = steps.place(path)
        if slug != "measures":
            assert f"p-{name}" in anchors[slug], path


#: a browser sends none but the codes offered
CHOSEN = {"loans-0-classification", "recoverability"}
WRONG = {
    "borrower": {"base_date": "soon"},
    "loans": {
        "loans-0-principal": "12.345",
        "loans-0-classification": "excellent",
        "loans-1-days_past_due": "-1",
    },
    "security": {"guarantees-0-amount": "1,5", "collateral-0-rank": "0", "collateral-0-haircut": "101"},
    "investigation": {"recoverability": "perhaps"},
    "schedule": {"concessions-new_rate": "six", "schedule-2-due_on": "2026-02-30"},
    "sources": {"alternatives-0-flows-1-amount": "much", "discount_rate": "-6"},
    "execution": {"expected_recovery": "10 000"},
}


@pytest.mark.parametrize("slug", WRONG)
def test_what_no_draft_may_state_is_said_at_its_field_and_in_the_summary_and_what_was_typed_stays(
    founded, slug
):
    stage = with_plan(founded, full())
    response = send(stage, slug, **WRONG[slug])
    html = page_text(response)
    assert response.status_code == 422
    assert number(stage) == 1
    form = Form(html)
    for name, typed in WRONG[slug].items():
        assert f'href="#p-{name}"' in html, name
        assert re.search(rf'id="p-{name}-said"><p class="field-error">', html), name
        if name not in CHOSEN:
            assert form.fields[name] == typed
    again = form_of(as_(stage["handler"]), step_url(stage, slug)).fields
    assert {again[name] == typed for name, typed in WRONG[slug].items() if name not in CHOSEN} <= {True}


def test_what_is_missing_is_counted_by_step_and_leads_to_its_field(drafted):
    document = full()
    del document["borrower"]["cause"], document["loans"][1]["rate"], document["milestones"]
    stage = with_plan(drafted, document)
    html = look(stage["handler"], "plan-check", stage.proposal.pk)
    assert "3 things left to do" in html
    for slug, name in (
        ("borrower", "borrower-cause"), ("loans", "loans-1-rate"), ("execution", "milestones"),
    ):  # fmt: skip
        url = step_url(stage, slug)
        assert f'href="{url}?missing=1#p-{name}"' in html
        there = page_text(as_(stage["handler"]).get(url, {"missing": "1"}))
        assert f'id="p-{name}-said"' in there


def test_a_rule_that_is_broken_is_said_before_the_plan_is_complete(drafted):
    document = full(schedule=full()["schedule"][:2])
    document["loans"][0]["classification"] = "special_mention"
    del document["title"]
    stage = with_plan(drafted, document)
    found = missing.find_faults(stage.now(stage.proposal).version.plan, today())
    assert [(fault.name, fault.code) for fault in found] == [
        ("title", "plan/incomplete"),
        ("loans-0-classification", "6/not-non-performing"),
        ("schedule", "plan/unbalanced"),
    ]


def test_a_rule_on_what_is_not_stated_yet_waits(drafted):
    document = full()
    del document["loans"][0]["principal"]
    stage = with_plan(drafted, document)
    found = missing.find_faults(stage.now(stage.proposal).version.plan, today())
    assert [fault.name for fault in found] == ["loans-0-principal"]


def test_nothing_is_found_in_a_plan_that_may_be_submitted(drafted):
    assert missing.find_faults(drafted.now(drafted.proposal).version.plan, today()) == []


def test_what_is_claimed_needs_its_tick(founded):
    stage = with_plan(founded, full())
    response = send(stage, "conditions", **{"conditions-7.2": "Sales seen"})
    assert response.status_code == 422
    assert 'id="p-conditions-7.2-said"' in page_text(response)
    assert (
        send(
            stage, "conditions", **{"conditions-7.2": "Sales seen", "conditions-7.2-claimed": "on"}
        ).status_code
        == 302
    )
    assert document(stage)["conditions"] == full()["conditions"] | {"7.2": "Sales seen"}


def test_none_is_stated_by_saving_and_not_by_looking(founded):
    stage = with_plan(founded, {})
    send(stage, "security", do="go:conditions")
    assert document(stage) == {}
    send(stage, "security")
    assert document(stage) == {"guarantees": [], "collateral": []}


def test_what_can_only_be_changed_is_not_taken_back(founded):
    stage = with_plan(founded, full())
    response = send(stage, "borrower", base_date="")
    assert response.status_code == 422
    assert 'id="p-base_date-said"' in page_text(response)
    assert send(stage, "borrower", title="", base_date="2026-2-27").status_code == 302
    assert document(stage)["title"] == ""


def test_enter_in_a_field_saves_and_never_discards(founded):
    """A browser presses the first button of the form on the page."""
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    wrong = send(stage, "borrower", client, base_date="soon").content.decode()
    offered = client.get(step_url(stage, "borrower")).content.decode()
    for html in (wrong, offered):
        buttons = re.findall(r"<button[^>]*>", html)
        of_form = [each for each in buttons if 'form="step-form"' in each]
        assert any('value="discard"' in each for each in of_form)
        assert 'value="save"' in of_form[0]
        assert html.index(of_form[0]) < html.index('id="step-form"')


# --- rows without a script ---


def test_a_row_is_added_and_removed_by_buttons_and_nothing_typed_is_lost(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    response = send(stage, "loans", client, do="add:loans", **{"loans-0-contract_no": "GX-9"})
    assert response["Location"] == step_url(stage, "loans") + "#p-loans-2"
    fields = form_of(client, step_url(stage, "loans")).fields
    assert (fields["loans-0-contract_no"], fields["loans-2-contract_no"]) == ("GX-9", "")
    assert number(stage) == 1
    send(stage, "loans", client, do="remove:loans-1")
    fields = form_of(client, step_url(stage, "loans")).fields
    assert "loans-2-contract_no" not in fields
    assert send(stage, "loans", client).status_code == 302
    assert [row["contract_no"] for row in document(stage)["loans"]] == ["GX-9"]


def test_so_is_a_flow_of_an_alternative(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    send(stage, "sources", client, do="add:alternatives-1-flows")
    send(stage, "sources", client, do="remove:alternatives-0-flows-0")
    fields = form_of(client, step_url(stage, "sources")).fields
    assert fields["alternatives-1-flows-1-amount"] == ""
    send(stage, "sources", client, **{"alternatives-1-flows-1-on": "2026年5月6日"})
    saved = document(stage)["alternatives"]
    assert saved[0]["flows"] == full()["alternatives"][0]["flows"][1:]
    assert saved[1]["flows"][1] == {"on": "2026-05-06"}


def test_rows_that_are_not_there_are_not_found(founded):
    stage = with_plan(founded, full())
    for do in ("add:title", "add:loans-0-flows", "add:alternatives-9-flows", "remove:../x"):
        assert send(stage, "loans", do=do).status_code == 404, do
    assert send(stage, "loans", do="remove:loans-99").status_code == 302


# --- who ---


@pytest.mark.parametrize("name", ["plan", "plan-check", "plan-step"])
def test_only_the_institutions_handlers_get_in(drafted, name):
    args = [drafted.proposal.pk, *(["loans"] if name == "plan-step" else [])]
    found = {handle: as_(drafted[handle]).get(reverse(name, args=args)).status_code for handle in EVERYBODY}
    sees = {"handler_head": 403, "auditor": 403, "handler": 302 if name == "plan" else 200}
    assert found == {handle: sees.get(handle, 404) for handle in EVERYBODY}


def test_nobody_else_saves_or_keeps_anything(drafted):
    for name in ("plan-step", "plan-keep"):
        url = reverse(name, args=[drafted.proposal.pk, "borrower"])
        for handle in set(EVERYBODY) - {"handler"}:
            assert as_(drafted[handle]).post(url, {"title": "x"}).status_code in {403, 404}, handle
    assert (number(drafted), WorkingCopy.objects.count()) == (1, 0)


def test_a_step_that_is_not_there_is_not_found(drafted):
    assert as_(drafted["handler"]).get(step_url(drafted, "nonsense")).status_code == 404


def test_a_submitted_plan_is_not_edited_and_what_was_typed_is_kept(submitted):
    response = send(submitted, "borrower", title="Typed too late")
    html = page_text(response)
    assert response.status_code == 409
    assert 'data-code="state/not-allowed"' in html
    assert 'value="Typed too late"' in html


def test_a_new_plan_begins_from_the_desk_and_from_the_list(founded):
    url = reverse("committee-act", args=[founded.committee.pk, "draft"])
    for page in ("desk", "proposals"):
        for handle in EVERYBODY:
            begins = handle in {"handler", "other_handler"}
            assert (f'href="{url}"' in look(founded[handle], page)) is begins, (page, handle)
    response = as_(founded["handler"]).post(url, {"title": "A plan", "name": "王某"}, follow=True)
    made = response.context["proposal"]
    assert made.version.document == {"title": "A plan", "borrower": {"name": "王某"}}


@pytest.mark.parametrize(
    ("given", "document"),
    [
        ({}, {}),
        ({"title": "A plan"}, {"title": "A plan"}),
        ({"name": "王某"}, {"borrower": {"name": "王某"}}),
    ],
    ids=str,
)
def test_a_new_plan_states_nothing_that_was_not_typed(founded, given, document):
    url = reverse("committee-act", args=[founded.committee.pk, "draft"])
    made = as_(founded["handler"]).post(url, {"title": "", "name": "", **given}, follow=True)
    assert made.context["proposal"].version.document == document


def test_submitting_is_confirmed_with_what_was_checked_and_a_refusal_leads_to_its_field(drafted):
    url = reverse("proposal-act", args=[drafted.proposal.pk, "submit"])
    client = as_(drafted["handler"])
    html = page_text(client.get(url))
    assert all(str(text) in html for text in missing.PASSED)
    other = drafted.another("C-1", to="submitted")
    response = client.post(url)
    assert response.status_code == 422
    assert f'href="{step_url(drafted, "loans")}?missing=1#p-loans"' in page_text(response)
    drafted.do("withdraw", on=other, reason="Twice")
    assert client.post(url).status_code == 302
    assert drafted.state == "submitted"


def test_the_last_step_offers_to_submit_and_nothing_else(drafted):
    page = as_(drafted["handler"]).get(reverse("plan-check", args=[drafted.proposal.pk]))
    assert [each.offer.verb for each in page.context["offers"]] == ["submit"]


def test_an_incomplete_plan_cannot_be_submitted_and_the_ways_are_shown(founded):
    stage = with_plan(founded, {"title": "Only a title"})
    url = reverse("proposal-act", args=[stage.proposal.pk, "submit"])
    html = page_text(as_(stage["handler"]).get(url))
    assert 'data-code="plan/incomplete"' in html
    assert f'href="{step_url(stage, "borrower")}?missing=1#p-borrower"' in html
    assert as_(stage["handler"]).post(url).status_code == 422


# --- how much it takes ---


def many(count):
    document = full()
    row, flow = document["loans"][0], document["schedule"][0]
    document["loans"] = [row | {"contract_no": f"GX-{number}"} for number in range(count)]
    document["schedule"] = [dict(flow) for _ in range(count)]
    document["attachments"] = document["attachments"] * count
    return document


@pytest.mark.parametrize("slug", [*SLUGS, "check"])
def test_a_step_takes_few_statements_whatever_the_plan_holds(founded, slug):
    counts = set()
    for count in (1, 3, 40):
        stage = with_plan(founded, many(count))
        args = [stage.proposal.pk] if slug == "check" else [stage.proposal.pk, slug]
        counts.add(len(queries(stage["handler"], "plan-check" if slug == "check" else "plan-step", *args)))
    assert len(counts) == 1
    assert counts.pop() <= MOST


# --- the figures beside ---


def figures(stage, slug, **changed):
    client = as_(stage["handler"])
    fields = form_of(client, step_url(stage, slug)).fields
    url = reverse("plan-figures", args=[stage.proposal.pk, slug])
    response = client.post(url, {**fields, **changed})
    assert response.status_code == 200
    return response.context["sums"], page_text(response)


def test_the_figures_follow_what_is_typed_and_are_those_of_the_engine(founded):
    stage = with_plan(founded, full())
    before, html = figures(stage, "schedule")
    plan = stage.now(stage.proposal).version.plan
    engine = finance.plan_amounts(plan)
    assert (before.owed, before.short) == (engine.owed, 0)
    assert [bar.amount for bar in before.chart.bars] == [
        engine.net_present_value, *(row.net_present_value for row in engine.alternatives),
    ]  # fmt: skip
    assert f"{engine.net_present_value:,.2f}" in html
    after, html = figures(
        stage, "schedule", **{"schedule-0-principal": "49,000", "concessions-principal_waived": "x"}
    )
    assert after.short == Decimal("3000.00")
    assert "Still to be scheduled" in html
    assert after.chart.bars[0].amount < before.chart.bars[0].amount
    assert number(stage) == 1


def test_the_figures_of_an_empty_plan_are_nought_and_say_what_is_needed(founded):
    stage = with_plan(founded, {})
    for slug in SLUGS:
        sums, html = figures(stage, slug)
        assert sums.owed.total == sums.short == 0
        assert "once base date, discount rate and an instalment are stated" in html


def test_a_value_below_zero_stands_left_of_the_line(founded):
    document = full()
    document["alternatives"][0]["cost"] = "90000.00"
    stage = with_plan(founded, document)
    sums, _html = figures(stage, "sources")
    picture, low = sums.chart, sums.chart.bars[1]
    assert low.amount < 0
    assert low.x + low.width == picture.zero > 0


# --- kept while one types ---


def kept_url(stage, slug):
    return reverse("plan-keep", args=[stage.proposal.pk, slug])


def test_what_is_typed_is_kept_and_offered_on_return_to_the_same_person_alone(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    fields = form_of(client, step_url(stage, "borrower")).fields
    answer = client.post(kept_url(stage, "borrower"), {**fields, "title": "Half a ti"})
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["at"])
    assert number(stage) == 1
    back = as_(stage["handler"])
    html = page_text(back.get(step_url(stage, "borrower")))
    assert 'value="Half a ti"' in html
    assert "not saved in the plan yet" in html
    assert "not saved" in look(stage["handler"], "plan-check", stage.proposal.pk)
    as_owner("UPDATE pages_workingcopy SET person_id = {}", stage["other_handler"].pk)
    assert "not saved" not in look(stage["handler"], "plan-check", stage.proposal.pk)
    assert 'value="Half a ti"' not in page_text(back.get(step_url(stage, "borrower")))
    assert "not saved" not in look(stage["handler"], "plan-check", stage.proposal.pk)


def test_what_is_kept_of_one_plan_is_told_with_no_other(founded):
    stage = with_plan(founded, full())
    first = stage.proposal
    client = as_(stage["handler"])
    fields = form_of(client, step_url(stage, "borrower")).fields
    client.post(kept_url(stage, "borrower"), {**fields, "title": "Half a ti"})
    with_plan(stage, full())
    assert "not saved" in look(stage["handler"], "plan-check", first.pk)
    assert "not saved" not in look(stage["handler"], "plan-check", stage.proposal.pk)


def test_it_can_be_thrown_away(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    send(stage, "borrower", client, do="go:loans", base_date="soon")
    assert WorkingCopy.objects.count() == 1
    send(stage, "borrower", client, do="discard")
    assert WorkingCopy.objects.count() == 0
    assert form_of(client, step_url(stage, "borrower")).fields["base_date"] == "2026-02-27"


def test_leaving_a_step_saves_it_or_keeps_what_cannot_be_saved(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    response = send(stage, "borrower", client, do="go:loans", title="Anew")
    assert response["Location"] == step_url(stage, "loans")
    assert document(stage)["title"] == "Anew"
    response = send(stage, "borrower", client, do="go:loans", base_date="soon", title="Once more")
    assert response["Location"] == step_url(stage, "loans")
    assert document(stage)["title"] == "Anew"
    fields = form_of(client, step_url(stage, "borrower")).fields
    assert (fields["title"], fields["base_date"]) == ("Once more", "soon")


def test_what_was_kept_too_late_and_is_saved_already_is_not_offered_again(founded):
    stage = with_plan(founded, full())
    client = as_(stage["handler"])
    fields = form_of(client, step_url(stage, "borrower")).fields
    client.post(step_url(stage, "borrower"), {**fields, "title": "Anew", "do": "save"})
    client.post(kept_url(stage, "borrower"), {**fields, "title": "Anew"})
    assert WorkingCopy.objects.count() == 0


def test_a_form_left_open_by_somebody_else_is_not_kept(drafted):
    fields = form_of(as_(drafted["handler"]), step_url(drafted, "borrower")).fields
    client = as_(drafted["handler"])
    other = idempotent_forms.form_token(drafted["liaison"])
    assert client.post(kept_url(drafted, "borrower"), {**fields, "once": other}).status_code == 403
    assert WorkingCopy.objects.count() == 0


def test_a_script_learns_that_the_session_has_ended_and_goes_on_after_signing_in(drafted):
    client = as_(drafted["handler"])
    fields = form_of(client, step_url(drafted, "borrower")).fields
    client.logout()
    heads = {"X-Requested-With": "fetch"}
    assert client.post(kept_url(drafted, "borrower"), fields, headers=heads).status_code == 401
    assert client.get(step_url(drafted, "borrower"), headers=heads).status_code == 401
    client.force_login(drafted["handler"], backend="django.contrib.auth.backends.ModelBackend")
    fresh = form_of(client, step_url(drafted, "borrower")).fields
    given = {**fields, "title": "Typed before", "once": fresh["once"]}
    assert client.post(kept_url(drafted, "borrower"), given, headers=heads).status_code == 200
    assert form_of(client, step_url(drafted, "borrower")).fields["title"] == "Typed before"


def test_a_form_sent_after_the_session_ended_comes_back_after_signing_in(drafted):
    client = as_(drafted["handler"])
    fields = form_of(client, step_url(drafted, "borrower")).fields
    client.logout()
    sent = client.post(step_url(drafted, "borrower"), {**fields, "title": "Sent too late", "do": "next"})
    assert sent["Location"].startswith(reverse("login"))
    client.force_login(drafted["handler"], backend="django.contrib.auth.backends.ModelBackend")
    assert form_of(client, step_url(drafted, "borrower")).fields["title"] == "Sent too late"
    assert number(drafted) == 1


# --- two people ---


def conflicting(stage, slug="borrower", **typed):
    """The form opened before a colleague saved another borrower, sent after."""
    client = as_(stage["handler"])
    fields = form_of(client, step_url(stage, slug)).fields
    borrower = full()["borrower"] | {"cause": "A flood"}
    stage.do("amend", on=stage.proposal, changes={"borrower": borrower})
    return client, {**fields, **typed, "do": "save"}


def test_what_nobody_else_touched_is_just_saved(founded):
    stage = with_plan(founded, full())
    client, given = conflicting(stage, title="Mine")
    assert client.post(step_url(stage, "borrower"), given).status_code == 302
    assert document(stage) == full(title="Mine", borrower=full()["borrower"] | {"cause": "A flood"})


def test_the_second_is_told_who_changed_what_and_when_and_nothing_is_overwritten(founded):
    stage = with_plan(founded, full())
    client, given = conflicting(stage, **{"borrower-cause": "A drought", "title": "Mine too"})
    response = client.post(step_url(stage, "borrower"), given)
    html = page_text(response)
    assert response.status_code == 409
    assert number(stage) == 2
    assert "A flood" in html
    assert "A drought" in html
    assert f"{stage['handler'].display_name} saved it on" in html
    assert "version 2" in html
    assert form_of(client, step_url(stage, "borrower")).fields["borrower-cause"] == "A drought"


def test_of_the_versions_since_those_are_told_that_changed_the_part(founded):
    stage = with_plan(founded, full())
    client, given = conflicting(stage, **{"borrower-cause": "A drought"})
    stage.do("amend", on=stage.proposal, changes={"title": "Another title"})
    stage.do("amend", on=stage.proposal, changes={"borrower": full()["borrower"] | {"cause": "A fire"}})
    html = page_text(client.post(step_url(stage, "borrower"), given))
    assert re.findall(r"saved it on .*?\(version (\d)\)", html) == ["2", "4"]


@pytest.mark.parametrize(("choice", "cause"), [("mine", "A drought"), ("theirs", "A flood")])
def test_the_second_chooses(founded, choice, cause):
    stage = with_plan(founded, full())
    client, given = conflicting(stage, **{"borrower-cause": "A drought", "title": "Mine too"})
    client.post(step_url(stage, "borrower"), given)
    unsettled = {**given, "seen": "2"}
    assert client.post(step_url(stage, "borrower"), unsettled).status_code == 409
    settled = {**unsettled, "choose-borrower": choice}
    assert client.post(step_url(stage, "borrower"), settled).status_code == 302
    assert document(stage) == full(title="Mine too", borrower=full()["borrower"] | {"cause": cause})
    assert WorkingCopy.objects.count() == 0


def test_a_third_change_after_the_choice_was_shown_is_asked_again(founded):
    stage = with_plan(founded, full())
    client, given = conflicting(stage, **{"borrower-cause": "A drought"})
    stage.do("amend", on=stage.proposal, changes={"borrower": full()["borrower"] | {"cause": "A fire"}})
    settled = {**given, "seen": "2", "choose-borrower": "mine"}
    response = client.post(step_url(stage, "borrower"), settled)
    assert response.status_code == 409
    assert "A fire" in page_text(response)
    assert document(stage)["borrower"]["cause"] == "A fire"


def test_both_typing_the_same_is_no_conflict_and_a_form_sent_twice_saves_once(founded):
    stage = with_plan(founded, full())
    client, given = conflicting(stage, **{"borrower-cause": "A flood"})
    for _again in range(2):
        assert client.post(step_url(stage, "borrower"), given).status_code == 302
    assert number(stage) == 2
    given["title"] = "Typed once"
    for _again in range(2):
        assert client.post(step_url(stage, "borrower"), given).status_code == 302
    assert number(stage) == 3


def test_a_version_that_was_never_is_taken_for_the_present_one(founded):
    stage = with_plan(founded, full())
    for version in ("", "0", "99", "x", "-1", "٣"):
        assert send(stage, "borrower", version=version).status_code == 302
    assert number(stage) == 1


# --- beside a plan that was not carried ---


def rejected(stage):
    stage.cast("against:No", "against:No", "for")
    stage.do("close_vote")
    return stage


def test_a_plan_not_carried_is_revised_beside_the_field_by_field_difference(voting):
    stage = rejected(voting)
    before = stage.proposal
    address = reverse("proposal-act", args=[before.pk, "revise"])
    client = as_(stage["handler"])
    made = client.post(address)
    stage.proposal = Proposal.objects.get(revises=before)
    assert made["Location"] == reverse("plan", args=[stage.proposal.pk])
    html = look(stage["handler"], "plan-step", stage.proposal.pk, "measures")
    assert "no change in substance yet" in html
    send(stage, "measures", client, **{"measures-litigation": "on"})
    html = look(stage["handler"], "plan-step", stage.proposal.pk, "measures")
    assert "1 change in substance" in html
    assert "Litigation" in html[html.index('id="compared"') :]
    assert "Nothing differs here." in look(stage["handler"], "plan-step", stage.proposal.pk, "borrower")
    assert "another set of measures" in look(stage["handler"], "plan-check", stage.proposal.pk)


def test_the_plans_that_revise_one_are_on_its_page_in_the_order_they_were_made(voting):
    stage = rejected(voting)
    first = stage.do("revise", changes={})
    stage.do("withdraw", on=first, reason="Begun anew")
    second = stage.do("revise", changes={})
    html = look(stage["handler"], "proposal", stage.proposal.pk).partition("Revised by")[2]
    ways = re.findall(r'href="([^"]+)"', html.partition("</dd>")[0])
    assert ways == [reverse("proposal", args=[row.pk]) for row in (first, second)]


def test_nobody_else_revises(voting):
    stage = rejected(voting)
    address = reverse("proposal-act", args=[stage.proposal.pk, "revise"])
    for handle in set(EVERYBODY) - {"handler"}:
        assert as_(stage[handle]).post(address).status_code in {403, 404}, handle


def test_a_plan_of_another_institution_that_was_not_carried_is_not_shown(voting):
    stage = rejected(voting)
    stage.proposal = stage.do("draft", "other_handler", plan=plan("C-1"))
    html = look(stage["other_handler"], "plan-check", stage.proposal.pk)
    assert "which was not carried" not in html


def test_withdrawing_states_its_reason(drafted):
    address = reverse("proposal-act", args=[drafted.proposal.pk, "withdraw"])
    client = as_(drafted["handler"])
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "Paid"}).status_code == 302
    assert drafted.state == "withdrawn"
    assert client.get(step_url(drafted, "loans")).status_code == 200


def test_a_returned_plan_is_amended_and_submitted_again(submitted):
    submitted.do("return", reason="Cause too short")
    html = look(submitted["handler"], "proposal", submitted.proposal.pk)
    assert f'href="{reverse("plan", args=[submitted.proposal.pk])}"' in html
    send(submitted, "borrower", **{"borrower-cause": "Illness since spring"})
    as_(submitted["handler"]).post(reverse("proposal-act", args=[submitted.proposal.pk, "submit"]))
    assert submitted.state == "submitted"
    assert document(submitted)["borrower"]["cause"] == "Illness since spring"


# --- the pages themselves ---


@pytest.mark.parametrize("slug", [*SLUGS, "check", "import", "generate"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_step_holds_nothing_inline_no_name_twice_and_no_way_to_nowhere(founded, slug, language):
    for document in ({}, many(7)):
        stage = with_plan(founded, document)
        pk = stage.proposal.pk
        name, args = {
            "check": ("plan-check", [pk]),
            "import": ("plan-import", [pk, "loans"]),
            "generate": ("plan-generate", [pk]),
        }.get(slug, ("plan-step", [pk, slug]))
        page = as_(stage["handler"], language).get(reverse(name, args=args), {"missing": "1"})
        assert Checked(page_text(page)).faults == []


def test_forty_loans_make_a_page_that_a_phone_can_bear(founded):
    stage = with_plan(founded, many(40))
    html = look(stage["handler"], "plan-step", stage.proposal.pk, "loans")
    assert html.count("<details") >= 40
    assert len(html) < 400_000
