"""Figures by branch and period, counted by hand; each is exactly its cases."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.urls import reverse

from audit.recording import SYSTEM
from committee.actions.founding import Employee, add_unit, employ, found_committee
from committee.models import Position, Unit
from office import statistics
from pages.oversight.statistics.cases import FigureCases
from proposals import tasks
from proposals.models import MonthFigure, Proposal, StateCount
from tests.page_text import page_text
from tests.pages.kept import assert_board_is_true, assert_figures_are_true
from tests.pages.pages import EVERYBODY, as_, look, queries
from tests.stage import MEETING, START, Stage, as_owner, plan, stages
from web.viewer import Viewer

TODAY = date(2026, 3, 9)


def counted() -> Stage:
    """P1 carried, approved and paid in part; P2 not carried; P3 carried later; P4 only submitted; a draft;
    and a filed plan of a second branch.
    """
    stage = Stage()
    given = plan()["concessions"] | {"interest_waived": "5.00", "penalty_waived": "10.00"}
    stage.plan = plan("C-1", concessions=given)
    stage.to("filed")
    stage.third = stage.another("C-3")
    stage.fourth = stage.another("C-4", to="submitted")
    stage.do("draft", plan=plan("C-5"))
    stage.elsewhere = _second_branch(stage)
    stage.travel("2026-03-03T09:00+08:00")
    stage.second = stage.another("C-2")
    stage.meeting = stage.convene(stage.proposal, stage.second)
    stage.step = "convened"
    stage.to("voted")
    stage.do("close_vote")
    stage.do("take_up", on=stage.second)
    stage.do("open_vote", on=stage.second)
    for handle in stage.seats:
        stage.do("cast", handle, on=stage.second, choice="against", reason="Too long")
    stage.do("close_vote", on=stage.second)
    stage.step = "carried"
    stage.to("signed")
    stage.do("approve_credit")
    stage.do("record_receipt", amount="600.00", received_on=date(2026, 3, 5))
    stage.do("record_receipt", amount="100.00", received_on=date(2026, 3, 5))
    stage.do("reverse_receipt", amount="100.00", received_on=date(2026, 3, 5), reason="Another borrower's")
    later = MEETING + timedelta(days=4)
    stage.meeting = stage.convene(stage.third, at=later)
    stage.do("send_notice")
    stage.travel(later)
    stage.sign_in()
    stage.do("open_meeting")
    for verb in ("take_up", "open_vote"):
        stage.do(verb, on=stage.third)
    for handle in stage.seats:
        stage.do("cast", handle, on=stage.third, choice="for")
    stage.do("close_vote", on=stage.third)
    return stage


def _second_branch(stage):
    branch = add_unit(by=SYSTEM, parent=stage.bank.unit, kind=Unit.Kind.BRANCH, name="A second branch")
    below = add_unit(by=SYSTEM, parent=branch, kind=Unit.Kind.SUB_BRANCH, name="A sub-branch of it")
    (handler,) = employ(
        by=SYSTEM,
        bank=stage.bank.unit,
        people=[
            Employee(
                username="second", staff_no="90000001", display_name="Second handler", unit=below,
                positions=((Position.Role.HANDLER, below),),
            )
        ],
    )  # fmt: skip
    committee = found_committee(
        by=SYSTEM,
        branch=branch,
        name="A second committee",
        abbreviation="二联",
        liaison=stage["outsider"],
        seats=[(f"Post {n}", None, stage[f"deputy{n}"]) for n in (1, 2, 3) if f"deputy{n}" in stage.people],
        numbers=stage.regulation,
        effective_from=START.date(),
    )
    stage.people = {**stage.people, "second": handler}
    made = stage.do("draft", "second", on=committee, plan=plan("C-6"))
    stage.do("submit", "second", on=made)
    stage.do("shortlist", "outsider", on=made)
    stage.do("file_docket", "outsider", on=committee, proposals=[made])
    return made


counted_by_hand = stages("counted_by_hand", counted)


def all_of(stage, handle, key="2026"):
    return statistics.statistics_lines(Viewer(stage[handle]), statistics.period(key, TODAY))


def by_name(stage, handle, key="2026"):
    return {line.name: line for line in all_of(stage, handle, key)[0]}


def test_each_figure_is_as_counted_by_hand(counted_by_hand):
    lines, total = all_of(counted_by_hand, "auditor")
    assert len(lines) == 2
    assert (total.submitted, total.carried, total.rejected) == (5, 2, 1)
    assert (total.median_days, total.longest_days) == (3, 7)
    assert total.waived == Decimal("15.00")
    assert total.planned == Decimal("1100.00")
    assert total.received == Decimal("600.00")


def test_branches_stand_apart(counted_by_hand):
    found = by_name(counted_by_hand, "auditor")
    second, first = found.pop("A second branch"), next(iter(found.values()))
    assert (second.submitted, second.carried, second.median, second.planned) == (1, 0, None, 0)
    assert (first.submitted, first.carried, first.rejected, first.received) == (4, 2, 1, 600)


def test_head_office_counts_what_was_filed_and_risk_its_own_branch(counted_by_hand):
    assert all_of(counted_by_hand, "head_office")[1].submitted == 4
    lines, total = all_of(counted_by_hand, "risk")
    assert len(lines) == 1
    assert total.submitted == 4


@pytest.mark.parametrize(
    ("key", "submitted", "planned", "received"),
    [("2026-Q1", 5, 0, 600), ("2026-Q2", 0, 500, 0), ("2026-Q3", 0, 0, 0), ("2026-12", 0, 600, 0),
     ("2026-03", 5, 0, 600), ("2025", 0, 0, 0), ("2026-06", 0, 500, 0)],
)  # fmt: skip
def test_a_period_counts_its_own_days(counted_by_hand, key, submitted, planned, received):
    total = all_of(counted_by_hand, "auditor", key)[1]
    assert (total.submitted, total.planned, total.received) == (submitted, planned, received)


def test_a_day_is_that_of_the_committees_zone(counted_by_hand):
    row = counted_by_hand.now(counted_by_hand.proposal)
    row.submitted_at = START.replace(month=1, day=1, hour=0, minute=30)  # still 2025 in UTC
    row.save(update_fields=["submitted_at"])
    assert all_of(counted_by_hand, "auditor", "2025")[1].submitted == 0
    assert all_of(counted_by_hand, "auditor", "2026-01")[1].submitted == 1


def test_a_terminated_plan_is_planned_until_then(counted_by_hand):
    counted_by_hand.travel("2026-07-01T09:00+08:00")
    counted_by_hand.do("terminate", reason="Sold")
    assert all_of(counted_by_hand, "auditor")[1].planned == Decimal("500.00")


def test_periods_are_years_quarters_and_months_and_else_the_present_year():
    assert statistics.period("2026-Q4", TODAY).last == date(2026, 12, 31)
    assert statistics.period("2024-02", TODAY).last == date(2024, 2, 29)
    for key in ("", "2026-13", "2026-Q5", "x", "26"):
        assert statistics.period(key, TODAY) == statistics.period("2026", TODAY)


def test_each_number_leads_to_exactly_its_cases(counted_by_hand):
    for handle in ("auditor", "head_office", "risk"):
        client = as_(counted_by_hand[handle])
        html = page_text(client.get(reverse("figures"), {"period": "2026"}))
        links = set(re.findall(r'<a href="(/figures/cases/\?[^"]+)">([^<]+)</a>', html))
        assert len({url for url, _ in links}) > 10
        for url, shown in links:
            of = re.search(r"of=(\w+)", url)[1]
            if of in ("submitted", "carried", "rejected"):
                page = page_text(client.get(url.replace("&amp;", "&")))
                assert page.count("<tbody>") == (shown != "0")
                assert len(re.findall(r'<th scope="row"', page)) == int(shown), (handle, url)


def test_the_amounts_of_the_cases_add_up_to_the_figure(counted_by_hand):
    who, over = Viewer(counted_by_hand["auditor"]), statistics.period("2026", TODAY)
    total = all_of(counted_by_hand, "auditor")[1]
    for measure in ("waived", "planned", "received"):
        rows = statistics.cases(who, measure, over)
        assert sum(getattr(row, measure) for row in rows) == getattr(total, measure), measure
    assert {row.days.days for row in statistics.cases(who, "resolved", over)} == {2, 3, 7}


def test_a_terminated_plan_is_a_case_of_what_was_planned_until_then(counted_by_hand):
    counted_by_hand.travel("2026-07-01T09:00+08:00")
    counted_by_hand.do("terminate", reason="Sold")
    who = Viewer(counted_by_hand["auditor"])
    found = {
        key: [row.planned for row in statistics.cases(who, "planned", statistics.period(key, TODAY))]
        for key in ("2026", "2026-06", "2026-12")
    }
    assert found == {"2026": [Decimal("500.00")], "2026-06": [Decimal("500.00")], "2026-12": []}


def test_the_cases_are_read_a_page_at_a_time(counted_by_hand, monkeypatch):
    monkeypatch.setattr(FigureCases, "per_page", 2)
    client, seen, address = as_(counted_by_hand["auditor"]), [], "?of=submitted&period=2026"
    while address:
        html = page_text(client.get(reverse("figure-cases") + address))
        assert "5 in all" in html
        seen.append(re.findall(r'<th scope="row"[^>]*><a href="/proposals/(\d+)/"', html))
        following = re.search(r'href="([^"]+)" rel="next"', html)
        address = following and following[1].replace("&amp;", "&")
    assert [len(page) for page in seen] == [2, 2, 1]
    assert len({pk for page in seen for pk in page}) == 5


def test_who_has_figures(counted_by_hand):
    for handle in EVERYBODY:
        for name in ("figures", "figure-cases"):
            got = as_(counted_by_hand[handle]).get(reverse(name), {"of": "submitted"}).status_code
            assert got == (200 if handle in {"head_office", "risk", "auditor"} else 403), (handle, name)


def test_another_banks_cases_are_in_no_figure(counted_by_hand):
    abroad = Stage()
    assert all_of(abroad, "auditor")[1].submitted == 0
    branch = counted_by_hand.committee.branch_id
    html = look(abroad["auditor"], "figure-cases", of="submitted", period="2026", branch=str(branch))
    assert counted_by_hand.proposal.title not in html


@pytest.mark.parametrize("query", [{}, {"of": "x"}, {"of": "submitted", "branch": "x"}])
def test_an_address_that_counts_nothing_is_not_found(counted_by_hand, query):
    assert as_(counted_by_hand["auditor"]).get(reverse("figure-cases"), query).status_code == 404


def test_amounts_are_in_ten_thousands_when_asked(counted_by_hand):
    client = as_(counted_by_hand["auditor"])
    assert ">1,100.00<" in page_text(client.get(reverse("figures"), {"period": "2026"}))
    client.cookies["unit"] = "wan"
    assert ">0.11<" in page_text(client.get(reverse("figures"), {"period": "2026"}))


def test_the_pages_take_few_statements_whatever_their_number(counted_by_hand, noticed):
    counts = [len(queries(stage["auditor"], "figures")) for stage in (noticed, counted_by_hand)]
    assert counts[0] == counts[1] <= 25, counts


# -- What is kept -----------------------------------------------------------------------------------


def kept():
    """The rows from which figures and the board are added up, without their ids."""
    tables = (MonthFigure, StateCount)
    return [sorted(map(str, table.objects.values_list(*names(table)))) for table in tables]


def names(table):
    return [field.attname for field in table._meta.concrete_fields if field.attname != "id"]


def assert_true(stage):
    for handle in ("auditor", "head_office", "risk"):
        assert_figures_are_true(stage[handle])
        assert_board_is_true(stage[handle])


def test_what_is_kept_is_what_the_plans_say(counted_by_hand):
    assert_true(counted_by_hand)
    counted_by_hand.do("draft", plan=plan("C-7"))
    assert_true(counted_by_hand)
    counted_by_hand.do("withdraw", on=counted_by_hand.fourth, reason="Paid")
    counted_by_hand.travel("2026-07-01T09:00+08:00")
    counted_by_hand.do("terminate", reason="Sold")
    assert_true(counted_by_hand)


def test_a_plan_that_is_gone_is_counted_no_more(counted_by_hand):
    like = counted_by_hand.proposal
    row = Proposal.objects.create(
        committee=like.committee, unit=like.unit, drafted_by=like.drafted_by, drafted_at=START,
        state_since=START, submitted_at=START,
    )  # fmt: skip
    assert all_of(counted_by_hand, "auditor")[1].submitted == 6
    as_owner("DELETE FROM proposals_proposal WHERE id = {}", row.pk)
    assert all_of(counted_by_hand, "auditor")[1].submitted == 5
    assert_true(counted_by_hand)


def test_figures_follow_a_committee_into_another_zone(counted_by_hand):
    before = all_of(counted_by_hand, "auditor", "2026-06")[1]
    row = counted_by_hand.now(counted_by_hand.proposal)
    row.submitted_at = START.replace(month=1, day=1, hour=0, minute=30)
    row.save(update_fields=["submitted_at"])
    assert all_of(counted_by_hand, "auditor", "2026-01")[1].submitted == 1
    as_owner("UPDATE committee_committee SET timezone = 'Europe/London' WHERE id = {}", row.committee_id)
    assert all_of(counted_by_hand, "auditor", "2026-01")[1].submitted == 0
    assert all_of(counted_by_hand, "auditor", "2025-12")[1].submitted == 1
    assert all_of(counted_by_hand, "auditor", "2026-06")[1] == before
    assert_true(counted_by_hand)


def test_folding_leaves_a_row_a_key_and_every_sum(counted_by_hand):
    before = kept()
    tasks.fold_figures(0)
    after = kept()
    assert after != before
    assert_true(counted_by_hand)
    for table, amounts in ((MonthFigure, {"number", "amount"}), (StateCount, {"number"})):
        keys = list(table.objects.values_list(*[name for name in names(table) if name not in amounts]))
        assert len(keys) == len(set(keys))
    tasks.fold_figures(0)
    assert kept() == after


def test_counting_anew_finds_what_was_kept(counted_by_hand):
    tasks.fold_figures(0)
    before = kept()
    # a change of zone and back counts twice
    for zone in ("Europe/London", "Asia/Shanghai"):
        move = "UPDATE committee_committee SET timezone = {} WHERE id = {}"
        as_owner(move, zone, counted_by_hand.committee.pk)
    assert kept() == before


@pytest.mark.parametrize(
    "table", ["proposals_monthfigure", "proposals_statecount", "proposals_dueinstalment"]
)
@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "UPDATE {} SET id = 0", "INSERT INTO {} (id) VALUES (1)"]
)
def test_the_application_writes_nothing_that_is_kept(counted_by_hand, table, statement):
    for forbidden in (statement.format(table), "SELECT proposals_recount_figures()"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(forbidden)


def test_a_credit_decision_never_changes(counted_by_hand):
    for statement in ("UPDATE {} SET approved = false", "DELETE FROM {}"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format("proposals_creditdecision"))


def test_the_middle_of_days():
    assert statistics._median([]) is None
    assert statistics._median([(3, 0)]) is None
    assert statistics._median([(2, 1), (3, 2), (9, 1)]) == timedelta(days=3)
    assert statistics._median([(2, 2), (5, 0), (7, 2)]) == timedelta(days=4.5)
    assert statistics._median([(0, 3), (7, 2)]) == timedelta(0)


# -- Reports ----------------------------------------------------------------------------------------


def test_reports_wait_for_head_office_and_are_kept(reported):
    number = "呼联报〔2026〕1号"
    assert number in look(reported["head_office"], "reports")
    assert reverse("meeting-act", args=[reported.meeting.pk, "receive_report"]) in look(
        reported["head_office"], "reports"
    )
    assert "Receive</button>" not in look(reported["auditor"], "reports")
    received = as_(reported["head_office"]).post(
        reverse("meeting-act", args=[reported.meeting.pk, "receive_report"])
    )
    assert received.status_code == 302
    assert number not in look(reported["head_office"], "reports")
    assert number in look(reported["head_office"], "reports", kind="received")
    for handle in set(EVERYBODY) - {"head_office", "auditor"}:
        assert as_(reported[handle]).get(reverse("reports")).status_code == 403, handle
    assert number not in look(Stage()["head_office"], "reports")


# -- The chair's own abstention ---------------------------------------------------------------------


def test_head_office_decides_the_chairs_request_and_no_other(taken_up):
    taken_up.do("request_abstention", "seat2", reason="A cousin")
    assert "Grant the abstention" not in look(taken_up["head_office"], "proposal", taken_up.proposal.pk)
    taken_up.do("request_abstention", "chair", reason="A neighbour of mine")
    html = look(taken_up["head_office"], "proposal", taken_up.proposal.pk)
    assert "Grant the abstention" in html
    url = reverse("proposal-act", args=[taken_up.proposal.pk, "grant_abstention"])
    assert as_(taken_up["chair"]).post(url, {"seat": 1}).status_code == 422
    for handle in ("liaison", "risk", "auditor", "seat2"):
        html = look(taken_up[handle], "proposal", taken_up.proposal.pk)
        assert "Grant the abstention" not in html, handle
        assert as_(taken_up[handle]).post(url, {"seat": 1}).status_code == 403, handle
    page = page_text(as_(taken_up["head_office"]).get(url))
    assert "A neighbour of mine" in page
    assert "A cousin" not in page
    assert as_(taken_up["head_office"]).post(url, {"seat": 2}).status_code == 422
    assert as_(taken_up["head_office"]).post(url, {"seat": 1}).status_code == 302
    assert "Grant the abstention" not in look(taken_up["head_office"], "proposal", taken_up.proposal.pk)


def test_head_office_may_refuse_it(taken_up):
    taken_up.do("request_abstention", "chair", reason="A neighbour of mine")
    url = reverse("proposal-act", args=[taken_up.proposal.pk, "refuse_abstention"])
    assert as_(taken_up["head_office"]).post(url, {"seat": 1}).status_code == 302
    taken_up.do("request_abstention", "chair", reason="Again")
