"""Two plans side by side: the borrower's last one, any other by its number, none that one may not see."""

from __future__ import annotations

from django.urls import reverse

from tests.page_text import page_text
from tests.pages.pages import as_, look
from tests.stage import Stage


def page(stage: Stage, by: str, **asked: str) -> str:
    return page_text(as_(stage[by]).get(reverse("plan-beside", args=[stage.proposal.pk]), asked))


def test_the_borrowers_last_plan_stands_beside_it(filed):
    other = filed.another("C-2", to="filed", executor="Another")
    html = page(filed, "seat2")
    number = filed.now(other).written_number
    assert f"{number}</a>" in html
    assert "Total owed" in html
    assert "differs" not in html.partition("Course")[2].partition("Total owed")[0]
    assert "Field by field" in html
    assert reverse("plan-beside", args=[filed.proposal.pk]) in look(
        filed["seat2"], "proposal", filed.proposal.pk
    )


def test_any_other_is_found_by_its_number(filed):
    other = filed.another(
        "C-2", to="filed", title="Elsewhere", borrower={**filed.plan["borrower"], "name": "李某"}
    )
    assert "The borrower has no other plan" in page(filed, "seat2")
    html = page(filed, "seat2", **{"with": filed.now(other).written_number})
    assert "Elsewhere" in html
    assert "李某" in html
    assert "Field by field" not in html
    assert "Elsewhere" in page(filed, "seat2", **{"with": str(other.pk)})


def test_what_one_may_not_see_is_not_there(filed):
    other = filed.another("C-2", to="drafted", title="Never shown")
    for handle in ("seat2", "liaison", "chair"):
        assert "Never shown" not in page(filed, handle)
        html = page(filed, handle, **{"with": str(other.pk)})
        assert "Never shown" not in html
        assert "no other plan with this number" in html
    assert "Never shown" in page(filed, "handler")
    for asked in ("x", "9" * 40, "2026 1", "〔2026〕号"):
        assert (
            as_(filed["seat2"])
            .get(reverse("plan-beside", args=[filed.proposal.pk]), {"with": asked})
            .status_code
            == 200
        )


def test_what_is_not_submitted_yet_is_not_compared(filed):
    """Of a plan returned and changed, others see the version that was submitted."""
    other = filed.another("C-2", to="submitted")
    filed.do("return", on=other, reason="More")
    filed.do("amend", on=other, changes={"expected_recovery": "777.00"})
    assert "777.00" in page(filed, "handler", **{"with": str(other.pk)})
    assert "777.00" not in page(filed, "liaison", **{"with": str(other.pk)})


def test_of_one_agenda_each_is_offered(convened):
    second = convened.another(
        "C-3", to="filed", borrower={**convened.plan["borrower"], "name": "李某"}, title="Second"
    )
    convened.do("change_meeting", proposals=[convened.proposal, second])
    html = page(convened, "seat2")
    assert "On the same agenda" in html
    assert "Second" in html
