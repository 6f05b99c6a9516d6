"""The board: every stage with its count and its oldest plans, for those who follow all of them."""

import re
from datetime import timedelta

import pytest

from pages.plans.queues import board
from proposals.models import Proposal
from tests.pages.pages import EVERYBODY, look, queries, seeing
from tests.stage import Stage

FOLLOW = {"liaison", "chair", "head_office", "risk", "auditor"}


def trays(html):
    """Stage → (count, the plans shown)."""
    found = re.findall(
        r'<section class="tray"><h2>([^<]+) <span class="tray-count">(\d+)</span>(.*?)</section>',
        html,
        re.DOTALL,
    )
    return {name: (int(count), re.findall(r"/proposals/(\d+)/", body)) for name, count, body in found}


def test_the_board_is_of_those_who_follow_all_plans(submitted):
    assert seeing(submitted, "board") == FOLLOW


def test_every_state_of_a_plan_but_the_draft_has_its_one_place(submitted):
    stages, ended = board.read_stages(submitted["liaison"])
    assert sorted(stage.state for stage in (*stages, *ended)) == sorted({*Proposal.State} - {"draft"})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_stage_has_its_count_and_its_plans(filed, language):
    other = filed.another("C-2", to="submitted")
    html = look(filed["liaison"], "board", language=language)
    found = list(trays(html).values())
    assert len(found) == len(board.OPEN)
    assert found[0] == (1, [str(other.pk)])
    assert found[3] == (1, [str(filed.proposal.pk)])
    assert sum(count for count, _plans in found) == 2


def test_everybody_sees_there_what_they_may_see(submitted):
    filed = submitted.another("C-2")
    draft = submitted.do("draft", plan=submitted.plan | {"title": "A draft"})
    abroad = Stage().to("filed")
    for handle in FOLLOW:
        html = look(submitted[handle], "board")
        early = handle != "head_office"
        assert (f"/proposals/{submitted.proposal.pk}/" in html) is early, handle
        assert f"/proposals/{filed.pk}/" in html, handle
        assert f"/proposals/{draft.pk}/" not in html, handle
        assert f"/proposals/{abroad.proposal.pk}/" not in html, handle
        assert trays(html)["Submitted"][0] == early, handle
    assert {*EVERYBODY} - FOLLOW


def test_the_oldest_stand_first_and_the_rest_is_a_link(submitted):
    for number in range(board.SHOWN):
        submitted.travel(timedelta(days=1))
        submitted.another(f"D-{number}", to="submitted")
    html = look(submitted["liaison"], "board")
    count, shown = trays(html)["Submitted"]
    assert (count, len(shown)) == (board.SHOWN + 1, board.SHOWN)
    assert shown[0] == str(submitted.proposal.pk)
    assert '<a href="/proposals/?state=submitted">All 6</a>' in html
    assert ">5 days</span>" in html


def test_the_picture_and_its_table_count_by_age(submitted):
    submitted.travel(timedelta(days=10))
    submitted.another("D-1", to="submitted")
    submitted.travel(timedelta(days=25))
    submitted.another("D-2", to="submitted")
    html = look(submitted["liaison"], "board")
    assert "<title>Submitted 3 · up to 7 days: 1, 8 to 30 days: 1, longer: 1</title>" in html
    row = html.partition("<tbody>")[2].partition("</tr>")[0]
    assert re.findall(r">(\d+)</td>", row) == ["1", "1", "1", "3"]
    assert re.findall(r'<rect class="pipeline-(\w+)" x="[\d.]+" width="([\d.]+)"', html)[:3] == [
        ("new", "33.33"), ("middle", "33.33"), ("old", "33.33")
    ]  # fmt: skip


def test_what_has_ended_is_counted_below(submitted):
    submitted.do("screen_out", reason="Not ours")
    html = look(submitted["liaison"], "board")
    assert '<a href="/proposals/?state=screened_out">Screened out</a> 1' in html


def test_the_board_is_filtered_by_institution(submitted):
    other = submitted.another("C-2", to="submitted", by="other_handler")
    html = look(submitted["liaison"], "board", unit=str(other.unit_id))
    assert trays(html)["Submitted"] == (1, [str(other.pk)])
    assert f'<a href="/proposals/?state=submitted&amp;unit={other.unit_id}">Submitted</a>' in html


def test_the_statements_do_not_grow_with_rows(submitted):
    submitted.another("E")
    few = {handle: len(queries(submitted[handle], "board")) for handle in FOLLOW}
    for number in range(2):
        submitted.another(f"D-{number}", to="submitted", by="other_handler")
        submitted.another(f"E-{number}")
    assert {handle: len(queries(submitted[handle], "board")) for handle in FOLLOW} == few
    assert max(few.values()) <= 25
