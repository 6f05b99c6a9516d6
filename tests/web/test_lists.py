"""Lists: filters, order and pages in the address; exports of what is shown."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from pages.meetings.listing import Meetings
from pages.oversight.log import views as pages_of_streams
from pages.plans.listing import Proposals
from proposals.models import Proposal
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, seeing
from tests.stage import Stage, as_owner, head, stages
from web.exports import files, jobs
from web.lists import paging
from web.lists.listing import by_name
from web.models import Export
from web.viewer import Viewer, viewer_for


def several() -> Stage:
    """Seven proposals of both institutions in several states, of different amounts."""
    stage = Stage().to("filed")
    stage.drafts = [stage.another(f"D-{n}", to="drafted", title=f"Draft {n}") for n in range(3)]
    stage.returned = stage.another("R-1", to="submitted", title="Returned once")
    stage.do("return", on=stage.returned, reason="Evidence is missing")
    stage.foreign = stage.another("F-1", "F-2", to="submitted", by="other_handler", title="Of the others")
    stage.second = stage.another("S-1", "S-2", "S-3", to="shortlisted", title="=1+1")
    return stage


many = stages("many", several)


def listing(stage, handle, given="", kind=Proposals):
    return kind(Viewer(stage[handle]), QueryDict(given))


def shown(stage, handle, given=""):
    return [row.pk for row in listing(stage, handle, given).page.rows]


# -- Filters ----------------------------------------------------------------------------------------


def test_several_states_are_asked_for_at_once(many):
    found = shown(many, "liaison", "state=filed&state=submitted")
    assert set(found) == {many.proposal.pk, many.foreign.pk}


def test_filters_are_kept_in_the_address_and_removed_one_by_one(many):
    found = listing(many, "auditor", "state=filed&state=draft&q=a&submitted_from=2026-01-01&sort=owed")
    again = listing(many, "auditor", found.address)
    assert again.state == found.state
    told = {active.text for active in found.active_filters}
    assert told == {"“a”", "Draft", "Filed with head office", "Submitted from 2026-01-01"}
    without = next(word for word in found.active_filters if word.text == "Draft")
    assert "state=draft" not in without.url
    assert "state=filed" in without.url
    assert "sort=owed" in without.url


@pytest.mark.parametrize(
    "nonsense", ["state=nonsense", "unit=0", "submitted_from=yesterday", "sort=--since", "sort=pk", "after=x",
                 "before=99999999999999999999", "resubmission=2", "committee=1%00", "after=0", "docket=1e5"],
)  # fmt: skip
def test_what_makes_no_sense_is_not_asked_for(many, nonsense):
    assert shown(many, "auditor", nonsense) == shown(many, "auditor")
    assert not listing(many, "auditor", nonsense).narrowed


@pytest.mark.parametrize(
    ("given", "asked"),
    [("state=filed&state=nonsense&state=filed", "state=filed"),
     ("submitted_from=yesterday&submitted_to=2026-03-02", "submitted_to=2026-03-02"),
     ("submitted_from=２０２６年３月２日&submitted_to=2026-02-30", "submitted_from=2026-03-02"),
     ("q=%00 Ａ１ &resubmission=1&sort=-owed", "q=A1&resubmission=1&sort=-owed")],
)  # fmt: skip
def test_beside_what_makes_no_sense_the_rest_holds(many, given, asked):
    assert listing(many, "auditor", given).address == asked


def test_a_period_includes_both_of_its_days(many):
    assert len(shown(many, "liaison", "submitted_from=2026-03-02&submitted_to=2026-03-02")) == 4
    assert shown(many, "liaison", "submitted_from=2026-03-03") == []
    assert shown(many, "liaison", "submitted_to=2026-03-01") == []


def test_the_institution_is_a_filter_for_whoever_sees_several(many):
    unit = many.foreign.unit_id
    assert shown(many, "liaison", f"unit={unit}") == [many.foreign.pk]
    assert "unit" not in listing(many, "handler").asked


def test_the_page_carries_the_filters_through_its_form(many):
    html = look(many["auditor"], "proposals", state="draft", sort="owed")
    assert 'name="state" value="draft" checked' in html
    assert '<option value="owed" selected>' in html


# -- Order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Proposals, Meetings])
def test_a_page_has_a_head_for_each_cell(many, kind):
    many.convene(many.proposal)
    html = look(many["auditor"], kind.name)
    head, body = re.search(r"<thead>(.*?)</thead>\s*<tbody>(.*?)</tr>", html, re.DOTALL).groups()
    assert head.count("<th") == body.count("<th") + body.count("<td") > 3


def test_a_column_sorts_one_way_then_the_other_and_says_so(many):
    amounts = [row.owed for row in listing(many, "auditor", "sort=owed").page.rows]
    assert amounts == sorted(amounts)
    assert shown(many, "auditor", "sort=-owed") == shown(many, "auditor", "sort=owed")[::-1]
    html = look(many["auditor"], "proposals", sort="owed")
    assert html.count("aria-sort") == 1
    head = re.search(r'<th[^>]*aria-sort="ascending"[^>]*><a[^>]*href="([^"]*)"', html)
    assert unescape(head[1]) == "?sort=-owed"


@pytest.mark.parametrize("sort", ["number", "-number", "borrower", "since", "-since", "owed", "-owed"])
def test_pages_in_both_directions_hold_every_row_once(many, sort, monkeypatch):
    monkeypatch.setattr(Proposals, "per_page", 2)
    whole = [row.pk for row in listing(many, "auditor", f"sort={sort}").rows]
    assert len(whole) == 7
    forward, given = [], f"sort={sort}"
    while True:
        page = listing(many, "auditor", given).page
        forward += [row.pk for row in page.rows]
        if not page.next:
            break
        given = page.next.removeprefix("?")
    assert forward == whole
    page = listing(many, "auditor", f"sort={sort}&end=1").page
    backward = [row.pk for row in page.rows]
    while page.previous:
        page = listing(many, "auditor", page.previous.removeprefix("?")).page
        backward = [row.pk for row in page.rows if row.pk not in backward] + backward
    assert backward == whole


def test_a_place_in_the_list_is_only_had_from_a_row_that_one_sees(many):
    """Pages begin after a row; one that the person may not see places nothing: its values would show."""
    draft = many.drafts[0].pk
    assert shown(many, "liaison", f"sort=owed&after={draft}") == shown(many, "liaison", "sort=owed")


def test_a_long_list_is_counted_no_further_than_it_is_told(many, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 3)
    assert str(listing(many, "auditor").count) == "3+"
    monkeypatch.setattr(paging, "COUNTED", 7)
    assert str(listing(many, "auditor").count) == "7"


def test_a_returned_plan_is_listed_with_what_was_owed_as_submitted(many):
    many.do("amend", on=many.returned, changes={"loans": dearer(many.plan)})
    assert many.now(many.returned).owed == Decimal("1110.00")
    assert "9,999,999.00" not in look(many["liaison"], "proposals")


def dearer(plan):
    return [plan["loans"][0] | {"contract_no": "R-1", "principal": "9999999.00"}]


# -- Exports ----------------------------------------------------------------------------------------


def exported(stage, handle, kind="csv", **given):
    response = as_(stage[handle]).get(reverse("export", args=["proposals", kind]), given)
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if kind == "csv":
        assert body.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(StringIO(body.decode("utf-8-sig"))))
    sheet = load_workbook(BytesIO(body)).active
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_holds_what_is_shown_and_no_more(many, kind):
    titles = {row["Title"] for row in exported(many, "liaison", kind, state="submitted")}
    assert titles == {"Of the others"}
    for handle in EVERYBODY:
        visible = {row.title for row in Proposal.objects.visible_to(many[handle])}
        told = {str(row["Title"]).removeprefix("'") for row in exported(many, handle, kind)}
        assert told == visible, handle


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_title_is_never_a_formula(many, kind):
    assert "'=1+1" in {row["Title"] for row in exported(many, "liaison", kind)}


@pytest.mark.parametrize(
    "head", ["=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠", " =", "　=", "\t="]
)
def test_what_begins_like_a_formula_is_defused(head):
    assert files.harmless(f"{head}cmd|' /C calc'!A0") == f"'{head}cmd|' /C calc'!A0"
    assert files.harmless(f"A{head}") == f"A{head}"


def test_numbers_stay_numbers_and_amounts_exact(many):
    assert {row["Owed, yuan"] for row in exported(many, "auditor")} == {"1110.00", "2220.00", "3330.00"}
    amounts = {row["Owed, yuan"] for row in exported(many, "auditor", "xlsx")}
    assert amounts == {1110, 2220, 3330}


def test_an_amount_that_a_spreadsheet_would_round_is_written_as_text(many):
    Proposal.objects.filter(pk=many.proposal.pk).update(owed=Decimal("1234567890123456.78"))
    told = {row["Owed, yuan"] for row in exported(many, "liaison", "xlsx")}
    assert "1234567890123456.78" in told
    assert "1234567890123456.78" in {row["Owed, yuan"] for row in exported(many, "liaison")}


def test_an_export_says_of_each_plan_whether_it_is_a_resubmission(many):
    Proposal.objects.filter(pk=many.proposal.pk).update(resubmission=True)
    said = {row["Number"]: row["Resubmission"] for row in exported(many, "liaison")}
    own = many.now(many.proposal).written_number
    assert said.pop(own) == "yes"
    assert set(said.values()) == {"no"}
    assert shown(many, "liaison", "resubmission=1") == [many.proposal.pk]


def test_moments_have_their_zone(many):
    assert exported(many, "liaison")[0]["In this state since"] == "2026-03-02T09:00:00+08:00"
    row = exported(many, "liaison", "xlsx")[0]
    assert row["In this state since (Asia/Shanghai)"] == datetime(2026, 3, 2, 9)  # noqa: DTZ001 - a cell has no zone


def test_a_negative_number_is_no_formula():
    assert files._as_text(Decimal("-5.00")) == "-5.00"
    assert files._as_text(date(2026, 3, 2)) == "2026-03-02"


def test_characters_that_a_workbook_cannot_hold_are_left_out(many):
    Proposal.objects.filter(pk=many.proposal.pk).update(title="A\x0bB")
    assert "AB" in {row["Title"] for row in exported(many, "liaison", "xlsx")}


def test_the_head_of_a_csv_is_sent_before_anything_is_read(many, django_assert_num_queries):
    wanted = listing(many, "liaison")
    with django_assert_num_queries(0):
        assert next(files.csv_parts(wanted)).startswith("\ufeffNumber,Title")


def test_meetings_are_exported_too(many):
    many.convene(many.proposal)
    response = as_(many["liaison"], "zh-hans").get(reverse("export", args=["meetings", "csv"]))
    assert "会议".encode() in b"".join(response.streaming_content)
    assert not list(listing(many, "handler", kind=Meetings).rows)


def test_no_other_list_or_format_is_exported(many):
    client = as_(many["liaison"])
    for name, kind in (("streams", "csv"), ("proposals", "pdf")):
        assert client.get(reverse("export", args=[name, kind])).status_code == 404


# -- Long exports -----------------------------------------------------------------------------------


@pytest.fixture
def long_lists(monkeypatch, tmp_path, settings):
    monkeypatch.setattr(paging, "COUNTED", 0)
    settings.VAR_DIR = tmp_path


def asked_for(stage, handle, given=""):
    response = as_(stage[handle]).post(f"{reverse('export', args=['proposals', 'xlsx'])}?{given}")
    assert response.status_code == 302
    return Export.objects.get(pk=int(response["Location"].rstrip("/").rpartition("/")[2]))


def test_a_long_workbook_is_built_in_the_background_and_shows_how_far_it_is(many, long_lists):
    html = look(many["liaison"], "export", "proposals", "xlsx")
    assert "Build the workbook" in html
    assert not Export.objects.exists()
    asked = asked_for(many, "liaison", "sort=owed")
    assert "Waiting in line" in look(many["liaison"], "export-progress", asked.pk)
    assert as_(many["liaison"]).get(reverse("export-file", args=[asked.pk])).status_code == 404
    jobs.build(asked.pk)
    assert "The workbook is ready: 4 rows" in look(many["liaison"], "export-progress", asked.pk)
    response = as_(many["liaison"]).get(reverse("export-file", args=[asked.pk]))
    sheet = load_workbook(BytesIO(response.getvalue())).active
    assert sheet.max_row == 5
    assert response["Content-Disposition"].startswith("attachment")
    assert f"-{asked.pk}.xlsx" in response["Content-Disposition"]


def test_an_export_is_for_whoever_asked_alone(many, long_lists):
    asked = asked_for(many, "liaison")
    jobs.build(asked.pk)
    assert seeing(many, "export-progress", asked.pk) == {"liaison"}
    assert seeing(many, "export-file", asked.pk) == {"liaison"}
    assert Client().get(reverse("export-file", args=[asked.pk])).status_code == 302
    assert asked.path.stat().st_mode & 0o077 == 0


def test_what_may_be_seen_is_asked_again_when_the_file_is_built(many, long_lists):
    asked = asked_for(many, "seat2")
    many.do("vacate_seat", seat=2)
    jobs.build(asked.pk)
    assert load_workbook(asked.path).active.max_row == 1


def test_nothing_is_built_for_somebody_who_has_left(many, long_lists):
    asked = asked_for(many, "liaison")
    type(many["liaison"]).objects.filter(pk=many["liaison"].pk).update(is_active=False)
    with pytest.raises(PermissionError):
        jobs.build(asked.pk)
    assert many.now(asked).state == Export.State.FAILED
    assert not asked.path.exists()


def test_an_export_is_gone_after_a_day(many, long_lists):
    asked = asked_for(many, "liaison")
    jobs.build(asked.pk)
    before = timezone.now() - jobs.KEPT
    as_owner("UPDATE web_export SET asked_at = {} WHERE id = {}", before, asked.pk)
    assert seeing(many, "export-file", asked.pk) == set()
    jobs.clear()
    assert not Export.objects.exists()
    assert not asked.path.exists()


def test_a_job_run_twice_builds_once(many, long_lists):
    asked = asked_for(many, "liaison")
    jobs.build(asked.pk)
    before = asked.path.stat().st_mtime_ns
    jobs.build(asked.pk)
    assert asked.path.stat().st_mtime_ns == before


# -- The streams of the log -------------------------------------------------------------------------


def test_streams_are_paged_by_time_in_both_directions(many, monkeypatch):
    monkeypatch.setattr(paging, "PER_PAGE", 2)
    client = as_(many["auditor"])

    def page(query):
        html = page_text(client.get(reverse("streams") + query))
        found = re.findall(r'<th scope="row"><a href="/audit/([a-z]+:\d+)/"', html)
        ways = re.findall(r'href="(\?[^"]*)" rel="(\w+)"', html)
        return found, {rel: unescape(url) for url, rel in ways}

    forward, way = page("")
    while "next" in way:
        found, way = page(way["next"])
        forward += found
    backward, way = page("?end=1")
    while "prev" in way:
        found, way = page(way["prev"])
        backward = [each for each in found if each not in backward] + backward
    assert len(forward) == len(set(forward)) > 7
    assert backward == forward
    assert page(f"?after=proposal:{10**9}")[0] == forward[:2]


def entries(stage, stream):
    """The entries on the pages of a stream, one page after the other: number, what its check says."""
    client, query, found = as_(stage["auditor"]), "", []
    while query is not None:
        html = page_text(client.get(reverse("stream", args=[stream]) + query))
        found += re.findall(
            r'data-label="No\.">(\d+)</td>.*?<span class="lozenge lozenge-\w+">([^<]+)<', html, re.DOTALL
        )
        following = re.search(r'href="(\?[^"]*)" rel="next"', html)
        query = unescape(following[1]) if following else None
    return [(int(number), said) for number, said in found]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_each_entry_of_a_stream_is_on_one_of_its_pages_and_verified_there(many, monkeypatch, size):
    monkeypatch.setattr(pages_of_streams, "PER_PAGE", size)
    stream = many.proposal.stream
    assert head(stream) > 3
    assert entries(many, stream) == [(number, "verified") for number in range(1, head(stream) + 1)]


@pytest.mark.parametrize("size", [1, 50])
@pytest.mark.parametrize(
    ("column", "value", "wrong"), [("action", "nothing", {2}), ("hash", b"0" * 32, {2, 3})]
)
def test_an_entry_that_was_changed_and_one_that_follows_another_do_not_verify(
    many, monkeypatch, size, column, value, wrong
):
    monkeypatch.setattr(pages_of_streams, "PER_PAGE", size)
    stream = many.proposal.stream
    as_owner("SET CONSTRAINTS ALL IMMEDIATE")
    as_owner("ALTER TABLE public.audit_entry DISABLE TRIGGER audit_keep")
    as_owner(f"UPDATE audit_entry SET {column} = {{}} WHERE stream = {{}} AND seq = 2", value, stream)
    assert {number for number, said in entries(many, stream) if said != "verified"} == wrong


@pytest.mark.parametrize(
    "query",
    ["", "state=submitted", "state=submitted&state=filed", "q=C-1", "state=convened", "state=nonsense"],
)
def test_the_number_told_is_that_of_the_rows(many, query):
    """Whether it is counted or known from the tabs."""
    for handle in EVERYBODY:
        who = viewer_for(many[handle])
        for kind in by_name().values():
            if kind.open_to(who):
                listing = kind(who, QueryDict(query))
                assert listing.count.number == listing.rows.order_by().count(), (handle, listing.name)
