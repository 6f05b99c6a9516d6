"""One page a plan: first on its page, complete, true of what the reader may see, also of a draft."""

from __future__ import annotations

import pytest

from tests.pages.pages import look, queries
from tests.stage import Stage, plan, stages


def page(stage, by="handler", language="en", proposal=None):
    """The one page alone, as the person sees it."""
    html = look(stage[by], "proposal", (proposal or stage.proposal).pk, language=language)
    return html.split('id="one-page"')[1].split("</section>")[0]


def contradicted():
    document = plan("C-1", recoverability="temporarily_unrecoverable", conditions={"7.1": "Orders seen"})
    document["borrower"]["operating"] = "reduced"
    stage = Stage()
    stage.plan = document
    return stage.to("filed")


contradicted_filed = stages("contradicted_filed", contradicted)


def test_it_comes_before_everything_else_of_the_plan(filed):
    html = look(filed["seat2"], "proposal", filed.proposal.pk)
    assert html.index('id="one-page"') < html.index('class="facts"') < html.index('id="figures"')


def test_it_states_borrower_exposure_waivers_comparison_conditions_and_papers(filed):
    found = page(filed, "seat2")
    for words in (
        filed.plan["borrower"]["name"], "1,110.00", "Waived", "The plan against enforcement",
        "Conditions of Art. 7", "Papers to read", "yuan more than enforcement",
    ):  # fmt: skip
        assert words in found, words
    assert 'role="img" aria-label="This plan, present value' in found


def test_a_contradiction_is_told_in_both_languages_with_a_way_to_its_section(contradicted_filed):
    english = page(contradicted_filed, "seat2")
    assert 'data-key="not-operating-normally"><a href="#conditions">Normal operation is claimed' in english
    assert "主张“企业正常生产经营”" in page(contradicted_filed, "seat2", "zh-hans")


def test_of_an_empty_draft_it_states_what_there_is(founded):
    drafted = founded.do("draft", plan={})
    found = page(founded, proposal=drafted)
    assert "Shown once the plan is complete." in found
    assert "None is claimed yet." in found
    assert "instalment" not in found


def test_what_is_amended_after_a_return_is_not_on_the_page_of_others(submitted):
    submitted.do("return", reason="Incomplete")
    submitted.do("amend", changes={"borrower": submitted.plan["borrower"] | {"name": "Another name"}})
    assert "Another name" in page(submitted)
    assert "Another name" not in page(submitted, "liaison")


def rejected():
    stage = Stage().to("voting")
    for handle in stage.seats:
        stage.do("cast", handle, choice="against", reason="Too long")
    stage.do("close_vote")
    stage.revised = stage.do("revise", changes={"measures": ["litigation"]})
    stage.do("submit", on=stage.revised)
    return stage


resubmitted = stages("resubmitted", rejected)


def test_what_changed_in_substance_since_the_rejection_is_on_it(resubmitted):
    found = page(resubmitted, "liaison", proposal=resubmitted.revised)
    assert "Changed since it was not carried" in found
    assert "Litigation" in found


def test_another_institution_reads_the_number_of_changes_alone(resubmitted):
    theirs = resubmitted.do("draft", "other_handler", plan=resubmitted.plan | {"measures": ["auction"]})
    resubmitted.do("withdraw", on=resubmitted.revised, reason="Taken over")
    resubmitted.do("submit", "other_handler", on=theirs)
    found = page(resubmitted, "other_handler", proposal=theirs)
    assert "in substance" in found
    assert "one-page-changes" not in found


@pytest.mark.parametrize("by", ["handler", "liaison"])
def test_the_statements_do_not_grow_with_the_loans(submitted, by):
    one = len(queries(submitted[by], "proposal", submitted.proposal.pk))
    more = submitted.another("C-2", "C-3", "C-4", to="submitted")
    assert len(queries(submitted[by], "proposal", more.pk)) == one <= 25
