"""The handler's editor: what is typed in its steps is the plan, and nothing is lost or overwritten."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import translation

from office.editor import checks, steps
from office.models import WorkingCopy
from proposals import plan as schema
from proposals.models import PlanVersion
from tests.office.pages import EVERYBODY, as_, look, queries
from tests.proposals.plans import full, places
from tests.stage import *  # noqa: F403  # the fixtures
from tests.stage import today

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
    html = client.get(url).content.decode()
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
    return [schema.json_path(place) for place, _value in places(document)]


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
    html = response.content.decode()
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
        there = as_(stage["handler"]).get(url, {"missing": "1"}).content.decode()
        assert f'id="p-{name}-said"' in there


def test_a_rule_that_is_broken_is_said_before_the_plan_is_complete(drafted):
    document = full(schedule=full()["schedule"][:2])
    document["loans"][0]["classification"] = "special_mention"
    del document["title"]
    stage = with_plan(drafted, document)
    found = checks.of(stage.now(stage.proposal).version.plan, today())
    assert [(fault.name, fault.code) for fault in found] == [
        ("title", "plan/incomplete"),
        ("loans-0-classification", "6/not-non-performing"),
        ("schedule", "plan/unbalanced"),
    ]


def test_a_rule_on_what_is_not_stated_yet_waits(drafted):
    document = full()
    del document["loans"][0]["principal"]
    stage = with_plan(drafted, document)
    found = checks.of(stage.now(stage.proposal).version.plan, today())
    assert [fault.name for fault in found] == ["loans-0-principal"]


def test_nothing_is_found_in_a_plan_that_may_be_submitted(drafted):
    assert checks.of(drafted.now(drafted.proposal).version.plan, today()) == []


def test_what_is_claimed_needs_its_tick(founded):
    stage = with_plan(founded, full())
    response = send(stage, "conditions", **{"conditions-7.2": "Sales seen"})
    assert response.status_code == 422
    assert 'id="p-conditions-7.2-said"' in response.content.decode()
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
    assert 'id="p-base_date-said"' in response.content.decode()
    assert send(stage, "borrower", title="", base_date="2026-2-27").status_code == 302
    assert document(stage)["title"] == ""


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
    html = response.content.decode()
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


def test_submitting_is_confirmed_with_what_was_checked_and_a_refusal_leads_to_its_field(drafted):
    url = reverse("proposal-act", args=[drafted.proposal.pk, "submit"])
    client = as_(drafted["handler"])
    html = client.get(url).content.decode()
    assert all(str(text) in html for text in checks.PASSED)
    other = drafted.another("C-1", to="submitted")
    response = client.post(url)
    assert response.status_code == 422
    assert f'href="{step_url(drafted, "loans")}?missing=1#p-loans"' in response.content.decode()
    drafted.do("withdraw", on=other, reason="Twice")
    assert client.post(url).status_code == 302
    assert drafted.state == "submitted"


def test_an_incomplete_plan_cannot_be_submitted_and_the_ways_are_shown(founded):
    stage = with_plan(founded, {"title": "Only a title"})
    url = reverse("proposal-act", args=[stage.proposal.pk, "submit"])
    html = as_(stage["handler"]).get(url).content.decode()
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
