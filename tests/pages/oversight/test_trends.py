"""Figures by month and branch, and how seats attended and voted, counted by hand."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from office import statistics
from office.conduct import by_committee, by_month, conduct
from tests.page_text import page_text
from tests.pages.oversight.test_exceptions import an_eventful_case
from tests.pages.oversight.test_figures import counted
from tests.pages.pages import as_, look, queries
from tests.pages.test_pages import check
from tests.stage import Stage, stages
from web.charts import columns
from web.viewer import Viewer

YEAR = statistics.period("2026", date(2026, 3, 9))
counted_by_hand = stages("counted_by_hand", counted)
eventful = stages("eventful", an_eventful_case)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def by_seat(stage, over=YEAR):
    return {each.name.partition(" ")[0]: each for each in conduct(stage.committee, over)[0]}


# -- By month ---------------------------------------------------------------------------------------


def test_each_month_is_as_the_figures_of_that_month(counted_by_hand):
    who = Viewer(counted_by_hand["auditor"])
    for months in statistics.trends(who, 2026):
        for number, line in enumerate(months, 1):
            over = statistics.period(f"2026-{number:02d}", YEAR.first)
            lines, total = statistics.statistics_lines(who, over)
            assert line == (total if line.branch is None else next(
                each for each in lines if each.branch == line.branch
            ))  # fmt: skip


def test_months_of_a_branch_are_only_those_that_the_reader_may_see(counted_by_hand):
    found = statistics.trends(Viewer(counted_by_hand["risk"]), 2026)
    assert [sum(line.submitted for line in months) for months in found] == [4, 4]
    found = statistics.trends(Viewer(counted_by_hand["head_office"]), 2026)
    assert sum(line.submitted for line in found[-1]) == 4


def test_branches_stand_beside_each_other_and_each_number_leads_to_its_cases(counted_by_hand):
    html = look(counted_by_hand["auditor"], "figure-trends", of="carried", period="2026")
    assert html.count('<svg class="months"') == 3
    (address, shown) = re.search(
        r'href="([^"]*of=carried[^"]*period=2026-03[^"]*)"\s*>\s*(\d+)<', html.replace("&amp;", "&")
    ).groups()
    assert shown == "0"  # of the branch that comes first by name
    assert as_(counted_by_hand["auditor"]).get(address).status_code == 200


def test_the_columns_begin_at_zero_and_the_largest_is_as_high_as_there_is_room():
    drawn = columns([("1", Decimal(4)), ("2", None), ("3", Decimal(2)), ("4", Decimal(-1))], Decimal(4))
    heights = [each.height for each in drawn.columns]
    assert heights[0] == 2 * heights[2] > 0
    assert heights[1] == heights[3] == 0
    assert all(each.y + each.height == drawn.floor for each in drawn.columns)


@pytest.mark.parametrize("given", [{"of": "x"}, {"of": "carried", "period": "x"}])
def test_an_unknown_figure_is_not_there_and_an_unknown_year_is_this_one(counted_by_hand, given):
    response = as_(counted_by_hand["auditor"]).get(reverse("figure-trends"), given)
    assert response.status_code == (404 if given["of"] == "x" else 200)


# -- Attendance and votes ---------------------------------------------------------------------------


def test_presence_dissent_and_abstention_are_as_they_were(eventful):
    found = by_seat(eventful)
    assert {name: (each.meetings, each.in_person, each.by_proxy) for name, each in found.items()} == {
        "1": (1, 1, 0), "2": (1, 1, 0), "3": (1, 0, 1), "4": (1, 1, 0), "5": (1, 1, 0),
    }  # fmt: skip
    assert {name: (each.ballots, each.abstained, each.recused) for name, each in found.items()} == {
        "1": (1, 1, 1), "2": (1, 1, 0), "3": (1, 0, 0), "4": (1, 0, 0), "5": (1, 0, 0),
    }  # fmt: skip


def test_who_signs_out_and_in_again_was_at_one_meeting(counted_by_hand):
    everybody = conduct(counted_by_hand.committee, YEAR)[1]
    assert (everybody.meetings, everybody.in_person, everybody.ballots, everybody.against) == (6, 6, 9, 3)
    assert everybody.against_pct == 33


def test_nothing_of_an_open_vote_is_counted(voting):
    voting.do("cast", "seat2", choice="against", reason="Never to be counted before the closing")
    assert conduct(voting.committee, YEAR)[1].ballots == 0
    html = look(voting["auditor"], "figure-seats", period="2026")
    assert re.search(r"<title>\s*2 [^<]*: 0 / 0", html)
    voting.do("cast", "chair", choice="for")
    voting.do("cast", "seat3", choice="for")
    assert conduct(voting.committee, YEAR)[1].against == 0
    voting.do("close_vote")
    assert conduct(voting.committee, YEAR)[1].against == 1


def test_another_period_has_others(eventful):
    over = statistics.period("2026-02", YEAR.first)
    assert {each.meetings for each in by_seat(eventful, over).values()} == {0}


def test_a_committee_out_of_reach_is_not_there(eventful):
    stranger = Stage()
    for handle in ("risk", "auditor", "head_office"):
        response = as_(stranger[handle]).get(reverse("figure-seats"), {"committee": eventful.committee.pk})
        assert response.status_code == 404, handle
        assert "3号" not in page_text(response)


@pytest.mark.parametrize("name", ["figure-trends", "figure-seats"])
def test_the_page_takes_few_statements(counted_by_hand, name):
    assert len(queries(counted_by_hand["auditor"], name)) <= 20


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_are_sound_in_both_languages(counted_by_hand, language):
    check(counted_by_hand, "auditor", "figure-trends", language=language)
    check(counted_by_hand, "auditor", "figure-seats", language=language)


# -- By month, and committees beside each other -----------------------------------------------------


def test_the_months_add_up_to_the_year_and_each_is_as_its_period(counted_by_hand):
    committee = counted_by_hand.committee
    months = by_month(committee, 2026)
    assert [each.name for each in months][:2] == ["2026-01", "2026-02"]
    for number, month in enumerate(months, 1):
        over = statistics.period(f"2026-{number:02d}", YEAR.first)
        everybody = conduct(committee, over)[1]
        assert numbers(month) == numbers(everybody)
    assert [sum(each) for each in zip(*map(numbers, months), strict=True)] == numbers(
        conduct(committee, YEAR)[1]
    )
    assert sum(month.ballots for month in months) == 9


def numbers(each):
    return [each.meetings, each.in_person, each.ballots, each.against, each.abstained, each.recused]


def test_committees_stand_beside_each_other_within_reach(counted_by_hand):
    reach = list(statistics.committees(Viewer(counted_by_hand["auditor"])))
    assert len(reach) == 2
    beside = by_committee(reach, YEAR)
    assert [numbers(each) for each in beside] == [numbers(conduct(row, YEAR)[1]) for row in reach]
    text = page_text(as_(counted_by_hand["auditor"]).get(reverse("figure-seats"), {"period": "2026"}))
    assert "Committees beside each other" in text
    assert all(each.name in text for each in beside)
    alone = page_text(as_(counted_by_hand["risk"]).get(reverse("figure-seats"), {"period": "2026"}))
    assert "Committees beside each other" not in alone


def test_a_month_without_a_ballot_has_no_share_of_ballots(eventful):
    html = look(eventful["auditor"], "figure-seats", period="2026")
    assert html.count('<svg class="months"') == 3
    # in person in March: four of five
    assert re.search(r'class="months-value"[^>]*>\s*80\s*<', html)
